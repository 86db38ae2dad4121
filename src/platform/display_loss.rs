//! The end of the program when its display is gone: a session that ends, an X server that is killed.

use raw_window_handle::HasWindowHandle;

/// Has the program end at once when the X server of a window is gone; nothing for the windows of other systems, whose
/// library comes back with an error. Xlib ends a program by `exit`, which drops what the window's library holds. That asks the
/// server's input method to let go, and waits for ever: the program would stay, and keep a processor busy.
pub fn end_with(window: &impl HasWindowHandle) {
    #[cfg(target_os = "linux")]
    if let Ok(handle) = window.window_handle()
        && let raw_window_handle::RawWindowHandle::Xlib(_) = handle.as_raw()
    {
        x11::end_with_server();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = window;
}

#[cfg(target_os = "linux")]
mod x11 {
    use std::ffi::c_int;
    use std::io::Write as _;

    use x11_dl::xlib::{Display, Xlib};

    // SAFETY: the C library's `_exit` takes any number, and does not come back.
    #[allow(unsafe_code)]
    unsafe extern "C" {
        safe fn _exit(status: c_int) -> !;
    }

    /// Ends the program as a window does that could not go on. What the history has to know is on disk before anything is sent.
    #[allow(unsafe_code)]
    unsafe extern "C" fn gone(_: *mut Display) -> c_int {
        tracing::error!("the display is gone");
        let _ = writeln!(
            std::io::stderr(),
            "The window is gone: its display ended. The queue comes back at the next start"
        );
        _exit(1)
    }

    pub(super) fn end_with_server() {
        match Xlib::open() {
            // SAFETY: the function stays as long as the program, and so does Xlib, which the window's library has opened.
            #[allow(unsafe_code)]
            Ok(xlib) => _ = unsafe { (xlib.XSetIOErrorHandler)(Some(gone)) },
            Err(e) => tracing::warn!("the end of the display is left to Xlib: {e}"),
        }
    }
}
