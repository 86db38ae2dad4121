//! Sends one request. Nothing else in Hoist sends, and nothing else sees a key.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::body::{self, BodyError, Handover, Mark, Source};
use super::client::{Clients, Way, said};
use super::connecting::unconnected;
use super::endpoints::Endpoints;
use crate::model::error::Failure;
use crate::model::secret::Key;
use crate::model::trouble;
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
        let url =
            self.endpoints.url(request.base, &request.path).map_err(|e| trouble::set_up(&e.to_string()))?;
        let client = self.clients.for_url(&url).map_err(|failure| *failure)?;
        let way = self.clients.way_to(&url);
        let mut builder = match request.method {
            Method::Get => client.get(url),
            Method::Post => client.post(url),
        };
        builder = builder.headers(headers(request, load.key).map_err(|e| trouble::set_up(&e))?);
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
                    let mut reply = match result {
                        Ok(reply) => reply,
                        Err(e) => {
                            let body = why.borrow().clone();
                            return Err(failure(&e, &way, body, &load.handover).await);
                        }
                    };
                    reply.body = load.key.scrub_body(reply.body);
                    return Ok(reply);
                }
                Ok(()) = progress.changed(), if !all_sent => {
                    all_sent = load.handover.is_complete();
                    deadline = Instant::now() + if all_sent { self.limits.answer } else { self.limits.stall };
                }
                () = sleep_until(deadline) => {
                    if all_sent {
                        return Err(trouble::no_answer_in_time(self.limits.answer.as_secs()));
                    }
                    // Whoever decides first is right: the watchdog, or the last byte.
                    if load.handover.give_up() {
                        return Err(trouble::stalled(self.limits.stall.as_secs()));
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
    let header = |name| response.headers().get(name).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
    let mut reply = Reply {
        status: response.status().as_u16(),
        retry_after: header(RETRY_AFTER),
        date: header(DATE),
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

/// What an error of the connection means: everything depends on whether the last byte had been handed over.
async fn failure(error: &reqwest::Error, way: &Way, body: Option<BodyError>, handover: &Handover) -> Failure {
    match body {
        Some(BodyError::Changed) => return trouble::file_changed(),
        Some(BodyError::Read(why)) => return trouble::unreadable_file(&why),
        Some(BodyError::GivenUp) | None => {}
    }
    match error {
        error if error.is_builder() => trouble::set_up(&said(error)),
        error if error.is_connect() => unconnected(error, way).await,
        _ if handover.is_complete() => trouble::no_answer(),
        _ => trouble::cut(),
    }
}
