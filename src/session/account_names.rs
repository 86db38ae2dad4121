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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::destination::KeyRecord;

    #[test]
    fn a_key_is_called_what_no_other_key_and_no_vendor_is_called() {
        let key = |name: &str, label: Option<&str>| KeyRecord {
            name: name.to_owned(),
            label: label.map(ToOwned::to_owned),
            vendor: "useapi".to_owned(),
            added: date(2026, 9, 3),
        };
        let keys = vec![key("useapi", Some("Work")), key("useapi-2", None)];
        let settings = Settings { keys, ..Settings::default() };
        let check = |label: &str| check_label(&settings, "useapi-2", label);
        assert_eq!(check("Home"), Ok(()));
        assert_eq!(check("useapi-2"), Ok(()), "its own name");
        for taken in ["Work", "useapi"] {
            assert_eq!(check(taken), Err(InvalidLabel::Taken(taken.to_owned())));
        }
        assert_eq!(check("piapi"), Err(InvalidLabel::Vendor("piapi".to_owned())));
        assert!(check("").is_err() && check("two\nlines").is_err());
    }
}
