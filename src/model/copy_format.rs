//! The forms in which results are copied.

use serde::{Deserialize, Serialize};
use strum::EnumIter;

/// What a copy button puts into the clipboard; in the order of menus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumIter)]
#[serde(rename_all = "lowercase")]
pub enum CopyFormat {
    /// The id, or the link where there is none.
    #[default]
    Id,
    /// The link, or the id where there is none.
    Link,
    /// The provider's whole answer.
    Json,
    /// `![name](link)`.
    Markdown,
    /// `<img …>`, `<audio …>`, `<video …>`.
    Html,
    /// A table with a head.
    Csv,
    /// The template that is chosen.
    Template,
}

/// A line of one's own for each upload, under a name: a copy format beside the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopyTemplate {
    /// What it is called in menus, and by `--format`.
    pub name: String,
    /// `{name}: {id}`
    pub line: String,
}

impl CopyFormat {
    /// Returns its name in a menu.
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

impl CopyTemplate {
    /// Makes the template that is there at first, and the one of earlier versions, which had no name.
    pub fn first(line: &str) -> CopyTemplate {
        CopyTemplate { name: CopyFormat::Template.label().to_owned(), line: line.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn every_form_has_a_name() {
        let names: Vec<_> = CopyFormat::iter().map(CopyFormat::label).collect();
        assert_eq!(names, ["ID", "Link", "JSON", "Markdown", "HTML", "CSV", "Template"]);
    }
}
