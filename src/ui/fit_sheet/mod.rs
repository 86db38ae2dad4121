//! The sheet that changes how a copy is made: the copy is made anew with each choice, so that its size is measured.

mod choices;
mod comparison;
mod estimate;
mod zoom;

use std::path::Path;
use std::time::{Duration, Instant};

use eframe::egui::{self, Align, Layout};

use self::comparison::{CardText, Comparison, describe};
use self::estimate::estimate;
use super::action::Action;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight, buttons, line, sheet, wrapped};
use crate::session::api::{
    ChangeKind, ComparedPicture, FileFacts, FitRules, FitWishes, Item, UploadId, provider, text,
};
use crate::session::{Session, fit_remedies};

/// How wide it is where there is room.
const WIDTH: f32 = 640.0;

/// A copy is made anew when nothing was moved for so long.
const SETTLED: Duration = Duration::from_millis(250);

/// How often a conversion is looked at.
const CONVERTING: Duration = Duration::from_millis(200);

/// What was chosen so far.
pub(super) struct FitSheet {
    id: UploadId,
    /// What was wished before the sheet was opened, where a copy was to go: *Cancel* brings it back.
    before: Option<FitWishes>,
    wishes: FitWishes,
    /// What the copy that is there, or is being made, is made by.
    ordered: FitWishes,
    /// When a choice was changed last.
    changed: Option<Instant>,
    /// Where the cut begins, as long as that is typed.
    typed_start: Option<String>,
    /// The choices become the destination's standing rules.
    always: bool,
    /// The last copy that was measured.
    made: Option<MeasuredCopy>,
    comparison: Comparison,
}

/// A copy, as it is.
struct MeasuredCopy {
    facts: FileFacts,
    /// As the changes name it.
    quality: Option<u8>,
}

impl FitSheet {
    /// Opens for a file that a copy goes for.
    pub(super) fn new(session: &Session, id: UploadId) -> Option<FitSheet> {
        let item = session.uploads.queue().get(id)?;
        let before = item.request.copy.as_ref().map(|copy| copy.wishes.clone());
        let wishes = before.clone().unwrap_or_else(|| fit_remedies::wishes_offered(item));
        Some(FitSheet {
            id,
            before,
            ordered: wishes.clone(),
            wishes,
            changed: None,
            typed_start: None,
            always: false,
            made: None,
            comparison: Comparison::default(),
        })
    }

    /// Receives what the file or its copy looks like.
    pub(super) fn take_picture(&mut self, ctx: &egui::Context, path: &Path, picture: &ComparedPicture) {
        self.comparison.take(ctx, path, picture);
    }

    /// Returns whether it will change by itself.
    pub(super) fn is_awaited(&self) -> bool {
        self.comparison.is_awaited() || self.wishes != self.ordered
    }

    /// Shows it; true when it is done with.
    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session, actions: &mut Vec<Action>) -> bool {
        let Some(item) = session.uploads.queue().get(self.id) else { return true };
        let Some(provider) = provider::by_id(&item.request.destination.provider) else { return true };
        self.measure(session, item);
        let spec = provider.facts();
        let title = format!("Fit {} to {}", text::elide(&item.name, 40), spec.name);
        let others: Vec<_> =
            session.uploads.next_step().fixable.iter().copied().filter(|id| *id != self.id).collect();
        let mut done = false;
        let shown = sheet(ctx, &title, WIDTH, |sheet| {
            let t = tokens(sheet.ui);
            let sentence = format!(
                "{} accepts {}. Your file stays as it is; the copy is deleted after the upload.",
                spec.name,
                spec.summary()
            );
            wrapped(sheet.ui, &sentence, theme::secondary(), t.dim);
            let enter = sheet.is_submitted();
            sheet.stay();
            sheet.body(|ui| {
                let (original, copy) = self.card_texts(session, item);
                let facts = original_facts(item);
                self.comparison.show(ui, (session, item), facts.as_ref(), (&original, &copy));
                ui.add_space(theme::STEP);
                self.choices(ui, session, item);
            });
            sheet.foot(|ui| {
                let ready = !item.inspection.is_pending() && self.wishes == self.ordered;
                buttons(ui, |ui| {
                    let usual = Button::new(Weight::Primary, "Use this copy").enabled(ready);
                    if usual.show(ui).clicked() || (enter && ready) {
                        done = true;
                    }
                    if !others.is_empty() {
                        let label = format!("Fit all {}", others.len() + 1);
                        if Button::new(Weight::Secondary, &label).show(ui).clicked() {
                            self.order(actions);
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
        if shown.left && !done {
            self.restore(actions);
            return true;
        }
        if !done {
            self.order_when_settled(ctx, actions);
        }
        if item.inspection.is_pending() {
            ctx.request_repaint_after(CONVERTING);
        }
        if done && self.always {
            let rules = FitRules { fit: true, wishes: FitWishes { start_ms: 0, ..self.wishes.clone() } };
            actions.push(Action::KeepRules(item.request.destination.name.clone(), rules));
        }
        done
    }

    /// Takes what the copy is, where it is there, and asks what it looks like.
    fn measure(&mut self, session: &Session, item: &Item) {
        self.comparison.want(session, item);
        // While one is made, what is known is the file's own.
        if item.inspection.is_pending() {
            return;
        }
        let Some((copy, facts)) = item.request.copy.as_ref().zip(item.facts()) else { return };
        if self.made.as_ref().is_none_or(|made| made.facts != *facts) {
            let quality = copy.changes.iter().find(|change| change.kind == ChangeKind::Quality);
            let quality = quality.and_then(|change| change.to.parse().ok());
            self.made = Some(MeasuredCopy { facts: facts.clone(), quality });
        }
    }

    /// Has the copy made anew when the person has stopped moving things: each takes a while.
    fn order_when_settled(&mut self, ctx: &egui::Context, actions: &mut Vec<Action>) {
        if self.wishes == self.ordered {
            return;
        }
        let since = self.changed.map_or(SETTLED, |at| at.elapsed());
        if since < SETTLED || ctx.input(|input| input.pointer.primary_down()) {
            ctx.request_repaint_after(SETTLED.saturating_sub(since).max(Duration::from_millis(20)));
        } else {
            self.order(actions);
        }
    }

    fn order(&mut self, actions: &mut Vec<Action>) {
        if self.wishes != self.ordered {
            self.ordered = self.wishes.clone();
            actions.push(Action::FitTo(vec![self.id], self.wishes.clone()));
        }
    }

    /// Brings back the copy of before, or the file itself where there was none.
    fn restore(&self, actions: &mut Vec<Action>) {
        match &self.before {
            None => actions.push(Action::LeaveFit(self.id)),
            Some(before) if self.ordered != *before => {
                actions.push(Action::FitTo(vec![self.id], before.clone()));
            }
            Some(_) => {}
        }
    }

    /// Returns what stands below the pictures: of the copy what was measured, or about what it will be.
    fn card_texts(&self, session: &Session, item: &Item) -> (CardText, CardText) {
        let original = original_facts(item);
        let details = original.as_ref().map(|facts| describe(facts, None)).unwrap_or_default();
        let mut copy = CardText { title: "Copy to be sent", share: None, details: String::new() };
        let pixels = original.as_ref().and_then(|facts| facts.pixels);
        let is_measured = item.facts().is_some() && self.wishes == self.ordered;
        copy.details = match &self.made {
            Some(made) if is_measured => {
                copy.share = original.as_ref().and_then(|original| share(original.size, made.facts.size));
                let quality = made.quality.map(|quality| quality.to_string());
                describe(&made.facts, quality.as_deref())
            }
            _ => {
                let known = self.made.as_ref();
                let about = known.and_then(|made| estimate(&made.facts, made.quality, pixels, &self.wishes));
                let about = about.map(|bytes| format!("About {} · ", text::bytes(bytes))).unwrap_or_default();
                match session.uploads.fit_progress(item.request.id) {
                    Some(done) => format!("{about}converting · {done} %"),
                    None => format!("{about}measuring…"),
                }
            }
        };
        (CardText { title: "Original", share: None, details }, copy)
    }
}

/// Returns what is known of the file of which a copy is made.
fn original_facts(item: &Item) -> Option<FileFacts> {
    let copy = item.request.copy.as_ref()?;
    copy.original_facts(&item.request.path).or_else(|| item.inspection.found().cloned())
}

/// Returns how much smaller or larger a copy is: "−81 %", and whether it is smaller.
fn share(original: u64, copy: u64) -> Option<(String, bool)> {
    if original == 0 {
        return None;
    }
    let share = ((copy as f64 / original as f64 - 1.0) * 100.0).round() as i64;
    let sign = if share < 0 { "−" } else { "+" };
    Some((format!("{sign}{} %", share.abs()), share < 0))
}
