//! The history page.

use std::collections::BTreeMap;
use std::time::Duration;

use eframe::egui::{self, Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use hoist::model::destination::Destination;
use hoist::session::accounts::NewDestination;
use jiff::{Timestamp, ToSpan};

use crate::seeds::{Seed, days_ago, plant, today};
use crate::window::{Window, sample};

/// What a person types who searches.
const FIELD: &str = "Search the history by name, ID, account or provider";

impl Window {
    /// A window over a history of these uploads, and on its page.
    fn of(seeds: impl IntoIterator<Item = Seed>) -> Window {
        Window::of_sized(seeds, [1160.0, 740.0])
    }

    fn of_sized(seeds: impl IntoIterator<Item = Seed>, size: [f32; 2]) -> Window {
        let home = tempfile::tempdir().unwrap();
        plant(home.path(), seeds);
        let mut window = Window::in_home(home, true, Theme::Dark, size);
        window.open_history();
        window.harness.get_by_role_and_label(egui::Role::RadioButton, "Show as: List").click();
        window.wait("the columns", |w| !w.names_of(egui::Role::ColumnHeader).is_empty());
        window
    }

    /// Goes to the page, and waits until its uploads are read.
    pub(crate) fn open_history(&mut self) {
        self.wait("the history is counted", |w| {
            w.names_of(egui::Role::Tab).iter().any(|name| name.starts_with("History, "))
        });
        self.click_first("History, ");
        self.wait("the uploads are read", |w| !w.uploads().is_empty());
    }

    /// The uploads on screen, by the file's name.
    pub(crate) fn uploads(&self) -> Vec<String> {
        let names = self.names_of(egui::Role::ListItem);
        names.iter().map(|name| name.split(", ").next().unwrap().to_owned()).collect()
    }

    fn wait_for_rows(&mut self, rows: &[&str]) {
        self.wait(&format!("these rows: {rows:?}"), |w| w.uploads() == rows);
    }

    fn search(&mut self, text: &str) {
        let field = self.harness.get_by_label(FIELD);
        field.focus();
        field.type_text(text);
        self.harness.run_steps(2);
    }

    fn choose(&mut self, menu: &str, item: &str) {
        self.click_first(menu);
        self.harness.get_by_role_and_label(egui::Role::MenuItemRadio, item).click();
        self.harness.run_steps(3);
    }

    /// Chooses from the menu of the whole history.
    fn of_all(&mut self, item: &str) {
        self.click("More: history");
        self.harness.get_by_role_and_label(egui::Role::MenuItem, item).click();
        self.harness.run_steps(3);
    }

    fn menu(&mut self, file: &str, item: &str) {
        self.select(file);
        self.click(&format!("More: {file}"));
        self.harness.get_by_role_and_label(egui::Role::MenuItem, item).click();
        self.harness.run_steps(3);
    }
}

#[test]
fn what_was_uploaded_is_found_by_its_name_its_id_and_its_provider() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.click("PiAPI, 24-hour link");
    window.upload(&["poster.webp"], "PiAPI");
    let id = window.copy_with("Copy ID: cover.png");
    window.open_history();
    window.wait_for_rows(&["poster.webp", "cover.png"]);
    assert!(window.has("2 uploads · kept on this computer"), "{}", window.tree());
    assert!(window.has("expires in 23 h 59 m"), "a link of PiAPI lives for a day: {}", window.tree());
    for (words, found) in [("POSTER", "poster.webp"), (id.as_str(), "cover.png"), ("piapi", "poster.webp")] {
        window.search(words);
        window.wait_for_rows(&[found]);
        assert!(window.has("1 of 2 uploads"));
        window.click("Clear the search");
        window.wait_for_rows(&["poster.webp", "cover.png"]);
    }
    window.search("nothing has these words");
    window.wait_for("Nothing found");
    window.click("Show everything");
    window.wait_for_rows(&["poster.webp", "cover.png"]);
}

#[test]
fn the_history_is_narrowed_down_by_provider_and_by_time() {
    let now = Timestamp::now();
    let mut window = Window::of([
        Seed::done("new.png", now),
        Seed { provider: "piapi", ..Seed::done("week.png", days_ago(5)) },
        Seed::done("month.png", days_ago(20)),
        Seed { provider: "piapi", ..Seed::done("old.png", days_ago(400)) },
    ]);
    let all = ["new.png", "week.png", "month.png", "old.png"];
    window.wait_for_rows(&all);
    for (time, rows) in [("Last 30 days", &all[..3]), ("Last 7 days", &all[..2]), ("Today", &all[..1])] {
        window.choose("When: ", time);
        window.wait_for_rows(rows);
        assert!(window.has(&format!("When: {time}")), "the button says what is chosen");
    }
    window.choose("Provider: ", "PiAPI");
    window.wait_for("No upload fits these filters");
    window.choose("When: ", "Any time");
    window.wait_for_rows(&["week.png", "old.png"]);
    window.choose("Provider: ", "All providers");
    window.wait_for_rows(&all);
}

#[test]
fn one_account_of_a_provider_is_asked_for() {
    let sent = |name: &str, second, account| Seed { account, ..Seed::done(name, today(second)) };
    let mut window = Window::of([
        sent("hers.png", 3, Some("jane@example.com")),
        sent("his.png", 2, Some("joe@example.com")),
        sent("any.png", 1, None),
    ]);
    window.wait_for_rows(&["hers.png", "his.png", "any.png"]);
    window.click("Provider: All providers");
    let choices = |window: &Window| window.names_of(egui::Role::MenuItemRadio);
    assert!(!choices(&window).iter().any(|name| name.contains(" · ")), "each has one account");
    window.harness.key_press(Key::Escape);
    for account in ["jane@example.com", "joe@example.com"] {
        let new = NewDestination {
            provider: "flow-music".into(),
            name: None,
            account: Some(account.into()),
            options: BTreeMap::new(),
        };
        window.harness.state_mut().session_mut().keys.add_destinations("useapi".into(), vec![new]);
    }
    window.wait("both are there", |w| w.harness.state().session().keys.settings().destinations.len() == 2);
    window.choose("Provider: ", "Flow Music · jane@example.com");
    window.wait_for_rows(&["hers.png"]);
    assert!(window.has("Provider: Flow Music · jane@example.com"), "{}", window.tree());
    window.choose("Provider: ", "Flow Music");
    window.wait_for_rows(&["hers.png", "his.png", "any.png"]);
    window.choose("Provider: ", "Flow Music · joe@example.com");
    window.wait_for_rows(&["his.png"]);
    window.choose("Provider: ", "All providers");
    window.wait_for_rows(&["hers.png", "his.png", "any.png"]);
}

#[test]
fn what_is_searched_for_is_read_whole_beside_the_preview() {
    let mut window = Window::of([Seed::done("sunset over the harbour.png", today(2))]);
    window.select("sunset over the harbour.png");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::I);
    window.wait_for("Close details");
    let width = |w: &Window| w.harness.get_by_label(FIELD).rect().width();
    window.wait("the panel stands beside the page", |w| width(w) < 100.0);
    window.search("sunset over");
    window.wait("there is room for it", |w| width(w) > 140.0);
    window.click("Clear the search");
    window.harness.key_press(Key::Escape);
    window.wait("the title is back", |w| w.has("1 upload"));
}

#[test]
fn the_keyboard_reaches_the_pages_and_the_search() {
    let mut window = Window::of([Seed::done("a.png", today(9)), Seed::done("b.png", today(8))]);
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.wait_for("Nothing is sent until you press Upload");
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    window.wait_for_rows(&["a.png", "b.png"]);
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::F);
    window.harness.run_steps(3);
    window.harness.event(egui::Event::Text("b.p".into()));
    window.wait_for_rows(&["b.png"]);
}

#[test]
fn everything_a_provider_gave_back_can_be_copied() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    let id = window.copy_with("Copy ID: cover.png");
    let link = window.copy_from_menu("cover.png", "Copy link");
    window.wait_for("Link copied"); // its button copies the ID
    window.open_history();
    window.select("cover.png");
    assert_eq!(window.copy_with("Copy ID: cover.png"), id);
    window.wait_for("Copied: cover.png");
    for (item, text) in [("Copy ID", id.as_str()), ("Copy link", link.as_str())] {
        assert_eq!(window.copy_from_menu("cover.png", item), text);
        window.wait_until_gone("Remove from history");
    }
    let json = window.copy_from_menu("cover.png", "Copy JSON");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["id"], *id);
}

#[test]
fn a_right_click_opens_the_menu_of_a_row() {
    let mut window = Window::of([Seed::done("a.png", today(9))]);
    assert!(!window.has("Remove from history"));
    window.harness.get_by_role(egui::Role::ListItem).click_secondary();
    window.harness.run_steps(3);
    window.click("Remove from history");
    window.wait_for("Nothing was sent yet");
}

#[test]
fn an_upload_is_removed_and_clearing_asks_first() {
    let mut window = Window::of((0..4).map(|n| Seed::done(&format!("{n}.png"), today(9 - n))));
    window.wait_for_rows(&["0.png", "1.png", "2.png", "3.png"]);
    window.menu("1.png", "Remove from history");
    window.wait_for_rows(&["0.png", "2.png", "3.png"]);
    window.wait_for("3 uploads · kept");
    window.of_all("Clear the history");
    window.wait_for("Deletes 3 records");
    window.click("Keep it");
    window.wait_until_gone("Deletes 3 records");
    window.of_all("Clear the history");
    window.wait_for("Keep it");
    window.harness.key_press(Key::Escape);
    window.wait_until_gone("Deletes 3 records");
    window.wait_for_rows(&["0.png", "2.png", "3.png"]);
    window.of_all("Clear the history");
    window.wait_for("Clear 3 records");
    window.click("Clear 3 records");
    window.wait_for("Nothing was sent yet");
    assert!(!window.has("Undo"), "what is cleared cannot come back in part");
}

#[test]
fn sending_again_stages_the_file_for_where_it_went() {
    let mut window = Window::of([
        Seed { provider: "google-flow", ..Seed::sample("photo.jpg", today(9)) },
        Seed { account: Some("gone@example.com"), ..Seed::sample("cover.png", today(8)) },
    ]);
    window.wait_for_rows(&["photo.jpg", "cover.png"]);
    window.menu("photo.jpg", "Send again");
    window.wait_for("Upload 1 file to Google Flow");
    window.open_history();
    window.menu("cover.png", "Send again");
    // That account is on offer no more: the chosen destination takes it.
    window.wait_for("Upload 2 files to 2 destinations");
    assert_eq!(window.queue(), ["photo.jpg ready", "cover.png ready"], "nothing is sent unasked");
}

#[test]
fn what_an_account_is_called_today_is_searched() {
    let mut window = Window::sandbox();
    window.add_destination("Google Flow", "jane@example.com");
    window.upload(&["cover.png"], "Google Flow");
    let to = window.harness.state().session().keys.chosen().unwrap();
    let (before, after) =
        (to.name.clone(), Destination { name: "Spring films".to_owned(), ..(**to).clone() });
    window.harness.state_mut().session_mut().keys.change_destination(before, after);
    window.wait_for("Google Flow · Spring films");
    window.open_history();
    window.type_into(FIELD, "springs");
    window.wait_for("Nothing has “springs”");
    window.type_into(FIELD, "spring");
    window.wait_for_rows(&["cover.png"]);
    assert!(window.has("Spring films"), "that is what is read: {}", window.tree());
}

#[test]
fn what_is_undone_on_another_page_is_seen() {
    let mut window = Window::sandbox();
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window.press_with(Modifiers::COMMAND, Key::Num2);
    window.wait_for("Nothing was sent yet");
    window.press_with(Modifiers::COMMAND, Key::Z);
    window.wait_for("Drop images"); // the queue, without it
    assert_eq!(window.queue(), Vec::<String>::new());
}

#[test]
fn what_is_sent_again_waits_for_upload_and_for_nothing_else() {
    let mut window = Window::sandbox();
    window.upload(&["cover.png"], "Flow Music");
    window.open_history();
    // That the same content is there was known when it was asked for.
    window.menu("cover.png", "Send again");
    window.wait_for("Upload 1 file to Flow Music");
    assert_eq!(window.queue(), ["cover.png done", "cover.png ready"]);
    window.click("Upload 1 file to Flow Music");
    window.wait_for("Copy 2 IDs");
}

#[test]
fn a_file_that_is_gone_is_not_shown_and_that_is_said() {
    let mut window = Window::of([Seed::done("lost.png", today(9))]);
    for what in ["Reveal file", "Open file"] {
        window.menu("lost.png", what);
        window.wait_for("lost.png was moved or deleted");
        window.click("Close this notice");
        window.wait_until_gone("lost.png was moved or deleted");
    }
}

#[test]
fn what_became_of_an_upload_stands_in_its_row() {
    let now = Timestamp::now();
    let refused = r#"{"kind":"policy","message":"It is against the rules","said":null,"next":"n","until":null,"support":null}"#;
    let link = |hours: i64| Seed {
        url: Some("https://storage.example.com/a/b.png".into()),
        asset: None,
        expires: Some(now.checked_add(hours.hours()).unwrap().checked_add(30.seconds()).unwrap()),
        ..Seed::done("link.png", today(3))
    };
    let state =
        |state, second| Seed { state, asset: None, ..Seed::done(&format!("{state}.png"), today(second)) };
    let mut window = Window::of([
        Seed::done("kept.png", today(9)),
        Seed { failure: Some(refused), ..state("refused", 8) },
        state("held", 7),
        state("unknown", 6),
        state("cancelled", 5),
        Seed { state: "resting", ..Seed::done("resting.png", today(4)) },
        link(2),
        Seed { path: "/nowhere/gone.png".into(), asked: today(2), ..link(-2) },
    ]);
    window.wait("all rows are read", |w| w.uploads().len() == 8 && w.has("expired"));
    let rows = window.names_of(egui::Role::ListItem);
    let ends: Vec<_> = rows.iter().map(|row| row.rsplit(", ").next().unwrap()).collect();
    assert_eq!(
        ends,
        [
            "uploaded",
            "not accepted",
            "held",
            "no answer: it may exist",
            "cancelled",
            "still processing",
            "expires in 2 h 0 m",
            "expired"
        ]
    );
    assert!(window.has("It is against the rules"), "why there is no id");
    assert_eq!(rows[0], "kept.png, Flow Music, Auto, 00:00, uploaded");
    // The minutes count down, nothing else moves.
    window.wait_for_pictures();
    window.wait("the window rests", |w| w.rests_for() > Duration::from_millis(500));
    assert!(window.rests_for() <= Duration::from_mins(1), "{:?}", window.rests_for());
}

#[test]
fn nothing_is_drawn_while_nothing_happens_in_the_history() {
    let mut window = Window::of((0..100).map(|n| Seed::done(&format!("{n}.png"), days_ago(n + 1))));
    window.wait_for_pictures();
    window.wait("the window rests", |w| w.rests_for() > Duration::from_secs(10));
}

#[test]
fn of_a_long_history_only_what_is_on_screen_is_read() {
    let count = 100_000;
    let first = Timestamp::now();
    let at = |n: i64| first.checked_sub((n * 60).seconds()).unwrap();
    let mut window = Window::of((0..count).map(|n| Seed::done(&format!("file-{n}.png"), at(n))));
    window.wait_for("100,000 uploads · kept on this computer");
    let read = |w: &Window| w.harness.state().uploads_in_memory();
    assert!(window.uploads().len() < 20 && read(&window) < 100, "{} rows", window.uploads().len());
    window.harness.key_press(Key::End);
    window.wait("the last row", |w| w.uploads().last().is_some_and(|name| name == "file-99999.png"));
    assert!(window.uploads().len() < 20 && read(&window) < 200, "{} rows", window.uploads().len());
    for _ in 0..40 {
        window.harness.key_press(Key::PageUp);
        window.harness.run_steps(2);
    }
    window.wait("the rows are read", |w| w.uploads().len() > 10);
    assert!(read(&window) <= 400, "{} uploads are in memory", read(&window));
    window.search("file-4711.");
    window.wait_for_rows(&["file-4711.png"]);
}

#[test]
fn rows_stay_where_they_are_when_something_is_uploaded() {
    let mut window =
        Window::of((0..200).map(|n| Seed::done(&format!("{n}.png"), days_ago(1) - (n * 60).seconds())));
    for _ in 0..3 {
        window.harness.key_press(Key::PageDown);
        window.harness.run_steps(2);
    }
    window.wait("the rows are read", |w| w.uploads().len() > 10);
    let before = window.uploads();
    assert!(!before.contains(&"0.png".to_owned()), "{before:?}");
    window.harness.state_mut().session_mut().add_files([sample("cover.png")]);
    window
        .wait("the file is ready", |w| w.harness.state().session().uploads.queue().items()[0].is_sendable());
    window.harness.state_mut().session_mut().uploads.upload_all();
    window.wait("the upload is done", |w| w.queue() == ["cover.png done"]);
    window.wait("it is in the table", |w| w.names_of(egui::Role::List) == ["201 uploads"]);
    window.wait("the rows are read", |w| w.uploads().len() > 10);
    assert_eq!(window.uploads(), before);
    window.harness.key_press(Key::Home);
    window.wait("the new one is the first", |w| w.uploads().first().is_some_and(|name| name == "cover.png"));
}

#[test]
fn hostile_names_and_ids_are_shown_and_not_obeyed() {
    let mut window = Window::of([Seed {
        asset: Some("id\u{202e}\u{7}".into()),
        account: Some("a\u{202e}b"),
        ..Seed::done("a\u{202e}gnp.png", today(9))
    }]);
    assert!(window.has("a\\u{202e}gnp.png") && window.has("id\\u{202e}\\u{7}") && window.has("a\\u{202e}b"));
    assert!(!window.tree().contains('\u{202e}'), "{}", window.tree());
    window.wait_for_pictures();
}

#[test]
fn every_control_of_the_history_has_a_name() {
    for size in [[1160.0, 740.0], [640.0, 480.0], [480.0, 400.0]] {
        let mut window = Window::of_sized([Seed::done("a.png", today(9))], size);
        window.search("a");
        assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
        window.select("a.png");
        for menu in ["More: a.png", "More: history", "Provider: All providers", "When: Any time"] {
            window.click(menu);
            window.harness.run_steps(2);
            assert!(
                window.names_of(egui::Role::MenuItem).len()
                    + window.names_of(egui::Role::MenuItemRadio).len()
                    > 1
            );
            assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new(), "{menu}");
            window.harness.key_press(Key::Escape);
            window.harness.run_steps(2);
        }
        window.of_all("Clear the history");
        window.wait_for("Keep it");
        assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    }
}

#[test]
fn nothing_overlaps_however_narrow_the_window_is() {
    for width in [480.0, 560.0, 639.0, 640.0, 700.0, 800.0, 900.0, 1036.0, 1037.0, 1160.0, 1600.0] {
        let long = "a-very-long-name-of-a-file-that-goes-on-and-on-until-there-is-no-more-room-for-it.png";
        let mut window = Window::of_sized(
            [Seed { account: Some("a.very.long.account@studio.example.com"), ..Seed::done(long, today(9)) }],
            [width, 560.0],
        );
        window.harness.run_steps(2);
        let inputs = [egui::Role::Button, egui::Role::TextInput, egui::Role::Tab, egui::Role::RadioButton];
        let mut places = vec![];
        for node in window.harness.root().children_recursive() {
            let node = node.accesskit_node();
            let is_text = node.role() == egui::Role::Label && node.value().is_some_and(|v| !v.is_empty());
            if inputs.contains(&node.role()) || is_text {
                let Some(bounds) = node.raw_bounds() else { continue };
                let name = node.label().or_else(|| node.value()).unwrap_or_default();
                places.push((name, bounds));
            }
        }
        assert!(places.len() > 10);
        for (n, (name, a)) in places.iter().enumerate() {
            assert!(a.x1 <= f64::from(width) + 0.5 && a.x0 >= -0.5, "{width}: {name} leaves the window");
            for (other, b) in &places[n + 1..] {
                // Buttons inside the search field are meant to be there.
                let apart =
                    a.x1 <= b.x0 + 0.5 || b.x1 <= a.x0 + 0.5 || a.y1 <= b.y0 + 1.0 || b.y1 <= a.y0 + 1.0;
                assert!(apart, "{width}: {name} and {other} overlap: {a:?} {b:?}");
            }
        }
    }
}

#[test]
fn escape_clears_the_search_and_then_leaves_it() {
    let mut window = Window::of([Seed::done("cover.png", today(1)), Seed::done("poster.png", today(2))]);
    window.search("cov");
    window.wait_for_rows(&["cover.png"]);
    window.press(Key::Escape);
    window.wait("everything is listed", |w| w.uploads().len() == 2);
    assert_eq!(window.focused().as_deref(), Some(FIELD), "to search for something else");
    window.press(Key::Escape);
    assert_ne!(window.focused().as_deref(), Some(FIELD));
    // From the list it is the last that is left.
    window.search("cov");
    window.wait_for_rows(&["cover.png"]);
    window.press(Key::ArrowDown);
    window.press(Key::Escape);
    assert_eq!(window.uploads(), ["cover.png"], "nothing is selected any more");
    window.press(Key::Escape);
    window.wait("everything is listed", |w| w.uploads().len() == 2);
}
