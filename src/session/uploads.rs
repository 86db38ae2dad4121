//! The queue, the engine that sends it, and the batch that was requested last.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::fit_book::FitBook;
use super::next_step::NextStep;
use super::progress::Progress;
use crate::engine::Engine;
use crate::media::workers::WorkerClient;
use crate::model::queue::Queue;
use crate::model::text;
use crate::model::upload::UploadId;
use crate::store::history::{History, Write};

/// The longest name of an agent that is remembered, in characters.
const MAX_AGENT: usize = 60;

/// The queue and what sends it. Whoever changes a file's state writes that into the history.
pub struct Uploads {
    pub(super) queue: Queue,
    pub(super) engine: Engine,
    pub(super) workers: WorkerClient,
    pub(super) history: History,
    pub(super) batch: Batch,
    pub(super) hashing: Hashing,
    pub(super) fits: FitBook,
    /// The revision of the queue that they are of, and the next steps.
    pub(super) next_step: (Option<u64>, NextStep),
    /// A terminal's files are in no queue that could come back.
    pub(super) terminal: bool,
    /// Whether to poll a provider that still works on a file after the upload.
    pub(super) polls: bool,
    /// Nothing new is started.
    pub(super) paused: bool,
    /// The user brought the queue into an order of its own.
    pub(super) has_custom_order: bool,
    /// Jobs were submitted since the engine last received the order in which to start them.
    pub(super) is_engine_order_stale: bool,
    /// The agent that requests what is added from now on; none where a person does.
    pub(super) agent: Option<String>,
}

/// What was requested since nothing was going.
#[derive(Default)]
pub(super) struct Batch {
    /// Requested since the last batch ended.
    pub(super) ids: HashSet<UploadId>,
    /// Requested since nothing was going, with its sizes: what has left the queue still counts.
    pub(super) sizes: HashMap<UploadId, u64>,
    /// Those with a result that were taken from the queue since: they count as uploaded all the same.
    pub(super) taken_out: HashSet<UploadId>,
    /// How far it was: a file that is sent once more does not set it back.
    pub(super) reached: Progress,
    /// The queue's revision that was of.
    pub(super) reached_at: Option<u64>,
    /// Whether the user sends this batch though the history cannot be written; `None` until asked.
    pub(super) without_history: Option<bool>,
    /// Not sent, since the history cannot be written: the user is to be asked.
    pub(super) unrecorded: Vec<UploadId>,
}

/// Which contents are to be hashed when nothing else is to be done.
#[derive(Default)]
pub(super) struct Hashing {
    /// Staged, and not hashed yet.
    pub(super) staged: BTreeSet<UploadId>,
    /// Those of them that the workers have.
    pub(super) current: BTreeSet<UploadId>,
}

impl Uploads {
    /// Returns an empty queue over a running engine.
    pub(super) fn new(
        engine: Engine,
        workers: WorkerClient,
        history: History,
        fits: FitBook,
        terminal: bool,
        polls: bool,
    ) -> Uploads {
        Uploads {
            queue: Queue::starting_at(history.first_id(), !terminal),
            engine,
            workers,
            history,
            batch: Batch::default(),
            hashing: Hashing::default(),
            fits,
            next_step: (None, NextStep::default()),
            terminal,
            polls,
            paused: false,
            has_custom_order: false,
            is_engine_order_stale: false,
            agent: None,
        }
    }

    /// Returns the files, in order.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Marks what is added from now on as requested by an agent of this name.
    pub fn mark_agent(&mut self, name: &str) {
        self.agent = Some(text::elide(&text::sanitize(name), MAX_AGENT));
    }

    /// Returns whether Ctrl+C was pressed.
    pub fn is_interrupted(&self) -> bool {
        self.engine.is_interrupted()
    }

    /// Writes an item that the engine does not have into the history. Returns the number of that write.
    pub(super) fn persist(&self, id: UploadId) -> u64 {
        match self.queue.get(id) {
            Some(item) => self.history.write(Write::Put(item.request.clone(), item.state.clone())),
            None => 0,
        }
    }

    /// Writes a file that is only staged into the history, unless it is a terminal's: those are in no queue that could
    /// come back.
    pub(super) fn persist_in_queue(&self, id: UploadId) {
        if !self.terminal {
            self.persist(id);
        }
    }
}
