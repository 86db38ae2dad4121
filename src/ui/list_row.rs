//! A file in a list as pointer, keyboard and screen readers meet it: the same in the queue and in the history.

use eframe::egui::{EventFilter, Id, PointerButton, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo};

use super::action::{Action, SelectMode};
use super::selection::FileOrder;
use super::view_context::ViewContext;
use crate::session::api::UploadId;

/// Which file is drawn, and where.
pub(super) struct ListRow<'a> {
    pub(super) id: UploadId,
    pub(super) index: usize,
    pub(super) rect: Rect,
    pub(super) order: &'a dyn FileOrder,
    /// There are others at its sides.
    pub(super) in_grid: bool,
    /// It can be dragged to another place.
    pub(super) can_be_dragged: bool,
}

/// Draws a list of so many files around its rows: they are its children, so that a screen reader says of each at which of
/// how many it is. Its name in egui is its own: what is in it stays the same whatever appears beside it.
pub(super) fn show_list<R>(
    ui: &mut Ui,
    id: Id,
    name: &str,
    count: usize,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    let list = UiBuilder::new().scope_id(id).accessibility_role(Role::List).accessibility_label(name);
    let shown = ui.scope_builder(list, |ui| {
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_size_of_set(count);
            node.set_multiselectable();
        });
        add(ui)
    });
    shown.response.widget_info(|| WidgetInfo::labeled(Role::List, true, name));
    shown.inner
}

impl ListRow<'_> {
    /// Reads what is done with it: what is clicked is selected, and what has the keyboard is. `name` is what a screen
    /// reader says.
    pub(super) fn show(
        &self,
        ui: &Ui,
        view: &ViewContext<'_>,
        name: impl Fn() -> String,
        actions: &mut Vec<Action>,
    ) -> Response {
        let id = self.id;
        let selected = view.list.selection.has(id);
        // The keyboard comes to one row of the list, and goes on from there by arrows.
        let sense = if view.list.is_at(id, self.order) { Sense::click() } else { Sense::CLICK };
        let drag = if self.can_be_dragged { Sense::DRAG } else { Sense::empty() };
        let response = ui.interact(self.rect, view.list.row_id(id), sense | drag);
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, name()));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(selected);
            node.set_position_in_set(self.index);
        });
        if response.has_focus() {
            let arrows = EventFilter {
                vertical_arrows: true,
                horizontal_arrows: self.in_grid,
                ..EventFilter::default()
            };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
        }
        // By Tab or a screen reader: what has the keyboard is what is selected.
        let came = response.gained_focus() && view.list.row_focus != Some(id);
        if came && !selected {
            actions.push(Action::Select(id, SelectMode::Only));
        }
        if response.clicked_by(PointerButton::Primary) {
            let (shift, ctrl) = ui.input(|input| (input.modifiers.shift, input.modifiers.command));
            let mode = match (shift, ctrl) {
                (true, _) => SelectMode::Range,
                (false, true) => SelectMode::Toggle,
                (false, false) => SelectMode::Only,
            };
            actions.push(Action::Select(id, mode));
        } else if response.clicked() {
            // Space, Enter, or a screen reader.
            actions.push(if selected { Action::DetailsByKey } else { Action::Select(id, SelectMode::Only) });
        }
        if response.double_clicked() {
            actions.push(Action::Details);
        }
        if response.secondary_clicked() && !selected {
            actions.push(Action::Select(id, SelectMode::Only));
        }
        response
    }
}
