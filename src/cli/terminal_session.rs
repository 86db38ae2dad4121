//! The session of a terminal command.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use super::output::sentence;
use crate::platform;
use crate::session::api::{Folders, Keys};
use crate::session::{self, Session, Start};

/// Returns the person's own folders, whether or not a sandbox is tried.
pub(super) fn own_folders() -> Result<Folders, String> {
    session::folders(&platform::environment::given(), false).map_err(sentence)
}

/// Returns a session for a terminal command, and a channel that has an entry when there is news.
pub(super) fn start_session(
    sandbox: bool,
    poll: bool,
    stop_on_interrupt: bool,
) -> Result<(Session, Receiver<()>), String> {
    let (wake, news) = news_channel();
    let (session, _) = start_session_with(sandbox, |start| Start { poll, stop_on_interrupt, ..start }, wake)?;
    Ok((session, news))
}

/// Returns the same for a command that goes on until Ctrl+C: it has the time to wait for holds of any length.
pub(super) fn start_watching_session(sandbox: bool) -> Result<(Session, Receiver<()>), String> {
    let (wake, news) = news_channel();
    let patient = |start| Start { longest_hold: None, stop_on_interrupt: true, ..start };
    let (session, _) = start_session_with(sandbox, patient, wake)?;
    Ok((session, news))
}

fn news_channel() -> (Arc<dyn Fn() + Send + Sync>, Receiver<()>) {
    let (ring, news) = mpsc::sync_channel(1);
    let wake = Arc::new(move || {
        let _ = ring.try_send(());
    });
    (wake, news)
}

/// Returns a session that is started as `adjust` says, with a `wake` of one's own, and where it keeps its files.
pub(super) fn start_session_with(
    sandbox: bool,
    adjust: impl FnOnce(Start) -> Start,
    wake: Arc<dyn Fn() + Send + Sync>,
) -> Result<(Session, Folders), String> {
    let environment = platform::environment::given();
    let folders = session::folders(&environment, sandbox).map_err(sentence)?;
    session::log::start(&folders);
    let start = Start {
        environment,
        sandbox,
        longest_hold: Some(Duration::from_mins(2)),
        terminal: true,
        ..Start::new(folders.clone(), Keys::in_keyring())
    };
    let session = Session::start(adjust(start), wake).map_err(sentence)?;
    Ok((session, folders))
}
