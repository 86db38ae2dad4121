//! How a conversion is watched and stopped.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use super::error::FitError;

/// Whether a copy is still wanted, and how far it is.
pub struct Control<'a> {
    /// It is not wanted any more.
    pub stop: &'a AtomicBool,
    /// In hundredths.
    pub progress: &'a AtomicU8,
}

impl Control<'_> {
    /// Returns an error where it is not wanted any more.
    pub(super) fn check(&self) -> Result<(), FitError> {
        if self.stop.load(Ordering::Relaxed) { Err(FitError::Stopped) } else { Ok(()) }
    }

    /// Says how far it is, where it goes on.
    pub(super) fn step(&self, hundredths: u8) -> Result<(), FitError> {
        self.progress.fetch_max(hundredths, Ordering::Relaxed);
        self.check()
    }
}
