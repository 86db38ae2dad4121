//! Hoist's window on a desktop, with a service behind it, and what can be done with both.

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::Duration;

use serde_json::Value;

use super::HOIST;
use super::compositor::{Compositor, Screen};
use super::desktop::{TIMEOUT, end, in_time, start};
use super::picture::Colour;
use super::server::{Gate, Server};
use super::sources::Source;

/// The window's ground in the dark, and that of the zone while files are held over it.
const GROUND: Colour = [0x12, 0x13, 0x16];
const LIT: Colour = [0x24, 0x36, 0x5f];

/// A lit zone has more points than these, whatever else has its colour.
const LIT_POINTS: usize = 40_000;

/// Where the window's upper left corner is put.
const PLACE: (i32, i32) = (1000, 60);

/// In the window: where files are dropped, and where a click does nothing but that it is in the window.
const DROP: (i32, i32) = (430, 560);
const NOWHERE: (i32, i32) = (118, 600);

/// In the window: the second destination of the list at the left, Google Flow.
pub(crate) const DESTINATION: (i32, i32) = (118, 302);

/// In the window: in the words of a sheet over it.
const OVER: (i32, i32) = (480, 370);

/// GTK and Qt take two clicks within half a second for one thing.
pub(crate) const NO_DOUBLE_CLICK: Duration = Duration::from_millis(700);

/// A drag that is not seen is tried so often.
const TRIES: u32 = 3;

/// Everything of one desktop.
pub(crate) struct Scene {
    hoist: Child,
    pub(crate) server: Server,
    pub(crate) gate: Gate,
    pub(crate) folder: PathBuf,
    window: (i32, i32),
    /// How many uploads have been answered for.
    expected: usize,
    tries: u32,
    /// Last: the desktop ends after what is on it.
    pub(crate) screen: Screen,
}

impl Drop for Scene {
    fn drop(&mut self) {
        end(&mut self.hoist);
    }
}

fn plus(a: (i32, i32), b: (i32, i32)) -> (i32, i32) {
    (a.0 + b.0, a.1 + b.1)
}

impl Scene {
    pub(crate) fn start(compositor: Compositor) -> Scene {
        let screen = Screen::start(compositor);
        Source::set_up(&screen);
        let server = Server::start(&screen.outside);
        let gate = Gate::start(&server.exports["HOIST_USEAPI_URL"]);
        let settings = screen.outside.home.path().join("hoist/settings");
        std::fs::create_dir_all(&settings).unwrap();
        std::fs::write(
            settings.join("settings.toml"),
            "theme = \"dark\"\nupload_on_drop = true\nnotify = false\n",
        )
        .unwrap();
        let mut window = screen.command(HOIST, compositor.hoist());
        // By X11 the size of the screen, which nobody looks at, would make everything larger.
        window.env("WINIT_X11_SCALE_FACTOR", "1").env("HOIST_USEAPI_URL", &gate.origin);
        window.env("HOIST_USEAPI_TOKEN", &server.exports["HOIST_USEAPI_TOKEN"]);
        let folder = screen.outside.home.path().join("files");
        let mut scene = Scene {
            hoist: start(&mut window),
            server,
            gate,
            folder,
            window: PLACE,
            expected: 0,
            tries: 1,
            screen,
        };
        scene.move_right();
        scene
    }

    /// Puts the window at the right.
    fn move_right(&mut self) {
        let desktop = &self.screen.outside;
        let mut at: Option<(i32, i32)> = None;
        desktop.until("Hoist's window is at its place", || {
            let now = self.screen.picture().window(GROUND, 500);
            let rests = now.is_some() && now == at;
            at = now;
            let Some((left, top)) = now.filter(|_| rests) else { return false };
            self.window = (left, top);
            if (left - PLACE.0).abs() < 30 && (top - PLACE.1).abs() < 60 {
                return true;
            }
            let grip = (left + 300, top + 300);
            self.screen.move_window(grip, plus(grip, (PLACE.0 - left, PLACE.1 - top)));
            false
        });
    }

    fn lit(&self) -> bool {
        self.screen.picture().find(LIT, None).is_some_and(|f| f.points > LIT_POINTS)
    }

    /// Drags what is there into the window, until it shows that it has seen it. Programs do not take every press for the
    /// begin of a drag, as hands know; how often it was tried is told.
    pub(crate) fn hold_over(&mut self, from: (i32, i32)) -> Result<(), String> {
        let to = plus(self.window, DROP);
        for try_ in 1..=TRIES {
            let desktop = &self.screen.outside;
            self.tries = self.tries.max(try_);
            desktop.move_to(from);
            std::thread::sleep(Duration::from_millis(200));
            desktop.press();
            std::thread::sleep(Duration::from_millis(100));
            desktop.glide(from, to);
            let mut step = 0;
            let lit = in_time(TIMEOUT / 6, || {
                step += 1;
                desktop.move_to((to.0 + step % 3, to.1));
                self.lit()
            });
            if lit {
                return Ok(());
            }
            desktop.glide(to, from);
            desktop.release();
            std::thread::sleep(NO_DOUBLE_CLICK);
        }
        Err(format!("the window did not show that something was held over it, {TRIES} times"))
    }

    /// The most tries that anything has needed since this was asked last.
    pub(crate) fn tries(&mut self) -> u32 {
        std::mem::replace(&mut self.tries, 1)
    }

    pub(crate) fn drop_from(&mut self, from: (i32, i32)) -> Result<(), String> {
        self.hold_over(from)?;
        self.screen.outside.release();
        Ok(())
    }

    /// Moves what is held over the window to a destination of the list at the left.
    pub(crate) fn glide_to_destination(&self) {
        let (from, to) = (plus(self.window, DROP), plus(self.window, DESTINATION));
        let desktop = &self.screen.outside;
        desktop.glide(from, to);
        for wiggle in [3, -3, 0] {
            desktop.move_to((to.0 + wiggle, to.1));
        }
    }

    /// Takes what is held over the window out of it again, and lets it go where it came from.
    pub(crate) fn leave_to(&self, back: (i32, i32)) -> Result<(), String> {
        self.screen.outside.glide(plus(self.window, DROP), back);
        let dark = in_time(TIMEOUT / 2, || !self.lit());
        self.screen.outside.release();
        if dark { Ok(()) } else { Err("the window still shows what has left it".into()) }
    }

    /// A picture of the screen with what came last, for whoever reads why something failed.
    pub(crate) fn keep_picture(&self, name: &str) -> String {
        self.screen.outside.release();
        self.screen.outside.move_to(plus(self.window, DROP));
        self.screen.outside.xdotool(&["click", "--repeat", "40", "5"]); // the wheel
        std::thread::sleep(Duration::from_secs(1));
        self.screen.outside.keep_picture(name)
    }

    /// Keys into Hoist's window.
    pub(crate) fn keys(&self, keys: &[&str]) {
        self.keys_at(NOWHERE, keys);
    }

    /// Keys into what lies over Hoist's window.
    pub(crate) fn keys_over(&self, keys: &[&str]) {
        self.keys_at(OVER, keys);
    }

    fn keys_at(&self, position: (i32, i32), keys: &[&str]) {
        self.screen.outside.click(plus(self.window, position));
        std::thread::sleep(Duration::from_millis(200));
        for key in keys {
            self.screen.outside.key(key);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the history tells of each upload, the newest first.
    pub(crate) fn history(&self) -> Vec<Value> {
        let told = self.screen.outside.stdout_of(HOIST, &["history", "list", "--json"]);
        told.lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Nothing has come that nobody waited for.
    pub(crate) fn nothing_else(&self) -> Result<(), String> {
        match self.server.uploads() {
            n if n == self.expected => Ok(()),
            n => Err(format!("{n} uploads came where {} were expected", self.expected)),
        }
    }

    /// Exactly so many more are uploaded.
    pub(crate) fn more(&mut self, count: usize) -> Result<(), String> {
        self.expected += count;
        in_time(TIMEOUT / 2, || self.server.uploads() >= self.expected);
        self.nothing_else()
    }

    /// Exactly these files are uploaded now.
    pub(crate) fn uploaded(&mut self, files: &[PathBuf]) -> Result<(), String> {
        self.more(files.len())?;
        let mut wanted: Vec<_> = files.to_vec();
        wanted.sort();
        let mut came = vec![];
        let same = in_time(TIMEOUT / 2, || {
            let done = |line: &Value| line["state"] == "done";
            let all = self.history().into_iter().take(files.len());
            came = all.filter(done).filter_map(|l| l["file"].as_str().map(PathBuf::from)).collect();
            came.sort();
            came == wanted
        });
        if same { Ok(()) } else { Err(format!("{came:?} were uploaded, not {wanted:?}")) }
    }

    /// After a failure: nothing is held, nothing is shut, and what came until now has come.
    pub(crate) fn recover(&mut self) {
        let desktop = &self.screen.outside;
        desktop.release();
        for key in ["ctrl", "alt", "super"] {
            desktop.xdotool(&["keyup", key]);
        }
        self.gate.open();
        in_time(TIMEOUT / 6, || self.gate.waiting() == 0);
        self.keys(&["Escape"]);
        self.expected = self.server.uploads();
    }

    /// A folder of the test's own.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }
}

/// A path as programs take it.
pub(crate) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
