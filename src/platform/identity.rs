//! Which program a window and its notifications belong to, where the system does not know it from the program's file.

/// What Windows calls Hoist: the installer's shortcut has the same.
pub const APP_ID: &str = "Hoist";

/// Tells Windows whose the window is: its taskbar groups windows by that, and its notifications have that name. What is
/// written for it into the registry is gone at the next start of Windows.
#[cfg(windows)]
#[allow(unsafe_code)]
pub fn declare() {
    use windows_sys::Win32::Foundation::ERROR_SUCCESS;
    use windows_sys::Win32::System::Registry::{
        HKEY_CURRENT_USER, KEY_SET_VALUE, REG_OPTION_VOLATILE, REG_SZ, RegCloseKey, RegCreateKeyExW,
        RegSetValueExW,
    };
    use windows_sys::Win32::UI::Shell::SetCurrentProcessExplicitAppUserModelID;

    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<_>>();
    let (id, folder) = (wide(APP_ID), wide(&format!(r"Software\Classes\AppUserModelId\{APP_ID}")));
    let (value, name) = (wide("DisplayName"), wide("Hoist"));
    let mut key = std::ptr::null_mut();
    // SAFETY: all texts end with a zero and outlive the calls; the key is closed where it was opened.
    unsafe {
        SetCurrentProcessExplicitAppUserModelID(id.as_ptr());
        let (nothing, options) = (std::ptr::null(), REG_OPTION_VOLATILE);
        let opened = RegCreateKeyExW(
            HKEY_CURRENT_USER,
            folder.as_ptr(),
            0,
            nothing,
            options,
            KEY_SET_VALUE,
            std::ptr::null(),
            &raw mut key,
            std::ptr::null_mut(),
        );
        if opened == ERROR_SUCCESS {
            let length = (name.len() * size_of::<u16>()) as u32;
            RegSetValueExW(key, value.as_ptr(), 0, REG_SZ, name.as_ptr().cast(), length);
            RegCloseKey(key);
        }
    }
}

/// Does nothing: elsewhere the window says itself whose it is.
#[cfg(not(windows))]
pub fn declare() {}
