//! The small pictures on screen: asked for when a row is seen, kept as textures, the ones seen longest ago dropped.

use std::collections::HashMap;

use crate::session::api::{Picture, PreviewError, UploadId};
use eframe::egui::{ColorImage, Context, TextureHandle, TextureOptions};

/// Textures kept: some screens full of rows, about 100 kB each.
const MAX_TEXTURES: usize = 200;

/// Pixels a side: 56 points at three pixels a point.
pub(super) const SIDE: u32 = 168;

/// The same of the pictures of a grid.
pub(super) const LARGE_SIDE: u32 = 256;

enum Thumb {
    Asked,
    Made(TextureHandle),
    /// Why there is none.
    None(PreviewError),
}

/// The textures of small pictures.
#[derive(Default)]
pub(super) struct Thumbs {
    all: HashMap<UploadId, (Thumb, u64)>,
    clock: u64,
    /// What the clock said when this frame began.
    frame_began: u64,
}

impl Thumbs {
    /// Returns the picture of a file, if it is there; `ask` is called where it must be made.
    pub(super) fn get(&mut self, id: UploadId, ask: impl FnOnce()) -> Option<&TextureHandle> {
        self.clock += 1;
        let (thumb, seen) = self.all.entry(id).or_insert_with(|| {
            ask();
            (Thumb::Asked, 0)
        });
        *seen = self.clock;
        match thumb {
            Thumb::Made(texture) => Some(texture),
            _ => None,
        }
    }

    /// Returns why there is no picture of a file, once that is known.
    pub(super) fn problem(&self, id: UploadId) -> Option<&PreviewError> {
        match self.all.get(&id) {
            Some((Thumb::None(why), _)) => Some(why),
            _ => None,
        }
    }

    /// Stops waiting for what was asked for and is not on screen any more.
    pub(super) fn leave_unseen(&mut self, mut leave: impl FnMut(UploadId)) {
        let began = std::mem::replace(&mut self.frame_began, self.clock);
        self.all.retain(|id, (thumb, seen)| {
            let stays = !matches!(thumb, Thumb::Asked) || *seen > began;
            if !stays {
                leave(*id);
            }
            stays
        });
    }

    /// Returns whether any is still being made.
    pub(super) fn are_awaited(&self) -> bool {
        self.all.values().any(|(thumb, _)| matches!(thumb, Thumb::Asked))
    }

    /// Receives a picture, why there is none, or that a worker forgot about it.
    pub(super) fn take(
        &mut self,
        ctx: &Context,
        id: UploadId,
        picture: Option<Result<Picture, PreviewError>>,
    ) {
        match picture {
            Some(Ok(picture)) => {
                let size = [picture.width as usize, picture.height as usize];
                let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
                let texture = ctx.load_texture(format!("thumb-{}", id.0), image, TextureOptions::LINEAR);
                self.all.insert(id, (Thumb::Made(texture), self.clock));
            }
            Some(Err(why)) => {
                self.all.insert(id, (Thumb::None(why), self.clock));
            }
            None => {
                self.all.remove(&id);
            }
        }
        if self.all.len() > MAX_TEXTURES {
            // One comes, one goes: those that are still being made are answered, too.
            // A large screen may have more of them than that.
            let is_spare =
                |(thumb, seen): &(Thumb, u64)| !matches!(thumb, Thumb::Asked) && *seen <= self.frame_began;
            let oldest = self.all.iter().filter(|(_, kept)| is_spare(kept));
            let oldest = oldest.min_by_key(|(_, (_, seen))| *seen).map(|(id, _)| *id);
            oldest.and_then(|id| self.all.remove(&id));
        }
    }
}
