//! Every failure there is: that each has words, a next step and what helps, and all of them as a table for people
//! (`docs/errors.md`; `UPDATE_SNAPSHOTS=1` writes a new one).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use hoist::model::error::{Failure, FailureKind, TerminalState};
use hoist::model::failures;
use hoist::model::remedy::Remedy;
use hoist::provider::spec::ProviderSpec;
use hoist::provider::{self, Provider};
use strum::IntoEnumIterator;

use crate::providers::successes::understood;

/// What a service may answer that its documents give no example of: status, what it is for, body.
const UNDOCUMENTED: &[(u16, &str, &str)] = &[
    (200, "a success without an id", "{}"),
    (200, "a success that says an error", r#"{"error":"…"}"#),
    (307, "3xx", ""),
    (400, "400, in any other words", r#"{"error":"…"}"#),
    (400, "400, \"not supported\"", r#"{"error":"Content-Type (…) not supported"}"#),
    (400, "400, \"does not match\"", r#"{"error":"Content-Type (…) does not match the file's content"}"#),
    (400, "400, \"is over\", \"too large\", \"exceeds\"", r#"{"error":"File size (…) is over … bytes"}"#),
    (400, "400, `PUBLIC_ERROR_…`", r#"{"error":{"message":"…","details":[{"reason":"PUBLIC_ERROR_…"}]}}"#),
    (401, "401", ""),
    (402, "402", ""),
    (403, "403", ""),
    (404, "404", ""),
    (413, "413", ""),
    (415, "415", ""),
    (418, "any other 4xx", ""),
    (422, "422", ""),
    (429, "429", ""),
    (
        429,
        "429, `…_THROTTLED`",
        r#"{"error":{"message":"…","details":[{"reason":"PUBLIC_ERROR_USER_REQUESTS_THROTTLED"}]}}"#,
    ),
    (429, "429, \"quota\"", r#"{"error":"The quota of this account is used up"}"#),
    (500, "500", ""),
    (500, "500 with `cf_ray`", r#"{"error":"…","upstream":{"cf_ray":"…"}}"#),
    (502, "502", ""),
    (503, "503", ""),
    (504, "504", ""),
    (511, "511", ""),
    (520, "any other 5xx", ""),
    (596, "596", ""),
];

fn refused(provider: &Provider, status: u16, body: &str) -> Failure {
    *understood(provider, status, body.as_bytes()).unwrap_err()
}

/// Every failure that can be had, with its situation and, where a service told of it, that service.
fn all() -> Vec<(String, Option<&'static ProviderSpec>, Failure)> {
    let mut all = vec![];
    for provider in provider::first() {
        let facts = provider.facts();
        for e in facts.errors {
            all.push((format!("{} {}", e.status, e.body), Some(facts), refused(provider, e.status, e.body)));
        }
        for (status, situation, body) in UNDOCUMENTED {
            all.push(((*situation).to_owned(), Some(facts), refused(provider, *status, body)));
        }
    }
    all.extend(failures::all().into_iter().map(|(situation, failure)| (situation.to_owned(), None, failure)));
    all
}

/// How a next step names what a button does.
fn names(next: &str, remedy: Remedy) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| next.contains(word));
    match remedy {
        Remedy::Retry => any(&["etry"]),
        Remedy::SendAgain => any(&["sending it again"]),
        Remedy::AddBack => any(&["add it back"]),
        Remedy::SendElsewhere => {
            any(&["end it somewhere else", "end the file somewhere else", "another account"])
        }
        Remedy::StripAndSend => any(&["Strip and send"]),
        Remedy::Fit => false, // of what stops a file before it is sent, and named there
        Remedy::ReplaceKey => any(&["Replace key"]),
        Remedy::AddKey => any(&["Add key"]),
        Remedy::OpenAccountPage => any(&[" at useapi.net", " at PiAPI", " at Indream"]),
        Remedy::CopySupportNumber => any(&["the number"]),
        Remedy::OpenProxySettings => any(&["in the settings"]),
        Remedy::Dismiss => any(&["Check whether it arrived"]),
    }
}

#[test]
fn every_failure_has_a_sentence_a_next_step_and_what_helps() {
    for (situation, facts, failure) in all() {
        let Failure { kind, message, hint: next, support_id: support, help_url: page, .. } = &failure;
        for text in [message, next] {
            assert!(!text.trim().is_empty() && !text.ends_with('.'), "{situation}: {failure:?}");
        }
        assert!(next.starts_with(char::is_uppercase), "{failure:?}");
        let remedies = failure.remedies();
        let has = |remedy| remedies.contains(&remedy);
        let first = *remedies.first().unwrap_or_else(|| panic!("nothing helps: {failure:?}"));
        assert!(names(next, first), "{situation}: {next:?} does not name {:?}", first.label());
        for told in [Remedy::Retry, Remedy::SendElsewhere, Remedy::StripAndSend, Remedy::ReplaceKey] {
            assert!(!names(next, told) || has(told), "{situation}: no button does what {next:?} says");
        }
        assert_eq!(BTreeSet::from_iter(&remedies).len(), remedies.len(), "twice: {remedies:?}");
        assert_eq!(has(Remedy::CopySupportNumber), support.is_some(), "{failure:?}");
        assert_eq!(has(Remedy::OpenAccountPage), page.is_some(), "{failure:?}");
        assert!(page.iter().all(|page| page.starts_with("https://")), "{failure:?}");
        match kind.ending() {
            // What may exist is never offered as if it could do no harm.
            TerminalState::Unknown => {
                assert!(has(Remedy::SendAgain) && has(Remedy::Dismiss) && !has(Remedy::Retry), "{failure:?}");
                assert!(!has(Remedy::SendElsewhere) && message.contains("may exist"), "{failure:?}");
            }
            TerminalState::Cancelled => assert_eq!(remedies, [Remedy::AddBack]),
            TerminalState::Refused | TerminalState::Held => {
                assert!(!has(Remedy::SendAgain) && !has(Remedy::Dismiss), "{failure:?}");
                assert_eq!(has(Remedy::Retry), *kind != FailureKind::Policy, "{failure:?}");
            }
        }
        let best = match kind {
            FailureKind::WrongKey => Some(Remedy::ReplaceKey),
            FailureKind::NoKey => Some(Remedy::AddKey),
            FailureKind::Provenance => Some(Remedy::StripAndSend),
            FailureKind::NoSubscription | FailureKind::NotEligible | FailureKind::AccountBroken => {
                Some(Remedy::OpenAccountPage)
            }
            FailureKind::Policy | FailureKind::AccountNotFound | FailureKind::Quota => {
                Some(Remedy::SendElsewhere)
            }
            FailureKind::Proxy | FailureKind::ProxySignIn => Some(Remedy::OpenProxySettings),
            _ => None,
        };
        assert!(best.is_none_or(|best| best == first), "{situation}: {remedies:?}");
        let strips = facts.is_some_and(|facts| facts.id == "flow-music");
        assert!(strips || !has(Remedy::StripAndSend), "{failure:?}");
    }
}

#[test]
fn every_kind_and_every_remedy_comes_about() {
    let all = all();
    let kinds: BTreeSet<_> = all.iter().map(|(.., failure)| failure.kind).collect();
    assert_eq!(kinds, FailureKind::iter().collect::<BTreeSet<_>>());
    let mut remedies: BTreeSet<_> = all.iter().flat_map(|(.., failure)| failure.remedies()).collect();
    // This one answers what a provider's table says, before anything failed (`tests/fit/table.rs`).
    assert!(remedies.insert(Remedy::Fit));
    assert_eq!(remedies, Remedy::iter().collect::<BTreeSet<_>>());
    let words: BTreeSet<_> = FailureKind::iter().map(|kind| kind.name()).collect();
    assert_eq!(words.len(), FailureKind::iter().len());
    for kind in FailureKind::iter() {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}

#[test]
fn what_is_told_in_the_same_sentence_is_the_same() {
    let mut told: BTreeMap<String, Failure> = BTreeMap::new();
    for (situation, _, failure) in all() {
        let other = told.entry(failure.message.clone()).or_insert_with(|| failure.clone());
        let alike = |f: &Failure| (f.kind, f.remedies());
        assert_eq!(alike(other), alike(&failure), "{situation}: {:?} is said of both", failure.message);
    }
    // On the way and on this computer each situation has words of its own.
    let own: BTreeSet<_> = failures::all().into_iter().map(|(_, failure)| failure.message).collect();
    assert_eq!(own.len(), failures::all().len());
}

#[test]
fn the_same_status_with_another_reason_says_so() {
    let flow = provider::by_id("flow-music").unwrap();
    let said = |status, body| refused(flow, status, body);
    let bodies = [
        r#"{"error":"Slow down"}"#,
        r#"{"error":"Daily quota exceeded"}"#,
        r#"{"error":{"message":"Resource has been exhausted (e.g. check quota).","details":[{"reason":"PUBLIC_ERROR_USER_REQUESTS_THROTTLED"}]}}"#,
    ];
    let kinds = bodies.map(|body| said(429, body).kind);
    assert_eq!(kinds, [FailureKind::RateLimited, FailureKind::Quota, FailureKind::RateLimited]);
    let [slow, quota, throttled] = bodies.map(|body| said(429, body).message);
    assert_eq!(slow, throttled, "one state has one sentence");
    assert_ne!(slow, quota);
    let kind = |body| said(400, body).kind;
    assert_eq!(kind(r#"{"error":"Empty body"}"#), FailureKind::BadRequest);
    assert_eq!(kind(r#"{"error":"Content-Type (image/gif) not supported"}"#), FailureKind::UnsupportedType);
    let mismatch = r#"{"error":"Content-Type (image/png) does not match the file's content"}"#;
    assert_eq!(kind(mismatch), FailureKind::ContentMismatch);
    assert_eq!(kind(r#"{"error":"File exceeds the size cap"}"#), FailureKind::TooLarge);
    // What a service's own documents say to do is said where it is the same, and nowhere else.
    let google = provider::by_id("google-flow").unwrap();
    assert!(refused(google, 429, bodies[2]).hint.contains("half an hour"));
    assert!(!refused(google, 429, bodies[0]).hint.contains("half an hour"));
    let piapi = refused(
        provider::by_id("piapi").unwrap(),
        403,
        r#"{"code":403,"message":"Insufficient plan level"}"#,
    );
    assert!(piapi.hint.contains("Creator plan"), "{piapi:?}");
}

// The page.

const HEAD: &str = "\
# Error reference

For each thing that can go wrong: what Hoist says, the next step, and the buttons that help. The first button stands in the
file's row, the others in its menu. A button that cannot help here (no other destination, a key that the environment gives)
is skipped, and the next one takes its place. The command line names the same step; `--json` lists all of them as
`error.remedies`.

Ends: *refused* and *held* were not accepted and can be sent again without harm. *unknown* was sent completely, and may exist.

Made from the code by `UPDATE_SNAPSHOTS=1 cargo test --test core providers`.
";

#[test]
fn the_page_of_errors_is_the_one_in_the_code() {
    if !cfg!(target_os = "linux") {
        return; // it has the names of Linux
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let page = page();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, page).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(page == kept, "docs/errors.md is another one: UPDATE_SNAPSHOTS=1 writes this\n\n{page}");
}

fn page() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("\n## What the providers' documents show\n");
    for provider in provider::first() {
        let facts = provider.facts();
        write!(out, "\n### {}\n\n{}\n\n", facts.name, text(facts.document.title)).unwrap();
        out.push_str("| Status | The reply says | Hoist says | Next step | Buttons | Ends |\n");
        out.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for e in facts.errors {
            let failure = refused(provider, e.status, e.body);
            let said = text(failure.service_message.as_deref().unwrap_or_default());
            let after = e.retry_after.map(|s| format!(", `Retry-After: {s}`")).unwrap_or_default();
            writeln!(out, "| {}{after} | {said} | {} |", e.status, cells(&failure, None)).unwrap();
        }
    }
    out.push_str("\n## What any provider may answer\n\nWhere its documents show nothing of the kind.\n\n");
    out.push_str("| Answer | Provider | Hoist says | Next step | Buttons | Ends |\n");
    out.push_str("| --- | --- | --- | --- | --- | --- |\n");
    for (status, situation, body) in UNDOCUMENTED {
        let mut rows: Vec<(String, Vec<&str>)> = vec![];
        for provider in provider::first() {
            let facts = provider.facts();
            let row = cells(&refused(provider, *status, body), Some(facts));
            match rows.iter_mut().find(|(other, _)| *other == row) {
                Some((_, names)) => names.push(facts.name),
                None => rows.push((row, vec![facts.name])),
            }
        }
        for (row, names) in rows {
            let all = names.len() == provider::first().len();
            let names = if all { "all".to_owned() } else { names.join(", ") };
            writeln!(out, "| {} | {names} | {row} |", text(situation)).unwrap();
        }
    }
    out.push_str("\n## On the way, and on this computer\n\n");
    out.push_str(
        "| Situation | Hoist says | Next step | Buttons | Ends |\n| --- | --- | --- | --- | --- |\n",
    );
    for (situation, failure) in failures::all() {
        writeln!(out, "| {} | {} |", text(situation), cells(&failure, None)).unwrap();
    }
    out
}

/// What is the same in all tables; names that differ from service to service are left out where `of` is given.
fn cells(failure: &Failure, of: Option<&ProviderSpec>) -> String {
    let ends = match failure.kind.ending() {
        TerminalState::Refused => "refused",
        TerminalState::Held => "held",
        TerminalState::Unknown => "unknown",
        TerminalState::Cancelled => "cancelled",
    };
    let mut buttons: Vec<_> =
        failure.remedies().into_iter().map(|remedy| remedy.label().to_owned()).collect();
    buttons[0] = format!("**{}**", buttons[0]);
    let alike = |words: &str| match of {
        Some(facts) => words
            .replace(facts.name, "‹name›")
            .replace(facts.vendor.name, "‹name›")
            .replace(&format!("keys add {}", facts.vendor.id), "keys add ‹id›")
            .replace(facts.vendor.env, "‹variable›")
            .replace(facts.vendor.base().env, "‹variable›"),
        None => words.to_owned(),
    };
    let (message, next) = (text(&alike(&failure.message)), text(&alike(&failure.hint)));
    let page = match (&failure.help_url, of) {
        (Some(page), None) if !page.contains("example.com") => format!(" ([page]({page}))"),
        _ => String::new(),
    };
    format!("{message} | {next}{page} | {} | {ends} |", buttons.join(", ")).trim_end_matches(" |").to_owned()
}

/// Markdown would take some signs for its own.
fn text(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
