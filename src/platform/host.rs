//! What this computer calls itself, and where its user is at home.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::model::drop_data::HostInfo;

/// Returns what is known of this computer, which does not change while the program runs.
pub fn host_info() -> &'static HostInfo {
    static HERE: OnceLock<HostInfo> = OnceLock::new();
    HERE.get_or_init(|| HostInfo {
        host: gethostname::gethostname().to_string_lossy().into_owned(),
        home: directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned()),
    })
}

/// Returns the folder for what is saved without being asked where: the downloads, else the home.
pub fn downloads() -> Option<PathBuf> {
    let dirs = directories::UserDirs::new()?;
    let downloads = dirs.download_dir().filter(|folder| folder.is_dir());
    Some(downloads.unwrap_or(dirs.home_dir()).to_owned())
}
