//! The memory of a picture's pixels, kept for the next picture of the same thread: that the system gives and clears it anew
//! takes a tenth of a conversion's time.

use std::cell::Cell;

/// More bytes are not kept: those of 21 megapixels.
const MAX_KEPT: usize = 64 * 1024 * 1024;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Returns what the last picture left, with pixels of that in it; empty where it left nothing.
pub(super) fn take() -> Vec<u8> {
    SPARE.take()
}

/// Keeps the memory of pixels that are needed no more.
pub(super) fn keep(pixels: Vec<u8>) {
    if pixels.capacity() <= MAX_KEPT {
        SPARE.set(pixels);
    }
}

/// Gives what is kept back to the system: there is no next picture for now.
pub(super) fn release() {
    drop(take());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_kept_until_it_is_released_and_never_much_of_it() {
        keep(vec![7; 1000]);
        assert_eq!(take().capacity(), 1000);
        assert_eq!(take().capacity(), 0, "it is taken once");
        keep(vec![7; 1000]);
        release();
        assert_eq!(take().capacity(), 0);
        keep(Vec::with_capacity(MAX_KEPT + 1));
        assert_eq!(take().capacity(), 0);
    }
}
