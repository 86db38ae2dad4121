//! What the server does with a request.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(super) status: u16,
    /// The service did not take the file.
    pub(super) refuses: bool,
    headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A status and a body.
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Answer {
        let headers = vec![("content-type", "application/json".into())];
        // Any other server error may come from somebody who does not know what became of the file.
        let refuses = matches!(status, 300..=500 | 503 | 596);
        Answer { status, refuses, headers, body: body.into() }
    }

    /// Its status.
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Its body.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.body.clone()
    }

    /// The same as a refusal, whatever its status.
    pub(crate) fn refusing(self) -> Answer {
        Answer { refuses: true, ..self }
    }

    /// The same with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// The same with another body.
    pub(crate) fn body(mut self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Answer {
        self.body = change(self.body);
        self
    }

    /// The head, announcing `length` bytes.
    pub(super) fn head(&self, length: u64) -> Vec<u8> {
        let mut head =
            format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {length}\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    pub(super) fn whole(&self) -> Vec<u8> {
        self.announcing(self.body.len() as u64)
    }

    /// The same bytes under a `Content-Length` of their own.
    pub(super) fn announcing(&self, length: u64) -> Vec<u8> {
        [self.head(length), self.body.clone()].concat()
    }
}

/// Something the server waits for until a test allows it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gate {
    open: Arc<AtomicBool>,
    reached: Arc<AtomicBool>,
}

impl Gate {
    /// Lets everybody through from now on.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
    }

    /// Whether it was opened.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::SeqCst)
    }

    /// The server stands before it: what it reads before is read.
    pub(crate) fn reach(&self) {
        self.reached.store(true, Ordering::SeqCst);
    }

    /// Whether the server has come to it.
    pub(crate) fn is_reached(&self) -> bool {
        self.reached.load(Ordering::SeqCst)
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
    /// Reads it and announces half of what it answers.
    CurtailedAnswer(Answer),
    /// Reads it and answers with so many bytes.
    EndlessBody(u64),
    /// Reads it and answers with these bytes, whether they are HTTP or not.
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
