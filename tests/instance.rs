//! One window for each home: what a second start hands over, and what becomes of it where the first is busy, stopped,
//! crashed, somebody else's or no Hoist at all. Real sockets and real second processes.
#![cfg(unix)]
#![allow(clippy::unwrap_used)] // a test that cannot go on has failed

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hoist::platform::instance::{Listening, MOST_BYTES, MOST_FILES, Message, Owner, Start, start};
use serde_json::{Value, json};
use tempfile::TempDir;

const HOIST: &str = env!("CARGO_BIN_EXE_hoist");

/// Long enough for any machine; nothing is decided by it but that a test ends.
const PATIENCE: Duration = Duration::from_mins(1);

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
        Start::First { owner, .. } => owner,
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

fn apart(start: Start) -> (Vec<PathBuf>, String) {
    match start {
        Start::Apart { files, why } => (files, why.unwrap_or_default()),
        other => panic!("not apart: {other:?}"),
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").map_or(false, |me| me.uid() == 0)
}

/// A process made of this test program.
struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Process {
    fn start(program: &Path, job: &str, folder: &Path, user: Option<u32>) -> Process {
        let mut command = Command::new(program);
        command.args(["--exact", "a_process_of_these_tests", "--nocapture", "--test-threads=1"]);
        command.env(JOB, job).env(FOLDER, folder).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(user) = user {
            command.uid(user).gid(user).current_dir("/");
        }
        let mut child = command.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Process { child, out }
    }

    fn of_this_user(job: &str, folder: &Path) -> Process {
        Process::start(&std::env::current_exe().unwrap(), job, folder, None)
    }

    /// The next line that is the job's and not the test program's.
    fn says(&mut self) -> String {
        loop {
            let mut line = String::new();
            assert!(self.out.read_line(&mut line).unwrap() > 0, "it ended without a word");
            if let Some((_, said)) = line.trim_end().split_once("> ") {
                return said.to_owned();
            }
        }
    }

    fn signal(&self, which: &str) {
        let status = Command::new("kill").args([which, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
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
    let (mut job, file) = job.split_once(' ').unwrap_or((&job, "/none"));
    if job == "start at once" || job == "at-once" {
        println!("> ready");
        std::io::stdin().read_exact(&mut [0]).unwrap();
        job = "window";
    }
    match job {
        "window" => match start(&folder, files(&[file]), None, true) {
            Start::First { owner, .. } => {
                println!("> first");
                let say = |message: Message| {
                    println!("> {}", message.files.iter().map(|f| f.display().to_string()).collect::<String>());
                    true
                };
                let _listening = owner.listen(say).unwrap();
                let _ = std::io::stdin().read_to_end(&mut vec![]);
            }
            Start::HandedOver => println!("> handed over"),
            Start::Apart { why, .. } => println!("> apart: {}", why.unwrap_or_default()),
        },
        "say" => {
            let mut stream = UnixStream::connect(folder.join("socket")).unwrap();
            let _ = stream.write_all(&framed(&message(&["/a.png"])));
            let mut answer = vec![];
            let _ = stream.read_to_end(&mut answer);
            println!("> answer: {}", String::from_utf8_lossy(&answer));
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
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
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

fn read_message(stream: &mut UnixStream) -> Vec<u8> {
    let mut length = [0; 4];
    stream.read_exact(&mut length).unwrap();
    let mut message = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut message).unwrap();
    message
}

// The tests.

#[test]
fn a_second_start_hands_its_files_over_to_a_window_however_busy_that_is() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let not_text = OsStr::from_bytes(b"caf\xe9 \xff.png");
    let folder = tempfile::tempdir().unwrap();
    let mut command = second(home.path(), &[OsStr::new("a.png"), not_text, OsStr::new("/whole/../b \n\"c.mp3")]);
    command.current_dir(folder.path()).env("DESKTOP_STARTUP_ID", "hoist-1_TIME42");
    handed_over(&command.output().unwrap());
    let there = fs::canonicalize(folder.path()).unwrap();
    let expected = vec![there.join("a.png"), there.join(not_text), "/whole/../b \n\"c.mp3".into()];
    let message = received.recv_timeout(PATIENCE).unwrap();
    assert_eq!(message, Message { files: expected, token: Some("hoist-1_TIME42".into()) });

    // Without files it only wants the window in front.
    let mut command = second(home.path(), &[]);
    command.env("XDG_ACTIVATION_TOKEN", "wayland-7").env("DESKTOP_STARTUP_ID", "x11");
    handed_over(&command.output().unwrap());
    let message = received.recv_timeout(PATIENCE).unwrap();
    assert_eq!(message, Message { files: vec![], token: Some("wayland-7".into()) });

    // What is no token is not handed over.
    for bad in ["a\u{7}b", "", "é", &"x".repeat(4000)] {
        handed_over(&second(home.path(), &[]).env("XDG_ACTIVATION_TOKEN", bad).output().unwrap());
        assert_eq!(received.recv_timeout(PATIENCE).unwrap(), Message::default(), "{bad:?}");
    }
}

#[test]
fn other_homes_the_sandbox_and_windows_on_purpose_are_apart() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let file = OsStr::new("/a.png");
    let other = tempfile::tempdir().unwrap();
    went_its_own_way(&second(other.path(), &[file]).output().unwrap(), &[]);
    for option in ["--sandbox", "--new-window"] {
        went_its_own_way(&second(home.path(), &[OsStr::new(option), file]).output().unwrap(), &[]);
    }
    assert!(received.try_recv().is_err(), "it came to the wrong window");
    assert!(run(&other).exists() && !run(&other).join("socket").exists(), "without a display nobody listens");

    // Two sandboxes are one.
    let (_listening, received) = busy_window(&run(&home).join("sandbox"));
    handed_over(&second(home.path(), &[OsStr::new("--sandbox"), file]).output().unwrap());
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/a.png"]));
}

#[test]
fn without_a_home_of_its_own_it_is_in_the_users_folder_for_what_runs() {
    let (home, runtime) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = |home: &Path| {
        let mut command = second(home, &[OsStr::new("/a.png")]);
        command.env_remove("HOIST_HOME").env("XDG_RUNTIME_DIR", runtime.path());
        command.output().unwrap()
    };
    went_its_own_way(&start(home.path()), &[]);
    let all = |folder: &Path| fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
    let [folder] = &all(&runtime.path().join("hoist"))[..] else { panic!("one folder for one home") };
    let (_listening, received) = busy_window(folder);
    handed_over(&start(home.path()));
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/a.png"]));

    // The data are elsewhere: so is the window.
    let other = tempfile::tempdir().unwrap();
    went_its_own_way(&start(other.path()), &[]);
    assert!(received.try_recv().is_err(), "it came to the wrong window");
}

#[test]
fn what_is_said_is_files_and_token_and_nothing_of_the_environment() {
    let home = tempfile::tempdir().unwrap();
    let (_lock, listener) = impostor(&run(&home));
    let mut command = second(home.path(), &[OsStr::new("/a.png")]);
    let secrets = ["user:1-SecretOfUseapi", "secret-of-piapi", "sk_indream_secret"];
    for (name, secret) in ["HOIST_USEAPI_TOKEN", "HOIST_PIAPI_KEY", "HOIST_INDREAM_KEY"].iter().zip(secrets) {
        command.env(name, secret);
    }
    let child = command.spawn().unwrap();
    let mut stream = listener.accept().unwrap().0;
    let said = read_message(&mut stream);
    for secret in secrets {
        assert!(!String::from_utf8_lossy(&said).contains(secret), "a key was said");
    }
    assert_eq!(serde_json::from_slice::<Value>(&said).unwrap(), message(&["/a.png"]));

    // Nothing more is said before the other side has answered, nor after *go*.
    stream.set_nonblocking(true).unwrap();
    assert!(stream.read(&mut [0]).is_err(), "it was said too early");
    stream.set_nonblocking(false).unwrap();
    stream.write_all(b"r").unwrap();
    let mut go = [0];
    stream.read_exact(&mut go).unwrap();
    assert_eq!(&go, b"g");
    stream.write_all(b"s").unwrap();
    let mut rest = vec![];
    stream.read_to_end(&mut rest).unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    handed_over(&child.wait_with_output().unwrap());
}

#[test]
fn where_the_other_window_does_not_take_them_the_files_are_in_a_window_of_their_own_which_says_why() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_lock, listener) = impostor(&folder);
    // What it answers to the message and to *go*, what becomes of the file, and what is said.
    let cases: [(&[u8], bool, &str); 3] = [
        (b"x", true, "may be another version"),
        (b"?", true, "may be another version"),
        (b"r", false, "may have the files"), // and then it hangs up
    ];
    for (first, keeps, words) in cases {
        let seconds = || {
            let folder = folder.clone();
            thread::spawn(move || start(&folder, files(&["/a.png"]), None, true))
        };
        let talk = |mut stream: UnixStream| {
            read_message(&mut stream);
            stream.write_all(first).unwrap();
            let _ = stream.read(&mut [0]);
        };
        let library = seconds();
        talk(listener.accept().unwrap().0);
        let (left, why) = apart(library.join().unwrap());
        assert_eq!(left, if keeps { files(&["/a.png"]) } else { vec![] }, "{why}");
        assert!(why.contains(words), "{why}");
        let child = second(home.path(), &[OsStr::new("/a.png")]).spawn().unwrap();
        talk(listener.accept().unwrap().0);
        went_its_own_way(&child.wait_with_output().unwrap(), &[words]);
    }
    // A lock, and nobody who answers.
    drop(listener);
    went_its_own_way(&second(home.path(), &[OsStr::new("/a.png")]).output().unwrap(), &["cannot be reached"]);
    // A path that is not whole stays here.
    let (left, why) = apart(start(&folder, files(&["a.png"]), None, true));
    assert_eq!((left, why.contains("whole paths")), (files(&["a.png"]), true), "{why}");
}

#[test]
fn a_window_that_was_killed_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let mut window = Process::of_this_user("window", &run(&home));
    assert_eq!(window.says(), "first");
    handed_over(&second(home.path(), &[OsStr::new("/a.png")]).output().unwrap());
    assert_eq!(window.says(), "/a.png");
    window.child.kill().unwrap();
    window.child.wait().unwrap();
    assert!(run(&home).join("socket").exists(), "it had no time to remove it");
    let (_listening, received) = busy_window(&run(&home));
    handed_over(&second(home.path(), &[OsStr::new("/b.png")]).output().unwrap());
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/b.png"]));
}

#[test]
fn a_window_that_was_stopped_is_not_waited_for_and_does_not_take_the_files_when_it_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let mut window = Process::of_this_user("window", &run(&home));
    assert_eq!(window.says(), "first");
    window.signal("-STOP");
    let output = second(home.path(), &[OsStr::new("/a.png")]).output().unwrap();
    went_its_own_way(&output, &["does not answer"]);
    window.signal("-CONT");
    handed_over(&second(home.path(), &[OsStr::new("/b.png")]).output().unwrap());
    assert_eq!(window.says(), "/b.png", "what another window has by now is not staged here");
}

#[test]
fn of_many_starts_at_the_same_moment_one_has_the_window_and_the_others_hand_over() {
    const STARTS: usize = 8;
    for _ in 0..3 {
        let home = tempfile::tempdir().unwrap();
        let begin = |n: usize| Process::of_this_user(&format!("at-once /{n}.png"), &run(&home));
        let mut all: Vec<_> = (0..STARTS).map(begin).collect();
        all.iter_mut().for_each(|process| assert_eq!(process.says(), "ready"));
        all.iter_mut().for_each(|process| process.child.stdin.as_mut().unwrap().write_all(b"!").unwrap());
        let became: Vec<_> = all.iter_mut().map(Process::says).collect();
        let owner = became.iter().position(|said| said == "first").unwrap();
        let others: Vec<_> = (0..STARTS).filter(|n| *n != owner).collect();
        assert!(others.iter().all(|n| became[*n] == "handed over"), "{became:?}");
        let mut came: Vec<_> = others.iter().map(|_| all[owner].says()).collect();
        came.sort();
        let expected: Vec<_> = others.iter().map(|n| format!("/{n}.png")).collect();
        assert_eq!(came, expected);
    }
}

#[test]
fn who_comes_before_the_window_is_up_waits_for_it_and_takes_its_place_where_it_never_is() {
    let home = tempfile::tempdir().unwrap();
    let owner = first(&run(&home));
    let early = second(home.path(), &[OsStr::new("/a.png")]).spawn().unwrap();
    let (send, received) = mpsc::channel();
    let listening = owner.listen(move |message| send.send(message).is_ok()).unwrap();
    handed_over(&early.wait_with_output().unwrap());
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/a.png"]));
    drop(listening);

    let owner = first(&run(&home));
    let folder = run(&home);
    let next = thread::spawn(move || start(&folder, files(&["/b.png"]), None, true));
    drop(owner);
    let Start::First { files: kept, .. } = next.join().unwrap() else { panic!("it is the only one") };
    assert_eq!(kept, files(&["/b.png"]));
}

#[test]
fn a_window_that_closes_leaves_no_socket_and_takes_nothing_more() {
    let home = tempfile::tempdir().unwrap();
    let (listening, received) = busy_window(&run(&home));
    let _silent = UnixStream::connect(run(&home).join("socket")).unwrap();
    drop(listening); // and whoever says nothing does not keep it
    assert!(!run(&home).join("socket").exists());
    assert!(received.recv().is_err(), "the window's end is gone");
    // A window that is closing says so, and the next start takes its place.
    let listening = first(&run(&home)).listen(|_| false).unwrap();
    let folder = run(&home);
    let next = thread::spawn(move || start(&folder, files(&["/b.png"]), None, true));
    thread::sleep(Duration::from_millis(50));
    drop(listening);
    assert!(matches!(next.join().unwrap(), Start::First { files: kept, .. } if kept == files(&["/b.png"])));
}

#[test]
fn hostile_messages_are_refused_and_the_next_good_one_is_heard() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_listening, received) = busy_window(&folder);
    let with = |name: &str, value: Value| {
        let mut message = message(&["/a.png"]);
        message[name] = value;
        framed(&message)
    };
    let raw = |json: &[u8]| [&(json.len() as u32).to_be_bytes()[..], json].concat();
    let good = framed(&message(&["/a.png"]));
    assert_eq!(answer(&folder, &good), b"rs");
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/a.png"]));
    let many: Vec<_> = (0..=MOST_FILES).map(|_| STANDARD.encode("/a")).collect();
    let cases = [
        ("nothing", vec![]),
        ("half a length", vec![0, 0]),
        ("half a message", good[..good.len() - 5].to_vec()),
        ("no JSON", raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("an empty message", raw(b"")),
        ("not text", raw(&[0xff; 100])),
        ("deep", raw("[".repeat(200_000).as_bytes())),
        ("longer than may be", [&u32::MAX.to_be_bytes()[..], &[b' '; 1000]].concat()),
        ("a byte too long", raw(&vec![b' '; MOST_BYTES + 1])),
        ("another version", with("version", json!(2))),
        ("no version", with("version", json!(null))),
        ("more than is known", with("command", json!("rm"))),
        ("a path that is not whole", framed(&message(&["/a.png", "b.png"]))),
        ("no path", framed(&message(&[""]))),
        ("a zero in a path", framed(&message(&["/a\0.png"]))),
        ("no base64", with("files", json!(["/a.png!"]))),
        ("too many files", with("files", json!(many))),
        ("an empty token", with("token", json!(""))),
        ("a token with a line's end", with("token", json!("a\nb"))),
        ("a token that is not ASCII", with("token", json!("é"))),
        ("a token that is too long", with("token", json!("x".repeat(1025)))),
    ];
    for (name, bytes) in cases {
        let answer = answer(&folder, &bytes);
        assert!(answer.is_empty() || answer == b"x", "{name} was taken: {answer:?}");
        assert!(received.try_recv().is_err(), "{name} came to the window");
    }
    // Without *go* nothing is taken: the other side may have staged the files itself.
    let mut stream = UnixStream::connect(folder.join("socket")).unwrap();
    stream.write_all(&good).unwrap();
    stream.read_exact(&mut [0]).unwrap();
    drop(stream);
    assert_eq!(answer(&folder, &framed(&message(&["/last.png"]))), b"rs");
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/last.png"]));
}

#[test]
fn those_who_connect_and_say_nothing_do_not_keep_others_from_being_heard() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let silent: Vec<_> = (0..50).map(|_| UnixStream::connect(run(&home).join("socket")).unwrap()).collect();
    handed_over(&second(home.path(), &[OsStr::new("/a.png")]).output().unwrap());
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/a.png"]));
    drop(silent);
}

#[test]
fn more_than_one_message_takes_goes_in_several() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let short: Vec<_> = (0..2 * MOST_FILES + 1).map(|n| PathBuf::from(format!("/{n}"))).collect();
    let long: Vec<_> =
        (0..600).map(|n| PathBuf::from(format!("/{n}{}", "long".repeat(1000)))).collect();
    for (all, messages) in [(short, 3), (long, 4)] {
        let length: usize = all.iter().map(|file| file.as_os_str().len().div_ceil(3) * 4 + 3).sum();
        let fewest = all.len().div_ceil(MOST_FILES).max(length.div_ceil(MOST_BYTES));
        assert_eq!(fewest, messages, "the test is what it says");
        assert!(matches!(start(&run(&home), all.clone(), None, false), Start::HandedOver));
        let came: Vec<_> = (0..messages).flat_map(|_| received.recv_timeout(PATIENCE).unwrap().files).collect();
        assert!(came == all, "all of them, in their order");
        assert!(received.try_recv().is_err());
    }
}

#[test]
fn folder_lock_and_socket_are_the_users_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    let _owner = first(&folder);
    let mode = |path: &Path| fs::symlink_metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("socket")), 0o600);
    assert_eq!(mode(&folder.join("lock")), 0o600);
}

#[test]
fn a_home_with_a_long_name_has_one_window_too() {
    let home = tempfile::tempdir().unwrap();
    let long = home.path().join("a long name ".repeat(15));
    let folder = long.join("run");
    assert!(folder.as_os_str().len() > 150);
    if !cfg!(target_os = "linux") {
        assert!(!apart(start(&folder, vec![], None, true)).1.is_empty(), "it says so");
        return;
    }
    let (listening, received) = busy_window(&folder);
    handed_over(&second(&long, &[OsStr::new("/a.png")]).output().unwrap());
    assert_eq!(received.recv_timeout(PATIENCE).unwrap().files, files(&["/a.png"]));
    drop(listening);
    assert!(!folder.join("socket").exists());
}

#[test]
fn what_stands_in_the_place_of_folder_lock_or_socket_is_refused_and_left_alone() {
    let there = tempfile::tempdir().unwrap();
    let target = there.path().join("target");
    fs::write(&target, "mine").unwrap();
    for (name, is_link) in [("socket", true), ("socket", false), ("lock", true)] {
        let home = tempfile::tempdir().unwrap();
        let folder = run(&home);
        fs::create_dir(&folder).unwrap();
        match is_link {
            true => symlink(&target, folder.join(name)).unwrap(),
            false => fs::write(folder.join(name), "mine").unwrap(),
        }
        let (left, why) = apart(start(&folder, files(&["/a.png"]), None, true));
        assert_eq!((left, why.is_empty()), (files(&["/a.png"]), false), "{name}");
        assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), "mine", "{name}");
    }
    // A link in the folder's place, and in that of the socket of a window that is open.
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(there.path().join("elsewhere")).unwrap();
    symlink(there.path().join("elsewhere"), run(&home)).unwrap();
    assert!(!apart(start(&run(&home), vec![], None, true)).1.is_empty());
    assert_eq!(fs::read_dir(there.path().join("elsewhere")).unwrap().count(), 0);
    let home = tempfile::tempdir().unwrap();
    let (_lock, listener) = impostor(&run(&home));
    fs::rename(run(&home).join("socket"), there.path().join("socket")).unwrap();
    symlink(there.path().join("socket"), run(&home).join("socket")).unwrap();
    let (left, why) = apart(start(&run(&home), files(&["/a.png"]), None, true));
    assert_eq!((left, why.is_empty()), (files(&["/a.png"]), false));
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "it was connected to");
}

#[test]
fn another_users_folder_is_refused() {
    if is_root() {
        let home = tempfile::tempdir().unwrap();
        let folder = run(&home);
        fs::create_dir(&folder).unwrap();
        chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
        let below = folder.join("below");
        for place in [&folder, &below] {
            let (left, why) = apart(start(place, files(&["/a.png"]), None, true));
            assert_eq!(left, files(&["/a.png"]));
            assert!(why.contains("belongs to another user"), "{why}");
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "nothing was made in it");
        // The real program says so, too.
        let output = second(home.path(), &[OsStr::new("/a.png")]).output().unwrap();
        went_its_own_way(&output, &["belongs to another user"]);
        // So are a lock and a socket of theirs in a folder of ours.
        for name in ["lock", "socket"] {
            let home = tempfile::tempdir().unwrap();
            drop(first(&run(&home)));
            drop(UnixListener::bind(run(&home).join("socket")).unwrap());
            chown(run(&home).join(name), Some(NOBODY), Some(NOBODY)).unwrap();
            let why = apart(start(&run(&home), vec![], None, true)).1;
            assert!(why.contains("belongs to another user"), "{name}: {why}");
        }
    } else {
        // Nobody's files cannot be made without being root; root's are there.
        let why = apart(start(Path::new("/usr"), vec![], None, true)).1;
        assert!(why.contains("belongs to another user"), "{why}");
    }
}

#[test]
fn another_users_process_is_not_listened_to_though_it_gets_through_to_the_socket() {
    if !is_root() {
        println!("not shown: only root can start a process of another user");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_listening, received) = busy_window(&folder);
    let program = home.path().join("program");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for (path, mode) in
        [(home.path(), 0o755), (&program, 0o755), (&folder, 0o755), (&folder.join("socket"), 0o666)]
    {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }
    let mut other = Process::start(&program, "say", &folder, Some(NOBODY));
    assert_eq!(other.says(), "answer: ", "it was answered");
    assert!(received.try_recv().is_err());
    let mut same = Process::start(&program, "say", &folder, None);
    // This one never says *go*; all the same it is heard.
    assert_eq!(same.says(), "answer: r");
}
