//! XMP, a text in XML of which a few words are looked for (it is not taken apart), and IPTC.

use super::bytes::text_of;
use super::found::MetadataFound;
use super::made;
use crate::model::media::Metadata;

/// Reads a packet of XMP.
pub(super) fn packet(bytes: &[u8], found: &mut MetadataFound) {
    let text = text_of(bytes, None);
    if let (Some(latitude), Some(longitude)) =
        (degrees(&text, "exif:GPSLatitude"), degrees(&text, "exif:GPSLongitude"))
    {
        found.add_place(latitude, longitude);
    }
    if made::says_so(text.as_bytes()) {
        found.add(Metadata::AiProvenance(None));
    }
    for name in ["xmp:CreatorTool", "xap:CreatorTool", "photoshop:Credit"] {
        found.generator(&value(&text, name));
    }
    for name in ["dc:description", "exif:UserComment"] {
        made::free_text(&value(&text, name), found);
    }
    let label = value(&text, "TC260:AIGC");
    made::keyed("AIGC", &label, found);
    let name = |name| Some(value(&text, name)).filter(|value| !value.is_empty());
    found.camera(name("tiff:Make"), name("tiff:Model"));
    found.author(&value(&text, "dc:creator"));
    // The manifest itself is elsewhere.
    if !value(&text, "dcterms:provenance").is_empty() {
        found.add(Metadata::ContentCredentials(None));
    }
}

/// Reads "48,8.25N", "48,8,15N".
fn degrees(text: &str, name: &str) -> Option<f64> {
    let value = value(text, name);
    let (number, side) = value.split_at_checked(value.len().checked_sub(1)?)?;
    let parts = number.split(',').map(|part| part.trim().parse::<f64>());
    let (sum, _) = parts
        .take(3)
        .try_fold((0.0, 1.0), |(sum, unit), part| part.ok().map(|part| (sum + part / unit, unit * 60.0)))?;
    Some(if matches!(side, "S" | "W" | "s" | "w") { -sum } else { sum })
}

/// Returns the value of a property, as an attribute or as an element, or the first one of a list; empty where there is
/// none.
fn value(text: &str, name: &str) -> String {
    let at = text.match_indices(name).find_map(|(at, _)| {
        let before = text[..at].chars().next_back()?;
        let rest = text[at + name.len()..].trim_start();
        if let Some(rest) = rest.strip_prefix('=').map(str::trim_start) {
            let quote = rest.chars().next().filter(|c| before.is_whitespace() && matches!(c, '"' | '\''))?;
            return rest[1..].split(quote).next();
        }
        let inner = rest.split_once('>').filter(|_| before == '<')?.1;
        let end = inner.find(&format!("</{name}"))?;
        let inner = &inner[..end];
        let first = inner.split_once("<rdf:li").and_then(|(_, rest)| rest.split_once('>'));
        first.map_or(inner, |(_, first)| first).split('<').next()
    });
    unescaped(at.unwrap_or_default().trim())
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = behind.split_once(';').filter(|(name, _)| name.len() < 8).unwrap_or(("", ""));
        let number = name.strip_prefix('#').and_then(|n| match n.strip_prefix('x') {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => n.parse().ok(),
        });
        let one = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            _ => number.and_then(char::from_u32),
        };
        out.push(one.unwrap_or('&'));
        rest = if one.is_some() { after } else { behind };
    }
    out + rest
}

/// Records of IPTC: 2:80 is the author, 2:116 the copyright, 2:110 the credit, 2:120 the caption.
pub(super) fn iptc(bytes: &[u8], found: &mut MetadataFound) {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == 0x1c) {
        rest = &rest[at + 1..];
        let [record, field, high, low, behind @ ..] = rest else { return };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some(text) = behind.get(..length).filter(|_| *record == 2 && length < 0x8000) else { continue };
        let text = text_of(text, None);
        match field {
            80 | 116 => found.author(&text),
            110 => found.generator(&text),
            120 => made::free_text(&text, found),
            _ => {}
        }
    }
}
