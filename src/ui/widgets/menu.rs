//! Menus and their lines.

use eframe::egui::{Align2, CornerRadius, Popup, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};
use lucide_icons::Icon;

use super::focus::focus_ring;
use super::layout::line_galley;
use crate::ui::bidi::Reading;
use crate::ui::theme::{self, RADIUS, tokens};

/// A line of a menu, as wide as the menu.
pub(in crate::ui) struct MenuItem<'a> {
    icon: Icon,
    label: &'a str,
    chosen: Option<bool>,
    keys: String,
}

impl<'a> MenuItem<'a> {
    pub(in crate::ui) fn new(icon: Icon, label: &'a str) -> MenuItem<'a> {
        MenuItem { icon, label, chosen: None, keys: String::new() }
    }

    /// Makes one of several to choose from: the icon shows only on the one that is chosen.
    pub(in crate::ui) fn choice(label: &'a str, chosen: bool) -> MenuItem<'a> {
        MenuItem { chosen: Some(chosen), ..MenuItem::new(Icon::Check, label) }
    }

    /// Adds the keys that do the same.
    pub(in crate::ui) fn keys(self, keys: String) -> MenuItem<'a> {
        MenuItem { keys, ..self }
    }

    pub(in crate::ui) fn show(self, ui: &mut Ui) -> Response {
        let t = tokens(ui);
        let text = line_galley(ui, self.label, Reading::Sentence, (theme::strong(), t.text));
        let keys = ui.painter().layout_no_wrap(self.keys, theme::secondary(), t.dim);
        let gap = if keys.size().x > 0.0 { 28.0 } else { 0.0 };
        let own = text.size().x + gap + keys.size().x + 44.0;
        // At first the menu asks how wide it must be.
        let width = if ui.is_sizing_pass() { own } else { own.max(ui.available_width()) };
        let (rect, response) = ui.allocate_exact_size(vec2(width, theme::CONTROL), Sense::click());
        response.widget_info(|| match self.chosen {
            Some(chosen) => WidgetInfo::selected(Role::MenuItemRadio, true, chosen, self.label),
            None => WidgetInfo::labeled(Role::MenuItem, true, self.label),
        });
        let painter = ui.painter();
        if response.hovered() {
            painter.rect_filled(rect, CornerRadius::same(RADIUS), t.control);
        }
        focus_ring(ui, rect, &response, RADIUS);
        if self.chosen != Some(false) {
            let at = pos2(rect.left() + 18.0, rect.center().y);
            painter.text(at, Align2::CENTER_CENTER, self.icon.unicode(), theme::icons(15.0), t.dim);
        }
        let y = rect.center().y;
        painter.galley(pos2(rect.right() - 10.0 - keys.size().x, y - keys.size().y / 2.0), keys, t.dim);
        painter.galley(pos2(rect.left() + 34.0, y - text.size().y / 2.0), text, t.text);
        response
    }
}

/// Shows a menu below a button, or where something was clicked with the other button.
pub(in crate::ui) fn menu(popup: Popup<'_>, least_width: f32, add: impl FnOnce(&mut Ui)) {
    popup.show(|ui| {
        ui.set_min_width(least_width);
        ui.spacing_mut().item_spacing.y = 0.0;
        add(ui);
    });
}
