//! Dropped files as egui has them: on Windows and macOS, and on X11 where a compositor of Wayland hands them over. All
//! others come to the inbox, from `dnd_clipboard`.

use std::path::{Path, PathBuf};

use eframe::egui;
use strum::IntoEnumIterator;

use crate::model::media::{Kind, Media};

/// Files held over the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hover {
    /// How many files; none where it is something that is no file yet.
    pub count: usize,
    /// How many of each kind, by their names alone: nothing is read before they are dropped.
    pub kinds: Vec<(Kind, usize)>,
}

impl Hover {
    /// Returns how many of the files are known by their names to be of a kind.
    pub fn known(&self) -> usize {
        self.kinds.iter().map(|(_, count)| count).sum()
    }
}

/// Where in the window something is held, or was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// So many pixels from the left and from the top.
    Pixels(i32, i32),
    /// The same, in units that the window system scales for its screen.
    Units(i32, i32),
}

impl At {
    /// Returns the same as egui counts it.
    pub fn in_points(self, ctx: &egui::Context) -> egui::Pos2 {
        let (x, y, scale) = match self {
            At::Pixels(x, y) => (x, y, ctx.pixels_per_point()),
            At::Units(x, y) => (x, y, ctx.zoom_factor()),
        };
        egui::pos2(x as f32, y as f32) / scale
    }
}

/// Returns what is held over the window now, if anything.
pub fn hover(ctx: &egui::Context) -> Option<Hover> {
    ctx.input(|input| {
        let files = &input.raw.hovered_files;
        if files.is_empty() {
            return None;
        }
        let kind = |path: &PathBuf| Media::from_extension(path.extension()?.to_str()?).map(Media::kind);
        let kinds: Vec<_> = files.iter().filter_map(|f| f.path.as_ref()).filter_map(kind).collect();
        let count = |k| kinds.iter().filter(|x| **x == k).count();
        Some(Hover {
            count: files.len(),
            kinds: Kind::iter().map(|k| (k, count(k))).filter(|(_, n)| *n > 0).collect(),
        })
    })
}

/// Returns the files dropped since the last frame.
pub fn dropped(ctx: &egui::Context) -> Vec<PathBuf> {
    ctx.input(|input| {
        input.raw.dropped_files.iter().map(|f| f.path().to_owned()).filter(|p| p != Path::new("")).collect()
    })
}
