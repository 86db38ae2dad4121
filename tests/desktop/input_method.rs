//! Input methods beside the real window on X11: what they compose arrives in the field that has the keyboard.

use std::io::Read as _;
use std::process::Stdio;
use std::time::Duration;

use super::HOIST;
use super::desktop::{Desktop, TIMEOUT, end, in_time, start};
use super::matrix::asked;

/// Those that run where nothing else is asked for.
const METHODS: &str = "ibus";

/// So often the field is gone to by a key, and written into at once.
const TIMES: usize = 8;

/// What is typed on a Korean keyboard, and what it composes: `g`, `k` and `s` are the parts of one letter.
const TYPED: &[&str] = &["g", "k", "s", "r", "m", "f"];
const COMPOSED: &str = "한글";

#[test]
fn letters_that_an_input_method_composes_arrive_from_the_first_one_on() {
    let all = [("ibus", ibus as fn(&mut Desktop)), ("fcitx5", fcitx5)];
    let mut tried = 0;
    for (name, method) in all.into_iter().filter(|(name, _)| asked("HOIST_TEST_INPUT_METHODS", METHODS, name))
    {
        let mut desktop = Desktop::start((1200, 800));
        desktop.start_window_manager();
        method(&mut desktop);
        let hoist = desktop.spawn(HOIST, &["--sandbox"], Stdio::null());
        desktop.children.push(hoist);
        let window = desktop.window("--name", "^Hoist$");
        desktop.xdotool(&["windowactivate", "--sync", &window]);
        // It is there when it composes.
        desktop.until(&format!("{name} composes"), || write(&desktop) == COMPOSED);
        let written: Vec<_> = (0..TIMES).map(|_| write(&desktop)).collect();
        let missed: Vec<_> = written.iter().filter(|text| *text != COMPOSED).collect();
        assert!(missed.is_empty(), "{name} missed {} of {TIMES}: {missed:?}", missed.len());
        tried += 1;
    }
    assert!(tried > 0, "HOIST_TEST_INPUT_METHODS names none");
}

#[test]
fn a_window_that_an_input_method_writes_into_ends_with_its_display() {
    let mut desktop = Desktop::start((1200, 800));
    desktop.start_window_manager();
    ibus(&mut desktop);
    let mut hoist = desktop.command(HOIST);
    hoist.arg("--sandbox").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut hoist = start(&mut hoist);
    let window = desktop.window("--name", "^Hoist$");
    desktop.xdotool(&["windowactivate", "--sync", &window]);
    desktop.until("IBus composes", || write(&desktop) == COMPOSED);
    desktop.xdotool(&["key", "--delay", "60", "ctrl+f", "g"]);
    end(&mut desktop.children[0]); // the X server
    let ended = in_time(TIMEOUT, || hoist.try_wait().unwrap().is_some());
    end(&mut hoist);
    assert!(ended, "it goes on without a display");
    let mut said = String::new();
    hoist.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("The queue comes back at the next start"), "{said}");
}

/// Goes to the search of the history by its key, writes at once, and copies what is there then.
fn write(desktop: &Desktop) -> String {
    desktop.key("ctrl+1");
    std::thread::sleep(Duration::from_millis(150));
    // The keys are let go before the window has drawn the field; then nothing comes from the X server until a letter does.
    desktop.xdotool(&["key", "--delay", "0", "ctrl+f"]);
    std::thread::sleep(Duration::from_millis(300));
    let mut letters = vec!["key", "--delay", "60"];
    letters.extend(TYPED);
    letters.push("End"); // it ends what is composed
    desktop.xdotool(&letters);
    std::thread::sleep(Duration::from_millis(100));
    desktop.xdotool(&["key", "--delay", "60", "ctrl+a", "ctrl+c"]);
    std::thread::sleep(Duration::from_millis(150));
    let text = desktop.clipboard();
    desktop.xdotool(&["key", "BackSpace"]);
    std::thread::sleep(Duration::from_millis(100));
    text
}

fn ibus(desktop: &mut Desktop) {
    let settings = desktop.home.path().join("config/glib-2.0/settings");
    std::fs::create_dir_all(&settings).unwrap();
    let korean = "[org/freedesktop/ibus/engine/hangul]\ninitial-input-mode='hangul'\n";
    std::fs::write(settings.join("keyfile"), korean).unwrap();
    desktop.variables.insert("GSETTINGS_BACKEND".into(), "keyfile".into());
    desktop.variables.insert("XMODIFIERS".into(), "@im=ibus".into());
    let daemon = desktop.spawn("ibus-daemon", &["--xim", "--panel", "disable"], Stdio::null());
    desktop.children.push(daemon);
    desktop.until("IBus has the engine", || {
        desktop.run("ibus", &["engine", "hangul"]);
        desktop.stdout_of("ibus", &["engine"]) == "hangul"
    });
}

fn fcitx5(desktop: &mut Desktop) {
    let settings = desktop.home.path().join("config/fcitx5");
    std::fs::create_dir_all(&settings).unwrap();
    let korean = "[Groups/0]\nName=Default\nDefault Layout=us\nDefaultIM=hangul\n\n[Groups/0/Items/0]\nName=hangul\n\n\
                  [GroupOrder]\n0=Default\n";
    std::fs::write(settings.join("profile"), korean).unwrap();
    desktop.variables.insert("XMODIFIERS".into(), "@im=fcitx".into());
    let daemon = desktop.spawn("fcitx5", &["--disable=wayland,waylandim"], Stdio::null());
    desktop.children.push(daemon);
    desktop.until("Fcitx5 answers", || desktop.run("fcitx5-remote", &[]).status.success());
}
