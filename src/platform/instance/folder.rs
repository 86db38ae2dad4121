//! The folder where a window listens: who may have it, the lock and the socket in it.

use std::fs::{self, File, Metadata, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tokio::net::{UnixListener, UnixStream};

use crate::store::folders::Folders;

const LOCK: &str = "lock";
const SOCKET: &str = "socket";

/// Longer addresses are not taken everywhere: 104 bytes on macOS, 108 on Linux, with a zero at the end.
const MAX_ADDRESS: usize = 103;

/// A folder that nobody else can look into.
#[derive(Debug)]
pub(super) struct SocketDir {
    path: PathBuf,
    /// The folder, held open: it is this one that was looked at, whatever its path names later.
    folder: File,
}

/// The place a window listens at. The lock goes with it.
#[derive(Debug)]
pub struct Owner {
    dir: SocketDir,
    listener: std::os::unix::net::UnixListener,
    _lock: File,
}

/// The socket, listened to.
pub(super) struct Listener(UnixListener);

/// The other end of a connection, as the window has it.
pub(super) type Connection = UnixStream;

/// Returns the user this process acts for.
fn own_uid() -> u32 {
    rustix::process::geteuid().as_raw()
}

impl SocketDir {
    /// Makes the folder where it is missing. One of another user is refused, and so is a link in its place.
    pub(super) fn open(path: &Path) -> io::Result<SocketDir> {
        if !path.exists() {
            // What root makes in a user's folder would keep that user out of it.
            let there = path.ancestors().find_map(|above| fs::metadata(above).ok());
            if there.is_some_and(|above| ![own_uid(), 0].contains(&above.uid())) {
                return Err(foreign(path));
            }
            Folders::make(path)?;
        }
        let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits() as i32;
        let folder = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let found = folder.metadata()?;
        own(&found, path)?;
        if found.mode() & 0o077 != 0 {
            folder.set_permissions(Permissions::from_mode(0o700))?;
        }
        Ok(SocketDir { path: path.to_owned(), folder })
    }

    /// Returns the lock, if no other start has it.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        let path = self.path.join(LOCK);
        let flags = OFlags::NOFOLLOW.bits() as i32;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(flags);
        let file = options.open(&path)?;
        let found = file.metadata()?;
        own(&found, &path)?;
        if !found.is_file() {
            return Err(other_than("an ordinary file", &path));
        }
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }

    /// Listens, in the place of a window that ended without a word. Only who has the lock may.
    pub(super) fn own(self, lock: File) -> io::Result<Owner> {
        let path = self.path.join(SOCKET);
        if self.socket_is_there()? {
            fs::remove_file(&path)?;
        }
        let listener = std::os::unix::net::UnixListener::bind(self.address())?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Owner { dir: self, listener, _lock: lock })
    }

    /// Returns whether there is a socket of the user's. Anything else in its place is refused, links first of all.
    pub(super) fn socket_is_there(&self) -> io::Result<bool> {
        let path = self.path.join(SOCKET);
        let found = match fs::symlink_metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            found => found?,
        };
        own(&found, &path)?;
        if found.file_type().is_socket() { Ok(true) } else { Err(other_than("a socket", &path)) }
    }

    /// Returns what the socket is called towards the system. Linux can name it by the open folder where its path is too
    /// long; elsewhere it then refuses the path, and says so.
    fn address(&self) -> PathBuf {
        let path = self.path.join(SOCKET);
        if cfg!(target_os = "linux") && path.as_os_str().len() > MAX_ADDRESS {
            return Path::new("/proc/self/fd").join(self.folder.as_raw_fd().to_string()).join(SOCKET);
        }
        path
    }

    /// Connects to the window, unless another user's process is at the socket.
    pub(super) async fn connect(&self) -> io::Result<Option<UnixStream>> {
        let stream = UnixStream::connect(self.address()).await?;
        Ok(is_own(&stream)?.then_some(stream))
    }
}

impl Owner {
    /// Begins to listen. Those who came before this wait.
    pub(super) fn listener(&self) -> io::Result<Listener> {
        let listener = self.listener.try_clone()?;
        listener.set_nonblocking(true)?;
        UnixListener::from_std(listener).map(Listener)
    }
}

impl Listener {
    /// Waits for the next connection; none where it is another user's.
    pub(super) async fn accept(&mut self) -> io::Result<Option<Connection>> {
        let (stream, _) = self.0.accept().await?;
        Ok(is_own(&stream)?.then_some(stream))
    }
}

/// Returns whether the process at the other end acts for the user that this one acts for.
fn is_own(stream: &UnixStream) -> io::Result<bool> {
    Ok(stream.peer_cred()?.uid() == own_uid())
}

impl Drop for Owner {
    /// Removes the socket first: whoever has the lock next may have one there already.
    fn drop(&mut self) {
        let _ = fs::remove_file(self.dir.path.join(SOCKET));
    }
}

fn own(found: &Metadata, path: &Path) -> io::Result<()> {
    if found.uid() == own_uid() { Ok(()) } else { Err(foreign(path)) }
}

fn foreign(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("{} belongs to another user", path.display()))
}

fn other_than(what: &str, path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{} is not {what}", path.display()))
}
