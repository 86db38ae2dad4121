//! `hoist keys`.

use std::io::{BufRead, IsTerminal, Read};
use std::process::ExitCode;
use std::sync::mpsc::Receiver;

use clap::Subcommand;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::output::{confirmed, eprint_line, out, out_json, sentence};
use super::terminal_session::start_session;
use super::{check, completions, destination_args};
use crate::session::Session;
use crate::session::accounts::{KeyChange, NewDestination, with_auth_header};
use crate::session::api::{
    Key, KeyRecord, MAX_NAME, encoding,
    provider::{self, Vendor, key_format_hint},
    text::sanitize,
    validate_name,
};

#[derive(Subcommand)]
pub(super) enum KeysCommand {
    /// List the API keys by name, with their destinations; the keys themselves are never shown
    List {
        /// One JSON array
        #[arg(long)]
        json: bool,
    },
    /// Save a key in the keyring; it is asked for, or read from stdin
    Add {
        /// The vendor's ID, as in `hoist providers`
        #[arg(add = ArgValueCandidates::new(completions::vendors))]
        vendor: String,
        /// Where people put a key by mistake
        #[arg(hide = true)]
        key: Option<String>,
        /// The key's name, by default the vendor's ID; a key of that name is replaced
        #[arg(long)]
        name: Option<String>,
        /// An account for the new destinations: an email, a `user_id` or a project
        #[arg(long, value_name = "ACCOUNT")]
        account: Option<String>,
        /// Save the key without asking the vendor whether it works
        #[arg(long)]
        no_check: bool,
        /// The key's name and its destinations as one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Ask the vendors whether keys work, and which accounts are behind them
    Check {
        /// The key's name or label, or its vendor; all keys by default
        #[arg(add = ArgValueCandidates::new(completions::keys))]
        name: Option<String>,
        /// One JSON array
        #[arg(long)]
        json: bool,
    },
    /// Set a key's label, which commands accept in place of its name; "" removes it. Destinations without a name of their
    /// own are called after it
    Rename {
        /// The key's name or label, or its vendor
        #[arg(add = ArgValueCandidates::new(completions::keys))]
        name: String,
        /// At most 80 characters; the keyring, the history and destinations keep the name
        label: String,
    },
    /// Remove a key from the keyring, and the destinations that use it
    Remove {
        /// The key's name or label, or its vendor
        #[arg(add = ArgValueCandidates::new(completions::keys))]
        name: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(command: KeysCommand, sandbox: bool) -> Result<ExitCode, String> {
    let (mut session, news) = start_session(sandbox, false, false)?;
    for notice in session.take_notices() {
        eprint_line(&format!("{notice}."));
    }
    if sandbox && !matches!(command, KeysCommand::List { .. } | KeysCommand::Check { .. }) {
        return Err(
            "The sandbox brings its own keys, so there is nothing to add or remove: leave --sandbox out"
                .into(),
        );
    }
    match command {
        KeysCommand::List { json } => {
            list(&session, json);
            Ok(ExitCode::SUCCESS)
        }
        KeysCommand::Add { key: Some(_), .. } => {
            Err("A key is never given as an argument, where other programs can \
             read it: leave it out, and it is asked for, or read from stdin. If it is a real one, replace it"
                .into())
        }
        KeysCommand::Add { vendor, name, account, key: None, no_check, json } => {
            let new = New { vendor: destination_args::vendor(&vendor)?, name, account, no_check, json };
            add(&mut session, &news, new)
        }
        KeysCommand::Check { name, json } => check::run(&mut session, &news, name.as_deref(), json),
        KeysCommand::Rename { name, label } => rename(&session, &name, label),
        KeysCommand::Remove { name, yes } => remove(&session, &name, yes),
    }
}

fn used_by<'a>(session: &'a Session, key: &KeyRecord) -> Vec<&'a str> {
    session
        .keys
        .settings()
        .destinations
        .iter()
        .filter(|d| d.key == key.name)
        .map(|d| d.name.as_str())
        .collect()
}

fn list(session: &Session, as_json: bool) {
    let keys = &session.keys.settings().keys;
    let given: Vec<_> = session.keys.given_vendors().collect();
    if as_json {
        let saved = keys.iter().map(|k| {
            json!({ "name": k.name, "label": k.label, "vendor": k.vendor, "added": k.added, "source": "keyring", "destinations": used_by(session, k) })
        });
        let kept = if session.is_sandbox() { "sandbox" } else { "environment" };
        let given = given.iter().map(
            |s| json!({ "name": s.id, "label": null, "vendor": s.id, "added": null, "source": kept, "destinations": [] }),
        );
        out_json(&serde_json::Value::Array(saved.chain(given).collect()));
        return;
    }
    for key in keys {
        let vendor = provider::vendor(&key.vendor).map_or(key.vendor.as_str(), |s| s.name);
        let label = key.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
        let line = format!("{}{label} · {vendor} · added {} · in the keyring", key.name, key.added);
        out(&sanitize(&line));
        for name in used_by(session, key) {
            out(&sanitize(&format!("    {name}")));
        }
    }
    for vendor in &given {
        let from = if session.is_sandbox() { "the sandbox" } else { vendor.env };
        out(&format!("{} · {} · from {from}", vendor.id, vendor.name));
    }
    if keys.is_empty() && given.is_empty() {
        eprint_line("No keys yet. `hoist keys add VENDOR` saves one in the keyring.");
    }
}

/// A key to be added.
struct New {
    vendor: &'static Vendor,
    name: Option<String>,
    account: Option<String>,
    no_check: bool,
    json: bool,
}

fn add(session: &mut Session, news: &Receiver<()>, wanted: New) -> Result<ExitCode, String> {
    let New { vendor, name, account, no_check, json: as_json } = wanted;
    let mut new = NewDestination::all_of(vendor);
    if let Some(account) = account {
        for destination in &mut new {
            let facts = destination_args::provider(&destination.provider)?;
            destination.account = Some(destination_args::account(facts, &account)?);
        }
    }
    if let Some(name) = &name {
        validate_name(name, MAX_NAME).map_err(|problem| format!("A key's name {problem}"))?;
    }
    let key = read_key(vendor)?;
    let answer = if no_check { None } else { Some(check::new_key(session, news, vendor, key.clone())?) };
    let auth = answer.as_ref().and_then(|answer| Some(answer.key.as_ref().ok()?.auth));
    let new = with_auth_header(new, auth);
    // The same command again replaces the key; another name adds another one.
    let name = name.as_deref().unwrap_or(vendor.id);
    let added = session.keys.accounts().add(vendor, &name.into(), key, &new, None).map_err(sentence)?;
    if let Some(KeyChange::ForThisRun { problem, .. }) = added.key {
        // A terminal's run ends here, and the key with it.
        return Err(format!("The key could not be saved: {problem}. Set {} instead", vendor.env));
    }
    eprint_line(&format!("The {} key is in the keyring under the name {name}.", vendor.name));
    let destinations = added.settings.destinations.iter().filter(|d| d.key == name).map(|d| d.name.as_str());
    if as_json {
        let destinations: Vec<_> = destinations.collect();
        let accounts = answer.as_ref().map(check::listed);
        let checked = answer.as_ref().is_some_and(|answer| answer.key.is_ok());
        let all = json!({ "name": name, "vendor": vendor.id, "checked": checked, "destinations": destinations, "accounts": accounts });
        out_json(&all);
    } else {
        destinations.for_each(|destination| out(&sanitize(destination)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns one line of stdin where it is not a terminal, else a hidden prompt.
fn read_key(vendor: &Vendor) -> Result<Key, String> {
    let text = if std::io::stdin().is_terminal() {
        eprint_line(&format!("{} keys are at {}", vendor.name, vendor.keys_page));
        rpassword::prompt_password(format!("{} key ({}), not shown: ", vendor.name, vendor.key_form))
            .map_err(|e| format!("The key cannot be read: {e}"))?
    } else {
        let mut line = vec![];
        let read = std::io::stdin().lock().take(8192).read_until(b'\n', &mut line);
        line.pop_if(|last| *last == b'\n'); // of UTF-16 half a letter
        read.ok().and_then(|_| encoding::strict(&line)).ok_or("No key can be read from stdin")?
    };
    let hint = key_format_hint(vendor, &text);
    let key = Key::new(text).map_err(|e| format!("This is not an API key: {e}"))?;
    if let Some(hint) = hint {
        eprint_line(&format!("{hint}."));
    }
    Ok(key)
}

fn rename(session: &Session, name: &str, label: String) -> Result<ExitCode, String> {
    let name = match session.keys.accounts().find(name) {
        Ok(record) => record.name,
        Err(problem) => {
            let given = destination_args::vendor(name).is_ok_and(|s| session.keys.has_given_key(s));
            return Err(if given {
                format!("The key {name} is given by the environment: only saved ones have labels")
            } else {
                problem.to_string()
            });
        }
    };
    let before = &session.keys.settings().destinations;
    let renamed = session.keys.accounts().rename_key(&name, Some(label)).map_err(sentence)?;
    let names: Vec<_> = before
        .iter()
        .zip(&renamed.settings.destinations)
        .filter(|(old, new)| old.is_same_target(new) && old.name != new.name)
        .map(|(old, new)| format!("The destination {} is called {} now.", old.name, new.name))
        .collect();
    let label = renamed.settings.keys.into_iter().find(|k| k.name == name).and_then(|k| k.label);
    eprint_line(&match label {
        Some(label) => format!("The key {name} is called {label} now."),
        None => format!("The key {name} has no label now."),
    });
    // Scripts name destinations.
    for sentence in names {
        eprint_line(&sentence);
    }
    Ok(ExitCode::SUCCESS)
}

fn remove(session: &Session, name: &str, yes: bool) -> Result<ExitCode, String> {
    let record = session.keys.accounts().find(name).map_err(sentence)?;
    let uses = used_by(session, &record);
    let with = if uses.is_empty() { String::new() } else { format!(" and with it {}", uses.join(", ")) };
    if !yes && !confirmed(&format!("Remove the key {}{with}?", record.name))? {
        eprint_line("Nothing was removed.");
        return Ok(ExitCode::from(1));
    }
    let removed = session.keys.accounts().remove(&record.name).map_err(sentence)?;
    eprint_line(&format!("The key {} is removed from the keyring.", record.name));
    for destination in removed {
        eprint_line(&format!("The destination {destination} is removed."));
    }
    Ok(ExitCode::SUCCESS)
}
