//! Providers that lists show when somebody asks for more: a button, and a search among them.

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::form;
use crate::session::api::provider::{self, ProviderSpec, Vendor};
use crate::ui::widgets::{Button, Weight};

/// Whether more are shown, and what is searched for among them.
#[derive(Default)]
pub(super) struct MoreProviders {
    is_open: bool,
    search: String,
}

impl MoreProviders {
    /// Draws the button, and below it the search; returns what is searched for, where more are shown.
    pub(super) fn show(&mut self, ui: &mut Ui, count: usize) -> Option<String> {
        if count == 0 {
            return None;
        }
        let icon = if self.is_open { Icon::ChevronUp } else { Icon::ChevronDown };
        let label = format!("More providers ({count})");
        if Button::new(Weight::Quiet, &label).icon(icon).show(ui).clicked() {
            self.is_open = !self.is_open;
        }
        if !self.is_open {
            return None;
        }
        form::text_field(ui, "Search providers", "Part of a name", "", &mut self.search);
        Some(self.search.trim().to_lowercase())
    }
}

/// Lists the vendors that lists do not show.
pub(super) fn other_vendors() -> Vec<&'static Vendor> {
    let shown = provider::shown_vendors();
    provider::vendors()
        .into_iter()
        .filter(|vendor| !shown.iter().any(|known| known.id == vendor.id))
        .collect()
}

/// Lists the providers of vendors that lists show, as far as these do not name them.
pub(super) fn unnamed_providers() -> Vec<&'static ProviderSpec> {
    let is_named = |facts: &ProviderSpec| {
        provider::offered_of(facts.vendor).iter().any(|offered| offered.id == facts.id)
    };
    let shown = provider::shown_vendors().into_iter().flat_map(provider::of_vendor);
    shown.filter(|facts| !is_named(facts)).collect()
}
