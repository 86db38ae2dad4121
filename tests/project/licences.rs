//! What Hoist is made of is named with its licence, in full and as it is now.

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use crate::root;

/// What is in a release build and is no crate of its own.
const OTHERS: [&str; 4] = ["Inter", "JetBrains Mono", "Lucide icons", "SQLite"];

/// What Cargo says is in a release build for each system: `name version` and the licence.
fn in_the_builds() -> BTreeSet<(String, String)> {
    let targets = ["x86_64-unknown-linux-gnu", "x86_64-pc-windows-gnu", "aarch64-apple-darwin"];
    targets.into_iter().flat_map(in_the_build).collect()
}

fn in_the_build(target: &str) -> BTreeSet<(String, String)> {
    // Not offline: those of the other system may not be here yet.
    let listed = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--target", target])
        .args(["--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let text = String::from_utf8(listed.stdout).unwrap();
    let crates = text.lines().filter_map(|line| {
        let (package, licence) = line.trim_end_matches(" (*)").split_once('|')?;
        let mut words = package.split(' ');
        let (name, version) = (words.next()?, words.next()?.trim_start_matches('v'));
        (!name.starts_with("hoist")).then(|| (format!("{name} {version}"), licence.to_owned()))
    });
    crates.collect()
}

#[test]
fn every_crate_of_the_release_build_is_named_with_its_licence_and_source() {
    let text = fs::read_to_string(root().join("assets/licences/crates.txt")).unwrap();
    let mut named = BTreeSet::new();
    for line in text.lines() {
        let [name, licence, source] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three fields with tabs between them: {line}")
        };
        assert!(!licence.is_empty(), "{name} has no licence");
        assert!(source.starts_with("http"), "{name} has no source");
        if !OTHERS.iter().any(|other| name.starts_with(other)) {
            named.insert((name.to_owned(), licence.to_owned()));
        }
    }
    let there = in_the_builds();
    assert!(there.len() > 100, "{there:?}");
    let missing: Vec<_> = there.difference(&named).collect();
    let gone: Vec<_> = named.difference(&there).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "run assets/licences/make.sh\nnot named: {missing:?}\nnot there any more: {gone:?}"
    );
}
