//! Everything that `--json` prints is in `docs/command-line.md`, key by key, and so is every value of a fixed set.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use hoist::model::error::FailureKind;
use hoist::model::remedy::Remedy;
use serde_json::Value;
use strum::IntoEnumIterator;

/// Keys below which a provider's own names stand, or variables and words of the sandbox.
const OPAQUE: [&str; 4] = ["values", "response", "variables", "options"];

/// Keys whose values are of a fixed set.
const SETS: [&str; 8] =
    ["state", "kind", "remedies", "outcome", "severity", "health", "source", "key_source"];

/// What is documented of one command.
#[derive(Clone, Default)]
struct Section {
    keys: BTreeSet<String>,
    /// What stands between back-quotes.
    code_words: BTreeSet<String>,
}

fn sections() -> BTreeMap<String, Section> {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/command-line.md")).unwrap();
    let mut all = BTreeMap::new();
    for part in text.split("\n### ").skip(1) {
        let (heading, body) = part.split_once('\n').unwrap();
        let body = body.split_once("\n## ").map_or(body, |(body, _)| body);
        let mut section = Section::default();
        for row in body.lines().filter_map(|line| line.strip_prefix("| `")) {
            let (keys, _) = row.split_once(" |").unwrap();
            section.keys.extend(keys.split(", ").map(|key| key.trim_matches('`').to_owned()));
        }
        section.code_words.extend(body.split('`').skip(1).step_by(2).map(ToOwned::to_owned));
        all.insert(heading.trim_matches('`').to_owned(), section);
    }
    all
}

/// What is documented of the command with these arguments, if it is one that prints JSON.
fn section(arguments: &[&OsStr]) -> Option<Section> {
    let words: Vec<_> = arguments.iter().filter_map(|a| a.to_str()).collect();
    if !words.contains(&"--json") {
        return None;
    }
    let mut commands = words.iter().filter(|word| !word.starts_with('-'));
    let first = *commands.next()?;
    let second = commands.next().copied().unwrap_or_default();
    let name = match (first, second) {
        ("history", _) => "hoist history list --json".to_owned(),
        ("watch", _) => "hoist upload --json".to_owned(),
        ("destinations", _) => "hoist destinations list --json".to_owned(),
        ("upload" | "inspect" | "fit" | "providers" | "sandbox", _) => format!("hoist {first} --json"),
        _ => format!("hoist {first} {second} --json"),
    };
    let all = sections();
    let mut section = all.get(&name).unwrap_or_else(|| panic!("{name} is not documented")).clone();
    // The error is documented once, and the history's objects are those of uploads.
    let uploads = &all["hoist upload --json"];
    let shared = |key: &&String| first == "history" || key.starts_with("error.");
    section.keys.extend(uploads.keys.iter().filter(shared).cloned());
    section.code_words.extend(uploads.code_words.iter().cloned());
    Some(section)
}

/// Looks at everything that a command printed.
pub(crate) fn is_documented(arguments: &[&OsStr], out: &str) {
    let Some(section) = section(arguments) else { return };
    let whole = serde_json::from_str::<Value>(out).map(|value| vec![value]);
    let objects =
        whole.unwrap_or_else(|_| out.lines().filter_map(|l| serde_json::from_str(l).ok()).collect());
    for object in &objects {
        walk(&section, "", object);
    }
}

fn walk(section: &Section, path: &str, value: &Value) {
    match value {
        Value::Array(all) => all.iter().for_each(|value| walk(section, path, value)),
        Value::Object(object) => {
            for (key, value) in object {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                let is_snake = key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                assert!(is_snake && section.keys.contains(&path), "{path} is not documented");
                let is_opaque = value.is_object() && (OPAQUE.contains(&key.as_str()) || key == "behaviours");
                if !is_opaque {
                    walk(section, &path, value);
                }
            }
        }
        Value::String(word) if SETS.contains(&path.rsplit('.').next().unwrap()) => {
            let is_kebab = word.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            assert!(
                is_kebab && section.code_words.contains(word),
                "{path} has the value {word}, not documented"
            );
        }
        _ => {}
    }
}

#[test]
fn every_kind_of_failure_and_every_remedy_is_documented() {
    let words = &sections()["hoist upload --json"].code_words;
    for name in FailureKind::iter().map(FailureKind::name).chain(Remedy::iter().map(Remedy::name)) {
        assert!(words.contains(name), "{name} is not documented");
    }
}

#[test]
fn every_command_with_json_is_documented() {
    let mut undocumented = vec![];
    let documented = sections();
    let mut commands = vec![("hoist".to_owned(), hoist::cli::command())];
    while let Some((name, command)) = commands.pop() {
        let has_json = command.get_arguments().any(|a| a.get_id() == "json");
        // These print what another section lists, and say so.
        let elsewhere =
            ["hoist history export", "hoist destinations add", "hoist watch"].contains(&name.as_str());
        if has_json && !elsewhere && !documented.contains_key(&format!("{name} --json")) {
            undocumented.push(name.clone());
        }
        commands.extend(command.get_subcommands().map(|c| (format!("{name} {}", c.get_name()), c.clone())));
    }
    assert_eq!(undocumented, [""; 0]);
}
