//! Where and with what photographs were taken.

use super::files::*;
use crate::model::media::{Media, Metadata};

#[test]
fn a_photograph_tells_where_with_what_and_by_whom_it_was_taken() {
    assert_eq!(read(&in_jpeg(&exif(USUAL, None)), Media::Jpeg), usual());
    assert_eq!(read(&in_jpeg(&exif(ExifStyle { little: true, ..USUAL }, None)), Media::Jpeg), usual());
    assert_eq!(read(&exif(USUAL, None), Media::Tiff), usual(), "a TIFF is such a block itself");
    assert_eq!(read(&webp_with_exif(exif(USUAL, None)), Media::Webp), usual());
    assert_eq!(read(&picture(&[chunk(*b"eXIf", &exif(USUAL, None))]), Media::Png), usual());
    assert_eq!(read(&sample("cover.png"), Media::Png), [], "a drawing tells nothing");
}

#[test]
fn one_odd_entry_loses_nothing_else() {
    let short = |n: u8| Value::Of(3, 1, vec![0, n]);
    for (what, block) in [
        ("no pointer to a next directory", exif(ExifStyle { ends: false, ..USUAL }, None)),
        ("the same, little", exif(ExifStyle { little: true, ends: false }, None)),
        ("an unknown type", exif(USUAL, Some((0x100, Value::Of(99, 1, vec![0; 4]))))),
        (
            "a value beyond the end",
            exif(USUAL, Some((0x100, Value::Of(4, 9, 0x00ff_ffff_u32.to_be_bytes().into())))),
        ),
        ("an absurd count", exif(USUAL, Some((0x100, Value::Of(12, u32::MAX, vec![0; 4]))))),
        (
            "a broken directory",
            exif(USUAL, Some((0x8769, Value::Of(4, 1, 0x00ff_ffff_u32.to_be_bytes().into())))),
        ),
        ("a directory that is a text", exif(USUAL, Some((0x8769, ascii("x"))))),
        ("one below zero", exif(USUAL, Some((0x8769, Value::Of(9, 1, (-8i32).to_be_bytes().into()))))),
        ("one that is itself", exif(USUAL, Some((0x8769, Value::Of(4, 1, 8u32.to_be_bytes().into()))))),
        ("a number where a text belongs", exif(USUAL, Some((0x131, short(7))))),
    ] {
        assert_eq!(read(&in_jpeg(&block), Media::Jpeg), usual(), "{what}");
    }
    // An offset with a sign, and texts that are called bytes.
    let signed = block(
        USUAL,
        &[
            (0x10f, Value::Of(1, 6, b"Canon\0".to_vec())),
            (0x110, Value::Of(7, 13, b"Canon EOS R5\0".to_vec())),
            (0x13b, Value::Of(129, 9, b"Jane Doe\0".to_vec())),
            (0x8825, Value::Below(9, gps(USUAL))),
        ],
    );
    assert_eq!(read(&in_jpeg(&signed), Media::Jpeg), usual());
    // A text that says it is longer than everything.
    let long = |tag, text: &str| (tag, Value::Of(2, 70_000, format!("{text}\0").into_bytes()));
    let long = block(
        USUAL,
        &[
            long(0x10f, "Canon"),
            long(0x110, "Canon EOS R5"),
            (0x13b, ascii("Jane Doe")),
            (0x8825, Value::Below(4, gps(USUAL))),
        ],
    );
    assert_eq!(read(&in_jpeg(&long), Media::Jpeg), usual());
    // A segment that lies about its length.
    let lie = [&[0xff, 0xe0, 0, 4], &b"JFIF\0\x01\x02"[..]].concat();
    let whole = segment(0xe1, &[b"Exif\0\0", &exif(USUAL, None)[..]].concat());
    assert_eq!(read(&photograph(&[lie, whole]), Media::Jpeg), usual());
    // The last directory is cut off: what was before it is known.
    let whole = exif(USUAL, None);
    let cut = read(&in_jpeg(&whole[..whole.len() - 60]), Media::Jpeg);
    assert!(cut.contains(&Metadata::Camera("Canon EOS R5".into())), "{cut:?}");
    // A broken block, and a whole one in another place.
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<rdf tiff:Model='Canon EOS R5'/>");
    let broken = segment(0xe1, b"Exif\0\0II*\0\xff\xff\xff\xff");
    assert_eq!(read(&photograph(&[broken, xmp]), Media::Jpeg), [Metadata::Camera("Canon EOS R5".into())]);
}

#[test]
fn a_directory_of_pointers_to_itself_is_read_once() {
    let pointer = [0x87, 0x69, 0, 4, 0, 0, 0, 1, 0, 0, 0, 8].repeat(5000);
    let many = [b"MM\0*\0\0\0\x08".as_slice(), &5000u16.to_be_bytes(), &pointer].concat();
    assert_eq!(read(&in_jpeg(&many), Media::Jpeg), []);
    let absurd = [&u32::MAX.to_be_bytes()[..], b"tEXt"].concat();
    assert_eq!(read(&picture(&[absurd]), Media::Png), []);
    for inner in [b"moov", b"trak", b"udta", b"meta", b"ilst", b"iinf"] {
        // Each box has the next one in it.
        let deep = [&0u32.to_be_bytes()[..], inner].concat().repeat(200_000);
        let file = [&atom(b"ftyp", b"isom\0\0\0\0")[..], b"\0\0\0\0moov", &deep].concat();
        assert_eq!(read(&file, Media::Mp4), []);
    }
}

#[test]
fn nothing_at_zero_is_no_place() {
    let at = |latitude, longitude| {
        let gps = vec![(2, degrees(USUAL, latitude)), (4, degrees(USUAL, longitude))];
        read(&in_jpeg(&block(USUAL, &[(0x8825, Value::Below(4, gps))])), Media::Jpeg)
    };
    let (none, zero) = ([(0, 0); 3], [(0, 1); 3]);
    assert_eq!(at(none, none), [], "0/0 is no number");
    assert_eq!(at(zero, zero), []);
    assert_eq!(at([(91, 1), (0, 1), (0, 1)], zero), [], "not on this earth");
    let equator = [Metadata::Place(Some("0, 9.5".into()))];
    assert_eq!(at(zero, [(9, 1), (30, 1), (0, 0)]), equator, "seconds that are none are none");
    let xyz = |text: &str| {
        let text = [&[0, text.len() as u8, 0x15, 0xc7], text.as_bytes()].concat();
        read(&movie_with(&atom(b"udta", &atom(b"\xa9xyz", &text))), Media::Mp4)
    };
    assert_eq!(xyz("+00.0000+000.0000/"), []);
    assert_eq!(xyz("+00.0000+009.5000/"), equator);
    let xmp = "<x exif:GPSLatitude=\"0,0.0N\" exif:GPSLongitude=\"0,0.0E\"/>";
    assert_eq!(
        read(
            &picture(&[chunk(*b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0{xmp}").as_bytes())]),
            Media::Png
        ),
        []
    );
}
