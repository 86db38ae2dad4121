//! What streams say of themselves, beside what their containers say, as ffprobe sees it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use hoist::media::inspect::inspect;
use hoist::model::media::{FileFacts, HdrTransfer};

/// What ffmpeg makes of these arguments, in a folder.
fn made(folder: &Path, how: &str, name: &str) -> (FileFacts, PathBuf) {
    let path = folder.join(name);
    let run = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-y"])
        .args(how.split_whitespace())
        .arg(&path)
        .output()
        .unwrap();
    assert!(run.status.success(), "{how}: {}", String::from_utf8_lossy(&run.stderr));
    (inspect(&path).unwrap(), path)
}

/// Values of ffprobe's, each in a line.
fn ffprobe(path: &Path, entries: &str) -> Vec<String> {
    let run = Command::new("ffprobe")
        .args(["-v", "error", "-select_streams", "v", "-of", "default=nk=1:nw=1", "-show_entries", entries])
        .arg(path)
        .output()
        .unwrap();
    String::from_utf8_lossy(&run.stdout).lines().map(ToOwned::to_owned).collect()
}

#[test]
fn a_movie_that_goes_on_in_fragments_is_as_long_as_both_parts() {
    let folder = tempfile::tempdir().unwrap();
    let how = "-f lavfi -i testsrc2=s=64x64:r=30:d=6 -f lavfi -i sine=d=6 -g 30 -movflags frag_keyframe";
    let (facts, path) = made(folder.path(), how, "recording.mp4");
    let seconds = facts.duration.unwrap().as_secs_f64();
    let seen: f64 = ffprobe(&path, "format=duration")[0].parse().unwrap();
    assert!((seconds - seen).abs() < 0.05 && seconds > 5.95, "{seconds}, not {seen}");
    assert_eq!(facts.video.unwrap().fps, Some(30.0));
}

#[test]
fn frames_a_second_are_those_of_the_frames_and_not_of_an_edit() {
    let folder = tempfile::tempdir().unwrap();
    let (facts, path) = made(folder.path(), "-f lavfi -i testsrc2=s=64x64:r=25:d=2", "late.mp4");
    assert_eq!(facts.video.unwrap().fps, Some(25.0));
    // A head that counts ten seconds of nothing, too, as some writers' do.
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|part| part == b"mdhd").unwrap() + 16;
    let scale = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
    bytes[at + 4..at + 8].copy_from_slice(&(scale * 12).to_be_bytes());
    fs::write(&path, bytes).unwrap();
    assert_eq!(inspect(&path).unwrap().video.unwrap().fps, Some(25.0));
    assert_eq!(ffprobe(&path, "stream=r_frame_rate"), ["25/1"]);
}

#[test]
fn a_picture_of_other_than_square_pixels_is_as_wide_in_every_container() {
    let folder = tempfile::tempdir().unwrap();
    let how = "-f lavfi -i testsrc2=s=144x108:r=25:d=0.2 -vf setsar=4/3";
    for (codec, name) in [("", "a.mp4"), ("-c:v mpeg4", "a.mkv"), ("-c:v libvpx", "a.webm")] {
        let (facts, _) = made(folder.path(), &format!("{how} {codec}"), name);
        assert_eq!(facts.pixels, Some((192, 108)), "{name}");
    }
    // ffmpeg writes the ratio of the sides, and says so; some call it pixels.
    let path = folder.path().join("a.mkv");
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(4).position(|part| part == [0x54, 0xb2, 0x81, 3]).unwrap();
    bytes[at + 3] = 0;
    fs::write(&path, bytes).unwrap();
    assert_eq!(inspect(&path).unwrap().pixels, Some((192, 108)));
}

#[test]
fn what_editors_export_is_called_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let small = "-f lavfi -i testsrc2=s=64x64:r=25:d=0.1";
    let large = "-f lavfi -i testsrc2=s=1280x720:r=25:d=0.1 -pix_fmt yuv422p -c:v dnxhd";
    for (how, name) in [
        (format!("{small} -c:v qtrle"), "QuickTime Animation"),
        (format!("{small} -c:v png"), "PNG"),
        (format!("{small} -c:v mjpeg"), "Motion JPEG"),
        (format!("{small} -c:v prores_ks"), "ProRes"),
        (format!("{small} -c:v cfhd -pix_fmt yuv422p10le"), "CineForm"),
        (format!("{large} -b:v 90M"), "DNxHD"),
        (format!("{large} -profile:v dnxhr_sq"), "DNxHR"),
        ("-f lavfi -i testsrc2=s=720x576:r=25:d=0.1 -c:v dvvideo -pix_fmt yuv420p".to_owned(), "DV"),
    ] {
        let (facts, _) = made(folder.path(), &how, "export.mov");
        assert_eq!(facts.video.unwrap().codec.as_deref(), Some(name), "{how}");
    }
}

#[test]
fn mp3_in_mp4_has_the_channels_and_the_rate_of_its_frames() {
    let folder = tempfile::tempdir().unwrap();
    let (_, path) = made(folder.path(), "-f lavfi -i sine=d=1:r=44100 -c:a libmp3lame", "speech.mp4");
    let mut bytes = fs::read(&path).unwrap();
    // What the container says of them is often a constant.
    let at = bytes.windows(4).rposition(|part| part == b"mp4a").unwrap() + 20;
    bytes[at..at + 2].copy_from_slice(&[0, 2]);
    bytes[at + 8..at + 10].copy_from_slice(&[0x1f, 0x40]);
    fs::write(&path, bytes).unwrap();
    let audio = inspect(&path).unwrap().audio.unwrap();
    let found = (audio.codec.as_deref(), audio.rate, audio.channels);
    assert_eq!(found, (Some("MP3"), Some(44_100), Some(1)));
}

#[test]
fn amr_has_one_channel_and_one_rate_whatever_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, codec, rate) in [(b"samr", "AMR", 8000), (b"sawb", "AMR-WB", 16_000)] {
        let how = "-f lavfi -i sine=d=1:r=44100 -ac 2 -c:a pcm_s16le";
        let (_, path) = made(folder.path(), how, "voice.mov");
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.windows(4).rposition(|part| part == b"sowt").unwrap();
        bytes[at..at + 4].copy_from_slice(kind);
        fs::write(&path, bytes).unwrap();
        let audio = inspect(&path).unwrap().audio.unwrap();
        let found = (audio.codec.as_deref(), audio.rate, audio.channels);
        assert_eq!(found, (Some(codec), Some(rate), Some(1)));
    }
}

#[test]
fn hdr_that_only_the_stream_says_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let picture = "-f lavfi -i testsrc2=s=64x64:r=10:d=0.5 -pix_fmt yuv420p10le";
    let hevc = |more: &str| {
        let common = "log-level=none:colorprim=bt2020:colormatrix=bt2020nc";
        format!("{picture} -c:v libx265 -x265-params {common}:{more}")
    };
    let av1 = "-c:v libsvtav1 -svtav1-params transfer-characteristics=18:color-primaries=9";
    for (how, hdr, transfer) in [
        (hevc("transfer=smpte2084"), Some(HdrTransfer::Pq), "smpte2084"),
        // Blocks, references, layers and cuts that stand before the colours.
        (
            hevc("transfer=arib-std-b67:scaling-list=default:bframes=8:b-pyramid=1:temporal-layers=1"),
            Some(HdrTransfer::Hlg),
            "arib-std-b67",
        ),
        (hevc("transfer=bt709"), None, "bt709"),
        (format!("{picture} {av1} -color_trc arib-std-b67"), Some(HdrTransfer::Hlg), "arib-std-b67"),
        (format!("{picture} -c:v libsvtav1 -color_trc bt709"), None, "bt709"),
    ] {
        for name in ["stream.mp4", "stream.mkv"] {
            let (_, path) = made(folder.path(), &format!("{how} -movflags -write_colr"), name);
            // The container's own colours are made something else.
            let mut bytes = fs::read(&path).unwrap();
            while let Some(at) = bytes.windows(4).position(|part| part == b"colr") {
                bytes[at..at + 4].copy_from_slice(b"free");
            }
            while let Some(at) = bytes.windows(3).position(|part| part == [0x55, 0xba, 0x81]) {
                bytes[at + 1] = 0xfe; // no element that is known
            }
            fs::write(&path, bytes).unwrap();
            assert_eq!(inspect(&path).unwrap().video.unwrap().hdr, hdr, "{name}: {how}");
            assert_eq!(ffprobe(&path, "stream=color_transfer"), [transfer], "{name}: {how}");
        }
    }
}
