//! The history without a queue or an engine, for commands that only look into it.

use std::time::{Duration, Instant};

use crate::model::record::{Attempt, Record};
use crate::store::folders::Folders;
use crate::store::history::{History, Keeper, Query, Reader, Told, Write};

/// So long a change may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The history of these folders. What runs that have ended left half-way is settled when it is opened.
pub struct Shelf {
    reader: Reader,
    history: History,
    keeper: Keeper,
}

impl Shelf {
    /// Opens it. Gives back also what there is to say of it; nothing is made where there is no history yet.
    pub fn open(folders: &Folders) -> Result<(Option<Shelf>, Vec<String>), String> {
        if !History::is_there(folders) {
            return Ok((None, vec![]));
        }
        let (history, keeper) = History::open(folders, false, std::sync::Arc::new(|| {}))
            .map_err(|e| format!("The history has no thread: {e}"))?;
        let said = said(keeper.wait_until_open());
        Ok((Some(Shelf { reader: history.reader(), history, keeper }), said))
    }

    /// The uploads that match, newest first, read in pieces.
    pub fn each(
        &mut self,
        query: &Query,
        mut take: impl FnMut(&Record, &[Attempt]) -> Result<(), String>,
    ) -> Result<(), String> {
        let ids = self.reader.find(query)?;
        for piece in ids.chunks(256) {
            for record in self.reader.records(piece)? {
                let attempts = self.reader.attempts(record.entry.id)?;
                take(&record, &attempts)?;
            }
        }
        Ok(())
    }

    /// How many uploads there are.
    pub fn count(&mut self) -> Result<usize, String> {
        self.reader.count()
    }

    /// Forgets everything but what is on its way or still waits in a window's queue.
    pub fn clear(&mut self) -> Result<(), String> {
        let written = self.history.write(Write::Cleared);
        let end = Instant::now() + PATIENCE;
        while !self.history.has_reached(written) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut told = vec![];
        while let Some(one) = self.keeper.try_told() {
            told.push(one);
        }
        match said(told).pop() {
            Some(said) => Err(said),
            None => Ok(()),
        }
    }
}

fn said(told: Vec<Told>) -> Vec<String> {
    told.into_iter().filter_map(|told| if let Told::Said(said) = told { Some(said) } else { None }).collect()
}
