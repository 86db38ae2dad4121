//! How keys and accounts stand, as the window shows it, and what can be changed of destinations.

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::session::Start;
use hoist::session::accounts::KeyNames;
use hoist::store::environment::Environment;
use hoist::store::keys::Keys;

use crate::window::Window;

impl Window {
    /// A window without a key, with the sheet that asks for one, and this key typed and checked.
    fn with_key_checked(vendor: &str, key: &str) -> Window {
        let mut window = Window::with_keys(Keys::in_memory());
        window.click_first("Add destination");
        window.wait_for("useapi.net key");
        if vendor != "useapi.net" {
            window.harness.get_by_role_and_label(Role::RadioButton, vendor).click();
            window.harness.run_steps(2);
            window.wait_for(&format!("{vendor} key"));
        }
        window.type_this_key(key);
        window.click(if vendor == "PiAPI" { "Add key" } else { "Check key" });
        window
    }

    /// What a screen reader says of a destination besides its name.
    fn described(&self, destination: &str) -> Option<String> {
        let row = self.harness.get_by_role_and_label(Role::RadioButton, destination);
        row.accesskit_node().description()
    }

    fn show_accounts(&mut self) {
        self.harness.get_by_role_and_label(Role::Tab, "API keys").click();
        self.harness.run_steps(3);
    }
}

#[test]
fn fifty_accounts_are_found_by_a_part_of_their_name_and_none_is_said() {
    let mut window = Window::with_key_checked("useapi.net", "user:50-sandboxSandboxSandbox");
    window.wait_for("Search 50 accounts of Flow Music");
    let search = "Search 50 accounts of Flow Music";
    let field = window.harness.get_by_role_and_label(Role::TextInput, search);
    field.focus();
    field.type_text("Creator42");
    window.harness.run_steps(3);
    let boxes = window.names_of(Role::CheckBox);
    let of_flow_music = boxes.iter().filter(|name| name.starts_with("Flow Music: creator")).count();
    assert_eq!(of_flow_music, 1, "{boxes:?}");
    window.pick_nothing();
    window.click("Flow Music: creator42@example.com");
    window.click("Save the key and 1 destination");
    window.wait_for("Flow Music · creator42@example.com");
    let none = Window::with_key_checked("useapi.net", "user:0-sandboxSandboxSandbox");
    let mut none = none;
    none.wait_for("No Flow Music account is connected at useapi.net yet");
    assert!(none.has("Save the key"), "nothing is proposed: {}", none.tree());
}

#[test]
fn the_one_account_there_is_and_a_project_are_proposed_by_name() {
    let mut window = Window::with_key_checked("useapi.net", "user:1-sandboxSandboxSandbox");
    window.wait_for("Save the key and 2 destinations");
    window.click("Save the key and 2 destinations");
    window.wait_for("Flow Music · creator01@example.com");
    assert!(window.has("Google Flow · creator01@example.com"));
    let mut window = Window::with_key_checked("Indream", "sk_indream_sandbox000000");
    window.wait_for("Indream: Showreel");
    window.click("Indream: Showreel");
    window.click("Save the key and 2 destinations");
    window.wait_for("Indream · Showreel");
}

#[test]
fn a_plan_that_is_too_small_and_a_vendor_out_of_reach_are_said_before_anything_is_saved() {
    let mut window = Window::with_key_checked("PiAPI", "piapi-sandbox-key-free");
    window.wait_for("PiAPI's free plan does not allow uploads");
    let mut environment = Environment::default();
    environment.bases.insert("HOIST_USEAPI_URL", "http://127.0.0.1:9".to_owned());
    let home = tempfile::tempdir().unwrap();
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    window.click_first("Add destination");
    window.wait_for("useapi.net key");
    window.type_key();
    window.click("Check key");
    window.wait_for("127.0.0.1 refused the connection");
    window.click("Continue unchecked");
    window.wait_for("Save the key and 2 destinations");
    window.click("Save the key and 2 destinations");
    window.wait_for("Flow Music, Auto");
    assert_eq!(window.described("Flow Music, Auto").as_deref(), Some("Not used yet"));
    window.show_accounts();
    assert!(!window.has("127.0.0.1 refused the connection"), "{}", window.tree());
    window.click("Check useapi");
    window.wait_for("No answer");
    assert!(window.has("127.0.0.1 refused the connection"), "{}", window.tree());
}

#[test]
fn checking_says_how_every_destination_stands() {
    let mut window = Window::with_key_checked("useapi.net", "user:1000-sandboxSandboxSandbox");
    window.wait_for("Google Flow: broken@example.com");
    window.click("Google Flow: broken@example.com");
    window.click("Save the key and 3 destinations");
    let broken = "Google Flow · broken@example.com, broken@example.com";
    window.wait_for(broken);
    assert_eq!(window.described("Flow Music, Auto").as_deref(), Some("Healthy"), "it was checked before");
    assert_eq!(window.described(broken).as_deref(), Some("Needs reconnecting"));
    window.harness.get_by_role_and_label(Role::RadioButton, broken).click();
    window.harness.run_steps(3);
    assert!(window.has("Needs reconnecting"), "the header says so: {}", window.tree());
    window.show_accounts();
    window.wait_for("Works · checked ");
    assert!(window.has("Healthy") && window.has("Needs reconnecting"), "{}", window.tree());
    window.click("Check useapi");
    window.wait_for("Works · checked ");
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
}

#[test]
fn what_does_not_work_is_offered_last_and_says_so() {
    let mut window = Window::sandbox();
    for account in ["throttled@example.com", "jane@example.com"] {
        window.add_destination("Google Flow", account);
    }
    window.harness.get_by_label("Google Flow · throttled@example.com, throttled@example.com").click();
    window.harness.run_steps(2);
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Google Flow");
    window.click_first("Upload 1 file to Google Flow");
    window.wait_for("Rate-limited");
    assert_eq!(
        window.described("Google Flow · throttled@example.com, throttled@example.com").as_deref(),
        Some("Rate-limited")
    );
    window.harness.get_by_label("Google Flow · jane@example.com, jane@example.com").click();
    window.harness.run_steps(2);
    window.drop_files(&["photo.jpg"]);
    window.wait_for("photo.jpg, JPEG");
    window.select("photo.jpg");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::D);
    window.wait_for("Send photo.jpg to");
    let places = window.names_of(Role::Button);
    let of = |part: &str| places.iter().position(|name| name.contains(part));
    let throttled = of("Google Flow · throttled@example.com · Rate-limited").unwrap();
    assert!(
        throttled > of("Flow Music · Auto").unwrap() && throttled > of("PiAPI · ").unwrap(),
        "{places:?}"
    );
}

/// The sheet in which a destination is changed.
fn name_and_options() -> Window {
    let mut window = Window::with_key_checked("useapi.net", "user:1-sandboxSandboxSandbox");
    window.wait_for("Save the key and 2 destinations");
    window.click("Save the key and 2 destinations");
    window.wait_for("Flow Music · creator01@example.com");
    window.show_accounts();
    window.click("More: Flow Music · creator01@example.com");
    window.wait_for("Name and options…");
    window.click("Name and options…");
    window.wait_for("Account (email)");
    window
}

#[test]
fn a_destination_gets_another_name_and_other_options() {
    let mut window = name_and_options();
    window.click("Strip metadata");
    let write = |window: &mut Window, field: &str, text: &str| {
        window.harness.get_by_role_and_label(Role::TextInput, field).focus();
        window.harness.run_steps(2);
        window.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        window.harness.run_steps(2);
        window.harness.get_by_role_and_label(Role::TextInput, field).type_text(text);
        window.harness.run_steps(2);
    };
    write(&mut window, "Account (email)", "nobody");
    window.click("Save");
    window.wait_for("email address");
    write(&mut window, "Account (email)", "other@example.com");
    write(&mut window, "Name", "Google Flow · creator01@example.com");
    window.click("Save");
    window.wait_for("There is a destination named Google Flow · creator01@example.com already");
    write(&mut window, "Name", "Covers");
    window.click("Save");
    window.wait_for("More: Covers");
    let saved = window.harness.state().session().keys.settings().destinations.clone();
    let covers = saved.iter().find(|d| d.name == "Covers").unwrap();
    assert_eq!(covers.account.as_deref(), Some("other@example.com"));
    assert_eq!(covers.options.get("stripMetadata").map(String::as_str), Some("false"));
    assert_eq!(
        window.harness.state().session().keys.chosen().unwrap().name,
        "Covers",
        "it stays the chosen one"
    );
}

#[test]
fn a_key_that_no_keyring_took_can_be_tried_once_more() {
    let mut window = Window::with_keys(Keys::without_keyring());
    window.click_first("Add destination");
    window.wait_for("useapi.net key");
    window.add_key();
    window.wait_for("Hoist keeps it for this run only");
    window.show_accounts();
    assert!(!window.has("Close this notice"), "it stays on the page on which it came up");
    window.click("Save in keyring useapi");
    window.wait_for("Hoist still keeps it for this run only");
    assert!(window.has("Kept for this run only"), "{}", window.tree());
}

#[test]
fn a_key_gets_a_name_of_its_own_and_the_page_where_an_account_is_connected_opens() {
    let mut window = Window::with_key_checked("useapi.net", "user:1000-sandboxSandboxSandbox");
    window.wait_for("Save the key and 2 destinations");
    window.click("Save the key and 2 destinations");
    window.wait_for("Flow Music, Auto");
    window.show_accounts();
    window.click("More: key useapi");
    window.click("Rename…");
    window.wait_for("Rename the key useapi");
    let write = |window: &mut Window, text: &str| {
        let field = window.harness.get_by_role_and_label(Role::TextInput, "Name");
        field.focus();
        field.type_text(text);
        window.harness.run_steps(2);
    };
    write(&mut window, "piapi");
    window.click("Save");
    window.wait_for("piapi is the name of a vendor");
    write(&mut window, " of the studio");
    window.click("Save");
    window.wait_for("useapi.net · piapi of the studio");
    // What has no name of its own is called after it.
    window.click("More: Google Flow · piapi of the studio");
    window.harness.get_by_label("Open the account page").click();
    let mut opened = None;
    for _ in 0..5 {
        window.harness.step();
        let commands = &window.harness.output().platform_output.commands;
        opened = opened.or_else(|| {
            commands.iter().find_map(|command| match command {
                eframe::egui::OutputCommand::OpenUrl(to) => Some(to.url.clone()),
                _ => None,
            })
        });
    }
    assert_eq!(opened.as_deref(), Some("https://useapi.net/docs/start-here/setup-google-flow"));
}

#[test]
fn a_key_is_named_as_it_is_added() {
    let mut window = Window::with_key_checked("useapi.net", "user:1000-sandboxSandboxSandbox");
    window.wait_for("Save the key and 2 destinations");
    window.click("Back");
    window.type_into("Name (optional)", "piapi");
    window.click("Check key");
    window.wait_for("piapi is the name of a vendor: choose another label");
    window.type_into("Name (optional)", " Studio ");
    window.click("Check key");
    window.wait_for("Save the key and 2 destinations");
    window.click("Save the key and 2 destinations");
    window.wait_for("Flow Music · Studio, Studio");
    let settings = window.harness.state().session().keys.settings();
    assert_eq!(settings.keys[0].label.as_deref(), Some("Studio"));
    assert_eq!(settings.destinations[0].name, "Flow Music · Studio");
    window.show_accounts();
    window.wait_for("useapi.net · Studio");
    window.click("More: key useapi");
    window.click("Remove key…");
    window.wait_for("Remove the key useapi.net · Studio?");
    window.click("Remove the key");
    window.wait_for("The key useapi.net · Studio is removed, and with it 2 destinations");
}

#[test]
fn a_key_of_this_run_has_the_name_that_it_was_added_with() {
    let mut window = Window::with_keys(Keys::without_keyring());
    window.click_first("Add destination");
    window.wait_for("useapi.net key");
    window.type_into("Name (optional)", "Studio");
    window.add_key();
    window.wait_for("Hoist keeps it for this run only");
    window.wait_for("Flow Music · Studio, Studio");
}

#[test]
fn a_destination_is_renamed_by_typing_at_once() {
    let mut window = name_and_options();
    window.type_in("Songs");
    window.press(Key::Enter);
    window.wait_for("Flow Music, Songs");
}

#[test]
fn a_vendor_that_is_asked_again_out_of_reach_has_two_buttons_of_different_names() {
    let mut environment = Environment::default();
    for base in ["HOIST_PIAPI_URL", "HOIST_PIAPI_ACCOUNT_URL"] {
        environment.bases.insert(base, "http://127.0.0.1:9".to_owned());
    }
    let home = tempfile::tempdir().unwrap();
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    let key = hoist::model::secret::Key::new("piapi-0123456789abcdef0123456789abcdef".to_owned()).unwrap();
    let vendor = hoist::provider::vendor("piapi").unwrap();
    window.harness.state_mut().session_mut().keys.add_key(vendor, KeyNames::default(), key, vec![], None);
    window.show_accounts();
    window.press_in_menu("piapi", "Add destinations…");
    window.click("Continue");
    window.wait_for("127.0.0.1 refused the connection");
    assert!(window.has("Try again") && window.has("Continue unchecked"), "{}", window.tree());
}
