//! `hoist keys check`, and what is asked of a key before it is saved.

use std::process::ExitCode;
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::destination_args;
use super::output::{eprint_line, out, out_json};
use crate::session::api::{
    Condition, FailureKind, Health, Key, KeyCheckResult, provider::Vendor, text::sanitize,
};
use crate::session::{Session, report};

/// Longer than the engine waits for any of its answers: nobody waits for ever.
const TIMEOUT: Duration = Duration::from_mins(10);

fn wait(session: &mut Session, news: &Receiver<()>, ticket: u64) -> Result<KeyCheckResult, String> {
    let end = Instant::now() + TIMEOUT;
    while Instant::now() < end {
        session.poll();
        if let Some(answer) = session.keys.take_result(ticket) {
            return Ok(answer);
        }
        let _ = news.recv_timeout(Duration::from_millis(100));
    }
    Err("No answer came: check the network, then try again".to_owned())
}

/// Asks about a key that is to be saved. The error says why it must not be; what the network is to blame for is said, and
/// the key is saved unchecked.
pub(super) fn new_key(
    session: &mut Session,
    news: &Receiver<()>,
    vendor: &'static Vendor,
    key: Key,
) -> Result<KeyCheckResult, String> {
    let ticket = session.check_new_key(vendor, key);
    let answer = wait(session, news, ticket)?;
    match &answer.key {
        Ok(facts) => {
            if facts.plan_insufficient {
                eprint_line(&format!("{}: the plan does not allow uploads.", vendor.name));
            }
            for line in lines(&answer) {
                eprint_line(&line);
            }
        }
        Err(failure) => {
            let sentence = format!("{}{}", failure.message, failure.quotes(". ", ""));
            if failure.kind == FailureKind::WrongKey {
                let next = &failure.hint;
                return Err(format!("{sentence}. Nothing was saved. {next}; --no-check saves it anyway"));
            }
            eprint_line(&format!("{sentence}. The key is saved unchecked: `hoist keys check` asks again."));
        }
    }
    Ok(answer)
}

/// Returns the accounts behind a key, a line for each provider.
fn lines(answer: &KeyCheckResult) -> Vec<String> {
    let mut all = vec![];
    for listed in &answer.listed {
        let name = listed.facts.name;
        match &listed.accounts {
            Err(failure) => all.push(format!("{name}: {}. {}.", failure.message, failure.hint)),
            Ok(accounts) if accounts.is_empty() => all.push(format!("{name}: no accounts.")),
            Ok(accounts) => {
                let words = accounts.iter().map(|account| {
                    let title = account.title.as_ref().map(|t| format!(" ({t})")).unwrap_or_default();
                    let problem = if account.problem.is_some() { " (needs reconnecting)" } else { "" };
                    sanitize(&format!("{}{title}{problem}", account.id))
                });
                all.push(format!("{name}: {}", words.collect::<Vec<_>>().join(", ")));
            }
        }
    }
    all
}

/// Returns the same for programs.
pub(super) fn listed(answer: &KeyCheckResult) -> Value {
    let all = answer.listed.iter().flat_map(|listed| {
        let accounts = listed.accounts.as_ref().map_or(&[][..], Vec::as_slice);
        accounts.iter().map(|account| {
            json!({ "provider": listed.facts.id, "account": account.id, "title": account.title, "problem": account.problem })
        })
    });
    all.collect()
}

/// Asks about one key, or all.
pub(super) fn run(
    session: &mut Session,
    news: &Receiver<()>,
    name: Option<&str>,
    as_json: bool,
) -> Result<ExitCode, String> {
    let names = match name {
        Some(name) => vec![named(session, name)?],
        None => {
            let saved = session.keys.settings().keys.iter().map(|key| key.name.clone());
            let given = session.keys.given_vendors();
            let mut names: Vec<String> = saved.chain(given.map(|s| s.id.to_owned())).collect();
            names.sort();
            names.dedup();
            names
        }
    };
    if names.is_empty() {
        eprint_line("No keys yet. `hoist keys add VENDOR` saves one in the keyring.");
    }
    // All are asked before the first answer is waited for.
    let asked: Vec<_> = names.iter().map(|name| session.check_key(name)).collect();
    let mut all_well = true;
    let mut objects = vec![];
    for (name, ticket) in names.iter().zip(asked) {
        let Some(ticket) = ticket else { continue };
        let answer = wait(session, news, ticket)?;
        all_well &= answer.key.as_ref().is_ok_and(|facts| !facts.plan_insufficient);
        let now = Timestamp::now();
        let destinations: Vec<_> =
            session.keys.destinations().iter().filter(|d| d.key == *name).cloned().collect();
        let standing: Vec<_> = destinations.iter().map(|d| (d, session.keys.health(d, now))).collect();
        all_well &= standing.iter().all(|(_, h)| h.as_ref().is_none_or(|h| h.condition.is_usable(now)));
        if as_json {
            let destinations = standing.iter().map(|(d, health)| {
                json!({ "name": d.name, "provider": d.provider, "account": d.account, "health": health.as_ref().map(|h| h.condition.name()), "service_message": health.as_ref().and_then(|h| h.service_message.clone()) })
            });
            let failure = answer.key.as_ref().err();
            objects.push(json!({
                "name": name, "vendor": answer.vendor.id, "works": answer.key.is_ok(),
                "plan": answer.key.as_ref().ok().and_then(|facts| facts.plan.clone()),
                "error": failure.map(|failure| report::error(failure)),
                "accounts": listed(&answer), "destinations": destinations.collect::<Vec<_>>(),
            }));
            continue;
        }
        out(&sanitize(&format!("{name} · {} · {}", answer.vendor.name, key_text(&answer))));
        for (destination, health) in standing {
            out(&sanitize(&format!("    {} · {}", destination.name, health_text(health.as_ref()))));
        }
        for line in lines(&answer) {
            eprint_line(&line);
        }
    }
    if as_json {
        out_json(&Value::Array(objects));
    }
    Ok(if all_well { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Returns the key of that name, of that label, or of that vendor.
fn named(session: &Session, name: &str) -> Result<String, String> {
    let given =
        |name: &str| destination_args::vendor(name).is_ok_and(|vendor| session.keys.has_given_key(vendor));
    match session.keys.accounts().find(name) {
        Ok(record) => Ok(record.name),
        Err(_) if given(name) => Ok(name.to_owned()),
        Err(problem) => Err(problem.to_string()),
    }
}

fn key_text(answer: &KeyCheckResult) -> String {
    match &answer.key {
        Ok(facts) => {
            let plan = facts.plan.as_ref().map(|plan| format!(" ({plan} plan)")).unwrap_or_default();
            let small = if facts.plan_insufficient { ", but the plan does not allow uploads" } else { "" };
            format!("the key works{plan}{small}")
        }
        Err(failure) => format!("{}.{} {}", failure.message, failure.quotes(" ", "."), failure.hint),
    }
}

fn health_text(health: Option<&Health>) -> String {
    let Some(health) = health else { return "not checked yet".to_owned() };
    let state = match health.condition {
        Condition::Healthy => "healthy",
        Condition::RateLimited(_) => "rate-limited",
        Condition::NeedsReconnecting => "needs reconnecting",
        Condition::WrongKey => "wrong key",
        Condition::NotAllowed => "the plan does not allow uploads",
        Condition::AccountNotFound => "account not found",
        Condition::NoKey => "key missing",
    };
    let more = [health.note.clone(), health.service_message.as_ref().map(|said| format!("“{said}”"))];
    let more: Vec<_> = more.into_iter().flatten().collect();
    if more.is_empty() { state.to_owned() } else { format!("{state} · {}", more.join(" · ")) }
}
