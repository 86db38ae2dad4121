//! An X display of the test's own, and everything that is started on it.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Long enough for any machine; nothing is decided by it but that a test ends.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);

/// Everything the test started, ended with it.
pub(crate) struct Desktop {
    pub(crate) home: tempfile::TempDir,
    pub(crate) variables: HashMap<String, String>,
    pub(crate) children: Vec<Child>,
}

impl Drop for Desktop {
    fn drop(&mut self) {
        for child in self.children.iter_mut().rev() {
            end(child);
        }
    }
}

/// Ends a program, whatever it does.
pub(crate) fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

fn missing(program: &str, e: &std::io::Error) -> String {
    format!("{program} cannot be started ({e}): run scripts/setup test")
}

impl Desktop {
    /// An X server of this size, and a session bus.
    pub(crate) fn start((width, height): (u32, u32)) -> Desktop {
        let home = tempfile::tempdir().unwrap();
        let mut desktop = Desktop { variables: HashMap::new(), children: vec![], home };
        let path = |name: &str| desktop.home.path().join(name).to_string_lossy().into_owned();
        desktop.variables = [
            ("HOME", path("")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_DATA_HOME", path("share")),
            ("XDG_CACHE_HOME", path("cache")),
            ("HOIST_HOME", path("hoist")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("LC_ALL", "C.UTF-8".into()),
            ("NO_AT_BRIDGE", "1".into()),
            ("LIBGL_ALWAYS_SOFTWARE", "1".into()),
            // No file system is mounted in the home that is removed afterwards.
            ("GVFS_DISABLE_FUSE", "1".into()),
            ("GIO_USE_VFS", "local".into()),
            ("GIO_USE_VOLUME_MONITOR", "unix".into()),
        ]
        .map(|(k, v)| (k.to_owned(), v))
        .into();
        std::fs::create_dir(path("run")).unwrap();
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path("run"), std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        let screen = format!("{width}x{height}x24");
        let log = path("x.log");
        let mut x = desktop.command("Xvfb");
        x.args(["-displayfd", "1", "-noreset", "-screen", "0", &screen]).stdin(Stdio::null());
        x.stdout(Stdio::piped()).stderr(std::fs::File::create(&log).unwrap());
        let mut x = start(&mut x);
        let mut display = String::new();
        BufReader::new(x.stdout.take().unwrap()).read_line(&mut display).unwrap();
        let why = || std::fs::read_to_string(&log).unwrap_or_default();
        assert!(!display.trim().is_empty(), "the X server gave no display: {}", why());
        desktop.children.push(x);
        desktop.variables.insert("DISPLAY".into(), format!(":{}", display.trim()));
        let mut bus =
            desktop.spawn("dbus-daemon", &["--session", "--nofork", "--print-address=1"], Stdio::piped());
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        desktop.children.push(bus);
        desktop.variables.insert("DBUS_SESSION_BUS_ADDRESS".into(), address.trim().into());
        desktop
    }

    /// The window manager of the X display itself.
    pub(crate) fn start_window_manager(&mut self) {
        let openbox = self.spawn("openbox", &[], Stdio::null());
        self.children.push(openbox);
    }

    /// A keyring that is unlocked, as after a log-in.
    pub(crate) fn start_keyring(&mut self) {
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--unlock", "--foreground", "--components=secrets"]);
        daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut daemon = daemon.spawn().unwrap_or_else(|e| panic!("{}", missing("gnome-keyring-daemon", &e)));
        daemon.stdin.take().unwrap().write_all(b"a test's password").unwrap();
        self.children.push(daemon);
        self.until("the keyring answers", || {
            let out = self.run("secret-tool", &["search", "service", "nothing"]);
            !String::from_utf8_lossy(&out.stderr).contains("org.freedesktop") // "no such service" until it is there
        });
    }

    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.variables);
        command
    }

    pub(crate) fn spawn(&self, program: &str, arguments: &[&str], stdout: Stdio) -> Child {
        let mut command = self.command(program);
        start(command.args(arguments).stdin(Stdio::null()).stdout(stdout).stderr(Stdio::null()))
    }

    pub(crate) fn run(&self, program: &str, arguments: &[&str]) -> Output {
        self.command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|e| panic!("{}", missing(program, &e)))
    }

    pub(crate) fn stdout_of(&self, program: &str, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.run(program, arguments).stdout).trim().to_owned()
    }

    pub(crate) fn xdotool(&self, arguments: &[&str]) -> String {
        self.stdout_of("xdotool", arguments)
    }

    /// Keeps what the screen shows, for whoever reads why a test failed.
    pub(crate) fn keep_picture(&self, name: &str) -> String {
        let picture = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png"));
        let picture = picture.to_string_lossy().into_owned();
        self.run("import", &["-window", "root", &picture]);
        picture
    }

    pub(crate) fn until(&self, what: &str, done: impl FnMut() -> bool) {
        let happened = in_time(TIMEOUT, done);
        assert!(happened, "never happened: {what} (see {})", self.keep_picture("desktop"));
    }

    pub(crate) fn window(&self, by: &str, name: &str) -> String {
        let mut found = String::new();
        self.until(&format!("a window {name}"), || {
            let all = self.xdotool(&["search", "--onlyvisible", by, name]);
            all.lines().last().unwrap_or_default().clone_into(&mut found);
            !found.is_empty()
        });
        found
    }

    /// Where a window's inside begins on the screen.
    pub(crate) fn origin(&self, window: &str) -> (i32, i32) {
        // Not by xdotool, which counts the frame around a window twice.
        let told = self.stdout_of("xwininfo", &["-id", window]);
        let value = |key: &str| {
            let line = told.lines().find_map(|l| l.trim().strip_prefix(key));
            line.and_then(|v| v.trim().parse().ok()).unwrap_or_else(|| panic!("no {key} in {told}"))
        };
        (value("Absolute upper-left X:"), value("Absolute upper-left Y:"))
    }

    pub(crate) fn move_to(&self, (x, y): (i32, i32)) {
        self.xdotool(&["mousemove", &x.to_string(), &y.to_string()]);
        std::thread::sleep(Duration::from_millis(30));
    }

    pub(crate) fn click(&self, at: (i32, i32)) {
        self.move_to(at);
        self.xdotool(&["click", "1"]);
    }

    pub(crate) fn key(&self, keys: &str) {
        self.xdotool(&["key", keys]);
    }

    /// Moves as a hand does it: in steps, with time for the programs to answer.
    pub(crate) fn glide(&self, from: (i32, i32), to: (i32, i32)) {
        for step in 1..=12 {
            let at = |a: i32, b: i32| a + (b - a) * step / 12;
            self.move_to((at(from.0, to.0), at(from.1, to.1)));
        }
    }

    pub(crate) fn press(&self) {
        self.xdotool(&["mousedown", "1"]);
    }

    pub(crate) fn release(&self) {
        self.xdotool(&["mouseup", "1"]);
    }

    /// A drag from here to there.
    pub(crate) fn drag(&self, from: (i32, i32), to: (i32, i32)) {
        self.move_to(from);
        self.press();
        self.glide(from, to);
        for wiggle in [3, -3, 2] {
            self.move_to((to.0 + wiggle, to.1));
        }
        std::thread::sleep(Duration::from_millis(200));
        self.release();
    }

    /// The environments of this desktop's processes with this argument.
    pub(crate) fn environments_of(&self, argument: &str) -> Vec<String> {
        let read = |process: &Path, what: &str| {
            let text = std::fs::read(process.join(what)).unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
        processes
            .filter(|process| read(process, "cmdline").split('\0').any(|a| a == argument))
            .map(|process| read(&process, "environ"))
            .filter(|environment| environment.contains(&self.variables["HOIST_HOME"]))
            .collect()
    }

    pub(crate) fn clipboard(&self) -> String {
        self.stdout_of("xclip", &["-selection", "clipboard", "-o"])
    }
}

/// Starts a program, or says which package is missing.
pub(crate) fn start(command: &mut Command) -> Child {
    command.spawn().unwrap_or_else(|e| panic!("{}", missing(&command.get_program().to_string_lossy(), &e)))
}

/// Whether it happens before the patience is over.
pub(crate) fn in_time(patience: Duration, mut done: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + patience;
    while !done() {
        if Instant::now() > until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    true
}
