//! A server on this computer that writes down what it is sent, byte for byte, and answers or misbehaves as told.

use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::PATIENCE;

/// Longer bodies are counted and hashed, but not kept.
const KEPT: usize = 32 * 1024 * 1024;

/// A request as it came over the wire.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorded {
    /// `POST`.
    pub(crate) method: String,
    /// Path and query, undecoded.
    pub(crate) target: String,
    /// Names in lower case and values, in the order they came, doubles and all.
    pub(crate) headers: Vec<(String, String)>,
    /// When the head was read.
    pub(crate) arrived: Timestamp,
    /// Bytes of the body read so far.
    pub(crate) body_len: u64,
    /// Their SHA-256 in hexadecimal.
    pub(crate) sha256: String,
    /// They themselves, where they are not too many.
    pub(crate) body: Option<Vec<u8>>,
    /// As many bytes came as `Content-Length` announced.
    pub(crate) complete: bool,
    /// Its place in the order in which requests began and ended.
    pub(crate) began: u64,
    /// The place at which it was about to be answered, or its connection ended.
    pub(crate) ended: Option<u64>,
}

impl Recorded {
    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str()).collect()
    }

    /// The only value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let all = self.all(name);
        assert!(all.len() < 2, "{name} came {} times", all.len());
        all.first().copied()
    }
}

/// The most of these requests that were open at the same time.
pub(crate) fn most_at_once<'a>(requests: impl Iterator<Item = &'a Recorded>) -> usize {
    let spans: Vec<_> = requests.map(|r| (r.began, r.ended.unwrap_or(u64::MAX))).collect();
    spans.iter().map(|(at, _)| spans.iter().filter(|(b, e)| b <= at && at < e).count()).max().unwrap_or(0)
}

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// A status and a body.
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        Answer { status, headers: vec![("content-type", "application/json".into())], body: body.into() }
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The head, announcing `length` bytes.
    fn head(&self, length: u64) -> Vec<u8> {
        let mut head =
            format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {length}\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    fn whole(&self) -> Vec<u8> {
        [self.head(self.body.len() as u64), self.body.clone()].concat()
    }
}

/// Something the server waits for until a test allows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate(Arc<AtomicBool>);

impl Gate {
    /// Lets everybody through from now on.
    pub(crate) fn open(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was opened.
    pub(crate) fn is_open(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// Reads it, then answers.
    Answer(Answer),
    /// Reads it, waits for the gate, then answers.
    AnswerAfter(Gate, Answer),
    /// Answers before it reads the body, then reads it.
    AnswerEarly(Answer),
    /// Reads it and takes so long to answer.
    SlowAnswer(Duration, Answer),
    /// Reads it and sends these 1xx answers before the answer.
    Interim(Vec<u16>, Answer),
    /// Reads it, announces more than it answers, and closes the connection.
    PartialAnswer(Answer),
    /// Reads it, announces more than it answers, and holds the connection.
    UnendingAnswer(Answer),
    /// Reads it and answers with so many bytes.
    EndlessBody(u64),
    /// Reads it and answers with something that is not HTTP.
    Noise(Vec<u8>),
    /// Reads so many bytes at a time with pauses, then answers.
    SlowReading(u64, Duration, Answer),
    /// Reads so many bytes of the body, waits for the gate, reads the rest, then answers.
    PauseWithin(u64, Gate, Answer),
    /// Closes the connection once the head is read.
    CloseBeforeReading,
    /// Reads so many bytes of the body, then resets the connection.
    ResetAfter(u64),
    /// Reads it and closes the connection.
    CutAfterBody,
    /// Reads the head and then holds the connection.
    StallBefore,
    /// Reads so many bytes of the body and then holds the connection.
    StallWithin(u64),
    /// Reads it and then holds the connection.
    StallAfter,
}

type Script = dyn Fn(&Recorded, usize) -> Reaction + Send + Sync;

#[derive(Default)]
struct Log {
    requests: Vec<Recorded>,
    /// Counts beginnings and ends.
    order: u64,
    /// Second handles to the connections, to end them with the server; a connection only closes without its own.
    open: Vec<Option<TcpStream>>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    script: Box<Script>,
    log: Mutex<Log>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Shared {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Waits for the gate, or for the server's end.
    fn wait_for(&self, gate: &Gate) {
        while !gate.is_open() && !self.stopped() {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the server's end.
    fn stall(&self) {
        self.wait_for(&Gate::default());
    }
}

/// A running server; dropping it closes every connection and waits for its threads.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that asks `script` what to do with each request once its head is read. The number says how many
    /// requests came before it.
    pub(crate) fn start(script: impl Fn(&Recorded, usize) -> Reaction + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            script: Box::new(script),
            log: Mutex::default(),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
        });
        let own = Arc::clone(&shared);
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if own.stopped() {
                    return;
                }
                let shared = Arc::clone(&own);
                let mut log = own.log();
                let number = log.open.len();
                log.open.push(stream.try_clone().ok());
                log.threads.push(std::thread::spawn(move || serve(&shared, stream, number)));
            }
        });
        Server { address, shared, accepting: Some(accepting) }
    }

    /// A server that does the same with every request.
    pub(crate) fn always(reaction: Reaction) -> Server {
        Server::start(move |_, _| reaction.clone())
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.log().requests.clone()
    }

    /// The only request so far.
    pub(crate) fn request(&self) -> Recorded {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.into_iter().next().unwrap()
    }

    /// Connections so far, whether or not anything was asked.
    pub(crate) fn connections(&self) -> usize {
        self.shared.log().open.len()
    }

    /// How many uploads came whole.
    pub(crate) fn whole_bodies(&self) -> usize {
        self.shared.log().requests.iter().filter(|r| r.method == "POST" && r.complete).count()
    }

    /// Waits until the requests are as wished.
    pub(crate) fn until(&self, what: &str, wish: impl Fn(&[Recorded]) -> bool) {
        let end = Instant::now() + PATIENCE;
        let mut log = self.shared.log();
        while !wish(&log.requests) {
            assert!(Instant::now() < end, "waited in vain for {what}: {:?}", log.requests);
            let wait = Duration::from_secs(1);
            log = self.shared.changed.wait_timeout(log, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address); // wakes the listener
        let accepted = self.accepting.take().map(JoinHandle::join);
        let threads = {
            let mut log = self.shared.log();
            for stream in log.open.iter().flatten() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            std::mem::take(&mut log.threads)
        };
        let ended: Vec<_> = threads.into_iter().map(JoinHandle::join).chain(accepted).collect();
        assert!(std::thread::panicking() || ended.iter().all(Result::is_ok), "the server panicked");
    }
}

/// A connection with one request.
struct Exchange<'a> {
    shared: &'a Shared,
    stream: TcpStream,
    /// Read, but not yet looked at.
    ahead: Vec<u8>,
    place: usize,
    /// Bytes of the body still to come.
    left: u64,
    read: u64,
    hash: Sha256,
    kept: Vec<u8>,
}

fn serve(shared: &Shared, stream: TcpStream, number: usize) {
    let Ok(Some((request, ahead))) = head(&stream) else { return };
    let left = request.header("content-length").map_or(0, |v| v.parse().unwrap());
    let place = {
        let mut log = shared.log();
        log.order += 1;
        let began = log.order;
        log.requests.push(Recorded { began, ..request.clone() });
        log.requests.len() - 1
    };
    shared.changed.notify_all();
    let mut exchange =
        Exchange { shared, stream, ahead, place, left, read: 0, hash: Sha256::new(), kept: vec![] };
    let reaction = (shared.script)(&request, place);
    let _ = exchange.react(reaction); // a client that goes away is the client's affair
    exchange.ended();
    shared.log().open[number] = None;
}

impl Exchange<'_> {
    fn react(&mut self, reaction: Reaction) -> io::Result<()> {
        match reaction {
            Reaction::Answer(answer) => {
                self.take(u64::MAX)?;
                self.answer(&answer.whole())
            }
            Reaction::AnswerAfter(gate, answer) => {
                self.take(u64::MAX)?;
                self.shared.wait_for(&gate);
                self.answer(&answer.whole())
            }
            Reaction::AnswerEarly(answer) => {
                self.stream.write_all(&answer.whole())?;
                self.take(u64::MAX)
            }
            Reaction::SlowAnswer(time, answer) => {
                self.take(u64::MAX)?;
                std::thread::sleep(time);
                self.answer(&answer.whole())
            }
            Reaction::Interim(all, answer) => {
                self.take(u64::MAX)?;
                for status in all {
                    self.stream.write_all(format!("HTTP/1.1 {status} X\r\n\r\n").as_bytes())?;
                }
                self.answer(&answer.whole())
            }
            Reaction::PartialAnswer(answer) => {
                self.take(u64::MAX)?;
                let head = answer.head(answer.body.len() as u64 + 10);
                self.answer(&[head, answer.body].concat())
            }
            Reaction::UnendingAnswer(answer) => {
                self.take(u64::MAX)?;
                let head = answer.head(answer.body.len() as u64 + 10);
                self.stream.write_all(&[head, answer.body].concat())?;
                self.shared.stall();
                Ok(())
            }
            Reaction::EndlessBody(size) => {
                self.take(u64::MAX)?;
                self.stream.write_all(&Answer::new(200, "").head(size))?;
                let piece = vec![b' '; 64 * 1024];
                (0..size / piece.len() as u64).try_for_each(|_| self.stream.write_all(&piece))
            }
            Reaction::Noise(noise) => {
                self.take(u64::MAX)?;
                self.answer(&noise)
            }
            Reaction::SlowReading(piece, pause, answer) => {
                while self.left > 0 {
                    self.take(piece)?;
                    std::thread::sleep(pause);
                }
                self.answer(&answer.whole())
            }
            Reaction::PauseWithin(bytes, gate, answer) => {
                self.take(bytes)?;
                self.shared.wait_for(&gate);
                self.take(u64::MAX)?;
                self.answer(&answer.whole())
            }
            Reaction::CloseBeforeReading => Ok(()),
            Reaction::ResetAfter(bytes) => {
                self.take(bytes)?;
                self.stream.peek(&mut [0])?; // closing a socket with unread bytes resets the connection
                Ok(())
            }
            Reaction::CutAfterBody => self.take(u64::MAX),
            Reaction::StallBefore => {
                self.shared.stall();
                Ok(())
            }
            Reaction::StallWithin(bytes) => {
                self.take(bytes)?;
                self.shared.stall();
                Ok(())
            }
            Reaction::StallAfter => {
                self.take(u64::MAX)?;
                self.shared.stall();
                Ok(())
            }
        }
    }

    /// Reads up to so many bytes of the body and writes down what is known of it then.
    fn take(&mut self, most: u64) -> io::Result<()> {
        let mut piece = vec![0; 64 * 1024];
        let mut wanted = most.min(self.left);
        let mut result = Ok(());
        while wanted > 0 {
            let room = wanted.min(piece.len() as u64) as usize;
            let n = if self.ahead.is_empty() {
                match self.stream.read(&mut piece[..room]) {
                    Ok(0) => {
                        result = Err(io::ErrorKind::UnexpectedEof.into());
                        break;
                    }
                    Ok(n) => n,
                    Err(e) => {
                        result = Err(e);
                        break;
                    }
                }
            } else {
                let n = room.min(self.ahead.len());
                piece[..n].copy_from_slice(&self.ahead[..n]);
                self.ahead.drain(..n);
                n
            };
            self.hash.update(&piece[..n]);
            if self.kept.len() + n <= KEPT {
                self.kept.extend_from_slice(&piece[..n]);
            }
            self.read += n as u64;
            self.left -= n as u64;
            wanted -= n as u64;
        }
        self.write_down();
        result
    }

    fn write_down(&self) {
        let mut log = self.shared.log();
        let request = &mut log.requests[self.place];
        request.body_len = self.read;
        request.sha256 = hex(&self.hash.clone().finalize());
        request.body = (self.kept.len() as u64 == self.read).then(|| self.kept.clone());
        request.complete = self.left == 0;
        drop(log);
        self.shared.changed.notify_all();
    }

    /// From the client's point of view the request may be over once the first byte of an answer is out, so its end is
    /// written down before.
    fn ended(&self) {
        let mut log = self.shared.log();
        log.order += 1;
        let order = log.order;
        log.requests[self.place].ended.get_or_insert(order);
        drop(log);
        self.shared.changed.notify_all();
    }

    fn answer(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.ended();
        self.stream.write_all(bytes)?;
        self.stream.shutdown(Shutdown::Write)?;
        // Closing with unread bytes would reset the connection and lose the answer.
        self.stream.set_read_timeout(Some(PATIENCE))?;
        while self.stream.read(&mut [0; 4096])? > 0 {}
        Ok(())
    }
}

/// The request's head and what was read beyond it; none where the connection ended before.
fn head(mut stream: &TcpStream) -> io::Result<Option<(Recorded, Vec<u8>)>> {
    let (mut all, mut piece) = (vec![], [0; 16 * 1024]);
    let end = loop {
        if let Some(end) = all.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut piece)? {
            0 => return Ok(None),
            n => all.extend_from_slice(&piece[..n]),
        }
    };
    let ahead = all.split_off(end + 4);
    let text = String::from_utf8_lossy(&all[..end]).into_owned();
    let mut lines = text.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let mut word = || first.next().unwrap_or_default().to_owned();
    let (method, target) = (word(), word());
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let complete = !headers.iter().any(|(name, _)| name == "content-length" || name == "transfer-encoding");
    let arrived = Timestamp::now();
    Ok(Some((Recorded { method, target, headers, arrived, complete, ..Recorded::default() }, ahead)))
}

/// The SHA-256 of bytes, as in [`Recorded::sha256`].
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}
