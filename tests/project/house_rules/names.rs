//! Names: one for each thing, and none that was retired.

use std::collections::BTreeMap;

use super::Broken;
use super::source::{Definition, Kind, Source, sources};

/// What every module may call its own.
const CONVENTIONS: [&str; 2] = ["Error", "Iter"];

#[test]
fn no_type_has_the_name_of_another() {
    let mut named: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    // What stands in for other systems has the names of what it stands in for.
    let stands_in =
        |source: &&&Source| source.path.ends_with("/unsupported.rs") || source.path.ends_with("/windows.rs");
    for source in sources(&["src"]).iter().filter(|source| !stands_in(source)) {
        for definition in &source.definitions {
            let name = definition.name.as_str();
            if definition.kind == Kind::Type && !definition.for_tests && !CONVENTIONS.contains(&name) {
                named.entry(name).or_default().push(format!("{}:{}", source.path, definition.line));
            }
        }
    }
    named.retain(|_, files| files.len() > 1);
    assert!(named.is_empty(), "A type's name says whose it is: {named:#?}");
}

/// Names that were given up for the field's own terms, and what has them no more. Of those that end in `_` the beginning
/// is meant.
const RETIRED: &[(Kind, &[&str])] = &[
    (
        Kind::Function,
        &[
            "forget_signs",
            "free",
            "goes_on",
            "hand_out",
            "hand_over",
            "hear",
            "heard",
            "here",
            "look",
            "look_into",
            "looked",
            "looks_unlike",
            "may_pass",
            "obey",
            "place",
            "put_in_force",
            "said",
            "say",
            "start_what_may",
            "take_in",
            "taken_back",
            "tell",
            "told",
            "unconnected",
            "unfit",
            "without_id",
            "words",
        ],
    ),
    (
        Kind::Type,
        &[
            "Alive", "Apart", "Arrived", "Bad", "Brought", "Crew", "Diary", "Ending", "Form", "Gravity",
            "Here", "How", "Incoming", "Kept", "NotAKey", "One", "Outgoing", "PassedOn", "Piece", "Shelf",
            "Sorter", "Spot", "Standing", "Told", "Tries", "Walked", "What", "Which", "Wish", "Wishes",
            "Words",
        ],
    ),
    (
        Kind::Variant,
        &[
            "AddedBack",
            "Apart",
            "HoldBegan",
            "LookAgain",
            "LookedAgain",
            "PassedOn",
            "SetBack",
            "TakeBack",
            "TakenBack",
            "TryAgain",
        ],
    ),
    (
        Kind::Module,
        &[
            "boxes",
            "bring",
            "close_up",
            "gathering",
            "handed",
            "here",
            "inquiry",
            "looks",
            "moments",
            "neighbours",
            "pace",
            "refusal",
            "remember",
            "shelf",
            "sorter",
        ],
    ),
    (Kind::Constant, &["LONGEST", "LONGEST_", "MOST", "MOST_", "PATIENCE", "PATIENCE_"]),
    (Kind::Field, &["bell", "goes_on", "here", "how", "place", "said", "told", "words"]),
    (Kind::Binding, &["bell", "goes_on", "here", "place", "shelf"]),
];

#[test]
fn retired_names_do_not_come_back() {
    let is_retired = |definition: &Definition| {
        let name = definition.name.as_str();
        let is = |word: &&str| *word == name || (word.ends_with('_') && name.starts_with(*word));
        RETIRED.iter().any(|(kind, words)| *kind == definition.kind && words.iter().any(&is))
    };
    let mut broken = Broken::default();
    for source in sources(&["src", "crates", "tests", "benches"]) {
        for definition in source.definitions.iter().filter(|definition| is_retired(definition)) {
            broken.add(source, definition.line, &definition.name);
        }
    }
    broken.none("These names were retired: the field has a term for each");
}
