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
    /// How many of each type, by their names alone: nothing is read before they are dropped.
    pub types: Vec<(Media, usize)>,
}

impl Hover {
    /// Counts files of these paths.
    pub fn of_files<'a>(count: usize, paths: impl Iterator<Item = &'a Path>) -> Hover {
        let all: Vec<_> =
            paths.filter_map(|path| Media::from_extension(path.extension()?.to_str()?)).collect();
        let mut types: Vec<(Media, usize)> = vec![];
        for media in all {
            match types.iter_mut().find(|(other, _)| *other == media) {
                Some((_, count)) => *count += 1,
                None => types.push((media, 1)),
            }
        }
        Hover { count, types }
    }

    /// Returns how many of the files are known by their names to be of a type.
    pub fn known(&self) -> usize {
        self.types.iter().map(|(_, count)| count).sum()
    }

    /// Returns how many there are of each kind.
    pub fn kinds(&self) -> Vec<(Kind, usize)> {
        let of = |kind| self.types.iter().filter(|(media, _)| media.kind() == kind).map(|(_, n)| n).sum();
        Kind::iter().map(|kind| (kind, of(kind))).filter(|(_, count)| *count > 0).collect()
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
        Some(Hover::of_files(files.len(), files.iter().filter_map(|file| file.path.as_deref())))
    })
}

/// Returns the files dropped since the last frame.
pub fn dropped(ctx: &egui::Context) -> Vec<PathBuf> {
    ctx.input(|input| {
        input.raw.dropped_files.iter().map(|f| f.path().to_owned()).filter(|p| p != Path::new("")).collect()
    })
}
