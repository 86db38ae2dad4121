//! Paths as bytes, byte for byte: names need not be text.

use std::path::{Path, PathBuf};

/// Returns the bytes of a path.
#[cfg(unix)]
pub fn of_path(path: &Path) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(path.as_os_str()).to_vec()
}

/// Returns the path that has these bytes.
#[cfg(unix)]
pub fn to_path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(bytes))
}

/// Returns the text of a path. Where halves of letters are in a name, as Windows allows, it names no file.
#[cfg(not(unix))]
pub fn of_path(path: &Path) -> Vec<u8> {
    path.to_string_lossy().into_owned().into_bytes()
}

/// Returns the path that has this text.
#[cfg(not(unix))]
pub fn to_path(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}
