//! `hoist mcp`: uploads for agents, over the Model Context Protocol, and what agents may do.

mod calls;
mod desk;
mod permission;
mod schemas;
mod server;
mod tools;
mod transport;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};

use super::output::{eprint_line, out, out_json, sentence};
use super::{completions, destination_args};
use crate::platform;
use crate::session;
use crate::session::agents::{AgentFolder, AgentRights};
use crate::session::api::provider;
use crate::session::api::text::sanitize;

/// What is said below the help of the command.
pub(super) const HELP: &str = "Without a command, `hoist mcp` serves one client on stdin and stdout; nothing listens. \
Agents may send nothing until you allow a folder.";

#[derive(Subcommand)]
pub(super) enum McpCommand {
    /// Let agents send files from folders and all that is in them, except hidden files
    Allow {
        /// The folders
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
        /// Only to this destination; give it more than once for several
        #[arg(long, value_name = "DESTINATION", add = ArgValueCandidates::new(completions::destinations))]
        to: Vec<String>,
    },
    /// List the folders from which agents may send, and where to
    Allowed {
        /// One JSON array
        #[arg(long)]
        json: bool,
    },
    /// Stop agents from sending files from folders that were allowed
    Forbid {
        /// The folders
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
    },
}

pub(super) fn run(command: Option<McpCommand>, sandbox: bool) -> Result<ExitCode, String> {
    let Some(command) = command else { return server::serve(sandbox) };
    let folders = session::folders(&platform::environment::given(), sandbox).map_err(sentence)?;
    let rights = AgentRights::new(&folders, sandbox);
    match command {
        McpCommand::Allow { folders, to } => {
            let to = to.iter().map(|name| known(name, sandbox)).collect::<Result<Vec<_>, _>>()?;
            for folder in &folders {
                out(&line(&rights.allow(folder, &to).map_err(sentence)?));
            }
        }
        McpCommand::Allowed { json } => {
            let all = rights.folders().map_err(|e| {
                format!("The folders from which agents may send cannot be read: {}", sanitize(&e.to_string()))
            })?;
            if json {
                out_json(&all.iter().map(object).collect());
                return Ok(ExitCode::SUCCESS);
            }
            if all.is_empty() {
                eprint_line("Agents may send nothing. `hoist mcp allow DIR` lets them send from a folder.");
            }
            for folder in &all {
                out(&line(folder));
            }
        }
        McpCommand::Forbid { folders } => {
            for folder in &folders {
                let path = rights.forbid(folder).map_err(sentence)?;
                eprint_line(&format!("Agents may not send from {} any more.", path.display()));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns the name of a destination or a provider as it is spelled.
fn known(name: &str, sandbox: bool) -> Result<String, String> {
    let settings = destination_args::settings(sandbox)?;
    if let Some(destination) = destination_args::called(settings.destinations.iter(), name)? {
        return Ok(destination.name.clone());
    }
    let all = provider::all();
    let is_it = |facts: &&provider::ProviderSpec| facts.id == name || facts.name.eq_ignore_ascii_case(name);
    let found = all.iter().map(|provider| provider.facts()).find(is_it).map(|facts| facts.id.to_owned());
    found.ok_or_else(|| {
        let shown = sanitize(name);
        format!("There is no destination and no provider \"{shown}\": see `hoist destinations list`. Nothing was allowed")
    })
}

/// Returns a folder in a line: its path, and after a tab where its files may go.
fn line(folder: &AgentFolder) -> String {
    let to = match folder.destinations.as_slice() {
        [] => "every destination".to_owned(),
        some => some.join(", "),
    };
    format!("{}\t{}", sanitize(&folder.path.to_string_lossy()), sanitize(&to))
}

fn object(folder: &AgentFolder) -> Value {
    let to = (!folder.destinations.is_empty()).then_some(&folder.destinations);
    json!({ "folder": folder.path.to_string_lossy(), "destinations": to })
}
