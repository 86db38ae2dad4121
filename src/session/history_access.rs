//! The history without a queue or an engine, for commands that only look into it.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::record::{Attempt, Record};
use crate::model::upload::State;
use crate::store::folders::Folders;
use crate::store::history::{History, HistoryEvent, HistoryGuard, Query, ReadError, Reader, Write};

/// So long a change may take: a long history is overwritten on the disk.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Why the history was not read, or not cleared.
#[derive(Debug, thiserror::Error)]
pub enum HistoryAccessError {
    /// The system gave no thread.
    #[error("The history has no thread: {0}")]
    NoThread(io::Error),
    /// It was not read.
    #[error(transparent)]
    Unreadable(#[from] ReadError),
    /// It was not written.
    #[error("The history cannot be written")]
    Unwritable,
    /// What whoever writes it said.
    #[error("{0}. Nothing was cleared")]
    NotCleared(String),
    /// It is cleared, but for its pictures.
    #[error("The thumbnails of sent files cannot be deleted: {0}")]
    PicturesKept(io::ErrorKind),
}

/// The history of these folders. What runs that have ended left half-way is settled when it is opened.
pub struct HistoryAccess {
    reader: Reader,
    history: History,
    history_guard: HistoryGuard,
    /// Found while something else was done.
    notices: Vec<String>,
    /// Where small pictures of what was sent are kept.
    pictures: PathBuf,
}

impl HistoryAccess {
    /// Opens it. Gives back also what there is to say of it; nothing is made where there is no history yet.
    pub fn open(folders: &Folders) -> Result<(Option<HistoryAccess>, Vec<String>), HistoryAccessError> {
        if !History::is_there(folders) {
            return Ok((None, vec![]));
        }
        let (history, history_guard) = History::open(folders, false, std::sync::Arc::new(|| {}))
            .map_err(HistoryAccessError::NoThread)?;
        let said = messages(history_guard.wait_until_open());
        let pictures = folders.cache.join("pictures");
        Ok((
            Some(HistoryAccess {
                reader: history.reader(),
                history,
                history_guard,
                notices: vec![],
                pictures,
            }),
            said,
        ))
    }

    /// Gives on the uploads that match, newest first, read in pieces.
    pub fn each<E: From<ReadError>>(
        &mut self,
        query: &Query,
        mut take: impl FnMut(&Record, &[Attempt]) -> Result<(), E>,
    ) -> Result<(), E> {
        let ids = self.reader.find(query)?;
        for piece in ids.chunks(256) {
            for record in self.reader.records(piece)? {
                let attempts = self.reader.attempts(record.request.id)?;
                take(&record, &attempts)?;
            }
        }
        Ok(())
    }

    /// Closes it. Gives back what was found since it was opened.
    pub fn end(mut self) -> Vec<String> {
        let mut said = std::mem::take(&mut self.notices);
        let notices = self.history_guard.closing_notices();
        drop(self);
        said.extend(notices.collect());
        said
    }

    /// Returns how many uploads there are.
    pub fn count(&mut self) -> Result<usize, ReadError> {
        self.reader.count().map(|count| count.all)
    }

    /// Forgets everything but what is on its way or still waits in a window's queue.
    pub fn clear(&mut self) -> Result<(), HistoryAccessError> {
        let began = Timestamp::now();
        let written = self.history.write(Write::Cleared);
        let end = Instant::now() + TIMEOUT;
        while !self.history.has_reached(written) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut told = vec![];
        while let Some(one) = self.history_guard.try_event() {
            told.push(one);
        }
        // Whether it went through: why not may have been said before.
        let gone = self.each(&Query::default(), |record, _| {
            let stays = !goes(record) || record.request.requested.is_some_and(|asked| asked > began);
            if stays { Ok(()) } else { Err(HistoryAccessError::Unwritable) }
        });
        let mut said = messages(told);
        if let Err(why) = gone {
            return Err(HistoryAccessError::NotCleared(said.pop().unwrap_or_else(|| why.to_string())));
        }
        self.notices.append(&mut said);
        match std::fs::remove_dir_all(&self.pictures) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(HistoryAccessError::PicturesKept(e.kind())),
            _ => Ok(()),
        }
    }
}

/// Returns whether a clearing takes it.
fn goes(record: &Record) -> bool {
    match record.state {
        State::Waiting { .. } | State::Sending { .. } | State::Sent { .. } => false,
        State::Done(_) | State::Cancelled => true,
        _ => !record.request.queued,
    }
}

fn messages(told: Vec<HistoryEvent>) -> Vec<String> {
    told.into_iter()
        .filter_map(|told| if let HistoryEvent::Said(said) = told { Some(said) } else { None })
        .collect()
}
