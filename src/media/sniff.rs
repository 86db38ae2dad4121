//! Types that are told by their first bytes alone.

use super::{orientation, riff};
use crate::model::encoding;
use crate::model::media::{DetectedType, Kind, Media};

/// Media whose files begin with these bytes at this place.
#[rustfmt::skip]
const MAGIC: &[(usize, &[u8], Media)] = &[
    (0, b"\x89PNG\r\n\x1a\n", Media::Png),
    (0, b"\xff\xd8\xff", Media::Jpeg),
    (0, b"GIF87a", Media::Gif),
    (0, b"GIF89a", Media::Gif),
    (0, b"fLaC", Media::Flac),
    (0, b"OggS", Media::Ogg),
    (0, b"\xff\x0a", Media::JpegXl),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", Media::JpegXl),
    (0, b"\0\0\0\x0cjP  \r\n\x87\n", Media::Jpeg2000),
    (0, b"\xff\x4f\xff\x51", Media::Jpeg2000),
    (0, b"II\xbc", Media::JpegXr),
    (0, b"8BPS", Media::Psd),
    (0, b"\0\0\x01\0", Media::Ico),
    (0, b"\x76\x2f\x31\x01", Media::Exr),
    (0, b"FUJIFILMCCD-RAW", Media::RawPhoto),
    (0, b"IIRO", Media::RawPhoto),
    (0, b"IIU\0", Media::RawPhoto),
    (0, b"caff\0\x01\0\0", Media::Caf),
    (0, b"#!AMR", Media::Amr),
    (0, b"MAC ", Media::Ape),
    (0, b"wvpk", Media::WavPack),
    (0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0", Media::Wave64),
    (0, b"MPCK", Media::Musepack),
    (0, b"MP+", Media::Musepack),
    (0, b"TTA1", Media::Tta),
    (0, b"DSD ", Media::Dsf),
    (0, b"FRM8", Media::Dsf),
    (0, b".snd\0\0\0", Media::Au),
    (0, b"MThd\0\0\0\x06", Media::Midi),
    (0, b"\x7f\xfe\x80\x01", Media::Dts),
    (0, b"\xfe\x7f\x01\x80", Media::Dts),
    (0, b"\x1f\xff\xe8\0", Media::Dts),
    (0, b"\xff\x1f\0\xe8", Media::Dts),
    (0, b"\0\0\x01\xba", Media::MpegPs),
    (0, b"\0\0\x01\xb3", Media::MpegPs),
    (0, b"FLV\x01", Media::Flv),
    (0, b".RMF", Media::RealMedia),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", Media::Mxf),
];

/// What is no media, by names that people know.
#[rustfmt::skip]
const LABELS: &[(&str, &str)] = &[
    ("application/pdf", "PDF"),
    ("application/zip", "ZIP"),
    ("application/gzip", "gzip"),
    ("application/x-tar", "TAR"),
    ("application/x-7z-compressed", "7-Zip"),
    ("application/vnd.rar", "RAR"),
    ("application/x-xz", "XZ"),
    ("application/x-bzip2", "bzip2"),
    ("application/zstd", "Zstandard"),
    ("application/msword", "Word"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "Word"),
    ("application/vnd.ms-excel", "Excel"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "Excel"),
    ("application/vnd.ms-powerpoint", "PowerPoint"),
    ("application/vnd.openxmlformats-officedocument.presentationml.presentation", "PowerPoint"),
    ("application/vnd.oasis.opendocument.text", "OpenDocument"),
    ("application/vnd.oasis.opendocument.spreadsheet", "OpenDocument"),
    ("application/vnd.oasis.opendocument.presentation", "OpenDocument"),
    ("application/epub+zip", "EPUB"),
    ("application/rtf", "RTF"),
    ("application/postscript", "PostScript"),
    ("application/vnd.sqlite3", "SQLite"),
    ("application/x-executable", "a program"),
    ("application/vnd.microsoft.portable-executable", "a program"),
    ("application/x-mach-binary", "a program"),
    ("application/wasm", "WebAssembly"),
    ("application/font-sfnt", "a font"),
    ("application/font-woff", "a font"),
    ("application/x-shockwave-flash", "Flash"),
    ("image/openraster", "OpenRaster"),
    ("image/vnd.djvu", "DjVu"),
    ("image/vnd.dwg", "DWG"),
    ("text/html", "HTML"),
    ("text/xml", "XML"),
    ("text/x-shellscript", "a script"),
];

/// Returns the type by first bytes that belong to one type only. The name decides where the bytes leave it open.
pub(super) fn media(first: &[u8], by_name: Option<Media>) -> Option<Media> {
    if first.starts_with(b"FORM") && matches!(first.get(8..12), Some(b"AIFF" | b"AIFC")) {
        return Some(Media::Aiff);
    }
    if let Some(media) = riff::media(first) {
        return Some(media);
    }
    if orientation::is_tiff(first) {
        // Photographs as the sensor saw them are TIFF, too.
        let is_raw = first.get(8..10) == Some(b"CR") || by_name == Some(Media::RawPhoto);
        return Some(if is_raw { Media::RawPhoto } else { Media::Tiff });
    }
    if first.starts_with(b"BM") && !first.starts_with(b"BM\x18") && is_bmp(first) {
        return Some(Media::Bmp);
    }
    let found = MAGIC.iter().find(|(at, magic, _)| first.get(*at..).is_some_and(|b| b.starts_with(magic)));
    if let Some((.., media)) = found {
        return Some(*media);
    }
    asf(first).or_else(|| is_transport_stream(first).then_some(Media::MpegTs))
}

/// Returns whether it is a BMP. Two letters are little: the rest of a BMP's head, as far as it is there, has to be possible.
fn is_bmp(first: &[u8]) -> bool {
    let head = first.get(14..18).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    first.len() < 18 || matches!(head, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124)
}

/// Tells WMA from WMV: a stream of pictures has a number of its own.
fn asf(first: &[u8]) -> Option<Media> {
    const PICTURES: &[u8] = b"\xc0\xef\x19\xbc\x4d\x5b\xcf\x11\xa8\xfd\0\x80\x5f\x5c\x44\x2b";
    first.starts_with(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\0\xaa\0\x62\xce\x6c").then_some(())?;
    let has_pictures = first.windows(PICTURES.len()).any(|window| window == PICTURES);
    Some(if has_pictures { Media::Wmv } else { Media::Wma })
}

/// Packets of one size, each with the same first byte; some cameras put four bytes in front of each.
fn is_transport_stream(first: &[u8]) -> bool {
    [(0, 188), (4, 192), (0, 204)].into_iter().any(|(from, size): (usize, usize)| {
        let marks = || first.iter().skip(from).step_by(size);
        marks().count() >= 5 && marks().all(|byte| *byte == 0x47)
    })
}

/// Returns whether a text is SVG, whose first element may stand behind comments.
fn is_svg(first: &[u8]) -> bool {
    let text = String::from_utf8_lossy(&first[..first.len().min(4096)]);
    let begin = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    begin.starts_with("<svg")
        || ((begin.starts_with("<?xml") || begin.starts_with("<!")) && text.contains("<svg"))
}

/// Returns what is told by no reader of its own: media of an older kind, text, and what is no media.
pub(super) fn other(first: &[u8], by_name: Option<Media>) -> DetectedType {
    if is_svg(first) {
        return DetectedType::Known(Media::Svg);
    }
    if let Some(media) = captions(first, by_name) {
        return DetectedType::Known(media);
    }
    let Some(mime) = infer::get(first).map(|kind| kind.mime_type()) else { return DetectedType::Unknown };
    match LABELS.iter().find(|(known, _)| *known == mime) {
        Some((_, label)) => DetectedType::Other { label, mime },
        None => DetectedType::Unknown,
    }
}

/// Returns the text of a file that has one, in UTF-8 or, by its mark at the beginning, in UTF-16.
fn text(first: &[u8]) -> Option<String> {
    let text = encoding::lossy(first).into_owned();
    (!text.contains('\0')).then_some(text)
}

/// Returns captions: text under a caption's name that looks like one.
fn captions(first: &[u8], by_name: Option<Media>) -> Option<Media> {
    let text = text(first)?;
    let named = by_name.filter(|media| media.kind() == Kind::Captions)?;
    let looks = match named {
        Media::Srt => text.contains("-->"),
        Media::Vtt => text.starts_with("WEBVTT"),
        Media::Ass => text.contains('[') && text.to_ascii_lowercase().contains("script info"),
        _ => text.contains('[') && text.contains(']'),
    };
    looks.then_some(named)
}
