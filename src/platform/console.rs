//! The console of Windows. Hoist is a console program there, so that shells wait for it and read its exit status and what it
//! prints; a window that was not started from a console needs none. Elsewhere none of this is needed.

/// Lets go of the console that Windows made for this start alone: after a double click it stands black beside the window,
/// and whoever closes it ends Hoist unasked. From Windows 11 24H2 on the manifest keeps it from being made at all.
#[cfg(windows)]
#[allow(unsafe_code)]
pub fn leave_own() {
    use windows_sys::Win32::System::Console::{FreeConsole, GetConsoleProcessList};

    let mut processes = [0; 2];
    // SAFETY: the list is as long as is said, and FreeConsole takes nothing. Standard streams are dead handles afterwards,
    // which the standard library takes for streams without a reader.
    unsafe {
        if GetConsoleProcessList(processes.as_mut_ptr(), 2) == 1 {
            FreeConsole();
        }
    }
}

/// Does nothing: only Windows makes consoles.
#[cfg(not(windows))]
pub fn leave_own() {}

/// Shows why there is no window, in a box of the system's, where no console would show it. Returns whether it did.
#[cfg(windows)]
#[allow(unsafe_code)]
pub fn show_error(text: &str) -> bool {
    use windows_sys::Win32::System::Console::GetConsoleWindow;
    use windows_sys::Win32::UI::WindowsAndMessaging::{MB_ICONERROR, MB_SETFOREGROUND, MessageBoxW};

    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<_>>();
    let (text, title) = (wide(text), wide("Hoist"));
    // SAFETY: both texts end with a zero and outlive the call.
    unsafe {
        if !GetConsoleWindow().is_null() {
            return false;
        }
        let style = MB_ICONERROR | MB_SETFOREGROUND;
        MessageBoxW(std::ptr::null_mut(), text.as_ptr(), title.as_ptr(), style) != 0
    }
}

/// Returns false: elsewhere what goes wrong is printed.
#[cfg(not(windows))]
pub fn show_error(_text: &str) -> bool {
    false
}
