//! What outlives the run: the queue of an earlier one, what was sent before, and looking into the history.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use jiff::Timestamp;

use super::{Session, Update};
use crate::media::hash::HashedContent;
use crate::model::error::FailureKind;
use crate::model::failures;
use crate::model::item::{Inspection, Item, Restored};
use crate::model::media::FileFacts;
use crate::model::record::{PreviousUpload, Record};
use crate::model::upload::{Event, State, UploadId};
use crate::store::history::{HistoryEvent, Opened, Query, ReadError, Write};

/// What the thread that looks into the history found.
pub(super) enum HistoryReply {
    /// Whether something of this file's size went to its destination.
    Size(UploadId, bool),
    /// What the same content led to before.
    Earlier(UploadId, Option<PreviousUpload>),
    /// What was found, and how many there are in all.
    Found(Query, Vec<UploadId>, usize),
    Records(Vec<Record>),
    Count(usize),
    /// Somebody wrote it: this Hoist, or another one.
    Changed,
    /// The files that rows of any window's queue name.
    Needed(Vec<PathBuf>),
    /// Why there is nothing.
    Failed(ReadError),
}

impl HistoryReply {
    fn of<T>(result: Result<T, ReadError>, answer: impl FnOnce(T) -> HistoryReply) -> HistoryReply {
        result.map_or_else(HistoryReply::Failed, answer)
    }
}

impl Session {
    /// Writes down how an item stands that the engine does not have; the number of that write.
    pub(super) fn persist(&self, id: UploadId) -> u64 {
        match self.queue.get(id) {
            Some(item) => self.history.write(Write::Put(item.request.clone(), item.state.clone())),
            None => 0,
        }
    }

    /// Takes in what the history and those who look into it have to tell.
    pub(super) fn drain_history(&mut self, changes: &mut Update) {
        if std::mem::take(&mut self.history_changed) {
            changes.any = true;
            changes.history = true;
        }
        while let Some(told) = self.keeper.try_event() {
            self.on_history_event(told, changes);
        }
        while let Some(answer) = self.library.try_answer() {
            changes.any = true;
            match answer {
                HistoryReply::Size(id, false) => self.compared(id, None),
                HistoryReply::Size(id, true) => {
                    if let Some(Inspection::ComparingWithSent(facts)) = self.inspection(id) {
                        self.workers.hash(id, facts.path.clone());
                    }
                }
                HistoryReply::Earlier(id, earlier) => self.compared(id, earlier),
                HistoryReply::Found(query, mut ids, count) => {
                    self.count = count;
                    ids.retain(|id| !self.forgotten.contains(id));
                    changes.found = Some((query, ids));
                }
                HistoryReply::Records(mut records) => {
                    records.retain(|record| !self.forgotten.contains(&record.request.id));
                    changes.records.extend(records);
                }
                HistoryReply::Count(count) => {
                    self.counting = false;
                    self.count = count;
                }
                HistoryReply::Changed => {
                    changes.history = true;
                    self.ask_count();
                }
                HistoryReply::Needed(files) => self.tidy_brought(files),
                HistoryReply::Failed(problem) => {
                    self.counting = false;
                    let said = problem.to_string();
                    // Said once; and no file waits for a comparison that nobody makes.
                    if self.unreadable.replace(said.clone()).is_none() {
                        self.notices.push(said);
                    }
                    let all: Vec<_> = self.queue.items().iter().map(|item| item.request.id).collect();
                    for id in all {
                        self.compared(id, None);
                    }
                }
            }
        }
    }

    pub(super) fn on_history_event(&mut self, told: HistoryEvent, changes: &mut Update) {
        match told {
            HistoryEvent::Opened(opened) => {
                changes.any = true;
                self.restore(opened);
                self.ask_count();
                if !self.terminal {
                    self.library.ask(|reader| HistoryReply::of(reader.queued_files(), HistoryReply::Needed));
                }
            }
            HistoryEvent::Said(said) => {
                changes.any = true;
                self.notices.push(said);
            }
            HistoryEvent::Changed => {
                changes.any = true;
                changes.history = true;
                self.unreadable = None;
                self.ask_count();
            }
        }
    }

    /// Only a window shows it.
    fn ask_count(&mut self) {
        if !self.terminal && !std::mem::replace(&mut self.counting, true) {
            self.library.ask(|reader| HistoryReply::of(reader.count(), HistoryReply::Count));
        }
    }

    /// Brings back what an earlier run had in its queue. Nothing of it is sent before the user says so; what a service
    /// works on is asked after.
    fn restore(&mut self, opened: Opened) {
        for (account, until) in opened.holds {
            self.known.held(account.clone(), until);
            self.engine.back_off(account, until);
        }
        self.ordered = opened.queue.iter().any(|record| record.position.is_some());
        let (gone, kept): (Vec<_>, Vec<_>) = opened
            .queue
            .into_iter()
            .partition(|record| matches!(record.state, State::Done(_) | State::Cancelled));
        if !gone.is_empty() {
            self.history.write(Write::Unqueued(gone.iter().map(|record| record.request.id).collect()));
        }
        if kept.is_empty() {
            return;
        }
        self.notices.push(restored(&kept));
        // Of those that stand at one place, all but the last were sent again.
        let mut last = HashMap::new();
        for Record { request: entry, .. } in &kept {
            let last = last.entry(entry.retry_of).or_insert(entry.id);
            *last = entry.id.max(*last);
        }
        let mut items = vec![];
        for Record { request, state, hash, .. } in kept {
            let mut item = Item::of(request);
            item.sent_again = last.get(&item.request.retry_of).is_some_and(|last| *last != item.request.id);
            if let Some(facts) = &item.request.facts {
                if state != State::Ready {
                    item.inspection = Inspection::Ready(facts.clone());
                }
                item.restored = Some(Restored { content: hash });
            }
            item.state = match state {
                State::Processing { receipt, since, .. } => {
                    State::Processing { receipt, since, resting: true }
                }
                state => state,
            };
            items.push(item);
        }
        let ids: Vec<_> = items.iter().map(|item| item.request.id).collect();
        self.queue.restore(items);
        for id in ids {
            let Some(item) = self.queue.get(id) else { continue };
            if item.inspection.is_pending() {
                self.workers.inspect(id, item.request.path.clone());
            }
            self.look_again(id);
        }
    }

    fn inspection(&self, id: UploadId) -> Option<&Inspection> {
        self.queue.get(id).map(|item| &item.inspection)
    }

    /// Has it found out whether the same content is at the destination already; the file counts as pending until then.
    pub(super) fn compare(&mut self, id: UploadId, facts: FileFacts) {
        let Some(item) = self.queue.get_mut(id).filter(|_| self.unreadable.is_none()) else { return };
        let (size, destination) = (facts.size, item.request.destination.clone());
        item.inspection = Inspection::ComparingWithSent(facts);
        self.library.ask(move |reader| {
            HistoryReply::of(reader.has_size(size, &destination), |there| HistoryReply::Size(id, there))
        });
    }

    /// The file's content is known, or cannot be read, which whoever sends it will say.
    pub(super) fn compare_with_sent(&mut self, id: UploadId, content: Option<HashedContent>) {
        let Some(item) = self.queue.get(id) else { return };
        let Inspection::ComparingWithSent(facts) = &item.inspection else { return };
        match content.filter(|content| content.is_of(facts)) {
            Some(HashedContent { hash, .. }) => {
                let (size, destination) = (facts.size, item.request.destination.clone());
                self.library.ask(move |reader| {
                    let earlier = reader.earlier(size, &hash, &destination, Timestamp::now());
                    HistoryReply::of(earlier, |earlier| HistoryReply::Earlier(id, earlier))
                });
            }
            None => self.compared(id, None),
        }
    }

    fn compared(&mut self, id: UploadId, earlier: Option<PreviousUpload>) {
        if let Some(item) = self.queue.get_mut(id)
            && let Inspection::ComparingWithSent(facts) = item.inspection.clone()
        {
            item.set_inspection(Inspection::Ready(facts));
            item.earlier = earlier;
            self.auto_upload(id);
        }
    }

    /// Sends a file with the next ones though its content is at the destination already.
    pub fn send_all_the_same(&mut self, id: UploadId) {
        if let Some(item) = self.queue.get_mut(id) {
            item.earlier = None;
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

    /// A restored file whose content is another one now: it may be sent as it is.
    pub fn accept_change(&mut self, id: UploadId) {
        if let Some(item) = self.queue.get_mut(id) {
            item.accept_change();
            self.inspect(id);
        }
    }

    /// How many uploads the history has; as of the last look.
    pub fn history_count(&self) -> usize {
        self.count.saturating_sub(self.forgotten.len())
    }

    /// Looks for uploads in the history; what is found comes with `Changes`.
    pub fn find(&self, query: Query) {
        let hidden = self.hidden();
        let going = hidden.len().saturating_sub(self.forgotten.len());
        self.library.ask(move |reader| {
            // At one moment: "34 of 21" would be two.
            let found = reader.find(&query).and_then(|ids| Ok((ids, reader.count()?)));
            HistoryReply::of(found, |(mut ids, count)| {
                ids.retain(|id| !hidden.contains(id));
                HistoryReply::Found(query, ids, count.saturating_sub(going))
            })
        });
    }

    /// Reads uploads of the history; they come with `Changes`.
    pub fn read_records(&self, mut ids: Vec<UploadId>) {
        let hidden = self.hidden();
        ids.retain(|id| !hidden.contains(id));
        self.library.ask(move |reader| HistoryReply::of(reader.records(&ids), HistoryReply::Records));
    }

    /// Takes uploads of the history out of sight. They are forgotten for good when that is settled, when others are
    /// forgotten, or at the end. What is on its way stays.
    pub fn forget(&mut self, mut ids: Vec<UploadId>) {
        self.settle_forgotten();
        ids.retain(|id| self.queue.get(*id).is_none_or(|item| !item.state.is_active()));
        self.forgotten = ids;
        self.history_changed = true;
    }

    /// Brings back what was taken out of sight last.
    pub fn unforget(&mut self) {
        self.forgotten.clear();
        self.history_changed = true;
    }

    /// Forgets for good what was taken out of sight.
    pub fn settle_forgotten(&mut self) {
        if self.forgotten.is_empty() {
            return;
        }
        let ids = std::mem::take(&mut self.forgotten);
        self.count = self.count.saturating_sub(ids.len());
        self.workers.forget_pictures(ids.iter().map(|id| self.picture_file(*id)).collect());
        let written = self.history.write(Write::Forgotten(ids.clone()));
        self.being_forgotten.retain(|(written, _)| !self.history.has_reached(*written));
        self.being_forgotten.push((written, ids));
    }

    /// What whoever looks into the history now may still find there, and must not show.
    fn hidden(&self) -> HashSet<UploadId> {
        let not_yet = self.being_forgotten.iter().filter(|(written, _)| !self.history.has_reached(*written));
        not_yet.flat_map(|(_, ids)| ids).chain(&self.forgotten).copied().collect()
    }

    /// A file was not sent, since the history cannot be written. A window asks once for the batch; a terminal was told
    /// beforehand.
    pub(super) fn on_unrecorded(&mut self, id: UploadId) {
        match self.without_history {
            _ if self.terminal => {}
            Some(true) => self.send_again(id), // it was asked for before the answer
            Some(false) => {}
            None if self.unrecorded.contains(&id) => {}
            None => self.unrecorded.push(id),
        }
    }

    /// How many files were not sent, since the history cannot be written, and the user was not asked about that yet.
    pub fn unrecorded(&self) -> usize {
        self.unrecorded.iter().filter(|id| self.waits_for_history(**id)).count()
    }

    fn waits_for_history(&self, id: UploadId) -> bool {
        let state = self.queue.get(id).map(|item| &item.state);
        matches!(state, Some(State::Held(failure)) if failure.kind == FailureKind::NoHistory)
    }

    /// Sends this batch though the history cannot be written: what was not sent for that, and what comes.
    pub fn send_without_history(&mut self) {
        self.without_history = Some(true);
        for id in std::mem::take(&mut self.unrecorded) {
            if self.waits_for_history(id) {
                self.send_again(id);
            }
        }
    }

    /// Leaves in the queue what was not sent, and sends nothing else of this batch without the history either.
    pub fn wait_for_history(&mut self) {
        self.unrecorded.clear();
        self.without_history = Some(false).filter(|_| !self.batch.is_empty());
    }

    /// Why the history cannot be written at present, if that is so.
    pub fn history_trouble(&self) -> Option<String> {
        self.history.trouble()
    }

    /// Whether a file was sent, and what became of it is not in the history.
    pub fn is_unrecorded(&self, item: &Item) -> bool {
        let sent = item.state.receipt().is_some() || matches!(item.state, State::Unknown(_));
        sent && self.history.is_missing(item.request.id)
    }

    /// Ends the session. Gives back what was found only then.
    pub fn end(self) -> Vec<String> {
        let notices = self.keeper.closing_notices();
        drop(self);
        notices.collect()
    }

    /// Forgets the whole history, but what is on its way and what still waits in the queue.
    pub fn clear_history(&mut self) {
        self.settle_forgotten();
        self.workers.forget_pictures(vec![self.pictures.clone()]);
        self.history.write(Write::Cleared);
    }

    /// Where the small picture of an upload is kept.
    pub(super) fn picture_file(&self, id: UploadId) -> PathBuf {
        self.pictures.join(format!("{:016x}.png", id.0))
    }

    /// Asks for a small picture of a file of the history: the kept one, or one made from the file where that is still
    /// what was sent. It comes with `Changes`.
    pub fn want_remembered_picture(&self, record: &Record, side: u32) {
        let id = record.request.id;
        self.workers.kept_picture(id, self.picture_file(id), record.request.facts.clone(), side);
    }
}

/// "Restored: 3 ready, 1 sent without an answer".
fn restored(records: &[Record]) -> String {
    let count = |which: fn(&State) -> bool| records.iter().filter(|r| which(&r.state)).count();
    let parts = [
        (count(|s| matches!(s, State::Ready)), "ready"),
        (count(|s| matches!(s, State::Unknown(_))), "sent without an answer"),
        (count(|s| matches!(s, State::Processing { .. })), "still processing"),
        (count(|s| matches!(s, State::Held(_) | State::Refused(_))), "not accepted"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")).collect();
    format!("Restored: {}", parts.join(", "))
}
