//! Keys are in this program's memory, and a core file is a copy of it that stays on the disk.

/// The front end that asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrontEnd {
    /// A command, which asks no portal for anything.
    Terminal,
    /// The window, which portals must be able to look at.
    Window,
}

/// Forbids core files, should this program crash. Called before any key is read.
///
/// A window stays visible to programs of the same user: portals look at the program that asks for a file dialog, and refuse
/// one that they cannot look at (`PR_SET_DUMPABLE`). The limit alone keeps its memory out of core files.
pub fn forbid(front_end: FrontEnd) {
    limit();
    if front_end == FrontEnd::Terminal {
        hide();
    }
}

/// Limits core files: the system may be told to hand them to a program, whatever the limit is; of one byte Linux takes
/// that for a no.
#[cfg(unix)]
fn limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let bytes = u64::from(cfg!(target_os = "linux"));
    let maximum = getrlimit(Resource::Core).maximum;
    let current = maximum.map_or(bytes, |maximum| maximum.min(bytes));
    if let Err(e) = setrlimit(Resource::Core, Rlimit { current: Some(current), maximum }) {
        tracing::warn!("core files cannot be forbidden: {e}");
    }
}

#[cfg(not(unix))]
fn limit() {}

/// Hides this program's memory from all but itself and root.
#[cfg(target_os = "linux")]
fn hide() {
    use rustix::process::{DumpableBehavior, set_dumpable_behavior};

    if let Err(e) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!("core files cannot be forbidden: {e}");
    }
}

#[cfg(not(target_os = "linux"))]
fn hide() {}
