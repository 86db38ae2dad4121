//! What is documented of a provider, as data: the picker, the checks, the terminal's help, the README's table, the
//! sandbox and the tests all read this.

use std::time::Duration;

use serde_json::Value;
use strum::{IntoEnumIterator, IntoStaticStr};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Auth {
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `x-api-key: KEY`.
    XApiKey,
}

impl Auth {
    /// Returns the name used in the `auth` option.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Whether a key is good: one `GET`.
#[derive(Debug)]
pub struct KeyCheck {
    /// Where the call goes, behind the vendor's address.
    pub path: &'static str,
    /// Where the reply names the plan, and the plans under which nothing can be uploaded.
    pub plan: Option<(&'static str, &'static [&'static str])>,
    /// What a sandbox replies.
    pub example: fn(&SandboxKey<'_>) -> Value,
}

/// Which accounts or projects there are: one `GET` a page.
#[derive(Debug)]
pub struct AccountListing {
    /// Its path, with a query where pages are asked for.
    pub path: &'static str,
    /// The parameter that asks for the next page, where there are several.
    pub page_parameter: Option<&'static str>,
    /// Nothing can be sent where there is none: an account receives the file, a project only sorts it.
    pub required: bool,
    /// Reads a page.
    pub read: fn(&Value) -> AccountPage,
    /// What is told of one account alone.
    pub one: Option<AccountDetails>,
    /// What a sandbox replies.
    pub example: fn(&SandboxKey<'_>) -> Value,
}

/// What is told of one account alone: one `GET`.
#[derive(Clone, Copy, Debug)]
pub struct AccountDetails {
    /// Its path; the account's id comes behind it.
    pub path: &'static str,
    /// What people want to know of the reply.
    pub read: fn(&Value) -> Option<String>,
    /// What a sandbox replies of the account of this id.
    pub example: fn(&str) -> Value,
}

/// What a sandbox knows of whoever asks about a key.
#[derive(Clone, Debug)]
pub struct SandboxKey<'a> {
    /// One of those it takes.
    pub key: &'a str,
    /// The accounts behind it.
    pub accounts: Vec<SandboxAccount>,
    /// The page that is asked for, where it is not the first.
    pub page: Option<String>,
}

/// A made-up account.
#[derive(Clone, Debug)]
pub struct SandboxAccount {
    /// What the provider names it by.
    pub email: String,
    /// The provider lost its connection to it.
    pub is_broken: bool,
}

/// A made-up key that a sandbox takes besides the usual one.
#[derive(Debug)]
pub struct OtherKey {
    /// What it is called in requests and in settings.
    pub key: &'static str,
    /// The one header it is taken in.
    pub auth: Auth,
    /// So many accounts are behind it.
    pub accounts: usize,
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
    /// Where its uploads go.
    pub base: &'static Endpoint,
    /// Where its key can be checked, if that is elsewhere.
    pub account_base: Option<&'static Endpoint>,
    /// How its documents put the key into a request.
    pub auth: Auth,
    /// A second header that other versions of its documents name.
    pub other_auth: Option<Auth>,
    /// How a key is checked.
    pub check: KeyCheck,
    /// Whether a text has the form of its keys; a hint, no more.
    pub looks_right: fn(&str) -> bool,
    /// Where people find their keys.
    pub keys_page: &'static str,
    /// Where people see and change what they pay for.
    pub plan_page: &'static str,
    /// What a key looks like, for a hint: "user:1234-…".
    pub key_form: &'static str,
    /// The made-up key a sandbox takes.
    pub sandbox_key: &'static str,
    /// Further ones, for what depends on a key: no account, or many; a plan that is too small; an older header.
    pub other_sandbox_keys: &'static [OtherKey],
}

/// How the file's bytes stand in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// The body is the file.
    Raw,
    /// A JSON object with the file in base64.
    JsonBase64 {
        /// The field with the file's name.
        name: &'static str,
        /// The field with the file's bytes.
        data: &'static str,
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
    /// Refused where it plays longer than this.
    pub max_length: Option<Duration>,
    /// Sent with a warning above this many bytes.
    pub advised_bytes: Option<u64>,
    /// Why it is advised, for the warning.
    pub advice: &'static str,
}

impl Accepts {
    /// Returns a rule that accepts `types` up to `max_bytes`, and says nothing more.
    pub const fn up_to(types: &'static [Media], max_bytes: u64) -> Accepts {
        let max_bytes = Some(max_bytes);
        Accepts { types, mime_aliases: &[], max_bytes, max_length: None, advised_bytes: None, advice: "" }
    }

    /// Returns the same, but nothing that plays longer than `max_length`.
    #[must_use]
    pub const fn lasting(self, max_length: Duration) -> Accepts {
        Accepts { max_length: Some(max_length), ..self }
    }
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
    /// Chooses the key's header (`auth`).
    Auth,
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
    /// Where it goes.
    pub location: ParamLocation,
}

/// Where a request says what the file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLocation {
    /// In a header of this name.
    Header(&'static str),
    /// In a query parameter of this name.
    Query(&'static str),
    /// In the body, in the field that its form names.
    Body,
}

/// What a provider wants of file names.
#[derive(Debug)]
pub struct NameRule {
    /// Where the name stands.
    pub location: NameLocation,
    /// At most so many characters, in the form sent.
    pub max_chars: Option<usize>,
    /// The name must end in an extension of an accepted type.
    pub needs_extension: bool,
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
}

impl ErrorFact {
    /// Returns a refusal without `Retry-After`.
    pub const fn new(status: u16, body: &'static str) -> ErrorFact {
        ErrorFact { status, body, retry_after: None, next: None }
    }

    /// Returns the same, and what the documents say to do.
    #[must_use]
    pub const fn hint(self, next: &'static str) -> ErrorFact {
        ErrorFact { next: Some(next), ..self }
    }

    /// Returns the same, to be tried again after so many seconds.
    #[must_use]
    pub const fn after(self, seconds: u32) -> ErrorFact {
        ErrorFact { retry_after: Some(seconds), ..self }
    }
}

/// Its mark in lists: a colour and an icon of the Lucide family.
#[derive(Debug)]
pub struct BrandMark {
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// What is drawn on the colour.
    pub icon: lucide_icons::Icon,
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
    /// The document all this is from.
    pub document: &'static str,
    /// Why nobody should start using it, if so.
    pub legacy: Option<&'static str>,
    /// The path of the `POST`, without account and query.
    pub path: &'static str,
    /// How the bytes are sent.
    pub body: BodyForm,
    /// What it takes.
    pub accepts: &'static [Accepts],
    /// The account, where one can be chosen.
    pub account: Option<&'static OptionFact>,
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
