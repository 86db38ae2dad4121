//! What is told once, on the page on which it came up, until its time is over or it was put away. Its time goes by on the
//! other pages, too: nothing that is over comes back with its page.

use std::time::{Duration, Instant};

use super::action::Page;
use super::command::WindowCommand;
use crate::session::notice::Notice;

/// How long a notice can be read, unless another time is given.
const SHOWN_FOR: Duration = Duration::from_secs(8);

/// All notices, the oldest first.
#[derive(Default)]
pub(super) struct Notices {
    all: Vec<PendingNotice>,
    last: u64,
    shown_for: Option<Duration>,
    /// Why a command that was pressed does nothing: shown while that is so.
    reason: Option<(WindowCommand, &'static str)>,
}

/// A notice until its time is over, or it was put away.
struct PendingNotice {
    number: u64,
    notice: Notice,
    /// Where it was shown first: nowhere else is it shown.
    page: Option<Page>,
    /// How long it could be read so far, or could have been on its page.
    read: Duration,
    /// Since when that time goes by.
    since: Option<Instant>,
}

/// What is shown of the notices of a page.
pub(super) struct ShownNotices<'a> {
    /// The newest, the oldest of them first, each with its number.
    pub(super) all: Vec<(u64, &'a Notice)>,
    /// So many older ones wait.
    pub(super) waiting: usize,
    /// When the first of them goes.
    pub(super) next_goes_in: Option<Duration>,
}

impl Notices {
    /// Shows each for so long.
    pub(super) fn show_for(&mut self, time: Duration) {
        self.shown_for = Some(time);
    }

    /// Tells of something. What is there already is not added again: its time begins anew, on the page that is shown.
    pub(super) fn add(&mut self, notice: Notice) {
        if notice.text.is_empty() {
            return;
        }
        match self.all.iter_mut().find(|pending| pending.notice == notice) {
            Some(pending) => (pending.page, pending.read, pending.since) = (None, Duration::ZERO, None),
            None => {
                self.last += 1;
                let number = self.last;
                self.all.push(PendingNotice {
                    number,
                    notice,
                    page: None,
                    read: Duration::ZERO,
                    since: None,
                });
            }
        }
    }

    /// Tells why a command does nothing.
    pub(super) fn add_reason(&mut self, command: WindowCommand, why: &'static str) {
        self.remove_reason();
        self.add(why.to_owned().into());
        self.reason = Some((command, why));
    }

    /// Returns what was told last of a command that does nothing.
    pub(super) fn reason(&self) -> Option<(WindowCommand, &'static str)> {
        self.reason
    }

    /// Forgets that: it is not true any more.
    pub(super) fn remove_reason(&mut self) {
        if let Some((_, why)) = self.reason.take() {
            self.remove(why);
        }
    }

    /// Forgets what was told, where it is not true any more.
    pub(super) fn remove(&mut self, text: &str) {
        self.all.retain(|pending| pending.notice.text != text);
    }

    /// Forgets what ends with a sentence that is not true any more.
    pub(super) fn remove_ending(&mut self, sentence: &str) {
        self.all.retain(|pending| !pending.notice.text.ends_with(sentence));
    }

    /// Forgets all: they are of something that is not shown any more.
    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    /// Lists the texts in order.
    #[cfg(test)]
    pub(super) fn texts(&self) -> Vec<&str> {
        self.all.iter().map(|pending| pending.notice.text.as_str()).collect()
    }

    /// Returns what is to be shown on a page. `reads`: the person can read now; only then does the time go by, of what was
    /// shown once and has room. Errors have no time.
    pub(super) fn on(&mut self, page: Page, most: usize, reads: bool, now: Instant) -> ShownNotices<'_> {
        let time = self.shown_for.unwrap_or(SHOWN_FOR);
        let left = |pending: &PendingNotice| {
            let so_far = pending.since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
            time.saturating_sub(pending.read + so_far)
        };
        self.all.retain(|pending| pending.notice.is_error || !left(pending).is_zero());
        let of_page = |pending: &PendingNotice| pending.page.is_none_or(|of| of == page);
        let count = self.all.iter().filter(|pending| of_page(pending)).count();
        let (mut waiting, hidden) = (0, count.saturating_sub(most));
        for pending in &mut self.all {
            let goes_by = !of_page(pending) || waiting == hidden || {
                waiting += 1;
                false
            };
            if of_page(pending) {
                pending.page = Some(page);
            }
            if goes_by && reads {
                pending.since.get_or_insert(now);
            } else if let Some(since) = pending.since.take() {
                pending.read += now.saturating_duration_since(since);
            }
        }
        let shown = self.all.iter().filter(|pending| pending.page == Some(page)).skip(hidden);
        let ends = shown.clone().filter(|pending| pending.since.is_some() && !pending.notice.is_error);
        ShownNotices {
            next_goes_in: ends.map(left).min(),
            all: shown.map(|pending| (pending.number, &pending.notice)).collect(),
            waiting: hidden,
        }
    }

    /// Puts one away.
    pub(super) fn close(&mut self, number: u64) {
        self.all.retain(|pending| pending.number != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_SHOWN: usize = 3;

    fn texts(notices: &mut Notices, page: Page, reads: bool, now: Instant) -> String {
        let shown = notices.on(page, MAX_SHOWN, reads, now);
        let all: Vec<_> = shown.all.iter().map(|(_, notice)| notice.text.as_str()).collect();
        format!("{} +{}", all.join(" "), shown.waiting)
    }

    #[test]
    fn each_notice_has_its_own_time_on_its_own_page() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut notices = Notices::default();
        notices.add("one".to_owned().into());
        assert_eq!(texts(&mut notices, Page::Upload, true, start), "one +0");
        notices.add("two".to_owned().into());
        notices.add("two".to_owned().into());
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 3 * second), "one two +0");
        let next = notices.on(Page::Upload, MAX_SHOWN, true, start + 7 * second).next_goes_in;
        assert_eq!(next, Some(second));
        // It cannot be read while something lies over it.
        assert_eq!(texts(&mut notices, Page::Upload, false, start + 7 * second), "one two +0");
        assert_eq!(texts(&mut notices, Page::Upload, false, start + 99 * second), "one two +0");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 300 * second), "one two +0");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 301 * second), "two +0");
        // It does not follow to another page, and does not come back after its time.
        assert_eq!(texts(&mut notices, Page::History, true, start + 302 * second), " +0");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 303 * second), "two +0");
        assert_eq!(texts(&mut notices, Page::History, true, start + 304 * second), " +0");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 305 * second), " +0");
    }

    #[test]
    fn errors_stay_until_they_are_put_away() {
        let (start, day) = (Instant::now(), Duration::from_hours(24));
        let mut notices = Notices::default();
        notices.add(Notice::error("wrong"));
        notices.add(String::new().into());
        assert_eq!(texts(&mut notices, Page::Upload, true, start), "wrong +0");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + day), "wrong +0");
        let number = notices.on(Page::Upload, MAX_SHOWN, true, start + day).all[0].0;
        notices.close(number);
        assert_eq!(texts(&mut notices, Page::Upload, true, start + day), " +0");
    }

    #[test]
    fn the_newest_are_shown_and_older_ones_come_back() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let mut notices = Notices::default();
        notices.add("one".to_owned().into());
        assert_eq!(texts(&mut notices, Page::Upload, true, start), "one +0");
        for text in ["two", "three", "four"] {
            notices.add(text.to_owned().into());
        }
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 6 * second), "two three four +1");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 14 * second), "one +0", "it waited");
        assert_eq!(texts(&mut notices, Page::Upload, true, start + 16 * second), " +0");
    }
}
