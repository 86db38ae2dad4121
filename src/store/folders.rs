//! Where Hoist keeps its files.

use std::io;
use std::path::{Path, PathBuf};

use highway::{HighwayHash, HighwayHasher};

/// The folders of one user, or of one throw-away run.
#[derive(Clone, Debug)]
pub struct Folders {
    /// Holds `settings.toml`.
    pub settings: PathBuf,
    /// Holds what was made: history.
    pub data: PathBuf,
    /// Holds what can be made again: small pictures.
    pub cache: PathBuf,
    /// Holds the logs.
    pub logs: PathBuf,
    /// Holds what shows that a window is open.
    pub run: PathBuf,
}

impl Folders {
    /// Returns the system's folders for Hoist, or those in `home` (`HOIST_HOME`).
    pub fn find(home: Option<&Path>) -> Option<Folders> {
        if let Some(home) = home {
            return Some(Folders::inside(home));
        }
        let dirs = directories::ProjectDirs::from("", "", "hoist")?;
        let data = dirs.data_local_dir().to_owned();
        // All homes of a user share the folder for what runs; what stands in it goes by where their data are.
        let home = HighwayHasher::default().hash64(data.as_os_str().as_encoded_bytes());
        let run = dirs
            .runtime_dir()
            .map_or_else(|| dirs.cache_dir().join("run"), |d| d.join(format!("{home:016x}")));
        Some(Folders {
            settings: dirs.config_dir().to_owned(),
            cache: dirs.cache_dir().to_owned(),
            logs: dirs.state_dir().map_or_else(|| data.join("logs"), |d| d.join("logs")),
            data,
            run,
        })
    }

    /// Returns all of them in one folder.
    pub fn inside(home: &Path) -> Folders {
        let in_it = |name| home.join(name);
        Folders {
            settings: in_it("settings"),
            data: in_it("data"),
            cache: in_it("cache"),
            logs: in_it("logs"),
            run: in_it("run"),
        }
    }

    /// Makes a folder that only its user may look into.
    pub fn make(folder: &Path) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)
    }
}
