//! The real program, killed with SIGKILL or `TerminateProcess` at random moments of a batch: what its history says
//! afterwards agrees with what the server was sent. Every body that the server took whole is known with its id, or marked
//! as one that may exist; and nothing is sent again unasked.

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::server::{Answer, Gate, Reaction, Recorded, Server, sha256};
use crate::support::{key_of, made, spec};
use fastrand::Rng;
use hoist::model::media::Media;
use hoist::provider::rehearsal::sample;
use hoist::provider::spec::BodyForm;
use hoist::provider::{self, Provider, SandboxUpload, UploadSpec};
use serde_json::Value;
use tempfile::TempDir;

/// Kills of each provider's uploads. Under Wine a start takes seconds: there it is every kind of moment twice.
const KILLS: usize = if cfg!(windows) { 8 } else { 25 };

/// Files of a batch: of different sizes, by which they are known on the wire.
const FILES: usize = 20;

/// Bytes that may still have been on their way inside the program when the last one was allowed to leave: the last piece,
/// and what HTTP libraries keep.
const INSIDE: u64 = 1024 * 1024;

/// When the program is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// So long after its start: the history is not there yet, or nothing is sent yet, or something is.
    Started(Duration),
    /// So many uploads have begun.
    Began(usize),
    /// So many came whole, and none that came later is answered.
    Whole(usize),
    /// So many were answered.
    Answered(usize),
}

impl Moment {
    fn of(kind: usize, random: &mut Rng) -> Moment {
        let count = random.usize(1..FILES);
        match kind % 4 {
            0 => Moment::Started(Duration::from_millis(random.u64(0..150))),
            1 => Moment::Began(count),
            2 => Moment::Whole(count),
            _ => Moment::Answered(count),
        }
    }

    fn has_come(self, requests: &[Recorded]) -> bool {
        match self {
            Moment::Started(_) => true,
            Moment::Began(count) => requests.len() >= count,
            Moment::Whole(count) => requests.iter().filter(|r| r.complete).count() >= count,
            Moment::Answered(count) => requests.iter().filter(|r| r.answered.is_some()).count() >= count,
        }
    }
}

/// What became of the files, by the history and by the server.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    kills: usize,
    /// The server had answered some of the files by then, and not all.
    in_the_middle: usize,
    done: usize,
    /// The server took it whole.
    unknown: usize,
    /// It did not, but the last byte may have left.
    unknown_too_careful: usize,
    cancelled: usize,
    absent: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.kills += other.kills;
        self.in_the_middle += other.in_the_middle;
        self.done += other.done;
        self.unknown += other.unknown;
        self.unknown_too_careful += other.unknown_too_careful;
        self.cancelled += other.cancelled;
        self.absent += other.absent;
    }
}

/// A file of the batch.
struct Upload {
    path: PathBuf,
    size: u64,
    sha256: String,
}

fn batch(folder: &Path) -> Vec<Upload> {
    let file = |n: usize| {
        // Most are small, every fourth has megabytes.
        let size = if n % 4 == 3 { 1_400_000 + n * 70_000 } else { 3000 + n * 9000 };
        let bytes = made(Media::Png, size);
        let path = folder.join(format!("{n:02}.png"));
        std::fs::write(&path, &bytes).unwrap();
        Upload { path, size: size as u64, sha256: sha256(&bytes) }
    };
    (0..=FILES).map(file).collect()
}

/// How long the request is that carries a file.
fn length(provider: &Provider, file: &Upload) -> u64 {
    let name = file.path.file_name().unwrap().to_str().unwrap();
    let options = BTreeMap::new();
    let outgoing = UploadSpec { size: file.size, ..spec(name, Media::Png, &options) };
    provider.request(provider.file_step(), &outgoing).unwrap().body.length(file.size)
}

/// The answer to a request, with an id that no other has.
fn answer(provider: &Provider, number: usize) -> (Answer, String) {
    let uuid = format!("0a1b2c3d-0000-4000-8000-{number:012}");
    let (status, body) = provider
        .example(provider.steps(), &SandboxUpload { uuid: uuid.clone(), ..sample(provider, Media::Png) });
    (Answer::new(status, body.to_string()), uuid)
}

/// A home for Hoist, and the server it sends to.
struct Machine {
    home: TempDir,
    origin: String,
}

impl Machine {
    fn command(&self, arguments: &[&str], files: &[Upload]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hoist"));
        command.args(arguments).args(files.iter().map(|file| &file.path)).env_clear();
        command.env("HOIST_HOME", self.home.path());
        command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
        for vendor in provider::vendors() {
            command.env(vendor.env, key_of(vendor)).env(vendor.base().env, &self.origin);
        }
        command.stdin(Stdio::null());
        command
    }

    fn history(&self) -> Vec<Value> {
        let list = self.command(&["history", "list", "--json"], &[]).output().unwrap();
        let said = String::from_utf8(list.stderr).unwrap();
        assert!(list.status.success() && !said.contains("cannot") && !said.contains("damaged"), "{said}");
        let text = String::from_utf8(list.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// Kills one batch, and compares.
fn kill(provider: &'static Provider, files: &[Upload], moment: Moment, random: &mut Rng) -> Counts {
    let (files, other) = files.split_at(FILES);
    let gate = Gate::default();
    let mut delays: Vec<_> = (0..=FILES).map(|_| Duration::from_millis(random.u64(0..30))).collect();
    delays.resize(4 * FILES, Duration::ZERO);
    let held = gate.clone();
    let server = Server::forgetful(move |_, number| {
        let answer = answer(provider, number).0;
        match moment {
            Moment::Whole(count) if number + 1 >= count => Reaction::AnswerAfter(held.clone(), answer),
            _ => Reaction::SlowAnswer(delays[number], answer),
        }
    });
    let machine = Machine { home: tempfile::tempdir().unwrap(), origin: server.origin() };
    let id = provider.facts().id;
    let mut upload = machine.command(&["upload", "--to", id], files);
    let mut child = upload.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    if let Moment::Started(after) = moment {
        std::thread::sleep(after);
    }
    server.until("the moment", |requests| moment.has_come(requests));
    std::thread::sleep(Duration::from_micros(random.u64(0..8000)));
    child.kill().unwrap();
    child.wait().unwrap();
    let answered = server.requests().iter().filter(|r| r.answered.is_some()).count();
    gate.open();

    // Merely starting again sends nothing, and sending something else sends nothing more.
    let before = machine.history();
    let run = machine.command(&["upload", "--to", id], other).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    let after = machine.history();
    assert_eq!(after[1..], before, "{id} {moment:?}");
    assert_eq!(after[0]["file"], other[0].path.to_str().unwrap());
    server.until("the end of every request", |requests| requests.iter().all(|r| r.ended.is_some()));
    let requests = server.requests();
    let of_file = |file: &Upload| {
        let length = length(provider, file);
        let requests = requests.iter().enumerate();
        requests
            .filter(|(_, r)| r.header("content-length").unwrap().parse() == Ok(length))
            .collect::<Vec<_>>()
    };
    assert_eq!(of_file(&other[0]).len(), 1);
    let known: usize = files.iter().map(|file| of_file(file).len()).sum();
    assert_eq!(known + 1, requests.len(), "every request is one of a file");

    let in_the_middle = usize::from(0 < answered && answered < FILES);
    let mut counts = Counts { kills: 1, in_the_middle, ..Counts::default() };
    for file in files {
        let sent = of_file(file);
        let row = before.iter().find(|row| row["file"] == file.path.to_str().unwrap());
        let state = row.map_or("absent", |row| row["state"].as_str().unwrap());
        let told = format!("{id} {moment:?}: {state} {row:?} {sent:?}");
        assert!(sent.len() <= 1, "sent again unasked: {told}");
        let whole = sent.first().filter(|(_, request)| request.complete);
        match (whole, state) {
            (Some((number, request)), "done") => {
                let row = row.unwrap();
                let known = if row["id"].is_null() { &row["url"] } else { &row["id"] };
                let uuid = answer(provider, *number).1;
                assert!(known.as_str().unwrap().contains(&uuid), "not the id it was given: {told}");
                let is_file = provider.facts().request.body == BodyForm::Raw;
                assert!(!is_file || request.sha256 == file.sha256, "not what is in the file: {told}");
                counts.done += 1;
            }
            (Some(_), "unknown") => counts.unknown += 1,
            (None, "unknown") => {
                let left = length(provider, file) - sent.first().map_or(0, |(_, request)| request.body_len);
                assert!(left <= INSIDE, "its last byte cannot have left: {told}");
                counts.unknown_too_careful += 1;
            }
            (None, "cancelled") => counts.cancelled += 1,
            // The wish is on disk before the first byte leaves.
            (None, "absent") if sent.is_empty() => counts.absent += 1,
            _ => panic!("the history and the server do not agree: {told}"),
        }
        if let Some(row) = row {
            let tries = row["attempts"].as_array().unwrap();
            assert!(tries.len() <= 1 && tries.iter().all(|one| one["ended"].is_string()), "{told}");
        }
    }
    if let Moment::Whole(count) = moment {
        assert!(counts.unknown > 0, "{count} was taken whole and never answered: {counts:?}");
    }
    counts
}

#[test]
fn after_a_kill_the_history_knows_what_the_server_took_and_nothing_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let files = batch(folder.path());
    let began = Instant::now();
    let providers: Vec<_> =
        provider::first().into_iter().filter(|p| p.facts().accepts(Media::Png).is_some()).collect();
    let of_provider = |index: usize| {
        let provider = providers[index];
        let mut random = Rng::with_seed(0x4057 + index as u64);
        let mut counts = Counts::default();
        for kind in 0..KILLS {
            let moment = Moment::of(kind, &mut random);
            counts += kill(provider, &files, moment, &mut random);
        }
        counts
    };
    let all: Vec<Counts> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..providers.len()).map(|index| scope.spawn(move || of_provider(index))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut total = Counts::default();
    for (provider, counts) in providers.iter().zip(&all) {
        println!("{:<12} {counts:?}", provider.facts().id);
        total += *counts;
    }
    println!("{:<12} {total:?} in {:.1?}", "in all", began.elapsed());
    assert_eq!(total.kills, KILLS * providers.len());
    assert!(cfg!(windows) || total.kills >= 100);
    assert!(total.in_the_middle > 0, "at least one kill where the answer had been sent");
    assert!(total.done > 0 && total.unknown > 0, "{total:?}");
}
