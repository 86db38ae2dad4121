//! How far a batch is, in numbers.

/// How far everything is that was asked for since nothing was going: each number grows, and none ever falls, until
/// nothing is going. A file that is cancelled counts on, and its bytes do not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// All of it.
    pub files: usize,
    /// Those that wait no more: they are being sent, or what became of them is known.
    pub begun: usize,
    /// The bytes of all of it.
    pub bytes: u64,
    /// Those of them that are sent, or were not accepted.
    pub sent: u64,
    /// The files of it that were cancelled, or added back since, and are still in the queue.
    pub cancelled: usize,
    /// All files with an ID or a link, of earlier batches, too, and those that have left the queue since this one began.
    pub uploaded: usize,
}

impl Progress {
    /// Returns the same, with no number lower than it was.
    pub(super) fn at_least(self, before: Progress) -> Progress {
        let bytes_before =
            if self.cancelled == before.cancelled { (before.bytes, before.sent) } else { (0, 0) };
        Progress {
            files: self.files.max(before.files),
            begun: self.begun.max(before.begun),
            bytes: self.bytes.max(bytes_before.0),
            sent: self.sent.max(bytes_before.1),
            cancelled: self.cancelled,
            uploaded: self.uploaded.max(before.uploaded),
        }
    }
}
