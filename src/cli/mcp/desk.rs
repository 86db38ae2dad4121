//! The session that all calls of a client share.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::cli::output::eprint_line;
use crate::session::Session;
use crate::session::agents::AgentRights;
use crate::session::api::{Folders, UploadId};

/// Looked again after so long, should nothing call before.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long replies are waited for when the client has gone, as after Ctrl+C.
const LAST_REPLIES: Duration = Duration::from_mins(1);

/// The session that calls share: each takes it for a moment, and none keeps it.
pub(super) struct AgentDesk {
    /// None once the client has gone.
    session: Mutex<Option<Session>>,
    changed: Arc<Notify>,
    pub(super) folders: Folders,
    pub(super) rights: AgentRights,
}

/// The client has gone, and with it what it asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClientGone;

impl AgentDesk {
    pub(super) fn new(session: Session, changed: Arc<Notify>, folders: Folders) -> AgentDesk {
        let rights = AgentRights::new(&folders, session.is_sandbox());
        AgentDesk { session: Mutex::new(Some(session)), changed, folders, rights }
    }

    /// Does something with the session.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut Session) -> T) -> Result<T, ClientGone> {
        self.session.lock().as_mut().map(act).ok_or(ClientGone)
    }

    /// Looks whenever there is something to look at, until this gives something back.
    pub(super) async fn until<T>(
        &self,
        mut look: impl FnMut(&mut Session) -> Option<T>,
    ) -> Result<T, ClientGone> {
        loop {
            let changed = self.changed.notified();
            let found = self.with(|session| {
                session.poll();
                for notice in session.take_notices() {
                    eprint_line(&format!("{notice}."));
                }
                look(session)
            })?;
            match found {
                Some(found) => return Ok(found),
                None => _ = tokio::time::timeout(LOOK_EVERY, changed).await,
            }
        }
    }

    /// Cancels what is on its way, and waits for replies that may still come. Gives back the session to end.
    pub(super) async fn close(&self) -> Option<Session> {
        let cancel = |session: &mut Session| {
            let active = session.uploads.queue().items().iter().filter(|item| item.state.is_active());
            let active: Vec<UploadId> = active.map(|item| item.request.id).collect();
            session.uploads.cancel_items(&active);
        };
        if self.with(cancel).is_ok() {
            let is_quiet = |session: &mut Session| {
                let mut items = session.uploads.queue().items().iter();
                (!items.any(|item| item.state.is_active() || item.awaits_late_reply())).then_some(())
            };
            let _ = tokio::time::timeout(LAST_REPLIES, self.until(is_quiet)).await;
        }
        self.session.lock().take()
    }
}
