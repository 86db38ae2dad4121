//! The rules of the house (ARCHITECTURE.md), checked by reading the code. Most are absences: what a compiler cannot see.

mod circles;
mod items;
mod names;
mod readme;
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use hoist::model::media::Media;
use hoist::provider;

use crate::root;
use source::{Kind, Source, module_of, sources};

const MAX_FILE_LINES: usize = 600;

/// What breaks a rule, a line each.
#[derive(Default)]
struct Broken(Vec<String>);

impl Broken {
    fn add(&mut self, source: &Source, line: usize, what: &str) {
        self.0.push(format!("{}:{line}: {what}", source.path));
    }

    fn none(&self, rule: &str) {
        assert!(self.0.is_empty(), "{rule}\n{}", self.0.join("\n"));
    }
}

#[test]
fn modules_use_only_those_declared_above_them() {
    let sources = sources(&["src"]);
    let library = sources.iter().find(|source| source.path == "src/lib.rs").unwrap();
    let declared = library.definitions.iter().filter(|d| d.kind == Kind::Module && d.module.is_empty());
    let order: Vec<_> = declared.map(|d| d.name.as_str()).collect();
    assert!(order.len() >= 10 && order[0] == "model" && order.last() == Some(&"ui"), "{order:?}");
    let mut broken = Broken::default();
    for source in sources {
        let Some(module) = source.module() else { continue };
        let Some(at) = order.iter().position(|m| *m == module) else {
            broken.add(source, 1, "is in no module of src/lib.rs");
            continue;
        };
        for named in &source.paths {
            let supers = named.parts.iter().take_while(|part| *part == "super").count();
            if supers >= named.module.len() {
                broken.add(source, named.line, "super:: leaves its module: write crate::");
            }
            if named.parts[0] != "crate" {
                continue;
            }
            match named.parts.get(1) {
                None => {} // `pub(crate)`
                Some(other) if order[..=at].contains(&other.as_str()) => {}
                Some(other) => {
                    broken.add(source, named.line, &format!("{module} is below {other} and may not use it"));
                }
            }
        }
    }
    broken.none("A module uses only modules that src/lib.rs declares above it");
}

#[test]
fn faces_use_the_session_and_the_platform_and_nothing_else() {
    let mut broken = Broken::default();
    for source in sources(&["src"]) {
        let may: &[&str] = match source.module().as_deref() {
            Some("cli") => &["crate::cli", "crate::session", "crate::platform"],
            Some("ui") => &["crate::ui", "crate::session", "crate::platform"],
            // What is compiled into the program itself chooses between them.
            _ if source.path == "src/main.rs" => &["hoist::cli", "hoist::ui", "hoist::platform"],
            _ => continue,
        };
        let others = |part: &String| part == "crate" || part == "hoist";
        for named in source.paths.iter().filter(|n| !n.for_tests && n.parts.len() > 1 && others(&n.parts[0]))
        {
            if !may.iter().any(|path| named.starts(path)) {
                broken.add(source, named.line, &named.parts.join("::"));
            }
        }
    }
    broken.none("A front end uses `session`, which passes on what it needs (`session::api`), and `platform`");
}

#[test]
fn the_window_toolkit_is_in_the_window_only() {
    let mut broken = Broken::default();
    for source in sources(&["src"]).into_iter().filter(|s| !s.is_in("src/ui") && !s.is_in("src/platform")) {
        for named in &source.paths {
            if ["egui", "eframe", "rfd", "egui_kittest", "epaint", "winit"].iter().any(|c| named.starts(c)) {
                broken.add(source, named.line, &named.parts.join("::"));
            }
        }
    }
    broken.none("egui, eframe and rfd appear in src/ui and src/platform only");
}

/// Whether a file of `folder` names any of these paths.
fn names_none(folder: &str, forbidden: &[&str], rule: &str) {
    let mut broken = Broken::default();
    let sources: Vec<_> = sources(&["src"]).into_iter().filter(|s| s.is_in(folder)).collect();
    assert!(!sources.is_empty(), "{folder} is empty");
    for source in sources {
        for named in &source.paths {
            for path in forbidden.iter().filter(|path| named.has(path)) {
                broken.add(source, named.line, path);
            }
        }
    }
    broken.none(rule);
}

#[test]
fn a_provider_opens_no_socket_reads_no_file_or_clock_logs_nothing_and_sees_no_key() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::io",
        "std::env",
        "std::process",
        "std::thread",
        "tokio",
        "reqwest",
        "tracing",
        "println",
        "eprintln",
        "SystemTime",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
        "Key",
        "secret",
    ];
    names_none("src/provider", &forbidden, "A provider is facts and pure functions");
}

#[test]
fn no_code_but_the_providers_own_names_one() {
    let mut names = vec![];
    let mut parts = vec![];
    for facts in provider::all().into_iter().map(|p| p.facts()) {
        let vendor = facts.vendor;
        // Some of the others are programs that leave their names in pictures, too.
        if facts.is_shown() {
            names.extend([facts.id, facts.name, vendor.id, vendor.name]);
        }
        parts.extend([vendor.env, vendor.sandbox.key, facts.request.path]);
        parts.extend(vendor.endpoints.iter().flat_map(|base| [base.env, base.url]));
        parts.extend(vendor.check.iter().map(|check| check.path));
        parts.extend(facts.account.listing.map(|listing| listing.path));
    }
    let all = sources(&["src"]);
    let for_tests: Vec<_> = all.iter().flat_map(|source| &source.test_modules).collect();
    let is_compiled = |module: Vec<String>| !for_tests.iter().any(|test| module.starts_with(test));
    let mut broken = Broken::default();
    let spoken: Vec<_> = provider::shown().flat_map(|f| [f.id, f.name].map(str::to_lowercase)).collect();
    for source in all {
        if !module_of(&source.path).is_none_or(is_compiled) {
            continue;
        }
        // Not in a comment either: what is said there of one is read as if it were of all.
        let whole = fs::read_to_string(root().join(&source.path)).unwrap();
        let code = whole.split("#[cfg(test)]").next().unwrap_or_default().to_lowercase();
        for (index, line) in code.lines().enumerate() {
            if let Some(name) = spoken.iter().find(|name| line.contains(*name)) {
                broken.add(source, index + 1, name);
            }
        }
        for (line, text, _) in source.texts.iter().filter(|(.., for_tests)| !for_tests) {
            let named = names.iter().find(|name| text == *name);
            if let Some(name) = named.or_else(|| parts.iter().find(|part| text.contains(**part))) {
                broken.add(source, *line, name);
            }
        }
    }
    broken.none("A new provider is a file of its own: everything else reads the table");
}

#[test]
fn the_model_is_plain_data() {
    let forbidden = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "tokio",
        "reqwest",
        "tracing",
        "SystemTime::now",
        "Instant",
        "Timestamp::now",
        "Zoned::now",
    ];
    names_none("src/model", &forbidden, "The model does no I/O and reads no clock");
}

#[test]
fn keys_are_exposed_to_requests_and_the_keyring_only() {
    let may = ["src/engine/transport.rs", "src/store/keys.rs", "src/model/secret.rs"];
    let mut broken = Broken::default();
    let mut seen = 0;
    for source in sources(&["src"]) {
        for named in &source.paths {
            if named.has("expose") || named.has("expose_secret") || named.has("ExposeSecret") {
                if may.contains(&source.path.as_str()) {
                    seen += 1;
                } else {
                    broken.add(source, named.line, "sees a key");
                }
            }
        }
    }
    broken.none("Only transport and the keyring see a key");
    assert!(seen >= 3, "the rule looks for what is not there any more");
}

/// Files with an exception from what `clippy.toml` forbids, each with its reason beside it.
const EXCEPTED: [&str; 8] = [
    "src/engine/client.rs",
    "src/engine/fetch/ssrf_guard.rs",
    "src/engine/transport.rs",
    "src/model/secret.rs",
    "src/platform/clipboard.rs",
    "src/store/keys.rs",
    "src/ui/widgets/tip.rs",
    "tests/ui/accounts.rs",
];

#[test]
fn what_clippy_forbids_has_few_exceptions() {
    let mut broken = Broken::default();
    let mut seen = BTreeSet::new();
    for source in sources(&["src", "crates", "tests", "benches"]) {
        for named in source.paths.iter().filter(|named| named.has("disallowed_methods")) {
            match EXCEPTED.iter().find(|file| **file == source.path) {
                Some(file) => _ = seen.insert(file),
                None => broken.add(source, named.line, "is an exception"),
            }
        }
    }
    broken.none("What clippy.toml forbids is done in the files named here only");
    assert_eq!(seen.len(), EXCEPTED.len(), "some need no exception any more: {seen:?}");
}

#[test]
fn unsafe_code_has_one_home() {
    let mut broken = Broken::default();
    for source in
        sources(&["src", "crates", "tests", "benches"]).into_iter().filter(|s| !s.is_in("src/platform"))
    {
        for named in source.paths.iter().filter(|n| n.has("unsafe") || n.has("unsafe_code")) {
            broken.add(source, named.line, "unsafe");
        }
    }
    broken.none("`unsafe` is in src/platform only");
}

#[test]
fn nothing_is_left_undone_and_no_test_is_left_out() {
    let mut broken = Broken::default();
    for source in sources(&["src", "crates", "tests", "benches"]) {
        for (line, name) in &source.macros {
            if ["todo", "unimplemented", "dbg"].contains(&name.as_str()) {
                broken.add(source, *line, &format!("{name}!"));
            }
        }
        for line in &source.ignored {
            broken.add(source, *line, "#[ignore]");
        }
    }
    broken.none("No `todo!`, `unimplemented!`, `dbg!` or ignored test");
}

#[test]
fn files_stay_short_enough_to_read() {
    let mut broken = Broken::default();
    for source in sources(&["src", "crates", "tests", "benches"]) {
        if source.lines > MAX_FILE_LINES {
            broken.add(source, source.lines, "is too long");
        }
    }
    broken.none(&format!("No file is longer than {MAX_FILE_LINES} lines"));
}

#[test]
fn nothing_names_the_machine_it_was_made_on_or_a_registry() {
    // Files that are not ignored, whether git follows them already or not.
    let list = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(list.status.success(), "{}", String::from_utf8_lossy(&list.stderr));
    let list = String::from_utf8(list.stdout).unwrap();
    let names: Vec<_> = list.split('\0').filter(|name| !name.is_empty()).collect();
    assert!(names.contains(&"Cargo.toml") && names.contains(&"src/lib.rs"), "{names:?}");
    // In two pieces, so that this file does not break its own rule.
    let forbidden =
        [("/wo", "rk/"), ("/tmp", "/hh"), ("crates", ".io"), ("py", "pi"), ("npm", "js"), ("deb", ".debian")]
            .map(|(a, b)| format!("{a}{b}"));
    // How Cargo itself names its default registry in a lock file.
    let cargos = format!("source = \"registry+https://github.com/rust-lang/{}-index\"", forbidden[2]);
    let mut broken = vec![];
    for name in names {
        // What was removed and not yet committed, and what is no text.
        let Ok(text) = fs::read_to_string(root().join(name)) else { continue };
        for (number, line) in text.lines().enumerate() {
            if line == cargos && name == "Cargo.lock" {
                continue;
            }
            for word in forbidden.iter().filter(|word| line.contains(word.as_str())) {
                broken.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert!(broken.is_empty(), "No path of a machine and no registry's host:\n{}", broken.join("\n"));
}

#[test]
fn the_pipeline_runs_what_people_run() {
    let read = |name: &str| fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let calls = |line: &str| !line.trim_start().starts_with('#') && line.contains("scripts/test");
    assert!(read(".ci/run").lines().any(calls), ".ci/run does not call scripts/test");
    assert!(read("scripts/test").contains("cargo test"), "scripts/test runs no tests");
}

/// What desktops call some types, where that is not what is sent.
const CALLED: [(&str, &[&str]); 4] = [
    ("image/heic", &["image/heif"]),
    ("audio/wav", &["audio/x-wav", "audio/vnd.wave"]),
    ("audio/mp4", &["audio/x-m4a"]),
    ("video/x-msvideo", &["video/vnd.avi"]),
];

/// The types that a provider takes. All but lyrics, which are plain text: Hoist is no program to open every text with.
fn opened_types() -> impl Iterator<Item = Media> {
    let taken = |media: &Media| provider::all().into_iter().any(|p| p.facts().types().any(|m| m == *media));
    Media::ALL.into_iter().filter(taken).filter(|media| media.mime() != "text/plain")
}

#[test]
fn explorer_offers_hoist_for_what_the_providers_take() {
    let installer = fs::read_to_string(root().join("assets/windows/hoist.nsi")).unwrap();
    let lines = installer.lines().filter_map(|line| line.trim().strip_prefix("!insertmacro OpenWith ."));
    let expected = opened_types().flat_map(|media| media.extensions().iter().copied());
    assert_eq!(lines.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn file_managers_offer_hoist_for_what_the_providers_take() {
    let entry = fs::read_to_string(root().join("assets/linux/hoist.desktop")).unwrap();
    let line = entry.lines().find_map(|line| line.strip_prefix("MimeType=")).unwrap();
    let names = opened_types().map(Media::mime).flat_map(|mime| {
        let more = CALLED.iter().find(|(known, _)| *known == mime).map_or(&[][..], |(_, more)| more);
        std::iter::once(mime).chain(more.iter().copied())
    });
    let expected = names.collect::<Vec<_>>().join(";") + ";";
    assert_eq!(line, expected);
    assert!(entry.contains("\nStartupNotify=true\n") && entry.contains("\nExec=hoist %F\n"), "{entry}");
    assert!(entry.contains("\nActions=new-window;\n"), "{entry}");
    assert!(
        entry.contains("\n[Desktop Action new-window]\nName=New Window\nExec=hoist --new-window"),
        "{entry}"
    );
}
