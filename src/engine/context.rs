//! What the engine's tasks share, and the way out for what they have to say.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use super::claim_order::ClaimOrder;
use super::fetch::Fetched;
use super::key_check::KeyCheckResult;
use super::messages::{EngineCommand, UploadNews};
use super::transport::Transport;
use crate::model::secret::Key;
use crate::model::upload::{Event, UploadId};
use crate::store::history::History;
use crate::store::keys::Keys;

/// What the tasks of uploads share.
pub(super) struct EngineContext {
    pub(super) transport: Transport,
    pub(super) keys: Keys,
    pub(super) given_keys: HashMap<&'static str, Key>,
    pub(super) history: History,
    pub(super) claims: ClaimOrder,
    pub(super) poll_every: Option<Duration>,
    pub(super) poll_for: Duration,
    pub(super) first_pause: Duration,
    pub(super) longest_hold: Option<Duration>,
    pub(super) out: EventSink,
    pub(super) own: mpsc::WeakUnboundedSender<EngineCommand>,
    /// Ctrl+C was pressed: nothing is started any more.
    pub(super) interrupted: Arc<AtomicBool>,
    /// Late answers are not waited for any more.
    pub(super) stop_waiting: CancellationToken,
}

impl EngineContext {
    /// Returns whether a pause is longer than an upload waits.
    pub(super) fn is_too_long(&self, until: Timestamp) -> bool {
        self.longest_hold.is_some_and(|most| {
            until.duration_since(Timestamp::now()) > most.try_into().unwrap_or(SignedDuration::MAX)
        })
    }

    pub(super) fn send_command(&self, command: EngineCommand) {
        if let Some(own) = self.own.upgrade() {
            let _ = own.send(command);
        }
    }
}

/// The way out for news.
#[derive(Clone)]
pub(super) struct EventSink {
    pub(super) news: mpsc::Sender<UploadNews>,
    pub(super) answers: mpsc::Sender<KeyCheckResult>,
    pub(super) fetched: mpsc::Sender<Fetched>,
    pub(super) wake: Arc<Notify>,
}

impl EventSink {
    /// Sends news that must arrive: it waits for room.
    pub(super) async fn send_event(&self, id: UploadId, event: Event) {
        let _ = self.news.send(UploadNews { id, event }).await;
        self.wake.notify_one();
    }

    /// Sends a reply to a question, which must arrive.
    pub(super) async fn answer(&self, answer: KeyCheckResult) {
        let _ = self.answers.send(answer).await;
        self.wake.notify_one();
    }

    /// Sends what became of a download, which must arrive.
    pub(super) async fn fetched(&self, fetched: Fetched) {
        let _ = self.fetched.send(fetched).await;
        self.wake.notify_one();
    }

    /// Sends how far a download is, which may be dropped.
    pub(super) fn fetching(&self, fetched: Fetched) {
        if self.fetched.try_send(fetched).is_ok() {
            self.wake.notify_one();
        }
    }

    /// Sends progress, which may be dropped: the next progress replaces it.
    pub(super) fn progress(&self, id: UploadId, sent: u64) {
        if self.news.try_send(UploadNews { id, event: Event::Progress(sent) }).is_ok() {
            self.wake.notify_one();
        }
    }
}
