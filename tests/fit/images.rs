//! Pictures of every type that cameras, telephones and editors write.

use std::path::{Path, PathBuf};

use hoist::model::fit::FitWishes;
use hoist::model::media::Media;

use crate::eyes::{exif, identify, magick, psnr, run};
use crate::sample;
use crate::{fitted, limits};

/// A photograph of these many pixels, with detail at every scale and colours of all kinds.
pub(super) fn photograph(folder: &Path, name: &str, size: &str, more: &[&str]) -> PathBuf {
    let path = folder.join(name);
    let source = format!("{}[0]", sample("photo.jpg").to_str().unwrap());
    let mut args = vec![
        source.as_str(),
        "-auto-orient",
        "-strip",
        "-resize",
        size,
        "-attenuate",
        "0.3",
        "+noise",
        "Gaussian",
    ];
    args.extend(more);
    let to = path.to_str().unwrap().to_owned();
    args.push(&to);
    magick(&args);
    path
}

#[test]
fn every_type_of_picture_becomes_a_jpeg_that_looks_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let png = photograph(folder.path(), "plain.png", "400x300!", &[]);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let make = |name: &str, args: &[&str]| {
        let path = folder.path().join(name);
        let (from, to) = (text(&png), text(&path));
        let mut all = vec![from.as_str()];
        all.extend(args);
        all.push(&to);
        magick(&all);
        path
    };
    let wide = make("wide.png", &["-depth", "16"]);
    let heic = |name: &str, args: &[&str]| {
        let path = folder.path().join(name);
        let (from, to) = (text(if args.contains(&"-b") { &wide } else { &png }), text(&path));
        let mut all = args.to_vec();
        all.extend(["-q", "90", "-o", &to, &from]);
        run("heif-enc", &all);
        path
    };
    for (file, floor) in [
        (make("a.bmp", &[]), 32.5),
        (make("a.tiff", &[]), 32.5),
        (make("wide.tiff", &["-depth", "16"]), 32.5),
        (wide.clone(), 32.5),
        (make("interlaced.png", &["-interlace", "PNG"]), 32.5),
        (make("palette.png", &["-colors", "64", "-type", "Palette"]), 32.0),
        (make("grey.png", &["-colorspace", "Gray"]), 37.5),
        (make("a.gif", &["-colors", "256"]), 32.0),
        (make("a.webp", &["-quality", "95"]), 37.0),
        (make("inks.jpg", &["-colorspace", "CMYK", "-quality", "97"]), 33.5),
        (heic("a.heic", &[]), 31.5),
        (heic("deep.heic", &["-b", "10"]), 31.5),
        (heic("a.avif", &["-A"]), 31.5),
        (heic("deep.avif", &["-A", "-b", "10"]), 31.5),
    ] {
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        let wishes = FitWishes { format: Some(Media::Jpeg), ..FitWishes::default() };
        let wishes = if name == "inks.jpg" { FitWishes { quality: Some(95), ..wishes } } else { wishes };
        let (copy, facts) = fitted(&file, &limits(&[Media::Jpeg]), &wishes, to.path());
        assert_eq!(identify(&copy), "JPEG 400 300 sRGB", "{name}");
        assert_eq!((facts.recognised.media(), facts.damaged), (Some(Media::Jpeg), None), "{name}");
        // What ImageMagick reads as it is, is compared with itself.
        let as_it_is = ["bmp", "tiff", "png", "gif", "webp"].iter().any(|e| name.ends_with(e));
        let alike = psnr(if as_it_is { &file } else { &png }, &copy);
        assert!(alike > floor, "{name}: {alike} dB");
    }
}

#[test]
fn heif_is_what_libheif_makes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let png = photograph(folder.path(), "plain.png", "420x330!", &[]);
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    for name in ["a.heic", "a.avif"] {
        let file = folder.path().join(name);
        let mut args = vec!["-q".to_owned(), "80".into(), "-o".into(), text(&file), text(&png)];
        if name.ends_with("avif") {
            args.insert(0, "-A".into());
        }
        run("heif-enc", &args.iter().map(String::as_str).collect::<Vec<_>>());
        let reference = folder.path().join(format!("{name}.png"));
        run(
            if Path::new("/usr/bin/heif-convert").exists() { "heif-convert" } else { "heif-dec" },
            &[&text(&file), &text(&reference)],
        );
        let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
        let (copy, _) = fitted(&file, &limits(&[Media::Png]), &wishes, folder.path());
        let alike = psnr(&reference, &copy);
        assert!(alike > 40.0, "{name}: {alike} dB");
    }
}

#[test]
fn a_picture_within_a_limit_keeps_its_pixels_and_loses_quality_down_to_a_floor() {
    let folder = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.png", "2000x1500!", &[]);
    let mut last = f64::MAX;
    for max in [1_500_000, 900_000, 250_000, 20_000] {
        let mut row = limits(&[Media::Png, Media::Jpeg]);
        row.max_bytes = Some(max);
        let (copy, facts) = fitted(&plain, &row, &FitWishes::default(), folder.path());
        assert!(facts.size <= max, "{} is over {max}", facts.size);
        assert!(facts.size as f64 > max as f64 * 0.6, "{} leaves much of {max} unused", facts.size);
        let scaled = facts.pixels != Some((2000, 1500));
        assert_eq!(scaled, max <= 250_000, "{max}: {:?}", facts.pixels);
        let alike = psnr(&plain, &copy);
        assert!(alike <= last + 0.5, "less room looks no better");
        last = alike;
    }
}

#[test]
fn transparency_stays_where_the_type_has_it_and_becomes_white_where_not() {
    let folder = tempfile::tempdir().unwrap();
    let round = folder.path().join("round.png");
    let text = round.to_str().unwrap();
    magick(&[
        "-size",
        "1200x900",
        "xc:none",
        "-fill",
        "plasma:red-blue",
        "-draw",
        "circle 600,450 600,100",
        "-channel",
        "RGB",
        "+noise",
        "Random",
        text,
    ]);
    let mut row = limits(&[Media::Webp, Media::Jpeg, Media::Png]);
    row.max_bytes = Some(200_000);
    let (copy, facts) = fitted(&round, &row, &FitWishes::default(), folder.path());
    assert_eq!(facts.recognised.media(), Some(Media::Webp));
    assert!(facts.transparent && facts.size <= 200_000);
    let corner = |path: &Path| run("identify", &["-format", "%[pixel:p{2,2}]", path.to_str().unwrap()]);
    assert!(corner(&copy).ends_with(",0)") || corner(&copy).contains("none"), "{}", corner(&copy));
    let (copy, _) = fitted(&round, &limits(&[Media::Jpeg]), &FitWishes::default(), folder.path());
    assert!(
        matches!(corner(&copy).as_str(), "white" | "srgb(255,255,255)" | "srgb(254,254,254)"),
        "{}",
        corner(&copy)
    );
    // Room for transparency that is not used is no reason for another type.
    let opaque = folder.path().join("opaque.png");
    magick(&[
        "-size",
        "900x900",
        "plasma:",
        "-alpha",
        "opaque",
        "-define",
        "png:color-type=6",
        opaque.to_str().unwrap(),
    ]);
    row.max_bytes = Some(300_000);
    let (_, facts) = fitted(&opaque, &row, &FitWishes::default(), folder.path());
    assert_eq!(facts.recognised.media(), Some(Media::Jpeg));
}

#[test]
fn colours_of_other_profiles_look_the_same_in_srgb() {
    let folder = tempfile::tempdir().unwrap();
    // Adobe RGB: what is green there lies outside of sRGB.
    let icc = folder.path().join("wide.icc");
    std::fs::write(&icc, moxcms::ColorProfile::new_adobe_rgb().encode().unwrap()).unwrap();
    let plain = photograph(folder.path(), "plain.png", "300x200!", &[]);
    let wide = folder.path().join("wide.png");
    let srgb = folder.path().join("srgb.icc");
    std::fs::write(&srgb, moxcms::ColorProfile::new_srgb().encode().unwrap()).unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    magick(&[&text(&plain), "-profile", &text(&srgb), "-profile", &text(&icc), &text(&wide)]);
    let wishes = FitWishes { format: Some(Media::Jpeg), ..FitWishes::default() };
    let (copy, _) = fitted(&wide, &limits(&[Media::Jpeg]), &wishes, folder.path());
    let stripped = folder.path().join("naive.png");
    magick(&[&text(&wide), "-strip", &text(&stripped)]);
    let (right, naive) = (psnr(&plain, &copy), psnr(&plain, &stripped));
    assert!(right > 32.0 && right > naive + 1.5, "{right} dB, and {naive} dB where the profile is ignored");
    assert_eq!(exif(&copy, "ICC_Profile:all"), "", "a copy is sRGB, and says nothing else");
}

#[test]
fn every_orientation_is_upright_in_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let upright = photograph(folder.path(), "upright.png", "240x160!", &[]);
    for orientation in 1..=8u8 {
        let file = folder.path().join(format!("o{orientation}.jpg"));
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        // As a camera stores it that is held so.
        let turn: &[&str] = match orientation {
            2 => &["-flop"],
            3 => &["-rotate", "180"],
            4 => &["-flip"],
            5 => &["-transpose"],
            6 => &["-rotate", "-90"],
            7 => &["-transverse"],
            8 => &["-rotate", "90"],
            _ => &[],
        };
        let (from, to) = (text(&upright), text(&file));
        let mut args = vec![from.as_str()];
        args.extend(turn);
        args.extend(["-quality", "96", to.as_str()]);
        magick(&args);
        run(
            "exiftool",
            &[
                "-q",
                "-overwrite_original",
                "-n",
                &format!("-Orientation={orientation}"),
                "-Artist=somebody",
                &text(&file),
            ],
        );
        for media in [Media::Png, Media::Webp, Media::Jpeg] {
            let wishes = FitWishes { format: Some(media), quality: Some(93), ..FitWishes::default() };
            let (copy, facts) = fitted(&file, &limits(&[media]), &wishes, folder.path());
            assert_eq!(facts.pixels, Some((240, 160)), "{orientation} as {media:?}");
            let alike = psnr(&upright, &copy);
            assert!(alike > 30.0, "{orientation} as {media:?}: {alike} dB");
            assert!(matches!(exif(&copy, "Orientation").as_str(), "" | "1"), "{orientation} as {media:?}");
            assert_eq!(exif(&copy, "Artist"), "somebody", "what is not asked for is not removed: {media:?}");
        }
    }
}

#[test]
fn sides_are_scaled_to_what_is_accepted() {
    let folder = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.png", "3000x1000!", &[]);
    let mut row = limits(&[Media::Png]);
    row.pixels = Some((300, 2160));
    let (_, facts) = fitted(&plain, &row, &FitWishes::default(), folder.path());
    assert_eq!((facts.recognised.media(), facts.pixels), (Some(Media::Png), Some((2160, 720))));
    let wishes = FitWishes { max_side: Some(900), ..FitWishes::default() };
    let (_, facts) = fitted(&plain, &row, &wishes, folder.path());
    assert_eq!(facts.pixels, Some((900, 300)));
}

#[test]
fn a_copy_has_a_name_of_its_own_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.png", "64x48!", &[]);
    let before = std::fs::read(&plain).unwrap();
    let mut row = limits(&[Media::Png]);
    row.pixels = Some((1, 32));
    for name in ["plain-2.png", "plain-3.png"] {
        let (copy, _) = fitted(&plain, &row, &FitWishes::default(), folder.path());
        assert_eq!(copy.file_name().unwrap(), name);
    }
    assert_eq!(std::fs::read(&plain).unwrap(), before);
    let left = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|f| f.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
    assert_eq!(left.count(), 0, "nothing half-made is left");
}

#[test]
fn a_heic_of_tiles_as_telephones_write_it_is_put_together() {
    let folder = tempfile::tempdir().unwrap();
    // Six tiles of 64 × 64, of which 150 × 100 pixels are shown.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/grid.heic");
    let reference = folder.path().join("reference.png");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    run(
        if Path::new("/usr/bin/heif-convert").exists() { "heif-convert" } else { "heif-dec" },
        &[&text(&file), &text(&reference)],
    );
    let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
    let (copy, facts) = fitted(&file, &limits(&[Media::Png]), &wishes, folder.path());
    assert_eq!(facts.pixels, Some((150, 100)));
    let alike = psnr(&reference, &copy);
    assert!(alike > 38.0, "{alike} dB");
    let whole = std::fs::read(&file).unwrap();
    // A property of the number 0 is none: telephones write it.
    let mut zero = whole.clone();
    let list = zero.windows(4).position(|name| name == b"ipma").unwrap();
    let last = zero[list..].windows(5).position(|part| part == [0, 6, 2, 0x81, 2]).expect("the last tile");
    zero[list + last + 4] = 0;
    let telephone = folder.path().join("telephone.heic");
    std::fs::write(&telephone, zero).unwrap();
    let (copy, _) = fitted(&telephone, &limits(&[Media::Png]), &wishes, folder.path());
    assert!(psnr(&reference, &copy) > 38.0);
    // A tile that is missing or damaged is no picture with a hole.
    let cut = folder.path().join("cut.heic");
    std::fs::write(&cut, &whole[..whole.len() - 300]).unwrap();
    let made = crate::fit(&cut, &limits(&[Media::Png]), &wishes, folder.path());
    assert!(made.is_err(), "{made:?}");
}

#[test]
fn a_profile_that_cannot_be_read_refuses_no_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.png", "96x64!", &[]);
    let icc = folder.path().join("wide.icc");
    let whole = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    for (n, profile) in [
        whole[..200].to_vec(),
        // As long as it says, and nonsense from the table of its tags on.
        [&whole[..128], &vec![0xee; whole.len() - 128]].concat(),
    ]
    .iter()
    .enumerate()
    {
        std::fs::write(&icc, profile).unwrap();
        for extension in ["tiff", "png"] {
            let file = folder.path().join(format!("{n}.{extension}"));
            magick(&[&text(&plain), &text(&file)]);
            run(
                "exiftool",
                &["-q", "-m", "-overwrite_original", &format!("-ICC_Profile<={}", text(&icc)), &text(&file)],
            );
            let written = run("exiftool", &["-b", "-ICC_Profile", &text(&file)]);
            assert!(written.len() > 100, "{n}.{extension} has no profile");
            let wishes = FitWishes { format: Some(Media::Webp), quality: Some(95), ..FitWishes::default() };
            let (copy, _) = fitted(&file, &limits(&[Media::Webp]), &wishes, folder.path());
            let alike = psnr(&plain, &copy);
            assert!(alike > 30.0, "{n}.{extension}: {alike} dB");
        }
    }
}

#[test]
fn a_heic_that_is_coded_as_one_and_too_large_for_memory_is_not_offered_to_be_converted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.heic");
    let png = photograph(folder.path(), "plain.png", "64x64!", &[]);
    run("heif-enc", &["-q", "50", "-o", file.to_str().unwrap(), png.to_str().unwrap()]);
    let mut bytes = std::fs::read(&file).unwrap();
    let size = bytes.windows(4).position(|name| name == b"ispe").unwrap() + 8;
    let wishes = FitWishes { max_side: Some(2000), ..FitWishes::default() };
    for (side, is_offered) in [(5_600_u32, true), (8_000, false)] {
        bytes[size..size + 4].copy_from_slice(&side.to_be_bytes());
        bytes[size + 4..size + 8].copy_from_slice(&side.to_be_bytes());
        std::fs::write(&file, &bytes).unwrap();
        let facts = hoist::media::inspect::inspect(&file).unwrap();
        let planned = hoist::media::fit::plan(&facts, &[limits(&[Media::Jpeg])], &wishes, crate::WITH_FFMPEG);
        match is_offered {
            true => assert!(planned.is_ok_and(|plan| plan.is_some()), "{side}"),
            false => assert_eq!(planned, Err(hoist::model::fit::NoPlan::TooManyPixels), "{side}"),
        }
    }
}

#[test]
fn tiffs_of_every_kind_that_programs_write_are_seen_and_converted() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = vec![];
    for (algorithm, pixels) in [
        ("packbits", "rgb24"),
        ("raw", "rgb24"),
        ("lzw", "rgb24"),
        ("deflate", "rgb24"),
        ("packbits", "rgba"),
        ("lzw", "rgb48le"),
        ("raw", "gray"),
        ("lzw", "gray16le"),
        ("packbits", "pal8"),
        ("packbits", "monob"),
        ("raw", "monow"),
        ("packbits", "yuv420p"),
        ("raw", "yuv422p"),
        ("lzw", "yuv444p"),
        ("deflate", "yuv411p"),
    ] {
        let name = format!("{algorithm}-{pixels}.tiff");
        let file = folder.path().join(&name);
        let path = file.to_str().unwrap();
        let source = ["-f", "lavfi", "-i", "testsrc=size=1200x900", "-frames:v", "1"];
        let kind = ["-compression_algo", algorithm, "-pix_fmt", pixels, path];
        run("ffmpeg", &[&["-v", "error", "-y"][..], &source, &kind].concat());
        // ImageMagick takes brightness and colour differences for colours.
        let reference = folder.path().join(format!("{name}.png"));
        run("ffmpeg", &["-v", "error", "-y", "-i", path, reference.to_str().unwrap()]);
        seen.push((name, file, reference));
    }
    for (name, args) in [
        ("tiled.tiff", &["-define", "tiff:tile-geometry=128x128"][..]),
        ("jpeg.tiff", &["-compress", "JPEG"]),
        ("planes.tiff", &["-interlace", "plane"]),
        ("big.tiff", &["-endian", "MSB", "-compress", "LZW"]),
        ("inks.tiff", &["-colorspace", "CMYK"]),
        ("fax.tiff", &["-monochrome", "-compress", "Group4"]),
    ] {
        let file = photograph(folder.path(), name, "1200x900!", args);
        let reference = folder.path().join(format!("{name}.png"));
        magick(&[file.to_str().unwrap(), "-colorspace", "sRGB", reference.to_str().unwrap()]);
        seen.push((name.to_owned(), file, reference));
    }
    for (name, file, reference) in seen {
        let facts = hoist::media::inspect::inspect(&file).unwrap();
        assert_eq!((facts.pixels, facts.damaged), (Some((1200, 900)), None), "{name}");
        let picture = hoist::media::preview::square(&facts, 56);
        assert!(picture.is_ok(), "{name} has no picture: {picture:?}");
        let wishes = FitWishes { format: Some(Media::Jpeg), ..FitWishes::default() };
        let (copy, _) = fitted(&file, &limits(&[Media::Jpeg]), &wishes, folder.path());
        let alike = psnr(&reference, &copy);
        assert!(alike > 24.0, "{name}: {alike} dB");
    }
}
