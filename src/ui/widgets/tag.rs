//! Tags: a state in a word or a sentence.

use eframe::egui::{Align2, CornerRadius, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::layout::{line_galley, text_width};
use super::text::fit_end;
use super::tip::WithTip;
use crate::ui::bidi::Reading;
use crate::ui::theme::{self, tokens};

/// What a tag says of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Tone {
    Good,
    Warning,
    Bad,
    Neutral,
}

/// Draws a short text on a coloured ground, cut off where it does not fit.
pub(in crate::ui) fn tag(
    ui: &mut Ui,
    tone: Tone,
    icon: Option<Icon>,
    text: &str,
    max_width: f32,
) -> Response {
    tag_ending(ui, tone, icon, text, "", max_width)
}

/// Draws the same; its end is never cut off.
pub(in crate::ui) fn tag_ending(
    ui: &mut Ui,
    tone: Tone,
    icon: Option<Icon>,
    text: &str,
    end: &str,
    max_width: f32,
) -> Response {
    let t = tokens(ui);
    let (ink, ground) = match tone {
        Tone::Good => (t.good, t.grounds.good),
        Tone::Warning => (t.warning, t.grounds.warning),
        Tone::Bad => (t.bad, t.grounds.bad),
        Tone::Neutral => (t.dim, t.control),
    };
    let icon_width = if icon.is_some() { 17.0 } else { 0.0 };
    let font = theme::medium(11.5);
    let fits = fit_end(ui, text, &font, max_width - icon_width - 14.0 - text_width(ui, end, &font));
    let cut = fits != text;
    let text = &format!("{text}{end}");
    let galley = line_galley(ui, &format!("{fits}{end}"), Reading::Sentence, (font, ink));
    let (rect, response) =
        ui.allocate_exact_size(vec2(galley.size().x + icon_width + 14.0, 20.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(5), ground);
    if let Some(icon) = icon {
        let at = pos2(rect.left() + 13.0, rect.center().y);
        painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(12.0), ink);
    }
    painter.galley(
        pos2(rect.left() + 7.0 + icon_width, rect.center().y - galley.size().y / 2.0),
        galley,
        ink,
    );
    if cut { response.tip(text) } else { response }
}
