//! What a destination's name says beside its provider: names are made from both, unless a person gives another one.

use crate::model::destination::Destination;
use crate::provider::spec::{ProviderSpec, ValueKind};

/// What a destination's name says beside its provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnName<'a> {
    /// Nothing: it was made from the provider and the account.
    Usual,
    /// The how many-th it is of those with the same name.
    Number(u32),
    /// What a person called it, or the account or project it was made for.
    Is(&'a str),
}

impl OwnName<'_> {
    pub(super) fn of<'a>(destination: &'a Destination, facts: &ProviderSpec) -> OwnName<'a> {
        let name = destination.name.as_str();
        if name == destination.provider || name == facts.name {
            return OwnName::Usual;
        }
        let Some(rest) = name.strip_prefix(facts.name).and_then(|rest| rest.strip_prefix(' ')) else {
            return OwnName::Is(name);
        };
        if let Ok(number) = rest.parse() {
            return OwnName::Number(number);
        }
        let Some(rest) = rest.strip_prefix("· ") else { return OwnName::Is(name) };
        // An address says more than the name that was once made from it.
        let is_email = matches!(facts.account.option.map(|option| option.form), Some(ValueKind::Email));
        match &destination.account {
            Some(account) if is_email && !rest.starts_with(account.as_str()) => OwnName::Usual,
            _ => OwnName::Is(rest),
        }
    }
}
