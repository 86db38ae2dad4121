//! What helps to find a fault and tells nothing of anybody: versions, counts and states; never a name, an address, a path
//! or a key.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::Session;
use crate::model::upload::State;
use crate::provider;
use crate::store::files;
use crate::store::folders::Folders;
use crate::store::keys::{KEYRING, KeyringStatus};
use crate::store::settings::{Proxy, Settings, Theme};

/// So many lines of the log.
const LINES: usize = 50;

/// They are looked for in so much of its end.
const TAIL_BYTES: u64 = 64 * 1024;

/// What is known without the disk. The rest is read by `report`.
#[derive(Debug)]
pub struct Diagnostics {
    known: String,
    logs: Option<PathBuf>,
}

/// Collects what helps to find a fault, as of now. `screen` is what the front end knows of its display: "X11, scale 1.25".
pub fn of(session: &Session, folders: Option<&Folders>, screen: &str) -> Diagnostics {
    let mut known = String::new();
    let mut say = |what: &str, how: &str| {
        let _ = writeln!(known, "{what}: {how}");
    };
    say("screen", screen);
    say("keyring", &keyring(&session.keys.accounts().keyring()));
    say("sandbox", yes(session.is_sandbox()));
    let settings = session.keys.settings();
    say("keys", &settings.keys.len().to_string());
    let given = session.keys.given_vendors().count();
    say("keys given by the environment or the sandbox", &given.to_string());
    say("destinations", &destinations(session));
    say("queue", &queue(session));
    say("history", &session.library.count().to_string());
    for (what, how) in choices(settings) {
        say(what, &how);
    }
    Diagnostics { known, logs: folders.map(|f| f.logs.clone()) }
}

impl Diagnostics {
    /// Returns all of it as text to be sent to somebody. Reads from the disk.
    pub fn report(&self) -> String {
        let mut out = format!("Hoist {}\nsystem: {}\n{}", env!("CARGO_PKG_VERSION"), system(), self.known);
        let lines = self.logs.as_deref().map(log).unwrap_or_default();
        let _ = writeln!(out, "the log's last lines: {}", lines.len());
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
        out
    }
}

fn yes(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

fn keyring(standing: &KeyringStatus) -> String {
    match standing {
        KeyringStatus::InMemory => "none, keys are in memory".to_owned(),
        KeyringStatus::NotAsked => format!("{KEYRING}, not asked in this run"),
        KeyringStatus::Answered => format!("{KEYRING}, it answered"),
        KeyringStatus::Failed(problem) => format!("{KEYRING}: {problem}"),
    }
}

/// Returns "PROVIDER 1, OTHER-PROVIDER 2": names of one's own are not in it.
fn destinations(session: &Session) -> String {
    let known = |id: &str| provider::by_id(id).map_or("of an unknown provider", |p| p.facts().id);
    counts(session.keys.settings().destinations.iter().map(|d| known(&d.provider)))
}

fn queue(session: &Session) -> String {
    counts(session.uploads.queue().items().iter().map(|item| match &item.state {
        State::Ready if item.blocking_message().is_some() => "stopped",
        state => state.name(),
    }))
}

fn counts(words: impl Iterator<Item = &'static str>) -> String {
    let mut counts = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_insert(0_usize) += 1;
    }
    let parts: Vec<_> = counts.iter().map(|(word, n)| format!("{word} {n}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

/// Returns the settings without what a person typed.
fn choices(settings: &Settings) -> [(&'static str, String); 7] {
    let theme = match settings.theme {
        Theme::System => "as the system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    };
    let proxy = match settings.proxy {
        Proxy::System => "as the system",
        Proxy::Direct => "none",
        Proxy::Url(_) => "own",
    };
    let at_once = format!("{}, {} for an account", settings.uploads_at_once, settings.uploads_per_account);
    [
        ("theme", theme.to_owned()),
        ("uploads at once", at_once),
        ("copied as", settings.copy_format.label().to_owned()),
        ("copied when done", yes(settings.copy_when_done).to_owned()),
        ("uploaded when added", yes(settings.upload_on_drop).to_owned()),
        ("notifications", yes(settings.notify).to_owned()),
        ("proxy", proxy.to_owned()),
    ]
}

/// Returns the system, its version and its processor's kind.
fn system() -> String {
    let text = |path: &str| {
        let mut text = String::new();
        let file = fs::File::open(path).ok()?;
        file.take(16 * 1024).read_to_string(&mut text).ok()?;
        Some(text)
    };
    let release = text("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    let name = name.map_or(std::env::consts::OS, |name| name.trim_matches('"'));
    let kernel = text("/proc/sys/kernel/osrelease").map(|k| format!(", kernel {}", k.trim()));
    format!("{name}{}, {}", kernel.unwrap_or_default(), std::env::consts::ARCH)
}

/// Returns the last lines of the log, oldest first.
fn log(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        name.strip_prefix("hoist.")?.strip_suffix(".log")?;
        Some(name)
    });
    let mut names: Vec<_> = names.collect();
    names.sort_unstable(); // a file a day, named by it
    let mut lines = vec![];
    for name in names.iter().rev() {
        let text = tail(&folder.join(name)).unwrap_or_default();
        lines.extend(
            text.lines().rev().filter(|line| is_own(line)).take(LINES - lines.len()).map(str::to_owned),
        );
        if lines.len() == LINES {
            break;
        }
    }
    lines.reverse();
    lines
}

fn tail(path: &Path) -> std::io::Result<String> {
    let mut file = files::open_to_read(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = vec![];
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Returns whether a line of the log is as Hoist writes them: a time, a level, a module, then plain words and figures.
/// What a system or a library put into one may be a path, an address or anything else, and such a line is skipped.
fn is_own(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let time = words.next().is_some_and(|word| word.parse::<jiff::Timestamp>().is_ok());
    let level = words.next().is_some_and(|word| ["ERROR", "WARN", "INFO"].contains(&word));
    let module = words.next().and_then(|word| word.strip_suffix(':')).is_some_and(|word| {
        word.split("::").next() == Some("hoist")
            && word.chars().all(|c| c.is_ascii_lowercase() || ":_".contains(c))
    });
    time && level && module && words.all(is_plain)
}

/// Returns whether it is a word, a figure, or `name=` and one of these.
fn is_plain(word: &str) -> bool {
    let value = match word.split_once('=') {
        Some((name, value))
            if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') =>
        {
            value.trim_matches('"')
        }
        _ => word,
    };
    let value = value.trim_start_matches('(').trim_end_matches([',', '.', ':', ';', ')']);
    let figure = value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic() || b == b'\'');
    figure || (value.len() <= 24 && value.split('-').all(letters))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::destination::{Destination, KeyRecord};
    use crate::model::secret::Key;
    use crate::session::Start;
    use crate::store::keys::{KeyringProblem, Keys};
    use crate::store::settings_file::SettingsFile;

    #[test]
    fn only_lines_of_plain_words_and_figures_are_taken_from_the_log() {
        let at = "2026-11-21T07:13:26.123456Z";
        for line in [
            "INFO hoist::ui::app: the first frame milliseconds=111",
            "WARN hoist::engine::upload: an upload failed provider=\"flow-music\" kind=\"wrong-key\"",
            "INFO hoist::engine::upload: an upload ended provider=\"piapi\" bytes=512 seconds=1.25",
            "WARN hoist::store::history: the history cannot be written: database is locked (os error 13)",
            "ERROR hoist::ui: it doesn't open in_all=3",
            "INFO hoist::ui: abcdefghijklmnopqrstuvwx",
        ] {
            assert!(is_own(&format!("{at}  {line}")), "{line}");
            assert!(!is_own(line), "without a time: {line}");
        }
        for line in [
            "INFO reqwest::connect: starting new connection",
            "DEBUG hoist::engine: x",
            "INFO hoist::ui: for jane@studio.com",
            "INFO hoist::ui: at /home/jane/photo",
            "INFO hoist::ui: C:\\Users\\jane",
            "INFO hoist::ui: through http://proxy.example:3128",
            "INFO hoist::ui: key user:1234-MadeUpKey",
            "INFO hoist::ui: key 5f4dcc3b5aa765d61d8327deb882cf99",
            "INFO hoist::ui: account=\"9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8\"",
            "INFO hoist::ui: cover.png",
            "INFO hoist::ui: 封面",
            "INFO hoist::ui: abcdefghijklmnopqrstuvwxyzabcdef",
            "INFO hoist::ui: abcdefghijklmnopqrstuvwxy",
            "INFO hoist::UI: x",
            "INFO hoist::ui x",
            "INFO hoist::ui: =jane",
            "INFO hoist::ui: Jane=x",
        ] {
            assert!(!is_own(&format!("{at}  {line}")), "{line}");
        }
    }

    #[test]
    fn nothing_in_a_report_tells_of_anybody() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let email = "jane@studio.example";
        let destination = Destination {
            name: "Jane's Flow".into(),
            provider: "flow-music".into(),
            key: "jane-key".into(),
            account: Some(email.into()),
            options: BTreeMap::new(),
            fit: crate::model::fit::FitRules::default(),
        };
        let planted = destination.clone();
        let added = jiff::civil::date(2026, 9, 3);
        let record = KeyRecord { name: "jane-key".into(), vendor: "useapi".into(), added, label: None };
        let settings = SettingsFile::new(&folders).update(|settings| {
            settings.proxy = Proxy::Url("http://proxy.jane.example:3128".into());
            settings.templates[0].line = "Jane {id}".into();
            settings.templates[0].name = "Jane's".into();
            settings.chosen = Some(planted.name.clone());
            settings.keys.push(record);
            settings.destinations.push(planted);
        });
        settings.unwrap();
        let keys = Keys::in_memory();
        keys.remember("jane-key", Key::new("user:1234-MadeUpKey".into()).unwrap());
        Folders::make(&folders.logs).unwrap();
        let planted =
            ["user:1234-MadeUpKey", email, "/home/jane/secret.png", "http://proxy.jane.example:3128"];
        let lines = planted.map(|it| format!("2026-11-21T07:13:26Z  WARN hoist::ui: there was {it}\n{it}\n"));
        let sound = "2026-11-21T07:13:26Z  INFO hoist::ui::app: the first frame milliseconds=111\n";
        fs::write(folders.logs.join("hoist.2026-11-21.log"), lines.concat() + sound).unwrap();
        let start = Start::new(folders.clone(), keys);
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        session.add_files_to(["/home/jane/secret.png".into()], &Arc::new(destination));

        let report = of(&session, Some(&folders), "X11, scale 1.25").report();
        for secret in ["MadeUpKey", "jane", "Jane", "studio", "secret", "proxy.", "3128", "http", "/home"] {
            assert!(!report.contains(secret), "{secret}:\n{report}");
        }
        assert!(!report.contains(home.path().to_str().unwrap()), "{report}");
        for line in [
            concat!("Hoist ", env!("CARGO_PKG_VERSION")),
            "screen: X11, scale 1.25",
            "keyring: none, keys are in memory",
            "keys: 1",
            "destinations: flow-music 1",
            "proxy: own",
            "the log's last lines: 1",
        ] {
            assert!(report.lines().any(|there| there == line), "{line}:\n{report}");
        }
        assert!(report.ends_with(sound), "{report}");
    }

    #[test]
    fn every_choice_and_every_keyring_has_its_words() {
        let words = |settings: &Settings| choices(settings).map(|(what, how)| format!("{what}: {how}"));
        let first = Settings::default();
        let expected = [
            "theme: as the system",
            "uploads at once: 4, 2 for an account",
            "copied as: ID",
            "copied when done: no",
            "uploaded when added: no",
            "notifications: yes",
            "proxy: as the system",
        ];
        assert_eq!(words(&first), expected);
        for (theme, word) in [(Theme::Light, "theme: light"), (Theme::Dark, "theme: dark")] {
            assert_eq!(words(&Settings { theme, ..first.clone() })[0], word);
        }
        let proxy = |proxy| words(&Settings { proxy, ..first.clone() })[6].clone();
        assert_eq!(
            (proxy(Proxy::Direct), proxy(Proxy::Url("x".into()))),
            ("proxy: none".into(), "proxy: own".into())
        );
        assert_eq!(keyring(&KeyringStatus::NotAsked), format!("{KEYRING}, not asked in this run"));
        assert_eq!(keyring(&KeyringStatus::Answered), format!("{KEYRING}, it answered"));
        let refused = keyring(&KeyringStatus::Failed(KeyringProblem::Refused));
        assert!(refused.starts_with(KEYRING) && refused.contains("locked"), "{refused}");
        assert_eq!(counts(["b", "a", "b"].into_iter()), "a 1, b 2");
        assert_eq!(counts([].into_iter()), "none");
    }

    #[test]
    fn the_last_lines_are_found_over_several_days() {
        let folder = tempfile::tempdir().unwrap();
        let line = |day: usize, n: usize| format!("2026-11-{day:02}T07:00:00Z  INFO hoist::ui: line n={n}\n");
        let of_day = |day, lines: usize| (0..lines).map(|n| line(day, n)).collect::<String>();
        fs::write(folder.path().join("hoist.2026-11-01.log"), of_day(1, 200)).unwrap();
        fs::write(folder.path().join("hoist.2026-11-02.log"), of_day(2, 20)).unwrap();
        fs::write(folder.path().join("other.log"), of_day(3, 20)).unwrap();
        let lines = log(folder.path());
        assert_eq!(lines.len(), LINES);
        assert_eq!(lines.first(), Some(&line(1, 170).trim_end().to_owned()));
        assert_eq!(lines.last(), Some(&line(2, 19).trim_end().to_owned()));
        assert_eq!(log(&folder.path().join("nowhere")), Vec::<String>::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_system_is_named_with_its_kernel() {
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
        let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
        let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
        let name = name.map_or("linux", |name| name.trim_matches('"'));
        let expected = format!("{name}, kernel {}, {}", kernel.trim(), std::env::consts::ARCH);
        assert_eq!(system(), expected);
    }
}
