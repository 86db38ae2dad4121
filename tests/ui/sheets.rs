//! Every sheet after every other, in a small window: as high as what is in it, and whole within the window.

use eframe::egui::{Id, Key, Modifiers, Rect, Role, Theme, pos2};
use egui_kittest::kittest::Queryable;
use hoist::model::drop_data::DroppedData;
use hoist::model::secret::Key as ApiKey;
use hoist::platform::inbox::WindowEvent;
use hoist::session::Start;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use url::Url;

use crate::window::{KEY, Window, sample};

const SMALL: [f32; 2] = [640.0, 480.0];

const SETTINGS: &str = r#"
[[key]]
name = "useapi"
service = "useapi"
added = "2026-09-03"

[[destination]]
name = "Flow Music · jane@studio.com"
provider = "flow-music"
key = "useapi"
account = "jane@studio.com"

[[destination]]
name = "Google Flow"
provider = "google-flow"
key = "useapi"
"#;

/// A window of this size with a key, two destinations and a file that is selected.
fn window(size: [f32; 2]) -> Window {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::inside(home.path());
    std::fs::create_dir_all(&folders.settings).unwrap();
    std::fs::write(folders.settings.join("settings.toml"), SETTINGS).unwrap();
    let keys = Keys::in_memory();
    keys.put("useapi", ApiKey::new(KEY.to_owned()).unwrap()).unwrap();
    let many = home.path().join("many");
    std::fs::create_dir(&many).unwrap();
    for n in 0..51 {
        std::fs::copy(sample("cover.png"), many.join(format!("{n}.png"))).unwrap();
    }
    let mut window = Window::started(home, Theme::Dark, size, |start| Start { keys, ..start });
    window.drop_files(&["cover.png"]);
    window.wait_for("Upload 1 file to Flow Music");
    window
}

/// Something that lies over the window.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sheet {
    Add,
    NewKey,
    ReplaceKey,
    Pick,
    Edit,
    Rename,
    Places,
    Fetch,
    Paths,
    Shortcuts,
    Licences,
    Much,
    RemoveKey,
    Commands,
}

use Sheet::{
    Add, Commands, Edit, Fetch, Licences, Much, NewKey, Paths, Pick, Places, RemoveKey, Rename, ReplaceKey,
    Shortcuts,
};

const ALL: [Sheet; 14] = [
    Add, NewKey, ReplaceKey, Pick, Edit, Rename, Places, Fetch, Paths, Shortcuts, Licences, Much, RemoveKey,
    Commands,
];

impl Window {
    fn page(&mut self, key: Key) {
        self.press_with(Modifiers::COMMAND, key);
    }

    /// Opens it from wherever the window is; gives back its title.
    fn open(&mut self, sheet: Sheet) -> String {
        match sheet {
            Add => self.click_first("Add destination"),
            NewKey | ReplaceKey | Edit | Rename | RemoveKey => self.page(Key::Num3),
            Pick => {
                self.click_first("Add destination");
                self.click("Show accounts");
            }
            Places => {
                self.page(Key::Num1);
                self.select("cover.png");
            }
            Licences => self.page(Key::Comma),
            Fetch | Paths | Shortcuts | Much | Commands => self.page(Key::Num1),
        }
        match sheet {
            NewKey => self.click("Add API key"),
            ReplaceKey => {
                self.click("More: key useapi");
                self.click("Replace key…");
            }
            Edit => {
                self.click("More: Google Flow");
                self.click("Name and options…");
            }
            Rename => {
                self.click("More: key useapi");
                self.click("Rename…");
            }
            RemoveKey => {
                self.click("More: key useapi");
                self.click("Remove key…");
            }
            Places => self.press_with(Modifiers::COMMAND, Key::D),
            Licences => {
                let show = self.harness.get_by_label("Licences…");
                show.click_accesskit();
            }
            Fetch => {
                let links = vec![Url::parse("https://images.example.com/a.png").unwrap()];
                self.harness
                    .state()
                    .inbox()
                    .put(WindowEvent::Handed(DroppedData { links, ..DroppedData::default() }));
            }
            Paths => self.press_with(Modifiers::COMMAND, Key::L),
            Shortcuts => self.press(Key::F1),
            Commands => self.press_with(Modifiers::COMMAND, Key::K),
            Much => {
                let folder = self.home.path().join("many");
                self.drop_paths([folder]);
            }
            Add | Pick => {}
        }
        let title = match sheet {
            Add => "Add destination",
            NewKey => "Add API key",
            ReplaceKey => "Replace the key useapi",
            Pick => "Destinations for useapi.net",
            Edit => "Name and options of Google Flow",
            Rename => "Rename the key useapi",
            Places => "Send cover.png to",
            Fetch => "Fetch from images.example.com?",
            Paths => "Add by path",
            Shortcuts => "Keyboard shortcuts",
            Licences => "Third-party licences",
            Much => "Add 51 files, ",
            RemoveKey => "Remove the key useapi.net?",
            Commands => "Find a command",
        };
        self.wait(title, |w| w.sheet(title).is_some());
        self.harness.run_steps(2);
        title.to_owned()
    }

    /// Where the sheet with this title is.
    fn sheet(&self, title: &str) -> Option<Rect> {
        let mut dialogs = self.harness.query_all_by(|node| {
            node.role() == Role::Dialog && node.label().is_some_and(|label| label.starts_with(title))
        });
        dialogs.next()?;
        self.harness.ctx.memory(|memory| memory.area_rect(Id::unique("a sheet")))
    }

    /// The last thing in the sheet: the foot ends with its buttons.
    #[track_caller]
    fn is_whole(&self, title: &str, size: [f32; 2], after: &str) {
        let sheet = self.sheet(title).unwrap();
        let screen = Rect::from_min_size([0.0, 0.0].into(), size.into());
        assert!(screen.contains_rect(sheet), "{title} {after}: {sheet:?} is not within the window");
        let titles = self.harness.query_all_by(|node| {
            node.role() == Role::Label && node.value().is_some_and(|words| words.starts_with(title))
        });
        let mut titles = titles.map(|node| node.rect()).filter(|title| sheet.contains_rect(*title));
        let head = titles.find(|title| title.top() - sheet.top() < 24.0);
        assert!(head.is_some(), "{title} {after}: its title is not at its top");
        let buttons = self.harness.query_all_by(|node| {
            let labels = ["Close", "Cancel", "Keep it"];
            node.role() == Role::Button && node.label().is_some_and(|label| labels.contains(&&*label))
        });
        let foot = buttons.map(|node| node.rect()).max_by(|a, b| a.top().total_cmp(&b.top())).unwrap();
        assert!(sheet.contains_rect(foot), "{title} {after}: its button is at {foot:?}, it at {sheet:?}");
        assert!((sheet.bottom() - foot.bottom()) < 24.0, "{title} {after}: {foot:?} in {sheet:?}");
    }

    /// Opens a sheet by a key; gives back where its title is in the first frame in which it is seen.
    fn open_by_key(&mut self, (modifiers, key): (Modifiers, Key), title: &str) -> Option<Rect> {
        self.harness.key_press_modifiers(modifiers, key);
        (0..6).find_map(|_| {
            self.harness.step();
            let output = &self.harness.output().platform_output;
            assert!(!output.requested_discard(), "{title} is seen where it does not stay");
            self.title_rect(title)
        })
    }

    fn title_rect(&self, title: &str) -> Option<Rect> {
        let titles = self.harness.query_all_by(|node| {
            let is_in_sheet = std::iter::successors(node.parent(), |node| node.parent())
                .any(|node| node.role() == Role::Dialog);
            let is_title = node.value().is_some_and(|text| text.starts_with(title));
            node.role() == Role::Label && is_title && is_in_sheet
        });
        titles.map(|node| node.rect()).next()
    }

    fn close_sheet(&mut self, title: &str) {
        self.press(Key::Escape);
        self.wait(&format!("{title} is closed"), |w| w.sheet(title).is_none());
    }
}

#[test]
fn every_sheet_is_whole_after_every_other() {
    let mut window = window(SMALL);
    // As high as in a window in which there was none before.
    let heights = ALL.map(|sheet| {
        let mut fresh = self::window(SMALL);
        let title = fresh.open(sheet);
        fresh.sheet(&title).unwrap().height()
    });
    let mut before = "at first".to_owned();
    for (n, first) in ALL.into_iter().enumerate() {
        for second in ALL.into_iter().skip(n) {
            for sheet in [first, second] {
                let title = window.open(sheet);
                window.is_whole(&title, SMALL, &before);
                let (is, was) = (window.sheet(&title).unwrap().height(), heights[sheet as usize]);
                assert!((is - was).abs() < 1.0, "{title} {before}: {is} high, and {was} where it is alone");
                window.close_sheet(&title);
                before = format!("after {sheet:?}");
            }
        }
    }
}

#[test]
fn a_sheet_is_in_its_place_from_the_first_frame_in_which_it_is_seen() {
    let keys = [
        (Modifiers::NONE, Key::F1, "Keyboard shortcuts"),
        (Modifiers::COMMAND, Key::L, "Add by path"),
        (Modifiers::COMMAND, Key::K, "Find a command"),
        (Modifiers::COMMAND, Key::D, "Send cover.png to"),
    ];
    for size in [SMALL, [1160.0, 740.0]] {
        let mut window = window(size);
        window.harness.ctx.all_styles_mut(|style| style.animation_time = 1.0);
        for (before, (modifiers, key, title)) in keys.iter().flat_map(|a| keys.map(|b| (a, b))) {
            window.select("cover.png");
            window.open_by_key((before.0, before.1), before.2);
            window.close_sheet(before.2);
            window.select("cover.png");
            let first = window.open_by_key((modifiers, key), title);
            window.harness.run_steps(8);
            assert_eq!(first, window.title_rect(title), "{title} after {} in {size:?}", before.2);
            window.close_sheet(title);
        }
    }
}

#[test]
fn every_sheet_is_whole_in_the_smallest_window_and_in_a_large_one() {
    for size in [[480.0, 400.0], [1160.0, 740.0]] {
        let mut window = window(size);
        for sheet in ALL {
            let title = window.open(sheet);
            window.is_whole(&title, size, "in another window");
            window.close_sheet(&title);
        }
    }
}

#[test]
fn a_sheet_is_as_high_as_what_is_in_it_also_when_that_changes() {
    let size = [1160.0, 740.0];
    let mut window = window(size);
    let title = window.open(Add);
    let low = window.sheet(&title).unwrap().height();
    window.click("Another key");
    let high = window.sheet(&title).unwrap().height();
    assert!(high > low + 40.0, "a field is in it: {low} and {high}");
    window.is_whole(&title, size, "with a field");
    window.click("useapi, added 2026-09-03");
    assert!((window.sheet(&title).unwrap().height() - low).abs() < 1.0, "and then none");
    window.is_whole(&title, size, "without the field");
}

#[test]
fn a_click_beside_a_sheet_closes_it_unless_something_may_be_typed_in_it() {
    let size = [1160.0, 740.0];
    let mut window = window(size);
    for sheet in ALL {
        let title = window.open(sheet);
        let beside = pos2(3.0, 735.0);
        window.harness.drag_at(beside);
        window.harness.step();
        window.harness.drop_at(beside);
        window.harness.run_steps(4);
        let keeps = matches!(sheet, Add | NewKey | ReplaceKey | Pick | Edit | Rename);
        assert_eq!(window.sheet(&title).is_some(), keeps, "{title}");
        if keeps {
            window.close_sheet(&title);
        }
    }
}

#[test]
fn enter_submits() {
    let mut window = window(SMALL);
    // A key that is typed is checked, and what is proposed then is saved.
    window.open(NewKey);
    window.type_key();
    window.press(Key::Enter);
    window.wait_for("Destinations for useapi.net");
    window.press(Key::Enter);
    window.wait_until_gone("Destinations for useapi.net");
    window.wait_for("Flow Music, Auto");
    // A name that is taken is said, and the sheet stays; another one is saved.
    window.open(Edit);
    let name = |window: &mut Window, text: &str| {
        window.harness.get_by_role_and_label(Role::TextInput, "Name").focus();
        window.harness.run_steps(2);
        window.press_with(Modifiers::COMMAND, Key::A);
        window.type_in(text);
        window.press(Key::Enter);
    };
    name(&mut window, "Flow Music · jane@studio.com");
    window.wait_for("There is a destination named Flow Music · jane@studio.com already");
    name(&mut window, "Covers");
    window.wait_for("More: Covers");
    // Where a button has the keyboard, that is what Enter presses.
    window.open(Rename);
    window.tab_to("Cancel");
    window.press(Key::Enter);
    window.wait_until_gone("Rename the key useapi");
    window.open(Rename);
    name(&mut window, "Studio");
    window.wait_for("useapi.net · Studio");
}

#[test]
fn what_appears_in_a_sheet_moves_nothing_that_is_there() {
    let mut window = Window::sandbox();
    window.page(Key::Num3);
    window.click("Add API key");
    window.harness.run_steps(5);
    let places = |window: &Window| {
        let title = window.harness.get_by_role_and_label(Role::Label, "Add API key").rect();
        let names = ["useapi.net", "PiAPI", "Indream"];
        let rows = names.map(|name| window.harness.get_by_role_and_label(Role::RadioButton, name).rect());
        (title, rows, window.harness.get_by_label("Show the key").rect())
    };
    let before = places(&window);
    window.type_this_key("short");
    window.wait_for("This doesn't look like");
    window.harness.run_steps(5);
    assert_eq!(places(&window), before, "a warning appeared");
    window.click("Check key");
    window.wait_for("rejected the API key");
    window.harness.run_steps(5);
    assert_eq!(places(&window), before, "the answer appeared");
}
