//! The one place that copies. In the window, egui hands text to the window system's own owner of the clipboard (which on
//! Wayland must also own drops); in the terminal a child process keeps it after the command has ended.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// How long the clipboard's owner may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// More files than these are not pasted at once.
const MOST_PASTED: usize = 10_000;

/// The longest text that is held.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Copies a text from the window.
pub fn copy(ctx: &eframe::egui::Context, text: String) {
    ctx.copy_text(text);
}

/// Files whose names were pasted since the last frame, as text: what file managers give out when files were copied there,
/// or paths. What is no file's name is left out. None where nothing was pasted.
pub fn pasted_files(ctx: &eframe::egui::Context) -> Option<Vec<PathBuf>> {
    use eframe::egui::Event;
    let texts = ctx.input(|input| {
        let texts = input.events.iter().filter_map(|event| match event {
            Event::Paste(text) => Some(text.clone()),
            _ => None,
        });
        texts.collect::<Vec<_>>()
    });
    (!texts.is_empty()).then(|| texts.iter().flat_map(|text| file_names(text)).collect())
}

/// The files named in a text, one a line: `file://` addresses and whole paths.
fn file_names(text: &str) -> Vec<PathBuf> {
    let lines = text.lines().map(str::trim).filter(|line| line.len() < 16_384);
    let file = |line: &str| match line.strip_prefix("file://") {
        Some(_) => url::Url::parse(line).ok()?.to_file_path().ok(),
        None => Some(PathBuf::from(line)).filter(|path| path.is_absolute()),
    };
    lines.filter_map(file).take(MOST_PASTED).collect()
}

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
    match owns.recv_timeout(PATIENCE) {
        Ok(true) => Ok(()),
        _ => {
            let _ = child.kill();
            Err("the clipboard cannot be reached".to_owned())
        }
    }
}

/// Holds the text of stdin in the clipboard until another program replaces it.
pub fn hold() -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_of_files_are_pasted_and_nothing_else() {
        let text = "copy\nfile:///home/j/a%20b.png\r\n/home/j/c.mp3\nhello\nhttps://example.com/d.png\n\
                    file://host/e.png\nnot/whole.png\n";
        let names: Vec<_> = file_names(text).iter().map(|p| p.display().to_string()).collect();
        assert_eq!(names, ["/home/j/a b.png", "/home/j/c.mp3"]);
    }
}
