use std::io::Write as _;

use proptest::prelude::*;

use super::*;

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)).unwrap()
}

fn read(bytes: &[u8], media: Media) -> Vec<Metadata> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    read_metadata(file.path(), media)
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

/// A photograph with these segments in front.
fn photograph(segments: &[Vec<u8>]) -> Vec<u8> {
    let whole = sample("photo.jpg");
    [&whole[..2], &segments.concat(), &whole[2..]].concat()
}

fn chunk(kind: [u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], &kind, content, &[0; 4]].concat()
}

/// A PNG with these chunks behind its head.
fn picture(chunks: &[Vec<u8>]) -> Vec<u8> {
    let whole = sample("cover.png");
    [&whole[..33], &chunks.concat(), &whole[33..]].concat()
}

/// A PNG with one text, as it is.
fn text(keyword: &str, text: &str) -> Vec<u8> {
    picture(&[chunk(*b"tEXt", format!("{keyword}\0{text}").as_bytes())])
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(vec![], flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A file of RIFF's chunks.
fn riff(form: &[u8], chunks: &[(&[u8], Vec<u8>)]) -> Vec<u8> {
    let mut body = form.to_vec();
    for (kind, content) in chunks {
        body.extend(*kind);
        body.extend(u32::try_from(content.len()).unwrap().to_le_bytes());
        body.extend(content);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

fn webp_with_exif(exif: Vec<u8>) -> Vec<u8> {
    riff(b"WEBP", &[(b"VP8X", vec![8, 0, 0, 0, 0, 0, 0, 0, 0, 0]), (b"EXIF", exif)])
}

fn atom(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&u32::try_from(content.len() + 8).unwrap().to_be_bytes()[..], kind, content].concat()
}

fn movie_with(inner: &[u8]) -> Vec<u8> {
    [atom(b"ftyp", b"isom\0\0\0\0"), atom(b"moov", inner), atom(b"mdat", &[0; 16])].concat()
}

/// A value of a directory: of a type, so often, as bytes; or another directory, by a pointer of a type.
enum Value {
    Of(u16, u32, Vec<u8>),
    Below(u16, Vec<(u16, Value)>),
}

/// How a block of EXIF is written.
#[derive(Clone, Copy)]
struct How {
    little: bool,
    /// Each directory ends with the pointer to the next one.
    ends: bool,
}

const USUAL: How = How { little: false, ends: true };

fn n32(how: How, n: usize) -> [u8; 4] {
    let n = u32::try_from(n).unwrap();
    if how.little { n.to_le_bytes() } else { n.to_be_bytes() }
}

fn n16(how: How, n: u16) -> [u8; 2] {
    if how.little { n.to_le_bytes() } else { n.to_be_bytes() }
}

fn directory(how: How, at: usize, all: &[(u16, Value)]) -> Vec<u8> {
    let mut head = n16(how, u16::try_from(all.len()).unwrap()).to_vec();
    let values = at + 2 + 12 * all.len() + if how.ends { 4 } else { 0 };
    let mut tail = vec![];
    for (tag, value) in all {
        head.extend(n16(how, *tag));
        match value {
            Value::Of(kind, count, bytes) => {
                head.extend([&n16(how, *kind)[..], &n32(how, *count as usize)].concat());
                if bytes.len() <= 4 {
                    head.extend([&bytes[..], &[0; 4]].concat().iter().take(4));
                } else {
                    head.extend(n32(how, values + tail.len()));
                    tail.extend(bytes);
                }
            }
            Value::Below(kind, inner) => {
                head.extend([&n16(how, *kind)[..], &n32(how, 1), &n32(how, values + tail.len())].concat());
                tail.extend(directory(how, values + tail.len(), inner));
            }
        }
    }
    if how.ends {
        head.extend([0; 4]);
    }
    head.extend(tail);
    head
}

fn block(how: How, all: &[(u16, Value)]) -> Vec<u8> {
    let order = if how.little { b"II" } else { b"MM" };
    [&order[..], &n16(how, 42), &n32(how, 8), &directory(how, 8, all)].concat()
}

fn ascii(text: &str) -> Value {
    Value::Of(2, u32::try_from(text.len() + 1).unwrap(), [text.as_bytes(), b"\0"].concat())
}

/// Degrees, minutes and seconds, each over a denominator.
fn degrees(how: How, parts: [(usize, usize); 3]) -> Value {
    Value::Of(5, 3, parts.iter().flat_map(|(n, d)| [n32(how, *n), n32(how, *d)]).flatten().collect())
}

fn gps(how: How) -> Vec<(u16, Value)> {
    vec![
        (1, ascii("S")),
        (2, degrees(how, [(33, 1), (51, 1), (3120, 100)])),
        (3, ascii("E")),
        (4, degrees(how, [(151, 1), (12, 1), (3600, 100)])),
    ]
}

const SYDNEY: &str = "-33.858667, 151.21";

/// Camera, artist and place as cameras write them, with something odd in front.
fn exif(how: How, odd: Option<(u16, Value)>) -> Vec<u8> {
    let mut all: Vec<_> = odd.into_iter().collect();
    all.extend([(0x10f, ascii("Canon")), (0x110, ascii("Canon EOS R5")), (0x13b, ascii("Jane Doe"))]);
    all.push((0x8825, Value::Below(4, gps(how))));
    block(how, &all)
}

fn in_jpeg(block: &[u8]) -> Vec<u8> {
    photograph(&[segment(0xe1, &[b"Exif\0\0", block].concat())])
}

fn usual() -> Vec<Metadata> {
    vec![
        Metadata::Place(Some(SYDNEY.into())),
        Metadata::Camera("Canon EOS R5".into()),
        Metadata::Author("Jane Doe".into()),
    ]
}

#[test]
fn a_photograph_tells_where_with_what_and_by_whom_it_was_taken() {
    assert_eq!(read(&in_jpeg(&exif(USUAL, None)), Media::Jpeg), usual());
    assert_eq!(read(&in_jpeg(&exif(How { little: true, ..USUAL }, None)), Media::Jpeg), usual());
    assert_eq!(read(&exif(USUAL, None), Media::Tiff), usual(), "a TIFF is such a block itself");
    assert_eq!(read(&webp_with_exif(exif(USUAL, None)), Media::Webp), usual());
    assert_eq!(read(&picture(&[chunk(*b"eXIf", &exif(USUAL, None))]), Media::Png), usual());
    assert_eq!(read(&sample("cover.png"), Media::Png), [], "a drawing tells nothing");
}

#[test]
fn one_odd_entry_loses_nothing_else() {
    let short = |n: u8| Value::Of(3, 1, vec![0, n]);
    for (what, block) in [
        ("no pointer to a next directory", exif(How { ends: false, ..USUAL }, None)),
        ("the same, little", exif(How { little: true, ends: false }, None)),
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

fn mdta(all: &[(&str, &str)]) -> Vec<u8> {
    let mut keys = vec![0, 0, 0, 0];
    keys.extend(u32::try_from(all.len()).unwrap().to_be_bytes());
    let mut list = vec![];
    for (n, (key, value)) in all.iter().enumerate() {
        keys.extend(atom(b"mdta", key.as_bytes()));
        let data = [&[0, 0, 0, 1, 0, 0, 0, 0], value.as_bytes()].concat();
        list.extend(atom(&u32::try_from(n + 1).unwrap().to_be_bytes(), &atom(b"data", &data)));
    }
    [atom(b"hdlr", &[0; 24]), atom(b"keys", &keys), atom(b"ilst", &list)].concat()
}

#[test]
fn videos_tell_where_and_with_what_they_were_taken_in_every_way_of_writing_it() {
    let place = |text: &str| Metadata::Place(Some(text.into()));
    let phone = [
        ("com.apple.quicktime.location.ISO6709", "+32.0929+034.8620+042.000/"),
        ("com.apple.quicktime.make", "Apple"),
        ("com.apple.quicktime.model", "iPhone 6"),
    ];
    let wanted = [place("32.0929, 34.862"), Metadata::Camera("Apple iPhone 6".into())];
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
    assert_eq!(loci(b"\0"), [place("-48.25, 11.5")]);
    assert_eq!(loci(b"Home\0"), [place("-48.25, 11.5")]);
    assert_eq!(loci(b"\xfe\xff\0H\0o\0\0"), [place("-48.25, 11.5")]);
    // Minutes and seconds.
    for (text, wanted) in [
        ("+48.1372+011.5756/", "48.1372, 11.5756"),
        ("+4808.25-01134.5/", "48.1375, -11.575"),
        ("-480815+0113430+500/", "-48.1375, 11.575"),
    ] {
        assert_eq!(
            read(&movie_with(&atom(b"meta", &mdta(&[("location", text)]))), Media::Mp4),
            [place(wanted)]
        );
    }
    // A box that lies about its size in front of it.
    let odd = [atom(b"\xa9xyz", &[0xff, 0xff]), atom(b"loci", &[0; 3]), atom(b"meta", &[]), full].concat();
    assert_eq!(read(&movie_with(&atom(b"udta", &odd)), Media::Mp4), wanted);
}

/// A picture of HEIF with one item, in the file or in the box for data.
fn heif(kind: &[u8], content: &[u8], in_data: bool) -> Vec<u8> {
    let brand = atom(b"ftyp", b"heic\0\0\0\0mif1heic");
    let infe = atom(b"infe", &[&[2, 0, 0, 0, 0, 7, 0, 0], kind].concat());
    let iinf = atom(b"iinf", &[&[0, 0, 0, 0, 0, 1], &infe[..]].concat());
    let build = |offset: usize| {
        let mut iloc = vec![1, 0, 0, 0, 0x44, 0, 0, 1, 0, 7, 0, u8::from(in_data), 0, 0, 0, 1];
        iloc.extend(u32::try_from(offset).unwrap().to_be_bytes());
        iloc.extend(u32::try_from(content.len()).unwrap().to_be_bytes());
        let idat = if in_data { atom(b"idat", &[&[9; 5], content].concat()) } else { vec![] };
        let meta = [&[0; 4], &iinf[..], &atom(b"iloc", &iloc), &idat].concat();
        [brand.clone(), atom(b"meta", &meta)].concat()
    };
    let offset = if in_data { 5 } else { build(0).len() + 8 };
    let rest = if in_data { vec![] } else { atom(b"mdat", content) };
    [build(offset), rest].concat()
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

/// What C2PA looks like in a file: boxes, and texts in CBOR with their lengths in front.
fn manifest(says: &[(&str, &str)]) -> Vec<u8> {
    let mut out =
        b"\0\0\0\x40jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\x03c2pa\0".to_vec();
    for (key, value) in says {
        out.push(0x60 + u8::try_from(key.len()).unwrap());
        out.extend(key.as_bytes());
        let length = u8::try_from(value.len()).unwrap();
        out.extend(if length < 24 { vec![0x60 + length] } else { vec![0x78, length] });
        out.extend(value.as_bytes());
    }
    out
}

fn app11(manifest: &[u8], pieces: usize) -> Vec<Vec<u8>> {
    let head = &manifest[..8];
    let each = manifest.len().div_ceil(pieces);
    let piece = |(n, piece): (usize, &[u8])| {
        let number = u32::try_from(n + 1).unwrap().to_be_bytes();
        let again = if n == 0 { &[][..] } else { head };
        segment(0xeb, &[b"JP\x02\x11", &number[..], again, piece].concat())
    };
    manifest.chunks(each).enumerate().map(piece).collect()
}

const TRAINED: &str = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

#[test]
fn a_manifest_alone_is_content_credentials_and_a_machine_only_where_it_says_so() {
    let credentials = |by: Option<&str>| Metadata::ContentCredentials(by.map(str::to_owned));
    let camera = manifest(&[
        ("claim_generator", "Leica M11-P/2.0.1"),
        ("digitalSourceType", "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"),
    ]);
    let wanted = [credentials(Some("Leica M11-P/2.0.1"))];
    assert_eq!(read(&photograph(&app11(&camera, 1)), Media::Jpeg), wanted, "a camera signs its photographs");
    assert_eq!(read(&picture(&[chunk(*b"caBX", &camera)]), Media::Png), wanted);
    assert_eq!(read(&riff(b"WAVE", &[(b"C2PA", camera.clone())]), Media::Wav), wanted);
    let uuid =
        b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c\x92\x97\x58\x28\x87\x7e\xc4\x81\0\0\0\0manifest\0\0\0\0\0\0\0\0\0";
    let video = [atom(b"uuid", &[uuid, &camera[..]].concat()), movie_with(&[])].concat();
    assert_eq!(read(&video, Media::Mp4), wanted);
    // What a text only mentions is not said.
    let mentions = manifest(&[("dc:title", "trainedAlgorithmicMedia.jpg"), ("softwareAgent", "Photoshop")]);
    assert_eq!(read(&photograph(&app11(&mentions, 1)), Media::Jpeg), [credentials(None)]);
    // Other things stand in such segments, too.
    let other = segment(0xeb, b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb\0\0\0\x10jumdjson");
    assert_eq!(read(&photograph(&[other]), Media::Jpeg), []);

    let machine = |by: Option<&str>| Metadata::AiProvenance(by.map(str::to_owned));
    let composite = TRAINED.replace("trained", "compositeWithTrained");
    for (says, wanted) in [
        (vec![("digitalSourceType", TRAINED)], vec![machine(None), credentials(None)]),
        (vec![("digitalSourceType", &composite)], vec![machine(None), credentials(None)]),
        (
            vec![("claim_generator", "Adobe_Firefly"), ("digitalSourceType", TRAINED)],
            vec![machine(Some("Adobe Firefly")), credentials(Some("Adobe Firefly"))],
        ),
        (
            vec![("claim_generator", "Adobe_Photoshop/25"), ("softwareAgent", "Adobe Firefly")],
            vec![machine(Some("Adobe Firefly")), credentials(Some("Adobe Photoshop/25"))],
        ),
    ] {
        let manifest = manifest(&says);
        assert_eq!(read(&picture(&[chunk(*b"caBX", &manifest)]), Media::Png), wanted, "{says:?}");
        for pieces in [1, 3, 5] {
            let all = read(&photograph(&app11(&manifest, pieces)), Media::Jpeg);
            assert_eq!(all, wanted, "{says:?} in {pieces} segments");
        }
    }
    let elsewhere = "<x dcterms:provenance=\"https://example.com/manifest.c2pa\"/>";
    let xmp = segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0{elsewhere}").as_bytes());
    assert_eq!(read(&photograph(&[xmp]), Media::Jpeg), [credentials(None)]);
}

const INFOTEXT: &str =
    "photo of a duck\nNegative prompt: monochrome\nSteps: 15, Sampler: UniPC, CFG scale: 5, Seed: 2";

fn comment(code: &[u8], text: &[u8]) -> Vec<u8> {
    let value = [code, text].concat();
    let comment = Value::Of(7, u32::try_from(value.len()).unwrap(), value);
    block(How { ends: false, ..USUAL }, &[(0x8769, Value::Below(4, vec![(0x9286, comment)]))])
}

fn made_by(name: &str, parameters: &str) -> Vec<Metadata> {
    vec![Metadata::AiProvenance(Some(name.into())), Metadata::AiParameters(parameters.into())]
}

#[test]
fn the_parameters_of_stable_diffusion_are_found_wherever_they_are_written() {
    let wide = |to: fn(u16) -> [u8; 2]| INFOTEXT.encode_utf16().flat_map(to).collect::<Vec<u8>>();
    let wanted = made_by("Stable Diffusion", INFOTEXT);
    for block in [
        comment(b"UNICODE\0", &wide(u16::to_be_bytes)),
        comment(b"UNICODE\0", &wide(u16::to_le_bytes)),
        comment(b"ASCII\0\0\0", INFOTEXT.as_bytes()),
        comment(b"\0\0\0\0\0\0\0\0", INFOTEXT.as_bytes()),
    ] {
        assert_eq!(read(&in_jpeg(&block), Media::Jpeg), wanted);
        assert_eq!(read(&webp_with_exif(block.clone()), Media::Webp), wanted);
        assert_eq!(read(&heif(b"Exif\0", &[&[0; 4], &block[..]].concat(), false), Media::Avif), wanted);
    }
    assert_eq!(read(&text("parameters", INFOTEXT), Media::Png), wanted);
    let zipped = [b"parameters\0\0".as_slice(), &packed(INFOTEXT.as_bytes())].concat();
    assert_eq!(read(&picture(&[chunk(*b"zTXt", &zipped)]), Media::Png), wanted);
    for (flag, text) in [(0, INFOTEXT.as_bytes().to_vec()), (1, packed(INFOTEXT.as_bytes()))] {
        let international = [b"parameters\0", &[flag, 0][..], b"en\0\0", &text].concat();
        assert_eq!(read(&picture(&[chunk(*b"iTXt", &international)]), Media::Png), wanted);
    }
    assert_eq!(read(&text("Parameters", INFOTEXT), Media::Png), wanted, "in any case");
    assert_eq!(read(&photograph(&[segment(0xfe, INFOTEXT.as_bytes())]), Media::Jpeg), wanted, "a comment");
    let chinese = "一只鸭子的照片\nSteps: 20, Sampler: Euler";
    let wide: Vec<u8> = chinese.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let all = read(&in_jpeg(&comment(b"UNICODE\0", &wide)), Media::Jpeg);
    assert_eq!(all, made_by("Stable Diffusion", chinese));
    // A workflow of a megabyte is shown as its beginning.
    let long = format!("{INFOTEXT}, {}", "x".repeat(500_000));
    let all = read(&text("parameters", &long), Media::Png);
    let [_, Metadata::AiParameters(shown)] = &all[..] else { panic!("{all:?}") };
    assert!(shown.len() <= 4000 && shown.starts_with(INFOTEXT));
}

#[test]
fn every_generator_is_known_by_what_it_writes_itself() {
    let graph = r#"{"3": {"class_type": "KSampler", "inputs": {"seed": 1}}}"#;
    let in_camera = |make: &str, model: &str| {
        webp_with_exif(block(USUAL, &[(0x10f, ascii(make)), (0x110, ascii(model))]))
    };
    for file in [
        in_camera(r#"workflow:{"nodes": [], "links": []}"#, &format!("prompt:{graph}")),
        in_camera(&format!("Prompt: {graph}"), ""),
    ] {
        let all = read(&file, Media::Webp);
        assert_eq!(all[0], Metadata::AiProvenance(Some("ComfyUI".into())));
        assert!(
            matches!(&all[1..], [Metadata::AiParameters(text)] if text.contains(graph)),
            "no camera: {all:?}"
        );
    }
    let novel =
        r#"{"prompt": "a duck", "steps": 28, "sampler": "k_euler", "uc": "lowres", "signed_hash": "x"}"#;
    let invoke = r#"{"app_version": "3.4.0", "generation_mode": "txt2img", "positive_prompt": "a duck"}"#;
    let midjourney = "a duck --v 6.1 Job ID: 1b2c3d4e-0123-4567-89ab-0123456789ab";
    for (file, by, parameters) in [
        (text("prompt", graph), "ComfyUI", graph),
        (text("workflow", "{}"), "ComfyUI", "{}"),
        (text("invokeai_metadata", invoke), "InvokeAI", invoke),
        (text("sd-metadata", "{}"), "InvokeAI", "{}"),
        (text("Dream", "a duck -s 50"), "InvokeAI", "a duck -s 50"),
        (text("Comment", novel), "NovelAI", novel),
        (text("Description", midjourney), "Midjourney", midjourney),
    ] {
        assert_eq!(read(&file, Media::Png), made_by(by, parameters), "{by}");
    }
    let iptc = format!(
        "Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x4f\x1c\x02\x78\0{}{midjourney}",
        char::from(midjourney.len() as u8)
    );
    assert_eq!(
        read(&photograph(&[segment(0xed, iptc.as_bytes())]), Media::Jpeg),
        made_by("Midjourney", midjourney)
    );
    let xmp =
        |text: &str| photograph(&[segment(0xe1, format!("http://ns.adobe.com/xap/1.0/\0{text}").as_bytes())]);
    let described = format!(
        "<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{midjourney}</rdf:li></rdf:Alt></dc:description>"
    );
    assert_eq!(read(&xmp(&described), Media::Jpeg), made_by("Midjourney", midjourney));

    let some = |name: Option<&str>| vec![Metadata::AiProvenance(name.map(str::to_owned))];
    for (file, media, wanted) in [
        (xmp(&format!("Iptc4xmpExt:DigitalSourceType=\"{TRAINED}\"")), Media::Jpeg, some(None)),
        (xmp("<xmp:CreatorTool>Adobe Firefly</xmp:CreatorTool>"), Media::Jpeg, some(Some("Adobe Firefly"))),
        (xmp("<x photoshop:Credit=\"Made with Google AI\"/>"), Media::Jpeg, some(Some("Google AI"))),
        (text("Software", "Midjourney 7"), Media::Png, some(Some("Midjourney"))),
        (text("Software", "NovelAI"), Media::Png, some(Some("NovelAI"))),
        (in_jpeg(&block(USUAL, &[(0x131, ascii("Fooocus v2.5.0"))])), Media::Jpeg, some(Some("Fooocus"))),
        // What other people and programs write.
        (text("Software", "GIMP"), Media::Png, vec![]),
        (text("Software", "Influx.1 viewer"), Media::Png, vec![]),
        (text("Description", "A duck in Midjourney's Imagen gallery, by Leonardo"), Media::Png, vec![]),
        (text("parameters", "width=10 height=20"), Media::Png, vec![]),
        (text("Comment", "Job ID: 1234"), Media::Png, vec![]),
        (text("prompt", "Please insert coin"), Media::Png, vec![]),
        (xmp("<x>not trainedAlgorithmicMedia</x>"), Media::Jpeg, vec![]),
        (
            xmp(&format!("<x Iptc4xmpExt:DigitalSourceType=\"{}\"/>", TRAINED.replace("trainedA", "a"))),
            Media::Jpeg,
            vec![],
        ),
    ] {
        assert_eq!(read(&file, media), wanted);
    }
}

#[test]
fn a_png_may_hold_the_blocks_of_other_formats_in_digits() {
    let hex = |name: &str, bytes: &[u8]| {
        let digits: Vec<_> = bytes.iter().map(|b| format!("{b:02x}")).collect();
        let lines: Vec<_> = digits.chunks(36).map(|line| line.concat()).collect();
        format!("\n{name}\n{:8}\n{}\n", bytes.len(), lines.join("\n"))
    };
    let block = [b"Exif\0\0", &exif(USUAL, None)[..]].concat();
    for (kind, block) in [("exif", &block), ("APP1", &block)] {
        let plain = text(&format!("Raw profile type {kind}"), &hex(kind, block));
        assert_eq!(read(&plain, Media::Png), usual(), "{kind}");
        let zipped =
            [format!("Raw profile type {kind}\0\0").as_bytes(), &packed(hex(kind, block).as_bytes())]
                .concat();
        assert_eq!(read(&picture(&[chunk(*b"zTXt", &zipped)]), Media::Png), usual(), "{kind}, packed");
    }
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<dc:creator><rdf:Seq><rdf:li>Jane &amp; Joe</rdf:li></rdf:Seq></dc:creator>";
    let author = [Metadata::Author("Jane & Joe".into())];
    assert_eq!(read(&text("Raw profile type APP1", &hex("app1", xmp)), Media::Png), author);
    assert_eq!(read(&text("Raw profile type xmp", &hex("xmp", &xmp[29..])), Media::Png), author);
    let iptc = b"8BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x50\0\x08Jane Doe";
    let author = [Metadata::Author("Jane Doe".into())];
    assert_eq!(read(&text("Raw profile type iptc", &hex("iptc", iptc)), Media::Png), author);
    let segment = segment(0xed, &[b"Photoshop 3.0\0", &iptc[..]].concat());
    assert_eq!(read(&photograph(&[segment]), Media::Jpeg), author);
}

/// A tag of ID3 with these frames.
fn id3(version: u8, frames: &[(&str, &[u8])]) -> Vec<u8> {
    let sevens = |n: usize| [n >> 21, n >> 14, n >> 7, n].map(|n| (n & 0x7f) as u8);
    let mut all = vec![];
    for (name, content) in frames {
        let size = u32::try_from(content.len()).unwrap().to_be_bytes();
        all.extend(name.as_bytes());
        match version {
            2 => all.extend(&size[1..]),
            3 => all.extend([&size[..], &[0, 0]].concat()),
            _ => all.extend([&sevens(content.len())[..], &[0, 0]].concat()),
        }
        all.extend(*content);
    }
    all.resize(all.len() + 20, 0);
    [b"ID3", &[version, 0, 0][..], &sevens(all.len()), &all].concat()
}

fn comments(all: &[&str]) -> Vec<u8> {
    let part = |text: &str| [&u32::try_from(text.len()).unwrap().to_le_bytes()[..], text.as_bytes()].concat();
    let count = u32::try_from(all.len()).unwrap().to_le_bytes();
    [part("somebody's writer"), count.to_vec(), all.iter().flat_map(|text| part(text)).collect()].concat()
}

fn ogg(packets: &[&[u8]]) -> Vec<u8> {
    let mut out = vec![];
    for (n, packet) in packets.iter().enumerate() {
        // A packet of more than a page goes on in the next one.
        for piece in packet.chunks(255 * 200) {
            let mut laces = vec![255; piece.len() / 255];
            if piece.len() < 255 * 200 {
                laces.push((piece.len() % 255) as u8);
            }
            out.extend(
                [b"OggS\0\0", &[0; 8][..], b"abcd", &u32::try_from(n).unwrap().to_le_bytes(), &[0; 4]]
                    .concat(),
            );
            out.push(laces.len() as u8);
            out.extend(&laces);
            out.extend(piece);
        }
    }
    out
}

#[test]
fn sound_tells_its_artist_and_its_title_in_every_container() {
    let wanted = [Metadata::Author("Jörg".into()), Metadata::Title("Über uns".into())];
    let wide: Vec<u8> =
        [0xfeffu16].into_iter().chain("Jörg".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let wide = [&[1], &wide[..]].concat();
    let latin: &[u8] = b"\0\xdcber uns";
    let tone = sample("tone.mp3");
    let big = vec![0; 300];
    for (what, tag) in [
        ("2.2", id3(2, &[("PIC", &big), ("TP1", &wide), ("TT2", latin)])),
        ("2.3", id3(3, &[("APIC", &big), ("TPE1", &wide), ("TIT2", latin)])),
        (
            "2.4",
            id3(
                4,
                &[("APIC", &big), ("TPE1", "\u{3}Jörg".as_bytes()), ("TIT2", "\u{3}Über uns\0".as_bytes())],
            ),
        ),
        ("several", [id3(3, &[("TIT2", latin)]), id3(4, &[("TPE1", &wide)])].concat()),
    ] {
        assert_eq!(read(&[&tag[..], &tone].concat(), Media::Mp3), wanted, "{what}");
    }
    let mut old = [&tone[..], b"TAG", &[0; 125]].concat();
    let at = old.len() - 125;
    old[at..at + 8].copy_from_slice(b"\xdcber uns");
    old[at + 30..at + 34].copy_from_slice(b"J\xf6rg");
    assert_eq!(read(&old, Media::Mp3), wanted, "at the end");

    let both = comments(&["artist=Jörg", "TITLE=Über uns"]);
    let blocks =
        [&[0, 0, 0, 34], &[0; 34][..], &[0x84, 0], &u16::try_from(both.len()).unwrap().to_be_bytes(), &both];
    let flac = [b"fLaC", &blocks.concat()[..]].concat();
    assert_eq!(read(&flac, Media::Flac), wanted);
    assert_eq!(read(&[id3(3, &[]), flac].concat(), Media::Flac), wanted, "behind another tag");
    let vorbis = ogg(&[b"\x01vorbis", &[b"\x03vorbis", &both[..]].concat()]);
    assert_eq!(read(&vorbis, Media::Ogg), wanted);
    let picture = format!("METADATA_BLOCK_PICTURE={}", "A".repeat(80_000));
    let long = comments(&["artist=Jörg", &picture, "title=Über uns"]);
    assert_eq!(read(&ogg(&[b"OpusHead", &[b"OpusTags", &long[..]].concat()]), Media::Ogg), wanted);

    let info = [b"INFOIART\x05\0\0\0J\xc3\xb6rg\0".as_slice(), b"INAM\x0a\0\0\0\xc3\x9cber uns\0"].concat();
    let wav =
        |first: (&[u8], Vec<u8>)| riff(b"WAVE", &[first, (b"LIST", info.clone()), (b"data", vec![0; 8])]);
    assert_eq!(read(&wav((b"fmt ", vec![0; 16])), Media::Wav), wanted);
    assert_eq!(read(&wav((b"junk", vec![1; 7])), Media::Wav), wanted, "behind an odd chunk");
    let text = |text: &str| atom(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], text.as_bytes()].concat());
    let list = [atom(b"\xa9ART", &text("Jörg")), atom(b"\xa9nam", &text("Über uns"))].concat();
    let meta = atom(b"meta", &[&[0; 4], &atom(b"hdlr", &[0; 24])[..], &atom(b"ilst", &list)].concat());
    assert_eq!(read(&movie_with(&atom(b"udta", &meta)), Media::M4a), wanted);
    // Matroska: a title in its description, and a tag, each with its number and its length in front.
    let element = |id: &[u8], content: &[u8]| {
        [id, &[0x10, 0, 0, u8::try_from(content.len()).unwrap()], content].concat()
    };
    let simple = [element(b"\x45\xa3", b"ARTIST"), element(b"\x44\x87", "Jörg".as_bytes())].concat();
    let tag = element(b"\x12\x54\xc3\x67", &element(b"\x73\x73", &element(b"\x67\xc8", &simple)));
    let title = element(b"\x15\x49\xa9\x66", &element(b"\x7b\xa9", "Über uns".as_bytes()));
    let segment = element(b"\x18\x53\x80\x67", &[&title[..], &tag].concat());
    let matroska = [element(b"\x1a\x45\xdf\xa3", b""), segment].concat();
    assert_eq!(read(&matroska, Media::MkvAudio), wanted);
    let suno = id3(3, &[("COMM", b"\0eng\0made with suno; id=1")]);
    assert_eq!(
        read(&[&suno[..], &tone].concat(), Media::Mp3)[0],
        Metadata::AiProvenance(Some("Suno".into()))
    );
}

/// A file of every kind with metadata in it.
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
