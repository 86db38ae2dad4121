//! Copying from the terminal: a child process keeps the text after the command has ended. The window's clipboard is
//! `exchange`'s.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the clipboard's owner may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest text that is held.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Copies a text so that it outlives this process: on X11 and Wayland somebody must stay to hand it out.
pub fn copy_and_leave(text: &str) -> Result<(), String> {
    if !super::display::is_there() {
        return Err("there is no display, and without one no clipboard".to_owned());
    }
    if !cfg!(target_os = "linux") {
        return set(text);
    }
    let program = std::env::current_exe().map_err(|e| e.to_string())?;
    let mut command = Command::new(program);
    command.arg("hold-clipboard").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    // It outlives the command: Ctrl+C in the same terminal is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|e| e.to_string())?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes()).map_err(|e| e.to_string())?;
    }
    // It says one word once it owns the clipboard; a display that hangs is not waited for.
    let (tell, owns) = mpsc::channel();
    let mut out = child.stdout.take().ok_or("the clipboard cannot be reached")?;
    std::thread::spawn(move || tell.send(out.read_exact(&mut [0; 2]).is_ok()));
    match owns.recv_timeout(TIMEOUT) {
        Ok(true) => Ok(()),
        _ => {
            let _ = child.kill();
            Err("the clipboard cannot be reached".to_owned())
        }
    }
}

/// Holds the text of stdin in the clipboard until another program replaces it.
pub fn serve_clipboard() -> Result<(), String> {
    let mut text = String::new();
    std::io::stdin().take(MAX_BYTES).read_to_string(&mut text).map_err(|e| e.to_string())?;
    set(&text)
}

#[cfg(target_os = "linux")]
fn set(text: &str) -> Result<(), String> {
    use arboard::SetExtLinux;
    use std::time::Instant;
    let say = |e: arboard::Error| e.to_string();
    let mut clipboard = arboard::Clipboard::new().map_err(say)?;
    clipboard.set_text(text).map_err(say)?;
    let mut out = std::io::stdout();
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
    clipboard.set().wait_until(Instant::now() + Duration::from_hours(24)).text(text).map_err(say)
}

#[cfg(not(target_os = "linux"))]
fn set(text: &str) -> Result<(), String> {
    arboard::Clipboard::new().and_then(|mut c| c.set_text(text)).map_err(|e| e.to_string())
}
