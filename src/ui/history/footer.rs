//! Below the history: what is selected, and what can be done with all of it.

use eframe::egui::{self, Align, Id, Layout, Panel, Role, Ui, UiBuilder, WidgetInfo, accesskit};
use lucide_icons::Icon;

use super::entry::open_link;
use super::shown::HistoryView;
use crate::session::api::{provider, text};
use crate::session::copy;
use crate::session::copy_choices::copied_as;
use crate::ui::action::{Action, CopiedAt};
use crate::ui::copy_format_menu::{COPY_FORMAT_HINT, copy_format_menu};
use crate::ui::theme::{self, tokens};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, COPIED, Weight, fit_end, line};

/// With less room than this left, a button is its icon alone.
const ROOM_FOR_WORDS: f32 = 280.0;

/// Draws it. It is there as long as there is something to select: nothing moves when something is.
pub(in crate::ui) fn footer(
    ui: &mut Ui,
    view: &ViewContext<'_>,
    shown: &HistoryView,
    actions: &mut Vec<Action>,
) -> bool {
    if shown.len() == 0 {
        return false;
    }
    let frame = egui::Frame::new().fill(tokens(ui).panel).inner_margin(egui::Margin::symmetric(20, 0));
    Panel::bottom("footer").resizable(false).exact_size(56.0).frame(frame).show(ui, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            // Not before it is known what can be done: a button must not take the place of another one.
            if view.list.selection.len() > 0 && shown.picked.is_known() {
                buttons(ui, view, shown, actions);
            }
            let room = ui.available_width();
            // By a name of its own: it stays the same whatever buttons come up beside it.
            let id = Id::unique("what is selected in the history");
            let layout = Layout::top_down(Align::LEFT);
            ui.scope_builder(UiBuilder::new().scope_id(id).layout(layout), |ui| {
                ui.add_space(10.0);
                summary(ui, view, shown, room);
            });
        });
    });
    true
}

fn buttons(ui: &mut Ui, view: &ViewContext<'_>, shown: &HistoryView, actions: &mut Vec<Action>) {
    let known = shown.picked.known();
    let ids = || view.list.selection.in_order(shown.timeline());
    if known.tally.results.all > 0 {
        let format = view.session.keys.settings().copy_format;
        let copied = view.says_copied(&CopiedAt::Selection);
        let label = copy::label_of(view.session.keys.settings(), known.tally.results);
        let format_name = format!("Format: {}", copied_as(view.session.keys.settings()));
        let formats = Button::new(Weight::Secondary, "Format").named(&format_name).icon(Icon::ChevronDown);
        let formats = formats.compact(true).hint(COPY_FORMAT_HINT).show(ui);
        copy_format_menu(&formats, view.session, actions);
        let (icon, shown) = if copied { (Icon::Check, COPIED) } else { (Icon::Copy, label.as_str()) };
        if Button::new(Weight::Primary, shown).icon(icon).answering(&label).show(ui).clicked() {
            actions.push(Action::CopyItems(CopiedAt::Selection, ids(), format));
        }
    }
    let mut button = |ui: &mut Ui, icon: Icon, label: &str, action: &dyn Fn() -> Action| {
        let compact = ui.available_width() < ROOM_FOR_WORDS;
        if Button::new(Weight::Secondary, label).icon(icon).compact(compact).show(ui).clicked() {
            actions.push(action());
        }
    };
    if view.list.selection.len() > known.tally.on_their_way {
        button(ui, Icon::Trash2, "Remove", &|| Action::Forget(ids()));
    }
    button(ui, Icon::Send, "Send again to…", &|| Action::AskWhereAgain(ids()));
    let only = known.only.as_ref().filter(|only| view.list.selection.single() == Some(only.request.id));
    if let Some(only) = only {
        button(ui, Icon::PanelRight, "Details", &|| Action::ToggleDetails);
        button(ui, Icon::FolderOpen, "Reveal", &|| Action::Reveal(only.request.path.clone()));
        if let Some(link) = open_link(only) {
            button(ui, Icon::ExternalLink, "Open link", &|| Action::Browse(link.to_owned()));
        }
    }
}

/// Draws what is selected; screen readers hear it when it changes.
fn summary(ui: &mut Ui, view: &ViewContext<'_>, shown: &HistoryView, room: f32) {
    let t = tokens(ui);
    let selected = view.list.selection.len();
    let name =
        |id: &str| provider::by_id(id).map_or_else(|| text::sanitize(id), |p| p.facts().name.to_owned());
    let providers = &shown.picked.known().tally.providers;
    let (first, second, colour) = match (selected, providers.as_slice()) {
        (0, _) => ("Nothing selected".to_owned(), "Click an upload to select it".to_owned(), t.dim),
        (1, [(only, _)]) => ("1 selected".to_owned(), name(only), t.text),
        (n, all) => {
            let each: Vec<_> =
                all.iter().map(|(id, n)| format!("{} {}", name(id), text::thousands(*n as u64))).collect();
            (format!("{} selected", text::thousands(n as u64)), each.join(" · "), t.text)
        }
    };
    let fits = fit_end(ui, &first, &theme::strong(), room);
    let response = line(ui, &fits, theme::strong(), colour);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &first));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_live(accesskit::Live::Polite));
    let fits = fit_end(ui, &second, &theme::secondary(), room);
    line(ui, &fits, theme::secondary(), t.dim);
}
