//! One download, from the first question to the file that is kept.

use std::sync::Arc;
use std::time::Duration;

use jiff::Zoned;
use reqwest::Response;
use reqwest::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, LOCATION};
use tokio::io::AsyncWriteExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::error::FetchError;
use super::link::Link;
use super::ssrf_guard::LeadsInside;
use super::{Fetch, Fetched, Landed};
use crate::engine::client::error_chain;
use crate::engine::connect_error::{self, classify_connect_error};
use crate::engine::context::EngineContext;
use crate::engine::timeout::{anew_after_gap, within};
use crate::media::inspect::{FIRST_BYTES, recognise};
use crate::model::drop_data::name;
use crate::model::failures;
use crate::model::media::{DetectedType, Kind, Media};
use crate::store::imports::dated;

/// How far it is is told so often.
const TELL_EVERY: Duration = Duration::from_millis(100);

/// Fetches a file, and tells of it.
pub(in crate::engine) async fn run(shared: Arc<EngineContext>, fetch: Fetch, stop: CancellationToken) {
    let outcome = tokio::select! {
        outcome = ask(&shared, &fetch) => outcome,
        // What has come so far goes with the file's handle.
        () = stop.cancelled() => return,
    };
    if let Err(problem) = &outcome {
        tracing::warn!(kind = problem.kind(), "nothing was fetched");
    }
    shared.out.fetched(Fetched::Ended { ticket: fetch.ticket, outcome }).await;
}

/// Asks the host, and whatever it leads to as long as it is the same.
async fn ask(shared: &EngineContext, fetch: &Fetch) -> Result<Landed, FetchError> {
    let mut link = fetch.link.clone();
    loop {
        let response = get(shared, &link).await?;
        let status = response.status();
        if let (301 | 302 | 303 | 307 | 308, Some(location)) = (status.as_u16(), header(&response, &LOCATION))
        {
            let next = link.follow(&location)?;
            if !next.is_at_home_of(&link) {
                return Ok(Landed::RedirectedTo(next));
            }
            link = next;
            continue;
        }
        return match status.as_u16() {
            200 => receive(shared, fetch, &link, response).await,
            404 | 410 => Err(FetchError::NotFound(link.host())),
            // The proxy answers for http links itself, and a network that wants a sign-in answers for every host.
            407 if shared.transport.clients.way_to(&link.url).proxy.is_some() => {
                Err(FetchError::Unconnected(failures::proxy_sign_in().message))
            }
            511 => Err(FetchError::Unconnected(failures::captive_portal().message)),
            status @ (401 | 402 | 403 | 407 | 451) => Err(FetchError::Denied(link.host(), status)),
            status @ (408 | 429 | 500..) => Err(FetchError::Busy(link.host(), status)),
            status => Err(FetchError::Status(link.host(), status)),
        };
    }
}

/// Asks once.
async fn get(shared: &EngineContext, link: &Link) -> Result<Response, FetchError> {
    let transport = &shared.transport;
    let leads_inside = || match &link.passed_on_by {
        Some(by) => FetchError::Inward(by.clone()),
        None => FetchError::Inside(link.host()),
    };
    if link.is_named_inside() {
        return Err(leads_inside());
    }
    if let Some(name) = link.host_name() {
        transport.clients.guard().keep_outside(name);
    }
    let client = transport.clients.for_fetching(&link.url).map_err(|f| FetchError::SetUp(f.message))?;
    let timeout = transport.limits.stall;
    let get = || client.get(link.url.clone()).send();
    match within(timeout, anew_after_gap(transport.limits.connect, connect_error::ran_out, get)).await {
        Some(Ok(response)) => Ok(response),
        Some(Err(e)) if connect_error::causes(&e).any(|cause| cause.is::<LeadsInside>()) => {
            Err(leads_inside())
        }
        Some(Err(e)) if e.is_builder() => Err(FetchError::SetUp(failures::set_up(&error_chain(&e)).message)),
        Some(Err(e)) if e.is_connect() => {
            let way = transport.clients.way_to(&link.url);
            Err(FetchError::Unconnected(classify_connect_error(&e, &way).await.message))
        }
        Some(Err(_)) => Err(FetchError::Cut(link.host())),
        None => Err(FetchError::Stalled(link.host(), timeout.as_secs())),
    }
}

/// Takes what comes, piece by piece: never more than is wanted, and nothing after the first bytes show that it is no media.
async fn receive(
    shared: &EngineContext,
    fetch: &Fetch,
    link: &Link,
    mut response: Response,
) -> Result<Landed, FetchError> {
    let total = response.content_length();
    if let Some(size) = total.filter(|size| *size > fetch.max_bytes) {
        return Err(FetchError::TooLarge(size, fetch.max_bytes));
    }
    let given = header(&response, &CONTENT_DISPOSITION).and_then(|header| name::of_disposition(&header));
    let given = given.or_else(|| link.name()).unwrap_or_default();
    let is_page = header(&response, &CONTENT_TYPE)
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/html"));
    let look = |first: &[u8]| media(first, &given, is_page);
    let into = fetch.into.clone();
    let part = on_disk(move || into.begin()).await?;
    let mut file = tokio::fs::File::from_std(part.reopen().map_err(|e| disk(&e))?);
    let (mut received, mut first, mut known) = (0, vec![], None);
    let mut told: Option<Instant> = None;
    let timeout = shared.transport.limits.stall;
    while let Some(piece) = match within(timeout, response.chunk()).await {
        Some(piece) => piece.map_err(|_| FetchError::Cut(link.host()))?,
        None => return Err(FetchError::Stalled(link.host(), timeout.as_secs())),
    } {
        received += piece.len() as u64;
        if received > fetch.max_bytes {
            return Err(FetchError::Endless(fetch.max_bytes));
        }
        if known.is_none() {
            first.extend(piece.iter().take(FIRST_BYTES - first.len()));
            if first.len() == FIRST_BYTES {
                known = Some(look(&first)?);
            }
        }
        file.write_all(&piece).await.map_err(|e| disk(&e))?;
        if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            told = Some(Instant::now());
            shared.out.fetching(Fetched::Progress { ticket: fetch.ticket, received, total });
        }
    }
    let media = known.map_or_else(|| look(&first), Ok)?;
    file.flush().await.map_err(|e| disk(&e))?;
    drop(file);
    let usual = || format!("{}.{}", dated("Fetched", &Zoned::now()), media.extensions()[0]);
    let name = name::of_media(&given, media).unwrap_or_else(usual);
    let into = fetch.into.clone();
    Ok(Landed::File(on_disk(move || into.keep(part, &name)).await?))
}

/// Returns what it is, if it is what was promised.
fn media(first: &[u8], name: &str, is_page: bool) -> Result<Media, FetchError> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    // Captions are told by their names alone, and a name may be put on a page.
    let is_captions = Media::from_extension(extension).is_some_and(|media| media.kind() == Kind::Captions);
    match recognise(first, if is_captions { "" } else { extension }) {
        DetectedType::Known(media) => Ok(media),
        _ if first.is_empty() => Err(FetchError::Empty),
        DetectedType::Other { mime: "text/html", .. } => Err(FetchError::WebPage),
        DetectedType::Other { label, .. } => Err(FetchError::OtherType(label)),
        _ if is_page => Err(FetchError::WebPage),
        DetectedType::Unknown => Err(FetchError::NoMedia),
    }
}

fn header(response: &Response, name: &HeaderName) -> Option<String> {
    // Names of files in headers are often plain UTF-8.
    Some(String::from_utf8_lossy(response.headers().get(name)?.as_bytes()).into_owned())
}

/// Does what waits for the disk on a thread that may.
async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> Result<T, FetchError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|e| disk(&e)),
        Err(_) => Err(FetchError::Disk("it does not answer".to_owned())),
    }
}

fn disk(error: &std::io::Error) -> FetchError {
    FetchError::Disk(error.kind().to_string())
}
