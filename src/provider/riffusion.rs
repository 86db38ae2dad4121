//! Riffusion. Source: "Upload audio file" (useapi.net, Riffusion API, 17 February 2025); the closing of the provider and
//! the later reply with `audio_upload_id` from its public documentation.

use std::time::Duration;

use jiff::Timestamp;
use lucide_icons::Icon;
use serde_json::{Value, json};

use super::call::{Provider, SandboxUpload, Step, UploadSpec};
use super::http::{Body, Method, Reply, Request, encode_component, id, missing_id_failure, text, values};
use super::spec::{
    Accepts, AccountListing, BodyForm, BrandMark, ErrorFact, Facts, NameLocation, NameRule, OptionFact,
    ParamLocation, Usage, ValueKind,
};
use super::useapi::{self, keyed};
use crate::model::error::Failure;
use crate::model::media::{Kind, Media};
use crate::model::receipt::Receipt;
use crate::model::text::MB;

pub(super) struct Riffusion;

/// How often its state is asked for.
const POLL_EVERY: Duration = Duration::from_secs(10);

static FACTS: Facts = Facts {
    id: "riffusion",
    name: "Riffusion",
    vendor: &useapi::VENDOR,
    document: "Upload audio file (useapi.net, Riffusion API v1, 17 February 2025)",
    legacy: Some("Its vendor closed it and names Flow Music as the successor"),
    path: "/v1/riffusion/music/upload-audio/",
    body: BodyForm::Raw,
    accepts: &[Accepts {
        types: &[Media::Mp3, Media::Wav, Media::M4a],
        mime_aliases: &["audio/wave"],
        max_bytes: None,
        max_length: None,
        advised_bytes: Some(50 * MB),
        advice: "Riffusion recommends files under 50 MB",
    }],
    account: Some(&OptionFact {
        key: "user_id",
        label: "User ID",
        help: "The Riffusion account's user_id; needed where several are configured",
        form: ValueKind::Text,
        location: ParamLocation::Query,
    }),
    accounts: Some(&AccountListing {
        path: "/v1/riffusion/accounts",
        page_parameter: None,
        required: true,
        read: |value| keyed(value, |account| text(account, "/error")),
        one: None,
        example: |key| match key.accounts.is_empty() {
            true => json!({}),
            false => json!({ "main": { "user_id": "main" } }),
        },
    }),
    account_page: "https://useapi.net/docs/api-riffusion-v1/post-riffusion-accounts",
    options: &[OptionFact {
        key: "file_name",
        label: "File name",
        help: "The name there, without extension; the file's own where none is given",
        form: ValueKind::Text,
        location: ParamLocation::Query,
    }],
    names: Some(&NameRule {
        location: NameLocation::Query("file_name"),
        max_chars: None,
        needs_extension: false,
    }),
    auto_account: false,
    retention: None,
    values: &["job_id", "audio_upload_id", "transcription_job_id", "status", "is_flagged", "duration_s"],
    uses: &[Usage {
        kind: Kind::Audio,
        value: "job_id",
        parameter: "audio_upload_id",
        call: "POST /v1/riffusion/music/create-compose",
    }],
    errors: &[
        ErrorFact::new(400, r#"{"error":"<Error message>","code":400}"#),
        ErrorFact::new(401, r#"{"error":"Unauthorized","code":401}"#),
        ErrorFact::new(
            596,
            r#"{"error":"Your Riffusion account has pending error. Please address this issue at https://useapi.net/docs/api-riffusion-v1/post-riffusion-accounts before making any new API calls."}"#,
        )
        .hint("Give the account's cookie again at useapi.net (POST accounts), then retry"),
    ],
    mark: BrandMark { colour: [0xc2, 0x55, 0x7a], icon: Icon::AudioLines },
};

fn user_id(outgoing: &UploadSpec<'_>) -> String {
    outgoing.account.map_or_else(String::new, |id| format!("&user_id={}", encode_component(id)))
}

impl Provider for Riffusion {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn request(&self, outgoing: &UploadSpec<'_>) -> Request {
        let name = outgoing.options.get("file_name").map_or_else(|| outgoing.stem(), String::as_str);
        Request {
            method: Method::Post,
            base: &useapi::BASE,
            path: format!("{}?file_name={}{}", FACTS.path, encode_component(name), user_id(outgoing)),
            headers: vec![("content-type", outgoing.media.mime().into())],
            auth: FACTS.vendor.auth,
            body: Body::File,
        }
    }

    fn accept(&self, outgoing: &UploadSpec<'_>, reply: &Reply, _: Timestamp) -> Result<Step, Box<Failure>> {
        let value = reply.object()?;
        let named = id(&value, "/job_id").or_else(|| id(&value, "/id"));
        let Some(id) = named.or_else(|| outgoing.known_id.map(ToOwned::to_owned)) else {
            return Err(missing_id_failure(&value, reply));
        };
        let mut values = values(&value, FACTS.values);
        if !values.iter().any(|(name, _)| name == "job_id") {
            values.insert(0, ("job_id".to_owned(), id.clone().into()));
        }
        let mut warnings = vec![];
        if value["is_flagged"] == true {
            warnings.push("Riffusion flagged this file: it may not be usable".to_owned());
        }
        // The first reply names no status yet.
        let status = text(&value, "/status").unwrap_or_else(|| "pending".to_owned());
        if !matches!(status.as_str(), "pending" | "complete" | "completed") {
            warnings.push(format!("Riffusion says its state is \"{status}\""));
        }
        let receipt = Box::new(Receipt {
            id: Some(id),
            url: None,
            values,
            warnings,
            expires: None,
            response: value.into(),
        });
        Ok(match status.as_str() {
            "pending" => Step::Poll { receipt, after: POLL_EVERY },
            _ => Step::Done(receipt),
        })
    }

    fn poll_request(&self, outgoing: &UploadSpec<'_>, id: &str) -> Option<Request> {
        Some(Request {
            method: Method::Get,
            base: &useapi::BASE,
            path: format!("{}?id={}{}", FACTS.path, encode_component(id), user_id(outgoing)),
            headers: vec![],
            auth: FACTS.vendor.auth,
            body: Body::Empty,
        })
    }

    fn example(&self, arrived: &SandboxUpload) -> (u16, Value) {
        let mut body = json!({ "job_id": arrived.uuid });
        if arrived.polled > 0 {
            body["status"] = if arrived.polled == 1 { "pending" } else { "complete" }.into();
        }
        (200, body)
    }
}
