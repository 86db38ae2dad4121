//! A server on this computer that writes down what it is sent, byte for byte, and answers or misbehaves as told.

mod answer;
mod exchange;
mod tls;

use std::fmt::Write as _;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use parking_lot::{Condvar, Mutex};
use rustls::ServerConfig;
use sha2::{Digest, Sha256};
use tokio::net::TcpSocket;
use tokio::runtime;

use super::TIMEOUT;
pub(crate) use answer::{Answer, Gate, Reaction};
pub(crate) use tls::Certificate;
use tls::Stream;

/// Longer bodies are counted and hashed, but not kept.
const KEPT: u64 = 4 * 1024 * 1024;

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
    /// The status it was answered with, whether or not the rest of the answer came.
    pub(crate) answered: Option<u16>,
    /// That answer said that the file was not taken.
    pub(crate) refused: bool,
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

    /// What it carried may exist now: it was taken, or it came whole and was not refused.
    pub(crate) fn may_exist(&self) -> bool {
        !self.refused && (self.complete || matches!(self.answered, Some(200..300)))
    }
}

/// The most of these requests that were open at the same time.
pub(crate) fn most_at_once<'a>(requests: impl Iterator<Item = &'a Recorded>) -> usize {
    let spans: Vec<_> = requests.map(|r| (r.began, r.ended.unwrap_or(u64::MAX))).collect();
    spans.iter().map(|(at, _)| spans.iter().filter(|(b, e)| b <= at && at < e).count()).max().unwrap_or(0)
}

/// A server's script: what to do with each request once its head is read. The number says how many requests came
/// before it.
type Script = dyn Fn(&Recorded, usize) -> Reaction + Send + Sync;

#[derive(Default)]
struct Log {
    requests: Vec<Recorded>,
    /// Counts beginnings and ends.
    order: u64,
    /// Second handles to the connections, to end them with the server; a connection only closes without its own.
    open: Vec<Option<TcpStream>>,
    threads: Vec<JoinHandle<()>>,
    panicked: bool,
}

impl Log {
    /// Takes leave of those who are finished: their memory is kept until then.
    fn join_finished(&mut self) {
        for thread in self.threads.extract_if(.., |thread| thread.is_finished()) {
            self.panicked |= thread.join().is_err();
        }
    }
}

struct Shared {
    script: Box<Script>,
    /// Bodies of up to so many bytes are kept.
    keep: u64,
    log: Mutex<Log>,
    changed: Condvar,
    stop: AtomicBool,
}

impl Shared {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Waits for the gate, or for the server's end.
    fn wait_for(&self, gate: &Gate) {
        gate.reach();
        while !gate.is_open() && !self.stopped() {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Waits for the server's end.
    fn stall(&self) {
        self.wait_for(&Gate::default());
    }

    /// A connection is over.
    fn closed(&self, number: usize) {
        self.log.lock().open[number] = None;
    }
}

/// An address of this computer where nobody listens yet: connections are refused, and nobody else can take it.
pub(crate) struct Closed {
    socket: TcpSocket,
    address: SocketAddr,
}

impl Closed {
    /// A new address.
    pub(crate) fn new() -> Closed {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = socket.local_addr().unwrap();
        Closed { socket, address }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on connections are made, and nobody ever says a word.
    pub(crate) fn silent(self) -> TcpListener {
        self.listener()
    }

    /// From now on somebody listens there.
    pub(crate) fn open(
        self,
        script: impl Fn(&Recorded, usize) -> Reaction + Send + Sync + 'static,
    ) -> Server {
        Server::run(self.listener(), None, KEPT, Box::new(script))
    }

    fn listener(self) -> TcpListener {
        let runtime = runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let _inside = runtime.enter();
        let listener = self.socket.listen(1024).unwrap().into_std().unwrap();
        listener.set_nonblocking(false).unwrap();
        listener
    }
}

/// A running server; dropping it closes every connection and waits for its threads.
pub(crate) struct Server {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that asks `script` what to do with each request.
    pub(crate) fn start(script: impl Fn(&Recorded, usize) -> Reaction + Send + Sync + 'static) -> Server {
        Closed::new().open(script)
    }

    /// The same, but no body is kept.
    pub(crate) fn forgetful(script: impl Fn(&Recorded, usize) -> Reaction + Send + Sync + 'static) -> Server {
        Server::run(TcpListener::bind("127.0.0.1:0").unwrap(), None, 0, Box::new(script))
    }

    /// The same, with TLS: it shows this certificate, made in that folder.
    pub(crate) fn with_tls(
        certificate: Certificate,
        folder: &Path,
        script: impl Fn(&Recorded, usize) -> Reaction + Send + Sync + 'static,
    ) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Server::run(listener, Some(certificate.config(folder)), KEPT, Box::new(script))
    }

    fn run(listener: TcpListener, tls: Option<Arc<ServerConfig>>, keep: u64, script: Box<Script>) -> Server {
        let address = listener.local_addr().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let shared = Arc::new(Shared {
            script,
            keep,
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
                let (shared, tls) = (Arc::clone(&own), tls.clone());
                let mut log = own.log.lock();
                log.join_finished();
                let number = log.open.len();
                log.open.push(stream.try_clone().ok());
                log.threads.push(std::thread::spawn(move || {
                    exchange::serve(&shared, Stream::new(stream, tls.as_ref()), number);
                }));
            }
        });
        Server { address, scheme, shared, accepting: Some(accepting) }
    }

    /// A server that does the same with every request.
    pub(crate) fn always(reaction: Reaction) -> Server {
        Server::start(move |_, _| reaction.clone())
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Every request so far.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.log.lock().requests.clone()
    }

    /// The only request so far.
    pub(crate) fn request(&self) -> Recorded {
        let requests = self.requests();
        assert_eq!(requests.len(), 1, "{requests:?}");
        requests.into_iter().next().unwrap()
    }

    /// Connections so far, whether or not anything was asked.
    pub(crate) fn connections(&self) -> usize {
        self.shared.log.lock().open.len()
    }

    /// How many uploads came whole.
    pub(crate) fn whole_bodies(&self) -> usize {
        self.shared.log.lock().requests.iter().filter(|r| r.method == "POST" && r.complete).count()
    }

    /// How many of them may exist there now.
    pub(crate) fn bodies_that_may_exist(&self) -> usize {
        self.shared.log.lock().requests.iter().filter(|r| r.method == "POST" && r.may_exist()).count()
    }

    /// Waits until the requests are as wished.
    pub(crate) fn until(&self, what: &str, wish: impl Fn(&[Recorded]) -> bool) {
        let end = Instant::now() + TIMEOUT;
        let mut log = self.shared.log.lock();
        while !wish(&log.requests) {
            assert!(Instant::now() < end, "waited in vain for {what}: {:?}", log.requests);
            self.shared.changed.wait_for(&mut log, Duration::from_secs(1));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        let accepting = self.accepting.take();
        // Wakes the listener. Under Wine one connection may come to nothing.
        while accepting.as_ref().is_some_and(|thread| !thread.is_finished()) {
            let _ = TcpStream::connect(self.address);
            std::thread::sleep(Duration::from_millis(1));
        }
        let accepted = accepting.map(JoinHandle::join);
        let (threads, panicked) = {
            let mut log = self.shared.log.lock();
            for stream in log.open.iter().flatten() {
                let _ = stream.shutdown(Shutdown::Both);
            }
            (std::mem::take(&mut log.threads), log.panicked)
        };
        let ended: Vec<_> = threads.into_iter().map(JoinHandle::join).chain(accepted).collect();
        let panicked = panicked || ended.iter().any(Result::is_err);
        assert!(std::thread::panicking() || !panicked, "the server panicked");
    }
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
