//! The window that a file dialog belongs to: where it stays in front of it, and a click on the window does not bury it.

use raw_window_handle::HasWindowHandle;

/// The window that dialogs belong to, as threads of their own may know it.
#[derive(Clone, Copy, Debug, Default)]
pub struct DialogParent {
    /// Windows' number of the window.
    #[cfg(windows)]
    window: Option<std::num::NonZeroIsize>,
}

impl DialogParent {
    /// Returns the parent of a window's dialogs. The portals of Linux are told of none, since Wayland's windows are known to
    /// one thread only, and dialogs of macOS belong to the program.
    pub fn of(window: &impl HasWindowHandle) -> DialogParent {
        #[cfg(windows)]
        {
            DialogParent { window: windows::number_of(window) }
        }
        #[cfg(not(windows))]
        {
            let _ = window;
            DialogParent {}
        }
    }

    /// Makes a dialog with this title that belongs to the window.
    pub fn dialog(self, title: &str) -> rfd::FileDialog {
        let dialog = rfd::FileDialog::new().set_title(title);
        #[cfg(windows)]
        if self.window.is_some() {
            return dialog.set_parent(&self);
        }
        dialog
    }
}

#[cfg(windows)]
pub(super) mod windows {
    use std::num::NonZeroIsize;

    use raw_window_handle::{
        DisplayHandle, HandleError, HasDisplayHandle, HasWindowHandle, RawWindowHandle, Win32WindowHandle,
        WindowHandle,
    };

    use super::DialogParent;

    /// Returns Windows' number of a window.
    pub(in crate::platform) fn number_of(window: &impl HasWindowHandle) -> Option<NonZeroIsize> {
        match window.window_handle().map(|handle| handle.as_raw()) {
            Ok(RawWindowHandle::Win32(handle)) => Some(handle.hwnd),
            _ => None,
        }
    }

    impl HasWindowHandle for DialogParent {
        #[allow(unsafe_code)]
        fn window_handle(&self) -> Result<WindowHandle<'_>, HandleError> {
            let window = self.window.ok_or(HandleError::Unavailable)?;
            // SAFETY: it is a number, which the system looks up; that of a window which has gone is refused.
            Ok(unsafe { WindowHandle::borrow_raw(Win32WindowHandle::new(window).into()) })
        }
    }

    impl HasDisplayHandle for DialogParent {
        fn display_handle(&self) -> Result<DisplayHandle<'_>, HandleError> {
            Ok(DisplayHandle::windows())
        }
    }
}
