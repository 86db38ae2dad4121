//! Where and with what videos, HEIC and AVIF were taken.

use super::files::*;
use crate::model::media::{Media, Metadata};

#[test]
fn videos_tell_where_and_with_what_they_were_taken_in_every_way_of_writing_it() {
    let taken_at = |text: &str| Metadata::Place(Some(text.into()));
    let phone = [
        ("com.apple.quicktime.location.ISO6709", "+32.0929+034.8620+042.000/"),
        ("com.apple.quicktime.make", "Apple"),
        ("com.apple.quicktime.model", "iPhone 6"),
    ];
    let wanted = [taken_at("32.0929, 34.862"), Metadata::Camera("Apple iPhone 6".into())];
    let meta = atom(b"meta", &mdta(&phone));
    assert_eq!(read(&movie_with(&meta), Media::Mov), wanted, "keys of QuickTime");
    let full = atom(b"meta", &[&[0; 4], &mdta(&phone)[..]].concat());
    assert_eq!(
        read(&movie_with(&atom(b"udta", &full)), Media::Mp4),
        wanted,
        "with a version, and among users' data"
    );
    assert_eq!(read(&movie_with(&atom(b"trak", &meta)), Media::Mov), wanted, "of a track");
    let turned: Vec<_> = phone.into_iter().rev().collect();
    assert_eq!(read(&movie_with(&atom(b"meta", &mdta(&turned))), Media::Mov), wanted);
    // 3GPP: longitude first, in 65,536ths of a degree, behind a name.
    let loci = |name: &[u8]| {
        let at = [(11.5f64 * 65536.0) as i32, (-48.25 * 65536.0) as i32, 0].map(i32::to_be_bytes).concat();
        let content = [&[0, 0, 0, 0, 0x15, 0xc7], name, &[0], &at[..], b"earth\0\0"].concat();
        read(&movie_with(&atom(b"udta", &atom(b"loci", &content))), Media::Mp4)
    };
    assert_eq!(loci(b"\0"), [taken_at("-48.25, 11.5")]);
    assert_eq!(loci(b"Home\0"), [taken_at("-48.25, 11.5")]);
    assert_eq!(loci(b"\xfe\xff\0H\0o\0\0"), [taken_at("-48.25, 11.5")]);
    // Minutes and seconds.
    for (text, wanted) in [
        ("+48.1372+011.5756/", "48.1372, 11.5756"),
        ("+4808.25-01134.5/", "48.1375, -11.575"),
        ("-480815+0113430+500/", "-48.1375, 11.575"),
    ] {
        assert_eq!(
            read(&movie_with(&atom(b"meta", &mdta(&[("location", text)]))), Media::Mp4),
            [taken_at(wanted)]
        );
    }
    // A box that lies about its size in front of it.
    let odd = [atom(b"\xa9xyz", &[0xff, 0xff]), atom(b"loci", &[0; 3]), atom(b"meta", &[]), full].concat();
    assert_eq!(read(&movie_with(&atom(b"udta", &odd)), Media::Mp4), wanted);
}

#[test]
fn heic_and_avif_tell_where_and_with_what_they_were_taken() {
    let exif = exif(USUAL, None);
    for in_data in [false, true] {
        let plain = [&[0; 4], &exif[..]].concat();
        assert_eq!(read(&heif(b"Exif\0", &plain, in_data), Media::Heic), usual());
        let named = [&[0, 0, 0, 6], &b"Exif\0\0"[..], &exif].concat();
        assert_eq!(read(&heif(b"Exif\0", &named, in_data), Media::Avif), usual());
        let wrong = [&[0, 0, 9, 9], &b"Exif\0\0"[..], &exif].concat();
        assert_eq!(read(&heif(b"Exif\0", &wrong, in_data), Media::Avif), usual(), "its offset is wrong");
    }
    let xmp = b"<x exif:GPSLatitude='48,8.25N' exif:GPSLongitude='11,34,30W' tiff:Model='Pixel 9'/>";
    let wanted = [Metadata::Place(Some("48.1375, -11.575".into())), Metadata::Camera("Pixel 9".into())];
    assert_eq!(read(&heif(b"mime\0application/rdf+xml\0", xmp, false), Media::Heic), wanted);
}
