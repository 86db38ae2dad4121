//! What a provider's table says of a file before a byte leaves.

use super::spec::{Facts, OptionFact, ValueKind};
use crate::model::destination::Destination;
use crate::model::item::{Finding, Severity};
use crate::model::media::{DetectedType, FileFacts};
use crate::model::text;

/// Every finding for a file at a destination, the gravest first.
pub fn findings(facts: &Facts, file: &FileFacts, destination: &Destination) -> Vec<Finding> {
    let mut out = vec![];
    let mut say = |gravity, sentence: String, next: &str| {
        out.push(Finding { gravity, sentence, next: next.to_owned() });
    };
    let elsewhere = "Send it somewhere else";
    match (file.recognised, file.recognised.media().and_then(|m| facts.accepts(m))) {
        _ if file.size == 0 => say(Severity::Error, "The file is empty".into(), "Save or copy it again"),
        (DetectedType::Unknown, _) => say(
            Severity::Error,
            "This is no image, audio or video that Hoist knows".into(),
            "Check that it is the file you meant, then convert it to a type in the list of providers",
        ),
        (DetectedType::Other { label, .. }, _) => {
            say(Severity::Error, format!("{} doesn't accept {label}", facts.name), elsewhere);
        }
        (DetectedType::Known(media), None) => {
            let kind = media.kind();
            let no_provider = !super::ALL.iter().any(|p| p.facts().accepts(media).is_some());
            let what = if no_provider || facts.takes(kind) {
                format!("{} doesn't accept {}", facts.name, media.label())
            } else {
                format!("{} doesn't accept {}", facts.name, kind.word())
            };
            say(Severity::Error, what, elsewhere);
        }
        (DetectedType::Known(_), Some(row)) => {
            if let Some(max) = row.max_bytes.filter(|max| file.size > *max) {
                let sentence =
                    format!("{} is over the {} limit", text::over(file.size, max), text::limit(max));
                say(Severity::Error, sentence, "Make the file smaller, or send it somewhere else");
            } else if let (Some(max), Some(length)) = (row.max_length, file.length)
                && length > max
            {
                let minutes = max.as_secs() / 60;
                let length = text::length(length);
                if file.length_is_guess {
                    let sentence = format!("About {length}: probably over the {minutes}-minute limit");
                    say(Severity::Warning, sentence, "Check how long it plays: Hoist sends it all the same");
                } else {
                    let sentence = format!("{length} is over the {minutes}-minute limit");
                    say(Severity::Error, sentence, "Make it shorter, or send it somewhere else");
                }
            } else if row.advised_bytes.is_some_and(|advised| file.size > advised) {
                say(Severity::Warning, row.advice.to_owned(), "It is sent all the same");
            }
        }
    }
    if let Some(damage) = file.damaged.filter(|_| file.size > 0) {
        say(Severity::Warning, damage.to_string(), "Save or copy it again; Hoist sends it all the same");
    }
    for (key, value) in &destination.options {
        let problem = match facts.options.iter().find(|o| o.key == key) {
            Some(option) => invalid(option, value),
            None => Some(format!("{} has no option {}", facts.name, text::sanitize(key))),
        };
        if let Some(problem) = problem {
            say(Severity::Error, problem, "Change the destination's options");
        }
    }
    if let (Some(option), Some(account)) = (facts.account, &destination.account)
        && let Some(problem) = invalid(option, account)
    {
        say(Severity::Error, problem, "Change the destination's account");
    }
    out.sort_by_key(|f| std::cmp::Reverse(f.gravity));
    out
}

/// Why a value does not fit an option, in a sentence.
pub fn invalid(option: &OptionFact, value: &str) -> Option<String> {
    let wrong =
        |what: &str| Some(format!("{} must be {what}, not \"{}\"", option.key, text::sanitize(value)));
    match option.form {
        _ if value.trim().is_empty() => Some(format!("{} must not be empty", option.key)),
        _ if value.chars().count() > 1024 => Some(format!("{} is too long", option.key)),
        ValueKind::Text => value.chars().any(char::is_control).then(|| wrong("one line of text")).flatten(),
        ValueKind::Email => {
            let at = value.find('@').is_some_and(|i| i > 0 && i + 1 < value.len());
            let clean = !value.chars().any(|c| c.is_control() || c.is_whitespace());
            (!at || !clean).then(|| wrong("an email address")).flatten()
        }
        ValueKind::Uuid => {
            (!is_uuid(value)).then(|| wrong("a UUID, like 9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8")).flatten()
        }
        ValueKind::Flag(_) => (!matches!(value, "true" | "false")).then(|| wrong("true or false")).flatten(),
        ValueKind::Choice(all) => (!all.contains(&value)).then(|| wrong(&all.join(" or "))).flatten(),
    }
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
