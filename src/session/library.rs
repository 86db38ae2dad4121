//! The history as the app looks into it: searched, counted, read, and forgotten.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Instant;

use super::background::{Background, EXIT_TIMEOUT};
use super::update::{HistorySelection, ResultsText};
use crate::media::workers::WorkerClient;
use crate::model::record::{PreviousUpload, Record, UploadRequest};
use crate::model::text;
use crate::model::upload::UploadId;
use crate::store::history::{History, Query, ReadError, Reader, Timeline, UploadCount, Write};

/// What the thread that looks into the history found.
pub(super) enum HistoryReply {
    /// Whether something of this file's size went to its destination.
    Size(UploadId, bool),
    /// What the same content led to before.
    Earlier(UploadId, Option<PreviousUpload>),
    /// What was found, and how many there are in all.
    Found(Box<Query>, Timeline, UploadCount),
    Records(Vec<Record>),
    /// What is selected.
    Selection(Box<HistorySelection>),
    /// Results as they are copied.
    Results(ResultsText),
    /// What is to be sent again.
    Requests(Vec<UploadRequest>),
    Count(UploadCount),
    /// Somebody wrote it: this Hoist, or another one.
    Changed,
    /// The files that rows of any window's queue name.
    Needed(Vec<PathBuf>),
    /// Why there is nothing.
    Failed(ReadError),
}

impl HistoryReply {
    pub(super) fn of<T>(result: Result<T, ReadError>, reply: impl FnOnce(T) -> HistoryReply) -> HistoryReply {
        result.map_or_else(HistoryReply::Failed, reply)
    }
}

/// The history of all uploads, those of this run included.
pub struct Library {
    pub(super) reader: Background<Reader, HistoryReply>,
    pub(super) history: History,
    workers: WorkerClient,
    /// Where thumbnails of what was sent are kept.
    thumbnails: PathBuf,
    /// Out of sight, and forgotten for good if they are not taken back.
    pub(super) forgotten: Vec<UploadId>,
    /// Forgotten for good, as soon as this is written.
    being_forgotten: Vec<(u64, Vec<UploadId>)>,
    /// What is out of sight changed.
    pub(super) changed: bool,
    /// Uploads in the history.
    pub(super) count: UploadCount,
    pub(super) counting: bool,
    /// Why the history cannot be read.
    pub(super) unreadable: Option<String>,
}

impl Library {
    pub(super) fn new(
        reader: Background<Reader, HistoryReply>,
        history: History,
        workers: WorkerClient,
        thumbnails: PathBuf,
    ) -> Library {
        Library {
            reader,
            history,
            workers,
            thumbnails,
            forgotten: vec![],
            being_forgotten: vec![],
            changed: false,
            count: UploadCount::default(),
            counting: false,
            unreadable: None,
        }
    }

    /// Has the uploads counted.
    pub(super) fn ask_count(&mut self) {
        if !std::mem::replace(&mut self.counting, true) {
            self.reader.ask(|reader| HistoryReply::of(reader.count(), HistoryReply::Count));
        }
    }

    /// Returns how many uploads the history has; as of the last look.
    pub fn count(&self) -> usize {
        self.count.all.saturating_sub(self.forgotten.len())
    }

    /// Returns how many of them wait in a queue, and were not sent yet.
    pub fn not_sent(&self) -> usize {
        self.count.not_sent.min(self.count())
    }

    /// Returns how many uploads the history has, in words: "24 uploads · 4 not sent yet".
    pub fn summary(&self) -> String {
        let sent = text::count_thousands(self.count() - self.not_sent(), "upload");
        match self.not_sent() {
            0 => sent,
            n => format!("{sent} · {} not sent yet", text::thousands(n as u64)),
        }
    }

    /// Looks for uploads in the history; what is found comes with `Update`.
    pub fn find(&self, query: Query) {
        let hidden = self.hidden();
        let going = hidden.len().saturating_sub(self.forgotten.len());
        self.reader.ask(move |reader| {
            // At one moment: "34 of 21" would be two.
            let found = reader.find_by_day(&query, &jiff::tz::TimeZone::system());
            let found = found.and_then(|found| Ok((found, reader.count()?)));
            HistoryReply::of(found, |(mut found, count)| {
                found.remove(&hidden);
                let all = count.all.saturating_sub(going);
                HistoryReply::Found(Box::new(query), found, UploadCount { all, ..count })
            })
        });
    }

    /// Reads uploads of the history; they come with `Update`.
    pub fn read_records(&self, mut ids: Vec<UploadId>) {
        let hidden = self.hidden();
        ids.retain(|id| !hidden.contains(id));
        self.reader.ask(move |reader| HistoryReply::of(reader.records(&ids), HistoryReply::Records));
    }

    /// Takes uploads of the history out of sight, besides those that are.
    pub(super) fn hide(&mut self, ids: Vec<UploadId>) {
        self.forgotten.extend(ids);
        self.changed = true;
    }

    /// Brings uploads back that were taken out of sight.
    pub fn unforget(&mut self, ids: &[UploadId]) {
        let ids: HashSet<_> = ids.iter().collect();
        self.forgotten.retain(|id| !ids.contains(id));
        self.changed = true;
    }

    /// Forgets for good what was taken out of sight.
    pub fn settle_forgotten(&mut self) {
        let all = self.forgotten.clone();
        self.settle(&all);
    }

    /// Forgets uploads for good that were taken out of sight.
    pub fn settle(&mut self, ids: &[UploadId]) {
        let ids: HashSet<_> = ids.iter().collect();
        let (ids, rest): (Vec<_>, Vec<_>) = self.forgotten.drain(..).partition(|id| ids.contains(id));
        self.forgotten = rest;
        if ids.is_empty() {
            return;
        }
        self.count.all = self.count.all.saturating_sub(ids.len());
        self.workers.forget_pictures(ids.iter().map(|id| self.thumbnail_file(*id)).collect());
        let written = self.history.write(Write::Forgotten(ids.clone()));
        self.being_forgotten.retain(|(written, _)| !self.history.has_reached(*written));
        self.being_forgotten.push((written, ids));
    }

    /// Returns what whoever looks into the history now may still find there, and must not show.
    fn hidden(&self) -> HashSet<UploadId> {
        let not_yet = self.being_forgotten.iter().filter(|(written, _)| !self.history.has_reached(*written));
        not_yet.flat_map(|(_, ids)| ids).chain(&self.forgotten).copied().collect()
    }

    /// Returns why the history cannot be written at present, if that is so.
    pub fn write_error(&self) -> Option<String> {
        self.history.write_error()
    }

    /// Forgets the whole history, but what is on its way and what still waits in the queue.
    pub fn clear(&mut self) {
        self.settle_forgotten();
        self.workers.forget_pictures(vec![self.thumbnails.clone()]);
        self.history.write(Write::Cleared);
    }

    /// Returns where the thumbnail of an upload is kept.
    pub(super) fn thumbnail_file(&self, id: UploadId) -> PathBuf {
        self.thumbnails.join(format!("{:016x}.png", id.0))
    }

    /// Asks for a thumbnail of a file of the history: the kept one, or one made from the file where that is still
    /// what was sent. It comes with `Update`.
    pub fn want_thumbnail(&self, record: &Record, side: u32) {
        let id = record.request.id;
        self.workers.kept_picture(id, self.thumbnail_file(id), record.request.facts.clone(), side);
    }

    /// Asks for a large picture of a file of the history within so many pixels: the file's own where that is still what
    /// was sent, else the kept one. It comes with `Update`.
    pub fn want_preview(&self, record: &Record, within: (u32, u32)) {
        let id = record.request.id;
        self.workers.kept_preview(id, self.thumbnail_file(id), record.request.facts.clone(), within);
    }

    /// Ends: forgets for good what is out of sight.
    pub(super) fn end(&mut self) {
        self.settle_forgotten();
        // Before the one who writes the history: whoever closes it last puts it into one file again.
        self.reader.end_before(Instant::now() + EXIT_TIMEOUT);
    }
}
