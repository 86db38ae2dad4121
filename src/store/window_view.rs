//! How the window looked last: size, zoom, page and filters.
//!
//! Not among the settings: those are exported to other computers, and this belongs to one screen.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::files;
use super::folders::Folders;

/// A larger file is not one.
const MAX_BYTES: u64 = 2 * 1024 * 1024;

/// Paths of files that wait are remembered up to so many bytes together.
const MAX_WAITING: usize = 256 * 1024;

/// What is written before it takes the place of the file begins so.
const UNFINISHED: &str = ".window-";

/// The widest and the highest window that is made again.
const SIDES: std::ops::RangeInclusive<f32> = 200.0..=16_384.0;

/// What is made larger or smaller than this cannot be read, or not be left.
const ZOOM: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// What is remembered of a window between starts. Where it was on the screen is not: that screen may be gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowView {
    /// Width and height in points at a zoom of 1; of a maximised window, as it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<[f32; 2]>,
    /// It filled the screen.
    pub maximized: bool,
    /// How much larger everything is than usual.
    pub zoom: f32,
    /// The page that was shown, by its name.
    pub page: String,
    /// The details of a file stand beside its list, and not over it.
    pub details_pinned: bool,
    /// Files that were added before there was a destination for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<PathBuf>,
    /// What narrowed down the history, by name.
    pub history: std::collections::BTreeMap<String, String>,
}

impl Default for WindowView {
    fn default() -> WindowView {
        WindowView {
            size: None,
            maximized: false,
            zoom: 1.0,
            page: String::new(),
            details_pinned: true,
            waiting: vec![],
            history: std::collections::BTreeMap::new(),
        }
    }
}

impl WindowView {
    /// Returns those of the files that wait which can be written down: paths that are text, up to a bound.
    pub fn rememberable(files: &[PathBuf]) -> Vec<PathBuf> {
        let mut bytes = 0;
        let fits = |file: &&PathBuf| {
            bytes += file.as_os_str().len();
            bytes <= MAX_WAITING
        };
        files.iter().filter(|file| file.to_str().is_some()).take_while(fits).cloned().collect()
    }

    /// Returns the same within bounds: what makes no sense is as it is at first.
    #[must_use]
    fn clamped(mut self) -> WindowView {
        let fits = |side: &f32| side.is_finite() && SIDES.contains(side);
        self.size = self.size.filter(|size| size.iter().all(fits));
        if !ZOOM.contains(&self.zoom) {
            self.zoom = 1.0; // also what is no number
        }
        self
    }
}

/// The file of one home.
#[derive(Clone, Debug)]
pub struct WindowViewFile {
    path: PathBuf,
}

impl WindowViewFile {
    /// Returns the one in these folders.
    pub fn new(folders: &Folders) -> WindowViewFile {
        WindowViewFile { path: folders.data.join("window.toml") }
    }

    /// Reads it. What is damaged is ignored: nothing of it is worth a question.
    pub fn load(&self) -> WindowView {
        let text = files::open_to_read(&self.path).and_then(|file| files::read_text(file, MAX_BYTES));
        toml::from_str::<WindowView>(&text.unwrap_or_default()).unwrap_or_default().clamped()
    }

    /// Writes it whole; of two windows the last one counts.
    pub fn save(&self, view: &WindowView) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        Folders::make(folder)?;
        let text = toml::to_string_pretty(view).map_err(io::Error::other)?;
        files::write_whole(&self.path, UNFINISHED, |file| file.write_all(text.as_bytes()))?;
        files::remove_unfinished(folder, &[UNFINISHED]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn file() -> (tempfile::TempDir, WindowViewFile) {
        let home = tempfile::tempdir().unwrap();
        let file = WindowViewFile::new(&Folders::inside(home.path()));
        (home, file)
    }

    #[test]
    fn what_was_written_is_read_and_nothing_is_left_beside_it() {
        let (home, file) = file();
        assert_eq!(file.load(), WindowView::default(), "without a file all is as it is at first");
        let history = [("provider".to_owned(), "piapi".to_owned())].into();
        let view = WindowView {
            size: Some([900.0, 700.5]),
            maximized: true,
            zoom: 1.2,
            page: "keys".into(),
            details_pinned: false,
            waiting: vec!["/a \"b\"/封面.png".into(), "/c\nd.png".into()],
            history,
        };
        fs::create_dir_all(home.path().join("data")).unwrap();
        fs::write(home.path().join("data/.window-abc"), "half").unwrap();
        file.save(&view).unwrap();
        assert_eq!(file.load(), view);
        let names = fs::read_dir(home.path().join("data")).unwrap().map(|e| e.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["window.toml"]);
    }

    #[test]
    fn files_that_wait_are_written_down_as_far_as_they_fit() {
        let (_home, file) = file();
        let long = |n: usize| PathBuf::from(format!("/\"{n:06}{}", "\"".repeat(4_000)));
        let files: Vec<_> = (0..200).map(long).collect();
        let waiting = WindowView::rememberable(&files);
        assert!((60..70).contains(&waiting.len()), "{}", waiting.len());
        let view = WindowView { waiting, ..WindowView::default() };
        file.save(&view).unwrap();
        assert_eq!(file.load(), view);
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt;
            let odd = PathBuf::from(std::ffi::OsString::from_vec(b"/\xff.png".to_vec()));
            assert_eq!(WindowView::rememberable(&[odd, "/a.png".into()]), [PathBuf::from("/a.png")]);
        }
    }

    #[test]
    fn what_is_damaged_or_makes_no_sense_is_ignored() {
        let (_home, file) = file();
        file.save(&WindowView::default()).unwrap();
        for text in ["size = ", "zoom = \"large\"", "\u{0}", &"#".repeat(MAX_BYTES as usize + 1)] {
            fs::write(&file.path, text).unwrap();
            assert_eq!(file.load(), WindowView::default(), "{text:.20}");
        }
        for (text, size, zoom) in [
            ("size = [nan, 700.0]\nzoom = 2.0", None, 2.0),
            ("size = [inf, 700.0]", None, 1.0),
            ("size = [1.0, 700.0]", None, 1.0),
            ("size = [800.0, 99999.0]", None, 1.0),
            ("size = [800.0, 600.0]\nzoom = 99.0", Some([800.0, 600.0]), 1.0),
            ("zoom = nan", None, 1.0),
            ("page = \"of tomorrow\"\nfuture = 3", None, 1.0),
        ] {
            fs::write(&file.path, text).unwrap();
            let view = file.load();
            assert_eq!((view.size, view.zoom), (size, zoom), "{text}");
        }
    }
}
