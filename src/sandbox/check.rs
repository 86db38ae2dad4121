//! What the providers check of an upload: length, type, magic bytes, size and name.

use std::io::Cursor;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart};
use axum::http::{Request, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use hoist_codecs::read::PictureReader;
use percent_encoding::percent_decode_str;

use super::request::{drain, query};
use crate::media::inspect::recognise;
use crate::model::media::{Kind, Media};
use crate::model::text::MB;
use crate::provider::check::value;
use crate::provider::http::own_name;
use crate::provider::spec::{Auth, BodyForm, NameLocation, ParamLocation, ProviderSpec};

/// Larger JSON bodies are not read: base64 of the largest file, and some.
const MAX_JSON: usize = 24 * MB as usize;

/// So much of a file is looked at.
const FIRST_BYTES: usize = 64 * 1024;

pub(super) struct Checked {
    pub(super) media: Media,
    pub(super) size: u64,
    pub(super) name: Option<String>,
    pub(super) pixels: Option<(u32, u32)>,
}

pub(super) struct Refused {
    pub(super) status: u16,
    pub(super) message: String,
}

fn refuse<T>(status: u16, message: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { status, message: message.into() })
}

/// Reads an upload to its end, and checks it.
pub(super) async fn upload(facts: &ProviderSpec, request: Request<Body>) -> Result<Checked, Refused> {
    let headers = request.headers().clone(); // a reference to the request must not live across an await
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned);
    let mut declared = header("content-type").unwrap_or_default();
    let length: Option<u64> = header("content-length").and_then(|v| v.parse().ok());
    let chunked = headers.contains_key(header::TRANSFER_ENCODING);
    let name = match facts.names.and_then(|rule| rule.location) {
        Some(NameLocation::Header(key)) => header(key),
        Some(NameLocation::Query(key)) => query(&request, key),
        Some(NameLocation::Body) | None => None,
    };
    let strip = facts.strip_option().and_then(|option| query(&request, option.key));
    let in_header = facts.account.option.filter(|a| a.location == ParamLocation::Header);
    let bad_account = in_header.and_then(|option| value(option, &header(option.key)?).err());

    let (first, size, name) = match facts.request.body {
        BodyForm::Raw => {
            let (first, size) = raw(request.into_body()).await;
            (first, size, name)
        }
        BodyForm::Multipart { part } => {
            let form = form(facts, part, request).await?;
            declared = form.declared;
            (form.first, form.size, form.name)
        }
        BodyForm::JsonBase64 { name: name_field, data } => {
            if declared != "application/json" {
                drain(request.into_body()).await;
                return refuse(400, "Content-Type must be application/json");
            }
            let json = json(request.into_body()).await?;
            let text = |at| json.pointer(at).and_then(serde_json::Value::as_str);
            let Some(encoded) = text(data) else {
                return refuse(400, format!("{} is required", own_name(data)));
            };
            // "Optional data URI is supported"
            let encoded = encoded.split_once(";base64,").map_or(encoded, |(_, rest)| rest);
            let Ok(bytes) = STANDARD.decode(encoded) else {
                return refuse(400, format!("{} is not base64", own_name(data)));
            };
            let size = bytes.len() as u64;
            let name = name_field.and_then(text).map(ToOwned::to_owned).or(name);
            (bytes.into_iter().take(FIRST_BYTES).collect(), size, name)
        }
    };
    if chunked || length.is_none() {
        return refuse(411, "Content-Length is required");
    }
    if facts.request.body == BodyForm::Raw && length != Some(size) {
        return refuse(400, "Content-Length does not match the body");
    }
    if size == 0 {
        return refuse(400, "Empty body");
    }
    if let Some(problem) = bad_account {
        return refuse(400, problem.to_string());
    }
    check_name(facts, name.as_deref().unwrap_or_default())?;
    let extension = name.as_deref().and_then(|n| n.rsplit_once('.')).map_or("", |(_, e)| e);
    let media = match facts.request.body {
        BodyForm::Raw | BodyForm::Multipart { .. } => declared_media(facts, &declared, &first, extension)?,
        BodyForm::JsonBase64 { .. } => {
            let is_named = |known: &&str| known.eq_ignore_ascii_case(extension);
            match recognise(&first, extension).media().filter(|m| facts.accepts(*m).is_some()) {
                // Without a name there is none that could say something else.
                Some(media) if name.is_none() || media.extensions().iter().any(is_named) => media,
                _ => return refuse(400, "The file's content does not match its name"),
            }
        }
    };
    if let Some(max) = facts.accepts(media).and_then(|row| row.max_bytes).filter(|max| size > *max) {
        let status = if facts.errors.iter().any(|e| e.status == 413) { 413 } else { 400 };
        return refuse(status, format!("File size ({size}) is over {max} bytes"));
    }
    let declares_ai = contains(&first, b"trainedAlgorithmicMedia") || contains(&first, b"c2pa");
    if strip.as_deref() == Some("false") && media.kind() == Kind::Image && declares_ai {
        return refuse(422, "Image declares AI-generated provenance metadata");
    }
    let pixels = PictureReader::new(Box::new(Cursor::new(&first)));
    let pixels = pixels.ok().and_then(|reader| reader.into_dimensions().ok());
    let name = name.map(|n| percent_decode_str(&n).decode_utf8_lossy().into_owned());
    Ok(Checked { media, size, name, pixels })
}

/// Reads the declared type, which must be listed, and be the one the bytes show.
fn declared_media(
    facts: &ProviderSpec,
    declared: &str,
    first: &[u8],
    extension: &str,
) -> Result<Media, Refused> {
    // Which kind of a container it is may stand at its end, which is not here: the declaration has to be possible.
    let is_shown = |media: Media| {
        let named = if media.kind() == Kind::Captions { extension } else { media.extensions()[0] };
        recognise(first, named).media() == Some(media)
    };
    let row = facts
        .accepts
        .iter()
        .find(|a| a.mime_aliases.contains(&declared) || a.types.iter().any(|m| m.mime() == declared));
    let Some(row) = row else {
        let valid: Vec<_> = facts.types().map(Media::mime).collect();
        return refuse(
            400,
            format!("Content-Type ({declared}) not supported. Valid values: {}", valid.join(", ")),
        );
    };
    let is_declared = |media: Media| media.mime() == declared || row.mime_aliases.contains(&declared);
    let media = row.types.iter().copied().find(|media| is_declared(*media) && is_shown(*media));
    match media {
        Some(media) => Ok(media),
        None => refuse(400, format!("Content-Type ({declared}) does not match the file's content")),
    }
}

fn check_name(facts: &ProviderSpec, name: &str) -> Result<(), Refused> {
    let Some(rule) = facts.names.filter(|rule| rule.location.is_some()) else { return Ok(()) };
    if name.is_empty() {
        return refuse(400, "The file name is required");
    }
    if let Some(max) = rule.max_chars.filter(|max| name.chars().count() > *max) {
        return refuse(400, format!("The file name is longer than {max} characters"));
    }
    let known = |e: &str| facts.types().any(|m| m.extensions().iter().any(|x| x.eq_ignore_ascii_case(e)));
    if !rule.extensions.is_empty() && !name.rsplit_once('.').is_some_and(|(_, e)| known(e)) {
        return refuse(400, "The file name needs a supported extension");
    }
    Ok(())
}

/// The file of a form.
struct FormFile {
    first: Vec<u8>,
    size: u64,
    name: Option<String>,
    declared: String,
}

/// Reads a form: the part with the file, and where the vendor's key is a field, that.
async fn form(facts: &ProviderSpec, part: &str, request: Request<Body>) -> Result<FormFile, Refused> {
    let bad = |e: axum::extract::multipart::MultipartError| Refused { status: 400, message: e.body_text() };
    let mut all = match Multipart::from_request(request, &()).await {
        Ok(all) => all,
        Err(e) => return refuse(400, e.body_text()),
    };
    let (mut file, mut key) = (None, None);
    while let Some(mut field) = all.next_field().await.map_err(bad)? {
        let own = field.name().unwrap_or_default().to_owned();
        if own == part {
            let (name, declared) =
                (field.file_name().map(ToOwned::to_owned), field.content_type().map(ToOwned::to_owned));
            let (mut first, mut size) = (Vec::new(), 0);
            while let Some(chunk) = field.chunk().await.map_err(bad)? {
                size += chunk.len() as u64;
                let room = FIRST_BYTES - first.len();
                first.extend_from_slice(&chunk[..chunk.len().min(room)]);
            }
            file = Some(FormFile { first, size, name, declared: declared.unwrap_or_default() });
        } else {
            let mut text = Vec::new();
            while let Some(chunk) = field.chunk().await.map_err(bad)? {
                if text.len() + chunk.len() > FIRST_BYTES {
                    return refuse(400, format!("{own} is too long"));
                }
                text.extend_from_slice(&chunk);
            }
            if matches!(facts.vendor.auth, Auth::Field(name) if name == own) {
                key = String::from_utf8(text).ok();
            }
        }
    }
    if matches!(facts.vendor.auth, Auth::Field(_)) && key.as_deref() != Some(facts.vendor.sandbox.key) {
        return refuse(401, "Unauthorized");
    }
    file.ok_or_else(|| Refused { status: 400, message: format!("{part} is required") })
}

async fn raw(body: Body) -> (Vec<u8>, u64) {
    let (mut first, mut size) = (Vec::new(), 0);
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        size += chunk.len() as u64;
        let room = FIRST_BYTES - first.len();
        first.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    (first, size)
}

async fn json(body: Body) -> Result<serde_json::Value, Refused> {
    let mut all = Vec::new();
    let mut stream = body.into_data_stream();
    while let Some(Ok(chunk)) = stream.next().await {
        if all.len() + chunk.len() > MAX_JSON {
            while let Some(Ok(_)) = stream.next().await {}
            return refuse(400, "The file is too large");
        }
        all.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&all).or_else(|_| refuse(400, "The body is not JSON"))
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|w| w == needle)
}
