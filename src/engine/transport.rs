//! Sends one request. Nothing else in Hoist sends, and nothing else sees a key.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use tokio::sync::{Semaphore, watch};
use url::Url;

use super::body::{self, BodyError, FileSource, Handover, WriteAhead};
use super::client::{Clients, Way, error_chain};
use super::connect_error::{classify_connect_error, ran_out};
use super::endpoints::{Endpoints, is_loopback};
use super::reply::{self, Arriving};
use super::timeout::{anew_after_gap, run_out};
use crate::model::error::Failure;
use crate::model::failures;
use crate::model::secret::Key;
use crate::provider::hosts::is_own_header;
use crate::provider::http::{Body, Method, Reply, Request, Target};
use crate::provider::spec::Auth;

/// How long things may take, and how much may come back. There is no limit on a whole upload: a slow but steady one is
/// healthy.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimits {
    /// For name lookup, connection and TLS.
    pub connect: Duration,
    /// Without a byte taken.
    pub stall: Duration,
    /// For an answer, once all bytes are sent.
    pub answer: Duration,
    /// For a late answer, after the user cancelled an upload that was sent whole.
    pub late: Duration,
    /// Bytes of a reply to an upload.
    pub max_reply: usize,
    /// Bytes of a reply to another question: all of it is read.
    pub max_list: usize,
}

impl Default for TimeLimits {
    fn default() -> TimeLimits {
        TimeLimits {
            connect: Duration::from_secs(20),
            stall: Duration::from_mins(1),
            answer: Duration::from_mins(5),
            late: Duration::from_mins(1),
            max_reply: 8 * 1024 * 1024,
            max_list: 1024 * 1024,
        }
    }
}

/// What sending needs besides the request.
pub struct Transport {
    /// The HTTP clients.
    pub clients: Clients,
    /// The addresses that are used.
    pub endpoints: Endpoints,
    /// The limits that apply.
    pub limits: TimeLimits,
    /// Replies that take long to read wait for each other.
    pub long_replies: Semaphore,
}

/// What is read of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// What a provider wants to know of an upload, and a part of the rest.
    Result,
    /// All of it.
    List,
}

/// What a request carries besides its own data.
pub struct Payload<'a> {
    /// What the vendor is to know the sender by.
    pub key: &'a Key,
    /// What is read of the reply.
    pub reads: Reads,
    /// The file, for requests that send one.
    pub source: Option<FileSource>,
    /// Where it is written down that an upload is about to leave, for requests of one.
    pub mark: Option<WriteAhead>,
    /// Decides whether all bytes were sent.
    pub handover: Handover,
    /// File bytes sent.
    pub progress: watch::Sender<u64>,
}

impl Transport {
    /// Sends a request and reads its reply, key material removed.
    pub async fn send<'a>(&'a self, request: &'a Request, load: Payload<'a>) -> Result<Reply, Failure> {
        let mut url = self.address(request).map_err(|failure| *failure)?;
        let client = self.client(request, &url).map_err(|failure| *failure)?;
        let way = self.clients.way_to(&url);
        // In the clear the key leaves this computer for no other.
        let auth = if url.scheme() == "http" && !is_loopback(&url) { Auth::None } else { request.auth };
        let headers = headers(request, auth, load.key).map_err(|e| failures::set_up(&e.to_string()))?;
        let field = key_beside_headers(request, auth, load.key, &mut url);
        let size = load.source.as_ref().map_or(0, |source| source.size);
        let body = Body { before: field + &request.body.before, ..request.body.clone() };
        if body.file.is_none()
            && let Some(mark) = &load.mark
            && !mark.about_to_create(&load.handover).await
        {
            return Err(failures::cut());
        }
        let (failed, why) = watch::channel(None);
        let mut progress = load.progress.subscribe();
        let short = load.reads == Reads::Result;
        let max_bytes = if short { self.limits.max_reply } else { self.limits.max_list };
        let arriving = Arriving::default();
        // Of the file nothing is read out before there is a connection, so that making one can begin anew.
        let exchange = || {
            let builder = match request.method {
                Method::Get => client.get(url.clone()),
                Method::Post => client.post(url.clone()),
                Method::Put => client.put(url.clone()),
            };
            let mut builder = builder.headers(headers.clone());
            if let (Some(source), Some(mark), Some(_)) = (&load.source, &load.mark, body.file) {
                builder = builder.header(CONTENT_LENGTH, body.length(size));
                let (source, mark, handover) = (source.clone(), mark.clone(), load.handover.clone());
                let (progress, failed) = (load.progress.clone(), failed.clone());
                let stream = body::stream(&body, source, mark, handover, progress, failed);
                builder = builder.body(reqwest::Body::wrap_stream(stream));
            } else if request.method != Method::Get {
                builder = builder.header(CONTENT_LENGTH, body.length(0)).body(body.before.clone());
            }
            reply::receive(builder, max_bytes, &arriving)
        };
        let mut exchange = std::pin::pin!(anew_after_gap(self.limits.connect, ran_out, exchange));
        let mut timeout = std::pin::pin!(run_out(self.limits.stall));
        let mut all_sent = request.body.file.is_none();
        loop {
            tokio::select! {
                biased; // what has arrived is read before the provider is given up
                result = &mut exchange => {
                    load.handover.give_up(); // after an early refusal nobody wants the rest
                    let failure = match result {
                        Ok(()) => None,
                        Err(e) => {
                            let body = why.borrow().clone();
                            Some(failure(&e, &way, body, &load.handover).await)
                        }
                    };
                    let complete = load.handover.is_complete();
                    return self.opened(&arriving, load.key, load.reads, failure, complete).await;
                }
                Ok(()) = progress.changed(), if !all_sent => {
                    all_sent = load.handover.is_complete();
                    timeout.set(run_out(if all_sent { self.limits.answer } else { self.limits.stall }));
                }
                () = &mut timeout => {
                    if all_sent {
                        let failure = failures::no_answer_in_time(self.limits.answer.as_secs());
                        return self.opened(&arriving, load.key, load.reads, Some(failure), true).await;
                    }
                    // Whoever decides first is right: the watchdog, or the last byte.
                    if load.handover.give_up() {
                        return Err(failures::stalled(self.limits.stall.as_secs()));
                    }
                    all_sent = true;
                    timeout.set(run_out(self.limits.answer));
                }
            }
        }
    }

    /// Returns the whole address of a request.
    fn address(&self, request: &Request) -> Result<Url, Box<Failure>> {
        match &request.target {
            Target::Vendor { base, path } => {
                self.endpoints.url(base, path).map_err(|e| Box::new(failures::set_up(&e.to_string())))
            }
            Target::Captured { address, endpoints, is_local } => {
                let checked = self.endpoints.captured(address, endpoints, *is_local);
                checked.map_err(|why| Box::new(failures::unsafe_address(&why.to_string())))
            }
        }
    }

    /// Returns the client for an address. One that a reply named does not lead inside by its name either; one of a network
    /// around may be http where the provider's file says so.
    fn client(&self, request: &Request, url: &Url) -> Result<reqwest::Client, Box<Failure>> {
        let is_plain = url.scheme() == "http" && !is_loopback(url);
        match &request.target {
            Target::Captured { is_local: false, .. } if !is_loopback(url) => {
                self.clients.guard().keep_outside(url.host_str().unwrap_or_default());
                self.clients.for_fetching(url)
            }
            Target::Captured { is_local: true, .. } if is_plain => self.clients.for_fetching(url),
            Target::Vendor { base, .. } if is_plain && base.url.starts_with("http://") => {
                self.clients.for_fetching(url)
            }
            Target::Captured { .. } | Target::Vendor { .. } => self.clients.for_url(url),
        }
    }

    /// Returns what has come of a reply. Of an upload that was sent whole, also where its end did not come, and why.
    async fn opened(
        &self,
        arriving: &Arriving,
        key: &Key,
        reads: Reads,
        failure: Option<Failure>,
        sent_whole: bool,
    ) -> Result<Reply, Failure> {
        let in_part = sent_whole && reads == Reads::Result;
        match (arriving.take(), failure) {
            (Some(raw), None) => Ok(raw.open(key, reads == Reads::Result, &self.long_replies).await),
            (Some(raw), Some(failure)) if in_part && raw.is_success() => {
                let reply = raw.open(key, true, &self.long_replies).await;
                Ok(Reply { broken_off: Some(Box::new(failure)), ..reply })
            }
            (_, failure) => Err(failure.unwrap_or_else(failures::cut)),
        }
    }
}

/// What no request can carry.
#[derive(Debug, thiserror::Error)]
#[error("{0} cannot be sent")]
struct Unsendable(&'static str);

#[expect(clippy::disallowed_methods, reason = "the header of a request is where a key goes")]
fn headers(request: &Request, auth: Auth, key: &Key) -> Result<HeaderMap, Unsendable> {
    let mut map = HeaderMap::new();
    for (name, value) in &request.headers {
        // What a reply named as headers decides neither where a request goes nor how long it is.
        if is_own_header(name) {
            continue;
        }
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Unsendable("a header"))?;
        let value = HeaderValue::from_str(value).map_err(|_| Unsendable("the value of a header"))?;
        map.insert(name, value);
    }
    let (name, text) = match auth {
        Auth::None | Auth::Query(_) | Auth::Field(_) => return Ok(map),
        Auth::Bearer => (AUTHORIZATION, format!("Bearer {}", key.expose())),
        Auth::Basic => (AUTHORIZATION, format!("Basic {}", STANDARD.encode(key.expose()))),
        Auth::Header { name, prefix } => {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| Unsendable("the key's header"))?;
            (name, format!("{prefix}{}", key.expose()))
        }
    };
    let mut value = HeaderValue::from_str(&text).map_err(|_| Unsendable("the key"))?;
    value.set_sensitive(true);
    map.insert(name, value);
    Ok(map)
}

/// Puts the key into the query, or returns the part of a form that it is, where a vendor wants it there.
#[expect(clippy::disallowed_methods, reason = "a vendor may want its key in the query or in a form")]
fn key_beside_headers(request: &Request, auth: Auth, key: &Key, url: &mut Url) -> String {
    match (auth, &request.body.boundary) {
        (Auth::Query(name), _) => {
            url.query_pairs_mut().append_pair(name, key.expose());
            String::new()
        }
        (Auth::Field(name), Some(boundary)) => format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n",
            key.expose()
        ),
        _ => String::new(),
    }
}

/// Returns what an error of the connection means: everything depends on whether the last byte had left.
async fn failure(error: &reqwest::Error, way: &Way, body: Option<BodyError>, handover: &Handover) -> Failure {
    match body {
        Some(BodyError::Changed) => return failures::file_changed(),
        Some(BodyError::Read(why)) => return failures::unreadable_file(&why),
        Some(BodyError::GivenUp) | None => {}
    }
    match error {
        error if error.is_builder() => failures::set_up(&error_chain(error)),
        error if error.is_connect() => classify_connect_error(error, way).await,
        _ if handover.is_complete() => failures::no_answer(),
        _ => failures::cut(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider;
    use crate::provider::http::{Body, Method, Target};

    #[test]
    fn a_key_goes_where_its_vendor_wants_it_and_nowhere_else() {
        let base = &provider::by_id("piapi").unwrap().facts().vendor.endpoints[0];
        let key = Key::new("MadeUpKey-1&2".to_owned()).unwrap();
        let put = |auth: Auth, boundary: Option<&str>| {
            let request = Request {
                method: Method::Post,
                target: Target::Vendor { base, path: "/upload".to_owned() },
                headers: vec![],
                auth,
                body: Body { boundary: boundary.map(ToOwned::to_owned), ..Body::default() },
            };
            let mut url = Url::parse("https://example.com/upload?a=1").unwrap();
            let part = key_beside_headers(&request, auth, &key, &mut url);
            (part, url.query().unwrap().to_owned())
        };
        let (part, query) = put(Auth::Field("token"), Some("b-1"));
        let field = "--b-1\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nMadeUpKey-1&2\r\n";
        assert_eq!((part.as_str(), query.as_str()), (field, "a=1"));
        assert_eq!(
            put(Auth::Query("key"), Some("b-1")),
            (String::new(), "a=1&key=MadeUpKey-1%262".to_owned())
        );
        for auth in [Auth::Bearer, Auth::None, Auth::Field("token")] {
            assert_eq!(put(auth, None), (String::new(), "a=1".to_owned()), "{auth:?}");
        }
    }
}
