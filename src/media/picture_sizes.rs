//! Width and height of pictures that no decoder here reads, or not in every form: BMP, ICO and JPEG 2000.

use super::source::Source;

/// More boxes than these are not looked at.
const MAX_BOXES: usize = 64;

/// Returns the size where it is one.
fn of(width: u32, height: u32) -> Option<(u32, u32)> {
    (width > 0 && height > 0).then_some((width, height))
}

/// Returns the size of a BMP, by Windows' headers or by OS/2's.
pub(super) fn bmp(source: &mut Source<'_>) -> Option<(u32, u32)> {
    let whole = |source: &mut Source<'_>, at: u64| source.be32(at).map(u32::swap_bytes);
    if whole(source, 14)? == 12 {
        let half = |source: &mut Source<'_>, at: u64| source.be16(at).map(|n| u32::from(n.swap_bytes()));
        return of(half(source, 18)?, half(source, 20)?);
    }
    // One that is stored from the top has a height below zero.
    of(whole(source, 18)?, (whole(source, 22)? as i32).unsigned_abs())
}

/// Returns the size of the largest picture of an icon.
pub(super) fn ico(source: &mut Source<'_>) -> Option<(u32, u32)> {
    let count = u64::from(source.be16(4)?.swap_bytes().min(256));
    // 256 does not go into a byte, and is written as 0.
    let side = |source: &mut Source<'_>, at: u64| source.u8(at).map(|n| if n == 0 { 256 } else { n.into() });
    let all = (0..count).filter_map(|n| Some((side(source, 6 + n * 16)?, side(source, 7 + n * 16)?)));
    all.max_by_key(|(width, height): &(u32, u32)| width * height)
}

/// Returns the size of a JPEG 2000: a bare codestream, or the header in its boxes.
pub(super) fn jpeg2000(source: &mut Source<'_>) -> Option<(u32, u32)> {
    if source.be32(0)? == 0xff4f_ff51 {
        let side = |source: &mut Source<'_>, at: u64| source.be32(at)?.checked_sub(source.be32(at + 8)?);
        return of(side(source, 8)?, side(source, 12)?);
    }
    let mut at = 0;
    for _ in 0..MAX_BOXES {
        let (size, kind) = (source.be32(at)?, source.be32(at + 4)?.to_be_bytes());
        match &kind {
            b"jp2h" => at += 8,
            b"ihdr" => return of(source.be32(at + 12)?, source.be32(at + 8)?),
            _ if size < 8 => return None,
            _ => at += u64::from(size),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn read(bytes: &[u8], size: impl Fn(&mut Source<'_>) -> Option<(u32, u32)>) -> Option<(u32, u32)> {
        let mut file = Cursor::new(bytes);
        let found = size(&mut Source::new(&mut file, bytes.len() as u64));
        // What is cut off anywhere has none, or the same.
        for end in 0..bytes.len() {
            let mut file = Cursor::new(&bytes[..end]);
            let cut = size(&mut Source::new(&mut file, end as u64));
            assert!(cut.is_none() || cut == found, "{end}: {cut:?}");
        }
        found
    }

    #[test]
    fn headers_of_windows_and_of_os_2_tell_the_size_of_a_bmp() {
        let old = [&b"BM"[..], &[0; 12], &[12, 0, 0, 0, 127, 0, 64, 0]].concat();
        assert_eq!(read(&old, bmp), Some((127, 64)));
        let from_the_top =
            [&b"BM"[..], &[0; 12], &[40, 0, 0, 0, 44, 1, 0, 0], &(-5_i32).to_le_bytes()].concat();
        assert_eq!(read(&from_the_top, bmp), Some((300, 5)));
        assert_eq!(read(&[&b"BM"[..], &[0; 40]].concat(), bmp), None);
    }

    #[test]
    fn an_icon_is_as_large_as_its_largest_picture() {
        let picture = |width: u8, height: u8| [&[width, height][..], &[0; 14]].concat();
        let head = |count: u8| vec![0, 0, 1, 0, count, 0];
        assert_eq!(read(&[head(1), picture(48, 32)].concat(), ico), Some((48, 32)));
        let mut file = Cursor::new([head(3), picture(16, 16), picture(0, 0), picture(48, 48)].concat());
        assert_eq!(ico(&mut Source::new(&mut file, 54)), Some((256, 256)));
        assert_eq!(read(&head(0), ico), None);
    }

    #[test]
    fn a_jpeg_2000_tells_its_size_in_its_boxes_and_without_them() {
        let boxed = |kind: &[u8; 4], content: &[u8]| {
            [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
        };
        let size = [0, 0, 0, 64, 0, 0, 0, 127, 0, 3, 7, 7, 0, 0];
        let header = boxed(b"jp2h", &boxed(b"ihdr", &size));
        let file = [boxed(b"jP  ", b"\r\n\x87\n"), boxed(b"ftyp", b"jp2 \0\0\0\0jp2 "), header].concat();
        assert_eq!(read(&file, jpeg2000), Some((127, 64)));
        // From 10, 20 to 137, 84.
        let stream = b"\xff\x4f\xff\x51\0\x2f\0\0\0\0\0\x89\0\0\0\x54\0\0\0\x0a\0\0\0\x14";
        assert_eq!(read(stream, jpeg2000), Some((127, 64)));
        assert_eq!(read(&boxed(b"jp2h", b"").repeat(100), jpeg2000), None);
    }
}
