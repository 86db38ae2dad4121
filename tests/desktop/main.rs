//! Real desktops: window systems, file managers, a browser, a real pointer, clipboards and a real keyring. Only what
//! nothing else can show. `scripts/setup test` installs what this needs; nothing is skipped where it is missing.
#![allow(clippy::unwrap_used)]
#![cfg(target_os = "linux")]

mod compositor;
mod desk;
mod desktop;
mod input_method;
mod keeper;
mod letter;
mod matrix;
mod picture;
#[path = "../support/renderer.rs"]
mod renderer;
mod scene;
mod screen;
mod screen_reader;
mod server;
mod sources;
mod terminal_clipboard;
mod xdnd;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::Vec2;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use hoist::sandbox::Sandbox;
use hoist::session::{Session, Start};
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::ui::App;

use desktop::{Desktop, TIMEOUT};
use server::Server;

const HOIST: &str = env!("CARGO_BIN_EXE_hoist");

/// The size of the window's inside.
const WIDTH: u32 = 940;
const HEIGHT: u32 = 700;

/// Where the finished row's button is, from the same window drawn without a display.
fn copy_button(file: &Path) -> (i32, i32) {
    let sandbox = Sandbox::start(0, Arc::new(|_| {})).unwrap();
    let home = tempfile::tempdir().unwrap();
    let start = Start {
        environment: Environment { keys: Sandbox::keys(), bases: sandbox.bases(), ..Environment::default() },
        poll: false,
        ..Start::new(Folders::inside(home.path()), Keys::in_memory())
    };
    let session = Session::start(start, Arc::new(|| {})).unwrap();
    let files = vec![file.to_owned()];
    let mut harness = Harness::builder()
        .with_size(Vec2::new(WIDTH as f32, HEIGHT as f32))
        .with_max_steps(64)
        .renderer(renderer::SoftwareRenderer::default())
        .build_eframe(move |cc| App::new(&cc.egui_ctx, session, files));
    let until = Instant::now() + TIMEOUT;
    loop {
        harness.step();
        harness.state_mut().session_mut().uploads.upload_all();
        if let Some(button) = harness.query_all_by_label_contains("Copy ID: ").next() {
            let at = button.rect().center();
            return (at.x as i32, at.y as i32);
        }
        assert!(Instant::now() < until, "the file was not uploaded");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() { all.extend(files_below(&entry.path())) } else { all.push(entry.path()) }
    }
    all
}

#[test]
fn a_file_dragged_from_a_file_manager_is_uploaded_with_a_key_of_the_keyring_and_its_id_pasted() {
    let mut desktop = Desktop::start((1400, 800));
    desktop.start_window_manager();
    desktop.start_keyring();
    let server = Server::start(&desktop);
    let key = server.exports["HOIST_USEAPI_TOKEN"].clone();

    // The key goes in by stdin, and is in the keyring and in no file.
    let mut add = desktop.command(HOIST);
    add.env("HOIST_USEAPI_URL", &server.exports["HOIST_USEAPI_URL"]);
    add.args(["keys", "add", "useapi"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut add = add.spawn().unwrap();
    add.stdin.take().unwrap().write_all(format!("{key}\n").as_bytes()).unwrap();
    let added = add.wait_with_output().unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let kept = desktop.run("secret-tool", &["search", "--all", "service", "hoist"]);
    let kept = format!("{}{}", String::from_utf8_lossy(&kept.stdout), String::from_utf8_lossy(&kept.stderr));
    assert!(kept.contains(&format!("secret = {key}")), "the keyring holds: {kept}");
    assert!(kept.contains("attribute.service = hoist"), "{kept}");

    // The file manager on the left, the window on the right.
    let folder = desktop.home.path().join("pictures");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("封面 cover 1.png");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
    std::fs::copy(&sample, &file).unwrap();
    let settings = desktop.home.path().join("config/pcmanfm/default");
    std::fs::create_dir_all(&settings).unwrap();
    std::fs::write(settings.join("pcmanfm.conf"), "[ui]\nview_mode=icon\nsplitter_pos=150\nmaximized=0\n")
        .unwrap();
    let manager = desktop.spawn("pcmanfm", &["--no-desktop", &folder.to_string_lossy()], Stdio::null());
    desktop.children.push(manager);
    let mut window = desktop.command(HOIST);
    window.env("HOIST_USEAPI_URL", &server.exports["HOIST_USEAPI_URL"]);
    window.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut hoist = window.spawn().unwrap();
    let left = desktop.window("--name", "^pictures$");
    let right = desktop.window("--name", "^Hoist$");
    for (window, x, width, height) in [(&left, "0", "400", "400"), (&right, "430", "940", "700")] {
        desktop.xdotool(&["windowsize", "--sync", window, width, height]);
        desktop.xdotool(&["windowmove", window, x, "30"]);
    }
    assert_eq!((WIDTH, HEIGHT), (940, 700));
    std::thread::sleep(Duration::from_secs(1));

    // A real drag; pcmanfm's one icon is near its top left. The drop is known to have worked when Upload sends.
    let mut places = [(205, 105), (205, 85), (230, 110), (180, 105)].iter().cycle();
    desktop.until("the dropped file is uploaded", || {
        let (x, y) = places.next().unwrap();
        let (from, to) = (desktop.origin(&left), desktop.origin(&right)); // they may still be moving
        desktop.drag((from.0 + x, from.1 + y), (to.0 + 600, to.1 + 400));
        std::thread::sleep(Duration::from_millis(600));
        desktop.xdotool(&["windowactivate", "--sync", &right]);
        desktop.xdotool(&["key", "--clearmodifiers", "ctrl+Return"]);
        std::thread::sleep(Duration::from_millis(800));
        server.uploads() > 0
    });

    // The id is read from the clipboard, as another program would paste it.
    let (x, y) = copy_button(&sample);
    desktop.until("the id is in the clipboard", || {
        // A click before the button was there has selected the row, and made room for what is known of it.
        desktop.xdotool(&["key", "--clearmodifiers", "Escape"]);
        std::thread::sleep(Duration::from_millis(200));
        let to = desktop.origin(&right);
        desktop.click((to.0 + x, to.1 + y));
        std::thread::sleep(Duration::from_millis(300));
        desktop.clipboard().starts_with("user:1000-sandbox@example.com-image:")
    });

    // The key shows nowhere: not in the process list, not in a file of the home folder.
    let process = PathBuf::from(format!("/proc/{}", hoist.id()));
    for what in ["cmdline", "environ"] {
        let text = std::fs::read(process.join(what)).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(&key), "the key is in {what}");
    }
    for path in files_below(desktop.home.path()).iter().filter(|p| !p.to_string_lossy().contains("keyrings"))
    {
        let text = std::fs::read(path).unwrap_or_default();
        assert!(!text.windows(key.len()).any(|w| w == key.as_bytes()), "the key is in {}", path.display());
    }

    // Closing the window ends the program without a word.
    desktop.xdotool(&["windowactivate", "--sync", &right]);
    desktop.xdotool(&["key", "--clearmodifiers", "alt+F4"]);
    desktop.until("the program ends", || hoist.try_wait().unwrap().is_some_and(|status| status.success()));
    let mut words = String::new();
    hoist.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    assert!(!words.contains("panicked"), "{words}");
    assert!(!words.contains(&key));

    // A file given as an argument is staged, and sent when Upload is pressed; not so one that is there already.
    let before = server.uploads();
    let photo = folder.join("photo.jpg");
    std::fs::copy(sample.with_file_name("photo.jpg"), &photo).unwrap();
    let mut window = desktop.command(HOIST);
    window.args([&file, &photo]).env("HOIST_USEAPI_URL", &server.exports["HOIST_USEAPI_URL"]);
    window.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    desktop.children.push(window.spawn().unwrap());
    let staged = desktop.window("--name", "^Hoist$");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(server.uploads(), before, "nothing is sent before Upload is pressed");
    desktop.until("the staged file is uploaded", || {
        desktop.xdotool(&["windowactivate", "--sync", &staged]);
        desktop.xdotool(&["key", "--clearmodifiers", "ctrl+Return"]);
        std::thread::sleep(Duration::from_millis(500));
        server.uploads() == before + 1
    });

    // The terminal uses the same key, and what it copies outlives it.
    let mut upload = desktop.command(HOIST);
    upload.env("HOIST_USEAPI_URL", &server.exports["HOIST_USEAPI_URL"]);
    let out = upload.args(["upload", "--copy", "--to", "flow-music"]).arg(&file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(desktop.clipboard(), String::from_utf8_lossy(&out.stdout).trim());

    // A key given by the environment is not handed on to the program that keeps the clipboard.
    let mut upload = desktop.command(HOIST);
    upload.env("HOIST_USEAPI_URL", &server.exports["HOIST_USEAPI_URL"]).env("HOIST_USEAPI_TOKEN", &key);
    let out = upload.args(["upload", "--copy", "--to", "flow-music"]).arg(&file).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let holders = desktop.environments_of("hold-clipboard");
    assert!(!holders.is_empty(), "somebody keeps the clipboard");
    assert!(holders.iter().all(|environment| !environment.contains(&key)), "the key was handed on");

    // Removing takes it out of the keyring again.
    let removed = desktop.run(HOIST, &["keys", "remove", "useapi", "--yes"]);
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    let kept = desktop.run("secret-tool", &["search", "--all", "service", "hoist"]);
    assert!(!String::from_utf8_lossy(&kept.stdout).contains(&key));
}

#[test]
fn a_display_that_does_not_answer_is_said_and_nothing_panics() {
    let mut command = Command::new(HOIST);
    let home = tempfile::tempdir().unwrap();
    command.env_clear().env("HOIST_HOME", home.path()).env("HOME", home.path()).env("DISPLAY", ":98765");
    let out = command.arg("--sandbox").stdin(Stdio::null()).output().unwrap();
    let words = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(2), "{words}");
    assert!(words.contains("libxkbcommon-x11-0") && words.contains("hoist upload"), "{words}");
    assert!(!words.contains("panicked"), "{words}");
}

/// By desktop and program; which ones is said by `HOIST_TEST_DESKTOPS` and `HOIST_TEST_SOURCES`.
#[test]
fn files_come_in_from_other_programs() {
    matrix::run();
}
