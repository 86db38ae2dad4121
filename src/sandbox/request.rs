//! What a request says: its parameters, its account and its key.

use axum::body::Body;
use axum::http::Request;
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;

use crate::provider::spec::{Auth, Facts, OtherKey, ParamLocation, Vendor};

/// Whoever asks with a key that the sandbox takes.
pub(super) struct Asker<'a> {
    pub(super) key: &'a str,
    /// What is known of the key, where it is not the usual one.
    pub(super) other: Option<&'static OtherKey>,
}

pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Returns a query parameter. `+` stays as it is: the providers are asked with `encodeURIComponent`, which never makes
/// one.
pub(super) fn query(request: &Request<Body>, key: &str) -> Option<String> {
    let pairs = request.uri().query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(name, _)| *name == key).map(|(_, value)| decode(value)).next()
}

pub(super) fn account(facts: &Facts, in_path: Option<String>, request: &Request<Body>) -> Option<String> {
    let option = facts.account?;
    match option.location {
        ParamLocation::Path => in_path,
        ParamLocation::Query => query(request, option.key),
        ParamLocation::Header => request.headers().get(option.key)?.to_str().ok().map(ToOwned::to_owned),
        ParamLocation::Auth => None,
    }
}

pub(super) fn authorised(request: &Request<Body>, facts: &Facts) -> bool {
    key_of(request, facts.vendor).is_some()
}

/// Returns the key of a request: exactly one, in a documented header, and one that is taken.
pub(super) fn key_of<'a>(request: &'a Request<Body>, vendor: &Vendor) -> Option<Asker<'a>> {
    let text = |name: &str| {
        let mut values = request.headers().get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    };
    let bearer = text("authorization").and_then(|v| v.strip_prefix("Bearer "));
    let (auth, key) = match (bearer, text("x-api-key")) {
        (Some(key), None) => (Auth::Bearer, key),
        (None, Some(key)) => (Auth::XApiKey, key),
        _ => return None,
    };
    let usual = key == vendor.sandbox_key && (auth == vendor.auth || Some(auth) == vendor.other_auth);
    let other = vendor.other_sandbox_keys.iter().find(|other| other.key == key && other.auth == auth);
    (usual || other.is_some()).then_some(Asker { key, other })
}

/// Reads a body to its end, so that the refusal is not lost to a reset connection.
pub(super) async fn drain(body: Body) {
    let mut stream = body.into_data_stream();
    while let Some(Ok(_)) = stream.next().await {}
}
