//! When everything that was asked for has ended: told once, not once a file.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use super::progress::Progress;
use super::uploads::Uploads;
use crate::model::item::{Item, Stage};
use crate::model::text;
use crate::model::upload::{State, UploadId};

/// Nobody sits and waits for a hold that is longer than this.
const LONG: SignedDuration = SignedDuration::from_mins(1);

/// A batch that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Those with a result, in the order of the queue.
    pub ids: Vec<UploadId>,
    /// How many of how many files were uploaded.
    pub done: usize,
    /// Of so many.
    pub of: usize,
    /// Refused, held, or without an answer.
    pub need_you: usize,
    /// Sent, and not in the history, since that cannot be written.
    pub unrecorded: usize,
}

impl Finished {
    /// Returns a title and a line below it: no names, no ids.
    pub fn summary(&self) -> (String, String) {
        let title = match self.done == self.of {
            true => format!("{} uploaded", text::count(self.done, "file")),
            false => format!("{} of {} uploaded", self.done, text::count(self.of, "file")),
        };
        let need_you = match self.need_you {
            0 => None,
            1 => Some("1 needs attention".to_owned()),
            n => Some(format!("{n} need attention")),
        };
        let unrecorded = match self.unrecorded {
            0 => None,
            1 => Some("1 is not in the history".to_owned()),
            n => Some(format!("{n} are not in the history")),
        };
        (title, need_you.into_iter().chain(unrecorded).collect::<Vec<_>>().join(" · "))
    }
}

impl Uploads {
    /// Returns how far everything is. It is counted once for a change of the queue, however often it is asked.
    pub fn progress(&self) -> Progress {
        if self.batch.reached_at == Some(self.queue.revision()) {
            return self.batch.reached;
        }
        let uploaded = self.queue.totals().done + self.batch.taken_out.len();
        let mut all = Progress { files: self.batch.sizes.len(), uploaded, ..Progress::default() };
        for (id, size) in &self.batch.sizes {
            let item = self.queue.get(*id);
            // What was added back is asked for anew, but for what is held back for its copy only.
            let is_back = |item: &Item| item.state == State::Ready && item.stage != Stage::UploadWhenFitted;
            if item.is_some_and(|item| item.state == State::Cancelled || is_back(item)) {
                all.begun += 1;
                all.cancelled += 1;
                continue;
            }
            let size = item.and_then(|item| item.facts()).map_or(*size, |facts| facts.size);
            let sent = match item.map(|item| &item.state) {
                Some(State::Waiting { .. } | State::Ready) => None,
                Some(State::Sending { sent }) => Some(*sent),
                _ => Some(size),
            };
            all.bytes += size;
            all.begun += usize::from(sent.is_some());
            all.sent += sent.unwrap_or(0);
        }
        all.at_least(self.batch.reached)
    }

    /// Remembers how far everything is, and forgets it when nothing is going any more.
    pub(super) fn follow_course(&mut self) {
        if self.batch.sizes.is_empty() {
            return;
        }
        if self.queue.totals().going == 0 && !self.is_batch_growing() {
            self.batch.sizes.clear();
            self.batch.taken_out.clear();
            (self.batch.reached, self.batch.reached_at) = (Progress::default(), None);
        } else if self.batch.reached_at != Some(self.queue.revision()) {
            self.batch.reached = self.progress();
            self.batch.reached_at = Some(self.queue.revision());
        }
    }

    /// Returns whether files that send themselves are still being inspected: they were added with what is being sent,
    /// and belong to its batch.
    fn is_batch_growing(&self) -> bool {
        let is_growing = |item: &Item| {
            matches!(item.stage, Stage::AutoUpload | Stage::UploadWhenFitted) && item.inspection.is_pending()
        };
        self.queue.items().iter().any(is_growing)
    }

    /// Counts a file that was requested.
    pub(super) fn count_in(&mut self, id: UploadId) {
        self.batch.ids.insert(id);
        self.batch.sizes.entry(id).or_default();
        self.batch.reached_at = None;
        self.measure_course(id);
    }

    /// Counts a file no longer that was not sent after all.
    pub(super) fn leave_batch(&mut self, id: UploadId) {
        self.batch.ids.remove(&id);
        self.batch.sizes.remove(&id);
        self.batch.reached_at = None;
    }

    /// Remembers how large a file is: it counts when it has left the queue, too.
    pub(super) fn measure_course(&mut self, id: UploadId) {
        let facts = self.queue.get(id).and_then(|item| item.facts());
        if let (Some(facts), Some(size)) = (facts, self.batch.sizes.get_mut(&id)) {
            *size = facts.size;
            self.batch.reached_at = None;
        }
    }

    /// Returns the batch, if everything in it has ended, or waits for a hold that is longer than anybody waits.
    pub(super) fn finished(&mut self) -> Option<Finished> {
        if self.batch.ids.is_empty() || self.is_batch_growing() {
            return None;
        }
        let now = Timestamp::now();
        let waits_long = |state: &State| matches!(state, State::Waiting { until: Some(until), .. } if until.duration_since(now) > LONG);
        let of_batch = || self.batch.ids.iter().filter_map(|id| self.queue.get(*id));
        if of_batch()
            .any(|item| item.state.is_active() && item.state.receipt().is_none() && !waits_long(&item.state))
        {
            return None;
        }
        let mut finished = Finished { ids: vec![], done: 0, of: 0, need_you: 0, unrecorded: 0 };
        for item in of_batch().filter(|item| item.state != State::Cancelled) {
            finished.of += 1;
            if item.state.receipt().is_some() {
                finished.done += 1;
                finished.ids.push(item.request.id);
            } else if item.state.failure().is_some() {
                finished.need_you += 1;
            }
            finished.unrecorded += usize::from(self.is_unrecorded(item));
        }
        finished.ids.sort_by_key(|id| self.queue.index(*id));
        let ended: HashSet<_> =
            of_batch().filter(|item| !waits_long(&item.state)).map(|item| item.request.id).collect();
        self.batch.ids.retain(|id| self.queue.get(*id).is_some() && !ended.contains(id));
        if self.batch.ids.is_empty() {
            self.batch.without_history = None; // the next batch is asked about anew
        }
        // What only waits was not a batch that ended; and a batch that was cancelled is nobody's news.
        (!ended.is_empty() && finished.of > 0).then_some(finished)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::error::{Failure, FailureKind};
    use crate::model::item::Inspection;
    use crate::model::media::{DetectedType, FileFacts, FileProblem, Media};
    use crate::model::receipt::Receipt;
    use crate::model::samples;
    use crate::model::upload::Event;
    use crate::provider;
    use crate::session::{Session, Start, auto};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    #[test]
    fn a_batch_is_told_of_in_a_few_words() {
        let words =
            |done, of, need_you| Finished { ids: vec![], done, of, need_you, unrecorded: 0 }.summary();
        assert_eq!(words(1, 1, 0), ("1 file uploaded".into(), String::new()));
        assert_eq!(words(3, 4, 1), ("3 of 4 files uploaded".into(), "1 needs attention".into()));
        assert_eq!(words(0, 2, 2), ("0 of 2 files uploaded".into(), "2 need attention".into()));
        let unrecorded = Finished { ids: vec![], done: 3, of: 4, need_you: 1, unrecorded: 3 };
        assert_eq!(unrecorded.summary().1, "1 needs attention · 3 are not in the history");
        let one = Finished { ids: vec![], done: 4, of: 4, need_you: 0, unrecorded: 1 };
        assert_eq!(one.summary(), ("4 files uploaded".into(), "1 is not in the history".into()));
    }

    #[test]
    fn no_number_of_a_batch_falls_while_it_runs() {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(Folders::inside(home.path()), Keys::in_memory());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        let destination = Arc::new(auto(provider::by_id("flow-music").unwrap().facts(), "useapi"));
        let now = Timestamp::now();
        let uploads = &mut session.uploads;
        let mut add = || {
            let id = uploads.queue.add("a.png".into(), Arc::clone(&destination), now);
            let facts = FileFacts { path: "a.png".into(), size: 100, ..FileFacts::default() };
            uploads.queue.get_mut(id).unwrap().set_inspection(Inspection::Ready(facts));
            uploads.queue.apply(id, Event::Requested, now);
            uploads.count_in(id);
            id
        };
        let (first, second, third) = (add(), add(), add());
        let busy = || Box::new(Failure::new(FailureKind::Busy, "It is busy", "Wait"));
        let done = || Event::Done(Box::new(samples::receipt(Some("id"), None)));
        let mut last = uploads.progress();
        for (id, event) in [
            (first, Event::Started),
            (second, Event::Started),
            (first, Event::Progress(90)),
            (first, Event::RetryScheduled(now, busy())),
            (second, Event::AllSent),
            (second, done()),
            (first, Event::Started),
            (first, Event::Progress(20)),
            (third, Event::Started),
        ] {
            let what = format!("{event:?}");
            uploads.queue.apply(id, event, now);
            uploads.follow_course();
            let progress = uploads.progress();
            assert_eq!(progress.at_least(last), progress, "after {what}");
            last = progress;
        }
        assert_eq!((last.files, last.begun, last.bytes, last.uploaded), (3, 3, 300, 1));
        // What leaves the queue counts, and comes back as what it was.
        let removed = uploads.clear_finished();
        uploads.follow_course();
        assert_eq!((removed.len(), uploads.progress()), (1, last));
        uploads.put_back(removed);
        assert_eq!(uploads.progress(), last);
        // The bytes of what is cancelled are not counted as sent, also when its row is gone.
        let cancelled = Box::new(Failure::new(FailureKind::Cancelled, "It was cancelled", "Add it back"));
        uploads.queue.apply(first, Event::Failed(cancelled.clone()), now);
        for then in ["add it back", "cancel it", "remove it", "nothing"] {
            uploads.follow_course();
            let left = uploads.progress();
            assert_eq!((left.files, left.begun, left.bytes, left.sent), (3, 3, 200, 100), "then {then}");
            match then {
                "add it back" => assert!(uploads.queue.apply(first, Event::Requeued, now)),
                "cancel it" => {
                    uploads.queue.apply(first, Event::Requested, now);
                    uploads.queue.apply(first, Event::Failed(cancelled.clone()), now);
                }
                "remove it" => assert_eq!(uploads.remove_items(&[first]).len(), 1),
                _ => {}
            }
        }
        uploads.queue.apply(third, done(), now);
        assert_eq!(uploads.progress().uploaded, 2);
    }

    #[test]
    fn what_is_held_back_for_its_copy_is_still_asked_for_and_goes_only_as_one() {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(Folders::inside(home.path()), Keys::in_memory());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        let destination = Arc::new(auto(provider::by_id("flow-music").unwrap().facts(), "useapi"));
        let (now, uploads) = (Timestamp::now(), &mut session.uploads);
        let media = DetectedType::Known(Media::Png);
        let facts = FileFacts { path: "a.png".into(), recognised: media, size: 100, ..FileFacts::default() };
        let ids = [(); 2].map(|()| {
            let id = uploads.queue.add("a.png".into(), Arc::clone(&destination), now);
            let item = uploads.queue.get_mut(id).unwrap();
            item.set_inspection(Inspection::Fitting(facts.clone()));
            item.apply(Event::Requested, now);
            uploads.count_in(id);
            uploads.queue.get_mut(id).unwrap().await_copy(now);
            id
        });
        uploads.follow_course();
        let progress = uploads.progress();
        assert_eq!((progress.files, progress.begun, progress.cancelled), (2, 0, 0));
        assert_eq!(uploads.finished(), None, "nothing has ended");
        for (id, problem) in ids.into_iter().zip([None, Some("It cannot be written".to_owned())]) {
            let item = uploads.queue.get_mut(id).unwrap();
            item.set_inspection(Inspection::Ready(facts.clone()));
            item.fit_problem = problem;
            uploads.auto_upload(id);
        }
        let states = ids.map(|id| uploads.queue.get(id).unwrap().state.name());
        assert_eq!(states, ["waiting", "ready"], "without its copy it waits for the user");
    }

    #[test]
    fn files_that_send_themselves_are_one_batch_though_one_is_done_before_another_was_inspected() {
        let home = tempfile::tempdir().unwrap();
        let start = Start::new(Folders::inside(home.path()), Keys::in_memory());
        let mut session = Session::start(start, Arc::new(|| {})).unwrap();
        let facts = provider::by_id("flow-music").unwrap().facts();
        let destination = Arc::new(auto(facts, "useapi"));
        let now = Timestamp::now();
        let mut add = || session.uploads.queue.add("a.png".into(), Arc::clone(&destination), now);
        let (quick, slow) = (add(), add());
        session.uploads.queue.get_mut(slow).unwrap().stage = Stage::AutoUpload;
        let receipt = Receipt {
            id: Some("an-id".to_owned()),
            url: None,
            values: vec![],
            warnings: vec![],
            expires: None,
            response: serde_json::Value::Null.into(),
        };
        for event in [Event::Requested, Event::Started, Event::Done(Box::new(receipt))] {
            assert!(session.uploads.queue.apply(quick, event, now));
            session.uploads.count_in(quick);
        }
        session.uploads.follow_course();
        assert_eq!((session.uploads.finished(), session.uploads.progress().files), (None, 1));
        // What is stopped waits for the user, and ends no batch.
        session.uploads.queue.get_mut(slow).unwrap().inspection = Inspection::Failed(FileProblem::Vanished);
        session.uploads.follow_course();
        assert_eq!(session.uploads.finished().unwrap().ids, [quick]);
        assert_eq!(session.uploads.progress().files, 0);
    }
}
