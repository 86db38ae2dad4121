//! Files that claim to be what they are not, and files that are longer than anybody made them.

use image::codecs::gif::GifEncoder;
use image::{Frame, Rgba, RgbaImage};

const SIDE: u32 = 20_000;

/// Pictures of 20,000 × 20,000 pixels, by their heads.
pub(crate) fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let sample = |name: &str| std::fs::read(super::sample(name)).unwrap();
    let mut png = sample("cover.png");
    png[16..20].copy_from_slice(&SIDE.to_be_bytes());
    png[20..24].copy_from_slice(&SIDE.to_be_bytes());
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    let mut gif = sample("anim.gif");
    let short = u16::try_from(SIDE).unwrap();
    gif[6..8].copy_from_slice(&short.to_le_bytes());
    gif[8..10].copy_from_slice(&short.to_le_bytes());
    let mut bmp = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    bmp.extend(SIDE.to_le_bytes());
    bmp.extend(SIDE.to_le_bytes());
    bmp.extend(b"\x01\0\x18\0");
    bmp.resize(400, 0);
    // VP8X: the canvas in 24 bits each, less one.
    let mut webp = b"RIFF\0\x10\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0".to_vec();
    for _ in 0..2 {
        webp.extend(&(SIDE - 1).to_le_bytes()[..3]);
    }
    webp.resize(4096, 0);
    let mut jpeg = sample("photo.jpg");
    let frame = jpeg.windows(2).position(|w| w == [0xff, 0xc0] || w == [0xff, 0xc2]).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&60_000u16.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&60_000u16.to_be_bytes());
    let mut tiff = b"II\x2a\0\x08\0\0\0\x09\0".to_vec();
    for (tag, value) in
        [(256, SIDE), (257, SIDE), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, SIDE), (279, 400)]
    {
        tiff.extend(u16::try_from(tag).unwrap().to_le_bytes());
        tiff.extend(4u16.to_le_bytes());
        tiff.extend(1u32.to_le_bytes());
        tiff.extend(value.to_le_bytes());
    }
    tiff.resize(1000, 0);
    vec![
        ("bomb.png", png),
        ("bomb.gif", gif),
        ("bomb.bmp", bmp),
        ("bomb.webp", webp),
        ("bomb.jpg", jpeg),
        ("bomb.tiff", tiff),
        ("progressive.jpg", progressive(12_000)),
    ]
}

/// A grey square as a progressive JPEG, which wants all its coefficients in memory at once: six bytes a pixel. It is
/// sound, and small: one bit a block.
fn progressive(side: u16) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
    out.extend([1; 64]);
    out.extend([0xff, 0xc2, 0, 17, 8]);
    out.extend([side.to_be_bytes(), side.to_be_bytes()].concat());
    out.extend([3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code, of one bit: no difference to the block before.
    out.extend([0xff, 0xc4, 0, 20, 0, 1]);
    out.extend([0; 16]);
    out.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
    let blocks = usize::from(side).div_ceil(8).pow(2) * 3;
    out.resize(out.len() + blocks / 8 + 1, 0);
    out.extend([0xff, 0xd9]);
    out
}

/// A red frame and many blue ones.
pub(crate) fn animation(frames: usize) -> Vec<u8> {
    let mut out = vec![];
    let mut encoder = GifEncoder::new_with_speed(&mut out, 30);
    for n in 0..frames {
        let colour = if n == 0 { Rgba([255, 0, 0, 255]) } else { Rgba([0, 0, 255, 255]) };
        encoder.encode_frame(Frame::new(RgbaImage::from_pixel(256, 256, colour))).unwrap();
    }
    drop(encoder);
    out
}

/// The head of a WAV: two channels of 16 bits, 44,100 times a second.
pub(crate) fn wav_head(data: u32) -> Vec<u8> {
    let mut out = b"RIFF".to_vec();
    out.extend(data.saturating_add(36).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x02\0");
    out.extend(44_100u32.to_le_bytes());
    out.extend((44_100u32 * 4).to_le_bytes());
    out.extend(b"\x04\0\x10\0data");
    out.extend(data.to_le_bytes());
    out
}

/// What is behind the tag and the head of an MP3: its frames of sound.
pub(crate) fn mp3_frames(whole: &[u8]) -> &[u8] {
    let sync =
        |at: usize| whole.get(at) == Some(&0xff) && whole.get(at + 1).is_some_and(|b| b & 0xe0 == 0xe0);
    let tag = if whole.starts_with(b"ID3") {
        let size = whole[6..10].iter().fold(0usize, |size, b| size << 7 | usize::from(*b));
        10 + size
    } else {
        0
    };
    let first = (tag..whole.len()).find(|at| sync(*at)).unwrap();
    // The first frame says how many there are: it would be believed.
    let head = whole[first..].windows(4).take(200).any(|w| w == b"Xing" || w == b"Info");
    let from = if head { (first + 4..whole.len()).find(|at| sync(*at)).unwrap() } else { first };
    &whole[from..]
}

/// The first box of an MP4, and its index.
pub(crate) fn head_and_index(whole: &[u8]) -> (&[u8], &[u8]) {
    let size = |at: usize| u32::from_be_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
    let head = &whole[..size(0)];
    let mut at = 0;
    while &whole[at + 4..at + 8] != b"moov" {
        at += size(at);
    }
    (head, &whole[at..at + size(at)])
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}
