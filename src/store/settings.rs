//! What the user set: saved destinations, the names of keys (never the keys), and choices.

use serde::{Deserialize, Serialize};

use super::proxy::{InvalidProxy, ProxyAddress};
use crate::model::copy_format::{CopyFormat, CopyTemplate};
use crate::model::destination::{Destination, KeyRecord, MAX_NAME, validate_name};
use crate::model::text::capitalized;

/// A settings file larger than this is not one.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// The longest template that is kept, in bytes.
const MAX_TEMPLATE: usize = 4096;

/// More templates than these are in no menu.
pub const MAX_TEMPLATES: usize = 50;

/// More providers than these are not hidden.
const MAX_HIDDEN: usize = 1000;

/// Light, dark, or what the system has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// What the system has.
    #[default]
    System,
    /// Dark on light, whatever the system has.
    Light,
    /// Light on dark, whatever the system has.
    Dark,
}

/// As what the window shows the history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HistoryStyle {
    /// A row for each upload, with what is known of it in columns.
    List,
    /// Pictures beside each other.
    #[default]
    Grid,
}

/// Which proxy requests go through. Loopback addresses never do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proxy {
    /// What the environment or the system says.
    #[default]
    System,
    /// None.
    Direct,
    /// This one: `http://host:port`, `https://…` or `socks5://…`. What stands there may be none that can be used.
    Url(String),
}

impl Proxy {
    /// Checks whether an address of one's own can be used, and kept in a file.
    pub fn check(address: &str) -> Result<(), InvalidProxySetting> {
        match ProxyAddress::read(address)?.has_sign_in() {
            true => Err(InvalidProxySetting::SignIn),
            false => Ok(()),
        }
    }
}

/// Why an address of one's own is not taken over as the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProxySetting {
    /// It is none.
    #[error("{}", capitalized(&.0.to_string()))]
    Address(#[from] InvalidProxy),
    /// It holds a password.
    #[error("Settings are a file and store no password: set this proxy in HTTPS_PROXY instead")]
    SignIn,
}

/// The content of `settings.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Light or dark.
    pub theme: Theme,
    /// Uploads at a time.
    pub uploads_at_once: usize,
    /// Uploads at a time to one account.
    pub uploads_per_account: usize,
    /// What is copied.
    pub copy_format: CopyFormat,
    /// The name of the template that `CopyFormat::Template` copies; the first one where it is none's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen_template: Option<String>,
    /// Finished files are copied by themselves, once a batch.
    pub copy_when_done: bool,
    /// Files are sent as soon as they are added.
    pub upload_on_drop: bool,
    /// A finished batch is told of by the system, where the window is not in front.
    pub notify: bool,
    /// As what the history is shown.
    pub history_style: HistoryStyle,
    /// How hosts are reached.
    pub proxy: Proxy,
    /// The providers that lists do not show, by ID.
    pub hidden_providers: Vec<String>,
    /// The destination chosen last, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// Lines of one's own, in the order of menus.
    #[serde(rename = "template")]
    pub templates: Vec<CopyTemplate>,
    /// What is remembered of the saved keys.
    #[serde(rename = "key")]
    pub keys: Vec<KeyRecord>,
    /// The saved destinations, in the order they are shown.
    #[serde(rename = "destination")]
    pub destinations: Vec<Destination>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            theme: Theme::System,
            uploads_at_once: 4,
            uploads_per_account: 2,
            copy_format: CopyFormat::default(),
            chosen_template: None,
            copy_when_done: false,
            upload_on_drop: false,
            notify: true,
            history_style: HistoryStyle::default(),
            proxy: Proxy::System,
            hidden_providers: vec![],
            chosen: None,
            templates: vec![CopyTemplate::first("{name}: {id}")],
            keys: vec![],
            destinations: vec![],
        }
    }
}

impl Settings {
    /// Returns the template that is chosen: the first one where none is.
    pub fn template(&self) -> Option<&CopyTemplate> {
        let chosen = |t: &&CopyTemplate| Some(&t.name) == self.chosen_template.as_ref();
        self.templates.iter().find(chosen).or(self.templates.first())
    }

    /// Returns the line of that template.
    pub fn template_line(&self) -> &str {
        self.template().map_or("", |template| &template.line)
    }

    /// Returns a name like `wanted` that no destination has.
    pub fn free_name(&self, wanted: &str) -> String {
        unique_name(wanted, |name| self.destinations.iter().any(|d| d.name == name))
    }

    /// Returns the same within bounds, as it would be read from the file.
    #[must_use]
    pub fn clamped(mut self) -> Settings {
        self.uploads_at_once = self.uploads_at_once.clamp(1, 16);
        self.uploads_per_account = self.uploads_per_account.clamp(1, 16);
        for CopyTemplate { line, .. } in &mut self.templates {
            line.truncate(line.floor_char_boundary(MAX_TEMPLATE));
        }
        // One that cannot be used stays: nothing is sent then, and never without the proxy that somebody wanted.
        if let Proxy::Url(text) = &mut self.proxy
            && let Ok(address) = ProxyAddress::read(text)
            && address.has_sign_in()
        {
            *text = address.without_sign_in().url();
        }
        self.hidden_providers.sort();
        self.hidden_providers.dedup();
        self.hidden_providers.truncate(MAX_HIDDEN);
        let mut seen = std::collections::HashSet::new();
        self.destinations.retain(|d| seen.insert(d.name.clone()));
        seen.clear();
        self.keys.retain(|k| seen.insert(k.name.clone()));
        seen.clear();
        self.templates.retain(|t| validate_name(&t.name, MAX_NAME).is_ok() && seen.insert(t.name.clone()));
        self.templates.truncate(MAX_TEMPLATES);
        self.chosen_template.take_if(|name| !self.templates.iter().any(|t| t.name == *name));
        if self.templates.is_empty() && self.copy_format == CopyFormat::Template {
            self.copy_format = CopyFormat::Id;
        }
        self
    }
}

/// Returns `wanted`, or a name like it that is not taken.
pub fn unique_name(wanted: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut n = 2;
    while taken(&name) {
        name = format!("{wanted} {n}");
        n += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_makes_no_sense_in_a_file_is_left_out_and_the_rest_stays() {
        let destination = |name: &str, provider: &str| Destination {
            name: name.into(),
            provider: provider.into(),
            key: "k".into(),
            account: None,
            options: std::collections::BTreeMap::new(),
            fit: crate::model::fit::FitRules::default(),
        };
        let key = |name: &str, vendor: &str| KeyRecord {
            name: name.into(),
            vendor: vendor.into(),
            added: jiff::civil::date(2026, 9, 3),
            label: None,
        };
        let settings = Settings {
            uploads_at_once: 0,
            uploads_per_account: 99,
            templates: vec![
                CopyTemplate::first(&format!("{}ä", "x".repeat(MAX_TEMPLATE - 1))),
                CopyTemplate::first("of the same name"),
                CopyTemplate { name: "a\nb".into(), line: "{id}".into() },
            ],
            chosen_template: Some("gone".into()),
            proxy: Proxy::Url("http://proxy.example.com:8080".into()),
            destinations: vec![
                destination("a", "piapi"),
                destination("b", "piapi"),
                destination("a", "indream"),
            ],
            keys: vec![key("k", "piapi"), key("l", "piapi"), key("k", "indream")],
            ..Settings::default()
        };
        let sane = settings.clone().clamped();
        assert_eq!((sane.uploads_at_once, sane.uploads_per_account), (1, 16));
        assert_eq!(
            sane.templates,
            [CopyTemplate::first(&"x".repeat(MAX_TEMPLATE - 1))],
            "no letter is cut in two"
        );
        assert_eq!(sane.chosen_template, None);
        assert_eq!(sane.proxy, settings.proxy);
        assert_eq!(
            sane.destinations,
            [destination("a", "piapi"), destination("b", "piapi")],
            "the first of a name"
        );
        assert_eq!(sane.keys, [key("k", "piapi"), key("l", "piapi")]);
        assert_eq!(sane.clone().clamped(), sane);
        let whole = Settings {
            templates: vec![CopyTemplate::first(&"x".repeat(MAX_TEMPLATE))],
            uploads_at_once: 16,
            ..Settings::default()
        };
        assert_eq!(whole.clone().clamped(), whole);
        let none = Settings { templates: vec![], copy_format: CopyFormat::Template, ..Settings::default() };
        assert_eq!(none.clamped().copy_format, CopyFormat::Id, "a format that is not there is not used");
    }

    #[test]
    fn a_template_is_chosen_by_its_name() {
        let template = |name: &str| CopyTemplate { name: name.into(), line: format!("{name} {{id}}") };
        let chosen = |name: Option<&str>| {
            let chosen_template = name.map(ToOwned::to_owned);
            let templates = vec![template("a"), template("b")];
            let settings = Settings { chosen_template, templates, ..Settings::default() };
            settings.template_line().to_owned()
        };
        assert_eq!([None, Some("b"), Some("gone")].map(chosen), ["a {id}", "b {id}", "a {id}"]);
    }

    #[test]
    fn a_free_name_is_the_wanted_one_or_counts_from_two() {
        let taken = |names: &'static [&str]| move |name: &str| names.contains(&name);
        assert_eq!(unique_name("a", taken(&[])), "a");
        assert_eq!(unique_name("a", taken(&["a"])), "a 2");
        assert_eq!(unique_name("a", taken(&["a", "a 2", "a 4"])), "a 3");
    }
}
