//! `ShareX`'s calls in texts: `{json:data.url}`, and `$json:data.url$` as older files have them.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Calls stand no deeper in each other.
const MAX_DEPTH: usize = 8;

/// What `ShareX` can be asked for in a text.
const CALLS: [&str; 15] = [
    "json",
    "regex",
    "xml",
    "response",
    "responseurl",
    "header",
    "filename",
    "input",
    "base64",
    "random",
    "select",
    "inputbox",
    "prompt",
    "outputbox",
    "output",
];

/// How a file marks its calls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum SyntaxForm {
    /// `{json:url}`.
    Braces,
    /// `$json:url$`.
    Dollars,
}

/// A piece of a text.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum SyntaxPart {
    /// It stands for itself.
    Text(String),
    /// It is asked for.
    Call(SyntaxCall),
}

/// A call with its parameters.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct SyntaxCall {
    /// Its name in small letters.
    pub(super) name: String,
    pub(super) parameters: Vec<Vec<SyntaxPart>>,
}

impl SyntaxCall {
    /// Returns its name as a sentence has it, and nothing of its parameters.
    pub(super) fn shown(&self) -> String {
        match CALLS.contains(&self.name.as_str()) {
            true => format!("{{{}}}", self.name),
            false => "an unknown {…}".to_owned(),
        }
    }
}

/// Returns how the calls of a file are marked. Its version decides where both could be meant.
pub(super) fn form(texts: &[&str], is_new: bool) -> SyntaxForm {
    let has = |open: char, close: char| {
        texts.iter().any(|text| {
            let text = text.to_ascii_lowercase();
            text.match_indices(open).any(|(at, _)| {
                let rest = &text[at + 1..];
                CALLS.iter().any(|call| {
                    rest.strip_prefix(call)
                        .is_some_and(|rest| rest.starts_with(close) || rest.starts_with(':'))
                })
            })
        })
    };
    match (has('{', '}'), has('$', '$')) {
        (true, false) => SyntaxForm::Braces,
        (false, true) => SyntaxForm::Dollars,
        _ if is_new => SyntaxForm::Braces,
        _ => SyntaxForm::Dollars,
    }
}

/// Why a text with calls cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SyntaxError {
    #[error("has a $ without its second")]
    OpenDollar,
    #[error("has $$, which asks for nothing")]
    EmptyDollars,
    #[error("has a }} or | outside of braces")]
    OutsideBraces,
    #[error("has a {{ without its }}")]
    OpenBrace,
    #[error("has {{}}, which asks for nothing")]
    EmptyBraces,
    #[error("has braces within braces, deeper than Hoist reads")]
    TooDeep,
}

/// Reads a text with its calls.
pub(super) fn parse(text: &str, form: SyntaxForm) -> Result<Vec<SyntaxPart>, SyntaxError> {
    match form {
        SyntaxForm::Dollars => dollars(text),
        SyntaxForm::Braces => {
            let mut reader = BraceReader { rest: text };
            reader.parts(&[], 0)
        }
    }
}

/// Returns a text that is the same for every file; calls that only rewrite such a text are made at once.
pub(super) fn constant(parts: &[SyntaxPart]) -> Option<String> {
    let mut out = String::new();
    for part in parts {
        match part {
            SyntaxPart::Text(text) => out.push_str(text),
            SyntaxPart::Call(call) if call.name == "base64" => {
                let [text] = &*call.parameters else { return None };
                out.push_str(&BASE64_STANDARD.encode(constant(text)?));
            }
            SyntaxPart::Call(_) => return None,
        }
    }
    Some(out)
}

/// Returns a text with its braces written as templates have them.
pub(super) fn escaped(text: &str) -> Cow<'_, str> {
    match text.contains(['{', '}']) {
        true => text.replace('{', "{{").replace('}', "}}").into(),
        false => text.into(),
    }
}

fn dollars(text: &str) -> Result<Vec<SyntaxPart>, SyntaxError> {
    let (mut parts, mut current, mut is_call) = (vec![], String::new(), false);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => current.extend(chars.next()),
            '$' => {
                let piece = std::mem::take(&mut current);
                if is_call {
                    parts.push(SyntaxPart::Call(dollar_call(&piece)?));
                } else {
                    push_text(&mut parts, piece);
                }
                is_call = !is_call;
            }
            c => current.push(c),
        }
    }
    if is_call {
        return Err(SyntaxError::OpenDollar);
    }
    push_text(&mut parts, current);
    Ok(parts)
}

fn dollar_call(text: &str) -> Result<SyntaxCall, SyntaxError> {
    let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
    if name.is_empty() {
        return Err(SyntaxError::EmptyDollars);
    }
    let parameters = rest.map(|rest| rest.split('|').map(|text| vec![SyntaxPart::Text(text.to_owned())]));
    let parameters = parameters.map(Iterator::collect).unwrap_or_default();
    Ok(SyntaxCall { name: name.to_ascii_lowercase(), parameters })
}

fn push_text(parts: &mut Vec<SyntaxPart>, text: String) {
    if !text.is_empty() {
        parts.push(SyntaxPart::Text(text));
    }
}

/// What of a text is still to be read.
struct BraceReader<'a> {
    rest: &'a str,
}

impl BraceReader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// Reads as far as one of these characters, and leaves it.
    fn parts(&mut self, stops: &[char], depth: usize) -> Result<Vec<SyntaxPart>, SyntaxError> {
        let (mut parts, mut text) = (vec![], String::new());
        while !self.rest.starts_with(stops) {
            match self.next() {
                None => break,
                Some('\\') => text.extend(self.next()),
                Some('{') => {
                    push_text(&mut parts, std::mem::take(&mut text));
                    parts.push(SyntaxPart::Call(self.call(depth + 1)?));
                }
                Some('}' | '|') => return Err(SyntaxError::OutsideBraces),
                Some(c) => text.push(c),
            }
        }
        push_text(&mut parts, text);
        Ok(parts)
    }

    fn call(&mut self, depth: usize) -> Result<SyntaxCall, SyntaxError> {
        if depth > MAX_DEPTH {
            return Err(SyntaxError::TooDeep);
        }
        let name = constant(&self.parts(&[':', '|', '}'], depth)?).unwrap_or_default();
        let mut parameters = vec![];
        let mut next = self.next();
        while matches!(next, Some(':' | '|')) {
            parameters.push(self.parts(&['|', '}'], depth)?);
            next = self.next();
        }
        match next {
            Some('}') if name.is_empty() => Err(SyntaxError::EmptyBraces),
            Some('}') => Ok(SyntaxCall { name: name.to_ascii_lowercase(), parameters }),
            _ => Err(SyntaxError::OpenBrace),
        }
    }
}
