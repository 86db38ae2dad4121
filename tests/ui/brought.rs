//! What other programs hand over that is no file yet: content, and links.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use eframe::egui::{Event, Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::engine::transport::TimeLimits;
use hoist::model::drop_data::{Content, DroppedData};
use hoist::platform::inbox::WindowEvent;
use hoist::session::Start;
use url::Url;

use crate::support::server::{Answer, Gate, Reaction, Server};
use crate::window::{Window, sample};

impl Window {
    fn hand(&mut self, handed: DroppedData) {
        assert!(self.harness.state().inbox().put(WindowEvent::Handed(handed)));
        self.harness.run_steps(3);
    }

    fn hand_links(&mut self, links: &[String]) {
        let links = links.iter().map(|link| Url::parse(link).unwrap()).collect();
        self.hand(DroppedData { links, ..DroppedData::default() });
    }

    fn hand_content(&mut self, bytes: Vec<u8>, name: Option<&str>) {
        let content = Some(Content { bytes, name: name.map(ToOwned::to_owned) });
        self.hand(DroppedData { content, ..DroppedData::default() });
    }

    /// The files in the folder for what was brought.
    fn brought(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.brought_folder()).into_iter().flatten();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn brought_folder(&self) -> PathBuf {
        self.home.path().join("data/brought")
    }

    /// Draws on until the queue is so.
    fn wait_for_queue(&mut self, queue: &[&str]) {
        self.wait(&format!("{queue:?}"), |w| w.queue() == queue);
    }
}

fn host(server: &Server) -> String {
    server.origin().trim_start_matches("http://").to_owned()
}

fn picture() -> Answer {
    Answer::new(200, std::fs::read(sample("cover.png")).unwrap())
}

fn pictures() -> Server {
    Server::always(Reaction::Answer(picture()))
}

#[test]
fn a_link_is_fetched_after_one_click_that_shows_its_host() {
    let server = pictures();
    let mut window = Window::sandbox();
    window.hand_links(&[format!("{}/a/cover.png", server.origin())]);
    window.wait_for(&format!("Fetch from {}?", host(&server)));
    assert!(window.has(&format!("{} is this computer itself", host(&server))), "{}", window.tree());
    assert!(window.has("cover.png") && window.has("of at most 2 GB. Nothing is sent to any provider"));
    assert_eq!(server.connections(), 0, "nobody has agreed");
    window.click("Fetch");
    window.wait_for_queue(&["cover.png ready"]);
    assert!(!window.has("Fetch from") && !window.has("Fetching"));
    assert_eq!(window.brought(), ["cover.png"]);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_keyboard_says_yes_with_return_and_no_with_escape() {
    let server = pictures();
    let mut window = Window::sandbox();
    let link = format!("{}/cover.png", server.origin());
    window.hand_links(std::slice::from_ref(&link));
    window.wait_for("Fetch from");
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Fetch from");
    window.hand_links(std::slice::from_ref(&link));
    window.wait_for("Fetch from");
    window.click("Cancel");
    window.wait_until_gone("Fetch from");
    assert_eq!((server.connections(), window.queue()), (0, vec![]));
    window.hand_links(&[link]);
    window.wait_for("Fetch from");
    assert_eq!(window.focused().as_deref(), Some("Fetch"));
    window.harness.key_press(Key::Enter);
    window.wait_for_queue(&["cover.png ready"]);
}

#[test]
fn a_link_that_is_pasted_is_one_that_is_dropped() {
    let server = pictures();
    let mut window = Window::sandbox();
    window.harness.event(Event::Paste(format!("{}/cover.png\n", server.origin())));
    window.wait_for(&format!("Fetch from {}?", host(&server)));
    // What comes while something is asked waits for its turn.
    window.hand_links(&[format!("{}/later.png", server.origin())]);
    assert!(!window.has("later.png"));
    window.click("Fetch");
    window.wait_for("later.png");
    window.click("Fetch");
    window.wait("both are there", |w| w.queue().len() == 2);
}

#[test]
fn several_links_are_one_question_with_their_hosts() {
    let server = pictures();
    let origin = server.origin();
    let mut window = Window::sandbox();
    let mut links: Vec<_> = (1..=6).map(|n| format!("{origin}/{n}.png")).collect();
    let other = pictures();
    links.push(format!("{}/7.png", other.origin()));
    window.hand_links(&links);
    window.wait_for("Fetch 7 files from 2 hosts?");
    assert!(window.has(&format!("{} · 6 files", host(&server))), "{}", window.tree());
    assert!(window.has("1.png, 2.png, 3.png, 4.png and 2 more") && window.has("· 1 file"));
    window.click("Fetch");
    window.wait("all are there", |w| {
        w.queue().len() == 7 && w.queue().iter().all(|row| row.ends_with("ready"))
    });
}

#[test]
fn another_host_is_asked_about_again_and_return_does_not_agree_to_it() {
    let other = pictures();
    let elsewhere = format!("{}/b.png", other.origin());
    let server = Server::start(move |_, _| {
        Reaction::Answer(Answer::new(302, "").header("location", elsewhere.clone()))
    });
    let mut window = Window::sandbox();
    let link = format!("{}/a.png", server.origin());
    window.hand_links(std::slice::from_ref(&link));
    window.click("Fetch");
    let title = format!("Fetch from {}?", host(&other));
    window.wait_for(&title);
    assert!(window.has(&format!("{} redirects to another host.", host(&server))));
    assert_eq!(window.focused().as_deref(), Some("Cancel"));
    window.harness.key_press(Key::Enter);
    window.wait_until_gone(&title);
    assert_eq!((other.connections(), window.queue()), (0, vec![]));
    window.hand_links(&[link]);
    window.click("Fetch");
    window.wait_for(&title);
    window.click("Fetch");
    window.wait_for_queue(&["b.png ready"]);
}

#[test]
fn what_is_no_media_is_said_once_however_often_it_was() {
    let page = Answer::new(200, "<!DOCTYPE html><html></html>");
    let server = Server::always(Reaction::Answer(page));
    let mut window = Window::sandbox();
    window.hand_links(&[format!("{}/a.png", server.origin())]);
    window.click("Fetch");
    window.wait_for("was not fetched. The link leads to a web page, not an image, audio or video");
    assert!(window.has(&format!("a.png from {} was not fetched", host(&server))));
    window.click("Close this notice");
    let links: Vec<_> = (0..20).map(|n| format!("{}/{n}.png", server.origin())).collect();
    window.hand_links(&links);
    window.click("Fetch");
    window.wait_for("and 19 more were not fetched. The link leads to a web page");
    window.click("Close this notice");
    assert!(!window.has("not fetched"), "it is said once");
    assert_eq!((window.queue(), window.brought()), (vec![], vec![]));
}

#[test]
fn nothing_larger_is_fetched_than_any_destination_takes() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("settings")).unwrap();
    let settings = "[[destination]]\nname = \"Music\"\nprovider = \"flow-music\"\nkey = \"useapi\"\n";
    std::fs::write(home.path().join("settings/settings.toml"), settings).unwrap();
    let server = Server::always(Reaction::EndlessBody(41 * 1024 * 1024));
    let mut window = Window::in_home(home, false, Theme::Dark, [1160.0, 740.0]);
    window.hand_links(&[format!("{}/a.wav", server.origin())]);
    window.wait_for("an image, audio or video of at most 40 MB");
    window.click("Fetch");
    window.wait_for(
        "was not fetched. The file has 41.0 MB, and none of your destinations accepts more than 40 MB",
    );
    assert_eq!(window.brought(), [""; 0]);
}

#[test]
fn what_is_being_fetched_is_shown_and_can_be_stopped() {
    let server = Server::always(Reaction::UnendingAnswer(picture()));
    // Nothing else ends it while the test runs.
    let limits = TimeLimits { stall: Duration::from_hours(1), ..TimeLimits::default() };
    let home = tempfile::tempdir().unwrap();
    let mut window =
        Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { sandbox: true, limits, ..start });
    let links: Vec<_> = (1..=5).map(|n| format!("{}/{n}.png", server.origin())).collect();
    window.hand_links(&links);
    window.click("Fetch");
    window.wait_for(&format!("Fetching 5 files: 1.png from {}", host(&server)));
    window.wait("its progress", |w| w.has(" kB of ") || w.has(" bytes of "));
    assert!(!window.brought().is_empty());
    window.click("Cancel fetching");
    window.wait_until_gone("Fetching");
    window.wait("nothing is left of it", |w| w.brought().is_empty());
    assert_eq!(window.queue(), [""; 0]);
    assert!(server.requests().len() <= 2, "the others were never asked for");
    assert!(!window.has("not fetched"), "who stops something knows");
}

#[test]
fn what_is_fetched_with_nowhere_to_send_it_waits_for_a_destination() {
    let gate = Gate::default();
    let server = Server::always(Reaction::AnswerAfter(gate.clone(), picture()));
    let mut window = Window::sized(false, Theme::Dark, [1160.0, 740.0]);
    window.hand_links(&[format!("{}/cover.png", server.origin())]);
    window.wait_for("of at most 2 GB");
    window.click("Fetch");
    window.wait_for("Fetching cover.png");
    gate.open();
    window.wait_for("1 file waits for a destination");
    window.click("Add API key");
    window.wait_for("useapi.net key");
    window.type_key();
    window.click("Check key");
    window.wait_for("Flow Music: another email");
    let save = window.names_of(Role::Button).into_iter().find(|name| name.starts_with("Save"));
    window.click(&save.unwrap());
    window.wait("it is staged", |w| w.queue().len() == 1);
}

#[test]
fn content_without_a_file_becomes_a_row_like_any_other() {
    let mut window = Window::sandbox();
    let bytes = std::fs::read(sample("photo.jpg")).unwrap();
    window.hand_content(bytes.clone(), Some("../holiday.png"));
    window.wait_for_queue(&["holiday.jpg ready"]);
    assert_eq!(std::fs::read(window.brought_folder().join("holiday.jpg")).unwrap(), bytes);
    window.hand_content(std::fs::read(sample("cover.png")).unwrap(), None);
    window.wait("it is there", |w| w.queue().len() == 2);
    let row = window.queue().remove(1);
    assert!(row.starts_with("Pasted 2") && row.ends_with(".png ready"), "{row}");
    window.hand_content(b"hello".to_vec(), None);
    window.wait_for("This content is not an image, audio or video");
    assert_eq!((window.queue().len(), window.brought().len()), (2, 2));
    // What is removed can be taken back, so its file stays.
    window.select("holiday.jpg");
    window.harness.key_press(Key::Delete);
    window.wait_for("1 file removed");
    assert_eq!(window.brought().len(), 2);
    window.click("Undo");
    window.wait("it is back", |w| w.queue().len() == 2);
}

#[test]
fn where_content_came_from_is_not_asked_for_again() {
    let server = pictures();
    let mut window = Window::sandbox();
    let content = Some(Content { bytes: std::fs::read(sample("cover.png")).unwrap(), name: None });
    let links = vec![Url::parse(&server.origin()).unwrap()];
    window.hand(DroppedData { content, links, ..DroppedData::default() });
    window.wait("it is there", |w| w.queue().len() == 1);
    assert!(!window.has("Fetch from"));
}

#[test]
fn what_no_row_needs_is_gone_a_day_later() {
    let mut window = Window::sandbox();
    let bytes = std::fs::read(sample("cover.png")).unwrap();
    for name in ["waits.png", "removed.png", "new.png"] {
        window.hand_content(bytes.clone(), Some(name));
        window.wait(name, |w| w.brought().iter().any(|there| there == name));
    }
    window.wait("all are staged", |w| w.queue().iter().filter(|row| row.ends_with("ready")).count() == 3);
    for name in ["removed.png", "new.png"] {
        window.select(name);
        window.harness.key_press(Key::Delete);
        window.wait("it is removed", |w| !w.queue().iter().any(|row| row.starts_with(name)));
    }
    let long_ago = SystemTime::now() - Duration::from_hours(25);
    for name in ["waits.png", "removed.png"] {
        let file = std::fs::File::options().append(true).open(window.brought_folder().join(name)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let mut window = window.restart();
    window.wait("what is old is gone", |w| w.brought() == ["new.png", "waits.png"]);
    assert!(window.queue().iter().any(|row| row.starts_with("waits.png")), "{:?}", window.queue());
}

#[test]
fn what_cannot_be_used_is_said_and_the_rest_arrives() {
    let mut window = Window::sandbox();
    let problems =
        vec!["2 files are on a server (smb): copy them to this computer first, then add them".to_owned()];
    window.hand(DroppedData {
        files: vec![sample("cover.png")],
        problems: problems.clone(),
        ..DroppedData::default()
    });
    window.wait_for_queue(&["cover.png ready"]);
    assert!(window.has(&problems[0]));
}

fn picture_of_the_question(theme: Theme, name: &str) {
    let mut window = Window::sized(true, theme, [1160.0, 740.0]);
    window.hand_links(&["https://images.example.com/2026/cover.png".to_owned()]);
    window.wait_for("Fetch from images.example.com?");
    window.harness.remove_cursor();
    window.harness.run_steps(2);
    window.harness.snapshot(name);
}

#[test]
fn picture_of_the_question_in_dark() {
    picture_of_the_question(Theme::Dark, "fetch-dark");
}

#[test]
fn picture_of_the_question_in_light() {
    picture_of_the_question(Theme::Light, "fetch-light");
}

#[test]
fn picture_of_many_hosts_and_of_such_as_deceive_in_a_small_window() {
    let mut window = Window::sized(true, Theme::Dark, [640.0, 480.0]);
    let mut links: Vec<_> =
        (1..=12).map(|n| format!("https://images.example.com/{n}-of-twelve.png")).collect();
    let deceiving = format!("{}evil.example", "a-very-long-name.".repeat(8));
    links.extend([format!("http://{deceiving}/\u{202e}gnp.exe"), "https://b\u{fc}cher.example/".to_owned()]);
    window.hand_links(&links);
    window.wait_for("Fetch 14 files from 3 hosts?");
    assert!(window.has(&deceiving), "{}", window.tree());
    assert!(window.has("xn--bcher-kva.example"));
    window.harness.remove_cursor();
    window.harness.run_steps(2);
    window.harness.snapshot("fetch-several-small");
}

#[test]
fn a_text_goes_into_the_field_that_is_being_written_in() {
    let mut window = Window::sandbox();
    window.press_with(Modifiers::COMMAND, Key::F);
    assert!(window.harness.state().inbox().put(WindowEvent::Text("/a/b.png".to_owned())));
    window.harness.run_steps(3);
    let field = window.harness.get_by_role(Role::TextInput);
    assert_eq!(field.accesskit_node().value().as_deref(), Some("/a/b.png"));
    assert!(window.queue().is_empty(), "it is text there, and no file");
}
