//! About how large a copy will be, until it is made and measured.

use crate::session::api::{FileFacts, FitWishes, Media, within};

/// What bytes a pixel of a JPEG has at some qualities, beside those at 85: photographs and drawings differ, and this is
/// for the moment that the copy takes.
const JPEG: [(u8, f64); 8] =
    [(1, 0.12), (30, 0.38), (50, 0.52), (75, 0.78), (85, 1.0), (92, 1.45), (96, 2.1), (100, 3.6)];

fn weight(media: Option<Media>, quality: Option<u8>) -> f64 {
    let (Some(Media::Jpeg | Media::Webp), Some(quality)) = (media, quality) else { return 1.0 };
    let at = JPEG.iter().position(|(q, _)| *q >= quality).unwrap_or(JPEG.len() - 1).max(1);
    let ((q0, w0), (q1, w1)) = (JPEG[at - 1], JPEG[at]);
    let share = f64::from(quality.saturating_sub(q0)) / f64::from((q1 - q0).max(1));
    w0 + (w1 - w0) * share
}

/// Returns about how many bytes a copy has with these wishes, by one that was measured, and its quality; nothing where it
/// changes its type.
pub(super) fn estimate(
    made: &FileFacts,
    quality: Option<u8>,
    original: Option<(u32, u32)>,
    wishes: &FitWishes,
) -> Option<u64> {
    let media = made.recognised.media();
    if wishes.format.is_some() && wishes.format != media {
        return None;
    }
    let area = |(width, height): (u32, u32)| f64::from(width) * f64::from(height);
    let scale = match (made.pixels, original) {
        (Some(made), Some(original)) => {
            area(wishes.max_side.map_or(original, |side| within(original, side))) / area(made).max(1.0)
        }
        _ => 1.0,
    };
    let recoded = weight(media, wishes.quality.or(quality)) / weight(media, quality);
    Some((made.size as f64 * scale * recoded) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::media::DetectedType;

    #[test]
    fn half_the_sides_are_about_a_quarter_of_the_bytes_and_less_quality_is_less() {
        let made = FileFacts {
            size: 4_000_000,
            recognised: DetectedType::Known(Media::Jpeg),
            pixels: Some((4000, 3000)),
            ..FileFacts::default()
        };
        let with = |wishes: FitWishes| estimate(&made, Some(92), Some((4000, 3000)), &wishes);
        assert_eq!(with(FitWishes::default()), Some(4_000_000));
        assert_eq!(with(FitWishes { max_side: Some(2000), ..FitWishes::default() }), Some(1_000_000));
        let less = with(FitWishes { quality: Some(75), ..FitWishes::default() }).unwrap();
        assert!((1_500_000..3_000_000).contains(&less), "{less}");
        assert_eq!(with(FitWishes { format: Some(Media::Png), ..FitWishes::default() }), None);
        let sound =
            FileFacts { size: 7, recognised: DetectedType::Known(Media::Wav), ..FileFacts::default() };
        assert_eq!(estimate(&sound, None, None, &FitWishes::default()), Some(7));
    }
}
