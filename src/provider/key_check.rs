//! What a vendor can be asked beside uploads: whether a key is good, and which accounts or projects are behind it. The
//! bodies of replies hold more than is needed here, parts of tokens among it: nothing else is read of them, and they are
//! neither kept nor logged.

use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::check;
use super::error_map;
use super::http::{Body, Method, Reply, Request, Target, encode_component, id, text};
use super::spec::{Account, AccountListing, AccountPage, Auth, Endpoint, ListForm, ProviderSpec, Vendor};
use super::template::{TemplateValues, TemplateVariable};
use crate::model::error::{Failure, FailureKind};
use crate::model::failures;
use crate::model::text::{bare_key, sanitize, thousands};

/// So many pages of a list are read at most.
pub const MAX_PAGES: usize = 20;

/// So many accounts of one provider are known at most.
pub const MAX_ACCOUNTS: usize = 1000;

/// Nobody waits longer for one answer.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// What is known of a good key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// The header it was taken in.
    pub auth: Auth,
    /// The plan's name.
    pub plan: Option<String>,
    /// Nothing can be uploaded under this plan.
    pub plan_insufficient: bool,
}

/// Asks whether a key is good, where that can be asked.
pub fn key_request(vendor: &Vendor, auth: Auth) -> Option<Request> {
    vendor.check.as_ref().map(|check| get(check.base, check.path.to_owned(), auth))
}

/// Asks for a page of the accounts.
pub fn accounts_request(listing: &AccountListing, auth: Auth, page: Option<&str>) -> Request {
    let mut path = listing.path.to_owned();
    if let (Some(parameter), Some(cursor)) = (listing.page_parameter, page) {
        let mark = if path.contains('?') { '&' } else { '?' };
        let _ = write!(path, "{mark}{parameter}={}", encode_component(cursor));
    }
    get(listing.base, path, auth)
}

/// Asks for one account, where the provider tells more of one.
pub fn account_request(listing: &AccountListing, auth: Auth, id: &str) -> Option<Request> {
    let details = listing.one.as_ref()?;
    Some(get(details.base, details.path.fill_address(&AccountValue(id))?, auth))
}

/// The account that is asked for.
pub struct AccountValue<'a>(pub &'a str);

impl TemplateValues for AccountValue<'_> {
    fn value(&self, variable: &TemplateVariable) -> Option<Cow<'_, str>> {
        (*variable == TemplateVariable::Account).then_some(Cow::Borrowed(self.0))
    }
}

/// Returns what people want to know of one account: "1,240 credits".
pub fn account_note(listing: &AccountListing, reply: &Value) -> Option<String> {
    let details = listing.one.as_ref()?;
    let left = reply.pointer(details.number)?.as_f64().filter(|n| n.is_finite() && *n >= 0.0)?;
    Some(format!("{} {}", thousands(left as u64), details.unit))
}

fn get(base: &'static Endpoint, path: String, auth: Auth) -> Request {
    Request {
        method: Method::Get,
        target: Target::Vendor { base, path },
        headers: vec![],
        auth,
        body: Body::default(),
    }
}

/// Reads the accounts of a page.
fn accounts(form: &ListForm, value: &Value) -> AccountPage {
    let problem = |account: &Value| {
        let words = text(account, form.problem?).filter(|words| Some(words.as_str()) != form.fine)?;
        Some(sanitize(&words).chars().take(200).collect())
    };
    let title = |account: &Value| text(account, form.title?);
    let next = form.next.and_then(|at| id(value, at));
    let accounts = match form.items {
        Some(at) => {
            let all = value.pointer(at).and_then(Value::as_array).into_iter().flatten();
            all.filter_map(|account| {
                Some(Account { id: id(account, form.id)?, title: title(account), problem: problem(account) })
            })
            .collect()
        }
        None => {
            let all = value.as_object().into_iter().flatten().filter(|(_, account)| account.is_object());
            all.map(|(id, account)| Account {
                id: id.clone(),
                title: title(account),
                problem: problem(account),
            })
            .collect()
        }
    };
    AccountPage { accounts, next }
}

/// Returns what a reply to `key_request` means.
pub fn key_facts(
    vendor: &Vendor,
    auth: Auth,
    reply: &Reply,
    now: Timestamp,
) -> Result<KeyFacts, Box<Failure>> {
    if !(200..300).contains(&reply.status) {
        return Err(Box::new(failure(vendor, reply, now)));
    }
    let value = reply.value().unwrap_or_default();
    // Some say in the body what others say by the status.
    if let Some(code) = value.get("code").and_then(Value::as_u64).filter(|code| (400..600).contains(code)) {
        let reply = Reply { status: code as u16, ..reply.clone() };
        return Err(Box::new(failure(vendor, &reply, now)));
    }
    let check = vendor.check.as_ref();
    let plan = check.and_then(|check| check.plan.iter().find_map(|at| text(&value, at)));
    let plan = plan.map(|p| sanitize(&p)).filter(|p| p.chars().count() <= 40);
    let small = check.map(|check| check.small_plans).unwrap_or_default();
    let too_small = plan.as_deref().is_some_and(|plan| small.iter().any(|s| plan.eq_ignore_ascii_case(s)));
    Ok(KeyFacts { auth, plan, plan_insufficient: too_small })
}

/// Returns what a reply to `accounts_request` means. No account is no failure.
pub fn page(
    facts: &ProviderSpec,
    listing: &AccountListing,
    reply: &Reply,
    now: Timestamp,
) -> Result<AccountPage, Box<Failure>> {
    match reply.status {
        404 => return Ok(AccountPage::default()),
        200..300 => {}
        _ => return Err(Box::new(failure(facts.vendor, reply, now))),
    }
    let unreadable = || {
        Box::new(Failure::new(
            FailureKind::ProviderError,
            format!("The accounts at {} cannot be listed", facts.name),
            "Type the account in, or choose Auto",
        ))
    };
    let value = reply.value().ok_or_else(unreadable)?;
    let mut page = accounts(&listing.form, &value);
    // What could not be sent to is not offered: ids come from outside.
    page.accounts.retain(|account| {
        account.id.chars().count() <= 320
            && facts.account.option.is_none_or(|option| check::value(option, &account.id).is_ok())
    });
    page.accounts.truncate(MAX_ACCOUNTS);
    Ok(page)
}

/// Returns why a question was not answered.
fn failure(vendor: &Vendor, reply: &Reply, now: Timestamp) -> Failure {
    use FailureKind as K;
    let (name, status) = (vendor.name, reply.status);
    let kind = error_map::kind_of_any(status).unwrap_or(K::ProviderError);
    let next = match kind {
        K::CaptivePortal => return failures::captive_portal(),
        K::WrongKey => "Copy the whole key again from the vendor's page".to_owned(),
        K::NoSubscription => format!("Renew the subscription at {name}, then check again"),
        K::NotEligible => format!("Check the plan and the permissions of the key at {name}"),
        K::RateLimited => "Wait until the limit ends, then check again".to_owned(),
        K::Redirect => format!("Check the address in {} and the proxy, then check again", vendor.base().env),
        _ => "Check again in a minute".to_owned(),
    };
    let message = error_map::message_of_any(name, kind, status).unwrap_or_else(|| match kind {
        K::RateLimited => format!("{name} is rate-limiting key checks"),
        _ => format!("{name} could not check the key ({status})"),
    });
    let words = reply.service_message();
    let hold = || now + error_map::retry_delay(reply, now);
    let until: Option<Timestamp> = (kind == FailureKind::RateLimited).then(hold);
    Failure { until, ..Failure::new(kind, message, next).with_service_message(words.text) }
}

/// Returns why a question got no answer: the same in words that fit a question.
pub fn unanswered(vendor: &Vendor, failure: Failure) -> Failure {
    let kinds = [FailureKind::Tls, FailureKind::SetUp, FailureKind::ProxySignIn];
    if failure.kind.is_unreached() || kinds.contains(&failure.kind) {
        return failure;
    }
    Failure::new(
        FailureKind::Unreachable,
        format!("{} did not answer", vendor.name),
        "Check the network, then check again",
    )
}

/// Returns the vendor whose keys look like what was typed, where that is one alone.
pub fn vendor_of_format(typed: &str) -> Option<&'static Vendor> {
    let typed = bare_key(typed);
    let mut all = super::vendors().into_iter().filter(|vendor| vendor.looks_right(typed));
    all.next().filter(|_| all.next().is_none())
}

/// Returns whether a hint is due: what was typed does not look like a key of this vendor. It is tried all the same.
pub fn key_format_hint(vendor: &Vendor, typed: &str) -> Option<String> {
    let typed = bare_key(typed);
    if typed.is_empty() || vendor.key_format.is_none() || vendor.looks_right(typed) {
        return None;
    }
    let other = super::vendors().into_iter().find(|s| s.id != vendor.id && s.looks_right(typed));
    Some(match other {
        Some(other) => format!("This looks like a key of {}", other.name),
        None => format!("This doesn't look like a key of {} ({})", vendor.name, vendor.key_form),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_of_a_key_check_says_what_to_do() {
        let vendor = crate::provider::vendor("useapi").unwrap();
        let hint = |status| {
            let reply = Reply { status, ..Reply::default() };
            failure(vendor, &reply, Timestamp::UNIX_EPOCH).hint
        };
        for (status, words) in [
            (302, "Check the address in HOIST_USEAPI_URL"),
            (401, "Copy the whole key again"),
            (402, "Renew the subscription at useapi.net"),
            (403, "Check the plan and the permissions"),
            (429, "Wait until the limit ends"),
            (500, "Check again in a minute"),
        ] {
            assert!(hint(status).starts_with(words), "{status}: {}", hint(status));
        }
    }
}
