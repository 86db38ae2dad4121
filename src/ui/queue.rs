//! The middle: the files, or the place to drop them.

use eframe::egui::{self, CentralPanel, CornerRadius, Rect, Role, ScrollArea, Sense, Ui, WidgetInfo, vec2};
use lucide_icons::Icon;

use super::action::Action;
use super::app::Seen;
use super::row;
use super::theme::{self, RADIUS_ZONE, tokens};
use super::widgets::{Button, Weight, big_icon, dashed, middle, words};
use crate::model::destination::Destination;
use crate::model::text;
use crate::platform::drops::Hover;
use crate::provider;

pub(super) fn show(ui: &mut Ui, seen: &mut Seen<'_>, hover: Option<&Hover>, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let empty = seen.session.queue().items().is_empty();
    let margin =
        if empty || hover.is_some() { egui::Margin::same(20) } else { egui::Margin::symmetric(12, 8) };
    CentralPanel::default().frame(egui::Frame::new().fill(t.window).inner_margin(margin)).show(
        ui,
        |ui| match (hover, empty) {
            (Some(hover), _) => held_over(ui, seen, hover),
            (None, true) => nothing(ui, seen, actions),
            (None, false) => list(ui, seen, actions),
        },
    );
}

/// Where files go, as a name: "Google Flow · jane@example.com".
fn full_name(destination: &Destination) -> String {
    let name = provider::by_id(&destination.provider).map_or("", |p| p.facts().name);
    format!("{name} · {}", destination.account_label())
}

fn zone(ui: &mut Ui, lit: bool) -> Rect {
    let t = tokens(ui);
    let rect = ui.available_rect_before_wrap();
    let (ground, line) = if lit { (t.accent_ground, t.accent) } else { (t.panel, t.line) };
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS_ZONE), ground);
    dashed(ui, rect, f32::from(RADIUS_ZONE), line);
    rect
}

fn held_over(ui: &mut Ui, seen: &Seen<'_>, hover: &Hover) {
    let t = tokens(ui);
    let rect = zone(ui, true);
    middle(ui, rect, 110.0, |ui| {
        big_icon(ui, Icon::Download);
        ui.add_space(6.0);
        let count = text::count(hover.count, "file");
        let kinds: Vec<_> = hover.kinds.iter().map(|(kind, n)| kind.count(*n)).collect();
        match seen.session.chosen() {
            Some(destination) => {
                let name = provider::by_id(&destination.provider).map_or("", |p| p.facts().name);
                words(ui, &format!("Drop {count} for {name}"), theme::semibold(19.0), t.text);
                let second = [kinds.join(", "), destination.account_label().to_owned()];
                let second: Vec<_> = second.into_iter().filter(|s| !s.is_empty()).collect();
                words(ui, &second.join(" · "), theme::regular(13.0), t.text);
            }
            None => {
                words(ui, &format!("Drop {count}"), theme::semibold(19.0), t.text);
                words(ui, "Then add the key of the service they go to", theme::regular(13.0), t.text);
            }
        }
    });
}

fn nothing(ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
    let t = tokens(ui);
    let rect = zone(ui, false);
    middle(ui, rect, 186.0, |ui| {
        big_icon(ui, Icon::Download);
        ui.add_space(6.0);
        let Some(destination) = seen.session.chosen() else {
            words(ui, "Where should files go?", theme::semibold(19.0), t.text);
            words(
                ui,
                "Add a service and its API key: it is kept in this computer's keyring",
                theme::regular(13.0),
                t.dim,
            );
            ui.add_space(12.0);
            if Button::new(Weight::Primary, "Add a destination").icon(Icon::Plus).show(ui).clicked() {
                actions.push(Action::AddDestination);
            }
            ui.add_space(12.0);
            words(ui, "To try it without a key, start it with --sandbox", theme::regular(12.0), t.faint);
            return;
        };
        let kinds = provider::by_id(&destination.provider).map(|p| p.facts().kinds()).unwrap_or_default();
        words(ui, &format!("Drop {kinds} here"), theme::semibold(19.0), t.text);
        words(ui, &format!("for {}", full_name(destination)), theme::regular(13.0), t.dim);
        ui.add_space(12.0);
        if Button::new(Weight::Primary, "Choose files").icon(Icon::FolderOpen).show(ui).clicked() {
            actions.push(Action::ChooseFiles);
        }
        ui.add_space(12.0);
        words(ui, "Nothing is sent until you press Upload", theme::regular(12.0), t.faint);
    });
}

fn list(ui: &mut Ui, seen: &mut Seen<'_>, actions: &mut Vec<Action>) {
    ui.spacing_mut().item_spacing.y = row::GAP;
    let session = seen.session;
    let items = session.queue().items();
    ScrollArea::vertical().auto_shrink([false, false]).show_rows(
        ui,
        row::HEIGHT,
        items.len(),
        |ui, range| {
            for item in &items[range] {
                let (rect, _) =
                    ui.allocate_exact_size(vec2(ui.available_width(), row::HEIGHT), Sense::hover());
                row::show(ui, rect, item, seen, actions);
            }
        },
    );
    let list = ui.interact(ui.min_rect(), ui.scope_id().with("files"), Sense::hover());
    list.widget_info(|| WidgetInfo::labeled(Role::List, true, text::count(items.len(), "file")));
}
