//! Names: one for each thing.

use std::collections::BTreeMap;

use super::source::{Kind, Source, sources};

/// What every module may call its own.
const CONVENTIONS: [&str; 2] = ["Error", "Iter"];

/// Names that two things still share. The list may only become shorter.
const SHARED: &[&str] = &[
    "Broken",
    "Chunk",
    "Clock",
    "Format",
    "Item",
    "Limits",
    "News",
    "Reader",
    "Source",
    "Table",
    "Task",
    "UploadRequest",
    "ValueKind",
    "Work",
];

#[test]
fn no_type_has_the_name_of_another() {
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // What stands in for other systems has the names of what it stands in for.
    let stands_in = |source: &&&Source| source.path.ends_with("/unsupported.rs");
    for source in sources(&["src"]).iter().filter(|source| !stands_in(source)) {
        for definition in &source.definitions {
            let name = definition.name.as_str();
            if definition.kind == Kind::Type && !definition.for_tests && !CONVENTIONS.contains(&name) {
                named.entry(name).or_default().push(format!("{}:{}", source.path, definition.line));
            }
        }
    }
    named.retain(|_, files| files.len() > 1);
    let gone: Vec<_> = SHARED.iter().filter(|name| !named.contains_key(*name)).collect();
    assert!(gone.is_empty(), "shared by no two types any more: {gone:?}");
    named.retain(|name, _| !SHARED.contains(name));
    assert!(named.is_empty(), "A type's name says whose it is: {named:#?}");
}
