//! TIFFs of the kinds that scanners, printers' programs and layout programs write.

use std::path::{Path, PathBuf};

use hoist::media::fit::plan;
use hoist::media::inspect::inspect;
use hoist::media::preview;
use hoist::model::fit::{FitWishes, NoPlan};
use hoist::model::media::Media;

use crate::eyes::{magick, psnr};
use crate::images::photograph;
use crate::{WITH_FFMPEG, fitted, limits};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn as_png(file: &Path, to: &Path) -> PathBuf {
    let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
    fitted(file, &limits(&[Media::Png]), &wishes, to).0
}

#[test]
fn samples_of_every_depth_order_and_place_are_read_as_other_programs_read_them() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let tiled = ["-define", "tiff:tile-geometry=64x64"];
    let planes = [&["-interlace", "plane"][..], &tiled].concat();
    for (name, args, floor) in [
        ("big.tiff", vec!["-compress", "LZW"], 60.0),
        ("grey of two bits.tiff", vec!["-colorspace", "gray", "-depth", "2"], 60.0),
        ("grey of four bits.tiff", vec!["-colorspace", "gray", "-depth", "4", "-compress", "None"], 60.0),
        (
            "bits from the right.tiff",
            vec!["-colorspace", "gray", "-depth", "4", "-define", "tiff:fill-order=lsb", "-compress", "LZW"],
            60.0,
        ),
        ("planes in tiles.tiff", [&planes[..], &["-compress", "Zip"]].concat(), 60.0),
        ("deep planes in tiles.tiff", [&planes[..], &["-depth", "16", "-compress", "None"]].concat(), 50.0),
        ("one deep strip.tiff", vec!["-depth", "16", "-endian", "MSB", "-compress", "None"], 50.0),
        ("differences.tiff", vec!["-depth", "16", "-compress", "Zip", "-define", "tiff:predictor=2"], 50.0),
        ("lab.tiff", vec!["-colorspace", "Lab"], 32.0),
        ("jpeg.tiff", vec!["-colorspace", "YCbCr", "-compress", "JPEG", "-quality", "95"], 32.0),
        ("jpeg in tiles.tiff", [&tiled[..], &["-compress", "JPEG", "-quality", "95"]].concat(), 32.0),
    ] {
        let file = photograph(folder.path(), name, "301x203!", &["-blur", "0x1"]);
        let reference = folder.path().join(format!("{name}.png"));
        let written = format!("{}{}", if name == "big.tiff" { "TIFF64:" } else { "" }, text(&file));
        magick(&[&[text(&file)][..], &args, &[written.as_str()]].concat());
        magick(&[text(&file), "-colorspace", "sRGB", text(&reference)]);
        let facts = inspect(&file).unwrap();
        assert_eq!(
            (facts.pixels, facts.damaged, facts.undecodable),
            (Some((301, 203)), None, None),
            "{name}"
        );
        let alike = psnr(&reference, &as_png(&file, to.path()));
        assert!(alike > floor, "{name}: {alike} dB");
        assert!(preview::square(&facts, 56).is_ok(), "{name} has no picture");
    }
}

#[test]
fn colours_that_are_multiplied_by_opacity_become_what_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.png", "300x200!", &[]);
    let (straight, file) = (folder.path().join("straight.png"), folder.path().join("multiplied.tiff"));
    // From nothing at the left to all at the right.
    magick(&[text(&plain), "-alpha", "set", "-channel", "A", "-fx", "0.3+0.7*i/w", text(&straight)]);
    magick(&[text(&straight), "-define", "tiff:alpha=associated", text(&file)]);
    let copy = as_png(&file, folder.path());
    let alike = psnr(&straight, &copy);
    assert!(alike > 40.0, "{alike} dB");
    let alpha = |path: &Path| image::open(path).unwrap().into_rgba8().get_pixel(10, 10).0[3];
    assert_eq!(alpha(&copy), alpha(&straight));
}

/// Returns a profile of printing inks of which each corner has a colour of its own.
fn inks() -> Vec<u8> {
    let mut table = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for n in 0..9 {
        table.extend(if n % 4 == 0 { 0x1_0000_u32 } else { 0 }.to_be_bytes());
    }
    table.extend((0..=255).collect::<Vec<u8>>().repeat(4));
    // The first ink changes most slowly.
    for corner in 0..16 {
        let ink = |n: u32| f64::from(corner >> (3 - n) & 1);
        let [cyan, magenta, yellow, black] = [ink(0), ink(1), ink(2), ink(3)];
        // Even, so that all ways to interpolate come to the same.
        let light = 95.0 - 25.0 * cyan - 30.0 * magenta - 6.0 * yellow - 34.0 * black;
        let a = 60.0 * magenta - 35.0 * cyan;
        let b = 70.0 * yellow - 40.0 * cyan - 8.0 * magenta;
        table.extend([light * 2.55, a + 128.0, b + 128.0].map(|value| value.round() as u8));
    }
    table.extend((0..=255).collect::<Vec<u8>>().repeat(3));
    let white = [&b"XYZ \0\0\0\0"[..], &[0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d]].concat();
    let name = [&b"desc\0\0\0\0\0\0\0\x05inks\0"[..], &[0; 79]].concat();
    let mut tags = 3_u32.to_be_bytes().to_vec();
    let mut content = vec![];
    for (tag, bytes) in [(b"desc", &name), (b"wtpt", &white), (b"A2B0", &table)] {
        tags.extend_from_slice(tag);
        tags.extend((128 + 4 + 3 * 12 + content.len() as u32).to_be_bytes());
        tags.extend((bytes.len() as u32).to_be_bytes());
        content.extend_from_slice(bytes);
        content.resize(content.len().next_multiple_of(4), 0);
    }
    let size = (128 + tags.len() + content.len()) as u32;
    let mut head = size.to_be_bytes().to_vec();
    head.extend(b"\0\0\0\0\x02\x40\0\0prtrCMYKLab \x07\xea\0\x01\0\x01\0\0\0\0\0\0acsp");
    head.resize(68, 0);
    head.extend([0, 0, 0xf6, 0xd6, 0, 1, 0, 0, 0, 0, 0xd3, 0x2d]);
    head.resize(128, 0);
    [head, tags, content].concat()
}

/// Takes the segment out of a JPEG that says how Adobe's programs code inks.
fn without_adobe(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let at = bytes.windows(9).position(|part| part == b"\xff\xee\0\x0eAdobe").expect("Adobe's segment");
    bytes.drain(at..at + 16);
    std::fs::write(file, bytes).unwrap();
}

#[test]
fn inks_are_converted_by_their_profile() {
    let folder = tempfile::tempdir().unwrap();
    let (icc, srgb) = (folder.path().join("inks.icc"), folder.path().join("srgb.icc"));
    std::fs::write(&icc, inks()).unwrap();
    std::fs::write(&srgb, moxcms::ColorProfile::new_srgb().encode().unwrap()).unwrap();
    for (name, more) in [
        ("inks.tiff", &[][..]),
        ("planes.tiff", &["-interlace", "plane"]),
        ("jpeg.tiff", &["-compress", "JPEG"]),
        ("inks.jpg", &[]),
        ("unmarked.jpg", &[]),
    ] {
        let args = [&["-blur", "0x1", "-colorspace", "CMYK", "-quality", "97"][..], more].concat();
        let file = photograph(folder.path(), name, "300x200!", &args);
        magick(&[&[text(&file)][..], more, &["+profile", "*", "-profile", text(&icc), text(&file)]].concat());
        if name == "unmarked.jpg" {
            without_adobe(&file);
        }
        let (reference, naive) = (folder.path().join("right.png"), folder.path().join("naive.png"));
        magick(&[text(&file), "-profile", text(&srgb), "-strip", text(&reference)]);
        magick(&[text(&file), "-strip", "-colorspace", "sRGB", text(&naive)]);
        let copy = as_png(&file, folder.path());
        let (right, wrong) = (psnr(&reference, &copy), psnr(&naive, &copy));
        assert!(right > 35.0 && right > wrong + 10.0, "{name}: {right} dB, and {wrong} dB to naive colours");
    }
}

#[test]
fn what_no_reader_knows_is_not_offered_to_be_converted() {
    let folder = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.tiff", "64x48!", &["-compress", "None"]);
    let bytes = std::fs::read(&plain).unwrap();
    // The packing's number: LZMA, Zstandard, WebP, and one that there is not.
    let entry = [3, 1, 3, 0, 1, 0, 0, 0, 1, 0];
    let at = bytes.windows(entry.len()).position(|part| part == entry).expect("it is not packed") + 8;
    for packing in [34_925_u16, 50_000, 50_001, 4_711] {
        let mut bytes = bytes.clone();
        bytes[at..at + 2].copy_from_slice(&packing.to_le_bytes());
        let file = folder.path().join(format!("{packing}.tiff"));
        std::fs::write(&file, bytes).unwrap();
        let facts = inspect(&file).unwrap();
        let planned = plan(&facts, &[limits(&[Media::Jpeg])], &FitWishes::default(), WITH_FFMPEG);
        assert_eq!(planned, Err(NoPlan::UnknownFeature("TIFF")), "{packing}");
        // What needs no pixels goes on.
        let wishes = FitWishes { strip: true, ..FitWishes::default() };
        let planned = plan(&facts, &[limits(&[Media::Tiff])], &wishes, WITH_FFMPEG);
        assert!(planned.is_ok_and(|plan| plan.is_some()), "{packing}");
    }
}
