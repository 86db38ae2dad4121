//! The forms in which results are copied.

use serde::{Deserialize, Serialize};

/// What a copy button puts into the clipboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CopyFormat {
    /// The id, or the link where there is none.
    #[default]
    Id,
    /// The link, or the id where there is none.
    Link,
    /// The service's whole answer.
    Json,
    /// `![name](link)`.
    Markdown,
    /// `<img …>`, `<audio …>`, `<video …>`.
    Html,
    /// A table with a head.
    Csv,
    /// A line of one's own.
    Template,
}

impl CopyFormat {
    /// In the order of menus.
    pub const ALL: [CopyFormat; 7] = [
        CopyFormat::Id,
        CopyFormat::Link,
        CopyFormat::Json,
        CopyFormat::Markdown,
        CopyFormat::Html,
        CopyFormat::Csv,
        CopyFormat::Template,
    ];

    /// Its name where there is little room.
    pub const fn short(self) -> &'static str {
        match self {
            CopyFormat::Markdown => "MD",
            CopyFormat::Template => "{…}",
            other => other.label(),
        }
    }

    /// Its name in a menu.
    pub const fn label(self) -> &'static str {
        match self {
            CopyFormat::Id => "ID",
            CopyFormat::Link => "Link",
            CopyFormat::Json => "JSON",
            CopyFormat::Markdown => "Markdown",
            CopyFormat::Html => "HTML",
            CopyFormat::Csv => "CSV",
            CopyFormat::Template => "Template",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_a_name_and_a_short_one() {
        let names = CopyFormat::ALL.map(CopyFormat::label);
        assert_eq!(names, ["ID", "Link", "JSON", "Markdown", "HTML", "CSV", "Template"]);
        let short = CopyFormat::ALL.map(CopyFormat::short);
        assert_eq!(short, ["ID", "Link", "JSON", "MD", "HTML", "CSV", "{…}"]);
    }
}
