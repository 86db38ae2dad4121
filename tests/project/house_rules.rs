//! The rules of the house (ARCHITECTURE.md), checked by reading the code. Most are absences: what a compiler cannot see.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hoist::model::media::Media;
use hoist::provider::spec::{Facts, ValueKind};
use hoist::provider::{self, Provider, SandboxUpload, Step, UploadSpec};

use crate::root;

const MAX_FILE_LINES: usize = 1000;

// Reading code.

/// A source file without its comments, and with what is in its texts left out; lines stay where they are.
struct Source {
    /// From the project's folder, with `/`.
    path: String,
    code: String,
}

impl Source {
    fn read(path: &Path) -> Source {
        let relative = path.strip_prefix(root()).unwrap().components();
        let path_text = relative.map(|c| c.as_os_str().to_str().unwrap()).collect::<Vec<_>>().join("/");
        Source { path: path_text, code: code(&fs::read_to_string(path).unwrap()) }
    }

    /// The module it belongs to, and how deep below the crate's root it is: `engine`, 2 for `src/engine/body.rs`.
    fn module(&self) -> Option<(&str, usize)> {
        let parts: Vec<_> = self.path.strip_prefix("src/")?.strip_suffix(".rs")?.split('/').collect();
        match parts[..] {
            ["main" | "lib"] | [] => None,
            [first, .., "mod"] => Some((first, parts.len() - 1)),
            [first, ..] => Some((first, parts.len())),
        }
    }

    fn is_in(&self, folder: &str) -> bool {
        self.path.starts_with(&format!("{folder}/")) || self.path == format!("{folder}.rs")
    }

    /// Every path it names, in full: `use a::{b, c::d}` is `a::b` and `a::c::d`.
    fn paths(&self) -> Vec<Named> {
        let tokens = tokens(&self.code);
        let mut at = 0;
        let mut all = vec![];
        while at < tokens.len() {
            match tokens[at].1 {
                Token::Word(_) => tree(&tokens, &mut at, &[], &mut all),
                _ => at += 1,
            }
        }
        all
    }
}

/// A path that is named in a line.
struct Named {
    line: usize,
    parts: Vec<String>,
}

impl Named {
    fn starts(&self, with: &str) -> bool {
        let with: Vec<_> = with.split("::").collect();
        self.parts.len() >= with.len() && self.parts.iter().zip(with).all(|(a, b)| a == b)
    }

    /// Whether these parts follow each other anywhere in it.
    fn has(&self, parts: &str) -> bool {
        let parts: Vec<_> = parts.split("::").collect();
        self.parts.windows(parts.len()).any(|w| w == parts)
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    Colons,
    Sign(char),
}

fn tokens(code: &str) -> Vec<(usize, Token<'_>)> {
    let mut all = vec![];
    for (number, line) in code.lines().enumerate() {
        let mut rest = line;
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (token, length) = if word > 0 {
                (Token::Word(&rest[..word]), word)
            } else if rest.starts_with("::") {
                (Token::Colons, 2)
            } else {
                (Token::Sign(first), first.len_utf8())
            };
            if token != Token::Sign(' ') {
                all.push((number + 1, token));
            }
            rest = &rest[length..];
        }
    }
    all
}

/// One path or, in a `use`, a tree of them.
fn tree(tokens: &[(usize, Token<'_>)], at: &mut usize, before: &[String], all: &mut Vec<Named>) {
    let mut parts = before.to_vec();
    let line = tokens[*at].0;
    let token = |at: usize| tokens.get(at).map(|t| t.1);
    loop {
        match token(*at) {
            Some(Token::Word(word)) => {
                parts.push(word.to_owned());
                *at += 1;
            }
            Some(Token::Sign('*')) if parts.len() > before.len() || !before.is_empty() => {
                parts.push("*".to_owned());
                *at += 1;
            }
            _ => break,
        }
        if token(*at) != Some(Token::Colons) {
            break;
        }
        *at += 1;
        if token(*at) == Some(Token::Sign('{')) {
            *at += 1;
            while let Some(next) = token(*at) {
                match next {
                    Token::Sign('}') => {
                        *at += 1;
                        return;
                    }
                    Token::Word("as") => *at += 2,
                    Token::Word(_) | Token::Sign('*') => tree(tokens, at, &parts, all),
                    _ => *at += 1,
                }
            }
            return;
        }
    }
    all.push(Named { line, parts });
}

/// Code with comments left out and texts empty.
fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut i = 0;
    // Leaves out everything before `end`, but keeps its lines.
    let skip = |out: &mut String, from: usize, end: usize| {
        out.extend(chars[from..end.min(chars.len())].iter().filter(|c| **c == '\n'));
        end
    };
    while i < chars.len() {
        let end = match (at(i), at(i + 1)) {
            ('/', '/') => (i..chars.len()).find(|n| at(*n) == '\n').unwrap_or(chars.len()),
            ('/', '*') => {
                let (mut depth, mut n) = (1, i + 2);
                while depth > 0 && n < chars.len() {
                    match (at(n), at(n + 1)) {
                        ('/', '*') => (depth, n) = (depth + 1, n + 2),
                        ('*', '/') => (depth, n) = (depth - 1, n + 2),
                        _ => n += 1,
                    }
                }
                n
            }
            ('r', '#' | '"') if !is_word(i.checked_sub(1).map_or(' ', at)) || at(i - 1) == 'b' => {
                let hashes = (i + 1..chars.len()).take_while(|n| at(*n) == '#').count();
                if at(i + 1 + hashes) == '"' {
                    let ends = |n: &usize| at(*n) == '"' && (1..=hashes).all(|h| at(n + h) == '#');
                    (i + 2 + hashes..chars.len()).find(ends).map_or(chars.len(), |n| n + 1 + hashes)
                } else {
                    i
                }
            }
            ('"', _) => quoted(&chars, i, '"'),
            // A letter, and no lifetime.
            ('\'', '\\') => quoted(&chars, i, '\''),
            ('\'', _) if at(i + 2) == '\'' => i + 3,
            _ => i,
        };
        if end == i {
            out.push(at(i));
            i += 1;
        } else {
            i = skip(&mut out, i, end);
            out.push(' ');
        }
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Where a text that begins at `from` has ended.
fn quoted(chars: &[char], from: usize, quote: char) -> usize {
    let mut n = from + 1;
    while n < chars.len() && chars[n] != quote {
        n += if chars[n] == '\\' { 2 } else { 1 };
    }
    n + 1
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let mut all: Vec<_> = entries.map(|e| e.unwrap().path()).collect();
    all.sort();
    all.into_iter()
        .flat_map(|path| match path.extension() {
            _ if path.is_dir() => rust_files(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => vec![],
        })
        .collect()
}

fn sources(folders: &[&str]) -> Vec<Source> {
    let all: Vec<_> = folders
        .iter()
        .flat_map(|folder| rust_files(&root().join(folder)))
        .map(|path| Source::read(&path))
        .collect();
    assert!(!all.is_empty());
    all
}

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
fn the_reader_of_code_sees_paths_and_no_comments_or_texts() {
    let text = r##"
        // crate::comment::a
        /* crate::comment::b /* crate::nested */ crate::comment::c */
        use crate::one::{self, two::{three as crates, *}, four};
        fn f<'a>(x: &'a str) -> char { let _ = ("crate::text \" crate::x", r#"crate::raw" "#, b"\\"); '"' }
        fn g() { crate::after::<u8>(); '\''; "#" }
    "##;
    let source = Source { path: "src/a.rs".into(), code: code(text) };
    let named = source.paths();
    let of_crate: Vec<_> = named.iter().filter(|n| n.starts("crate")).collect();
    let shown: Vec<_> = of_crate.iter().map(|n| (n.line, n.parts.join("::"))).collect();
    let expected =
        [(4, "one::self"), (4, "one::two::three"), (4, "one::two::*"), (4, "one::four"), (6, "after")];
    assert_eq!(shown, expected.map(|(line, path)| (line, format!("crate::{path}"))));
    assert_eq!(code(text).lines().count(), text.lines().count());
}

// The rules.

#[test]
fn modules_use_only_those_declared_above_them() {
    let library = Source::read(&root().join("src/lib.rs"));
    let tokens = tokens(&library.code);
    let order: Vec<_> = tokens
        .windows(2)
        .filter_map(|w| match (w[0].1, w[1].1) {
            (Token::Word("mod"), Token::Word(name)) => Some(name),
            _ => None,
        })
        .collect();
    assert!(order.len() >= 10 && order[0] == "model" && order.last() == Some(&"ui"), "{order:?}");
    let mut broken = Broken::default();
    for source in sources(&["src"]) {
        let Some((module, depth)) = source.module() else { continue };
        let Some(place) = order.iter().position(|m| *m == module) else {
            broken.add(&source, 1, "is in no module of src/lib.rs");
            continue;
        };
        // Inside `mod tests { … }` one more `super` is needed to leave the file's module.
        let inline = source.code.lines().position(|l| l.trim_start().starts_with("mod tests {"));
        for named in source.paths() {
            let inside = usize::from(inline.is_some_and(|first| named.line > first));
            let supers = named.parts.iter().take_while(|p| *p == "super").count();
            if supers >= depth + inside {
                broken.add(&source, named.line, "super:: leaves its module: write crate::");
            }
            if named.parts[0] != "crate" {
                continue;
            }
            match named.parts.get(1) {
                None => {} // `pub(crate)`
                Some(other) if order[..=place].contains(&other.as_str()) => {}
                Some(other) => {
                    broken.add(&source, named.line, &format!("{module} is below {other} and may not use it"));
                }
            }
        }
    }
    broken.none("A module uses only modules that src/lib.rs declares above it");
}

#[test]
fn the_window_toolkit_is_in_the_window_only() {
    let mut broken = Broken::default();
    for source in sources(&["src"]).iter().filter(|s| !s.is_in("src/ui") && !s.is_in("src/platform")) {
        for named in source.paths() {
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
    for source in &sources {
        for named in source.paths() {
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
        for named in source.paths() {
            if named.has("expose") || named.has("expose_secret") || named.has("ExposeSecret") {
                if may.contains(&source.path.as_str()) {
                    seen += 1;
                } else {
                    broken.add(&source, named.line, "sees a key");
                }
            }
        }
    }
    broken.none("Only transport and the keyring see a key");
    assert!(seen >= 3, "the rule looks for what is not there any more");
}

#[test]
fn unsafe_code_has_one_home() {
    let mut broken = Broken::default();
    for source in sources(&["src", "tests", "benches"]).iter().filter(|s| !s.is_in("src/platform")) {
        for named in source.paths().iter().filter(|n| n.has("unsafe") || n.has("unsafe_code")) {
            broken.add(source, named.line, "unsafe");
        }
    }
    broken.none("`unsafe` is in src/platform only");
}

#[test]
fn nothing_is_left_undone_and_no_test_is_left_out() {
    let mut broken = Broken::default();
    for source in sources(&["src", "tests", "benches"]) {
        for (number, line) in source.code.lines().enumerate() {
            let line: String = line.split_whitespace().collect();
            for word in ["todo!", "unimplemented!", "dbg!", "#[ignore", "#![ignore", ",ignore)]", ",ignore="]
            {
                let boundary = |at: usize| !line[..at].ends_with(is_word) || !word.starts_with(is_word);
                if line.match_indices(word).any(|(at, _)| boundary(at)) {
                    broken.add(&source, number + 1, word);
                }
            }
        }
    }
    broken.none("No `todo!`, `unimplemented!`, `dbg!` or ignored test");
}

#[test]
fn files_stay_short_enough_to_read() {
    let paths = ["src", "tests", "benches"].iter().flat_map(|folder| rust_files(&root().join(folder)));
    let long: Vec<_> = paths
        .map(|path| (fs::read_to_string(&path).unwrap().lines().count(), path))
        .filter(|(lines, _)| *lines > MAX_FILE_LINES)
        .collect();
    assert!(long.is_empty(), "over {MAX_FILE_LINES} lines: {long:?}");
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

#[test]
fn file_managers_offer_hoist_for_what_the_providers_take() {
    let entry = fs::read_to_string(root().join("assets/linux/hoist.desktop")).unwrap();
    let line = entry.lines().find_map(|line| line.strip_prefix("MimeType=")).unwrap();
    let taken = |media: &Media| provider::ALL.iter().any(|p| p.facts().types().any(|m| m == *media));
    // All but lyrics, which are plain text there: Hoist is no program to open every text with.
    let types = Media::ALL.into_iter().filter(taken).map(Media::mime).filter(|mime| *mime != "text/plain");
    let names = types.flat_map(|mime| {
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

// The README's table.

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
    for provider in provider::ALL {
        let facts = provider.facts();
        let (takes, service) = (facts.summary(), facts.service);
        writeln!(
            out,
            "| {} `{}` | {takes} | {} `{}` | `{}` | {} |",
            facts.name,
            facts.id,
            service.name,
            service.env,
            copied_first(provider),
            notes(facts)
        )
        .unwrap();
    }
    out
}

/// The name of the value that is copied first: asked of the provider with the reply its documents show.
fn copied_first(provider: &dyn Provider) -> String {
    let facts = provider.facts();
    let media = facts.types().next().unwrap();
    let (status, body) = provider.example(&arrived(media));
    let reply = provider::http::Reply { status, body: body.to_string().into_bytes(), ..Default::default() };
    let options = BTreeMap::new();
    let outgoing = UploadSpec { name: "a", media, size: 1, account: None, options: &options, known_id: None };
    let now = "2026-03-01T12:00:00Z".parse().unwrap();
    let (Step::Done(receipt) | Step::Poll { receipt, .. }) = provider.reply(&outgoing, &reply, now).unwrap();
    let first = receipt.values.iter().find(|(_, value)| value == receipt.first());
    first.unwrap_or_else(|| panic!("{} names no value to copy", facts.id)).0.clone()
}

fn arrived(media: Media) -> SandboxUpload {
    SandboxUpload {
        media,
        size: 1,
        name: None,
        account: None,
        pixels: None,
        uuid: "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8".into(),
        origin: "http://127.0.0.1".into(),
        polled: 0,
    }
}

fn notes(facts: &Facts) -> String {
    let mut notes = vec![];
    if let Some(why) = facts.legacy {
        notes.push(format!("Legacy: {why}"));
    }
    if let Some(lives) = facts.retention {
        notes.push(format!("Files are deleted {} hours after the upload", lives.as_secs() / 3600));
    }
    if let Some(account) = facts.account {
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
