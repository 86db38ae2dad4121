//! What was found, and in which form it is kept.

use super::bytes::{MAX_CHARS, short};
use super::generators;
use crate::model::media::Metadata;

/// Everything found, each kind once.
#[derive(Default)]
pub(super) struct MetadataFound(pub(super) Vec<Metadata>);

impl MetadataFound {
    pub(super) fn add(&mut self, one: Metadata) {
        let same_kind = |other: &Metadata| std::mem::discriminant(other) == std::mem::discriminant(&one);
        match self.0.iter_mut().find(|other| same_kind(other)) {
            // Which machine or place it was is worth more than that it was one.
            Some(
                old @ (Metadata::AiProvenance(None)
                | Metadata::ContentCredentials(None)
                | Metadata::Place(None)),
            ) => {
                *old = one;
            }
            Some(_) => {}
            None => self.0.push(one),
        }
    }

    /// Adds a place in degrees; 0, 0 is what is written where there is none.
    pub(super) fn add_place(&mut self, latitude: f64, longitude: f64) {
        let is_one =
            latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0);
        if is_one {
            let degrees = |value: f64| (value * 1e6).round() / 1e6 + 0.0;
            self.add(Metadata::Place(Some(format!("{}, {}", degrees(latitude), degrees(longitude)))));
        }
    }

    /// Adds a camera by its maker and its model, either of which may be missing.
    pub(super) fn camera(&mut self, make: Option<String>, model: Option<String>) {
        let name = match (make, model) {
            (Some(make), Some(model)) if !model.starts_with(&make) => format!("{make} {model}"),
            (_, Some(one)) | (Some(one), None) => one,
            (None, None) => return,
        };
        self.add(Metadata::Camera(short(&name, MAX_CHARS)));
    }

    pub(super) fn author(&mut self, name: &str) {
        let name = short(name, MAX_CHARS);
        if !name.is_empty() {
            self.add(Metadata::Author(name));
        }
    }

    pub(super) fn title(&mut self, name: &str) {
        let name = short(name, MAX_CHARS);
        if !name.is_empty() {
            self.add(Metadata::Title(name));
        }
    }

    /// Adds what somebody noted; what a generator notes says which one it was.
    pub(super) fn comment(&mut self, text: &str) {
        let text = short(text, MAX_CHARS);
        if !text.is_empty() && generators::of_text(&text).is_none() {
            self.add(Metadata::Comment(text));
        }
    }

    /// Adds a program's name.
    pub(super) fn generator(&mut self, program: &str) {
        if let Some(name) = generators::generator(program) {
            self.add(Metadata::AiProvenance(Some(name)));
        }
    }
}
