//! Files of which a part is not what was sent: downloads whose place on the disk was reserved and that never ended, and bytes
//! that changed on their way. And whole ones that have zeros in them.

use hoist::model::media::Damage;

use super::kinds::Desk;

const PICTURE: [&str; 4] = ["-f", "lavfi", "-i", "testsrc2=s=320x240:r=10:d=16"];
const SOUND: [&str; 4] = ["-f", "lavfi", "-i", "anoisesrc=d=16:r=44100:a=0.3"];
const SILENCE: [&str; 4] = ["-f", "lavfi", "-i", "anullsrc=d=4:r=44100"];

/// What is downloaded: what it is made of, how it is written, and its name.
type Download = (Vec<[&'static str; 4]>, Vec<&'static str>, &'static str);

fn downloads() -> Vec<Download> {
    let film = vec![PICTURE, SOUND];
    let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
    let fast = ["-movflags", "+faststart"];
    vec![
        (film.clone(), [&h264[..], &["-c:a", "aac"], &fast].concat(), "fast.mp4"),
        (film.clone(), [&h264[..], &["-c:a", "pcm_s16le"], &fast].concat(), "fast.mov"),
        (vec![SOUND], [&["-c:a", "aac"][..], &fast].concat(), "fast.m4a"),
        (film.clone(), vec!["-c:v", "libvpx", "-c:a", "libvorbis"], "a.webm"),
        (film.clone(), [&h264[..], &["-c:a", "pcm_s16le"]].concat(), "a.mkv"),
        (film, [&h264[..], &["-c:a", "aac", "-live", "1"]].concat(), "live.mkv"),
        (vec![SOUND], vec!["-c:a", "libvorbis"], "a.ogg"),
        (vec![SOUND], vec!["-c:a", "libopus"], "a.opus"),
        (vec![SOUND], vec!["-c:a", "libvorbis", "-t", "0.5", "-page_duration", "9000000"], "one page.ogg"),
        (vec![SOUND], vec!["-b:a", "320k"], "a.mp3"),
        (vec![SOUND], vec!["-b:a", "320k", "-write_xing", "0"], "bare.mp3"),
        (vec![SOUND], vec!["-b:a", "320k"], "a.aac"),
        (vec![SOUND], vec![], "a.flac"),
        (vec![PICTURE], vec![], "a.gif"),
        (vec![PICTURE], vec!["-frames:v", "1"], "a.png"),
        (vec![PICTURE], vec!["-frames:v", "1"], "a.jpg"),
    ]
}

#[test]
fn a_download_that_was_reserved_and_not_finished_is_damaged_and_a_finished_one_is_not() {
    let desk = Desk::new();
    let check = |name: &str| {
        let whole = desk.bytes(name);
        assert_eq!(desk.facts(name).damaged, None, "{name}");
        // What some programs leave behind the end is no harm.
        let padded = desk.put(&format!("padded-{name}"), &[&whole[..], &[0; 5000]].concat());
        let is_open = name.starts_with("live"); // to the end, wherever that is
        assert_eq!(padded.damaged, is_open.then_some(Damage::CutOff), "{name} with zeros behind it");
        for part in [3, 5, 8] {
            let mut bytes = whole.clone();
            let from = bytes.len() * part / 10;
            bytes[from..].fill(0);
            let found = desk.put(&format!("reserved-{name}"), &bytes).damaged;
            assert_eq!(found, Some(Damage::CutOff), "{part}/10 of {name}");
        }
    };
    for (inputs, how, name) in downloads() {
        desk.ffmpeg(&inputs, &how, name);
        check(name);
    }
    desk.ffmpeg(&[PICTURE], &["-frames:v", "1", "-vf", "noise=alls=40"], "noise.png");
    desk.run("heif-enc", &["-q", "90", "noise.png", "-o", "a.heic"]);
    desk.run("heif-enc", &["-q", "90", "-A", "noise.png", "-o", "a.avif"]);
    check("a.heic");
    check("a.avif");
}

#[test]
fn silence_and_room_that_was_left_are_no_damage() {
    let desk = Desk::new();
    let films = [PICTURE, SILENCE];
    let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p"];
    for (inputs, how, name) in [
        (&films[..1], &["-c:v", "libx264", "-movflags", "+faststart"][..], "a.mp4"),
        (&[SILENCE][..], &["-c:a", "pcm_s16le", "-movflags", "+faststart"], "a.mov"),
        (&[SILENCE], &["-c:a", "pcm_s24le"], "a.mkv"),
        (&[SILENCE], &[], "a.wav"),
        (&[SILENCE], &[], "a.aiff"),
        (&[SILENCE], &["-c:a", "pcm_s16be"], "a.caf"),
        (&[SILENCE], &["-b:a", "320k"], "a.mp3"),
        (&films, &[&h264[..], &["-c:a", "pcm_s16le", "-movflags", "+faststart"]].concat(), "b.mov"),
    ] {
        assert_eq!(desk.ffmpeg(inputs, how, name).damaged, None, "{name}");
    }
    // Boxes and elements that mean room.
    let room = [&5000_u32.to_be_bytes()[..], b"free", &[0; 4992]].concat();
    for name in ["a.mp4", "b.mov"] {
        let roomy = desk.put(&format!("roomy-{name}"), &[&desk.bytes(name)[..], &room].concat());
        assert_eq!(roomy.damaged, None, "{name}");
    }
    let live = ["-c:v", "libvpx", "-live", "1"];
    desk.ffmpeg(&[PICTURE], &live, "a.webm");
    let void = [&[0xec, 0x53, 0x88][..], &[0; 5000]].concat();
    assert_eq!(desk.put("roomy.webm", &[desk.bytes("a.webm"), void].concat()).damaged, None);
}

#[test]
fn a_png_whose_pixels_do_not_match_their_checksum_is_damaged() {
    let desk = Desk::new();
    desk.ffmpeg(&[PICTURE], &["-frames:v", "1", "-metadata", "title=x"], "a.png");
    let whole = desk.bytes("a.png");
    let at = |name: &[u8]| whole.windows(4).position(|part| part == name).unwrap();
    let flipped = |at: usize| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        desk.put("flipped.png", &bytes).damaged
    };
    let pixels = at(b"IDAT");
    for offset in [pixels + 5, pixels + 2000, whole.len() - 20] {
        assert_eq!(flipped(offset), Some(Damage::Checksum), "{offset}");
    }
    // Pixels are what matters: a wrong checksum of something else is passed over by everybody.
    assert_eq!(flipped(at(b"pHYs") + 5), None);
}
