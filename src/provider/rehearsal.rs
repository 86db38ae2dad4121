//! An upload as a provider's own examples tell it: what each step sends, and the reply that is documented for it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::call::{Provider, SandboxUpload};
use super::http::Reply;
use super::upload_spec::{Captured, Step, UploadSpec};
use crate::model::error::Failure;
use crate::model::media::{Kind, Media};
use crate::model::receipt::Receipt;

/// The account that a rehearsal names, where one can be chosen.
const ACCOUNT: &str = "jane@example.com";

/// Returns what is known of a sample of this type once it has arrived.
pub fn sample(provider: &Provider, media: Media) -> SandboxUpload {
    SandboxUpload {
        media,
        size: 1,
        name: Some("file".to_owned()),
        account: provider.facts().account.option.map(|_| ACCOUNT.to_owned()),
        pixels: (media.kind() == Kind::Image).then_some((640, 480)),
        uuid: "0a1b2c3d-0000-4000-8000-000000000001".to_owned(),
        origin: "https://files.example.com".to_owned(),
        next: "https://files.example.com/next".to_owned(),
        polled: 0,
    }
}

/// Why an upload that is played comes to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RehearsalError {
    /// A step makes no request, or its example is no success.
    #[error("step {step} for {kind}: {why}")]
    Step {
        /// Counted from 1.
        step: usize,
        /// "images".
        kind: &'static str,
        /// The failure's sentence.
        why: String,
    },
    /// The last step asks for another.
    #[error("its steps come to no end")]
    NoEnd,
}

/// Plays an upload of this type by the examples, and returns its receipt.
pub fn rehearse(provider: &Provider, media: Media) -> Result<Box<Receipt>, RehearsalError> {
    let options = BTreeMap::new();
    let mut captured = Captured::default();
    for step in 0..provider.steps() {
        let spec = UploadSpec {
            name: "a file.bin",
            media,
            size: 1,
            account: provider.facts().account.option.map(|_| ACCOUNT),
            options: &options,
            known_id: None,
            captured: &captured,
            random: "0a1b2c3d4e5f6071",
        };
        let at = |failure: Box<Failure>| {
            let (kind, why) = (media.kind().word(), failure.message);
            RehearsalError::Step { step: step + 1, kind, why }
        };
        provider.request(step, &spec).map_err(at)?;
        let sample = sample(provider, media);
        let (status, body) = provider.example(step + 1, &sample);
        let headers = provider.example_headers(step + 1, &sample);
        let reply = Reply { status, body: text_of(&body), headers, ..Reply::default() };
        match provider.reply(step, &spec, &reply, Timestamp::UNIX_EPOCH).map_err(at)? {
            Step::Next(more) => captured.add(more),
            Step::Done(receipt) | Step::Poll { receipt, .. } => return Ok(receipt),
        }
    }
    Err(RehearsalError::NoEnd)
}

/// Returns an example as a server writes it: JSON, or plain text.
pub fn text_of(body: &Value) -> Vec<u8> {
    match body {
        Value::String(text) => text.clone().into_bytes(),
        other => other.to_string().into_bytes(),
    }
}
