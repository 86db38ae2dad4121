//! Left: the pages, and where files go.

use std::sync::Arc;

use eframe::egui::{
    self, Align, Align2, CornerRadius, Id, Layout, Panel, Rect, Response, Role, Sense, Ui, WidgetInfo, pos2,
    vec2,
};
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use super::action::{Action, Page};
use super::bidi::Reading;
use super::destination_menu;
use super::health;
use super::theme::{self, RADIUS_SIDE, tokens};
use super::watch_menu;
use super::widgets::{
    Button, WithTip, choice_ground, context_menu, dashed, fit_end, fit_middle, focus_ring, in_gutter,
    line_at, mark,
};
use crate::platform::drops::Hover;
use crate::session::api::{
    Destination, provider,
    text::{capitalized, sanitize, thousands},
};
use crate::session::{Session, choices};

/// How much of a destination is seen that does not accept what is held over the window.
const DIMMED: f32 = 0.4;
/// And of one that accepts some of it.
const PARTLY: f32 = 0.6;

/// Its width, and where the window is narrower than `theme::NARROW`.
const WIDTH: f32 = 236.0;
const WIDTH_NARROW: f32 = 60.0;

/// What is held over the window, and the destination that it is held over.
pub(super) type HeldOver<'a> = (&'a Hover, Option<&'a Destination>);

/// What the destinations need: lower than with room for one of them, everything scrolls together.
const LEAST_LIST: f32 = 56.0;

/// What stands around the destinations.
const OTHERS: f32 = 288.0;

/// Where the destinations of the sidebar are.
type Targets = Vec<(Rect, Arc<Destination>)>;

/// The sidebar of a frame.
struct Sidebar<'a> {
    session: &'a Session,
    page: Page,
    held: Option<HeldOver<'a>>,
    narrow: bool,
}

/// Shows it. While files are held over the window each destination is a target. Gives back where each destination is.
pub(super) fn show(
    ui: &mut Ui,
    session: &Session,
    page: Page,
    held: Option<HeldOver<'_>>,
    actions: &mut Vec<Action>,
) -> Targets {
    let narrow = ui.available_width() < theme::NARROW;
    let frame = egui::Frame::new().fill(tokens(ui).panel).inner_margin(egui::Margin::symmetric(10, 0));
    let sidebar = Sidebar { session, page, held, narrow };
    let panel = Panel::left("sidebar")
        .resizable(false)
        .exact_size(if narrow { WIDTH_NARROW } else { WIDTH })
        .frame(frame);
    let shown = panel.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        if ui.available_height() < OTHERS + LEAST_LIST {
            return sidebar.low(ui, actions);
        }
        sidebar.pages(ui, actions);
        let room = ui.available_height() - 60.0;
        let list = egui::ScrollArea::vertical().max_height(room).auto_shrink([false, true]);
        let follows = is_new(ui, session.keys.chosen().map(|chosen| chosen.name.as_str()), room);
        let targets =
            in_gutter(ui, |ui| list.show(ui, |ui| sidebar.destinations(ui, follows, actions)).inner);
        ui.with_layout(Layout::bottom_up(Align::LEFT), |ui| {
            ui.add_space(12.0);
            sidebar.page(ui, Page::Settings, actions);
        });
        targets
    });
    shown.inner
}

impl Sidebar<'_> {
    /// Draws everything below each other, where the window is too low to keep anything in its place.
    fn low(&self, ui: &mut Ui, actions: &mut Vec<Action>) -> Targets {
        let all = egui::ScrollArea::vertical().auto_shrink([false, false]);
        let shown = in_gutter(ui, |ui| {
            all.show(ui, |ui| {
                self.pages(ui, actions);
                let targets = self.destinations(ui, false, actions);
                ui.add_space(12.0);
                self.page(ui, Page::Settings, actions);
                ui.add_space(12.0);
                targets
            })
        });
        shown.inner
    }

    /// Draws the pages, and the line above the destinations.
    fn pages(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        logo(ui, self.narrow);
        for page in [Page::Upload, Page::History, Page::Keys, Page::Providers] {
            self.page(ui, page, actions);
        }
        ui.add_space(16.0);
        ui.horizontal(|ui| {
            if !self.narrow {
                ui.add_space(8.0);
                let caps = egui::RichText::new("SEND TO").font(theme::caps()).color(tokens(ui).faint);
                ui.add(egui::Label::new(caps.extra_letter_spacing(0.6)));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if Button::icon_only(Icon::Plus, "Add destination").small().show(ui).clicked() {
                    actions.push(Action::AddDestination);
                }
            });
        });
        ui.add_space(2.0);
    }

    fn page(&self, ui: &mut Ui, page: Page, actions: &mut Vec<Action>) {
        let count = match page {
            Page::Upload => self.session.uploads.queue().items().len(),
            Page::History => self.session.library.count() - self.session.library.not_sent(),
            Page::Keys | Page::Providers | Page::Settings => 0,
        };
        if page_row(ui, page, count, page == self.page, self.narrow).clicked() {
            actions.push(Action::Page(page));
        }
    }

    /// Draws the destinations. `follows`: the chosen one comes into sight.
    fn destinations(&self, ui: &mut Ui, follows: bool, actions: &mut Vec<Action>) -> Targets {
        let (session, now) = (self.session, Zoned::now());
        let mut targets = vec![];
        for (index, destination) in session.keys.destinations().iter().enumerate() {
            let chosen = session.keys.chosen().is_some_and(|c| Arc::ptr_eq(c, destination));
            let drop = self.held.map(|(hover, target)| match target {
                Some(target) if std::ptr::eq(target, Arc::as_ptr(destination)) => DropTarget::Aimed,
                _ => match choices::held_share(destination, &hover.types).accepted {
                    all if all == hover.known() => DropTarget::Open,
                    0 => DropTarget::Dimmed,
                    some => DropTarget::Partly(some, hover.known()),
                },
            });
            let health = health::at(session, destination, &now);
            let watches = watch_menu::label(session, destination);
            let account = session.keys.account_label(destination);
            let shown = RowMode { account, chosen, narrow: self.narrow, drop, watches };
            let (rect, response) = row(ui, index, destination, &health, shown, actions);
            if let Some(response) = response {
                if chosen && follows {
                    // At once: where a movement is overtaken by another one, it would end anywhere.
                    response.scroll_to_me_animation(None, egui::style::ScrollAnimation::none());
                }
                context_menu(&response, destination_menu::WIDTH, |ui| {
                    destination_menu::show(ui, session, destination, actions);
                });
            }
            let rect = rect.intersect(ui.clip_rect());
            if rect.is_positive() {
                targets.push((rect, Arc::clone(destination)));
            }
        }
        targets
    }
}

/// Returns whether another destination is chosen than in the frame before, or the room for them is another one: the chosen
/// one comes into sight.
fn is_new(ui: &Ui, chosen: Option<&str>, room: f32) -> bool {
    let shown = (Id::unique(chosen), room.round() as i32);
    let id = Id::unique("the chosen destination in its room");
    ui.data_mut(|data| data.get_temp_mut_or_default::<Option<(Id, i32)>>(id).replace(shown)) != Some(shown)
}

fn logo(ui: &mut Ui, narrow: bool) {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 48.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Heading, true, "Hoist"));
    let centre = pos2(rect.left() + if narrow { 20.0 } else { 18.0 }, rect.center().y);
    let painter = ui.painter();
    let head = vec![centre + vec2(0.0, -8.5), centre + vec2(8.5, 0.5), centre + vec2(-8.5, 0.5)];
    painter.add(egui::Shape::convex_polygon(head, t.accent, egui::Stroke::NONE));
    painter.rect_filled(
        Rect::from_center_size(centre + vec2(0.0, 2.0), vec2(8.0, 4.0)),
        CornerRadius::ZERO,
        t.accent,
    );
    for y in [5.5, 8.0] {
        painter.rect_filled(
            Rect::from_center_size(centre + vec2(0.0, y), vec2(8.0, 1.5)),
            CornerRadius::ZERO,
            t.accent,
        );
    }
    if !narrow {
        let at = pos2(rect.left() + 36.0, rect.center().y);
        painter.text(at, Align2::LEFT_CENTER, "Hoist", theme::semibold(15.0), t.text);
    }
}

fn page_row(ui: &mut Ui, page: Page, count: usize, chosen: bool, narrow: bool) -> egui::Response {
    let t = tokens(ui);
    let name = page.name();
    let icon = match page {
        Page::Upload => Icon::Upload,
        Page::History => Icon::History,
        Page::Keys => Icon::KeyRound,
        Page::Providers => Icon::Plug,
        Page::Settings => Icon::Settings,
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 32.0), Sense::click());
    let label = if count > 0 { format!("{name}, {}", thousands(count as u64)) } else { name.to_owned() };
    response.widget_info(|| WidgetInfo::labeled(Role::Tab, true, &label));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_selected(chosen));
    let painter = ui.painter();
    if chosen || response.hovered() {
        let ground = if chosen { t.control } else { t.raised };
        painter.rect_filled(rect, CornerRadius::same(RADIUS_SIDE), ground);
    }
    focus_ring(ui, rect, &response, RADIUS_SIDE);
    let ink = if chosen { t.text } else { t.dim };
    let at = pos2(rect.left() + if narrow { 20.0 } else { 17.0 }, rect.center().y);
    painter.text(at, Align2::CENTER_CENTER, icon.unicode(), theme::icons(15.0), ink);
    if narrow {
        return response.shown_tip(&label);
    }
    let at = pos2(rect.left() + 35.0, rect.center().y);
    painter.text(at, Align2::LEFT_CENTER, name, theme::strong(), ink);
    if count > 0 {
        let at = pos2(rect.right() - 9.0, rect.center().y);
        painter.text(at, Align2::RIGHT_CENTER, thousands(count as u64), theme::secondary(), t.dim);
    }
    response
}

/// How a destination is shown.
struct RowMode {
    /// What tells it from others of its provider.
    account: String,
    chosen: bool,
    /// As its mark alone.
    narrow: bool,
    /// While files are held over the window.
    drop: Option<DropTarget>,
    /// Which folders are watched for it, in words.
    watches: Option<String>,
}

/// What a destination is to files that are held over the window.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DropTarget {
    /// The files are over it.
    Aimed,
    /// It accepts them, as far as their names tell, some of them as copies.
    Open,
    /// It accepts so many of so many.
    Partly(usize, usize),
    /// It accepts none of them.
    Dimmed,
}

impl DropTarget {
    fn opacity(self) -> f32 {
        match self {
            DropTarget::Aimed | DropTarget::Open => 1.0,
            DropTarget::Partly(..) => PARTLY,
            DropTarget::Dimmed => DIMMED,
        }
    }
}

/// Draws it; gives back where it is, and its response.
fn row(
    ui: &mut Ui,
    index: usize,
    destination: &Destination,
    health: &health::HealthLabel,
    RowMode { account: second, chosen, narrow, drop, watches }: RowMode,
    actions: &mut Vec<Action>,
) -> (Rect, Option<Response>) {
    let t = tokens(ui);
    let Some(provider) = provider::by_id(&destination.provider) else { return (Rect::NOTHING, None) };
    let facts = provider.facts();
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 44.0), Sense::click());
    // One with a name of its own has that in its second line.
    let first =
        if second.starts_with(&*sanitize(&destination.name)) { facts.name } else { &destination.name };
    let name = format!("{first}, {second}");
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, &name));
    if response.clicked() {
        actions.push(Action::Choose(index));
    }
    ui.set_opacity(drop.map_or(1.0, DropTarget::opacity));
    // While files are held over the window the ground says where they would go, and the chosen one is as any other.
    choice_ground(ui, rect, &response, drop.map_or(chosen, |drop| drop == DropTarget::Aimed));
    if drop == Some(DropTarget::Aimed) {
        dashed(ui, rect.shrink(1.0), f32::from(RADIUS_SIDE), t.accent);
    }
    let mut inside = ui
        .new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(if narrow { 6.0 } else { 8.0 }, 8.0))));
    mark(&mut inside, &facts.mark, 28.0);
    let at = if narrow {
        pos2(rect.right() - 7.0, rect.top() + 9.0)
    } else {
        pos2(rect.right() - 12.0, rect.center().y)
    };
    ui.painter().circle_filled(at, 3.5, health.dot(ui));
    // Screen readers and who cannot tell the colours apart.
    let partly = match drop {
        Some(DropTarget::Partly(some, known)) => Some(format!("{some} of {known} accepted")),
        _ => None,
    };
    let state = [partly.clone(), Some(health.short.clone()), watches.clone()];
    let state = state.into_iter().flatten().collect::<Vec<_>>().join(". ");
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(state.clone()));
    if let Some(left) = health.until.map(|until| until.duration_since(Timestamp::now())) {
        ui.ctx().request_repaint_after(left.try_into().unwrap_or_default());
    }
    let expiry = facts.expiry().map(|expiry| capitalized(&expiry));
    let long = [Some(health.long.clone()), expiry, watches.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join("\n");
    if narrow {
        response.clone().tip(format!("{name}\n{long}"));
        return (rect, Some(response));
    }
    let room = rect.width() - if watches.is_some() { 94.0 } else { 74.0 };
    if watches.is_some() {
        let at = pos2(rect.right() - 27.0, rect.center().y);
        let icon = Icon::FolderSync.unicode();
        ui.painter().text(at, Align2::CENTER_CENTER, icon, theme::icons(13.0), t.dim);
    }
    let (first_font, second_font) = (theme::strong(), theme::secondary());
    let first = fit_middle(ui, facts.name, &first_font, room);
    let second = partly.unwrap_or(second);
    let second_text = fit_end(ui, &second, &second_font, room);
    let dim = if chosen { t.text } else { t.dim };
    let painter = ui.painter();
    painter.text(pos2(rect.left() + 46.0, rect.top() + 15.0), Align2::LEFT_CENTER, first, first_font, t.text);
    let at = pos2(rect.left() + 46.0, rect.top() + 31.0);
    line_at(ui, at, &second_text, Reading::Name, (second_font, dim));
    response.clone().tip(format!("{}\n{}\n{long}", destination.name, facts.summary()));
    (rect, Some(response))
}
