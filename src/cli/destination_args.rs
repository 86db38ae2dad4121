//! Where to: what the arguments say of destinations, accounts, options and keys, read in one way by all commands.

use std::collections::{BTreeMap, BTreeSet};

use crate::session::api::{
    Destination, Environment, Settings, SettingsFile, check_owner,
    provider::check::{self, InvalidDestination},
    provider::{self, Facts, Vendor},
    text::sanitize,
};
use crate::session::{self, Session, auto};

/// Returns the saved settings, where no session is needed: nothing is written, and no keyring is asked.
pub(super) fn settings(sandbox: bool) -> Settings {
    let folders = session::folders(&Environment::read(), sandbox);
    folders.map(|folders| SettingsFile::new(&folders).peek()).unwrap_or_default()
}

/// Returns what is known of a destination's provider.
pub(super) fn facts(destination: &Destination) -> Result<&'static Facts, String> {
    provider::by_id(&destination.provider)
        .map(|p| p.facts())
        .ok_or_else(|| format!("The provider {} is not known to this version of Hoist", destination.provider))
}

pub(super) fn no_destination() -> String {
    let vendors: Vec<_> = provider::vendors().iter().map(|s| s.id).collect();
    format!(
        "There is no key yet. Add one with `hoist keys add {}`, set an environment variable (see `hoist --help`), \
         or try it with --sandbox",
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
    provider::ALL.iter().map(|p| p.facts().id).collect::<Vec<_>>().join(", ")
}

/// Returns the provider of that id.
pub(super) fn provider(id: &str) -> Result<&'static Facts, String> {
    let found = provider::by_id(id).map(|p| p.facts());
    found.ok_or_else(|| format!("There is no provider \"{}\". There are: {}", sanitize(id), providers()))
}

/// Returns the service of that id.
pub(super) fn vendor(id: &str) -> Result<&'static Vendor, String> {
    provider::vendor(id).ok_or_else(|| {
        let known: Vec<_> = provider::vendors().iter().map(|s| s.id).collect();
        format!("There is no service \"{}\". There are: {}", sanitize(id), known.join(", "))
    })
}

/// Returns the one that is called so: exactly, or in other letters where only one is.
pub(super) fn called<'a>(
    all: impl Iterator<Item = &'a Destination> + Clone,
    name: &str,
) -> Result<Option<&'a Destination>, String> {
    if let Some(found) = all.clone().find(|d| d.name == name) {
        return Ok(Some(found));
    }
    let alike: Vec<_> = all.filter(|d| d.name.to_lowercase() == name.to_lowercase()).collect();
    match alike.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        several => {
            let names: Vec<_> = several.iter().map(|d| format!("\"{}\"", d.name)).collect();
            Err(format!("\"{}\" may be {}: write it exactly", sanitize(name), names.join(" or ")))
        }
    }
}

/// Returns where an upload goes that names a destination or a provider, and what is to be said of that. A provider
/// alone means the only account of it that is saved: Auto may be another one.
pub(super) fn target(
    session: &Session,
    name: &str,
    says_account: bool,
) -> Result<(Destination, Option<String>), String> {
    let is_destination = called(session.keys.destinations().iter().map(|d| &**d), name)?.is_some();
    let provider = provider::by_id(name).filter(|_| !is_destination && !says_account);
    let Some(facts) = provider.map(|p| p.facts()) else { return Ok((named(session, name)?, None)) };
    let keys = keys_of(session, facts.vendor);
    let has_key =
        |d: &&Destination| session.keys.has_given_key(facts.vendor) || keys.contains(&d.key.as_str());
    let saved =
        session.keys.settings().destinations.iter().filter(|d| d.provider == facts.id).filter(has_key);
    let accounts: BTreeSet<_> = saved.filter_map(|d| Some((&d.key, d.account.as_ref()?))).collect();
    let mut accounts = accounts.into_iter();
    match (accounts.next(), accounts.len()) {
        (None, _) => Ok((named(session, name)?, None)),
        (Some((key, account)), 0) => {
            let said =
                format!("{} goes to the account {account}, the only one of it that is saved", facts.name);
            Ok((Destination { account: Some(account.clone()), ..auto(facts, key) }, Some(said)))
        }
        (Some(_), more) => {
            let said = format!(
                "{} goes to Auto, since {} accounts of it are saved: choose one with --account",
                facts.name,
                more + 1
            );
            Ok((named(session, name)?, Some(said)))
        }
    }
}

/// Returns a saved destination's name, or a provider id with the key that is saved or given for its service.
pub(super) fn named(session: &Session, name: &str) -> Result<Destination, String> {
    let all = session.keys.destinations();
    if let Some(found) = called(all.iter().map(|d| &**d), name)? {
        return Ok(found.clone());
    }
    let Some(provider) = provider::by_id(name) else {
        let saved =
            if all.is_empty() { String::new() } else { format!("{}, or a provider: ", names(session)) };
        return Err(format!(
            "There is no destination \"{}\". There are: {saved}{}",
            sanitize(name),
            providers()
        ));
    };
    let facts = provider.facts();
    if session.keys.has_given_key(facts.vendor) {
        return Ok(auto(facts, facts.vendor.id));
    }
    match keys_of(session, facts.vendor).as_slice() {
        [key] => Ok(auto(facts, key)),
        [] => Err(no_key(facts.vendor)),
        _ => Err(format!(
            "There are several keys for {}: name a destination: {}",
            facts.vendor.name,
            names(session)
        )),
    }
}

/// Returns the name of the saved destination that is meant.
pub(super) fn saved(session: &Session, name: &str) -> Result<String, String> {
    let all = &session.keys.settings().destinations;
    if let Some(found) = called(all.iter(), name)? {
        return Ok(found.name.clone());
    }
    if let Ok(offered) = named(session, name)
        && !session.keys.is_saved(&offered)
    {
        return Err(format!(
            "{} is not saved: it is there because its key is. `hoist destinations add {}` saves one",
            offered.name, offered.provider
        ));
    }
    let there: Vec<_> = all.iter().map(|d| format!("\"{}\"", d.name)).collect();
    let there =
        if there.is_empty() { "none yet".to_owned() } else { format!("there are: {}", there.join(", ")) };
    Err(format!("There is no saved destination \"{}\"; {there}", sanitize(name)))
}

/// Returns the name of the key that a destination to be saved uses: the one that is named, or the only one there is.
pub(super) fn key(session: &Session, facts: &Facts, wanted: Option<&str>) -> Result<String, String> {
    let vendor = facts.vendor;
    let Some(wanted) = wanted else {
        return match keys_of(session, vendor).as_slice() {
            [key] => Ok((*key).to_owned()),
            [] if session.keys.has_given_key(vendor) => Ok(vendor.id.to_owned()),
            [] => Err(no_key(vendor)),
            several => {
                Err(format!("There are several keys for {}: say --key {}", vendor.name, several.join("|")))
            }
        };
    };
    let given = provider::vendors().into_iter().find(|s| s.id == wanted && session.keys.has_given_key(s));
    let name = match (session.keys.accounts().find(wanted), given) {
        (Ok(record), _) => record.name,
        (Err(_), Some(given)) => given.id.to_owned(),
        (Err(problem), None) => return Err(problem.to_string()),
    };
    match check_owner(&session.keys.settings().keys, &name, facts) {
        Ok(()) => Ok(name),
        Err(problem) => Err(format!("The {problem}")),
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

fn keys_of<'a>(session: &'a Session, vendor: &Vendor) -> Vec<&'a str> {
    session.keys.settings().keys.iter().filter(|k| k.vendor == vendor.id).map(|k| k.name.as_str()).collect()
}

fn no_key(vendor: &Vendor) -> String {
    format!(
        "There is no key for {}. Add one with `hoist keys add {}`, or set {}",
        vendor.name, vendor.id, vendor.env
    )
}

/// Returns an account as it may be given there.
pub(super) fn account(facts: &Facts, account: &str) -> Result<String, String> {
    match check::account(facts, account) {
        Ok(()) => Ok(account.to_owned()),
        Err(problem @ InvalidDestination::NoAccounts(_)) => Err(format!("{problem}: leave --account out")),
        Err(problem) => Err(problem.to_string()),
    }
}

/// Takes over what `--account` and `-o` say.
pub(super) fn set(
    facts: &Facts,
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
        if facts.account.is_some_and(|a| a.key == key) {
            destination.account = Some(account(facts, value)?);
            continue;
        }
        check::option(facts, key, value).map_err(|problem| {
            let known: Vec<_> = facts.all_options().map(|o| o.key).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            match problem {
                InvalidDestination::UnknownOption { .. } => format!("{problem}. It has: {known}"),
                problem => problem.to_string(),
            }
        })?;
        destination.options.insert(key.to_owned(), value.to_owned());
    }
    Ok(())
}
