//! Pictures of high dynamic range: what a copy shows is what the picture shows within reference white.

use std::path::{Path, PathBuf};

use hoist::media::inspect::inspect;
use hoist::media::preview;
use hoist::model::fit::FitWishes;
use hoist::model::media::Media;

use crate::eyes::{psnr, run};
use crate::images::photograph;
use crate::{fitted, limits};

/// Which curve a signal has, by its number in H.273.
const PQ: u16 = 16;
const HLG: u16 = 18;

/// Returns the signal of linear light in cd/m², 0 to 1, by ITU-R BT.2100; of HLG of one component of a pixel of this
/// brightness.
fn signal(curve: u16, light: f64, brightness: f64) -> f64 {
    if curve == PQ {
        let power = (light / 10_000.0).powf(2610.0 / 16_384.0);
        let (c1, c2, c3) = (3424.0 / 4096.0, 2413.0 / 128.0, 2392.0 / 128.0);
        return ((c1 + c2 * power) / (1.0 + c3 * power)).powf(2523.0 / 32.0);
    }
    // The OOTF of a display of 1,000 cd/m² undone, then the OETF.
    let scene =
        if brightness > 0.0 { light / 1000.0 * (brightness / 1000.0).powf(1.0 / 1.2 - 1.0) } else { 0.0 };
    match scene {
        ..=0.083_333 => (3.0 * scene).sqrt(),
        _ => 0.178_832_77 * (12.0 * scene - 0.284_668_92).ln() + 0.559_910_73,
    }
}

/// Writes a picture with this light as HEIC or AVIF of ten bits in BT.2020. `light`: of red, green and blue of sRGB's
/// primaries at each pixel, in cd/m².
fn coded(path: PathBuf, curve: u16, size: (u32, u32), light: impl Fn(u32, u32) -> [f64; 3]) -> PathBuf {
    let wide = image::ImageBuffer::from_fn(size.0, size.1, |x, y| {
        let [r, g, b] = light(x, y);
        // ITU-R BT.2087.
        let light = [
            0.6274 * r + 0.3293 * g + 0.0433 * b,
            0.0691 * r + 0.9195 * g + 0.0114 * b,
            0.0164 * r + 0.0880 * g + 0.8956 * b,
        ];
        let brightness = 0.2627 * light[0] + 0.6780 * light[1] + 0.0593 * light[2];
        image::Rgb(light.map(|light| (signal(curve, light, brightness) * 65_535.0).round() as u16))
    });
    let png = path.with_extension("wide.png");
    image::DynamicImage::ImageRgb16(wide).save(&png).unwrap();
    let (to, from) = (path.to_str().unwrap(), png.to_str().unwrap());
    if path.extension().is_some_and(|e| e == "avif") {
        let numbers = format!("9/{curve}/6");
        let how = ["--cicp", &numbers, "-r", "full", "-d", "10", "-s", "8", "--min", "4", "--max", "8"];
        run("avifenc", &[&how[..], &[from, to]].concat());
        return path;
    }
    run("heif-enc", &["-b", "10", "-q", "97", "-o", to, from]);
    let bytes = std::fs::read(&path).unwrap();
    let file = container(&content(&bytes, b"hvcC"), &content(&bytes, b"mdat"), size, curve);
    std::fs::write(&path, file).unwrap();
    path
}

fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// Returns the content of the first box of a kind.
fn content(file: &[u8], kind: &[u8]) -> Vec<u8> {
    let at = file.windows(kind.len()).position(|name| name == kind).unwrap();
    let size = u32::from_be_bytes(file[at - 4..at].try_into().unwrap()) as usize;
    file[at + 4..at - 4 + size].to_vec()
}

/// Returns a file of one coded picture that says by number what its colours are: BT.2020 with this curve, BT.601's matrix
/// in full range.
fn container(setup: &[u8], coded: &[u8], (width, height): (u32, u32), curve: u16) -> Vec<u8> {
    let head = boxed(b"ftyp", b"heic\0\0\0\0mif1heic");
    let meta = |from: u32| {
        let extent = [
            &[0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1][..],
            &from.to_be_bytes(),
            &(coded.len() as u32).to_be_bytes(),
        ];
        let colours = [&b"nclx"[..], &[0, 9, 0, curve as u8, 0, 6, 0x80]].concat();
        let properties = [
            boxed(b"hvcC", setup),
            boxed(b"ispe", &[[0; 4], width.to_be_bytes(), height.to_be_bytes()].concat()),
            boxed(b"colr", &colours),
        ];
        let list = [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 3, 0x81, 2, 3];
        let content = [
            vec![0; 4],
            boxed(b"hdlr", b"\0\0\0\0\0\0\0\0pict\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            boxed(b"pitm", &[0, 0, 0, 0, 0, 1]),
            boxed(b"iloc", &[&[0; 4][..], &extent.concat()].concat()),
            boxed(
                b"iinf",
                &[&[0, 0, 0, 0, 0, 1][..], &boxed(b"infe", b"\x02\0\0\0\0\x01\0\0hvc1\0")].concat(),
            ),
            boxed(b"iprp", &[boxed(b"ipco", &properties.concat()), boxed(b"ipma", &list)].concat()),
        ];
        boxed(b"meta", &content.concat())
    };
    let from = head.len() + meta(0).len() + 8;
    [head, meta(from as u32), boxed(b"mdat", coded)].concat()
}

/// Returns the light of a pixel of sRGB, whose white is reference white.
fn light_of(pixel: [u8; 3]) -> [f64; 3] {
    pixel.map(|value| {
        let signal = f64::from(value) / 255.0;
        let linear = if signal <= 0.040_45 { signal / 12.92 } else { ((signal + 0.055) / 1.055).powf(2.4) };
        linear * 203.0
    })
}

fn as_png(file: &Path, to: &Path) -> PathBuf {
    let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
    fitted(file, &limits(&[Media::Png]), &wishes, to).0
}

#[test]
fn what_has_nothing_brighter_than_white_looks_as_it_did_before_it_became_hdr() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    let plain = photograph(folder.path(), "plain.png", "96x64!", &["-blur", "0x1"]);
    let pixels = image::open(&plain).unwrap().into_rgb8();
    for (name, curve) in [("pq.heic", PQ), ("hlg.heic", HLG), ("pq.avif", PQ)] {
        let file = coded(folder.path().join(name), curve, pixels.dimensions(), |x, y| {
            light_of(pixels.get_pixel(x, y).0)
        });
        let copy = as_png(&file, to.path());
        let alike = psnr(&plain, &copy);
        assert!(alike > 38.0, "{name}: {alike} dB");
        // And so does its picture in a list.
        let facts = inspect(&file).unwrap();
        let shown = preview::whole(&facts, (96, 64)).unwrap();
        assert_eq!((shown.width, shown.height), (96, 64));
        let copied = image::open(&copy).unwrap().into_rgba8().into_raw();
        let worst = shown.rgba.iter().zip(&copied).map(|(a, b)| a.abs_diff(*b)).max();
        assert_eq!(worst, Some(0), "{name}");
    }
}

#[test]
fn highlights_are_seen_and_middle_tones_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let to = tempfile::tempdir().unwrap();
    // Grey fields in cd/m²: what an SDR copy shows of them, by sRGB for those far below white, and at least and at most.
    let fields: [(f64, u8, u8); 6] = [
        (0.0, 0, 1),
        (10.0, 61, 65),
        (40.0, 121, 126),
        (203.0, 200, 235),
        (500.0, 236, 249),
        (1000.0, 252, 255),
    ];
    for (name, curve) in [("pq.heic", PQ), ("hlg.heic", HLG)] {
        let size = (32 * fields.len() as u32, 64);
        let file = coded(folder.path().join(name), curve, size, |x, _| [fields[(x / 32) as usize].0; 3]);
        let copy = image::open(as_png(&file, to.path())).unwrap().into_rgb8();
        let mut last = 0;
        for (n, (light, least, most)) in fields.into_iter().enumerate() {
            let [red, green, blue] = copy.get_pixel(n as u32 * 32 + 16, 32).0;
            assert!((least..=most).contains(&green), "{name}: {light} cd/m² became {green}");
            assert!(red.abs_diff(green) <= 2 && blue.abs_diff(green) <= 2, "{name}: {red} {green} {blue}");
            assert!(n == 0 || green > last, "{name}: {light} cd/m² is not brighter than the field before");
            last = green;
        }
    }
}

#[test]
fn the_tone_curve_is_near_the_one_of_ffmpeg() {
    let folder = tempfile::tempdir().unwrap();
    let filters = run("ffmpeg", &["-v", "error", "-hide_banner", "-filters"]);
    assert!(filters.contains(" zscale "), "ffmpeg must have zscale (scripts/setup)");
    let plain = photograph(folder.path(), "plain.png", "96x64!", &["-blur", "0x1"]);
    let pixels = image::open(&plain).unwrap().into_rgb8();
    // Five times as bright: most of the sky is a highlight.
    let file = coded(folder.path().join("a.heic"), PQ, pixels.dimensions(), |x, y| {
        light_of(pixels.get_pixel(x, y).0).map(|light| light * 5.0)
    });
    let copy = as_png(&file, folder.path());
    let reference = folder.path().join("reference.png");
    let curve = "zscale=tin=smpte2084:pin=bt2020:min=gbr:t=linear:p=bt709:m=gbr:npl=203,format=gbrpf32le,\
         tonemap=mobius:param=0.3:peak=5:desat=0,zscale=t=iec61966-2-1:m=gbr,format=rgb24";
    let wide = folder.path().join("a.wide.png");
    let args = ["-v", "error", "-y", "-i", wide.to_str().unwrap(), "-vf", curve];
    run("ffmpeg", &[&args[..], &["-frames:v", "1", reference.to_str().unwrap()]].concat());
    let alike = psnr(&reference, &copy);
    assert!(alike > 34.0, "{alike} dB");
}
