//! Files as people have them, made here by the tools that people use, and what Hoist has to see in them.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use hoist::media::inspect::inspect;
use hoist::media::preview::Preview;
use hoist::model::destination::Destination;
use hoist::model::item::Severity;
use hoist::model::media::{Damage, DetectedType, FileFacts, Media, Metadata};
use hoist::provider;
use hoist::provider::check::findings;
use tempfile::TempDir;

const PICTURE: [&str; 4] = ["-f", "lavfi", "-i", "testsrc2=s=176x144:r=25:d=2"];
const SOUND: [&str; 4] = ["-f", "lavfi", "-i", "sine=d=2:r=44100"];

/// A folder in which tools make files.
pub(super) struct Desk(TempDir);

impl Desk {
    pub(super) fn new() -> Desk {
        Desk(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn run(&self, program: &str, arguments: &[&str]) -> Vec<u8> {
        let run = Command::new(program).args(arguments).current_dir(self.0.path()).output();
        let run = run.unwrap_or_else(|e| panic!("{program}: {e}; run scripts/setup test"));
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{program} {arguments:?}: {said}; run scripts/setup test");
        run.stdout
    }

    /// What ffmpeg makes of these inputs.
    pub(super) fn ffmpeg(&self, inputs: &[[&str; 4]], how: &[&str], name: &str) -> FileFacts {
        let all: Vec<&str> =
            [&["-nostdin", "-v", "error", "-y"][..], inputs.as_flattened(), how, &[name]].concat();
        self.run("ffmpeg", &all);
        self.facts(name)
    }

    /// What ffmpeg writes into a pipe, where it cannot go back to correct its head.
    fn piped(&self, inputs: &[[&str; 4]], how: &[&str], name: &str) -> FileFacts {
        let all: Vec<&str> = [&["-nostdin", "-v", "error"][..], inputs.as_flattened(), how, &["-"]].concat();
        self.put(name, &self.run("ffmpeg", &all))
    }

    pub(super) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8]) -> FileFacts {
        fs::write(self.path(name), bytes).unwrap();
        self.facts(name)
    }

    pub(super) fn facts(&self, name: &str) -> FileFacts {
        inspect(&self.path(name)).unwrap()
    }
}

#[track_caller]
fn is(facts: &FileFacts, media: Media) {
    assert_eq!(facts.recognised.media(), Some(media), "{facts:?}");
}

/// It plays so long, within a frame or two of sound, and that was not guessed.
#[track_caller]
fn plays(facts: &FileFacts, seconds: f64) {
    let found = facts.duration.unwrap_or_default().as_secs_f64();
    assert!((found - seconds).abs() < 0.1 && !facts.duration_is_guess, "{seconds} s: {facts:?}");
}

#[track_caller]
fn sounds(facts: &FileFacts, codec: &str, rate: u32, channels: u16) {
    let audio = facts.audio.clone().unwrap_or_default();
    let found = (audio.codec.as_deref(), audio.rate, audio.channels);
    assert_eq!(found, (Some(codec), Some(rate), Some(channels)), "{facts:?}");
}

/// The same file with other brands in its first box.
fn with_brands(bytes: &[u8], brands: &[u8; 12]) -> Vec<u8> {
    let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
    let mut out = bytes.to_vec();
    // The major one, then a version, then the others; what is over is an unknown brand.
    out[8..12].copy_from_slice(&brands[..4]);
    for (n, slot) in out[16..size].chunks_exact_mut(4).enumerate() {
        slot.copy_from_slice(if n < 2 { &brands[4 + 4 * n..8 + 4 * n] } else { &brands[4..8] });
    }
    out
}

#[test]
fn tracks_tell_sound_from_video_whatever_brands_and_names_say() {
    let desk = Desk::new();
    is(&desk.ffmpeg(&[PICTURE, SOUND], &[], "both.mp4"), Media::Mp4);
    is(&desk.ffmpeg(&[SOUND], &[], "sound.m4a"), Media::M4a);
    let (both, sound) = (desk.bytes("both.mp4"), desk.bytes("sound.m4a"));
    for brands in [
        b"XAVCXAVCmp42",
        b"3gp4isom3gp4",
        b"nikomp42niko",
        b"CAEPmp42CAEP",
        b"dby1isomdby1",
        b"hvc1hvc1isom",
        b"av01av01isom",
        b"cmfccmfciso6",
        b"M4A M4A mp42",
    ] {
        let major = String::from_utf8_lossy(&brands[..4]);
        let video = desk.put("a.mp4", &with_brands(&both, brands));
        assert_eq!(video.recognised.media(), Some(Media::Mp4), "{major}");
        assert_eq!(video.pixels, Some((176, 144)), "{major}");
        for name in ["b.mp4", "b.m4b", "b.aac", "b"] {
            let audio = desk.put(name, &with_brands(&sound, brands));
            assert_eq!(audio.recognised.media(), Some(Media::M4a), "{major} in {name}");
            sounds(&audio, "AAC", 44_100, 1);
        }
    }
    // QuickTime by its brand, or without any, as it was before brands.
    is(&desk.ffmpeg(&[PICTURE, SOUND], &[], "a.mov"), Media::Mov);
    let whole = desk.bytes("a.mov");
    let first = u32::from_be_bytes(whole[..4].try_into().unwrap()) as usize;
    is(&desk.put("old.mov", &whole[first..]), Media::Mov);
    is(&desk.ffmpeg(&[SOUND], &["-c:a", "pcm_s16le"], "sound.mov"), Media::M4a);
    // 3GP is what has no other brand, or what only telephones have in it.
    is(&desk.put("c.mp4", &with_brands(&both, b"3gp63gp63gp6")), Media::ThreeGp);
    is(&desk.put("c.m4a", &with_brands(&sound, b"3gp63gp63gp6")), Media::ThreeGpAudio);
    is(&desk.ffmpeg(&[PICTURE], &["-c:v", "h263"], "c.3gp"), Media::ThreeGp);
}

#[test]
fn pictures_in_the_same_container_have_dimensions_and_are_never_called_broken() {
    let desk = Desk::new();
    desk.run("ffmpeg", &["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=120x80", "-frames:v", "1", "p.png"]);
    desk.run("heif-enc", &["-q", "50", "p.png", "-o", "p.heic"]);
    desk.run("avifenc", &["p.png", "p.avif"]);
    desk.run("avifenc", &["--irot", "1", "p.png", "turned.avif"]);
    desk.run("avifenc", &["--irot", "3", "--imir", "1", "p.png", "mirrored.avif"]);
    for (name, media, pixels, orientation) in [
        ("p.heic", Media::Heic, (120, 80), None),
        ("p.avif", Media::Avif, (120, 80), None),
        ("turned.avif", Media::Avif, (80, 120), Some(8)),
        ("mirrored.avif", Media::Avif, (80, 120), Some(5)),
    ] {
        // What it is called changes nothing.
        for called in [name, "x.jpg", "x.mp4"] {
            let facts = desk.put(called, &desk.bytes(name));
            assert_eq!(facts.recognised.media(), Some(media), "{called}");
            assert_eq!((facts.pixels, facts.orientation, facts.damaged), (Some(pixels), orientation, None));
        }
    }
    for (from, brands, media) in [
        ("p.heic", b"mif1mif1miaf", Media::Heic),
        ("p.avif", b"mif1mif1miaf", Media::Avif),
        ("p.avif", b"mif1avifmiaf", Media::Avif),
    ] {
        is(&desk.put("x.heic", &with_brands(&desk.bytes(from), brands)), media);
    }
    // Both are decoded, and turned as they say.
    for (name, size) in [
        ("p.heic", (120, 80)),
        ("p.avif", (120, 80)),
        ("turned.avif", (80, 120)),
        ("mirrored.avif", (80, 120)),
    ] {
        let still = crate::looking::inspect(&desk.path(name));
        let square = still.picture.unwrap().unwrap();
        assert_eq!((square.width, square.height), (80, 80), "{name}");
        let Preview::Picture(whole) = still.preview.unwrap().unwrap() else { panic!("{name} is a picture") };
        assert_eq!((whole.width, whole.height), size, "{name}");
    }
}

#[test]
fn matroska_is_told_by_its_doctype_and_its_tracks() {
    let desk = Desk::new();
    let video = desk.ffmpeg(&[PICTURE, SOUND], &["-c:v", "libvpx", "-c:a", "libopus"], "a.webm");
    is(&video, Media::Webm);
    plays(&video, 2.0);
    assert_eq!(video.video.as_ref().and_then(|v| v.fps), Some(25.0));
    sounds(&video, "Opus", 48_000, 1);
    is(&desk.ffmpeg(&[SOUND], &["-f", "webm", "-c:a", "libopus"], "b.weba"), Media::WebmAudio);
    is(&desk.put("b.webm", &desk.bytes("b.weba")), Media::WebmAudio);
    is(&desk.ffmpeg(&[SOUND], &["-c:a", "flac"], "c.mka"), Media::MkvAudio);
    is(&desk.ffmpeg(&[PICTURE, SOUND], &["-c:v", "mpeg4", "-c:a", "ac3", "-ac", "6"], "d.mkv"), Media::Mkv);
    sounds(&desk.facts("d.mkv"), "AC-3", 44_100, 6);
    // A name of its type that is longer than it has to be, as some programs write it.
    for zeros in 1..4 {
        let mut whole = desk.bytes("a.webm");
        let at = whole.windows(4).position(|w| w == b"webm").unwrap();
        whole.splice(at + 4..at + 4, vec![0; zeros]);
        whole[at - 1] += zeros as u8;
        whole[4] += zeros as u8; // the head has its length in its fifth byte, or in its twelfth
        if whole[4] & 0x80 == 0 {
            whole[4] -= zeros as u8;
            whole[11] += zeros as u8;
        }
        is(&desk.put("padded.webm", &whole), Media::Webm);
    }
}

#[test]
fn ogg_is_told_by_its_first_packets() {
    let desk = Desk::new();
    let video = desk.ffmpeg(&[PICTURE, SOUND], &["-c:v", "libtheora", "-c:a", "libvorbis"], "a.ogv");
    assert_eq!(video.pixels, Some((176, 144)));
    for name in ["a.ogg", "a.opus", "a"] {
        is(&desk.put(name, &desk.bytes("a.ogv")), Media::Ogv);
    }
    for (codec, called) in [("libopus", "Opus"), ("libvorbis", "Vorbis"), ("flac", "FLAC")] {
        let sound = desk.ffmpeg(&[SOUND], &["-f", "ogg", "-c:a", codec], "b.ogg");
        is(&sound, Media::Ogg);
        plays(&sound, 2.0);
        sounds(&sound, called, if codec == "libopus" { 48_000 } else { 44_100 }, 1);
    }
    let chained = [desk.bytes("b.ogg"), desk.bytes("b.ogg")].concat();
    // The same stream again is no other one; another one is.
    desk.ffmpeg(&[SOUND], &["-c:a", "libvorbis"], "c.ogg");
    plays(&desk.put("d.ogg", &[desk.bytes("c.ogg"), desk.bytes("b.ogg")].concat()), 4.0);
    is(&desk.put("e.ogg", &chained), Media::Ogg);
}

/// An ID3 tag with so many bytes in it.
fn tag(bytes: usize) -> Vec<u8> {
    let size = [bytes >> 21, bytes >> 14, bytes >> 7, bytes].map(|b| b as u8 & 0x7f);
    let mut out = [&b"ID3\x03\0\0"[..], &size].concat();
    out.resize(10 + bytes, b'x');
    out
}

#[test]
fn what_stands_behind_tags_or_junk_is_what_a_file_is() {
    let desk = Desk::new();
    desk.ffmpeg(&[SOUND], &[], "a.mp3");
    desk.ffmpeg(&[SOUND], &[], "a.aac");
    desk.ffmpeg(&[SOUND], &[], "a.flac");
    desk.ffmpeg(&[SOUND], &[], "a.wav");
    desk.ffmpeg(&[SOUND], &[], "a.aiff");
    let (mp3, aac) = (desk.bytes("a.mp3"), desk.bytes("a.aac"));
    let fronts = [tag(0), tag(300), [tag(20), tag(600_000)].concat()];
    for (name, media) in [
        ("a.mp3", Media::Mp3),
        ("a.aac", Media::Aac),
        ("a.flac", Media::Flac),
        ("a.wav", Media::Wav),
        ("a.aiff", Media::Aiff),
    ] {
        let whole = desk.bytes(name);
        for front in &fronts {
            for called in [name, "x.mp3", "x"] {
                let facts = desk.put(called, &[front, &whole[..]].concat());
                assert_eq!(facts.recognised.media(), Some(media), "{name} behind {} bytes", front.len());
                assert!(facts.audio.is_some(), "{facts:?}");
            }
        }
    }
    // Sound of frames behind what is no tag.
    let page = b"<html><body>not found</body></html>".repeat(9);
    for junk in [vec![0; 4096], vec![0; 100_000], b"Icy-MetaData: nothing\r\n\r\n".to_vec(), page] {
        for sound in [&mp3, &aac] {
            let facts = desk.put("x.bin", &[&junk[..], sound].concat());
            if junk[0] == b'<' {
                assert_eq!(facts.recognised.label(), Some("HTML"), "a page stays a page");
            } else {
                plays(&facts, 2.0);
            }
        }
    }
}

#[test]
fn what_logic_and_voice_messages_write_is_known_as_ffprobe_knows_it() {
    let desk = Desk::new();
    let (stereo, voice) = (["-ar", "48000", "-ac", "2"], ["-ar", "16000", "-ac", "1"]);
    for (codec, fine, how, label, bits) in [
        ("pcm_s16be", "s16", stereo, "PCM", Some(16)),
        ("pcm_s24le", "s32", stereo, "PCM", Some(24)),
        ("alac", "s16p", stereo, "ALAC", Some(16)),
        ("alac", "s32p", stereo, "ALAC", Some(24)),
        ("adpcm_ima_qt", "s16p", stereo, "ADPCM", None),
        ("pcm_mulaw", "s16", voice, "µ-law", None),
        ("libopus", "s16", voice, "Opus", None),
        ("libmp3lame", "s16p", stereo, "MP3", None),
    ] {
        let facts =
            desk.ffmpeg(&[SOUND], &[&["-c:a", codec, "-sample_fmt", fine][..], &how].concat(), "a.caf");
        is(&facts, Media::Caf);
        let entries = ["-v", "error", "-show_entries", "stream=sample_rate,channels:format=duration"];
        let seen = desk.run("ffprobe", &[&entries[..], &["-of", "csv=p=0", "a.caf"]].concat());
        let seen: Vec<f64> = String::from_utf8(seen)
            .unwrap()
            .split([',', '\n'])
            .filter_map(|n| n.trim().parse().ok())
            .collect();
        sounds(&facts, label, seen[0] as u32, seen[1] as u16);
        plays(&facts, seen[2]);
        assert_eq!((facts.audio.unwrap().bits, facts.damaged), (bits, None), "{codec}");
        let whole = desk.bytes("a.caf");
        let cut = desk.put("cut.caf", &whole[..whole.len() / 2]);
        assert_eq!(cut.damaged, Some(Damage::CutOff), "half of {codec}");
    }
    // Whoever was still recording left the size open.
    desk.ffmpeg(&[SOUND], &["-c:a", "pcm_s16le"], "a.caf");
    let mut open = desk.bytes("a.caf");
    let at = open.windows(4).position(|name| name == b"data").unwrap() + 4;
    open[at..at + 8].fill(0xff);
    let facts = desk.put("open.caf", &open);
    plays(&facts, 2.0);
    assert_eq!(facts.damaged, None);
}

#[test]
fn sound_is_measured_and_not_extrapolated() {
    let desk = Desk::new();
    // A quiet second and loud noise: its first frames say nothing of the others.
    let uneven = [
        ["-f", "lavfi", "-i", "anullsrc=d=6,aformat=channel_layouts=mono"],
        ["-f", "lavfi", "-i", "anoisesrc=d=3"],
    ];
    let one = ["-filter_complex", "[0][1]concat=v=0:a=1", "-q:a", "4"];
    for (tagged, name) in [("1", "tagged.mp3"), ("0", "bare.mp3")] {
        let how = [&one[..], &["-write_xing", tagged]].concat();
        plays(&desk.ffmpeg(&uneven, &how, name), 9.0);
    }
    let constant = desk.ffmpeg(&[SOUND], &["-b:a", "64k", "-write_xing", "0"], "constant.mp3");
    plays(&constant, 2.0);
    plays(&desk.ffmpeg(&uneven, &one[..2], "uneven.aac"), 9.0);
    for (how, name) in
        [(&[][..], "a.aiff"), (&["-c:a", "pcm_s16le"], "little.aiff"), (&["-c:a", "pcm_alaw"], "law.aiff")]
    {
        plays(&desk.ffmpeg(&[SOUND], how, name), 2.0);
    }
    // Half of a file has half of its sound, whatever its head says.
    let whole = desk.bytes("tagged.mp3");
    let half = desk.put("half.mp3", &whole[..whole.len() / 2]);
    assert!(half.duration.unwrap().as_secs_f64() < 8.5, "{half:?}");
    for (how, name) in [
        (&["-f", "wav"][..], "a.wav"),
        (&["-f", "wav", "-c:a", "pcm_f32le"], "b.wav"),
        (&["-f", "wav", "-c:a", "pcm_mulaw"], "c.wav"),
        (&["-f", "flac"], "d.flac"),
    ] {
        plays(&desk.piped(&[SOUND], how, name), 2.0);
    }
    for (how, name) in [
        (&["-rf64", "always"][..], "r.wav"),
        (&["-c:a", "adpcm_ms"], "p.wav"),
        (&["-c:a", "pcm_s24le"], "q.wav"),
    ] {
        let facts = desk.ffmpeg(&[SOUND], how, name);
        is(&facts, Media::Wav);
        plays(&facts, 2.0);
    }
}

#[test]
fn video_has_a_length_however_it_was_recorded() {
    let desk = Desk::new();
    let both = [PICTURE, SOUND];
    let fragments = ["-g", "10", "-movflags", "frag_keyframe+empty_moov"];
    let dash = ["-g", "10", "-movflags", "dash+frag_keyframe+empty_moov+default_base_moof"];
    let live = ["-c:v", "libvpx", "-c:a", "libvorbis", "-f", "webm", "-live", "1"];
    for facts in [
        desk.ffmpeg(&both, &fragments, "a.mp4"),
        desk.ffmpeg(&both, &dash, "b.mp4"),
        desk.piped(&both, &live, "c.webm"),
        desk.piped(&both, &["-c:v", "mpeg4", "-f", "matroska"], "d.mkv"),
        desk.ffmpeg(&both, &["-c:v", "mjpeg"], "e.avi"),
        desk.piped(&both, &["-c:v", "mjpeg", "-f", "avi"], "f.avi"),
        desk.ffmpeg(&both, &[], "g.mov"),
    ] {
        plays(&facts, 2.05);
        assert_eq!(facts.pixels, Some((176, 144)), "{facts:?}");
        assert_eq!(facts.video.as_ref().and_then(|v| v.fps), Some(25.0), "{facts:?}");
    }
}

#[test]
fn channels_and_rates_are_those_of_the_codec() {
    let desk = Desk::new();
    let said = |facts: &FileFacts| facts.audio.clone().and_then(|audio| audio.channels);
    for (how, name, codec, rate, channels) in [
        (&["-ac", "1"][..], "a.m4a", "AAC", 44_100, 1),
        (&["-ac", "6"], "b.m4a", "AAC", 44_100, 6),
        (&["-c:a", "ac3", "-ac", "6"], "c.mp4", "AC-3", 44_100, 6),
        (&["-c:a", "eac3", "-ac", "1", "-ar", "48000"], "d.mp4", "E-AC-3", 48_000, 1),
        (&["-c:a", "alac", "-ac", "2"], "e.m4a", "ALAC", 44_100, 2),
        (&["-c:a", "libopus"], "f.mp4", "Opus", 48_000, 1),
        (&["-c:a", "flac", "-strict", "-2"], "g.mp4", "FLAC", 44_100, 1),
    ] {
        let facts = desk.ffmpeg(&[SOUND], how, name);
        sounds(&facts, codec, rate, channels);
        // The container's own numbers are only copied, and may be anything.
        let mut whole = desk.bytes(name);
        let at = whole.windows(4).rposition(|w| w == b"stsd").unwrap();
        whole[at + 36..at + 38].copy_from_slice(&7u16.to_be_bytes());
        whole[at + 44..at + 46].copy_from_slice(&11_025u16.to_be_bytes());
        assert_eq!(said(&desk.put(name, &whole)), Some(channels), "{name}");
        sounds(&desk.facts(name), codec, rate, channels);
    }
}

#[test]
fn sound_says_who_made_it_and_what_it_is_called() {
    let desk = Desk::new();
    let names = ["-metadata", "title=Solid Ground", "-metadata", "artist=Möwe"];
    for (how, name) in [
        (&[][..], "a.mp3"),
        (&[], "a.m4a"),
        (&[], "a.flac"),
        (&["-c:a", "libvorbis"], "a.ogg"),
        (&["-c:a", "libopus"], "a.opus"),
        (&["-c:a", "flac"], "a.mka"),
        (&["-c:a", "libopus", "-f", "webm"], "a.weba"),
    ] {
        desk.ffmpeg(&[SOUND], &[how, &names].concat(), name);
        let (_, details) = hoist::media::details::of_file(&desk.path(name)).unwrap();
        let wanted = [Metadata::Author("Möwe".into()), Metadata::Title("Solid Ground".into())];
        assert!(wanted.iter().all(|one| details.metadata.contains(one)), "{name}: {details:?}");
    }
}

#[test]
fn a_picture_is_as_large_as_it_is_displayed() {
    let desk = Desk::new();
    desk.run("ffmpeg", &["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=60x40", "-frames:v", "1", "p.png"]);
    for name in ["p.jpg", "p.webp", "p.tif"] {
        desk.run("convert", &["p.png", name]);
    }
    let names = ["p.jpg", "p.webp", "p.tif", "p.png"];
    for (orientation, pixels) in [(3u8, (60, 40)), (5, (40, 60)), (8, (40, 60))] {
        let set = format!("-Orientation={orientation}");
        desk.run("exiftool", &[&["-q", "-overwrite_original", "-n", &set][..], &names].concat());
        for name in names {
            let facts = desk.facts(name);
            assert_eq!((facts.pixels, facts.orientation), (Some(pixels), Some(orientation)), "{name}");
        }
    }
    let seen = crate::looking::inspect(&desk.path("p.tif"));
    let picture = seen.preview.unwrap().unwrap();
    let Preview::Picture(picture) = picture else { panic!("no picture") };
    assert_eq!((picture.width, picture.height), (40, 60), "and its preview is upright");
}

#[test]
fn odd_tiffs_are_not_damaged() {
    let desk = Desk::new();
    desk.run("ffmpeg", &["-v", "error", "-f", "lavfi", "-i", "testsrc2=s=60x40", "-frames:v", "1", "p.png"]);
    for (how, into) in [
        (&["-type", "palette"][..], "palette.tif"),
        (&["-colorspace", "cmyk"], "cmyk.tif"),
        (&["-monochrome", "-compress", "group4"], "fax.tif"),
        (&["-depth", "16", "-define", "tiff:endian=msb"], "deep.tif"),
        (&["-compress", "lzw"], "packed.tif"),
        (&[], "tiff64:big.tif"),
    ] {
        desk.run("convert", &[&["p.png"][..], how, &[into]].concat());
        let facts = desk.facts(into.rsplit(':').next().unwrap());
        is(&facts, Media::Tiff);
        assert_eq!((facts.pixels, facts.damaged), (Some((60, 40)), None), "{into}");
    }
}

#[test]
fn captions_in_utf_16_are_told_by_their_mark() {
    let desk = Desk::new();
    let texts = [
        ("a.srt", "1\r\n00:00:01,000 --> 00:00:02,000\r\nHäuser\r\n", Media::Srt),
        ("a.ass", "[Script Info]\nTitle: 封面\n", Media::Ass),
        ("a.lrc", "[00:01.00]Möwe\n", Media::Lrc),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nx\n", Media::Vtt),
    ];
    for (name, text, media) in texts {
        let marked: Vec<u16> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).collect();
        let little: Vec<u8> = marked.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = marked.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in
            [text.as_bytes().to_vec(), [b"\xef\xbb\xbf", text.as_bytes()].concat(), little.clone(), big]
        {
            is(&desk.put(name, &bytes), media);
        }
        // Without its mark it is no text that anybody could read, and under another name no captions.
        assert_eq!(desk.put(name, &little[2..]).recognised.media(), None, "{name}");
        assert_eq!(desk.put("notes.txt", text.as_bytes()).recognised.media(), None, "{name}");
    }
}

/// The first sentence that a provider's table has for a file.
fn sentence(provider: &str, facts: &FileFacts) -> String {
    let provider = provider::by_id(provider).unwrap();
    let found = findings(provider.facts(), facts, &to(provider.facts().id));
    found.first().map(|f| f.message.clone()).unwrap_or_default()
}

fn to(provider: &str) -> Destination {
    let options = BTreeMap::new();
    Destination {
        name: "x".into(),
        provider: provider.into(),
        key: "x".into(),
        account: None,
        options,
        fit: hoist::model::fit::FitRules::default(),
    }
}

#[test]
fn what_no_provider_takes_is_called_by_its_name() {
    let desk = Desk::new();
    let both = [PICTURE, SOUND];
    for (inputs, how, name, called) in [
        (&[SOUND][..], &[][..], "a.aiff", "AIFF"),
        (&[SOUND], &[], "a.caf", "CAF"),
        (&[SOUND], &[], "a.wma", "WMA"),
        (&[SOUND], &[], "a.ac3", "AC-3"),
        (&[SOUND], &[], "a.eac3", "E-AC-3"),
        (&[SOUND], &[], "a.mp2", "MP2"),
        (&[SOUND], &[], "a.au", "AU"),
        (&[SOUND], &[], "a.wv", "WavPack"),
        (&[SOUND], &[], "a.tta", "TTA"),
        (&[SOUND], &[], "a.w64", "Wave64"),
        (&[SOUND], &["-c:a", "dca", "-strict", "-2"], "a.dts", "DTS"),
        (&both, &[], "a.ts", "MPEG-TS"),
        (&both, &["-mpegts_m2ts_mode", "1"], "a.m2ts", "MPEG-TS"),
        (&both, &[], "a.mpg", "MPEG"),
        (&both, &[], "a.wmv", "WMV"),
        (&both, &[], "a.flv", "FLV"),
        (&[PICTURE], &["-c:v", "h263"], "a.3gp", "3GP"),
    ] {
        desk.ffmpeg(inputs, how, name);
        // Under a name that promises something else, too.
        for facts in
            [desk.facts(name), desk.put("x.mp4", &desk.bytes(name)), desk.put("x.mp3", &desk.bytes(name))]
        {
            assert_eq!(sentence("flow-music", &facts), format!("Flow Music doesn't accept {called}"));
            assert_eq!(sentence("indream", &facts), format!("Indream doesn't accept {called}"));
        }
    }
    for (bytes, called) in [
        (
            &b"<?xml version=\"1.0\"?>\n<!-- by hand -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..],
            "SVG",
        ),
        (b"8BPS\0\x01\0\0\0\0\0\0\0\x03\0\0\0\x28\0\0\0\x3c\0\x08\0\x03", "PSD"),
        (b"\0\0\0\x0cjP  \r\n\x87\n\0\0\0\x14ftypjp2 ", "JPEG 2000"),
        (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ", "JPEG XL"),
        (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom", "camera raw"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04\x14\0\0\0\x08\0", "ZIP"),
    ] {
        let said = sentence("google-flow", &desk.put("x.png", bytes));
        assert_eq!(said, format!("Google Flow doesn't accept {called}"));
    }
}

#[test]
fn a_guess_warns_and_never_stops() {
    let mut facts = FileFacts {
        size: 1000,
        recognised: DetectedType::Known(Media::Mp3),
        duration: Some(Duration::from_mins(33)),
        ..FileFacts::default()
    };
    let found = |facts: &FileFacts| {
        let provider = provider::by_id("indream").unwrap();
        findings(provider.facts(), facts, &to("indream"))
    };
    assert_eq!(found(&facts)[0].severity, Severity::Error);
    facts.duration_is_guess = true;
    let warned = found(&facts);
    assert_eq!((warned.len(), warned[0].severity), (1, Severity::Warning), "{warned:?}");
    assert_eq!(warned[0].message, "About 33:00: probably over the 30-minute limit");
}
