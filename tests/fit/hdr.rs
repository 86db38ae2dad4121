//! HDR video as a usual screen shows it, seen by ffmpeg and ffprobe.

use std::path::{Path, PathBuf};

use hoist::media::inspect::inspect;
use hoist::model::fit::{ChangeKind, FitChange, FitWishes};
use hoist::model::media::{HdrTransfer, Media};

use crate::eyes::{probe, run};
use crate::{fit, fitted, limits, made_of};

/// Values of 10 bits, worked out by BT.2100: black, a grey card of 26 cd/m², paper of 203 cd/m², and the red of a usual
/// screen at 100 cd/m².
const PQ: [[u16; 3]; 4] = [[64, 512, 512], [397, 512, 512], [573, 512, 512], [341, 446, 601]];
const HLG: [[u16; 3]; 4] = [[64, 512, 512], [397, 512, 512], [721, 512, 512], [321, 418, 688]];

/// Four patches beside each other, tagged with a transfer function.
fn patches(folder: &Path, name: &str, transfer: HdrTransfer, coder: &[&str]) -> PathBuf {
    let (values, trc) = match transfer {
        HdrTransfer::Pq => (PQ, "smpte2084"),
        HdrTransfer::Hlg => (HLG, "arib-std-b67"),
    };
    let of = |plane: usize, width: u32| {
        let [a, b, c, d] = values.map(|value| value[plane]);
        format!("if(lt(X,{width}),{a},if(lt(X,{}),{b},if(lt(X,{}),{c},{d})))", width * 2, width * 3)
    };
    let source = format!(
        "color=gray:s=256x64:r=25:d=0.4,format=yuv420p10le,geq=lum='{}':cb='{}':cr='{}'",
        of(0, 64),
        of(1, 32),
        of(2, 32)
    );
    let path = folder.join(name);
    let tags =
        ["-color_primaries", "bt2020", "-color_trc", trc, "-colorspace", "bt2020nc", "-color_range", "tv"];
    let input = ["-v", "error", "-y", "-f", "lavfi", "-i", &source];
    run("ffmpeg", &[&input[..], coder, &tags, &[path.to_str().unwrap()]].concat());
    path
}

const HEVC: [&str; 6] = ["-c:v", "libx265", "-crf", "8", "-x265-params", "log-level=error"];

/// What the middle of each patch looks like, as ffmpeg shows it by the file's own tags.
fn shown(file: &Path, folder: &Path) -> [[u8; 3]; 4] {
    let frame = folder.join("frame.png");
    let (from, to) = (file.to_str().unwrap(), frame.to_str().unwrap());
    run("ffmpeg", &["-v", "error", "-y", "-i", from, "-frames:v", "1", "-pix_fmt", "rgb24", to]);
    let picture = image::open(&frame).unwrap().into_rgb8();
    let patch = picture.width() / 4;
    [0, 1, 2, 3].map(|n| picture.get_pixel(patch * n + patch / 2, picture.height() / 2).0)
}

fn tags(file: &Path) -> String {
    probe(file, "stream=pix_fmt,color_range,color_space,color_transfer,color_primaries")
}

fn is_near(value: u8, wanted: std::ops::Range<u8>) -> bool {
    wanted.contains(&value)
}

#[test]
fn hdr_that_is_coded_anew_looks_as_it_did_and_is_tagged_for_usual_screens() {
    let folder = tempfile::tempdir().unwrap();
    // What would be something else in a list of filters.
    let to = folder.path().join("it's [a] folder:0;,=x");
    std::fs::create_dir(&to).unwrap();
    for (transfer, name) in [
        (HdrTransfer::Pq, "a.mp4"),
        (HdrTransfer::Hlg, "a.mov"),
        (HdrTransfer::Pq, "a.mkv"),
        (HdrTransfer::Hlg, "b.mkv"),
    ] {
        let file = patches(folder.path(), name, transfer, &HEVC);
        for wishes in [FitWishes::default(), FitWishes { max_side: Some(128), ..FitWishes::default() }] {
            if wishes.max_side.is_none() && name == "a.mp4" {
                continue; // it is accepted as it is
            }
            let made = fit(&file, &limits(&[Media::Mp4]), &wishes, &to).unwrap();
            assert_eq!(tags(&made.path), "yuv420p,tv,bt709,bt709,bt709", "{name}");
            let [black, card, paper, red] = shown(&made.path, folder.path());
            assert!(black.iter().all(|v| *v < 6), "{name}: {black:?}");
            // By BT.1886 a card of 26 cd/m² below a white of 203 has (26 ÷ 203)^(1 ÷ 2.4) of 255.
            assert!(card.iter().all(|v| is_near(*v, 100..118)), "{name}: {card:?}");
            assert!(paper.iter().all(|v| is_near(*v, 205..235)), "{name}: {paper:?}");
            // (100 ÷ 203)^(1 ÷ 2.4) of 255, and nothing beside it.
            assert!(is_near(red[0], 178..200) && red[1] < 40 && red[2] < 40, "{name}: {red:?}");
            let label = transfer.label();
            let told = FitChange {
                kind: ChangeKind::DynamicRange,
                from: format!("HDR ({label})"),
                to: "SDR".into(),
            };
            assert!(made.changes.contains(&told), "{name}: {:?}", made.changes);
        }
    }
}

#[test]
fn hdr_is_known_by_each_container_and_by_the_codec_alone() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let vp9 = ["-c:v", "libvpx-vp9", "-crf", "20", "-b:v", "0", "-pix_fmt", "yuv420p10le"];
    for (name, coder) in [("a.mp4", &HEVC[..]), ("a.mkv", &HEVC), ("a.webm", &vp9), ("vp9.mp4", &vp9)] {
        for transfer in [HdrTransfer::Pq, HdrTransfer::Hlg] {
            let file = patches(folder.path(), name, transfer, coder);
            assert_eq!(inspect(&file).unwrap().video.unwrap().hdr, Some(transfer), "{name}");
        }
    }
    // A container that does not say it, as the box is called something else: the stream does.
    let file = patches(folder.path(), "silent.mov", HdrTransfer::Pq, &HEVC);
    let mut bytes = std::fs::read(&file).unwrap();
    let at = bytes.windows(4).position(|name| name == b"colr").unwrap();
    bytes[at..at + 4].copy_from_slice(b"free");
    std::fs::write(&file, bytes).unwrap();
    assert_eq!(inspect(&file).unwrap().video.unwrap().hdr, Some(HdrTransfer::Pq));
    // And one that only ffmpeg reads.
    let stream = patches(folder.path(), "a.ts", HdrTransfer::Pq, &HEVC);
    for file in [file, stream] {
        let made = made_of(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path()).unwrap();
        assert_eq!(
            tags(&made.path).lines().next().unwrap(),
            "yuv420p,tv,bt709,bt709,bt709",
            "{}",
            file.display()
        );
        assert!(made.changes.iter().any(|change| change.kind == ChangeKind::DynamicRange));
    }
}

#[test]
fn what_is_no_hdr_or_is_not_coded_anew_keeps_its_colours() {
    let (folder, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let h264 = ["-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-crf", "8"];
    let file = patches(folder.path(), "a.mkv", HdrTransfer::Hlg, &h264);
    let (copy, facts) = fitted(&file, &limits(&[Media::Mp4]), &FitWishes::default(), to.path());
    assert_eq!(tags(&copy), tags(&file), "its picture is copied");
    assert_eq!(facts.video.unwrap().hdr, Some(HdrTransfer::Hlg));
    let path = folder.path().join("sdr.webm");
    let source = [
        "-v",
        "error",
        "-f",
        "lavfi",
        "-i",
        "smptebars=s=256x64:d=0.4",
        "-c:v",
        "libvpx-vp9",
        "-crf",
        "8",
        "-b:v",
        "0",
    ];
    run("ffmpeg", &[&source[..], &["-colorspace", "bt709", path.to_str().unwrap()]].concat());
    let made = fit(&path, &limits(&[Media::Mp4]), &FitWishes::default(), to.path()).unwrap();
    assert!(made.changes.iter().all(|change| change.kind != ChangeKind::DynamicRange), "{:?}", made.changes);
    let (before, after) = (shown(&path, folder.path()), shown(&made.path, folder.path()));
    let is_same = before.iter().flatten().zip(after.iter().flatten()).all(|(a, b)| a.abs_diff(*b) < 6);
    assert!(is_same, "{before:?} became {after:?}");
}
