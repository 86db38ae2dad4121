//! Artists and titles.

use super::files::*;
use crate::model::media::{Media, Metadata};

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
