//! The session of a terminal command.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::output::sentence;
use crate::platform;
use crate::session::api::{Environment, Folders, Keys};
use crate::session::{self, Session, Start};

/// Returns the person's own folders, whether or not a sandbox is tried.
pub(super) fn own_folders() -> Result<Folders, String> {
    session::folders(&Environment::read(), false).map_err(sentence)
}

/// Returns a session for a terminal command, and a bell that rings when there is something to look at.
pub(super) fn start_session(
    sandbox: bool,
    poll: bool,
    stop_on_interrupt: bool,
) -> Result<(Session, Receiver<()>), String> {
    let (ring, bell) = mpsc::sync_channel(1);
    let wake = Arc::new(move || {
        let _ = ring.try_send(());
    });
    let (session, _) = start_session_with(sandbox, poll, stop_on_interrupt, wake)?;
    Ok((session, bell))
}

/// Returns the same with a bell of one's own, and where the session keeps its files.
pub(super) fn start_session_with(
    sandbox: bool,
    poll: bool,
    stop_on_interrupt: bool,
    wake: Arc<dyn Fn() + Send + Sync>,
) -> Result<(Session, Folders), String> {
    let environment = platform::environment::read_env();
    platform::environment::forget_launch();
    let folders = session::folders(&environment, sandbox).map_err(sentence)?;
    session::log::start(&folders);
    let start = Start {
        environment,
        sandbox,
        longest_hold: Some(Duration::from_mins(2)),
        poll,
        terminal: true,
        stop_on_interrupt,
        ..Start::new(folders.clone(), Keys::in_keyring())
    };
    let session = Session::start(start, wake).map_err(sentence)?;
    Ok((session, folders))
}
