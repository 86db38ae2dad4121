//! Google Flow. Source: "Upload Assets" (useapi.net, Google Flow API, 25 May 2026).

use jiff::Timestamp;
use lucide_icons::Icon;
use serde_json::{Value, json};

use super::call::{Provider, SandboxUpload, Step, UploadSpec};
use super::http::{Body, Method, Reply, Request, encode_component, id, missing_id_failure, text, values};
use super::spec::{
    Accepts, AccountListing, BodyForm, BrandMark, ErrorFact, Facts, OptionFact, ParamLocation, Usage,
    ValueKind,
};
use super::useapi::{self, keyed};
use crate::model::error::Failure;
use crate::model::media::{Kind, Media};
use crate::model::receipt::Receipt;
use crate::model::text::MB;

pub(super) struct GoogleFlow;

static FACTS: Facts = Facts {
    id: "google-flow",
    name: "Google Flow",
    vendor: &useapi::VENDOR,
    document: "Upload Assets (useapi.net, Google Flow API v1, 25 May 2026)",
    legacy: None,
    path: "/v1/google-flow/assets",
    body: BodyForm::Raw,
    accepts: &[
        Accepts::up_to(&[Media::Png, Media::Jpeg, Media::Webp], 20 * MB),
        Accepts::up_to(&[Media::Mp4], 100 * MB),
    ],
    account: Some(&OptionFact {
        key: "email",
        label: "Account",
        help: "The Google Flow account's email; empty lets the provider choose",
        form: ValueKind::Email,
        location: ParamLocation::Path,
    }),
    accounts: Some(&AccountListing {
        path: "/v1/google-flow/accounts",
        page_parameter: None,
        required: true,
        read: |value| keyed(value, |account| text(account, "/health").filter(|health| health != "OK")),
        one: None,
        example: |key| {
            useapi::example(key, |account| {
                let health = if account.is_broken { "Failed to refresh session" } else { "OK" };
                json!({ "health": health, "sessionToken": "redacted" })
            })
        },
    }),
    account_page: "https://useapi.net/docs/start-here/setup-google-flow",
    options: &[],
    names: None,
    auto_account: true,
    retention: None,
    values: &[
        "mediaGenerationId.mediaGenerationId",
        "width",
        "height",
        "durationSeconds",
        "email",
        "media.name",
        "media.projectId",
    ],
    uses: &[
        Usage {
            kind: Kind::Image,
            value: "mediaGenerationId",
            parameter: "reference_1",
            call: "POST /v1/google-flow/images",
        },
        Usage {
            kind: Kind::Image,
            value: "mediaGenerationId",
            parameter: "startImage",
            call: "POST /v1/google-flow/videos",
        },
        Usage {
            kind: Kind::Image,
            value: "mediaGenerationId",
            parameter: "endImage",
            call: "POST /v1/google-flow/videos",
        },
        Usage {
            kind: Kind::Image,
            value: "mediaGenerationId",
            parameter: "referenceImage_1",
            call: "POST /v1/google-flow/videos",
        },
        Usage {
            kind: Kind::Video,
            value: "mediaGenerationId",
            parameter: "referenceVideo_1",
            call: "POST /v1/google-flow/videos",
        },
        Usage {
            kind: Kind::Video,
            value: "endFrameIndex_1",
            parameter: "endFrameIndex_1",
            call: "POST /v1/google-flow/videos",
        },
    ],
    errors: &[
        ErrorFact::new(400, r#"{"error":"File size (25165824) is over 20971520 bytes"}"#),
        ErrorFact::new(400, r#"{"error":"Content-Type (image/gif) not supported"}"#),
        ErrorFact::new(
            400,
            r#"{"error":{"code":400,"message":"Request contains an invalid argument.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"PUBLIC_ERROR_TRUMP_FACE_DETECTED"}]}}"#,
        ),
        ErrorFact::new(401, r#"{"error":"Unauthorized"}"#),
        ErrorFact::new(404, r#"{"error":"Google Flow account jo***@gmail.com not found"}"#),
        ErrorFact::new(
            429,
            r#"{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"PUBLIC_ERROR_USER_REQUESTS_THROTTLED"}]}}"#,
        )
        .after(1800)
        .hint(
            "Retry, which waits until the limit ends (usually half an hour), or send it to another \
             account; with Auto the provider picks another one",
        ),
        ErrorFact::new(596, r#"{"error":"Failed to refresh session: 500 Internal Server Error"}"#).hint(
            "Delete the account at useapi.net and add it again as \"Setup Google Flow\" says, then retry",
        ),
    ],
    mark: BrandMark { colour: [0x2f, 0x6f, 0xe4], icon: Icon::Clapperboard },
};

/// Returns the last frame a video edit may use: 24 frames a second, 240 at most ("Use this to pre-compute
/// `endFrameIndex_1`").
fn end_frame_index(seconds: f64) -> u64 {
    (seconds * 24.0).round().clamp(0.0, 240.0) as u64
}

impl Provider for GoogleFlow {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn request(&self, outgoing: &UploadSpec<'_>) -> Request {
        let path = match outgoing.account {
            Some(email) => format!("{}/{}", FACTS.path, encode_component(email)),
            None => FACTS.path.to_owned(),
        };
        Request {
            method: Method::Post,
            base: &useapi::BASE,
            path,
            headers: vec![("content-type", outgoing.media.mime().into())],
            auth: FACTS.vendor.auth,
            body: Body::File,
        }
    }

    fn accept(&self, _: &UploadSpec<'_>, reply: &Reply, _: Timestamp) -> Result<Step, Box<Failure>> {
        let value = reply.object()?;
        let Some(id) = id(&value, "/mediaGenerationId/mediaGenerationId") else {
            return Err(missing_id_failure(&value, reply));
        };
        let mut values = values(&value, FACTS.values);
        if let Some(seconds) = value["durationSeconds"].as_f64().filter(|s| s.is_finite()) {
            values.insert(1, ("endFrameIndex_1".to_owned(), end_frame_index(seconds).into()));
        }
        Ok(Step::Done(Box::new(Receipt {
            id: Some(id),
            url: None,
            values,
            warnings: vec![],
            expires: None,
            response: value.into(),
        })))
    }

    fn example(&self, arrived: &SandboxUpload) -> (u16, Value) {
        let uuid = &arrived.uuid;
        let email = arrived.account.as_deref().unwrap_or("sandbox@example.com");
        let hex = email.bytes().fold(String::new(), |hex, b| format!("{hex}{b:02x}"));
        let project = "5c37e988-0000-4000-8000-000000000000";
        if arrived.media == Media::Mp4 {
            return (
                200,
                json!({
                    "media": {
                        "name": uuid, "projectId": project, "workflowId": uuid, "workflowStepId": "CAE",
                        "mediaMetadata": {
                            "createTime": "2026-05-20T23:04:23.089821Z",
                            "requestData": { "clientPlatform": "CLIENT_PLATFORM_WEB" },
                            "mediaStatus": { "mediaGenerationStatus": "MEDIA_GENERATION_STATUS_PENDING" },
                            "visibility": "PRIVATE",
                        },
                        "video": {
                            "dimensions": { "width": 1280, "height": 720, "length": "11.940s" },
                            "videoOffset": { "startOffset": "0s", "endOffset": "11.940s" },
                            "userUploadedVideo": { "encodedVideo": "" },
                        },
                    },
                    "mediaGenerationId": { "mediaGenerationId": format!("user:1000-email:{hex}-video:{uuid}") },
                    "durationSeconds": 11.94, "width": 1280, "height": 720, "email": masked(email),
                }),
            );
        }
        let (width, height) = arrived.pixels.unwrap_or((1024, 1024));
        (
            200,
            json!({
                "media": {
                    "name": uuid, "projectId": project, "workflowId": uuid, "workflowStepId": "CAE",
                    "mediaMetadata": {
                        "createTime": "2026-02-27T16:34:25.128454Z",
                        "requestData": { "clientPlatform": "CLIENT_PLATFORM_WEB" },
                        "visibility": "PRIVATE",
                    },
                    "image": {
                        "userUploadedImage": { "aspectRatio": "IMAGE_ASPECT_RATIO_UNSPECIFIED" },
                        "dimensions": { "width": width, "height": height },
                    },
                },
                "workflow": {
                    "name": uuid,
                    "metadata": { "displayName": "upload", "createTime": "2026-02-27T16:34:25.128454Z", "primaryMediaId": uuid },
                    "projectId": project,
                },
                "mediaGenerationId": { "mediaGenerationId": format!("user:1000-email:{hex}-image:{uuid}") },
                "width": width, "height": height, "email": masked(email),
            }),
        )
    }
}

/// Returns an email as Google Flow's replies show it: `jo***@gmail.com`.
fn masked(email: &str) -> String {
    let (name, host) = email.split_once('@').unwrap_or((email, ""));
    format!("{}***@{host}", name.chars().take(2).collect::<String>())
}

#[cfg(test)]
mod tests {
    #[test]
    fn end_frame_index_is_24_a_second_up_to_240() {
        assert_eq!(super::end_frame_index(2.0), 48);
        assert_eq!(super::end_frame_index(11.94), 240);
        assert_eq!(super::end_frame_index(0.0), 0);
        assert_eq!(super::end_frame_index(-1.0), 0);
    }
}
