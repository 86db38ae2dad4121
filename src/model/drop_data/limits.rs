//! How much of what other programs give is read.

/// More than so many bytes are not read.
pub(super) const MAX_BYTES: usize = 16 * 1024 * 1024;

/// A longer line names nothing.
pub(super) const MAX_LINE: usize = 16 * 1024;

/// More files do not come at once.
pub(super) const MAX_FILES: usize = 10_000;

/// More links do not come at once.
pub(super) const MAX_LINKS: usize = 1000;
