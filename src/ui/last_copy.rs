//! Which button says "Copied", and for how long.

use std::time::{Duration, Instant};

use eframe::egui::Context;

use super::action::CopiedAt;

/// How long a button says it.
const SHOWN_FOR: Duration = Duration::from_secs(2);

/// The last copy that a button answers for.
#[derive(Default)]
pub(super) struct LastCopy {
    shown: Option<(CopiedAt, Instant)>,
    /// What is being read to be copied, and the button that asked for it.
    awaited: Option<CopiedAt>,
    number: u64,
}

impl LastCopy {
    /// Has this button say it from now on.
    pub(super) fn mark(&mut self, at: CopiedAt) {
        self.shown = Some((at, Instant::now()));
    }

    /// Awaits what is copied for this button, in place of what was awaited before; the number is for `arrived`.
    pub(super) fn expect(&mut self, at: CopiedAt) -> u64 {
        self.awaited = Some(at);
        self.number += 1;
        self.number
    }

    /// Returns the button that awaits what has come under this number.
    pub(super) fn arrived(&mut self, number: u64) -> Option<CopiedAt> {
        self.awaited.take_if(|_| self.number == number)
    }

    /// Has no button say it.
    pub(super) fn clear(&mut self) {
        self.shown = None;
    }

    /// Returns the button that says it.
    pub(super) fn at(&self) -> Option<&CopiedAt> {
        self.shown.as_ref().map(|(at, _)| at)
    }

    /// Ends it when its time is over, and has the window drawn again then.
    pub(super) fn expire(&mut self, ctx: &Context) {
        let Some((_, since)) = &self.shown else { return };
        match SHOWN_FOR.checked_sub(since.elapsed()) {
            Some(left) => ctx.request_repaint_after(left),
            None => self.clear(),
        }
    }
}
