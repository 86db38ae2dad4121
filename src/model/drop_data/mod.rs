//! What another program hands over, by a drop or a paste.
//!
//! Whatever is good arrives, whatever stands around it; what is not is counted by why, and said in a sentence for each
//! reason. Nothing here looks whether a file is there.

mod browser;
mod data;
mod limits;
pub mod name;
mod rejects;
mod sorted;
pub mod text;
mod uri;

pub use data::{Content, DroppedData, HostInfo};
use limits::MAX_BYTES;
use rejects::RejectReason;
use sorted::Sorted;

impl DroppedData {
    /// Reads `text/uri-list`: an address a line (RFC 2483).
    pub fn of_uri_list(bytes: &[u8], host_info: &HostInfo) -> DroppedData {
        let mut sorted = Sorted::default();
        for line in lines(bytes, &mut sorted) {
            if !line.starts_with(b"#") {
                uri::sort(line, host_info, &mut sorted);
            }
        }
        sorted.finish()
    }

    /// Reads `x-special/gnome-copied-files`, and the text that older file managers put in its place: `copy` or `cut`,
    /// then addresses. What was cut is added as what was copied is: nothing is ever moved or
    /// deleted.
    pub fn of_copied_files(bytes: &[u8], host_info: &HostInfo) -> DroppedData {
        let mut sorted = Sorted::default();
        let is_head = |line: &&[u8]| [&b"x-special/nautilus-clipboard"[..], b"copy", b"cut"].contains(line);
        for line in lines(bytes, &mut sorted).into_iter().skip_while(is_head) {
            uri::sort(line, host_info, &mut sorted);
        }
        sorted.finish()
    }

    /// Reads text: whole paths, paths from `~`, either of them in quotes, and addresses, one a line. What names nothing is
    /// passed over; of a text that names nothing, nothing is said.
    pub fn of_text(text: &str, host_info: &HostInfo) -> DroppedData {
        let mut sorted = Sorted::default();
        for line in lines(text.as_bytes(), &mut sorted) {
            text::sort(line, host_info, &mut sorted);
        }
        if sorted.handed == DroppedData::default() && sorted.bad.is_of_length_alone() {
            return DroppedData::default();
        }
        sorted.finish()
    }

    /// Reads `text/x-moz-url`: addresses and titles by turns, in UTF-16 or UTF-8.
    pub fn of_moz_url(bytes: &[u8], host_info: &HostInfo) -> DroppedData {
        let mut sorted = Sorted::default();
        let text = browser::decoded(bytes);
        for line in lines(text.as_bytes(), &mut sorted).into_iter().step_by(2) {
            uri::sort(line, host_info, &mut sorted);
        }
        sorted.finish()
    }

    /// Reads `text/html`: the first picture in it, by its address or, where it stands in the text itself, by its
    /// content.
    pub fn of_html(bytes: &[u8]) -> DroppedData {
        let mut sorted = Sorted::default();
        if bytes.len() > MAX_BYTES {
            sorted.bad.add(RejectReason::TooMuch);
            return sorted.finish();
        }
        let text = browser::decoded(bytes);
        // A path would be one of the page, not of this computer.
        if let Some(source) = browser::first_picture(&text)
            && uri::scheme(source.trim().as_bytes())
                .is_some_and(|scheme| ["http", "https", "data"].contains(&&*scheme))
        {
            uri::sort(source.trim().as_bytes(), &HostInfo::default(), &mut sorted);
        }
        sorted.finish()
    }
}

/// Returns the lines of a text, blanks around them left out; as many as are read.
fn lines<'a>(bytes: &'a [u8], sorted: &mut Sorted) -> Vec<&'a [u8]> {
    let bytes = match bytes.get(..MAX_BYTES) {
        // The last line may be cut off, and half a name is another name.
        Some(first) if bytes.len() > MAX_BYTES => {
            sorted.bad.add(RejectReason::TooMuch);
            &first[..first.iter().rposition(|b| ends_line(*b)).unwrap_or(0)]
        }
        _ => bytes,
    };
    bytes.split(|b| ends_line(*b)).map(<[u8]>::trim_ascii).filter(|line| !line.is_empty()).collect()
}

/// Returns whether a line ends there: some programs end what they give with a zero.
fn ends_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r' | 0)
}

#[cfg(test)]
mod tests;
