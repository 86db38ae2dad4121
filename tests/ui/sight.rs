//! What the window shows by itself: rows that were just added, how far a batch is, notices while they can be read, what
//! other programs changed, and where something that is held over it would go.

use std::time::Duration;

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::NodeT;
use egui_kittest::kittest::Queryable;
use hoist::model::drop_data::{Content, DroppedData};
use hoist::model::media::Media;
use hoist::platform::drops::{At, Hover};
use hoist::platform::inbox::WindowEvent;
use hoist::session::Start;
use hoist::store::folders::Folders;
use hoist::store::settings_file::SettingsFile;
use jiff::Timestamp;

use crate::seeds::{Seed, plant};
use crate::support::server::{Answer, Gate, Reaction, Server};
use crate::window::{Window, sample};

impl Window {
    /// The files of which the rows are seen whole.
    pub(crate) fn in_sight(&self) -> Vec<String> {
        let list = self.harness.get_by_role(Role::List).rect();
        let rows = self.harness.query_all_by_role(Role::ListItem);
        let seen = rows
            .filter(|row| row.rect().top() >= list.top() - 0.5 && row.rect().bottom() <= list.bottom() + 0.5);
        let names = seen.filter_map(|row| egui_kittest::kittest::NodeT::accesskit_node(&row).label());
        names.map(|name| name.split(", ").next().unwrap().to_owned()).collect()
    }

    /// Adds copies of a picture under these names.
    fn add_named(&mut self, names: impl IntoIterator<Item = String>) {
        let folder = self.home.path().join("named");
        std::fs::create_dir_all(&folder).unwrap();
        let files = names.into_iter().map(|name| {
            let path = folder.join(name);
            std::fs::copy(sample("cover.png"), &path).unwrap();
            path
        });
        let files: Vec<_> = files.collect();
        self.drop_paths(files);
    }
}

#[test]
fn a_button_stays_the_same_one_whatever_appears_above_and_beside_it() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    // What has been pressed is clicked where it is released, and the keyboard stays where it is.
    let button = |window: &Window| {
        let node = window.harness.get_by_label("Upload 1 file to Flow Music");
        node.accesskit_node().id()
    };
    let before = button(&window);
    let folder = window.folder("Nothing", &[]);
    window.drop_paths([folder]);
    window.wait("a line above it", |w| w.has("Nothing is empty"));
    assert_eq!(button(&window), before);
    window.select("cover.png");
    window.wait("the panel beside it", |w| w.has("Dimensions"));
    assert_eq!(button(&window), before);
}

#[test]
fn rows_that_are_added_come_into_sight() {
    let mut window = Window::sandbox();
    window.add_named((0..20).map(|n| format!("first {n:02}.png")));
    window.wait_for("Upload 20 files to Flow Music");
    assert_eq!(window.in_sight()[0], "first 00.png", "the first of many");
    window.add_named(["second.png".to_owned()]);
    window.wait_for("Upload 21 files to Flow Music");
    assert_eq!(window.in_sight().last().unwrap(), "second.png");
    window.add_named((0..3).map(|n| format!("third {n}.png")));
    window.wait_for("Upload 24 files to Flow Music");
    let seen = window.in_sight();
    assert_eq!(seen[seen.len() - 3..], ["third 0.png", "third 1.png", "third 2.png"]);
    // Whatever else changes leaves the list where it is.
    window.select("third 1.png");
    window.press_with(Modifiers::COMMAND, Key::A);
    assert_eq!(window.in_sight(), seen);
    // Seen when the queue is seen again, too.
    window.press(Key::Home);
    assert_eq!(window.in_sight()[0], "first 00.png");
    window.press_with(Modifiers::COMMAND, Key::Num2);
    window.add_named(["last.png".to_owned()]);
    window.wait_for("Upload 25 files to Flow Music");
    assert_eq!(window.in_sight().last().unwrap(), "last.png");
}

/// A window whose service takes a file when its gate is open; the first is refused.
fn with_gate(gate: &Gate) -> (Window, Server) {
    let open = gate.clone();
    let server = Server::start(move |_, n| match n {
        0 => Reaction::Answer(Answer::new(400, r#"{"error":{"message":"no"}}"#)),
        _ => Reaction::AnswerAfter(open.clone(), Answer::new(400, r#"{"error":{"message":"no"}}"#)),
    });
    let mut environment = hoist::store::environment::Environment::default();
    let key = hoist::model::secret::Key::new("user:1-MadeUpKey".to_owned()).unwrap();
    environment.keys.insert("useapi", key);
    environment.bases.insert("HOIST_USEAPI_URL", server.origin());
    let home = tempfile::tempdir().unwrap();
    let window = Window::started(home, Theme::Dark, [1160.0, 740.0], |start| Start { environment, ..start });
    (window, server)
}

#[test]
fn the_total_of_a_batch_never_falls() {
    let gate = Gate::default();
    let (mut window, server) = with_gate(&gate);
    window.harness.state_mut().session_mut().set(|s| (s.uploads_at_once, s.uploads_per_account) = (1, 1));
    window.add_named((0..4).map(|n| format!("{n}.png")));
    window.wait_for("Upload 4 files to Flow Music");
    let size = std::fs::metadata(sample("cover.png")).unwrap().len();
    let whole = hoist::model::text::bytes(4 * size);
    window.click("Upload 4 files to Flow Music");
    window.wait("the second is being sent", |_| server.requests().len() == 2);
    window.wait_for("Uploading 2 of 4");
    assert!(window.has(&format!("of {whole}")), "{}", window.tree());
    // Neither by what is taken out, nor by what is stopped.
    window.select("0.png");
    window.press(Key::Delete);
    assert!(window.has("Uploading 2 of 4") && window.has(&format!("of {whole}")), "{}", window.tree());
    window.click("Cancel 3.png");
    window.wait_for("Add back: 3.png");
    assert!(window.has("Uploading 3 of 4"), "{}", window.tree());
    gate.open();
    window.wait_until_gone("Uploading");
    // What is sent next is another batch.
    window.click("Retry: 1.png");
    window.wait_until_gone("Uploading 1 of 1");
}

#[test]
fn one_file_that_failed_is_tried_again_in_its_row_and_several_together() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "moderated@example.com");
    window.upload(&["cover.png"], "Google Flow");
    window.wait_for("Retry: cover.png");
    assert!(!window.has("Retry 1"), "{}", window.tree());
    window.upload(&["photo.jpg"], "Google Flow");
    window.wait_for("Retry 2");
}

#[test]
fn a_notice_stays_on_its_page_and_goes_by_itself() {
    let mut window = Window::sandbox();
    let folder = tempfile::tempdir().unwrap();
    let empty = folder.path().join("Nothing");
    std::fs::create_dir(&empty).unwrap();
    window.drop_paths([empty]);
    window.wait_for("Nothing is empty");
    window.press_with(Modifiers::COMMAND, Key::Num2);
    assert!(!window.has("Nothing is empty"), "it does not follow to another page");
    window.press_with(Modifiers::COMMAND, Key::Num1);
    assert!(window.has("Nothing is empty"), "and is not lost by looking at one");
    // Its time is over.
    window.harness.state_mut().show_notices_for(Duration::ZERO);
    window.harness.run_steps(2);
    assert!(!window.has("Nothing is empty"), "{}", window.tree());
}

#[test]
fn what_another_hoist_sends_is_counted_where_it_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let seed = |n: i64| Seed::done(&format!("{n}.png"), Timestamp::from_second(1_000_000 + n).unwrap());
    plant(home.path(), (0..21).map(seed));
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.wait_for("History, 21");
    window.open_history();
    window.wait_for("21 uploads · kept on this computer");
    // Thirteen more, as a terminal writes them: seen without anything being done here.
    let db = rusqlite::Connection::open(window.home.path().join("data/history.db")).unwrap();
    let sql = "INSERT INTO upload (id, run, queued, added, behind, asked, path, size, media, provider, destination, key,
            options, state, asset, words)
        SELECT id + 1000, run, queued, added, id + 1000, asked + 1000000, path, size, media, provider, destination, key,
            options, state, asset, words FROM upload WHERE id <= 13";
    assert_eq!(db.execute(sql, []).unwrap(), 13);
    window.wait_for("34 uploads · kept on this computer");
    window.wait_for("History, 34");
    let field = window.harness.get_by_label("Search the history by name, ID, account or provider");
    field.focus();
    field.type_text("flow-music");
    // Whatever is found is never more than there is.
    for _ in 0..50 {
        window.harness.step();
        assert!(!window.has("34 of 21") && !window.has("of 0 uploads"), "{}", window.tree());
    }
    window.wait_for("34 of 34 uploads");
}

#[test]
fn what_an_agent_sends_is_there_at_once_and_says_which_agent_it_was() {
    let home = tempfile::tempdir().unwrap();
    plant(home.path(), [Seed::done("mine.png", Timestamp::from_second(1_000_000).unwrap())]);
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.wait_for("History, 1");
    window.open_history();
    window.wait_for("mine.png");
    // As `hoist mcp` writes it.
    let db = rusqlite::Connection::open(window.home.path().join("data/history.db")).unwrap();
    let sql = "INSERT INTO upload (id, run, queued, added, behind, asked, path, size, media, provider, destination, key,
            options, state, asset, words, agent)
        SELECT id + 1000, run, queued, added, id + 1000, asked + 1000000, CAST('/renders/agents.png' AS BLOB), size, media, provider,
            destination, key, options, state, asset, words, 'render-bot' FROM upload";
    assert_eq!(db.execute(sql, []).unwrap(), 1);
    window.wait_for("History, 2");
    window.wait_for("agents.png");
    window.select("agents.png");
    window.press(Key::Enter);
    window.wait_for("render-bot");
    window.press(Key::ArrowRight);
    window.wait_until_gone("render-bot");
}

#[test]
fn a_destination_that_another_program_removes_is_gone_here_and_that_is_said() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::inside(home.path());
    std::fs::create_dir_all(&folders.settings).unwrap();
    let settings = "chosen = \"Covers\"\n\n[[key]]\nname = \"useapi\"\nservice = \"useapi\"\nadded = \"2026-09-03\"\n\n\
        [[destination]]\nname = \"Songs\"\nprovider = \"flow-music\"\nkey = \"useapi\"\n\n\
        [[destination]]\nname = \"Covers\"\nprovider = \"google-flow\"\nkey = \"useapi\"\n";
    std::fs::write(folders.settings.join("settings.toml"), settings).unwrap();
    let mut window = Window::in_home(home, false, Theme::Dark, [1160.0, 740.0]);
    window.wait_for("Google Flow · Covers");
    let elsewhere = SettingsFile::new(&folders);
    elsewhere.update(|s| s.destinations.retain(|d| d.name != "Covers")).unwrap();
    window.wait_for("Covers was removed or renamed by another Hoist. New files go to Flow Music · Songs");
    let chosen = window.harness.state().session().keys.chosen().unwrap().name.clone();
    assert_eq!(chosen, "Songs");
    assert!(!window.names_of(Role::RadioButton).iter().any(|name| name.starts_with("Covers")));
    // What was not chosen goes without a word, and what is new is there.
    let mut other = elsewhere.load().0.destinations[0].clone();
    other.name = "Loops".to_owned();
    elsewhere.update(|s| s.destinations.push(other)).unwrap();
    window.wait("it is there", |w| {
        w.names_of(Role::RadioButton).iter().any(|name| name == "Flow Music, Loops")
    });
}

impl Window {
    /// Where a destination of the list is.
    fn place_of(&self, destination: &str) -> At {
        let row = self.harness.query_all_by_role(Role::RadioButton).find(|row| {
            let node = egui_kittest::kittest::NodeT::accesskit_node(row);
            node.label().is_some_and(|label| label.starts_with(destination))
        });
        let at = row.unwrap().rect().center();
        At::Pixels(at.x as i32, at.y as i32)
    }

    fn hold(&mut self, at: At) {
        self.hold_kinds(at, Hover { count: 1, types: vec![] });
    }

    fn hold_kinds(&mut self, at: At, hover: Hover) {
        let inbox = self.harness.state().inbox();
        inbox.put(WindowEvent::HeldAt(at));
        inbox.put(WindowEvent::Hover(Some(hover)));
        self.harness.run_steps(3);
    }

    fn let_go(&mut self, handed: DroppedData, at: At) {
        let inbox = self.harness.state().inbox();
        inbox.put(WindowEvent::Hover(None));
        inbox.put(WindowEvent::Dropped(handed, Some(at)));
        self.harness.run_steps(3);
    }
}

/// Destinations that do not accept what is held are dim, the one below it is lit, and the queue stays where it is.
fn files_held_over_a_destination(theme: Theme, name: &str) {
    let mut window = Window::sized(true, theme, [1160.0, 740.0]);
    window.drop_files(&["cover.png", "photo.jpg"]);
    window.wait_for("Upload 2 files to Flow Music");
    window.harness.remove_cursor();
    window.wait_for_pictures();
    let rects = |window: &Window| {
        let all =
            window.harness.query_all_by(|node| matches!(node.role(), Role::ListItem | Role::Complementary));
        all.map(|node| node.rect()).collect::<Vec<_>>()
    };
    let (before, there) = (rects(&window), window.place_of("Indream"));
    assert_eq!(before.len(), 3, "two rows and the details");
    window.hold_kinds(there, Hover { count: 3, types: vec![(Media::Png, 1), (Media::Mp4, 2)] });
    assert!(window.has("Drop 3 files on Indream · Auto"), "{}", window.tree());
    assert!(window.has("1 image, 2 videos · all of accepted types"), "{}", window.tree());
    assert_eq!(rects(&window), before, "nothing jumps");
    let told = |name: &str| window.harness.get_by_label(name).accesskit_node().description();
    assert_eq!(told("Flow Music, Auto").as_deref(), Some("1 of 3 accepted. Not checked yet"));
    assert_eq!(told("Riffusion, Auto · legacy").as_deref(), Some("Not checked yet"), "it accepts none");
    window.harness.snapshot(format!("drop-{name}"));
    // Over the page it is the page that is lit, over its files.
    window.hold_kinds(At::Pixels(700, 400), Hover { count: 1, types: vec![(Media::Png, 1)] });
    assert!(window.has("Drop 1 file for Flow Music · Auto"), "{}", window.tree());
    window.harness.snapshot(format!("drop-page-{name}"));
}

#[test]
fn a_picture_of_files_held_over_a_destination_in_dark() {
    files_held_over_a_destination(Theme::Dark, "dark");
}

#[test]
fn a_picture_of_files_held_over_a_destination_in_light() {
    files_held_over_a_destination(Theme::Light, "light");
}

#[test]
fn files_are_not_invited_to_where_none_is_accepted() {
    let mut window = Window::sandbox();
    let (film, picture) = (Hover { count: 1, types: vec![(Media::Mp4, 1)] }, Media::Png);
    let there = window.place_of("Indream");
    window.hold_kinds(there, film);
    assert!(window.has("Drop 1 file on Indream · Auto"), "{}", window.tree());
    assert!(!window.has("Or here for"), "Flow Music accepts no video: {}", window.tree());
    window.hold_kinds(there, Hover { count: 1, types: vec![(picture, 1)] });
    assert!(window.has("Or here for Flow Music · Auto"), "{}", window.tree());
    let there = window.place_of("Flow Music");
    window.hold_kinds(there, Hover { count: 1, types: vec![(picture, 1)] });
    assert!(window.has("Drop 1 file on Flow Music · Auto"), "{}", window.tree());
    assert!(!window.has("Or here for"), "it is that one: {}", window.tree());
}

#[test]
fn what_is_dropped_on_a_destination_goes_there_and_nothing_else_changes() {
    let mut window = Window::sandbox();
    let (there, middle) = (window.place_of("PiAPI"), At::Pixels(700, 400));
    let file = |name: &str| DroppedData { files: vec![sample(name)], ..DroppedData::default() };
    window.hold(there);
    assert!(window.has("Drop 1 file on PiAPI · 24-hour link"), "{}", window.tree());
    assert!(window.has("Or here for Flow Music · Auto"), "{}", window.tree());
    window.let_go(file("cover.png"), there);
    window.wait_for("Upload 1 file to PiAPI");
    window.hold(middle);
    assert!(window.has("Drop 1 file for Flow Music"), "{}", window.tree());
    window.let_go(file("poster.webp"), middle);
    window.wait_for("Upload 2 files to 2 destinations");
    // From any page, and whatever it is.
    window.press_with(Modifiers::COMMAND, Key::Num2);
    let bytes = std::fs::read(sample("photo.jpg")).unwrap();
    let content = Some(Content { bytes, name: Some("dragged.jpg".to_owned()) });
    let there = window.place_of("Indream");
    window.hold(there);
    window.let_go(DroppedData { content, ..DroppedData::default() }, there);
    window.wait("it is in the queue", |w| w.queue().len() == 3);
    let items = window.harness.state().session().uploads.queue().items();
    let to: Vec<_> =
        items.iter().map(|item| (item.name.as_str(), item.request.destination.provider.as_str())).collect();
    assert_eq!(to, [("cover.png", "piapi"), ("poster.webp", "flow-music"), ("dragged.jpg", "indream")]);
    assert_eq!(window.harness.state().session().keys.chosen().unwrap().provider, "flow-music");
}

#[test]
fn a_link_that_is_dropped_on_a_destination_is_fetched_for_it() {
    let server =
        Server::always(Reaction::Answer(Answer::new(200, std::fs::read(sample("cover.png")).unwrap())));
    let mut window = Window::sandbox();
    let there = window.place_of("PiAPI");
    let links = vec![url::Url::parse(&format!("{}/linked.png", server.origin())).unwrap()];
    window.let_go(DroppedData { links, ..DroppedData::default() }, there);
    window.click("Fetch");
    window.wait_for("Upload 1 file to PiAPI");
}

#[test]
fn copying_a_link_that_has_expired_says_so() {
    let home = tempfile::tempdir().unwrap();
    let long_ago: Timestamp = "2024-09-03T12:00:00Z".parse().unwrap();
    let far: Timestamp = "2100-01-01T12:00:00Z".parse().unwrap();
    let link = |name: &str, expires| Seed {
        provider: "piapi",
        asset: None,
        url: Some(format!("https://storage.example.com/{name}")),
        expires: Some(expires),
        ..Seed::done(name, long_ago)
    };
    plant(home.path(), [link("old.png", long_ago), link("new.png", far)]);
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.open_history();
    window.select("new.png");
    assert_eq!(window.copy_with("Copy link: new.png"), "https://storage.example.com/new.png");
    window.harness.run_steps(3);
    assert!(!window.has("expired on"), "{}", window.tree());
    window.select("old.png");
    assert_eq!(window.copy_with("Copy link: old.png"), "https://storage.example.com/old.png");
    window.wait_for("The link of old.png expired on 3 Sep 2024");
    assert!(window.has("Send the file again for a new one"));
    window.click("Close this notice");
    assert_eq!(window.copy_from_menu("old.png", "Copy link"), "https://storage.example.com/old.png");
    window.wait_for("The link of old.png expired on 3 Sep 2024");
}

#[test]
fn in_a_low_window_the_pages_and_the_destinations_scroll_and_lie_over_nothing() {
    // 640 x 480 at 150 %, and the least window at 150 %.
    for size in [[427.0, 320.0], [320.0, 267.0]] {
        let mut window = Window::sized(true, Theme::Dark, size);
        window.wait_for("Settings");
        let rows =
            [Role::Tab, Role::RadioButton].into_iter().flat_map(|role| window.harness.get_all_by_role(role));
        let rects: Vec<_> = rows.map(|row| (row.accesskit_node().label(), row.rect())).collect();
        assert!(rects.len() >= 10, "five pages and five destinations: {rects:?}");
        for (index, (name, rect)) in rects.iter().enumerate() {
            for (other, other_rect) in &rects[..index] {
                let shared = rect.intersect(*other_rect);
                assert!(!shared.is_positive(), "{name:?} lies over {other:?} at {size:?}");
            }
        }
    }
}
