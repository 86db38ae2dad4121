//! Files that end anywhere, and files with wrong bytes.

use proptest::prelude::*;

use super::files::*;
use crate::model::media::Media;

fn all_kinds() -> Vec<(Vec<u8>, Media)> {
    let exif = exif(USUAL, None);
    let in_box = [&[0; 4], &exif[..]].concat();
    let phone = atom(b"meta", &mdta(&[("com.apple.quicktime.location.ISO6709", "+1+2/"), ("prompt", "{}")]));
    let flac = comments(&["artist=x", "title=y"]);
    let flac = [b"fLaC\x84\0\0", &[u8::try_from(flac.len()).unwrap()][..], &flac].concat();
    vec![
        (
            photograph(&[
                segment(0xe1, &[b"Exif\0\0", &exif[..]].concat()),
                segment(0xed, b"Photoshop 3.0\0\x1c\x02\x50\0\x02ab"),
            ]),
            Media::Jpeg,
        ),
        (
            photograph(&app11(&manifest(&[("claim_generator", "x"), ("digitalSourceType", TRAINED)]), 2)),
            Media::Jpeg,
        ),
        (
            picture(&[
                chunk(*b"eXIf", &exif),
                chunk(*b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<dc:creator><rdf:li>x"),
            ]),
            Media::Png,
        ),
        (
            picture(&[chunk(*b"zTXt", &[b"parameters\0\0", &packed(INFOTEXT.as_bytes())[..]].concat())]),
            Media::Png,
        ),
        (webp_with_exif(exif.clone()), Media::Webp),
        (
            riff(
                b"WAVE",
                &[(b"LIST", b"INFOINAM\x02\0\0\0ab".to_vec()), (b"id3 ", id3(4, &[("TPE1", b"\0x")]))],
            ),
            Media::Wav,
        ),
        (exif, Media::Tiff),
        (heif(b"Exif\0", &in_box, false), Media::Heic),
        (movie_with(&phone), Media::Mov),
        (id3(3, &[("TPE1", b"\x01\xff\xfea\0"), ("COMM", b"\0engx\0y"), ("GEOB", b"jumbc2pa")]), Media::Mp3),
        (flac, Media::Flac),
        (ogg(&[b"OpusHead", &[b"OpusTags", &comments(&["artist=x"])[..]].concat()]), Media::Ogg),
    ]
}

#[test]
fn a_file_that_ends_anywhere_is_read_without_a_panic() {
    for (bytes, media) in all_kinds() {
        for length in 0..bytes.len().min(700) {
            read(&bytes[..length], media);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn wrong_bytes_are_read_without_a_panic(wrong in prop::collection::vec((0usize..4096, any::<u8>()), 1..30)) {
        for (mut bytes, media) in all_kinds() {
            for (at, byte) in &wrong {
                let n = bytes.len().min(600);
                bytes[at % n] = *byte;
            }
            read(&bytes, media);
        }
    }

    #[test]
    fn any_bytes_are_read_as_any_kind(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        for (begin, media) in [
            (&b"Exif\0\0MM\0*"[..], Media::Tiff), (b"II*\0", Media::Tiff), (b"ID3\x04\0\0", Media::Mp3),
            (b"\0\0\0\x40moov\0\0\0\x38udta", Media::Mp4), (b"\0\0\0\0meta\0\0\0\0", Media::Heic),
            (b"OggS\0\0", Media::Ogg), (b"fLaC\x84", Media::Flac), (b"RIFF\0\0\0\0WAVELIST", Media::Wav),
        ] {
            read(&[begin, &bytes].concat(), media);
        }
    }
}
