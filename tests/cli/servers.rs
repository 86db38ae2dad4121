//! Services to upload to: the sandbox on its own, and one that stops halfway.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use hoist::model::media::Media;
use hoist::provider::rehearsal::sample;
use hoist::provider::{self, SandboxUpload};
use tempfile::TempDir;

use crate::machine::TIMEOUT;
use crate::support::by_id;
use crate::support::server::{self, Answer, Gate, Reaction};

/// `hoist sandbox` in a process of its own, with what it logs of each request.
pub(crate) struct SandboxProcess {
    child: Child,
    pub(crate) exports: Vec<(String, String)>,
    dir: TempDir,
}

impl SandboxProcess {
    pub(crate) fn start() -> SandboxProcess {
        let dir = tempfile::tempdir().unwrap();
        let log = File::create(dir.path().join("log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hoist"))
            .args(["sandbox", "--port", "0"])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut exports = vec![];
        for line in lines.map_while(Result::ok) {
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|l| l.split_once('=')) {
                exports.push((name.to_owned(), value.to_owned()));
            } else if line.is_empty() && !exports.is_empty() {
                break;
            }
        }
        let vendors = provider::shown_vendors();
        let addresses = vendors.iter().map(|s| s.endpoints.len()).sum::<usize>();
        assert_eq!(
            exports.len(),
            addresses + vendors.len(),
            "an address for each base, a key for each service"
        );
        SandboxProcess { child, exports, dir }
    }

    /// What was asked so far: it writes a line before it answers.
    pub(crate) fn requests(&self) -> Vec<String> {
        let log = fs::read_to_string(self.dir.path().join("log")).unwrap();
        log.lines().map(ToOwned::to_owned).collect()
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that takes connections and reads `wanted` bytes of each body, then answers with `answer` or never.
pub(crate) struct Server {
    pub(crate) url: String,
    /// The head of each request that was read so far.
    pub(crate) heads: Receiver<String>,
}

impl Server {
    pub(crate) fn start(wanted: usize, answer: Option<fn(&str) -> String>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (tell, heads) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let tell = tell.clone();
                thread::spawn(move || serve(stream, wanted, answer, &tell));
            }
        });
        Server { url, heads }
    }

    /// Waits for the next request.
    pub(crate) fn head(&self) -> String {
        self.heads.recv_timeout(TIMEOUT).unwrap()
    }
}

fn serve(
    mut stream: TcpStream,
    wanted: usize,
    answer: Option<fn(&str) -> String>,
    tell: &mpsc::Sender<String>,
) {
    let mut head = vec![];
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_exact(&mut byte).is_err() {
            return;
        }
        head.push(byte[0]);
    }
    if stream.read_exact(&mut vec![0; wanted]).is_err() {
        return;
    }
    let head = String::from_utf8(head).unwrap();
    let _ = tell.send(head.clone());
    if let Some(answer) = answer {
        let _ = stream.write_all(answer(&head).as_bytes());
    }
    loop {
        thread::park(); // the connection stays open, and what still comes stays unread
    }
}

/// A service that takes every upload, and answers when the gate is open.
pub(crate) fn holding(gate: &Gate) -> server::Server {
    let held = gate.clone();
    server::Server::start(move |_, number| {
        Reaction::AnswerAfter(held.clone(), accepted("google-flow", number))
    })
}

/// What a provider answers to an upload it took: an id that no other number has.
pub(crate) fn accepted(provider: &str, number: usize) -> Answer {
    let provider = by_id(provider);
    let step = if provider.is_polled() { 0 } else { provider.steps() };
    let (status, body) = provider.example(
        step,
        &SandboxUpload {
            uuid: format!("0a1b2c3d-0000-4000-8000-{number:012}"),
            polled: 2,
            ..sample(provider, Media::Png)
        },
    );
    Answer::new(status, body.to_string())
}
