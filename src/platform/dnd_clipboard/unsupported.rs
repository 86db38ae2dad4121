//! The clipboard where the window system has but one of it: Windows and macOS.

use image::{ExtendedColorType, ImageEncoder, codecs::png::PngEncoder};

use crate::model::handed::{Content, Handed};
use crate::platform::host::here;
use crate::platform::inbox::Incoming;

/// What is in the clipboard. Into a field goes text and nothing else. The error says why it cannot be read.
pub(super) fn clipboard(field: bool) -> Result<Option<Incoming>, String> {
    let mut clipboard = arboard::Clipboard::new().map_err(|e| e.to_string())?;
    if field {
        return Ok(clipboard.get_text().ok().map(Incoming::Text));
    }
    if let Ok(files) = clipboard.get().file_list()
        && !files.is_empty()
    {
        return Ok(Some(Incoming::Handed(Handed { files, ..Handed::default() })));
    }
    if let Ok(picture) = clipboard.get_image() {
        let mut bytes = vec![];
        PngEncoder::new(&mut bytes)
            .write_image(
                &picture.bytes,
                picture.width as u32,
                picture.height as u32,
                ExtendedColorType::Rgba8,
            )
            .map_err(|e| e.to_string())?;
        let content = Some(Content { bytes, name: None });
        return Ok(Some(Incoming::Handed(Handed { content, ..Handed::default() })));
    }
    let text = clipboard.get_text().unwrap_or_default();
    let mut handed = Handed::of_text(&text, here());
    if handed.is_empty() {
        handed.problems.push(super::NOTHING_PASTED.to_owned());
    }
    Ok(Some(Incoming::Handed(handed)))
}
