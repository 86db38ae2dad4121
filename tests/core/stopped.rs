//! A program that is stopped for longer than its limits (Ctrl+Z, a frozen group, a computer that sleeps) and then goes on:
//! no answer could be read meanwhile, so its limits begin anew, and what arrived in the meantime is read.

#[cfg(target_os = "linux")]
use std::io::{BufRead, BufReader, Read, Write};
#[cfg(target_os = "linux")]
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::server::{Gate, Reaction, Server};
use crate::support::{Rig, TIMEOUT, by_id, first_type, receipt, success, to};
use hoist::model::text::MB;
use hoist::model::upload::State;
use rustix::process::{Pid, Signal, kill_process};

/// Tells a process of these tests to send a file, and where.
const ORIGIN: &str = "HOIST_TEST_STOPPED_ORIGIN";
const LARGE: &str = "HOIST_TEST_STOPPED_LARGE";

/// The file by which it tells that it waits for an answer.
const WAITS: &str = "HOIST_TEST_STOPPED_WAITS";

/// Of a connection that does not come about, of a service that takes no byte, and of one that does not answer.
const LIMIT: Duration = Duration::from_secs(3);

/// Sends a file in a process of its own, which can be stopped.
struct Sender {
    child: Child,
    folder: tempfile::TempDir,
}

impl Sender {
    fn start(test: &str, server: &Server, large: bool) -> Sender {
        Sender::to(test, &server.origin(), large)
    }

    fn to(test: &str, origin: &str, large: bool) -> Sender {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([&format!("stopped::{test}"), "--exact", "--nocapture"]);
        command.env(ORIGIN, origin).env(LARGE, if large { "1" } else { "" });
        let folder = tempfile::tempdir().unwrap();
        command.env(WAITS, folder.path().join("waits"));
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Sender { child: command.spawn().unwrap(), folder }
    }

    /// Waits until it waits for an answer, and knows that it does: before, another limit is running.
    fn until_it_waits(&self) {
        let end = Instant::now() + TIMEOUT;
        while !self.folder.path().join("waits").exists() {
            assert!(Instant::now() < end, "it does not wait for an answer");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Stops it for longer than any limit.
    fn stop_for_long(&self) {
        self.signal(Signal::STOP);
        std::thread::sleep(LIMIT + LIMIT / 2);
        self.signal(Signal::CONT);
    }

    fn succeeds(self) {
        let output = self.child.wait_with_output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        assert!(output.status.success() && said[0].contains("1 passed"), "{}\n{}", said[0], said[1]);
    }
}

/// Whether this is the process that is to be stopped; it has sent its file then.
fn sent() -> bool {
    let Ok(origin) = std::env::var(ORIGIN) else { return false };
    let provider = by_id("flow-music");
    let mut rig = Rig::remembering(&origin, |config| {
        (config.limits.connect, config.limits.stall, config.limits.answer) = (LIMIT, LIMIT, LIMIT);
    });
    let path = match std::env::var(LARGE).unwrap().as_str() {
        "" => rig.small(provider),
        _ => rig.sparse(first_type(provider), 64 * MB),
    };
    let id = rig.send(&path, &to(provider));
    rig.until("it waits for an answer", |rig| {
        matches!(rig.state(id), State::Sent { .. }) || !rig.state(id).is_active()
    });
    std::fs::write(std::env::var(WAITS).unwrap(), "").unwrap();
    let state = rig.end(id);
    receipt(&state);
    rig.assert_remembered(id, &["done"]);
    true
}

#[test]
fn a_program_stopped_in_mid_body_goes_on_with_it() {
    if sent() {
        return;
    }
    let gate = Gate::default();
    let answer = success(by_id("flow-music"));
    let server = Server::always(Reaction::PauseWithin(MB, gate.clone(), answer));
    let sender = Sender::start("a_program_stopped_in_mid_body_goes_on_with_it", &server, true);
    server.until("a part of the file", |all| all.first().is_some_and(|r| r.body_len > 0));
    std::thread::sleep(LIMIT / 6); // for the system's buffers to fill: nothing moves any more
    sender.stop_for_long();
    // The service goes on a moment later than the program: its limits have begun anew.
    std::thread::sleep(LIMIT / 10);
    gate.open();
    sender.succeeds();
    assert_eq!(server.whole_bodies(), 1);
}

/// A listener at which no connection comes about any more before one of these is closed.
#[cfg(target_os = "linux")]
fn crowded() -> (std::net::TcpListener, Vec<TcpStream>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _inside = runtime.enter();
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap().into_std().unwrap();
    listener.set_nonblocking(false).unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200));
    let crowd: Vec<_> = std::iter::repeat_with(connect).map_while(Result::ok).collect();
    (listener, crowd)
}

/// Whether somebody waits for a connection to a port of this computer.
#[cfg(target_os = "linux")]
fn is_awaited(port: u16) -> bool {
    let (to, sent) = (format!("0100007F:{port:04X}"), "02"); // a greeting was sent, and no answer came
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        columns.get(2) == Some(&to.as_str()) && columns.get(3) == Some(&sent)
    })
}

/// Reads a request and answers it, unless somebody came and went.
#[cfg(target_os = "linux")]
fn answer(stream: &TcpStream) {
    let mut reader = BufReader::new(stream);
    let (mut line, mut left) = (String::new(), 0);
    while line != "\r\n" {
        line.clear();
        if reader.read_line(&mut line).unwrap_or_default() == 0 {
            return;
        }
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            left = length.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; left]).unwrap();
    let (mut writer, body) = (stream, success(by_id("flow-music")).bytes());
    write!(writer, "HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
    writer.write_all(&body).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_a_stopped_program_was_making_is_made_anew() {
    if sent() {
        return;
    }
    let (listener, crowd) = crowded();
    let address = listener.local_addr().unwrap();
    let test = "a_connection_that_a_stopped_program_was_making_is_made_anew";
    let sender = Sender::to(test, &format!("http://{address}"), false);
    let end = Instant::now() + TIMEOUT;
    while !is_awaited(address.port()) {
        assert!(Instant::now() < end, "nobody connects");
        std::thread::sleep(Duration::from_millis(5));
    }
    sender.stop_for_long();
    drop(crowd);
    std::thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            answer(&stream);
        }
    });
    // In one try: see `sent`.
    sender.succeeds();
}

#[test]
fn an_answer_that_came_while_the_program_was_stopped_is_read() {
    if sent() {
        return;
    }
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), success(by_id("flow-music"))));
    let sender = Sender::start("an_answer_that_came_while_the_program_was_stopped_is_read", &server, false);
    sender.until_it_waits();
    sender.signal(Signal::STOP);
    gate.open();
    sender.stop_for_long();
    sender.succeeds();
    assert_eq!(server.whole_bodies(), 1);
}

#[test]
fn an_answer_that_comes_after_the_program_goes_on_is_waited_for() {
    if sent() {
        return;
    }
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), success(by_id("flow-music"))));
    let sender =
        Sender::start("an_answer_that_comes_after_the_program_goes_on_is_waited_for", &server, false);
    sender.until_it_waits();
    sender.stop_for_long();
    std::thread::sleep(LIMIT / 10);
    gate.open();
    sender.succeeds();
    assert_eq!(server.whole_bodies(), 1);
}
