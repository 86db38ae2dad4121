//! `hoist destinations`.

use std::process::ExitCode;

use clap::Subcommand;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};

use super::output::{confirmed, eprint_line, out, out_json, sentence};
use super::terminal_session::start_session;
use super::{completions, destination_args};
use crate::session::accounts::NewDestination;
use crate::session::api::{Destination, MAX_NAME, provider, text::sanitize, validate_name};
use crate::session::key_groups::KeyOrigin;
use crate::session::{Session, auto};

#[derive(Subcommand)]
pub(super) enum DestinationsCommand {
    /// List the destinations, one per line; `*` marks the default
    List {
        /// One JSON array
        #[arg(long)]
        json: bool,
    },
    /// Save a destination and print its name
    Add {
        /// The provider's ID (see `hoist providers`)
        #[arg(add = ArgValueCandidates::new(completions::providers))]
        provider: String,
        /// The name or label of its key; by default the vendor's only one
        #[arg(long, value_name = "KEY", add = ArgValueCandidates::new(completions::keys))]
        key: Option<String>,
        /// The account: an email, a `user_id` or a project
        #[arg(long, value_name = "ACCOUNT")]
        account: Option<String>,
        /// A name of your own; by default made from provider and account
        #[arg(long)]
        name: Option<String>,
        /// An option of the provider, as its documents name it: stripMetadata=false
        #[arg(short = 'o', value_name = "OPTION=VALUE")]
        options: Vec<String>,
        /// The destination as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Give a destination another name
    Rename {
        /// The destination's name
        #[arg(add = ArgValueCandidates::new(completions::saved))]
        old: String,
        /// Its new name
        new: String,
    },
    /// Remove a destination; its key stays
    Remove {
        /// The destination's name
        #[arg(add = ArgValueCandidates::new(completions::saved))]
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(command: DestinationsCommand, sandbox: bool) -> Result<ExitCode, String> {
    let (mut session, _bell) = start_session(sandbox, false, false)?;
    for notice in session.take_notices() {
        eprint_line(&format!("{notice}."));
    }
    match command {
        DestinationsCommand::List { json } => {
            list(&session, json);
            Ok(ExitCode::SUCCESS)
        }
        DestinationsCommand::Add { provider, key, account, name, options, json } => {
            let facts = destination_args::provider(&provider)?;
            let mut wanted = auto(facts, &destination_args::key(&session, facts, key.as_deref())?);
            destination_args::set(facts, &mut wanted, account.as_deref(), &options)?;
            add(&session, wanted, name, json)
        }
        DestinationsCommand::Rename { old, new } => {
            let old = destination_args::saved(&session, &old)?;
            session.keys.accounts().rename_destination(&old, &new).map_err(sentence)?;
            eprint_line(&format!("The destination {old} is named {} now.", new.trim()));
            Ok(ExitCode::SUCCESS)
        }
        DestinationsCommand::Remove { name, yes } => remove(&session, &name, yes),
    }
}

/// Returns where the key of a destination is, as `hoist keys list` says it; nothing where it is gone.
fn origin_name(session: &Session, destination: &Destination) -> Option<&'static str> {
    match session.keys.key_origin(destination) {
        KeyOrigin::Keyring(_) => Some("keyring"),
        KeyOrigin::ThisRun => Some("this-run"),
        KeyOrigin::Environment => Some("environment"),
        KeyOrigin::Sandbox => Some("sandbox"),
        KeyOrigin::Missing | KeyOrigin::NotNeeded => None,
    }
}

/// Returns whether files go there where no other destination is named.
fn is_chosen(session: &Session, destination: &Destination) -> bool {
    session.keys.settings().chosen.as_ref() == Some(&destination.name)
}

fn list(session: &Session, as_json: bool) {
    // With those of providers this version does not know: they are saved, and can be removed.
    let saved = session.keys.settings().destinations.iter();
    let offered = session.keys.destinations().iter().map(|d| &**d).filter(|d| !session.keys.is_saved(d));
    let all: Vec<_> = saved.chain(offered).collect();
    if as_json {
        let objects = all.iter().map(|d| object(session, d, session.keys.is_saved(d)));
        out_json(&Value::Array(objects.collect()));
        return;
    }
    for destination in &all {
        out(&sanitize(&line(session, destination)));
    }
    match session.keys.settings().keys.is_empty() {
        _ if !all.is_empty() => {}
        true => eprint_line(&format!("No destinations yet. {}.", destination_args::no_destination())),
        false => eprint_line("No destinations yet. `hoist destinations add PROVIDER` saves one."),
    }
}

fn object(session: &Session, d: &Destination, saved: bool) -> Value {
    json!({
        "name": d.name,
        "provider": d.provider,
        "account": d.account,
        "options": d.options,
        "key": d.key,
        "key_source": origin_name(session, d),
        "saved": saved,
        "default": is_chosen(session, d),
    })
}

fn line(session: &Session, d: &Destination) -> String {
    let mark = if is_chosen(session, d) { '*' } else { ' ' };
    let Some(provider) = provider::by_id(&d.provider) else {
        return format!("{mark} {} · {} (this version of Hoist does not know it)", d.name, d.provider);
    };
    let facts = provider.facts();
    let key = match session.keys.key_origin(d) {
        KeyOrigin::Environment => format!("key from {}", facts.vendor.env),
        KeyOrigin::Sandbox => "key from the sandbox".to_owned(),
        KeyOrigin::NotNeeded => "no key is needed".to_owned(),
        KeyOrigin::Keyring(_) | KeyOrigin::ThisRun => format!("key {}", d.key),
        KeyOrigin::Missing => {
            format!(
                "its key {} is missing: `{}`",
                d.key,
                destination_args::how_to_add(facts.vendor.id, &d.key)
            )
        }
    };
    let mut parts = vec![format!("{mark} {}", d.name), facts.name.to_owned(), d.account_label().to_owned()];
    parts.extend(d.options.iter().map(|(key, value)| format!("{key}={value}")));
    parts.push(key);
    if !session.keys.is_saved(d) {
        parts.push(format!("not saved, --to {}", d.provider));
    }
    parts.join(" · ")
}

fn add(
    session: &Session,
    wanted: Destination,
    name: Option<String>,
    as_json: bool,
) -> Result<ExitCode, String> {
    let Destination { provider, key, account, options, .. } = wanted;
    let new = NewDestination { provider, name, account, options };
    let before = &session.keys.settings().destinations;
    if let Some(name) = &new.name {
        validate_name(name, MAX_NAME).map_err(|problem| format!("A destination's name {problem}"))?;
        let same = |d: &Destination| {
            (&d.provider, &d.key, &d.account, &d.options) == (&new.provider, &key, &new.account, &new.options)
        };
        if before.iter().any(|d| d.name == *name && !same(d)) {
            return Err(format!("There is a destination named {name} already: choose another name"));
        }
    }
    let added = session.keys.accounts().add_destinations(&key, &[new]).map_err(sentence)?;
    let name = added.choose.unwrap_or_default();
    if before.iter().any(|d| d.name == name) {
        eprint_line(&format!("The same destination is saved already under the name {name}."));
    } else {
        eprint_line(&format!("The destination {name} is saved."));
    }
    match added.settings.destinations.iter().find(|d| d.name == name) {
        Some(saved) if as_json => out_json(&object(session, saved, true)),
        _ => out(&sanitize(&name)),
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(session: &Session, name: &str, yes: bool) -> Result<ExitCode, String> {
    let name = destination_args::saved(session, name)?;
    if !yes && !confirmed(&format!("Remove the destination {name}?"))? {
        eprint_line("Nothing was removed.");
        return Ok(ExitCode::from(1));
    }
    let was_chosen = session.keys.settings().chosen.as_ref() == Some(&name);
    session.keys.accounts().remove_destination(&name).map_err(sentence)?;
    eprint_line(&format!("The destination {name} is removed; its key stays."));
    if was_chosen {
        eprint_line(
            "This destination was the default: name another with --to, or choose another default in the window.",
        );
    }
    Ok(ExitCode::SUCCESS)
}
