//! `hoist completions`, and what a shell asks when somebody presses Tab: it reads the settings file and nothing else, so
//! that no keyring, network or log comes into it.

mod bash;
mod line;

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Command, ValueEnum};
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::{Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::destination_args;
use crate::session::api::{Destination, provider, text::sanitize};

/// The variable by which a shell's script asks.
const ASKED_BY: &str = "HOIST_COMPLETE";

/// Where the scripts go.
pub(super) const HELP: &str = "\
bash:        hoist completions bash > ~/.local/share/bash-completion/completions/hoist
zsh:         hoist completions zsh > \"${fpath[1]}/_hoist\"
fish:        hoist completions fish > ~/.config/fish/completions/hoist.fish
elvish:      eval (hoist completions elvish | slurp)
powershell:  hoist completions powershell | Out-String | Invoke-Expression";

/// The shells there are scripts for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

impl Shell {
    /// Returns the script's other side; bash has one of our own.
    fn completer(self) -> Option<&'static dyn EnvCompleter> {
        match self {
            Shell::Bash => None,
            Shell::Zsh => Some(&Zsh),
            Shell::Fish => Some(&Fish),
            Shell::Elvish => Some(&Elvish),
            Shell::Powershell => Some(&Powershell),
        }
    }
}

/// Returns the script that makes a shell ask.
pub(super) fn script(shell: Shell) -> Result<String, String> {
    let program = program();
    let Some(completer) = shell.completer() else { return Ok(bash::script(&program)) };
    let mut text = vec![];
    completer
        .write_registration(ASKED_BY, "hoist", "hoist", &program, &mut text)
        .map_err(|e| format!("There is no script for this shell: {e}"))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Returns how a script calls this program: by its name, or where it was called by its place, by that.
fn program() -> String {
    let called = std::env::args_os().next().map_or_else(|| PathBuf::from("hoist"), PathBuf::from);
    let whole = if called.components().count() > 1 { std::path::absolute(&called).ok() } else { None };
    whole.unwrap_or(called).to_string_lossy().into_owned()
}

/// Answers a shell that asks, if one does. Whatever goes wrong is no completion, and no noise in somebody's line.
pub(super) fn answer(command: impl FnOnce() -> Command) -> Option<ExitCode> {
    let asked = std::env::var(ASKED_BY).ok().filter(|name| !name.is_empty())?;
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let mut text = vec![];
    let done = match Shell::from_str(&asked, false) {
        Err(_) => return Some(ExitCode::FAILURE),
        Ok(Shell::Bash) => bash::answer(&mut command(), cwd().as_deref(), &mut text),
        Ok(Shell::Powershell) => powershell(&mut command(), &words, &mut text),
        Ok(shell) => {
            // Zsh and fish hand over words as they were typed, quotes and all; Elvish what they mean.
            let meant = |word: &OsString| match shell {
                Shell::Elvish => word.clone(),
                _ => line::unquoted(&word.to_string_lossy()).into(),
            };
            let words = words.iter().map(meant).collect();
            let completer = shell.completer()?;
            completer.write_complete(&mut command(), words, cwd().as_deref(), &mut text)
        }
    };
    let written = done.and_then(|()| io::stdout().write_all(&text));
    Some(if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn cwd() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

/// Completes for `PowerShell`, which puts in what it gets as it is: a name with spaces must come in quotes.
fn powershell(command: &mut Command, words: &[OsString], out: &mut dyn Write) -> io::Result<()> {
    let last = words.len().saturating_sub(1);
    for candidate in clap_complete::engine::complete(command, words.to_vec(), last, cwd().as_deref())? {
        let value = candidate.get_value().to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=\\".contains(c);
        match value.chars().all(plain) {
            true => write!(out, "{value}")?,
            false => write!(out, "'{}'", value.replace('\'', "''"))?,
        }
        let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
        match help.lines().next() {
            Some(help) => writeln!(out, "\t{help}")?,
            None => writeln!(out)?,
        }
    }
    Ok(())
}

// What is on offer.

/// Returns a name as it is offered; none where it was put into the file by hand, and no line can hold it.
fn candidate(name: &str, help: &str) -> Option<CompletionCandidate> {
    (sanitize(name) == name).then(|| CompletionCandidate::new(name).help(Some(sanitize(help).into())))
}

/// Returns what `--to` takes.
pub(super) fn destinations() -> Vec<CompletionCandidate> {
    saved().into_iter().chain(providers()).collect()
}

/// Returns the saved destinations.
pub(super) fn saved() -> Vec<CompletionCandidate> {
    let help = |d: &Destination| match provider::by_id(&d.provider) {
        Some(provider) => format!("{}, {}", provider.facts().name, d.account_label()),
        None => d.provider.clone(),
    };
    destination_args::settings(false)
        .unwrap_or_default()
        .destinations
        .iter()
        .filter_map(|d| candidate(&d.name, &help(d)))
        .collect()
}

/// Returns the providers' ids.
pub(super) fn providers() -> Vec<CompletionCandidate> {
    let all = provider::all().into_iter().map(|p| p.facts());
    all.filter_map(|f| candidate(f.id, &format!("{}: {}", f.name, f.summary()))).collect()
}

/// Returns the ids of what has a key.
pub(super) fn vendors() -> Vec<CompletionCandidate> {
    provider::vendors().into_iter().filter_map(|s| candidate(s.id, s.name)).collect()
}

/// Returns the saved keys, by their names and labels.
pub(super) fn keys() -> Vec<CompletionCandidate> {
    let mut all = vec![];
    for key in destination_args::settings(false).unwrap_or_default().keys {
        let vendor = provider::vendor(&key.vendor).map_or(key.vendor.as_str(), |s| s.name);
        all.extend(candidate(&key.name, vendor));
        all.extend(key.label.and_then(|label| candidate(&label, &format!("{vendor}, {}", key.name))));
    }
    all
}
