//! Reads a reply: no more of it than is allowed, whatever it is packed in, and nothing of it before the key is removed.

use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use parking_lot::Mutex;
use reqwest::header::{CONTENT_ENCODING, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use tokio::sync::Semaphore;

use crate::model::response::MAX_RESPONSE;
use crate::model::secret::Key;
use crate::provider;
use crate::provider::http::{MAX_REPLY_HEADERS, Reply, decoded};

/// Packings within packings.
const MAX_CODINGS: usize = 3;

/// How a body is packed, though Hoist did not ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// A reply as it came over the wire.
pub(super) struct RawReply {
    reply: Reply,
    /// From the outside to the inside.
    codings: Vec<Coding>,
    max_bytes: usize,
}

/// What has come of a reply so far. An ID in it is not lost where its end does not come.
#[derive(Default)]
pub(super) struct Arriving(Mutex<Option<RawReply>>);

impl Arriving {
    /// Returns what has come, with its status and headers, where those have.
    pub(super) fn take(&self) -> Option<RawReply> {
        self.0.lock().take()
    }

    fn begin(&self, raw: RawReply) {
        *self.0.lock() = Some(raw);
    }

    /// Takes in more; false where no more is wanted.
    fn push(&self, chunk: &[u8]) -> bool {
        let mut raw = self.0.lock();
        let Some(raw) = &mut *raw else { return false };
        let body = &mut raw.reply.body;
        let taken = chunk.len().min(raw.max_bytes - body.len());
        grow(body, taken);
        body.extend_from_slice(&chunk[..taken]);
        raw.reply.truncated = taken < chunk.len();
        !raw.reply.truncated
    }
}

/// Takes what comes, up to a number of bytes.
pub(super) async fn receive(
    builder: reqwest::RequestBuilder,
    max_bytes: usize,
    arriving: &Arriving,
) -> Result<(), reqwest::Error> {
    let mut response = builder.send().await?;
    let is_success = response.status().is_success();
    let headers = response.headers();
    let header = |name| headers.get(name).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok());
    arriving.begin(RawReply {
        reply: Reply {
            status: response.status().as_u16(),
            retry_after: header(RETRY_AFTER),
            date: header(DATE),
            headers: named(headers),
            body: Vec::with_capacity(announced.unwrap_or(0).min(max_bytes)),
            ..Reply::default()
        },
        codings: codings(headers),
        max_bytes,
    });
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if arriving.push(&chunk) => {}
            Ok(_) => return Ok(()),
            // The status of a refusal is known even where its words got lost; a success needs its body.
            Err(_) if !is_success => return Ok(()),
            Err(e) => return Err(e),
        }
    }
}

/// Returns the headers that say something a person could copy.
fn named(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(text).take(MAX_REPLY_HEADERS).collect()
}

/// Makes room by halves: doubling would take twice what is allowed.
fn grow(body: &mut Vec<u8>, more: usize) {
    if body.capacity() - body.len() < more {
        body.reserve_exact(more.max(body.len() / 2));
    }
}

fn codings(headers: &HeaderMap) -> Vec<Coding> {
    let values = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    let mut all: Vec<_> = values
        .flat_map(|value| value.split(','))
        .filter_map(|name| match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Coding::Gzip),
            "deflate" => Some(Coding::Deflate),
            _ => None,
        })
        .collect();
    all.reverse();
    all.truncate(MAX_CODINGS);
    all
}

impl RawReply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.reply.status)
    }

    /// Unpacks it, removes the key, and of a `short` one keeps only what providers read. What takes long is done on another
    /// thread, one at a time: the engine goes on meanwhile, and memory is needed once.
    pub(super) async fn open(self, key: &Key, short: bool, one_at_a_time: &Semaphore) -> Reply {
        if self.reply.body.len() <= MAX_RESPONSE && self.codings.is_empty() && !is_gzip(&self.reply.body) {
            return self.open_now(key, short);
        }
        let status = self.reply.status;
        let _turn = one_at_a_time.acquire().await;
        let key = key.clone();
        // It cannot panic; if it does, there is no body.
        tokio::task::spawn_blocking(move || self.open_now(&key, short))
            .await
            .unwrap_or_else(|_| Reply { status, ..Reply::default() })
    }

    fn open_now(self, key: &Key, short: bool) -> Reply {
        let RawReply { mut reply, mut codings, max_bytes } = self;
        let mut body = std::mem::take(&mut reply.body);
        if codings.is_empty() && is_gzip(&body) {
            codings.push(Coding::Gzip);
        }
        for coding in codings {
            if let Some((unpacked, truncated)) = unpack(coding, &body, max_bytes) {
                body = unpacked;
                reply.truncated |= truncated;
            }
        }
        reply.body = key.scrub(decoded(body)).into_bytes();
        for (_, value) in &mut reply.headers {
            *value = key.scrub(std::mem::take(value));
        }
        if short { reply.digested(&provider::pointers()) } else { reply }
    }
}

fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b, 8])
}

/// Returns the bytes within, up to a number, and whether there were more. None where it is not packed so: some say it
/// and send what is plain.
fn unpack(coding: Coding, body: &[u8], max_bytes: usize) -> Option<(Vec<u8>, bool)> {
    if std::str::from_utf8(body).is_ok() {
        return None;
    }
    let most = max_bytes as u64 + 1;
    let read = |reader: &mut dyn Read| {
        let mut out = vec![];
        let mut piece = vec![0; 32 * 1024];
        let mut reader = reader.take(most);
        // What broke off keeps what came before.
        while let Ok(taken @ 1..) = reader.read(&mut piece) {
            grow(&mut out, taken);
            out.extend_from_slice(&piece[..taken]);
        }
        out
    };
    let mut out = match coding {
        Coding::Gzip => read(&mut MultiGzDecoder::new(body)),
        Coding::Deflate => read(&mut ZlibDecoder::new(body)),
    };
    if out.is_empty() && coding == Coding::Deflate {
        out = read(&mut DeflateDecoder::new(body)); // as some understand the standard
    }
    let truncated = out.len() > max_bytes;
    out.truncate(max_bytes);
    (!out.is_empty()).then_some((out, truncated))
}

#[cfg(test)]
#[path = "../../tests/support/packing.rs"]
mod packing;

#[cfg(test)]
mod tests {
    use super::packing::{deflate, gzip, zlib};
    use super::*;

    const BODY: &[u8] = br#"{"id":"an id","url":"https://example.com/"}"#;

    fn opened(body: Vec<u8>, encoding: &[&str], max_bytes: usize) -> Reply {
        let mut headers = HeaderMap::new();
        for value in encoding {
            headers.append(CONTENT_ENCODING, value.parse().unwrap());
        }
        let reply = Reply { status: 200, body, ..Reply::default() };
        let key = Key::new("a key of the tests".replace(' ', "-")).unwrap();
        RawReply { reply, codings: codings(&headers), max_bytes }.open_now(&key, false)
    }

    #[test]
    fn what_is_packed_is_unpacked_whether_or_not_it_says_so() {
        for (body, encoding) in [
            (BODY.to_vec(), vec![]),
            (gzip(BODY), vec!["gzip"]),
            (gzip(BODY), vec!["X-GZIP"]),
            (gzip(BODY), vec![]),
            (zlib(BODY), vec!["deflate"]),
            (deflate(BODY), vec!["deflate"]),
            (gzip(&zlib(BODY)), vec!["deflate, gzip"]),
            (gzip(&zlib(BODY)), vec!["deflate", "gzip"]),
            ([gzip(&BODY[..10]), gzip(&BODY[10..])].concat(), vec!["gzip"]),
            (BODY.to_vec(), vec!["gzip"]),
            (BODY.to_vec(), vec!["deflate"]),
            (BODY.to_vec(), vec!["identity"]),
            (gzip(&[b"\xef\xbb\xbf", BODY].concat()), vec!["gzip"]),
        ] {
            let reply = opened(body, &encoding, 1000);
            assert_eq!(reply.body, BODY, "{encoding:?}");
            assert!(!reply.truncated);
        }
    }

    #[test]
    fn a_header_that_repeats_the_key_is_cleaned_before_anything_reads_it() {
        let key = Key::new("sk-of-the-tests-0123456789".to_owned()).unwrap();
        let link = |key: &str| ("location".to_owned(), format!("https://example.com/f?key={key}"));
        let headers = vec![link("sk-of-the-tests-0123456789"), link("sk%2Dof%2Dthe%2Dtests%2D0123456789")];
        let reply = Reply { status: 201, headers, ..Reply::default() };
        let reply = RawReply { reply, codings: vec![], max_bytes: 9 }.open_now(&key, false);
        assert!(reply.header("location").is_some_and(|link| link.starts_with("https://example.com/f?key=")));
        assert!(!format!("{:?}", reply.headers).contains("0123456789"), "{:?}", reply.headers);
    }

    #[test]
    fn what_was_cut_off_in_its_packing_keeps_what_came_before() {
        let long: String = (0..2000).map(|n| format!("{n} ")).collect::<Vec<_>>().concat();
        let packed = gzip(long.as_bytes());
        let reply = opened(packed[..packed.len() / 2].to_vec(), &["gzip"], 1_000_000);
        assert!(reply.body.len() > 100 && long.as_bytes().starts_with(&reply.body), "{}", reply.body.len());
    }

    #[test]
    fn a_reply_that_grows_takes_half_as_much_again_and_never_twice_of_what_it_is() {
        let arriving = Arriving::default();
        let reply = Reply { status: 200, ..Reply::default() };
        arriving.begin(RawReply { reply, codings: vec![], max_bytes: 4_000_000 });
        let (mut grown, mut capacity) = (0, 0);
        for _ in 0..1000 {
            assert!(arriving.push(&[b' '; 1000]));
            let raw = arriving.0.lock();
            let body = &raw.as_ref().unwrap().reply.body;
            assert!(body.capacity() <= body.len() + body.len().max(1000) / 2 + 1000, "{}", body.capacity());
            grown += usize::from(body.capacity() != capacity);
            capacity = body.capacity();
        }
        assert!(grown < 30, "{grown} times its bytes were moved");
    }

    #[test]
    fn what_grows_without_end_is_cut_at_the_bound() {
        let bomb = gzip(&vec![b' '; 10_000_000]);
        let reply = opened(bomb, &["gzip"], 100_000);
        assert_eq!((reply.body.len(), reply.truncated), (100_000, true));
        let exactly = opened(gzip(&vec![b' '; 100_000]), &["gzip"], 100_000);
        assert_eq!((exactly.body.len(), exactly.truncated), (100_000, false));
    }

    #[test]
    fn a_key_is_removed_from_what_was_packed() {
        let reply = opened(gzip(b"{\"error\":\"a-key-of-the-tests\"}"), &[], 1000);
        assert_eq!(reply.body, b"{\"error\":\"[key removed]\"}");
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_opened_without_a_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..300), cut in 0usize..40) {
            for packed in [body.clone(), gzip(&body)] {
                let end = packed.len().saturating_sub(cut);
                for encoding in [vec![], vec!["gzip"], vec!["deflate"]] {
                    opened(packed[..end].to_vec(), &encoding, 200);
                }
            }
        }
    }
}
