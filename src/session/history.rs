//! What the history says: the queue of an earlier run, and what was asked of it.

use std::collections::HashMap;
use std::sync::Arc;

use super::Session;
use super::library::HistoryReply;
use super::notice::Notice;
use super::update::Update;
use crate::model::destination::Destination;
use crate::model::item::{Inspection, Item, Restored};
use crate::model::record::Record;
use crate::model::upload::{State, UploadId};
use crate::store::history::{HistoryEvent, Opened, Write};

impl Session {
    /// Takes in what the history and those who look into it have to tell.
    pub(super) fn drain_history(&mut self, changes: &mut Update) {
        if std::mem::take(&mut self.library.changed) {
            changes.any = true;
            changes.history = true;
        }
        while let Some(told) = self.history_guard.try_event() {
            self.on_history_event(told, changes);
        }
        while let Some(answer) = self.library.reader.try_answer() {
            changes.any = true;
            match answer {
                HistoryReply::Size(id, false) => self.compared(id, None),
                HistoryReply::Size(id, true) => {
                    if let Some(Inspection::ComparingWithSent(facts)) = self.inspection(id) {
                        self.uploads.workers.hash(id, facts.path.clone());
                    }
                }
                HistoryReply::Earlier(id, earlier) => self.compared(id, earlier),
                HistoryReply::Found(query, mut found, count) => {
                    self.library.count = count;
                    found.remove(&self.library.forgotten.iter().copied().collect());
                    changes.found = Some((*query, found));
                }
                HistoryReply::Records(mut records) => {
                    records.retain(|record| !self.library.forgotten.contains(&record.request.id));
                    changes.records.extend(records);
                }
                HistoryReply::Selection(selection) => changes.selection = Some(*selection),
                HistoryReply::Results(results) => changes.results = Some(results),
                HistoryReply::Requests(requests) => changes.requests = Some(requests),
                HistoryReply::Count(count) => {
                    self.library.counting = false;
                    self.library.count = count;
                }
                HistoryReply::Changed => {
                    changes.history = true;
                    self.ask_count();
                }
                HistoryReply::Needed(files) => self.tidy(files),
                HistoryReply::Failed(problem) => {
                    self.library.counting = false;
                    let sentence = problem.to_string();
                    // Once.
                    if self.library.unreadable.replace(sentence.clone()).is_none() {
                        self.notices.push(Notice::error(sentence));
                    }
                    self.give_up_comparing();
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
                self.library
                    .reader
                    .ask(|reader| HistoryReply::of(reader.queued_files(), HistoryReply::Needed));
            }
            HistoryEvent::Said(said) => {
                changes.any = true;
                self.notices.push(Notice::error(said));
            }
            HistoryEvent::Changed => {
                changes.any = true;
                changes.history = true;
                self.library.unreadable = None;
                self.ask_count();
            }
        }
    }

    /// Counts the uploads, for a window: only that shows how many there are.
    fn ask_count(&mut self) {
        if !self.uploads.terminal {
            self.library.ask_count();
        }
    }

    /// Brings back what an earlier run had in its queue. Nothing of it is sent before the user says so; what a provider
    /// works on is asked after.
    fn restore(&mut self, opened: Opened) {
        for (account, until) in opened.holds {
            self.keys.known.held(account.clone(), until);
            self.uploads.engine.back_off(account, until);
        }
        self.uploads.has_custom_order = opened.queue.iter().any(|record| record.position.is_some());
        let (gone, kept): (Vec<_>, Vec<_>) = opened
            .queue
            .into_iter()
            .partition(|record| matches!(record.state, State::Done(_) | State::Cancelled));
        if !gone.is_empty() {
            self.uploads
                .history
                .write(Write::Unqueued(gone.iter().map(|record| record.request.id).collect()));
        }
        if kept.is_empty() {
            return;
        }
        self.notices.push(restored(&kept).into());
        // Of those that stand at one place, all but the last were sent again.
        let mut last = HashMap::new();
        for Record { request: entry, .. } in &kept {
            let last = last.entry(entry.retry_of).or_insert(entry.id);
            *last = entry.id.max(*last);
        }
        let mut items = vec![];
        for Record { request, state, hash, .. } in kept {
            let mut item = Item::of(request);
            // The history does not have the rules of a destination, which are those of now.
            let same = |to: &&Arc<Destination>| to.is_same_target(&item.request.destination);
            if let Some(to) = self.keys.destinations().iter().find(same) {
                item.request.destination = Arc::clone(to);
            }
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
        self.uploads.queue.restore(items);
        for id in ids {
            let Some(item) = self.uploads.queue.get(id) else { continue };
            if item.inspection.is_pending() {
                self.uploads.workers.inspect(id, item.request.source().to_owned());
            }
            self.uploads.look_again(id);
        }
    }

    fn inspection(&self, id: UploadId) -> Option<&Inspection> {
        self.uploads.queue.get(id).map(|item| &item.inspection)
    }

    /// Takes uploads of the history out of sight. They are forgotten for good when that is settled, or at the end. What is on
    /// its way stays. Returns those that went.
    pub fn forget(&mut self, mut ids: Vec<UploadId>) -> Vec<UploadId> {
        ids.retain(|id| self.uploads.queue.get(*id).is_none_or(|item| !item.state.is_active()));
        self.library.hide(ids.clone());
        ids
    }
}

/// Returns "Restored: 3 not sent yet, 1 sent without an answer". Whether a file is ready is known when it was read again.
fn restored(records: &[Record]) -> String {
    let count = |which: fn(&State) -> bool| records.iter().filter(|r| which(&r.state)).count();
    let parts = [
        (count(|s| matches!(s, State::Ready)), "not sent yet"),
        (count(|s| matches!(s, State::Unknown(_))), "sent without an answer"),
        (count(|s| matches!(s, State::Processing { .. })), "still processing"),
        (count(|s| matches!(s, State::Held(_) | State::Refused(_))), "not accepted"),
    ];
    let parts: Vec<_> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| format!("{n} {words}")).collect();
    format!("Restored: {}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::FailureKind;
    use crate::model::samples;
    use crate::session::Start;
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    #[test]
    fn what_an_earlier_run_left_follows_the_rules_of_its_destination_as_they_are_now() {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(Folders::inside(home.path()), Keys::in_memory());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        let mut to = (*samples::destination("piapi")).clone();
        to.fit.wishes.strip = true;
        session.keys.settings.destinations.push(to);
        session.keys.offer_destinations();
        let request = samples::item(UploadId(1), "a.png", samples::destination("piapi")).request;
        let held = State::Held(samples::failure(FailureKind::WrongKey));
        let record = Record { request, state: held, hash: None, attempts: 0, position: None };
        session.restore(Opened { queue: vec![record], holds: vec![] });
        assert!(session.uploads.queue.items()[0].request.destination.fit.wishes.strip);
    }

    #[test]
    fn what_an_earlier_run_left_is_counted_by_how_it_stands() {
        let record = |n: u64, state: State| Record {
            request: samples::item(UploadId(n), "a.png", samples::destination("piapi")).request,
            state,
            hash: None,
            attempts: 0,
            position: None,
        };
        let held = || State::Held(samples::failure(FailureKind::WrongKey));
        let all = [record(1, State::Ready), record(2, held()), record(3, State::Ready)];
        assert_eq!(restored(&all), "Restored: 2 not sent yet, 1 not accepted");
        let unknown = State::Unknown(samples::failure(FailureKind::NoAnswer));
        assert_eq!(restored(&[record(1, unknown)]), "Restored: 1 sent without an answer");
    }
}
