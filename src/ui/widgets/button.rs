//! Buttons.

use std::sync::Arc;

use eframe::egui::{
    Align2, Color32, Context, CornerRadius, Galley, Id, Popup, Pos2, Response, Role, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};
use lucide_icons::Icon;

use super::focus::{focus_ring, follow};
use super::layout::{line_galley, text_width};
use super::tip::WithTip;
use crate::ui::bidi::Reading;
use crate::ui::theme::{self, RADIUS, tokens};

/// How much a button wants to be pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) enum Weight {
    /// The one thing to do.
    Primary,
    /// One of several.
    Secondary,
    /// An icon at the edge.
    Quiet,
    /// What cannot be undone.
    Danger,
}

/// Whoever clicks again within this time, in seconds, and in the same place, means what stood there before: the second half
/// of a double click presses no other button that has come there.
pub(in crate::ui) const SECOND_CLICK: f64 = 0.4;

/// The pointer has not moved, though a hand is never quite still.
pub(in crate::ui) const SAME_PLACE: f32 = 8.0;

/// The button that the pointer pressed last.
#[derive(Clone, Copy)]
struct LastPress {
    /// What was seen of it.
    face: Id,
    at: Pos2,
    /// In egui's time.
    time: f64,
}

impl LastPress {
    fn id() -> Id {
        Id::unique("the button that was pressed last")
    }

    fn note(face: Id, ctx: &Context) {
        let now = ctx.input(|input| Some((input.pointer.interact_pos()?, input.time)));
        if let Some((at, time)) = now {
            ctx.data_mut(|data| data.insert_temp(LastPress::id(), LastPress { face, at, time }));
        }
    }

    /// Returns whether a click would be the second one of a double click on another button.
    fn is_of_another(face: Id, ctx: &Context) -> bool {
        let Some(last) = ctx.data(|data| data.get_temp::<LastPress>(LastPress::id())) else { return false };
        let (time, at) = ctx.input(|input| (input.time, input.pointer.interact_pos()));
        last.face != face
            && time - last.time < SECOND_CLICK
            && at.is_some_and(|at| at.distance(last.at) < SAME_PLACE)
    }
}

/// Has Enter press this, where the keyboard is at it, and mean nothing else.
pub(in crate::ui) fn presses_enter(response: &Response) {
    if response.has_focus() {
        response.ctx.data_mut(|data| data.insert_temp(pressed_by_enter(), response.id));
    }
}

/// Returns whether what has the keyboard is something that Enter presses.
pub(super) fn is_button(ctx: &Context, focused: Id) -> bool {
    ctx.data(|data| data.get_temp(pressed_by_enter())) == Some(focused)
}

fn pressed_by_enter() -> Id {
    Id::unique("the button at which the keyboard is")
}

/// What a button says that has copied something.
pub(in crate::ui) const COPIED: &str = "Copied";

/// Size of an icon.
const ICON: f32 = 15.0;

/// What a button consists of, from the left to the right.
struct ButtonParts {
    pad: f32,
    /// The icon, and what is between it and the label.
    before_text: f32,
    text: Arc<Galley>,
    width: f32,
}

/// A button with an icon, a label, or both.
pub(in crate::ui) struct Button<'a> {
    weight: Weight,
    icon: Option<Icon>,
    after: Option<Icon>,
    label: &'a str,
    name: &'a str,
    hint: Option<&'a str>,
    enabled: bool,
    keyboard: bool,
    /// It has just come below a pointer that rested.
    not_meant: bool,
    drawn: bool,
    height: f32,
    usual: Option<&'a str>,
}

impl<'a> Button<'a> {
    pub(in crate::ui) fn new(weight: Weight, label: &'a str) -> Button<'a> {
        Button {
            weight,
            icon: None,
            after: None,
            label,
            name: label,
            hint: None,
            enabled: true,
            keyboard: true,
            not_meant: false,
            drawn: true,
            height: 30.0,
            usual: None,
        }
    }

    /// Makes a button of an icon alone; `name` is what it is called.
    pub(in crate::ui) fn icon_only(icon: Icon, name: &'a str) -> Button<'a> {
        Button { icon: Some(icon), label: "", ..Button::new(Weight::Quiet, name) }
    }

    pub(in crate::ui) fn icon(self, icon: Icon) -> Button<'a> {
        Button { icon: Some(icon), ..self }
    }

    /// Puts an icon behind the label.
    pub(in crate::ui) fn after(self, icon: Icon) -> Button<'a> {
        Button { after: Some(icon), ..self }
    }

    /// Leaves out its label, where there is no room for it; the icon must tell.
    pub(in crate::ui) fn compact(self, compact: bool) -> Button<'a> {
        if compact { Button { label: "", ..self } } else { self }
    }

    /// Adds what to know before pressing it: shown where the pointer rests, and told by screen readers.
    pub(in crate::ui) fn hint(self, hint: &'a str) -> Button<'a> {
        Button { hint: Some(hint), ..self }
    }

    /// Sets what screen readers say, where the label alone does not tell.
    pub(in crate::ui) fn named(self, name: &'a str) -> Button<'a> {
        Button { name, ..self }
    }

    pub(in crate::ui) fn enabled(self, enabled: bool) -> Button<'a> {
        Button { enabled, ..self }
    }

    /// Returns whether the keyboard comes to it. It can always be clicked, and pressed by screen readers.
    pub(in crate::ui) fn keyboard(self, keyboard: bool) -> Button<'a> {
        Button { keyboard, ..self }
    }

    /// Returns whether it is drawn though neither the keyboard is at it nor its menu open. It can always be pressed.
    pub(in crate::ui) fn drawn(self, drawn: bool) -> Button<'a> {
        Button { drawn, ..self }
    }

    pub(in crate::ui) fn small(self) -> Button<'a> {
        Button { height: 26.0, ..self }
    }

    /// Has it ignore the pointer: it has just come below it.
    pub(in crate::ui) fn not_meant(self, not_meant: bool) -> Button<'a> {
        Button { not_meant, ..self }
    }

    /// Makes it as wide as with this label and as with "Copied", which it says for a while: what is beside it does not
    /// move.
    pub(in crate::ui) fn answering(self, usual: &'a str) -> Button<'a> {
        Button { usual: Some(usual), ..self }
    }

    /// Returns how wide it is.
    pub(in crate::ui) fn width(&self, ui: &Ui) -> f32 {
        self.measure(ui).width
    }

    fn measure(&self, ui: &Ui) -> ButtonParts {
        let font = if self.weight == Weight::Primary { theme::semibold(13.0) } else { theme::strong() };
        let text = line_galley(ui, self.label, Reading::Sentence, (font.clone(), Color32::PLACEHOLDER));
        let icon = if self.icon.is_some() { ICON } else { 0.0 };
        let gap = if self.icon.is_some() && !self.label.is_empty() { 7.0 } else { 0.0 };
        let pad = match (self.label.is_empty(), self.weight) {
            (true, Weight::Quiet) => (self.height - icon) / 2.0,
            (true, _) => 10.0,
            (false, _) => 12.0,
        };
        let after = if self.after.is_some() { 22.0 } else { 0.0 };
        let others =
            self.usual.filter(|_| !self.label.is_empty()).into_iter().flat_map(|usual| [usual, COPIED]);
        let widest = others.map(|label| text_width(ui, label, &font)).fold(text.size().x, f32::max);
        let more = widest - text.size().x;
        let width = icon + gap + widest + after + 2.0 * pad;
        ButtonParts { pad: pad + more / 2.0, before_text: icon + gap, text, width }
    }

    /// Returns whether its name has what is seen of it: who speaks to a computer says what stands there.
    fn says_what_it_is_called(&self) -> bool {
        self.label == COPIED || self.label.split('…').all(|part| self.name.contains(part))
    }

    pub(in crate::ui) fn show(self, ui: &mut Ui) -> Response {
        debug_assert!(self.says_what_it_is_called(), "{} is called {}", self.label, self.name);
        let t = tokens(ui);
        let (ink, ground, line) = match self.weight {
            Weight::Primary => (t.on_accent, t.accent, t.accent),
            Weight::Secondary => (t.text, t.raised, t.line),
            Weight::Quiet => (t.dim, Color32::TRANSPARENT, Color32::TRANSPARENT),
            Weight::Danger => (t.bad, t.raised, t.line),
        };
        let ButtonParts { pad, before_text, text, width } = self.measure(ui);
        let size = vec2(width, self.height);
        let face = Id::unique((self.label, self.icon.map(Icon::unicode)));
        let not_meant = self.not_meant || LastPress::is_of_another(face, ui.ctx());
        let sense = match (self.enabled, self.keyboard) {
            (true, true) if not_meant => Sense::focusable_noninteractive(),
            (true, false) if not_meant => Sense::hover(),
            (true, true) => Sense::click(),
            (true, false) => Sense::CLICK,
            (false, _) => Sense::hover(),
        };
        let (rect, response) = ui.allocate_exact_size(size, sense);
        if response.clicked() && ui.input(|input| input.pointer.any_released()) {
            LastPress::note(face, ui.ctx());
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Button, self.enabled, self.name));
        follow(&response);
        presses_enter(&response);
        let has_menu = || Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
        if ui.is_rect_visible(rect) && (self.drawn || response.has_focus() || has_menu()) {
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
            let x = rect.left() + pad;
            let ink = ink.gamma_multiply(fade);
            if let Some(icon) = self.icon {
                let at = pos2(x + ICON / 2.0, rect.center().y);
                painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(ICON), ink);
            }
            let at = pos2(x + before_text, rect.center().y - text.size().y / 2.0);
            painter.galley_with_override_text_color(at, text, ink);
            if let Some(icon) = self.after {
                let at = pos2(rect.right() - pad - 6.0, rect.center().y);
                painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(15.0), ink);
            }
        }
        match self.hint {
            // Where its label is not drawn, the tip has it, too.
            Some(hint) if self.label.is_empty() => response.tip_named(self.name, hint),
            Some(hint) => response.tip(hint),
            None if self.name == self.label => response,
            // Not `tip`: that would make screen readers say the name twice.
            None => response.shown_tip(self.name),
        }
    }
}
