//! What keys and destinations may be called.

use crate::model::destination::{InvalidName, MAX_LABEL, MAX_NAME, validate_name};
use crate::provider;
use crate::store::settings::Settings;

/// Why a key cannot have a label.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLabel {
    /// It is no name at all.
    #[error("A label {0}")]
    Invalid(#[from] InvalidName),
    /// Another key has it.
    #[error("There is a key called {0} already: choose another label")]
    Taken(String),
    /// A vendor has it.
    #[error("{0} is the name of a vendor: choose another label")]
    Vendor(String),
}

/// Why a destination cannot have a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestinationName {
    /// It is no name at all.
    #[error("A destination's name {0}")]
    Invalid(#[from] InvalidName),
    /// Another destination has it.
    #[error("There is a destination named {0} already: choose another name")]
    Taken(String),
}

/// Checks whether the key `name` can be called `label`.
pub fn check_label(settings: &Settings, name: &str, label: &str) -> Result<(), InvalidLabel> {
    validate_name(label, MAX_LABEL)?;
    let mut others = settings.keys.iter().filter(|k| k.name != name);
    if others.any(|k| k.name == label || k.label.as_deref() == Some(label)) {
        return Err(InvalidLabel::Taken(label.to_owned()));
    }
    match label != name && provider::vendor(label).is_some() {
        true => Err(InvalidLabel::Vendor(label.to_owned())),
        false => Ok(()),
    }
}

/// Checks whether the destination `old` can be called `new`.
pub fn check_name(settings: &Settings, old: &str, new: &str) -> Result<(), InvalidDestinationName> {
    validate_name(new, MAX_NAME)?;
    match settings.destinations.iter().any(|d| d.name == new && d.name != old) {
        true => Err(InvalidDestinationName::Taken(new.to_owned())),
        false => Ok(()),
    }
}
