//! The hash of a file's content, piece by piece.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::time::SystemTime;

use highway::{HighwayHash, HighwayHasher, Key};

use crate::model::media::{ContentHash, FileFacts};

/// Part of the hash's definition, not a secret: another one would make every earlier hash useless.
const KEY: Key =
    Key([0x686f_6973_7420_7570, 0x6c6f_6164_6564_2074, 0x6869_7320_6669_6c65, 0x2062_6566_6f72_653f]);

/// Takes in content.
pub struct Hasher(HighwayHasher);

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher(HighwayHasher::new(KEY))
    }
}

impl Hasher {
    /// Hashes the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.append(piece);
    }

    /// Returns the hash of all pieces.
    pub fn finish(self) -> ContentHash {
        let mut hash = [0; 32];
        for (to, part) in hash.chunks_exact_mut(8).zip(self.0.finalize256()) {
            to.copy_from_slice(&part.to_le_bytes());
        }
        ContentHash(hash)
    }
}

/// What of a file changes when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// Its size in bytes.
    pub size: u64,
    /// When it was written last, where the file system knows.
    pub modified: Option<SystemTime>,
}

impl FileStamp {
    /// Reads that of an ordinary file.
    pub fn read(path: &Path) -> Option<FileStamp> {
        std::fs::metadata(path).ok().filter(Metadata::is_file).map(|meta| FileStamp::of(&meta))
    }

    fn of(meta: &Metadata) -> FileStamp {
        FileStamp { size: meta.len(), modified: meta.modified().ok() }
    }
}

/// The hash of a file's content, and which file that was.
///
/// A file may be written again between two looks at it: a hash belongs to the facts of the same content only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashedContent {
    /// What the bytes come to.
    pub hash: ContentHash,
    /// Which file had them.
    pub stamp: FileStamp,
}

impl HashedContent {
    /// Returns whether it is the content that was inspected.
    pub fn is_of(&self, facts: &FileFacts) -> bool {
        self.stamp == FileStamp { size: facts.size, modified: facts.modified }
    }
}

/// Hashes an ordinary file. One that is written meanwhile is an error.
pub fn of_file(path: &Path) -> std::io::Result<HashedContent> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(ErrorKind::InvalidInput.into());
    }
    let mut file = File::open(path)?;
    let state = |file: &File| file.metadata().map(|meta| FileStamp::of(&meta));
    let before = state(&file)?;
    let mut hasher = Hasher::default();
    let mut piece = vec![0; 256 * 1024];
    let mut rest = (&mut file).take(before.size);
    loop {
        match rest.read(&mut piece)? {
            0 => break,
            n => hasher.update(&piece[..n]),
        }
    }
    if state(&file)? != before {
        return Err(ErrorKind::InvalidData.into());
    }
    Ok(HashedContent { hash: hasher.finish(), stamp: before })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_does_not_depend_on_the_pieces_and_stays_what_it_was() {
        let data: Vec<u8> = (0..100_000u32).map(|n| (n % 251) as u8).collect();
        let hash = |piece: usize| {
            let mut hasher = Hasher::default();
            data.chunks(piece).for_each(|piece| hasher.update(piece));
            hasher.finish()
        };
        let whole = hash(data.len());
        for piece in [1, 31, 32, 33, 4096, 65_536] {
            assert_eq!(hash(piece), whole, "{piece}");
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &data).unwrap();
        assert_eq!(of_file(file.path()).unwrap().hash, whole);
        // Histories hold hashes of earlier versions.
        assert_eq!(whole.0[..4], [161, 38, 99, 94]);
    }
}
