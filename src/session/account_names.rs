//! What keys and destinations may be called.

use super::own_name::OwnName;
use crate::model::destination::{InvalidName, KeyRecord, MAX_LABEL, MAX_NAME, validate_name};
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

/// Names the destinations of a key after it that have no account and no name of a person's own: by its label, or, where
/// that is gone, as at first. `before`: the label that it had.
pub(super) fn name_after_key(settings: &mut Settings, key: usize, before: Option<&str>) {
    let KeyRecord { name: key, label, .. } = settings.keys[key].clone();
    for index in 0..settings.destinations.len() {
        let to = &settings.destinations[index];
        let Some(facts) = provider::by_id(&to.provider).map(|provider| provider.facts()) else { continue };
        let is_after_key = match OwnName::of(to, facts) {
            OwnName::Is(_) => before.is_some_and(|before| to.name == format!("{} · {before}", facts.name)),
            OwnName::Usual | OwnName::Number(_) => label.is_some(),
        };
        if to.key != key || to.account.is_some() || !is_after_key {
            continue;
        }
        let wanted = match &label {
            Some(label) => format!("{} · {label}", facts.name),
            None => facts.name.to_owned(),
        };
        let old = std::mem::take(&mut settings.destinations[index].name);
        let new = settings.free_name(&wanted);
        if settings.chosen.as_ref() == Some(&old) {
            settings.chosen = Some(new.clone());
        }
        settings.destinations[index].name = new;
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::destination::Destination;

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

    #[test]
    fn destinations_without_a_name_of_their_own_are_called_after_their_key() {
        let mut settings = Settings::default();
        for (name, provider, key, account) in [
            ("PiAPI 2", "piapi", "b", None),
            ("Client B", "piapi", "b", None),
            ("Flow Music · a@b.c", "flow-music", "b", Some("a@b.c")),
            ("PiAPI", "piapi", "a", None),
        ] {
            let sample = (*crate::model::samples::destination(provider)).clone();
            let account = account.map(ToOwned::to_owned);
            settings.destinations.push(Destination { name: name.into(), key: key.into(), account, ..sample });
        }
        settings.chosen = Some("PiAPI 2".to_owned());
        let added = date(2026, 11, 30);
        settings.keys.push(KeyRecord { name: "b".into(), vendor: "piapi".into(), added, label: None });
        let mut call = |label: Option<&str>| {
            let before = std::mem::replace(&mut settings.keys[0].label, label.map(ToOwned::to_owned));
            name_after_key(&mut settings, 0, before.as_deref());
            assert_eq!(
                settings.chosen.as_ref(),
                Some(&settings.destinations[0].name),
                "it stays the chosen one"
            );
            let names: Vec<_> = settings.destinations.iter().map(|to| to.name.clone()).collect();
            assert_eq!(
                names[1..],
                ["Client B", "Flow Music · a@b.c", "PiAPI"],
                "nothing else is called otherwise"
            );
            names[0].clone()
        };
        assert_eq!(call(Some("Client B")), "PiAPI · Client B");
        assert_eq!(call(Some("Client C")), "PiAPI · Client C");
        assert_eq!(call(None), "PiAPI 2");
    }
}
