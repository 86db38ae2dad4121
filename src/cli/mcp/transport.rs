//! The lines between a client and the server, bounded: how long one is, how much is unanswered, and how much is unread.
//!
//! What is no request is answered, too, so that no client waits for ever. A client that does not read its replies is not
//! read either.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::Arc;

use parking_lot::Mutex;
use rmcp::RoleServer;
use rmcp::model::{ClientNotification, JsonRpcMessage, RequestId};
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::Notify;

/// The longest line: far more than a thousand paths.
const MAX_LINE: usize = 16 * 1024 * 1024;
/// Of a longer line the ID is looked for in so much.
const HEAD: usize = 4096;
/// Messages that the client has not read.
const MAX_UNREAD: usize = 64;
/// Requests that are not answered yet.
const MAX_UNANSWERED: usize = 1000;
/// The bytes of these requests.
const MAX_UNANSWERED_BYTES: usize = 2 * MAX_LINE;

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const SERVER_BUSY: i32 = -32000;

/// The lines between a client and the server.
pub(super) struct ClientLines<R, W> {
    read: BufReader<R>,
    line: Vec<u8>,
    /// The rest of a line that is too long is read over.
    is_skipping: bool,
    out: Arc<ClientOutput<W>>,
}

struct ClientOutput<W> {
    write: tokio::sync::Mutex<Option<W>>,
    load: Mutex<ClientLoad>,
    changed: Notify,
}

/// What the server has of a client.
#[derive(Default)]
struct ClientLoad {
    /// Requests without a reply, with their lengths.
    unanswered: HashMap<RequestId, usize>,
    bytes: usize,
    /// Messages on their way to the client.
    unread: usize,
    /// What the client was asked, and has not answered.
    asked: usize,
}

impl ClientLoad {
    fn is_full(&self) -> bool {
        self.unanswered.len() >= MAX_UNANSWERED || self.bytes >= MAX_UNANSWERED_BYTES
    }

    /// Returns whether another line is read: an answer of the client may be what calls wait for.
    fn may_read(&self) -> bool {
        self.unread < MAX_UNREAD && (!self.is_full() || self.asked > 0)
    }

    fn add(&mut self, id: &RequestId, length: usize) {
        self.bytes += length;
        self.bytes -= self.unanswered.insert(id.clone(), length).unwrap_or(0);
    }

    fn remove(&mut self, id: &RequestId) {
        self.bytes -= self.unanswered.remove(id).unwrap_or(0);
    }
}

/// What was read.
enum ClientLine {
    Whole,
    TooLong,
    End,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin + Send + 'static> ClientLines<R, W> {
    pub(super) fn new(read: R, write: W) -> ClientLines<R, W> {
        let out = ClientOutput {
            write: tokio::sync::Mutex::new(Some(write)),
            load: Mutex::default(),
            changed: Notify::new(),
        };
        ClientLines { read: BufReader::new(read), line: vec![], is_skipping: false, out: Arc::new(out) }
    }

    /// Reads a line into `line`. It may be dropped at any time, and goes on where it was.
    async fn read_line(&mut self) -> io::Result<ClientLine> {
        loop {
            let available = self.read.fill_buf().await?;
            if available.is_empty() {
                return Ok(ClientLine::End);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let count = end.map_or(available.len(), |end| end + 1);
            if !self.is_skipping {
                self.line.extend_from_slice(&available[..count]);
            }
            self.read.consume(count);
            if self.is_skipping {
                if end.is_some() {
                    self.is_skipping = false;
                    return Ok(ClientLine::TooLong);
                }
            } else if self.line.len() > MAX_LINE {
                self.line.truncate(HEAD);
                self.line.shrink_to_fit();
                self.is_skipping = end.is_none();
                if end.is_some() {
                    return Ok(ClientLine::TooLong);
                }
            } else if end.is_some() {
                return Ok(ClientLine::Whole);
            }
        }
    }

    /// Takes a line apart. What is none of the protocol is answered here.
    fn message(&mut self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleServer>> {
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            return None;
        }
        match serde_json::from_slice::<RxJsonRpcMessage<RoleServer>>(line) {
            Ok(message) => self.admit(message, line.len()),
            Err(e) if e.is_data() => {
                let value: Value = serde_json::from_slice(line).unwrap_or_default();
                // A notification has no reply, not even where it is unknown.
                if value.get("id").is_some() || !value.get("method").is_some_and(Value::is_string) {
                    self.refuse(&known_id(value.get("id")), INVALID_REQUEST, "This is not a valid request");
                }
                None
            }
            Err(_) => {
                self.refuse(&Value::Null, PARSE_ERROR, "This is not valid JSON");
                None
            }
        }
    }

    /// Counts a message. A request beyond what is answered at once is refused.
    fn admit(
        &self,
        message: RxJsonRpcMessage<RoleServer>,
        length: usize,
    ) -> Option<RxJsonRpcMessage<RoleServer>> {
        let mut load = self.out.load.lock();
        match &message {
            JsonRpcMessage::Request(request) if load.is_full() => {
                drop(load);
                let id = serde_json::to_value(&request.id).unwrap_or_default();
                self.refuse(&id, SERVER_BUSY, "Too many calls wait for their replies: call again later");
                return None;
            }
            JsonRpcMessage::Request(request) => load.add(&request.id, length),
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {
                load.asked = load.asked.saturating_sub(1);
            }
            JsonRpcMessage::Notification(sent) => {
                // It gets no reply any more.
                if let ClientNotification::CancelledNotification(cancelled) = &sent.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    load.remove(id);
                }
            }
        }
        drop(load);
        Some(message)
    }

    /// Answers what cannot be done, without waiting for the client to read that.
    fn refuse(&self, id: &Value, code: i32, message: &str) {
        let reply = json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } });
        let sent = self.out.send(reply.to_string().into_bytes());
        tokio::spawn(async move {
            if let Err(e) = sent.await {
                tracing::debug!("a client does not get an error: {}", e.kind());
            }
        });
    }
}

impl<W: AsyncWrite + Unpin + Send + 'static> ClientOutput<W> {
    /// Writes a line. It counts as unread from now on until it is written.
    fn send(self: &Arc<Self>, mut line: Vec<u8>) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let unread = Unread::new(self);
        line.push(b'\n');
        async move {
            let mut write = unread.0.write.lock().await;
            let write = write.as_mut().ok_or(io::ErrorKind::NotConnected)?;
            write.write_all(&line).await?;
            write.flush().await
        }
    }
}

/// A message on its way to the client.
struct Unread<W>(Arc<ClientOutput<W>>);

impl<W> Unread<W> {
    fn new(out: &Arc<ClientOutput<W>>) -> Unread<W> {
        out.load.lock().unread += 1;
        Unread(Arc::clone(out))
    }
}

impl<W> Drop for Unread<W> {
    fn drop(&mut self) {
        self.0.load.lock().unread -= 1;
        self.0.changed.notify_waiters();
    }
}

impl<R, W> Transport<RoleServer> for ClientLines<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        let answered = match &message {
            JsonRpcMessage::Request(_) => {
                self.out.load.lock().asked += 1;
                None
            }
            JsonRpcMessage::Response(reply) => Some(reply.id.clone()),
            JsonRpcMessage::Error(error) => error.id.clone(),
            JsonRpcMessage::Notification(_) => None,
        };
        let line = serde_json::to_vec(&message).map_err(io::Error::from);
        let sent = line.map(|line| self.out.send(line));
        let out = Arc::clone(&self.out);
        async move {
            let sent = match sent {
                Ok(sent) => sent.await,
                Err(e) => Err(e),
            };
            if let Some(id) = answered {
                out.load.lock().remove(&id);
                out.changed.notify_waiters();
            }
            sent
        }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let out = Arc::clone(&self.out);
            let mut changed = std::pin::pin!(out.changed.notified());
            changed.as_mut().enable();
            if !out.load.lock().may_read() {
                changed.await;
                continue;
            }
            match self.read_line().await {
                Ok(ClientLine::Whole) => {
                    let line = std::mem::take(&mut self.line);
                    if let Some(message) = self.message(&line) {
                        return Some(message);
                    }
                }
                Ok(ClientLine::TooLong) => {
                    let head = std::mem::take(&mut self.line);
                    let why = format!("A message has at most {} MB", MAX_LINE / (1024 * 1024));
                    self.refuse(&id_in_head(&head), INVALID_REQUEST, &why);
                }
                Ok(ClientLine::End) => return None,
                Err(e) => {
                    tracing::warn!("a client cannot be read: {}", e.kind());
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        *self.out.write.lock().await = None;
        Ok(())
    }
}

/// Returns an ID as replies have it.
fn known_id(id: Option<&Value>) -> Value {
    id.filter(|id| id.is_string() || id.is_i64()).cloned().unwrap_or_default()
}

/// Finds the ID of a message of which only the first part is there.
fn id_in_head(head: &[u8]) -> Value {
    let found = RefCell::new(Value::Null);
    // It ends with an error, since the rest is missing.
    let _ = IdFinder(&found).deserialize(&mut serde_json::Deserializer::from_slice(head));
    known_id(Some(&found.into_inner()))
}

/// Keeps the ID of an object as soon as it is read.
struct IdFinder<'a>(&'a RefCell<Value>);

impl<'de> DeserializeSeed<'de> for IdFinder<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for IdFinder<'_> {
    type Value = ();

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "id" {
                *self.0.borrow_mut() = map.next_value()?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
