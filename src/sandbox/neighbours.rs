//! The calls beside the uploads: is a key good, which accounts and projects are there.

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use super::{Answer, decode};
use crate::provider;
use crate::provider::facts::Service;

/// The answer, where the path is one of these calls.
pub(super) fn answer(request: &Request<Body>) -> Option<Answer> {
    if request.method() != Method::GET {
        return None;
    }
    let path = request.uri().path();
    let (service, body) = match path {
        "/v2/account" => ("useapi", json!({ "user": "user:1000", "sandbox": true })),
        "/v1/flowmusic/accounts" => (
            "useapi",
            json!({ "jane@example.com": { "email": "jane@example.com" }, "broken@example.com": { "email": "broken@example.com", "error": "refresh token rejected" } }),
        ),
        "/v1/google-flow/accounts" => (
            "useapi",
            json!({ "jane@example.com": { "health": "OK" }, "throttled@example.com": { "health": "THROTTLED" } }),
        ),
        "/v1/riffusion/accounts" => ("useapi", json!({ "main": { "user_id": "main" } })),
        "/account/info" => (
            "piapi",
            json!({ "code": 200, "data": { "account_name": "sandbox", "plan": "creator" }, "message": "success" }),
        ),
        "/v1/editor/capabilities" => ("indream", json!({ "data": {}, "meta": {} })),
        "/v1/projects" => (
            "indream",
            json!({ "data": [{ "projectId": "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8", "title": "Spring campaign" }], "meta": { "nextPageCursor": null } }),
        ),
        _ => {
            let email = path.strip_prefix("/v1/flowmusic/accounts/")?;
            ("useapi", json!({ "email": decode(email), "credits_remaining": 1240 }))
        }
    };
    Some(if has_key(request, provider::service(service)?) {
        Answer::new(200, body)
    } else {
        Answer::new(401, unauthorised(service))
    })
}

fn has_key(request: &Request<Body>, service: &Service) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok());
    let bearer = text("authorization").and_then(|v| v.strip_prefix("Bearer "));
    bearer.or_else(|| text("x-api-key")) == Some(service.sandbox_key)
}

fn unauthorised(service: &str) -> Value {
    match service {
        "piapi" => json!({ "code": 401, "message": "Invalid API key" }),
        "indream" => {
            json!({ "type": "UNAUTHORIZED", "title": "Unauthorized", "status": 401, "detail": "The API key is invalid", "errorCode": "INVALID_API_KEY" })
        }
        _ => json!({ "error": "Unauthorized", "code": 401 }),
    }
}
