//! Thumbnails of what was sent, kept beside the history: the files themselves may be gone.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use hoist_codecs::png::write_rgba;

use super::error::PreviewError;
use super::inspect::inspect;
use super::preview::{Picture, Preview, square, whole};
use super::thumbnail;
use crate::model::media::{FileFacts, Kind};

/// Pixels of the longer side: the middle of it is a thumbnail, and the whole is shown where the file is gone.
const SIDE: u32 = 288;

/// Pictures kept; the oldest go first.
const MAX_PICTURES: usize = 2000;

/// Returns the picture kept in `file`; else one of the file as long as it is what it was, which is kept from now on.
pub(super) fn picture(file: &Path, facts: Option<&FileFacts>, side: u32) -> Result<Picture, PreviewError> {
    if let Ok(picture) = square(&as_picture(file), side) {
        return Ok(picture);
    }
    let facts = facts.filter(|facts| is_as_it_was(facts)).ok_or(PreviewError::OtherFile)?;
    keep(facts, file);
    thumbnail::small(facts, side, &AtomicBool::new(false))
}

/// Returns a large picture of the file as long as it is what it was, else the one kept in `file`.
pub(super) fn large(
    file: &Path,
    facts: Option<&FileFacts>,
    within: (u32, u32),
    stop: &AtomicBool,
) -> Result<Preview, PreviewError> {
    match facts.filter(|facts| is_as_it_was(facts)) {
        Some(facts) => thumbnail::large(facts, within, stop),
        None => whole(&as_picture(file), within).map(Preview::Picture).map_err(|_| PreviewError::OtherFile),
    }
}

/// Returns a kept picture as a file to decode.
fn as_picture(file: &Path) -> FileFacts {
    FileFacts { path: file.to_owned(), ..FileFacts::default() }
}

fn is_as_it_was(facts: &FileFacts) -> bool {
    let now = inspect(&facts.path);
    now.is_ok_and(|now| now.size == facts.size && now.modified == facts.modified)
}

/// Keeps a small picture of a file in `file`; without a picture, or without room, there is none.
pub(super) fn keep(facts: &FileFacts, file: &Path) {
    let Some(folder) = file.parent() else { return };
    let is_heard = facts.recognised.media().is_some_and(|media| media.kind() == Kind::Audio);
    let small =
        if is_heard { None } else { thumbnail::large(facts, (SIDE, SIDE), &AtomicBool::new(false)).ok() };
    let Some(Preview::Picture(small)) = small else { return };
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(folder)?;
        let mut out = tempfile::NamedTempFile::new_in(folder)?; // 0600 on Unix
        write_rgba(&small.rgba, (small.width, small.height), &mut out).map_err(std::io::Error::other)?;
        out.persist(file)?;
        make_room(folder)
    };
    if let Err(e) = write() {
        tracing::warn!("a thumbnail was not saved: {}", e.kind());
    }
}

fn make_room(folder: &Path) -> std::io::Result<()> {
    let mut all: Vec<_> = fs::read_dir(folder)?.filter_map(Result::ok).collect();
    if all.len() > MAX_PICTURES {
        all.sort_by_cached_key(|entry| entry.metadata().and_then(|m| m.modified()).ok());
        // Some at a time: this is not done for each picture.
        for old in &all[..all.len() - MAX_PICTURES * 9 / 10] {
            let _ = fs::remove_file(old.path());
        }
    }
    Ok(())
}

/// Deletes a kept picture, or a folder of them.
pub(super) fn forget(file: &Path) {
    let _ = if file.is_dir() { fs::remove_dir_all(file) } else { fs::remove_file(file) };
}
