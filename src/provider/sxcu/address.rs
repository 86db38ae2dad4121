//! Where an uploader sends files: one host, a path and parameters.

use percent_encoding::percent_decode_str;
use url::{Host as UrlHost, Url};

use super::keys;
use super::problems::ProblemList;
use super::syntax::{SyntaxCall, SyntaxError, SyntaxForm, SyntaxPart, escaped, parse};
use crate::model::address::is_inside;
use crate::provider::hosts::{BadAddress, Host};

/// Stands for the file's name while an address is taken apart: no text has it.
const NAME: char = '\u{fdd0}';

/// Where requests go.
pub(super) struct RequestAddress {
    /// With its port, where that is not the usual one.
    pub(super) host: String,
    /// Of this computer or its network, and so http.
    pub(super) is_local: bool,
    /// Of this computer.
    pub(super) is_loopback: bool,
    /// A template that begins with `/`.
    pub(super) path: String,
    /// What stood behind its `?`.
    pub(super) parameters: Vec<(String, Vec<SyntaxPart>)>,
}

impl RequestAddress {
    /// Returns the address as the format has it.
    pub(super) fn url(&self) -> String {
        let scheme = if self.is_local { "http" } else { "https" };
        format!("{scheme}://{}{}", self.host, self.path)
    }
}

/// Why an address is none that Hoist sends to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum UploadAddressError {
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    #[error("has a blank, a \\, a # or a control character in it")]
    OddCharacter,
    /// As sentences show it.
    #[error("has {0}, which Hoist does not have in addresses")]
    UnknownCall(String),
    #[error("must begin with https://")]
    OtherScheme,
    #[error("has a name or a password before its host")]
    UserInfo,
    #[error("must name one host, the same for every file")]
    VaryingHost,
    #[error("has no host that Hoist can read")]
    NoHost,
    #[error("goes to the internet by http://, which everybody on the way can read; use https://")]
    PlainInternet,
    #[error("goes to this computer or its network by https://; Hoist sends there by http://")]
    LocalTls,
    #[error("has a host that {0}")]
    Host(#[from] BadAddress),
    #[error("has what looks like a key in its path; Hoist sends keys in a header, a parameter or a field")]
    KeyInPath,
    #[error("has a parameter twice, or one whose name is the file's")]
    RepeatedParameter,
    #[error("has a parameter that is no UTF-8")]
    NotUtf8,
}

/// Takes an address apart.
pub(super) fn read(text: &str, form: SyntaxForm, problems: &mut ProblemList) -> Option<RequestAddress> {
    let parts = parse(text, form).map_err(UploadAddressError::from);
    problems.note("RequestURL", parts.and_then(|parts| split(&named(&parts)?)))
}

/// Returns the text with [`NAME`] in place of its only call.
fn named(parts: &[SyntaxPart]) -> Result<String, UploadAddressError> {
    let mut whole = String::new();
    for part in parts {
        match part {
            SyntaxPart::Text(text) if text.contains(NAME) => return Err(UploadAddressError::OddCharacter),
            SyntaxPart::Text(text) => whole.push_str(text),
            SyntaxPart::Call(call) if call.name == "filename" => whole.push(NAME),
            SyntaxPart::Call(call) => {
                return Err(UploadAddressError::UnknownCall(call.shown()));
            }
        }
    }
    Ok(whole)
}

fn split(whole: &str) -> Result<RequestAddress, UploadAddressError> {
    if whole.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '#')) {
        return Err(UploadAddressError::OddCharacter);
    }
    // As ShareX does: what names no scheme is https.
    let (scheme, rest) = whole.split_once("://").unwrap_or(("https", whole));
    let is_plain = scheme.eq_ignore_ascii_case("http");
    if !is_plain && !scheme.eq_ignore_ascii_case("https") {
        return Err(UploadAddressError::OtherScheme);
    }
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, below) = rest.split_at(end);
    if authority.contains('@') {
        return Err(UploadAddressError::UserInfo);
    }
    if authority.contains([NAME, '{', '}', '<', '>', '%']) {
        return Err(UploadAddressError::VaryingHost);
    }
    let scheme = if is_plain { "http" } else { "https" };
    let url = Url::parse(&format!("{scheme}://{authority}/")).map_err(|_| UploadAddressError::NoHost)?;
    let is_local = match (is_plain, is_inside(&url)) {
        (true, true) => true,
        (false, false) => false,
        (true, false) => return Err(UploadAddressError::PlainInternet),
        (false, true) => return Err(UploadAddressError::LocalTls),
    };
    let name = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    Host::parse(&host, is_local)?;
    let is_loopback = match url.host() {
        Some(UrlHost::Ipv4(ip)) => ip.is_loopback(),
        Some(UrlHost::Ipv6(ip)) => ip.is_loopback(),
        Some(UrlHost::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        None => false,
    };
    let (path, query) = below.split_once('?').unwrap_or((below, ""));
    let plain_path = percent_decode_str(path).decode_utf8_lossy();
    if keys::hides_key(path) || keys::hides_key(&plain_path) {
        return Err(UploadAddressError::KeyInPath);
    }
    let path = escaped(path).replace(NAME, "{file.name}");
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    let mut parameters: Vec<(String, Vec<SyntaxPart>)> = vec![];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decoded(name)?;
        if name.contains(NAME) || parameters.iter().any(|(known, _)| *known == name) {
            return Err(UploadAddressError::RepeatedParameter);
        }
        parameters.push((name, parts(value)?));
    }
    Ok(RequestAddress { host, is_local, is_loopback, path, parameters })
}

/// Reads a value of a query.
fn parts(value: &str) -> Result<Vec<SyntaxPart>, UploadAddressError> {
    let call = SyntaxPart::Call(SyntaxCall { name: "filename".to_owned(), parameters: vec![] });
    let mut parts = vec![];
    for (i, text) in value.split(NAME).enumerate() {
        if i > 0 {
            parts.push(call.clone());
        }
        let text = decoded(text)?;
        if !text.is_empty() {
            parts.push(SyntaxPart::Text(text));
        }
    }
    Ok(parts)
}

fn decoded(text: &str) -> Result<String, UploadAddressError> {
    let spaced = text.replace('+', " ");
    match percent_decode_str(&spaced).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => Err(UploadAddressError::NotUtf8),
    }
}
