//! `PiAPI`. Source: "File Upload API" (`PiAPI`, Tools, 25 June 2025).

use std::time::Duration;

use jiff::Timestamp;
use lucide_icons::Icon;
use serde_json::{Value, json};

use super::call::{Provider, SandboxUpload, Step, UploadSpec};
use super::http::{Body, Method, Reply, Request, id, missing_id_failure, values};
use super::spec::{
    Accepts, Auth, BodyForm, BrandMark, Endpoint, ErrorFact, Facts, KeyCheck, NameLocation, NameRule,
    OtherKey, Usage, Vendor,
};
use crate::model::error::Failure;
use crate::model::media::{Kind, Media};
use crate::model::receipt::Receipt;
use crate::model::text::MB;

pub(super) struct PiApi;

static BASE: Endpoint = Endpoint { env: "HOIST_PIAPI_URL", url: "https://upload.theapi.app" };

static ACCOUNT_BASE: Endpoint = Endpoint { env: "HOIST_PIAPI_ACCOUNT_URL", url: "https://api.piapi.ai" };

/// A sandbox's key under a plan that is too small.
const FREE_KEY: &str = "piapi-sandbox-key-free";

static VENDOR: Vendor = Vendor {
    id: "piapi",
    name: "PiAPI",
    env: "HOIST_PIAPI_KEY",
    base: &BASE,
    account_base: Some(&ACCOUNT_BASE),
    auth: Auth::XApiKey,
    other_auth: None,
    // "Creator plan or higher"
    check: KeyCheck {
        path: "/account/info",
        plan: Some(("plan", &["free"])),
        example: |key| {
            let plan = if key.key == FREE_KEY { "free" } else { "creator" };
            let account = json!({ "account_name": "sandbox", "plan": plan, "api_key": key.key });
            json!({ "code": 200, "data": account, "message": "success" })
        },
    },
    looks_right: |key| key.len() >= 32 && key.bytes().all(|b| b.is_ascii_alphanumeric()),
    keys_page: "https://app.piapi.ai/api-key",
    plan_page: "https://app.piapi.ai/api-key",
    key_form: "64 letters and digits",
    sandbox_key: "piapi-sandbox-key-0000",
    other_sandbox_keys: &[OtherKey { key: FREE_KEY, auth: Auth::XApiKey, accounts: 0 }],
};

/// "automatically deleted after 24 hours"
const LIVES: Duration = Duration::from_hours(24);

/// "max 128 characters"
const NAME_CHARS: usize = 128;

static FACTS: Facts = Facts {
    id: "piapi",
    name: "PiAPI",
    vendor: &VENDOR,
    document: "File Upload API (PiAPI, Ephemeral Resource Upload API, 25 June 2025)",
    legacy: None,
    path: "/api/ephemeral_resource",
    body: BodyForm::JsonBase64 { name: "file_name", data: "file_data" },
    accepts: &[Accepts {
        types: &[Media::Png, Media::Jpeg, Media::Webp, Media::Mp4, Media::Mp3, Media::Wav],
        mime_aliases: &[],
        max_bytes: Some(10 * MB),
        max_length: None,
        // Its document does not say whether 10 MB count before or after base64: below three quarters both hold.
        advised_bytes: Some(7_864_320),
        advice: "PiAPI may count its 10 MB after encoding: this file may be too large for it",
    }],
    account: None,
    accounts: None,
    account_page: VENDOR.keys_page,
    options: &[],
    names: Some(&NameRule {
        location: NameLocation::Body,
        max_chars: Some(NAME_CHARS),
        needs_extension: true,
    }),
    auto_account: false,
    retention: Some(LIVES),
    values: &["data.url"],
    uses: &[
        Usage { kind: Kind::Image, value: "url", parameter: "image_url", call: "POST /api/v1/task" },
        Usage { kind: Kind::Video, value: "url", parameter: "video_url", call: "POST /api/v1/task" },
        Usage { kind: Kind::Audio, value: "url", parameter: "audio_url", call: "POST /api/v1/task" },
    ],
    errors: &[
        ErrorFact::new(400, r#"{"code":400,"message":"Invalid request parameters"}"#).hint(
            "PiAPI answers this for unsupported types and for files that are too large: change the file \
             and retry, or send it somewhere else",
        ),
        ErrorFact::new(401, r#"{"code":401,"message":"Invalid API key"}"#),
        ErrorFact::new(403, r#"{"code":403,"message":"Insufficient plan level"}"#)
            .hint("Uploads need PiAPI's Creator plan or a higher one: change the plan at PiAPI, then retry"),
    ],
    mark: BrandMark { colour: [0x1f, 0x9d, 0x8b], icon: Icon::Hourglass },
};

/// Returns a name `PiAPI` takes: ASCII letters, digits, `.`, `_` and `-`; the extension of the bytes; at most 128
/// characters.
fn file_name(outgoing: &UploadSpec<'_>) -> String {
    let own = outgoing.extension();
    let fits = outgoing.media.extensions().iter().any(|e| e.eq_ignore_ascii_case(own));
    // Of its documents' list: jpg, jpeg, png, webp, mp4, wav, mp3.
    let listed =
        matches!(own.to_ascii_lowercase().as_str(), "jpg" | "jpeg" | "png" | "webp" | "mp4" | "wav" | "mp3");
    let extension = if fits && listed { own } else { outgoing.media.extensions()[0] };
    let mut stem = String::new();
    for c in outgoing.stem().chars() {
        let c = if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
        if !(c == '_' && stem.ends_with('_')) {
            stem.push(c);
        }
    }
    let stem = stem.trim_matches(['_', '.']);
    let stem = if stem.is_empty() { "file" } else { stem };
    let room = NAME_CHARS - extension.len() - 1;
    format!("{}.{extension}", &stem[..stem.len().min(room)])
}

impl Provider for PiApi {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn request(&self, outgoing: &UploadSpec<'_>) -> Request {
        // The name is ASCII without quotes or backslashes: it needs no escaping in JSON.
        let before = format!("{{\"file_name\":\"{}\",\"file_data\":\"", file_name(outgoing));
        Request {
            method: Method::Post,
            base: &BASE,
            path: FACTS.path.to_owned(),
            headers: vec![("content-type", "application/json".into())],
            auth: VENDOR.auth,
            body: Body::Base64 { before, after: "\"}" },
        }
    }

    fn accept(&self, _: &UploadSpec<'_>, reply: &Reply, now: Timestamp) -> Result<Step, Box<Failure>> {
        let value = reply.object()?;
        let Some(url) = id(&value, "/data/url").or_else(|| id(&value, "/url")) else {
            return Err(missing_id_failure(&value, reply));
        };
        let mut values = values(&value, FACTS.values);
        if values.is_empty() {
            values.push(("url".to_owned(), url.clone().into()));
        }
        let expires = now.checked_add(jiff::SignedDuration::try_from(LIVES).unwrap_or_default()).ok();
        Ok(Step::Done(Box::new(Receipt {
            id: None,
            url: Some(url),
            values,
            warnings: vec![],
            expires,
            response: value.into(),
        })))
    }

    fn example(&self, arrived: &SandboxUpload) -> (u16, Value) {
        let extension = arrived.media.extensions()[0];
        let url = format!("{}/ephemeral/{}.{extension}", arrived.origin, arrived.uuid);
        (200, json!({ "code": 200, "data": { "url": url }, "message": "success" }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn named(name: &str, media: Media) -> String {
        file_name(&UploadSpec {
            name,
            media,
            size: 1,
            account: None,
            options: &BTreeMap::new(),
            known_id: None,
        })
    }

    #[test]
    fn names_are_made_safe_and_keep_an_extension_that_fits_the_bytes() {
        assert_eq!(named("cover.png", Media::Png), "cover.png");
        assert_eq!(named("COVER.JPG", Media::Jpeg), "COVER.JPG");
        assert_eq!(named("cover.jfif", Media::Jpeg), "cover.jpg");
        assert_eq!(named("cover.png", Media::Jpeg), "cover.jpg");
        assert_eq!(named("封面.png", Media::Png), "file.png");
        assert_eq!(named("a \"b\"\\\r\n.png", Media::Png), "a_b.png");
        assert_eq!(named("noextension", Media::Mp3), "noextension.mp3");
        let long = named(&format!("{}.png", "x".repeat(600)), Media::Png);
        assert_eq!(long.len(), 128);
        assert!(long.ends_with("png"));
    }
}
