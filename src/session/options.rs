//! What a session is started with.

use std::sync::Arc;
use std::time::Duration;

use super::scan::{Disk, Look};
use crate::engine::endpoints::Endpoints;
use crate::engine::transport::Limits;
use crate::sandbox::Sandbox;
use crate::store::environment::Environment;
use crate::store::folders::Folders;
use crate::store::history::{Syncer, system_sync};
use crate::store::keys::Keys;

/// How a session is started.
pub struct Start {
    /// What the environment says.
    pub environment: Environment,
    /// Where settings are.
    pub folders: Folders,
    /// Everything against a local server: no key, nothing leaves the computer.
    pub sandbox: bool,
    /// Where keys are kept; a sandbox keeps its own in memory.
    pub keys: Keys,
    /// Longer holds end as held instead of being waited for.
    pub longest_hold: Option<Duration>,
    /// Whether to ask on where a service works on a file after the upload.
    pub poll: bool,
    /// A terminal's run: no wake is delayed, and no queue of an earlier run comes back.
    pub terminal: bool,
    /// Ctrl+C stops the uploads instead of the program.
    pub stop_on_interrupt: bool,
    /// How long things may take.
    pub limits: Limits,
    /// How long to wait before what was not accepted is sent again.
    pub first_pause: Duration,
    /// How folders are looked at; another one may hang.
    pub look: Arc<dyn Look>,
    /// How the history is put on the disk; another one may hang.
    pub sync: Syncer,
}

impl Start {
    /// As a window starts, with nothing in the environment.
    pub fn new(folders: Folders, keys: Keys) -> Start {
        Start {
            environment: Environment::default(),
            folders,
            sandbox: false,
            keys,
            longest_hold: None,
            poll: true,
            terminal: false,
            stop_on_interrupt: false,
            limits: Limits::default(),
            first_pause: Duration::from_secs(1),
            look: Arc::new(Disk),
            sync: system_sync(),
        }
    }
}

/// The endpoints the environment or a sandbox asks for.
pub(super) fn endpoints(environment: &Environment, sandbox: Option<&Sandbox>) -> Result<Endpoints, String> {
    match sandbox {
        Some(sandbox) => Endpoints::new(sandbox.bases().iter().map(|(name, url)| (*name, url.as_str()))),
        None => Endpoints::new(environment.bases.iter().map(|(name, url)| (*name, url.as_str()))),
    }
}

/// The folders: the user's, or for a sandbox its own inside them, so that nothing of the two mixes.
pub fn folders(environment: &Environment, sandbox: bool) -> Result<Folders, String> {
    let home = environment.home.as_deref();
    let found =
        Folders::find(home).ok_or("There is no home folder: set HOIST_HOME to a folder for Hoist's files")?;
    Ok(match sandbox {
        true => Folders { run: found.run.join("sandbox"), ..Folders::inside(&found.data.join("sandbox")) },
        false => found,
    })
}
