//! What goes to stdout and stderr, and the question before something is gone for good.

use std::io::{BufRead, ErrorKind, IsTerminal, Read, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::session::api::text;

/// Bad usage or set-up.
pub(super) const STATUS_USAGE: u8 = 2;

/// Something meant for stdout could not be written there.
pub(super) static LOST: AtomicBool = AtomicBool::new(false);

/// Returns whether something meant for stdout could not be written there.
pub(super) fn is_stdout_lost() -> bool {
    LOST.load(Ordering::SeqCst)
}

/// Returns what went wrong, as it is printed.
pub(super) fn sentence(problem: impl std::error::Error) -> String {
    problem.to_string()
}

/// Says why nothing was done; status 2.
pub fn fail(said: &str) -> ExitCode {
    eprint_line(said);
    ExitCode::from(STATUS_USAGE)
}

/// Prints a line on stdout. Whoever reads it may have gone, which is no reason to panic: `hoist providers | head -1`.
/// Where it cannot be written (a full disk), it is said instead: an ID must not be lost.
pub(super) fn out(line: &str) {
    match writeln!(std::io::stdout(), "{line}") {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            LOST.store(true, Ordering::SeqCst);
            eprint_line(&format!("Stdout cannot be written ({e}). Not printed: {line}"));
        }
        _ => {}
    }
}

/// Prints JSON on stdout, in which nothing moves a cursor.
pub(super) fn out_json(value: &serde_json::Value) {
    out(&text::json(value));
}

/// Prints a line for people on stderr; its reader may have gone. No
/// argument or file name in it moves a cursor.
pub(super) fn eprint_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "hoist: {}", text::sanitize(line));
}

/// Asks before something is gone for good. Without a terminal there is no answer, and nothing goes: a script says `--yes`.
pub(super) fn confirmed(question: &str) -> Result<bool, String> {
    if !std::io::stdin().is_terminal() {
        return Err(format!("{question} Hoist asks that in a terminal only: add --yes. Nothing was done"));
    }
    let mut err = std::io::stderr();
    let _ = write!(err, "{} [y/N] ", text::sanitize(question)).and_then(|()| err.flush());
    let mut answer = String::new();
    let _ = std::io::stdin().lock().take(64).read_line(&mut answer);
    Ok(answer.trim().eq_ignore_ascii_case("y"))
}
