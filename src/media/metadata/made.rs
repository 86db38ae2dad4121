//! That a machine made something, and which: by the term for it, and by the parameters that stand in texts.

use super::bytes::{ends_of, short};
use super::found::MetadataFound;
use super::generators::of_text;
use crate::model::media::Metadata;

/// Longer parameters are cut: a workflow may be a hundred thousand characters.
const MAX_CHARS: usize = 4000;
/// A property's name stands no further than this before its value.
const NEAR: usize = 160;

/// Returns whether it is said by the term for it: IPTC's source types "trainedAlgorithmicMedia" and
/// "compositeWithTrainedAlgorithmicMedia", as the value of that property.
pub(super) fn says_so(bytes: &[u8]) -> bool {
    const TERM: &[u8] = b"rainedAlgorithmicMedia";
    ends_of(bytes, TERM).any(|end| {
        let before = &bytes[..end - TERM.len()];
        let before = before.strip_suffix(b"compositeWithT").or_else(|| before.strip_suffix(b"t"));
        let is_property = before.is_some_and(|before| {
            let near = before[before.len().saturating_sub(NEAR)..].to_ascii_lowercase();
            ends_of(&near, b"digitalsourcetype").next().is_some()
        });
        is_property && bytes.get(end).is_none_or(|b| !b.is_ascii_alphanumeric())
    })
}

/// Reads a text under a name that says what it is: a PNG's, a comment's, a tag's.
pub(super) fn keyed(key: &str, text: &str, found: &mut MetadataFound) {
    let text = text.trim();
    let by = match key.to_ascii_lowercase().as_str() {
        _ if text.is_empty() => return,
        "prompt" | "workflow" if text.starts_with('{') => Some("ComfyUI"),
        "invokeai_metadata" | "invokeai_graph" | "invokeai_workflow" | "sd-metadata" | "dream" => {
            Some("InvokeAI")
        }
        "parameters" if text.contains("Steps: ") => Some("Stable Diffusion"),
        "fooocus_scheme" => Some("Fooocus"),
        "aigc" | "generation_data" => None,
        _ => return free_text(text, found),
    };
    let by = if key.eq_ignore_ascii_case("parameters") { of_text(text).or(by) } else { by };
    add(by, text, found);
}

/// Reads a text that anything may stand in: a comment, a description.
pub(super) fn free_text(text: &str, found: &mut MetadataFound) {
    if let Some(by) = of_text(text) {
        add(Some(by), text, found);
    }
}

fn add(by: Option<&str>, text: &str, found: &mut MetadataFound) {
    found.add(Metadata::AiProvenance(by.map(str::to_owned)));
    found.add(Metadata::AiParameters(short(text, MAX_CHARS)));
}
