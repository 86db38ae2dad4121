//! What can be copied of a result: the formats that are there for everybody, and a person's own templates by their names.

use strum::IntoEnumIterator;

use super::template::{InvalidTemplate, Template};
use crate::model::copy_format::{CopyFormat, CopyTemplate};
use crate::model::destination::{InvalidName, MAX_NAME, validate_name};
use crate::model::text::elide;
use crate::store::settings::{MAX_TEMPLATES, Settings};

/// A format to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyChoice {
    /// One of those that are built in, or a template.
    pub format: CopyFormat,
    /// The template's name, of one.
    pub template: Option<String>,
    /// What is copied now.
    pub is_chosen: bool,
}

impl CopyChoice {
    /// Returns its name in a menu.
    pub fn label(&self) -> &str {
        self.template.as_deref().unwrap_or(self.format.label())
    }

    /// Returns its name where there is little room.
    pub fn short(&self) -> String {
        match &self.template {
            Some(name) => elide(name, 14),
            None => self.format.label().to_owned(),
        }
    }

    /// Makes it what is copied from now on.
    pub fn choose(self, settings: &mut Settings) {
        settings.copy_format = self.format;
        if self.template.is_some() {
            settings.chosen_template = self.template;
        }
    }
}

/// Lists the formats, in the order of menus: the templates last.
pub fn copy_choices(settings: &Settings) -> Vec<CopyChoice> {
    let now = settings.template().map(|template| &template.name);
    let fixed = CopyFormat::iter().filter(|format| *format != CopyFormat::Template);
    let fixed =
        fixed.map(|format| CopyChoice { format, template: None, is_chosen: format == settings.copy_format });
    let own = settings.templates.iter().map(|template| CopyChoice {
        format: CopyFormat::Template,
        template: Some(template.name.clone()),
        is_chosen: settings.copy_format == CopyFormat::Template && now == Some(&template.name),
    });
    fixed.chain(own).collect()
}

/// Returns the name of what is copied now.
pub fn copied_as(settings: &Settings) -> &str {
    match (settings.copy_format, settings.template()) {
        (CopyFormat::Template, Some(template)) => &template.name,
        (format, _) => format.label(),
    }
}

/// Why a template cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCopyTemplate {
    /// It is no name at all.
    #[error("A template's name {0}")]
    Name(#[from] InvalidName),
    /// Another template, or a format that is there for everybody, has it.
    #[error("There is a copy format named {0} already: choose another name")]
    Taken(String),
    /// More than a menu can hold.
    #[error("There are {MAX_TEMPLATES} templates already: remove one first")]
    TooMany,
    /// It would be more than a line.
    #[error("A template is one line, without control characters")]
    Unprintable,
    /// Its fields.
    #[error("The line cannot be used: {0}")]
    Line(#[from] InvalidTemplate),
}

/// Checks whether a template can be saved, in place of the one of the name `before`, or as a new one.
pub fn check_template(
    settings: &Settings,
    before: Option<&str>,
    template: &CopyTemplate,
) -> Result<(), InvalidCopyTemplate> {
    let name = &template.name;
    validate_name(name, MAX_NAME)?;
    let mut others = settings.templates.iter().filter(|t| Some(t.name.as_str()) != before);
    let fixed = CopyFormat::iter().filter(|format| *format != CopyFormat::Template);
    if others.any(|t| t.name == *name) || fixed.into_iter().any(|f| f.label().eq_ignore_ascii_case(name)) {
        return Err(InvalidCopyTemplate::Taken(name.clone()));
    }
    if before.is_none() && settings.templates.len() >= MAX_TEMPLATES {
        return Err(InvalidCopyTemplate::TooMany);
    }
    if template.line.chars().any(char::is_control) {
        return Err(InvalidCopyTemplate::Unprintable);
    }
    Template::parse(&template.line)?;
    Ok(())
}

/// Saves a template in place of the one of the name `before`, or as a new one; it stays the chosen one if it was.
pub fn save_template(settings: &mut Settings, before: Option<&str>, template: CopyTemplate) {
    let index = before.and_then(|name| settings.templates.iter().position(|t| t.name == name));
    let Some(index) = index else {
        settings.templates.push(template);
        return;
    };
    if settings.chosen_template.as_deref() == before {
        settings.chosen_template = Some(template.name.clone());
    }
    settings.templates[index] = template;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(name: &str, line: &str) -> CopyTemplate {
        CopyTemplate { name: name.into(), line: line.into() }
    }

    #[test]
    fn templates_are_formats_by_their_names() {
        let templates = vec![template("Wiki", "[[{name}]]"), template("A long name of a template", "{id}")];
        let mut settings = Settings { templates, ..Settings::default() };
        let choices = copy_choices(&settings);
        let labels: Vec<_> = choices.iter().map(CopyChoice::label).collect();
        assert_eq!(
            labels,
            ["ID", "Link", "JSON", "Markdown", "HTML", "CSV", "Wiki", "A long name of a template"]
        );
        assert!(choices[7].short().chars().count() <= 14 && choices[3].short() == "Markdown");
        assert_eq!(choices.iter().filter(|c| c.is_chosen).map(CopyChoice::label).collect::<Vec<_>>(), ["ID"]);
        choices[7].clone().choose(&mut settings);
        assert_eq!((copied_as(&settings), settings.template_line()), ("A long name of a template", "{id}"));
        let chosen = copy_choices(&settings).into_iter().filter(|c| c.is_chosen);
        assert_eq!(chosen.map(|c| c.label().to_owned()).collect::<Vec<_>>(), ["A long name of a template"]);
        choices[0].clone().choose(&mut settings);
        assert_eq!(copied_as(&settings), "ID");
    }

    #[test]
    fn a_template_that_is_renamed_stays_the_chosen_one() {
        let mut settings = Settings::default();
        save_template(&mut settings, None, template("Wiki", "[[{name}]]"));
        settings.chosen_template = Some("Wiki".into());
        save_template(&mut settings, Some("Wiki"), template("Page", "{id}"));
        assert_eq!((settings.templates.len(), settings.template_line()), (2, "{id}"));
        save_template(&mut settings, Some("Template"), template("First", "{url}"));
        assert_eq!((settings.templates[0].name.as_str(), settings.template_line()), ("First", "{id}"));
    }

    #[test]
    fn what_would_be_mistaken_or_broken_is_refused() {
        let settings = Settings::default();
        let why = |before, name, line| {
            check_template(&settings, before, &template(name, line)).err().map(|e| e.to_string())
        };
        assert_eq!(why(None, "Wiki", "{id}"), None);
        assert_eq!(why(Some("Template"), "Template", "{id} {url}"), None, "it keeps its name");
        for (name, line, words) in [
            ("Template", "{id}", "named Template already"),
            ("markdown", "{id}", "named markdown already"),
            ("", "{id}", "must not be empty"),
            ("Wiki", "{nope}", "there is no {nope}"),
            ("Wiki", "a\u{1b}[2J", "one line"),
        ] {
            let said = why(None, name, line).unwrap();
            assert!(said.contains(words), "{name} {line}: {said}");
        }
    }
}
