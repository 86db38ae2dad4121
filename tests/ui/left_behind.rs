//! What an earlier run left behind, what was sent before, and closing while files are being sent.

use std::io::Read;
use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use eframe::egui::{self, Key, Modifiers, Theme, ViewportCommand, ViewportEvent, ViewportId};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::secret::Key as ApiKey;
use hoist::session::Start;
use hoist::store::environment::Environment;

use crate::window::{Window, sample};

/// A sample under a path of its own, so that it can be changed.
fn copy_of(window: &Window, name: &str) -> PathBuf {
    let path = window.home.path().join(name);
    std::fs::copy(sample(name), &path).unwrap();
    path
}

#[test]
fn a_new_start_brings_the_queue_back_and_sends_nothing_by_itself() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "gateway@example.com");
    window.upload(&["cover.png"], "Google Flow");
    window.wait_for("Sent, but no answer: it may exist");
    window.drop_files(&["photo.jpg", "poster.webp", "clip.mp4"]);
    window.wait_for("Upload 3 files to Google Flow");
    let mut window = window.restart();
    window.wait_for("Restored: 3 not sent yet, 1 sent without an answer");
    window.wait_for("Upload 3 files to Google Flow");
    window.wait_for_pictures();
    window.harness.run_steps(30);
    let queue = ["cover.png unknown", "photo.jpg ready", "poster.webp ready", "clip.mp4 ready"];
    assert_eq!(window.queue(), queue);
    assert!(window.has("Send again: cover.png") && window.has("Dismiss: cover.png"));
    assert!(window.has("History, 1"), "only the first was ever asked for: {}", window.tree());
    window.click("Close this notice");
    window.wait_until_gone("Restored:");
    window.click("Dismiss: cover.png");
    let mut window = window.restart();
    window.wait_for("Restored: 3 not sent yet");
    assert!(!window.has("without an answer"), "what was left is left for good");
}

#[test]
fn sending_again_what_may_exist_says_what_that_may_do() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "gateway@example.com");
    window.upload(&["cover.png"], "Google Flow");
    window.wait_for("Send again: cover.png");
    let button = window.harness.get_by_label("Send again: cover.png");
    assert_eq!(button.accesskit_node().description().as_deref(), Some("may make a second copy"));
}

#[test]
fn a_restored_file_that_changed_is_marked_and_goes_only_when_asked() {
    let mut window = Window::sandbox();
    let file = copy_of(&window, "cover.png");
    window.drop_paths([file.clone()]);
    window.wait_for("Upload 1 file to Flow Music");
    let content = std::fs::read(&file).unwrap();
    std::fs::write(&file, [content.as_slice(), &[0]].concat()).unwrap();
    let mut window = window.restart();
    window.wait_for("The file changed after it was added");
    assert!(!window.has("Upload 1 file"), "it is not sent with the others: {}", window.tree());
    window.click("Send as it is: cover.png");
    window.wait_for("Upload 1 file to Flow Music");
    assert!(!window.has("The file changed after it was added"));
}

#[test]
fn what_was_sent_before_is_noticed_and_its_id_can_be_copied() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    let id = window.copy_with("Copy ID: cover.png");
    window.click("Clear finished");
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Sent at ");
    window.wait_for("Upload 1 file to Flow Music"); // the other one
    assert!(window.has("1 ready, "), "{}", window.tree());
    assert_eq!(window.harness.query_all_by_label("Copy ID").count(), 1, "the footer copies it, too");
    assert_eq!(window.copy_with("Copy ID: cover.png"), id);
    assert!(window.copy_from_menu("cover.png", "Copy link").starts_with("http://127.0.0.1:"));
    window.wait_for("Link copied"); // its button copies the ID
    window.click("Upload 1 file to Flow Music");
    window.wait("the other one is sent", |w| w.queue() == ["cover.png ready", "photo.jpg done"]);
    window.wait_for("Copy ID: cover.png"); // no "Copied" any more
    window.click("Clear finished");
    window.wait("what is there already is done with, too", |w| w.queue().is_empty());
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait("both are back", |w| w.queue().len() == 2);
    window.click("Send again: cover.png");
    window.wait("it is sent", |w| w.queue() == ["cover.png done", "photo.jpg done"]);
    window.wait_for("Copy ID: cover.png");
    assert_ne!(window.copy_with("Copy ID: cover.png"), id, "it is a second copy");
}

#[test]
fn all_that_was_sent_before_can_be_copied_or_sent_again_together() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.click("Upload 2 files to Flow Music");
    window.wait_for("Copy 2 IDs");
    let ids = window.copy_with("Copy 2 IDs");
    window.click("Clear finished");
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("2 sent before");
    window.wait_for("Copy 2 IDs"); // no "Copied" any more
    assert_eq!(window.copy_with("Copy 2 IDs"), ids);
    window.press_with(Modifiers::COMMAND, Key::A);
    window.harness.run_steps(3);
    window.click("Send again");
    window.wait("both are sent", |w| w.queue() == ["cover.png done", "photo.jpg done"]);
    window.wait_for("Copy 2 IDs");
    assert_ne!(window.copy_with("Copy 2 IDs"), ids, "these are second copies");
    // Nothing else is left to do: the footer has it for all of them.
    window.click("Clear finished");
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Send 2 again");
    window.drop_files(&["poster.webp"]);
    window.wait_for("Upload 1 file to Flow Music");
    assert!(!window.has("Send 2 again"), "there is something to upload");
    window.click("Remove poster.webp");
    window.click("Send 2 again");
    window.wait("both are sent", |w| w.queue() == ["cover.png done", "photo.jpg done"]);
}

#[test]
fn what_was_sent_before_without_an_answer_may_exist() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "gateway@example.com");
    window.upload(&["cover.png"], "Google Flow");
    window.click("Dismiss: cover.png");
    window.drop_files(&["cover.png"]);
    window.wait_for("without an answer: it may exist");
    assert!(window.has("Send again: cover.png") && !window.has("Copy ID"), "{}", window.tree());
    assert!(!window.has("Upload 1 file"), "{}", window.tree());
    window.click("Send again: cover.png");
    window.wait_for("Sent, but no answer: it may exist");
}

#[test]
fn notices_stand_above_each_other_and_none_is_lost() {
    let problems = ["The first thing.", "The second thing.", "The third thing.", "The fourth thing."];
    let environment =
        Environment { problems: problems.map(str::to_owned).to_vec(), ..Environment::default() };
    let home = tempfile::tempdir().unwrap();
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    window.wait_for("The fourth thing.");
    // The newest is lowest; the oldest waits until there is room.
    let top = |window: &Window, text: &str| window.harness.get_by_label(text).rect().top();
    assert!(top(&window, "The second thing.") < top(&window, "The third thing."));
    assert!(top(&window, "The third thing.") < top(&window, "The fourth thing."));
    assert!(window.has("1 more") && !window.has("The first thing."), "{}", window.tree());
    // They say what did not work: no time ends them.
    window.harness.state_mut().show_notices_for(Duration::ZERO);
    window.harness.run_steps(2);
    assert!(window.has("The second thing."), "{}", window.tree());
    for left in ["The first thing.", "The third thing.", "The fourth thing."] {
        window.harness.query_all_by_label("Close this notice").next().unwrap().click();
        window.harness.run_steps(3);
        assert!(window.has(left), "{}", window.tree());
    }
    assert!(!window.has("The second thing.") && !window.has(" more"), "{}", window.tree());
    window.click("Close this notice");
    assert!(!window.has("Close this notice"));
}

/// A window whose uploads are taken and never answered.
pub(crate) fn unanswered() -> Window {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut stream.unwrap().by_ref(), &mut std::io::sink());
            });
        }
    });
    let mut environment = Environment::default();
    environment.keys.insert("useapi", ApiKey::new("user:1-MadeUpKey".to_owned()).unwrap());
    environment.bases.insert("HOIST_USEAPI_URL", format!("http://{address}"));
    let home = tempfile::tempdir().unwrap();
    Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start })
}

impl Window {
    /// What a person does who is done with a window; what the window makes of it.
    pub(crate) fn close(&mut self) -> Vec<ViewportCommand> {
        let root = self.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        root.events.push(ViewportEvent::Close);
        self.harness.step();
        let commands = self.commands();
        self.harness.run_steps(3);
        commands
    }

    fn commands(&self) -> Vec<ViewportCommand> {
        self.harness.output().viewport_output[&ViewportId::ROOT].commands.clone()
    }

    pub(crate) fn send_two_files(&mut self) {
        self.drop_files(&["cover.png", "photo.jpg"]);
        self.wait_for("Upload 2 files to Flow Music");
        self.click("Upload 2 files to Flow Music");
        self.wait("both are being sent", |w| {
            w.harness.state().session().uploads.queue().items().iter().all(|item| item.state.is_moving())
        });
        self.harness.run_steps(2);
    }
}

#[test]
fn closing_while_files_are_being_sent_asks_once() {
    let mut window = unanswered();
    window.send_two_files();
    assert_eq!(window.close(), [ViewportCommand::CancelClose]);
    window.wait_for("2 files are being sent");
    assert!(window.has("are marked 'may exist' at the next start"), "{}", window.tree());
    window.click("Keep uploading");
    window.wait_until_gone("2 files are being sent");
    window.close();
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("2 files are being sent");
    assert_eq!(window.close(), [ViewportCommand::CancelClose]);
    window.harness.key_press(Key::Enter); // whoever just presses Return goes on uploading
    window.wait_until_gone("2 files are being sent");
    window.close();
    window.harness.get_by_label("Close anyway").click();
    let mut closed = false;
    for _ in 0..4 {
        window.harness.step();
        closed |= window.commands().contains(&ViewportCommand::Close);
    }
    assert!(closed, "the window is told to close");
    assert_eq!(window.close(), [], "it is not asked again");
    assert_eq!(window.queue(), ["cover.png on its way", "photo.jpg on its way"]);
}

#[test]
fn closing_with_nothing_on_its_way_never_asks() {
    let mut window = Window::sandbox();
    assert_eq!(window.close(), []);
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    assert_eq!(window.close(), []);
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy ID: cover.png");
    assert_eq!(window.close(), []);
    assert!(!window.has("Keep uploading"));
}

#[test]
fn a_question_that_answers_itself_closes_the_window() {
    let mut window = unanswered();
    window.send_two_files();
    window.close();
    window.harness.state_mut().session_mut().uploads.upload_all();
    let ids: Vec<_> =
        window.harness.state().session().uploads.queue().items().iter().map(|item| item.request.id).collect();
    for id in ids {
        window.harness.state_mut().session_mut().uploads.cancel(id);
    }
    let mut closed = false;
    for _ in 0..200 {
        window.harness.step();
        closed |= window.commands().contains(&ViewportCommand::Close);
        if closed {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(closed, "{}", window.tree());
}

#[test]
fn pages_are_not_changed_below_a_question() {
    let mut window = unanswered();
    window.send_two_files();
    window.close();
    window.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::Num2);
    window.harness.run_steps(2);
    window.click("Keep uploading");
    assert!(window.has("Cancel cover.png"), "{}", window.tree());
}
