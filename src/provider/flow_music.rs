//! Flow Music. Source: "Upload a file" (useapi.net, Flow Music API, 3 June 2026).

use jiff::Timestamp;
use lucide_icons::Icon;
use serde_json::{Value, json};

use super::call::{Provider, SandboxUpload, Step, UploadSpec};
use super::http::{Body, Method, Reply, Request, encode_component, id, missing_id_failure, text, values};
use super::spec::{
    Accepts, AccountDetails, AccountListing, BodyForm, BrandMark, ErrorFact, Facts, OptionFact,
    ParamLocation, Usage, ValueKind,
};
use super::useapi::{self, keyed};
use crate::model::error::Failure;
use crate::model::media::{Kind, Media};
use crate::model::receipt::Receipt;
use crate::model::text::{MB, thousands};

pub(super) struct FlowMusic;

static FACTS: Facts = Facts {
    id: "flow-music",
    name: "Flow Music",
    vendor: &useapi::VENDOR,
    document: "Upload a file (useapi.net, Flow Music API v1, 3 June 2026)",
    legacy: None,
    path: "/v1/flowmusic/files",
    body: BodyForm::Raw,
    accepts: &[
        Accepts::up_to(&[Media::Png, Media::Jpeg, Media::Webp], 20 * MB),
        Accepts {
            types: &[Media::Mp3, Media::Wav, Media::M4a, Media::Aac],
            mime_aliases: &["audio/x-m4a", "audio/aac"],
            max_bytes: Some(40 * MB),
            max_length: None,
            advised_bytes: None,
            advice: "",
        },
    ],
    account: Some(&OptionFact {
        key: "email",
        label: "Account",
        help: "The Flow Music account's email; empty lets the provider choose",
        form: ValueKind::Email,
        location: ParamLocation::Query,
    }),
    accounts: Some(&AccountListing {
        path: "/v1/flowmusic/accounts",
        page_parameter: None,
        required: true,
        read: |value| keyed(value, |account| text(account, "/error")),
        one: Some(AccountDetails {
            path: "/v1/flowmusic/accounts/",
            read: credits,
            example: |email| json!({ "email": email, "credits_remaining": 1240 }),
        }),
        example: |key| {
            useapi::example(key, |account| {
                let error = account.is_broken.then_some("refresh token rejected");
                json!({ "email": account.email, "token": "redacted", "error": error })
            })
        },
    }),
    account_page: "https://useapi.net/docs/start-here/setup-flowmusic",
    options: &[OptionFact {
        key: "stripMetadata",
        label: "Strip metadata",
        help: "Removes AI-provenance and EXIF metadata from images before the upload",
        form: ValueKind::Flag(true),
        location: ParamLocation::Query,
    }],
    names: None,
    auto_account: false,
    retention: None,
    values: &[
        "id",
        "url",
        "kind",
        "assetType",
        "email",
        "metadata_stripped",
        "clip_id",
        "operation_id",
        "is_flagged",
        "duration_s",
    ],
    uses: &[
        Usage { kind: Kind::Image, value: "id", parameter: "refImage1", call: "POST /v1/flowmusic/music" },
        Usage { kind: Kind::Audio, value: "id", parameter: "refAudio1", call: "POST /v1/flowmusic/music" },
    ],
    errors: &[
        ErrorFact::new(
            400,
            r#"{"error":"Content-Type (application/octet-stream) not supported. Valid values: image/jpeg, image/png, ...","code":400}"#,
        ),
        ErrorFact::new(401, r#"{"error":"Unauthorized","code":401}"#),
        ErrorFact::new(413, r#"{"error":"File exceeds the size cap","code":413}"#),
        ErrorFact::new(422, r#"{"error":"Image declares AI-generated provenance metadata","code":422}"#).hint(
            "Strip and send (leave stripMetadata at true), or save the image without metadata and retry",
        ),
        ErrorFact::new(
            500,
            r#"{"error":"Upload failed (HTTP 500): FlowMusic: \"Internal Server Error\"","code":500,"upstream":{"status":500,"cause":"flowmusic_error","cf_ray":"a05b815ef02cf9cc-SJC","server":"cloudflare","content_type":"application/json"}}"#,
        )
        .hint("Retry; if the error persists, use another file, or give the number to its support"),
        ErrorFact::new(
            596,
            r#"{"error":"Account jo***@gmail.com in error state: refresh token rejected","code":596}"#,
        )
        .hint("Add the account again at useapi.net as \"Setup Flow Music\" says, then retry"),
    ],
    mark: BrandMark { colour: [0x7a, 0x4f, 0xd6], icon: Icon::Music },
};

fn credits(account: &Value) -> Option<String> {
    let left = account["credits_remaining"].as_f64().filter(|n| n.is_finite() && *n >= 0.0)?;
    Some(format!("{} credits", thousands(left as u64)))
}

impl Provider for FlowMusic {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn request(&self, outgoing: &UploadSpec<'_>) -> Request {
        let mut query = vec![];
        if let Some(email) = outgoing.account {
            query.push(format!("email={}", encode_component(email)));
        }
        if let Some(strip) = outgoing.options.get("stripMetadata") {
            query.push(format!("stripMetadata={}", encode_component(strip)));
        }
        let mark = if query.is_empty() { "" } else { "?" };
        Request {
            method: Method::Post,
            base: &useapi::BASE,
            path: format!("{}{mark}{}", FACTS.path, query.join("&")),
            headers: vec![("content-type", outgoing.media.mime().into())],
            auth: FACTS.vendor.auth,
            body: Body::File,
        }
    }

    fn accept(&self, _: &UploadSpec<'_>, reply: &Reply, _: Timestamp) -> Result<Step, Box<Failure>> {
        let value = reply.object()?;
        let (id, url) = (id(&value, "/id"), id(&value, "/url"));
        if id.is_none() && url.is_none() {
            return Err(missing_id_failure(&value, reply));
        }
        let mut warnings = vec![];
        if value["is_flagged"] == true {
            warnings.push("Flow Music flagged this file: it may not be usable".to_owned());
        }
        Ok(Step::Done(Box::new(Receipt {
            id,
            url,
            values: values(&value, FACTS.values),
            warnings,
            expires: None,
            response: value.into(),
        })))
    }

    fn example(&self, arrived: &SandboxUpload) -> (u16, Value) {
        let kind = if arrived.media.kind() == Kind::Audio { "audio" } else { "image" };
        let email = arrived.account.as_deref().unwrap_or("sandbox@example.com");
        let uuid = &arrived.uuid;
        let mut body = json!({
            "id": format!("user:1000-{email}-{kind}:{uuid}"),
            "url": format!("{}/storage/{uuid}", arrived.origin),
            "kind": kind,
            "assetType": kind,
            "email": email,
        });
        if kind == "image" {
            body["metadata_stripped"] = Value::Bool(true);
        } else {
            body["clip_id"] = uuid.as_str().into();
            body["operation_id"] = Value::Null;
            body["is_flagged"] = Value::Bool(false);
            body["duration_s"] = Value::Null;
        }
        (200, body)
    }
}
