//! The second start's side, and how a start finds out which one it is.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime;
use tokio::time::timeout;

use super::folder::SocketDir;
use super::outcome::StartOutcome;
use super::protocol;

/// So long a window may take to say that it has the files.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Between two looks for a window that has the lock, but nobody who answers: it begins or ends right now.
const PAUSE: Duration = Duration::from_millis(10);

/// Why a window does not have the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum HandoverError {
    #[error("Another window of Hoist is open, but cannot be reached. So this one was opened")]
    NotThere,
    #[error(
        "Another window of Hoist is open, but does not answer. So this one was opened; close the other one if it hangs"
    )]
    Silent,
    #[error(
        "Another window of Hoist is open, but did not take this: it may be another version. So this one was opened"
    )]
    Refused,
    #[error(
        "Another window of Hoist may have the files, but stopped answering. So they are not in this one: look there, and add here what is missing"
    )]
    Unknown,
    #[error(
        "The socket of Hoist's other window belongs to another user, so it was told nothing, and this window was opened"
    )]
    Stranger,
    #[error(
        "These files could not be passed to Hoist's other window, because their absolute paths are not known. So this one was opened"
    )]
    NotWhole,
}

/// Finds out whether a window is open for this folder's home, and hands files and token over to it. Without files it only
/// comes to the front. Where there is none, this start becomes the first, if it has a display.
///
/// Files are sent in messages of at most [`protocol::MAX_FILES`] and [`protocol::MAX_BYTES`]; what is left when one of
/// them fails stays here.
pub fn start(folder: &Path, mut files: Vec<PathBuf>, token: Option<&str>, display: bool) -> StartOutcome {
    let apart = |e: io::Error| format!("This window cannot receive files from other starts of Hoist: {e}");
    let mut until = Instant::now() + TIMEOUT;
    loop {
        // Anew each time: with the lock it becomes the window's.
        let found = SocketDir::open(folder).and_then(|dir| dir.lock().map(|lock| (dir, lock)));
        let dir = match found {
            Err(e) => return StartOutcome::Standalone { files, why: Some(apart(e)) },
            Ok((_, Some(_))) if !display => return StartOutcome::Standalone { files, why: None },
            Ok((dir, Some(lock))) => {
                return match dir.own(lock) {
                    Ok(owner) => StartOutcome::First { files, owner },
                    Err(e) => StartOutcome::Standalone { files, why: Some(apart(e)) },
                };
            }
            Ok((dir, None)) => dir,
        };
        let count = protocol::first(&files);
        let handed = match count {
            0 if !files.is_empty() => Err(HandoverError::NotWhole),
            _ => hand(&dir, &files[..count], token, until),
        };
        match handed {
            Ok(()) if count == files.len() => return StartOutcome::HandedOver,
            Ok(()) => {
                files.drain(..count);
                until = Instant::now() + TIMEOUT;
            }
            Err(HandoverError::NotThere) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(why) => {
                if why == HandoverError::Unknown {
                    files.drain(..count);
                }
                return StartOutcome::Standalone { files, why: Some(why.to_string()) };
            }
        }
    }
}

/// Hands one message over.
fn hand(
    dir: &SocketDir,
    files: &[PathBuf],
    token: Option<&str>,
    until: Instant,
) -> Result<(), HandoverError> {
    match dir.socket_is_there() {
        Ok(true) => {}
        Ok(false) => return Err(HandoverError::NotThere),
        Err(_) => return Err(HandoverError::Stranger),
    }
    let bytes = protocol::encode(files, token).map_err(|_| HandoverError::NotWhole)?;
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let runtime = runtime.map_err(|_| HandoverError::NotThere)?;
    let mut said_go = false;
    let talk = talk(dir, &bytes, &mut said_go);
    let left = until.saturating_duration_since(Instant::now());
    let ended = runtime.block_on(async { timeout(left, talk).await });
    match (ended, said_go) {
        (Ok(Ok(answer)), _) => answer,
        (Ok(Err(_)) | Err(_), true) => Err(HandoverError::Unknown),
        (Ok(Err(_)), false) => Err(HandoverError::NotThere),
        (Err(_), false) => Err(HandoverError::Silent),
    }
}

async fn talk(dir: &SocketDir, bytes: &[u8], said_go: &mut bool) -> io::Result<Result<(), HandoverError>> {
    let Some(mut stream) = dir.connect().await? else { return Ok(Err(HandoverError::Stranger)) };
    stream.write_all(bytes).await?;
    if stream.read_u8().await? != protocol::READY {
        return Ok(Err(HandoverError::Refused));
    }
    *said_go = true;
    stream.write_all(&[protocol::GO]).await?;
    Ok(match stream.read_u8().await? {
        protocol::STAGED => Ok(()),
        _ => Err(HandoverError::NotThere), // its window has gone
    })
}
