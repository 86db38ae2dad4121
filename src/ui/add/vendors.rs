//! The rows from which a vendor is chosen, or one of its providers.

use eframe::egui::{self, Align, Layout, Role, Sense, Ui, WidgetInfo, vec2};
use lucide_icons::Icon;

use super::{AddSheet, AddStep, more};
use crate::session::Session;
use crate::session::api::provider::{self, BrandMark, ProviderSpec, Vendor};
use crate::session::provider_groups::is_found;
use crate::ui::theme::{self, tokens};
use crate::ui::vendor_mark::vendor_mark;
use crate::ui::widgets::{choice_ground, icon_mark, line, mark};

impl AddSheet {
    /// Draws a row for each vendor. Where somebody asks for more there are those that lists do not show, too, and the
    /// providers that no row names; the chosen one always.
    pub(super) fn vendors(&mut self, ui: &mut Ui, session: &Session) {
        let is_listed =
            |vendor: &&'static Vendor| !session.keys.is_hidden_vendor(vendor) || vendor.id == self.vendor.id;
        for vendor in provider::shown_vendors().into_iter().filter(is_listed) {
            self.vendor_row(ui, session, vendor);
        }
        let others: Vec<_> = more::other_vendors().into_iter().filter(is_listed).collect();
        let unnamed: Vec<_> =
            more::unnamed_providers().into_iter().filter(|facts| !session.keys.is_hidden(facts)).collect();
        let search = self.more.show(ui, others.len() + unnamed.len());
        for vendor in others {
            let of_vendor = |search: &String| provider::of_vendor(vendor).any(|f| is_found(f, search));
            if search.as_ref().is_some_and(of_vendor) || (search.is_none() && vendor.id == self.vendor.id) {
                self.vendor_row(ui, session, vendor);
            }
        }
        for facts in unnamed {
            let is_chosen = self.wanted == Some(facts.id);
            if search.as_ref().map_or(is_chosen, |search| is_found(facts, search)) {
                self.provider_row(ui, session, facts);
            }
        }
    }

    fn vendor_row(&mut self, ui: &mut Ui, session: &Session, vendor: &'static Vendor) {
        let is_of_provider = more::unnamed_providers().iter().any(|facts| self.wanted == Some(facts.id));
        let chosen = self.vendor.id == vendor.id && !is_of_provider;
        let all = provider::offered_of(vendor);
        let more = provider::of_vendor(vendor).count() - all.len();
        let names = match all[..] {
            [one] if one.name == vendor.name => one.summary(),
            _ => all.iter().map(|f| f.name).collect::<Vec<_>>().join(", "),
        };
        let names = if more > 0 { format!("{names} and {more} more") } else { names };
        if choice_row(ui, vendor_mark(vendor), (vendor.name, &names), chosen) {
            self.choose_row(session, vendor, None);
        }
    }

    /// Draws a provider that its vendor's row does not name.
    fn provider_row(&mut self, ui: &mut Ui, session: &Session, facts: &'static ProviderSpec) {
        let chosen = self.wanted == Some(facts.id);
        let through = format!("with a key of {}", facts.vendor.name);
        if choice_row(ui, Some(&facts.mark), (facts.name, &through), chosen) {
            self.choose_row(session, facts.vendor, Some(facts.id));
        }
    }

    /// Takes the row that a person has chosen, unless a key is being checked.
    fn choose_row(&mut self, session: &Session, vendor: &'static Vendor, wanted: Option<&'static str>) {
        if !matches!(self.step, AddStep::Checking { .. }) {
            self.choose(session, vendor);
            self.vendor_chosen = true;
            self.wanted = wanted;
        }
    }
}

/// Draws one of the rows, with its name and a second line; true when it is pressed.
fn choice_row(
    ui: &mut Ui,
    brand: Option<&'static BrandMark>,
    (name, second): (&str, &str),
    chosen: bool,
) -> bool {
    let t = tokens(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, name));
    choice_ground(ui, rect, &response, chosen);
    let mut inside = ui.new_child(
        egui::UiBuilder::new()
            .max_rect(rect.shrink2(vec2(8.0, 6.0)))
            .layout(Layout::left_to_right(Align::Center)),
    );
    match brand {
        Some(of) => mark(&mut inside, of, 28.0),
        None => icon_mark(&mut inside, Icon::KeyRound, 28.0),
    };
    inside.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        line(ui, name, theme::strong(), t.text);
        line(ui, second, theme::secondary(), if chosen { t.text } else { t.dim });
    });
    response.clicked()
}
