//! Questions that a person asks of a key, and their answers: is it good, which accounts are behind it.

use jiff::Timestamp;

use crate::model::error::Failure;
use crate::model::secret::Key;
use crate::provider::key_check::KeyFacts;
use crate::provider::spec::{Account, ProviderSpec, Vendor};

/// Which key is asked about.
pub enum KeySource {
    /// The one of this name.
    Saved(String),
    /// One that is not saved yet.
    New(Key),
}

/// A question about a key and what is behind it.
pub struct KeyCheckRequest {
    /// To know the answer by.
    pub ticket: u64,
    /// Whose key it is.
    pub vendor: &'static Vendor,
    /// Which key is checked.
    pub key: KeySource,
    /// Accounts of which more is wanted: the provider's id, and the account's.
    pub more_of: Vec<(&'static str, String)>,
}

/// The accounts of one provider, or its projects.
#[derive(Clone, Debug)]
pub struct AccountList {
    /// The provider whose accounts these are.
    pub facts: &'static ProviderSpec,
    /// In the provider's order.
    pub accounts: Result<Vec<Account>, Box<Failure>>,
    /// What is told of those of which more was wanted.
    pub notes: Vec<(String, String)>,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct KeyCheckResult {
    /// To which question.
    pub ticket: u64,
    /// Whose key it is.
    pub vendor: &'static Vendor,
    /// When it came.
    pub at: Timestamp,
    /// Whether the key is good.
    pub key: Result<KeyFacts, Box<Failure>>,
    /// What is behind it, one for each provider that can be asked; nothing where the key is not good.
    pub listed: Vec<AccountList>,
}
