//! Texts that other programs wrote: UTF-8, or UTF-16 by the mark at its beginning, as Windows' shells and editors write it.

use std::borrow::Cow;

/// Returns a text by its mark; what is no letter of it is replaced.
pub fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match unmarked(bytes) {
        Marked::Utf8(bytes) => String::from_utf8_lossy(bytes),
        Marked::Utf16(units) => String::from_utf16_lossy(&units).into(),
    }
}

/// Returns a text by its mark; none where it is no text.
pub fn strict(bytes: &[u8]) -> Option<String> {
    match unmarked(bytes) {
        Marked::Utf8(bytes) => String::from_utf8(bytes.to_vec()).ok(),
        Marked::Utf16(units) if bytes.len().is_multiple_of(2) => String::from_utf16(&units).ok(),
        Marked::Utf16(_) => None,
    }
}

/// What stands behind the mark.
enum Marked<'a> {
    Utf8(&'a [u8]),
    Utf16(Vec<u16>),
}

fn unmarked(bytes: &[u8]) -> Marked<'_> {
    let units = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, _) = bytes.as_chunks::<2>();
        Marked::Utf16(pairs.iter().map(|pair| unit(*pair)).collect())
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => units(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => units(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => Marked::Utf8(rest),
        bytes => Marked::Utf8(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_however_it_was_written() {
        let utf16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| {
            "Größe 大"
                .encode_utf16()
                .fold(bytes(mark).to_vec(), |all, unit| [all, bytes(unit).to_vec()].concat())
        };
        let utf8 = "Größe 大".as_bytes().to_vec();
        let all = [
            utf16(0xfeff, u16::to_le_bytes),
            utf16(0xfeff, u16::to_be_bytes),
            [b"\xef\xbb\xbf".to_vec(), utf8.clone()].concat(),
            utf8,
        ];
        for bytes in all {
            assert_eq!(strict(&bytes).as_deref(), Some("Größe 大"), "{bytes:?}");
            assert_eq!(lossy(&bytes), "Größe 大", "{bytes:?}");
        }
        assert_eq!(strict(b"\xff\xfe\0\xd8"), None, "half a letter");
        assert_eq!((strict(b"caf\xe9"), &*lossy(b"caf\xe9")), (None, "caf\u{fffd}"));
        assert_eq!((strict(b"\xff\xfeh\0i"), &*lossy(b"\xff\xfeh\0i")), (None, "h"));
    }
}
