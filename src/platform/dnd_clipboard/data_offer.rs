//! What another program offers, by a drop or in the clipboard: in which order its formats are asked for, and what is made of
//! them. The same on every window system.

use std::io;
use std::path::PathBuf;

use super::problems::NOTHING_PASTED;
use crate::model::drop_data::{Content, DroppedData, HostInfo};
use crate::platform::drops::Hover;

/// Files, as nearly everybody offers them (RFC 2483).
const FILES: &str = "text/uri-list";
/// Files of a program in a sandbox of its own: its paths mean nothing here, and the portal knows the true ones.
const PORTAL: [&str; 2] = ["application/vnd.portal.filetransfer", "application/vnd.portal.files"];
/// Files copied in GNOME's, MATE's and older file managers. KDE's are a list like the first one.
const COPIED: [&str; 2] = ["x-special/gnome-copied-files", "x-special/mate-copied-files"];
/// The content of a file, with its name behind it: Chromium's pictures.
const NAMED: &str = "application/octet-stream";
/// Pictures, the best first: what is exact and small before what is large.
const PICTURES: [&str; 7] =
    ["image/png", "image/jpeg", "image/webp", "image/gif", "image/tiff", "image/bmp", "image/x-bmp"];
/// An address and its title, as browsers have it.
const ADDRESS: &str = "text/x-moz-url";
const PAGE: &str = "text/html";
/// Text, the surest encoding first.
const TEXT: [&str; 5] = ["text/plain;charset=utf-8", "UTF8_STRING", "text/plain", "STRING", "TEXT"];

/// Lists and texts longer than this are not read.
const MAX_TEXT: usize = 16 * 1024 * 1024;
/// Contents larger than this are not read: they go through memory.
const MAX_CONTENT: usize = 512 * 1024 * 1024;

const NOTHING_DROPPED: &str = "The drop has no file, image or link: drop files from a file manager, or an \
     image from a browser";
/// Formats, and a way to read them.
pub(super) trait Offer {
    /// Returns the names of what can be had, as the other program gave them.
    fn formats(&self) -> &[String];
    /// Reads one of them; more than `most` bytes, and a program that falls silent, are errors.
    fn read(&mut self, format: &str, most: usize) -> io::Result<Vec<u8>>;
    /// Returns the files that the key of a transfer stands for, as the portal knows them.
    fn by_portal(&self, key: &[u8]) -> Option<Vec<PathBuf>> {
        super::portal::files(key)
    }
}

/// An empty clipboard.
pub(super) struct Nothing;

impl Offer for Nothing {
    fn formats(&self) -> &[String] {
        &[]
    }

    fn read(&mut self, _: &str, _: usize) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::NotFound.into())
    }
}

/// How something is passed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gesture {
    /// Dropped on the window.
    Drop,
    /// Pasted from the clipboard.
    Paste,
}

/// Returns the format that says best what is offered: none where nothing of it can be used.
pub(super) fn best(formats: &[String]) -> Option<&String> {
    let first = |names: &[&str]| names.iter().find_map(|name| formats.iter().find(|f| f.as_str() == *name));
    first(&[FILES])
        .or_else(|| first(&PORTAL))
        .or_else(|| first(&COPIED))
        .or_else(|| content_formats(formats).into_iter().next())
        .or_else(|| first(&[ADDRESS, PAGE]))
        .or_else(|| first(&TEXT))
}

/// Returns what is held over the window, as far as its list of files tells.
pub(super) fn hover(offer: &mut dyn Offer, host_info: &HostInfo) -> Hover {
    if !has(offer, FILES) {
        return Hover::default();
    }
    let files = offer
        .read(FILES, MAX_TEXT)
        .map(|list| DroppedData::of_uri_list(&list, host_info).files)
        .unwrap_or_default();
    Hover::of_files(files.len(), files.iter().map(PathBuf::as_path))
}

/// Takes what can be used. Where that is nothing, the reason is among the problems.
pub(super) fn read_offer(offer: &mut dyn Offer, way: Gesture, host_info: &HostInfo) -> DroppedData {
    let mut silent = false;
    let mut read = |offer: &mut dyn Offer, format: &str, most| match offer.read(format, most) {
        Ok(bytes) => Some(bytes).filter(|bytes| !bytes.is_empty()),
        Err(e) => {
            silent = true;
            tracing::warn!("what another program offers cannot be read: {}", e.kind());
            None
        }
    };
    let mut handed = DroppedData::default();
    if has(offer, FILES)
        && let Some(list) = read(offer, FILES, MAX_TEXT)
    {
        handed = DroppedData::of_uri_list(&list, host_info);
    }
    for format in COPIED {
        if handed.files.is_empty()
            && has(offer, format)
            && let Some(list) = read(offer, format, MAX_TEXT)
        {
            handed = DroppedData::of_copied_files(&list, host_info);
        }
    }
    // Asked only where it is needed: the portal may not be running.
    if handed.files.is_empty() || handed.files.iter().any(|file| !file.exists()) {
        let there = PORTAL.into_iter().find(|format| has(offer, format));
        let key = there.and_then(|format| read(offer, format, 4096));
        if let Some(files) = key.and_then(|key| offer.by_portal(&key)) {
            handed = DroppedData { files, ..DroppedData::default() };
        }
    }
    if !handed.files.is_empty() {
        return handed;
    }
    for format in content_formats(offer.formats()).into_iter().cloned().collect::<Vec<_>>() {
        if let Some(bytes) = read(offer, &format, MAX_CONTENT) {
            return DroppedData {
                content: Some(Content { bytes, name: name_in(&format) }),
                ..DroppedData::default()
            };
        }
    }
    for format in [ADDRESS, PAGE] {
        if handed.is_empty()
            && has(offer, format)
            && let Some(bytes) = read(offer, format, MAX_TEXT)
        {
            handed = if format == ADDRESS {
                DroppedData::of_moz_url(&bytes, host_info)
            } else {
                DroppedData::of_html(&bytes)
            };
        }
    }
    if handed.is_empty()
        && let Some(text) = text(offer)
    {
        handed = DroppedData::of_text(&text, host_info);
    }
    if handed.is_empty() {
        handed.problems.push(match (silent, way) {
            (true, _) => {
                "The other program did not deliver the content: try again, or save it as a file and drop that"
                    .to_owned()
            }
            (false, Gesture::Drop) => NOTHING_DROPPED.to_owned(),
            (false, Gesture::Paste) => NOTHING_PASTED.to_owned(),
        });
    }
    handed
}

/// Returns the text of it, if it is one.
pub(super) fn text(offer: &mut dyn Offer) -> Option<String> {
    let format = TEXT.into_iter().find(|format| has(offer, format))?;
    let bytes = offer.read(format, MAX_TEXT).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_end_matches('\0').replace("\r\n", "\n");
    (!text.is_empty()).then_some(text)
}

fn has(offer: &dyn Offer, format: &str) -> bool {
    offer.formats().iter().any(|f| f == format)
}

/// Returns the formats that are the content of a media file, the best first.
fn content_formats(formats: &[String]) -> Vec<&String> {
    let named = formats.iter().filter(|f| f.starts_with(NAMED) && f.contains("name="));
    let pictures = PICTURES.iter().filter_map(|name| formats.iter().find(|f| f.as_str() == *name));
    named.chain(pictures).collect()
}

/// Reads the name in `application/octet-stream;name="a b.png"`.
fn name_in(format: &str) -> Option<String> {
    let (_, name) = format.split_once("name=")?;
    Some(name.trim().trim_matches('"').to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a program offers; `None` for what it promises and does not give.
    struct Offered(Vec<String>, Vec<Option<Vec<u8>>>, Option<PathBuf>);

    fn offered(all: &[(&str, Option<&[u8]>)]) -> Offered {
        Offered(
            all.iter().map(|(format, _)| (*format).to_owned()).collect(),
            all.iter().map(|(_, bytes)| bytes.map(<[u8]>::to_vec)).collect(),
            None,
        )
    }

    impl Offer for Offered {
        fn formats(&self) -> &[String] {
            &self.0
        }

        fn read(&mut self, format: &str, most: usize) -> io::Result<Vec<u8>> {
            let index = self.0.iter().position(|f| f == format).expect("only what is offered is asked for");
            let bytes = self.1[index].clone().ok_or(io::ErrorKind::TimedOut)?;
            if bytes.len() > most { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
        }

        fn by_portal(&self, key: &[u8]) -> Option<Vec<PathBuf>> {
            assert_eq!(key, b"key");
            self.2.clone().map(|file| vec![file])
        }
    }

    fn taken(all: &[(&str, Option<&[u8]>)]) -> DroppedData {
        read_offer(&mut offered(all), Gesture::Drop, &HostInfo::default())
    }

    #[cfg(unix)]
    #[test]
    fn files_come_before_everything_else() {
        let handed = taken(&[
            ("image/png", Some(b"pixels")),
            ("text/plain", Some(b"words")),
            ("text/uri-list", Some(b"file:///a.png\r\nfile:///b.png\r\n")),
        ]);
        assert_eq!(handed.files, [PathBuf::from("/a.png"), PathBuf::from("/b.png")]);
        assert_eq!((handed.content, handed.problems), (None, vec![]));
    }

    #[cfg(unix)]
    #[test]
    fn the_portal_is_asked_for_files_that_are_not_where_a_sandboxed_program_says() {
        let there = tempfile::NamedTempFile::new().unwrap();
        let there = there.path().to_str().unwrap();
        let exported = PathBuf::from("/run/user/1000/doc/a.png");
        let list = |paths: &[&str]| {
            let lines: Vec<_> = paths.iter().map(|path| format!("file://{path}\r\n")).collect();
            lines.concat()
        };
        let taken = |format: &str, paths: &[&str], portal: Option<&PathBuf>| {
            let (list, key) = (list(paths), Some(&b"key"[..]));
            let mut offered = offered(&[(format, Some(list.as_bytes())), (PORTAL[0], key)]);
            offered.2 = portal.cloned();
            read_offer(&mut offered, Gesture::Drop, &HostInfo::default()).files
        };
        let listed = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
        let gone = "/gone/in/a/sandbox.png";
        for format in [FILES, COPIED[0]] {
            for paths in [&[gone][..], &[there, gone], &[]] {
                assert_eq!(
                    taken(format, paths, Some(&exported)),
                    std::slice::from_ref(&exported),
                    "{format} {paths:?}"
                );
            }
            assert_eq!(taken(format, &[there], Some(&exported)), listed(&[there]), "it is there");
            // Without a portal what was named is added, and says that it is not there.
            assert_eq!(taken(format, &[there, gone], None), listed(&[there, gone]));
        }
    }

    #[test]
    fn a_picture_of_a_browser_is_taken_and_not_its_address() {
        let link: &[u8] = b"https://example.com/a.png\r\n";
        let handed = taken(&[
            ("text/uri-list", Some(link)),
            ("image/bmp", Some(b"pixels")),
            ("application/octet-stream;name=\"a b.gif\"", Some(b"GIF89a")),
        ]);
        let content = handed.content.expect("a content");
        assert_eq!((content.bytes.as_slice(), content.name.as_deref()), (&b"GIF89a"[..], Some("a b.gif")));
        assert!(handed.links.is_empty());
        // What is promised and not given is not waited for twice: the next best is taken.
        let handed = taken(&[
            ("text/uri-list", Some(link)),
            ("application/octet-stream;name=a.png", None),
            ("image/png", Some(b"pixels")),
        ]);
        assert_eq!(handed.content.expect("a content").bytes, b"pixels");
        let handed = taken(&[("text/uri-list", Some(link)), ("image/png", Some(b""))]);
        assert_eq!(
            handed.links.iter().map(|l| l.as_str()).collect::<Vec<_>>(),
            ["https://example.com/a.png"]
        );
    }

    #[test]
    fn nothing_of_use_and_a_program_that_falls_silent_are_told_apart() {
        let words = |all: &[(&str, Option<&[u8]>)], way| {
            read_offer(&mut offered(all), way, &HostInfo::default()).problems.concat()
        };
        assert_eq!(words(&[("text/plain", Some(b"hello"))], Gesture::Drop), NOTHING_DROPPED);
        assert_eq!(words(&[], Gesture::Paste), NOTHING_PASTED);
        assert!(words(&[("text/uri-list", None)], Gesture::Drop).contains("try again"));
    }

    #[test]
    fn what_cannot_be_used_is_not_accepted_while_it_is_held() {
        let formats = |all: &[&str]| all.iter().map(|f| (*f).to_owned()).collect::<Vec<_>>();
        assert_eq!(best(&formats(&["application/x-color", "SAVE_TARGETS"])), None);
        assert_eq!(best(&formats(&["text/plain", "image/webp"])).map(String::as_str), Some("image/webp"));
        assert_eq!(
            best(&formats(&["text/html", "text/uri-list"])).map(String::as_str),
            Some("text/uri-list")
        );
    }

    #[test]
    fn texts_are_read_for_a_field() {
        assert_eq!(text(&mut offered(&[("STRING", Some(b"a\r\nb\0"))])).as_deref(), Some("a\nb"));
        assert_eq!(text(&mut offered(&[("image/png", Some(b"x"))])), None);
    }
}
