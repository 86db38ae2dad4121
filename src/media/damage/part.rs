//! Parts of a file as a check of its structure reads them, or what is wrong where they cannot be.

use std::io::Read;

use crate::model::media::Damage;

/// More parts of a file than these are not followed.
pub(super) const MAX_PARTS: usize = 100_000;

/// What is read, or what is wrong where it cannot be.
pub(super) type PartState<T> = Result<T, Damage>;

/// Returns the next bytes; a file that ends before them is cut off.
pub(super) fn next<const N: usize>(file: &mut impl Read) -> PartState<[u8; N]> {
    let mut bytes = [0; N];
    file.read_exact(&mut bytes).map_err(|_| Damage::CutOff)?;
    Ok(bytes)
}

/// Returns the first bytes, without which nothing is known.
pub(super) fn head<const N: usize>(file: &mut impl Read) -> PartState<[u8; N]> {
    next(file).map_err(|_| Damage::BadHeader)
}

pub(super) fn whole(good: bool, damage: Damage) -> PartState<()> {
    if good { Ok(()) } else { Err(damage) }
}

pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    be32(bytes, at).swap_bytes()
}
