//! Where to: what the arguments say of destinations, accounts, options and keys, read in one way by all commands.

use std::collections::BTreeMap;

use super::output;
use crate::platform::environment;
use crate::session::api::{
    Destination, Settings, SettingsFile, SettingsUnread,
    provider::check::{self, InvalidDestination},
    provider::{self, ProviderSpec, Vendor},
    text::{elide, sanitize},
};
use crate::session::lookup::{AccountChoice, LookupError, destination_called};
use crate::session::{self, Session};

/// Returns the saved settings, where no session is needed: nothing is written, and no keyring is asked.
pub(super) fn settings(sandbox: bool) -> Result<Settings, String> {
    let folders = session::folders(&environment::given(), sandbox).map_err(output::sentence)?;
    SettingsFile::new(&folders).peek().map_err(|problem| match problem {
        SettingsUnread::Damaged(_) => {
            format!("{problem}. `hoist keys list` sets it aside and goes on with what can be used of it. Nothing was done")
        }
        SettingsUnread::Unreadable(_) => format!("{problem}. Nothing was done"),
    })
}

/// Returns what is known of a destination's provider.
pub(super) fn facts(destination: &Destination) -> Result<&'static ProviderSpec, String> {
    provider::by_id(&destination.provider)
        .map(|p| p.facts())
        .ok_or_else(|| format!("This version of Hoist does not know the provider {}", destination.provider))
}

pub(super) fn no_destination() -> String {
    let vendors: Vec<_> = provider::shown_vendors().into_iter().map(|s| s.id).collect();
    format!(
        "There is no API key yet. Add one with `hoist keys add {}`, set an environment variable (see \
         `hoist --help`), or try it with --sandbox",
        vendors.join("|")
    )
}

pub(super) fn names(session: &Session) -> String {
    let names = session.keys.destinations().iter().map(|d| match session.keys.is_saved(d) {
        true => format!("\"{}\"", d.name),
        false => d.provider.clone(),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn providers() -> String {
    provider::all().into_iter().map(|p| p.facts().id).collect::<Vec<_>>().join(", ")
}

/// Returns the provider of that id.
pub(super) fn provider(id: &str) -> Result<&'static ProviderSpec, String> {
    let found = provider::by_id(id).map(|p| p.facts());
    found.ok_or_else(|| format!("There is no provider \"{}\". There are: {}", sanitize(id), providers()))
}

/// Returns the vendor of that id.
pub(super) fn vendor(id: &str) -> Result<&'static Vendor, String> {
    provider::vendor(id).ok_or_else(|| {
        let known: Vec<_> = provider::vendors().into_iter().map(|s| s.id).collect();
        format!("There is no vendor \"{}\". There are: {}", sanitize(id), known.join(", "))
    })
}

/// Finds the one that is called so: exactly, or in other letters where only one is.
pub(super) fn called<'a>(
    all: impl Iterator<Item = &'a Destination> + Clone,
    name: &str,
) -> Result<Option<&'a Destination>, String> {
    destination_called(all, name).map_err(|problem| sentence(problem, name, &providers()))
}

/// Finds where an upload goes that names a destination or a provider, and says how its account was chosen where it does
/// not say so itself.
pub(super) fn target(
    session: &Session,
    name: &str,
    says_account: bool,
) -> Result<(Destination, Option<String>), String> {
    let target = session.keys.upload_target(name, says_account).map_err(|problem| match problem {
        LookupError::SeveralKeys(vendor, _) => {
            format!("There are several keys for {}: name a destination: {}", vendor.name, names(session))
        }
        problem => {
            // One that is only offered is called as its provider is.
            let is_any_saved = session.keys.destinations().iter().any(|d| session.keys.is_saved(d));
            let saved =
                if is_any_saved { format!("{}, or a provider: ", names(session)) } else { String::new() };
            sentence(problem, name, &format!("{saved}{}", providers()))
        }
    })?;
    let provider = provider::by_id(name).map_or(name, |p| p.facts().name);
    let said = match target.account {
        AccountChoice::Named => None,
        AccountChoice::OnlySaved(account) => {
            Some(format!("{provider} goes to {account}, its only saved account"))
        }
        AccountChoice::Auto(saved) => Some(format!(
            "{provider} goes to Auto, because {saved} accounts are saved: choose one with --account"
        )),
    };
    Ok((target.destination, said))
}

/// Finds the name of the saved destination that is meant.
pub(super) fn saved(session: &Session, name: &str) -> Result<String, String> {
    let found = session.keys.saved_destination(name).map_err(|problem| match problem {
        LookupError::NotSaved(offered) => format!(
            "{} is not saved, only offered because its key is given. `hoist destinations add {}` saves one",
            offered.name, offered.provider
        ),
        LookupError::Unknown => {
            let all = session.keys.settings().destinations.iter();
            let there: Vec<_> = all.map(|d| format!("\"{}\"", d.name)).collect();
            let there = match there.is_empty() {
                true => "none yet".to_owned(),
                false => format!("there are: {}", there.join(", ")),
            };
            format!("There is no saved destination \"{}\"; {there}", sanitize(name))
        }
        problem => sentence(problem, name, &providers()),
    })?;
    Ok(found.name.clone())
}

/// Finds the name of the key that a destination to be saved uses: the one that is named, or the only one there is.
pub(super) fn key(session: &Session, facts: &ProviderSpec, wanted: Option<&str>) -> Result<String, String> {
    session.keys.key_for(facts, wanted).map_err(|problem| match problem {
        LookupError::SeveralKeys(vendor, keys) => {
            format!("There are several keys for {}: choose one with --key {}", vendor.name, keys.join("|"))
        }
        problem => sentence(problem, wanted.unwrap_or_default(), ""),
    })
}

/// Says why a name leads to nothing; `there`: what there is instead.
fn sentence(problem: LookupError, name: &str, there: &str) -> String {
    match problem {
        LookupError::Ambiguous(names) => {
            let names: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
            format!("\"{}\" may be {}: write it exactly", sanitize(name), names.join(" or "))
        }
        LookupError::Unknown => {
            format!("There is no destination \"{}\". There are: {there}", elide(&sanitize(name), 60))
        }
        LookupError::NotSaved(offered) => format!("{} is not saved", offered.name),
        LookupError::NoKey(vendor) => format!(
            "There is no {} API key. Add one with `hoist keys add {}`, or set {}",
            vendor.name, vendor.id, vendor.env
        ),
        LookupError::SeveralKeys(vendor, keys) => {
            format!("There are several keys for {}: {}", vendor.name, keys.join(", "))
        }
        LookupError::UnknownKey(problem) => problem.to_string(),
        LookupError::KeyOfAnother(problem) => format!("The {problem}"),
    }
}

/// Returns a destination as people know it, with provider and account where its name does not say them.
pub(super) fn described(destination: &Destination) -> String {
    let (name, account) = (&destination.name, destination.account_label());
    let provider = provider::by_id(&destination.provider).map_or("", |p| p.facts().name);
    match name {
        name if name == provider => format!("{name} · {account}"),
        name if name.starts_with(provider) && name.contains(account) => name.clone(),
        name => format!("{name} ({provider} · {account})"),
    }
}

/// Returns the command that adds a key under the name by which destinations know it, as a shell reads it.
pub(super) fn how_to_add(vendor: &str, key: &str) -> String {
    let mut words = vec!["hoist", "keys", "add", vendor];
    if key != vendor {
        words.extend(["--name", key]);
    }
    shlex::try_join(words).unwrap_or_default() // no name has a NUL in it
}

/// Returns an account as it may be given there.
pub(super) fn account(facts: &ProviderSpec, account: &str) -> Result<String, String> {
    match check::account(facts, account) {
        Ok(()) => Ok(account.to_owned()),
        Err(problem @ InvalidDestination::NoAccounts(_)) => Err(format!("{problem}: leave the account out")),
        Err(problem) => Err(problem.to_string()),
    }
}

/// Takes over what `--account` and `-o` say.
pub(super) fn set(
    facts: &ProviderSpec,
    destination: &mut Destination,
    account_given: Option<&str>,
    options: &[String],
) -> Result<(), String> {
    if let Some(given) = account_given {
        destination.account = Some(account(facts, given)?);
    }
    let mut seen = BTreeMap::new();
    for text in options {
        let Some((key, value)) = text.split_once('=') else {
            return Err(format!("-o takes KEY=VALUE, not \"{}\"", sanitize(text)));
        };
        if seen.insert(key, value).is_some() {
            return Err(format!("-o {key} is given twice"));
        }
        // The account has a name of its own in the documents: email, user_id, x-project-id.
        if facts.account.option.is_some_and(|a| a.key == key) {
            destination.account = Some(account(facts, value)?);
            continue;
        }
        check::option(facts, key, value).map_err(|problem| {
            let known: Vec<_> = facts.all_options().map(|o| o.key).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            match problem {
                InvalidDestination::UnknownOption { .. } => format!("{problem}. The provider has: {known}"),
                problem => problem.to_string(),
            }
        })?;
        destination.options.insert(key.to_owned(), value.to_owned());
    }
    Ok(())
}
