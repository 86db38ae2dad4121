//! The sandbox in this window: tried without a key, and left again for what was there before.
//!
//! The session of before stays as it is meanwhile, with its queue, history and keys: nothing of the two mixes.

use std::sync::Arc;
use std::sync::mpsc::Receiver;

use crate::session::api::Folders;
use crate::session::{Session, StartError};

/// Starts a session whose providers are a local server.
pub(super) type Starter = Arc<dyn Fn() -> Result<Session, StartError> + Send + Sync>;

/// The sandbox that can be tried in a window.
#[derive(Default)]
pub(super) struct Trial {
    /// How it is started, and where it keeps its files.
    pub(super) sandbox: Option<(Starter, Folders)>,
    pub(super) starting: Option<Receiver<Result<Session, StartError>>>,
    /// The session of before, and its folders, while the sandbox is tried.
    pub(super) parked: Option<(Box<Session>, Option<Folders>)>,
}

impl Trial {
    /// Returns whether the sandbox is tried now: there is a way back.
    pub(super) fn is_on(&self) -> bool {
        self.parked.is_some()
    }

    /// Returns whether it can be tried.
    pub(super) fn is_offered(&self) -> bool {
        self.sandbox.is_some() && self.parked.is_none()
    }

    /// Returns whether it is being started.
    pub(super) fn is_starting(&self) -> bool {
        self.starting.is_some()
    }
}
