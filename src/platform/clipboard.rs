//! Copying from the terminal: a child process keeps the text after the command has ended. The window's clipboard is
//! `dnd_clipboard`'s.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the clipboard's owner may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest text that is held.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Why a text could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// There is no screen, as over SSH.
    #[error("there is no display, and without one no clipboard")]
    NoDisplay,
    /// More than a clipboard's holder keeps.
    #[error("the text is longer than 16 MB")]
    TooLong,
    /// The process that holds the text owns no clipboard, or did not say so in time.
    #[error("the clipboard cannot be reached")]
    Unreachable,
    /// That process could not be started or be given the text.
    #[error(transparent)]
    Process(#[from] io::Error),
    /// The window system refused it.
    #[error(transparent)]
    Refused(#[from] arboard::Error),
}

/// Copies a text so that it outlives this process: on X11 and Wayland somebody must stay to hand it out.
pub fn copy_and_leave(text: &str) -> Result<(), CopyError> {
    if !super::display::is_there() {
        return Err(CopyError::NoDisplay);
    }
    if !cfg!(target_os = "linux") {
        return set(text);
    }
    if text.len() as u64 > MAX_BYTES {
        return Err(CopyError::TooLong);
    }
    let program = std::env::current_exe()?;
    let mut command = Command::new(program);
    command.arg("hold-clipboard").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // It outlives the command: Ctrl+C in the same terminal is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    // It says one word once it owns the clipboard; a display that hangs is not waited for.
    let (tell, owns) = mpsc::channel();
    let mut out = child.stdout.take().ok_or(CopyError::Unreachable)?;
    std::thread::spawn(move || tell.send(out.read_exact(&mut [0; 2]).is_ok()));
    match owns.recv_timeout(TIMEOUT) {
        Ok(true) => Ok(()),
        _ => {
            let _ = child.kill();
            Err(CopyError::Unreachable)
        }
    }
}

/// Holds the text of stdin in the clipboard until another program replaces it.
pub fn serve_clipboard() -> Result<(), CopyError> {
    let mut text = String::new();
    io::stdin().take(MAX_BYTES).read_to_string(&mut text)?;
    set(&text)
}

#[cfg(target_os = "linux")]
fn set(text: &str) -> Result<(), CopyError> {
    use arboard::SetExtLinux;
    use std::time::Instant;
    let mut clipboard = arboard::Clipboard::new()?;
    clipboard.set_text(text)?;
    let mut out = io::stdout();
    let _ = out.write_all(b"ok").and_then(|()| out.flush());
    // Nobody should find this process a day later, nor after the display has gone, of which the clipboard does not tell.
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_secs(20));
            if !super::display::answers() {
                #[expect(clippy::disallowed_methods, reason = "nothing is left to be dropped")]
                std::process::exit(0);
            }
        }
    });
    Ok(clipboard.set().wait_until(Instant::now() + Duration::from_hours(24)).text(text)?)
}

#[cfg(not(target_os = "linux"))]
fn set(text: &str) -> Result<(), CopyError> {
    Ok(arboard::Clipboard::new().and_then(|mut c| c.set_text(text))?)
}
