//! The search among all providers, and the button that lists those which are shown when somebody asks for more.

use eframe::egui::Ui;
use lucide_icons::Icon;

use super::form;
use crate::session::api::provider::{self, ProviderSpec, Vendor};
use crate::ui::widgets::{Button, Weight};

/// Whether more are listed, and what is searched for.
#[derive(Default)]
pub(super) struct MoreProviders {
    is_open: bool,
    search: String,
}

impl MoreProviders {
    /// Draws the search; returns whether its text has changed. `has_keyboard`: what is typed goes there, as long as nothing
    /// else has the keyboard.
    pub(super) fn search_field(&mut self, ui: &mut Ui, has_keyboard: bool) -> bool {
        let field = form::text_field(ui, "Search providers", "Part of a name", "", &mut self.search);
        if has_keyboard && !ui.memory(|memory| memory.focused().is_some()) {
            field.request_focus();
        }
        field.changed()
    }

    /// Returns what is searched for, in lower case; none where nothing is.
    pub(super) fn wanted(&self) -> Option<String> {
        Some(self.search.trim().to_lowercase()).filter(|search| !search.is_empty())
    }

    /// Lists no more than usual again.
    pub(super) fn close(&mut self) {
        self.is_open = false;
    }

    /// Draws the button that lists so many more; returns whether they are listed.
    pub(super) fn button(&mut self, ui: &mut Ui, count: usize) -> bool {
        let icon = if self.is_open { Icon::ChevronUp } else { Icon::ChevronDown };
        let label = format!("More providers ({count})");
        if Button::new(Weight::Quiet, &label).icon(icon).show(ui).clicked() {
            self.is_open = !self.is_open;
        }
        self.is_open
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

/// Lists the providers of a vendor that have no row of their own.
pub(super) fn named_by(vendor: &Vendor) -> Vec<&'static ProviderSpec> {
    let unnamed = unnamed_providers();
    provider::of_vendor(vendor).filter(|facts| !unnamed.iter().any(|other| other.id == facts.id)).collect()
}

/// Lists the providers of vendors that lists show, as far as these do not name them.
pub(super) fn unnamed_providers() -> Vec<&'static ProviderSpec> {
    let is_named = |facts: &ProviderSpec| {
        provider::offered_of(facts.vendor).iter().any(|offered| offered.id == facts.id)
    };
    let shown = provider::shown_vendors().into_iter().flat_map(provider::of_vendor);
    shown.filter(|facts| !is_named(facts)).collect()
}
