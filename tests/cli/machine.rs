//! A user's machine, and what is looked at after every run on it.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use hoist::model::media::Media;
use hoist::provider;
use hoist::provider::spec::ProviderSpec;
use serde_json::Value;
use tempfile::TempDir;

use crate::contract;
use crate::servers::SandboxProcess;
use crate::support::key_of;
use crate::support::server::Server;

/// A run that takes longer hangs.
pub(crate) const TIMEOUT: Duration = Duration::from_mins(1);

/// Arguments of any kind of text, as the system takes them.
macro_rules! args {
    ($($argument:expr),* $(,)?) => { Vec::<&std::ffi::OsStr>::from([$(std::ffi::OsStr::new(&$argument)),*]) };
}

pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples").join(name)
}

/// The samples a provider takes.
pub(crate) fn samples(facts: &ProviderSpec) -> Vec<PathBuf> {
    let extension = |path: &Path| path.extension().unwrap().to_str().unwrap().to_owned();
    let taken = |path: &PathBuf| facts.accepts(Media::from_extension(&extension(path)).unwrap()).is_some();
    let mut all = all_files(&sample(""));
    all.sort();
    all.into_iter().filter(taken).collect()
}

/// A user's machine: a home for Hoist, a folder with files, and the variables that are set.
pub(crate) struct Machine {
    dir: TempDir,
    variables: Vec<(String, String)>,
}

impl Machine {
    pub(crate) fn new() -> Machine {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("files")).unwrap();
        // Nothing is ever asked of the services themselves: nobody listens there.
        let bases = provider::vendors().into_iter().flat_map(|s| s.endpoints);
        let nobody = bases.map(|base| (base.env.to_owned(), "http://127.0.0.1:9".to_owned()));
        Machine { dir, variables: nobody.collect() }
    }

    /// One that would reach the services themselves: for tests with a proxy in between.
    pub(crate) fn behind_a_proxy() -> Machine {
        let bases = provider::vendors().into_iter().flat_map(|s| s.endpoints);
        bases.fold(Machine::new(), |machine, base| machine.without(base.env))
    }

    /// A machine whose uploads go to a sandbox that runs on its own.
    pub(crate) fn at(sandbox: &SandboxProcess) -> Machine {
        sandbox.exports.iter().fold(Machine::new(), |machine, (name, value)| machine.with(name, value))
    }

    /// A machine whose uploads go to a server of ours.
    pub(crate) fn towards(server: &Server) -> Machine {
        provider::shown_vendors().into_iter().fold(Machine::new(), |machine, vendor| {
            let machine = machine.with(vendor.env, &key_of(vendor));
            machine.with(vendor.base().env, &server.origin())
        })
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Machine {
        self.variables.retain(|(n, _)| n != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Machine {
        self.variables.retain(|(n, _)| n != name);
        self
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn files(&self) -> PathBuf {
        self.dir.path().join("files")
    }

    /// A file with these bytes.
    pub(crate) fn file(&self, name: impl AsRef<OsStr>, bytes: &[u8]) -> PathBuf {
        let path = self.files().join(name.as_ref());
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A copy of a sample, made longer with zeros.
    pub(crate) fn long(&self, name: &str, from: &str, size: u64) -> PathBuf {
        let path = self.file(name, &fs::read(sample(from)).unwrap());
        File::options().write(true).open(&path).unwrap().set_len(size).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&OsStr]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hoist"));
        command
            .args(arguments)
            .current_dir(self.files())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOIST_HOME", self.home())
            // Without it, the bus of whoever runs the tests would be found, and with it their keyring.
            .env(
                "DBUS_SESSION_BUS_ADDRESS",
                format!("unix:path={}", self.dir.path().join("no-bus").display()),
            )
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&OsStr]) -> Ended {
        let ended = self.finish(self.command(arguments).spawn().unwrap());
        contract::is_documented(arguments, &ended.out);
        ended
    }

    /// A run with something on stdin.
    pub(crate) fn run_with_stdin(&self, arguments: &[&OsStr], stdin: &(impl AsRef<[u8]> + ?Sized)) -> Ended {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_ref()).unwrap();
        let ended = self.finish(child);
        contract::is_documented(arguments, &ended.out);
        ended
    }

    /// Uploads and takes the objects of `--json`.
    pub(crate) fn upload(&self, arguments: &[&OsStr]) -> (Ended, Vec<Value>) {
        let mut all = args!["upload", "--json"];
        all.extend_from_slice(arguments);
        let ended = self.run(&all);
        let objects = ended.objects();
        (ended, objects)
    }

    /// The objects of `hoist history list --json`; nothing was wrong with it.
    pub(crate) fn history(&self, arguments: &[&OsStr]) -> Vec<Value> {
        let mut all = args!["history", "list", "--json"];
        all.extend_from_slice(arguments);
        let ended = self.run(&all);
        assert_eq!(ended.status, 0, "{}", ended.err);
        let said =
            ended.err.lines().filter(|line| !line.starts_with("hoist: Nothing in the history matches"));
        assert_eq!(said.filter(|line| *line != "hoist: The history is empty.").count(), 0, "{}", ended.err);
        let objects = ended.objects();
        objects.iter().for_each(is_remembered_as_documented);
        objects
    }

    /// Waits until the uploads in the history, newest first, stand like this.
    pub(crate) fn until_history(&self, wanted: &[&str]) {
        let end = Instant::now() + TIMEOUT;
        loop {
            let list = self.history(&[]);
            if states(&list) == wanted {
                return;
            }
            assert!(Instant::now() < end, "waited in vain for {wanted:?}: {list:?}");
        }
    }

    /// Where the history is.
    pub(crate) fn database(&self) -> PathBuf {
        self.home().join("data/history.db")
    }

    /// Changes the history as no Hoist would.
    pub(crate) fn change_history(&self, sql: &str) {
        rusqlite::Connection::open(self.database()).unwrap().execute_batch(sql).unwrap();
    }

    /// Waits for the end, and looks for what no run may ever do.
    pub(crate) fn finish(&self, child: Child) -> Ended {
        let ended = finish(child);
        let mut secrets: Vec<&str> = provider::vendors().into_iter().map(|s| s.sandbox.key).collect();
        let is_key = |name: &str| provider::vendors().into_iter().any(|s| s.env == name);
        secrets.extend(self.variables.iter().filter(|(n, _)| is_key(n)).map(|(_, value)| value.as_str()));
        for secret in secrets {
            assert!(!ended.out.contains(secret), "a key on stdout: {}", ended.out);
            assert!(!ended.err.contains(secret), "a key on stderr: {}", ended.err);
            self.holds_nowhere(secret);
        }
        ended
    }

    /// No file that Hoist left here has this text.
    pub(crate) fn holds_nowhere(&self, secret: &str) {
        for path in all_files(&self.home()) {
            // Another Hoist that runs there may have removed one of its own.
            let Some(bytes) = read(&path) else { continue };
            let found = bytes.windows(secret.len()).any(|w| w == secret.as_bytes());
            assert!(!found, "{} has {secret:?}", path.display());
        }
    }
}

/// What is in a file, if it is there still.
fn read(path: &Path) -> Option<Vec<u8>> {
    match fs::read(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
        read => Some(read.unwrap()),
    }
}

pub(crate) fn all_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return vec![] };
    let paths = entries.map(|e| e.unwrap().path());
    paths.flat_map(|p| if p.is_dir() { all_files(&p) } else { vec![p] }).collect()
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    pub(crate) fn lines(&self) -> Vec<&str> {
        self.out.lines().collect()
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        let object = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e} in {line}"));
        let objects: Vec<Value> = self.out.lines().map(object).collect();
        objects.iter().for_each(is_as_documented);
        objects
    }

    /// Bad usage or set-up: nothing on stdout, one sentence on stderr that has all of these words.
    pub(crate) fn is_bad_usage(&self, words: &[&str]) {
        assert_eq!((self.status, self.out.as_str()), (2, ""), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "no {word:?} in: {}", self.err);
        }
    }
}

/// Waits for the end, and looks for what no terminal should see.
pub(crate) fn finish(child: Child) -> Ended {
    let pid = child.id();
    let (done, ended) = mpsc::channel();
    thread::spawn(move || done.send(child.wait_with_output()));
    let Ok(output) = ended.recv_timeout(TIMEOUT) else {
        signal("-KILL", pid);
        panic!("it still runs after {TIMEOUT:?}");
    };
    let Output { status, stdout, stderr } = output.unwrap();
    let (out, err) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(!err.contains("panicked"), "{err}");
    let turns = |c| matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let obeyed = |c: char| c != '\n' && (c.is_control() || turns(c));
    assert!(!err.contains(obeyed), "a terminal would obey this: {err:?}");
    let obeyed = |c: char| obeyed(c) && !matches!(c, '\t' | '\r');
    assert!(!out.contains(obeyed), "a terminal would obey this: {out:?}");
    let status = status.code().unwrap_or_else(|| panic!("ended by a signal: {err}"));
    Ended { status, out, err }
}

pub(crate) fn signal(which: &str, pid: u32) {
    assert!(Command::new("kill").args([which, &pid.to_string()]).status().unwrap().success());
}

/// Every object of `--json` has the documented fields in the documented order, and of the documented types.
fn is_as_documented(object: &Value) {
    let names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    let documented = "file provider destination account state id url expires values response error warnings sent_before findings";
    let documented: Vec<_> = documented.split(' ').collect();
    assert_eq!(&names[..documented.len()], documented);
    let more = ["agent", "time", "attempts"];
    assert!(names[documented.len()..].iter().all(|n| more.contains(n)), "{names:?}");
    let text = |name: &str| object[name].is_string();
    let text_or_null = |name: &str| text(name) || object[name].is_null();
    assert!(text("file") && text("provider") && text("destination") && text("state"), "{object}");
    assert!(text_or_null("account") && text_or_null("id") && text_or_null("url"), "{object}");
    if let Some(expires) = object["expires"].as_str() {
        expires.parse::<jiff::Timestamp>().unwrap();
    }
    assert!(object["values"].is_object(), "{object}");
    assert!(object["response"].is_object() || object["response"].is_null(), "{object}");
    let done = object["state"] == "done";
    let named = object["id"].is_string() || object["url"].is_string();
    assert!(named || !done, "{object}");
    assert!(!named || done || object["state"] == "unknown", "{object}");
    if let Some(error) = object["error"].as_object() {
        assert!(!done, "{object}");
        let names: Vec<_> = error.keys().map(String::as_str).collect();
        let documented = "kind message service_message hint until support_id help_url remedies";
        assert_eq!(names, documented.split(' ').collect::<Vec<_>>());
        let remedies = error["remedies"].as_array().unwrap();
        assert!(!remedies.is_empty() && remedies.iter().all(Value::is_string), "{object}");
        assert!(error["kind"].is_string() && error["message"].is_string() && error["hint"].is_string());
        assert!(error["service_message"].is_string() || error["service_message"].is_null());
    }
}

fn is_remembered_as_documented(object: &Value) {
    let time = |value: &Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    time(&object["time"]);
    for one in object["attempts"].as_array().unwrap() {
        let names: Vec<_> = one.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["started", "sent", "ended", "outcome"]);
        assert!(one["sent"].is_u64() || one["sent"].is_null(), "{object}");
        assert_eq!(one["ended"].is_null(), one["outcome"].is_null(), "{object}");
        let ended = if one["ended"].is_null() { jiff::Timestamp::MAX } else { time(&one["ended"]) };
        assert!(time(&one["started"]) <= ended, "{object}");
    }
    let known = ["done", "refused", "held", "unknown", "cancelled", "waiting", "sending"];
    assert!(known.contains(&object["state"].as_str().unwrap()), "{object}");
}

pub(crate) fn states(objects: &[Value]) -> Vec<&str> {
    objects.iter().map(|o| o["state"].as_str().unwrap()).collect()
}
