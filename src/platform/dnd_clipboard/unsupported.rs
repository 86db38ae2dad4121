//! The clipboard where the window system has but one of it: Windows and macOS.

use hoist_codecs::png::write_rgba;
use image::ImageError;

use super::problems::NOTHING_PASTED;
use crate::model::drop_data::{Content, DroppedData};
use crate::platform::host::host_info;
use crate::platform::inbox::WindowEvent;

/// Why there is nothing to read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// The system did not give it.
    #[error(transparent)]
    Refused(#[from] arboard::Error),
    /// The picture in it cannot be written as PNG.
    #[error(transparent)]
    Picture(#[from] ImageError),
}

/// Returns what is in the clipboard. Into a field goes text and nothing else.
pub(super) fn clipboard(field: bool) -> Result<Option<WindowEvent>, ReadError> {
    let mut clipboard = arboard::Clipboard::new()?;
    if field {
        return Ok(clipboard.get_text().ok().map(WindowEvent::Text));
    }
    if let Ok(files) = clipboard.get().file_list()
        && !files.is_empty()
    {
        return Ok(Some(WindowEvent::Handed(DroppedData { files, ..DroppedData::default() })));
    }
    if let Ok(picture) = clipboard.get_image() {
        let mut bytes = vec![];
        let size = (picture.width as u32, picture.height as u32);
        write_rgba(&picture.bytes, size, &mut bytes)?;
        let content = Some(Content { bytes, name: None });
        return Ok(Some(WindowEvent::Handed(DroppedData { content, ..DroppedData::default() })));
    }
    let text = clipboard.get_text().unwrap_or_default();
    let mut handed = DroppedData::of_text(&text, host_info());
    if handed.is_empty() {
        handed.problems.push(NOTHING_PASTED.to_owned());
    }
    Ok(Some(WindowEvent::Handed(handed)))
}
