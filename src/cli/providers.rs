//! `hoist providers`: the table, and a person's own provider files.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use jiff::Zoned;
use serde_json::{Value, json};

use super::destination_args;
use super::output::{STATUS_USAGE, confirmed, eprint_line, out, out_json, sentence};
use super::terminal_session::{own_folders as folders, start_session};
use crate::session::accounts::{KeyChange, NewDestination};
use crate::session::api::Key;
use crate::session::api::provider::{self, Provider, ProviderSource, ProviderSpec, ValueKind, Vendor};
use crate::session::api::text::sanitize;
use crate::session::{own_providers, provider_test};

/// What is done with providers.
#[derive(Subcommand)]
pub(super) enum ProvidersCommand {
    /// List what each provider accepts
    List,
    /// Print a provider's file
    Show {
        /// The provider's ID
        id: String,
    },
    /// Add a provider file of your own, once you have seen where it sends files and keys
    Add {
        /// A provider file (TOML), or a custom uploader (.sxcu)
        file: PathBuf,
        /// Add it without a question
        #[arg(long)]
        yes: bool,
    },
    /// Play a provider's examples, refusals, faults and hostile replies; status 1 where a promise does not hold
    Test {
        /// A provider file, or the ID of a provider
        file: PathBuf,
    },
    /// Remove a provider file of your own
    Remove {
        /// The provider's ID
        id: String,
    },
}

/// Runs a command of `hoist providers`.
pub(super) fn run(command: Option<ProvidersCommand>, as_json: bool) -> Result<ExitCode, String> {
    match command.unwrap_or(ProvidersCommand::List) {
        ProvidersCommand::List => list(as_json),
        ProvidersCommand::Show { id } => {
            destination_args::provider(&id)?;
            let provider = provider::by_id(&id).ok_or("There is no such provider")?;
            match as_json {
                true => out_json(&object(provider.facts())),
                false => out(provider.text().trim_end()),
            }
            Ok(ExitCode::SUCCESS)
        }
        ProvidersCommand::Add { file, yes } => add(&file, yes, as_json),
        ProvidersCommand::Test { file } => test(&file, as_json),
        ProvidersCommand::Remove { id } => {
            let path = own_providers::remove(&folders()?, &id).map_err(sentence)?;
            match as_json {
                true => out_json(&json!({ "id": id, "removed": path.to_string_lossy() })),
                false => out(&format!("{} is removed", sanitize(&path.to_string_lossy()))),
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn list(as_json: bool) -> Result<ExitCode, String> {
    // What is wrong with a file of the person's own costs only that file.
    for problem in own_providers::load(&folders()?) {
        eprint_line(&format!(
            "{}: {}",
            sanitize(&problem.path.to_string_lossy()),
            sanitize(&problem.reason.to_string())
        ));
        if problem.reason.needs_review() {
            let path = problem.path.to_string_lossy();
            let path = shlex::try_quote(&path).unwrap_or_default();
            eprint_line(&format!("    `hoist providers add {path}` shows it"));
        }
    }
    for facts in provider::all().into_iter().map(Provider::facts) {
        match as_json {
            true => out_json(&object(facts)),
            false => lines(facts),
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(facts: &ProviderSpec) {
    let legacy = if facts.terms.legacy.is_some() { " (legacy)" } else { "" };
    out(&format!("{} · {}{legacy}", facts.id, facts.name));
    out(&format!("    accepts  {}", facts.summary()));
    let vendor = facts.vendor;
    let key = match vendor.needs_key() {
        true => format!("{} ({}, or `hoist keys add {}`)", vendor.name, vendor.env, vendor.id),
        false => "none is needed".to_owned(),
    };
    out(&format!("    key      {key}"));
    for option in facts.all_options() {
        out(&format!("    -o {}  {}", option.key, option.help));
    }
    if let Some(why) = facts.terms.legacy {
        out(&format!("    note     {why}"));
    }
    if let Some(lives) = facts.terms.retention {
        out(&format!("    note     files are deleted {} hours after the upload", lives.as_secs() / 3600));
    }
    let from = match &facts.source {
        ProviderSource::BuiltIn => "documents, not tried against the live service".to_owned(),
        ProviderSource::File(path) => sanitize(&path.to_string_lossy()),
    };
    out(&format!("    from     {from} · {}", facts.document.checked));
}

fn add(file: &Path, yes: bool, as_json: bool) -> Result<ExitCode, String> {
    let reviewed = own_providers::review(file, Zoned::now().date()).map_err(sentence)?;
    let facts = reviewed.facts();
    if !as_json {
        let replaces = if reviewed.replaces() { ", in place of the one that is there" } else { "" };
        out(&format!("{} ({}){replaces}", facts.name, facts.id));
        for term in reviewed.terms() {
            out(&format!("    {}", sanitize(&term.title)));
            for line in &term.details {
                out(&format!("        {}", sanitize(line)));
            }
        }
        for promise in reviewed.promises() {
            if let Some(why) = &promise.broken {
                out(&format!("    BROKEN  {}: {}", promise.name, sanitize(&why.to_string())));
            }
        }
    }
    if !yes && !confirmed("Add it?")? {
        return Ok(ExitCode::from(STATUS_USAGE));
    }
    let (path, key) = reviewed.save(&folders()?).map_err(sentence)?;
    if let Some(key) = key {
        save_key(facts.vendor, key)?;
    }
    let path = path.to_string_lossy();
    if as_json {
        out_json(&json!({ "id": facts.id, "name": facts.name, "file": path }));
    } else {
        out(&format!("Added as {}. Upload with `hoist upload FILE --to {}`", sanitize(&path), facts.id));
    }
    Ok(ExitCode::SUCCESS)
}

/// Saves a key that stood in another program's file.
fn save_key(vendor: &'static Vendor, key: Key) -> Result<(), String> {
    let (session, _bell) = start_session(false, false, false)?;
    let new = NewDestination::all_of(vendor);
    let added = session.keys.accounts().add(vendor, &vendor.id.into(), key, &new, None).map_err(sentence)?;
    match added.key {
        Some(KeyChange::ForThisRun { problem, .. }) => Err(format!(
            "The provider is added, but its key could not be saved: {problem}. Set {} instead",
            vendor.env
        )),
        _ => {
            eprint_line(&format!("The key of {} is in the keyring.", vendor.name));
            Ok(())
        }
    }
}

fn test(file: &Path, as_json: bool) -> Result<ExitCode, String> {
    let known = file.to_str().and_then(provider::by_id).filter(|_| !file.exists());
    let provider = match known {
        Some(provider) => provider,
        None => own_providers::review(file, Zoned::now().date()).map_err(sentence)?.provider(),
    };
    let promises = provider_test::check(provider);
    let is_kept = promises.iter().all(|promise| promise.broken.is_none());
    for promise in promises {
        let is_kept = promise.broken.is_none();
        if as_json {
            out_json(
                &json!({ "promise": promise.name, "kept": is_kept, "problem": promise.broken.map(|why| why.to_string()) }),
            );
            continue;
        }
        let mark = if is_kept { "holds " } else { "BROKEN" };
        let why = promise.broken.map(|why| format!(": {}", sanitize(&why.to_string()))).unwrap_or_default();
        out(&format!("{mark}  {}{why}", promise.name));
    }
    Ok(if is_kept { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn object(facts: &ProviderSpec) -> Value {
    let accepts = facts.accepts.iter().map(|a| {
        json!({
            "types": a.types.iter().map(|m| m.mime()).collect::<Vec<_>>(),
            "max_bytes": a.max_bytes,
            "advised_bytes": a.advised_bytes,
        })
    });
    let options = facts.all_options().map(|o| {
        let (form, default) = match o.form {
            ValueKind::Text => ("text", Value::Null),
            ValueKind::Email => ("email", Value::Null),
            ValueKind::Uuid => ("uuid", Value::Null),
            ValueKind::Flag(default) => ("flag", default.into()),
            ValueKind::Choice(_) => ("choice", o.usual().into()),
        };
        json!({ "key": o.key, "label": o.label, "help": o.help, "kind": form, "default": default })
    });
    let (source, file) = match &facts.source {
        ProviderSource::BuiltIn => ("built-in", None),
        ProviderSource::File(path) => ("file", Some(path.to_string_lossy())),
    };
    json!({
        "id": facts.id,
        "name": facts.name,
        "vendor": facts.vendor.id,
        "source": source,
        "file": file,
        "checked": facts.document.checked,
        "page": facts.document.page,
        "key_variable": facts.vendor.needs_key().then_some(facts.vendor.env),
        "legacy": facts.terms.legacy,
        "accepts": accepts.collect::<Vec<_>>(),
        "account": facts.account.option.map(|a| a.key),
        "options": options.collect::<Vec<_>>(),
        "retention_hours": facts.terms.retention.map(|l| l.as_secs() / 3600),
        "document": facts.document.title,
    })
}
