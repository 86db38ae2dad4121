//! What a file of settings would change, before any of it applies.

use toml::{Table, Value};

use super::accounts::{AccountsError, AccountsReply};
use super::key_book::KeyBook;
use super::notice::Notice;
use super::setting_names;
use super::settings_transfer::{Missing, Moved, SettingsImport, TransferError, merge};
use crate::model::text::{count, sanitize};
use crate::store::settings::Settings;

/// A setting that would be another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// Its name in the window.
    pub name: String,
    /// Its value now.
    pub before: String,
    /// Its value then.
    pub after: String,
}

/// What a file of settings would change.
#[derive(Debug)]
pub struct SettingsPreview {
    /// Settings that would be others.
    pub changes: Vec<SettingChange>,
    /// Destinations that would be added.
    pub destinations: Vec<String>,
    /// Templates that would be added.
    pub templates: Vec<String>,
    /// Provider files that would be added, and where they send files and keys.
    pub providers: Vec<String>,
    /// Keys that are still to be added then.
    pub missing: Vec<Missing>,
    /// What would not be taken over, and why.
    pub kept_out: Vec<String>,
}

impl SettingsPreview {
    /// Returns whether nothing would be another than it is.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.destinations.is_empty()
            && self.templates.is_empty()
            && self.providers.is_empty()
    }
}

impl KeyBook {
    /// Reads the text of a file of settings, and says what it would change.
    pub fn preview_import(&self, text: &str) -> Result<SettingsPreview, TransferError> {
        let incoming = SettingsImport::read(text)?;
        let providers = incoming.providers().iter().map(|provider| {
            let reach = provider.provider().reach().join(", ");
            format!("{}: sends files to {reach}", provider.facts().name)
        });
        let providers = providers.collect();
        let moved = merge(&self.settings, incoming, |vendor| self.has_given_key(vendor))?;
        Ok(SettingsPreview {
            changes: changes(&self.settings, &moved.settings)?,
            destinations: moved.added,
            templates: moved.templates,
            providers,
            missing: moved.missing,
            kept_out: moved.kept_out.iter().map(ToString::to_string).collect(),
        })
    }

    /// Takes a file of settings over, merged with what is saved then; what became of it is told with the notices.
    pub fn import_settings(&mut self, text: String) {
        self.ask_accounts(move |accounts| {
            let mut merged = None;
            let changed = accounts.change(|settings| {
                let moved = SettingsImport::read(&text).and_then(|new| merge(settings, new, |_| true));
                let summary = moved.and_then(|moved| {
                    let changed = changes(settings, &moved.settings)?.len();
                    settings.clone_from(&moved.settings);
                    Ok(summary(&moved, changed))
                });
                merged = Some(summary);
            });
            let notice = merged.map(|summary| match summary {
                Ok(summary) => summary.into(),
                Err(why) => Notice::error(format!("{why}. Nothing was changed")),
            });
            Ok::<_, AccountsError>(AccountsReply { notice, ..changed? })
        });
    }
}

/// Says what was taken over: so many settings have another value now.
fn summary(moved: &Moved, changed: usize) -> String {
    let mut parts = vec![];
    for (n, word) in [(moved.added.len(), "destination"), (moved.templates.len(), "template")] {
        if n > 0 {
            parts.push(format!("{} added", count(n, word)));
        }
    }
    if changed > 0 {
        parts.push(format!("{} changed", count(changed, "setting")));
    }
    match parts.is_empty() {
        true => "Settings imported: all were the same already".to_owned(),
        false => format!("Settings imported: {}", parts.join(", ")),
    }
}

/// Lists the settings with another value.
fn changes(before: &Settings, after: &Settings) -> Result<Vec<SettingChange>, TransferError> {
    let (before, after) = (Table::try_from(before)?, Table::try_from(after)?);
    let keys = after.keys().chain(before.keys().filter(|key| !after.contains_key(*key)));
    let listed = ["destination", "key", "template"]; // said by name
    let differ = keys.filter(|key| !listed.contains(&key.as_str()) && before.get(*key) != after.get(*key));
    let change = |key: &String| SettingChange {
        name: setting_names::of_key(key).to_owned(),
        before: value(before.get(key)),
        after: value(after.get(key)),
    };
    Ok(differ.map(change).collect())
}

/// Returns a value as people read it.
fn value(value: Option<&Value>) -> String {
    match value {
        None => "none".to_owned(),
        Some(Value::Boolean(on)) => if *on { "on" } else { "off" }.to_owned(),
        Some(Value::String(text)) => sanitize(text),
        Some(Value::Array(all)) if all.is_empty() => "none".to_owned(),
        Some(Value::Array(all)) => all.iter().map(|v| self::value(Some(v))).collect::<Vec<_>>().join(", "),
        Some(Value::Table(table)) => {
            table.values().map(|v| self::value(Some(v))).collect::<Vec<_>>().join(" ")
        }
        Some(other) => sanitize(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::settings::{Proxy, Theme};

    #[test]
    fn what_would_be_another_is_said_by_its_name_and_nothing_else() {
        let before = Settings::default();
        let after = Settings {
            theme: Theme::Dark,
            upload_on_drop: true,
            proxy: Proxy::Url("http://proxy:80".into()),
            chosen: Some("A".into()),
            ..Settings::default()
        };
        let said = |a, b| {
            let all = changes(a, b).unwrap().into_iter();
            all.map(|c| format!("{}: {} → {}", c.name, c.before, c.after)).collect::<Vec<_>>()
        };
        let mut there = said(&before, &after);
        there.sort();
        assert_eq!(
            there,
            [
                "Default destination: none → A",
                "Proxy: system → http://proxy:80",
                "Theme: system → dark",
                "Upload as soon as files are added: off → on",
            ]
        );
        assert!(said(&after, &before).contains(&"Default destination: A → none".to_owned()));
        assert!(said(&after, &after).is_empty());
    }

    #[test]
    fn a_preview_is_empty_only_where_nothing_at_all_would_change() {
        let none = || SettingsPreview {
            changes: vec![],
            destinations: vec![],
            templates: vec![],
            providers: vec![],
            missing: vec![],
            kept_out: vec!["a destination: it has no name".to_owned()],
        };
        assert!(none().is_empty(), "what is kept out changes nothing");
        let one = || vec!["one".to_owned()];
        assert!(!SettingsPreview { destinations: one(), ..none() }.is_empty());
        assert!(!SettingsPreview { templates: one(), ..none() }.is_empty());
        assert!(!SettingsPreview { providers: one(), ..none() }.is_empty());
        let theme = changes(&Settings::default(), &Settings { theme: Theme::Dark, ..Settings::default() });
        assert!(!SettingsPreview { changes: theme.unwrap(), ..none() }.is_empty());
    }
}
