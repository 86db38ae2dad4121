//! Indream. Source: "Upload a file" (Indream Open API); limits, the 201 and the two forms of its key header from its
//! public documentation (specification 1.0 of April and 1.1 of September 2026).

use std::time::Duration;

use jiff::Timestamp;
use lucide_icons::Icon;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::call::{Provider, SandboxUpload, Step, UploadSpec};
use super::http::{Body, Method, Reply, Request, id, missing_id_failure, text, values};
use super::spec::{
    Accepts, Account, AccountListing, AccountPage, Auth, BodyForm, BrandMark, Endpoint, ErrorFact, Facts,
    KeyCheck, NameLocation, NameRule, OptionFact, OtherKey, ParamLocation, Usage, ValueKind, Vendor,
};
use crate::model::error::Failure;
use crate::model::media::{Kind, Media};
use crate::model::receipt::Receipt;
use crate::model::text::MB;

pub(super) struct Indream;

static BASE: Endpoint = Endpoint { env: "HOIST_INDREAM_URL", url: "https://api.indream.ai" };

static VENDOR: Vendor = Vendor {
    id: "indream",
    name: "Indream",
    env: "HOIST_INDREAM_KEY",
    base: &BASE,
    account_base: None,
    auth: Auth::Bearer,
    // 1.0 of its specification has this one, 1.1 the other.
    other_auth: Some(Auth::XApiKey),
    check: KeyCheck {
        path: "/v1/editor/capabilities",
        plan: None,
        example: |_| json!({ "data": {}, "meta": {} }),
    },
    looks_right: |key| key.starts_with("sk_indream_") && key.len() > 16,
    keys_page: "https://indream.ai/settings/api-keys",
    plan_page: "https://indream.ai/settings/api-keys",
    key_form: "sk_indream_…",
    sandbox_key: "sk_indream_sandbox000000",
    other_sandbox_keys: &[OtherKey { key: "sk_indream_sandboxOlder", auth: Auth::XApiKey, accounts: 0 }],
};

/// "1 <= length <= 512"
const NAME_CHARS: usize = 512;

/// What it takes of sound and video at most.
const HALF_AN_HOUR: Duration = Duration::from_mins(30);

static FACTS: Facts = Facts {
    id: "indream",
    name: "Indream",
    vendor: &VENDOR,
    document: "Upload a file (Indream Open API v1)",
    legacy: None,
    path: "/v1/uploads",
    body: BodyForm::Raw,
    accepts: &[
        Accepts::up_to(
            &[Media::Mp4, Media::Mov, Media::Webm, Media::Mkv, Media::Avi, Media::Ogv],
            800 * MB,
        )
        .lasting(HALF_AN_HOUR),
        Accepts::up_to(
            &[
                Media::Mp3,
                Media::Wav,
                Media::M4a,
                Media::Aac,
                Media::Flac,
                Media::Ogg,
                Media::WebmAudio,
                Media::MkvAudio,
            ],
            25 * MB,
        )
        .lasting(HALF_AN_HOUR),
        Accepts {
            types: &[
                Media::Png,
                Media::Jpeg,
                Media::Webp,
                Media::Gif,
                Media::Bmp,
                Media::Tiff,
                Media::Heic,
                Media::Avif,
            ],
            mime_aliases: &[],
            max_bytes: None,
            max_length: None,
            advised_bytes: None,
            advice: "",
        },
        Accepts::up_to(&[Media::Srt, Media::Ass, Media::Lrc], 10 * MB),
    ],
    account: Some(&OptionFact {
        key: "x-project-id",
        label: "Project",
        help: "The project's UUID, to bind the asset to it; empty for none",
        form: ValueKind::Uuid,
        location: ParamLocation::Header,
    }),
    accounts: Some(&AccountListing {
        path: "/v1/projects?pageSize=50",
        page_parameter: Some("pageCursor"),
        required: false,
        read: projects,
        one: None,
        example: |key| {
            let (id, title, next) = match key.page {
                None => ("9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8", "Spring campaign", Some("page+2")),
                Some(_) => ("0b5a6d54-0d0f-4f0e-9a52-6a2a8c1b7e11", "Showreel", None),
            };
            json!({ "data": [{ "projectId": id, "title": title }], "meta": { "nextPageCursor": next } })
        },
    }),
    account_page: VENDOR.keys_page,
    options: &[OptionFact {
        key: "auth",
        label: "Key header",
        help: "How the key is sent: Authorization: Bearer, or x-api-key as older accounts need",
        form: ValueKind::Choice(&["bearer", "x-api-key"]),
        location: ParamLocation::Auth,
    }],
    names: Some(&NameRule {
        location: NameLocation::Header("x-file-name"),
        max_chars: Some(NAME_CHARS),
        needs_extension: false,
    }),
    auto_account: false,
    retention: None,
    values: &[
        "data.assetId",
        "data.fileUrl",
        "data.fileKey",
        "data.type",
        "data.source",
        "data.filename",
        "data.mimetype",
        "data.size",
        "data.width",
        "data.height",
        "data.duration",
    ],
    uses: &[
        Usage { kind: Kind::Image, value: "fileUrl", parameter: "remoteUrl", call: "assets[*]" },
        Usage { kind: Kind::Image, value: "fileKey", parameter: "remoteKey", call: "assets[*]" },
        Usage { kind: Kind::Video, value: "fileUrl", parameter: "remoteUrl", call: "assets[*]" },
        Usage { kind: Kind::Video, value: "fileKey", parameter: "remoteKey", call: "assets[*]" },
        Usage { kind: Kind::Audio, value: "fileUrl", parameter: "remoteUrl", call: "assets[*]" },
        Usage { kind: Kind::Audio, value: "fileKey", parameter: "remoteKey", call: "assets[*]" },
    ],
    errors: &[
        ErrorFact::new(
            400,
            r#"{"type":"BAD_REQUEST","title":"Bad Request","status":400,"detail":"The file is not valid","errorCode":"INVALID_REQUEST"}"#,
        ),
        ErrorFact::new(
            401,
            r#"{"type":"UNAUTHORIZED","title":"Unauthorized","status":401,"detail":"The API key is invalid","errorCode":"INVALID_API_KEY"}"#,
        ),
        ErrorFact::new(
            403,
            r#"{"type":"FORBIDDEN","title":"Forbidden","status":403,"detail":"The current account is not eligible for this Open API route","errorCode":"OPEN_API_RUNTIME_ACCESS_FORBIDDEN"}"#,
        )
        .hint(
            "Ask at Indream whether the account may use the Open API, use a key of one that may, or send the file \
             somewhere else",
        ),
        ErrorFact::new(
            413,
            r#"{"type":"PAYLOAD_TOO_LARGE","title":"Payload Too Large","status":413,"detail":"The file is too large","errorCode":"FILE_TOO_LARGE"}"#,
        ),
        ErrorFact::new(
            422,
            r#"{"type":"UNPROCESSABLE","title":"Unprocessable","status":422,"detail":"The content does not match its type","errorCode":"CONTENT_MISMATCH"}"#,
        ),
    ],
    mark: BrandMark { colour: [0xb8, 0x79, 0x1f], icon: Icon::Box },
};

fn projects(value: &Value) -> AccountPage {
    let all = value["data"].as_array().into_iter().flatten();
    let accounts = all.filter_map(|project| {
        Some(Account { id: id(project, "/projectId")?, title: text(project, "/title"), problem: None })
    });
    AccountPage { accounts: accounts.collect(), next: id(value, "/meta/nextPageCursor") }
}

/// What cannot stand in `x-file-name` as it is. `%` is encoded too, so that decoding is unambiguous.
const NAME: &AsciiSet = &CONTROLS.add(b'%');

/// Returns the `x-file-name`: ASCII as it is, the rest percent-encoded; the stem is shortened where the whole passes
/// 512.
fn file_name(outgoing: &UploadSpec<'_>) -> String {
    let encode = |text: &str| utf8_percent_encode(text, NAME).to_string();
    let mut tail = match outgoing.extension() {
        "" => String::new(),
        extension => format!(".{}", encode(extension)),
    };
    if tail.len() > NAME_CHARS / 2 {
        tail = format!(".{}", outgoing.media.extensions()[0]); // no extension that long is one
    }
    let mut head = String::new();
    let mut letter = [0; 4];
    for c in outgoing.stem().trim().chars() {
        let encoded = encode(c.encode_utf8(&mut letter));
        if head.len() + encoded.len() + tail.len() > NAME_CHARS {
            break;
        }
        head.push_str(&encoded);
    }
    if head.is_empty() {
        head.push_str("file");
    }
    let name = format!("{head}{tail}");
    name.trim().to_owned()
}

impl Provider for Indream {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn request(&self, outgoing: &UploadSpec<'_>) -> Request {
        let mut headers =
            vec![("content-type", outgoing.media.mime().to_owned()), ("x-file-name", file_name(outgoing))];
        if let Some(project) = outgoing.account {
            headers.push(("x-project-id", project.to_owned()));
        }
        let auth = match outgoing.options.get("auth").map(String::as_str) {
            Some("x-api-key") => Auth::XApiKey,
            _ => VENDOR.auth,
        };
        Request {
            method: Method::Post,
            base: &BASE,
            path: FACTS.path.to_owned(),
            headers,
            auth,
            body: Body::File,
        }
    }

    fn accept(&self, _: &UploadSpec<'_>, reply: &Reply, _: Timestamp) -> Result<Step, Box<Failure>> {
        let value = reply.object()?;
        let (id, url) = (id(&value, "/data/assetId"), id(&value, "/data/fileUrl"));
        if id.is_none() && url.is_none() {
            return Err(missing_id_failure(&value, reply));
        }
        Ok(Step::Done(Box::new(Receipt {
            id,
            url,
            values: values(&value, FACTS.values),
            warnings: vec![],
            expires: None,
            response: value.into(),
        })))
    }

    fn example(&self, arrived: &SandboxUpload) -> (u16, Value) {
        let uuid = &arrived.uuid;
        let name = arrived.name.clone().unwrap_or_default();
        let kind = match arrived.media.kind() {
            Kind::Image => "IMAGE",
            Kind::Audio => "AUDIO",
            Kind::Video => "VIDEO",
            Kind::Captions => "CAPTION",
        };
        let (width, height) =
            arrived.pixels.map_or((Value::Null, Value::Null), |(w, h)| (w.into(), h.into()));
        (
            201,
            json!({
                "data": {
                    "assetId": uuid, "type": kind, "source": "UPLOAD", "filename": name,
                    "mimetype": arrived.media.mime(), "size": arrived.size,
                    "fileUrl": format!("{}/files/{uuid}", arrived.origin), "fileKey": format!("uploads/{uuid}"),
                    "width": width, "height": height, "duration": null,
                },
                "meta": {},
            }),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn named(name: &str) -> String {
        file_name(&UploadSpec {
            name,
            media: Media::Png,
            size: 1,
            account: None,
            options: &BTreeMap::new(),
            known_id: None,
        })
    }

    #[test]
    fn names_stay_readable_and_reversible() {
        assert_eq!(named("My cover (1).png"), "My cover (1).png");
        assert_eq!(named("50% off.png"), "50%25 off.png");
        assert_eq!(named("封.png"), "%E5%B0%81.png");
        assert_eq!(named("a\r\nX-Evil: 1.png"), "a%0D%0AX-Evil: 1.png");
    }

    proptest! {
        #[test]
        fn any_name_makes_a_header_of_at_most_512_characters(name in "\\PC{1,700}(\\.png)?") {
            let out = named(&name);
            prop_assert!((1..=512).contains(&out.len()), "{}", out.len());
            prop_assert!(out.bytes().all(|b| (0x20..0x7f).contains(&b)), "{out:?}");
            let ends = |text: &str| text.strip_suffix(".png").is_some_and(|stem| !stem.is_empty());
            if ends(&name) { prop_assert!(ends(&out)); }
        }
    }
}
