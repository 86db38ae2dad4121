//! What helps against each refusal is a button of its row, or a line of its menu.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use eframe::egui::{self, Role, Theme};
use egui_kittest::kittest::Queryable;
use hoist::model::destination::Destination;
use hoist::model::secret::Key;
use hoist::model::upload::State;
use hoist::provider;
use hoist::sandbox::Sandbox;
use hoist::session::Start;
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::store::settings::Proxy;
use hoist::store::settings_file::SettingsFile;

use crate::window::{Window, sample};

const SIZE: [f32; 2] = [1160.0, 740.0];

fn destination(provider: &str, account: Option<&str>, options: &[(&str, &str)]) -> Destination {
    let facts = provider::by_id(provider).unwrap().facts();
    Destination {
        name: "the one".into(),
        provider: provider.into(),
        key: facts.vendor.id.into(),
        account: account.map(Into::into),
        options: options.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<BTreeMap<_, _>>(),
        fit: hoist::model::fit::FitRules::default(),
    }
}

/// A window with one destination, which is chosen.
fn window(destination: Destination, change: impl FnOnce(Start) -> Start) -> Window {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(&Folders::inside(home.path()));
    file.update(|settings| {
        settings.chosen = Some(destination.name.clone());
        settings.destinations.push(destination);
    })
    .unwrap();
    Window::started(home, Theme::Dark, SIZE, change)
}

fn in_sandbox(destination: Destination) -> Window {
    window(destination, |start| Start { sandbox: true, ..start })
}

/// A window that sends useapi.net's calls to an address.
fn to_address(destination: Destination, origin: &str, keys: Keys) -> Window {
    let mut environment = Environment::default();
    environment.bases.insert("HOIST_USEAPI_URL", origin.to_owned());
    window(destination, |start| Start { environment, keys, ..start })
}

impl Window {
    fn buttons(&self) -> Vec<String> {
        let of_row = |name: &String| name.contains(": ") && !name.starts_with("Copy as");
        self.names_of(Role::Button).into_iter().filter(of_row).collect()
    }

    /// Presses a button and gives back the page that was opened.
    fn page_of(&mut self, label: &str) -> String {
        self.harness.get_by_label(label).click();
        for _ in 0..10 {
            self.harness.step();
            let commands = &self.harness.output().platform_output.commands;
            let page = commands.iter().find_map(|command| match command {
                egui::OutputCommand::OpenUrl(page) => Some(page.url.clone()),
                _ => None,
            });
            if let Some(page) = page {
                return page;
            }
        }
        panic!("{label} opened nothing");
    }

    fn first_state(&self) -> &State {
        &self.harness.state().session().uploads.queue().items()[0].state
    }

    /// Opens the row's menu and says what it offers.
    fn menu_of(&mut self, file: &str) -> String {
        self.click(&format!("More: {file}"));
        self.harness.run_steps(2);
        self.tree()
    }
}

/// A picture that says it was made by AI.
fn made_by_ai(window: &Window) -> PathBuf {
    let mut bytes = std::fs::read(sample("cover.png")).unwrap();
    bytes.extend_from_slice(b"trainedAlgorithmicMedia");
    let path = window.home.path().join("made.png");
    std::fs::write(&path, bytes).unwrap();
    path
}

#[test]
fn what_was_refused_for_its_metadata_is_sent_without_them() {
    let mut window = in_sandbox(destination("flow-music", None, &[("stripMetadata", "false")]));
    let path = made_by_ai(&window);
    window.drop_paths([path]);
    window.wait_for("Upload 1 file to Flow Music");
    window.click_first("Upload 1 file to Flow Music");
    window.wait_for("Flow Music doesn't accept images with AI-provenance metadata");
    window.click("Strip and send: made.png");
    window.wait_for("Copy ID: made.png");
    let session = window.harness.state().session();
    assert_eq!(session.uploads.queue().items().len(), 1, "it is the same row");
    let item = &session.uploads.queue().items()[0];
    assert!(
        item.request.destination.options.is_empty(),
        "its default strips: {:?}",
        item.request.destination
    );
    let chosen = session.keys.chosen().unwrap();
    assert_eq!(chosen.options["stripMetadata"], "false", "the destination stays as it was set");
    assert_eq!(
        (&item.request.destination.name, &item.request.destination.account),
        (&chosen.name, &chosen.account)
    );
}

#[test]
fn the_number_for_its_support_is_copied() {
    let mut window = in_sandbox(destination("flow-music", Some("moderated@example.com"), &[]));
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("possibly from its moderation"), "{}", window.tree());
    assert!(window.has("Retry: cover.png"), "{}", window.tree());
    assert_eq!(window.copy_from_menu("cover.png", "Copy number"), "a05b815ef02cf9cc-SJC");
}

#[test]
fn a_broken_account_opens_the_page_where_it_is_added_again() {
    for (provider, name, file, page) in [
        ("flow-music", "Flow Music", "cover.png", "https://useapi.net/docs/start-here/setup-flowmusic"),
        ("google-flow", "Google Flow", "cover.png", "https://useapi.net/docs/start-here/setup-google-flow"),
        (
            "riffusion",
            "Riffusion",
            "tone.mp3",
            "https://useapi.net/docs/api-riffusion-v1/post-riffusion-accounts",
        ),
    ] {
        let mut window = in_sandbox(destination(provider, Some("broken@example.com"), &[]));
        window.upload(&[file], name);
        assert!(matches!(window.first_state(), State::Held(_)), "{:?}", window.first_state());
        assert_eq!(window.page_of(&format!("Open the account page: {file}")), page);
        assert!(window.menu_of(file).contains("Retry"));
    }
}

#[test]
fn who_has_no_subscription_comes_to_the_page_of_plans() {
    let mut window = in_sandbox(destination("flow-music", Some("unpaid@example.com"), &[]));
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("useapi.net reports no active subscription"));
    let page = window.page_of("Open the account page: cover.png");
    assert_eq!(page, "https://useapi.net/docs/subscription");
}

#[test]
fn only_pages_of_the_web_are_opened_whatever_the_history_holds() {
    for page in
        ["file:///etc/passwd", "javascript:alert(1)", "http://useapi.net/docs", "mailto:a@example.com"]
    {
        let mut window = in_sandbox(destination("flow-music", Some("unpaid@example.com"), &[]));
        window.upload(&["cover.png"], "Flow Music");
        let label = "Open the account page: cover.png";
        let opened = window.page_of(label);
        let database = rusqlite::Connection::open(window.home.path().join("data/history.db")).unwrap();
        let changed = database
            .execute("UPDATE detail SET failure = replace(failure, ?1, ?2)", [opened.as_str(), page])
            .unwrap();
        assert_eq!(changed, 1);
        drop(database);
        let mut window = window.restart();
        window.wait_for("Restored: 1 not accepted");
        window.harness.get_by_label(label).click();
        for _ in 0..10 {
            window.harness.step();
            let commands = &window.harness.output().platform_output.commands;
            let opens = commands.iter().any(|command| matches!(command, egui::OutputCommand::OpenUrl(_)));
            assert!(!opens, "{page}");
        }
    }
}

#[test]
fn a_wrong_key_is_replaced_from_the_row_and_nothing_is_sent_unasked() {
    let sandbox = Sandbox::start(0, Arc::new(|_| {})).unwrap();
    let keys = Keys::in_memory();
    keys.put("useapi", Key::new("user:1-wrongKey".into()).unwrap()).unwrap();
    let mut window = to_address(destination("flow-music", None, &[]), &sandbox.origin(), keys);
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("useapi.net rejected the API key"), "{}", window.tree());
    window.click("Replace key: cover.png");
    window.wait_for("the key useapi");
    let field = window.harness.get_by_role(Role::PasswordInput);
    field.focus();
    field.type_text(provider::by_id("flow-music").unwrap().facts().vendor.sandbox.key);
    window.harness.run_steps(2);
    window.click("Add key");
    window.wait_for("Upload 1 file to Flow Music");
    assert_eq!(window.queue(), ["cover.png ready"], "nothing is sent before Upload is pressed");
    window.click_first("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
}

#[test]
fn a_missing_key_is_added_from_the_row() {
    let mut window =
        to_address(destination("flow-music", None, &[]), "http://127.0.0.1:9", Keys::in_memory());
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("There is no useapi.net API key"), "{}", window.tree());
    window.click("Add key: cover.png");
    window.wait_for("Add the key useapi");
    window.type_key();
    window.click("Add key");
    window.wait_for("127.0.0.1 refused the connection");
    window.click("Save unchecked");
    window.wait_for("Upload 1 file to Flow Music");
    assert_eq!(window.queue(), ["cover.png ready"], "nothing is sent before Upload is pressed");
}

#[test]
fn a_key_that_the_environment_gives_is_not_replaced_in_the_window() {
    let sandbox = Sandbox::start(0, Arc::new(|_| {})).unwrap();
    let mut environment = Environment::default();
    environment.bases.insert("HOIST_USEAPI_URL", sandbox.origin());
    environment.keys.insert("useapi", Key::new("user:1-wrongKey".into()).unwrap());
    let mut window = window(destination("flow-music", None, &[]), |start| Start { environment, ..start });
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("useapi.net rejected the API key"), "{}", window.tree());
    assert!(
        !window.has("Replace key: cover.png") && window.has("Retry: cover.png"),
        "{:?}",
        window.buttons()
    );
}

/// Answers everybody so.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut read = vec![0; 64 * 1024];
            let _ = stream.read(&mut read);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    origin
}

#[test]
fn what_is_against_a_policy_is_not_offered_to_be_tried_again() {
    const ANSWER: &str = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 86\r\n\r\n\
        {\"error\":{\"message\":\"No\",\"details\":[{\"reason\":\"PUBLIC_ERROR_TRUMP_FACE_DETECTED\"}]}}    ";
    let keys = Keys::in_memory();
    keys.put("useapi", Key::new("user:1-anyKey".into()).unwrap()).unwrap();
    let mut window = to_address(destination("google-flow", None, &[]), &answering(ANSWER), keys);
    window.upload(&["cover.png"], "Google Flow");
    assert!(window.has("it violates the content policy"), "{}", window.tree());
    assert!(!window.tree().contains("Retry"), "{}", window.tree());
    assert_eq!(window.harness.state().session().uploads.failed_count(), 0, "nor with all that failed");
}

#[test]
fn a_proxy_that_is_not_there_leads_to_its_setting() {
    let keys = Keys::in_memory();
    keys.put("useapi", Key::new("user:1-anyKey".into()).unwrap()).unwrap();
    let mut environment = Environment::default();
    environment.bases.insert("HOIST_USEAPI_URL", "https://nobody.invalid".to_owned());
    let to = destination("flow-music", None, &[]);
    let first_pause = Duration::from_millis(10);
    let mut window = window(to, |start| Start { environment, keys, first_pause, ..start });
    window
        .harness
        .state_mut()
        .session_mut()
        .set(|settings| settings.proxy = Proxy::Url("http://127.0.0.1:1".to_owned()));
    window.upload(&["cover.png"], "Flow Music");
    assert!(window.has("The proxy cannot be reached: "), "{}", window.tree());
    assert!(!window.tree().contains("Send to…"), "no service is reached without it");
    window.click("Proxy settings: cover.png");
    window.wait_for("Proxy: System");
}

/// Rows of what can go wrong, as they look with room and without.
fn rows_that_need_somebody(size: [f32; 2], name: &str) {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(&Folders::inside(home.path()));
    let accounts = ["moderated", "broken", "unpaid", "gateway"].map(|name| format!("{name}@example.com"));
    let to = accounts.iter().map(|account| destination("flow-music", Some(account), &[]));
    let to = to.chain([destination("flow-music", None, &[("stripMetadata", "false")])]);
    let to = to.enumerate().map(|(n, to)| Destination { name: n.to_string(), ..to });
    file.update(|settings| settings.destinations.extend(to)).unwrap();
    let mut window = Window::started(home, Theme::Dark, size, |start| Start { sandbox: true, ..start });
    let made = made_by_ai(&window);
    for index in 0..5 {
        window.harness.state_mut().session_mut().keys.choose(index);
        window.drop_paths([if index == 4 { made.clone() } else { sample("cover.png") }]);
        window.wait_for("Upload 1 file to Flow Music");
        window.click_first("Upload 1 file to Flow Music");
        window.wait("it needs somebody", |w| {
            let items = w.harness.state().session().uploads.queue().items();
            items.len() == index + 1 && items.iter().all(|item| item.state.failure().is_some())
        });
    }
    window.harness.remove_cursor();
    window.wait_for("History, 5");
    window.wait_for_pictures();
    window.press(egui::Key::Escape); // the details of one say when it was sent
    window.harness.snapshot(name);
}

#[test]
fn a_picture_of_rows_that_need_somebody() {
    rows_that_need_somebody(SIZE, "remedies-dark");
}

#[test]
fn a_picture_of_rows_that_need_somebody_in_a_small_window() {
    rows_that_need_somebody([640.0, 480.0], "remedies-small");
}
