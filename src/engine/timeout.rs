//! Limits in time that count only while this program runs. One that was stopped, frozen or asleep finds its time gone by,
//! though no provider had a chance to answer it: its limits begin anew, and what has arrived meanwhile is read first.

use std::time::Duration;

use tokio::time::sleep;

use super::slots::Now;

/// A pause in this program's own clock is no shorter than this, and no longer than that: a busy computer is late, too.
const SHORTEST_GAP: Duration = Duration::from_millis(100);
const MAX_GAP: Duration = Duration::from_secs(5);

/// The clock is looked at so often.
const MAX_TICK: Duration = Duration::from_secs(1);

/// At the end, for reading what has arrived already.
const GRACE: Duration = Duration::from_millis(50);

/// Ends when `limit` has gone by without a gap in this program's own clock.
pub(super) async fn run_out(limit: Duration) {
    let mut clock = Clock::new(limit, Now::read());
    while let Some(step) = clock.next_step() {
        sleep(step).await;
        clock.advance(step, Now::read());
    }
    sleep(GRACE).await;
}

/// Returns the result of `work`, or nothing where it takes longer.
pub(super) async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        done = work => Some(done),
        () = run_out(limit) => None,
    }
}

/// Returns the result of `work`, which has a limit of its own in time: the HTTP library's for connections. Where that
/// ended it after a gap in this program's own clock, it is done anew.
pub(super) async fn anew_after_gap<T, E, F: Future<Output = Result<T, E>>>(
    limit: Duration,
    ran_out: impl Fn(&E) -> bool,
    mut work: impl FnMut() -> F,
) -> Result<T, E> {
    loop {
        let mut work = std::pin::pin!(work());
        let (step, mut last, mut stopped) = (tick(limit), Now::read(), false);
        let mut note_gap = || {
            let now = Now::read();
            stopped |= went_by(std::mem::replace(&mut last, now), now) >= step + shortest_gap(limit);
        };
        let result = loop {
            tokio::select! {
                biased;
                result = &mut work => break result,
                () = sleep(step) => note_gap(),
            }
        };
        note_gap();
        match result {
            Err(e) if stopped && ran_out(&e) => {}
            result => return result,
        }
    }
}

/// Returns how often the clock is looked at.
fn tick(limit: Duration) -> Duration {
    (limit / 8).clamp(Duration::from_millis(1), MAX_TICK)
}

/// Returns what is no shorter, over a step, is a gap.
fn shortest_gap(limit: Duration) -> Duration {
    (limit / 4).clamp(SHORTEST_GAP, MAX_GAP)
}

/// Returns how much time went by. While a computer sleeps, only the wall clock goes on; that one may be set, too, and
/// then a limit begins anew without need.
fn went_by(last: Now, now: Now) -> Duration {
    let by_wall = now.at.duration_since(last.at);
    let by_wall = if by_wall.is_negative() { Duration::ZERO } else { by_wall.unsigned_abs() };
    now.instant.saturating_duration_since(last.instant).max(by_wall)
}

struct Clock {
    limit: Duration,
    left: Duration,
    last: Now,
}

impl Clock {
    fn new(limit: Duration, now: Now) -> Clock {
        Clock { limit, left: limit, last: now }
    }

    /// Returns how long to sleep before looking at the time again.
    fn next_step(&self) -> Option<Duration> {
        (!self.left.is_zero()).then(|| self.left.min(tick(self.limit)))
    }

    /// Takes in how long a step took.
    fn advance(&mut self, step: Duration, now: Now) {
        let by_instant = now.instant.saturating_duration_since(self.last.instant);
        self.left = if went_by(self.last, now) >= step + shortest_gap(self.limit) {
            self.limit
        } else {
            self.left.saturating_sub(by_instant.max(step))
        };
        self.last = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    /// What is left of a minute, of which 50 seconds have gone by, after a step that took so long by both clocks.
    fn left_after(by_wall: i64, by_instant: Duration) -> Duration {
        let start = Now::read();
        let mut clock = Clock::new(MINUTE, start);
        let at = |seconds: u64| Now {
            at: start.at + Duration::from_secs(seconds),
            instant: start.instant + Duration::from_secs(seconds),
        };
        for second in 1..=50 {
            assert_eq!(clock.next_step(), Some(Duration::from_secs(1)));
            clock.advance(Duration::from_secs(1), at(second));
        }
        assert_eq!(clock.left, Duration::from_secs(10));
        let last = at(50);
        let at = last.at + jiff::SignedDuration::from_secs(by_wall);
        clock.advance(Duration::from_secs(1), Now { at, instant: last.instant + by_instant });
        clock.left
    }

    #[test]
    fn a_program_that_was_stopped_or_asleep_begins_its_limits_anew() {
        let second = Duration::from_secs(1);
        assert_eq!(left_after(1, second), 9 * second, "nothing happened");
        assert_eq!(left_after(3, 3 * second), 7 * second, "a busy computer");
        assert_eq!(left_after(70, 70 * second), MINUTE, "stopped");
        assert_eq!(left_after(8, 8 * second), MINUTE, "stopped for a while");
        assert_eq!(left_after(3600, second), MINUTE, "asleep: only the wall clock went on");
        assert_eq!(left_after(-3600, second), 9 * second, "the clock was set back");
    }

    #[tokio::test]
    async fn what_is_ready_is_taken_though_the_time_is_over() {
        assert_eq!(within(Duration::ZERO, async { 1 }).await, Some(1));
        // It arrives while the time runs out.
        assert_eq!(within(Duration::ZERO, async { sleep(Duration::from_millis(1)).await }).await, Some(()));
        assert_eq!(within(Duration::from_millis(10), std::future::pending::<()>()).await, None);
    }
}
