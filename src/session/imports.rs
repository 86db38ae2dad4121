//! What comes without a file: content that another program passed, and what a link names. Either becomes a file in a
//! folder of Hoist's own, and is staged like any other. Nothing is fetched before a person has agreed to the host.

use std::collections::{HashSet, VecDeque};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use jiff::Zoned;

use super::background::Background;
use super::background::Wake;
use super::notice::Notice;
use crate::engine::Engine;
use crate::engine::fetch::Inside;
pub use crate::engine::fetch::Link;
use crate::engine::fetch::{self, Fetch, FetchError, Fetched, Landed};
use crate::media::convert;
use crate::media::error::ConvertError;
use crate::media::inspect::{FIRST_BYTES, recognise};
use crate::model::destination::{Destination, InvalidName, MAX_NAME, validate_name};
use crate::model::drop_data::{Content, name};
use crate::model::media::{DetectedType, Media};
use crate::model::text;
use crate::store::folders::Folders;
use crate::store::imports::{ImportFolder, dated};

/// Content that is larger is better a file.
const MAX_CONTENT: usize = 512 * 1024 * 1024;

/// Nothing larger is fetched, whatever a destination takes.
pub(super) const MAX_FETCHED: u64 = 2 * 1024 * 1024 * 1024;

/// So much is fetched at a time.
const AT_ONCE: usize = 2;

/// Other reasons than these first ones are only counted.
const MAX_REASONS: usize = 8;

/// Where something goes that was meant for a destination of its own; else where everything goes.
pub type To = Option<Arc<Destination>>;

/// What the thread that makes files answers; nothing after it has tidied.
pub(super) type KeptImports = Option<Result<(PathBuf, To), ContentError>>;

/// Why no file was made of content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// So many bytes.
    #[error(
        "This content has {}, and Hoist accepts at most {} without a file: save it, then add the file",
        text::bytes(*.0),
        text::limit(MAX_CONTENT as u64)
    )]
    TooLarge(u64),
    /// Of a type that has a name.
    #[error("This content is {0}, not an image, audio or video")]
    OtherType(&'static str),
    /// Not a byte.
    #[error("This content is empty")]
    Empty,
    /// Anything else.
    #[error("This content is not an image, audio or video")]
    NoMedia,
    /// Pixels that are none.
    #[error(transparent)]
    Pixels(#[from] ConvertError),
    /// The file's name, and what the disk says.
    #[error("{0} cannot be saved: {1}. Free disk space, then try again")]
    Disk(String, io::ErrorKind),
    /// The name that was given for stdin is no line of text.
    #[error("A file's name {0}")]
    Name(#[from] InvalidName),
    /// That name is hidden, or leads to another folder.
    #[error("A file's name has no slash, and begins with no dot")]
    Path,
    /// Stdin ended before its first byte.
    #[error("Stdin is empty")]
    NoInput,
}

/// Content and links on their way to become files.
pub(super) struct Imports {
    folder: ImportFolder,
    /// A terminal has none: nothing is brought to it.
    thread: Option<Background<ImportFolder, KeptImports>>,
    /// How much content is being made files of.
    importing: usize,
    waiting: VecDeque<(Link, To)>,
    coming: Vec<Coming>,
    /// What did not come, since the last time nothing was fetched: why, the first of them, and how many.
    failed: Vec<(FetchError, String, usize)>,
    failed_else: usize,
    last: u64,
}

/// Something on its way here.
struct Coming {
    ticket: u64,
    link: Link,
    to: To,
    received: u64,
    total: Option<u64>,
    /// Stops it.
    _fetching: fetch::FetchHandle,
}

/// How far the fetching is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetching {
    /// Files still to come, this one included.
    pub files: usize,
    /// What is said of the one that is watched: "cover.png from images.example.com".
    pub what: String,
    /// So many of its bytes have come.
    pub received: u64,
    /// Of so many, where that is known.
    pub total: Option<u64>,
}

impl Imports {
    pub(super) fn start(folders: &Folders, terminal: bool, wake: &Wake) -> std::io::Result<Imports> {
        let folder = ImportFolder::new(folders);
        let start = || Background::start("hoist-imports", folder.clone(), wake.clone());
        Ok(Imports {
            thread: if terminal { None } else { Some(start()?) },
            folder,
            waiting: VecDeque::new(),
            coming: vec![],
            failed: vec![],
            failed_else: 0,
            importing: 0,
            last: 0,
        })
    }

    fn failed(&mut self, link: &Link, problem: FetchError) {
        match self.failed.iter_mut().find(|(known, ..)| *known == problem) {
            Some((_, _, count)) => *count += 1,
            None => match self.failed.len() {
                0..MAX_REASONS => self.failed.push((problem, what(link), 1)),
                _ => self.failed_else += 1,
            },
        }
    }

    /// Returns what is to be said of what did not come.
    fn messages(&mut self) -> Vec<Notice> {
        let said = |(problem, first, count): (FetchError, String, usize)| match count {
            1 => format!("{first} was not fetched. {problem}"),
            n => format!("{first} and {} more were not fetched. {problem}", n - 1),
        };
        let mut all: Vec<_> = self.failed.drain(..).map(said).collect();
        match std::mem::take(&mut self.failed_else) {
            0 => {}
            n => all.push(format!("{} more could not be fetched either", text::count(n, "file"))),
        }
        all.into_iter().map(Notice::error).collect()
    }
}

impl Imports {
    /// Makes a file of content that has none.
    pub(super) fn import(&mut self, content: Content, to: To) {
        if let Some(thread) = &self.thread {
            self.importing += 1;
            thread.ask(move |folder| Some(keep(folder, &content, &Zoned::now()).map(|file| (file, to))));
        }
    }

    /// Stops all fetching. What has come whole stays. Gives back what is to be said of what did not come.
    pub(super) fn stop(&mut self) -> Vec<Notice> {
        self.waiting.clear();
        self.coming.clear();
        self.messages()
    }

    /// Returns how far the fetching is, while there is any.
    pub(super) fn fetching(&self) -> Option<Fetching> {
        let first = self.coming.first()?;
        Some(Fetching {
            files: self.waiting.len() + self.coming.len(),
            what: what(&first.link),
            received: first.received,
            total: first.total,
        })
    }

    /// Deletes what was imported in earlier runs and is not among these files.
    pub(super) fn remove_old(&self, needed: impl Iterator<Item = PathBuf>) {
        let needed: HashSet<_> = needed.filter(|path| self.folder.holds(path)).collect();
        if let Some(thread) = &self.thread {
            thread.ask(move |folder| {
                folder.remove_old(&needed, SystemTime::now());
                None
            });
        }
    }

    /// Returns the next file that was made of content, or why there is none.
    pub(super) fn try_imported(&mut self) -> Option<KeptImports> {
        let kept = self.thread.as_ref()?.try_answer()?;
        self.importing -= usize::from(kept.is_some());
        Some(kept)
    }

    /// Returns whether anything is still to become a file.
    pub(super) fn is_busy(&self) -> bool {
        self.importing > 0 || !self.waiting.is_empty() || !self.coming.is_empty()
    }

    /// Takes what the engine says of a download; what came of it where it has ended.
    pub(super) fn on_fetched(&mut self, fetched: Fetched) -> Option<(Landed, To)> {
        let of = |ticket| move |coming: &Coming| coming.ticket == ticket;
        match fetched {
            Fetched::Progress { ticket, received, total } => {
                if let Some(coming) = self.coming.iter_mut().find(|c| of(ticket)(c)) {
                    (coming.received, coming.total) = (received, total);
                }
                None
            }
            Fetched::Ended { ticket, outcome } => {
                // What was stopped may have come whole all the same: it is not wanted any more.
                let index = self.coming.iter().position(of(ticket))?;
                let coming = self.coming.remove(index);
                match outcome {
                    Ok(landed) => Some((landed, coming.to)),
                    Err(problem) => {
                        self.failed(&coming.link, problem);
                        None
                    }
                }
            }
        }
    }

    /// Starts downloads up to the limit. Gives back what is to be said once nothing is fetched any more.
    pub(super) fn fetch_next(&mut self, engine: &Engine, max_bytes: u64) -> Vec<Notice> {
        while self.coming.len() < AT_ONCE
            && let Some((link, to)) = self.waiting.pop_front()
        {
            self.last += 1;
            let (ticket, into) = (self.last, self.folder.clone());
            let fetching = engine.fetch(Fetch { ticket, link: link.clone(), max_bytes, into });
            self.coming.push(Coming { ticket, link, to, received: 0, total: None, _fetching: fetching });
        }
        if self.coming.is_empty() { self.messages() } else { vec![] }
    }

    /// Queues links to be fetched.
    pub(super) fn want(&mut self, links: Vec<Link>, to: &To) {
        self.waiting.extend(links.into_iter().map(|link| (link, to.clone())));
    }
}

/// Returns what a person should know of a link's address that is none of the internet.
pub fn inside_warning(link: &Link) -> Option<String> {
    let host = link.host();
    Some(match link.inside()? {
        Inside::ThisComputer => format!("{host} is this computer itself: Hoist contacts a program on it."),
        Inside::Network => format!(
            "{host} is in a private network and not on the internet: Hoist contacts a device near you."
        ),
    })
}

/// Returns what a link is called where it is spoken of.
fn what(link: &Link) -> String {
    match link.name() {
        Some(name) => format!("{} from {}", text::elide(&text::sanitize(&name), 60), link.host()),
        None => format!("The file from {}", link.host()),
    }
}

/// Makes a file of what a terminal command was given without one: of the clipboard's content.
pub fn save_content(folders: &Folders, content: &Content) -> Result<PathBuf, ContentError> {
    keep(&ImportFolder::new(folders), content, &Zoned::now())
}

/// Makes a file of what a terminal command reads from stdin. It is inspected like any other, whatever it is.
pub fn save_stream(folders: &Folders, from: &mut impl Read, name: &str) -> Result<PathBuf, ContentError> {
    validate_name(name, MAX_NAME)?;
    if name.starts_with('.') || name.contains(['/', '\\']) {
        return Err(ContentError::Path);
    }
    let brought = ImportFolder::new(folders);
    let mut write = || {
        let mut file = brought.begin()?;
        let bytes = io::copy(from, &mut file)?;
        brought.keep(file, name).map(|path| (path, bytes))
    };
    match write() {
        Ok((path, 0)) => {
            let _ = std::fs::remove_file(path);
            Err(ContentError::NoInput)
        }
        Ok((path, _)) => Ok(path),
        Err(e) => Err(ContentError::Disk(text::sanitize(name), e.kind())),
    }
}

/// Makes a file of content.
fn keep(brought: &ImportFolder, content: &Content, now: &Zoned) -> Result<PathBuf, ContentError> {
    let given = content.name.as_deref().unwrap_or_default();
    let bytes = &content.bytes;
    if bytes.len() > MAX_CONTENT {
        return Err(ContentError::TooLarge(bytes.len() as u64));
    }
    let extension = given.rsplit_once('.').map_or("", |(_, extension)| extension);
    let media = match recognise(&bytes[..bytes.len().min(FIRST_BYTES)], extension) {
        DetectedType::Known(media) => media,
        DetectedType::Other { label, .. } => return Err(ContentError::OtherType(label)),
        DetectedType::Unknown if bytes.is_empty() => return Err(ContentError::Empty),
        DetectedType::Unknown => return Err(ContentError::NoMedia),
    };
    // As they are, but for pixels in a form that programs use among themselves.
    let png = if convert::is_of_pixels(media) { Some(convert::to_png(bytes)?) } else { None };
    let media = if png.is_some() { Media::Png } else { media };
    let usual = || format!("{}.{}", dated("Pasted", now), media.extensions()[0]);
    let name = name::of_media(given, media).unwrap_or_else(usual);
    let write = || {
        let mut file = brought.begin()?;
        file.write_all(png.as_deref().unwrap_or(bytes))?;
        brought.keep(file, &name)
    };
    write().map_err(|e: io::Error| ContentError::Disk(name, e.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(bytes: &[u8], name: Option<&str>) -> (tempfile::TempDir, Result<PathBuf, ContentError>) {
        let home = tempfile::tempdir().unwrap();
        let content = Content { bytes: bytes.to_owned(), name: name.map(ToOwned::to_owned) };
        let now = "2026-11-21T14:03:22+01:00[+01:00]".parse().unwrap();
        let file = keep(&ImportFolder::new(&Folders::inside(home.path())), &content, &now);
        (home, file)
    }

    fn sample(name: &str) -> Vec<u8> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
        std::fs::read(folder.join(name)).unwrap()
    }

    #[test]
    fn media_are_kept_byte_for_byte_under_the_name_of_what_they_are() {
        for (of, given, name) in [
            ("cover.png", None, "Pasted 2026-11-21 14.03.22.png"),
            ("photo.jpg", Some("/tmp/../holiday.png"), "holiday.jpg"),
            ("anim.gif", Some("..."), "Pasted 2026-11-21 14.03.22.gif"),
            ("clip.mp4", Some("clip"), "clip.mp4"),
            ("captions.srt", Some("words.srt"), "words.srt"),
        ] {
            let (home, file) = kept(&sample(of), given);
            let file = file.unwrap();
            assert_eq!(file, home.path().join("data/brought").join(name));
            assert_eq!(std::fs::read(file).unwrap(), sample(of));
        }
    }

    #[test]
    fn pixels_become_a_png() {
        let image = image::load_from_memory(&sample("cover.png")).unwrap();
        let mut bmp = std::io::Cursor::new(vec![]);
        image.write_to(&mut bmp, image::ImageFormat::Bmp).unwrap();
        let (_home, file) = kept(bmp.get_ref(), Some("screen.bmp"));
        let file = file.unwrap();
        assert_eq!(file.file_name().unwrap(), "screen.png");
        assert_eq!(image::open(&file).unwrap().into_rgb8(), image.into_rgb8());
    }

    #[test]
    fn what_is_no_media_is_said_to_be_none_and_leaves_nothing() {
        for (bytes, said) in [
            (&b"%PDF-1.7 ..."[..], "This content is PDF, not an image, audio or video"),
            (b"hello", "This content is not an image, audio or video"),
            (b"", "This content is empty"),
            (b"BM\0\0\0\0\0\0", "The image is damaged or cut off"),
        ] {
            let (home, file) = kept(bytes, Some("a.png"));
            assert_eq!(file.unwrap_err().to_string(), said);
            assert!(!home.path().join("data").exists());
        }
    }
}
