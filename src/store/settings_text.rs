//! The text of a settings file, as this version and earlier ones write it.

use toml::{Table, Value};

use crate::model::copy_format::CopyTemplate;

/// Reads the text of a settings file, also of an earlier version.
pub fn read_table(text: &str) -> Result<Table, toml::de::Error> {
    Ok(of_this_version(toml::from_str(text)?))
}

/// Returns a table as this version writes it.
pub(super) fn of_this_version(mut table: Table) -> Table {
    // Up to 0.1 there was one template.
    if let Some(line) = table.get("copy_template").and_then(Value::as_str) {
        let template = Value::try_from([CopyTemplate::first(line)]).ok();
        table.remove("copy_template");
        if let Some(template) = template.filter(|_| !table.contains_key("template")) {
            table.insert("template".to_owned(), template);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::model::copy_format::CopyFormat;
    use crate::store::folders::Folders;
    use crate::store::settings::{Settings, Theme};
    use crate::store::settings_file::SettingsFile;

    /// As 0.1.0 writes it.
    const BEFORE: &str = r#"theme = "dark"
uploads_at_once = 4
uploads_per_account = 2
copy_format = "template"
copy_template = "![{name}]({url})"
copy_when_done = false
upload_on_drop = false
notify = true
proxy = "system"
chosen = "A"
key = []

[[destination]]
name = "A"
provider = "piapi"
key = "piapi"

[destination.options]
"#;

    #[test]
    fn the_one_template_of_an_earlier_version_works_on_under_a_name() {
        let home = tempfile::tempdir().unwrap();
        let folders = Folders::inside(home.path());
        let (file, path) = (SettingsFile::new(&folders), folders.settings.join("settings.toml"));
        Folders::make(path.parent().unwrap()).unwrap();
        fs::write(&path, BEFORE).unwrap();
        let (settings, said) = file.load();
        assert_eq!((said, settings.theme, settings.destinations.len()), (None, Theme::Dark, 1));
        assert_eq!(settings.copy_format, CopyFormat::Template);
        assert_eq!(settings.templates, [CopyTemplate::first("![{name}]({url})")]);
        assert_eq!(settings.template_line(), "![{name}]({url})");
        // And once it was written by this version.
        let written = file.update(|s| s.notify = false).unwrap();
        assert_eq!(written, Settings { notify: false, ..settings });
        assert!(!fs::read_to_string(&path).unwrap().contains("copy_template"));
        assert_eq!(file.peek().unwrap(), written);
        // Without any template there is none, and it does not come back.
        file.update(|s| s.templates.clear()).unwrap();
        assert_eq!(file.peek().unwrap().template(), None);
    }
}
