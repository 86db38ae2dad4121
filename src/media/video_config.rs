//! Which transfer curve the configuration of a video stream says: HDR that no container tells.

use super::config::Bits;

/// Returns the number of the transfer curve in AV1's `av1C`, as H.273 counts them.
pub(super) fn av1(content: &[u8]) -> Option<u64> {
    const SEQUENCE: u8 = 1;
    // Behind four bytes stand units, each with its length.
    let mut rest = content.get(4..)?;
    loop {
        let head = *rest.first()?;
        let mut at = if head & 4 != 0 { 2 } else { 1 };
        let mut length = 0usize;
        if head & 2 == 0 {
            length = rest.len().checked_sub(at)?;
        } else {
            for n in 0..4 {
                let byte = *rest.get(at)?;
                at += 1;
                length |= usize::from(byte & 0x7f) << (7 * n);
                if byte & 0x80 == 0 {
                    break;
                }
            }
        }
        let end = at.checked_add(length)?.min(rest.len());
        if head >> 3 & 15 == SEQUENCE {
            return av1_sequence(&mut Bits::new(rest.get(at..end)?));
        }
        rest = rest.get(end..)?;
    }
}

/// Reads AV1's head of a sequence (5.5.1 of its specification), up to the colours.
fn av1_sequence(bits: &mut Bits<'_>) -> Option<u64> {
    let profile = bits.take(3)?;
    bits.skip(1); // a still picture
    let is_reduced = bits.flag()?;
    if is_reduced {
        bits.skip(5);
    } else {
        let mut delay_bits = None;
        if bits.flag()? {
            bits.skip(64);
            if bits.flag()? {
                bits.golomb()?;
            }
            if bits.flag()? {
                delay_bits = Some(bits.take(5)? as usize + 1);
                bits.skip(32 + 5 + 5);
            }
        }
        let has_delay = bits.flag()?;
        for _ in 0..=bits.take(5)? {
            bits.skip(12);
            if bits.take(5)? > 7 {
                bits.skip(1);
            }
            if let Some(length) = delay_bits
                && bits.flag()?
            {
                bits.skip(2 * length + 1);
            }
            if has_delay && bits.flag()? {
                bits.skip(4);
            }
        }
    }
    let sides = (bits.take(4)? + 1) + (bits.take(4)? + 1);
    bits.skip(sides as usize);
    if !is_reduced && bits.flag()? {
        bits.skip(7);
    }
    bits.skip(3);
    if !is_reduced {
        bits.skip(4);
        let has_order = bits.flag()?;
        if has_order {
            bits.skip(2);
        }
        // Tools for screens: chosen picture by picture, or here.
        let is_chosen = bits.flag()?;
        if (is_chosen || bits.flag()?) && !bits.flag()? {
            bits.skip(1);
        }
        if has_order {
            bits.skip(3);
        }
    }
    bits.skip(3);
    let is_deep = bits.flag()?;
    if profile == 2 && is_deep {
        bits.skip(1);
    }
    if profile != 1 {
        bits.skip(1);
    }
    transfer(bits)
}

/// Reads whether colours are described, and of these the curve: between primaries and matrix.
fn transfer(bits: &mut Bits<'_>) -> Option<u64> {
    if !bits.flag()? {
        return None;
    }
    bits.skip(8);
    bits.take(8).map(u64::from)
}

/// Returns the number of the transfer curve in HEVC's `hvcC`, as H.273 counts them.
pub(super) fn hevc(content: &[u8]) -> Option<u64> {
    const PARAMETERS: u8 = 33;
    let u16_at =
        |at: usize| Some(usize::from(u16::from_be_bytes([*content.get(at)?, *content.get(at + 1)?])));
    let mut at = 23;
    for _ in 0..*content.get(22)? {
        let kind = *content.get(at)? & 0x3f;
        let count = u16_at(at + 1)?;
        at += 3;
        for _ in 0..count {
            let length = u16_at(at)?;
            let unit = content.get(at + 2..at + 2 + length)?;
            if kind == PARAMETERS {
                return hevc_parameters(&mut Bits::new(&without_marks(unit.get(2..)?)));
            }
            at += 2 + length;
        }
    }
    None
}

/// Leaves out the threes that stand behind two zeros lest they look like the beginning of a unit.
fn without_marks(unit: &[u8]) -> Vec<u8> {
    let mut zeros = 0;
    let is_kept = |byte: &&u8| {
        let is_mark = zeros >= 2 && **byte == 3;
        zeros = if **byte == 0 { zeros + 1 } else { 0 };
        !is_mark
    };
    unit.iter().filter(is_kept).copied().collect()
}

/// Reads HEVC's parameters of a sequence (7.3.2.2 of H.265), up to the colours.
fn hevc_parameters(bits: &mut Bits<'_>) -> Option<u64> {
    bits.skip(4);
    let layers = bits.take(3)?;
    bits.skip(1 + 96); // nesting, and profile and level of all
    let mut more = vec![];
    for _ in 0..layers {
        more.push((bits.flag()?, bits.flag()?));
    }
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize));
    }
    for (has_profile, has_level) in more {
        bits.skip(if has_profile { 88 } else { 0 } + if has_level { 8 } else { 0 });
    }
    bits.golomb()?;
    if bits.golomb()? == 3 {
        bits.skip(1);
    }
    bits.golomb()?; // width
    bits.golomb()?; // height
    if bits.flag()? {
        golombs(bits, 4)?;
    }
    golombs(bits, 2)?; // bits of brightness and of colour
    let order_bits = bits.golomb()?.checked_add(4).filter(|n| *n <= 16)? as usize;
    let described = if bits.flag()? { layers + 1 } else { 1 };
    golombs(bits, 3 * described)?;
    golombs(bits, 6)?; // sizes and depths of blocks
    if bits.flag()? && bits.flag()? {
        scaling_lists(bits)?;
    }
    bits.skip(2);
    if bits.flag()? {
        bits.skip(8);
        golombs(bits, 2)?;
        bits.skip(1);
    }
    reference_sets(bits)?;
    if bits.flag()? {
        for _ in 0..bits.golomb().filter(|n| *n <= 32)? {
            bits.skip(order_bits + 1);
        }
    }
    bits.skip(2);
    if !bits.flag()? {
        return None; // it says nothing of how it is shown
    }
    if bits.flag()? && bits.take(8)? == 255 {
        bits.skip(32);
    }
    if bits.flag()? {
        bits.skip(1);
    }
    if !bits.flag()? {
        return None;
    }
    bits.skip(4);
    transfer(bits)
}

fn golombs(bits: &mut Bits<'_>, count: u32) -> Option<()> {
    (0..count).try_for_each(|_| bits.golomb().map(drop))
}

fn scaling_lists(bits: &mut Bits<'_>) -> Option<()> {
    for size in 0..4 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if bits.flag()? {
                let coefficients = if size == 0 { 16 } else { 64 };
                golombs(bits, coefficients + u32::from(size > 1))?;
            } else {
                bits.golomb()?;
            }
        }
    }
    Some(())
}

/// Passes over the sets of pictures that others refer to, each by itself or by the one before it.
fn reference_sets(bits: &mut Bits<'_>) -> Option<()> {
    let mut before = 0;
    for n in 0..bits.golomb().filter(|n| *n <= 64)? {
        if n > 0 && bits.flag()? {
            bits.skip(1);
            bits.golomb()?;
            let mut kept = 0;
            for _ in 0..=before {
                // Used now, or at least later.
                if bits.flag()? || bits.flag()? {
                    kept += 1;
                }
            }
            before = kept;
        } else {
            let (earlier, later) = (bits.golomb()?, bits.golomb()?);
            before = earlier.checked_add(later).filter(|n| *n <= 32)?;
            for _ in 0..before {
                bits.golomb()?;
                bits.skip(1);
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_configuration_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            av1(&bytes);
            hevc(&bytes);
            av1_sequence(&mut Bits::new(&bytes));
            hevc_parameters(&mut Bits::new(&bytes));
        }
    }
}
