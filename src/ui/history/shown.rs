//! What of the history is on screen: the question that was asked, what was found, and the few rows that were read.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{ToSpan, Zoned};
use strum::EnumIter;

use super::row::HEIGHT as ROW;
use crate::session::api::{Query, Record, UploadId};

/// While uploads run the history changes all the time; it is asked again so often at most.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// An answer that did not come until then is lost: the history could not be read.
const LOST_AFTER: Duration = Duration::from_secs(10);

/// Rows read beyond those on screen, so that scrolling finds them there.
const AHEAD: usize = 40;

/// So few rows ahead are not worth a question of their own.
const FEW: usize = 16;

/// Uploads kept in memory, some screens full.
const MOST: usize = 400;

/// How far back the history is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter)]
pub(super) enum DateRange {
    #[default]
    AnyTime,
    Today,
    SevenDays,
    ThirtyDays,
}

impl DateRange {
    pub(super) fn label(self) -> &'static str {
        match self {
            DateRange::AnyTime => "Any time",
            DateRange::Today => "Today",
            DateRange::SevenDays => "Last 7 days",
            DateRange::ThirtyDays => "Last 30 days",
        }
    }

    /// Returns where the range begins, in whole days: today is one of the seven.
    fn since(self, now: &Zoned) -> Option<jiff::Timestamp> {
        let days = match self {
            DateRange::AnyTime => return None,
            DateRange::Today => 0,
            DateRange::SevenDays => 6,
            DateRange::ThirtyDays => 29,
        };
        let first = now.checked_sub(days.days()).and_then(|day| day.start_of_day());
        first.ok().map(|first| first.timestamp())
    }
}

/// What to ask the history.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextQuery {
    Now(Query),
    /// One is due then.
    Later(Duration),
    None,
}

/// An upload that was read.
struct CachedRow {
    record: Arc<Record>,
    /// The answer it was read after: older ones are read again when they are seen.
    read_at: u64,
    seen: u64,
}

/// The state of the page: the filters, what was found, and where it is scrolled.
#[derive(Default)]
pub(in crate::ui) struct HistoryView {
    pub(super) search: String,
    pub(super) provider: Option<&'static str>,
    pub(super) within: DateRange,
    /// What is on screen is the answer to this.
    answered: Option<Query>,
    ids: Vec<UploadId>,
    /// Counts the answers.
    answers: u64,
    /// The question under way: there is one at most.
    asked: Option<(Query, Instant)>,
    last_asked: Option<Instant>,
    /// The history is another one since the answer.
    changed: bool,
    records: HashMap<UploadId, CachedRow>,
    /// What is being read, since when.
    reading: Option<(Vec<UploadId>, Instant)>,
    /// What is not there any more though it was found.
    missing: HashSet<UploadId>,
    clock: u64,
    /// Returns how far it is scrolled.
    offset: f32,
    /// Scrolls there with the next frame.
    go_to: Option<f32>,
}

impl HistoryView {
    /// Returns the query that the filters ask for.
    pub(super) fn wanted(&self, now: &Zoned) -> Query {
        Query {
            search: self.search.trim().to_owned(),
            provider: self.provider.map(ToOwned::to_owned),
            since: self.within.since(now),
            limit: None,
        }
    }

    /// Returns whether something narrows down what is shown.
    pub(super) fn is_filtered(&self) -> bool {
        !self.search.trim().is_empty() || self.provider.is_some() || self.within != DateRange::AnyTime
    }

    pub(super) fn clear_filters(&mut self) {
        self.search.clear();
        self.provider = None;
        self.within = DateRange::AnyTime;
    }

    /// Decides what to ask now.
    pub(super) fn question(&mut self, day: &Zoned, now: Instant) -> NextQuery {
        if let Some((_, since)) = &self.asked {
            if now.duration_since(*since) < LOST_AFTER {
                return NextQuery::None;
            }
            self.changed = true; // what it was to tell is not known
        }
        let wanted = self.wanted(day);
        let same = self.answered.as_ref() == Some(&wanted);
        if same && !self.changed {
            return NextQuery::None;
        }
        if let Some(wait) = self.last_asked.and_then(|at| ASKED_EVERY.checked_sub(now.duration_since(at)))
            && same
            && !wait.is_zero()
        {
            return NextQuery::Later(wait);
        }
        self.changed = false;
        self.last_asked = Some(now);
        self.asked = Some((wanted.clone(), now));
        NextQuery::Now(wanted)
    }

    /// Notes that the history changed.
    pub(in crate::ui) fn changed(&mut self) {
        self.changed = true;
    }

    /// Takes in an answer. One to a question that nobody asks any more is dropped.
    pub(in crate::ui) fn found(&mut self, query: Query, ids: Vec<UploadId>) {
        let expected = self.asked.take_if(|(asked, _)| *asked == query).is_some();
        if !expected || query != self.wanted(&Zoned::now()) {
            return;
        }
        self.go_to = match self.answered.as_ref() == Some(&query) {
            true => self.same_place(&ids),
            false => Some(0.0),
        };
        self.answered = Some(query);
        self.ids = ids;
        self.answers += 1;
        // Answers come in order: whatever was to be read before is read, or is not there.
        self.reading = None;
        self.missing.clear();
    }

    /// Finds the first row on screen among these. At the very top there is none: new rows may come in.
    fn same_place(&self, ids: &[UploadId]) -> Option<f32> {
        let index = (self.offset / ROW) as usize;
        let top = self.ids.get(index).filter(|_| self.offset > 0.0)?;
        let index = ids.iter().position(|id| id == top)?;
        Some(index as f32 * ROW + self.offset % ROW)
    }

    /// Takes in what was read.
    pub(in crate::ui) fn read(&mut self, records: Vec<Record>) {
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
        if self.records.len() > MOST {
            let mut times: Vec<_> = self.records.values().map(|kept| kept.seen).collect();
            let (_, oldest, _) = times.select_nth_unstable(MOST / 4);
            let oldest = *oldest;
            self.records.retain(|_, kept| kept.seen > oldest || kept.seen == seen);
        }
    }

    /// Decides what to read for these rows on screen, if nothing is being read.
    pub(super) fn wants_read(&mut self, rows: Range<usize>, now: Instant) -> Option<Vec<UploadId>> {
        if let Some((_, since)) = &self.reading
            && now.duration_since(*since) < LOST_AFTER
        {
            return None;
        }
        let there = |id: &&UploadId| !self.missing.contains(id);
        let on_screen = self.ids[rows.clone()]
            .iter()
            .filter(there)
            .filter(|id| self.records.get(id).is_none_or(|kept| kept.read_at < self.answers));
        let mut wanted: Vec<_> = on_screen.copied().collect();
        let before = rows.start.saturating_sub(AHEAD)..rows.start;
        let after = rows.end..(rows.end + AHEAD).min(self.ids.len());
        let beyond = self.ids[after].iter().chain(&self.ids[before]);
        let beyond: Vec<_> =
            beyond.filter(there).filter(|id| !self.records.contains_key(id)).copied().collect();
        if wanted.is_empty() && beyond.len() < FEW {
            return None;
        }
        wanted.extend(beyond);
        self.reading = Some((wanted.clone(), now));
        Some(wanted)
    }

    /// Returns whether an answer is awaited that will come soon.
    pub(super) fn is_waiting(&self, now: Instant) -> bool {
        let recent = |since: &Instant| now.duration_since(*since) < Duration::from_secs(1);
        self.asked.as_ref().is_some_and(|(_, since)| recent(since))
            || self.reading.as_ref().is_some_and(|(_, since)| recent(since))
    }

    /// Returns whether the first answer has come, be it that there is nothing.
    pub(super) fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// Counts what was found.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns the upload in a row, if it was read.
    pub(super) fn row(&mut self, index: usize) -> Option<Arc<Record>> {
        self.clock += 1;
        let kept = self.records.get_mut(self.ids.get(index)?)?;
        kept.seen = self.clock;
        Some(Arc::clone(&kept.record))
    }

    /// Returns how far it is scrolled.
    pub(super) fn offset(&self) -> f32 {
        self.offset
    }

    /// Notes how far it is scrolled.
    pub(super) fn stands_at(&mut self, offset: f32) {
        self.offset = offset;
    }

    /// Takes where to scroll to.
    pub(super) fn take_go_to(&mut self) -> Option<f32> {
        self.go_to.take()
    }

    /// Scrolls there with the next frame.
    pub(super) fn go_to(&mut self, offset: f32) {
        self.go_to = Some(offset.max(0.0));
    }

    /// Counts the uploads in memory.
    pub(in crate::ui) fn cached(&self) -> usize {
        self.records.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::destination::Destination;
    use crate::model::record::UploadRequest;
    use crate::model::upload::State;

    fn ids(numbers: Range<u64>) -> Vec<UploadId> {
        numbers.rev().map(UploadId).collect()
    }

    fn record(id: UploadId) -> Record {
        let destination = Destination {
            name: "d".into(),
            provider: "piapi".into(),
            key: "k".into(),
            account: None,
            options: std::collections::BTreeMap::new(),
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
                asked: Some(at),
            },
            state: State::Cancelled,
            hash: None,
            position: None,
            attempts: 0,
        }
    }

    /// Everything was asked for, and this was found.
    fn with(numbers: Range<u64>, now: Instant) -> HistoryView {
        let mut shown = HistoryView::default();
        let NextQuery::Now(query) = shown.question(&Zoned::now(), now) else { panic!() };
        shown.found(query, ids(numbers));
        shown
    }

    #[test]
    fn one_question_at_a_time_and_answers_to_old_ones_are_dropped() {
        let (day, now) = (Zoned::now(), Instant::now());
        let mut shown = HistoryView::default();
        let NextQuery::Now(first) = shown.question(&day, now) else { panic!() };
        shown.search = "cover".into();
        assert_eq!(shown.question(&day, now), NextQuery::None, "the first is under way");
        shown.found(first.clone(), ids(0..9));
        assert!(!shown.is_answered(), "it is the answer to another question");
        let NextQuery::Now(second) = shown.question(&day, now) else { panic!() };
        assert_eq!(second.search, "cover");
        shown.found(first, ids(0..9));
        assert!(!shown.is_answered());
        shown.found(second, ids(3..4));
        assert_eq!(shown.len(), 1);
        assert_eq!(shown.question(&day, now), NextQuery::None, "nothing is asked twice");
        shown.changed();
        assert!(matches!(shown.question(&day, now), NextQuery::Later(_)), "uploads change the history often");
        assert!(matches!(shown.question(&day, now + ASKED_EVERY), NextQuery::Now(_)));
        let lost = now + ASKED_EVERY + LOST_AFTER;
        assert!(matches!(shown.question(&day, lost), NextQuery::Now(_)), "that answer never came");
    }

    #[test]
    fn what_comes_in_above_does_not_move_the_rows_on_screen() {
        let now = Instant::now();
        let mut shown = with(0..100, now);
        let again = |shown: &mut HistoryView, rows: f32, numbers| {
            shown.stands_at(rows * ROW);
            shown.take_go_to();
            shown.changed();
            shown.last_asked = None;
            let NextQuery::Now(query) = shown.question(&Zoned::now(), now) else { panic!() };
            shown.found(query, ids(numbers));
            shown.take_go_to().map(|to| to / ROW)
        };
        assert_eq!(again(&mut shown, 10.5, 0..103), Some(13.5));
        assert_eq!(again(&mut shown, 0.0, 0..104), None, "at the top new rows are seen");
        assert_eq!(again(&mut shown, 0.5, 0..105), Some(1.5));
        assert_eq!(again(&mut shown, 5.0, 0..50), None, "that row is gone");
    }

    #[test]
    fn only_what_is_near_the_screen_is_read_and_kept() {
        let now = Instant::now();
        let mut shown = with(0..100_000, now);
        let first = shown.wants_read(0..12, now).unwrap();
        assert_eq!(first.len(), 12 + AHEAD);
        assert_eq!(shown.wants_read(0..12, now), None, "it is being read");
        shown.read(first[1..].iter().map(|id| record(*id)).collect());
        assert!(shown.row(0).is_none() && shown.row(1).is_some());
        assert_eq!(shown.wants_read(0..12, now), None, "what is not there is not asked for again");
        for index in (0..90_000).step_by(500) {
            if let Some(ids) = shown.wants_read(index..index + 12, now) {
                shown.read(ids.iter().map(|id| record(*id)).collect());
            }
            assert!((index..index + 12).all(|index| index == 0 || shown.row(index).is_some()), "{index}");
            assert!(shown.cached() <= MOST);
        }
        shown.answers += 1; // the history is another one
        assert!(shown.wants_read(89_500..89_512, now).is_some(), "what is on screen is read again");
    }

    #[test]
    fn days_are_whole() {
        let now: Zoned = "2026-09-10T12:30[UTC]".parse().unwrap();
        let since = |within: DateRange| within.since(&now).map(|at| at.to_string());
        assert_eq!(since(DateRange::AnyTime), None);
        assert_eq!(since(DateRange::Today).as_deref(), Some("2026-09-10T00:00:00Z"));
        assert_eq!(since(DateRange::SevenDays).as_deref(), Some("2026-09-04T00:00:00Z"));
        assert_eq!(since(DateRange::ThirtyDays).as_deref(), Some("2026-08-12T00:00:00Z"));
    }
}
