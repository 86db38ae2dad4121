//! What settings are called: on their page, and where a file of settings says what it would change.

/// The theme of the window.
pub const THEME: &str = "Theme";
/// The format that Copy uses.
pub const COPY_FORMAT: &str = "Copy as";
/// Whether results are copied when a batch finishes.
pub const COPY_WHEN_DONE: &str = "Copy when a batch finishes";
/// Whether files upload as soon as they are added.
pub const UPLOAD_ON_DROP: &str = "Upload as soon as files are added";
/// The folders that are watched.
pub const WATCHED_FOLDERS: &str = "Watched folders";
/// Uploads at once, in all.
pub const UPLOADS_AT_ONCE: &str = "Uploads at once";
/// Uploads at once, to one account.
pub const UPLOADS_PER_ACCOUNT: &str = "Uploads at once for each account";
/// Whether the system notifies when a batch finishes.
pub const NOTIFY: &str = "Notify when a batch finishes";
/// The proxy for uploads.
pub const PROXY: &str = "Proxy";

/// Returns the name of a setting by its key in the file; of one that has no row on the page, what it is.
pub(super) fn of_key(key: &str) -> &str {
    match key {
        "theme" => THEME,
        "uploads_at_once" => UPLOADS_AT_ONCE,
        "uploads_per_account" => UPLOADS_PER_ACCOUNT,
        "copy_format" => COPY_FORMAT,
        "chosen_template" => "Template",
        "copy_when_done" => COPY_WHEN_DONE,
        "upload_on_drop" => UPLOAD_ON_DROP,
        "notify" => NOTIFY,
        "proxy" => PROXY,
        "chosen" => "Default destination",
        "hidden_providers" => "Hidden providers",
        "history_style" => "Show the history as",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::settings::Settings;

    #[test]
    fn every_setting_of_the_file_has_a_name_for_people() {
        let all =
            Settings { chosen: Some("A".into()), chosen_template: Some("B".into()), ..Settings::default() };
        let table = toml::Table::try_from(all).unwrap();
        let listed = ["destination", "key", "template"]; // said by their own names
        for key in table.keys().filter(|key| !listed.contains(&key.as_str())) {
            assert_ne!(of_key(key), key, "{key} has none");
        }
    }
}
