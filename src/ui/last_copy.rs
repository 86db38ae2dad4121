//! Which button says "Copied", and for how long.

use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::action::CopiedAt;

/// How long a button says it.
const SHOWN_FOR: Duration = Duration::from_secs(2);

/// The last copy that a button answers for.
#[derive(Default)]
pub(super) struct LastCopy(Option<(CopiedAt, Instant)>);

impl LastCopy {
    /// Has this button say it from now on.
    pub(super) fn mark(&mut self, at: CopiedAt) {
        self.0 = Some((at, Instant::now()));
    }

    /// Has no button say it.
    pub(super) fn clear(&mut self) {
        self.0 = None;
    }

    /// Returns the button that says it.
    pub(super) fn at(&self) -> Option<&CopiedAt> {
        self.0.as_ref().map(|(at, _)| at)
    }

    /// Ends it when its time is over, and has the window drawn again then.
    pub(super) fn expire(&mut self, ctx: &Context) {
        let Some((_, since)) = &self.0 else { return };
        match SHOWN_FOR.checked_sub(since.elapsed()) {
            Some(left) => ctx.request_repaint_after(left),
            None => self.clear(),
        }
    }
}
