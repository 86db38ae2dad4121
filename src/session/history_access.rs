//! The history without a queue or an engine, for commands that only look into it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::model::record::{Attempt, Record};
use crate::model::upload::State;
use crate::store::folders::Folders;
use crate::store::history::{History, HistoryEvent, HistoryGuard, Query, Reader, Write};

/// So long a change may take: a long history is overwritten on the disk.
const TIMEOUT: Duration = Duration::from_mins(1);

/// The history of these folders. What runs that have ended left half-way is settled when it is opened.
pub struct Shelf {
    reader: Reader,
    history: History,
    keeper: HistoryGuard,
    /// Found while something else was done.
    said: Vec<String>,
    /// Where small pictures of what was sent are kept.
    pictures: PathBuf,
}

impl Shelf {
    /// Opens it. Gives back also what there is to say of it; nothing is made where there is no history yet.
    pub fn open(folders: &Folders) -> Result<(Option<Shelf>, Vec<String>), String> {
        if !History::is_there(folders) {
            return Ok((None, vec![]));
        }
        let (history, keeper) = History::open(folders, false, std::sync::Arc::new(|| {}))
            .map_err(|e| format!("The history has no thread: {e}"))?;
        let said = messages(keeper.wait_until_open());
        let pictures = folders.cache.join("pictures");
        Ok((Some(Shelf { reader: history.reader(), history, keeper, said: vec![], pictures }), said))
    }

    /// The uploads that match, newest first, read in pieces.
    pub fn each<E: From<String>>(
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
        let mut said = std::mem::take(&mut self.said);
        let notices = self.keeper.closing_notices();
        drop(self);
        said.extend(notices.collect());
        said
    }

    /// How many uploads there are.
    pub fn count(&mut self) -> Result<usize, String> {
        self.reader.count()
    }

    /// Forgets everything but what is on its way or still waits in a window's queue.
    pub fn clear(&mut self) -> Result<(), String> {
        let began = Timestamp::now();
        let written = self.history.write(Write::Cleared);
        let end = Instant::now() + TIMEOUT;
        while !self.history.has_reached(written) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut told = vec![];
        while let Some(one) = self.keeper.try_event() {
            told.push(one);
        }
        // Whether it went through: why not may have been said before.
        let gone = self.each(&Query::default(), |record, _| {
            let stays = !goes(record) || record.request.asked.is_some_and(|asked| asked > began);
            if stays { Ok(()) } else { Err("The history cannot be written".to_owned()) }
        });
        let mut said = messages(told);
        if let Err(why) = gone {
            return Err(format!("{}. Nothing was cleared", said.pop().unwrap_or(why)));
        }
        self.said.append(&mut said);
        match std::fs::remove_dir_all(&self.pictures) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(format!("The small pictures of what was sent cannot be removed: {}", e.kind()))
            }
            _ => Ok(()),
        }
    }
}

/// Whether a clearing takes it.
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
