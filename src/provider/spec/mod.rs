//! What is documented of a provider, as data: the picker, the checks, the terminal's help, the README's table, the
//! sandbox and the tests all read this.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use strum::IntoEnumIterator;

mod vendor;

use crate::model::error::FailureKind;
use crate::model::fit::TypeLimits;
use crate::model::media::{Kind, Media};
use crate::model::text;

pub use vendor::{
    Account, AccountDetails, AccountListing, AccountPage, Auth, Endpoint, KeyCheck, ListExamples, ListForm,
    OtherKey, SandboxKeys, Vendor,
};

/// How the file's bytes stand in the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyForm {
    /// The body is the file.
    Raw,
    /// A JSON object with the file in base64.
    JsonBase64 {
        /// The JSON pointer to the file's name, where it has one.
        name: Option<&'static str>,
        /// The JSON pointer to the file's bytes.
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
    pub min_duration: Option<Duration>,
    /// Refused where it plays longer than this.
    pub max_duration: Option<Duration>,
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

    /// Returns which of its choices counts where none is set: its default, else the first.
    pub fn usual(&self) -> Option<&'static str> {
        match self.form {
            ValueKind::Choice(all) => self.default.or(all.first().copied()),
            _ => self.default,
        }
    }
}

/// Where a request says what the file is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameLocation {
    /// In a header of this name.
    Header(&'static str),
    /// In a query parameter of this name.
    Query(&'static str),
    /// Within the body, not beside it.
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
    /// What of the provider's words tells it from others of its status, in small letters.
    pub message: Option<&'static str>,
}

impl ErrorFact {
    /// Returns whether it says so of the provider's words, and not of every reply of its status.
    pub fn is_said(&self, words: &str) -> bool {
        self.message.is_some_and(|message| words.to_lowercase().contains(message))
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

/// Where a provider's file is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderSource {
    /// Built into Hoist.
    BuiltIn,
    /// A file of the person's own.
    File(PathBuf),
}

/// The document that a provider's table is from.
#[derive(Debug)]
pub struct SpecDocument {
    /// Its name.
    pub title: &'static str,
    /// Its address.
    pub page: &'static str,
    /// Its date, or when it was read: `2026-06-03`.
    pub checked: &'static str,
}

/// The first request of an upload.
#[derive(Debug)]
pub struct FirstRequest {
    /// Its path, without account and query.
    pub path: &'static str,
    /// How the bytes are sent.
    pub body: BodyForm,
}

/// What a provider has of accounts.
#[derive(Debug)]
pub struct AccountTerms {
    /// The option that chooses one, where one can be chosen.
    pub option: Option<&'static OptionFact>,
    /// Nothing can be sent without an account.
    pub is_required: bool,
    /// How the accounts behind a key are asked for.
    pub listing: Option<&'static AccountListing>,
    /// The provider's page on setting accounts up.
    pub page: &'static str,
    /// The provider itself moves on to another account where none was named.
    pub is_auto: bool,
}

/// What becomes of a file at a provider, and what it costs.
#[derive(Debug)]
pub struct UploadTerms {
    /// What an upload costs, in words.
    pub costs: Option<&'static str>,
    /// Why it should not be used for anything new, if so.
    pub legacy: Option<&'static str>,
    /// Files are deleted so long after the upload; a second copy does no harm then.
    pub retention: Option<Duration>,
    /// Sending the same file again makes no second asset.
    pub is_repeatable: bool,
}

/// What a success gives.
#[derive(Debug)]
pub struct SpecResults {
    /// What it names that is worth copying, in the order to show it: `data.url`.
    pub values: &'static [&'static str],
    /// What the results are for.
    pub uses: &'static [Usage],
}

/// Everything documented of one upload call.
#[derive(Debug)]
pub struct ProviderSpec {
    /// Small letters, digits and `-`: what the terminal takes.
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
    pub document: SpecDocument,
    /// Where an upload begins; further requests follow from its reply.
    pub request: FirstRequest,
    /// What it takes.
    pub accepts: &'static [Accepts],
    /// What it has of accounts.
    pub account: AccountTerms,
    /// Further options.
    pub options: &'static [OptionFact],
    /// What it wants of names.
    pub names: Option<&'static NameRule>,
    /// What becomes of a file there, and what it costs.
    pub terms: UploadTerms,
    /// What a success gives.
    pub results: SpecResults,
    /// Its documented refusals.
    pub errors: &'static [ErrorFact],
    /// Icon and colour, shown in place of its name.
    pub mark: BrandMark,
}

impl ProviderSpec {
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

    /// Returns what it accepts, as plans for copies need it.
    pub fn limits(&self) -> Vec<TypeLimits> {
        let limits = |row: &Accepts| TypeLimits {
            types: row.types.to_vec(),
            max_bytes: row.max_bytes,
            min_duration: row.min_duration,
            max_duration: row.max_duration,
            pixels: row.pixels,
            advised_bytes: row.advised_bytes,
        };
        self.accepts.iter().map(limits).collect()
    }

    /// Returns every type it takes.
    pub fn types(&self) -> impl Iterator<Item = Media> {
        self.accepts.iter().flat_map(|a| a.types.iter().copied())
    }

    /// Returns the options, the account among them.
    pub fn all_options(&self) -> impl Iterator<Item = &'static OptionFact> {
        self.account.option.into_iter().chain(self.options)
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

    /// Returns whether the provider takes metadata out of a file of a destination with these options: it does of pictures.
    pub fn strips_file(&self, media: Option<Media>, options: &BTreeMap<String, String>) -> bool {
        media.is_some_and(|media| media.kind() == Kind::Image) && self.strips(options) == Some(true)
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
            } else if a.types.len() > 6 {
                let is_taken = |kind: &Kind| a.types.iter().any(|media| media.kind() == *kind);
                let kinds: Vec<_> = Kind::iter().filter(is_taken).map(Kind::word).collect();
                text::capitalized(&kinds.join(", "))
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

    /// Returns how long files stay where they are deleted by themselves: "expires after 24 h".
    pub fn expiry(&self) -> Option<String> {
        self.terms.retention.map(|lives| format!("expires after {} h", lives.as_secs() / 3600))
    }

    /// Returns the kinds it takes, for a sentence: "images or video".
    pub fn kinds(&self) -> String {
        let words: Vec<_> = Kind::iter().filter(|k| self.takes(*k)).map(Kind::word).collect();
        text::listed(&words, "or")
    }
}
