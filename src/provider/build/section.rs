//! Where in a file something stands, so that what is wrong with it can be found.

use std::borrow::Cow;

/// What is wrong with a provider's file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidProvider {
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what would be right: `[[step]] 1, url: has no host that the vendor lists`.
    pub problem: String,
}

impl std::fmt::Display for InvalidProvider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

impl std::error::Error for InvalidProvider {}

/// Where in a file something stands: its table, which of those, and its field.
#[derive(Clone, Copy)]
pub(super) struct FileSection<'a> {
    pub(super) text: &'a str,
    pub(super) table: &'a str,
    pub(super) number: usize,
}

impl<'a> FileSection<'a> {
    pub(super) fn top(text: &'a str) -> FileSection<'a> {
        FileSection { text, table: "", number: 0 }
    }

    pub(super) fn of(self, table: &'a str, number: usize) -> FileSection<'a> {
        FileSection { table, number, ..self }
    }

    pub(super) fn error(self, field: &str, problem: impl std::fmt::Display) -> InvalidProvider {
        let (name, is_one_of_several) = match self.table {
            "" => (String::new(), false),
            table if table.starts_with("[[") => (format!("{table} {}", self.number + 1), true),
            table => (table.to_owned(), false),
        };
        let begin = self.begin(is_one_of_several);
        let lines = self.text.lines().enumerate().skip(begin.unwrap_or(0) + usize::from(begin.is_some()));
        let own = lines.take_while(|(_, line)| {
            begin.is_none()
                || !line.trim_start().starts_with('[')
                || !line.contains(']')
                || line.contains('=')
                || line.trim_start().starts_with("[ ")
        });
        let is_field = |line: &str| {
            let rest = line.trim_start().strip_prefix(field);
            rest.is_some_and(|rest| rest.trim_start().starts_with('=') || rest.starts_with('.'))
        };
        let at = own.clone().find(|(_, line)| is_field(line)).map(|(i, _)| i).or(begin);
        let comma = if name.is_empty() || field.is_empty() { "" } else { ", " };
        let colon = if name.is_empty() && field.is_empty() { "" } else { ": " };
        InvalidProvider { line: at.map(|i| i + 1), problem: format!("{name}{comma}{field}{colon}{problem}") }
    }

    /// Returns the line of the table's head.
    fn begin(self, is_one_of_several: bool) -> Option<usize> {
        if self.table.is_empty() {
            return None;
        }
        let heads = self.text.lines().enumerate().filter(|(_, line)| {
            line.trim() == self.table || line.trim().starts_with(&format!("{} #", self.table))
        });
        let found = heads.map(|(i, _)| i).nth(if is_one_of_several { self.number } else { 0 });
        // An inline table stands behind its name.
        let name = self.table.trim_matches(['[', ']']);
        found.or_else(|| {
            self.text.lines().position(|line| {
                line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
            })
        })
    }
}

/// Fields that only the top of a file has.
const TOP_FIELDS: [&str; 7] = ["format", "page", "document", "checked", "legacy", "costs", "mark"];

/// Returns what the reader of TOML says in this format's words, with the field that the line is of.
pub(super) fn in_words(problem: &str, line: &str) -> String {
    let line = line.trim();
    let table = line.split(']').next().unwrap_or_default().trim_start_matches('[').trim();
    let rest = |begin: &str| problem.strip_prefix(begin).and_then(|rest| rest.split_once(", expected "));
    if let Some(rest) = problem.strip_prefix("missing field ") {
        return format!("{rest} is missing");
    }
    if let Some((field, others)) = rest("unknown field ") {
        return match TOP_FIELDS.contains(&field.trim_matches('`')) {
            true => {
                format!("unknown field {field}: it belongs at the top of the file, before the first [table]")
            }
            false => format!("unknown field {field}, expected {others}"),
        };
    }
    let said = match (rest("invalid type: "), rest("unknown variant ")) {
        (Some(_), _) if line.starts_with("[[") => {
            return format!("[[{table}]] must be [{table}]: there is only one");
        }
        (Some((_, "a sequence")), _) if line.starts_with('[') => {
            return format!("[{table}] must be [[{table}]]: there can be several");
        }
        (Some((found, expected)), _) => {
            let is_date = found == "map" && !line.contains('{');
            let found = if is_date { "a date" } else { &*kind(found) };
            format!("must be {}, not {found}", kind(expected))
        }
        (None, Some((found, expected))) => format!("must be {expected}, not {found}"),
        (None, None) => problem.to_owned(),
    };
    let is_name = |name: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        !name.is_empty() && name.bytes().all(plain)
    };
    match line.split_once('=').map(|(name, _)| name.trim()).filter(is_name) {
        Some(field) => format!("{field}: {said}"),
        None => said,
    }
}

/// Returns a kind of value by the name that writers know.
fn kind(text: &str) -> Cow<'_, str> {
    match text {
        "map" => "a table".into(),
        "sequence" | "a sequence" => "a list".into(),
        "an array of length 2" => "a list of two numbers".into(),
        "a string" => "a text in quotes".into(),
        "a boolean" => "true or false".into(),
        _ => text
            .replace("string \"", "the text \"")
            .replace("integer `", "the number `")
            .replace("boolean `", "`")
            .into(),
    }
}

pub(super) type BuildResult<T> = Result<T, InvalidProvider>;
