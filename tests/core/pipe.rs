//! One window for each home on Windows: the same as `instance`, over a pipe.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use highway::{HighwayHash, HighwayHasher};
use hoist::platform::instance::{Listening, MAX_BYTES, MAX_FILES, Message, Owner, StartOutcome, start};
use serde_json::{Value, json};
use tempfile::TempDir;

const HOIST: &str = env!("CARGO_BIN_EXE_hoist");

/// Long enough for any machine; nothing is decided by it but that a test ends.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Tells a process of these tests where its window listens.
const FOLDER: &str = "HOIST_TESTS_FOLDER";

fn files(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

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

/// The pipe of a window, as another program opens it.
fn connect(folder: &Path) -> File {
    let whole = fs::canonicalize(folder).unwrap();
    let name = HighwayHasher::default().hash64(whole.as_os_str().as_encoded_bytes());
    let name = format!(r"\\.\pipe\hoist-{name:016x}");
    let until = Instant::now() + TIMEOUT;
    loop {
        match File::options().read(true).write(true).open(&name) {
            Ok(pipe) => return pipe,
            Err(e) => assert!(Instant::now() < until, "{name}: {e}"),
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn message(paths: &[&str]) -> Value {
    let paths: Vec<_> = paths.iter().map(|path| STANDARD.encode(path)).collect();
    json!({ "version": 1, "files": paths, "token": null })
}

fn framed(message: &Value) -> Vec<u8> {
    let json = message.to_string().into_bytes();
    [&(json.len() as u32).to_be_bytes()[..], &json].concat()
}

/// What a window answers to these bytes, where the other side says *go*.
fn answer(folder: &Path, bytes: &[u8]) -> Vec<u8> {
    let mut pipe = connect(folder);
    let _ = pipe.write_all(bytes); // it may be refused before all of it was read
    let _ = pipe.write_all(b"g");
    let mut answer = vec![];
    let _ = pipe.read_to_end(&mut answer);
    answer
}

#[test]
fn a_second_start_hands_its_files_over_and_ends() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.png", "画像 その1.png"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let mut second = Command::new(HOIST);
    second.args(["a.png", "画像 その1.png"]).current_dir(folder.path()).env("HOIST_HOME", home.path());
    let output = second.output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let got = received.recv_timeout(TIMEOUT).unwrap();
    assert_eq!(got.files.len(), 2);
    for (file, name) in got.files.iter().zip(["a.png", "画像 その1.png"]) {
        assert!(file.is_absolute() && file.ends_with(name) && file.exists(), "{}", file.display());
    }
    // Without files it only wants the window in front.
    assert!(matches!(start(&run(&home), vec![], None, true), StartOutcome::HandedOver));
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap(), Message::default());
    // Another home has a window of its own, and so has one that is written differently the same.
    let other = tempfile::tempdir().unwrap();
    drop(first(&run(&other)));
    let upper = PathBuf::from(run(&home).to_str().unwrap().to_uppercase());
    assert!(matches!(start(&upper, vec![], None, true), StartOutcome::HandedOver));
}

#[test]
fn hostile_messages_are_refused_and_the_next_good_one_is_heard() {
    let home = tempfile::tempdir().unwrap();
    let folder = run(&home);
    let (_listening, received) = busy_window(&folder);
    let good = framed(&message(&["C:\\a.png"]));
    let with = |name: &str, value: Value| {
        let mut message = message(&["C:\\a.png"]);
        message[name] = value;
        framed(&message)
    };
    let raw = |json: &[u8]| [&(json.len() as u32).to_be_bytes()[..], json].concat();
    let many: Vec<_> = (0..=MAX_FILES).map(|_| STANDARD.encode("C:\\a")).collect();
    let cases = [
        ("no JSON", raw(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")),
        ("an empty message", raw(b"")),
        ("not text", raw(&[0xff; 100])),
        ("longer than may be", [&u32::MAX.to_be_bytes()[..], &[b' '; 1000]].concat()),
        ("a byte too long", raw(&vec![b' '; MAX_BYTES + 1])),
        ("another version", with("version", json!(2))),
        ("a path that is not whole", framed(&message(&["C:\\a.png", "b.png"]))),
        ("a path of no drive", framed(&message(&["\\a.png"]))),
        ("a zero in a path", framed(&message(&["C:\\a\0.png"]))),
        ("too many files", with("files", json!(many))),
        ("a token with a line's end", with("token", json!("a\nb"))),
    ];
    for (name, bytes) in cases {
        let answer = answer(&folder, &bytes);
        assert!(answer.is_empty() || answer == b"x", "{name} was taken: {answer:?}");
        assert!(received.try_recv().is_err(), "{name} came to the window");
    }
    // Without *go* nothing is taken, and whoever stays silent blocks no other client.
    let mut pipe = connect(&folder);
    pipe.write_all(&good).unwrap();
    pipe.read_exact(&mut [0]).unwrap();
    drop(pipe);
    let silent: Vec<_> = (0..40).map(|_| connect(&folder)).collect();
    assert_eq!(answer(&folder, &framed(&message(&["C:\\last.png"]))), b"rs");
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["C:\\last.png"]));
    drop(silent);
}

#[test]
fn of_many_starts_at_the_same_moment_one_has_the_window_and_the_others_hand_over() {
    const STARTS: usize = 8;
    let home = tempfile::tempdir().unwrap();
    let (send, received) = mpsc::channel();
    let (over, is_over) = mpsc::channel::<()>();
    let is_over = std::sync::Mutex::new(is_over);
    thread::scope(|scope| {
        for n in 0..STARTS {
            let (folder, send, is_over) = (run(&home), send.clone(), &is_over);
            scope.spawn(move || match start(&folder, files(&[&format!("C:\\{n}.png")]), None, true) {
                StartOutcome::First { owner, .. } => {
                    let _listening = owner.listen(move |message| send.send(message).is_ok()).unwrap();
                    let _ = is_over.lock().unwrap().recv();
                }
                StartOutcome::HandedOver => {}
                other => panic!("{other:?}"),
            });
        }
        let came: Vec<_> = (1..STARTS).flat_map(|_| received.recv_timeout(TIMEOUT).unwrap().files).collect();
        assert_eq!(came.len(), STARTS - 1, "{came:?}");
        drop(over);
    });
}

#[test]
fn a_window_that_was_killed_or_closed_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let mut window = window_of_another_process(&run(&home));
    assert!(matches!(start(&run(&home), files(&["C:\\a.png"]), None, true), StartOutcome::HandedOver));
    window.kill().unwrap();
    window.wait().unwrap();
    let (listening, received) = busy_window(&run(&home));
    assert!(matches!(start(&run(&home), files(&["C:\\b.png"]), None, true), StartOutcome::HandedOver));
    assert_eq!(received.recv_timeout(TIMEOUT).unwrap().files, files(&["C:\\b.png"]));
    drop(listening);
    assert!(received.recv().is_err(), "the window's end is gone");
    // A window that is closing says so, and the next start takes its place.
    let listening = first(&run(&home)).listen(|_| false).unwrap();
    let folder = run(&home);
    let next = thread::spawn(move || start(&folder, files(&["C:\\c.png"]), None, true));
    thread::sleep(Duration::from_millis(50));
    drop(listening);
    let next = next.join().unwrap();
    assert!(matches!(next, StartOutcome::First { files: kept, .. } if kept == files(&["C:\\c.png"])));
}

#[test]
fn more_than_one_message_takes_goes_in_several() {
    let home = tempfile::tempdir().unwrap();
    let (_listening, received) = busy_window(&run(&home));
    let all: Vec<_> = (0..=2 * MAX_FILES).map(|n| PathBuf::from(format!("C:\\{n}"))).collect();
    assert!(matches!(start(&run(&home), all.clone(), None, false), StartOutcome::HandedOver));
    let came: Vec<_> = (0..3).flat_map(|_| received.recv_timeout(TIMEOUT).unwrap().files).collect();
    assert!(came == all, "all of them, in their order");
}

/// A window in a process of its own, which takes everything.
fn window_of_another_process(folder: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "pipe::a_process_of_these_tests", "--nocapture", "--test-threads=1"]);
    let mut child = command.env(FOLDER, folder).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains("> first")), "it is not the first");
    child
}

/// Does nothing where it is run as a test.
#[test]
fn a_process_of_these_tests() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let _listening = first(Path::new(&folder)).listen(|_| true).unwrap();
    println!("> first");
    let _ = std::io::stdin().read_to_end(&mut vec![]);
}
