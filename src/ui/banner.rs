//! The line that says that everything goes to the sandbox.

use eframe::egui::{Align2, Frame, Label, Margin, Panel, RichText, Sense, Ui, vec2};
use lucide_icons::Icon;

use super::theme::{self, tokens};

/// Shows it across the top of the window.
pub(super) fn show(ui: &mut Ui) {
    let t = tokens(ui);
    let frame = Frame::new().fill(t.warning_ground).inner_margin(Margin::symmetric(20, 5));
    Panel::top("sandbox").resizable(false).frame(frame).show(ui, |ui| {
        ui.horizontal(|ui| {
            // Painted: its letter means nothing to who cannot see it.
            let (at, _) = ui.allocate_exact_size(vec2(14.0, 15.0), Sense::hover());
            let flask = Icon::FlaskConical.unicode();
            ui.painter().text(at.center(), Align2::CENTER_CENTER, flask, theme::icons(14.0), t.warning);
            let sentence = RichText::new("Sandbox: nothing leaves this computer");
            ui.add(Label::new(sentence.font(theme::strong()).color(t.warning)).truncate());
        });
    });
}
