//! The sheet that changes how a copy is made: the copy is made anew with each choice, so that its size is measured.

use eframe::egui::{self, Align, Layout, Ui};

use super::action::Action;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, buttons, card, line, segments, sheet, switch, wrapped};
use crate::session::Session;
use crate::session::api::{FitRules, FitWishes, Item, Media, UploadId, provider, text};

/// How wide it is where there is room.
const WIDTH: f32 = 640.0;
/// What the labels in front of choices take.
const LABELS: f32 = 108.0;

/// What was chosen so far.
pub(super) struct FitSheet {
    id: UploadId,
    /// What was wished before the sheet was opened: *Cancel* brings it back.
    before: FitWishes,
    wishes: FitWishes,
    /// The choices become the destination's standing rules.
    always: bool,
}

impl FitSheet {
    /// Opens for a file that a copy goes for.
    pub(super) fn new(session: &Session, id: UploadId) -> Option<FitSheet> {
        let copy = session.uploads.queue().get(id)?.request.copy.clone()?;
        Some(FitSheet { id, before: copy.wishes.clone(), wishes: copy.wishes.clone(), always: false })
    }

    /// Shows it; true when it is done with.
    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session, actions: &mut Vec<Action>) -> bool {
        let Some(item) = session.uploads.queue().get(self.id) else { return true };
        let Some(provider) = provider::by_id(&item.request.destination.provider) else { return true };
        let spec = provider.facts();
        let title = format!("Fit {} to {}", text::elide(&item.name, 40), spec.name);
        let others: Vec<_> = session.uploads.fixable().iter().copied().filter(|id| *id != self.id).collect();
        let before = self.wishes.clone();
        let mut done = false;
        let shown = sheet(ctx, &title, WIDTH, |sheet| {
            let t = tokens(sheet.ui);
            let sentence = format!(
                "It accepts {}. Your file stays as it is; the copy is deleted after the upload.",
                spec.summary()
            );
            wrapped(sheet.ui, &sentence, theme::secondary(), t.dim);
            let enter = sheet.is_submitted();
            sheet.body(|ui| {
                cards(ui, session, item);
                ui.add_space(theme::STEP);
                self.choices(ui, session, item);
            });
            sheet.foot(|ui| {
                ui.add_space(6.0);
                let ready = !item.inspection.is_pending();
                buttons(ui, |ui| {
                    let usual = Button::new(Weight::Primary, "Use this copy").enabled(ready);
                    if usual.show(ui).clicked() || (enter && ready) {
                        done = true;
                    }
                    if !others.is_empty() {
                        let label = format!("Fit all {}", others.len() + 1);
                        if Button::new(Weight::Secondary, &label).show(ui).clicked() {
                            actions.push(Action::FitTo(others.clone(), self.wishes.clone()));
                            done = true;
                        }
                    }
                    if Button::new(Weight::Secondary, "Cancel").show(ui).clicked() {
                        self.restore(actions);
                        self.always = false;
                        done = true;
                    }
                    if !others.is_empty() {
                        let more = match others.len() {
                            1 => "1 more file is not accepted".to_owned(),
                            n => format!("{n} more files are not accepted"),
                        };
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            line(ui, &more, theme::secondary(), t.dim);
                        });
                    }
                });
            });
        });
        if self.wishes != before && !done {
            actions.push(Action::FitTo(vec![self.id], self.wishes.clone()));
        }
        if shown.left && !done {
            self.restore(actions);
            return true;
        }
        if done && self.always {
            let rules = FitRules { fit: true, wishes: FitWishes { start_ms: 0, ..self.wishes.clone() } };
            actions.push(Action::KeepRules(item.request.destination.name.clone(), rules));
        }
        done
    }

    /// Brings back the copy of before.
    fn restore(&self, actions: &mut Vec<Action>) {
        if self.wishes != self.before {
            actions.push(Action::FitTo(vec![self.id], self.before.clone()));
        }
    }

    fn choices(&mut self, ui: &mut Ui, session: &Session, item: &Item) {
        let formats = session.uploads.fit_formats(item);
        if formats.len() > 1 {
            let mut all: Vec<(Option<Media>, &str)> = vec![(None, "Auto")];
            all.extend(formats.iter().map(|media| (Some(*media), media.label())));
            choice(ui, "Format", |ui| {
                if let Some(format) = segments(ui, "Format", self.wishes.format, &all) {
                    self.wishes.format = format;
                }
            });
        }
        let now = item.inspection.found().and_then(|facts| facts.recognised.media());
        if matches!(now, Some(Media::Jpeg | Media::Webp)) {
            let all = [
                (None, "Auto"),
                (Some(95), "95"),
                (Some(92), "92"),
                (Some(85), "85"),
                (Some(75), "75"),
                (Some(60), "60"),
            ];
            choice(ui, "Quality", |ui| {
                if let Some(quality) = segments(ui, "Quality", self.wishes.quality, &all) {
                    self.wishes.quality = quality;
                }
            });
        }
        if item.inspection.found().is_some_and(|facts| facts.pixels.is_some()) {
            let all = [
                (None, "As it is"),
                (Some(4096), "4096 px"),
                (Some(2048), "2048 px"),
                (Some(1024), "1024 px"),
            ];
            choice(ui, "Longest side", |ui| {
                if let Some(side) = segments(ui, "Longest side", self.wishes.max_side, &all) {
                    self.wishes.max_side = side;
                }
            });
        }
        let t = tokens(ui);
        let name = "Remove location and camera data";
        ui.horizontal(|ui| {
            if switch(ui, name, self.wishes.strip).clicked() {
                self.wishes.strip = !self.wishes.strip;
            }
            line(ui, name, theme::body(), t.text);
        });
        let provider = provider::by_id(&item.request.destination.provider).map_or("it", |p| p.facts().name);
        let name = format!("Always do this for {provider}");
        ui.horizontal(|ui| {
            if switch(ui, &name, self.always).clicked() {
                self.always = !self.always;
            }
            line(ui, &name, theme::body(), t.text);
        });
    }
}

fn choice(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui)) {
    let t = tokens(ui);
    ui.horizontal(|ui| {
        ui.scope(|ui| {
            ui.set_width(LABELS);
            line(ui, label, theme::secondary(), t.dim);
        });
        add(ui);
    });
}

/// Draws what the file is, and beside it what its copy is: measured, or how far it is.
fn cards(ui: &mut Ui, session: &Session, item: &Item) {
    let t = tokens(ui);
    let Some(copy) = &item.request.copy else { return };
    let original = copy.original_facts(&item.request.path);
    let made = item.facts();
    let describe = |facts: &crate::session::api::FileFacts| {
        let mut parts: Vec<String> = facts.recognised.label().map(ToOwned::to_owned).into_iter().collect();
        parts.extend(facts.pixels.map(|(width, height)| format!("{width} × {height}")));
        parts.push(text::bytes(facts.size));
        parts.join(" · ")
    };
    ui.columns(2, |columns| {
        card(&mut columns[0], |ui| {
            line(ui, "Original", theme::strong(), t.text);
            let facts = original.as_ref().or(item.inspection.found());
            line(ui, &facts.map(describe).unwrap_or_default(), theme::secondary(), t.dim);
        });
        card(&mut columns[1], |ui| {
            let share = original.as_ref().zip(made).filter(|(original, _)| original.size > 0).map(
                |(original, made)| ((made.size as f64 / original.size as f64 - 1.0) * 100.0).round() as i64,
            );
            ui.spacing_mut().interact_size.y = 0.0;
            ui.horizontal(|ui| {
                line(ui, "Copy to be sent", theme::strong(), t.text);
                if let Some(share) = share {
                    let sign = if share < 0 { "−" } else { "+" };
                    let ink = if share < 0 { t.good } else { t.dim };
                    line(ui, &format!("{sign}{} %", share.abs()), theme::strong(), ink);
                }
            });
            let words = match (made, session.uploads.fit_progress(item.request.id)) {
                (Some(made), _) => describe(made),
                (None, Some(done)) => format!("Converting · {done} %"),
                (None, None) => "Reading…".to_owned(),
            };
            line(ui, &words, theme::secondary(), t.dim);
        });
    });
    if item.inspection.is_pending() {
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(200));
    }
}
