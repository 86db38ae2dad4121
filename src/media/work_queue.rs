//! What is asked of the threads that look into files, and in which order: looks before pictures, and of the pictures the one
//! asked for last first.

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::part::ComparedView;
use crate::model::media::FileFacts;
use crate::model::upload::UploadId;

/// Whether its result is not wanted any more.
pub(super) type IsLeft = Arc<AtomicBool>;

/// Where a picture comes from.
pub(super) enum ThumbSource {
    /// Drawn from the file itself.
    File(FileFacts),
    /// What was kept of a file that was sent, or the file as long as it is the same.
    Cached(PathBuf, Option<FileFacts>),
}

/// Something to do.
pub(super) enum WorkerTask {
    Look(UploadId, PathBuf, IsLeft),
    Hash(UploadId, PathBuf),
    Details(UploadId, FileFacts, IsLeft),
    Preview(UploadId, ThumbSource, (u32, u32), IsLeft),
    Compare(FileFacts, ComparedView),
    Picture(UploadId, ThumbSource, u32, IsLeft),
    /// A picture of a file is to be kept there.
    Keep(FileFacts, PathBuf),
    Forget(Vec<PathBuf>),
    /// A hash in the background.
    Spare(UploadId, PathBuf),
}

impl WorkerTask {
    /// Returns what tells that its result is not wanted any more; none where it always is.
    pub(super) fn is_left(&self) -> Option<&IsLeft> {
        match self {
            WorkerTask::Look(.., left)
            | WorkerTask::Details(.., left)
            | WorkerTask::Preview(.., left)
            | WorkerTask::Picture(.., left) => Some(left),
            _ => None,
        }
    }
}

/// What is asked for of an upload again and again, as its file changes: only the last result counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asked {
    Look,
    Details,
    Preview,
    Picture,
}

/// Everything that is asked for.
#[derive(Default)]
pub(super) struct WorkQueue {
    pub(super) looks: VecDeque<(UploadId, PathBuf, IsLeft)>,
    /// What was asked for last of each upload, until its result was taken.
    pub(super) last: HashMap<(Asked, UploadId), IsLeft>,
    pub(super) hashes: VecDeque<(UploadId, PathBuf)>,
    /// Hashes that are being computed, but for those in the background.
    pub(super) hashing: usize,
    pub(super) details: Vec<(UploadId, FileFacts, IsLeft)>,
    pub(super) previews: Vec<(UploadId, ThumbSource, (u32, u32), IsLeft)>,
    pub(super) compared: Vec<(FileFacts, ComparedView)>,
    /// A part is being read: one at a time, since all of a picture is decoded for it.
    pub(super) part_is_on: bool,
    pub(super) pictures: Vec<(UploadId, ThumbSource, u32, IsLeft)>,
    /// To be kept from now on, and no more.
    pub(super) keep: VecDeque<(FileFacts, PathBuf)>,
    /// Hashes in the background: one at a time, since all of a file is read for it.
    pub(super) spare: VecDeque<(UploadId, PathBuf)>,
    pub(super) spare_is_on: bool,
    pub(super) forget: Vec<PathBuf>,
    /// What tells those who draw that it is not wanted any more.
    pub(super) drawing: HashMap<UploadId, IsLeft>,
    pub(super) stop: bool,
}

impl WorkQueue {
    /// Takes what is to be done next.
    pub(super) fn next(&mut self) -> Option<WorkerTask> {
        // A row waits for its hash: of many files the first are ready first. A large one keeps one thread, and the other
        // looks on.
        let first = if self.hashing == 0 { self.next_hash() } else { None };
        first
            .or_else(|| self.looks.pop_front().map(|(id, path, left)| WorkerTask::Look(id, path, left)))
            .or_else(|| self.next_hash())
            .or_else(|| self.details.pop().map(|(id, facts, left)| WorkerTask::Details(id, facts, left)))
            .or_else(|| {
                self.previews
                    .pop()
                    .map(|(id, from, within, left)| WorkerTask::Preview(id, from, within, left))
            })
            .or_else(|| self.next_compared())
            .or_else(|| {
                self.pictures.pop().map(|(id, from, side, left)| WorkerTask::Picture(id, from, side, left))
            })
            .or_else(|| self.keep.pop_front().map(|(facts, file)| WorkerTask::Keep(facts, file)))
            .or_else(|| self.next_spare())
            .or_else(|| {
                (!self.forget.is_empty()).then(|| WorkerTask::Forget(std::mem::take(&mut self.forget)))
            })
    }

    /// Notes that something is asked for of an upload: what was asked for before is left.
    pub(super) fn ask(&mut self, what: Asked, id: UploadId) -> IsLeft {
        let left = IsLeft::default();
        if let Some(before) = self.last.insert((what, id), Arc::clone(&left)) {
            before.store(true, Ordering::Relaxed);
        }
        left
    }

    fn next_compared(&mut self) -> Option<WorkerTask> {
        let is_possible = |view: &ComparedView| !self.part_is_on || matches!(view, ComparedView::Whole(_));
        let index = self.compared.iter().rposition(|(_, view)| is_possible(view))?;
        let (facts, view) = self.compared.remove(index);
        self.part_is_on |= matches!(view, ComparedView::Part(_));
        Some(WorkerTask::Compare(facts, view))
    }

    fn next_hash(&mut self) -> Option<WorkerTask> {
        let (id, path) = self.hashes.pop_front()?;
        self.hashing += 1;
        Some(WorkerTask::Hash(id, path))
    }

    fn next_spare(&mut self) -> Option<WorkerTask> {
        let (id, path) = if self.spare_is_on { None } else { self.spare.pop_front() }?;
        self.spare_is_on = true;
        Some(WorkerTask::Spare(id, path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_many_files_are_compared_while_later_ones_are_looked_into() {
        let mut queue = WorkQueue::default();
        let path = PathBuf::new;
        queue.looks.extend((4..=6).map(|n| (UploadId(n), path(), IsLeft::default())));
        queue.hashes.extend((1..=3).map(|n| (UploadId(n), path())));
        let mut next = |ended: usize| {
            queue.hashing -= ended;
            match queue.next() {
                Some(WorkerTask::Hash(UploadId(n), _)) => ("hash", n),
                Some(WorkerTask::Look(UploadId(n), ..)) => ("look", n),
                _ => ("", 0),
            }
        };
        // The first hash takes a while, and keeps nothing waiting.
        assert_eq!([next(0), next(0), next(0)], [("hash", 1), ("look", 4), ("look", 5)]);
        assert_eq!([next(1), next(0), next(0)], [("hash", 2), ("look", 6), ("hash", 3)]);
    }
}
