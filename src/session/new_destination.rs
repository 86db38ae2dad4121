//! A destination that is to be saved, and its way into the settings.

use std::collections::BTreeMap;

use crate::model::destination::Destination;
use crate::model::fit::FitRules;
use crate::provider;
use crate::provider::spec::Vendor;
use crate::store::settings::Settings;

/// A destination to be saved; its name is made from the provider and the account, or the key's label, where none is given.
#[derive(Clone, Debug)]
pub struct NewDestination {
    /// The provider's id.
    pub provider: String,
    /// A name of the user's own.
    pub name: Option<String>,
    /// Email, `user_id` or project.
    pub account: Option<String>,
    /// The provider's options.
    pub options: BTreeMap<String, String>,
}

impl NewDestination {
    /// Returns one "Auto" destination for each provider of a vendor.
    pub fn all_of(vendor: &Vendor) -> Vec<NewDestination> {
        provider::offered_of(vendor)
            .into_iter()
            .map(|f| NewDestination {
                provider: f.id.into(),
                name: None,
                account: None,
                options: BTreeMap::new(),
            })
            .collect()
    }
}

/// Puts destinations of a key into the settings, each once. Returns the name of the first.
pub(super) fn save(settings: &mut Settings, key: &str, new: &[NewDestination]) -> Option<String> {
    let mut first = None;
    let rules = usual_rules(settings);
    let label =
        settings.keys.iter().find(|record| record.name == key).and_then(|record| record.label.clone());
    for n in new {
        let Some(provider) = provider::by_id(&n.provider) else { continue };
        let wanted = match (&n.name, n.account.as_ref().or(label.as_ref())) {
            (Some(name), _) => name.clone(),
            (None, Some(after)) => format!("{} · {after}", provider.facts().name),
            (None, None) => provider.facts().name.to_owned(),
        };
        let new = Destination {
            name: settings.free_name(&wanted),
            provider: n.provider.clone(),
            key: key.to_owned(),
            account: n.account.clone(),
            options: n.options.clone(),
            fit: rules.clone(),
        };
        let name = match settings.destinations.iter().find(|known| known.is_same_target(&new)) {
            Some(known) => known.name.clone(),
            None => {
                let name = new.name.clone();
                settings.destinations.push(new);
                name
            }
        };
        first.get_or_insert(name);
    }
    first
}

/// Returns the rules that a new destination begins with: where all others remove metadata, it does so, too. Who has removed
/// the location from everything would not look for it again.
fn usual_rules(settings: &Settings) -> FitRules {
    let mut rules = FitRules::default();
    rules.wishes.strip =
        !settings.destinations.is_empty() && settings.destinations.iter().all(|to| to.fit.wishes.strip);
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::samples;

    #[test]
    fn where_all_destinations_remove_metadata_a_new_one_does() {
        let strips = |others: &[bool]| {
            let mut settings = Settings::default();
            for (n, strips) in others.iter().enumerate() {
                let mut to = (*samples::destination("piapi")).clone();
                to.name = format!("PiAPI {n}");
                to.fit.wishes.strip = *strips;
                settings.destinations.push(to);
            }
            let new = NewDestination::all_of(crate::provider::vendor("indream").unwrap());
            let name = save(&mut settings, "indream", &new).unwrap();
            settings.destinations.iter().find(|to| to.name == name).unwrap().fit.wishes.strip
        };
        assert!(strips(&[true, true]));
        assert!(!strips(&[true, false]) && !strips(&[]));
    }
}
