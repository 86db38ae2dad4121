//! The tools: few, each with what it takes and gives back. What is said of providers is from their table.

use std::fmt::Write as _;

use rmcp::model::{Tool, ToolAnnotations};
use serde_json::Value;

use super::desk::AgentDesk;
use super::schemas;
use crate::session::api::provider::{self, ProviderSpec};

/// Lists the tools; those about uploads name the limits of the destinations there are.
pub(super) fn all(desk: &AgentDesk) -> Vec<Tool> {
    let limits = desk.with(|session| {
        let mut known: Vec<&ProviderSpec> = vec![];
        for destination in session.keys.destinations() {
            let facts = provider::by_id(&destination.provider).map(|provider| provider.facts());
            known.extend(facts.filter(|facts| !known.iter().any(|other| other.id == facts.id)));
        }
        known.into_iter().map(provider_line).collect::<String>()
    });
    let limits = limits.unwrap_or_default();
    let upload = "Uploads files of this computer to a destination and returns the ID or link of each. Files must be in \
        folders that the person has allowed (see list_destinations). A file whose state is `unknown` may exist: do not \
        send it again, ask the person.";
    let check = "Says for each file whether a destination accepts it, why not, and which copy it would accept, without sending \
        anything.";
    vec![
        tool(
            "upload",
            "Upload files",
            &format!("{upload}{limits}"),
            &schemas::upload_arguments(),
            &schemas::uploads(),
        )
        .with_annotations(
            hints("Upload files").read_only(false).destructive(false).idempotent(false).open_world(true),
        ),
        reading(
            "check_files",
            "Check files",
            &format!("{check}{limits}"),
            &schemas::check_arguments(),
            &schemas::uploads(),
        ),
        reading(
            "list_destinations",
            "List destinations",
            "Lists where files can be sent, what each destination accepts, what its IDs are good for, and the folders from \
             which you may send there.",
            &schemas::no_arguments(),
            &schemas::destinations(),
        ),
        reading(
            "search_history",
            "Search uploads",
            "Lists past uploads of this computer, newest first, with their IDs and links.",
            &schemas::search_arguments(),
            &schemas::uploads(),
        ),
        reading(
            "get_upload",
            "Get an upload",
            "Returns a past upload by its ID or link, with everything that the provider returned.",
            &schemas::get_arguments(),
            &schemas::one_upload(),
        ),
    ]
}

fn hints(title: &str) -> ToolAnnotations {
    ToolAnnotations::with_title(title)
}

/// Returns a tool that changes nothing, here or elsewhere.
fn reading(name: &'static str, title: &str, description: &str, takes: &Value, gives: &Value) -> Tool {
    let hints = hints(title).read_only(true).open_world(false);
    tool(name, title, description, takes, gives).with_annotations(hints)
}

fn tool(name: &'static str, title: &str, description: &str, takes: &Value, gives: &Value) -> Tool {
    let schema = |value: &Value| value.as_object().cloned().unwrap_or_default();
    Tool::new(name, description.to_owned(), schema(takes))
        .with_title(title)
        .with_raw_output_schema(schema(gives).into())
}

/// Returns a provider in a line: what it accepts, what becomes of files, and what its IDs are good for.
fn provider_line(facts: &ProviderSpec) -> String {
    let mut line = format!("\n- {} ({}): {}.", facts.name, facts.id, facts.summary());
    if let Some(retention) = facts.terms.retention {
        let _ = write!(line, " Files are deleted {} hours after the upload.", retention.as_secs() / 3600);
    }
    for usage in facts.results.uses {
        let _ = write!(
            line,
            " For {} its {} goes into {} of {}.",
            usage.kind.word(),
            usage.value,
            usage.parameter,
            usage.call
        );
    }
    line
}
