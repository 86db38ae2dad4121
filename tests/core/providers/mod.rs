//! One suite that every provider must pass, over real sockets: what goes out, what each reply means, what is refused.
//! The documents' own examples are in `fixtures/`.

mod checks;
mod connecting;
mod errors;
mod going_out;
mod refusals;
mod replies;
mod successes;

use std::process::Command;

use crate::support::{ADDED_PROVIDER, every_provider};

/// Whoever adds a provider writes a file, and nothing else: the suite runs over it as over those built in.
#[test]
fn the_whole_suite_holds_for_a_file_that_is_added() {
    if std::env::var_os(ADDED_PROVIDER).is_some() {
        assert!(every_provider().iter().any(|provider| provider.facts().id == "mine"));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    std::fs::write(&file, include_str!("../../fixtures/providers/mine.toml")).unwrap();
    let run = Command::new(std::env::current_exe().unwrap())
        .arg("providers::")
        // The document of errors, and the cases that were written by hand from documents, are of those built in alone.
        .args(["--skip", "providers::errors", "--skip", "accounts_options_names_and_the_key_go_where"])
        .args(["--skip", "every_provider_has_fixtures", "--nocapture"])
        .env(ADDED_PROVIDER, &file)
        .output()
        .unwrap();
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(run.status.success(), "{}\n{}", said[0], said[1]);
    assert!(!said[0].contains(" 0 passed"), "{}", said[0]);
}
