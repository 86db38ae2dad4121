//! `hoist watch`: what comes into a folder is sent once, whatever happens meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use hoist::model::media::Media;
use parking_lot::Mutex;

use crate::machine::{Ended, Machine, TIMEOUT, finish, signal, states};
use crate::servers::{SandboxProcess, accepted};
use crate::support::made;
use crate::support::server::{Answer, Gate, Reaction, Server, sha256};

/// A command that watches, and what it has printed so far.
struct Watch {
    child: Child,
    out: Arc<Mutex<String>>,
    err: Arc<Mutex<String>>,
}

/// Reads lines on a thread.
fn lines(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let into = Arc::clone(&text);
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            *into.lock() += &(line + "\n");
        }
    });
    text
}

fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + TIMEOUT;
    while !is_so() {
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

impl Watch {
    /// Starts it, and waits until it says that it watches.
    fn start(machine: &Machine, arguments: &[&std::ffi::OsStr]) -> Watch {
        let all = [&args!["watch", "--to", "piapi"], arguments].concat();
        let hoist = machine.command(&all);
        // A file that may not grow is an error then, as on a full disk, and no signal.
        let mut command = Command::new("sh");
        command
            .args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"])
            .arg(hoist.get_program())
            .args(hoist.get_args());
        command.env_clear().envs(hoist.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.current_dir(machine.files());
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        let watch = Watch { child, out, err };
        until("it watches", || watch.says("hoist: Watching "));
        watch
    }

    fn says(&self, text: &str) -> bool {
        self.err.lock().contains(text)
    }

    /// Waits for so many results.
    fn has_results(&self, count: usize) {
        let end = Instant::now() + TIMEOUT;
        while self.out.lock().lines().count() < count {
            let (out, err) = (self.out.lock(), self.err.lock());
            assert!(Instant::now() < end, "waited in vain for {count} results: {out}\n{err}");
            drop((out, err));
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it by Ctrl+C.
    fn end(self) -> Ended {
        signal("-INT", self.child.id());
        let Watch { child, out, err } = self;
        let status = finish(child).status;
        thread::sleep(Duration::from_millis(50)); // the last lines are being read
        Ended { status, out: out.lock().clone(), err: err.lock().clone() }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn png(number: usize) -> Vec<u8> {
    made(Media::Png, 1000 + number)
}

/// A folder to watch.
fn folder(machine: &Machine) -> PathBuf {
    let folder = machine.files().join("renders");
    fs::create_dir(&folder).unwrap();
    folder
}

/// Accepts everything, each upload with an ID of its own.
fn accepting() -> Server {
    Server::start(|_, number| Reaction::Answer(accepted("piapi", number)))
}

/// A server that accepts everything, a machine whose uploads go there, and a folder to watch.
fn watched() -> (Server, Machine, PathBuf) {
    let server = accepting();
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    (server, machine, folder)
}

/// The contents that arrived whole, each with how often.
fn arrived(server: &Server) -> BTreeMap<String, usize> {
    let mut all = BTreeMap::new();
    for request in server.requests().into_iter().filter(|request| request.complete) {
        *all.entry(request.sha256).or_default() += 1;
    }
    all
}

#[test]
fn what_comes_is_sent_once_and_what_was_there_is_not() {
    let (server, machine, folder) = watched();
    fs::write(folder.join("before.png"), png(0)).unwrap();
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    fs::create_dir_all(folder.join("deep/er")).unwrap();
    fs::write(folder.join("deep/er/b.png"), png(2)).unwrap();
    // Neither hidden, nor unfinished, nor text; and nothing that is empty.
    for name in [".hidden.png", "c.png.part", "d.png.crdownload", "notes.txt", "deep/.e.png"] {
        fs::write(folder.join(name), png(3)).unwrap();
    }
    File::create(folder.join("empty.png")).unwrap();
    watch.has_results(2);
    fs::rename(folder.join("c.png.part"), folder.join("c.png")).unwrap(); // now it is finished
    watch.has_results(3);
    // A move, a copy, and the file that was there before, under another name.
    fs::rename(folder.join("a.png"), folder.join("deep/moved.png")).unwrap();
    fs::copy(folder.join("deep/er/b.png"), folder.join("copy.png")).unwrap();
    fs::rename(folder.join("before.png"), folder.join("renamed.png")).unwrap();
    until("the copy is noticed", || watch.says("copy.png has the content of a file that was sent"));
    fs::write(folder.join("last.png"), png(4)).unwrap();
    watch.has_results(4);
    let ended = watch.end();
    assert_eq!((ended.status, ended.out.lines().count()), (0, 4), "{}", ended.err);
    assert!(ended.out.lines().all(|line| line.starts_with("https://")), "{}", ended.out);
    assert_eq!(ended.err.lines().last(), Some("hoist: 4 uploaded."), "{}", ended.err);
    assert_eq!(states(&machine.history(&[])), ["done"; 4]);

    // It goes on where it was.
    fs::write(folder.join("meanwhile.png"), png(5)).unwrap();
    let watch = Watch::start(&machine, &args![folder, "--json"]);
    watch.has_results(1);
    let ended = watch.end();
    let objects = ended.objects();
    assert!(objects[0]["file"].as_str().unwrap().ends_with("/renders/meanwhile.png"), "{}", objects[0]);
    assert_eq!(states(&objects), ["done"]);
    // And what was there before goes when that is said.
    let watch = Watch::start(&machine, &args![folder, "--existing"]);
    watch.has_results(1);
    assert_eq!(watch.end().status, 0);
    assert_eq!(server.requests().len(), 6);
}

#[test]
fn two_commands_that_watch_a_folder_and_one_within_it_send_each_content_once() {
    let (server, machine, folder) = watched();
    let inner = folder.join("inner");
    fs::create_dir(&inner).unwrap();
    let watches = [Watch::start(&machine, &args![folder]), Watch::start(&machine, &args![inner])];
    for number in 0..5 {
        fs::write(inner.join(format!("{number}.png")), png(number)).unwrap();
    }
    for watch in &watches {
        watch.has_results(5);
    }
    let ended = watches.map(Watch::end);
    let ids = ended.each_ref().map(|ended| ended.out.lines().map(str::to_owned).collect::<BTreeSet<_>>());
    assert_eq!((ids[0].len(), &ids[0]), (5, &ids[1]), "both know what each content became");
    assert_eq!(arrived(&server).into_values().collect::<Vec<_>>(), [1; 5]);
}

#[test]
fn what_was_sent_before_from_a_renamed_folder_is_said_as_that() {
    let (server, machine, folder) = watched();
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    watch.has_results(1);
    let first = watch.end();
    let renamed = machine.files().join("final");
    fs::rename(&folder, &renamed).unwrap();
    let watch = Watch::start(&machine, &args![renamed, "--existing", "--json"]);
    watch.has_results(1);
    let ended = watch.end();
    let objects = ended.objects();
    assert_eq!((states(&objects), server.requests().len()), (vec!["done"], 1));
    assert_eq!(objects[0]["url"].as_str(), first.out.lines().next());
    assert_eq!(objects[0]["sent_before"], machine.history(&[])[0]["time"]);
    assert!(ended.err.contains("a.png was sent to PiAPI on"), "{}", ended.err);
    assert_eq!(ended.err.lines().last(), Some("hoist: 1 sent before."), "{}", ended.err);
}

#[test]
fn a_file_is_sent_when_it_is_written_to_its_end() {
    let (server, machine, folder) = watched();
    let watch = Watch::start(&machine, &args![folder]);
    let whole = made(Media::Png, 300_000);
    // Written with pauses that are longer than any stillness, and named anew in the middle.
    let mut slow = File::create(folder.join("slow.tmp")).unwrap();
    slow.write_all(&whole[..100_000]).unwrap();
    fs::rename(folder.join("slow.tmp"), folder.join("slow.png")).unwrap();
    thread::sleep(Duration::from_millis(1500));
    slow.write_all(&whole[100_000..200_000]).unwrap();
    thread::sleep(Duration::from_millis(1500));
    assert_eq!(server.requests().len(), 0, "it is open");
    slow.write_all(&whole[200_000..]).unwrap();
    drop(slow);
    watch.has_results(1);
    let request = server.request();
    assert_eq!((request.body_len > 300_000, request.complete), (true, true));
    // Rendered again: another content under the same name.
    fs::write(folder.join("slow.png"), png(1)).unwrap();
    watch.has_results(2);
    // A file that is cut off is left, since no person sees its warning.
    fs::write(folder.join("cut.png"), &whole[..150_000]).unwrap();
    until("it is said", || watch.says("cut.png: ") && watch.says("The file is not sent"));
    let ended = watch.end();
    assert_eq!((ended.status, server.requests().len()), (0, 2), "{}", ended.err);
    assert_eq!(ended.err.lines().last(), Some("hoist: 2 uploaded, 1 not sent."), "{}", ended.err);
}

#[test]
fn what_the_system_tells_nothing_of_is_found_by_walking() {
    let (_server, machine, folder) = watched();
    let elsewhere = machine.files().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let watch = Watch::start(&machine, &args![folder]);
    // News come of the link and of nothing behind it.
    std::os::unix::fs::symlink(&elsewhere, folder.join("linked")).unwrap();
    thread::sleep(Duration::from_millis(500));
    fs::write(elsewhere.join("a.png"), png(1)).unwrap();
    watch.has_results(1);
    fs::write(elsewhere.join("b.png"), png(2)).unwrap();
    watch.has_results(2);
    assert_eq!(watch.end().status, 0);
}

#[test]
fn a_thousand_files_at_once_arrive_once_each() {
    let (server, machine, folder) = watched();
    let watch = Watch::start(&machine, &args![folder]);
    for number in 0..1000 {
        fs::write(folder.join(format!("{number}.png")), png(number)).unwrap();
    }
    watch.has_results(1000);
    let ended = watch.end();
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert_eq!(ended.err.lines().last(), Some("hoist: 1000 uploaded."));
    let ids: BTreeSet<_> = ended.out.lines().collect();
    assert_eq!(ids.len(), 1000, "an ID each");
    let arrived = arrived(&server);
    assert_eq!((arrived.len(), arrived.values().max()), (1000, Some(&1)));
}

#[test]
fn whoever_is_killed_in_the_middle_sends_nothing_twice_and_nothing_partial() {
    let (server, machine, folder) = watched();
    for round in 0..5 {
        let watch = Watch::start(&machine, &args![folder]);
        for number in 0..20 {
            fs::write(folder.join(format!("{round}-{number}.png")), png(100 * round + number)).unwrap();
        }
        let before = server.requests().len();
        server.until("some have arrived", |requests| requests.len() >= before + 3 + round);
        watch.kill();
    }
    let watch = Watch::start(&machine, &args![folder]);
    let settled = || {
        let is_settled =
            |object: &&serde_json::Value| object["state"] == "done" || object["state"] == "unknown";
        let all = machine.history(&[]);
        let names: BTreeSet<_> =
            all.iter().filter(is_settled).map(|object| object["file"].to_string()).collect();
        names.len()
    };
    until("every file was sent, or may have been", || settled() == 100);
    let ended = watch.end();
    // What was on its way when Hoist was killed may exist, and is said to: it is not sent again.
    assert!([0, 3].contains(&ended.status), "{}", ended.err);
    let arrived = arrived(&server);
    assert_eq!(arrived.values().max(), Some(&1), "{arrived:?}");
}

#[test]
fn what_could_not_be_sent_is_sent_by_the_next_run() {
    let refuse = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let refuses = Arc::clone(&refuse);
    let server = Server::start(move |_, number| {
        let refuses = refuses.load(std::sync::atomic::Ordering::SeqCst);
        Reaction::Answer(if refuses { Answer::new(401, "{}") } else { accepted("piapi", number) })
    });
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    until("it is said", || watch.says("a.png"));
    let ended = watch.end();
    assert_eq!((ended.status, ended.out.as_str()), (1, ""), "{}", ended.err);
    assert_eq!(ended.err.lines().last(), Some("hoist: 1 held."), "{}", ended.err);
    refuse.store(false, std::sync::atomic::Ordering::SeqCst);
    let watch = Watch::start(&machine, &args![folder]);
    watch.has_results(1);
    assert_eq!(watch.end().status, 0);
}

#[test]
fn a_file_that_is_sent_at_the_second_try_is_counted_once() {
    let server = Server::start(|_, number| {
        Reaction::Answer(if number == 0 { Answer::new(401, "{}") } else { accepted("piapi", number) })
    });
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    until("it is said", || watch.says("a.png: "));
    fs::write(folder.join("a.png"), png(2)).unwrap(); // a change is a reason to try again at once
    watch.has_results(1);
    let ended = watch.end();
    assert_eq!((ended.status, ended.err.lines().last()), (0, Some("hoist: 1 uploaded.")), "{}", ended.err);
}

#[test]
fn files_that_are_moved_while_they_wait_are_sent_from_where_they_are_and_nothing_else_is_said() {
    let gate = Gate::default();
    let held = gate.clone();
    let server =
        Server::start(move |_, number| Reaction::PauseWithin(100, held.clone(), accepted("piapi", number)));
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    fs::create_dir(folder.join("done")).unwrap();
    let watch = Watch::start(&machine, &args![folder]);
    for number in 0..20 {
        fs::write(folder.join(format!("{number}.png")), png(number)).unwrap();
    }
    server.until("the first are on their way", |requests| !requests.is_empty());
    until("the others wait", || machine.history(&[]).len() == 20);
    for number in 10..20 {
        let name = format!("{number}.png");
        fs::rename(folder.join(&name), folder.join("done").join(&name)).unwrap();
    }
    gate.open();
    watch.has_results(20);
    let ended = watch.end();
    assert_eq!((ended.status, ended.err.lines().last()), (0, Some("hoist: 20 uploaded.")), "{}", ended.err);
    assert!(!ended.err.contains("disappeared"), "{}", ended.err);
    let arrived = arrived(&server);
    assert_eq!((arrived.len(), arrived.values().max()), (20, Some(&1)));
}

#[test]
fn a_file_that_goes_while_it_is_sent_is_said_and_stops_no_other() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, number| match number {
        0 => Reaction::PauseWithin(100_000, held.clone(), accepted("piapi", number)),
        _ => Reaction::Answer(accepted("piapi", number)),
    });
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), made(Media::Png, 8_000_000)).unwrap();
    until("its first bytes have arrived", || gate.is_reached());
    fs::remove_file(folder.join("a.png")).unwrap();
    fs::write(folder.join("b.png"), png(2)).unwrap();
    watch.has_results(1);
    gate.open();
    watch.has_results(2);
    assert_eq!(watch.end().status, 0);
    assert_eq!(server.bodies_that_may_exist(), 2, "the system keeps a file for whoever reads it");
}

#[test]
fn a_file_that_is_written_and_deleted_while_it_is_sent_is_said() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, number| {
        Reaction::PauseWithin(100_000, held.clone(), accepted("piapi", number))
    });
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), made(Media::Png, 8_000_000)).unwrap();
    until("its first bytes have arrived", || gate.is_reached());
    fs::File::options().append(true).open(folder.join("a.png")).unwrap().write_all(b"more").unwrap();
    fs::remove_file(folder.join("a.png")).unwrap();
    gate.open();
    until("it is said", || watch.says("hoist: a.png: The file changed or disappeared during the upload"));
    let ended = watch.end();
    assert_eq!((ended.status, ended.out.as_str()), (0, ""), "{}", ended.err);
    assert_eq!(server.bodies_that_may_exist(), 0);
}

#[test]
fn ctrl_c_stops_what_is_on_its_way_and_says_what_became_of_all() {
    let server = Server::start(|_, number| match number {
        0 => Reaction::Answer(accepted("piapi", number)),
        _ => Reaction::StallWithin(1000),
    });
    let machine = Machine::towards(&server);
    let folder = folder(&machine);
    let ended = Watch::start(&machine, &args![folder]).end();
    assert_eq!((ended.status, ended.out.as_str()), (0, ""));
    assert_eq!(ended.err.lines().last(), Some("hoist: Nothing was uploaded."));
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    watch.has_results(1);
    fs::write(folder.join("b.png"), made(Media::Png, 8_000_000)).unwrap();
    server.until("it is on its way", |requests| requests.len() == 2);
    let ended = watch.end();
    assert_eq!((ended.status, ended.out.lines().count()), (1, 1), "{}", ended.err);
    assert_eq!(ended.err.lines().last(), Some("hoist: 1 uploaded, 1 cancelled."), "{}", ended.err);
}

#[test]
fn a_folder_that_cannot_be_watched_is_bad_usage() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let folder = folder(&machine);
    let file = machine.file("a.png", &png(1));
    machine.run(&args!["watch", "--to", "piapi", file]).is_bad_usage(&["a.png is not a folder"]);
    machine.run(&args!["watch", "--to", "piapi", "nowhere"]).is_bad_usage(&["nowhere is not a folder"]);
    machine.run(&args!["watch", "--to", "nowhere", folder]).is_bad_usage(&["There is no", "nowhere"]);
    let watch = Watch::start(&machine, &args![folder]);
    machine
        .run(&args!["watch", "--to", "piapi", folder])
        .is_bad_usage(&["Another Hoist watches this folder"]);
    watch.end();
}

#[test]
fn a_file_that_is_not_accepted_is_fitted_where_that_is_said() {
    let (server, machine, folder) = watched();
    let mut bitmap = std::io::Cursor::new(vec![]);
    let picture = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 9]));
    picture.write_to(&mut bitmap, image::ImageFormat::Bmp).unwrap();
    let bitmap = bitmap.into_inner();
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.bmp"), &bitmap).unwrap();
    until("it is refused", || watch.says("a.bmp: "));
    let ended = watch.end();
    assert_eq!((ended.status, server.requests().len()), (1, 0), "{}", ended.err);
    let watch = Watch::start(&machine, &args![folder, "--fit"]);
    // Another one: what was refused for good is not tried again.
    let mut other = bitmap.clone();
    *other.last_mut().unwrap() ^= 1;
    fs::write(folder.join("b.bmp"), &other).unwrap();
    watch.has_results(1);
    assert_eq!(watch.end().status, 0);
    assert_eq!(fs::read(folder.join("b.bmp")).unwrap(), other, "the file itself is as it was");
}

#[test]
fn a_history_that_cannot_be_written_sends_nothing_until_it_can() {
    let (server, machine, folder) = watched();
    // A first run makes the folders.
    Watch::start(&machine, &args![folder]).end();
    let data = machine.home().join("data");
    let database = data.join("history.db");
    fs::rename(&database, data.join("away.db")).unwrap();
    fs::create_dir(&database).unwrap(); // nothing can be written there
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    until("it is said", || watch.says("a.png: Not sent"));
    let ended = watch.end();
    assert_eq!((ended.status, server.requests().len()), (2, 0), "{}", ended.err);
    fs::remove_dir(&database).unwrap();
    let watch = Watch::start(&machine, &args![folder]);
    watch.has_results(1);
    assert_eq!((watch.end().status, server.requests().len()), (0, 1));
}

#[test]
fn a_disk_that_takes_nothing_any_more_loses_nothing_and_sends_nothing_twice() {
    let (server, machine, folder) = watched();
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    watch.has_results(1);
    // From here on no file of this program grows: neither the history nor what is known of the folder.
    let pid = watch.child.id().to_string();
    let limited = Command::new("prlimit").args(["--pid", &pid, "--fsize=64"]).status();
    assert!(limited.unwrap().success());
    for number in 2..6 {
        fs::write(folder.join(format!("{number}.png")), png(number)).unwrap();
    }
    until("it is said of each", || (2..6).all(|number| watch.says(&format!("{number}.png: Not sent"))));
    assert_eq!(server.requests().len(), 1);
    let ended = watch.end();
    assert_eq!((ended.status, ended.out.lines().count()), (2, 1), "{}", ended.err);
    let watch = Watch::start(&machine, &args![folder]);
    watch.has_results(4);
    assert_eq!(watch.end().status, 0);
    let arrived = arrived(&server);
    assert_eq!((arrived.len(), arrived.values().max()), (5, Some(&1)));
}

/// The folder's own files are never changed.
#[test]
fn the_folder_stays_as_it_is() {
    let (_server, machine, folder) = watched();
    let watch = Watch::start(&machine, &args![folder]);
    fs::write(folder.join("a.png"), png(1)).unwrap();
    watch.has_results(1);
    watch.end();
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["a.png"]);
    let bytes = |path: &Path| sha256(&fs::read(path).unwrap());
    assert_eq!(bytes(&folder.join("a.png")), sha256(&png(1)));
}
