//! The few things everything is made of.

use eframe::egui::{
    self, Align2, Color32, CornerRadius, FontId, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::theme::{self, RADIUS, tokens};

/// How much a button wants to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// The one thing to do.
    Primary,
    /// One of several.
    Secondary,
    /// An icon at the edge.
    Quiet,
    /// What cannot be undone.
    Danger,
}

/// A button with an icon, a label, or both.
pub(super) struct Button<'a> {
    weight: Weight,
    icon: Option<Icon>,
    after: Option<Icon>,
    label: &'a str,
    name: &'a str,
    hint: Option<&'a str>,
    enabled: bool,
    height: f32,
}

impl<'a> Button<'a> {
    pub(super) fn new(weight: Weight, label: &'a str) -> Button<'a> {
        Button {
            weight,
            icon: None,
            after: None,
            label,
            name: label,
            hint: None,
            enabled: true,
            height: 30.0,
        }
    }

    /// An icon alone; `name` is what it is called.
    pub(super) fn icon_only(icon: Icon, name: &'a str) -> Button<'a> {
        Button { icon: Some(icon), label: "", ..Button::new(Weight::Quiet, name) }
    }

    pub(super) fn icon(self, icon: Icon) -> Button<'a> {
        Button { icon: Some(icon), ..self }
    }

    /// An icon behind the label.
    pub(super) fn after(self, icon: Icon) -> Button<'a> {
        Button { after: Some(icon), ..self }
    }

    /// Without its label, where there is no room for it; the icon must tell.
    pub(super) fn compact(self, compact: bool) -> Button<'a> {
        if compact { Button { label: "", ..self } } else { self }
    }

    /// What to know before pressing it: shown where the pointer rests, and told by screen readers.
    pub(super) fn hint(self, hint: &'a str) -> Button<'a> {
        Button { hint: Some(hint), ..self }
    }

    /// What screen readers say, where the label alone does not tell.
    pub(super) fn named(self, name: &'a str) -> Button<'a> {
        Button { name, ..self }
    }

    pub(super) fn enabled(self, enabled: bool) -> Button<'a> {
        Button { enabled, ..self }
    }

    pub(super) fn small(self) -> Button<'a> {
        Button { height: 26.0, ..self }
    }

    pub(super) fn show(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let (ink, ground, line) = match self.weight {
            Weight::Primary => (t.on_accent, t.accent, t.accent),
            Weight::Secondary => (t.text, t.raised, t.line),
            Weight::Quiet => (t.dim, Color32::TRANSPARENT, Color32::TRANSPARENT),
            Weight::Danger => (t.bad, t.raised, t.line),
        };
        let font = if self.weight == Weight::Primary { theme::semibold(13.0) } else { theme::medium(13.0) };
        let text = ui.painter().layout_no_wrap(self.label.to_owned(), font, ink);
        let icon_width = if self.icon.is_some() { 15.0 } else { 0.0 };
        let gap = if self.icon.is_some() && !self.label.is_empty() { 7.0 } else { 0.0 };
        let pad = match (self.label.is_empty(), self.weight) {
            (true, Weight::Quiet) => (self.height - icon_width) / 2.0,
            (true, _) => 10.0,
            (false, _) => 12.0,
        };
        let after_width = if self.after.is_some() { 22.0 } else { 0.0 };
        let size = vec2(icon_width + gap + text.size().x + after_width + 2.0 * pad, self.height);
        let sense = if self.enabled { Sense::click() } else { Sense::hover() };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.enabled, self.name));
        if ui.is_rect_visible(rect) {
            let fade = if self.enabled { 1.0 } else { 0.45 };
            let ground = match () {
                () if !self.enabled => ground,
                () if response.is_pointer_button_down_on() => ground.lerp_to_gamma(t.text, 0.16),
                () if response.hovered() && self.weight == Weight::Quiet => t.control,
                () if response.hovered() => ground.lerp_to_gamma(t.text, 0.08),
                () => ground,
            };
            let painter = ui.painter();
            let stroke = Stroke::new(1.0, line.gamma_multiply(fade));
            painter.rect(
                rect,
                CornerRadius::same(RADIUS),
                ground.gamma_multiply(fade),
                stroke,
                StrokeKind::Inside,
            );
            focus_ring(ui, rect, &response, RADIUS);
            let mut x = rect.left() + pad;
            let ink = ink.gamma_multiply(fade);
            if let Some(icon) = self.icon {
                let at = pos2(x + icon_width / 2.0, rect.center().y);
                painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(15.0), ink);
                x += icon_width + gap;
            }
            let at = pos2(x, rect.center().y - text.size().y / 2.0);
            painter.galley_with_override_text_color(at, text, ink);
            if let Some(icon) = self.after {
                let at = pos2(rect.right() - pad - 6.0, rect.center().y);
                painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(15.0), ink);
            }
        }
        match self.hint {
            Some(hint) => response.on_hover_text(hint),
            None if self.name == self.label => response,
            // Not `on_hover_text`: that would make screen readers say the name twice.
            None => response.on_hover_ui(|ui| {
                ui.label(self.name);
            }),
        }
    }
}

/// A line of a menu, as wide as the menu. `chosen`: one of several, and the icon shows only on that one.
pub(super) fn menu_item(ui: &mut Ui, icon: Icon, label: &str, chosen: Option<bool>) -> Response {
    let t = tokens(ui);
    let text = ui.painter().layout_no_wrap(label.to_owned(), theme::medium(13.0), t.text);
    let own = text.size().x + 44.0;
    // At first the menu asks how wide it must be.
    let width = if ui.is_sizing_pass() { own } else { own.max(ui.available_width()) };
    let (rect, response) = ui.allocate_exact_size(vec2(width, 30.0), Sense::click());
    response.widget_info(|| match chosen {
        Some(chosen) => WidgetInfo::selected(Role::MenuItemRadio, true, chosen, label),
        None => WidgetInfo::labeled(Role::MenuItem, true, label),
    });
    let painter = ui.painter();
    if response.hovered() {
        painter.rect_filled(rect, CornerRadius::same(RADIUS), t.control);
    }
    focus_ring(ui, rect, &response, RADIUS);
    if chosen != Some(false) {
        let at = pos2(rect.left() + 18.0, rect.center().y);
        painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(15.0), t.dim);
    }
    painter.galley(pos2(rect.left() + 34.0, rect.center().y - text.size().y / 2.0), text, t.text);
    response
}

/// Shows where the keyboard is.
pub(super) fn focus_ring(ui: &Ui, rect: Rect, response: &Response, radius: u8) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, tokens(ui).accent_text);
        ui.painter().rect_stroke(
            rect.expand(1.0),
            CornerRadius::same(radius + 1),
            stroke,
            StrokeKind::Outside,
        );
    }
}

/// The ground of one of several things to choose from.
pub(super) fn choice_ground(ui: &Ui, rect: Rect, response: &Response, chosen: bool) {
    let t = tokens(ui);
    let ground = match () {
        () if chosen => t.accent_ground,
        () if response.hovered() => t.control,
        () => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(rect, CornerRadius::same(8), ground);
    focus_ring(ui, rect, response, 8);
}

/// What a tag says of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Warning,
    Bad,
    Neutral,
}

/// A short word or sentence on a coloured ground, cut off where it does not fit.
pub(super) fn tag(ui: &mut Ui, tone: Tone, icon: Option<Icon>, text: &str, max_width: f32) -> Response {
    tag_ending(ui, tone, icon, text, "", max_width)
}

/// The same; its end is never cut off.
pub(super) fn tag_ending(
    ui: &mut Ui,
    tone: Tone,
    icon: Option<Icon>,
    text: &str,
    end: &str,
    max_width: f32,
) -> Response {
    let t = tokens(ui);
    let (ink, ground) = match tone {
        Tone::Good => (t.good, t.good_ground),
        Tone::Warning => (t.warning, t.warning_ground),
        Tone::Bad => (t.bad, t.bad_ground),
        Tone::Neutral => (t.dim, t.control),
    };
    let icon_width = if icon.is_some() { 17.0 } else { 0.0 };
    let font = theme::medium(11.5);
    let fits = fit_end(ui, text, &font, max_width - icon_width - 14.0 - width(ui, end, &font));
    let cut = fits != text;
    let text = &format!("{text}{end}");
    let galley = ui.painter().layout_no_wrap(format!("{fits}{end}"), font, ink);
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
    if cut { response.on_hover_text(text) } else { response }
}

/// A line of text in one colour, cut off at `width`.
pub(super) fn line(ui: &mut Ui, text: &str, font: FontId, colour: Color32) -> Response {
    ui.add(egui::Label::new(egui::RichText::new(text).font(font).color(colour)).truncate())
}

fn width(ui: &Ui, text: &str, font: &FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font.clone(), Color32::WHITE).size().x
}

/// The longest form of `text` that fits, made by `shorten(text, characters)`.
fn fit_by(ui: &Ui, text: &str, font: &FontId, room: f32, shorten: impl Fn(&str, usize) -> String) -> String {
    if width(ui, text, font) <= room {
        return text.to_owned();
    }
    let (mut low, mut high) = (1, text.chars().count());
    while low + 1 < high {
        let middle = usize::midpoint(low, high);
        if width(ui, &shorten(text, middle), font) <= room { low = middle } else { high = middle }
    }
    shorten(text, low)
}

/// `text` cut in the middle so that it fits: names and ids differ at their ends.
pub(super) fn fit_middle(ui: &Ui, text: &str, font: &FontId, room: f32) -> String {
    fit_by(ui, text, font, room, crate::model::text::elide)
}

/// `text` cut at its end so that it fits.
pub(super) fn fit_end(ui: &Ui, text: &str, font: &FontId, room: f32) -> String {
    fit_by(ui, text, font, room, |text, n| {
        let mut out: String = text.chars().take(n.saturating_sub(1)).collect();
        out.push('…');
        out
    })
}

/// A column in the middle of a place.
pub(super) fn middle(ui: &mut Ui, rect: Rect, height: f32, add: impl FnOnce(&mut Ui)) {
    let width = rect.width() - 40.0;
    let column = Rect::from_center_size(rect.center(), vec2(width, height.min(rect.height())));
    let layout = egui::Layout::top_down(egui::Align::Center);
    ui.scope_builder(egui::UiBuilder::new().max_rect(column).layout(layout), add);
}

/// The icon above a few words in the middle.
pub(super) fn big_icon(ui: &mut Ui, icon: Icon) {
    let (rect, _) = ui.allocate_exact_size(vec2(44.0, 44.0), Sense::hover());
    let accent = tokens(ui).accent;
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.unicode(), theme::icons(40.0), accent);
}

/// Words in the middle, on as many lines as they need.
pub(super) fn words(ui: &mut Ui, text: &str, font: FontId, colour: Color32) {
    let text = egui::RichText::new(text).font(font).color(colour);
    ui.add(egui::Label::new(text).wrap().halign(egui::Align::Center));
}

/// A bar that is filled from the left; dimmed where bytes no longer move.
pub(super) fn progress(ui: &mut Ui, width: f32, share: f32, dimmed: bool) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 4.0), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, "Sent");
        info.value = Some(f64::from(share * 100.0));
        info
    });
    let fill = if dimmed { t.accent.lerp_to_gamma(t.window, 0.45) } else { t.accent };
    ui.painter().rect_filled(rect, CornerRadius::same(2), t.control);
    let filled = Rect::from_min_size(rect.min, vec2(rect.width() * share.clamp(0.0, 1.0), rect.height()));
    ui.painter().rect_filled(filled, CornerRadius::same(2), fill);
}

/// A provider's mark: its icon on its colour.
pub(super) fn mark(ui: &mut Ui, mark: &crate::provider::facts::Mark, size: f32) -> Rect {
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(size), Sense::hover());
    let [r, g, b] = mark.colour;
    ui.painter().rect_filled(rect, CornerRadius::same(7), Color32::from_rgb(r, g, b));
    let font = theme::icons(size * 0.57);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, mark.icon.unicode(), font, Color32::WHITE);
    rect
}

/// A dashed outline with round corners.
pub(super) fn dashed(ui: &Ui, rect: Rect, radius: f32, colour: Color32) {
    let mut points = vec![];
    let corners = [
        (rect.right_top() + vec2(-radius, radius), -90.0_f32),
        (rect.right_bottom() + vec2(-radius, -radius), 0.0),
        (rect.left_bottom() + vec2(radius, -radius), 90.0),
        (rect.left_top() + vec2(radius, radius), 180.0),
    ];
    for (centre, from) in corners {
        for step in 0..=6u8 {
            let angle = (from + f32::from(step) * 15.0).to_radians();
            points.push(centre + radius * vec2(angle.cos(), angle.sin()));
        }
    }
    points.push(points[0]);
    ui.painter().extend(egui::Shape::dashed_line(&points, Stroke::new(1.0, colour), 4.0, 3.0));
}
