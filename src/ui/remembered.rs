//! What of the window is there again at the next start: its size, the zoom, the page and its filters.

use std::time::{Duration, Instant};

use crate::session::api::WindowView;

/// It is written down once nothing of it has changed for so long: a window is resized in a hundred steps.
const STILL_FOR: Duration = Duration::from_secs(1);

/// How the window looks, and since when.
#[derive(Default)]
pub(super) struct Remembered {
    now: Option<(WindowView, Instant)>,
    /// What is written down, or was there at the start: that needs no frame of its own.
    written: Option<WindowView>,
}

impl Remembered {
    /// Returns how the window looked in the last frame.
    pub(super) fn view(&self) -> Option<&WindowView> {
        self.now.as_ref().map(|(view, _)| view)
    }

    /// Takes how the window looks now; where that is something new, gives back how long it must stay so to be written
    /// down.
    pub(super) fn follow(&mut self, view: WindowView, now: Instant) -> Option<Duration> {
        let is_new = *self.written.get_or_insert_with(|| view.clone()) != view;
        let since = match &self.now {
            Some((before, since)) if *before == view => *since,
            _ => now,
        };
        self.now = Some((view, since));
        is_new.then(|| STILL_FOR.saturating_sub(now.duration_since(since)))
    }

    /// Returns how the window looks, to be written down now.
    pub(super) fn write(&mut self) -> Option<&WindowView> {
        self.written = self.view().cloned();
        self.written.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_is_being_resized_is_waited_for() {
        let (start, second) = (Instant::now(), Duration::from_secs(1));
        let wide = |width| WindowView { size: Some([width, 700.0]), ..WindowView::default() };
        let mut remembered = Remembered::default();
        assert_eq!(remembered.follow(wide(800.0), start), None, "as it was opened");
        assert_eq!(remembered.follow(wide(900.0), start), Some(second));
        assert_eq!(remembered.follow(wide(900.0), start + second / 2), Some(second / 2));
        assert_eq!(remembered.follow(wide(901.0), start + second), Some(second), "it goes on");
        assert_eq!(remembered.follow(wide(901.0), start + 3 * second), Some(Duration::ZERO));
        assert_eq!(remembered.write(), Some(&wide(901.0)));
        assert_eq!(remembered.follow(wide(901.0), start + 4 * second), None);
    }
}
