//! Makes what a provider accepts, and what people may set, of its tables.

use std::time::Duration;

use super::section::{BuildResult, FileSection};
use super::values::{
    MAX_ENTRIES, MAX_TEXT, check_header, check_name, check_page, check_text, json, json_of, leak, leak_all,
    leak_texts, pointer, size, template,
};
use crate::model::media::Media;
use crate::provider::file::{AcceptsFile, AccountFile, ListFile, LocationName, OptionFile, ValueName};
use crate::provider::hosts;
use crate::provider::spec::{
    Accepts, AccountDetails, AccountListing, ListExamples, ListForm, OptionFact, ParamLocation, ValueKind,
    Vendor,
};

pub(super) fn accept(section: FileSection<'_>, file: &AcceptsFile) -> BuildResult<Accepts> {
    let types = file.types.iter().map(|name| {
        Media::from_extension(name).ok_or_else(|| {
            let problem = format_args!(
                "{name:?} is no type that Hoist knows: write an extension, like png, mp4 or m4a"
            );
            section.error("types", problem)
        })
    });
    let types: Vec<_> = types.collect::<BuildResult<_>>()?;
    if types.is_empty() {
        return Err(section.error("types", "must name a type"));
    }
    let limit =
        |field: &str, text: &Option<String>| text.as_ref().map(|text| size(section, field, text)).transpose();
    let advice = file.why.clone().unwrap_or_default();
    if file.warn_above.is_some() {
        check_text(section, "why", &advice, MAX_TEXT)?;
    }
    let [min, max] = file.seconds.unwrap_or_default();
    if !(0.0..=1e6).contains(&min) || !(0.0..=1e6).contains(&max) || (max > 0.0 && max < min) {
        return Err(section.error("seconds", "must be the shortest and the longest duration, like [2, 15.4]"));
    }
    let seconds = |n: f64| (n > 0.0).then(|| Duration::from_secs_f64(n));
    if file.pixels.is_some_and(|[min, max]| min > max) {
        return Err(
            section.error("pixels", "must be the fewest and the most pixels of a side, like [200, 2160]")
        );
    }
    Ok(Accepts {
        types: leak_all(types),
        mime_aliases: leak_texts(&file.aliases),
        max_bytes: limit("max", &file.max)?,
        min_duration: seconds(min),
        max_duration: seconds(max),
        pixels: file.pixels.map(|[min, max]| (min, max)),
        advised_bytes: limit("warn_above", &file.warn_above)?,
        advice: leak(advice),
    })
}

pub(super) fn location(location: LocationName) -> ParamLocation {
    match location {
        LocationName::Query => ParamLocation::Query,
        LocationName::Path => ParamLocation::Path,
        LocationName::Header => ParamLocation::Header,
        LocationName::Auth => ParamLocation::Auth,
        LocationName::Template => ParamLocation::Template,
    }
}

pub(super) fn option(section: FileSection<'_>, file: &OptionFile) -> BuildResult<OptionFact> {
    check_name(section, "id", &file.id)?;
    check_text(section, "label", &file.label, 40)?;
    check_text(section, "help", &file.help, MAX_TEXT)?;
    if file.location == LocationName::Path {
        return Err(section.error("in", "must be query, header, auth or template"));
    }
    if file.location == LocationName::Header {
        check_header(section, "id", &file.id, false)?;
    }
    let form = match file.kind {
        ValueName::Text => ValueKind::Text,
        ValueName::Email => ValueKind::Email,
        ValueName::Uuid => ValueKind::Uuid,
        ValueName::Switch => match file.default.as_deref() {
            Some("true") => ValueKind::Flag(true),
            Some("false") | None => ValueKind::Flag(false),
            Some(_) => return Err(section.error("default", "must be \"true\" or \"false\"")),
        },
        ValueName::Choice => {
            if file.choices.is_empty() || file.choices.len() > MAX_ENTRIES {
                return Err(section.error("choices", "must name one to 100 values"));
            }
            for choice in &file.choices {
                check_text(section, "choices", choice, 80)?;
            }
            ValueKind::Choice(leak_texts(&file.choices))
        }
    };
    let default = file.default.as_deref().filter(|_| !matches!(form, ValueKind::Flag(_)));
    let option = OptionFact {
        key: leak(file.id.as_str()),
        label: leak(file.label.as_str()),
        help: leak(file.help.as_str()),
        form,
        default: default.map(leak),
        location: location(file.location),
        strips_metadata: file.strips_metadata,
    };
    if let Some(default) = default {
        check_text(section, "default", default, 1024)?;
        if matches!(form, ValueKind::Choice(all) if !all.contains(&default)) {
            return Err(section.error("default", format_args!("must be one of {}", file.choices.join(", "))));
        }
    }
    Ok(option)
}

pub(super) fn account_option(section: FileSection<'_>, file: &AccountFile) -> BuildResult<OptionFact> {
    check_name(section, "name", &file.name)?;
    check_text(section, "label", &file.label, 40)?;
    check_text(section, "help", &file.help, MAX_TEXT)?;
    if file.location == LocationName::Header {
        check_header(section, "name", &file.name, false)?;
    }
    if let Some(page) = &file.page {
        check_page(section, "page", page)?;
    }
    let form = match file.kind {
        ValueName::Text => ValueKind::Text,
        ValueName::Email => ValueKind::Email,
        ValueName::Uuid => ValueKind::Uuid,
        ValueName::Switch | ValueName::Choice => {
            return Err(section.error("kind", "must be text, email or uuid"));
        }
    };
    if file.location == LocationName::Auth {
        return Err(section.error("in", "must be query, path, header or template"));
    }
    Ok(OptionFact {
        key: leak(file.name.as_str()),
        label: leak(file.label.as_str()),
        help: leak(file.help.as_str()),
        form,
        default: None,
        location: location(file.location),
        strips_metadata: false,
    })
}

pub(super) fn listing(
    top: FileSection<'_>,
    account: &AccountFile,
    file: &ListFile,
    vendor: &Vendor,
) -> BuildResult<AccountListing> {
    let section = top.of("[account.list]", 0);
    let (base, path) =
        hosts::split(&file.url, vendor.endpoints, vendor.is_local).map_err(|p| section.error("url", p))?;
    let at = |field: &str, text: &Option<String>| {
        text.as_ref().map(|text| pointer(section, field, text)).transpose()
    };
    if file.items.is_some() != file.id.is_some() {
        return Err(section.error("id", "belongs with items: where in an item does its id stand?"));
    }
    if file.next.is_some() != file.cursor.is_some() {
        return Err(
            section.error("cursor", "belongs with next: which query parameter asks for the next page?")
        );
    }
    if let Some(cursor) = &file.cursor {
        check_name(section, "cursor", cursor)?;
    }
    let pages = file.example_pages.iter().map(|page| json(section, "example_pages", page));
    let details_section = top.of("[account.details]", 0);
    let one = match &account.details {
        None => None,
        Some(details) => {
            let (base, path) = hosts::split(&details.url, vendor.endpoints, vendor.is_local)
                .map_err(|p| details_section.error("url", p))?;
            check_text(details_section, "unit", &details.unit, 40)?;
            Some(AccountDetails {
                base,
                path: template(details_section, "url", &path)?,
                number: pointer(details_section, "number", &details.number)?,
                unit: leak(details.unit.as_str()),
                example: json_of(details_section, "example", details.example.as_ref())?,
            })
        }
    };
    Ok(AccountListing {
        base,
        path: leak(path),
        page_parameter: file.cursor.clone().map(leak),
        required: file.required,
        form: ListForm {
            items: at("items", &file.items)?,
            id: at("id", &file.id)?.unwrap_or_default(),
            title: at("title", &file.title)?,
            problem: at("problem", &file.problem)?,
            fine: file.fine.clone().map(leak),
            next: at("next", &file.next)?,
        },
        one,
        examples: ListExamples {
            each: json_of(section, "example", file.example.as_ref())?,
            broken: json_of(section, "example_broken", file.example_broken.as_ref())?,
            pages: pages.collect::<BuildResult<_>>()?,
        },
    })
}
