//! Where every upload of a long history is: below the name of its day, in a list or a grid.

use std::ops::{Range, RangeInclusive};

use eframe::egui::{Rect, Vec2, pos2, vec2};
use jiff::civil::Date;

use crate::session::api::{DayGroup, HistoryStyle};
use crate::ui::file_list::ListKey;

/// Height of a row of the list.
pub(super) const ROW: f32 = 48.0;

/// Height of the name of a day.
pub(super) const HEADING: f32 = 24.0;
/// Above the first one.
const ABOVE: f32 = 12.0;
/// Below the last upload.
const BELOW: f32 = 12.0;
/// Between two days of a list.
const BETWEEN: f32 = 8.0;

/// Between two cells of a grid.
const GAP: f32 = 10.0;
/// The least width of a cell.
const CELL: f32 = 160.0;
/// Height of the words below a picture, with the space to the next row.
const WORDS: f32 = 46.0;
/// How high a picture is, of its width.
const PICTURE: f32 = 104.0 / 169.0;

/// The uploads of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DaySection {
    pub(super) date: Date,
    /// The first of them.
    pub(super) first: usize,
    pub(super) count: usize,
    /// Where its name begins, from the top of everything. With as many digits as a million rows need.
    pub(super) top: f64,
}

/// The geometry of the page, for one width.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::ui) struct PageLayout {
    sections: Vec<DaySection>,
    columns: usize,
    cell: Vec2,
    /// From one row or column to the next.
    step: Vec2,
    height: f64,
}

/// Returns how high the picture is in a cell of the grid.
pub(super) fn picture_height(width: f32) -> f32 {
    (width * PICTURE).round()
}

impl PageLayout {
    pub(super) fn new(days: &[DayGroup], style: HistoryStyle, width: f32) -> PageLayout {
        let (columns, cell, step, between) = match style {
            HistoryStyle::List => (1, vec2(width, ROW), vec2(width, ROW), BETWEEN),
            HistoryStyle::Grid => {
                let columns = ((width + GAP) / (CELL + GAP)).floor().max(1.0);
                let side = ((width + GAP) / columns - GAP).max(1.0);
                let picture = picture_height(side);
                let step = vec2(side + GAP, picture + WORDS);
                (columns as usize, vec2(side, picture + WORDS - GAP), step, 0.0)
            }
        };
        let mut layout = PageLayout { sections: vec![], columns, cell, step, height: f64::from(ABOVE) };
        let mut first = 0;
        for day in days {
            layout.sections.push(DaySection { date: day.date, first, count: day.count, top: layout.height });
            first += day.count;
            let rows = day.count.div_ceil(columns) as f64;
            layout.height += f64::from(HEADING) + rows * f64::from(step.y) + f64::from(between);
        }
        layout.height += f64::from(BELOW);
        layout
    }

    /// Returns how high everything is.
    pub(super) fn height(&self) -> f64 {
        self.height
    }

    /// Returns whether there is more than one upload in a row.
    pub(in crate::ui) fn is_grid(&self) -> bool {
        self.columns > 1
    }

    /// Counts the uploads.
    fn count(&self) -> usize {
        self.sections.last().map_or(0, |last| last.first + last.count)
    }

    fn section(&self, index: usize) -> Option<(usize, &DaySection)> {
        let at = self.sections.partition_point(|section| section.first <= index).checked_sub(1)?;
        self.sections.get(at).map(|section| (at, section))
    }

    /// Returns where an upload begins, from the top of everything.
    pub(super) fn top(&self, index: usize) -> f64 {
        self.section(index).map_or(0.0, |(_, section)| {
            let row = (index - section.first) / self.columns;
            section.top + f64::from(HEADING) + row as f64 * f64::from(self.step.y)
        })
    }

    /// Returns where an upload is, where everything is scrolled to `offset`: small numbers, which are exact.
    pub(super) fn rect(&self, index: usize, offset: f64) -> Rect {
        let column = self.section(index).map_or(0, |(_, section)| (index - section.first) % self.columns);
        let at = pos2(column as f32 * self.step.x, (self.top(index) - offset) as f32);
        Rect::from_min_size(at, self.cell)
    }

    /// Returns the days whose names are on screen.
    pub(super) fn names(&self, offset: f64, room: f32) -> &[DaySection] {
        let until = offset + f64::from(room);
        let from = self.sections.partition_point(|section| section.top + f64::from(HEADING) <= offset);
        let to = self.sections.partition_point(|section| section.top < until);
        self.sections.get(from..to.max(from)).unwrap_or_default()
    }

    /// Returns the uploads that are on screen, whole rows of them.
    pub(super) fn on_screen(&self, offset: f64, room: f32) -> Range<usize> {
        let first = self.at(offset);
        let until = self.at(offset + f64::from(room));
        first..self.end_of_row(until).min(self.count())
    }

    /// Returns the first upload of the row at a height, or the one nearest to it.
    pub(super) fn at(&self, height: f64) -> usize {
        let at = self.sections.partition_point(|section| section.top <= height).saturating_sub(1);
        let Some(section) = self.sections.get(at) else { return 0 };
        let row = ((height - section.top - f64::from(HEADING)) / f64::from(self.step.y)).floor().max(0.0);
        let rows = section.count.div_ceil(self.columns);
        section.first + (row as usize).min(rows.saturating_sub(1)) * self.columns
    }

    /// Returns the index behind the last upload in the row of this one.
    fn end_of_row(&self, index: usize) -> usize {
        self.section(index).map_or(0, |(_, section)| {
            let row = (index - section.first) / self.columns;
            section.first + ((row + 1) * self.columns).min(section.count)
        })
    }

    /// Returns where a key leads from an upload, where so much is shown at a time.
    pub(in crate::ui) fn go(&self, from: Option<usize>, key: ListKey, room: f32) -> usize {
        let last = self.count().saturating_sub(1);
        let Some(from) = from else {
            return if matches!(key, ListKey::Up | ListKey::Last) { last } else { 0 };
        };
        let page = ((room / self.step.y) as usize).saturating_sub(1).max(1);
        let rows = |times: usize, step: fn(&PageLayout, usize) -> usize| {
            (0..times).fold(from, |index, _| step(self, index))
        };
        let to = match key {
            ListKey::First => 0,
            ListKey::Last => last,
            ListKey::Left => from.saturating_sub(1),
            ListKey::Right => from + 1,
            ListKey::Up => self.above(from),
            ListKey::Down => self.below(from),
            ListKey::PageUp => rows(page, PageLayout::above),
            ListKey::PageDown => rows(page, PageLayout::below),
        };
        to.min(last)
    }

    /// Returns the upload above this one: of the day after it where it is in the first row of its own.
    fn above(&self, index: usize) -> usize {
        let Some((at, section)) = self.section(index) else { return index };
        let within = index - section.first;
        if within >= self.columns {
            return index - self.columns;
        }
        let Some(other) = at.checked_sub(1).and_then(|at| self.sections.get(at)) else { return index };
        let last_row = (other.count - 1) / self.columns * self.columns;
        other.first + (last_row + within).min(other.count - 1)
    }

    /// Returns the upload below this one: of the day before it where it is in the last row of its own.
    fn below(&self, index: usize) -> usize {
        let Some((at, section)) = self.section(index) else { return index };
        let within = index - section.first;
        let row = within / self.columns;
        if (row + 1) * self.columns < section.count {
            return section.first + (within + self.columns).min(section.count - 1);
        }
        let Some(other) = self.sections.get(at + 1) else { return index };
        other.first + (within % self.columns).min(other.count - 1)
    }

    /// Returns where everything must be scrolled to so that these are seen, and the name of the day with the first of it;
    /// as it is, where they are seen already.
    pub(super) fn offset_to_see(&self, indices: &RangeInclusive<usize>, room: f32, now: f64) -> f64 {
        let (first, last) = (*indices.start(), *indices.end());
        let bottom = self.top(last) + f64::from(self.cell.y) + f64::from(BELOW);
        let begins_day = self.section(first).is_some_and(|(_, day)| first - day.first < self.columns);
        let above = if begins_day { HEADING + ABOVE } else { 0.0 };
        now.max(bottom - f64::from(room)).min(self.top(first) - f64::from(above)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn layout(counts: &[usize], style: HistoryStyle, width: f32) -> PageLayout {
        let days: Vec<_> = (0i8..)
            .zip(counts)
            .map(|(n, count)| DayGroup { date: date(2026, 11, 28 - n), count: *count })
            .collect();
        PageLayout::new(&days, style, width)
    }

    #[test]
    fn a_grid_is_as_drawn() {
        let grid = layout(&[5, 9], HistoryStyle::Grid, 884.0);
        let rect = |index| grid.rect(index, 0.0);
        assert_eq!(grid.columns, 5);
        assert!(
            (rect(1).left() - rect(0).right() - 10.0).abs() < 0.1 && (rect(4).right() - 884.0).abs() < 0.1
        );
        assert!((rect(5).top() - rect(0).top() - 174.0).abs() < 0.1, "a row, and the name of a day");
        assert!((rect(10).top() - rect(5).top() - 150.0).abs() < 0.1);
        for (width, columns) in [(90.0, 1), (400.0, 2), (608.0, 3), (1640.0, 9)] {
            assert_eq!(layout(&[1], HistoryStyle::Grid, width).columns, columns, "{width}");
        }
    }

    #[test]
    fn arrows_go_in_two_dimensions_and_over_the_days() {
        let grid = layout(&[5, 9, 2], HistoryStyle::Grid, 700.0);
        assert_eq!(grid.columns, 4);
        // 0 1 2 3 / 4 | 5 6 7 8 / 9 10 11 12 / 13 | 14 15
        for (from, key, to) in [
            (0, ListKey::Right, 1),
            (3, ListKey::Right, 4),
            (4, ListKey::Right, 5),
            (15, ListKey::Right, 15),
            (0, ListKey::Left, 0),
            (5, ListKey::Left, 4),
            (0, ListKey::Down, 4),
            (2, ListKey::Down, 4),
            (4, ListKey::Down, 5),
            (6, ListKey::Down, 10),
            (10, ListKey::Down, 13),
            (13, ListKey::Down, 14),
            (14, ListKey::Down, 14),
            (15, ListKey::Up, 13),
            (13, ListKey::Up, 9),
            (6, ListKey::Up, 4),
            (4, ListKey::Up, 0),
            (2, ListKey::Up, 2),
            (9, ListKey::First, 0),
            (9, ListKey::Last, 15),
            (0, ListKey::PageDown, 5),
            (15, ListKey::PageUp, 9),
        ] {
            assert_eq!(grid.go(Some(from), key, 3.2 * grid.step.y), to, "{key:?} from {from}");
        }
        assert_eq!(grid.go(None, ListKey::Down, 500.0), 0);
        assert_eq!(grid.go(None, ListKey::Up, 500.0), 15);
        assert_eq!(PageLayout::default().go(None, ListKey::Down, 500.0), 0);
    }

    #[test]
    fn only_what_is_on_screen_is_drawn_and_nothing_of_it_is_left_out() {
        for (style, width) in [(HistoryStyle::List, 600.0), (HistoryStyle::Grid, 700.0)] {
            let layout = layout(&[5, 1, 200, 3], style, width);
            for n in 0..200 {
                let (offset, room) = (f64::from(n) * 37.0, 500.0);
                let drawn = layout.on_screen(offset, room);
                assert!(drawn.len() < 60);
                for index in 0..layout.count() {
                    let rect = layout.rect(index, offset);
                    if rect.bottom() > 0.0 && rect.top() < room {
                        assert!(drawn.contains(&index), "{style:?} {offset}: {index}");
                    }
                }
                for section in &layout.sections {
                    let top = section.top - offset;
                    let is_seen = top > -f64::from(HEADING) && top < f64::from(room);
                    assert_eq!(is_seen, layout.names(offset, room).contains(section));
                }
            }
        }
        let nothing = PageLayout::new(&[], HistoryStyle::Grid, 700.0);
        assert_eq!((nothing.on_screen(0.0, 500.0), nothing.names(0.0, 500.0).len()), (0..0, 0));
    }

    #[test]
    fn a_page_moves_no_further_than_it_must() {
        let list = layout(&[3, 100], HistoryStyle::List, 600.0);
        let see = |index: usize, now| list.offset_to_see(&(index..=index), 400.0, now);
        assert!((see(5, 0.0) - 0.0).abs() < 0.01, "it is seen");
        assert!((see(0, 300.0) - 0.0).abs() < 0.01, "with the name of its day");
        assert!((see(10, 2000.0) - list.top(10)).abs() < 0.01, "it is above");
        let below = see(50, 0.0);
        assert!((list.top(50) + f64::from(ROW + BELOW) - below - 400.0).abs() < 0.01, "it is below");
    }

    #[test]
    fn a_million_rows_are_where_they_belong() {
        let list = layout(&[500_000, 500_000], HistoryStyle::List, 600.0);
        let offset = list.top(999_990);
        for (n, index) in (0u8..).zip(999_990..1_000_000) {
            let rect = list.rect(index, offset);
            assert!((rect.top() - f32::from(n) * ROW).abs() < 0.001, "{rect:?}");
        }
    }
}
