//! Reads a file of settings, and checks each part of it for itself.

use std::path::PathBuf;

use jiff::civil::Date;
use toml::{Table, Value};

use super::error::{KeptOut, MAX_DESTINATIONS, TransferError, Unfit};
use crate::model::copy_format::CopyTemplate;
use crate::model::destination::Destination;
use crate::provider::build::MAX_FILE;
use crate::provider::spec::ProviderSpec;
use crate::provider::{self, Provider};
use crate::session::copy_choices::{InvalidCopyTemplate, check_template};
use crate::session::own_providers::{self, ReviewedProvider};
use crate::store::settings::{MAX_BYTES, MAX_TEMPLATES, Proxy, Settings};
use crate::store::settings_text;

/// What the texts of provider files are called.
pub(super) const PROVIDER_FILES: &str = "provider_file";

/// What settings have beside choices.
const NO_CHOICES: [&str; 6] = ["chosen", "destination", "key", "template", "chosen_template", PROVIDER_FILES];

/// What is in a file of settings, before anything of it is applied.
#[derive(Debug)]
pub struct SettingsImport {
    pub(super) choices: Table,
    pub(super) chosen: Option<String>,
    pub(super) destinations: Vec<Destination>,
    pub(super) templates: Vec<CopyTemplate>,
    pub(super) chosen_template: Option<String>,
    /// Provider files that are not here yet: nothing of them is used before a person has agreed.
    pub(super) providers: Vec<ReviewedProvider>,
    pub(super) kept_out: Vec<KeptOut>,
}

impl SettingsImport {
    /// Reads a file's text; where that fails, nothing of the file is of use.
    pub fn read(text: &str) -> Result<SettingsImport, TransferError> {
        if text.len() as u64 > MAX_BYTES {
            return Err(TransferError::TooLarge);
        }
        let mut table = settings_text::read_table(text).map_err(|e: toml::de::Error| {
            let before = e.span().and_then(|s| text.get(..s.start));
            TransferError::NotToml(before.map(|before| before.matches('\n').count() + 1))
        })?;
        table.remove("key"); // keys and what is remembered of them belong to one computer
        let known = Table::try_from(Settings::default())?;
        let is_known = |name: &str| known.contains_key(name) || NO_CHOICES.contains(&name);
        if !table.keys().any(|name| is_known(name)) {
            return Err(TransferError::NoSettings);
        }
        let mut kept_out = vec![];
        let mut name = |key| table.remove(key).and_then(|name| name.as_str().map(ToOwned::to_owned));
        let (chosen, chosen_template) = (name("chosen"), name("chosen_template"));
        let listed = match table.remove("destination") {
            None => vec![],
            Some(Value::Array(list)) if list.len() <= MAX_DESTINATIONS => list,
            Some(Value::Array(_)) => return Err(TransferError::TooManyDestinations),
            Some(_) => return Err(TransferError::NoList),
        };
        let mut destinations = vec![];
        for one in listed {
            let name =
                one.get("name").and_then(Value::as_str).unwrap_or("A destination without a name").to_owned();
            match one.try_into::<Destination>() {
                Ok(destination) => destinations.push(destination),
                Err(_) => kept_out.push(KeptOut { name, why: Unfit::Malformed }),
            }
        }
        let templates = match table.remove("template") {
            None => vec![],
            Some(list) => read_templates(list, &mut kept_out),
        };
        let providers = table.remove(PROVIDER_FILES).map(|files| read_providers(files, &mut kept_out));
        let mut choices = Table::new();
        for (name, value) in table {
            match check_choice(&known, &name, &value) {
                Ok(()) => _ = choices.insert(name, value),
                Err(why) => kept_out.push(KeptOut { name, why }),
            }
        }
        let providers = providers.unwrap_or_default();
        Ok(SettingsImport { choices, chosen, destinations, templates, chosen_template, providers, kept_out })
    }

    /// Lists the provider files that are not here yet.
    pub fn providers(&self) -> &[ReviewedProvider] {
        &self.providers
    }

    /// Takes the provider files that are not here yet, for whoever is to agree to them.
    pub fn take_providers(&mut self) -> Vec<ReviewedProvider> {
        std::mem::take(&mut self.providers)
    }

    /// Keeps a provider's file out, as it was not agreed to.
    pub fn keep_out(&mut self, provider: &ReviewedProvider) {
        self.kept_out.push(KeptOut { name: provider.facts().name.to_owned(), why: Unfit::NotAgreed });
    }

    /// Returns the table of a provider: of one that is here, or of one that comes in.
    pub(super) fn provider(&self, id: &str) -> Option<&'static ProviderSpec> {
        let incoming = self.providers.iter().map(ReviewedProvider::facts).find(|facts| facts.id == id);
        incoming.or_else(|| provider::by_id(id).map(Provider::facts))
    }
}

/// Reads the templates of a file, each for itself.
fn read_templates(list: Value, kept_out: &mut Vec<KeptOut>) -> Vec<CopyTemplate> {
    let empty = Settings { templates: vec![], ..Settings::default() };
    let mut templates = vec![];
    let listed = match list {
        Value::Array(listed) => listed,
        other => vec![other],
    };
    for one in listed {
        let name = one.get("name").and_then(Value::as_str).unwrap_or("A template without a name").to_owned();
        let template = match one.try_into::<CopyTemplate>() {
            _ if templates.len() == MAX_TEMPLATES => Err(InvalidCopyTemplate::TooMany.into()),
            Ok(template) => match check_template(&empty, None, &template) {
                Ok(()) => Ok(template),
                Err(why) => Err(why.into()),
            },
            Err(_) => Err(Unfit::Value),
        };
        match template {
            Ok(template) => templates.push(template),
            Err(why) => kept_out.push(KeptOut { name, why }),
        }
    }
    templates
}

/// Reads the provider files of a file, each for itself; those that are here already are not among them.
fn read_providers(files: Value, kept_out: &mut Vec<KeptOut>) -> Vec<ReviewedProvider> {
    let listed = match files {
        Value::Array(listed) => listed,
        other => vec![other],
    };
    let known = own_providers::texts();
    let mut providers = vec![];
    for (index, one) in listed.into_iter().enumerate() {
        let path = PathBuf::from(format!("provider file {}", index + 1));
        let Some(text) = one.as_str().filter(|text| text.len() <= MAX_FILE) else {
            kept_out.push(KeptOut { name: path.to_string_lossy().into_owned(), why: Unfit::Value });
            continue;
        };
        if known.contains(&text) {
            continue;
        }
        match own_providers::review_text(&path, text.to_owned(), Date::ZERO) {
            Ok(provider) => providers.push(provider),
            Err(e) => kept_out.push(KeptOut {
                name: path.to_string_lossy().into_owned(),
                why: Unfit::Provider(Box::new(e)),
            }),
        }
    }
    providers
}

/// Checks whether a choice may come in.
fn check_choice(known: &Table, name: &str, value: &Value) -> Result<(), Unfit> {
    if !known.contains_key(name) {
        return Err(Unfit::UnknownChoice);
    }
    let mut table = known.clone();
    table.insert(name.to_owned(), value.clone());
    let settings = table.try_into::<Settings>().map_err(|_| Unfit::Value)?;
    if settings.clone().clamped() != settings {
        return Err(Unfit::OutOfBounds);
    }
    if let Proxy::Url(address) = &settings.proxy {
        Proxy::check(address)?;
    }
    Ok(())
}
