//! What is documented of a provider, as data: the picker, the checks, the terminal's help, the README's table, the
//! sandbox and the tests all read this.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use regex_lite::Regex;
use serde_json::Value;
use strum::IntoEnumIterator;

use super::template::TextTemplate;
use crate::model::error::FailureKind;
use crate::model::media::{Kind, Media};
use crate::model::text;

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
    /// Its plan.
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
    /// Its plan.
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

/// How the file's bytes stand in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// The body is the file.
    Raw,
    /// A JSON object with the file in base64.
    JsonBase64 {
        /// The field with the file's name, where it has one.
        name: Option<&'static str>,
        /// The field with the file's bytes.
        data: &'static str,
    },
    /// A form, with the file in one of its parts.
    Multipart {
        /// The part's name.
        part: &'static str,
    },
}

/// Types with one limit in common.
#[derive(Debug)]
pub struct Accepts {
    /// What may be sent.
    pub types: &'static [Media],
    /// Other MIME types the document lists for these: `audio/x-m4a`. The sandbox takes them, Hoist never sends them.
    pub mime_aliases: &'static [&'static str],
    /// Refused above this many bytes.
    pub max_bytes: Option<u64>,
    /// Refused where it plays for less.
    pub min_length: Option<Duration>,
    /// Refused where it plays longer than this.
    pub max_length: Option<Duration>,
    /// Refused where a side has fewer or more pixels.
    pub pixels: Option<(u32, u32)>,
    /// Sent with a warning above this many bytes.
    pub advised_bytes: Option<u64>,
    /// Why it is advised, for the warning.
    pub advice: &'static str,
}

/// Where a value stands in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamLocation {
    /// `?KEY=VALUE`.
    Query,
    /// One more segment of the path.
    Path,
    /// A header of the option's name.
    Header,
    /// Chooses how the key is sent (`auth`).
    Auth,
    /// Where the provider's own text has a place for it.
    Template,
}

/// What an option's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Anything.
    Text,
    /// An email address.
    Email,
    /// 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// `true` or `false`, and which of them the provider assumes.
    Flag(bool),
    /// One of these; the first is the default.
    Choice(&'static [&'static str]),
}

/// Something the user may set for a destination.
#[derive(Debug)]
pub struct OptionFact {
    /// The document's own name.
    pub key: &'static str,
    /// Its name in a form.
    pub label: &'static str,
    /// One sentence for people.
    pub help: &'static str,
    /// What it may be.
    pub form: ValueKind,
    /// What is sent where nothing is set.
    pub default: Option<&'static str>,
    /// Where it goes.
    pub location: ParamLocation,
    /// While it is `true`, metadata are taken out of pictures.
    pub strips_metadata: bool,
}

impl OptionFact {
    /// Returns its value in a request: what is set, else its default; none where nothing is sent.
    pub fn sent<'a>(&self, set: &'a BTreeMap<String, String>) -> Option<&'a str> {
        set.get(self.key).map(String::as_str).or(self.default)
    }
}

/// Where a request says what the file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLocation {
    /// In a header of this name.
    Header(&'static str),
    /// In a query parameter of this name.
    Query(&'static str),
    /// In the body.
    Body,
}

/// What a provider wants of file names.
#[derive(Debug)]
pub struct NameRule {
    /// Where the name stands in the request that carries the file, if it does.
    pub location: Option<NameLocation>,
    /// At most so many characters, in the form sent.
    pub max_chars: Option<usize>,
    /// The name must end in one of these, where there are any.
    pub extensions: &'static [&'static str],
    /// Only ASCII letters, digits, `.`, `_` and `-`.
    pub is_safe: bool,
    /// What is not ASCII is percent-encoded.
    pub is_encoded: bool,
    /// A file of the same name replaces the older one.
    pub overwrites: bool,
}

/// What an id is for, to copy it ready for use.
#[derive(Debug)]
pub struct Usage {
    /// For assets of this kind.
    pub kind: Kind,
    /// Which returned value.
    pub value: &'static str,
    /// The parameter it goes into.
    pub parameter: &'static str,
    /// The call that takes it.
    pub call: &'static str,
}

/// A documented refusal.
#[derive(Debug)]
pub struct ErrorFact {
    /// The HTTP status.
    pub status: u16,
    /// The body as documented.
    pub body: &'static str,
    /// `Retry-After` in seconds, where documented.
    pub retry_after: Option<u32>,
    /// What to do, where the documents say more than its meaning does.
    pub next: Option<&'static str>,
    /// What it means, where its status means something else elsewhere.
    pub means: Option<FailureKind>,
}

/// Its mark in lists: a colour and an icon of the Lucide family.
#[derive(Debug)]
pub struct BrandMark {
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// What is drawn on the colour.
    pub icon: lucide_icons::Icon,
}

/// Where a provider's file is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderSource {
    /// Built into Hoist.
    BuiltIn,
    /// A file of the person's own.
    File(PathBuf),
}

/// Everything documented of one upload call.
#[derive(Debug)]
pub struct Facts {
    /// `flow-music`: what the terminal takes.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Whose key it needs.
    pub vendor: &'static Vendor,
    /// Where its file is from.
    pub source: ProviderSource,
    /// Its place in lists, where it stands before "More providers".
    pub position: Option<u32>,
    /// The document all this is from.
    pub document: &'static str,
    /// The document's address.
    pub page: &'static str,
    /// The document's date, or when it was read: `2026-06-03`.
    pub checked: &'static str,
    /// What an upload costs, in words.
    pub costs: Option<&'static str>,
    /// Why nobody should start using it, if so.
    pub legacy: Option<&'static str>,
    /// The path of the first request, without account and query.
    pub path: &'static str,
    /// How the bytes are sent.
    pub body: BodyForm,
    /// What it takes.
    pub accepts: &'static [Accepts],
    /// The account, where one can be chosen.
    pub account: Option<&'static OptionFact>,
    /// Nothing can be sent without an account.
    pub account_required: bool,
    /// How the accounts behind a key are asked for.
    pub accounts: Option<&'static AccountListing>,
    /// The provider's page on setting accounts up.
    pub account_page: &'static str,
    /// Further options.
    pub options: &'static [OptionFact],
    /// What it wants of names.
    pub names: Option<&'static NameRule>,
    /// The provider itself moves on to another account where none was named.
    pub auto_account: bool,
    /// Files are deleted so long after the upload; a second copy does no harm then.
    pub retention: Option<Duration>,
    /// Sending the same file again makes no second asset.
    pub is_repeatable: bool,
    /// What a success names that is worth copying, in the order to show it: `data.url`.
    pub values: &'static [&'static str],
    /// What the results are for.
    pub uses: &'static [Usage],
    /// Its documented refusals.
    pub errors: &'static [ErrorFact],
    /// Icon and colour, shown in place of its name.
    pub mark: BrandMark,
}

impl Facts {
    /// Returns whether lists show it before anybody asks for more: the first built-in ones, and people's own.
    pub fn is_shown(&self) -> bool {
        self.position.is_some() || self.source != ProviderSource::BuiltIn
    }

    /// Returns the row a type belongs to, if it is taken.
    pub fn accepts(&self, media: Media) -> Option<&'static Accepts> {
        self.accepts.iter().find(|a| a.types.contains(&media))
    }

    /// Returns whether any type of this kind is taken.
    pub fn takes(&self, kind: Kind) -> bool {
        self.types().any(|m| m.kind() == kind)
    }

    /// Returns every type it takes.
    pub fn types(&self) -> impl Iterator<Item = Media> {
        self.accepts.iter().flat_map(|a| a.types.iter().copied())
    }

    /// Returns the options, the account among them.
    pub fn all_options(&self) -> impl Iterator<Item = &'static OptionFact> {
        self.account.into_iter().chain(self.options)
    }

    /// Returns the option that takes metadata out of pictures.
    pub fn strip_option(&self) -> Option<&'static OptionFact> {
        self.options.iter().find(|option| option.strips_metadata)
    }

    /// Returns whether metadata are taken out of a destination's pictures; none where the provider has no such option.
    pub fn strips(&self, options: &BTreeMap<String, String>) -> Option<bool> {
        let option = self.strip_option()?;
        Some(match options.get(option.key) {
            Some(set) => set == "true",
            None => option.form == ValueKind::Flag(true),
        })
    }

    /// Sets a destination's options so that metadata are taken out of its pictures; false where they are already, or
    /// cannot be.
    pub fn strip(&self, options: &mut BTreeMap<String, String>) -> bool {
        let Some(option) = self.strip_option().filter(|_| self.strips(options) == Some(false)) else {
            return false;
        };
        match option.form {
            ValueKind::Flag(true) => options.remove(option.key),
            _ => options.insert(option.key.to_owned(), "true".to_owned()),
        };
        true
    }

    /// Returns what it takes, in a line: "PNG, JPEG, WebP up to 20 MB · MP4 up to 100 MB".
    pub fn summary(&self) -> String {
        let mut parts = vec![];
        for a in self.accepts {
            let one_kind = a.types.windows(2).all(|w| w[0].kind() == w[1].kind());
            let types = if a.types.len() > 4 && one_kind {
                text::capitalized(a.types[0].kind().word())
            } else {
                a.types.iter().map(|m| m.label()).collect::<Vec<_>>().join(", ")
            };
            parts.push(match (a.max_bytes, a.advised_bytes) {
                (Some(max), _) => format!("{types} up to {}", text::limit(max)),
                (None, Some(advised)) => format!("{types}, best under {}", text::limit(advised)),
                (None, None) => types,
            });
        }
        parts.join(" · ")
    }

    /// Returns the kinds it takes, for a sentence: "images or video".
    pub fn kinds(&self) -> String {
        let words: Vec<_> = Kind::iter().filter(|k| self.takes(*k)).map(Kind::word).collect();
        match words.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            Some((last, _)) => (*last).to_owned(),
            None => String::new(),
        }
    }
}
