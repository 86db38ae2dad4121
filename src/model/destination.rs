//! Where a file goes: provider, key, account and options.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fit::FitRules;
use super::text::sanitize;

/// The longest name of a destination, in characters: a provider's and an account's go into it.
pub const MAX_NAME: usize = 300;

/// The longest label of a key, in characters.
pub const MAX_LABEL: usize = 80;

/// What the user picks to send to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Destination {
    /// Unique among the saved ones; what `--to` takes.
    pub name: String,
    /// The provider's ID, as its file has it.
    pub provider: String,
    /// The name of the key it uses. A key belongs to a vendor, not to a provider.
    pub key: String,
    /// Email, `user_id` or project; none lets the provider choose ("Auto").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The provider's options under the documents' own names; those left out have their defaults.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// What is done with its files without being asked: its standing rules.
    #[serde(default, skip_serializing_if = "FitRules::is_empty")]
    pub fit: FitRules,
}

impl Destination {
    /// Returns the account as people read it.
    pub fn account_label(&self) -> &str {
        self.account.as_deref().unwrap_or("Auto")
    }

    /// Returns whether files of both go to the same account, by the same options. What is done with them before may differ.
    pub fn is_same_target(&self, other: &Destination) -> bool {
        (&self.provider, &self.key, &self.account, &self.options)
            == (&other.provider, &other.key, &other.account, &other.options)
    }

    /// Returns what shares a provider's limits: so many uploads to one of these run at a time as is set, and all are held together.
    pub fn account_id(&self) -> (String, String, Option<String>) {
        (self.provider.clone(), self.key.clone(), self.account.clone())
    }
}

/// What is remembered of a saved key: never the key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Unique among the saved ones.
    pub name: String,
    /// The vendor's id: `useapi`. Settings files have it as `service`.
    #[serde(rename = "service")]
    pub vendor: String,
    /// The day it was added, by which people know it again.
    pub added: jiff::civil::Date,
    /// What its user calls it. The keyring, the history and destinations know it by its name only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// Checks whether somebody may choose this name or label. Names are shown in lists and typed in a terminal, so they
/// are a line of text, and nothing in them is invisible.
pub fn validate_name(name: &str, longest: usize) -> Result<(), InvalidName> {
    match name {
        _ if name.trim().is_empty() => Err(InvalidName::Empty),
        _ if sanitize(name) != name => Err(InvalidName::Unprintable),
        _ if name.chars().count() > longest => Err(InvalidName::TooLong(longest)),
        _ => Ok(()),
    }
}

/// Why a name or a label cannot be chosen; what it is of begins the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing that can be seen.
    #[error("must not be empty")]
    Empty,
    /// Something that cannot be seen, or moves a cursor.
    #[error("must be a line of text, without control characters")]
    Unprintable,
    /// Longer than this.
    #[error("has at most {0} characters")]
    TooLong(usize),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_line_of_text_that_can_be_seen() {
        let why = |name: &str| validate_name(name, 5).err().map(|problem| format!("A name {problem}"));
        for good in ["a", "abcde", "封面 ab", "a b"] {
            assert_eq!(why(good), None, "{good:?}");
        }
        for (bad, words) in [
            ("", "must not be empty"),
            (" \t", "must not be empty"),
            ("a\nb", "without control characters"),
            ("a\u{202e}b", "without control characters"),
            ("abcdef", "at most 5 characters"),
            ("äöüäöü", "at most 5 characters"),
        ] {
            let said = why(bad).unwrap();
            assert!(said.starts_with("A name ") && said.contains(words), "{bad:?}: {said}");
        }
    }

    #[test]
    fn without_an_account_the_provider_chooses() {
        let mut destination = Destination {
            name: "d".into(),
            provider: "flow-music".into(),
            key: "k".into(),
            account: None,
            options: BTreeMap::new(),
            fit: crate::model::fit::FitRules::default(),
        };
        assert_eq!(destination.account_label(), "Auto");
        assert_eq!(destination.account_id(), ("flow-music".into(), "k".into(), None));
        destination.account = Some("a@b.c".into());
        assert_eq!(destination.account_label(), "a@b.c");
        assert_eq!(destination.account_id(), ("flow-music".into(), "k".into(), Some("a@b.c".into())));
    }
}
