//! Questions that are asked before something is done that cannot be undone.

use eframe::egui::{self, Align, CornerRadius, Id, Label, Layout, Modal, RichText, Ui};

use super::history::uploads;
use super::theme::{self, tokens};
use super::widgets::{Button, Weight};
use crate::model::text;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Whether to close the window while so many files are being sent.
    Close(usize),
    /// Whether to forget the history of so many uploads.
    Clear(usize),
}

/// What was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    None,
    No,
    Yes,
}

impl Question {
    fn title(self) -> String {
        match self {
            Question::Close(0) => "Nothing is being sent any more".to_owned(),
            Question::Close(1) => "1 file is being sent".to_owned(),
            Question::Close(n) => format!("{} are being sent", text::count(n, "file")),
            Question::Clear(_) => "Clear the history?".to_owned(),
        }
    }

    fn text(self) -> String {
        match self {
            Question::Close(0) => "Everything is answered: closing loses nothing.".to_owned(),
            Question::Close(_) => {
                "What was sent whole may still be answered: it will be marked 'may exist' at the \
                                   next start. The rest is ready again."
                    .to_owned()
            }
            Question::Clear(n) => format!(
                "{} forgotten on this computer, with the IDs. What the services have stays there, and what is \
                 still in the queue stays too.",
                if n == 1 { "1 upload is".to_owned() } else { format!("{} are", uploads(n)) }
            ),
        }
    }

    /// The one that changes nothing, then the other.
    fn buttons(self) -> (&'static str, String) {
        match self {
            Question::Close(0) => ("Keep open", "Close".to_owned()),
            Question::Close(_) => ("Keep uploading", "Close anyway".to_owned()),
            Question::Clear(n) => ("Keep it", format!("Clear {}", uploads(n))),
        }
    }

    /// Shows it over the window. Escape, and a click beside it, are a no.
    pub(super) fn show(self, ctx: &egui::Context) -> Answer {
        let id = Id::unique("a question");
        let frame = egui::Frame::popup(&ctx.global_style())
            .inner_margin(20)
            .corner_radius(CornerRadius::same(theme::RADIUS_ZONE));
        let title = self.title();
        let area = Modal::default_area(id).accessible_name(&title);
        let modal = Modal::new(id).area(area).frame(frame).show(ctx, |ui| self.content(ui, &title));
        if modal.inner == Answer::None && modal.should_close() { Answer::No } else { modal.inner }
    }

    fn content(self, ui: &mut Ui, title: &str) -> Answer {
        let t = tokens(ui);
        let mut answer = Answer::None;
        ui.set_width(400.0_f32.min(ui.ctx().content_rect().width() - 48.0));
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.add(Label::new(RichText::new(title).font(theme::semibold(16.0)).color(t.text)).wrap());
        ui.add(Label::new(RichText::new(self.text()).font(theme::regular(13.0)).color(t.dim)).wrap());
        ui.add_space(8.0);
        let (no, yes) = self.buttons();
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let keep = Button::new(Weight::Primary, no).show(ui);
            let other = Button::new(Weight::Danger, &yes).show(ui);
            // The keyboard is nowhere below the question, and Return is a no.
            if !keep.has_focus() && !other.has_focus() {
                keep.request_focus();
            }
            if keep.clicked() {
                answer = Answer::No;
            } else if other.clicked() {
                answer = Answer::Yes;
            }
        });
        answer
    }
}
