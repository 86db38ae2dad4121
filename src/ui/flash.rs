//! The flash of rows that have just come: among however many there are, they are seen at once.

use std::collections::HashMap;

use eframe::egui::Context;

use super::motion;
use crate::session::api::UploadId;

/// How long a row flashes, in seconds.
const LASTS: f64 = 0.8;

/// The rows that flash; how strongly each does, once the list is seen.
#[derive(Default)]
pub(super) struct Flash(HashMap<UploadId, FlashingRow>);

#[derive(Clone, Copy, Default)]
struct FlashingRow {
    /// Since when, by egui's clock.
    since: Option<f64>,
    strength: f32,
}

impl Flash {
    /// Has these rows flash from when they are seen.
    pub(super) fn begin(&mut self, rows: impl Iterator<Item = UploadId>) {
        self.0.extend(rows.map(|id| (id, FlashingRow::default())));
    }

    /// Follows the time as long as the list is seen, and has the window drawn again while anything flashes.
    pub(super) fn follow(&mut self, ctx: &Context) {
        if motion::is_reduced(ctx) {
            self.0.clear();
        }
        if self.0.is_empty() {
            return;
        }
        let now = ctx.input(|input| input.time);
        self.0.retain(|_, row| {
            let left = 1.0 - (now - *row.since.get_or_insert(now)) / LASTS;
            row.strength = (left * left) as f32;
            left > 0.0
        });
        if !self.0.is_empty() {
            ctx.request_repaint();
        }
    }

    /// Returns how strongly a row flashes: from 1 to 0.
    pub(super) fn strength(&self, id: UploadId) -> f32 {
        self.0.get(&id).map_or(0.0, |row| row.strength)
    }
}
