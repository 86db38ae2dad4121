//! The one file that is looked at closely: its large picture or waveform, and what it tells of itself.

use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};

use super::thumbs::Thumbs;
use crate::session::Session;
use crate::session::api::{Details, FileFacts, Inspection, Item, Preview, PreviewError, Record, UploadId};

/// The large picture's longest sides, in pixels: the panel's width at two pixels a point.
const BOX: (u32, u32) = (568, 480);

/// What there is to look at.
pub(super) enum Large {
    /// It is being made.
    Awaited,
    Picture(TextureHandle),
    /// The loudest of each column, 0 to 255.
    Waveform(Vec<u8>),
    /// Why there is nothing.
    None(String),
}

/// The pictures of the window: small ones of rows, and the large one of the file that is selected.
#[derive(Default)]
pub(super) struct Previews {
    pub(super) thumbs: Thumbs,
    pub(super) close_up: CloseUp,
}

impl Previews {
    /// Returns whether any is still being made: what is on screen will change by itself.
    pub(super) fn are_awaited(&self) -> bool {
        self.thumbs.are_awaited() || self.close_up.is_awaited()
    }
}

/// One file at a time: the picture of the one before is forgotten.
#[derive(Default)]
pub(super) struct CloseUp {
    of: Option<UploadId>,
    facts: Option<FileFacts>,
    large: Option<Large>,
    details: Option<Details>,
}

impl CloseUp {
    /// Looks at this file: asks for what is not there yet.
    pub(super) fn at(&mut self, item: &Item, session: &Session) -> (&Large, Option<&Details>) {
        let id = item.request.id;
        if self.of != Some(id) {
            self.leave(session);
            self.of = Some(id);
        }
        // A file that changed is looked at anew.
        let found = item.inspection.found();
        if self.facts.as_ref() != found {
            self.facts = found.cloned();
            self.details = None;
            self.large = None;
        }
        if self.large.is_none() {
            self.large = Some(match &item.inspection {
                Inspection::Ready(_) => {
                    session.uploads.want_details(id);
                    session.uploads.want_preview(id, BOX);
                    Large::Awaited
                }
                Inspection::Failed(problem) => {
                    self.details = Some(Details::default());
                    Large::None(problem.to_string())
                }
                _ => return (&Large::Awaited, None),
            });
        }
        (self.large.as_ref().unwrap_or(&Large::Awaited), self.details.as_ref())
    }

    /// Looks at a file that was sent: it may be another one by now, or gone.
    pub(super) fn at_sent(&mut self, record: &Record, session: &Session) -> (&Large, Option<&Details>) {
        let id = record.request.id;
        if self.of != Some(id) {
            self.leave(session);
            self.of = Some(id);
        }
        if self.large.is_none() {
            session.library.want_preview(record, BOX);
            self.details = Some(Details::default());
            self.large = Some(Large::Awaited);
        }
        (self.large.as_ref().unwrap_or(&Large::Awaited), self.details.as_ref())
    }

    /// Returns whether something is still being made.
    pub(super) fn is_awaited(&self) -> bool {
        self.of.is_some() && (matches!(self.large, Some(Large::Awaited)) || self.details.is_none())
    }

    /// Leaves the file: nothing is looked at any more.
    pub(super) fn leave(&mut self, session: &Session) {
        if let Some(id) = self.of.take() {
            session.uploads.unwant_preview(id);
            *self = CloseUp::default();
        }
    }

    /// Receives a large preview, or why there is none.
    pub(super) fn take_preview(
        &mut self,
        ctx: &Context,
        id: UploadId,
        preview: Result<Preview, PreviewError>,
    ) {
        if self.of != Some(id) {
            return;
        }
        self.large = Some(match preview {
            Ok(Preview::Picture(picture)) => {
                let size = [picture.width as usize, picture.height as usize];
                let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
                Large::Picture(ctx.load_texture("the large picture", image, TextureOptions::LINEAR))
            }
            Ok(Preview::Waveform(peaks)) => Large::Waveform(peaks),
            Err(why) => Large::None(why.to_string()),
        });
    }

    /// Receives what the file tells of itself.
    pub(super) fn take_details(&mut self, id: UploadId, details: Details) {
        if self.of == Some(id) {
            self.details = Some(details);
        }
    }
}
