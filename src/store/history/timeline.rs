//! What was found of the history, as a page shows it: newest first, in groups by the day.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::model::upload::UploadId;

/// How many of the uploads that were found belong to a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayGroup {
    /// The day on the calendar of whoever looks.
    pub date: Date,
    /// Its uploads.
    pub count: usize,
}

/// Uploads in the order in which they are shown, with their days. Counted where they are read: a page of 100,000 uploads
/// knows its groups though it has read only what is on screen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    ids: Vec<UploadId>,
    days: Vec<DayGroup>,
    indices: HashMap<UploadId, usize>,
}

impl Timeline {
    /// Returns the uploads, newest first.
    pub fn ids(&self) -> &[UploadId] {
        &self.ids
    }

    /// Returns the days they belong to, the latest first; none is empty.
    pub fn days(&self) -> &[DayGroup] {
        &self.days
    }

    /// Returns where an upload is.
    pub fn index(&self, id: UploadId) -> Option<usize> {
        self.indices.get(&id).copied()
    }

    /// Takes uploads out, and the days of which nothing is left.
    pub fn remove(&mut self, gone: &HashSet<UploadId>) {
        if !gone.iter().any(|id| self.indices.contains_key(id)) {
            return;
        }
        let dates = self.days.iter().flat_map(|day| std::iter::repeat_n(day.date, day.count));
        let all = self.ids.iter().copied().zip(dates);
        *self = all.filter(|(id, _)| !gone.contains(id)).collect();
    }

    fn push(&mut self, id: UploadId, date: Date) {
        self.indices.insert(id, self.ids.len());
        self.ids.push(id);
        match self.days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.count += 1,
            None => self.days.push(DayGroup { date, count: 1 }),
        }
    }
}

impl FromIterator<(UploadId, Date)> for Timeline {
    fn from_iter<I: IntoIterator<Item = (UploadId, Date)>>(uploads: I) -> Timeline {
        let mut timeline = Timeline::default();
        uploads.into_iter().for_each(|(id, date)| timeline.push(id, date));
        timeline
    }
}

/// Puts uploads into a timeline, one after the other. Days are asked of the calendar once each.
pub(super) struct TimelineBuilder<'a> {
    zone: &'a TimeZone,
    timeline: Timeline,
    /// The day of the last one, and where it begins and ends.
    day: Option<(Date, Timestamp, Timestamp)>,
}

impl<'a> TimelineBuilder<'a> {
    pub(super) fn new(zone: &'a TimeZone) -> TimelineBuilder<'a> {
        TimelineBuilder { zone, timeline: Timeline::default(), day: None }
    }

    pub(super) fn push(&mut self, id: UploadId, asked: Timestamp) {
        let date = match self.day {
            Some((date, from, until)) if (from..until).contains(&asked) => date,
            _ => self.begin_day(&asked.to_zoned(self.zone.clone())),
        };
        self.timeline.push(id, date);
    }

    pub(super) fn finish(self) -> Timeline {
        self.timeline
    }

    fn begin_day(&mut self, at: &Zoned) -> Date {
        let next = at.tomorrow().and_then(|next| next.start_of_day());
        let bounds = at.start_of_day().ok().zip(next.ok());
        self.day = bounds.map(|(first, next)| (at.date(), first.timestamp(), next.timestamp()));
        at.date()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: &str = "CET-1CEST,M3.5.0,M10.5.0/3";

    fn timeline(zone: &str, asked: &[&str]) -> Timeline {
        let zone = TimeZone::posix(zone).unwrap();
        let mut builder = TimelineBuilder::new(&zone);
        for (n, at) in (1..).zip(asked) {
            builder.push(UploadId(n), at.parse().unwrap());
        }
        builder.finish()
    }

    fn days(timeline: &Timeline) -> Vec<String> {
        timeline.days().iter().map(|day| format!("{} {}", day.date, day.count)).collect()
    }

    #[test]
    fn an_upload_belongs_to_the_day_on_the_wall() {
        let asked = [
            "2026-11-28T04:30:00Z",
            "2026-11-27T23:30:00Z",
            "2026-11-27T22:30:00Z",
            "2026-11-27T04:59:59Z",
            "2025-11-27T04:59:59Z",
        ];
        let grouped = |zone| days(&timeline(zone, &asked));
        assert_eq!(grouped("UTC0"), ["2026-11-28 1", "2026-11-27 3", "2025-11-27 1"]);
        assert_eq!(grouped(BERLIN), ["2026-11-28 2", "2026-11-27 2", "2025-11-27 1"]);
        assert_eq!(grouped("EST5EDT,M3.2.0,M11.1.0"), ["2026-11-27 3", "2026-11-26 1", "2025-11-26 1"]);
    }

    #[test]
    fn days_with_23_and_25_hours_are_whole() {
        // On 25 October 2026 clocks in Berlin are put back, on 29 March ahead.
        let asked = [
            "2026-10-25T22:59:59Z",
            "2026-10-24T22:00:00Z",
            "2026-10-24T21:59:59Z",
            "2026-03-29T21:59:59Z",
            "2026-03-28T23:00:00Z",
            "2026-03-28T22:59:59Z",
        ];
        let found = timeline(BERLIN, &asked);
        assert_eq!(days(&found), ["2026-10-25 2", "2026-10-24 1", "2026-03-29 2", "2026-03-28 1"]);
    }

    #[test]
    fn what_is_taken_out_leaves_no_empty_day() {
        let asked = ["2026-11-28T12:00:00Z", "2026-11-27T12:00:00Z", "2026-11-27T11:00:00Z"];
        let all = timeline("UTC0", &asked);
        let without = |gone: &[u64]| {
            let mut some = all.clone();
            some.remove(&gone.iter().copied().map(UploadId).collect());
            let places = some.ids().iter().map(|id| some.index(*id)).collect::<Vec<_>>();
            assert_eq!(places, (0..some.ids().len()).map(Some).collect::<Vec<_>>());
            (days(&some), some.ids().iter().map(|id| id.0).collect::<Vec<_>>())
        };
        let strings = |all: &[&str]| all.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(without(&[9]), (strings(&["2026-11-28 1", "2026-11-27 2"]), vec![1, 2, 3]));
        assert_eq!(without(&[1]), (strings(&["2026-11-27 2"]), vec![2, 3]));
        assert_eq!(without(&[2]), (strings(&["2026-11-28 1", "2026-11-27 1"]), vec![1, 3]));
        assert_eq!(without(&[1, 2, 3]), (vec![], vec![]));
        assert_eq!(all.index(UploadId(9)), None);
    }
}
