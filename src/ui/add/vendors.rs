//! The rows from which a vendor is chosen, or one of its providers.

use eframe::egui::{self, Align, Layout, Role, Sense, Ui, WidgetInfo, vec2};
use lucide_icons::Icon;

use super::{AddSheet, AddStep, Purpose, more};
use crate::session::Session;
use crate::session::api::provider::{self, BrandMark, ProviderSpec, Vendor};
use crate::session::provider_groups::is_found;
use crate::ui::action::KeyChoice;
use crate::ui::theme::{self, tokens};
use crate::ui::vendor_mark::vendor_mark;
use crate::ui::widgets::{choice_ground, icon_mark, line, mark};

/// So many are listed of what is searched for: no more than stand there at first, so that the sheet stays where it is.
const MAX_FOUND: usize = 3;

impl AddSheet {
    /// Draws the search and a row for each vendor. Where somebody asks for more there are those that lists do not show, too,
    /// and the providers that no row names; the chosen one always. What is searched for is all that is listed then, and the
    /// first that is found is chosen.
    pub(super) fn vendors(&mut self, ui: &mut Ui, session: &Session) {
        let shown = choices(provider::shown_vendors(), vec![]);
        let more = choices(more::other_vendors(), more::unnamed_providers());
        let asks_for_key = self.purpose == Purpose::NewKey;
        let is_listed = |choice: &VendorChoice| match choice {
            VendorChoice::Vendor(vendor) if asks_for_key && !vendor.needs_key() => false,
            VendorChoice::Vendor(vendor) => {
                !session.keys.is_hidden_vendor(vendor) || vendor.id == self.vendor.id
            }
            VendorChoice::Provider(facts) => !session.keys.is_hidden(facts),
        };
        let shown: Vec<_> = shown.into_iter().filter(is_listed).collect();
        let more: Vec<_> = more.into_iter().filter(is_listed).collect();
        let types_a_key = !matches!(self.choice, KeyChoice::Use(_));
        let has_changed = !more.is_empty() && self.more.search_field(ui, !types_a_key);
        if let Some(search) = self.more.wanted() {
            let found = shown.into_iter().chain(more).filter(|choice| choice.is_found(&search));
            let found: Vec<_> = found.collect();
            if let (true, Some(first)) = (has_changed, found.first()) {
                self.choose_row(session, *first);
            }
            for choice in found.iter().take(MAX_FOUND) {
                self.row(ui, session, *choice);
            }
            let more = found.len().saturating_sub(MAX_FOUND);
            let sentence = match more {
                0 if found.is_empty() => "No provider has this in its name".to_owned(),
                0 => return,
                more => format!("and {more} more: type on"),
            };
            line(ui, &sentence, theme::secondary(), tokens(ui).dim);
            return;
        }
        for choice in shown {
            self.row(ui, session, choice);
        }
        let lists_more = !more.is_empty() && self.more.button(ui, more.len());
        for choice in more {
            if lists_more || self.is_chosen(choice) {
                self.row(ui, session, choice);
            }
        }
    }

    /// Returns whether a row is the chosen one: a vendor's is not where one of the providers is chosen that it does not name.
    fn is_chosen(&self, choice: VendorChoice) -> bool {
        let is_wanted = |facts: &ProviderSpec| self.wanted == Some(facts.id);
        match choice {
            VendorChoice::Vendor(vendor) => {
                self.vendor.id == vendor.id && !more::unnamed_providers().into_iter().any(is_wanted)
            }
            VendorChoice::Provider(facts) => is_wanted(facts),
        }
    }

    fn row(&mut self, ui: &mut Ui, session: &Session, choice: VendorChoice) {
        let is_chosen = self.is_chosen(choice);
        let is_pressed = match choice {
            VendorChoice::Vendor(vendor) => {
                choice_row(ui, vendor_mark(vendor), (vendor.name, &provider_names(vendor)), is_chosen)
            }
            VendorChoice::Provider(facts) => {
                let through = format!("with a key of {}", facts.vendor.name);
                choice_row(ui, Some(&facts.mark), (facts.name, &through), is_chosen)
            }
        };
        if is_pressed {
            self.choose_row(session, choice);
        }
    }

    /// Returns the one provider of a vendor that is searched for, where the vendor has others, too.
    fn searched_provider(&self, vendor: &Vendor) -> Option<&'static str> {
        let search = self.more.wanted()?;
        let named = more::named_by(vendor);
        let mut found = named.iter().filter(|facts| is_found(facts, &search));
        let first = found.next().filter(|_| named.len() > 1)?;
        found.next().is_none().then_some(first.id)
    }

    /// Takes the row that a person has chosen, unless a key is being checked.
    fn choose_row(&mut self, session: &Session, choice: VendorChoice) {
        if !matches!(self.step, AddStep::Checking { .. }) {
            let (vendor, wanted) = match choice {
                VendorChoice::Vendor(vendor) => (vendor, self.searched_provider(vendor)),
                VendorChoice::Provider(facts) => (facts.vendor, Some(facts.id)),
            };
            self.choose(session, vendor);
            self.more.close(); // the key is asked for below
            self.vendor_chosen = true;
            self.wanted = wanted;
        }
    }
}

/// What a row stands for.
#[derive(Clone, Copy)]
enum VendorChoice {
    Vendor(&'static Vendor),
    /// A provider that its vendor's row does not name.
    Provider(&'static ProviderSpec),
}

impl VendorChoice {
    fn is_found(&self, search: &str) -> bool {
        match self {
            // What has a row of its own is not found by its vendor's.
            VendorChoice::Vendor(vendor) => {
                more::named_by(vendor).into_iter().any(|facts| is_found(facts, search))
            }
            VendorChoice::Provider(facts) => is_found(facts, search),
        }
    }
}

fn choices(vendors: Vec<&'static Vendor>, providers: Vec<&'static ProviderSpec>) -> Vec<VendorChoice> {
    let vendors = vendors.into_iter().map(VendorChoice::Vendor);
    vendors.chain(providers.into_iter().map(VendorChoice::Provider)).collect()
}

/// Returns the names of a vendor's providers, as far as a row names them.
fn provider_names(vendor: &'static Vendor) -> String {
    let all = provider::offered_of(vendor);
    let more = provider::of_vendor(vendor).count() - all.len();
    let names = match all[..] {
        [one] if one.name == vendor.name => one.summary(),
        _ => all.iter().map(|facts| facts.name).collect::<Vec<_>>().join(", "),
    };
    if more > 0 { format!("{names} and {more} more") } else { names }
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
