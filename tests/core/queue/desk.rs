//! A session in a folder of its own whose every service is a server of ours, and what a person does with it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use hoist::engine::transport::TimeLimits;
use hoist::model::destination::Destination;
use hoist::model::item::Item;
use hoist::model::media::Media;
use hoist::model::record::Record;
use hoist::model::secret::Key;
use hoist::model::upload::{State, UploadId};
use hoist::provider;
use hoist::session::{Finished, Session, Start, Update};
use hoist::store::environment::Environment;
use hoist::store::folders::Folders;
use hoist::store::history::{Query, Syncer, system_sync};
use hoist::store::keys::Keys;
use serde_json::json;

use crate::support::server::{Answer, Gate, Reaction, Recorded, Server};
use crate::support::{TIMEOUT, key_of, made};

/// Files go there where nothing else is said: it is told each file's name.
pub(crate) const INDREAM: &str = "indream";

/// What the service says of a file it took.
pub(crate) fn taken(request: &Recorded) -> Answer {
    let name = request.header("x-file-name").unwrap_or("other");
    let data = json!({ "assetId": format!("asset of {name}"), "filename": name, "fileUrl": null });
    let other = json!({ "code": 200, "data": { "url": "https://example.com/other" } });
    let body = if request.header("x-file-name").is_some() { json!({ "data": data }) } else { other };
    Answer::new(if request.header("x-file-name").is_some() { 201 } else { 200 }, body.to_string())
}

/// A server that takes everything, as soon as a file's own gate is open; a file without one is taken at once.
pub(crate) fn with_gates(gates: &[(&str, &Gate)]) -> Server {
    let gates: HashMap<String, Gate> =
        gates.iter().map(|(name, gate)| ((*name).to_owned(), (*gate).clone())).collect();
    Server::start(move |request, _| match request.header("x-file-name").and_then(|name| gates.get(name)) {
        Some(gate) => Reaction::AnswerAfter(gate.clone(), taken(request)),
        None => Reaction::Answer(taken(request)),
    })
}

/// The files that came, in the order they came.
pub(crate) fn came(server: &Server) -> Vec<String> {
    server.requests().iter().map(|r| r.header("x-file-name").unwrap_or("other").to_owned()).collect()
}

/// A refusal of this one file.
pub(crate) fn refusal() -> Reaction {
    Reaction::Answer(Answer::new(400, r#"{"error":{"message":"no"}}"#))
}

pub(crate) struct Desk {
    pub(crate) session: Session,
    pub(crate) home: tempfile::TempDir,
    woken: Receiver<()>,
    /// The batches that ended so far.
    pub(crate) finished: Vec<Finished>,
    /// What was told so far.
    pub(crate) notices: Vec<String>,
    /// The last answer to each kind of question to the history.
    found: Option<Vec<UploadId>>,
    records: Vec<Record>,
}

impl Desk {
    /// A new one; every service is at this address.
    pub(crate) fn at(origin: &str) -> Desk {
        Desk::in_home(tempfile::tempdir().unwrap(), origin, Keys::in_memory(), true)
    }

    /// One without keys of the environment, with a keyring of its own.
    pub(crate) fn with_keyring(origin: &str) -> Desk {
        Desk::in_home(tempfile::tempdir().unwrap(), origin, Keys::in_memory(), false)
    }

    /// The same with a keyring that others may change, too.
    pub(crate) fn with_keys(origin: &str, keys: Keys) -> Desk {
        Desk::in_home(tempfile::tempdir().unwrap(), origin, keys, false)
    }

    /// One where something else puts the history on the disk.
    pub(crate) fn synced_by(origin: &str, sync: Syncer) -> Desk {
        Desk::start(tempfile::tempdir().unwrap(), origin, Keys::in_memory(), true, sync)
    }

    fn in_home(home: tempfile::TempDir, origin: &str, keys: Keys, given: bool) -> Desk {
        Desk::start(home, origin, keys, given, system_sync())
    }

    fn start(home: tempfile::TempDir, origin: &str, keys: Keys, given: bool, sync: Syncer) -> Desk {
        let vendors = provider::vendors();
        let bases = vendors.iter().flat_map(|s| s.endpoints);
        let given = vendors.iter().filter(|_| given).map(|s| (s.id, Key::new(key_of(s)).unwrap()));
        let start = Start {
            environment: Environment {
                keys: given.collect(),
                bases: bases.map(|base| (base.env, origin.to_owned())).collect(),
                ..Environment::default()
            },
            limits: TimeLimits { stall: TIMEOUT, answer: TIMEOUT, late: TIMEOUT, ..TimeLimits::default() },
            first_pause: Duration::from_millis(20),
            sync,
            ..Start::new(Folders::inside(&home.path().join("hoist")), keys)
        };
        let (ring, woken) = mpsc::channel();
        let wake = Arc::new(move || {
            let _ = ring.send(());
        });
        let session = Session::start(start, wake).unwrap();
        Desk { session, home, woken, finished: vec![], notices: vec![], found: None, records: vec![] }
    }

    /// Ends it and starts another one over the same folder.
    pub(crate) fn restarted(self, origin: &str) -> Desk {
        let Desk { session, home, .. } = self;
        drop(session);
        Desk::in_home(home, origin, Keys::in_memory(), true)
    }

    /// Takes in what there is to tell.
    pub(crate) fn poll(&mut self) {
        let Update { finished, found, records, .. } = self.session.poll();
        self.finished.extend(finished);
        self.notices.extend(self.session.take_notices().into_iter().map(|notice| notice.text));
        if let Some((_, found)) = found {
            self.found = Some(found.ids().to_vec());
        }
        self.records.extend(records);
    }

    /// Looks until it is as wished.
    #[track_caller]
    pub(crate) fn until(&mut self, what: &str, wish: impl Fn(&Desk) -> bool) {
        let end = Instant::now() + TIMEOUT;
        loop {
            self.poll();
            if wish(self) {
                return;
            }
            let states: Vec<_> =
                self.session.uploads.queue().items().iter().map(|i| (&i.name, &i.state)).collect();
            assert!(Instant::now() < end, "waited in vain for {what}: {states:?}");
            let _ = self.woken.recv_timeout(Duration::from_millis(100));
        }
    }

    pub(crate) fn destination(&self, provider: &str) -> Arc<Destination> {
        let there = self.session.keys.destinations().iter().find(|d| d.provider == provider);
        Arc::clone(there.unwrap_or_else(|| panic!("no destination at {provider}")))
    }

    /// The path of a file; pictures of one name have one content, and no other name has that.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        let path = self.home.path().join(name);
        let size = 1000 + name.bytes().map(usize::from).sum::<usize>();
        if !path.exists() {
            std::fs::write(&path, made(Media::Png, size)).unwrap();
        }
        path
    }

    /// Puts pictures with these names in the queue.
    pub(crate) fn stage(&mut self, names: &[&str]) -> Vec<UploadId> {
        let to = self.destination(INDREAM);
        let files: Vec<_> = names.iter().map(|name| self.file(name)).collect();
        self.session.add_files_to(files, &to)
    }

    /// The same, and waits until they can be sent.
    pub(crate) fn ready(&mut self, names: &[&str]) -> Vec<UploadId> {
        let ids = self.stage(names);
        self.until("they are looked into", |desk| ids.iter().all(|id| desk.item(*id).is_sendable()));
        ids
    }

    /// The same, and asks for them.
    pub(crate) fn upload(&mut self, names: &[&str]) -> Vec<UploadId> {
        let ids = self.ready(names);
        self.session.uploads.upload_all();
        ids
    }

    /// The same, and waits for what becomes of them.
    pub(crate) fn uploaded(&mut self, names: &[&str]) -> Vec<UploadId> {
        let ids = self.upload(names);
        self.ended(&ids);
        ids
    }

    /// Waits until nothing more happens to these by itself.
    #[track_caller]
    pub(crate) fn ended(&mut self, ids: &[UploadId]) {
        self.until("they end", |desk| ids.iter().all(|id| !desk.state(*id).is_active()));
    }

    pub(crate) fn one_at_a_time(&mut self) {
        self.session.set(|s| (s.uploads_at_once, s.uploads_per_account) = (1, 1));
    }

    /// Every command so far is obeyed, and whatever it starts had time to: each of these files is asked for and stopped
    /// once more. They need a pause, or a slot that is taken.
    pub(crate) fn rounds(&mut self) {
        for n in 0..10 {
            let name = format!("round {n}.png");
            let id = self.ready(&[&name])[0];
            self.session.uploads.send_again(id); // this one only
            self.until("it is handed over", |desk| desk.item(id).facts().is_some());
            assert!(matches!(self.state(id), State::Waiting { .. }), "{:?}", self.state(id));
            self.session.uploads.cancel(id);
            self.ended(&[id]);
            assert_eq!(self.state(id), &State::Cancelled);
            assert_eq!(self.session.uploads.remove_items(&[id]).len(), 1);
        }
    }

    #[track_caller]
    pub(crate) fn item(&self, id: UploadId) -> &Item {
        self.session.uploads.queue().get(id).expect("in the queue")
    }

    #[track_caller]
    pub(crate) fn state(&self, id: UploadId) -> &State {
        &self.item(id).state
    }

    /// The names in the queue, in order.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.session.uploads.queue().items().iter().map(|item| item.name.as_str()).collect()
    }

    pub(crate) fn ids(&self) -> Vec<UploadId> {
        self.session.uploads.queue().items().iter().map(|item| item.request.id).collect()
    }

    /// What the history has, as the page of it would show it: the newest first.
    pub(crate) fn history(&mut self) -> Vec<Record> {
        let end = Instant::now() + TIMEOUT;
        let mut ids = self.found();
        loop {
            self.records.clear();
            self.session.library.read_records(ids.clone());
            let again = self.found(); // questions are answered in their order
            let records = std::mem::take(&mut self.records);
            if again == ids && records.len() == ids.len() {
                return records;
            }
            assert!(Instant::now() < end, "the history does not rest");
            ids = again;
        }
    }

    fn found(&mut self) -> Vec<UploadId> {
        self.found = None;
        self.session.library.find(Query::default());
        self.until("what was found", |desk| desk.found.is_some());
        self.found.take().unwrap()
    }

    /// Asks the history until its uploads, newest first, stand as wished: it is written a moment later.
    #[track_caller]
    pub(crate) fn until_history(&mut self, what: &str, wish: impl Fn(&[State]) -> bool) {
        let end = Instant::now() + TIMEOUT;
        loop {
            let rows: Vec<_> = self.history().into_iter().map(|record| record.state).collect();
            if wish(&rows) {
                return;
            }
            assert!(Instant::now() < end, "waited in vain: {what}: {rows:?}");
        }
    }

    /// Waits until the history has the contents of these, which is a moment after they can be sent.
    pub(crate) fn until_contents(&mut self, ids: &[UploadId]) {
        let end = Instant::now() + TIMEOUT;
        let has = |all: &[Record], id| all.iter().any(|row| row.request.id == id && row.hash.is_some());
        while !ids.iter().all(|id| has(&self.records, *id)) {
            assert!(Instant::now() < end, "their contents are not in the history");
            self.records.clear();
            self.session.library.read_records(ids.to_vec());
            let _ = self.woken.recv_timeout(Duration::from_millis(100));
            self.poll();
        }
        self.records.clear();
    }

    /// The names of the same.
    pub(crate) fn remembered(&mut self) -> Vec<String> {
        self.history().iter().map(|record| record.request.name()).collect()
    }
}
