//! How fast an upload goes and how long it will still take, smoothed.

use crate::session::api::{Queue, State, UploadId, text};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Half of what is known counts for nothing after this long.
const HALF_LIFE: f64 = 2.0;

/// Nothing is said in the first second: it would be wrong.
const SHOWN_AFTER: Duration = Duration::from_secs(1);

/// What stands still has no speed.
const STALE_AFTER: Duration = Duration::from_secs(3);

#[derive(Clone, Copy)]
struct UploadRate {
    began: Instant,
    last: (Instant, u64),
    bytes_per_second: Option<f64>,
}

/// The speeds of everything that moves.
#[derive(Default)]
pub(super) struct Pace(HashMap<UploadId, UploadRate>);

impl Pace {
    /// Takes in where everything is now.
    pub(super) fn follow(&mut self, queue: &Queue, now: Instant) {
        if queue.totals().moving == 0 {
            return self.0.clear(); // without looking through all of a long queue
        }
        let sending =
            |id: &UploadId| queue.get(*id).is_some_and(|i| matches!(i.state, State::Sending { .. }));
        self.0.retain(|id, _| sending(id));
        for item in queue.items() {
            let State::Sending { sent } = item.state else { continue };
            let one = self.0.entry(item.request.id).or_insert(UploadRate {
                began: now,
                last: (now, sent),
                bytes_per_second: None,
            });
            let seconds = now.duration_since(one.last.0).as_secs_f64();
            if sent < one.last.1 {
                // It begins again.
                *one = UploadRate { began: now, last: (now, sent), bytes_per_second: None };
            }
            if seconds < 0.05 || sent == one.last.1 {
                continue;
            }
            let speed = (sent - one.last.1) as f64 / seconds;
            let keep = 0.5_f64.powf(seconds / HALF_LIFE);
            one.bytes_per_second =
                Some(one.bytes_per_second.map_or(speed, |old| old * keep + speed * (1.0 - keep)));
            one.last = (now, sent);
        }
    }

    /// Returns bytes a second of one upload, once that can be said.
    pub(super) fn of(&self, id: UploadId, now: Instant) -> Option<f64> {
        let one = self.0.get(&id)?;
        let moves = now.duration_since(one.last.0) < STALE_AFTER;
        (moves && now.duration_since(one.began) >= SHOWN_AFTER).then_some(one.bytes_per_second?)
    }

    /// Returns bytes a second of all together.
    pub(super) fn total(&self, now: Instant) -> Option<f64> {
        let all: Vec<_> = self.0.keys().filter_map(|id| self.of(*id, now)).collect();
        (!all.is_empty()).then(|| all.iter().sum())
    }
}

/// Returns a speed with the time that is left: "3.4 MB/s · 8 s left".
pub(super) fn label(bytes_per_second: f64, left: u64) -> String {
    let seconds = (left as f64 / bytes_per_second.max(1.0)).ceil() as u64;
    format!("{}/s · {} left", text::bytes(bytes_per_second as u64), text::duration(seconds))
}
