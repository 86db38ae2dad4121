//! `docs/providers.md`, the page for people who write a provider's file: its reference is the code's own, and its examples
//! are files that work.

mod examples;
mod reference;

use std::fs;

use crate::root;

const PAGE: &str = "docs/providers.md";
const BEGIN: &str = "<!-- reference -->\n";
const END: &str = "<!-- /reference -->";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

#[test]
fn the_reference_of_the_format_is_the_one_in_the_code() {
    let page = read(PAGE);
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (kept, after) = rest.split_once(END).unwrap();
    let made = reference::markdown();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(root().join(PAGE), format!("{before}{BEGIN}\n{made}\n{END}{after}")).unwrap();
        return;
    }
    assert!(kept.trim() == made.trim(), "{PAGE} is another one: UPDATE_SNAPSHOTS=1 writes this\n\n{made}");
}
