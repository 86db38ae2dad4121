//! What the user set: saved destinations, the names of keys (never the keys), and choices.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use toml::Table;

use super::files;
use super::folders::Folders;
use super::proxy::{InvalidProxy, ProxyAddress};
use super::settings_text;
use crate::model::copy_format::{CopyFormat, CopyTemplate};
use crate::model::destination::{Destination, KeyRecord, MAX_NAME, validate_name};
use crate::model::text::capitalized;

/// A settings file larger than this is not one.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// What is written before it takes the place of the settings begins so.
const UNFINISHED: &str = ".settings-";

/// The longest template that is kept, in bytes.
const MAX_TEMPLATE: usize = 4096;

/// More templates than these are in no menu.
pub const MAX_TEMPLATES: usize = 50;

/// More providers than these are not hidden.
const MAX_HIDDEN: usize = 1000;

/// Light, dark, or what the system has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// What the system has.
    #[default]
    System,
    /// Dark on light, whatever the system has.
    Light,
    /// Light on dark, whatever the system has.
    Dark,
}

/// As what the window shows the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HistoryStyle {
    /// A row for each upload, with what is known of it in columns.
    List,
    /// Pictures beside each other.
    #[default]
    Grid,
}

/// Which proxy requests go through. Loopback addresses never do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proxy {
    /// What the environment or the system says.
    #[default]
    System,
    /// None.
    Direct,
    /// This one: `http://host:port`, `https://…` or `socks5://…`. What stands there may be none that can be used.
    Url(String),
}

impl Proxy {
    /// Returns whether an address of one's own can be used, and kept in a file.
    pub fn check(address: &str) -> Result<(), InvalidProxySetting> {
        match ProxyAddress::read(address)?.has_sign_in() {
            true => Err(InvalidProxySetting::SignIn),
            false => Ok(()),
        }
    }
}

/// Why an address of one's own is not taken over as the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProxySetting {
    /// It is none.
    #[error("{}", capitalized(&.0.to_string()))]
    Address(#[from] InvalidProxy),
    /// It holds a password.
    #[error("Settings are a file and store no password: set this proxy in HTTPS_PROXY instead")]
    SignIn,
}

/// The content of `settings.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// Uploads at a time.
    pub uploads_at_once: usize,
    /// Uploads at a time to one account.
    pub uploads_per_account: usize,
    /// What is copied.
    pub copy_format: CopyFormat,
    /// The name of the template that `CopyFormat::Template` copies; the first one where it is none's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_template: Option<String>,
    /// Finished files are copied by themselves, once a batch.
    pub copy_when_done: bool,
    /// Files are sent as soon as they are added.
    pub upload_on_drop: bool,
    /// A finished batch is told of by the system, where the window is not in front.
    pub notify: bool,
    /// As what the history is shown.
    pub history_style: HistoryStyle,
    /// How hosts are reached.
    pub proxy: Proxy,
    /// The providers that lists do not show, by ID.
    pub hidden_providers: Vec<String>,
    /// The destination chosen last, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Lines of one's own, in the order of menus.
    #[serde(rename = "template")]
    pub templates: Vec<CopyTemplate>,
    /// What is remembered of the saved keys.
    #[serde(rename = "key")]
    pub keys: Vec<KeyRecord>,
    /// The saved destinations, in the order they are shown.
    #[serde(rename = "destination")]
    pub destinations: Vec<Destination>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            theme: Theme::System,
            uploads_at_once: 4,
            uploads_per_account: 2,
            copy_format: CopyFormat::default(),
            chosen_template: None,
            copy_when_done: false,
            upload_on_drop: false,
            notify: true,
            history_style: HistoryStyle::default(),
            proxy: Proxy::System,
            hidden_providers: vec![],
            chosen: None,
            templates: vec![CopyTemplate::first("{name}: {id}")],
            keys: vec![],
            destinations: vec![],
        }
    }
}

impl Settings {
    /// Returns the template that is chosen: the first one where none is.
    pub fn template(&self) -> Option<&CopyTemplate> {
        let chosen = |t: &&CopyTemplate| Some(&t.name) == self.chosen_template.as_ref();
        self.templates.iter().find(chosen).or(self.templates.first())
    }

    /// Returns the line of that template.
    pub fn template_line(&self) -> &str {
        self.template().map_or("", |template| &template.line)
    }

    /// Returns a name like `wanted` that no destination has.
    pub fn free_name(&self, wanted: &str) -> String {
        unique_name(wanted, |name| self.destinations.iter().any(|d| d.name == name))
    }

    /// Returns the same within bounds, as it would be read from the file.
    #[must_use]
    pub fn clamped(mut self) -> Settings {
        self.uploads_at_once = self.uploads_at_once.clamp(1, 16);
        self.uploads_per_account = self.uploads_per_account.clamp(1, 16);
        for CopyTemplate { line, .. } in &mut self.templates {
            line.truncate(line.floor_char_boundary(MAX_TEMPLATE));
        }
        // One that cannot be used stays: nothing is sent then, and never without the proxy that somebody wanted.
        if let Proxy::Url(text) = &mut self.proxy
            && let Ok(address) = ProxyAddress::read(text)
            && address.has_sign_in()
        {
            *text = address.without_sign_in().url();
        }
        self.hidden_providers.sort();
        self.hidden_providers.dedup();
        self.hidden_providers.truncate(MAX_HIDDEN);
        let mut seen = std::collections::HashSet::new();
        self.destinations.retain(|d| seen.insert(d.name.clone()));
        seen.clear();
        self.keys.retain(|k| seen.insert(k.name.clone()));
        seen.clear();
        self.templates.retain(|t| validate_name(&t.name, MAX_NAME).is_ok() && seen.insert(t.name.clone()));
        self.templates.truncate(MAX_TEMPLATES);
        self.chosen_template.take_if(|name| !self.templates.iter().any(|t| t.name == *name));
        if self.templates.is_empty() && self.copy_format == CopyFormat::Template {
            self.copy_format = CopyFormat::Id;
        }
        self
    }
}

/// Returns `wanted`, or a name like it that is not taken.
pub fn unique_name(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut n = 2;
    while taken(&name) {
        name = format!("{wanted} {n}");
        n += 1;
    }
    name
}

/// The settings file of one folder.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
}

impl SettingsFile {
    /// Returns the one in these folders.
    pub fn new(folders: &Folders) -> SettingsFile {
        SettingsFile { path: folders.settings.join("settings.toml") }
    }

    /// Reads it. A file that is damaged is set aside under a dated name, and that is said once; without a file all is
    /// as it is at first.
    pub fn load(&self) -> (Settings, Option<String>) {
        match self.read() {
            Ok(Some(settings)) => (settings, None),
            Ok(None) => (Settings::default(), None),
            Err(ReadFailure::Unreadable(e)) => (
                Settings::default(),
                Some(format!(
                    "The settings cannot be read ({}): this run starts without them",
                    files::reason(&e)
                )),
            ),
            Err(ReadFailure::Damaged) => {
                let said = match self.set_aside() {
                    Ok(name) => {
                        format!(
                            "The settings file was damaged. Its content is kept as {name}, and a new file is used"
                        )
                    }
                    Err(_) => "The settings file is damaged: this run starts without it".to_owned(),
                };
                (Settings::default(), Some(said))
            }
        }
    }

    /// Returns when it was written last, and how long it is; nothing where it is not there.
    fn stamp(&self) -> Option<(SystemTime, u64)> {
        let meta = fs::metadata(&self.path).ok()?;
        Some((meta.modified().ok()?, meta.len()))
    }

    /// Watches it: each call gives back what it says, if it was written since the call before. Nothing where it
    /// cannot be read: what was read last stays.
    pub fn watch(&self) -> impl FnMut() -> Option<Settings> + Send + use<> {
        let file = self.clone();
        let mut seen = file.stamp();
        move || {
            let stamp = file.stamp();
            if stamp == seen {
                return None;
            }
            seen = stamp;
            file.read().ok().flatten()
        }
    }

    /// Returns what it says, for a look that changes nothing and tells nothing.
    pub fn peek(&self) -> Settings {
        self.read().ok().flatten().unwrap_or_default()
    }

    /// Changes it: reads what is there now (another Hoist may have written), applies `change`, and writes the whole
    /// anew under a lock, which another program may hold for five seconds. Gives back the settings as they are then.
    pub fn update(&self, change: impl FnOnce(&mut Settings)) -> io::Result<Settings> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        Folders::make(folder)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = files::open(&folder.join("settings.lock"), &mut options)?;
        files::lock(&lock, files::LOCK_TIMEOUT)?;
        // Whoever holds the lock is the only one that writes. Earlier versions named it `.tmp…`.
        files::remove_unfinished(folder, &[UNFINISHED, ".tmp"]);
        let mut settings = match self.read() {
            Ok(settings) => settings.unwrap_or_default(),
            Err(ReadFailure::Damaged) => {
                self.set_aside()?;
                Settings::default()
            }
            Err(ReadFailure::Unreadable(e)) => return Err(e),
        };
        change(&mut settings);
        let settings = settings.clamped();
        let text = toml::to_string_pretty(&settings).map_err(io::Error::other)?;
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?; // 0600 on Unix
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        files::replace(file, &self.path)?;
        Ok(settings)
    }

    fn read(&self) -> Result<Option<Settings>, ReadFailure> {
        let file = match files::open_to_read(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(ReadFailure::Unreadable(e)),
        };
        let text = files::read_text(file, MAX_BYTES).map_err(|e| match e.kind() {
            io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidData => ReadFailure::Damaged,
            _ => ReadFailure::Unreadable(e),
        })?;
        let settings = settings_text::read_table(&text).and_then(Table::try_into::<Settings>);
        settings.map(|s| Some(s.clamped())).map_err(|_| ReadFailure::Damaged)
    }

    fn set_aside(&self) -> io::Result<String> {
        let stamp = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S");
        let name = unique_name(&format!("settings-damaged-{stamp}"), |name| {
            self.path.with_file_name(format!("{name}.toml")).exists()
        });
        let name = format!("{name}.toml");
        fs::rename(&self.path, self.path.with_file_name(&name))?;
        Ok(name)
    }
}

enum ReadFailure {
    Unreadable(io::Error),
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, SettingsFile) {
        let home = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(&Folders::inside(home.path()));
        (home, file)
    }

    #[test]
    fn changes_of_two_programs_are_both_kept() {
        let (_home, file) = file();
        let other = file.clone();
        file.update(|s| s.uploads_at_once = 7).unwrap();
        other.update(|s| s.theme = Theme::Dark).unwrap();
        let (settings, said) = file.load();
        assert_eq!((settings.uploads_at_once, settings.theme, said), (7, Theme::Dark, None));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file.path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_change_that_another_hoist_makes_meanwhile_is_not_lost() {
        let (_home, file) = file();
        file.update(|s| s.uploads_at_once = 2).unwrap();
        let other = file.clone();
        let mut elsewhere = None;
        file.update(|s| {
            let changes = std::thread::spawn(move || other.update(|s| s.uploads_at_once = 7).unwrap());
            // With the lock it waits until this is over; without it, there is time for it to be overwritten.
            let end = std::time::Instant::now() + std::time::Duration::from_millis(300);
            while !changes.is_finished() && std::time::Instant::now() < end {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            elsewhere = Some(changes);
            s.theme = Theme::Dark;
        })
        .unwrap();
        elsewhere.unwrap().join().unwrap();
        let settings = file.peek();
        assert_eq!((settings.uploads_at_once, settings.theme), (7, Theme::Dark));
    }

    #[test]
    fn what_a_killed_hoist_left_unfinished_goes_with_the_next_change() {
        let (home, file) = file();
        file.update(|s| s.uploads_at_once = 2).unwrap();
        let folder = home.path().join("settings");
        for name in [".settings-a1b2c3", ".tmpXyZ"] {
            fs::write(folder.join(name), "half").unwrap();
        }
        file.update(|s| s.uploads_at_once = 3).unwrap();
        let names =
            fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        assert_eq!(names, ["settings.lock", "settings.toml"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_or_a_lock_of_somebody_else_is_said_and_not_waited_for() {
        let (home, file) = file();
        let folder = home.path().join("settings");
        Folders::make(&folder).unwrap();
        files::make_pipe(&file.path);
        let (settings, said) = file.load();
        assert_eq!(settings, Settings::default());
        assert!(said.unwrap().contains("a pipe or a device is in its place"));
        assert_eq!(file.peek(), Settings::default());
        assert!(file.update(|s| s.theme = Theme::Dark).is_err());
        fs::remove_file(&file.path).unwrap();
        let lock = folder.join("settings.lock");
        fs::remove_file(&lock).unwrap();
        files::make_pipe(&lock);
        assert!(file.update(|s| s.theme = Theme::Dark).is_err());
        fs::remove_file(&lock).unwrap();
        let held = fs::File::create(&lock).unwrap();
        held.lock().unwrap();
        let e = file.update(|s| s.theme = Theme::Dark).unwrap_err();
        assert_eq!(e.to_string(), "another program has locked it");
        drop(held);
        assert_eq!(file.update(|s| s.theme = Theme::Dark).unwrap().theme, Theme::Dark);
    }

    #[test]
    fn a_damaged_file_is_kept_aside_and_said() {
        for content in
            [&b"theme = "[..], b"\xff\xfe\0", b"uploads_at_once = \"many\"", &vec![b'#'; 2_000_000]]
        {
            let (home, file) = file();
            Folders::make(file.path.parent().unwrap()).unwrap();
            fs::write(&file.path, content).unwrap();
            let (settings, said) = file.load();
            assert_eq!(settings, Settings::default());
            assert!(said.unwrap().contains("kept as settings-damaged-"));
            let kept = fs::read_dir(home.path().join("settings")).unwrap().filter_map(Result::ok);
            assert!(kept.into_iter().any(|f| fs::read(f.path()).unwrap() == content));
        }
    }

    #[test]
    fn a_proxy_is_an_address_without_a_password() {
        for good in ["http://proxy.example.com:8080", "socks5://127.0.0.1:1080", "https://proxy"] {
            assert_eq!(Proxy::check(good), Ok(()), "{good}");
        }
        for bad in ["proxy", "ftp://proxy", "http://", "http://user:word@proxy:80", "http://user@proxy"] {
            let said = Proxy::check(bad).unwrap_err().to_string();
            assert!(said.starts_with(char::is_uppercase) && !said.contains("user"), "{bad}: {said}");
        }
        let (_home, file) = file();
        let settings = file.update(|s| s.proxy = Proxy::Url("http://user:word@proxy".to_owned())).unwrap();
        assert_eq!(settings.proxy, Proxy::Url("http://proxy".to_owned()), "the password is not kept");
        for bad in ["proxy", "htp://proxy:80", "http://proxy:port"] {
            let settings = file.update(|s| s.proxy = Proxy::Url(bad.to_owned())).unwrap();
            assert_eq!(
                settings.proxy,
                Proxy::Url(bad.to_owned()),
                "it is not replaced by a direct connection"
            );
        }
    }

    #[test]
    fn what_shells_and_editors_of_windows_write_is_read() {
        let (_home, file) = file();
        Folders::make(file.path.parent().unwrap()).unwrap();
        let text = "uploads_at_once = 7\r\n";
        let utf16: Vec<u8> =
            [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        for bytes in [[b"\xef\xbb\xbf", text.as_bytes()].concat(), utf16] {
            fs::write(&file.path, bytes).unwrap();
            let (settings, said) = file.load();
            assert_eq!((settings.uploads_at_once, said), (7, None));
        }
    }

    #[test]
    fn hostile_numbers_are_brought_into_range() {
        let (_home, file) = file();
        let settings = file.update(|s| s.uploads_at_once = usize::MAX >> 1).unwrap();
        assert_eq!(settings.uploads_at_once, 16);
    }

    #[test]
    fn what_makes_no_sense_in_a_file_is_left_out_and_the_rest_stays() {
        let destination = |name: &str, provider: &str| Destination {
            name: name.into(),
            provider: provider.into(),
            key: "k".into(),
            account: None,
            options: std::collections::BTreeMap::new(),
            fit: crate::model::fit::FitRules::default(),
        };
        let key = |name: &str, vendor: &str| KeyRecord {
            name: name.into(),
            vendor: vendor.into(),
            added: jiff::civil::date(2026, 9, 3),
            label: None,
        };
        let settings = Settings {
            uploads_at_once: 0,
            uploads_per_account: 99,
            templates: vec![
                CopyTemplate::first(&format!("{}ä", "x".repeat(MAX_TEMPLATE - 1))),
                CopyTemplate::first("of the same name"),
                CopyTemplate { name: "a\nb".into(), line: "{id}".into() },
            ],
            chosen_template: Some("gone".into()),
            proxy: Proxy::Url("http://proxy.example.com:8080".into()),
            destinations: vec![
                destination("a", "piapi"),
                destination("b", "piapi"),
                destination("a", "indream"),
            ],
            keys: vec![key("k", "piapi"), key("l", "piapi"), key("k", "indream")],
            ..Settings::default()
        };
        let sane = settings.clone().clamped();
        assert_eq!((sane.uploads_at_once, sane.uploads_per_account), (1, 16));
        assert_eq!(
            sane.templates,
            [CopyTemplate::first(&"x".repeat(MAX_TEMPLATE - 1))],
            "no letter is cut in two"
        );
        assert_eq!(sane.chosen_template, None);
        assert_eq!(sane.proxy, settings.proxy);
        assert_eq!(
            sane.destinations,
            [destination("a", "piapi"), destination("b", "piapi")],
            "the first of a name"
        );
        assert_eq!(sane.keys, [key("k", "piapi"), key("l", "piapi")]);
        assert_eq!(sane.clone().clamped(), sane);
        let whole = Settings {
            templates: vec![CopyTemplate::first(&"x".repeat(MAX_TEMPLATE))],
            uploads_at_once: 16,
            ..Settings::default()
        };
        assert_eq!(whole.clone().clamped(), whole);
        let none = Settings { templates: vec![], copy_format: CopyFormat::Template, ..Settings::default() };
        assert_eq!(none.clamped().copy_format, CopyFormat::Id, "a format that is not there is not used");
    }

    #[test]
    fn a_template_is_chosen_by_its_name() {
        let template = |name: &str| CopyTemplate { name: name.into(), line: format!("{name} {{id}}") };
        let chosen = |name: Option<&str>| {
            let chosen_template = name.map(ToOwned::to_owned);
            let templates = vec![template("a"), template("b")];
            let settings = Settings { chosen_template, templates, ..Settings::default() };
            settings.template_line().to_owned()
        };
        assert_eq!([None, Some("b"), Some("gone")].map(chosen), ["a {id}", "b {id}", "a {id}"]);
    }

    #[test]
    fn a_free_name_is_the_wanted_one_or_counts_from_two() {
        let taken = |names: &'static [&str]| move |name: &str| names.contains(&name);
        assert_eq!(unique_name("a", taken(&[])), "a");
        assert_eq!(unique_name("a", taken(&["a"])), "a 2");
        assert_eq!(unique_name("a", taken(&["a", "a 2", "a 4"])), "a 3");
    }

    #[test]
    fn a_file_as_large_as_may_be_is_read_and_a_byte_more_is_damage() {
        let (_home, file) = file();
        Folders::make(file.path.parent().unwrap()).unwrap();
        let text = "uploads_at_once = 7\n#";
        for (size, read) in [(MAX_BYTES as usize, 7), (MAX_BYTES as usize + 1, 4)] {
            fs::write(&file.path, format!("{text}{}", "x".repeat(size - text.len()))).unwrap();
            assert_eq!(file.peek().uploads_at_once, read);
            assert!(file.path.exists(), "a look changes nothing");
        }
        assert!(file.load().1.is_some(), "and it is said");
    }
}
