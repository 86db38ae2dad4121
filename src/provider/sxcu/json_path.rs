//! `ShareX`'s JSON paths as JSON pointers: `data.files[0].url` is `/data/files/0/url`.

/// A path has no more names.
const MAX_NAMES: usize = 16;

/// A pointer is no longer.
const MAX_POINTER: usize = 200;

/// Why a path is no pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PathError {
    #[error("takes the whole reply as JSON; Hoist reads one value of it")]
    WholeReply,
    #[error("reads a reply that is a list; Hoist reads replies that are objects")]
    List,
    #[error("searches the reply at any depth; Hoist needs the whole path")]
    AnyDepth,
    /// Or brackets that do not close.
    #[error("picks values by a wildcard, a filter or a range; Hoist needs the path of one value")]
    SeveralValues,
    #[error("has a control character in its path")]
    ControlCharacter,
    #[error("has a path that ends in a dot")]
    EndsInDot,
    #[error("has a path that is longer than Hoist reads")]
    TooLong,
}

/// Returns the pointer to what a path leads to.
pub(super) fn pointer(path: &str) -> Result<String, PathError> {
    let mut rest = path.trim();
    rest = match rest.strip_prefix('$') {
        Some(below) if below.is_empty() || below.starts_with(['.', '[']) => {
            below.strip_prefix('.').unwrap_or(below)
        }
        _ => rest,
    };
    if rest.is_empty() {
        return Err(PathError::WholeReply);
    }
    let mut names: Vec<String> = vec![];
    loop {
        let name;
        if let Some(below) = rest.strip_prefix('[') {
            (name, rest) = bracketed(below)?;
            if names.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
                return Err(PathError::List);
            }
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (plain, below) = rest.split_at(end);
            (name, rest) = (plain.to_owned(), below);
            if name.is_empty() {
                return Err(PathError::AnyDepth);
            }
            if name.contains(['*', '?', '(', ')', '@', ']']) {
                return Err(PathError::SeveralValues);
            }
        }
        if name.chars().any(char::is_control) {
            return Err(PathError::ControlCharacter);
        }
        names.push(name);
        if rest.is_empty() {
            break;
        }
        if let Some(below) = rest.strip_prefix('.') {
            rest = below;
            if rest.is_empty() {
                return Err(PathError::EndsInDot);
            }
        } else if !rest.starts_with('[') {
            return Err(PathError::SeveralValues);
        }
    }
    let names: Vec<_> = names.iter().map(|name| name.replace('~', "~0").replace('/', "~1")).collect();
    let pointer = format!("/{}", names.join("/"));
    match names.len() <= MAX_NAMES && pointer.len() <= MAX_POINTER {
        true => Ok(pointer),
        false => Err(PathError::TooLong),
    }
}

/// Reads `0]` or `'name']`, and returns what follows.
fn bracketed(text: &str) -> Result<(String, &str), PathError> {
    for quote in ['\'', '"'] {
        if let Some(quoted) = text.strip_prefix(quote) {
            let (name, rest) = quoted.split_once(quote).ok_or(PathError::SeveralValues)?;
            return match rest.strip_prefix(']') {
                Some(rest) if !name.is_empty() => Ok((name.to_owned(), rest)),
                _ => Err(PathError::SeveralValues),
            };
        }
    }
    let (index, rest) = text.split_once(']').ok_or(PathError::SeveralValues)?;
    match (1..=6).contains(&index.len()) && index.bytes().all(|b| b.is_ascii_digit()) {
        true => Ok((index.to_owned(), rest)),
        false => Err(PathError::SeveralValues),
    }
}
