//! C2PA manifests, "Content Credentials": who signed how a file came to be. That a machine made it is one of many things
//! they may say; cameras sign their photographs with them, too.

use super::bytes::{MAX_CHARS, ends_of, short};
use super::found::MetadataFound;
use super::{generators, made};
use crate::model::media::Metadata;

/// More bytes of a manifest than these are not read: the pictures in it are small ones.
pub(super) const MAX_BYTES: u64 = 8 * 1024 * 1024;
/// More programs than these are not asked for.
const MAX_AGENTS: usize = 64;

/// Reads a manifest, or several in one: what it says of machines is looked for in it, it is not verified.
pub(super) fn manifest(bytes: &[u8], found: &mut MetadataFound) {
    let of = |key: &'static [u8]| {
        ends_of(bytes, key).take(MAX_AGENTS).filter_map(|at| agent(&bytes[at..])).collect::<Vec<_>>()
    };
    // The file's own claim stands behind those of what it was made from.
    let (claims, agents) = (of(b"claim_generator"), of(b"softwareAgent"));
    found.add(Metadata::ContentCredentials(claims.last().map(|name| short(name, MAX_CHARS))));
    let by = claims.iter().rev().chain(&agents).find_map(|agent| generators::generator(agent));
    if by.is_some() || made::says_so(bytes) {
        found.add(Metadata::AiProvenance(by));
    }
}

/// Returns whether it is one: other things stand in boxes of the same kind.
pub(super) fn is_manifest(bytes: &[u8]) -> bool {
    ends_of(bytes, b"jumb").next().is_some() && ends_of(bytes, b"c2pa").next().is_some()
}

/// Returns what stands behind a key: a text, or the text behind the next `name`. In CBOR, where a text's length stands
/// before it.
fn agent(bytes: &[u8]) -> Option<String> {
    text(bytes).or_else(|| {
        let near = &bytes[..bytes.len().min(96)];
        let name = ends_of(near, b"\x64name").next()?;
        text(&bytes[name..])
    })
}

fn text(bytes: &[u8]) -> Option<String> {
    let (length, rest) = match bytes {
        [head @ 0x60..=0x77, rest @ ..] => (usize::from(head - 0x60), rest),
        [0x78, length, rest @ ..] => (usize::from(*length), rest),
        [0x79, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    };
    let text = std::str::from_utf8(rest.get(..length)?).ok()?.trim();
    (!text.is_empty()).then(|| text.replace('_', " "))
}
