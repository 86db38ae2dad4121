//! Menus and their lines.

use eframe::egui::{
    Align2, CornerRadius, Id, Key, Modifiers, Popup, Response, Role, Sense, SetOpenCommand, Ui, WidgetInfo,
    pos2, vec2,
};
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
        ui.data_mut(|data| data.get_temp_mut_or_default::<Vec<Id>>(lines()).push(response.id));
        // At first the menu is measured, unseen.
        if !ui.is_sizing_pass() && ui.data_mut(|data| data.remove_temp(wants_keyboard())) == Some(true) {
            response.request_focus();
        }
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

/// Shows a menu where something was clicked with the other button, or by Shift+F10 below what has the keyboard, which goes
/// to its first line then.
pub(in crate::ui) fn context_menu(response: &Response, least_width: f32, add: impl FnOnce(&mut Ui)) {
    let ctx = &response.ctx;
    let is_asked = response.has_focus() && ctx.input_mut(|i| i.consume_key(Modifiers::SHIFT, Key::F10));
    let by_keys = response.id.with("its menu was asked for by keys");
    let is_clicked = response.secondary_clicked(); // asked first: egui's state is locked below
    ctx.data_mut(|data| match (is_asked, is_clicked) {
        (true, _) => {
            data.insert_temp(by_keys, true);
            data.insert_temp(wants_keyboard(), true);
        }
        (false, true) => data.remove::<bool>(by_keys),
        (false, false) => {}
    });
    let popup = match ctx.data(|data| data.get_temp(by_keys)) {
        Some(true) => Popup::menu(response).open_memory(is_asked.then_some(SetOpenCommand::Bool(true))),
        _ => Popup::context_menu(response),
    };
    menu(popup, least_width, add);
}

/// Returns the name egui has for whether the first line of a menu is to have the keyboard.
fn wants_keyboard() -> Id {
    Id::unique("the menu wants the keyboard")
}

/// Shows a menu below a button, or where its popup says.
pub(in crate::ui) fn menu(popup: Popup<'_>, least_width: f32, add: impl FnOnce(&mut Ui)) {
    popup.show(|ui| {
        ui.set_min_width(least_width);
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.data_mut(|data| data.remove::<Vec<Id>>(lines()));
        add(ui);
        to_the_ends(ui);
    });
}

/// Moves the keyboard from a line of the menu to its first or its last one, by Home and End.
fn to_the_ends(ui: &Ui) {
    let all: Vec<Id> = ui.data_mut(|data| data.remove_temp(lines())).unwrap_or_default();
    if !ui.memory(|memory| memory.focused()).is_some_and(|focused| all.contains(&focused)) {
        return;
    }
    for (key, line) in [(Key::Home, all.first()), (Key::End, all.last())] {
        if let Some(line) = line
            && ui.input_mut(|input| input.consume_key(Modifiers::NONE, key))
        {
            ui.memory_mut(|memory| memory.request_focus(*line));
        }
    }
}

/// Returns the name egui has for the lines of the menu that is being drawn.
fn lines() -> Id {
    Id::unique("the lines of the menu")
}
