//! One address, as programs hand it over.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode;
use url::Url;

use super::data::{Content, HostInfo};
use super::limits::MAX_LINE;
use super::rejects::RejectReason;
use super::sorted::Sorted;

/// Not every browser pads.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// How addresses begin that only file managers know, of servers and of what is plugged in.
const NETWORK: [&str; 19] = [
    "smb",
    "cifs",
    "sftp",
    "ssh",
    "fish",
    "ftp",
    "ftps",
    "nfs",
    "afp",
    "dav",
    "davs",
    "webdav",
    "webdavs",
    "google-drive",
    "gdrive",
    "onedrive",
    "network",
    "dns-sd",
    "ftpis",
];
const DEVICES: [&str; 7] = ["mtp", "gphoto2", "camera", "afc", "kdeconnect", "obex", "bluetooth"];

/// Returns how an address begins, in small letters.
pub(super) fn scheme(line: &[u8]) -> Option<String> {
    let colon = line.iter().position(|b| *b == b':')?;
    let scheme = line.get(..colon)?;
    let first = scheme.first().is_some_and(u8::is_ascii_alphabetic);
    let rest = scheme.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b));
    // A single letter is a disk of Windows.
    (first && rest && scheme.len() > 1).then(|| String::from_utf8_lossy(scheme).to_ascii_lowercase())
}

/// Returns whether somebody who writes this means a file or something to fetch.
pub(super) fn is_meant(scheme: &str, rest: &[u8]) -> bool {
    match scheme {
        "file" => rest.starts_with(b"/"),
        "data" => has_picture(rest),
        "http" | "https" | "trash" => rest.starts_with(b"//"),
        scheme => (NETWORK.contains(&scheme) || DEVICES.contains(&scheme)) && rest.starts_with(b"//"),
    }
}

/// Puts what an address names where it belongs.
pub(super) fn sort(line: &[u8], host_info: &HostInfo, sorted: &mut Sorted) {
    let scheme = scheme(line);
    let rest = scheme.as_ref().map_or(line, |scheme| &line[scheme.len() + 1..]);
    if line.len() > MAX_LINE && scheme.as_deref() != Some("data") {
        return sorted.bad.add(RejectReason::TooLong);
    }
    match scheme.as_deref() {
        None => match path(line.to_vec()) {
            Ok(path) if path.is_absolute() => sorted.file(path),
            Ok(_) => sorted.bad.add(RejectReason::NoAddress),
            Err(bad) => sorted.bad.add(bad),
        },
        Some("file") => match file(rest, host_info) {
            Ok(path) => sorted.file(path),
            Err(bad) => sorted.bad.add(bad),
        },
        Some("http" | "https") => match link(line) {
            Ok(link) => sorted.link(link),
            Err(bad) => sorted.bad.add(bad),
        },
        Some("data") => match content(rest) {
            Some(content) if sorted.handed.content.is_none() => sorted.handed.content = Some(content),
            _ => sorted.bad.add(RejectReason::Scheme("data".to_owned())),
        },
        Some("trash") => sorted.bad.add(RejectReason::Trash),
        Some(scheme) if NETWORK.contains(&scheme) => sorted.bad.add(RejectReason::Network(scheme.to_owned())),
        Some(scheme) if DEVICES.contains(&scheme) => sorted.bad.add(RejectReason::Device(scheme.to_owned())),
        Some(scheme) => sorted.bad.add(RejectReason::Scheme(scheme.to_owned())),
    }
}

/// Returns the file of `file:///…`, `file:/…` or `file://HOST/…`. Not by the rules of the web, which take `\`, `?`, `#`
/// and `..` for something else than a part of its name: programs that do not encode those mean the name.
pub(super) fn file(rest: &[u8], host_info: &HostInfo) -> Result<PathBuf, RejectReason> {
    let (host, encoded) = match rest.strip_prefix(b"//") {
        Some(rest) => rest.split_at(rest.iter().position(|b| *b == b'/').unwrap_or(rest.len())),
        None => (&b""[..], rest),
    };
    let host = String::from_utf8_lossy(&percent_decode(host).collect::<Vec<_>>()).into_owned();
    if !is_here(&host, &host_info.host) {
        return Err(RejectReason::Elsewhere(host));
    }
    if !encoded.starts_with(b"/") {
        return Err(RejectReason::NoAddress);
    }
    path(on_disk(percent_decode(encoded).collect()))
}

/// Returns the name as this system writes it.
fn on_disk(name: Vec<u8>) -> Vec<u8> {
    // `/C:/…`
    let has_disk = matches!(name.as_slice(), [b'/', disk, b':', ..] if disk.is_ascii_alphabetic());
    if cfg!(windows) && has_disk { name[1..].to_vec() } else { name }
}

/// Returns whether a computer of this name is this one, which may call itself by a longer name.
fn is_here(host: &str, own: &str) -> bool {
    let same = |name: &str| !name.is_empty() && name.eq_ignore_ascii_case(host);
    host.is_empty() || same("localhost") || same(own) || own.split('.').next().is_some_and(same)
}

#[cfg(unix)]
fn path(name: Vec<u8>) -> Result<PathBuf, RejectReason> {
    use std::os::unix::ffi::OsStringExt;
    if name.contains(&0) {
        return Err(RejectReason::NoName);
    }
    Ok(PathBuf::from(std::ffi::OsString::from_vec(name)))
}

#[cfg(not(unix))]
fn path(name: Vec<u8>) -> Result<PathBuf, RejectReason> {
    String::from_utf8(name)
        .ok()
        .filter(|name| !name.contains('\0'))
        .map(PathBuf::from)
        .ok_or(RejectReason::NoName)
}

/// Returns a link that names no user; which part of the page was meant does not matter.
fn link(line: &[u8]) -> Result<Url, RejectReason> {
    let text = std::str::from_utf8(line).map_err(|_| RejectReason::NoAddress)?;
    let mut url = Url::parse(text).map_err(|_| RejectReason::NoAddress)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RejectReason::Password);
    }
    url.set_fragment(None);
    Ok(url)
}

fn has_picture(rest: &[u8]) -> bool {
    let kind = rest.get(..6).unwrap_or_default().to_ascii_lowercase();
    [b"image/", b"audio/", b"video/"].iter().any(|begin| kind == **begin)
}

/// Returns the content of `data:image/png;base64,…`.
fn content(rest: &[u8]) -> Option<Content> {
    let comma = rest.iter().position(|b| *b == b',')?;
    let (head, data) = (rest.get(..comma)?, rest.get(comma + 1..)?);
    let is_base64 = head.to_ascii_lowercase().ends_with(b";base64");
    if !has_picture(head) || !is_base64 {
        return None;
    }
    let data: Vec<u8> = percent_decode(data).filter(|b| !b.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(data).ok().filter(|bytes| !bytes.is_empty())?;
    Some(Content { bytes, name: None })
}

/// Returns whether a path is whole and has a name.
pub(super) fn is_whole(path: &Path) -> bool {
    path.is_absolute()
        && path.file_name().is_some()
        && !path.as_os_str().as_encoded_bytes().starts_with(b"//")
}
