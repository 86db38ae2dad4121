//! A file's bytes on their way out: read on a thread of their own, a few pieces ahead, never the whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::sync::{mpsc, watch};

use crate::media::hash::Hasher;
use crate::model::disk;
use crate::model::media::ContentHash;
use crate::model::record::UploadRequest;
use crate::provider::http::{Body, FileForm};
use crate::store::history::{History, Write};

/// File bytes in a piece: a multiple of three, so that base64 needs no padding between pieces.
const PIECE: usize = 3 * 64 * 1024;

/// Pieces read ahead.
const AHEAD: usize = 2;

/// Whether all bytes were sent: decided once, by the body or by whoever gives up, never by both.
///
/// A byte has left when the system took it to send it. What the provider's system took, too, may exist though its program closes
/// the connection unread: no program is told how much that was.
#[derive(Clone, Debug, Default)]
pub struct Handover(Arc<AtomicU8>);

const OPEN: u8 = 0;
const COMPLETE: u8 = 1;
const GIVEN_UP: u8 = 2;

impl Handover {
    /// Notes that the last byte is about to leave; false where it must not be any more.
    fn complete(&self) -> bool {
        self.0.compare_exchange(OPEN, COMPLETE, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Forbids to hand over the last byte; false where that was done already.
    pub fn give_up(&self) -> bool {
        self.0.compare_exchange(OPEN, GIVEN_UP, Ordering::SeqCst, Ordering::SeqCst) != Err(COMPLETE)
    }

    /// Returns whether the rest is not wanted any more.
    fn is_given_up(&self) -> bool {
        self.0.load(Ordering::SeqCst) == GIVEN_UP
    }

    /// Returns whether all bytes have left.
    pub fn is_complete(&self) -> bool {
        self.0.load(Ordering::SeqCst) == COMPLETE
    }
}

/// The file to read, as it was when it was looked into.
#[derive(Clone, Debug)]
pub struct FileSource {
    /// What is opened when the body is sent.
    pub path: PathBuf,
    /// In bytes; a file of another size has changed since.
    pub size: u64,
    /// When it had last been changed then.
    pub modified: Option<SystemTime>,
}

/// Where it is written down, before the last byte leaves, that it is about to leave.
#[derive(Clone)]
pub struct WriteAhead {
    /// Where *about to leave whole* is written before the last byte.
    pub history: History,
    /// Which upload it is.
    pub request: UploadRequest,
    /// The asset exists once this request was sent.
    pub creates: bool,
    /// What was read of the file, for a later request that creates the asset.
    pub content: Arc<OnceLock<ContentHash>>,
}

/// Why a body could not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The file is not the one that was looked into any more.
    #[error("the file changed")]
    Changed,
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(String),
    /// It is not wanted any more.
    #[error("given up")]
    GivenUp,
}

struct Chunk {
    bytes: Bytes,
    file_bytes: u64,
    /// What was read in all, with the last piece.
    last: Option<ContentHash>,
}

/// Returns the body as a stream of exactly `body.length(source.size)` bytes. `progress` follows the file bytes handed
/// over; `failed` keeps why it ended early, since HTTP libraries wrap that beyond recognition.
pub fn stream(
    body: &Body,
    source: FileSource,
    mark: WriteAhead,
    handover: Handover,
    progress: watch::Sender<u64>,
    failed: watch::Sender<Option<BodyError>>,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send + 'static {
    let (pieces, ready) = mpsc::channel(AHEAD);
    let Body { before, file, after, .. } = body.clone();
    let encode = file == Some(FileForm::Base64);
    tokio::task::spawn_blocking(move || {
        if let Err(e) = read(&source, &before, &after, encode, &pieces) {
            let _ = pieces.blocking_send(Err(e));
        }
    });
    stream::unfold((ready, 0u64, false), move |(mut ready, sent, ended)| {
        let (handover, progress, failed) = (handover.clone(), progress.clone(), failed.clone());
        let mark = mark.clone();
        async move {
            if ended {
                return None;
            }
            let piece = match ready.recv().await {
                _ if handover.is_given_up() => Err(BodyError::GivenUp),
                Some(Ok(piece)) => match piece.last {
                    Some(hash) if !mark.may_leave(hash, &handover).await => Err(BodyError::GivenUp),
                    _ => Ok(piece),
                },
                Some(Err(e)) => Err(e),
                None => Err(BodyError::Read("the reader stopped".into())),
            };
            match piece {
                Ok(piece) => {
                    let sent = sent + piece.file_bytes;
                    progress.send_replace(sent);
                    Some((Ok(piece.bytes), (ready, sent, piece.last.is_some())))
                }
                Err(e) => {
                    failed.send_replace(Some(e.clone()));
                    Some((Err(e), (ready, sent, true)))
                }
            }
        }
    })
}

impl WriteAhead {
    /// Returns whether the last byte may leave: once it is on disk that it does, and unless somebody gave up before.
    async fn may_leave(&self, hash: ContentHash, handover: &Handover) -> bool {
        let _ = self.content.set(hash);
        self.about_to_create(handover).await
    }

    /// Returns whether a request without the file may leave, in the same way.
    pub(super) async fn about_to_create(&self, handover: &Handover) -> bool {
        if self.creates
            && let Some(hash) = self.content.get()
        {
            let written = self.history.write(Write::Whole(self.request.clone(), *hash));
            // Where it cannot be written any more, this run leaves a sign that more may have left than stands there.
            let _ = self.history.committed(written).await;
        }
        // A connection that the provider has closed meanwhile is noticed first: the last byte does not leave on it.
        tokio::task::yield_now().await;
        handover.complete()
    }
}

fn read(
    source: &FileSource,
    before: &str,
    after: &str,
    encode: bool,
    out: &mpsc::Sender<Result<Chunk, BodyError>>,
) -> Result<(), BodyError> {
    let io = |e: std::io::Error| BodyError::Read(e.to_string());
    let mut file = open(&source.path)?;
    if !is_untouched(&file, source, source.modified)? {
        return Err(BodyError::Changed);
    }
    let mut left = source.size;
    let mut hasher = Hasher::default();
    let mut first = true;
    loop {
        let want = left.min(PIECE as u64) as usize;
        let mut raw = Vec::with_capacity(want);
        if (&mut file).take(want as u64).read_to_end(&mut raw).map_err(io)? < want {
            return Err(BodyError::Changed);
        }
        hasher.update(&raw);
        left -= want as u64;
        let last = (left == 0).then(|| std::mem::take(&mut hasher).finish());
        // Before the last byte: a changed file is not accepted anywhere.
        if let Some(sent) = last
            && !is_untouched(&file, source, source.modified)?
            && !still_has(&mut file, source, sent)?
        {
            return Err(BodyError::Changed);
        }
        let head = if first { before } else { "" };
        let tail = if last.is_some() { after } else { "" };
        let bytes = if encode {
            let mut text = String::with_capacity(head.len() + want.div_ceil(3) * 4 + tail.len());
            text.push_str(head);
            STANDARD.encode_string(&raw, &mut text);
            text.push_str(tail);
            Bytes::from(text)
        } else if head.is_empty() && tail.is_empty() {
            Bytes::from(raw)
        } else {
            Bytes::from([head.as_bytes(), &raw, tail.as_bytes()].concat())
        };
        first = false;
        if out.blocking_send(Ok(Chunk { bytes, file_bytes: want as u64, last })).is_err() || last.is_some() {
            return Ok(());
        }
    }
}

/// Returns whether a file was last changed at that time, as far as that is known. One of another size is another file.
fn is_untouched(file: &File, source: &FileSource, at: Option<SystemTime>) -> Result<bool, BodyError> {
    let meta = file.metadata().map_err(|e| BodyError::Read(e.to_string()))?;
    if meta.len() != source.size || !meta.is_file() {
        return Err(BodyError::Changed);
    }
    Ok(at.is_none() || meta.modified().ok() == at)
}

/// Returns whether a file that was touched while it was sent has the content that was sent. Programs that index, back
/// up or synchronise touch files without changing them.
fn still_has(file: &mut File, source: &FileSource, sent: ContentHash) -> Result<bool, BodyError> {
    let io = |e: std::io::Error| BodyError::Read(e.to_string());
    let touched = file.metadata().and_then(|meta| meta.modified()).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut hasher = Hasher::default();
    let mut piece = vec![0; PIECE];
    let mut rest = file.take(source.size);
    loop {
        match rest.read(&mut piece).map_err(io)? {
            0 => break,
            n => hasher.update(&piece[..n]),
        }
    }
    Ok(hasher.finish() == sent && is_untouched(file, source, Some(touched))?)
}

/// Opens a file without ever waiting for a pipe that took its place.
fn open(path: &Path) -> Result<File, BodyError> {
    let meta = std::fs::metadata(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => BodyError::Changed,
        _ => BodyError::Read(disk::reason(&e)),
    })?;
    if !meta.is_file() {
        return Err(BodyError::Changed);
    }
    File::open(path).map_err(|e| BodyError::Read(disk::reason(&e)))
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;
    use crate::model::samples;
    use crate::model::upload::UploadId;

    fn nowhere(path: &Path) -> WriteAhead {
        let item = samples::item(UploadId(1), path, samples::destination("piapi"));
        WriteAhead {
            history: History::none(),
            request: item.request.clone(),
            creates: true,
            content: Arc::default(),
        }
    }

    async fn all(body: &Body, size: usize) -> (Vec<u8>, u64) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        let data: Vec<u8> = (0..size).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &data).unwrap();
        let modified = std::fs::metadata(&path).unwrap().modified().ok();
        let (progress, seen) = watch::channel(0);
        let handover = Handover::default();
        let mark = nowhere(&path);
        let source = FileSource { path, size: size as u64, modified };
        let stream = stream(body, source, mark, handover.clone(), progress, watch::channel(None).0);
        let out: Vec<_> = stream.map(|p| p.unwrap()).collect().await;
        assert!(handover.is_complete());
        (out.concat(), *seen.borrow())
    }

    #[tokio::test]
    async fn bodies_have_exactly_the_computed_length_at_every_edge() {
        let around = |before: &str, file, after: &str| Body {
            before: before.to_owned(),
            file: Some(file),
            after: after.to_owned(),
            boundary: None,
        };
        let base64 = around("{\"d\":\"", FileForm::Base64, "\"}");
        let form = around("--x\r\n\r\n", FileForm::Raw, "\r\n--x--\r\n");
        for size in [1, 2, 3, 4, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 2] {
            let (raw, sent) = all(&Body::file(), size).await;
            assert_eq!((raw.len(), sent), (size, size as u64));
            let (text, sent) = all(&base64, size).await;
            assert_eq!((text.len() as u64, sent), (base64.length(size as u64), size as u64));
            let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
            assert_eq!(STANDARD.decode(value["d"].as_str().unwrap()).unwrap(), raw);
            let (bytes, sent) = all(&form, size).await;
            assert_eq!((bytes.len() as u64, sent), (form.length(size as u64), size as u64));
            assert_eq!(bytes, [form.before.as_bytes(), &raw, form.after.as_bytes()].concat());
        }
    }

    #[tokio::test]
    async fn a_file_that_changes_is_never_handed_over_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("f");
        std::fs::write(&path, vec![7; 40 * PIECE]).unwrap(); // more than is read ahead
        let modified = std::fs::metadata(&path).unwrap().modified().ok();
        let handover = Handover::default();
        let source = FileSource { path: path.clone(), size: 40 * PIECE as u64, modified };
        let (progress, failed) = (watch::channel(0).0, watch::channel(None).0);
        let body = stream(&Body::file(), source, nowhere(&path), handover.clone(), progress, failed);
        let mut body = std::pin::pin!(body);
        assert!(body.next().await.unwrap().is_ok());
        File::options().write(true).open(&path).unwrap().set_len(10).unwrap();
        let rest: Vec<_> = body.collect().await;
        assert_eq!(rest.last().unwrap(), &Err(BodyError::Changed));
        assert!(!handover.is_complete());
    }

    #[tokio::test]
    async fn a_file_that_is_only_touched_is_sent_and_one_that_is_rewritten_is_not() {
        for (last, sent) in [(7, true), (8, false)] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("f");
            let size = 40 * PIECE;
            std::fs::write(&path, vec![7; size]).unwrap();
            let modified = std::fs::metadata(&path).unwrap().modified().ok();
            let handover = Handover::default();
            let source = FileSource { path: path.clone(), size: size as u64, modified };
            let (progress, failed) = (watch::channel(0).0, watch::channel(None).0);
            let body = stream(&Body::file(), source, nowhere(&path), handover.clone(), progress, failed);
            let mut body = std::pin::pin!(body);
            assert!(body.next().await.unwrap().is_ok());
            let mut file = File::options().write(true).open(&path).unwrap();
            std::io::Write::write_all(&mut file, &[last]).unwrap(); // what was read long ago
            file.set_modified(SystemTime::now() + std::time::Duration::from_mins(1)).unwrap();
            let rest: Vec<_> = body.collect().await;
            assert_eq!((rest.last().unwrap().is_ok(), handover.is_complete()), (sent, sent));
        }
    }

    #[test]
    fn completing_and_giving_up_exclude_each_other() {
        let handover = Handover::default();
        assert!(handover.give_up() && handover.give_up() && !handover.complete());
        let handover = Handover::default();
        assert!(handover.complete() && !handover.give_up() && handover.is_complete());
    }
}
