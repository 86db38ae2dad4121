//! What a provider's table says of a destination, and of a file for it, before a byte leaves.

use std::borrow::Cow;

use super::spec::{OptionFact, ProviderSpec, ValueKind};
use crate::model::destination::Destination;
use crate::model::item::{Finding, FindingKind as K, Severity};
use crate::model::media::{DetectedType, FileFacts, LocationPresence};
use crate::model::text::{self, elide, sanitize};

/// Why a destination does not fit its provider's table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDestination {
    /// The provider has no such option.
    #[error("{provider} has no option {}", elide(&sanitize(.option), 60))]
    UnknownOption {
        /// The provider's name for people.
        provider: &'static str,
        /// The option's name as it was given.
        option: String,
    },
    /// An option's value.
    #[error(transparent)]
    Option(InvalidValue),
    /// What the destination names as account.
    #[error(transparent)]
    Account(InvalidValue),
    /// No account, where the provider of this name does not choose one.
    #[error("{0} needs an account")]
    AccountMissing(&'static str),
    /// An account, where the provider of this name has none to choose from.
    #[error("{0} has no accounts to choose from")]
    NoAccounts(&'static str),
}

/// Why a value does not fit an option, which is named first.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValue {
    /// Nothing, or blanks.
    #[error("{0} must not be empty")]
    Empty(&'static str),
    /// More than any provider takes.
    #[error("{0} is too long")]
    TooLong(&'static str),
    /// Of another form.
    #[error("{option} must be {expected}, not \"{}\"", sanitize(.value))]
    Malformed {
        /// The option's name.
        option: &'static str,
        /// "an email address".
        expected: Cow<'static, str>,
        /// What was given.
        value: String,
    },
}

/// Lists everything by which a destination does not fit its provider's table.
pub fn destination(facts: &ProviderSpec, destination: &Destination) -> Vec<InvalidDestination> {
    let options = destination.options.iter().filter_map(|(key, value)| option(facts, key, value).err());
    let account = destination.account.iter().filter_map(|id| account(facts, id).err());
    let is_missing = facts.account.is_required && destination.account.is_none();
    let missing = is_missing.then_some(InvalidDestination::AccountMissing(facts.name));
    options.chain(account).chain(missing).collect()
}

/// Checks whether a provider has such an option, and takes this value for it.
pub fn option(facts: &ProviderSpec, key: &str, given: &str) -> Result<(), InvalidDestination> {
    match facts.options.iter().find(|option| option.key == key) {
        Some(option) => value(option, given).map_err(InvalidDestination::Option),
        None => Err(InvalidDestination::UnknownOption { provider: facts.name, option: key.to_owned() }),
    }
}

/// Checks whether a provider takes such an account.
pub fn account(facts: &ProviderSpec, id: &str) -> Result<(), InvalidDestination> {
    match facts.account.option {
        Some(option) => value(option, id).map_err(InvalidDestination::Account),
        None => Err(InvalidDestination::NoAccounts(facts.name)),
    }
}

/// Returns every finding for a file at a destination, the gravest first.
pub fn findings(facts: &ProviderSpec, file: &FileFacts, destination: &Destination) -> Vec<Finding> {
    let mut out = vec![];
    let mut say = |severity, kind, message: String, hint: &str| {
        out.push(Finding::new(severity, kind, message, hint));
    };
    let elsewhere = "Send it somewhere else";
    match (file.recognised, file.recognised.media().and_then(|m| facts.accepts(m))) {
        _ if file.size == 0 => {
            say(Severity::Error, K::File, "The file is empty".into(), "Save or copy it again");
        }
        (DetectedType::Unknown, _) => say(
            Severity::Error,
            K::Type,
            "This is not an image, audio or video that Hoist knows".into(),
            "Check that it is the file you meant, then convert it to a supported type",
        ),
        (DetectedType::Other { label, .. }, _) => {
            say(Severity::Error, K::Type, format!("{} doesn't accept {label}", facts.name), elsewhere);
        }
        (DetectedType::Known(media), None) => {
            let kind = media.kind();
            let no_provider = !super::first().iter().any(|p| p.facts().accepts(media).is_some());
            let what = if no_provider || facts.takes(kind) {
                format!("{} doesn't accept {}", facts.name, media.label())
            } else {
                format!("{} doesn't accept {}", facts.name, kind.word())
            };
            say(Severity::Error, K::Type, what, elsewhere);
        }
        (DetectedType::Known(_), Some(row)) => {
            if let Some(max) = row.max_bytes.filter(|max| file.size > *max) {
                let sentence =
                    format!("{} is over the {} limit", text::over(file.size, max), text::limit(max));
                say(Severity::Error, K::Size, sentence, "Make the file smaller, or send it somewhere else");
            } else if row.advised_bytes.is_some_and(|advised| file.size > advised) {
                say(Severity::Warning, K::Size, row.advice.to_owned(), "Hoist sends it anyway");
            }
            if let (Some(max), Some(duration)) = (row.max_duration, file.duration)
                && duration > max
            {
                let limit = match max.as_secs() {
                    secs if secs >= 60 && secs % 60 == 0 => format!("{}-minute", secs / 60),
                    _ => format!("{}-second", max.as_secs_f64()),
                };
                let duration = text::playing_time(duration);
                if file.duration_is_guess {
                    let sentence = format!("About {duration}: probably over the {limit} limit");
                    say(
                        Severity::Warning,
                        K::Duration,
                        sentence,
                        "Check its duration; Hoist sends it anyway",
                    );
                } else {
                    let sentence = format!("{duration} is over the {limit} limit");
                    say(Severity::Error, K::Duration, sentence, "Make it shorter, or send it somewhere else");
                }
            } else if let (Some(min), Some(duration)) = (row.min_duration, file.duration)
                && duration < min
            {
                let (duration, min) = (duration.as_secs_f64(), min.as_secs_f64());
                let sentence = format!("{duration:.1} s is under the minimum of {min} s");
                say(Severity::Error, K::Duration, sentence, "Make it longer, or send it somewhere else");
            }
            if let Some((width, height)) = file.pixels
                && let Some((min, max)) = row.pixels
                && (width.min(height) < min || width.max(height) > max)
            {
                let sentence = format!("{width} × {height}: each side must have {min} to {max} pixels");
                say(Severity::Error, K::Dimensions, sentence, "Resize it, or send it somewhere else");
            }
        }
    }
    if let Some(damage) = file.damaged.filter(|_| file.size > 0) {
        let next = "Save or copy it again; Hoist sends it anyway";
        say(Severity::Warning, K::Damage, damage.to_string(), next);
    }
    for problem in self::destination(facts, destination) {
        let next = match problem {
            InvalidDestination::UnknownOption { .. } | InvalidDestination::Option(_) => {
                "Change the destination's options"
            }
            InvalidDestination::Account(_) => "Change the destination's account",
            InvalidDestination::AccountMissing(_) => "Choose an account for the destination",
            InvalidDestination::NoAccounts(_) => continue, // it is not sent along
        };
        say(Severity::Error, K::Destination, problem.to_string(), next);
    }
    let is_stripped = facts.strips_file(file.recognised.media(), &destination.options);
    let location = match file.location {
        LocationPresence::Present => Some("Contains location"),
        LocationPresence::Possible => Some("May contain location"),
        LocationPresence::Absent => None,
    };
    // Where the provider takes it out of pictures it is not published, and what is stopped is not sent along.
    let is_stopped = out.iter().any(|finding| finding.severity == Severity::Error);
    if let Some(sentence) = location.filter(|_| !is_stripped && !is_stopped) {
        out.push(Finding::new(Severity::Warning, K::Location, sentence.to_owned(), "Hoist sends it along"));
    }
    out.sort_by_key(|f| std::cmp::Reverse(f.severity));
    out
}

/// Checks whether a value has the form that an option wants.
pub fn value(option: &OptionFact, given: &str) -> Result<(), InvalidValue> {
    let is_line = !given.chars().any(char::is_control);
    let (fits, expected): (bool, Cow<'static, str>) = match option.form {
        _ if given.trim().is_empty() => return Err(InvalidValue::Empty(option.key)),
        _ if given.chars().count() > 1024 => return Err(InvalidValue::TooLong(option.key)),
        ValueKind::Text => (is_line, "one line of text".into()),
        ValueKind::Email => {
            let at = given.find('@').is_some_and(|i| i > 0 && i + 1 < given.len());
            (at && is_line && !given.contains(char::is_whitespace), "an email address".into())
        }
        ValueKind::Uuid => (is_uuid(given), "a UUID, like 9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8".into()),
        ValueKind::Flag(_) => (matches!(given, "true" | "false"), "true or false".into()),
        ValueKind::Choice(all) => (all.contains(&given), all.join(" or ").into()),
    };
    if fits {
        return Ok(());
    }
    Err(InvalidValue::Malformed { option: option.key, expected, value: given.to_owned() })
}

/// Returns whether a text is 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
