//! An installed ffmpeg, where there is one. It is a program that reads hostile files: it gets a file by its path and
//! nothing else, no network, no shell, and neither its time nor what it writes is unbounded. It ends with all that it
//! started.

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// What it says is kept up to here.
const MAX_WORDS: u64 = 64 * 1024;
/// How often it is looked at.
const TICK: Duration = Duration::from_millis(20);
/// Windows' word for a console program without a console.
#[cfg(windows)]
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Returns where ffmpeg is, if anywhere in `PATH`.
pub fn find() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| in_path("ffmpeg")).as_deref()
}

/// Returns where ffprobe is, which comes with ffmpeg, if anywhere in `PATH`.
pub fn find_ffprobe() -> Option<&'static Path> {
    static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
    PROGRAM.get_or_init(|| in_path("ffprobe")).as_deref()
}

fn in_path(name: &str) -> Option<PathBuf> {
    let name = if cfg!(windows) { format!("{name}.exe") } else { name.to_owned() };
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).filter(|p| p.is_absolute()).map(|p| p.join(&name)).find(|p| p.is_file())
}

/// Why it did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FfmpegError {
    /// The system did not run it.
    NotStarted(io::ErrorKind),
    /// It is not wanted any more.
    Stopped,
    /// It did not go on for too long, or took too long in all.
    Stalled,
    /// It wrote more than it may.
    TooMuch,
    /// It ended with an error; the last line that names a cause.
    Failed(Option<String>),
}

/// What it may use, and how it is watched.
pub(super) struct Bounds<'a> {
    /// It must go on within this time.
    pub(super) stall_timeout: Duration,
    /// It must end within this time.
    pub(super) timeout: Duration,
    /// The file it writes, and how many bytes that may have.
    pub(super) output: Option<(&'a Path, u64)>,
    /// Whether it is not wanted any more.
    pub(super) is_stopped: &'a dyn Fn() -> bool,
    /// Called with how many microseconds of its output are done.
    pub(super) progress: &'a dyn Fn(u64),
}

/// Returns a file as ffmpeg's input: neither an option nor an address, whatever it is called.
pub(super) fn input(file: &Path) -> io::Result<OsString> {
    let mut input = OsString::from("file:");
    input.push(std::path::absolute(file)?);
    Ok(input)
}

/// Returns the command that every call of ffmpeg begins with.
pub(super) fn command(program: &Path) -> Command {
    let mut command = command_of_either(program);
    command.arg("-nostdin");
    command
}

/// Returns the command that every call of ffmpeg or ffprobe begins with.
pub(super) fn command_of_either(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(["-hide_banner", "-protocol_whitelist", "file"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A group of its own, so that it ends with what it started.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    // Without a console of its own, which would flash up beside the window.
    #[cfg(windows)]
    std::os::windows::process::CommandExt::creation_flags(&mut command, CREATE_NO_WINDOW);
    command
}

/// A child that is ended with whatever it started when it is dropped: also where this thread panics.
struct RunningFfmpeg {
    child: Child,
    status: Option<ExitStatus>,
}

impl RunningFfmpeg {
    /// Starts it, alone in a group where the system has groups.
    fn start(command: &mut Command) -> io::Result<RunningFfmpeg> {
        Ok(RunningFfmpeg { child: command.spawn()?, status: None })
    }

    /// Returns whether it has ended by itself. Its number stays its own: the group is ended by that.
    fn has_ended(&mut self) -> io::Result<bool> {
        #[cfg(unix)]
        {
            use rustix::process::{WaitId, WaitIdOptions, waitid};
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
            Ok(waitid(WaitId::Pid(self.group()?), options)?.is_some())
        }
        #[cfg(not(unix))]
        self.child.try_wait().map(|status| status.is_some())
    }

    #[cfg(unix)]
    fn group(&self) -> io::Result<rustix::process::Pid> {
        let number = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw);
        number.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Ends it, once, and whatever it started. Returns how it ended.
    fn end(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            #[cfg(unix)]
            if let Ok(group) = self.group() {
                let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            }
            let _ = self.child.kill();
            self.status = self.child.wait().ok();
        }
        self.status
    }
}

impl Drop for RunningFfmpeg {
    fn drop(&mut self) {
        self.end();
    }
}

/// Returns what a program writes on its output: so many bytes at most, within a time, as long as somebody wants it.
pub(super) fn answer(
    command: &mut Command,
    max_bytes: u64,
    timeout: Duration,
    stop: &AtomicBool,
) -> Result<Vec<u8>, FfmpegError> {
    let not_started = |e: io::Error| FfmpegError::NotStarted(e.kind());
    let mut running = RunningFfmpeg::start(command.stderr(Stdio::null())).map_err(not_started)?;
    let out = running.child.stdout.take().ok_or(FfmpegError::Stopped)?;
    let reader = std::thread::Builder::new().name("hoist-ffmpeg".into()).spawn(move || {
        let mut bytes = vec![];
        out.take(max_bytes).read_to_end(&mut bytes).map(|_| bytes)
    });
    let reader = reader.map_err(not_started)?;
    let until = Instant::now() + timeout;
    while !reader.is_finished() {
        if stop.load(Ordering::Relaxed) || Instant::now() > until {
            running.end(); // and with it ends what is read
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    match reader.join() {
        Ok(Ok(bytes)) if !stop.load(Ordering::Relaxed) => Ok(bytes),
        _ => Err(FfmpegError::Stopped),
    }
}

/// Runs ffmpeg with `-progress -` on its output, within bounds.
pub(super) fn run(mut command: Command, bounds: &Bounds<'_>) -> Result<(), FfmpegError> {
    let not_started = |e: io::Error| FfmpegError::NotStarted(e.kind());
    let mut ffmpeg = RunningFfmpeg::start(&mut command).map_err(not_started)?;
    let (out, err) = (ffmpeg.child.stdout.take(), ffmpeg.child.stderr.take());
    let done = AtomicU64::new(0);
    std::thread::scope(|scope| {
        let read_progress = || {
            let Some(out) = out else { return };
            // A line that never ends is none.
            let mut lines = BufReader::new(out);
            let mut line = vec![];
            while (&mut lines).take(4096).read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
                let text = String::from_utf8_lossy(&line);
                if let Some(micros) = text.trim().strip_prefix("out_time_us=").and_then(|n| n.parse().ok()) {
                    done.store(micros, Ordering::Relaxed);
                }
                line.clear();
            }
        };
        let read_words = || {
            let mut words = vec![];
            if let Some(mut err) = err {
                let _ = (&mut err).take(MAX_WORDS).read_to_end(&mut words);
                // The rest is read, so that it does not wait for a reader, and forgotten.
                let _ = io::copy(&mut err, &mut io::sink());
            }
            words
        };
        scope.spawn(read_progress);
        let words = scope.spawn(read_words);
        let watched = watch(&mut ffmpeg, &done, bounds);
        // Also its children, which would keep the pipes open.
        let status = ffmpeg.end();
        let words = words.join().unwrap_or_default();
        watched?;
        match status.is_some_and(|status| status.success()) {
            true => Ok(()),
            false => Err(FfmpegError::Failed(cause(&words))),
        }
    })
}

/// Waits for its end, as long as it keeps to its bounds.
fn watch(ffmpeg: &mut RunningFfmpeg, done: &AtomicU64, bounds: &Bounds<'_>) -> Result<(), FfmpegError> {
    let began = Instant::now();
    let (mut last, mut moved) = ((0, 0), began);
    loop {
        if ffmpeg.has_ended().map_err(|e| FfmpegError::NotStarted(e.kind()))? {
            return Ok(());
        }
        if (bounds.is_stopped)() {
            return Err(FfmpegError::Stopped);
        }
        let size =
            bounds.output.and_then(|(path, _)| std::fs::metadata(path).ok()).map_or(0, |meta| meta.len());
        if bounds.output.is_some_and(|(_, max)| size > max) {
            return Err(FfmpegError::TooMuch);
        }
        let now = (done.load(Ordering::Relaxed), size);
        if now != last {
            (last, moved) = (now, Instant::now());
            (bounds.progress)(now.0);
        }
        if moved.elapsed() > bounds.stall_timeout || began.elapsed() > bounds.timeout {
            return Err(FfmpegError::Stalled);
        }
        std::thread::sleep(TICK);
    }
}

/// How lines begin that follow from the cause, or advise who typed the command.
const NOT_THE_CAUSE: [&str; 12] = [
    "To ignore this",
    "Last message repeated",
    "Error marking filters as finished",
    "Error configuring filter graph",
    "Error reinitializing filters",
    "Error initializing complex filters",
    "Error applying options to the filter",
    "Error setting option",
    "Failed to inject frame into filter network",
    "Error while processing the decoded data",
    "Nothing was written into output file",
    "Conversion failed",
];

/// Returns the last line it said that names a cause, as it may be shown.
fn cause(words: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(words);
    let names_cause =
        |line: &&str| !line.is_empty() && NOT_THE_CAUSE.iter().all(|start| !line.starts_with(start));
    let line = text.lines().rev().map(without_origin).find(names_cause)?;
    // Part of a sentence, whose full stop comes later.
    let line = crate::model::text::sanitize(line.trim_end_matches('.'));
    Some(crate::model::text::elide(&line, 120))
}

/// Returns a line without the part of ffmpeg that said it: "[mov @ 0x5581]".
fn without_origin(line: &str) -> &str {
    let line = line.trim();
    let said = line.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    said.filter(|(origin, _)| origin.contains(" @ 0x")).map_or(line, |(_, said)| said.trim())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A program that stands in for ffmpeg and misbehaves.
    fn stand_in(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("ffmpeg");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn bounds(stall_timeout: Duration) -> Bounds<'static> {
        Bounds {
            stall_timeout,
            timeout: Duration::from_mins(1),
            output: None,
            is_stopped: &|| false,
            progress: &|_| {},
        }
    }

    /// Returns whether a process goes on: one that was killed is gone after a moment.
    fn is_alive(pid: &Path) -> bool {
        let id = std::fs::read_to_string(pid).unwrap();
        let stat = || std::fs::read_to_string(format!("/proc/{}/stat", id.trim()));
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if stat().is_ok_and(|stat| !stat.contains(") Z")) {
                std::thread::sleep(TICK);
            } else {
                return false;
            }
        }
        true
    }

    #[test]
    fn one_that_hangs_is_ended_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("child");
        let script = format!("sleep 600 & echo $! > {}; wait", pid.display());
        let program = stand_in(folder.path(), &script);
        let ended = run(command(&program), &bounds(Duration::from_secs(2)));
        assert_eq!(ended, Err(FfmpegError::Stalled));
        assert!(!is_alive(&pid), "its child goes on");
    }

    #[test]
    fn one_that_ends_before_its_children_ends_them() {
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("child");
        let program = stand_in(folder.path(), &format!("sleep 600 & echo $! > {}", pid.display()));
        assert_eq!(run(command(&program), &bounds(Duration::from_secs(30))), Ok(()));
        assert!(!is_alive(&pid), "its child goes on");
    }

    #[test]
    fn one_that_fills_the_disk_or_is_unwanted_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let program =
            stand_in(folder.path(), &format!("exec dd if=/dev/zero of={} bs=64k 2>/dev/null", out.display()));
        let bounded = Bounds { output: Some((&out, 10_000_000)), ..bounds(Duration::from_secs(30)) };
        assert_eq!(run(command(&program), &bounded), Err(FfmpegError::TooMuch));
        let unwanted = Bounds { is_stopped: &|| true, ..bounds(Duration::from_secs(30)) };
        assert_eq!(run(command(&program), &unwanted), Err(FfmpegError::Stopped));
    }

    #[test]
    fn the_cause_that_it_names_last_is_passed_on_however_much_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let program =
            stand_in(folder.path(), "yes out_time_us=5 | head -c 300000; echo 'no such codec' >&2; exit 1");
        let ended = run(command(&program), &bounds(Duration::from_secs(30)));
        assert_eq!(ended, Err(FfmpegError::Failed(Some("no such codec".into()))));
        // Its advice is for whoever typed the command, and what follows from the cause explains nothing.
        for (said, cause) in [
            (
                "Stream map '0:v:0' matches no streams.\nTo ignore this, add a trailing '?' to the map.",
                Some("Stream map '0:v:0' matches no streams"),
            ),
            (
                "[mov @ 0x5581] moov atom not found\n    Last message repeated 1 times\nConversion failed!\n\n",
                Some("moov atom not found"),
            ),
            ("Cannot find it\nError marking filters as finished", Some("Cannot find it")),
            (
                "[graph_0_in_0_0 @ 0x5] Error applying options to the filter.\nError configuring filter graph",
                None,
            ),
        ] {
            let program = stand_in(folder.path(), &format!("cat >&2 << 'END'\n{said}\nEND\nexit 1"));
            let ended = run(command(&program), &bounds(Duration::from_secs(30)));
            assert_eq!(ended, Err(FfmpegError::Failed(cause.map(str::to_owned))), "{said}");
        }
        let killed = stand_in(folder.path(), "kill -9 $$");
        assert_eq!(run(command(&killed), &bounds(Duration::from_secs(30))), Err(FfmpegError::Failed(None)));
    }
}
