//! Values in addresses.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Returns a value for a path or query, as `encodeURIComponent` would write it, as a provider documents it.
pub fn encode_component(text: &str) -> String {
    let encoded = utf8_percent_encode(text, COMPONENT).to_string();
    // A segment of dots only would be resolved as a way up by URL parsers.
    if !encoded.is_empty() && encoded.bytes().all(|b| b == b'.') {
        encoded.replace('.', "%2E")
    } else {
        encoded
    }
}
