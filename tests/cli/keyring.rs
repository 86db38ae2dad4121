//! Real keyrings: unlocked, locked, absent, killed half-way, and one that hangs. What a person is told in each case, where
//! the key is, and that it is nowhere else. `scripts/setup test` installs what this needs.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hoist::model::secret::Key;
use hoist::sandbox::Sandbox;
use hoist::store::keys::Keys;

const HOIST: &str = env!("CARGO_BIN_EXE_hoist");
const KEY: &str = "user:1000-sandboxSandboxSandbox";

/// Long enough for any machine; nothing is decided by it but that a test ends.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A bus on which no keyring starts by itself.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:dir=RUN</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"#;

/// Somebody's session, ended with the test.
struct Desk {
    home: tempfile::TempDir,
    variables: HashMap<String, String>,
    vendors: Sandbox,
    children: Vec<Child>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let ended: Vec<_> = self.children.iter_mut().map(Child::try_wait).collect();
            let said = std::fs::read_to_string(self.home.path().join("keyring.log")).unwrap_or_default();
            let report = format!("the bus and the keyring: {ended:?}; the keyring said: {said}\n");
            let _ = std::io::stderr().write_all(report.as_bytes());
        }
        for child in self.children.iter_mut().rev() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn signal(which: &str, child: &Child) {
    let _ = Command::new("kill").args([which, &child.id().to_string()]).status();
}

/// How a command ended.
#[derive(Debug)]
struct Ended {
    status: i32,
    out: String,
    err: String,
}

impl Ended {
    #[track_caller]
    fn says(&self, status: i32, words: &[&str]) {
        assert_eq!(self.status, status, "{self:?}");
        for word in words {
            assert!(self.err.contains(word) || self.out.contains(word), "no {word:?} in {self:?}");
        }
        assert!(!self.err.contains("panicked") && !self.err.contains(KEY) && !self.out.contains(KEY));
    }
}

impl Desk {
    fn new() -> Desk {
        let home = tempfile::tempdir().unwrap();
        let path = |name: &str| home.path().join(name).to_string_lossy().into_owned();
        let vendors = Sandbox::start(0, Arc::new(|_| {})).unwrap();
        let mut variables: HashMap<String, String> = [
            ("HOME", path("")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("XDG_DATA_HOME", path("share")),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_CACHE_HOME", path("cache")),
            ("HOIST_HOME", path("hoist")),
            ("PATH", std::env::var("PATH").unwrap()),
            ("LC_ALL", "C.UTF-8".into()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        std::fs::create_dir(path("run")).unwrap();
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(path("run"), std::fs::Permissions::from_mode(0o700)).unwrap();
        }
        std::fs::write(path("bus.conf"), BUS.replace("RUN", &path("run"))).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args([&format!("--config-file={}", path("bus.conf")), "--nofork", "--print-address=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("dbus-daemon cannot be started ({e}): run scripts/setup test"));
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        variables.insert("DBUS_SESSION_BUS_ADDRESS".into(), address.trim().into());
        variables.extend(vendors.bases().into_iter().map(|(name, url)| (name.to_owned(), url)));
        Desk { home, variables, vendors, children: vec![bus] }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.variables).current_dir(self.home.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A keyring that is unlocked, as after a log-in.
    fn start_keyring(&mut self) {
        let _ = std::fs::remove_dir_all(self.home.path().join("run/keyring")); // one that was killed leaves its socket
        let mut daemon = self.command("gnome-keyring-daemon");
        daemon.args(["--unlock", "--foreground", "--components=secrets"]);
        let log = std::fs::File::create(self.home.path().join("keyring.log")).unwrap();
        daemon.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
        let mut daemon = daemon.spawn().unwrap_or_else(|e| {
            panic!("gnome-keyring-daemon cannot be started ({e}): run scripts/setup test")
        });
        daemon.stdin.take().unwrap().write_all(b"a test's password").unwrap();
        self.children.push(daemon);
        let until = Instant::now() + TIMEOUT;
        while self.secrets().contains("org.freedesktop.secrets was not") {
            assert!(Instant::now() < until, "the keyring never answered");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn keyring(&self) -> &Child {
        self.children.last().unwrap()
    }

    fn kill_keyring(&mut self) {
        let mut keyring = self.children.pop().unwrap();
        keyring.kill().unwrap();
        keyring.wait().unwrap();
    }

    /// What the keyring holds for Hoist, as another program sees it.
    fn secrets(&self) -> String {
        let out = self.command("secret-tool").args(["search", "--all", "service", "hoist"]).output().unwrap();
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
    }

    /// Locks every keyring, as a screen saver may.
    fn lock(&self) {
        let out = self
            .command("dbus-send")
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.secrets",
                "/org/freedesktop/secrets",
            ])
            .args([
                "org.freedesktop.Secret.Service.Lock",
                "array:objpath:/org/freedesktop/secrets/collection/login",
            ])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn hoist(&self, arguments: &[&str], stdin: &str) -> Ended {
        let mut child = self.command(HOIST).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let out = child.wait_with_output().unwrap();
        Ended {
            status: out.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&out.stdout).into_owned(),
            err: String::from_utf8_lossy(&out.stderr).into_owned(),
        }
    }

    fn add(&self) -> Ended {
        self.hoist(&["keys", "add", "useapi"], &format!("{KEY}\n"))
    }

    fn upload(&self) -> Ended {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
        self.hoist(&["upload", "--to", "flow-music", &file.to_string_lossy()], "")
    }

    /// Every file below the home folder but the keyring's own.
    fn files(&self) -> Vec<PathBuf> {
        fn below(folder: &Path, all: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => below(&entry.path(), all),
                    Ok(kind) if kind.is_file() => all.push(entry.path()),
                    _ => {}
                }
            }
        }
        let mut all = vec![];
        below(self.home.path(), &mut all);
        all.retain(|path| !path.to_string_lossy().contains("keyrings"));
        all
    }
}

/// Whether a process was started with the key as an argument.
fn is_an_argument(key: &str) -> bool {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut lines = processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.any(|line| String::from_utf8_lossy(&line).contains(key))
}

#[test]
fn a_key_is_in_the_keyring_and_nowhere_else_whatever_is_done_with_it() {
    let mut desk = Desk::new();
    desk.start_keyring();
    let watching = Arc::new(AtomicBool::new(true));
    let watcher = {
        let watching = Arc::clone(&watching);
        std::thread::spawn(move || {
            let mut seen = false;
            while watching.load(Ordering::Relaxed) {
                seen |= is_an_argument(KEY);
                std::thread::sleep(Duration::from_millis(2));
            }
            seen
        })
    };
    desk.add().says(0, &["is in the keyring under the name useapi", "Flow Music: jane@example.com"]);
    let secrets = desk.secrets();
    assert!(secrets.contains(&format!("secret = {KEY}")) && secrets.contains("attribute.service = hoist"));
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/photo.jpg");
    let file = file.to_string_lossy();
    desk.hoist(&["keys", "check"], "").says(0, &["useapi · useapi.net · the key works"]);
    desk.hoist(&["keys", "check", "--json"], "").says(0, &["\"works\":true"]);
    desk.hoist(&["keys", "rename", "useapi", "Studio"], "").says(0, &["Studio"]);
    desk.hoist(&["destinations", "add", "google-flow", "--account", "jane@example.com"], "")
        .says(0, &["jane"]);
    desk.hoist(&["destinations", "add", "flow-music", "-o", "stripMetadata=false", "--name", "As it is"], "")
        .says(0, &["As it is"]);
    desk.upload().says(0, &["-image:"]);
    desk.hoist(&["upload", "--json", "--to", "Google Flow · jane@example.com", &file], "").says(0, &["done"]);
    desk.hoist(&["upload", "--to", "google-flow", "--account", "broken@example.com", &file], "")
        .says(1, &["lost its connection"]);
    desk.hoist(&["history", "list", "--json"], "").says(0, &["cover.png"]);
    desk.hoist(&["history", "export", "--csv"], "").says(0, &["cover.png"]);
    desk.hoist(&["settings", "export"], "").says(0, &["jane@example.com"]);
    desk.hoist(&["completions", "bash"], "").says(0, &["hoist"]);
    // A second key under a name of its own, a wrong one, and one that is replaced.
    desk.hoist(&["keys", "add", "useapi", "--name", "second"], &format!("{KEY}\n")).says(0, &["second"]);
    desk.hoist(&["keys", "add", "useapi"], "user:7-revoked\n").says(2, &["Nothing was saved"]);
    assert!(desk.secrets().contains(KEY), "a wrong key replaces nothing");
    watching.store(false, Ordering::Relaxed);
    assert!(!watcher.join().unwrap(), "the key was in a process list");
    let files = desk.files();
    assert!(files.iter().any(|path| path.ends_with("hoist/data/history.db")), "{files:?}");
    for path in files {
        let bytes = std::fs::read(&path).unwrap_or_default();
        for secret in [KEY, "user:7-revoked"] {
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "the key is in {}", path.display());
        }
    }
    for name in ["useapi", "second"] {
        desk.hoist(&["keys", "remove", name, "--yes"], "").says(0, &["is removed from the keyring"]);
    }
    assert!(!desk.secrets().contains("secret = "), "{}", desk.secrets());
    assert!(desk.vendors.origin().starts_with("http://127.0.0.1"));
}

#[test]
fn without_a_keyring_the_way_out_is_named() {
    let desk = Desk::new();
    desk.add().says(2, &["could not be saved: there is no keyring on this system", "HOIST_USEAPI_TOKEN"]);
    desk.hoist(&["keys", "list"], "").says(0, &["No keys yet"]);
}

#[test]
fn a_keyring_that_is_killed_half_way_is_told_from_a_missing_key() {
    let mut desk = Desk::new();
    desk.start_keyring();
    desk.add().says(0, &["is in the keyring"]);
    desk.upload().says(0, &["-image:"]);
    desk.kill_keyring();
    desk.upload().says(2, &["key could not be read", "there is no keyring", "HOIST_USEAPI_TOKEN"]);
    // What is given by the environment needs none.
    desk.variables.insert("HOIST_USEAPI_TOKEN".into(), KEY.into());
    desk.upload().says(0, &["-image:"]);
    desk.variables.remove("HOIST_USEAPI_TOKEN");
    // And with the keyring everything is as it was.
    desk.start_keyring();
    desk.upload().says(0, &["-image:"]);
}

#[test]
fn a_locked_keyring_that_nobody_unlocks_is_waited_for_a_few_seconds_only() {
    let mut desk = Desk::new();
    desk.start_keyring();
    desk.add().says(0, &["is in the keyring"]);
    desk.lock();
    desk.upload().says(2, &["key could not be read", "locked", "Unlock"]);
    desk.add().says(2, &["could not be saved", "locked", "HOIST_USEAPI_TOKEN"]);
}

#[test]
fn a_keyring_that_hangs_is_waited_for_a_few_seconds_only() {
    let mut desk = Desk::new();
    desk.start_keyring();
    desk.add().says(0, &["is in the keyring"]);
    signal("-STOP", desk.keyring());
    desk.upload().says(2, &["key could not be read", "does not answer"]);
    desk.hoist(&["keys", "list"], "").says(0, &["useapi"]);
    signal("-CONT", desk.keyring());
    desk.upload().says(0, &["-image:"]);
}

/// Whether a test is the process that runs in somebody's session, and not the one that made it.
const IN_SESSION: &str = "HOIST_TEST_IN_SESSION";

/// The window may be open for days: a keyring may start after it, and be started again.
#[test]
fn a_keyring_that_starts_later_or_again_is_found_while_the_program_runs() {
    if std::env::var_os(IN_SESSION).is_some() {
        return answer_what_is_asked();
    }
    let mut desk = Desk::new();
    let mut program = desk.command(&std::env::current_exe().unwrap().to_string_lossy());
    program
        .args(["keyring::a_keyring_that_starts_later_or_again_is_found_while_the_program_runs", "--exact"]);
    let mut program = program.arg("--nocapture").env(IN_SESSION, "1").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = program.stdin.take().unwrap();
    let mut stdout = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut ask = |what: &str| {
        writeln!(stdin, "{what}").unwrap();
        stdout.find_map(|line| line.strip_prefix("answer: ").map(str::to_owned)).expect("an answer")
    };
    assert_eq!(
        ask("save first"),
        "there is no keyring on this system (a Secret Service such as gnome-keyring or KWallet)"
    );
    desk.start_keyring();
    assert_eq!(ask("save first"), "done");
    assert_eq!(ask("read first"), "done");
    desk.kill_keyring();
    assert!(ask("read first").contains("no keyring"));
    desk.start_keyring();
    assert_eq!(ask("read first"), "done");
    desk.kill_keyring();
    desk.start_keyring();
    assert_eq!(ask("save second"), "done", "by a connection that broke unnoticed");
    desk.kill_keyring();
    desk.start_keyring();
    assert_eq!(ask("remove first"), "done");
    assert_eq!(ask("read first"), "the keyring has no key of that name");
    assert!(desk.secrets().contains("username = second") && !desk.secrets().contains("username = first"));
    drop(stdin);
    assert!(program.wait().unwrap().success());
}

/// Saves, reads and removes keys by one and the same handle, as the window does; each line of stdin is a question.
fn answer_what_is_asked() {
    let keys = Keys::in_keyring();
    for line in std::io::stdin().lines() {
        let line = line.unwrap();
        let (what, name) = line.split_once(' ').unwrap();
        let result = match what {
            "save" => keys.put(name, Key::new(KEY.into()).unwrap()),
            "read" => keys.get(name).map(drop),
            _ => keys.remove(name),
        };
        keys.forget(name);
        let answer = result.map_or_else(|problem| problem.to_string(), |()| "done".into());
        std::io::stdout().write_all(format!("\nanswer: {answer}\n").as_bytes()).unwrap();
    }
}
