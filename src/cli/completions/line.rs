//! A line as it is typed in a shell: words with quotes and backslashes in them, of which the last one is not finished.

/// What a place in a line is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Quote {
    /// No quotes.
    #[default]
    None,
    /// `'…`
    Single,
    /// `"…`
    Double,
}

/// A word, as it is typed and as it is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LineWord {
    /// As it is typed.
    pub(super) raw: String,
    /// Without quotes and backslashes.
    pub(super) text: String,
    /// What its end is in.
    pub(super) quote: Quote,
}

/// Returns the words of a line up to its end, where one is being typed: the last one is empty after a space.
pub(super) fn split_words(line: &str) -> Vec<LineWord> {
    let mut all = vec![];
    let mut word: Option<LineWord> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let quote = word.as_ref().map(|w| w.quote).unwrap_or_default();
        if quote == Quote::None && c.is_ascii_whitespace() {
            all.extend(word.take());
            continue;
        }
        let word = word.get_or_insert_default();
        word.raw.push(c);
        match (quote, c) {
            (Quote::None, '\'') => word.quote = Quote::Single,
            (Quote::None, '"') => word.quote = Quote::Double,
            (Quote::Single, '\'') | (Quote::Double, '"') => word.quote = Quote::None,
            (Quote::None, '\\') => word.take(chars.next()),
            (Quote::Double, '\\') => match chars.next_if(|next| "\"\\$`".contains(*next)) {
                Some(next) => word.take(Some(next)),
                None => word.text.push(c),
            },
            _ => word.text.push(c),
        }
    }
    all.push(word.unwrap_or_default());
    all
}

impl LineWord {
    /// Takes what comes after a backslash; at the end of a line that is nothing yet.
    fn take(&mut self, next: Option<char>) {
        self.raw.extend(next);
        self.text.extend(next);
    }
}

/// Returns a single word as it is meant.
pub(super) fn unquoted(raw: &str) -> String {
    // Spaces in it were none between words, or it would not be one.
    let words = split_words(raw);
    match words.as_slice() {
        [word] => word.text.clone(),
        _ => raw.to_owned(),
    }
}

/// Returns the text as it is typed where `quote` is open, so that a shell reads just this.
pub(super) fn quoted(text: &str, quote: Quote) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        let escaped = match quote {
            Quote::Single if c == '\'' => {
                out.push_str("'\\''");
                continue;
            }
            Quote::Single => false,
            Quote::Double => "\"\\$`".contains(c),
            Quote::None => c.is_ascii() && !c.is_ascii_alphanumeric() && !"-_./:=@%+,".contains(c),
        };
        if escaped {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(line: &str) -> Vec<String> {
        split_words(line).into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn a_line_is_read_as_a_shell_reads_it() {
        for (line, expected) in [
            ("hoist ", &["hoist", ""][..]),
            ("hoist upload", &["hoist", "upload"]),
            ("  hoist  --to Flow\\ Music\\ ·\\ j", &["hoist", "--to", "Flow Music · j"]),
            ("hoist --to \"Flow \\\"M\\\" \\x", &["hoist", "--to", "Flow \"M\" \\x"]),
            ("hoist --to 'it'\\''s ", &["hoist", "--to", "it's "]),
            ("hoist --to ''", &["hoist", "--to", ""]),
            ("hoist --to a\\", &["hoist", "--to", "a"]),
            ("", &[""]),
        ] {
            assert_eq!(texts(line), expected, "{line}");
        }
        let last = |line: &str| split_words(line).pop().unwrap();
        assert_eq!(last("a \"b c").quote, Quote::Double);
        assert_eq!(last("a \"b c").raw, "\"b c");
        assert_eq!(last("a 'b'\"c").quote, Quote::Double);
        assert_eq!(last("a b\\'").quote, Quote::None);
    }

    #[test]
    fn what_is_quoted_is_read_again_as_it_was() {
        for text in [
            "Press pictures",
            "Flow Music · jane@x.com",
            "it's \"$5\" `x` \\ ! * ~ # & ; (a) [b] {c} <d> |",
            "封面",
        ] {
            for (open, quote) in [("", Quote::None), ("'", Quote::Single), ("\"", Quote::Double)] {
                let line = format!("hoist {open}{}", quoted(text, quote));
                assert_eq!(texts(&line), ["hoist", text], "{line}");
            }
        }
    }
}
