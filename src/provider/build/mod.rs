//! Makes a provider of its file, or says what is wrong with it, and in which line.
//!
//! What a provider says is kept for as long as the program runs: an upload under way goes on by the file it began with.

mod options;
mod results;
mod section;
#[cfg(test)]
mod sentences;
mod steps;
#[cfg(test)]
mod tests;
mod values;
mod vendor;

use serde::de::DeserializeOwned;

use options::{accept, account_option, listing, option};
pub use results::MEANINGS;
use results::{examples, mark, refusal, uses};
pub use section::InvalidProvider;
use section::{BuildResult, FileSection};
use steps::recipe;
use values::{
    MAX_ENTRIES, MAX_TEXT, check_id, check_page, check_text, duration, leak, leak_all, leak_texts, pointers,
};
use vendor::vendor;

use super::call::Provider;
use super::file::{Allowed, LocationName, ProviderFile, RefusalFile, SharedVendorFile, VendorRef};
use super::hosts;
use super::recipe::{Address, Recipe, any_name, name_location};
use super::spec::{
    AccountTerms, BodyForm, FirstRequest, NameRule, ProviderSource, ProviderSpec, SpecDocument, SpecResults,
    UploadTerms, Vendor,
};
use super::template::TemplateVariable;

/// A file has no more bytes.
pub const MAX_FILE: usize = 256 * 1024;

/// Reads TOML; its own errors name line and field.
fn read<T: DeserializeOwned>(text: &str) -> BuildResult<T> {
    if text.len() > MAX_FILE {
        return Err(InvalidProvider {
            line: None,
            problem: format!("The file is larger than {} kB", MAX_FILE / 1024),
        });
    }
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let problem: String = e.message().split_whitespace().collect::<Vec<_>>().join(" ");
        let written = line.and_then(|line| text.lines().nth(line - 1)).unwrap_or_default();
        let problem = section::in_words(&problem, written);
        InvalidProvider {
            line,
            problem: crate::model::text::elide(&crate::model::text::sanitize(&problem), MAX_TEXT),
        }
    })
}

/// Reads a vendor that several built-in providers share.
pub(super) fn shared_vendor(text: &str) -> BuildResult<&'static Vendor> {
    let file: SharedVendorFile = read(text)?;
    let section = FileSection::top(text);
    if file.format != 1 {
        return Err(section.error("format", "must be 1"));
    }
    vendor(section, &file.vendor, &ProviderSource::BuiltIn)
}

/// Reads a provider. `known` are the built-in vendors.
pub fn provider(
    text: &str,
    source: &ProviderSource,
    known: &[&'static Vendor],
) -> Result<&'static Provider, InvalidProvider> {
    let file: ProviderFile = read(text)?;
    let top = FileSection::top(text);
    if file.format != 1 {
        return Err(top.error("format", "must be 1"));
    }
    check_id(top, "id", &file.id)?;
    if *source != ProviderSource::BuiltIn && file.position.is_some() {
        return Err(top.error("position", "is for built-in providers: leave it out"));
    }
    check_text(top, "name", &file.name, 40)?;
    check_page(top, "page", &file.page)?;
    if file.checked.parse::<jiff::civil::Date>().is_err() {
        return Err(top.error("checked", "must be a date like 2026-06-03"));
    }
    for (field, words) in [("document", &file.document), ("legacy", &file.legacy), ("costs", &file.costs)] {
        if let Some(words) = words {
            check_text(top, field, words, MAX_TEXT)?;
        }
    }
    for (field, count) in [
        ("accepts", file.accepts.len()),
        ("option", file.option.len()),
        ("refusal", file.refusal.len()),
        ("use", file.uses.len()),
        ("example", file.example.len()),
    ] {
        if count > MAX_ENTRIES {
            return Err(top.error(field, format_args!("must have at most {MAX_ENTRIES} entries")));
        }
    }
    let vendor = match &file.vendor {
        VendorRef::Own(own) => {
            if *source != ProviderSource::BuiltIn && known.iter().any(|vendor| vendor.id == own.id) {
                return Err(top
                    .of("[vendor]", 0)
                    .error("id", format_args!("{} is built in: choose another id", own.id)));
            }
            vendor(top, own, source)?
        }
        VendorRef::Known(id) => *known.iter().find(|vendor| vendor.id == id).ok_or_else(|| {
            let all: Vec<_> = known.iter().map(|vendor| vendor.id).collect();
            top.error("vendor", format_args!("must be a table, or one of {}", all.join(", ")))
        })?,
    };
    let accepts = file.accepts.iter().enumerate();
    let accepts: Vec<_> =
        accepts.map(|(i, a)| accept(top.of("[[accepts]]", i), a)).collect::<BuildResult<_>>()?;
    if accepts.is_empty() {
        return Err(top.error("", "[[accepts]] is missing: say which types the provider accepts"));
    }
    let options = file.option.iter().enumerate();
    let options: Vec<_> =
        options.map(|(i, o)| option(top.of("[[option]]", i), o)).collect::<BuildResult<_>>()?;
    let recipe = recipe(top, &file, vendor)?;
    let first = &recipe.steps[0];
    let path = match &first.address {
        Address::Vendor { .. } => {
            leak(file.step[0].url.split(['?', '{']).next().map(hosts::path_of).unwrap_or_default())
        }
        Address::Captured(_) => {
            return Err(top.of("[[step]]", 0).error("url", "must be an address of the vendor"));
        }
    };
    let carrier = &recipe.steps[recipe.file_step()];
    let location = name_location(carrier);
    let names = match (&file.filename, location) {
        (Some(_), None) if recipe.steps.iter().all(|step| name_location(step).is_none()) => {
            let problem = "no step sends a name: use {file.name}, {file.stem} or multipart in one";
            return Err(top.of("[filename]", 0).error("", problem));
        }
        (None, None) => None,
        (None, location) => Some(any_name(location)),
        (Some(rule), location) => {
            let section = top.of("[filename]", 0);
            if rule.max.is_some_and(|max| !(16..=4096).contains(&max)) {
                return Err(section.error("max", "must be from 16 to 4096"));
            }
            Some(NameRule {
                location,
                max_chars: rule.max,
                extensions: leak_texts(&rule.extensions),
                is_safe: rule.allowed == Allowed::Safe,
                is_encoded: rule.encode.is_some(),
                overwrites: rule.overwrites,
            })
        }
    };
    let account_section = top.of("[account]", 0);
    let listing =
        match file.account.as_ref().and_then(|account| account.list.as_ref().map(|list| (account, list))) {
            Some((account, list)) => Some(&*Box::leak(Box::new(listing(top, account, list, vendor)?))),
            None => None,
        };
    let account = file.account.as_ref();
    let account_option = match account {
        Some(account) => Some(&*Box::leak(Box::new(account_option(account_section, account)?))),
        None => None,
    };
    check_places(top, &file, &recipe)?;
    check_meanings(top, &file.refusal)?;
    let creating = &recipe.steps[recipe.creating_step()];
    let facts = ProviderSpec {
        id: leak(file.id.as_str()),
        name: leak(file.name.as_str()),
        vendor,
        source: source.clone(),
        position: file.position,
        document: SpecDocument {
            title: leak(file.document.as_deref().unwrap_or(&file.page)),
            page: leak(file.page.as_str()),
            checked: leak(file.checked.as_str()),
        },
        request: FirstRequest { path, body: carrier.body.form().unwrap_or(BodyForm::Raw) },
        accepts: leak_all(accepts),
        account: AccountTerms {
            option: account_option,
            is_required: account.is_some_and(|account| account.required),
            listing,
            page: leak(account.and_then(|a| a.page.as_deref()).unwrap_or(vendor.keys_page)),
            is_auto: account.is_some_and(|account| account.auto),
        },
        options: leak_all(options),
        names: names.map(|rule| &*Box::leak(Box::new(rule))),
        terms: UploadTerms {
            costs: file.costs.clone().map(leak),
            legacy: file.legacy.clone().map(leak),
            retention: match &file.reply.expires {
                Some(text) if !text.starts_with('/') && !text.contains('{') => {
                    Some(duration(top.of("[reply]", 0), "expires", text)?)
                }
                _ => None,
            },
            is_repeatable: creating.is_safe && recipe.steps.iter().all(|step| step.is_safe),
        },
        results: SpecResults {
            values: pointers(top.of("[reply]", 0), "values", &file.reply.values)?,
            uses: uses(top, &file)?,
        },
        errors: leak_all(
            file.refusal
                .iter()
                .enumerate()
                .map(|(i, r)| refusal(top.of("[[refusal]]", i), r))
                .collect::<BuildResult<_>>()?,
        ),
        mark: mark(top, &file)?,
    };
    let examples = examples(top, &file, recipe.steps.len())?;
    Ok(Box::leak(Box::new(Provider::new(facts, recipe, examples, leak(text)))))
}

/// Checks that what people can set is sent: a place that is missing would lose it without a word.
fn check_places(top: FileSection<'_>, file: &ProviderFile, recipe: &Recipe) -> BuildResult<()> {
    let named = recipe.variables();
    let is_template = file.account.as_ref().is_some_and(|one| one.location == LocationName::Template);
    if is_template && !named.contains(&&TemplateVariable::Account) {
        let problem = "is template, and no step has {account}: write it there, or in = \"query\"";
        return Err(top.of("[account]", 0).error("in", problem));
    }
    for (i, option) in file.option.iter().enumerate() {
        let is_sent = option.location != LocationName::Template
            || named.contains(&&TemplateVariable::Option(option.id.clone()));
        if !is_sent {
            let problem = format_args!(
                "is template, and no step has {{option.{}}}: write it there, or in = \"query\"",
                option.id
            );
            return Err(top.of("[[option]]", i).error("in", problem));
        }
    }
    Ok(())
}

/// Checks that a status has one meaning, but for the refusals that name words of their own.
fn check_meanings(top: FileSection<'_>, all: &[RefusalFile]) -> BuildResult<()> {
    for (i, refusal) in all.iter().enumerate() {
        let is_of_status = |other: &&RefusalFile| other.status == refusal.status && other.message.is_none();
        let first = all.iter().find(is_of_status).filter(|_| refusal.message.is_none());
        if first.is_some_and(|first| first.means != refusal.means) {
            let problem =
                format_args!("must be the same in every [[refusal]] of {} without message", refusal.status);
            return Err(top.of("[[refusal]]", i).error("means", problem));
        }
    }
    Ok(())
}
