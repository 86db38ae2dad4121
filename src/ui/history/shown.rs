//! What of the history is on screen: the question that was asked, what was found, and where it stands.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Zoned;

use super::cached::{LOST_AFTER, RowCache};
use super::filters::HistoryFilters;
use super::layout::PageLayout;
use super::picked::PickedUploads;
use crate::session::HistorySelection;
use crate::session::api::{HistoryStyle, Query, Record, Timeline, UploadId};
use crate::ui::selection::Selection;

/// While uploads run the history changes all the time; it is asked again so often at most.
const ASKED_EVERY: Duration = Duration::from_millis(200);

/// What to ask the history.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NextQuery {
    Now(Query),
    /// One is due then.
    Later(Duration),
    None,
}

/// The state of the page: the filters, what was found, and where it is scrolled.
#[derive(Default)]
pub(in crate::ui) struct HistoryView {
    pub(super) filters: HistoryFilters,
    /// The keyboard was in the search in the last frame: egui takes it from there by Escape.
    pub(super) is_searching: bool,
    pub(super) picked: PickedUploads,
    /// What is on screen is the answer to this.
    answered: Option<Query>,
    found: Timeline,
    /// The question under way: there is one at most.
    asked: Option<(Query, Instant)>,
    last_asked: Option<Instant>,
    /// The history is another one since the answer.
    changed: bool,
    rows: RowCache,
    /// Where everything is, and what it was made of.
    layout: PageLayout,
    layout_of: (HistoryStyle, f32, u64),
    /// How far it is scrolled.
    offset: f64,
    /// Scrolls there with the next frame.
    go_to: Option<f64>,
}

impl HistoryView {
    /// Decides what to ask now.
    pub(super) fn question(&mut self, day: &Zoned, now: Instant) -> NextQuery {
        if let Some((_, since)) = &self.asked {
            if now.duration_since(*since) < LOST_AFTER {
                return NextQuery::None;
            }
            self.changed = true; // what it was to tell is not known
        }
        let wanted = self.filters.wanted(day);
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

    /// Shows the result of a search; that of one which was replaced since is dropped. Returns whether it takes the place of
    /// an older result of the same search.
    pub(in crate::ui) fn found(&mut self, query: Query, found: Timeline) -> bool {
        let expected = self.asked.take_if(|(asked, _)| *asked == query).is_some();
        if !expected || query != self.filters.wanted(&Zoned::now()) {
            return false;
        }
        let (style, width, _) = self.layout_of;
        let layout = PageLayout::new(found.days(), style, width);
        let is_same = self.answered.as_ref() == Some(&query);
        self.go_to = if is_same { self.same_place(&found, &layout) } else { Some(0.0) };
        self.answered = Some(query);
        self.found = found;
        self.layout = layout;
        self.rows.answered();
        self.layout_of.2 = self.rows.answers();
        is_same
    }

    /// Finds the first upload on screen among these. At the very top there is none: new ones may come in.
    fn same_place(&self, found: &Timeline, layout: &PageLayout) -> Option<f64> {
        let index = self.layout.at(self.offset);
        let top = self.found.ids().get(index).filter(|_| self.offset > 0.0)?;
        let now = found.index(*top)?;
        Some(layout.top(now) + self.offset - self.layout.top(index))
    }

    /// Lays everything out for the page as it is now. What is on screen stays there where the page is another one.
    pub(super) fn lay_out(&mut self, style: HistoryStyle, width: f32) {
        let of = (style, width, self.rows.answers());
        if self.layout_of == of {
            return;
        }
        let layout = PageLayout::new(self.found.days(), style, width);
        if self.offset > 0.0 && self.go_to.is_none() {
            self.go_to = Some(layout.top(self.layout.at(self.offset)));
        }
        self.layout = layout;
        self.layout_of = of;
    }

    /// Returns where everything is.
    pub(in crate::ui) fn layout(&self) -> &PageLayout {
        &self.layout
    }

    /// Returns whether the keyboard was in the search in the last frame.
    pub(in crate::ui) fn is_searching(&self) -> bool {
        self.is_searching
    }

    /// Searches for nothing any more.
    pub(in crate::ui) fn clear_search(&mut self) {
        self.filters.search.clear();
    }

    /// Returns what is searched for, as it was typed.
    pub(in crate::ui) fn search_text(&self) -> &str {
        &self.filters.search
    }

    /// Returns what is shown, as a question to the history.
    pub(in crate::ui) fn wanted(&self, day: &Zoned) -> Query {
        self.filters.wanted(day)
    }

    /// Takes in what was read.
    pub(in crate::ui) fn read(&mut self, records: Vec<Record>) {
        self.rows.read(records);
    }

    /// Takes in what is selected, as it was counted.
    pub(in crate::ui) fn selected(&mut self, selection: HistorySelection) {
        self.picked.answered(selection);
    }

    /// Returns the one upload that is selected, as it was read.
    pub(in crate::ui) fn only_selected(&self) -> Option<&Arc<Record>> {
        self.picked.known().only.as_ref()
    }

    /// Decides what to read for what is on screen, if nothing is being read.
    pub(super) fn wants_read(&mut self, room: f32, now: Instant) -> Option<Vec<UploadId>> {
        let on_screen = self.layout.on_screen(self.offset, room);
        self.rows.wants_read(self.found.ids(), on_screen, now)
    }

    /// Decides what to ask of the selection now.
    pub(super) fn selection_question(
        &mut self,
        selection: &Selection,
        now: Instant,
    ) -> Option<(u64, Vec<UploadId>)> {
        self.picked.question(selection, &self.found, self.rows.answers(), now)
    }

    /// Returns whether an answer is awaited that will come soon.
    pub(super) fn is_waiting(&self, now: Instant) -> bool {
        let recent = |since: &Instant| now.duration_since(*since) < Duration::from_secs(1);
        self.asked.as_ref().is_some_and(|(_, since)| recent(since))
            || self.rows.is_waiting(now)
            || self.picked.asked_at().is_some_and(|since| recent(&since))
    }

    /// Returns whether the first answer has come, be it that there is nothing.
    pub(super) fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    /// Returns what was found.
    pub(in crate::ui) fn timeline(&self) -> &Timeline {
        &self.found
    }

    /// Counts what was found.
    pub(super) fn len(&self) -> usize {
        self.found.ids().len()
    }

    /// Returns an upload, if it was read.
    pub(super) fn row(&mut self, index: usize) -> Option<Arc<Record>> {
        self.record(*self.found.ids().get(index)?)
    }

    /// Returns an upload by its number, if it was read.
    pub(in crate::ui) fn record(&mut self, id: UploadId) -> Option<Arc<Record>> {
        self.rows.get(id)
    }

    /// Returns how far it is scrolled.
    pub(super) fn offset(&self) -> f64 {
        self.offset
    }

    /// Notes how far it is scrolled.
    pub(super) fn stands_at(&mut self, offset: f64) {
        self.offset = offset;
    }

    /// Takes where to scroll to.
    pub(super) fn take_go_to(&mut self) -> Option<f64> {
        self.go_to.take()
    }

    /// Scrolls there with the next frame.
    pub(super) fn go_to(&mut self, offset: f64) {
        self.go_to = Some(offset.max(0.0));
    }

    /// Counts the uploads in memory.
    pub(in crate::ui) fn cached(&self) -> usize {
        self.rows.len()
    }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    /// Uploads of these numbers, the highest first: a day has a hundred of them.
    fn found(numbers: Range<u64>) -> Timeline {
        let day = |n: u64| jiff::civil::date(2026, 1, 1 + (n / 100) as i8);
        numbers.rev().map(|n| (UploadId(n), day(n))).collect()
    }

    /// Everything was asked for, and this was found.
    fn with(numbers: Range<u64>, now: Instant) -> HistoryView {
        let mut shown = HistoryView::default();
        let NextQuery::Now(query) = shown.question(&Zoned::now(), now) else { panic!() };
        shown.found(query, found(numbers));
        shown
    }

    #[test]
    fn one_question_at_a_time_and_answers_to_old_ones_are_dropped() {
        let (day, now) = (Zoned::now(), Instant::now());
        let mut shown = HistoryView::default();
        let NextQuery::Now(first) = shown.question(&day, now) else { panic!() };
        shown.filters.search = "cover".into();
        assert_eq!(shown.question(&day, now), NextQuery::None, "the first is under way");
        shown.found(first.clone(), found(0..9));
        assert!(!shown.is_answered(), "it is the answer to another question");
        let NextQuery::Now(second) = shown.question(&day, now) else { panic!() };
        assert_eq!(second.search, "cover");
        shown.found(first, found(0..9));
        assert!(!shown.is_answered());
        shown.found(second, found(3..4));
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
        for (style, width) in [(HistoryStyle::List, 600.0), (HistoryStyle::Grid, 175.0)] {
            let now = Instant::now();
            let mut shown = with(0..100, now);
            shown.lay_out(style, width);
            let step = shown.layout().top(1) - shown.layout().top(0);
            let again = |shown: &mut HistoryView, offset: f64, numbers| {
                shown.stands_at(offset);
                shown.take_go_to();
                shown.changed();
                shown.last_asked = None;
                let NextQuery::Now(query) = shown.question(&Zoned::now(), now) else { panic!() };
                let before = shown.found.ids()[shown.layout.at(offset)];
                let top = shown.layout.top(shown.layout.at(offset));
                shown.found(query, found(numbers));
                let to = shown.take_go_to();
                to.zip(shown.found.index(before))
                    .map(|(to, index)| (to - shown.layout.top(index)) - (offset - top))
            };
            let is_there = |moved: Option<f64>| moved.is_some_and(|by| by.abs() < 0.01);
            assert!(is_there(again(&mut shown, 10.5 * step, 0..103)), "three of a new day");
            assert_eq!(again(&mut shown, 0.0, 0..104), None, "at the top new rows are seen");
            assert!(is_there(again(&mut shown, 0.5 * step, 0..105)));
            assert_eq!(again(&mut shown, 5.0 * step, 0..50), None, "that row is gone");
        }
    }

    #[test]
    fn list_and_grid_begin_with_the_same_upload() {
        let mut shown = with(0..100, Instant::now());
        shown.lay_out(HistoryStyle::List, 600.0);
        shown.stands_at(shown.layout().top(40));
        shown.take_go_to();
        shown.lay_out(HistoryStyle::Grid, 884.0);
        let to = shown.take_go_to().unwrap();
        assert_eq!(shown.layout().at(to), 40);
        shown.lay_out(HistoryStyle::Grid, 884.0);
        assert_eq!(shown.take_go_to(), None);
    }
}
