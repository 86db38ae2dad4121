//! The README's table of providers.

use std::fmt::Write;
use std::fs;

use hoist::provider::rehearsal::rehearse;
use hoist::provider::spec::{ProviderSpec, ValueKind};
use hoist::provider::{self, Provider};

use crate::root;

#[test]
fn the_readmes_table_of_providers_is_the_one_in_the_code() {
    let (begin, end) = ("<!-- providers -->\n", "<!-- /providers -->");
    let readme = fs::read_to_string(root().join("README.md")).unwrap_or_default();
    let there =
        readme.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map(|(block, _)| block.trim());
    let table = providers_table();
    assert!(there == Some(table.trim()), "README.md needs this block:\n\n{begin}\n{table}\n{end}\n");
}

/// What each provider takes, as Markdown.
fn providers_table() -> String {
    let mut out =
        "| Provider | Takes | Key | Copied first | Notes |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for provider in provider::first() {
        let facts = provider.facts();
        let (takes, vendor) = (facts.summary(), facts.vendor);
        writeln!(
            out,
            "| {} `{}` | {takes} | {} `{}` | `{}` | {} |",
            facts.name,
            facts.id,
            vendor.name,
            vendor.env,
            copied_first(provider),
            notes(facts)
        )
        .unwrap();
    }
    out
}

/// The name of the value that is copied first: asked of the provider with the reply its documents show.
fn copied_first(provider: &Provider) -> String {
    let facts = provider.facts();
    let media = facts.types().next().unwrap();
    let receipt = rehearse(provider, media).unwrap();
    let first = receipt.values.iter().find(|(_, value)| value == receipt.first());
    first.unwrap_or_else(|| panic!("{} names no value to copy", facts.id)).0.clone()
}

fn notes(facts: &ProviderSpec) -> String {
    let mut notes = vec![];
    if let Some(why) = facts.terms.legacy {
        notes.push(format!("Legacy: {why}"));
    }
    if let Some(lives) = facts.terms.retention {
        notes.push(format!("Files are deleted {} hours after the upload", lives.as_secs() / 3600));
    }
    if let Some(account) = facts.account.option {
        notes.push(format!("Account: `{}`", account.key));
    }
    let options: Vec<_> = facts
        .options
        .iter()
        .map(|o| match o.form {
            ValueKind::Flag(default) => format!("`{}={default}`", o.key),
            ValueKind::Choice(all) => format!("`{}={}`", o.key, all.join("\\|")),
            ValueKind::Text | ValueKind::Email | ValueKind::Uuid => format!("`{}`", o.key),
        })
        .collect();
    if !options.is_empty() {
        notes.push(format!("Options: {}", options.join(", ")));
    }
    notes.join(". ")
}
