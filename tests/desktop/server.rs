//! A sandbox on its own, and a gate before it that can be shut while uploads are on their way.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::{Arc, Condvar, Mutex};

use super::HOIST;
use super::desktop::{Desktop, end};

/// A sandbox, and what it says it was asked.
pub(crate) struct Server {
    child: Child,
    pub(crate) exports: HashMap<String, String>,
    log: Arc<Mutex<String>>,
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Server {
    pub(crate) fn start(desktop: &Desktop) -> Server {
        let mut command = desktop.command(HOIST);
        command.args(["sandbox", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut exports = HashMap::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let line = line.unwrap();
            if let Some((key, value)) = line.strip_prefix("export ").and_then(|l| l.split_once('=')) {
                exports.insert(key.to_owned(), value.to_owned());
            }
            if line.contains("gateway") {
                break; // near the end of what it prints at the start
            }
        }
        let log = Arc::new(Mutex::new(String::new()));
        let (lines, out) = (child.stderr.take().unwrap(), Arc::clone(&log));
        std::thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                out.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        Server { child, exports, log }
    }

    pub(crate) fn uploads(&self) -> usize {
        self.sizes().len()
    }

    /// The bytes of each upload that was taken, in order.
    pub(crate) fn sizes(&self) -> Vec<u64> {
        let log = self.log.lock().unwrap();
        let taken = log.lines().filter(|l| l.starts_with("POST")).filter_map(|line| {
            let before = line.split(" bytes received").next().filter(|before| *before != line)?;
            before.split(' ').next_back()?.parse().ok()
        });
        taken.collect()
    }
}

/// Whether the gate is shut, and how many wait before it.
#[derive(Default)]
struct Bar {
    shut: bool,
    waiting: usize,
}

/// Hands on what is sent to the sandbox, unless it is shut.
pub(crate) struct Gate {
    pub(crate) origin: String,
    bar: Arc<(Mutex<Bar>, Condvar)>,
}

impl Gate {
    /// A gate before this address: `http://127.0.0.1:PORT`.
    pub(crate) fn start(origin: &str) -> Gate {
        let behind = origin.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let bar = Arc::<(Mutex<Bar>, Condvar)>::default();
        let its = Arc::clone(&bar);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&behind) else { continue };
                let (back, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let its = Arc::clone(&its);
                std::thread::spawn(move || copy(client, server, Some(&its)));
                std::thread::spawn(move || copy(back, to, None));
            }
        });
        Gate { origin, bar }
    }

    pub(crate) fn shut(&self) {
        self.bar.0.lock().unwrap().shut = true;
    }

    pub(crate) fn open(&self) {
        self.bar.0.lock().unwrap().shut = false;
        self.bar.1.notify_all();
    }

    /// How many uploads are on their way and held up.
    pub(crate) fn waiting(&self) -> usize {
        self.bar.0.lock().unwrap().waiting
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream, bar: Option<&(Mutex<Bar>, Condvar)>) {
    let mut buffer = [0; 8192];
    while let Ok(n @ 1..) = from.read(&mut buffer) {
        if let Some((bar, opened)) = bar {
            let mut bar = bar.lock().unwrap();
            bar.waiting += 1;
            let mut bar = opened.wait_while(bar, |bar| bar.shut).unwrap();
            bar.waiting -= 1;
        }
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
