//! One window for each home: what a second start hands over, and what becomes of it where the first is busy, stopped,
//! crashed, somebody else's or no Hoist at all. Real sockets and real second processes.

mod handing;
mod hostile;
#[cfg(target_os = "linux")]
mod window;

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hoist::platform::instance::{Listening, MAX_BYTES, MAX_FILES, Message, Owner, StartOutcome, start};
use serde_json::{Value, json};
use tempfile::TempDir;

const HOIST: &str = env!("CARGO_BIN_EXE_hoist");

/// Long enough for any machine; nothing is decided by it but that a test ends.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Another user, who is nobody.
const NOBODY: u32 = 65_534;

/// Tells a process of these tests what to do, and where.
const JOB: &str = "HOIST_TESTS_JOB";
const FOLDER: &str = "HOIST_TESTS_FOLDER";

// Owners and second starts.

fn files(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

/// The folder that a window with this `HOIST_HOME` listens in.
fn run(home: &TempDir) -> PathBuf {
    home.path().join("run")
}

fn first(folder: &Path) -> Owner {
    match start(folder, vec![], None, true) {
        StartOutcome::First { owner, .. } => owner,
        other => panic!("not the first: {other:?}"),
    }
}

/// A window that never looks at what it was given.
fn busy_window(folder: &Path) -> (Listening, Receiver<Message>) {
    let (send, received) = mpsc::channel();
    let listening = first(folder).listen(move |message| send.send(message).is_ok()).unwrap();
    (listening, received)
}

/// A real start with no display: it can hand over, and nothing else.
fn second(home: &Path, arguments: &[&OsStr]) -> Command {
    let mut command = Command::new(HOIST);
    command.args(arguments).env_clear().env("HOIST_HOME", home).env("HOME", home);
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn handed_over(output: &Output) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && output.stdout.is_empty() && said.is_empty(), "{output:?}");
}

/// It tried to open a window of its own, which there is no display for, and said all of these words.
fn went_its_own_way(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    for word in words.iter().chain([&"There is no display"]) {
        assert!(said.contains(word), "no {word:?} in: {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

fn apart(start: StartOutcome) -> (Vec<PathBuf>, String) {
    match start {
        StartOutcome::Standalone { files, why } => (files, why.unwrap_or_default()),
        other => panic!("not apart: {other:?}"),
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// A process made of this test program.
struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    fn start(program: &Path, job: &str, folder: &Path, user: Option<u32>) -> Process {
        let mut command = Command::new(program);
        command.args(["--exact", "instance::a_process_of_these_tests", "--nocapture", "--test-threads=1"]);
        command.env(JOB, job).env(FOLDER, folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user).current_dir("/");
        }
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                // What is the job's and not the test program's.
                if let Some((_, said)) = line.split_once("> ") {
                    let _ = send.send(said.to_owned());
                }
            }
        });
        Process { child, lines }
    }

    fn of_this_user(job: &str, folder: &Path) -> Process {
        Process::start(&std::env::current_exe().unwrap(), job, folder, None)
    }

    fn says(&self) -> String {
        self.lines.recv_timeout(TIMEOUT).expect("it says nothing")
    }

    fn signal(&self, which: &str) {
        let status = Command::new("kill").args([which, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    fn stop(&self) {
        self.signal("-STOP");
        let process = self.child.id().to_string();
        let state = || Command::new("ps").args(["-o", "state=", "-p", &process]).output().unwrap().stdout;
        while !state().starts_with(b"T") {
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Does nothing where it is run as a test.
#[test]
fn a_process_of_these_tests() {
    let Ok(job) = std::env::var(JOB) else { return };
    let folder = PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let (job, file) = job.split_once(' ').unwrap_or((&job, "/none"));
    if job == "window-at-once" {
        println!("> ready");
        std::io::stdin().read_exact(&mut [0]).unwrap();
    }
    match job {
        "window" | "window-at-once" => match start(&folder, files(&[file]), None, true) {
            StartOutcome::First { owner, .. } => {
                println!("> first");
                let say = |message: Message| {
                    println!(
                        "> {}",
                        message.files.iter().map(|f| f.display().to_string()).collect::<String>()
                    );
                    true
                };
                let _listening = owner.listen(say).unwrap();
                let _ = std::io::stdin().read_to_end(&mut vec![]);
            }
            StartOutcome::HandedOver => println!("> handed over"),
            StartOutcome::Standalone { why, .. } => println!("> apart: {}", why.unwrap_or_default()),
        },
        "say" => {
            let mut stream = UnixStream::connect(folder.join("socket")).unwrap();
            let _ = stream.write_all(&framed(&message(&["/a.png"])));
            let _ = stream.write_all(b"g");
            let mut answer = vec![];
            let _ = stream.read_to_end(&mut answer);
            println!("> answered {:?}", String::from_utf8_lossy(&answer));
        }
        "listen" => {
            let _listener = UnixListener::bind(folder.join("socket")).unwrap();
            println!("> listening");
            let _ = std::io::stdin().read_to_end(&mut vec![]);
        }
        other => panic!("{other}"),
    }
}

// What goes over the socket.

fn message(paths: &[&str]) -> Value {
    let paths: Vec<_> = paths.iter().map(|path| STANDARD.encode(path)).collect();
    json!({ "version": 1, "files": paths, "token": null })
}

fn framed(message: &Value) -> Vec<u8> {
    let json = message.to_string().into_bytes();
    [&(json.len() as u32).to_be_bytes()[..], &json].concat()
}

/// What a window answers to these bytes, where the other side says *go* and hangs up.
fn answer(folder: &Path, bytes: &[u8]) -> Vec<u8> {
    let mut stream = UnixStream::connect(folder.join("socket")).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let _ = stream.write_all(bytes); // it may be refused before all of it was read
    let _ = stream.write_all(b"g");
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Holds the lock and the socket as a window does, and is none.
fn impostor(folder: &Path) -> (File, UnixListener) {
    fs::create_dir_all(folder).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    let lock = File::create(folder.join("lock")).unwrap();
    lock.lock().unwrap();
    (lock, UnixListener::bind(folder.join("socket")).unwrap())
}

/// The next one that connects.
fn accept(listener: &UnixListener) -> UnixStream {
    let until = Instant::now() + TIMEOUT;
    listener.set_nonblocking(true).unwrap();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                stream.set_read_timeout(Some(TIMEOUT)).unwrap();
                return stream;
            }
            Err(e) => assert!(Instant::now() < until, "nobody connects: {e}"),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn read_message(stream: &mut UnixStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut message = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut message).unwrap();
    message
}
