//! The page of keys and what uses them.

use std::collections::BTreeMap;

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::destination::{Destination, KeyRecord};
use hoist::model::secret::Key as ApiKey;
use hoist::session::Start;
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::store::settings_file::SettingsFile;

use crate::window::Window;

impl Window {
    fn open_accounts(&mut self) {
        self.harness.get_by_role_and_label(Role::Tab, "API keys").click();
        self.harness.run_steps(3);
    }

    /// A window with a key of useapi.net and an account for Flow Music.
    fn with_an_account(keys: &Keys) -> Window {
        let mut window = Window::with_keys(keys.clone());
        window.open_accounts();
        window.click("Add your first API key");
        window.wait_for("useapi.net key");
        window.type_key();
        window.click("Check key");
        window.add_account("Flow Music", "jane@studio.com");
        window.wait_for(" · 1 destination");
        window.wait_until_gone("Where to find it");
        window.harness.run_steps(5); // the keyboard is not below the sheet any more
        window
    }

    /// One more destination with the same key.
    fn with_another_account(keys: &Keys) -> Window {
        let mut window = Window::with_an_account(keys);
        window.press_in_menu("useapi", "Add destinations…");
        window.click("Show accounts");
        window.add_account("Flow Music", "team@studio.com");
        window.wait_for(" · 2 destinations");
        window
    }

    /// Presses a line of a key's menu.
    pub(crate) fn press_in_menu(&mut self, key: &str, line: &str) {
        self.click(&format!("More: key {key}"));
        self.click(line);
    }

    fn chosen(&self) -> &str {
        &self.harness.state().session().keys.chosen().unwrap().name
    }
}

fn destination(name: &str, provider: &str, key: &str) -> Destination {
    Destination {
        name: name.into(),
        provider: provider.into(),
        key: key.into(),
        account: None,
        options: BTreeMap::new(),
        fit: hoist::model::fit::FitRules::default(),
    }
}

#[test]
fn an_account_is_added_and_no_part_of_its_key_is_shown() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.open_accounts();
    assert!(window.has("No API key yet") && window.has("never in a file"), "{}", window.tree());
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    let window = Window::with_an_account(&Keys::in_memory());
    assert!(window.has("useapi.net") && window.has("Added "), "{}", window.tree());
    for part in ["user:1", "sandboxSandbox", "1000"] {
        assert!(!window.tree().contains(part), "{part}: {}", window.tree());
    }
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    assert!(!window.has("No API key yet"));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whether it is the key that was typed")]
fn a_key_is_replaced_alone_and_its_destinations_stay() {
    let keys = Keys::in_memory();
    let mut window = Window::with_an_account(&keys);
    let before = window.harness.state().session().keys.settings().destinations.clone();
    window.press_in_menu("useapi", "Replace key…");
    window.wait_for("Replace the key useapi");
    let choices = window.names_of(Role::RadioButton);
    assert!(!choices.contains(&"PiAPI".to_owned()), "only the key is asked for: {choices:?}");
    window.click("Replace key");
    window.wait_for("This is not an API key: no key was given");
    window.type_this_key("user:2-another");
    window.click("Replace key");
    window.wait_for("useapi.net rejected the API key");
    assert!(window.has("“Unauthorized”"), "in the provider's own words: {}", window.tree());
    let other = "user:1-sandboxSandboxSandbox";
    window.harness.get_by_role(Role::PasswordInput).focus();
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.harness.run_steps(2);
    window.type_this_key(other);
    window.click("Replace key");
    window.wait("it is replaced", |_| keys.get("useapi").is_ok_and(|key| key.expose() == other));
    window.wait_until_gone("Replace the key useapi");
    assert_eq!(window.harness.state().session().keys.settings().destinations, before);
    assert!(!window.tree().contains("another") && !window.tree().contains(other));
}

#[test]
fn removing_a_key_asks_first_and_says_what_goes_with_it() {
    let keys = Keys::in_memory();
    let mut window = Window::with_another_account(&keys);
    let renders = window.home.path().join("renders");
    std::fs::create_dir(&renders).unwrap();
    let session = window.harness.state_mut().session_mut();
    let to = session.keys.chosen().unwrap().clone();
    session.watches.add(renders, &to).unwrap();
    window.press_in_menu("useapi", "Remove key…");
    window.wait_for("Remove the key useapi.net?");
    assert!(window.has("The folder renders is not watched any more."), "{}", window.tree());
    assert!(window.has("They cannot be brought back"), "{}", window.tree());
    assert!(window.has("with it 2 destinations: Flow Music · jane@studio.com, Flow Music · team@studio.com"));
    window.harness.key_press(Key::Enter);
    window.wait_until_gone("Remove the key useapi.net?");
    assert!(keys.get("useapi").is_ok(), "Return is a no");
    window.press_in_menu("useapi", "Remove key…");
    window.wait_for("Remove the key useapi.net?");
    window.click("Remove the key");
    window.wait_for("No API key yet");
    assert!(keys.get("useapi").is_err());
    window.wait_for("The key useapi.net is removed, and with it 2 destinations");
    let saved = std::fs::read_to_string(window.home.path().join("settings/settings.toml")).unwrap();
    assert!(!saved.contains("jane@studio.com"), "{saved}");
}

#[test]
fn a_destination_is_chosen_and_removed_by_its_menu() {
    let mut window = Window::with_another_account(&Keys::in_memory());
    assert_eq!(window.chosen(), "Flow Music · team@studio.com");
    window.click("More: Flow Music · jane@studio.com");
    window.wait_for("Send new files here");
    window.click("Send new files here");
    window.wait("it is chosen", |w| w.chosen() == "Flow Music · jane@studio.com");
    window.click("More: Flow Music · team@studio.com");
    window.wait_for("Send new files here");
    window.click("Remove destination");
    window.wait_for(" · 1 destination");
    assert!(!window.has("More: Flow Music · team@studio.com"));
    window.wait_for("Undo");
    window.click("Undo");
    window.wait_for("More: Flow Music · team@studio.com");
}

#[test]
fn keys_of_the_environment_and_of_the_sandbox_are_shown_as_such_and_left_alone() {
    let mut environment = Environment::default();
    environment.keys.insert("useapi", ApiKey::new("user:1-MadeUpKey".to_owned()).unwrap());
    let home = tempfile::tempdir().unwrap();
    let mut given =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    let mut sandbox = Window::sandbox();
    for (window, from) in [(&mut given, "From HOIST_USEAPI_TOKEN"), (&mut sandbox, "Of the sandbox")] {
        window.open_accounts();
        window.wait_for(&format!("{from} · 3 destinations"));
        window.click("More: key useapi");
        window.wait_for("Add destinations…");
        assert!(!window.has("Remove key") && !window.has("Replace key"), "{}", window.tree());
        window.harness.key_press(Key::Escape);
        window.wait_until_gone("Add destinations…");
        assert!(!window.tree().contains("MadeUpKey"));
        window.click("More: Riffusion");
        window.wait_for("Send new files here");
        assert!(!window.has("Remove"), "it is offered because the key is given");
    }
}

#[test]
fn a_destination_of_the_sandbox_can_be_saved_and_stands_there_once() {
    let mut window = Window::sandbox();
    window.open_accounts();
    window.wait_for("Of the sandbox · 3 destinations");
    window.press_in_menu("useapi", "Add destinations…");
    window.click("Show accounts");
    window.wait_for("Flow Music: another email");
    assert!(!window.has("already added"), "nothing is saved: {}", window.tree());
    // The vendor's list is known: what it does not have is said, but may be there tomorrow.
    window.type_into("Flow Music: another email", "nobody@example.com");
    window.wait_for("useapi.net lists no account nobody@example.com for this key");
    for listed in ["Jane@example.com", "no account at all", "x"] {
        window.type_into("Flow Music: another email", listed);
        assert!(!window.has("lists no account"), "{listed}: {}", window.tree());
    }
    window.harness.key_press(Key::Backspace);
    window.harness.run_steps(2);
    window.pick_nothing();
    window.click("Flow Music: Auto: the provider chooses the account");
    window.click("Save 1 destination");
    window.wait_until_gone("Flow Music: another email");
    window.wait_for("Of the sandbox · 3 destinations");
    window.click("More: Flow Music");
    window.wait_for("Remove destination");
    assert!(window.has("Watch a folder…"), "as every saved one: {}", window.tree());
    window.click("Remove destination");
    window.wait_until_gone("Remove destination");
    window.wait_for("Of the sandbox · 3 destinations");
    window.press_in_menu("useapi", "Add destinations…");
    window.click("Show accounts");
    window.wait_for("Flow Music: another email");
    assert!(!window.has("already added"), "{}", window.tree());
}

#[test]
fn a_key_of_ones_own_in_the_sandbox_goes_with_its_own_destinations_only() {
    let mut window = Window::sandbox();
    window.open_accounts();
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.type_key();
    window.click("Check key");
    window.add_account("Flow Music", "jane@studio.com");
    window.wait_for(" · 1 destination");
    window.press_in_menu("useapi 2", "Remove key…");
    window.wait_for("and with it 1 destination: Flow Music · jane@studio.com");
}

#[test]
fn a_saved_key_says_that_the_environments_is_used_instead() {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(&Folders::inside(home.path()));
    let added = jiff::civil::date(2024, 9, 3);
    let record = KeyRecord { name: "work".into(), vendor: "useapi".into(), added, label: None };
    file.update(|settings| {
        settings.keys.push(record);
        settings.destinations.push(destination("Mine", "google-flow", "work"));
    })
    .unwrap();
    let mut environment = Environment::default();
    environment.keys.insert("useapi", ApiKey::new("user:1-MadeUpKey".to_owned()).unwrap());
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    window.open_accounts();
    window.wait_for("Added 3 Sep 2024 · 1 destination · HOIST_USEAPI_TOKEN is used instead");
    for (key, ours) in [("work", true), ("useapi", false)] {
        window.click(&format!("More: key {key}"));
        window.wait_for("Add destinations…");
        assert_eq!(window.has("Remove key…"), ours, "{key}: {}", window.tree());
        window.harness.key_press(Key::Escape);
        window.wait_until_gone("Add destinations…");
    }
}

#[test]
fn a_key_of_this_run_is_shown_as_such_and_can_go() {
    let keys = Keys::without_keyring();
    let mut window = Window::with_an_account(&keys);
    window.wait_for("Kept for this run only");
    assert!(keys.is_known("useapi"));
    window.press_in_menu("useapi", "Remove key…");
    window.wait_for("Remove the key useapi.net?");
    window.click("Remove the key");
    window.wait_for("No API key yet");
    assert!(!keys.is_known("useapi"));
}

#[test]
fn what_has_no_key_any_more_says_what_to_do_and_gets_one() {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(&Folders::inside(home.path()));
    let keyless = [
        destination("My flows", "google-flow", "work"),
        destination("From tomorrow", "a-provider-of-tomorrow", "theirs"),
    ];
    file.update(|settings| settings.destinations.extend(keyless)).unwrap();
    let mut window = Window::in_home(home, false, Theme::Dark, [1160.0, 740.0]);
    // Where it is met first it can be mended, too.
    window.harness.get_by_role_and_label(Role::Link, "Add key…").click();
    window.wait_for("Add the key work");
    window.press(Key::Escape);
    window.wait_until_gone("Add the key work");
    window.open_accounts();
    assert!(window.names_of(Role::Heading).contains(&"Without a key".to_owned()), "{}", window.tree());
    assert!(window.has("add it, or remove the destination"));
    assert!(window.has("useapi.net · work") && window.has("The key work is missing"), "{}", window.tree());
    assert!(!window.has("Add key theirs"), "nobody knows whose key that is");
    window.click("Add key work");
    window.wait_for("Add the key work");
    window.type_key();
    window.click("Add key");
    window.wait_for(" · 1 destination");
    window.wait_until_gone("The key work is missing");
    window.click("More: From tomorrow");
    window.wait_for("Remove");
    window.click("Remove destination");
    window.wait_until_gone("Without a key");
    assert!(window.has("My flows"));
}

#[test]
fn the_keyboard_alone_adds_and_removes() {
    let keys = Keys::in_memory();
    let mut window = Window::with_an_account(&keys);
    window.harness.get_by_label("More: key useapi").focus();
    window.harness.run_steps(2);
    window.harness.key_press(Key::Enter);
    window.wait_for("Remove key…");
    for _ in 0..20 {
        if window.harness.get_by_label("Remove key…").accesskit_node().is_focused() {
            break;
        }
        window.harness.key_press(Key::Tab);
        window.harness.run_steps(2);
    }
    window.harness.key_press(Key::Enter);
    window.wait_for("Remove the key useapi.net?");
    window.harness.key_press(Key::Tab);
    window.harness.run_steps(2);
    let yes = window.harness.get_by_label("Remove the key");
    assert!(yes.accesskit_node().is_focused(), "Tab goes from the one button to the other");
    window.harness.key_press(Key::Enter);
    window.wait_for("No API key yet");
}

#[test]
fn nothing_of_the_page_is_cut_off_in_a_narrow_window() {
    let long = format!("{}@studio.example.com", "a-very-long-name-".repeat(6));
    for width in [1160.0, 640.0, 480.0] {
        let home = tempfile::tempdir().unwrap();
        let file = SettingsFile::new(&Folders::inside(home.path()));
        let account = Destination { account: Some(long.clone()), ..destination(&long, "google-flow", &long) };
        file.update(|settings| settings.destinations.push(account)).unwrap();
        let mut window = Window::in_home(home, false, Theme::Dark, [width, 480.0]);
        window.open_accounts();
        window.assert_nothing_is_cut_off(width);
    }
}

#[test]
fn a_key_that_needs_nothing_else_is_added_in_one_step() {
    let keys = Keys::in_memory();
    let mut window = Window::with_keys(keys.clone());
    window.open_accounts();
    window.click("Add API key");
    window.wait_for("useapi.net key");
    assert_eq!(window.names_of(Role::RadioButton).len(), 3, "vendors, and nothing else to choose");
    window.type_this_key("0123456789abcdef0123456789abcdef");
    window.wait_for("PiAPI key"); // told from the key alone
    assert!(!window.has("look like a"), "{}", window.tree());
    window.press(Key::Escape);
    window.click("Add API key");
    window.harness.get_by_role_and_label(Role::RadioButton, "PiAPI").click();
    window.wait_for("PiAPI key");
    window.type_this_key("piapi-sandbox-key-0000");
    window.click("Add key");
    window.wait_for(" · 1 destination");
    assert!(!window.has("Destinations for PiAPI"), "there is nothing to pick");
    assert_eq!(window.chosen(), "PiAPI");
    assert!(keys.get("piapi").is_ok() && keys.get("useapi").is_err());
    window.wait_for("Works · Creator plan");
    assert!(window.has("Healthy"), "{}", window.tree());
    // Another one is another key, and not in place of the first.
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.harness.get_by_role_and_label(Role::RadioButton, "PiAPI").click();
    window.wait_for("PiAPI key");
    window.type_this_key("piapi-sandbox-key-0000");
    window.harness.key_press(Key::Enter);
    window.wait_for("PiAPI · 2");
    assert!(keys.get("piapi 2").is_ok());
    // A destination begins with a key that is there.
    window.click_first("Add destination");
    window.wait("it is that vendor's", |w| w.is_chosen("PiAPI"));
}

#[test]
fn what_is_not_known_of_a_destination_is_said_by_the_day_of_its_key() {
    let home = tempfile::tempdir().unwrap();
    let file = SettingsFile::new(&Folders::inside(home.path()));
    let key =
        |name: &str, added| KeyRecord { name: name.into(), vendor: "useapi".into(), added, label: None };
    file.update(|settings| {
        settings.keys.push(key("new", jiff::Zoned::now().date()));
        settings.destinations.push(destination("Today's", "google-flow", "new"));
    })
    .unwrap();
    let mut window = Window::in_home(home, false, Theme::Dark, [1160.0, 740.0]);
    window.open_accounts();
    assert!(window.has("Not checked yet") && window.has("Not used yet"), "{}", window.tree());
    let row = window.harness.get_by_role_and_label(Role::RadioButton, "Google Flow, Today's");
    assert_eq!(row.accesskit_node().description().as_deref(), Some("Not used yet"), "as the page says it");
    // It may have been used on another day.
    file.update(|settings| settings.keys = vec![key("new", jiff::civil::date(2024, 9, 3))]).unwrap();
    window.wait_until_gone("Not used yet");
}

#[test]
fn what_is_typed_letter_by_letter_chooses_no_vendor() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.open_accounts();
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.harness.get_by_role(Role::PasswordInput).focus();
    // On its way it looks like a key of others.
    for letter in "user:1234-abc".chars() {
        window.type_in(&letter.to_string());
        assert!(window.has("useapi.net key") && !window.has("This looks like"), "{}", window.tree());
        assert!(!window.has("This doesn't look like"), "it is not whole yet: {}", window.tree());
    }
}

#[test]
fn a_new_key_is_not_lost_by_one_escape() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.open_accounts();
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.type_key();
    window.click("Check key");
    window.wait_for("Save the key and ");
    assert!(!window.has("Close"), "{}", window.tree());
    window.press(Key::Escape);
    window.wait_for("Check key");
    window.click("Check key");
    window.wait_for("Save the key and ");
}

#[test]
fn a_vendor_that_was_chosen_stays_chosen_whatever_the_key_looks_like() {
    let mut window = Window::with_keys(Keys::in_memory());
    window.open_accounts();
    window.click("Add API key");
    window.harness.get_by_role_and_label(Role::RadioButton, "Indream").click();
    window.wait_for("Indream key");
    window.type_this_key(&"0123456789abcdef".repeat(4));
    window.wait_for("This looks like a key of PiAPI");
    assert!(window.has("Indream key"), "{}", window.tree());
}

#[test]
fn a_provider_is_found_by_its_name_hidden_from_lists_and_shown_again() {
    let mut window = Window::with_keys(Keys::in_memory());
    let go_to = |window: &mut Window| {
        window.harness.get_by_role_and_label(Role::Tab, "Providers").click();
        window.harness.run_steps(3);
    };
    go_to(&mut window);
    let field = window.harness.get_by_role_and_label(Role::SearchInput, "Find a provider");
    field.focus();
    field.type_text("indr");
    window.wait_until_gone("More: Flow Music");
    window.click("More: Indream");
    window.harness.get_by_role_and_label(Role::MenuItem, "Details…").click();
    window.wait_for("Your Indream key goes to that host only");
    assert!(window.has("built in · not tried against the live service"));
    window.click("Close");
    window.click("More: Indream");
    window.harness.get_by_role_and_label(Role::MenuItem, "Hide").click();
    window.wait_for("Hidden · 1");
    window.click_first("Add destination");
    window.wait_for("PiAPI");
    assert!(!window.names_of(Role::RadioButton).contains(&"Indream".to_owned()), "{}", window.tree());
    window.click("Close");
    window.click("More: Indream");
    window.harness.get_by_role_and_label(Role::MenuItem, "Show in lists").click();
    window.wait_until_gone("Hidden · 1");
    // Its button leads to its own key.
    window.click("Add: Indream");
    window.wait_for("Add Indream");
    window.wait_for("Indream key");
    assert!(window.names_of(Role::RadioButton).contains(&"Indream".to_owned()));
}

#[test]
fn a_destination_that_is_added_at_its_provider_is_of_that_provider_alone() {
    let mut window = Window::sandbox();
    window.harness.get_by_role_and_label(Role::Tab, "Providers").click();
    window.harness.run_steps(3);
    window.click("Add destination: Google Flow");
    window.wait_for("Add Google Flow");
    window.click("Show accounts");
    window.wait_for("Google Flow: another email");
    assert!(window.has("Add Google Flow"), "the title stays: {}", window.tree());
    let boxes = window.names_of(Role::CheckBox);
    assert!(boxes.iter().all(|name| name.starts_with("Google Flow: ")), "{boxes:?}");
    // The vendor's other providers are a click away.
    assert!(window.has("More providers ("), "{}", window.tree());
}

#[test]
fn a_provider_that_no_row_names_is_found_where_destinations_are_added() {
    let mut window = Window::sandbox();
    window.click_first("Add destination");
    window.wait_for("PiAPI");
    assert!(!window.has("Kling"), "{}", window.tree());
    // What is typed searches at once, and what is found is chosen; the sheet stays where it is.
    let top = |w: &Window| w.harness.get_by_role_and_label(Role::Label, "Search providers").rect().top();
    let before = top(&window);
    window.type_in("a");
    window.wait_for(" more: type on");
    assert!((top(&window) - before).abs() < 0.5, "though many are found");
    window.press(Key::Backspace);
    for letter in ["k", "l", "i"] {
        window.type_in(letter);
        assert!((top(&window) - before).abs() < 0.5, "at {letter}");
    }
    window.wait_for("Kling");
    assert!(window.is_chosen("Kling"), "{}", window.tree());
    assert!(!window.names_of(Role::RadioButton).contains(&"PiAPI".to_owned()), "it is not found");
    window.type_in("x");
    window.wait_for("No provider has this in its name");
    for _ in 0..4 {
        window.press(Key::Backspace);
    }
    // All are listed where nothing is typed.
    window.click_first("More providers (");
    window.wait_for("ImgBB");
    window.type_into("Search providers", "kling");
    window.wait_for("with a key of useapi.net");
    window.press(Key::Enter);
    window.wait("its accounts are there to be picked", |w| {
        let boxes = w.names_of(Role::CheckBox);
        !boxes.is_empty() && boxes.iter().all(|name| name.starts_with("Kling: "))
    });
    assert!(!window.has("No Kling account is connected"), "the vendor was not asked: {}", window.tree());
    // Enter goes on here, too, and does not press what stands where the search was.
    window.press(Key::Enter);
    window.wait_until_gone("Kling: another email");
    assert!(!window.has("Search providers"), "it is saved: {}", window.tree());
    window.click_first("Add destination");
    window.type_in("kling");
    window.wait_for("with a key of useapi.net");
    window.click("Show accounts");
    window.wait_for("Kling: another email");
    // A vendor that is chosen in its place is asked for all that its row names.
    window.click("Back");
    window.type_into("Search providers", "useapi");
    window.harness.get_by_role_and_label(Role::RadioButton, "useapi.net").click();
    window.click("Show accounts");
    window.wait_for("Flow Music: another email");
}

#[test]
fn the_key_is_asked_for_in_sight_when_a_vendor_is_chosen_from_the_long_list() {
    let mut window = Window::sandbox();
    window.press_with(Modifiers::COMMAND, Key::Num3);
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.click_first("More providers (");
    window.wait_for("ImgBB");
    let vendors = window.names_of(Role::RadioButton);
    assert!(!vendors.contains(&"Litterbox".to_owned()), "it needs no key: {vendors:?}");
    window.harness.get_by_role_and_label(Role::RadioButton, "ImgBB").click_accesskit();
    window.wait_for("ImgBB key");
    window.harness.run_steps(3);
    let foot = window.harness.get_by_role_and_label(Role::Button, "Close").rect().top();
    let field = window.harness.get_by_role_and_label(Role::PasswordInput, "ImgBB key").rect();
    assert!(field.top() > 0.0 && field.bottom() < foot, "{field:?} {foot}");
    assert_eq!(window.focused().as_deref(), Some("ImgBB key"));
}

#[test]
fn a_provider_that_is_searched_for_is_offered_alone_and_what_is_there_is_not_ticked() {
    let mut window = Window::sandbox();
    window.click("Add destination");
    window.wait_for("Search providers");
    window.type_in("google");
    window.press(Key::Enter);
    window.wait_for("Google Flow: another email");
    assert!(window.has("Add Google Flow") && !window.has("Flow Music: Auto"), "{}", window.tree());
    window.wait_for("It is in the list already");
    assert!(!window.can_press("Save"), "nothing is ticked: {}", window.tree());
}

#[test]
fn a_destination_is_added_at_its_provider_by_enter_alone() {
    let mut window = Window::sandbox();
    window.press_with(Modifiers::COMMAND, Key::Num4);
    window.wait_for("Add destination: Google Flow");
    window.harness.get_by_label("Add: Kling").click_accesskit();
    window.wait_for("Add Kling");
    window.wait("the search has the keyboard", |w| w.focused().as_deref() == Some("Search providers"));
    window.press(Key::Enter);
    window.wait_for("Kling: another email");
    window.press(Key::Enter);
    window.wait_until_gone("Add Kling");
    window.wait("it is there", |w| {
        w.harness.state().session().keys.destinations().iter().any(|to| to.provider == "kling")
    });
}
