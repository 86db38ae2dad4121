//! What a session is started with.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::scan::{Disk, FileSystem};
use super::watch::WatchTimes;
use crate::engine::endpoints::{Endpoints, InvalidEndpoint};
use crate::engine::transport::TimeLimits;
use crate::sandbox::Sandbox;
use crate::store::environment::Environment;
use crate::store::folders::Folders;
use crate::store::history::{Syncer, system_sync};
use crate::store::keys::Keys;

/// Why no session started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The local server of a sandbox.
    #[error("The sandbox cannot start: {0}")]
    Sandbox(io::Error),
    /// An address that was given in place of a documented one.
    #[error(transparent)]
    Endpoint(#[from] InvalidEndpoint),
    /// Whoever writes the history.
    #[error("The history has no thread: {0}")]
    History(io::Error),
    /// Whoever sends.
    #[error("The engine cannot start: {0}")]
    Engine(io::Error),
    /// The system lets the program open too few files.
    #[error(
        "Hoist may have only {limit} files open, and needs {needed}: raise the limit, as with `ulimit -n 1024`"
    )]
    OpenFiles {
        /// How many there may be.
        limit: u64,
        /// How many it takes.
        needed: u64,
    },
    /// Whoever reads and writes files, and makes copies.
    #[error("The system starts no thread for files: {0}. Close other programs, then start Hoist again")]
    Threads(io::Error),
}

/// How a session is started.
pub struct Start {
    /// What the environment says.
    pub environment: Environment,
    /// Where settings are.
    pub folders: Folders,
    /// Where provider files are, where that is not beside the settings: a sandbox plays the person's own.
    pub provider_folders: Option<Folders>,
    /// Everything against a local server: no key, and uploads stay on this computer.
    pub sandbox: bool,
    /// Where keys are kept; a sandbox keeps its own in memory.
    pub keys: Keys,
    /// Longer holds end as held instead of being waited for.
    pub longest_hold: Option<Duration>,
    /// Whether to ask on where a provider works on a file after the upload.
    pub poll: bool,
    /// A terminal's run: no wake is delayed, and no queue of an earlier run comes back.
    pub terminal: bool,
    /// Ctrl+C stops the uploads instead of the program.
    pub stop_on_interrupt: bool,
    /// How long things may take.
    pub limits: TimeLimits,
    /// How long to wait before what was not accepted is sent again.
    pub first_pause: Duration,
    /// How folders are looked at; another one may hang.
    pub look: Arc<dyn FileSystem>,
    /// How long things take while a folder is watched.
    pub watch_times: WatchTimes,
    /// How the history is put on the disk; another one may hang.
    pub sync: Syncer,
}

impl Start {
    /// Starts as a window does, with nothing in the environment.
    pub fn new(folders: Folders, keys: Keys) -> Start {
        Start {
            environment: Environment::default(),
            folders,
            provider_folders: None,
            sandbox: false,
            keys,
            longest_hold: None,
            poll: true,
            terminal: false,
            stop_on_interrupt: false,
            limits: TimeLimits::default(),
            first_pause: Duration::from_secs(1),
            look: Arc::new(Disk),
            watch_times: WatchTimes::default(),
            sync: system_sync(),
        }
    }
}

/// Returns the endpoints the environment or a sandbox asks for.
pub(super) fn endpoints(
    environment: &Environment,
    sandbox: Option<&Sandbox>,
) -> Result<Endpoints, InvalidEndpoint> {
    match sandbox {
        Some(sandbox) => Endpoints::only(&sandbox.origin()),
        None => Endpoints::new(environment.bases.iter().map(|(name, url)| (*name, url.as_str()))),
    }
}

/// Neither the system nor the environment says where Hoist may keep its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("There is no home folder: set HOIST_HOME to a folder for Hoist's files")]
pub struct NoHome;

/// Returns the folders: the user's, or for a sandbox its own inside them, so that nothing of the two mixes.
pub fn folders(environment: &Environment, sandbox: bool) -> Result<Folders, NoHome> {
    let found = Folders::find(environment.home.as_deref()).ok_or(NoHome)?;
    Ok(match sandbox {
        true => Folders { run: found.run.join("sandbox"), ..Folders::inside(&found.data.join("sandbox")) },
        false => found,
    })
}
