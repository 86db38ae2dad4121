//! The same on Windows: a lock in the folder, and a pipe that has its name from the folder's.

use std::ffi::{OsString, c_void};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::path::{Path, PathBuf};
use std::time::Duration;

use highway::{HighwayHash, HighwayHasher};
use tokio::net::windows::named_pipe::{ClientOptions, NamedPipeClient, NamedPipeServer, ServerOptions};
use tokio::time::sleep;
use windows_sys::Win32::Foundation::{ERROR_PIPE_BUSY, HANDLE, LocalFree};
use windows_sys::Win32::Security::Authorization::{
    ConvertSidToStringSidW, ConvertStringSecurityDescriptorToSecurityDescriptorW, SDDL_REVISION_1,
};
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, PSECURITY_DESCRIPTOR, SECURITY_ATTRIBUTES, TOKEN_QUERY, TOKEN_USER,
    TokenUser,
};
use windows_sys::Win32::System::Pipes::{GetNamedPipeClientProcessId, GetNamedPipeServerProcessId};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, OpenProcess, OpenProcessToken, PROCESS_QUERY_LIMITED_INFORMATION,
};
use windows_sys::Win32::UI::WindowsAndMessaging::AllowSetForegroundWindow;

use crate::store::folders::Folders;

const LOCK: &str = "lock";

/// Between two tries to connect while all ends of the pipe are taken.
const PIPE_RETRY: Duration = Duration::from_millis(5);

/// The other end of a connection, as the window has it.
pub(super) type Connection = NamedPipeServer;

/// The folder of a window, and what its pipe is called.
#[derive(Debug)]
pub(super) struct SocketDir {
    lock: PathBuf,
    pipe: OsString,
}

/// The place a window listens at. The lock goes with it.
#[derive(Debug)]
pub struct Owner {
    dir: SocketDir,
    _lock: File,
}

/// The pipe, with an end for whoever comes next.
pub(super) struct Listener {
    pipe: OsString,
    rights: Rights,
    next: NamedPipeServer,
}

impl SocketDir {
    /// Makes the folder where it is missing.
    pub(super) fn open(path: &Path) -> io::Result<SocketDir> {
        Folders::make(path)?;
        // One folder has one pipe, however it is written.
        let whole = fs::canonicalize(path)?;
        let name = HighwayHasher::default().hash64(whole.as_os_str().as_encoded_bytes());
        Ok(SocketDir { lock: whole.join(LOCK), pipe: format!(r"\\.\pipe\hoist-{name:016x}").into() })
    }

    /// Returns the lock, if no other start has it.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&self.lock)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(e),
        }
    }

    /// Becomes the place of a window. Only who has the lock may.
    #[expect(clippy::unnecessary_wraps, reason = "a socket may be in the way of another")]
    pub(super) fn own(self, lock: File) -> io::Result<Owner> {
        Ok(Owner { dir: self, _lock: lock })
    }

    /// Returns true: whether there is a pipe is known when it is connected to.
    #[expect(clippy::unnecessary_wraps, clippy::unused_self, reason = "a socket may be somebody else's")]
    pub(super) fn socket_is_there(&self) -> io::Result<bool> {
        Ok(true)
    }

    /// Connects to the window, unless another user's process has its pipe. The window may come to the front then.
    #[allow(unsafe_code)]
    pub(super) async fn connect(&self) -> io::Result<Option<NamedPipeClient>> {
        let stream = loop {
            match ClientOptions::new().open(&self.pipe) {
                Err(e) if e.raw_os_error() == Some(ERROR_PIPE_BUSY as i32) => sleep(PIPE_RETRY).await,
                opened => break opened?,
            }
        };
        let server = other_end(stream.as_raw_handle(), GetNamedPipeServerProcessId)?;
        if !is_own(server)? {
            return Ok(None);
        }
        // SAFETY: it takes a number.
        unsafe { AllowSetForegroundWindow(server) };
        Ok(Some(stream))
    }
}

impl Owner {
    /// Begins to listen. Where another program has made a pipe of this name, that is an error.
    pub(super) fn listener(&self) -> io::Result<Listener> {
        let rights = Rights::of_this_user()?;
        let pipe = self.dir.pipe.clone();
        let next = rights.pipe(ServerOptions::new().first_pipe_instance(true), &pipe)?;
        Ok(Listener { pipe, rights, next })
    }
}

impl Listener {
    /// Waits for the next connection; none where it is another user's.
    pub(super) async fn accept(&mut self) -> io::Result<Option<Connection>> {
        let connected = self.next.connect().await;
        let next = self.rights.pipe(&mut ServerOptions::new(), &self.pipe)?;
        let stream = std::mem::replace(&mut self.next, next);
        connected?;
        let is_own = is_own(other_end(stream.as_raw_handle(), GetNamedPipeClientProcessId)?)?;
        Ok(is_own.then_some(stream))
    }
}

/// Rights for one user alone.
struct Rights(PSECURITY_DESCRIPTOR);

// SAFETY: it is memory that nothing changes.
#[allow(unsafe_code)]
unsafe impl Send for Rights {}

impl Rights {
    #[allow(unsafe_code)]
    fn of_this_user() -> io::Result<Rights> {
        let user = User::of_this_process()?;
        let mut name = std::ptr::null_mut();
        // SAFETY: the user outlives the call, which makes a text that ends with a zero.
        let name = unsafe {
            done(ConvertSidToStringSidW(user.sid(), &raw mut name))?;
            let length = (0..).take_while(|n| *name.add(*n) != 0).count();
            let text = String::from_utf16_lossy(std::slice::from_raw_parts(name, length));
            LocalFree(name.cast());
            text
        };
        let all_to_the_user: Vec<u16> = format!("D:P(A;;GA;;;{name})").encode_utf16().chain([0]).collect();
        let mut made = std::ptr::null_mut();
        // SAFETY: the text ends with a zero; what is made is freed with this.
        unsafe {
            done(ConvertStringSecurityDescriptorToSecurityDescriptorW(
                all_to_the_user.as_ptr(),
                SDDL_REVISION_1,
                &raw mut made,
                std::ptr::null_mut(),
            ))?;
        }
        Ok(Rights(made))
    }

    /// Makes one end of a pipe with these rights, on this computer only.
    #[allow(unsafe_code)]
    fn pipe(&self, options: &mut ServerOptions, name: &OsString) -> io::Result<NamedPipeServer> {
        let mut attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: self.0,
            bInheritHandle: 0,
        };
        let attributes: *mut c_void = (&raw mut attributes).cast();
        // SAFETY: they are what is asked for, and outlive the call.
        unsafe { options.reject_remote_clients(true).create_with_security_attributes_raw(name, attributes) }
    }
}

impl Drop for Rights {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: the system made it so, and nothing else has it.
        unsafe { LocalFree(self.0) };
    }
}

/// Whom a process acts for: the system's own record, of which the name is a part.
struct User(Vec<TOKEN_USER>);

impl User {
    #[allow(unsafe_code)]
    fn of_this_process() -> io::Result<User> {
        // SAFETY: this handle needs no closing.
        User::of(unsafe { GetCurrentProcess() })
    }

    #[allow(unsafe_code)]
    fn of(process: HANDLE) -> io::Result<User> {
        let mut token = std::ptr::null_mut();
        let mut bytes = 0;
        // SAFETY: the first call of GetTokenInformation says how long the record is, and the second one gets room for it,
        // aligned as the record is.
        unsafe {
            done(OpenProcessToken(process, TOKEN_QUERY, &raw mut token))?;
            let token = OwnedHandle::from_raw_handle(token);
            let token = token.as_raw_handle();
            GetTokenInformation(token, TokenUser, std::ptr::null_mut(), 0, &raw mut bytes);
            let length = (bytes as usize).div_ceil(size_of::<TOKEN_USER>()).max(1);
            let mut record: Vec<TOKEN_USER> = vec![std::mem::zeroed(); length];
            done(GetTokenInformation(token, TokenUser, record.as_mut_ptr().cast(), bytes, &raw mut bytes))?;
            Ok(User(record))
        }
    }

    fn sid(&self) -> *mut c_void {
        self.0[0].User.Sid
    }
}

/// Returns the number of the process at the other end of a pipe.
#[allow(unsafe_code)]
fn other_end(
    pipe: RawHandle,
    ask: unsafe extern "system" fn(HANDLE, *mut u32) -> windows_sys::core::BOOL,
) -> io::Result<u32> {
    let mut process = 0;
    // SAFETY: the pipe is open, and the number outlives the call.
    unsafe { done(ask(pipe, &raw mut process))? };
    Ok(process)
}

/// Returns whether a process acts for the user that this one acts for.
#[allow(unsafe_code)]
fn is_own(process: u32) -> io::Result<bool> {
    // SAFETY: a process that was opened is closed with its handle, and both users outlive the comparison.
    unsafe {
        let opened = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, process);
        if opened.is_null() {
            return Err(io::Error::last_os_error());
        }
        let opened = OwnedHandle::from_raw_handle(opened);
        let (other, own) = (User::of(opened.as_raw_handle())?, User::of_this_process()?);
        Ok(EqualSid(other.sid(), own.sid()) != 0)
    }
}

/// Returns the system's error where a call did not do what it was asked.
fn done(answered: windows_sys::core::BOOL) -> io::Result<()> {
    if answered == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
