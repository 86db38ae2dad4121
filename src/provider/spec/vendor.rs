//! Whose key an upload needs: hosts, how the key is sent, how it is checked, and which accounts are behind it.

use regex_lite::Regex;
use serde_json::Value;

use crate::provider::template::TextTemplate;

/// A base URL that an environment variable can override, for tests and private gateways.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The environment variable that replaces it.
    pub env: &'static str,
    /// The documented scheme and host.
    pub url: &'static str,
}

/// How a key goes into a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Not at all: there is none, or it must not go there.
    None,
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `Authorization: Basic`, of the key in base64.
    Basic,
    /// A header of its own.
    Header {
        /// Its name, in small letters.
        name: &'static str,
        /// What stands before the key.
        prefix: &'static str,
    },
    /// A query parameter of this name.
    Query(&'static str),
    /// A field of this name in a multipart body.
    Field(&'static str),
}

impl Auth {
    /// `x-api-key: KEY`, as several vendors have it.
    pub const X_API_KEY: Auth = Auth::Header { name: "x-api-key", prefix: "" };

    /// Returns the name used in an option that chooses it.
    pub fn name(self) -> &'static str {
        match self {
            Auth::None => "none",
            Auth::Bearer => "bearer",
            Auth::Basic => "basic",
            Auth::Header { name, .. } | Auth::Query(name) | Auth::Field(name) => name,
        }
    }
}

/// Whether a key is good: one `GET`.
#[derive(Debug)]
pub struct KeyCheck {
    /// The host that is asked.
    pub base: &'static Endpoint,
    /// Where the call goes there.
    pub path: &'static str,
    /// Where the reply names the plan.
    pub plan: &'static [&'static str],
    /// The plans under which nothing can be uploaded.
    pub small_plans: &'static [&'static str],
    /// What a sandbox replies.
    pub example: Option<Value>,
}

/// Which accounts or projects there are: one `GET` a page.
#[derive(Debug)]
pub struct AccountListing {
    /// The host that is asked.
    pub base: &'static Endpoint,
    /// Its path, with a query where pages are asked for.
    pub path: &'static str,
    /// The parameter that asks for the next page, where there are several.
    pub page_parameter: Option<&'static str>,
    /// Nothing can be sent where there is none: an account receives the file, a project only sorts it.
    pub required: bool,
    /// How a page is read.
    pub form: ListForm,
    /// What is told of one account alone.
    pub one: Option<AccountDetails>,
    /// What a sandbox replies.
    pub examples: ListExamples,
}

/// How a page of accounts is read, by JSON pointers.
#[derive(Debug)]
pub struct ListForm {
    /// Where the list stands; none where the page is an object with an account at each key.
    pub items: Option<&'static str>,
    /// Where an item names its id.
    pub id: &'static str,
    /// Where an item has a name for people.
    pub title: Option<&'static str>,
    /// Where it says why it cannot be used.
    pub problem: Option<&'static str>,
    /// What stands there when all is well.
    pub fine: Option<&'static str>,
    /// Where the page names the next.
    pub next: Option<&'static str>,
}

/// What a sandbox tells of accounts.
#[derive(Debug)]
pub struct ListExamples {
    /// Of each made-up one.
    pub each: Option<Value>,
    /// Of each that cannot be used.
    pub broken: Option<Value>,
    /// Whole pages in place of these.
    pub pages: Vec<Value>,
}

/// What is told of one account alone: one `GET`.
#[derive(Debug)]
pub struct AccountDetails {
    /// The host that is asked.
    pub base: &'static Endpoint,
    /// Its path, with a place for the account's id.
    pub path: TextTemplate,
    /// Where the reply has a number that people want to know.
    pub number: &'static str,
    /// What it counts.
    pub unit: &'static str,
    /// What a sandbox replies of an account.
    pub example: Option<Value>,
}

/// What a sandbox accepts as keys.
#[derive(Debug)]
pub struct SandboxKeys {
    /// The usual one.
    pub key: &'static str,
    /// The plan that a check of the usual key returns; none where the vendor has no plans.
    pub plan: Option<&'static str>,
    /// Further ones, for what depends on a key: no account, or many; a plan that is too small; an older header.
    pub others: &'static [OtherKey],
}

/// A made-up key that a sandbox takes besides the usual one.
#[derive(Debug)]
pub struct OtherKey {
    /// What it is called in requests and in settings.
    pub key: &'static str,
    /// The one place it is taken in.
    pub auth: Auth,
    /// So many accounts are behind it.
    pub accounts: usize,
    /// The plan that a check of this key returns; none where it is not told.
    pub plan: Option<&'static str>,
}

/// Some of the accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountPage {
    /// In the provider's order.
    pub accounts: Vec<Account>,
    /// How the next page is asked for.
    pub next: Option<String>,
}

/// An account behind a key, or a project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What stands in the destination: an email, a `user_id`, a project's UUID.
    pub id: String,
    /// Its name for people, where that is another one.
    pub title: Option<String>,
    /// Why nothing can be sent to it, in the provider's words.
    pub problem: Option<String>,
}

/// Whoever issues API keys; one key may serve several providers.
#[derive(Debug)]
pub struct Vendor {
    /// `useapi`: what the terminal takes.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The environment variable that may hold its key.
    pub env: &'static str,
    /// Where its calls go, the uploads to the first.
    pub endpoints: &'static [Endpoint],
    /// How its documents put the key into a request.
    pub auth: Auth,
    /// A second way that other versions of its documents name.
    pub other_auth: Option<Auth>,
    /// How a key is checked, where it can be.
    pub check: Option<KeyCheck>,
    /// What its keys match; a hint, no more.
    pub key_format: Option<Regex>,
    /// Where people find their keys.
    pub keys_page: &'static str,
    /// Where people see and change what they pay for.
    pub plan_page: &'static str,
    /// What a key looks like, for a hint: "user:1234-…".
    pub key_form: &'static str,
    /// Whether its own hosts may be this computer or one of its network.
    pub is_local: bool,
    /// The made-up keys a sandbox takes.
    pub sandbox: SandboxKeys,
}

impl Vendor {
    /// Returns where its uploads go.
    pub fn base(&self) -> &'static Endpoint {
        &self.endpoints[0]
    }

    /// Returns whether its calls need a key.
    pub fn needs_key(&self) -> bool {
        self.auth != Auth::None
    }

    /// Returns whether a text has the form of its keys, as far as that is known.
    pub fn looks_right(&self, key: &str) -> bool {
        key.len() <= MAX_KEY && self.key_format.as_ref().is_some_and(|format| format.is_match(key))
    }
}

/// No key is looked at that is longer.
const MAX_KEY: usize = 4096;
