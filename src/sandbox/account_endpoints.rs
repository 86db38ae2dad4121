//! The calls beside the uploads: is a key good, which accounts and projects are there.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Map, Value, json};

use super::request::{decode, key_of, query};
use super::response::HttpResponse;
use crate::provider;

/// The answer, where the path is one of these calls.
pub(super) fn answer(request: &Request<Body>) -> Option<HttpResponse> {
    if request.method() != Method::GET {
        return None;
    }
    let path = request.uri().path();
    let vendor = match path {
        "/v2/account" | "/v1/flowmusic/accounts" | "/v1/google-flow/accounts" | "/v1/riffusion/accounts" => {
            "useapi"
        }
        "/account/info" => "piapi",
        "/v1/editor/capabilities" | "/v1/projects" => "indream",
        _ if path.starts_with("/v1/flowmusic/accounts/") => "useapi",
        _ => return None,
    };
    let Some(key) = key_of(request, provider::vendor(vendor)?) else {
        return Some(HttpResponse::new(401, unauthorised(vendor)));
    };
    let body = match path {
        "/v2/account" => json!({ "user": "user:1000", "sandbox": true }),
        "/v1/flowmusic/accounts" => keyed(key, |email, broken| {
            let error = broken.then_some("refresh token rejected");
            json!({ "email": email, "token": "redacted", "error": error })
        }),
        "/v1/google-flow/accounts" => keyed(
            key,
            |_, broken| json!({ "health": if broken { "Failed to refresh session" } else { "OK" }, "sessionToken": "redacted" }),
        ),
        "/v1/riffusion/accounts" => match people(key).is_empty() {
            true => json!({}),
            false => json!({ "main": { "user_id": "main" } }),
        },
        "/account/info" => {
            let plan = if key.ends_with("-free") { "free" } else { "creator" };
            json!({ "code": 200, "data": { "account_name": "sandbox", "plan": plan, "api_key": key }, "message": "success" })
        }
        "/v1/editor/capabilities" => json!({ "data": {}, "meta": {} }),
        "/v1/projects" => match query(request, "pageCursor") {
            None => json!({
                "data": [{ "projectId": "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8", "title": "Spring campaign" }],
                "meta": { "nextPageCursor": "page+2" },
            }),
            Some(_) => json!({
                "data": [{ "projectId": "0b5a6d54-0d0f-4f0e-9a52-6a2a8c1b7e11", "title": "Showreel" }],
                "meta": { "nextPageCursor": null },
            }),
        },
        _ => {
            json!({ "email": decode(path.strip_prefix("/v1/flowmusic/accounts/")?), "credits_remaining": 1240 })
        }
    };
    Some(HttpResponse::new(200, body))
}

/// The accounts behind a useapi.net key. The number in another key than the usual one says how many there are.
fn people(key: &str) -> Vec<String> {
    match key.strip_prefix("user:").and_then(|rest| rest.split('-').next()?.parse().ok()) {
        None | Some(1000) => ["jane@example.com", "jane+team@example.com", "broken@example.com"]
            .map(ToOwned::to_owned)
            .to_vec(),
        Some(count) => (1..=count).take(200).map(|n: u32| format!("creator{n:02}@example.com")).collect(),
    }
}

fn keyed(key: &str, account: impl Fn(&str, bool) -> Value) -> Value {
    let all = people(key).into_iter().map(|email| {
        let about = account(&email, email.contains("broken"));
        (email, about)
    });
    Value::Object(all.collect::<Map<_, _>>())
}

fn unauthorised(vendor: &str) -> Value {
    match vendor {
        "piapi" => json!({ "code": 401, "message": "Invalid API key" }),
        "indream" => {
            json!({ "type": "UNAUTHORIZED", "title": "Unauthorized", "status": 401, "detail": "The API key is invalid", "errorCode": "INVALID_API_KEY" })
        }
        _ => json!({ "error": "Unauthorized", "code": 401 }),
    }
}
