//! The history as a place to work: its days, what is selected in it, and what is done with several uploads at once.

use std::time::Duration;

use eframe::egui::{Key, Modifiers, Role, Theme};
use egui_kittest::kittest::{NodeT, Queryable};
use jiff::{Timestamp, ToSpan, Zoned};

use crate::seeds::{Seed, plant};
use crate::window::{Window, sample};

/// So many days before today, in seconds after the midnight with which that day began. Whatever the hour is at which the
/// tests run, it is that day.
fn day(ago: i64, second: i64) -> Timestamp {
    let midnight = Zoned::now().checked_sub(ago.days()).unwrap().start_of_day().unwrap();
    midnight.timestamp() + second.seconds()
}

/// The names of the files that `day_by_day` has, as a page shows them.
const FILES: [&str; 9] = ["a.png", "b.png", "c.png", "d.png", "e.png", "f.png", "g.png", "h.png", "i.png"];

/// Three of today, five of yesterday, one of long ago.
fn day_by_day() -> Vec<Seed> {
    let at = |n: i64| match n {
        0..3 => day(0, 9 - n),
        3..8 => day(1, 9 - n),
        _ => "2024-09-03T12:00:00Z".parse().unwrap(),
    };
    let provider = |n| ["google-flow", "indream", "flow-music"][n % 3];
    let seed = |(n, name): (usize, &&str)| Seed {
        provider: provider(n),
        account: (provider(n) == "indream").then_some("9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"),
        ..Seed::done(name, at(n as i64))
    };
    FILES.iter().enumerate().map(seed).collect()
}

impl Window {
    /// A window on the page of this history.
    fn over(seeds: &[Seed], size: [f32; 2]) -> Window {
        // What is today must be so when it is looked at: at midnight it is planted once more.
        loop {
            let today = Zoned::now().date();
            let home = tempfile::tempdir().unwrap();
            plant(home.path(), seeds.iter().cloned());
            let mut window = Window::in_home(home, true, Theme::Dark, size);
            window.open_history();
            if Zoned::now().date() == today {
                return window;
            }
        }
    }

    fn over_days() -> Window {
        Window::over(&day_by_day(), [1160.0, 740.0])
    }

    /// The uploads that are seen as selected.
    fn picked(&self) -> Vec<String> {
        let rows = self.harness.query_all_by_role(Role::ListItem);
        let selected = rows.filter(|row| row.accesskit_node().is_selected() == Some(true));
        let names = selected.filter_map(|row| row.accesskit_node().label());
        names.map(|name| name.split(", ").next().unwrap().to_owned()).collect()
    }

    /// The keyboard is at this upload, which is the only one that is selected.
    #[track_caller]
    fn stands_on(&self, file: &str) {
        assert_eq!(self.picked(), [file]);
        let focused = self.focused().unwrap_or_default();
        assert!(focused.starts_with(&format!("{file}, ")), "the keyboard is at {focused:?}, not at {file}");
    }

    fn show_as(&mut self, style: &str) {
        let name = format!("Show as: {style}");
        self.harness.get_by_role_and_label(Role::RadioButton, &name).click();
        self.harness.run_steps(3);
    }

    /// Presses a button, and gives back what is copied as soon as it was read.
    fn copy_read(&mut self, button: &str) -> String {
        self.wait_for(button);
        self.harness.get_by_role_and_label(Role::Button, button).click();
        let text = self.next_copied(button);
        self.harness.run_steps(2);
        text
    }
}

#[test]
fn uploads_stand_below_their_days_with_their_number() {
    let mut window = Window::over_days();
    let days = ["Today · 3", "Yesterday · 5", "3 Sep 2024 · 1"];
    let shown = |w: &Window| {
        let names = w.names_of(Role::Heading);
        names.into_iter().filter(|name| name.contains(" · ")).collect::<Vec<_>>()
    };
    for style in ["Grid", "List"] {
        window.show_as(style);
        window.wait("the days", |w| shown(w) == days && w.uploads() == FILES);
    }
    window.harness.get_by_role(Role::TextInput).focus();
    window.type_in("c.png");
    window.wait("what is found", |w| shown(w) == ["Today · 1"]);
}

#[test]
fn the_history_is_shown_as_it_was_in_the_run_before() {
    let mut window = Window::over_days();
    assert!(window.names_of(Role::ColumnHeader).is_empty(), "pictures beside each other at first");
    window.show_as("List");
    window.wait("columns", |w| !w.names_of(Role::ColumnHeader).is_empty());
    let mut window = window.restart();
    window.open_history();
    assert!(!window.names_of(Role::ColumnHeader).is_empty());
    let chosen = window.harness.get_by_role_and_label(Role::RadioButton, "Show as: List");
    assert_eq!(chosen.accesskit_node().toggled(), Some(eframe::egui::accesskit::Toggled::True));
}

#[test]
fn arrows_go_from_picture_to_picture_in_two_dimensions() {
    let mut window = Window::over_days();
    // a b c / d e f g h / i
    window.press(Key::ArrowDown);
    window.stands_on("a.png");
    for (key, file) in [
        (Key::ArrowRight, "b.png"),
        (Key::ArrowDown, "e.png"),
        (Key::ArrowRight, "f.png"),
        (Key::ArrowUp, "c.png"),
        (Key::ArrowRight, "d.png"),
        (Key::ArrowLeft, "c.png"),
        (Key::ArrowDown, "f.png"),
        (Key::ArrowDown, "i.png"),
        (Key::ArrowDown, "i.png"),
        (Key::ArrowUp, "d.png"),
        (Key::End, "i.png"),
        (Key::Home, "a.png"),
        (Key::ArrowLeft, "a.png"),
    ] {
        window.press(key);
        window.stands_on(file);
    }
    window.show_as("List");
    window.select("c.png");
    window.press(Key::ArrowDown);
    window.stands_on("d.png");
}

#[test]
fn uploads_are_selected_as_files_of_the_queue_are() {
    let mut window = Window::over_days();
    window.select("b.png");
    window.select_with(Modifiers::SHIFT, "e.png");
    window.select_with(Modifiers::COMMAND, "c.png");
    window.select_with(Modifiers::COMMAND, "i.png");
    assert_eq!(window.picked(), ["b.png", "d.png", "e.png", "i.png"]);
    window.wait_for("Indream 2 · Google Flow 1 · Flow Music 1");
    window.press_with(Modifiers::COMMAND, Key::A);
    assert_eq!(window.picked(), FILES);
    window.wait_for("9 selected");
    window.press(Key::Escape);
    window.harness.run_steps(3);
    assert_eq!((window.picked(), window.focused()), (vec![], None));
    assert!(window.has("Nothing selected"), "{}", window.tree());
    window.select("a.png");
    window.press_with(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(window.picked(), ["a.png", "b.png", "c.png", "d.png"]);
}

#[test]
fn a_search_takes_what_it_hides_out_of_the_selection() {
    let mut window = Window::over_days();
    window.select("b.png");
    window.select_with(Modifiers::COMMAND, "c.png");
    window.press_with(Modifiers::COMMAND, Key::F);
    window.type_in("c.png");
    window.wait("what is found", |w| w.uploads() == ["c.png"]);
    assert_eq!(window.picked(), ["c.png"], "what cannot be seen is not acted on");
    window.wait_for("1 selected");
    window.press_with(Modifiers::COMMAND, Key::F);
    window.type_in("a.png");
    window.wait("another one", |w| w.uploads() == ["a.png"]);
    assert_eq!(window.picked(), Vec::<String>::new(), "nor is what took its place");
}

#[test]
fn the_search_begins_anew_and_leads_into_what_it_found() {
    let mut window = Window::over_days();
    window.press_with(Modifiers::COMMAND, Key::F);
    window.type_in("b.png");
    window.wait("what is found", |w| w.uploads() == ["b.png"]);
    window.press_with(Modifiers::COMMAND, Key::F);
    window.type_in("c");
    window.type_in(".png");
    window.wait("what was there is typed over", |w| w.uploads() == ["c.png"]);
    window.press(Key::ArrowDown);
    window.stands_on("c.png");
    window.harness.event(eframe::egui::Event::Copy);
    assert_eq!(window.next_copied("Ctrl+C"), "id-of-c.png");
}

#[test]
fn the_results_of_several_are_copied_in_the_order_of_the_page() {
    let mut window = Window::over_days();
    window.select("e.png");
    window.select_with(Modifiers::COMMAND, "a.png");
    window.select_with(Modifiers::COMMAND, "b.png");
    let all = "id-of-a.png\nid-of-b.png\nid-of-e.png";
    assert_eq!(window.copy_read("Copy 3 IDs"), all);
    window.wait_for("Copied");
    window.harness.event(eframe::egui::Event::Copy);
    assert_eq!(window.next_copied("Ctrl+C"), all);
    window.select("c.png");
    window.select_with(Modifiers::COMMAND, "d.png");
    window.wait_for("Copy 2 IDs");
    window.click("Format: ID");
    window.harness.get_by_role_and_label(Role::MenuItemRadio, "Markdown").click();
    let copied = window.copy_read("Copy 2 as Markdown");
    assert_eq!(copied, "c\\.png: `id-of-c.png`\nd\\.png: `id-of-d.png`".replace("\\.", "."));
}

#[test]
fn what_has_no_result_is_not_counted_among_what_is_copied() {
    let refused = Seed { state: "refused", asset: None, ..Seed::done("refused.png", day(0, 2)) };
    let mut window = Window::over(&[Seed::done("a.png", day(0, 3)), refused], [1160.0, 740.0]);
    window.press_with(Modifiers::COMMAND, Key::A);
    window.wait("one of both", |w| w.harness.query_by_label("Copy ID").is_some());
    assert!(window.has("2 selected"));
    window.select("refused.png");
    window.wait("nothing of it can be copied", |w| w.harness.query_by_label("Copy ID").is_none());
    assert!(window.has("Send again to…") && window.has("Remove"), "{}", window.tree());
}

#[test]
fn several_are_removed_and_come_back() {
    for (button, key) in [(Some("Remove"), None), (None, Some(Key::Delete))] {
        let mut window = Window::over_days();
        window.select("b.png");
        window.select_with(Modifiers::SHIFT, "d.png");
        window.wait_for("3 selected");
        match (button, key) {
            (Some(button), _) => {
                let is_there = |w: &Window| w.harness.query_by_role_and_label(Role::Button, button).is_some();
                window.wait("the button", is_there);
                window.harness.get_by_role_and_label(Role::Button, button).click();
            }
            (_, Some(key)) => window.harness.key_press(key),
            _ => {}
        }
        window.wait("they are gone", |w| w.uploads().len() == 6);
        window.wait_for("3 uploads removed from the history");
        window.wait_for("6 uploads · kept on this computer");
        assert_eq!(window.picked(), ["e.png"], "the next one is selected");
        window.click("Undo");
        window.wait("they are back", |w| w.uploads() == FILES);
        assert_eq!(window.picked(), ["b.png", "c.png", "d.png"], "and selected, as they were");
        window.wait_for("9 uploads · kept on this computer");
        window.press_with(Modifiers::COMMAND, Key::A);
        window.press(Key::Delete);
        window.wait_for("Nothing was sent yet");
        let mut window = window.restart();
        window.press_with(Modifiers::COMMAND, Key::Num2);
        window.wait_for("Nothing was sent yet");
    }
}

#[test]
fn of_two_removals_the_last_comes_back() {
    let mut window = Window::over_days();
    for (name, left) in [("b.png", 8), ("d.png", 7)] {
        window.select(name);
        window.press(Key::Delete);
        window.wait("it is gone", |w| w.uploads().len() == left);
    }
    window.wait_for("d.png removed from the history");
    window.click("Undo");
    window.wait("the last is back", |w| {
        w.uploads().len() == 8 && w.uploads().iter().any(|name| name.contains("d.png"))
    });
    window.wait_for("8 uploads · kept on this computer");
}

#[test]
fn several_are_sent_again_to_where_they_were_or_somewhere_else() {
    let sent = |name: &str, provider, second| Seed { provider, ..Seed::sample(name, day(0, second)) };
    let all = || {
        vec![
            sent("cover.png", "google-flow", 5),
            sent("photo.jpg", "flow-music", 4),
            sent("poster.webp", "google-flow", 3),
        ]
    };
    let destinations = |w: &Window| {
        let items = w.harness.state().session().uploads.queue().items();
        items.iter().map(|item| item.request.destination.provider.clone()).collect::<Vec<_>>()
    };
    let mut window = Window::over(&all(), [1160.0, 740.0]);
    window.click("PiAPI, 24-hour link");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.click("Send again to…");
    window.wait_for("Send 3 files again to");
    window.click("Where each went before");
    window.wait_for("Upload 3 files to 2 destinations");
    assert_eq!(destinations(&window), ["google-flow", "google-flow", "flow-music"]);
    let mut window = Window::over(&all(), [1160.0, 740.0]);
    window.select("cover.png");
    window.select_with(Modifiers::COMMAND, "poster.webp");
    window.press_with(Modifiers::COMMAND, Key::D);
    window.wait_for("Send 2 files again to");
    assert!(!window.has("Where each went before"), "both went to the same");
    window.harness.get_by_role_and_label(Role::Button, "Flow Music · Auto").click();
    window.wait_for("Upload 2 files to Flow Music");
    assert_eq!(window.queue(), ["cover.png ready", "poster.webp ready"], "nothing is sent unasked");
}

#[test]
fn only_destinations_that_accept_the_files_are_offered() {
    let mut window = Window::over(&[Seed::sample("tone.wav", day(0, 3))], [1160.0, 740.0]);
    window.select("tone.wav");
    window.click("Send again to…");
    window.wait_for("Send tone.wav again to");
    assert!(window.harness.query_by_role_and_label(Role::Button, "Google Flow · Auto").is_none());
    window.press(Key::Escape);
    window.wait_until_gone("Send tone.wav again to");
    window.stands_on("tone.wav");
}

#[test]
fn one_upload_has_its_file_and_its_link() {
    let url = |name: &str| Some(format!("https://storage.example.com/{name}"));
    let long_ago: Timestamp = "2024-09-03T12:00:00Z".parse().unwrap();
    let gone = Seed { url: url("gone"), expires: Some(long_ago), ..Seed::done("gone.png", day(0, 2)) };
    let mut window = Window::over(
        &[Seed { url: url("a"), ..Seed::sample("cover.png", day(0, 3)) }, gone],
        [1160.0, 740.0],
    );
    window.select("cover.png");
    window.wait_for("Reveal");
    window.harness.get_by_role_and_label(Role::Button, "Open link").click();
    window.harness.step();
    let opened = window.harness.output().platform_output.commands.iter().find_map(|command| match command {
        eframe::egui::OutputCommand::OpenUrl(open) => Some(open.url.clone()),
        _ => None,
    });
    assert_eq!(opened.as_deref(), Some("https://storage.example.com/a"));
    window.select("gone.png");
    window.wait("another one", |w| w.picked() == ["gone.png"] && w.has("Reveal"));
    window.wait_until_gone("Open link");
    window.press_with(Modifiers::COMMAND, Key::A);
    window.wait_until_gone("Reveal");
}

#[test]
fn the_preview_opens_beside_the_page_and_follows_what_is_selected() {
    let sent = |name: &str, second| Seed::sample(name, day(0, second));
    let mut window = Window::over(&[sent("cover.png", 5), sent("tone.wav", 4)], [1160.0, 740.0]);
    window.select("cover.png");
    window.harness.run_steps(3);
    assert!(!window.has("Preview of"), "nothing moves because something is selected");
    window.press(Key::Enter);
    window.wait_for("Preview of cover.png");
    window.wait_for("PNG image");
    window.stands_on("cover.png");
    window.press(Key::ArrowRight);
    window.wait_for("Waveform of tone.wav");
    window.wait("it is copied from there, too", |w| w.has("Copy id"));
    assert_eq!(window.harness.unnamed_widgets(), Vec::<String>::new());
    window.press_with(Modifiers::COMMAND, Key::I);
    window.wait_until_gone("Waveform of tone.wav");
    // Escape closes what was opened, and only then leaves the selection.
    window.harness.get_by_role_and_label(Role::Button, "Details").click();
    window.wait_for("Waveform of tone.wav");
    window.press(Key::Escape);
    window.wait_until_gone("Waveform of tone.wav");
    assert_eq!(window.picked(), ["tone.wav"]);
    window.press(Key::Escape);
    window.wait_for("Nothing selected");
    let mut window = Window::over(&[sent("cover.png", 5)], [640.0, 480.0]);
    window.select("cover.png");
    window.press(Key::Space);
    window.wait_for("Details");
    window.wait_for("Preview of cover.png");
    window.press(Key::Escape);
    window.wait_until_gone("Preview of cover.png");
}

#[test]
fn of_a_file_that_is_another_one_by_now_the_picture_is_not_shown() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("cover.png");
    std::fs::copy(sample("cover.png"), &file).unwrap();
    plant(home.path(), [Seed { path: file.clone(), ..Seed::done("cover.png", day(0, 1)) }]);
    std::fs::copy(sample("anim.gif"), &file).unwrap();
    let mut window = Window::in_home(home, true, Theme::Dark, [1160.0, 740.0]);
    window.open_history();
    window.select("cover.png");
    window.press(Key::Enter);
    window.wait_for("id-of-cover.png");
    window.wait_for_pictures();
    assert!(!window.has("Preview of cover.png"), "{}", window.tree());
}

#[test]
fn entries_are_items_of_a_list_with_their_position() {
    for style in ["Grid", "List"] {
        let mut window = Window::over_days();
        window.show_as(style);
        let list = window.harness.get_by_role(Role::List);
        assert_eq!(list.accesskit_node().label().as_deref(), Some("9 uploads"));
        let items: Vec<_> =
            list.children_recursive().filter(|node| node.accesskit_node().role() == Role::ListItem).collect();
        let positions: Vec<_> = items.iter().map(|node| node.accesskit_node().position_in_set()).collect();
        assert_eq!(positions, (0..9).map(Some).collect::<Vec<_>>());
        let name = items[4].accesskit_node().label().unwrap();
        assert_eq!(
            name,
            format!("e.png, Indream, 9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8, 00:00, uploaded"),
            "{style}"
        );
    }
}

#[test]
fn everything_of_a_long_history_is_selected_copied_and_counted_off_screen() {
    let first = day(0, 0);
    let seeds = (0..12_000).map(|n: i64| Seed::done(&format!("{n}.png"), first - (n * 60).seconds()));
    let mut window = Window::over(&seeds.collect::<Vec<_>>(), [1160.0, 740.0]);
    window.press_with(Modifiers::COMMAND, Key::A);
    window.wait_for("12,000 selected");
    window.wait_for("Copy 12000 IDs");
    assert!(window.uploads().len() < 60, "{}", window.uploads().len());
    let copied = window.copy_read("Copy 12000 IDs");
    assert_eq!(copied.lines().count(), 12_000);
    assert!(copied.starts_with("id-of-0.png\nid-of-1.png\n") && copied.ends_with("\nid-of-11999.png"));
    window.press(Key::End);
    window.wait("the last", |w| w.picked() == ["11999.png"]);
    window.wait_for_pictures();
    window.wait("the window rests", |w| w.rests_for() > Duration::from_secs(10));
    assert!(window.harness.state().uploads_in_memory() <= 400);
}

#[test]
fn nothing_of_the_grid_overlaps_however_narrow_the_window_is() {
    for width in [480.0, 639.0, 640.0, 900.0, 1160.0, 1920.0] {
        let long = "a-very-long-name-of-a-file-that-goes-on-and-on-until-there-is-no-more-room-for-it.png";
        let seeds: Vec<_> = (0..7).map(|n| Seed::done(long, day(n / 4, 9 - n))).collect();
        let mut window = Window::over(&seeds, [width, 560.0]);
        window.press(Key::ArrowDown);
        window.wait_for("Copy ID");
        window.wait_for_pictures();
        let roles =
            [Role::Button, Role::TextInput, Role::Tab, Role::RadioButton, Role::Heading, Role::Status];
        let mut places = vec![];
        for node in window.harness.root().children_recursive() {
            let node = node.accesskit_node();
            let name = node.label().or_else(|| node.value()).unwrap_or_default();
            // What can be done with a picture lies over it.
            let is_over = name.ends_with(long);
            // The last day may be scrolled behind the footer.
            let is_behind = node.role() == Role::Heading && node.raw_bounds().is_some_and(|at| at.y1 > 504.0);
            if let Some(bounds) =
                node.raw_bounds().filter(|_| roles.contains(&node.role()) && !is_over && !is_behind)
            {
                places.push((name, bounds));
            }
        }
        for (n, (name, a)) in places.iter().enumerate() {
            assert!(a.x1 <= f64::from(width) + 0.5 && a.x0 >= -0.5, "{width}: {name} leaves the window");
            for (other, b) in &places[n + 1..] {
                let apart =
                    a.x1 <= b.x0 + 0.5 || b.x1 <= a.x0 + 0.5 || a.y1 <= b.y0 + 1.0 || b.y1 <= a.y0 + 1.0;
                assert!(apart, "{width}: {name} and {other} overlap: {a:?} {b:?}");
            }
        }
        let cells = window.harness.query_all_by_role(Role::ListItem);
        assert!(
            cells.map(|cell| cell.rect()).all(|rect| rect.max.x <= width && rect.width() >= 100.0),
            "{width}"
        );
    }
}

#[test]
fn what_is_selected_stays_in_sight_when_its_details_come_and_go() {
    let seeds: Vec<_> = (0..40).map(|n| Seed::done(&format!("{n}.png"), day(0, 100 - n))).collect();
    let mut window = Window::over(&seeds, [1160.0, 740.0]);
    window.show_as("Grid");
    window.select("0.png");
    for _ in 0..14 {
        window.press(Key::ArrowRight);
    }
    let is_seen = |window: &Window| {
        let all = window.harness.query_all_by_role(Role::ListItem);
        let mut picked = all.filter(|row| row.accesskit_node().is_selected() == Some(true));
        let (header, footer) = (120.0, window.harness.get_by_label("1 selected").rect().top());
        picked.any(|row| row.rect().top() > header && row.rect().bottom() < footer)
    };
    for _ in 0..2 {
        assert!(is_seen(&window), "{}", window.tree());
        window.press_with(Modifiers::COMMAND, Key::I);
        window.harness.run_steps(6);
    }
    // Of several there are no details.
    assert!(window.names_of(Role::Button).contains(&"Details".to_owned()));
    window.press_with(Modifiers::SHIFT, Key::ArrowRight);
    window.wait_for("2 selected");
    window.wait("they are not offered", |w| !w.names_of(Role::Button).contains(&"Details".to_owned()));
}
