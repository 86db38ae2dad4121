//! A person's own provider files in the window. A program of its own, one test after the other: which providers there are
//! is the same for a whole program.
#![allow(clippy::unwrap_used)]

#[path = "../support/renderer.rs"]
mod renderer;
#[allow(dead_code)] // other tests use the rest
#[path = "../ui/window.rs"]
mod window;

use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::provider;
use hoist::session::Start;
use hoist::store::keys::Keys;
use window::{Window, sample};

/// A provider of three requests, with a key.
const STUDIO: &str = include_str!("../fixtures/providers/studio.toml");

/// A custom uploader of another program, with its key in it.
const UPLOADER: &str = r#"{
  "Version": "15.0.0", "Name": "My Shelf", "DestinationType": "ImageUploader, FileUploader",
  "RequestMethod": "POST", "RequestURL": "https://shelf.example/api/upload",
  "Headers": { "Authorization": "Bearer sk-of-the-shelf-0123456789" },
  "Body": "MultipartFormData", "FileFormName": "file", "URL": "{json:data.url}"
}"#;

/// A provider that needs no key.
const OPEN: &str = r#"
format = 1
id = "open-shelf"
name = "Open Shelf"
page = "https://open.example/docs"
checked = "2026-03-01"
[vendor]
id = "open-shelf"
name = "Open Shelf"
hosts = ["open.example"]
auth = "none"
[[accepts]]
types = ["png", "jpeg"]
[[step]]
method = "POST"
url = "https://open.example/files"
body = "file"
[reply]
id = "/id"
[[example]]
body = '{"id":"{uuid}"}'
"#;

/// One test at a time, and nothing of the one before.
fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    provider::set_own(vec![]);
    guard
}

/// A file where a person has downloaded it to.
fn download(window: &Window, name: &str, text: &str) -> PathBuf {
    let folder = window.home.path().join("Downloads");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Where the window keeps provider files.
fn folder(window: &Window) -> PathBuf {
    window.harness.state().session().providers.folder().to_owned()
}

fn go_to_providers(window: &mut Window) {
    window.harness.get_by_role_and_label(Role::Tab, "Providers").click();
    window.harness.run_steps(3);
    window.wait_for("Add from file");
}

/// Drops a file, and agrees to it.
fn add(window: &mut Window, name: &str, text: &str, provider: &str) {
    let file = download(window, name, text);
    window.drop_paths([file]);
    window.wait_for(&format!("Add the provider “{provider}”?"));
    window.click("Add provider");
}

/// Adds Studio. What it lacks is asked for next: its key.
fn add_studio(window: &mut Window) {
    add(window, "studio.toml", STUDIO, "Studio");
    window.wait_for("Studio key");
    window.click("Close");
}

/// A window whose owner has added Studio.
fn with_studio() -> Window {
    let mut window = Window::with_keys(Keys::in_memory());
    add_studio(&mut window);
    window
}

#[test]
fn a_dropped_file_is_added_once_a_person_has_seen_what_it_does() {
    let _alone = alone();
    let mut window = Window::with_keys(Keys::in_memory());
    let file = download(&window, "studio.toml", STUDIO);
    window.drop_paths([file]);
    window.wait_for("Add the provider “Studio”?");
    assert!(window.queue().is_empty(), "it is no media: {:?}", window.queue());
    let seen = window.tree();
    for there in [
        "https://api.studio.example",
        "an address that its reply names, without your key",
        "Your Studio key goes to that host only",
        "as the header x-studio-key",
        "3 requests",
        "The file, its name, its type and its size.",
        "Accepts PNG",
        "end as it says",
    ] {
        assert!(seen.contains(there), "{there} in\n{seen}");
    }
    window.harness.snapshot("provider-review-dark");
    // Whoever presses Enter without reading has agreed to nothing.
    window.harness.key_press(Key::Enter);
    window.harness.run_steps(3);
    window.wait_until_gone("Add the provider “Studio”?");
    assert!(provider::by_id("studio").is_none() && !folder(&window).exists());
    add_studio(&mut window);
    assert_eq!(fs::read_to_string(folder(&window).join("studio.toml")).unwrap(), STUDIO);
    go_to_providers(&mut window);
    window.wait_for("From a file");
    window.harness.snapshot("providers-own-dark");
}

#[test]
fn a_removed_file_comes_back_with_undo() {
    let _alone = alone();
    let mut window = with_studio();
    go_to_providers(&mut window);
    window.click("More: Studio");
    window.harness.get_by_role_and_label(Role::MenuItem, "Remove").click();
    window.wait_for("Studio removed");
    assert!(provider::by_id("studio").is_none() && !folder(&window).join("studio.toml").exists());
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    window.wait_for("More: Studio");
    assert!(provider::by_id("studio").is_some());
    assert!(!window.has("Studio key"), "it has its key and its destinations");
}

#[test]
fn a_file_that_another_program_changes_is_asked_about_again() {
    let _alone = alone();
    let mut window = with_studio();
    go_to_providers(&mut window);
    window.wait_for("From a file");
    let elsewhere = STUDIO.replace("api.studio.example", "api.thief.example");
    fs::write(folder(&window).join("studio.toml"), elsewhere).unwrap();
    window.wait_for("Files that are not used");
    assert!(provider::by_id("studio").is_none(), "nothing is sent there");
    assert!(window.has("The provider sends files or keys elsewhere than before"));
    window.click("Review studio.toml");
    window.wait_for("https://api.thief.example");
    window.click("Cancel");
    assert!(provider::by_id("studio").is_none());
    // As it was, it needs no question.
    fs::write(folder(&window).join("studio.toml"), STUDIO).unwrap();
    window.wait_for("More: Studio");
    assert!(!window.has("Files that are not used"));
}

#[test]
fn a_broken_file_costs_only_itself_and_its_line_is_said() {
    let _alone = alone();
    let mut window = with_studio();
    fs::write(folder(&window).join("other.toml"), STUDIO.replace("\"PUT\"", "\"SEND\"")).unwrap();
    window.wait_for("other.toml is not used. line 21: method: must be one of");
    assert!(provider::by_id("studio").is_some());
    go_to_providers(&mut window);
    window.wait_for("Files that are not used");
    window.click("More: other.toml");
    window.harness.get_by_role_and_label(Role::MenuItem, "Remove file").click();
    window.wait_until_gone("Files that are not used");
    // What is broken cannot be added either.
    let file = download(&window, "bad.toml", &STUDIO.replace("format = 1", "format = 9"));
    window.drop_paths([file]);
    window.wait_for("bad.toml was not added. line 1: format: must be 1");
}

#[test]
fn the_key_of_another_programs_uploader_goes_into_the_keyring() {
    let _alone = alone();
    let mut window = Window::with_keys(Keys::in_memory());
    let file = download(&window, "shelf.sxcu", UPLOADER);
    window.drop_paths([file]);
    window.wait_for("Add the provider “My Shelf”?");
    assert!(window.has("The key that stands in the file") && !window.has("sk-of-the-shelf"));
    window.click("Add provider");
    window.wait("its destination is there", |w| {
        w.harness.state().session().keys.destinations().iter().any(|d| d.provider == "my-shelf")
    });
    let text = fs::read_to_string(folder(&window).join("my-shelf.toml")).unwrap();
    assert!(!text.contains("sk-of-the-shelf"), "{text}");
    assert!(!window.has("Where to find it"), "nothing more is asked\n{}", window.tree());
}

#[test]
fn a_provider_that_is_added_while_the_sandbox_is_tried_sends_nothing_out() {
    let _alone = alone();
    let home = tempfile::tempdir().unwrap();
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { sandbox: true, ..start });
    add(&mut window, "open.toml", OPEN, "Open Shelf");
    // It needs nothing more.
    window.wait("its destination is there", |w| {
        w.harness.state().session().keys.destinations().iter().any(|d| d.provider == "open-shelf")
    });
    window.click_first("Open Shelf");
    window.drop_paths([sample("cover.png")]);
    window.wait_for("Upload 1 file to Open Shelf");
    window.click("Upload 1 file to Open Shelf");
    window.wait("the sandbox has answered", |w| w.queue().iter().any(|file| file.contains("done")));
}

#[test]
fn several_files_are_asked_about_one_after_the_other() {
    let _alone = alone();
    let mut window = Window::sandbox();
    let files = [download(&window, "studio.toml", STUDIO), download(&window, "open.toml", OPEN)];
    window.drop_paths(files.into_iter().chain([sample("cover.png")]));
    window.wait_for("Add the provider “Studio”?");
    window.click("Cancel");
    window.wait_for("Add the provider “Open Shelf”?");
    window.click("Show file");
    assert!(window.has("id = \"open-shelf\""));
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Add the provider");
    assert_eq!(window.queue().len(), 1, "the picture is queued as ever");
    let text = window.harness.query_all_by_role(Role::Dialog).filter_map(|n| n.accesskit_node().label());
    assert_eq!(text.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn settings_with_a_provider_file_say_where_it_sends_files_before_anything_applies() {
    let _alone = alone();
    let mut window = Window::with_keys(Keys::in_memory());
    let destination = "[[destination]]\nname = \"Work\"\nprovider = \"studio\"\nkey = \"studio\"\n";
    let text = format!("provider_file = ['''\n{STUDIO}''']\n{destination}");
    window.harness.state_mut().offer_settings("there.toml", text);
    window.harness.run_steps(3);
    window.wait_for("1 provider is added");
    assert!(window.has("Studio: sends files to https://api.studio.example"), "{}", window.tree());
    assert!(provider::by_id("studio").is_none());
    window.click("Import");
    window.wait("the destination is there", |w| {
        w.harness.state().session().keys.destinations().iter().any(|d| d.name == "Work")
    });
    assert!(provider::by_id("studio").is_some());
}
