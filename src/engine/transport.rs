//! Sends one request. Nothing else in Hoist sends, and nothing else sees a key.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::body::{self, BodyError, Handover, Mark, Source};
use super::client::{Clients, said};
use super::endpoints::Endpoints;
use crate::model::error::{Failure, FailureKind};
use crate::model::secret::Key;
use crate::provider::facts::Auth;
use crate::provider::http::{Body, Method, Reply, Request};

/// How long things may take, and how much may come back. There is no limit on a whole upload: a slow but steady one is
/// healthy.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For name lookup, connection and TLS.
    pub connect: Duration,
    /// Without a byte taken.
    pub stall: Duration,
    /// For an answer, once all bytes are handed over.
    pub answer: Duration,
    /// For a late answer, after the user cancelled an upload that was sent whole.
    pub late: Duration,
    /// Bytes of a reply.
    pub max_reply: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connect: Duration::from_secs(20),
            stall: Duration::from_mins(1),
            answer: Duration::from_mins(5),
            late: Duration::from_mins(1),
            max_reply: 8 * 1024 * 1024,
        }
    }
}

/// What sending needs besides the request.
pub struct Transport {
    /// The HTTP clients.
    pub clients: Clients,
    /// The addresses in force.
    pub endpoints: Endpoints,
    /// The limits in force.
    pub limits: Limits,
}

/// What a request carries besides its own data.
pub struct Load<'a> {
    /// The key.
    pub key: &'a Key,
    /// The file, for requests that send one, and where its handing over is written down.
    pub source: Option<(Source, Mark)>,
    /// Decides whether all bytes were handed over.
    pub handover: Handover,
    /// File bytes handed over.
    pub progress: watch::Sender<u64>,
}

impl Transport {
    /// Sends a request and reads its reply, key material removed.
    pub async fn send<'a>(&'a self, request: &'a Request, load: Load<'a>) -> Result<Reply, Failure> {
        let url = self.endpoints.url(request.base, &request.path).map_err(|e| set_up(&e.to_string()))?;
        let client = self.clients.for_url(&url).map_err(|why| set_up(&why))?;
        let mut builder = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
        };
        builder = builder.headers(headers(request, load.key).map_err(|e| set_up(&e))?);
        let (failed, why) = watch::channel(None);
        let mut progress = load.progress.subscribe();
        match load.source {
            Some((source, mark)) if request.body != Body::Empty => {
                builder = builder.header(CONTENT_LENGTH, request.body.length(source.size));
                let handover = load.handover.clone();
                let stream = body::stream(&request.body, source, mark, handover, load.progress, failed);
                builder = builder.body(reqwest::Body::wrap_stream(stream));
            }
            _ => {}
        }
        let mut exchange = std::pin::pin!(exchange(builder, self.limits.max_reply));
        let mut deadline = Instant::now() + self.limits.stall;
        let mut all_sent = request.body == Body::Empty;
        loop {
            tokio::select! {
                result = &mut exchange => {
                    load.handover.give_up(); // after an early refusal nobody wants the rest
                    let mut reply = result.map_err(|e| failure(&e, why.borrow().clone(), &load.handover))?;
                    reply.body = load.key.scrub_body(reply.body);
                    return Ok(reply);
                }
                Ok(()) = progress.changed(), if !all_sent => {
                    all_sent = load.handover.is_complete();
                    deadline = Instant::now() + if all_sent { self.limits.answer } else { self.limits.stall };
                }
                () = sleep_until(deadline) => {
                    if all_sent {
                        return Err(no_answer_in_time(self.limits.answer));
                    }
                    // Whoever decides first is right: the watchdog, or the last byte.
                    if load.handover.give_up() {
                        return Err(stalled(self.limits.stall));
                    }
                    all_sent = true;
                    deadline = Instant::now() + self.limits.answer;
                }
            }
        }
    }
}

async fn exchange(builder: reqwest::RequestBuilder, max_reply: usize) -> Result<Reply, reqwest::Error> {
    let mut response = builder.send().await?;
    let mut reply = Reply {
        status: response.status().as_u16(),
        retry_after: response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned),
        body: Vec::new(),
        truncated: false,
    };
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if reply.body.len() + chunk.len() > max_reply => {
                reply.truncated = true;
                return Ok(reply);
            }
            Ok(Some(chunk)) => reply.body.extend_from_slice(&chunk),
            Ok(None) => return Ok(reply),
            // The status of a refusal is known even where its words got lost; a success needs its body.
            Err(_) if !response.status().is_success() => return Ok(reply),
            Err(e) => return Err(e),
        }
    }
}

fn headers(request: &Request, key: &Key) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for (name, value) in &request.headers {
        let value = HeaderValue::from_str(value).map_err(|_| format!("{name} cannot be sent"))?;
        map.insert(HeaderName::from_static(name), value);
    }
    let (name, text) = match request.auth {
        Auth::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose())),
        Auth::XApiKey => (HeaderName::from_static("x-api-key"), key.expose().to_owned()),
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| "the key cannot be sent".to_owned())?;
    value.set_sensitive(true);
    map.insert(name, value);
    Ok(map)
}

fn set_up(why: &str) -> Failure {
    Failure::new(
        FailureKind::SetUp,
        format!("Nothing can be sent from this computer: {why}"),
        "Check the system's CA certificates (package ca-certificates), the proxy and the addresses in the environment",
    )
}

fn stalled(patience: Duration) -> Failure {
    Failure::new(
        FailureKind::Stalled,
        format!("The service took no byte for {} s, so the upload was stopped", patience.as_secs()),
        "Nothing was accepted: check the network and try again",
    )
}

fn no_answer_in_time(patience: Duration) -> Failure {
    Failure::new(
        FailureKind::AnswerTimeout,
        format!("Sent, but no answer came in {} s: it may exist", patience.as_secs()),
        "Look whether it arrived before sending it again",
    )
}

/// What an error of the connection means: everything depends on whether the last byte had been handed over.
fn failure(error: &reqwest::Error, body: Option<BodyError>, handover: &Handover) -> Failure {
    let words = said(error);
    match body {
        Some(BodyError::Changed) => {
            return Failure::new(
                FailureKind::FileChanged,
                "The file changed or went away while it was sent, so the upload was stopped",
                "Nothing was accepted: add the file again",
            );
        }
        Some(BodyError::Read(why)) => {
            return Failure::new(
                FailureKind::File,
                format!("The file cannot be read: {why}"),
                "Nothing was accepted: check the disk and the file's rights, then try again",
            );
        }
        Some(BodyError::GivenUp) | None => {}
    }
    if error.is_builder() {
        return set_up(&words);
    }
    if handover.is_complete() && !error.is_connect() {
        return Failure::new(
            FailureKind::NoAnswer,
            "Sent, but the connection broke before an answer came: it may exist",
            "Look whether it arrived before sending it again",
        );
    }
    if error.is_connect() {
        let lower = words.to_ascii_lowercase();
        if ["certificate", "unknownissuer"].iter().any(|w| lower.contains(w)) {
            return Failure::new(
                FailureKind::Tls,
                format!("The service's certificate is not to be trusted: {words}"),
                "Nothing was sent: check the computer's clock, and who is between it and the network",
            );
        }
        return Failure::new(
            FailureKind::Unreachable,
            format!("The service cannot be reached: {words}"),
            "Nothing was sent: check the network and the proxy, then try again",
        );
    }
    Failure::new(
        FailureKind::Cut,
        "The connection broke before the file was sent whole",
        "Nothing was accepted: try again",
    )
}
