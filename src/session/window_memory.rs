//! What is remembered of the window between starts, and the thread that writes it down.

use std::sync::Arc;
use std::time::Instant;

use super::background::{Background, EXIT_TIMEOUT};
use crate::store::folders::Folders;
use crate::store::window_view::{WindowView, WindowViewFile};

/// How the window looked last.
pub struct WindowMemory {
    view: WindowView,
    /// None in a terminal, which has no window.
    thread: Option<Background<WindowViewFile, ()>>,
}

impl WindowMemory {
    /// Reads what an earlier window left.
    pub(super) fn start(folders: &Folders, terminal: bool) -> std::io::Result<WindowMemory> {
        if terminal {
            return Ok(WindowMemory { view: WindowView::default(), thread: None });
        }
        let file = WindowViewFile::new(folders);
        let view = file.load();
        // The answers say nothing: `remember` drops them.
        let thread = Background::start("hoist-window", file, Arc::new(|| {}))?;
        Ok(WindowMemory { view, thread: Some(thread) })
    }

    /// Returns how the window looked when this was last written down.
    pub fn view(&self) -> &WindowView {
        &self.view
    }

    /// Writes down how the window looks now, where that is something new.
    pub fn remember(&mut self, view: &WindowView) {
        let Some(thread) = self.thread.as_ref().filter(|_| self.view != *view) else { return };
        self.view.clone_from(view);
        while thread.try_answer().is_some() {}
        let view = view.clone();
        thread.ask(move |file| {
            if let Err(e) = file.save(&view) {
                tracing::warn!("how the window looks could not be written down: {e}");
            }
        });
    }

    /// Waits at the end until that is done, unless the disk hangs.
    pub(super) fn end(&mut self) {
        if let Some(thread) = &mut self.thread {
            thread.end_before(Instant::now() + EXIT_TIMEOUT);
        }
    }
}
