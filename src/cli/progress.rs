//! How a person follows files on their way: a bar, what holds them, and what the session has to say meanwhile.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::destination_args;
use super::output::eprint_line;
use crate::session::Session;
use crate::session::api::{Item, State, UploadId, text};

/// Prints what the session has to say once.
pub(super) fn print_notices(session: &mut Session, bar: &ProgressBar) {
    for notice in session.take_notices() {
        bar.suspend(|| eprint_line(&format!("{notice}.")));
    }
}

/// Looks whenever there is something to look at, until `done`, or until Ctrl+C where that is said.
pub(super) fn wait(
    session: &mut Session,
    news: &Receiver<()>,
    until_interrupted: bool,
    bar: &ProgressBar,
    mut done: impl FnMut(&Session) -> bool,
) {
    loop {
        session.poll();
        print_notices(session, bar);
        if done(session) || news.recv().is_err() || (until_interrupted && session.uploads.is_interrupted()) {
            return;
        }
    }
}

/// What was said once of files on their way.
#[derive(Default)]
pub(super) struct SaidOnce {
    holds: HashMap<(String, String, Option<String>), Timestamp>,
    is_late: bool,
}

impl SaidOnce {
    /// Returns what is to be said now: that a cancelled file may still get an answer, and what holds an account.
    pub(super) fn sentences<'a>(&mut self, open: impl Iterator<Item = &'a Item>) -> Vec<String> {
        let now = Timestamp::now();
        let mut sentences = vec![];
        for item in open {
            if !self.is_late && item.awaits_late_reply() {
                self.is_late = true;
                sentences.push(
                    "Cancelled. Files that were sent completely may still get an answer; Ctrl+C again does not wait."
                        .to_owned(),
                );
            }
            let Some((until, sentence)) = throttled(item, now) else { continue };
            // One hold: its files wait for it until moments that are not quite the same.
            let told = self.holds.entry(item.request.destination.account_id()).or_default();
            if until.duration_since(*told).as_secs() >= 1 {
                *told = until;
                sentences.push(sentence);
            }
        }
        sentences
    }
}

/// Says until when a file waits because its account is held, in a sentence that is true of all files for that account.
fn throttled(item: &Item, now: Timestamp) -> Option<(Timestamp, String)> {
    let State::Waiting { until: Some(until), why } = &item.state else { return None };
    if why.as_ref().is_some_and(|why| !why.kind.holds_account()) {
        return None;
    }
    let destination = &item.request.destination;
    let left = u64::try_from(until.duration_since(now).as_secs()).unwrap_or_default() + 1;
    let (to, at) = (destination_args::described(destination), moment(*until, now));
    Some((*until, format!("{to} is rate-limited until {at} ({}): waiting.", text::duration(left))))
}

/// Returns a moment as a clock on the wall says it, with the day where it is not today.
pub(super) fn moment(at: Timestamp, now: Timestamp) -> String {
    let zone = TimeZone::system();
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone));
    let form = if at.date() == now.date() { "%H:%M:%S" } else { "%-d %b %H:%M" };
    at.strftime(form).to_string()
}

/// Columns that a bar leaves free at the right. A terminal shows `^C` there; at the edge it would show it in the next line,
/// and clearing that line would leave the bar above it.
const FREE_COLUMNS: u16 = 8;

/// The terminal that a bar is drawn on, without its right edge.
#[derive(Debug)]
struct BarTerminal(Term);

impl TermLike for BarTerminal {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(FREE_COLUMNS).max(1)
    }

    fn height(&self) -> u16 {
        self.0.size().0
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.0.write_line(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Makes the bar for these files; one that is hidden where stderr is no terminal.
pub(super) fn bar(session: &Session, ids: &[UploadId]) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let sizes = ids.iter().filter_map(|id| session.uploads.queue().get(*id)).filter(|i| i.state.is_active());
    let total = sizes.filter_map(|i| i.facts()).map(|f| f.size).sum();
    let target = ProgressDrawTarget::term_like_with_hz(Box::new(BarTerminal(Term::buffered_stderr())), 10);
    let bar = ProgressBar::with_draw_target(Some(total), target);
    if let Ok(style) = ProgressStyle::with_template("{bar:24} {wide_msg}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

pub(super) fn follow(bar: &ProgressBar, session: &Session, ids: &[UploadId]) {
    if bar.is_hidden() {
        return;
    }
    let (mut sent, mut ended, mut waiting, mut working) = (0, 0, 0, 0);
    let (mut held, mut again) = (None, None);
    for item in ids.iter().filter_map(|id| session.uploads.queue().get(*id)) {
        let size = item.facts().map_or(0, |f| f.size);
        match &item.state {
            State::Sending { sent: bytes } => sent += bytes,
            State::Waiting { until, why: Some(why) } if !why.kind.holds_account() => {
                again = again.max(*until);
            }
            State::Waiting { until, .. } => held = held.max(*until),
            State::Sent { .. } => {
                sent += size;
                waiting += 1;
            }
            State::Processing { .. } => {
                sent += size;
                working += 1;
            }
            State::Done(_) | State::Unknown(_) => {
                sent += size;
                ended += 1;
            }
            _ => ended += 1,
        }
    }
    bar.set_position(sent);
    let total = bar.length().unwrap_or(sent);
    let mut message = format!("{} of {}", text::bytes(sent), text::bytes(total));
    if sent < total && bar.per_sec() >= 1.0 {
        let _ = write!(message, " · {}/s", text::bytes(bar.per_sec() as u64));
    }
    let _ = write!(message, " · {ended} of {} done", ids.len());
    for (n, words) in [(waiting, "sent, waiting for the answer"), (working, "processing there")] {
        if n > 0 {
            let _ = write!(message, " · {n} {words}");
        }
    }
    for (at, words) in [(held, "rate-limited until"), (again, "not accepted, retrying at")] {
        if let Some(at) = at {
            let at = at.to_zoned(TimeZone::system());
            let _ = write!(message, " · {words} {}", at.strftime("%H:%M:%S"));
        }
    }
    bar.set_message(message);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_names_its_day_where_that_is_another_one() {
        let now = Timestamp::now();
        assert_eq!(moment(now, now).len(), "10:00:00".len());
        let later = moment(now + Duration::from_hours(72), now);
        assert!(later.contains(' ') && later.ends_with(|c: char| c.is_ascii_digit()), "{later}");
    }
}
