//! What a request says: its parameters, its account and its key.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;

use crate::provider::spec::{Auth, OtherKey, ParamLocation, ProviderSpec, Vendor};

/// Whoever asks with a key that the sandbox takes.
pub(super) struct Asker<'a> {
    pub(super) key: Cow<'a, str>,
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

pub(super) fn account(
    facts: &ProviderSpec,
    in_path: Option<String>,
    request: &Request<Body>,
) -> Option<String> {
    let option = facts.account.option?;
    match option.location {
        ParamLocation::Path => in_path,
        ParamLocation::Query => query(request, option.key),
        ParamLocation::Header => request.headers().get(option.key)?.to_str().ok().map(ToOwned::to_owned),
        ParamLocation::Auth | ParamLocation::Template => None,
    }
}

/// Returns the key of a request: exactly one, where the vendor's documents put it, and one that is taken.
pub(super) fn key_of<'a>(request: &'a Request<Body>, vendor: &Vendor) -> Option<Asker<'a>> {
    if !vendor.needs_key() {
        return Some(Asker { key: "".into(), other: None });
    }
    let ways = [Some(vendor.auth), vendor.other_auth].into_iter().flatten();
    // Whoever sends a key in two places is a mistake, whatever this vendor's own is.
    let more = [Auth::Bearer, Auth::X_API_KEY];
    let mut found: Vec<(Auth, Cow<'a, str>)> = vec![];
    for auth in ways.chain(more) {
        if let Some(key) = key_in(request, auth)
            && !found.iter().any(|(known, _)| *known == auth)
        {
            found.push((auth, key));
        }
    }
    let [(auth, key)] = &*found else { return None };
    let usual = *key == vendor.sandbox.key && (*auth == vendor.auth || Some(*auth) == vendor.other_auth);
    let other = vendor.sandbox.others.iter().find(|other| other.key == *key && other.auth == *auth);
    (usual || other.is_some()).then(|| Asker { key: key.clone(), other })
}

/// Returns what stands where a key does.
fn key_in(request: &Request<Body>, auth: Auth) -> Option<Cow<'_, str>> {
    let text = |name: &str| {
        let mut values = request.headers().get_all(name).iter();
        let value = values.next()?.to_str().ok()?;
        values.next().is_none().then_some(value)
    };
    match auth {
        Auth::None | Auth::Field(_) => None, // a form's key is looked for where the form is read
        Auth::Bearer => text("authorization")?.strip_prefix("Bearer ").map(Cow::from),
        Auth::Basic => {
            let key = STANDARD.decode(text("authorization")?.strip_prefix("Basic ")?).ok()?;
            String::from_utf8(key).ok().map(Cow::from)
        }
        Auth::Header { name, prefix } => text(name)?.strip_prefix(prefix).map(Cow::from),
        Auth::Query(name) => query(request, name).map(Cow::from),
    }
}

/// Reads a body to its end, so that the refusal is not lost to a reset connection.
pub(super) async fn drain(body: Body) {
    let mut stream = body.into_data_stream();
    while let Some(Ok(_)) = stream.next().await {}
}
