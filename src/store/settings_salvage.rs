//! What can be used of a damaged settings file.

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};
use toml::{Table, Value};

use super::settings::{Proxy, Settings};
use super::settings_text;

/// What a damaged file comes to.
pub(super) struct SalvagedSettings {
    pub(super) settings: Settings,
    /// What the file says of the proxy cannot be read.
    pub(super) is_proxy_lost: bool,
}

/// Stands in place of a proxy that was lost: it is not an address, so nothing is sent until another one is chosen.
const LOST_PROXY: &str = "lost with the damaged settings";

/// Takes over what can be used, setting by setting, and of lists one by one.
pub(super) fn salvage(text: &str) -> SalvagedSettings {
    let (table, problems) = DeTable::parse_recoverable(text);
    let table = Table::deserialize(Deserializer::from(table)).map(settings_text::of_this_version);
    let mut usable = Table::new();
    for (name, value) in table.unwrap_or_default() {
        let is_usable = |value: &Value| of(&name, value.clone()).is_some();
        let value = match value {
            Value::Array(all) => Value::Array(
                all.into_iter().filter(|one| is_usable(&Value::Array(vec![one.clone()]))).collect(),
            ),
            value => value,
        };
        if is_usable(&value) {
            usable.insert(name, value);
        }
    }
    let knows_proxy = usable.contains_key("proxy");
    let is_damaged_elsewhere_only = problems.is_empty() && !text.contains("proxy") && !text.trim().is_empty();
    let is_proxy_lost = !knows_proxy && !is_damaged_elsewhere_only;
    let mut settings: Settings = usable.try_into().unwrap_or_default();
    if is_proxy_lost {
        settings.proxy = Proxy::Url(LOST_PROXY.to_owned());
    }
    SalvagedSettings { settings: settings.clamped(), is_proxy_lost }
}

/// Returns settings of which this one is set.
fn of(name: &str, value: Value) -> Option<Settings> {
    let mut table = Table::new();
    table.insert(name.to_owned(), value);
    table.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::settings::Theme;

    const WHOLE: &str = r#"theme = "dark"
uploads_at_once = 7
notify = false

[proxy]
url = "http://proxy:80"

[[destination]]
name = "A"
provider = "piapi"
key = "piapi"

[[destination]]
name = "B"
provider = "piapi"
key = "piapi"
"#;

    #[test]
    fn one_wrong_value_costs_itself() {
        for (right, wrong) in [
            ("theme = \"dark\"", "theme = \"purple\""),
            ("uploads_at_once = 7", "uploads_at_once = 4.5"),
            ("notify = false", "notify = = false"),
        ] {
            let SalvagedSettings { settings, is_proxy_lost } = salvage(&WHOLE.replace(right, wrong));
            assert_eq!(
                (settings.proxy, is_proxy_lost),
                (Proxy::Url("http://proxy:80".into()), false),
                "{wrong}"
            );
            let names: Vec<_> = settings.destinations.iter().map(|d| d.name.as_str()).collect();
            assert_eq!(names, ["A", "B"], "{wrong}");
            assert_eq!(settings.theme == Theme::Dark, !wrong.contains("purple"), "{wrong}");
        }
        let SalvagedSettings { settings, .. } = salvage(&WHOLE.replacen("key = \"piapi\"", "key = 5", 1));
        assert_eq!(settings.destinations.iter().map(|d| d.name.as_str()).collect::<Vec<_>>(), ["B"]);
    }

    #[test]
    fn without_knowing_the_proxy_there_is_none_that_can_be_used() {
        for text in [
            "",
            " \n",
            &WHOLE[..40],
            &WHOLE.replace("\"http://proxy:80\"", "80"),
            "proxy = \"htp://x\"",
            "theme = ",
        ] {
            let SalvagedSettings { settings, is_proxy_lost } = salvage(text);
            assert!(is_proxy_lost, "{text}");
            assert!(matches!(settings.proxy, Proxy::Url(text) if Proxy::check(&text).is_err()), "{text}");
        }
        // None was set there, and everything else could be read.
        let without = salvage("theme = \"purple\"\nnotify = false");
        assert_eq!((without.settings.proxy, without.is_proxy_lost), (Proxy::System, false));
        let whole = salvage("theme = \"purple\"\nproxy = \"direct\"");
        assert_eq!((whole.settings.proxy, whole.is_proxy_lost), (Proxy::Direct, false));
    }
}
