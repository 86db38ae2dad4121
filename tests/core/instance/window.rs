//! The real window on an X server of its own, and what stays of files that come while it closes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use eframe::egui;
use hoist::model::drop_data::DroppedData;
use hoist::platform::inbox::WindowEvent;
use hoist::sandbox::Sandbox;
use hoist::session::{self, Session};
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use hoist::ui::App;
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ClientMessageEvent, ConnectionExt as _, EventMask};

use super::*;

/// Everything the test started, ended with it.
struct Desktop {
    home: TempDir,
    variables: HashMap<String, String>,
    children: Vec<Child>,
    /// What the sandbox says it was asked.
    log: Arc<Mutex<String>>,
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Desktop {
    /// An X server with a window manager, and a sandbox that Hoist's windows send to.
    fn start() -> Desktop {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();
        let variables = [
            ("HOME", path("")),
            ("HOIST_HOME", path("hoist")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("LC_ALL", "C.UTF-8".into()),
            ("NO_AT_BRIDGE", "1".into()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".into()),
            ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere".into()),
        ];
        let variables = variables.map(|(k, v)| (k.to_owned(), v)).into();
        let mut desktop = Desktop { home, variables, children: vec![], log: Arc::default() };
        let arguments = ["-displayfd", "1", "-noreset", "-screen", "0", "1400x800x24"];
        let mut x = desktop.command("Xvfb", &arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut display = String::new();
        BufReader::new(x.stdout.take().unwrap()).read_line(&mut display).unwrap();
        desktop.children.push(x);
        desktop.variables.insert("DISPLAY".into(), format!(":{}", display.trim()));
        let manager = desktop.command("openbox", &[]).spawn().unwrap();
        desktop.children.push(manager);

        let mut sandbox = desktop.command(HOIST, &["sandbox"]);
        let mut sandbox = sandbox.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        for line in BufReader::new(sandbox.stdout.take().unwrap()).lines().map(Result::unwrap) {
            if let Some((name, value)) = line.strip_prefix("export ").and_then(|l| l.split_once('='))
                && name.contains("USEAPI")
            {
                desktop.variables.insert(name.to_owned(), value.to_owned());
            }
            if line.contains("gateway") {
                break; // near the end of what it prints at the start
            }
        }
        let (lines, log) = (sandbox.stderr.take().unwrap(), Arc::clone(&desktop.log));
        desktop.children.push(sandbox);
        thread::spawn(move || {
            for line in BufReader::new(lines).lines().map_while(Result::ok) {
                log.lock().unwrap().push_str(&(line + "\n"));
            }
        });
        let settings = desktop.home.path().join("hoist/settings");
        fs::create_dir_all(&settings).unwrap();
        fs::write(settings.join("settings.toml"), "upload_on_drop = true\n").unwrap();
        desktop
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().envs(&self.variables).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// A program that writes down the environment it was started with; where to.
    fn tells_its_environment(&mut self, program: &str) -> PathBuf {
        let (folder, told) = (self.home.path().join("bin"), self.home.path().join("environment"));
        fs::create_dir(&folder).unwrap();
        let script = format!("#!/bin/sh\nenv > '{0}.new'\nmv '{0}.new' '{0}'\nexit 1\n", told.display());
        fs::write(folder.join(program), script).unwrap();
        fs::set_permissions(folder.join(program), Permissions::from_mode(0o755)).unwrap();
        let path = self.variables.get_mut("PATH").unwrap();
        *path = format!("{}:{path}", folder.display());
        told
    }

    fn stdout_of(&self, program: &str, arguments: &[&str]) -> String {
        let output = self.command(program, arguments).stdout(Stdio::piped()).output();
        let output = output.unwrap_or_else(|e| panic!("{program} ({e}): run scripts/setup test"));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The windows that are on screen.
    fn windows(&self) -> Vec<String> {
        let all = self.stdout_of("xdotool", &["search", "--onlyvisible", "--name", "^Hoist$"]);
        all.lines().map(str::to_owned).collect()
    }

    /// Asks the window manager to close this window, as a task bar does: a key would reach whichever is in front.
    fn close(&self, window: &str) {
        let (connection, screen) = x11rb::connect(Some(&self.variables["DISPLAY"])).unwrap();
        let root = connection.setup().roots[screen].root;
        let close = connection.intern_atom(false, b"_NET_CLOSE_WINDOW").unwrap().reply().unwrap().atom;
        let asked = ClientMessageEvent::new(32, window.parse().unwrap(), close, [0, 2, 0, 0, 0]);
        let mask = EventMask::SUBSTRUCTURE_NOTIFY | EventMask::SUBSTRUCTURE_REDIRECT;
        connection.send_event(false, root, mask, asked).unwrap().check().unwrap();
    }

    /// The environments of this desktop's processes with this argument.
    fn environments_of(&self, argument: &str) -> Vec<String> {
        let read = |process: &Path, what: &str| {
            let text = fs::read(process.join(what)).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        processes
            .filter(|process| read(process, "cmdline").split('\0').any(|a| a == argument))
            .map(|process| read(&process, "environ"))
            .filter(|environment| environment.contains(&self.variables["HOIST_HOME"]))
            .collect()
    }

    fn uploads(&self) -> usize {
        self.log.lock().unwrap().lines().filter(|l| l.starts_with("POST") && l.contains("received")).count()
    }

    fn window(&mut self, arguments: &[&str]) {
        let window = self.command(HOIST, arguments).spawn().unwrap();
        self.children.push(window);
    }

    /// A start that is to end by itself.
    fn second(&self, arguments: &[&str]) {
        let output = self.command(HOIST, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        handed_over(&output.unwrap());
    }
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + TIMEOUT;
    while !done() {
        assert!(Instant::now() < until, "never happened: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn files_of_a_second_start_are_sent_from_the_window_that_is_open_which_comes_to_the_front() {
    let mut desktop = Desktop::start();
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    for name in ["cover.png", "photo.jpg", "poster.webp", "clip.mp4"] {
        fs::copy(samples.join(name), desktop.home.path().join(name)).unwrap();
    }
    let ffmpeg = desktop.tells_its_environment("ffmpeg");
    let mut first = desktop.command(HOIST, &["cover.png", "clip.mp4"]);
    first.env("DESKTOP_STARTUP_ID", "hoist-1_TIME42").env("XDG_ACTIVATION_TOKEN", "");
    desktop.children.push(first.spawn().unwrap());
    until("the first start's file is sent", || desktop.uploads() == 1);
    // What launched it is not handed on to programs that it starts.
    until("a picture of the video is asked for", || ffmpeg.exists());
    let environment = fs::read_to_string(&ffmpeg).unwrap();
    assert!(environment.contains("DISPLAY="), "{environment}");
    assert!(
        !environment.contains("DESKTOP_STARTUP_ID") && !environment.contains("ACTIVATION"),
        "{environment}"
    );
    let window = desktop.windows();
    assert_eq!(window.len(), 1, "{window:?}");

    desktop.second(&["photo.jpg"]);
    until("the second start's file is sent", || desktop.uploads() == 2);
    assert_eq!(desktop.windows(), window, "it is the same window");

    // One that was put away does the same, and is there again.
    desktop.stdout_of("xdotool", &["windowminimize", "--sync", &window[0]]);
    until("the window is put away", || desktop.windows().is_empty());
    desktop.second(&["poster.webp"]);
    until("the third start's file is sent", || desktop.uploads() == 3);
    until("the window is there again", || desktop.windows() == window);

    // Another one on purpose lies over it, until the first is asked for.
    desktop.window(&["--new-window"]);
    until("there are two windows", || desktop.windows().len() == 2);
    let active = || desktop.stdout_of("xdotool", &["getactivewindow"]);
    until("the new one is in front", || desktop.windows().contains(&active()) && active() != window[0]);
    desktop.second(&[]);
    until("the first one is in front", || active() == window[0]);

    // Closed, it leaves no socket, and the one on purpose does not take its place.
    let others: Vec<_> = desktop.windows().into_iter().filter(|other| *other != window[0]).collect();
    desktop.close(&window[0]);
    until("it is closed", || !desktop.home.path().join("hoist/run/socket").exists());
    until("the other window is left", || desktop.windows() == others);
    desktop.window(&[]);
    until("the next start has a window of its own", || desktop.windows().len() == 2);

    // Nor does the terminal hand on what launched it.
    let mut upload = desktop.command(HOIST, &["upload", "--copy", "--to", "flow-music", "cover.png"]);
    assert!(upload.env("DESKTOP_STARTUP_ID", "terminal-1_TIME42").status().unwrap().success());
    let holders = desktop.environments_of("hold-clipboard");
    assert!(!holders.is_empty(), "somebody keeps the clipboard");
    assert!(holders.iter().all(|environment| !environment.contains("DESKTOP_STARTUP_ID")), "{holders:?}");
}

#[test]
fn files_that_came_while_the_window_closed_are_in_its_queue() {
    let home = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(0, Arc::new(|_| {})).unwrap();
    let start = session::Start {
        environment: Environment { keys: Sandbox::keys(), bases: sandbox.bases(), ..Environment::default() },
        poll: false,
        ..session::Start::new(Folders::inside(home.path()), Keys::in_memory())
    };
    let session = Session::start(start, Arc::new(|| {})).unwrap();
    let mut app = App::new(&egui::Context::default(), session, vec![]);
    let handed = DroppedData { files: files(&["/a.png"]), ..DroppedData::default() };
    assert!(app.inbox().put(WindowEvent::Handed(handed)));
    eframe::App::on_exit(&mut app, None);
    let paths: Vec<_> =
        app.session().uploads.queue().items().iter().map(|item| item.request.path.clone()).collect();
    assert_eq!(paths, files(&["/a.png"]));
}
