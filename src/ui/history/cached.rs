//! The few uploads of a long history that were read: those on screen, and some around them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::session::api::{Record, UploadId};

/// An answer that did not come until then is lost: the history could not be read.
pub(super) const LOST_AFTER: Duration = Duration::from_secs(10);

/// Uploads read beyond those on screen, so that scrolling finds them there.
const AHEAD: usize = 40;

/// So few uploads ahead are not worth a question of their own.
const FEW: usize = 16;

/// Uploads kept in memory, some screens full.
const MAX_RECORDS: usize = 400;

/// An upload that was read.
struct CachedRow {
    record: Arc<Record>,
    /// The answer it was read after: older ones are read again when they are seen.
    read_at: u64,
    seen: u64,
}

/// What was read, and what is being read.
#[derive(Default)]
pub(super) struct RowCache {
    records: HashMap<UploadId, CachedRow>,
    /// Counts the answers to what was asked for.
    answers: u64,
    /// What is being read, since when.
    reading: Option<(Vec<UploadId>, Instant)>,
    /// What is not there any more though it was found.
    missing: HashSet<UploadId>,
    clock: u64,
}

impl RowCache {
    /// Notes that the history is another one: what is seen is read again.
    pub(super) fn answered(&mut self) {
        self.answers += 1;
        // Answers come in order: whatever was to be read before is read, or is not there.
        self.reading = None;
        self.missing.clear();
    }

    /// Returns another number whenever the history is another one.
    pub(super) fn answers(&self) -> u64 {
        self.answers
    }

    /// Takes in what was read.
    pub(super) fn read(&mut self, records: Vec<Record>) {
        let came: HashSet<_> = records.iter().map(|record| record.request.id).collect();
        if let Some((asked, _)) = self.reading.take_if(|(asked, _)| asked.iter().any(|id| came.contains(id)))
        {
            self.missing.extend(asked.into_iter().filter(|id| !came.contains(id)));
        }
        let (read_at, seen) = (self.answers, self.clock);
        for record in records {
            let id = record.request.id;
            self.records.insert(id, CachedRow { record: Arc::new(record), read_at, seen });
        }
        if self.records.len() > MAX_RECORDS {
            let mut times: Vec<_> = self.records.values().map(|kept| kept.seen).collect();
            let (_, oldest, _) = times.select_nth_unstable(MAX_RECORDS / 4);
            let oldest = *oldest;
            self.records.retain(|_, kept| kept.seen > oldest || kept.seen == seen);
        }
    }

    /// Decides what to read of these uploads for those on screen, if nothing is being read.
    pub(super) fn wants_read(
        &mut self,
        ids: &[UploadId],
        on_screen: Range<usize>,
        now: Instant,
    ) -> Option<Vec<UploadId>> {
        if let Some((_, since)) = &self.reading
            && now.duration_since(*since) < LOST_AFTER
        {
            return None;
        }
        let there = |id: &&UploadId| !self.missing.contains(id);
        let unread = ids[on_screen.clone()]
            .iter()
            .filter(there)
            .filter(|id| self.records.get(id).is_none_or(|kept| kept.read_at < self.answers));
        let mut wanted: Vec<_> = unread.copied().collect();
        let before = on_screen.start.saturating_sub(AHEAD)..on_screen.start;
        let after = on_screen.end..(on_screen.end + AHEAD).min(ids.len());
        let beyond = ids[after].iter().chain(&ids[before]);
        let beyond: Vec<_> =
            beyond.filter(there).filter(|id| !self.records.contains_key(id)).copied().collect();
        if wanted.is_empty() && beyond.len() < FEW {
            return None;
        }
        wanted.extend(beyond);
        self.reading = Some((wanted.clone(), now));
        Some(wanted)
    }

    /// Returns whether something is being read that will be there soon.
    pub(super) fn is_waiting(&self, now: Instant) -> bool {
        self.reading.as_ref().is_some_and(|(_, since)| now.duration_since(*since) < Duration::from_secs(1))
    }

    /// Returns an upload, if it was read.
    pub(super) fn get(&mut self, id: UploadId) -> Option<Arc<Record>> {
        self.clock += 1;
        let kept = self.records.get_mut(&id)?;
        kept.seen = self.clock;
        Some(Arc::clone(&kept.record))
    }

    /// Counts the uploads in memory.
    pub(super) fn len(&self) -> usize {
        self.records.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::destination::Destination;
    use crate::model::record::UploadRequest;
    use crate::model::upload::State;

    fn record(id: UploadId) -> Record {
        let destination = Destination {
            name: "d".into(),
            provider: "piapi".into(),
            key: "k".into(),
            account: None,
            options: std::collections::BTreeMap::new(),
            fit: crate::model::fit::FitRules::default(),
        };
        let at = jiff::Timestamp::UNIX_EPOCH;
        Record {
            request: UploadRequest {
                id,
                path: "a.png".into(),
                facts: None,
                destination: Arc::new(destination),
                added: at,
                retry_of: id,
                queued: false,
                requested: Some(at),
                copy: None,
                agent: None,
            },
            state: State::Cancelled,
            hash: None,
            position: None,
            attempts: 0,
        }
    }

    #[test]
    fn only_what_is_near_the_screen_is_read_and_kept() {
        let now = Instant::now();
        let ids: Vec<_> = (0..100_000).rev().map(UploadId).collect();
        let mut rows = RowCache::default();
        rows.answered();
        let first = rows.wants_read(&ids, 0..12, now).unwrap();
        assert_eq!(first.len(), 12 + AHEAD);
        assert_eq!(rows.wants_read(&ids, 0..12, now), None, "it is being read");
        rows.read(first[1..].iter().map(|id| record(*id)).collect());
        assert!(rows.get(ids[0]).is_none() && rows.get(ids[1]).is_some());
        assert_eq!(rows.wants_read(&ids, 0..12, now), None, "what is not there is not asked for again");
        for index in (0..90_000).step_by(500) {
            if let Some(wanted) = rows.wants_read(&ids, index..index + 12, now) {
                rows.read(wanted.iter().map(|id| record(*id)).collect());
            }
            let on_screen = &ids[index..index + 12];
            assert!(on_screen.iter().all(|id| *id == ids[0] || rows.get(*id).is_some()), "{index}");
            assert!(rows.len() <= MAX_RECORDS);
        }
        rows.answered(); // the history is another one
        let again = rows.wants_read(&ids, 89_500..89_512, now);
        assert!(again.is_some(), "what is on screen is read again");
    }
}
