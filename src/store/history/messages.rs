//! What the threads of the history say to each other and to the session.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use tokio::sync::oneshot;

use super::claim::{Claim, ClaimRequest};
use super::recovery::Opened;
use super::write::Write;
use crate::model::upload::UploadId;

/// Puts what was written to a file on the disk. Another way than the system's is for tests.
pub type Syncer = Arc<dyn Fn(&File) -> io::Result<()> + Send + Sync>;

/// What the history has to tell.
#[derive(Debug)]
pub enum HistoryEvent {
    /// It is open, and this was found. Told once, first.
    Opened(Opened),
    /// Something a person should know.
    Said(String),
    /// Something was written. Told only to those that adopt queues: windows.
    Changed,
}

/// What the writing thread is asked.
pub(super) enum WriterMessage {
    Write(u64, Box<Write>),
    /// An upload wants to be the only one that sends its content.
    Claim(Box<ClaimRequest>, oneshot::Sender<Claim>),
    /// Whoever read it found damage, and hears here when it has been dealt with.
    Damaged(Option<Sender<()>>),
    Stop,
}

/// How far the writing has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CommitProgress {
    /// Everything up to this number is committed, or proved impossible for now.
    pub(super) done: u64,
    /// Everything up to this number is committed.
    pub(super) kept: u64,
}

/// What is not in the history, and why.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    pub(super) reason: Option<String>,
    pub(super) ids: HashSet<UploadId>,
}
