//! How many files this process may have open: a session that has too few of them would stop halfway.

use super::options::StartError;

/// What a session has open beside its uploads: the history, locks, workers, and what a system's libraries want.
const BASE: u64 = 24;
/// What an upload has open: its file and its connection.
const PER_UPLOAD: u64 = 2;
/// A sandbox serves in the same process.
const SANDBOX: u64 = 32;

/// Returns how many uploads can run at a time; an error where not even a few can.
pub(super) fn max_uploads(sandbox: bool) -> Result<usize, StartError> {
    max_within(limit(), sandbox)
}

fn max_within(limit: Option<u64>, sandbox: bool) -> Result<usize, StartError> {
    let Some(limit) = limit else { return Ok(usize::MAX) };
    let base = BASE + if sandbox { SANDBOX } else { 0 };
    let needed = base + 4 * PER_UPLOAD;
    if limit < needed {
        return Err(StartError::OpenFiles { limit, needed });
    }
    Ok(usize::try_from((limit - base) / PER_UPLOAD).unwrap_or(usize::MAX))
}

/// Returns how many files the system lets this process have open, where it says so.
#[cfg(unix)]
fn limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::Nofile).current
}

/// Returns no limit: this system has none that a person sets.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_limit_means_fewer_at_once_and_a_lower_one_is_said() {
        let max = |limit, sandbox| max_within(limit, sandbox).map_err(|e| e.to_string());
        assert_eq!(max(None, false), Ok(usize::MAX));
        assert_eq!([max(Some(56), false), max(Some(40), false)], [Ok(16), Ok(8)]);
        assert_eq!([max(Some(32), false), max(Some(64), true)], [Ok(4), Ok(4)]);
        for (limit, sandbox, needed) in [(0, false, 32), (31, false, 32), (63, true, 64)] {
            let said = max(Some(limit), sandbox).unwrap_err();
            let words = format!("only {limit} files open, and needs {needed}");
            assert!(said.contains(&words) && said.contains("ulimit -n"), "{said}");
        }
    }
}
