//! `hoist settings`.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::destination_args;
use super::output::{confirmed, eprint_line, out, out_json, sentence};
use super::terminal_session::{own_folders, start_session};
use crate::session::Session;
use crate::session::api::{
    MAX_BYTES, encoding,
    text::{count, sanitize},
};
use crate::session::own_providers;
use crate::session::settings_transfer::{self, Moved, SettingsImport, TransferError};

/// Of a hostile file no more is said than this.
const MAX_MESSAGES: usize = 20;

#[derive(Subcommand)]
pub(super) enum SettingsCommand {
    /// Print settings and destinations as TOML; keys stay in the keyring
    Export {
        /// Write to this file instead
        file: Option<PathBuf>,
    },
    /// Import settings and destinations, and print the names of the new destinations
    Import {
        /// The file that `hoist settings export` wrote; `-` reads stdin
        file: PathBuf,
        /// One JSON object
        #[arg(long)]
        json: bool,
        /// Add the provider files in it without a question
        #[arg(long)]
        yes: bool,
    },
}

pub(super) fn run(command: SettingsCommand, sandbox: bool) -> Result<ExitCode, String> {
    let (mut session, _bell) = start_session(sandbox, false, false)?;
    for notice in session.take_notices() {
        eprint_line(&format!("{notice}."));
    }
    match command {
        SettingsCommand::Export { file } => {
            let text = settings_transfer::export(session.keys.settings(), &own_providers::texts())
                .map_err(sentence)?;
            match file.filter(|file| file != Path::new("-")) {
                None => out(text.trim_end()),
                Some(file) => {
                    settings_transfer::write(&file, &text)
                        .map_err(|e| format!("{} cannot be written: {e}", file.display()))?;
                    eprint_line(&format!("The settings are in {}; keys are not among them.", file.display()));
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        SettingsCommand::Import { file, json, yes } => import(&session, &read(&file)?, json, yes),
    }
}

/// Returns a file's text, or that of stdin; a little more than may be in it, so that too much is noticed.
fn read(file: &Path) -> Result<String, String> {
    let mut bytes = vec![];
    let read = match file == Path::new("-") {
        true => io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes),
        false => File::open(file).and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Ok(String::from_utf8_lossy(&bytes).into_owned()); // and is refused as too large
    }
    encoding::strict(&bytes)
        .ok_or_else(|| format!("{} is not a text file. Nothing was changed", file.display()))
}

fn import(session: &Session, text: &str, as_json: bool, yes: bool) -> Result<ExitCode, String> {
    let unchanged = |problem: TransferError| format!("{problem}. Nothing was changed");
    let mut incoming = SettingsImport::read(text).map_err(unchanged)?;
    let providers = add_providers(&mut incoming, yes)?;
    // What another Hoist saved in between is merged with, too.
    let mut merged = None;
    let changed = session.keys.accounts().change(|settings| {
        let moved = settings_transfer::merge(settings, incoming, |vendor| session.keys.has_given_key(vendor));
        if let Ok(moved) = &moved {
            settings.clone_from(&moved.settings);
        }
        merged = Some(moved);
    });
    changed.map_err(sentence)?;
    let moved = merged.ok_or("The settings were not changed")?.map_err(unchanged)?;
    print_summary(&moved);
    if as_json {
        let missing = moved.missing.iter().map(|m| {
            let command = destination_args::how_to_add(m.vendor, &m.key);
            json!({ "vendor": m.vendor, "key": m.key, "destinations": m.destinations, "command": command })
        });
        let object = json!({
            "destinations": moved.added,
            "existing": moved.there,
            "providers": providers,
            "templates": moved.templates,
            "settings": moved.choices,
            "skipped": moved.kept_out.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "missing_keys": missing.collect::<Vec<_>>(),
        });
        out_json(&object);
    } else {
        moved.added.iter().for_each(|name| out(&sanitize(name)));
    }
    Ok(if moved.kept_out.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Adds the provider files that a person agrees to; returns their IDs. The others are skipped.
fn add_providers(incoming: &mut SettingsImport, yes: bool) -> Result<Vec<&'static str>, String> {
    let folders = own_folders()?;
    let mut added = vec![];
    for provider in incoming.take_providers() {
        let facts = provider.facts();
        eprint_line(&format!("{} ({})", facts.name, facts.id));
        for term in provider.terms() {
            eprint_line(&format!("    {}: {}", sanitize(&term.title), sanitize(&term.details.join(", "))));
        }
        let is_agreed = yes || (io::stdin().is_terminal() && confirmed("Add it?")?);
        if !is_agreed {
            incoming.keep_out(&provider);
            eprint_line(
                "    It is skipped: `hoist settings import` asks in a terminal, or adds it with --yes",
            );
            continue;
        }
        provider.save(&folders).map_err(sentence)?;
        added.push(facts.id);
    }
    Ok(added)
}

fn print_summary(moved: &Moved) {
    let there = match moved.there {
        0 => String::new(),
        n => format!(", {n} already there"),
    };
    let added = count(moved.added.len(), "destination");
    let templates = match moved.templates.len() {
        0 => String::new(),
        n => format!("{} added; ", count(n, "template")),
    };
    let applied = count(moved.choices.len(), "setting");
    eprint_line(&format!("{added} added{there}; {templates}{applied} applied."));
    for missing in &moved.missing {
        let verb = if missing.destinations.len() == 1 { "needs" } else { "need" };
        let command = destination_args::how_to_add(missing.vendor, &missing.key);
        eprint_line(&format!("{} {verb} a key: `{command}`", missing.destinations.join(", ")));
    }
    for why in moved.kept_out.iter().take(MAX_MESSAGES) {
        eprint_line(&format!("Skipped: {why}."));
    }
    if let more @ 1.. = moved.kept_out.len().saturating_sub(MAX_MESSAGES) {
        eprint_line(&format!("Skipped: {more} more."));
    }
}
