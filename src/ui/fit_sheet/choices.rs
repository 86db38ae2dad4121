//! What can be chosen of a copy: its type, its quality, its size, where it begins, and what it tells.

use std::time::{Duration, Instant};

use eframe::egui::{Label, RichText, TextEdit, Ui, vec2};

use super::{FitSheet, original_facts};
use crate::session::Session;
use crate::session::api::{FileFacts, Item, Kind, Media, OriginalFile, provider, text};
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{Button, Slider, Weight, WithTip, checkbox, cut_bar, line, named_part, segments};

/// What the labels in front of choices take.
const LABELS: f32 = 108.0;

/// What a number takes behind its slider.
const NUMBERS: f32 = 128.0;

/// The smallest longest side that is offered.
const LEAST_SIDE: u32 = 64;

impl FitSheet {
    /// Draws them; what is changed is a new wish.
    pub(super) fn choices(&mut self, ui: &mut Ui, session: &Session, item: &Item) {
        let before = self.wishes.clone();
        ui.spacing_mut().item_spacing.y = 2.0;
        self.format(ui, session, item);
        if let Some(original) = &original_facts(item) {
            self.quality(ui, original);
            self.side(ui, original);
            self.start(ui, item, original);
        }
        ui.add_space(theme::STEP);
        ui.spacing_mut().item_spacing = vec2(theme::STEP * 2.0, 8.0);
        ui.horizontal(|ui| {
            ui.scope_builder(named_part(ui, "metadata"), |ui| {
                checkbox(ui, &mut self.wishes.strip, "Remove location and camera data");
            });
            if let Some(original) = item.request.copy.as_ref().and_then(|copy| copy.original.as_ref()) {
                line(ui, &metadata_text(original), theme::secondary(), tokens(ui).dim);
            }
        });
        let destination = session.keys.short_label(&item.request.destination);
        ui.scope_builder(named_part(ui, "always"), |ui| {
            checkbox(ui, &mut self.always, &format!("Always do this for {destination}"));
        });
        if self.always {
            let name = text::elide(&text::sanitize(&item.request.destination.name), 40);
            let which = match self.wishes.strip {
                true => "each file that is not accepted or tells its place or camera",
                false => "each file that is not accepted",
            };
            let sentence = format!("From now on {name} makes such a copy of {which}. Its options keep this");
            let sentence = RichText::new(sentence).font(theme::secondary()).color(tokens(ui).dim);
            ui.add(Label::new(sentence).wrap());
        }
        if self.wishes != before {
            self.changed = Some(Instant::now());
        }
    }

    fn format(&mut self, ui: &mut Ui, session: &Session, item: &Item) {
        let formats = session.uploads.fit_formats(item);
        if formats.len() < 2 {
            return;
        }
        let all: Vec<_> = formats.iter().map(|media| (Some(*media), media.label())).collect();
        // What was not chosen is what suits the file: the copy has it.
        let copy = self.made.as_ref().map(|made| &made.facts).or(item.facts());
        let shown = self.wishes.format.or(copy.and_then(|facts| facts.recognised.media()));
        choice(ui, "Format", |ui| {
            if let Some(format) = segments(ui, "Format", shown, &all) {
                self.wishes.format = format;
            }
            if self.wishes.format.is_some() && reset(ui, "Format") {
                self.wishes.format = None;
            }
        });
    }

    /// Draws the quality of a picture. Its line is there before the first copy is, so that nothing moves when it comes.
    fn quality(&mut self, ui: &mut Ui, original: &FileFacts) {
        if original.recognised.media().map(Media::kind) != Some(Kind::Image) {
            return;
        }
        let Some(made) = &self.made else { return fixed_choice(ui, "Quality", "measuring…") };
        let media = self.wishes.format.or(made.facts.recognised.media());
        if !matches!(media, Some(Media::Jpeg | Media::Webp)) {
            return fixed_choice(ui, "Quality", "lossless");
        }
        let value = self.wishes.quality.or(made.quality).unwrap_or(92);
        let said = match self.wishes.quality {
            Some(quality) => quality.to_string(),
            None => format!("{value} · best fit"),
        };
        let slider = Slider { name: "Quality", text: &said, value: value.into(), range: 1..=100, step: 1 };
        let (new, is_reset) = number(ui, &slider, self.wishes.quality.is_some());
        if let Some(new) = new {
            self.wishes.quality = u8::try_from(new).ok();
        }
        if is_reset {
            self.wishes.quality = None;
        }
    }

    fn side(&mut self, ui: &mut Ui, original: &FileFacts) {
        let Some(longest) = original.pixels.map(|(w, h)| w.max(h)).filter(|side| *side > LEAST_SIDE) else {
            return;
        };
        let made = self.made.as_ref().and_then(|made| made.facts.pixels).map_or(longest, |(w, h)| w.max(h));
        let value = self.wishes.max_side.unwrap_or(made).min(longest);
        let said = match self.wishes.max_side {
            None if made < longest => format!("{value} px · best fit"),
            _ => format!("{value} px"),
        };
        let slider = Slider {
            name: "Longest side",
            text: &said,
            value: value.into(),
            range: LEAST_SIDE.into()..=longest.into(),
            step: 16,
        };
        let (new, is_reset) = number(ui, &slider, self.wishes.max_side.is_some());
        if let Some(new) = new {
            self.wishes.max_side = u32::try_from(new).ok().filter(|side| *side < longest);
        }
        if is_reset {
            self.wishes.max_side = None;
        }
    }

    /// Draws where a cut begins, where the copy is one.
    fn start(&mut self, ui: &mut Ui, item: &Item, original: &FileFacts) {
        let made = self.made.as_ref().map(|made| made.facts.duration);
        let length = made.unwrap_or_else(|| longest(item, original));
        let Some((whole, length)) = original.duration.zip(length) else { return };
        let (whole, length) = (whole.as_millis() as u64, length.as_millis() as u64);
        if length + 100 >= whole {
            return; // it is all of it
        }
        let latest = whole - length;
        let start = self.wishes.start_ms.min(latest);
        let time = |ms: u64| text::playing_time(std::time::Duration::from_millis(ms));
        let said = format!("{} to {}", time(start), time(start + length));
        let slider = Slider {
            name: "Start of the cut",
            text: &said,
            value: start,
            range: 0..=latest,
            step: (whole / 100).clamp(100, 5000),
        };
        ui.add_space(theme::STEP);
        choice(ui, "Part", |ui| {
            ui.vertical(|ui| {
                if let Some(new) = cut_bar(ui, &slider, (length, whole), self.comparison.peaks()) {
                    self.wishes.start_ms = new;
                }
                ui.horizontal(|ui| {
                    self.typed_start(ui, &time(start), latest);
                    line(ui, &format!("to {}", time(start + length)), theme::secondary(), tokens(ui).dim);
                });
            });
        });
    }

    /// Draws the field for where a cut begins: in an hour of sound a bar is too coarse.
    fn typed_start(&mut self, ui: &mut Ui, start: &str, latest: u64) {
        let mut typed = self.typed_start.clone().unwrap_or_else(|| start.to_owned());
        let label = line(ui, "From", theme::secondary(), tokens(ui).dim);
        let edit = TextEdit::singleline(&mut typed).desired_width(64.0).margin(vec2(8.0, 4.0));
        let field = ui.add(edit).labelled_by(label.id).tip("Minutes:seconds");
        if field.changed() {
            if let Some(time) = text::typed_time(&typed) {
                self.wishes.start_ms = u64::try_from(time.as_millis()).unwrap_or(latest).min(latest);
            }
            self.typed_start = Some(typed);
        } else if !field.has_focus() {
            self.typed_start = None;
        }
    }
}

/// Returns what there is to strip: "GPS location, camera".
fn metadata_text(original: &OriginalFile) -> String {
    match original.metadata.as_slice() {
        [] => "The file has none".to_owned(),
        all => text::sanitize(&all.join(", ")),
    }
}

/// Draws a number on a bar, itself behind it, and what gives the choice back where the person made it; the new number,
/// and whether it is given back.
fn number(ui: &mut Ui, slider: &Slider<'_>, is_chosen: bool) -> (Option<u64>, bool) {
    let (mut new, mut is_reset) = (None, false);
    choice(ui, slider.name, |ui| {
        let width = (ui.available_width() - NUMBERS).max(60.0);
        new = slider.show(ui, width).1;
        line(ui, slider.text, theme::body(), tokens(ui).text);
        if is_chosen {
            is_reset = reset(ui, slider.name);
        }
    });
    (new, is_reset)
}

/// Draws what gives a choice back to Hoist; true when it is pressed.
fn reset(ui: &mut Ui, choice: &str) -> bool {
    let name = format!("{choice}: Reset");
    Button::new(Weight::Secondary, "Reset").named(&name).small().show(ui).clicked()
}

/// Returns how long a file may be at its destination: what its copy will be, where it is longer.
fn longest(item: &Item, original: &FileFacts) -> Option<Duration> {
    let kind = original.recognised.media()?.kind();
    let limits = provider::by_id(&item.request.destination.provider)?.facts().limits();
    let of_kind = limits.iter().filter(|limits| limits.types.iter().any(|media| media.kind() == kind));
    of_kind.filter_map(|limits| limits.max_duration).max()
}

/// Draws what cannot be chosen, or not yet, as high as what can be.
fn fixed_choice(ui: &mut Ui, label: &str, words: &str) {
    choice(ui, label, |ui| {
        let t = tokens(ui);
        ui.allocate_space(vec2(0.0, theme::CONTROL));
        line(ui, words, theme::body(), t.dim);
    });
}

fn choice(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::STEP * 2.0;
        ui.scope(|ui| {
            ui.set_width(LABELS);
            line(ui, label, theme::secondary(), t.dim);
        });
        ui.scope_builder(named_part(ui, label), add);
    });
}
