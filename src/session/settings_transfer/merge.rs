//! Puts what a file of settings brings beside what is here.

use std::collections::{HashMap, HashSet};

use toml::Table;

use super::error::{KeptOut, TransferError, Unfit};
use super::import::SettingsImport;
use crate::model::copy_format::CopyTemplate;
use crate::model::destination::{Destination, KeyRecord, MAX_NAME, validate_name};
use crate::provider::check;
use crate::provider::spec::{ProviderSpec, Vendor};
use crate::store::keys;
use crate::store::settings::{MAX_BYTES, MAX_TEMPLATES, Settings, unique_name};

/// Adds templates that are not there yet, each under a free name; gives back the names of the new ones, and the name that
/// the chosen one has now.
fn merge_templates(
    settings: &mut Settings,
    incoming: Vec<CopyTemplate>,
    chosen: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let (mut added, mut chosen_now) = (vec![], None);
    let is_there = |one: &CopyTemplate| incoming.iter().any(|t| t.line == one.line);
    let is_untouched = settings.templates == Settings::default().templates;
    if is_untouched && !incoming.is_empty() && !settings.templates.iter().any(is_there) {
        settings.templates.clear(); // it is the default, not the user's own
    }
    for template in incoming {
        let is_chosen = chosen == Some(&template.name);
        let there = settings.templates.iter().find(|t| t.line == template.line);
        let name = match there {
            Some(there) => there.name.clone(),
            None => unique_name(&template.name, |name| settings.templates.iter().any(|t| t.name == name)),
        };
        if there.is_none() && settings.templates.len() < MAX_TEMPLATES {
            settings.templates.push(CopyTemplate { name: name.clone(), ..template });
            added.push(name.clone());
        }
        if is_chosen {
            chosen_now = Some(name);
        }
    }
    (added, chosen_now)
}

/// Destinations that came and cannot be used before this key is added.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// The vendor's id.
    pub vendor: &'static str,
    /// The name by which they know it.
    pub key: String,
    /// Their names.
    pub destinations: Vec<String>,
}

/// What became of settings that came in.
#[derive(Debug)]
pub struct Moved {
    /// The settings as they are then.
    pub settings: Settings,
    /// The destinations that are new, by the names they have now.
    pub added: Vec<String>,
    /// How many were here already.
    pub there: usize,
    /// The templates that are new, by the names they have now.
    pub templates: Vec<String>,
    /// The choices that were taken over.
    pub choices: Vec<String>,
    /// What was not taken over.
    pub kept_out: Vec<KeptOut>,
    /// The keys that are still to be added.
    pub missing: Vec<Missing>,
}

/// Returns the settings with what came in. `given` tells whether a vendor's key is here without being saved. Where it
/// fails, nothing is to be changed.
pub fn merge(
    settings: &Settings,
    mut incoming: SettingsImport,
    given: impl Fn(&Vendor) -> bool,
) -> Result<Moved, TransferError> {
    let mut settings = with_choices(settings, &incoming.choices)?;
    let mut kept_out = std::mem::take(&mut incoming.kept_out);
    let (mut added, mut there, mut missing) = (vec![], 0, vec![]);
    let mut names: HashSet<String> = settings.destinations.iter().map(|d| d.name.clone()).collect();
    // The same place under whatever name: coming twice doubles nothing.
    let mut places: HashMap<Destination, String> =
        settings.destinations.iter().rev().map(|d| (anonymised(d), d.name.clone())).collect();
    let mut named_now: HashMap<&str, String> = HashMap::new();
    for destination in &incoming.destinations {
        let vendor = match fit(&settings, destination, incoming.provider(&destination.provider)) {
            Ok(vendor) => vendor,
            Err(why) => {
                kept_out.push(KeptOut { name: destination.name.clone(), why });
                continue;
            }
        };
        let name = if let Some(name) = places.get(&anonymised(destination)) {
            there += 1;
            name.clone()
        } else {
            let name = unique_name(&destination.name, |name| names.contains(name));
            names.insert(name.clone());
            places.insert(anonymised(destination), name.clone());
            settings.destinations.push(Destination { name: name.clone(), ..destination.clone() });
            added.push(name.clone());
            name
        };
        named_now.entry(&destination.name).or_insert_with(|| name.clone());
        let is_here = |k: &KeyRecord| k.name == destination.key;
        if !given(vendor) && !settings.keys.iter().any(is_here) {
            needs(&mut missing, vendor.id, &destination.key, name);
        }
    }
    if let Some(name) = incoming.chosen.as_deref().and_then(|name| named_now.remove(name)) {
        settings.chosen = Some(name);
    }
    let (templates, chosen_template) =
        merge_templates(&mut settings, incoming.templates, incoming.chosen_template.as_deref());
    if chosen_template.is_some() {
        settings.chosen_template = chosen_template;
    }
    let size = toml::to_string_pretty(&settings)?.len();
    if size as u64 > MAX_BYTES {
        return Err(TransferError::GrownTooLarge);
    }
    let choices = incoming.choices.keys().cloned().collect();
    Ok(Moved { settings, added, there, templates, choices, kept_out, missing })
}

/// Returns a destination without its name.
fn anonymised(destination: &Destination) -> Destination {
    Destination { name: String::new(), ..destination.clone() }
}

fn needs(missing: &mut Vec<Missing>, vendor: &'static str, key: &str, destination: String) {
    match missing.iter_mut().find(|m| m.key == key) {
        Some(one) if one.destinations.contains(&destination) => {}
        Some(one) => one.destinations.push(destination),
        None => missing.push(Missing { vendor, key: key.to_owned(), destinations: vec![destination] }),
    }
}

fn with_choices(settings: &Settings, choices: &Table) -> Result<Settings, TransferError> {
    let mut table = Table::try_from(settings)?;
    table.extend(choices.clone());
    table.try_into().map_err(TransferError::Conflict)
}

/// Returns the vendor of a destination that may come in, or why it may not.
fn fit(
    settings: &Settings,
    destination: &Destination,
    facts: Option<&'static ProviderSpec>,
) -> Result<&'static Vendor, Unfit> {
    let Destination { name, provider, key, .. } = destination;
    validate_name(name, MAX_NAME).map_err(Unfit::Name)?;
    validate_name(key, MAX_NAME).map_err(Unfit::KeyName)?;
    let facts = facts.ok_or_else(|| Unfit::UnknownProvider(provider.clone()))?;
    // Whatever a file says: by its name a key would go to any vendor.
    keys::check_owner(&settings.keys, key, facts)?;
    match check::destination(facts, destination).into_iter().next() {
        Some(problem) => Err(problem.into()),
        None => Ok(facts.vendor),
    }
}
