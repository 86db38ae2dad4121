//! The window on a screen of X11: its size, what is dropped on a part of it, and what stays when it is closed.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Stdio};

use super::desktop::{Desktop, TIMEOUT, end, in_time};
use super::keeper::HistoryGuard;
use super::letter::{address, history, window};
use super::scene::DESTINATION;
use super::xdnd::{Dragging, Ended};

/// Copies a text out of the field that searches the history.
fn copy(desktop: &Desktop, window: u32, text: &str) {
    desktop.xdotool(&["windowactivate", "--sync", &window.to_string()]);
    let copied = in_time(TIMEOUT, || {
        desktop.key("ctrl+f");
        desktop.key("ctrl+a");
        desktop.xdotool(&["type", text]);
        desktop.key("ctrl+a");
        desktop.key("ctrl+c");
        std::thread::sleep(std::time::Duration::from_millis(300));
        desktop.clipboard() == text
    });
    assert!(copied, "{}", desktop.clipboard());
    assert!(desktop.environments_of("hold-clipboard").is_empty(), "the window holds it itself");
}

fn close(desktop: &Desktop, hoist: &mut Child) {
    desktop.key("alt+F4");
    desktop.until("the program ends", || hoist.try_wait().unwrap().is_some_and(|status| status.success()));
}

#[test]
fn what_was_copied_outlives_the_window() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, _server, window) = window(&mut desktop);
    copy(&desktop, window, "kept");
    close(&desktop, &mut hoist);
    assert_eq!(desktop.clipboard(), "kept");
}

#[test]
fn what_was_copied_is_given_to_the_keeper_of_the_clipboard_where_there_is_one() {
    let mut desktop = Desktop::start((1400, 800));
    let keeper = HistoryGuard::start(&desktop);
    let (mut hoist, _server, window) = window(&mut desktop);
    copy(&desktop, window, "kept");
    close(&desktop, &mut hoist);
    assert_eq!(desktop.clipboard(), "kept");
    let saved = keeper.end();
    assert!(saved.asked, "it was asked to save what is in the clipboard");
    // On a computer with much else to do it may come too late: then a process of Hoist's own holds the text.
    if saved.in_time {
        assert!(desktop.environments_of("hold-clipboard").is_empty(), "it holds it, and no process of ours");
    }
}

#[test]
fn what_another_program_copied_since_is_left_alone() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, _server, window) = window(&mut desktop);
    copy(&desktop, window, "mine");
    let mut theirs = desktop.command("xclip");
    theirs.args(["-selection", "clipboard", "-i"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut theirs = theirs.spawn().unwrap();
    theirs.stdin.take().unwrap().write_all(b"theirs").unwrap();
    theirs.wait().unwrap(); // one of its own stays behind
    desktop.until("it is copied", || desktop.clipboard() == "theirs");
    close(&desktop, &mut hoist);
    assert_eq!(desktop.clipboard(), "theirs");
    assert!(desktop.environments_of("hold-clipboard").is_empty());
}

#[test]
fn keys_that_come_faster_than_frames_reach_what_those_before_them_led_to() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, _server, window) = window(&mut desktop);
    let path = desktop.home.path().join("cover.png");
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png"), &path).unwrap();
    let list = format!("{}\r\n", address(&path));
    let (x, y) = desktop.origin(&window.to_string());
    let offered: [(&str, Option<&[u8]>); 1] = [("text/uri-list", Some(list.as_bytes()))];
    let ended = Dragging::on(&desktop).drop_at(window, (x + 700, y + 400), &offered);
    assert_eq!(ended, Ended::Dropped { taken: true });
    let provider = |desktop: &Desktop| Some(history(desktop).first()?["provider"].as_str()?.to_owned());
    desktop.until("it is sent", || provider(&desktop).as_deref() == Some("flow-music"));
    desktop.xdotool(&["windowactivate", "--sync", &window.to_string()]);
    // The row, the sheet of destinations, the second of these: each key acts on what the one before it shows.
    desktop.xdotool(&["key", "--delay", "0", "Home", "ctrl+d", "Down", "Return"]);
    desktop.until("it is sent there, too", || provider(&desktop).as_deref() == Some("google-flow"));
    // A field that the first key shows has every letter behind it.
    desktop.xdotool(&["key", "--delay", "0", "ctrl+f", "c", "o", "v", "e", "r", "ctrl+a", "ctrl+x"]);
    desktop.until("all letters came", || desktop.clipboard() == "cover");
    end(&mut hoist);
}

#[test]
fn a_drop_on_a_destination_goes_there() {
    let mut desktop = Desktop::start((1400, 800));
    let (mut hoist, server, window) = window(&mut desktop);
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let source = Dragging::on(&desktop);
    for (n, (file, offset, provider)) in
        [("cover.png", DESTINATION, "google-flow"), ("photo.jpg", (700, 400), "flow-music")]
            .into_iter()
            .enumerate()
    {
        let path = desktop.home.path().join(file);
        std::fs::copy(sample.join(file), &path).unwrap();
        let list = format!("{}\r\n", address(&path));
        let (x, y) = desktop.origin(&window.to_string());
        let offered: [(&str, Option<&[u8]>); 1] = [("text/uri-list", Some(list.as_bytes()))];
        let ended = source.drop_at(window, (x + offset.0, y + offset.1), &offered);
        assert_eq!(ended, Ended::Dropped { taken: true });
        assert!(in_time(TIMEOUT, || server.uploads() == n + 1), "{file}");
        assert!(in_time(TIMEOUT, || history(&desktop).len() == n + 1), "{file}");
        assert_eq!(history(&desktop)[0]["provider"].as_str(), Some(provider), "{file}");
    }
    end(&mut hoist);
}

#[test]
fn the_window_fits_a_small_screen_with_its_title_bar() {
    let screen = (1024, 600);
    let mut desktop = Desktop::start(screen);
    let (mut hoist, _server, window) = window(&mut desktop);
    let window = window.to_string();
    let mut told = String::new();
    let fits = in_time(TIMEOUT, || {
        told = desktop.stdout_of("xwininfo", &["-id", &window]);
        let value = |key: &str| {
            let line = told.lines().find_map(|l| l.trim().strip_prefix(key));
            line.and_then(|v| v.trim().parse::<i32>().ok()).unwrap_or(i32::MAX / 2)
        };
        let (x, y) = (value("Absolute upper-left X:"), value("Absolute upper-left Y:"));
        let (width, height) = (value("Width:"), value("Height:"));
        // Above it there is room for the title bar.
        x >= 0 && y >= 10 && x + width <= screen.0 as i32 && y + height <= screen.1 as i32
    });
    assert!(fits, "{told}");
    end(&mut hoist);
}
