//! Names of files and links in a text that somebody copied.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::data::HostInfo;
use super::limits::MAX_LINE;
use super::rejects::RejectReason;
use super::sorted::Sorted;
use super::uri;

/// Puts what a line names where it belongs, if it names something.
pub(super) fn sort(line: &[u8], host_info: &HostInfo, sorted: &mut Sorted) {
    // It was a text before it was cut into lines.
    let Ok(line) = std::str::from_utf8(line) else { return };
    let name = unquoted(line);
    let name = name.as_ref();
    let scheme = uri::scheme(name.as_bytes());
    if let Some(scheme) = scheme {
        let is_link = scheme.starts_with("http");
        let is_one = !is_link || !name.contains(char::is_whitespace);
        if is_one && uri::is_meant(&scheme, &name.as_bytes()[scheme.len() + 1..]) {
            return uri::sort(name.as_bytes(), host_info, sorted);
        }
    }
    let Some(file) = file(name, host_info) else { return };
    if name.len() > MAX_LINE {
        return sorted.bad.add(RejectReason::TooLong);
    }
    sorted.file(file);
}

/// Returns a whole path, or one from the home folder. What begins with `//` is more likely a line of code.
fn file(name: &str, host_info: &HostInfo) -> Option<PathBuf> {
    match (name.strip_prefix("~/"), &host_info.home) {
        (Some(rest), Some(home)) if !rest.is_empty() => Some(home.join(rest.trim_start_matches('/'))),
        _ => Some(Path::new(name)).filter(|path| uri::is_whole(path)).map(Path::to_owned),
    }
}

/// Takes off the quotes that shells and file managers put around a path. Between `"` stands what is meant, since Windows
/// puts them around backslashes.
pub fn unquoted(line: &str) -> Cow<'_, str> {
    if let Some(inside) = line.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        return inside.into();
    }
    match line.starts_with('\'').then(|| shlex::split(line)).flatten().as_deref() {
        Some([word]) => word.clone().into(),
        _ => line.into(),
    }
}

/// Returns the file that a `file:` address of this computer names.
pub fn file_url(text: &str, host_info: &HostInfo) -> Option<PathBuf> {
    let scheme = uri::scheme(text.as_bytes()).filter(|scheme| scheme == "file")?;
    uri::file(&text.as_bytes()[scheme.len() + 1..], host_info).ok()
}
