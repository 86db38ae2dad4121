//! The file of the settings: read, changed by several programs at once, watched, and set aside where it is damaged.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use toml::Table;

use super::files;
use super::folders::Folders;
use super::settings::{MAX_BYTES, Settings, unique_name};
use super::settings_salvage::{SalvagedSettings, salvage};
use super::{settings_text, unknown_fields};
use crate::model::encoding;

/// What is written before it takes the place of the settings begins so.
const UNFINISHED: &str = ".settings-";

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

    /// Reads it. A file that is damaged is set aside under a dated name, what can be used of it goes on, and that is said
    /// once; without a file all is as it is at first.
    pub fn load(&self) -> (Settings, Option<String>) {
        match self.read() {
            Ok(settings) => (settings.unwrap_or_default(), None),
            Err(SettingsUnread::Unreadable(e)) => {
                let SalvagedSettings { settings, .. } = salvage("");
                let problem = SettingsUnread::Unreadable(e);
                (settings, Some(format!("{problem}: this run starts without them. {PROXY_LOST}")))
            }
            Err(SettingsUnread::Damaged(text)) => self.write(|_| {}).unwrap_or_else(|_| {
                let SalvagedSettings { settings, is_proxy_lost } = salvage(&text);
                let problem = SettingsUnread::Damaged(String::new());
                let sentence = format!("{problem}: this run uses what can be read of it");
                (settings, Some(with_proxy(sentence, is_proxy_lost)))
            }),
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

    /// Returns what it says, for a look that changes nothing.
    pub fn peek(&self) -> Result<Settings, SettingsUnread> {
        self.read().map(Option::unwrap_or_default)
    }

    /// Changes it: reads what is there now (another Hoist may have written), applies `change`, and writes the whole
    /// anew under a lock, which another program may hold for five seconds. Gives back the settings as they are then.
    pub fn update(&self, change: impl FnOnce(&mut Settings)) -> io::Result<Settings> {
        self.write(change).map(|(settings, _)| settings)
    }

    /// Does that, and says where the file was damaged.
    fn write(&self, change: impl FnOnce(&mut Settings)) -> io::Result<(Settings, Option<String>)> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        Folders::make(folder)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let lock = files::open(&folder.join("settings.lock"), &mut options)?;
        files::lock(&lock, files::LOCK_TIMEOUT)?;
        // Whoever holds the lock is the only one that writes. Earlier versions named it `.tmp…`.
        files::remove_unfinished(folder, &[UNFINISHED, ".tmp"]);
        let mut said = None;
        let mut before = Table::new();
        let mut settings = match self.read_table() {
            Ok(Some((settings, table))) => {
                before = table;
                settings
            }
            Ok(None) => Settings::default(),
            Err(SettingsUnread::Damaged(text)) => {
                let name = self.set_aside()?;
                let SalvagedSettings { settings, is_proxy_lost } = salvage(&text);
                let sentence = format!(
                    "The settings file was damaged. Its content is kept as {name}, and what can be used of it goes on"
                );
                said = Some(with_proxy(sentence, is_proxy_lost));
                settings
            }
            Err(SettingsUnread::Unreadable(e)) => return Err(e),
        };
        change(&mut settings);
        let settings = settings.clamped();
        let mut table = Table::try_from(&settings).map_err(io::Error::other)?;
        unknown_fields::keep(&before, &mut table);
        let text = toml::to_string_pretty(&table).map_err(io::Error::other)?;
        files::write_whole(&self.path, UNFINISHED, |file| file.write_all(text.as_bytes()))?;
        Ok((settings, said))
    }

    fn read(&self) -> Result<Option<Settings>, SettingsUnread> {
        Ok(self.read_table()?.map(|(settings, _)| settings))
    }

    /// Reads it, also what this version does not know.
    fn read_table(&self) -> Result<Option<(Settings, Table)>, SettingsUnread> {
        let file = match files::open_to_read(&self.path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(SettingsUnread::Unreadable(e)),
        };
        let mut bytes = vec![];
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(SettingsUnread::Unreadable)?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(SettingsUnread::Damaged(String::new()));
        }
        let damaged = || SettingsUnread::Damaged(String::from_utf8_lossy(&bytes).into_owned());
        // This program never writes an empty one.
        let text = encoding::strict(&bytes).filter(|text| !text.trim().is_empty()).ok_or_else(damaged)?;
        let read = settings_text::read_table(&text).and_then(|table| {
            let settings: Settings = table.clone().try_into()?;
            Ok((settings.clamped(), table))
        });
        read.map(Some).map_err(|_| damaged())
    }

    fn set_aside(&self) -> io::Result<String> {
        let stamp = jiff::Zoned::now().strftime("%Y-%m-%d-%H%M%S");
        let name = unique_name(&format!("settings-damaged-{stamp}"), |name| {
            self.path.with_file_name(format!("{name}.toml")).exists()
        });
        let name = format!("{name}.toml");
        let aside = self.path.with_file_name(&name);
        let target = files::link_target(&self.path)?;
        if target == self.path {
            fs::rename(&self.path, aside)?;
        } else {
            fs::copy(target, aside)?; // the link stays where it is
        }
        Ok(name)
    }
}

/// Why nothing is known of the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsUnread {
    /// The disk did not give them.
    #[error("The settings cannot be read ({})", files::reason(.0))]
    Unreadable(io::Error),
    /// What is in the file are no settings; its text.
    #[error("The settings file is damaged")]
    Damaged(String),
}

/// What is said where it is not known any more through which proxy files are to go.
const PROXY_LOST: &str =
    "The proxy is not known any more: choose it in the settings, until then nothing is sent";

fn with_proxy(sentence: String, is_proxy_lost: bool) -> String {
    if is_proxy_lost { format!("{sentence}. {PROXY_LOST}") } else { sentence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::settings::{Proxy, Theme};

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
        let settings = file.peek().unwrap();
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
        assert!(matches!(settings.proxy, Proxy::Url(text) if Proxy::check(&text).is_err()));
        assert!(said.unwrap().contains("a pipe or a device is in its place"));
        assert!(matches!(file.peek(), Err(SettingsUnread::Unreadable(_))));
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

    #[cfg(unix)]
    #[test]
    fn settings_among_ones_dotfiles_are_changed_there_and_the_link_stays() {
        let (home, file) = file();
        Folders::make(file.path.parent().unwrap()).unwrap();
        let real = home.path().join("dotfiles.toml");
        fs::write(&real, "uploads_at_once = 7").unwrap();
        std::os::unix::fs::symlink(&real, &file.path).unwrap();
        file.update(|s| s.theme = Theme::Dark).unwrap();
        let text = fs::read_to_string(&real).unwrap();
        assert!(file.path.is_symlink() && text.contains("theme = \"dark\""), "{text}");
        assert!(text.contains("uploads_at_once = 7"), "{text}");
        // Also where it is damaged: its content is kept beside the link.
        fs::write(&real, "uploads_at_once = \"many\"").unwrap();
        assert!(file.load().1.unwrap().contains("kept as settings-damaged-"));
        assert!(file.path.is_symlink() && fs::read_to_string(&real).unwrap().contains("uploads_at_once = 4"));
        let kept = fs::read_dir(file.path.parent().unwrap()).unwrap().filter_map(Result::ok);
        assert!(
            kept.into_iter()
                .any(|f| fs::read(f.path()).is_ok_and(|text| text == b"uploads_at_once = \"many\""))
        );
    }

    #[test]
    fn what_a_newer_hoist_has_set_outlives_a_change_by_this_one() {
        let (_home, file) = file();
        Folders::make(file.path.parent().unwrap()).unwrap();
        let text = "theme = \"dark\"\nchosen = \"A\"\nglow = 3\n\n[palette]\nred = \"#f00\"\n\n\
            [[destination]]\nname = \"A\"\nprovider = \"piapi\"\nkey = \"piapi\"\nfolder = \"/renders\"\n\n\
            [[destination]]\nname = \"B\"\nprovider = \"piapi\"\nkey = \"piapi\"\naccount = \"a\"\nfolder = \"/b\"\n";
        fs::write(&file.path, text).unwrap();
        file.update(|s| {
            s.chosen = None;
            s.destinations.retain(|d| d.name == "B");
            s.destinations[0].account = None;
        })
        .unwrap();
        file.update(|s| s.destinations[0].name = "C".into()).unwrap();
        let table: Table = fs::read_to_string(&file.path).unwrap().parse().unwrap();
        assert_eq!((&table["glow"], &table["palette"]["red"]), (&3.into(), &"#f00".into()));
        let [destination] = table["destination"].as_array().unwrap().as_slice() else { panic!("{table}") };
        assert_eq!(destination["folder"], "/b".into());
        assert!(
            table.get("chosen").is_none() && destination.get("account").is_none(),
            "what is unset stays unset"
        );
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
            let proxy = settings.proxy.clone();
            assert_eq!(settings, Settings { proxy: proxy.clone(), ..Settings::default() });
            let said = said.unwrap();
            assert!(said.contains("kept as settings-damaged-"), "{said}");
            // Where it is not known whether there was one, nothing is sent past it.
            assert_eq!(proxy == Proxy::System, content == b"uploads_at_once = \"many\"");
            assert_eq!(said.contains("The proxy is not known any more"), proxy != Proxy::System);
            assert_eq!(file.load(), (settings, None), "it is said once");
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
    fn a_file_as_large_as_may_be_is_read_and_a_byte_more_is_damage() {
        let (_home, file) = file();
        Folders::make(file.path.parent().unwrap()).unwrap();
        let text = "uploads_at_once = 7\n#";
        for (size, read) in [(MAX_BYTES as usize, Some(7)), (MAX_BYTES as usize + 1, None)] {
            fs::write(&file.path, format!("{text}{}", "x".repeat(size - text.len()))).unwrap();
            assert_eq!(file.peek().ok().map(|settings| settings.uploads_at_once), read);
            assert!(file.path.exists(), "a look changes nothing");
        }
        assert!(file.load().1.is_some(), "and it is said");
    }

    #[test]
    fn settings_are_written_in_the_order_in_which_people_know_them() {
        let (_home, file) = file();
        let written = file.update(|settings| settings.theme = Theme::Dark).unwrap();
        let text = std::fs::read_to_string(&file.path).unwrap();
        assert_eq!(text, toml::to_string_pretty(&written).unwrap());
    }
}
