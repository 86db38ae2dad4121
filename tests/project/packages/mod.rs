//! What is installed with the program: the manual page, the desktop file, what software centres show, and the list of
//! the packages' files. The steps package, tarball and rpm of `scripts/test-release` make and install the packages themselves.

#[cfg(target_os = "linux")]
mod installer;
mod manual;
mod rpm;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::root;

const METAINFO: &str = "assets/linux/hoist.metainfo.xml";
const DESKTOP: &str = "assets/linux/hoist.desktop";
const MANUAL: &str = "assets/linux/hoist.1";

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// What stands between every `begin` and the next `end`.
fn between<'a>(text: &'a str, begin: &str, end: &str) -> Vec<&'a str> {
    text.split(begin).skip(1).map(|rest| rest.split_once(end).unwrap().0).collect()
}

/// The value of a line `name=` of the desktop file.
fn entry(name: &str) -> String {
    let text = read(DESKTOP);
    let main = text.split("\n[").next().unwrap();
    let mut lines = main.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    lines.next().unwrap_or_else(|| panic!("{DESKTOP} has no {name}")).to_owned()
}

fn list(name: &str) -> BTreeSet<String> {
    entry(name).split(';').filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

/// A release of the metainfo: version, date, type.
fn releases() -> Vec<(String, String, String)> {
    let text = read(METAINFO);
    let field = |release: &str, name: &str| {
        between(release, &format!(" {name}=\""), "\"").first().copied().unwrap_or_default().to_owned()
    };
    let releases = between(&text, "<release ", ">").into_iter().map(|r| format!(" {r}"));
    releases.map(|r| (field(&r, "version"), field(&r, "date"), field(&r, "type"))).collect()
}

/// The releases of the changelog, newest first: `## 1.2.3 (2026-01-31)`.
fn released() -> Vec<(String, String)> {
    let text = read("CHANGELOG.md");
    let heads = text.lines().filter_map(|line| line.strip_prefix("## ")).filter(|head| *head != "Unreleased");
    let parts = heads.map(|head| {
        let parts = head.strip_suffix(')').and_then(|head| head.split_once(" ("));
        let (version, date) = parts.unwrap_or_else(|| panic!("a version and its date: {head}"));
        (version.to_owned(), date.to_owned())
    });
    parts.collect()
}

#[test]
fn the_manual_page_is_the_one_in_the_code() {
    let date = releases().remove(0).1;
    let page = manual::page(&date);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(root().join(MANUAL), page).unwrap();
        return;
    }
    let kept = fs::read_to_string(root().join(MANUAL)).unwrap_or_default();
    assert!(page == kept, "{MANUAL} is another one: UPDATE_SNAPSHOTS=1 writes this\n\n{page}");
}

#[test]
fn the_manual_page_has_every_command_option_and_variable() {
    let page = read(MANUAL);
    let plain = page.replace("\\-", "-");
    let mut seen = 0;
    let mut below = vec![("hoist".to_owned(), hoist::cli::command())];
    while let Some((name, command)) = below.pop() {
        for inner in manual::shown(&command) {
            let inner_name = format!("{name} {}", inner.get_name());
            assert!(plain.contains(&format!("\n.SS \"{inner_name}\"\n")), "no {inner_name}");
            seen += 1;
            below.push((inner_name, inner.clone()));
        }
        let section = plain.split(&format!("\n.SS \"{name}\"\n")).nth(1).unwrap_or(&plain);
        let section = section.split("\n.SS ").next().unwrap();
        for option in command.get_arguments().filter(|a| !a.is_hide_set()) {
            let Some(long) = option.get_long() else { continue };
            assert!(section.contains(&format!("\\fB--{long}\\fR")), "{name} has no --{long}:\n{section}");
        }
        for hidden in command.get_subcommands().filter(|c| c.is_hide_set()) {
            assert!(!plain.contains(hidden.get_name()), "{} is for nobody", hidden.get_name());
        }
    }
    assert!(seen > 15, "{seen} commands");
    for vendor in hoist::provider::shown_vendors() {
        assert!(plain.contains(vendor.env) && plain.contains(vendor.base().env), "{}", vendor.name);
    }
    assert!(!plain.contains("--gallery"), "that is for whoever makes Hoist");
    let status =
        plain.split("\n.SH \"EXIT STATUS\"\n").nth(1).and_then(|rest| rest.split("\n.SH ").next()).unwrap();
    for (number, meaning) in
        [(0, "all done"), (1, "some refused"), (2, "bad usage"), (3, "some outcome unknown")]
    {
        assert!(status.contains(&format!("\\fB{number}\\fR\n{meaning}")), "{number} is {meaning}:\n{status}");
    }
}

#[test]
fn the_newest_release_of_the_metainfo_is_this_version_and_the_changelog_knows_it() {
    let releases = releases();
    let version = env!("CARGO_PKG_VERSION");
    let (newest, _, kind) = &releases[0];
    assert_eq!(newest, version, "{METAINFO} begins with another version than Cargo.toml");
    // Until the changelog has a heading for it, this version is being made.
    let released = released();
    let is_out = released.first().is_some_and(|(newest, _)| newest == version);
    assert_eq!(kind, if is_out { "stable" } else { "development" }, "the type of {version} in {METAINFO}");
    let out: Vec<_> =
        releases.iter().skip(usize::from(!is_out)).map(|r| (r.0.clone(), r.1.clone())).collect();
    assert_eq!(out, released, "the releases of {METAINFO} and of CHANGELOG.md");
}

#[test]
fn the_desktop_file_the_metainfo_and_the_window_go_by_the_same_names() {
    let metainfo = read(METAINFO);
    let only = |name: &str| {
        let found = between(&metainfo, &format!("<{name}>"), &format!("</{name}>"));
        assert_eq!(found.len(), 1, "{name} in {METAINFO}: {found:?}");
        found[0].to_owned()
    };
    let all = |name: &str| -> BTreeSet<String> {
        between(&metainfo, &format!("<{name}>"), &format!("</{name}>"))
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    let desktop = Path::new(DESKTOP).file_name().unwrap().to_str().unwrap();
    assert!(metainfo.contains(&format!("<launchable type=\"desktop-id\">{desktop}</launchable>")));
    assert_eq!(only("binary"), env!("CARGO_PKG_NAME"));
    assert_eq!(entry("Exec").split(' ').next(), Some(env!("CARGO_PKG_NAME")));
    assert_eq!(entry("Name"), metainfo.split("<name>").nth(1).unwrap().split('<').next().unwrap());
    assert!(metainfo.contains(&format!("<icon type=\"stock\">{}</icon>", entry("Icon"))));
    assert_eq!(all("mediatype"), list("MimeType"), "the types in {METAINFO} and in {DESKTOP}");
    assert_eq!(all("category"), list("Categories"), "the categories in {METAINFO} and in {DESKTOP}");
    // The window says which desktop file is its own.
    let window = read("src/ui/launch.rs");
    let id = between(&window, ".with_app_id(\"", "\")");
    assert_eq!(id, [entry("StartupWMClass")]);
    assert_eq!(format!("{}.desktop", id[0]), desktop);
}

#[test]
fn the_package_holds_everything_it_should() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let mut installed = BTreeSet::new();
    for asset in deb["assets"].as_array().unwrap() {
        let [source, target, mode] = [0, 1, 2].map(|i| asset[i].as_str().unwrap().to_owned());
        assert_eq!(mode, if target == "usr/bin/" { "755" } else { "644" }, "{source}");
        // What the build and scripts/package make is below target.
        if !source.starts_with("target/") {
            assert!(root().join(&source).is_file(), "{source} is in Cargo.toml and not there");
        }
        installed.insert((source, target));
    }
    let has = |source: &str, target: &str| {
        assert!(installed.contains(&(source.to_owned(), target.to_owned())), "{source} is not in {target}");
    };
    has("target/release/hoist", "usr/bin/");
    has(DESKTOP, "usr/share/applications/");
    has(METAINFO, "usr/share/metainfo/");
    has(MANUAL, "usr/share/man/man1/");
    for file in fs::read_dir(root().join("assets/icon")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let folder = match name.trim_start_matches("hoist-").trim_end_matches(".png") {
            "hoist.svg" => "scalable".to_owned(),
            size => format!("{size}x{size}"),
        };
        let extension = name.rsplit_once('.').unwrap().1;
        let target = format!("usr/share/icons/hicolor/{folder}/apps/hoist.{extension}");
        has(&format!("assets/icon/{name}"), &target);
    }
    // Everything that is kept for Linux is used.
    let scripts = ["package", "package-content", "package-tarball", "test-package"];
    let script = scripts.map(|name| read(&format!("scripts/{name}"))).concat();
    for file in fs::read_dir(root().join("assets/linux")).unwrap() {
        let name = format!("assets/linux/{}", file.unwrap().file_name().into_string().unwrap());
        let used = installed.iter().any(|(source, _)| *source == name) || script.contains(&name);
        assert!(used, "{name} is in no package");
    }
}

#[test]
fn the_package_depends_on_what_the_window_names_when_it_cannot_be_opened() {
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let named = |field: &str| -> BTreeSet<String> {
        let words = deb[field].as_str().unwrap().split([',', '|']);
        words.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
    };
    let depends = named("depends");
    assert!(depends.contains("$auto") && depends.contains("ca-certificates"), "{depends:?}");
    let said = hoist::platform::display::missing(Some("no display"));
    let (_, packages) = said.split_once("these packages: ").unwrap();
    let packages = packages.split(". ").next().unwrap();
    for package in packages.split(' ') {
        assert!(depends.contains(package), "the package does not depend on {package}");
    }
    for (field, package) in
        [("recommends", "xdg-desktop-portal"), ("recommends", "gnome-keyring"), ("suggests", "ffmpeg")]
    {
        assert!(named(field).contains(package), "{field}: {package}");
    }
}

#[test]
fn the_validators_find_nothing() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let clean = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).current_dir(root()).output();
        let done =
            done.unwrap_or_else(|e| panic!("{program} cannot be started ({e}): run scripts/setup test"));
        let said = [done.stdout, done.stderr].map(|t| String::from_utf8_lossy(&t).into_owned()).concat();
        assert!(done.status.success(), "{program}: {said}");
    };
    clean("desktop-file-validate", &[DESKTOP]);
    // There is no address yet from which a reverse one could be made: docs/packages.md.
    let id = "--override=cid-desktopapp-is-not-rdns=info";
    clean("appstreamcli", &["validate", "--no-net", id, METAINFO]);
}
