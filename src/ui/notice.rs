//! Lines across the window, each of which tells of something once: on the page on which it came up, until it was read.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use eframe::egui::{self, Align, CornerRadius, Layout, Panel, Role, Ui, WidgetInfo, accesskit::Live};
use lucide_icons::Icon;

use super::action::Page;
use super::theme::{self, RADIUS, tokens};
use super::widgets::{Button, line};

/// Reading begins with looking up.
const AT_LEAST: Duration = Duration::from_secs(8);

/// Then slow readers take so long for a letter.
const A_LETTER: Duration = Duration::from_millis(80);

/// All notices, the one that is shown first.
#[derive(Default)]
pub(super) struct Notices {
    all: VecDeque<Notice>,
    /// How long each is shown at least, where that is not for its text to say.
    at_least: Option<Duration>,
}

struct Notice {
    text: String,
    /// Where it was shown first: nowhere else is it shown.
    page: Option<Page>,
    /// How long it could be read so far.
    read: Duration,
    /// Since when it can be read.
    since: Option<Instant>,
}

impl Notices {
    /// Shows each for so long at least.
    pub(super) fn show_for(&mut self, time: Duration) {
        self.at_least = Some(time);
    }

    /// Tells of something: what is there already is not added again.
    pub(super) fn add(&mut self, text: String) {
        match self.all.iter_mut().find(|notice| notice.text == text) {
            _ if text.is_empty() => {}
            Some(notice) => notice.page = None,
            None => self.all.push_back(Notice { text, page: None, read: Duration::ZERO, since: None }),
        }
    }

    /// Forgets all: they are of something that is not shown any more.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    /// Lists the texts in order.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<&str> {
        self.all.iter().map(|notice| notice.text.as_str()).collect()
    }

    fn index(&self, page: Page) -> Option<usize> {
        self.all.iter().position(|notice| notice.page.is_none_or(|of| of == page))
    }

    /// Returns the one to be shown on a page, and how many more are for it. `reads`: somebody can read it now. It goes
    /// when there was time to read it; how long that still takes, where it can be read, is the last part.
    pub(super) fn on(
        &mut self,
        page: Page,
        reads: bool,
        now: Instant,
    ) -> Option<(&str, usize, Option<Duration>)> {
        let left = loop {
            let index = self.index(page)?;
            let at_least = self.at_least;
            for (other, notice) in self.all.iter_mut().enumerate() {
                if (other != index || !reads)
                    && let Some(since) = notice.since.take()
                {
                    notice.read += now.saturating_duration_since(since);
                }
            }
            let notice = &mut self.all[index];
            notice.page = Some(page);
            if reads {
                notice.since.get_or_insert(now);
            }
            let time = at_least.unwrap_or(AT_LEAST + A_LETTER * notice.text.chars().count() as u32);
            let read =
                notice.read + notice.since.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
            match time.checked_sub(read).filter(|left| !left.is_zero()) {
                Some(left) => break left,
                None => _ = self.all.remove(index),
            }
        };
        let index = self.index(page)?;
        let more = self.all.iter().skip(index + 1).filter(|n| n.page.is_none_or(|of| of == page)).count();
        Some((&self.all[index].text, more, reads.then_some(left)))
    }

    /// Closes the one that is shown on a page.
    pub(super) fn close(&mut self, page: Page) {
        if let Some(index) = self.index(page) {
            self.all.remove(index);
        }
    }
}

/// Shows a notice; true when it was closed. `more` wait behind it.
pub(super) fn show(ui: &mut Ui, text: &str, more: usize) -> bool {
    let t = tokens(ui);
    let mut close = false;
    let around = egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(20, 6));
    let ground =
        egui::Frame::new().fill(t.accent_ground).corner_radius(CornerRadius::same(RADIUS)).inner_margin(8);
    Panel::top("notice").resizable(false).show_separator_line(false).frame(around).show(ui, |ui| {
        ground.show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                close = Button::icon_only(Icon::X, "Close this notice").small().show(ui).clicked();
                if more > 0 {
                    line(ui, &format!("{more} more"), theme::secondary(), t.text);
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let sentence = egui::RichText::new(text).font(theme::body()).color(t.text);
                    let response = ui.add(egui::Label::new(sentence).wrap());
                    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, text));
                    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(Live::Polite));
                });
            });
        });
    });
    close
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(notices: &mut Notices, page: Page, reads: bool, now: Instant) -> Option<String> {
        notices.on(page, reads, now).map(|(text, more, _)| format!("{text}, {more} more"))
    }

    #[test]
    fn a_notice_stays_on_its_page_until_there_was_time_to_read_it() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut notices = Notices::default();
        notices.add("x".repeat(25)); // ten seconds
        notices.add("later".to_owned());
        notices.add("later".to_owned());
        let first = Some(format!("{}, 1 more", "x".repeat(25)));
        let later = Some("later, 0 more".to_owned());
        assert_eq!(text(&mut notices, Page::Upload, true, start), first);
        assert_eq!(text(&mut notices, Page::Upload, true, start + 9 * second), first);
        // It cannot be read while something lies over it, nor on another page, to which it does not follow.
        assert_eq!(text(&mut notices, Page::Upload, false, start + 9 * second), first);
        assert_eq!(text(&mut notices, Page::Upload, false, start + 99 * second), first);
        assert_eq!(text(&mut notices, Page::History, true, start + 200 * second), later);
        assert_eq!(text(&mut notices, Page::History, true, start + 205 * second), later);
        let first = first.map(|text| text.replace('1', "0"));
        assert_eq!(text(&mut notices, Page::Upload, true, start + 205 * second), first);
        assert_eq!(text(&mut notices, Page::Upload, true, start + 206 * second), None);
        // What came up on another page meanwhile is still there.
        assert_eq!(text(&mut notices, Page::History, true, start + 400 * second), later);
        assert_eq!(text(&mut notices, Page::History, true, start + 410 * second), None);
    }

    #[test]
    fn closing_shows_the_next_one_of_the_page() {
        let mut notices = Notices::default();
        for text in ["", "one", "two"] {
            notices.add(text.to_owned());
        }
        let now = Instant::now();
        assert_eq!(text(&mut notices, Page::Upload, true, now).as_deref(), Some("one, 1 more"));
        notices.close(Page::Upload);
        assert_eq!(text(&mut notices, Page::Upload, true, now).as_deref(), Some("two, 0 more"));
        notices.close(Page::Upload);
        assert_eq!(text(&mut notices, Page::Upload, true, now), None);
    }
}
