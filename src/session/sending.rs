//! Files on their way: added, asked for, stopped, sent again, taken out.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::content::is_kept;
use super::fit_remedies;
use super::uploads::Uploads;
use crate::engine::Job;
use crate::media::fit::Tools;
use crate::model::destination::Destination;
use crate::model::failures;
use crate::model::item::{Finding, FindingKind, Inspection, Item, Recall, Severity, Stage};
use crate::model::media::FileFacts;
use crate::model::record::PreviousUpload;
use crate::model::upload::{Event, State, UploadId};
use crate::provider::{self, check};

impl Uploads {
    /// Adds files for a destination; a worker inspects each. `auto_upload`: they upload by themselves after that.
    pub(super) fn add(
        &mut self,
        paths: impl IntoIterator<Item = PathBuf>,
        destination: &Arc<Destination>,
        auto_upload: bool,
    ) -> Vec<UploadId> {
        let mut ids = vec![];
        for path in paths {
            let id = self.queue.add(path.clone(), Arc::clone(destination), Timestamp::now());
            if let (Some(agent), Some(item)) = (&self.agent, self.queue.get_mut(id)) {
                item.request.agent = Some(agent.clone());
            }
            self.persist_in_queue(id);
            self.workers.inspect(id, path);
            if auto_upload
                && !self.terminal
                && let Some(item) = self.queue.get_mut(id)
            {
                item.stage = Stage::AutoUpload;
            }
            ids.push(id);
        }
        ids
    }

    /// Sends every file that is ready.
    pub fn upload_all(&mut self) {
        // What is being fitted goes as soon as it fits.
        let fitting: Vec<_> =
            self.queue.items().iter().filter(|i| is_being_fitted(i)).map(|i| i.request.id).collect();
        for id in fitting {
            if let Some(item) = self.queue.get_mut(id) {
                item.stage = Stage::UploadWhenFitted;
            }
        }
        let all: Vec<_> = self.queue.items().iter().map(|item| item.request.id).collect();
        self.upload(&all);
    }

    /// Sends those of these files that are ready.
    pub fn upload(&mut self, ids: &[UploadId]) {
        let is_ready = |id: &UploadId| self.queue.get(*id).is_some_and(Item::is_sendable);
        let ready: Vec<_> = ids.iter().copied().filter(is_ready).collect();
        for id in ready {
            self.send(id);
        }
        self.order_waiting();
    }

    /// Sends those of these files that are ready, each content once: what another upload sends or has sent, also one of
    /// another program, is not sent again.
    pub fn upload_once(&mut self, ids: &[UploadId]) {
        for id in ids {
            if let Some(item) = self.queue.get_mut(*id) {
                item.once = true;
            }
        }
        self.upload(ids);
    }

    /// Takes that a content was sent before: a terminal takes what that led to, in a window it is the user's to judge.
    pub(super) fn on_sent_before(&mut self, id: UploadId, previous: PreviousUpload) {
        let Some(item) = self.queue.get_mut(id).filter(|item| item.state == State::Ready) else { return };
        match item.end_submission() {
            (_, Some(Recall::Redirect(destination))) => {
                item.apply(Event::Requested, Timestamp::now());
                self.redirect(id, &destination);
            }
            (_, Some(Recall::Cancel)) => {
                item.apply(Event::Requested, Timestamp::now());
                self.cancel_unsent(id);
            }
            // As it is it is there: no copy of it is wanted before the user says so.
            (_, Some(Recall::Fit(_)) | None) => {
                item.earlier = Some(previous);
                item.request.requested = None;
                self.leave_batch(id);
                if self.terminal {
                    self.use_previous(id);
                }
            }
        }
    }

    /// Sends a file once more, on the user's wish: it is looked into again, since it may have changed. Where the first
    /// one may exist, the second is an item of its own.
    pub fn send_again(&mut self, id: UploadId) {
        let unknown = self.queue.get(id).is_some_and(|item| matches!(item.state, State::Unknown(_)));
        let again = if unknown { self.queue.add_again(id) } else { Some(id) };
        let Some((id, item)) = again.and_then(|id| Some((id, self.queue.get_mut(id)?))) else { return };
        if item.state.can_be_requested() {
            item.earlier = None;
            item.once = false;
            item.apply(Event::Requested, Timestamp::now());
            item.stage = Stage::Rechecking { changes: 0 };
            self.count_in(id);
            self.persist(id);
            self.inspect(id);
            if unknown {
                self.write_order(); // it is a row of its own
            }
        }
    }

    /// Has a worker look into a file (again).
    pub fn inspect(&mut self, id: UploadId) {
        if let Some(item) = self.queue.get_mut(id) {
            item.inspection = Inspection::Pending;
            self.workers.inspect(id, item.request.source().to_owned());
        }
    }

    /// Puts a file that did not go out back into the queue; it is looked into again.
    pub fn add_back(&mut self, id: UploadId) {
        if self.queue.apply(id, Event::Requeued, Timestamp::now()) {
            self.persist_in_queue(id);
            self.inspect(id);
        }
    }

    /// Takes a file that the engine gave back, since it is another one than was inspected: it is inspected anew, and
    /// goes as it is now.
    pub(super) fn on_changed(&mut self, id: UploadId) {
        let Some(item) = self.queue.get_mut(id) else { return };
        item.apply(Event::Changed, Timestamp::now());
        let (changes, recall) = item.end_submission();
        match recall {
            Some(Recall::Cancel) => self.cancel_unsent(id),
            Some(Recall::Redirect(destination)) => self.redirect(id, &destination),
            Some(Recall::Fit(wishes)) => self.fit_asked(id, &wishes),
            None if changes < MAX_CHANGES => {
                item.stage = Stage::Rechecking { changes: changes + 1 };
                self.inspect(id);
            }
            None => {
                item.apply(Event::Failed(Box::new(failures::file_keeps_changing())), Timestamp::now());
                self.persist(id);
            }
        }
    }

    /// Cancels every file that was not asked for yet.
    pub fn cancel_ready(&mut self) {
        let ready = |i: &&Item| i.state == State::Ready && i.blocking_message().is_none();
        let ids: Vec<_> = self.queue.items().iter().filter(ready).map(|i| i.request.id).collect();
        for id in ids {
            self.queue.apply(id, Event::Requested, Timestamp::now());
            self.cancel_unsent(id);
        }
    }

    pub(super) fn cancel_unsent(&mut self, id: UploadId) {
        self.queue.apply(id, Event::Failed(Box::new(failures::cancelled_unsent())), Timestamp::now());
        self.persist(id);
    }

    /// Asks again whether a provider has finished with a file.
    pub fn look_again(&mut self, id: UploadId) {
        let Some(item) = self.queue.get(id).filter(|i| i.state.is_resting()) else { return };
        let Some(receipt) = item.state.receipt().cloned() else { return };
        if let Some(job) = self.job(item, 0) {
            if let Some(item) = self.queue.get_mut(id) {
                item.apply(Event::PollingResumed, Timestamp::now());
                item.stage = Stage::Submitted { changes: 0, recall: None };
            }
            self.engine.resume_polling(job, Box::new(receipt));
        }
    }

    /// Stops a file on its way.
    pub fn cancel(&mut self, id: UploadId) {
        match self.queue.get_mut(id).map(|item| &mut item.stage) {
            Some(Stage::Rechecking { .. }) => return self.cancel_unsent(id),
            Some(Stage::Submitted { recall, .. }) => *recall = Some(Recall::Cancel),
            _ => {}
        }
        self.engine.cancel(id);
    }

    /// Takes what a worker found in a file, and sends it on where it was requested.
    ///
    /// Gives back what it found where that is to be compared with what was sent before.
    pub(super) fn on_inspected(&mut self, id: UploadId, inspection: Inspection) -> Option<FileFacts> {
        let tools = self.fits.tools;
        let item = self.queue.get_mut(id)?;
        item.set_inspection(inspection);
        item.findings = findings(item, tools);
        let facts = item.facts().cloned();
        let is_kept = is_kept(item);
        if facts.is_some() && !item.has_changed() {
            item.accept_change(); // it is what it was
        }
        self.measure_course(id);
        let item = self.queue.get_mut(id)?;
        if matches!(item.stage, Stage::Rechecking { .. }) {
            item.accept_change(); // whoever asks once more means the file as it is
            match item.blocking_message() {
                None => self.submit(id),
                Some(why) => {
                    item.apply(Event::Failed(Box::new(failures::file(&why))), Timestamp::now());
                    self.persist(id);
                }
            }
            return None;
        }
        let sendable = item.is_sendable();
        // Of what is on its way, or may still be answered, the engine knows more than this.
        if !item.state.is_active() && !matches!(item.state, State::Unknown(_)) {
            self.persist_in_queue(id);
        }
        if sendable && !is_kept {
            self.want_content(id);
        }
        facts.filter(|_| sendable)
    }

    /// Sends a file with the next ones though its content is at the destination already.
    pub fn send_all_the_same(&mut self, id: UploadId) {
        if let Some(item) = self.queue.get_mut(id) {
            item.earlier = None;
            item.once = false;
        }
    }

    /// Takes what the same content led to before in place of sending it: *done* where it has an id, else *unknown*.
    pub fn use_previous(&mut self, id: UploadId) {
        let Some(earlier) = self.queue.get(id).and_then(|item| item.earlier.clone()) else { return };
        let now = Timestamp::now();
        if let Some(receipt) = earlier.receipt {
            self.queue.apply(id, Event::Deduplicated(receipt), now);
            return;
        }
        let failure = failures::no_answer_before();
        self.queue.apply(id, Event::Requested, now);
        self.queue.apply(id, Event::Failed(Box::new(failure)), now);
    }

    /// Accepts a restored file whose content is another one now: it may be sent as it is.
    pub fn accept_change(&mut self, id: UploadId) {
        if let Some(item) = self.queue.get_mut(id) {
            item.accept_change();
            self.inspect(id);
        }
    }

    pub(super) fn send(&mut self, id: UploadId) {
        self.queue.apply(id, Event::Requested, Timestamp::now());
        self.count_in(id);
        self.submit(id);
    }

    fn submit(&mut self, id: UploadId) {
        self.unwant_content(id);
        let written = self.persist(id);
        let job = self.queue.get(id).and_then(|item| self.job(item, written));
        match job.zip(self.queue.get_mut(id)) {
            Some((job, item)) => {
                let changes = if let Stage::Rechecking { changes } = item.stage { changes } else { 0 };
                item.stage = Stage::Submitted { changes, recall: None };
                self.is_engine_order_stale = true;
                self.engine.send(job);
            }
            None => tracing::error!("a file without facts cannot be sent"),
        }
    }

    fn job(&self, item: &Item, written: u64) -> Option<Job> {
        let facts = item.facts()?.clone();
        Some(Job {
            request: item.request.clone(),
            media: facts.recognised.media()?,
            facts,
            poll: self.polls,
            written,
            without_history: self.batch.without_history == Some(true),
            once: item.once,
            content: None,
        })
    }
}

/// A file that is another one so often when its turn comes is still being written.
const MAX_CHANGES: u32 = 5;

/// Returns whether a copy of a file that was not sent yet is being made.
fn is_being_fitted(item: &Item) -> bool {
    matches!(item.inspection, Inspection::Fitting(_))
        && item.state == State::Ready
        && item.stage == Stage::Idle
}

/// What is said of a file that is not the one that was added.
const CHANGED: &str = "The file changed after it was added";

/// Returns what the destination's table says of a file, and what a copy answers of it.
fn findings(item: &Item, tools: Tools) -> Vec<Finding> {
    if item.has_changed() {
        let hint = "Check it, then send it as it is or remove it";
        return vec![Finding::new(Severity::Error, FindingKind::File, CHANGED, hint)];
    }
    let destination = &item.request.destination;
    let elsewhere = "Send it somewhere else";
    match (item.facts(), provider::by_id(&destination.provider)) {
        (Some(file), Some(provider)) => match &item.fit_problem {
            // It was tried.
            Some(problem) => {
                let mut all = check::findings(provider.facts(), file, destination);
                let severity = all.first().map_or(Severity::Warning, |first| first.severity);
                all.push(Finding::new(severity, FindingKind::Copy, problem.as_str(), elsewhere));
                all
            }
            None if item.request.copy.is_some() => check::findings(provider.facts(), file, destination),
            None => fit_remedies::findings_with(provider.facts(), file, destination, tools),
        },
        (Some(_), None) => {
            let message = "This version of Hoist does not know the destination's provider";
            vec![Finding::new(Severity::Error, FindingKind::Destination, message, elsewhere)]
        }
        (None, _) => vec![],
    }
}
