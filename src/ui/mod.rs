//! Face two: the window.

use crate::cli::WindowOptions;

/// Opens the window.
pub fn open(_options: WindowOptions) -> anyhow::Result<()> {
    anyhow::bail!("{}", crate::platform::display::missing(None))
}
