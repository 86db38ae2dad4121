//! What the sandbox answers.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value;

use crate::provider::spec::ProviderSpec;

/// What is answered.
pub(super) struct HttpResponse {
    pub(super) status: u16,
    pub(super) body: Value,
    pub(super) retry_after: Option<u32>,
    pub(super) bytes: Option<u64>,
    pub(super) headers: Vec<(String, String)>,
}

impl HttpResponse {
    pub(super) fn new(status: u16, body: Value) -> HttpResponse {
        HttpResponse { status, body, retry_after: None, bytes: None, headers: vec![] }
    }

    /// Returns a refusal as the provider documents it; `words` replace its example's own where given.
    pub(super) fn refuse(facts: &ProviderSpec, status: u16, words: Option<&str>) -> HttpResponse {
        let documented = facts.errors.iter().find(|e| e.status == status);
        // Without an example of this status, one of another shows the provider's shape.
        let example = documented.or(facts.errors.first());
        let mut body: Value = example.and_then(|e| serde_json::from_str(e.body).ok()).unwrap_or_default();
        let words = match (words, documented) {
            (Some(words), _) => Some(words),
            (None, None) => StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()),
            (None, Some(_)) => None,
        };
        if let Some(object) = body.as_object_mut() {
            for key in ["code", "status"] {
                if object.contains_key(key) {
                    object.insert(key.into(), status.into());
                }
            }
            if let (Some(words), Some(key)) =
                (words, ["error", "message", "detail"].into_iter().find(|k| object.contains_key(*k)))
            {
                object.insert(key.into(), words.into());
            }
        }
        HttpResponse {
            retry_after: documented.and_then(|e| e.retry_after),
            ..HttpResponse::new(status, body)
        }
    }

    pub(super) fn into_response(self) -> Response {
        // An example that is no JSON is a text: a link and nothing else.
        let text = match self.body {
            Value::String(text) => text,
            json => json.to_string(),
        };
        let mut response = Response::new(Body::from(text));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                response.headers_mut().insert(name, value);
            }
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
