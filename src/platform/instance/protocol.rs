//! How a message goes over the socket: its length in four bytes (the lowest last), then JSON.

use std::io;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::message::Message;
use crate::model::path_bytes;
use crate::platform::environment::is_token;

/// The longest message. Longer lists of files go in several.
pub const MAX_BYTES: usize = 1024 * 1024;

/// The most files in one message.
pub const MAX_FILES: usize = 10_000;

/// Windows of another version of this talk are not talked to.
const VERSION: u32 = 1;

/// What is there beside the files: braces, names, version and token.
const BESIDE: usize = 8 * 1024;

/// The message was read whole and found good.
pub(super) const READY: u8 = b'r';
/// The second start is still there, and will not stage the files itself.
pub(super) const GO: u8 = b'g';
/// The window has the files.
pub(super) const STAGED: u8 = b's';
/// The window does not have them, and will not.
pub(super) const REFUSED: u8 = b'x';

/// A message as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    version: u32,
    /// In base64: names of files are bytes, and need not be text.
    files: Vec<String>,
    token: Option<String>,
}

/// Returns how many of the files go in the first message; none where the first one is in no message at all.
pub(super) fn first(files: &[PathBuf]) -> usize {
    let mut room = MAX_BYTES - BESIDE;
    let fits = |file: &&PathBuf| {
        // Its base64, two quotes and a comma.
        let length = file.as_os_str().len().div_ceil(3) * 4 + 3;
        let there = file.is_absolute() && length <= room;
        room -= if there { length } else { 0 };
        there
    };
    files.iter().take(MAX_FILES).take_while(fits).count()
}

/// Returns the bytes of a message.
pub(super) fn encode(files: &[PathBuf], token: Option<&str>) -> io::Result<Vec<u8>> {
    let files = files.iter().map(|file| STANDARD.encode(path_bytes::of_path(file))).collect();
    let written = Written { version: VERSION, files, token: token.map(str::to_owned) };
    let json = serde_json::to_vec(&written)?;
    let mut bytes = u32::try_from(json.len()).map_err(io::Error::other)?.to_be_bytes().to_vec();
    bytes.extend(json);
    Ok(bytes)
}

/// Reads one message and no byte more. Memory grows with what comes, not with what is announced.
pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Message> {
    let length = from.read_u32().await? as usize;
    if length > MAX_BYTES {
        return Err(bad("it is too long"));
    }
    let mut json = vec![];
    from.take(length as u64).read_to_end(&mut json).await?;
    if json.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    decode(&json)
}

/// Returns what a message says, if all of it is good.
fn decode(json: &[u8]) -> io::Result<Message> {
    let written: Written = serde_json::from_slice(json)?;
    if written.version != VERSION {
        return Err(bad("it is of another version"));
    }
    if written.files.len() > MAX_FILES {
        return Err(bad("it has too many files"));
    }
    let file = |name: String| {
        let bytes = STANDARD.decode(name).map_err(|_| bad("a name is not in base64"))?;
        let has_zero = bytes.contains(&0);
        let path = path_bytes::to_path(bytes);
        if path.is_absolute() && !has_zero { Ok(path) } else { Err(bad("a path is not whole")) }
    };
    let files = written.files.into_iter().map(file).collect::<io::Result<_>>()?;
    match written.token {
        Some(token) if !is_token(&token) => Err(bad("its token is none")),
        token => Ok(Message { files, token }),
    }
}

fn bad(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
