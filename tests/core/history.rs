//! The history on disk: what is written is there, what ended runs left is settled, what is damaged is kept.

mod copies;
mod damage;
mod forgetting;
mod search;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use hoist::model::destination::Destination;
use hoist::model::error::{Failure, FailureKind};
use hoist::model::media::{ContentHash, DetectedType, FileFacts, Media};
use hoist::model::receipt::Receipt;
use hoist::model::record::{Record, UploadRequest};
use hoist::model::upload::{State, UploadId};
use hoist::store::folders::Folders;
use hoist::store::history::{Claim, History, HistoryEvent, HistoryGuard, Opened, Query, Write};
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

/// Whatever takes longer never comes.
const TIMEOUT: Duration = Duration::from_mins(1);

/// A history open in a folder.
struct Open {
    history: History,
    keeper: HistoryGuard,
    events: Vec<HistoryEvent>,
}

/// What the system lets be done with a file that is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OpenFiles {
    /// It may get another name: on Windows there is no such file, but one that no program has open.
    MayMove,
    /// It keeps its name, as on Windows.
    Stay,
}

impl OpenFiles {
    const ALL: [OpenFiles; 2] = [OpenFiles::MayMove, OpenFiles::Stay];

    fn open(self, home: &Path, adopt: bool) -> Open {
        let folders = Folders::inside(home);
        let (history, keeper) = match self {
            OpenFiles::MayMove => History::open(&folders, adopt, Arc::new(|| {})),
            OpenFiles::Stay => History::open_where_names_stay(&folders, adopt, Arc::new(|| {})),
        }
        .unwrap();
        let events = keeper.wait_until_open();
        Open { history, keeper, events }
    }
}

impl Open {
    fn of(home: &Path, adopt: bool) -> Open {
        OpenFiles::MayMove.open(home, adopt)
    }

    /// What was found at the start.
    fn opened(&self) -> &Opened {
        self.events
            .iter()
            .find_map(|t| if let HistoryEvent::Opened(opened) = t { Some(opened) } else { None })
            .unwrap()
    }

    /// What was said to the user so far.
    fn notices(&mut self) -> Vec<String> {
        self.events.extend(std::iter::from_fn(|| self.keeper.try_event()));
        let said =
            |t: &HistoryEvent| if let HistoryEvent::Said(said) = t { Some(said.clone()) } else { None };
        self.events.iter().filter_map(said).collect()
    }

    /// Writes, and waits until it is written or proved impossible.
    fn write(&self, write: Write) {
        let number = self.history.write(write);
        until("a write", || self.history.has_reached(number));
    }

    fn all(&self) -> Vec<Record> {
        let mut reader = self.history.reader();
        let ids = reader.find(&Query::default()).unwrap();
        reader.records(&ids).unwrap()
    }

    /// The words of a search find these files.
    fn found(&self, search: &str) -> Vec<String> {
        let mut reader = self.history.reader();
        let ids = reader.find(&Query { search: search.into(), ..Query::default() }).unwrap();
        reader.records(&ids).unwrap().iter().map(|r| r.request.name()).collect()
    }
}

#[track_caller]
fn until(what: &str, mut wish: impl FnMut() -> bool) {
    let end = Instant::now() + TIMEOUT;
    while !wish() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn database(home: &Path) -> PathBuf {
    home.join("data/history.db")
}

fn piapi() -> Destination {
    Destination {
        name: "Mine".into(),
        provider: "piapi".into(),
        key: "piapi".into(),
        account: Some("jane@example.com".into()),
        options: BTreeMap::from([("a".into(), "b".into())]),
        fit: hoist::model::fit::FitRules::default(),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).unwrap()
}

/// The n-th file of a run, asked for at second n.
fn entry(open: &Open, n: u64, name: &str, queued: bool) -> UploadRequest {
    let id = UploadId(open.history.first_id().0 + n);
    let path = PathBuf::from("/somewhere").join(name);
    let facts = FileFacts {
        path: path.clone(),
        size: 1000 + n,
        modified: Some(SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789)),
        recognised: DetectedType::Known(Media::Png),
        pixels: Some((64, 48)),
        ..FileFacts::default()
    };
    UploadRequest {
        id,
        path,
        facts: Some(facts),
        destination: Arc::new(piapi()),
        added: at(n as i64),
        retry_of: id,
        queued,
        requested: Some(at(n as i64)),
        copy: None,
        agent: None,
    }
}

fn waiting() -> State {
    State::Waiting { until: None, why: None }
}

fn receipt(id: &str) -> Box<Receipt> {
    Box::new(Receipt {
        id: Some(id.into()),
        url: Some(format!("https://files.example.com/{id}")),
        values: vec![("width".into(), 64.into())],
        warnings: vec!["flagged".into()],
        expires: Some(at(1_000_000_000)),
        response: serde_json::json!({ "data": { "id": id } }).into(),
    })
}

fn ended(entry: &UploadRequest, state: State) -> Write {
    let outcome = if state.receipt().is_some() { "done" } else { "no-answer" };
    Write::Ended { request: entry.clone(), state, at: at(100), sent: 1000, outcome }
}

/// Sends a file as the engine writes it down.
fn send(open: &Open, entry: &UploadRequest, hash: u8, state: State) {
    open.write(Write::Put(entry.clone(), waiting()));
    open.write(Write::Began(entry.clone(), at(1)));
    open.write(Write::Whole(entry.clone(), ContentHash([hash; 32])));
    open.write(ended(entry, state));
}

fn state_names(states: &[Record]) -> Vec<&'static str> {
    let word = |r: &Record| match r.state {
        State::Ready => "ready",
        State::Waiting { .. } => "waiting",
        State::Sending { .. } => "sending",
        State::Sent { .. } => "sent",
        State::Processing { .. } => "processing",
        State::Done(_) => "done",
        State::Held(_) => "held",
        State::Refused(_) => "refused",
        State::Unknown(_) => "unknown",
        State::Cancelled => "cancelled",
    };
    states.iter().map(word).collect()
}

#[test]
fn what_was_written_is_read_back_whole_by_another_run() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let first = entry(&open, 1, "a.png", false);
    send(&open, &first, 1, State::Done(receipt("id-1")));
    let mut failure = Failure::new(FailureKind::TooLarge, "Too large", "Make it smaller");
    failure.service_message = Some("File exceeds the cap".into());
    let second = entry(&open, 2, "b.png", false);
    send(&open, &second, 2, State::Refused(Box::new(failure.clone())));
    drop(open);
    let again = Open::of(home.path(), false);
    let all = again.all();
    assert_eq!(state_names(&all), ["refused", "done"], "newest first");
    assert_eq!((&all[1].request, &all[0].request), (&first, &second));
    assert_eq!(all[1].state, State::Done(receipt("id-1")));
    assert_eq!(all[0].state, State::Refused(Box::new(failure)));
    assert_eq!((all[0].attempts, all[1].hash), (1, Some(ContentHash([1; 32]))));
    let tries = again.history.reader().attempts(first.id).unwrap();
    assert_eq!(tries.len(), 1);
    assert_eq!((tries[0].started, tries[0].sent, tries[0].ended), (at(1), Some(1000), Some(at(100))));
    assert_eq!(tries[0].outcome.as_deref(), Some("done"));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_look_into_it_and_names_need_not_be_text() {
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let mut odd = entry(&open, 1, "x", false);
    odd.path = PathBuf::from(std::ffi::OsStr::from_bytes(b"/\xff\xfe\n\x1b[31m.png"));
    odd.facts = None;
    open.write(Write::Put(odd.clone(), State::Cancelled));
    assert_eq!(open.all()[0].request.path, odd.path);
    for file in fs::read_dir(home.path().join("data")).unwrap().filter_map(Result::ok) {
        let mode = file.metadata().unwrap().permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{:?}", file.file_name());
    }
}

#[test]
fn a_run_that_was_ended_is_settled_honestly_and_its_queue_goes_to_one_window() {
    let home = tempfile::tempdir().unwrap();
    let dead = Open::of(home.path(), true);
    let files = ["staged", "waiting", "sending", "sent", "done", "held", "unknown", "again"];
    let mut entries: Vec<_> = (1..).zip(files).map(|(n, name)| entry(&dead, n, name, true)).collect();
    // Sent again, and therefore behind the one it repeats.
    let repeated = entries[1].clone();
    let again = entries.pop().unwrap();
    dead.write(Write::Put(
        UploadRequest { retry_of: repeated.id, added: repeated.added, ..again },
        State::Cancelled,
    ));
    let staged = UploadRequest { requested: None, ..entries[0].clone() };
    dead.write(Write::Put(staged, State::Ready));
    for e in &entries[1..] {
        dead.write(Write::Put(e.clone(), waiting()));
    }
    for e in &entries[2..] {
        dead.write(Write::Began(e.clone(), at(1)));
    }
    for e in &entries[3..] {
        dead.write(Write::Whole(e.clone(), ContentHash([9; 32])));
    }
    let unknown = || State::Unknown(Box::new(Failure::new(FailureKind::NoAnswer, "", "")));
    let held = Failure { until: Some(at(5)), ..Failure::new(FailureKind::RateLimited, "", "") };
    dead.write(ended(&entries[4], State::Done(receipt("id"))));
    dead.write(ended(&entries[5], State::Held(Box::new(held))));
    dead.write(ended(&entries[6], unknown()));
    // Sent again by itself, since a second copy does no harm: the first may exist.
    let repeated = entry(&dead, 19, "repeated", false);
    dead.write(Write::Put(repeated.clone(), waiting()));
    dead.write(Write::Began(repeated.clone(), at(1)));
    dead.write(ended(&repeated, waiting()));
    dead.write(Write::Began(repeated, at(2)));
    let terminal = entry(&dead, 20, "terminal", false);
    dead.write(Write::Put(terminal.clone(), waiting()));
    dead.write(Write::Began(terminal, at(1)));

    let beside = Open::of(home.path(), true);
    assert!(beside.opened().queue.is_empty(), "that run lives: its queue is its own");
    assert_eq!(state_names(&beside.all())[0], "sending");
    drop(dead);

    let list = Open::of(home.path(), false);
    assert!(list.opened().queue.is_empty(), "a command takes no queue");
    let mut window = Open::of(home.path(), true);
    let queue = &window.opened().queue;
    let names: Vec<_> = queue.iter().map(|r| r.request.name()).collect();
    assert_eq!(names, ["staged", "waiting", "again", "sending", "sent", "done", "held", "unknown"]);
    let states = ["ready", "ready", "cancelled", "ready", "unknown", "done", "held", "unknown"];
    assert_eq!(state_names(queue), states);
    assert_eq!(queue[4].state.failure().unwrap().kind, FailureKind::Interrupted);
    let tries = window.history.reader().attempts(queue[4].request.id).unwrap();
    assert_eq!(tries[0].outcome.as_deref(), Some("interrupted"));
    assert_eq!(state_names(&window.all())[..2], ["cancelled", "unknown"], "what the terminal had begun");
    assert!(window.notices().is_empty());
    assert!(Open::of(home.path(), true).opened().queue.is_empty(), "it went to one window only");
}

#[test]
fn a_content_that_another_run_sends_is_free_again_once_that_run_has_ended() {
    let home = tempfile::tempdir().unwrap();
    let content = ContentHash([7; 32]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let claim =
        |open: &Open, request: &UploadRequest| runtime.block_on(open.history.claim(request.clone(), content));
    let sending = |name: &str, whole: bool| {
        let open = Open::of(home.path(), false);
        let request = entry(&open, 1, name, false);
        open.write(Write::Put(request.clone(), waiting()));
        assert!(matches!(claim(&open, &request), Claim::Granted), "{name}");
        open.write(Write::Began(request.clone(), at(1)));
        if whole {
            open.write(Write::Whole(request.clone(), content));
        }
        (open, request)
    };
    let own = Open::of(home.path(), false);
    let request = entry(&own, 1, "mine.png", false);
    own.write(Write::Put(request.clone(), waiting()));

    let (other, begun) = sending("begun.png", false);
    let refused = claim(&own, &request);
    assert!(matches!(&refused, Claim::Going(id) if *id == begun.id), "that run lives: {refused:?}");
    drop(other);
    assert!(matches!(claim(&own, &request), Claim::Granted), "nothing of it can have arrived");
    own.write(ended(&request, State::Cancelled));

    let (other, begun) = sending("whole.png", true);
    let refused = claim(&own, &request);
    assert!(matches!(&refused, Claim::Going(id) if *id == begun.id), "that run lives: {refused:?}");
    drop(other);
    let found = claim(&own, &request);
    assert!(matches!(found, Claim::SentBefore(_)), "it may have arrived: {found:?}");
}

#[test]
fn leaving_the_queue_and_being_forgotten_are_two_things() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), true);
    let entries: Vec<_> = (1..6).map(|n| entry(&open, n, &format!("{n}.png"), true)).collect();
    open.write(Write::Put(UploadRequest { requested: None, ..entries[0].clone() }, State::Ready));
    send(&open, &entries[1], 1, State::Done(receipt("two")));
    send(&open, &entries[2], 2, State::Done(receipt("three")));
    send(&open, &entries[3], 3, State::Unknown(Box::new(Failure::new(FailureKind::NoAnswer, "", ""))));
    open.write(Write::Put(entries[4].clone(), waiting()));
    open.write(Write::Unqueued(vec![entries[0].id, entries[1].id]));
    let names = |open: &Open| open.all().iter().map(|r| r.request.name()).collect::<Vec<_>>();
    assert_eq!(names(&open), ["5.png", "4.png", "3.png", "2.png"]);
    open.write(Write::Forgotten(vec![entries[1].id, entries[4].id]));
    assert_eq!(names(&open), ["5.png", "4.png", "3.png"], "what is on its way is not forgotten");
    // A late answer finds its row where the user has left it.
    open.write(ended(&entries[1], State::Done(receipt("late"))));
    assert_eq!(open.found("late"), ["2.png"]);
    open.write(Write::Cleared);
    assert_eq!(names(&open), ["5.png", "4.png"], "what still waits in a queue stays");
    drop(open);
    let queue: Vec<_> = Open::of(home.path(), true).opened().queue.iter().map(|r| r.request.name()).collect();
    assert_eq!(queue, ["4.png", "5.png"]);
}

#[test]
fn the_same_content_at_the_same_destination_is_found_while_it_lives() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let first = entry(&open, 1, "a.png", false);
    send(&open, &first, 1, State::Done(receipt("old")));
    let unknown = || State::Unknown(Box::new(Failure::new(FailureKind::NoAnswer, "", "")));
    let mut second = entry(&open, 2, "b.png", false);
    second.facts = first.facts.clone();
    send(&open, &second, 1, unknown());
    let mut reader = open.history.reader();
    let (same, other) = (ContentHash([1; 32]), ContentHash([2; 32]));
    let renamed = Destination { name: "Renamed".into(), ..piapi() };
    assert!(reader.has_size(1001, &renamed).unwrap() && !reader.has_size(1002, &renamed).unwrap());
    let found = reader.earlier(1001, &same, &renamed, at(0)).unwrap().unwrap();
    assert_eq!(
        (found.id, found.requested, found.receipt),
        (first.id, at(1), Some(receipt("old"))),
        "an id comes first"
    );
    assert_eq!(reader.earlier(1001, &other, &renamed, at(0)).unwrap(), None);
    for elsewhere in [
        Destination { account: None, ..piapi() },
        Destination { key: "second".into(), ..piapi() },
        Destination { provider: "indream".into(), ..piapi() },
        Destination { options: BTreeMap::new(), ..piapi() },
    ] {
        assert_eq!(reader.earlier(1001, &same, &elsewhere, at(0)).unwrap(), None, "{elsewhere:?}");
    }
    // The link is dead: what is left is the one of which nobody knows.
    let found = reader.earlier(1001, &same, &piapi(), at(1_000_000_000)).unwrap().unwrap();
    assert_eq!((found.id, found.receipt), (second.id, None));
}

#[test]
fn holds_outlive_the_run_and_a_clock_that_is_set_back_does_not_lengthen_them() {
    let home = tempfile::tempdir().unwrap();
    let now = Timestamp::now();
    let hour = SignedDuration::from_hours(1);
    let account = |name: &str| ("flow-music".to_owned(), "useapi".to_owned(), Some(name.to_owned()));
    let open = Open::of(home.path(), false);
    open.write(Write::Hold(account("over"), now - hour * 2, now - hour));
    open.write(Write::Hold(account("held"), now - hour, now + hour));
    let auto = ("google-flow".to_owned(), "useapi".to_owned(), None);
    open.write(Write::Hold(auto.clone(), now, now + hour));
    // Written by a clock that was a day ahead.
    let ahead = now + hour * 24;
    open.write(Write::Hold(account("ahead"), ahead, ahead + hour));
    drop(open);
    let open = Open::of(home.path(), false);
    let mut holds = open.opened().holds.clone();
    holds.sort();
    assert_eq!(holds.len(), 3, "{holds:?}");
    assert_eq!(holds[0].0, account("ahead"));
    assert!(holds[0].1 <= Timestamp::now() + hour, "a day longer than it was: {holds:?}");
    assert_eq!((&holds[1].0, &holds[2].0), (&account("held"), &auto));
}

#[test]
fn what_left_whole_is_known_by_its_content_though_its_row_was_not_there() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let file = entry(&open, 1, "a.png", false);
    open.write(Write::Whole(file.clone(), ContentHash([7; 32])));
    assert_eq!((state_names(&open.all()), open.all()[0].hash), (vec!["sent"], Some(ContentHash([7; 32]))));
    open.write(ended(&file, State::Done(receipt("id"))));
    let found = open.history.reader().earlier(1001, &ContentHash([7; 32]), &piapi(), at(0)).unwrap();
    assert_eq!(found.unwrap().receipt, Some(receipt("id")));
}

#[test]
fn the_longest_hold_of_an_account_outlives_the_run() {
    let home = tempfile::tempdir().unwrap();
    // The database has milliseconds.
    let now = Timestamp::from_millisecond(Timestamp::now().as_millisecond()).unwrap();
    let hour = SignedDuration::from_hours(1);
    let account = |name: &str| ("flow-music".to_owned(), "useapi".to_owned(), Some(name.to_owned()));
    let open = Open::of(home.path(), false);
    for (name, began, until) in [
        ("longer last", now, now + hour),
        ("longer last", now, now + hour * 3),
        ("shorter last", now - hour, now + hour * 3),
        ("shorter last", now, now + hour),
        ("shorter last", now, now),
        // What a clock wrote that was a day ahead is no reason to forget what the service asked for today.
        ("ahead first", now + hour * 24, now + hour * 25),
        ("ahead first", now, now + hour * 3),
    ] {
        open.write(Write::Hold(account(name), began, until));
    }
    drop(open);
    let open = Open::of(home.path(), false);
    let mut holds = open.opened().holds.clone();
    holds.sort();
    let expected = ["ahead first", "longer last", "shorter last"].map(|name| (account(name), now + hour * 3));
    assert_eq!(holds, expected);
}

/// Files of the data folder whose names begin so.
fn files(home: &Path, begin: &str) -> Vec<String> {
    let all = fs::read_dir(home.join("data")).unwrap().filter_map(Result::ok);
    let mut all: Vec<_> =
        all.filter_map(|f| f.file_name().into_string().ok()).filter(|n| n.starts_with(begin)).collect();
    all.sort();
    all
}

/// A way to spoil a database.
type Spoil<'a> = &'a dyn Fn(&Path);

#[test]
fn a_damaged_or_foreign_history_is_kept_aside_and_a_new_one_is_used() {
    let foreign = |path: &Path| {
        let db = Connection::open(path).unwrap();
        db.execute_batch("CREATE TABLE upload (id INTEGER); PRAGMA user_version = 1;").unwrap();
    };
    let garbage =
        |path: &Path| fs::write(path, b"this is no database at all, but it is long enough").unwrap();
    let scribbled = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        bytes[4096..].fill(0x5a);
        fs::write(path, bytes).unwrap();
    };
    let cut = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 3]).unwrap();
    };
    let robbed = |path: &Path| Connection::open(path).unwrap().execute_batch("DROP TABLE attempt").unwrap();
    let ways: [(&str, Spoil); 5] = [
        ("foreign", &foreign),
        ("garbage", &garbage),
        ("scribbled", &scribbled),
        ("cut", &cut),
        ("robbed", &robbed),
    ];
    for (system, (name, spoil)) in OpenFiles::ALL.into_iter().flat_map(|system| ways.map(|way| (system, way)))
    {
        let home = tempfile::tempdir().unwrap();
        if ["scribbled", "cut", "robbed"].contains(&name) {
            let open = Open::of(home.path(), false);
            send(&open, &entry(&open, 1, "old.png", false), 1, State::Done(receipt("old")));
            drop(open);
        } else {
            fs::create_dir_all(home.path().join("data")).unwrap();
        }
        spoil(&database(home.path()));
        let spoiled = fs::read(database(home.path())).unwrap();
        let mut open = system.open(home.path(), false);
        send(&open, &entry(&open, 1, "new.png", false), 1, State::Done(receipt("new")));
        until(name, || !open.notices().is_empty());
        let said = open.notices();
        assert_eq!(said.len(), 1, "{name}: said once: {said:?}");
        assert!(said[0].contains("kept as history-damaged-"), "{name}: {said:?}");
        assert_eq!(open.found("new"), ["new.png"], "{name}");
        let kept = files(home.path(), "history-damaged-");
        let kept = kept.iter().map(|f| home.path().join("data").join(f));
        let as_it_was = |f: PathBuf| match name {
            // A sound database, in which there was work to do before it was seen what it lacks.
            "robbed" => Connection::open(f).unwrap().table_exists(None, "upload").unwrap(),
            _ => fs::read(f).unwrap() == spoiled,
        };
        assert!(kept.into_iter().any(as_it_was), "{name}");
        drop(open);
        assert!(Open::of(home.path(), false).notices().is_empty(), "{name}: said once");
    }
}

#[test]
fn a_history_of_a_newer_hoist_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    drop(Open::of(home.path(), false));
    let newer = "ALTER TABLE upload ADD COLUMN mood TEXT; PRAGMA user_version = 99;";
    Connection::open(database(home.path())).unwrap().execute_batch(newer).unwrap();
    let mut open = Open::of(home.path(), false);
    open.write(Write::Put(entry(&open, 1, "a.png", false), waiting()));
    assert!(open.notices()[0].contains("newer version"), "{:?}", open.notices());
    drop(open);
    let db = Connection::open(database(home.path())).unwrap();
    assert_eq!(db.query_row("PRAGMA user_version", [], |r| r.get::<_, i64>(0)).unwrap(), 99);
    assert!(files(home.path(), "history-damaged").is_empty());
}

#[test]
fn what_cannot_be_written_is_said_once_and_written_later() {
    let home = tempfile::tempdir().unwrap();
    let mut open = Open::of(home.path(), false);
    let locker = Connection::open(database(home.path())).unwrap();
    locker.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let first = entry(&open, 1, "a.png", false);
    send(&open, &first, 1, State::Done(receipt("id-1")));
    send(&open, &entry(&open, 2, "b.png", false), 2, State::Done(receipt("id-2")));
    let said = open.notices();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("another program has locked it"), "{said:?}");
    locker.execute_batch("ROLLBACK").unwrap();
    until("the writing", || open.notices().len() > 1);
    assert!(open.notices()[1].contains("nothing is missing"), "{:?}", open.notices());
    assert_eq!(open.found("id-"), ["b.png", "a.png"]);
    assert_eq!(open.history.reader().attempts(first.id).unwrap().len(), 1, "a try is written once");
}

/// A copy of the history as it is now: opening it may have made one of how it was before.
#[test]
fn several_writers_share_one_history() {
    let home = tempfile::tempdir().unwrap();
    let threads: Vec<_> = (0..4)
        .map(|writer| {
            let home = home.path().to_owned();
            std::thread::spawn(move || {
                let mut open = Open::of(&home, false);
                for n in 0..50 {
                    let e = entry(&open, n, &format!("{writer}-{n}.png"), false);
                    send(&open, &e, n as u8, State::Done(receipt(&format!("id-{writer}-{n}"))));
                }
                open.notices()
            })
        })
        .collect();
    for thread in threads {
        assert!(thread.join().unwrap().is_empty());
    }
    let open = Open::of(home.path(), false);
    assert_eq!(open.history.reader().count().unwrap().all, 200);
    assert!(
        fs::read_dir(home.path().join("data/runs")).unwrap().count() <= 1,
        "runs that ended leave nothing"
    );
}
