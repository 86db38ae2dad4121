//! What codecs say of themselves in their configurations: these count, not what a container says of them.

use super::frames::{AAC_RATES, aac_channels, ac3_channels};

/// Rate and channels.
pub(super) type Config = (Option<u32>, Option<u16>);

/// Returns the name people know a coding by, from the four letters of MP4, MOV and AVI.
pub(super) fn codec_name(letters: [u8; 4]) -> String {
    let name = match &letters {
        b"avc1" | b"avc3" | b"avc2" | b"avc4" | b"H264" | b"h264" | b"X264" | b"x264" | b"AVC1" | b"davc"
        | b"VSSH" => "H.264",
        b"hvc1" | b"hev1" | b"HEVC" | b"hevc" | b"dvh1" | b"dvhe" | b"H265" | b"h265" => "H.265",
        b"vvc1" | b"vvi1" => "H.266",
        b"av01" | b"AV01" => "AV1",
        b"vp08" | b"VP80" => "VP8",
        b"vp09" | b"VP90" => "VP9",
        b"mp4v" | b"FMP4" | b"XVID" | b"xvid" | b"DIVX" | b"divx" | b"DX50" | b"MP4V" | b"M4S2" => "MPEG-4",
        b"mp1v" | b"mpg1" | b"MPG1" => "MPEG-1",
        b"mp2v" | b"mpg2" | b"MPG2" => "MPEG-2",
        b"s263" | b"h263" | b"H263" => "H.263",
        b"jpeg" | b"mjpa" | b"mjpb" | b"MJPG" | b"mjpg" => "Motion JPEG",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" => "ProRes",
        b"aprn" | b"aprh" => "ProRes RAW",
        b"AVdn" => "DNxHD",
        b"AVdh" => "DNxHR",
        b"CFHD" => "CineForm",
        b"dvc " | b"dvcp" | b"dvpp" | b"dv5n" | b"dv5p" | b"dvsd" | b"DVSD" | b"dv25" | b"dv50" => "DV",
        b"dvh2" | b"dvh3" | b"dvh5" | b"dvh6" | b"dvhp" | b"dvhq" => "DVCPRO HD",
        b"rle " => "QuickTime Animation",
        b"png " => "PNG",
        b"mjp2" => "JPEG 2000",
        b"cvid" => "Cinepak",
        b"mp4a" => "AAC",
        b"alac" => "ALAC",
        b"fLaC" => "FLAC",
        b"Opus" => "Opus",
        b"ac-3" | b"sac3" => "AC-3",
        b"ec-3" => "E-AC-3",
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" => "DTS",
        b".mp3" | b"ms\0\x55" => "MP3",
        b"samr" => "AMR",
        b"sawb" => "AMR-WB",
        b"lpcm" | b"sowt" | b"twos" | b"ipcm" | b"fpcm" | b"in24" | b"in32" | b"fl32" | b"fl64" | b"raw "
        | b"NONE" => "PCM",
        other => {
            let printable = other.iter().map(|b| char::from(*b)).filter(|c| matches!(c, ' '..='~'));
            let name = printable.collect::<String>().trim().to_owned();
            return if name.is_empty() { "unknown".to_owned() } else { name };
        }
    };
    name.to_owned()
}

/// A few bits at a time.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    /// Begins at the first bit.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Bits { bytes, at: 0 }
    }

    /// Reads up to 32 bits. None behind the end.
    pub(super) fn take(&mut self, n: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..n {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    /// Passes over bits that may be behind the end: the next ones that are read tell.
    pub(super) fn skip(&mut self, n: usize) {
        self.at = self.at.saturating_add(n);
    }

    /// Reads one bit.
    pub(super) fn flag(&mut self) -> Option<bool> {
        self.take(1).map(|bit| bit == 1)
    }

    /// Reads a number by Exp-Golomb: as many zeros as bits behind the one.
    pub(super) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        Some((1u32 << zeros) - 1 + self.take(zeros)?)
    }

    /// Reads AAC's kind of object, 5 bits or 11.
    fn object(&mut self) -> Option<u32> {
        Some(match self.take(5)? {
            31 => 32 + self.take(6)?,
            object => object,
        })
    }

    /// Reads AAC's rate, by its number or in full.
    fn rate(&mut self) -> Option<u32> {
        match self.take(4)? {
            15 => self.take(24),
            number => AAC_RATES.get(number as usize).copied(),
        }
    }
}

/// Reads AAC's `AudioSpecificConfig`. Where the sound is to be widened (HE-AAC), the rate and the channels it has then.
pub(super) fn aac(bytes: &[u8]) -> Option<Config> {
    let mut bits = Bits { bytes, at: 0 };
    let object = bits.object()?;
    let mut rate = bits.rate()?;
    let mut channels = aac_channels(bits.take(4)? as u8);
    if matches!(object, 5 | 29) {
        rate = bits.rate()?;
        if object == 29 {
            channels = Some(2);
        }
        return Some((Some(rate), channels));
    }
    // The same may stand behind, where old players do not look.
    let end = bytes.len() * 8;
    for at in bits.at..end.saturating_sub(15) {
        let mut more = Bits { bytes, at };
        if more.take(11) == Some(0x2b7) && more.object() == Some(5) && more.take(1) == Some(1) {
            rate = more.rate().unwrap_or(rate);
            if more.take(11) == Some(0x548) && more.take(1) == Some(1) {
                channels = Some(2);
            }
            break;
        }
    }
    Some((Some(rate), channels))
}

/// Returns what MP4's `esds` says: the codec where it is not AAC, and rate and channels.
pub(super) fn esds(content: &[u8]) -> Option<(Option<&'static str>, Option<Config>)> {
    let mut at = 4; // version and flags
    loop {
        let tag = *content.get(at)?;
        at += 1;
        // A length of up to four bytes, seven bits each.
        let mut length = 0usize;
        for _ in 0..4 {
            let byte = *content.get(at)?;
            at += 1;
            length = length << 7 | usize::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                break;
            }
        }
        match tag {
            3 => {
                let flags = *content.get(at + 2)?;
                at += 3;
                at += if flags & 0x80 != 0 { 2 } else { 0 };
                if flags & 0x40 != 0 {
                    at += 1 + usize::from(*content.get(at)?);
                }
                at += if flags & 0x20 != 0 { 2 } else { 0 };
            }
            4 => {
                let codec = match *content.get(at)? {
                    0x69 | 0x6b => Some("MP3"),
                    0xa5 => Some("AC-3"),
                    0xa6 => Some("E-AC-3"),
                    0xa9..=0xac => Some("DTS"),
                    0xad => Some("Opus"),
                    0xdd => Some("Vorbis"),
                    0x60..=0x65 => Some("MPEG-2"),
                    0x6a => Some("MPEG-1"),
                    0x6c => Some("Motion JPEG"),
                    _ => None,
                };
                if codec.is_some() {
                    return Some((codec, None));
                }
                at += 13;
            }
            5 => {
                let end = at.saturating_add(length).min(content.len());
                return Some((None, aac(content.get(at..end)?)));
            }
            _ => at = at.checked_add(length)?,
        }
    }
}

/// Reads AC-3's box in MP4.
pub(super) fn dac3(content: &[u8]) -> Option<Config> {
    let mut bits = Bits { bytes: content, at: 0 };
    let rate = [Some(48_000), Some(44_100), Some(32_000), None][bits.take(2)? as usize];
    bits.take(8)?; // version and kind
    let mode = bits.take(3)? as u8;
    Some((rate, Some(ac3_channels(mode, bits.take(1)? == 1))))
}

/// Reads E-AC-3's box in MP4: the first stream, and the channels that streams depending on it add.
pub(super) fn dec3(content: &[u8]) -> Option<Config> {
    let mut bits = Bits { bytes: content, at: 16 };
    let rate = [Some(48_000), Some(44_100), Some(32_000), None][bits.take(2)? as usize];
    bits.take(10)?; // version, reserved, a service of its own, its kind
    let mode = bits.take(3)? as u8;
    let mut channels = ac3_channels(mode, bits.take(1)? == 1);
    bits.take(3)?;
    if bits.take(4)? > 0 {
        let more = bits.take(9)?;
        // Pairs count twice.
        channels += (0..9)
            .map(|n| (more >> n & 1) as u16 * if [0, 1, 4, 5, 6].contains(&n) { 2 } else { 1 })
            .sum::<u16>();
    }
    Some((rate, Some(channels)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn aac_says_what_is_heard() {
        for (bytes, rate, channels) in [
            (&[0x12, 0x10][..], 44_100, Some(2)),               // LC
            (&[0x12, 0x08], 44_100, Some(1)),                   // mono
            (&[0x11, 0xb0], 48_000, Some(6)),                   // 5.1
            (&[0x2b, 0x92, 0x08, 0x00], 44_100, Some(2)),       // HE-AAC: 22,050 widened
            (&[0xeb, 0x8a, 0x08, 0x00], 44_100, Some(2)),       // HE-AAC v2: mono made two
            (&[0x13, 0x90, 0x56, 0xe5, 0xa0], 44_100, Some(2)), // HE-AAC, said behind
        ] {
            assert_eq!(aac(bytes), Some((Some(rate), channels)), "{bytes:x?}");
        }
        assert_eq!(aac(&[0x12]), None);
    }

    #[test]
    fn a_coding_has_its_name_or_what_is_printable_of_its_letters() {
        for (letters, name) in [
            (*b"rle ", "QuickTime Animation"),
            (*b"png ", "PNG"),
            (*b"AVdn", "DNxHD"),
            (*b"AVdh", "DNxHR"),
            (*b"CFHD", "CineForm"),
            (*b"dvcp", "DV"),
            (*b"apch", "ProRes"),
            (*b"xyz ", "xyz"),
            (*b"ab\x01\xff", "ab"),
            ([0; 4], "unknown"),
        ] {
            assert_eq!(codec_name(letters), name);
        }
    }

    #[test]
    fn ac3_in_mp4_says_its_channels() {
        // 48 kHz, 3/2 with a low-frequency channel; 2/0; E-AC-3 with two more behind.
        assert_eq!(dac3(&[0x10, 0x3d, 0xe0]), Some((Some(48_000), Some(6))));
        assert_eq!(dac3(&[0x10, 0x11, 0x80]), Some((Some(48_000), Some(2))));
        assert_eq!(dec3(&[0, 0, 0x20, 0x0f, 0x00]), Some((Some(48_000), Some(6))));
        assert_eq!(dec3(&[0, 0, 0x20, 0x0f, 0x02, 0x02]), Some((Some(48_000), Some(8))));
    }

    proptest! {
        #[test]
        fn any_configuration_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            aac(&bytes);
            dac3(&bytes);
            dec3(&bytes);
            esds(&bytes);
        }
    }
}
