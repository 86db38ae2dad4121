//! Services that keep connections open and close them at a moment of their own: no upload goes out on one that may be
//! closed by then, so that what never arrived is never called one that may exist.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::support::{Rig, TIMEOUT, by_id, receipt, success_asked, to};
use hoist::model::error::FailureKind;
use hoist::model::text::MB;
use hoist::model::upload::{State, UploadId};

/// When a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Closes {
    /// So long after each answer.
    After(Duration),
    /// So long after it was made, whatever is on it.
    Accepted(Duration),
    /// The same, but what comes all the same is counted: of a connection that is closed nobody knows it.
    Ended(Duration),
}

/// How.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SelectMode {
    /// As programs do.
    Properly,
    /// With a reset, as a firewall that has forgotten it.
    Reset,
}

/// A service that keeps connections open.
struct Vendor {
    address: String,
    seen: Arc<Seen>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    connections: AtomicUsize,
    /// Bodies that came whole, and requests on a connection that had one before.
    whole: AtomicUsize,
    reused: AtomicUsize,
    open: Mutex<Vec<TcpStream>>,
    /// Bytes that came on each connection that was ended at this side.
    came: Mutex<Vec<usize>>,
}

impl Vendor {
    fn start(closes: Closes, how: SelectMode) -> Vendor {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let seen = Arc::new(Seen::default());
        let own = Arc::clone(&seen);
        let accepting = std::thread::spawn(move || {
            let mut threads = vec![];
            for stream in listener.incoming().map_while(Result::ok) {
                if own.stop.load(Ordering::SeqCst) {
                    break;
                }
                own.connections.fetch_add(1, Ordering::SeqCst);
                own.open.lock().unwrap().push(stream.try_clone().unwrap());
                let seen = Arc::clone(&own);
                threads.push(std::thread::spawn(move || {
                    let _ = serve(&stream, &seen, closes);
                    // The list has another handle; the connection ends for good with both.
                    let address = stream.peer_addr().ok();
                    seen.open.lock().unwrap().retain(|other| other.peer_addr().ok() != address);
                    match how {
                        SelectMode::Properly => drop(stream),
                        SelectMode::Reset => reset(stream),
                    }
                }));
            }
            for thread in threads {
                thread.join().unwrap();
            }
        });
        Vendor { address, seen, accepting: Some(accepting) }
    }

    fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        self.seen.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        for stream in self.seen.open.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
        if let Some(thread) = self.accepting.take() {
            let _ = thread.join();
        }
    }
}

fn reset(stream: TcpStream) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let _inside = runtime.enter();
    stream.set_nonblocking(true).unwrap();
    let stream = tokio::net::TcpStream::from_std(stream).unwrap();
    stream.set_zero_linger().unwrap();
}

fn serve(stream: &TcpStream, seen: &Seen, closes: Closes) -> io::Result<()> {
    if let Closes::Accepted(time) = closes {
        std::thread::sleep(time);
        return Ok(());
    }
    if let Closes::Ended(time) = closes {
        std::thread::sleep(time);
        stream.shutdown(std::net::Shutdown::Write)?;
        let mut all = vec![];
        let _ = (&mut &*stream).read_to_end(&mut all);
        seen.came.lock().unwrap().push(all.len());
        return Ok(());
    }
    let Closes::After(time) = closes else { return Ok(()) };
    let mut reader = BufReader::new(stream);
    for requests in 0.. {
        if requests > 0 {
            stream.set_read_timeout(Some(time.max(Duration::from_micros(1))))?; // closed in silence
        }
        let (mut line, mut left) = (String::new(), 0);
        while line != "\r\n" {
            line.clear();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                left = length.trim().parse().unwrap();
            }
        }
        stream.set_read_timeout(None)?;
        seen.reused.fetch_add(usize::from(requests > 0), Ordering::SeqCst);
        reader.read_exact(&mut vec![0; left])?;
        seen.whole.fetch_add(1, Ordering::SeqCst);
        let answer = success_asked(by_id("flow-music"), 2);
        let (mut writer, body) = (stream, answer.bytes());
        write!(writer, "HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len())?;
        writer.write_all(&body)?;
        if time.is_zero() {
            return Ok(());
        }
    }
    Ok(())
}

const FILES: usize = 30;

fn send(rig: &mut Rig, files: usize) -> Vec<UploadId> {
    let provider = by_id("flow-music");
    let path = rig.small(provider);
    // One after the other, so that a connection could be used again.
    (0..files)
        .map(|_| {
            let id = rig.send(&path, &to(provider));
            rig.end(id);
            id
        })
        .collect()
}

#[test]
fn no_upload_goes_out_on_a_connection_that_may_be_closed_by_then() {
    for time in [Duration::ZERO, Duration::from_millis(2), Duration::from_secs(5)] {
        for how in [SelectMode::Properly, SelectMode::Reset] {
            let vendor = Vendor::start(Closes::After(time), how);
            let mut rig = Rig::remembering(&vendor.origin(), |_| {});
            for id in send(&mut rig, FILES) {
                let state = rig.state(id);
                // Windows throws away what came and was not read yet when a reset comes: nobody can know the answer.
                if cfg!(windows) && how == SelectMode::Reset && matches!(state, State::Unknown(_)) {
                    rig.assert_remembered(id, &["no-answer"]);
                    continue;
                }
                receipt(state);
                rig.assert_remembered(id, &["done"]);
            }
            let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
            assert_eq!(count(&vendor.seen.whole), FILES, "{time:?} {how:?}");
            assert_eq!(count(&vendor.seen.reused), 0, "{time:?} {how:?}: each has a connection of its own");
            assert_eq!(count(&vendor.seen.connections), FILES, "{time:?} {how:?}");
        }
    }
}

#[test]
fn a_new_connection_that_is_closed_within_the_file_took_nothing() {
    for time in [Duration::ZERO, Duration::from_millis(2)] {
        for how in [SelectMode::Properly, SelectMode::Reset] {
            let vendor = Vendor::start(Closes::Accepted(time), how);
            let mut rig = Rig::remembering(&vendor.origin(), |_| {});
            let provider = by_id("flow-music");
            // Far beyond what the system's buffers hold between two programs.
            let path = rig.sparse(crate::support::first_type(provider), 64 * MB);
            let id = rig.send(&path, &to(provider));
            let state = rig.end(id);
            let State::Refused(failure) = &state else { panic!("{time:?} {how:?}: {state:?}") };
            assert!(matches!(failure.kind, FailureKind::Cut | FailureKind::Unreachable), "{failure:?}");
            assert_eq!(
                vendor.seen.connections.load(Ordering::SeqCst),
                3,
                "nothing was accepted, so it is tried again"
            );
        }
    }
}

/// A program that closes a connection unread leaves what its system has taken by then, and nobody can know how much that is:
/// all of it may exist.
#[test]
fn of_a_connection_that_is_ended_unread_may_exist_what_came_whole_and_nothing_else() {
    for time in [0, 300, 2000].map(Duration::from_micros) {
        let vendor = Vendor::start(Closes::Ended(time), SelectMode::Properly);
        let mut rig = Rig::remembering(&vendor.origin(), |_| {});
        let ids = send(&mut rig, FILES);
        let tries: usize = ids.iter().map(|id| rig.tries(*id)).sum();
        let end = Instant::now() + TIMEOUT;
        while vendor.seen.came.lock().unwrap().len() < tries {
            assert!(Instant::now() < end, "{time:?}: not all connections end");
            std::thread::sleep(Duration::from_millis(1));
        }
        let size = std::fs::metadata(rig.small(by_id("flow-music"))).unwrap().len();
        let came = vendor.seen.came.lock().unwrap();
        let whole = came.iter().filter(|came| **came as u64 > size).count(); // with a head before it
        let unknown = ids.iter().filter(|id| matches!(rig.state(**id), State::Unknown(_))).count();
        assert_eq!(unknown, whole, "{time:?}: {came:?}");
        for id in ids {
            let state = rig.state(id);
            assert!(
                state.failure().is_some_and(|f| matches!(f.kind, FailureKind::Cut | FailureKind::NoAnswer))
            );
        }
    }
}
