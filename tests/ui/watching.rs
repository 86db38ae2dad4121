//! Folders that are watched for a destination: off until chosen, shown while on, and what comes is sent by itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::media::Media;

use crate::support::made;
use crate::window::Window;

const SIZE: [f32; 2] = [1160.0, 740.0];

fn png(number: usize) -> Vec<u8> {
    made(Media::Png, 2000 + number)
}

impl Window {
    /// Watches a folder for the first destination that is saved, as its menu does after the dialog.
    fn watch_folder(&mut self) -> PathBuf {
        let folder = self.home.path().join("renders");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("before.png"), png(0)).unwrap();
        let session = self.harness.state_mut().session_mut();
        let to = session.keys.destinations().iter().find(|to| session.keys.is_saved(to)).unwrap().clone();
        session.watches.add(folder.clone(), &to).unwrap();
        self.wait("it is watched", |w| w.harness.state().session().watches.has_begun());
        folder
    }

    /// The destinations whose rows say that they watch something.
    fn watching(&self) -> Vec<String> {
        let rows = self.harness.get_all_by_role(Role::RadioButton);
        let said = rows.filter_map(|row| row.accesskit_node().description());
        said.filter(|text| text.contains("Watches")).collect()
    }

    fn open_menu(&mut self) {
        let rows = self.harness.get_all_by_role(Role::RadioButton);
        let row =
            rows.into_iter().find(|row| row.accesskit_node().label().unwrap().contains("jane")).unwrap();
        row.click_secondary();
        self.harness.run_steps(3);
    }
}

#[test]
fn what_comes_into_a_watched_folder_is_sent_and_the_destination_says_so() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("jane@example.com");
    assert!(window.watching().is_empty());
    window.open_menu();
    assert!(window.has("Watch a folder…") && !window.has("Stop watching renders"));
    window.harness.key_press(Key::Escape);
    let folder = window.watch_folder();
    fs::write(folder.join("new.png"), png(1)).unwrap();
    window.wait("it is sent", |w| w.queue() == ["new.png done"]);
    assert!(window.watching()[0].ends_with("Watches renders"), "{:?}", window.watching());

    // The next run goes on.
    let mut window = window.restart();
    window.wait("it is watched again", |w| !w.watching().is_empty());
    fs::write(folder.join("newer.png"), png(2)).unwrap();
    window.wait("it is sent", |w| w.queue().contains(&"newer.png done".to_owned()));

    // And until it is stopped.
    window.open_menu();
    window.click("Stop watching renders");
    window.wait("it is not watched", |w| w.watching().is_empty());
    fs::write(folder.join("late.png"), png(3)).unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    window.harness.run_steps(10);
    assert!(!window.queue().iter().any(|file| file.starts_with("late.png")), "{:?}", window.queue());
    let mut window = window.restart();
    window.harness.run_steps(10);
    assert!(window.watching().is_empty());
}

#[test]
fn the_settings_list_the_folders_that_are_watched() {
    let mut window = Window::sized(true, Theme::Dark, [1160.0, 1200.0]);
    window.click("Settings");
    window.wait_for("Watched folders");
    window.click("Upload");
    window.add_account_of_google_flow("jane@example.com");
    window.watch_folder();
    window.click("Settings");
    window.wait_for("renders → Google Flow · jane@example.com");
    window.click("Stop watching renders for Google Flow · jane@example.com");
    window.wait_until_gone("renders → Google Flow · jane@example.com");
    window.wait_for("renders is not watched any more");
    assert!(window.watching().is_empty());
}

#[test]
fn a_folder_that_is_away_at_the_start_is_waited_for_and_can_be_given_up() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("jane@example.com");
    let folder = window.watch_folder();
    let away = folder.with_file_name("unplugged");
    fs::rename(&folder, &away).unwrap();
    let mut window = window.restart();
    window.wait_for("renders is not there any more. Hoist goes on when it is back");
    assert!(window.watching()[0].ends_with("Watches renders"), "{:?}", window.watching());
    fs::write(away.join("new.png"), png(1)).unwrap();
    fs::rename(&away, &folder).unwrap();
    window.wait("it is sent", |w| w.queue() == ["new.png done"]);
    fs::rename(&folder, &away).unwrap();
    let mut window = window.restart();
    window.wait_for("renders is not there any more. Hoist goes on when it is back");
    window.open_menu();
    window.click("Stop watching renders");
    window.wait("it is not watched", |w| w.watching().is_empty());
    // Of one whose files are not known any more, the new ones could not be told: it is given up, once.
    fs::rename(&away, &folder).unwrap();
    let mut window = window.restart();
    window.watch_folder();
    fs::rename(&folder, &away).unwrap();
    let data = window.home.path().join("data/watched");
    fs::remove_dir_all(data).unwrap();
    let mut window = window.restart();
    window.wait_for("renders is not a folder");
    let list = window.home.path().join("settings/watched.toml");
    window.wait("the list is empty", |_| !fs::read_to_string(&list).unwrap_or_default().contains("renders"));
}

#[test]
fn a_destination_has_one_menu_wherever_it_is_listed() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("jane@example.com");
    let entries = |window: &mut Window| {
        let all: Vec<_> = [Role::MenuItem, Role::MenuItemRadio]
            .into_iter()
            .flat_map(|role| window.names_of(role))
            .collect();
        window.press(Key::Escape);
        window.harness.run_steps(5);
        all
    };
    window.open_menu();
    let in_sidebar = entries(&mut window);
    window.press_with(Modifiers::COMMAND, Key::Num3);
    window.wait_for("More: Google Flow · jane@example.com");
    window.click("More: Google Flow · jane@example.com");
    window.wait_for("Watch a folder…");
    assert_eq!(in_sidebar, entries(&mut window));
    assert!(in_sidebar.iter().any(|entry| entry == "Name and options…"), "{in_sidebar:?}");
    // One that the sandbox offers has what can be done with it.
    let rows = window.harness.get_all_by_role(Role::RadioButton);
    let offered = rows.into_iter().find(|row| row.accesskit_node().label().unwrap() == "PiAPI, 24-hour link");
    offered.unwrap().click_secondary();
    window.harness.run_steps(3);
    assert_eq!(entries(&mut window), ["Name and options…", "Open the account page", "Send new files here"]);
}

#[test]
fn what_is_not_accepted_stays_in_the_queue_with_its_button() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("jane@example.com");
    let folder = window.watch_folder();
    fs::copy(crate::window::sample("tone.wav"), folder.join("tone.wav")).unwrap();
    window.wait_for("Google Flow doesn't accept audio");
    assert_eq!(window.queue(), ["tone.wav ready"]);
}

#[test]
fn a_folder_is_not_watched_any_more_when_its_destination_is_removed() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("jane@example.com");
    window.watch_folder();
    window.open_menu();
    window.click("Remove destination");
    window.wait_for("renders is not watched any more, because Google Flow · jane@example.com was removed");
    let list = window.home.path().join("settings/watched.toml");
    window.wait("the list is empty", |_| !fs::read_to_string(&list).unwrap_or_default().contains("renders"));
}

#[test]
fn what_is_wrong_with_a_watched_folder_is_said() {
    let mut window = Window::sandbox();
    window.add_account_of_google_flow("jane@example.com");
    let session = window.harness.state_mut().session_mut();
    let to = session.keys.destinations()[0].clone();
    session.watches.add(Path::new("/nowhere/renders").to_owned(), &to).unwrap();
    window.wait_for("/nowhere/renders is not a folder");
    assert!(window.watching().is_empty());
}

fn is_drawn(theme: Theme, name: &str) {
    let mut window = Window::sized(true, theme, SIZE);
    window.add_account_of_google_flow("jane@example.com");
    window.watch_folder();
    window.wait("it is shown", |w| !w.watching().is_empty());
    window.open_menu();
    window.harness.run_steps(30);
    window.harness.snapshot(name);
}

#[test]
fn a_watching_destination_in_the_dark() {
    is_drawn(Theme::Dark, "watching-dark");
}

#[test]
fn a_watching_destination_in_light() {
    is_drawn(Theme::Light, "watching-light");
}
