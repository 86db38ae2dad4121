//! One connection: its request read, written down and reacted to.

use std::io::{self, Read, Write};

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::answer::{Answer, Reaction};
use super::tls::Stream;
use super::{Recorded, Shared, hex};
use crate::support::TIMEOUT;

/// The first byte of TLS, and of no HTTP.
const TLS_GREETING: u8 = 0x16;

/// A connection with one request.
struct Exchange<'a> {
    shared: &'a Shared,
    stream: Stream,
    /// Read, but not yet looked at.
    ahead: Vec<u8>,
    index: usize,
    /// Bytes of the body still to come.
    left: u64,
    read: u64,
    hash: Sha256,
    kept: Vec<u8>,
}

/// Serves a connection to its end.
pub(super) fn serve(shared: &Shared, mut stream: Stream, number: usize) {
    let Ok(Some((request, ahead))) = head(&mut stream) else { return shared.closed(number) };
    let left = request.header("content-length").map_or(0, |v| v.parse().unwrap());
    let index = {
        let mut log = shared.log.lock();
        log.order += 1;
        let began = log.order;
        log.requests.push(Recorded { began, ..request.clone() });
        log.requests.len() - 1
    };
    shared.changed.notify_all();
    let mut exchange =
        Exchange { shared, stream, ahead, index, left, read: 0, hash: Sha256::new(), kept: vec![] };
    let reaction = (shared.script)(&request, index);
    let _ = exchange.react(reaction); // a client that goes away is the client's affair
    exchange.ended();
    drop(exchange);
    shared.closed(number);
}

impl Exchange<'_> {
    fn react(&mut self, reaction: Reaction) -> io::Result<()> {
        match reaction {
            Reaction::AnswerEarly(answer) => {
                self.answers(&answer);
                self.stream.write_all(&answer.whole())?;
                self.take(u64::MAX)
            }
            Reaction::SlowReading(piece, pause, answer) => {
                while self.left > 0 {
                    self.take(piece)?;
                    std::thread::sleep(pause);
                }
                self.answer(&answer)
            }
            Reaction::PauseWithin(bytes, gate, answer) => {
                self.take(bytes)?;
                self.shared.wait_for(&gate);
                self.take(u64::MAX)?;
                self.answer(&answer)
            }
            Reaction::CloseBeforeReading => Ok(()),
            Reaction::ResetAfter(bytes) => {
                self.take(bytes)?;
                self.stream.socket().peek(&mut [0])?; // closing a socket with unread bytes resets the connection
                Ok(())
            }
            Reaction::StallBefore => {
                self.shared.stall();
                Ok(())
            }
            Reaction::StallWithin(bytes) => {
                self.take(bytes)?;
                self.shared.stall();
                Ok(())
            }
            all_of_it => {
                self.take(u64::MAX)?;
                self.react_to_whole(all_of_it)
            }
        }
    }

    /// What comes after the last byte.
    fn react_to_whole(&mut self, reaction: Reaction) -> io::Result<()> {
        match reaction {
            Reaction::Answer(answer) => self.answer(&answer),
            Reaction::AnswerAfter(gate, answer) => {
                self.shared.wait_for(&gate);
                self.answer(&answer)
            }
            Reaction::SlowAnswer(time, answer) => {
                std::thread::sleep(time);
                self.answer(&answer)
            }
            Reaction::Interim(all, answer) => {
                for status in all {
                    self.stream.write_all(format!("HTTP/1.1 {status} X\r\n\r\n").as_bytes())?;
                }
                self.answer(&answer)
            }
            Reaction::PartialAnswer(answer) => {
                self.answers(&answer);
                self.last_words(&answer.announcing(answer.body.len() as u64 + 10))
            }
            Reaction::UnendingAnswer(answer) => {
                self.answers(&answer);
                self.stream.write_all(&answer.announcing(answer.body.len() as u64 + 10))?;
                self.shared.stall();
                Ok(())
            }
            Reaction::CurtailedAnswer(answer) => {
                self.answers(&answer);
                self.last_words(&answer.announcing(answer.body.len() as u64 / 2))
            }
            Reaction::EndlessBody(size) => {
                let answer = Answer::new(200, "");
                self.answers(&answer);
                self.stream.write_all(&answer.head(size))?;
                let piece = vec![b' '; 64 * 1024];
                (0..size / piece.len() as u64).try_for_each(|_| self.stream.write_all(&piece))
            }
            Reaction::Noise(noise) => self.last_words(&noise),
            Reaction::StallAfter => {
                self.shared.stall();
                Ok(())
            }
            _ => Ok(()), // the connection is closed: `CutAfterBody`
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
            self.read += n as u64;
            if self.read <= self.shared.keep {
                self.kept.extend_from_slice(&piece[..n]);
            } else {
                self.kept = vec![];
            }
            self.left -= n as u64;
            wanted -= n as u64;
        }
        self.write_down();
        result
    }

    fn write_down(&self) {
        let mut log = self.shared.log.lock();
        let request = &mut log.requests[self.index];
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
        let mut log = self.shared.log.lock();
        log.order += 1;
        let order = log.order;
        log.requests[self.index].ended.get_or_insert(order);
        drop(log);
        self.shared.changed.notify_all();
    }

    /// Writes down how the request is answered, before it is.
    fn answers(&self, answer: &Answer) {
        let mut log = self.shared.log.lock();
        let request = &mut log.requests[self.index];
        (request.answered, request.refused) = (Some(answer.status), answer.refuses);
    }

    fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.answers(answer);
        self.last_words(&answer.whole())
    }

    fn last_words(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.ended();
        self.stream.write_all(bytes)?;
        self.stream.finish()?;
        // Closing with unread bytes would reset the connection and lose the answer.
        self.stream.socket().set_read_timeout(Some(TIMEOUT))?;
        while self.stream.read(&mut [0; 4096])? > 0 {}
        Ok(())
    }
}

/// The request's head and what was read beyond it; none where the connection ended before.
fn head(stream: &mut Stream) -> io::Result<Option<(Recorded, Vec<u8>)>> {
    let (mut all, mut piece) = (vec![], [0; 16 * 1024]);
    let end = loop {
        if let Some(end) = all.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        match stream.read(&mut piece)? {
            0 => return Ok(None),
            // Who greets with TLS where there is none gets what any web server says.
            n if all.is_empty() && piece[..n].first() == Some(&TLS_GREETING) => {
                stream.write_all(b"HTTP/1.1 400 X\r\nconnection: close\r\n\r\n")?;
                return Ok(None);
            }
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
