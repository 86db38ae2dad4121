//! The sheet about one provider: what its file does, before a person agrees to it or whenever they want to know.

use eframe::egui::{self, Align, CornerRadius, Frame, Label, Layout, RichText, ScrollArea, Stroke, Ui, vec2};
use lucide_icons::Icon;

use crate::session::ProviderReview;
use crate::session::api::provider::{Provider, ProviderSource};
use crate::session::api::text::{count, elide, sanitize};
use crate::session::provider_terms::{self, ProviderTerm, TermSubject};
use crate::session::provider_test::Promise;
use crate::ui::theme::{self, RADIUS_ROW, STEP, tokens};
use crate::ui::widgets::{Button, Weight, buttons, rule, sheet, wrapped};

/// Its width, and the height of a file's text in it.
const WIDTH: f32 = 520.0;
const TEXT_HEIGHT: f32 = 320.0;

/// One provider that is looked at.
pub(in crate::ui) struct ProviderSheet {
    provider: &'static Provider,
    terms: Vec<ProviderTerm>,
    /// What a person is asked to agree to; none where they only look.
    review: Option<ProviderReview>,
    /// The file's text is shown in place of what it does.
    shows_text: bool,
}

/// What the sheet was left with.
pub(in crate::ui) enum ProviderOutcome {
    Open,
    Closed,
    /// A person has agreed.
    Add(ProviderReview),
}

impl ProviderSheet {
    /// Shows what a provider does.
    pub(in crate::ui) fn about(provider: &'static Provider) -> ProviderSheet {
        ProviderSheet { provider, terms: provider_terms::of(provider), review: None, shows_text: false }
    }

    /// Asks whether to add what a file makes.
    pub(in crate::ui) fn review(review: ProviderReview) -> ProviderSheet {
        let (provider, terms) = (review.provider(), review.terms());
        ProviderSheet { provider, terms, review: Some(review), shows_text: false }
    }

    /// Draws the sheet over the page, and returns what was pressed.
    pub(in crate::ui) fn show(&mut self, ctx: &egui::Context) -> ProviderOutcome {
        let mut pressed = None;
        let shown = sheet(ctx, &self.title(), WIDTH, |sheet| {
            let t = tokens(sheet.ui);
            wrapped(sheet.ui, &self.second(), theme::secondary(), t.dim);
            sheet.ui.add_space(STEP);
            match self.shows_text {
                true => self.text(sheet.ui, sheet.room()),
                false => sheet.body(|ui| self.body(ui)),
            }
            pressed = sheet.foot(|ui| buttons(ui, |ui| self.buttons(ui)));
        });
        match (pressed, shown.left) {
            (Some(ProviderPress::Add), _) => {
                self.review.take().map_or(ProviderOutcome::Closed, ProviderOutcome::Add)
            }
            (Some(ProviderPress::Close), _) | (None, true) => ProviderOutcome::Closed,
            (Some(ProviderPress::Text), _) => {
                self.shows_text = !self.shows_text;
                ProviderOutcome::Open
            }
            (None, false) => ProviderOutcome::Open,
        }
    }

    fn title(&self) -> String {
        let name = elide(self.provider.facts().name, 40);
        match &self.review {
            None => name,
            Some(review) if review.replaces() => format!("Replace the provider “{name}”?"),
            Some(_) => format!("Add the provider “{name}”?"),
        }
    }

    fn second(&self) -> String {
        match (&self.review, &self.provider.facts().source) {
            (Some(review), _) => {
                let file = elide(&sanitize(&review.file_name()), 40);
                format!("{file} · written by somebody else. Read what it does before you add it.")
            }
            (None, ProviderSource::BuiltIn) => {
                format!(
                    "{} · built in · not tried against the live service",
                    self.provider.facts().vendor.name
                )
            }
            (None, ProviderSource::File(path)) => sanitize(&path.to_string_lossy()),
        }
    }

    fn body(&self, ui: &mut Ui) {
        let t = tokens(ui);
        let card =
            Frame::new().stroke(Stroke::new(1.0, t.line)).corner_radius(CornerRadius::same(RADIUS_ROW));
        card.show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (index, term) in self.terms.iter().enumerate() {
                if index > 0 {
                    rule(ui);
                }
                term_row(ui, term);
            }
        });
        if let Some(review) = &self.review {
            ui.add_space(STEP);
            promises(ui, review.promises());
        }
    }

    fn text(&self, ui: &mut Ui, room: f32) {
        let t = tokens(ui);
        let height = room.min(TEXT_HEIGHT);
        ScrollArea::both().max_height(height).min_scrolled_height(height).auto_shrink([false, true]).show(
            ui,
            |ui| {
                let text = RichText::new(self.provider.text()).font(theme::id()).color(t.dim);
                ui.add(Label::new(text).extend().selectable(true));
            },
        );
    }

    fn buttons(&self, ui: &mut Ui) -> Option<ProviderPress> {
        let mut pressed = None;
        let mut button = |ui: &mut Ui, weight, label: &str, press| {
            let button = Button::new(weight, label).show(ui);
            if button.clicked() {
                pressed = Some(press);
            }
            button
        };
        let has_focus = ui.memory(|memory| memory.focused().is_some());
        match &self.review {
            Some(review) => {
                let label = if review.replaces() { "Replace provider" } else { "Add provider" };
                button(ui, Weight::Primary, label, ProviderPress::Add);
                // Enter agrees to nothing that was not looked at.
                let cancel = button(ui, Weight::Secondary, "Cancel", ProviderPress::Close);
                if !has_focus {
                    cancel.request_focus();
                }
            }
            None => {
                let close = button(ui, Weight::Primary, "Close", ProviderPress::Close);
                if !has_focus {
                    close.request_focus();
                }
            }
        }
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            let label = if self.shows_text { "Hide file" } else { "Show file" };
            let show = Button::new(Weight::Quiet, label).icon(Icon::FileText);
            if show.show(ui).clicked() {
                pressed = Some(ProviderPress::Text);
            }
        });
        pressed
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ProviderPress {
    Add,
    Close,
    Text,
}

fn icon(subject: TermSubject) -> Icon {
    match subject {
        TermSubject::Hosts => Icon::Globe,
        TermSubject::Key => Icon::KeyRound,
        TermSubject::Requests => Icon::FileUp,
        TermSubject::Results => Icon::FileImage,
        TermSubject::Costs => Icon::Coins,
        TermSubject::Document => Icon::BookOpen,
        TermSubject::Skipped => Icon::ListX,
    }
}

fn term_row(ui: &mut Ui, term: &ProviderTerm) {
    let t = tokens(ui);
    Frame::new().inner_margin(egui::Margin::symmetric(14, 9)).show(ui, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            let glyph = RichText::new(icon(term.subject).unicode()).font(theme::icons(14.0)).color(t.text);
            ui.allocate_ui_with_layout(vec2(14.0, 18.0), Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(glyph).selectable(false));
            });
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 1.0;
                wrapped(ui, &sanitize(&term.title), theme::strong(), t.text);
                let font = match term.subject {
                    TermSubject::Hosts => theme::id(),
                    _ => theme::secondary(),
                };
                for line in &term.details {
                    wrapped(ui, &elide(&sanitize(line), 200), font.clone(), t.dim);
                }
            });
        });
    });
}

/// Says what came of the file's examples and faults.
fn promises(ui: &mut Ui, promises: &[Promise]) {
    let t = tokens(ui);
    let broken: Vec<_> =
        promises.iter().filter_map(|p| Some((p.name, p.broken.as_ref()?.to_string()))).collect();
    let (icon, ink, sentence) = if broken.is_empty() {
        let cases: usize = promises.iter().map(|promise| promise.cases).sum();
        let sentence = format!("In the sandbox {} of this file end as it says", count(cases, "case"));
        (Icon::CircleCheck, t.good, sentence)
    } else {
        let sentence = format!("{} of {} checks failed", broken.len(), promises.len());
        (Icon::TriangleAlert, t.warning, sentence)
    };
    ui.horizontal(|ui| {
        ui.add(
            Label::new(RichText::new(icon.unicode()).font(theme::icons(14.0)).color(ink)).selectable(false),
        );
        ui.add(Label::new(RichText::new(sentence).font(theme::body()).color(ink)).wrap());
    });
    for (name, why) in broken {
        wrapped(ui, &format!("{name}: {}", elide(&sanitize(&why), 160)), theme::secondary(), t.dim);
    }
}
