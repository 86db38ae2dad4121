//! What the providers behind useapi.net share. Source: "Setup useapi.net" as quoted in their documents.

use serde_json::{Value, json};

use super::spec::{
    Account, AccountPage, Auth, Endpoint, KeyCheck, OtherKey, SandboxAccount, SandboxKey, Vendor,
};
use crate::model::text::sanitize;

/// Where useapi.net answers.
pub(super) static BASE: Endpoint = Endpoint { env: "HOIST_USEAPI_URL", url: "https://api.useapi.net" };

/// One token serves Flow Music, Google Flow and Riffusion.
pub(super) static VENDOR: Vendor = Vendor {
    id: "useapi",
    name: "useapi.net",
    env: "HOIST_USEAPI_TOKEN",
    base: &BASE,
    account_base: None,
    auth: Auth::Bearer,
    other_auth: None,
    check: KeyCheck {
        path: "/v2/account",
        plan: None,
        example: |_| json!({ "user": "user:1000", "sandbox": true }),
    },
    looks_right,
    keys_page: "https://useapi.net/docs/start-here/setup-useapi",
    plan_page: "https://useapi.net/docs/subscription",
    key_form: "user:1234-…",
    sandbox_key: "user:1000-sandboxSandboxSandbox",
    other_sandbox_keys: &[
        OtherKey { key: "user:0-sandboxSandboxSandbox", auth: Auth::Bearer, accounts: 0 },
        OtherKey { key: "user:1-sandboxSandboxSandbox", auth: Auth::Bearer, accounts: 1 },
        OtherKey { key: "user:50-sandboxSandboxSandbox", auth: Auth::Bearer, accounts: 50 },
    ],
};

/// Returns whether a key looks like `user:<digits>-<letters and digits>`.
fn looks_right(key: &str) -> bool {
    let parts = key.strip_prefix("user:").and_then(|rest| rest.split_once('-'));
    parts.is_some_and(|(user, token)| {
        let digits = !user.is_empty() && user.bytes().all(|b| b.is_ascii_digit());
        digits && !token.is_empty() && token.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// Returns an object with an account at each key. `problem` says why one cannot be used.
pub(super) fn keyed(value: &Value, problem: fn(&Value) -> Option<String>) -> AccountPage {
    let all = value.as_object().into_iter().flatten().filter(|(_, account)| account.is_object());
    let accounts = all.map(|(id, account)| Account {
        id: id.clone(),
        title: None,
        problem: problem(account).map(|words| sanitize(&words).chars().take(200).collect()),
    });
    AccountPage { accounts: accounts.collect(), next: None }
}

/// Returns what a sandbox replies to whoever asks for accounts: what is told of each, at its email.
pub(super) fn example(key: &SandboxKey<'_>, account: impl Fn(&SandboxAccount) -> Value) -> Value {
    let all = key.accounts.iter().map(|one| (one.email.clone(), account(one)));
    Value::Object(all.collect())
}
