//! Custom uploaders in every form that `ShareX` has, those that are hostile, and where their keys go.

mod forms;
mod hostile;
mod keys;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Imported, import};
use crate::model::media::Media;
use crate::model::receipt::Receipt;
use crate::provider::call::{Provider, SandboxUpload};
use crate::provider::http::{Method, Reply, Request, Target};
use crate::provider::rehearsal::sample;
use crate::provider::spec::ProviderSource;
use crate::provider::upload_spec::{Captured, Step, UploadSpec};
use crate::provider::{build, hosts};

/// An uploader as programs write it today, with more fields in place of its own.
fn uploader(more: &Value) -> Vec<u8> {
    let mut fields = json!({
        "Version": "17.0.0",
        "Name": "Example host",
        "DestinationType": "ImageUploader, FileUploader",
        "RequestMethod": "POST",
        "RequestURL": "https://up.example.com/api/upload",
        "Body": "MultipartFormData",
        "FileFormName": "file",
        "URL": "{json:url}",
    });
    for (name, value) in more.as_object().unwrap() {
        fields[name] = value.clone();
    }
    fields.to_string().into_bytes()
}

fn imported(more: &Value) -> Imported {
    match import(&uploader(more), "2026-11-28", &[]) {
        Ok(imported) => imported,
        Err(why) => panic!("{more}: {why}"),
    }
}

/// Returns why it cannot be imported.
fn refused(more: &Value) -> Vec<String> {
    match import(&uploader(more), "2026-11-28", &[]) {
        Ok(imported) => panic!("{more} was imported:\n{}", imported.toml),
        Err(why) => why.0,
    }
}

/// Asserts that there is one sentence, and that it begins so.
fn assert_refused(more: &Value, begins: &str) {
    let sentences = refused(more);
    assert!(matches!(&*sentences, [one] if one.starts_with(begins)), "{more}: {sentences:?}");
}

fn provider(imported: &Imported) -> &'static Provider {
    let source = ProviderSource::File("own.toml".into());
    build::provider(&imported.toml, &source, &[]).unwrap_or_else(|e| panic!("{e}\n{}", imported.toml))
}

/// Calls with an upload of `a b.png`.
fn with_upload<T>(action: impl FnOnce(&UploadSpec<'_>) -> T) -> T {
    let (options, captured) = (BTreeMap::new(), Captured::default());
    action(&UploadSpec {
        name: "a b.png",
        media: Media::Png,
        size: 3,
        account: None,
        options: &options,
        known_id: None,
        captured: &captured,
        random: "r4nd0m",
    })
}

fn request(imported: &Imported) -> Request {
    with_upload(|spec| provider(imported).request(0, spec)).unwrap()
}

/// Returns host and path that the upload goes to.
fn target(request: &Request) -> String {
    match &request.target {
        Target::Vendor { base, path } => format!("{}{path}", base.url),
        Target::Captured { .. } => panic!("an uploader has one step"),
    }
}

/// Returns what a reply leads to.
fn receipt(imported: &Imported, body: &str) -> Option<Receipt> {
    let reply = Reply { status: 200, body: body.into(), ..Reply::default() };
    let step = with_upload(|spec| provider(imported).reply(0, spec, &reply, Timestamp::UNIX_EPOCH)).ok()?;
    assert!(matches!(step, Step::Done(_)));
    step.into_receipt().map(|receipt| *receipt)
}

/// Plays the file's example against it, and returns what comes of it.
fn played(imported: &Imported) -> Receipt {
    let provider = provider(imported);
    assert!(provider.missing_examples().is_empty());
    let (status, body) = provider.example(
        1,
        &SandboxUpload {
            name: Some("a_b.png".to_owned()),
            uuid: "2d5c".to_owned(),
            origin: "http://127.0.0.1:9".to_owned(),
            ..sample(provider, Media::Png)
        },
    );
    assert_eq!(status, 200);
    let body = match body {
        Value::String(text) => text,
        other => {
            for pointer in provider.pointers() {
                assert!(other.pointer(pointer).is_some_and(Value::is_string), "{pointer} in {other}");
            }
            other.to_string()
        }
    };
    receipt(imported, &body).unwrap_or_else(|| panic!("{body}\n{}", imported.toml))
}

#[test]
fn what_is_made_is_a_whole_provider() {
    let imported = imported(&json!({}));
    let (facts, request) = (provider(&imported).facts(), request(&imported));
    assert_eq!((imported.id.as_str(), imported.name.as_str()), ("example-host", "Example host"));
    assert_eq!((facts.document.page, facts.document.checked), ("https://up.example.com/", "2026-11-28"));
    assert_eq!(target(&request), "https://up.example.com/api/upload");
    assert!(request.method == Method::Post && imported.key.is_none() && imported.notes.is_empty());
    let types: Vec<_> = facts.accepts.iter().flat_map(|accepts| accepts.types).collect();
    for media in Media::ALL {
        assert_eq!(types.contains(&&media), media.kind() != crate::model::media::Kind::Captions, "{media:?}");
    }
    assert_eq!(played(&imported).url.as_deref(), Some("http://127.0.0.1:9/example-host/2d5c.png"));
    assert!(hosts::split("https://up.example.com/x", facts.vendor.endpoints, false).is_ok());
}
