//! What the engine is asked, and what it says of uploads.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::fetch::Fetch;
use super::key_check::KeyCheckRequest;
use super::retry::SendAttempts;
use super::slots::SlotAccount;
use crate::media::hash::HashedContent;
use crate::model::error::Failure;
use crate::model::media::{FileFacts, Media};
use crate::model::receipt::Receipt;
use crate::model::record::UploadRequest;
use crate::model::upload::{Event, UploadId};
use crate::store::settings::Proxy;

/// One file to send.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which file, and where it goes.
    pub request: UploadRequest,
    /// What is known of it.
    pub facts: FileFacts,
    /// Its type; one the provider takes.
    pub media: Media,
    /// Whether to ask on where the provider works on it after the upload.
    pub poll: bool,
    /// The number of the write by which the history knows of it; nothing is sent before.
    pub written: u64,
    /// The user agreed to send it though the history cannot be written.
    pub without_history: bool,
    /// It is sent only where no other upload of its content goes, or went, to the same destination.
    pub once: bool,
    /// Its content, once that was read for this.
    pub content: Option<HashedContent>,
}

impl Job {
    pub(super) fn account(&self) -> SlotAccount {
        self.request.destination.account_id()
    }
}

/// Something that happened to an upload.
#[derive(Debug)]
pub struct UploadNews {
    /// The upload that it happened to.
    pub id: UploadId,
    /// The news, for [`crate::model::queue::Queue::apply`].
    pub event: Event,
}

/// Something that the engine is to do.
pub(super) enum EngineCommand {
    Send(Box<Job>),
    ResumePolling(Box<Job>, Box<Receipt>),
    BackOff(SlotAccount, Timestamp),
    Cancel(UploadId),
    CancelAll,
    Pause(bool),
    /// Uploads at a time, and to one account.
    Slots(usize, usize),
    Proxy(Proxy),
    /// What waits, in the order to start it.
    Order(Vec<UploadId>),
    /// Not to go there after all.
    Withdraw(UploadId),
    CheckKey(Box<KeyCheckRequest>),
    Fetch(Box<Fetch>, CancellationToken),
    // From the uploads' own tasks.
    Free(UploadId),
    ScheduleRetry {
        job: Box<Job>,
        tries: SendAttempts,
        pause: Duration,
        failure: Box<Failure>,
    },
    /// Another upload sends the same content: it is looked at again after that.
    AwaitOther {
        job: Box<Job>,
        tries: SendAttempts,
        other: UploadId,
    },
    Ended(UploadId, Option<Box<Failure>>),
}
