//! The rpm, and the archive for any Linux, which holds the same files: both beside Debian's package.

use std::collections::{BTreeMap, BTreeSet};

use crate::root;

use super::read;

fn metadata(name: &str) -> toml::Value {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    manifest["package"]["metadata"][name].clone()
}

/// Where a source goes, with its own name where only a folder is given.
fn target(source: &str, folder_or_file: &str) -> String {
    let name = source.rsplit('/').next().unwrap();
    let whole = if folder_or_file.ends_with('/') {
        format!("{folder_or_file}{name}")
    } else {
        folder_or_file.to_owned()
    };
    whole.trim_start_matches('/').to_owned()
}

/// Source, target and mode of what the rpm and the archive hold.
pub(super) fn files() -> Vec<(String, String, String)> {
    let assets = metadata("generate-rpm")["assets"].as_array().unwrap().clone();
    let files = assets.iter().map(|asset| {
        let [source, dest, mode] =
            ["source", "dest", "mode"].map(|key| asset[key].as_str().unwrap().to_owned());
        let target = target(&source, &dest);
        (source, target, mode)
    });
    files.collect()
}

#[test]
fn the_rpm_and_the_archive_hold_what_debians_package_holds() {
    let held: BTreeMap<_, _> = files().into_iter().map(|(source, target, _)| (source, target)).collect();
    for (source, target, mode) in files() {
        assert!(target.starts_with("usr/"), "{target}");
        assert_eq!(mode, if target.starts_with("usr/bin/") { "755" } else { "644" }, "{source}");
        assert!(source.starts_with("target/") || root().join(&source).is_file(), "{source} is not there");
    }
    // Debian's own, and what the others have in another form.
    let elsewhere = BTreeMap::from([
        ("assets/linux/lintian-overrides", None),
        ("assets/linux/hoist.1", Some(("target/package/hoist.1.gz", "usr/share/man/man1/hoist.1.gz"))),
        (
            "target/package/hoist.zsh",
            Some(("target/package/hoist.zsh", "usr/share/zsh/site-functions/_hoist")),
        ),
        (
            "target/package/copyright",
            Some(("target/package/copyright", "usr/share/licenses/hoist/copyright")),
        ),
        (
            "target/package/crates.txt.gz",
            Some(("target/package/crates.txt.gz", "usr/share/licenses/hoist/crates.txt.gz")),
        ),
        ("CHANGELOG.md", Some(("CHANGELOG.md", "usr/share/doc/hoist/CHANGELOG.md"))),
    ]);
    let debian = metadata("deb")["assets"].as_array().unwrap().clone();
    let mut expected = 0;
    for asset in &debian {
        let [source, dest] = [0, 1].map(|i| asset[i].as_str().unwrap().to_owned());
        let same = target(&source, &dest);
        let Some((source, target)) =
            elsewhere.get(source.as_str()).copied().unwrap_or(Some((source.as_str(), same.as_str())))
        else {
            continue;
        };
        assert_eq!(held.get(source).map(String::as_str), Some(target), "{source}");
        expected += 1;
    }
    // Debian has the texts of these in every system.
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        assert_eq!(held.get(licence), Some(&format!("usr/share/licenses/hoist/{licence}")));
        expected += 1;
    }
    assert_eq!(held.len(), expected, "the rpm holds what Debian's package does not: {held:?}");
}

/// Debian's name of the package of a library, by its rules: `libX11.so.6` is in `libx11-6`.
fn debian_name(library: &str) -> Option<String> {
    let (name, version) = library.strip_suffix("()(64bit)")?.split_once(".so.")?;
    let hyphen = if name.ends_with(|c: char| c.is_ascii_digit()) { "-" } else { "" };
    Some(format!("{}{hyphen}{version}", name.to_lowercase()))
}

#[test]
fn the_rpm_wants_the_libraries_that_debians_package_wants() {
    let rpm = metadata("generate-rpm");
    let deb = metadata("deb");
    // The drivers come with the library there.
    let apart = ["$auto", "libgl1-mesa-dri"];
    let wanted: BTreeSet<String> = rpm["requires"].as_table().unwrap().keys().cloned().collect();
    let wanted: BTreeSet<String> =
        wanted.into_iter().map(|name| debian_name(&name).unwrap_or(name)).collect();
    let depends = deb["depends"].as_str().unwrap().split(',').map(str::trim);
    let depends: BTreeSet<String> = depends.filter(|name| !apart.contains(name)).map(str::to_owned).collect();
    assert_eq!(
        wanted, depends,
        "[package.metadata.generate-rpm.requires] and depends of [package.metadata.deb]"
    );
}
