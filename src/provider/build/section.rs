//! Where in a file something stands, so that what is wrong with it can be found.

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

pub(super) type BuildResult<T> = Result<T, InvalidProvider>;
