//! What the test programs share: made-up files and keys, an engine that talks to a server of ours, and its news.

#![allow(dead_code)] // each test program uses its own part

pub(crate) mod form;
pub(crate) mod packing;
pub(crate) mod server;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use hoist::engine::endpoints::Endpoints;
use hoist::engine::transport::TimeLimits;
use hoist::engine::{Engine, EngineConfig, Job};
use hoist::media::inspect::inspect;
use hoist::model::destination::Destination;
use hoist::model::error::Failure;
use hoist::model::item::{Inspection, Item};
use hoist::model::media::{Kind, Media};
use hoist::model::receipt::Receipt;
use hoist::model::record::{Attempt, Record};
use hoist::model::secret::Key;
use hoist::model::upload::{Event, State, UploadId};
use hoist::provider::rehearsal::sample;
use hoist::provider::spec::Vendor;
use hoist::provider::{self, Captured, Provider, SandboxUpload, UploadSpec};
use hoist::store::folders::Folders;
use hoist::store::history::{History, HistoryEvent, HistoryGuard, Query, Reader, Write};
use hoist::store::keys::Keys;
use jiff::Timestamp;
use server::{Answer, Server};

/// Whatever takes longer never comes: far beyond what a busy machine needs.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(90);

/// The made-up key of a service.
pub(crate) fn key_of(vendor: &Vendor) -> String {
    format!("{}:1234-MadeUpKeyOfTheTests", vendor.id)
}

/// Where files go that say nothing but the provider.
pub(crate) fn to(provider: &Provider) -> Destination {
    let facts = provider.facts();
    Destination {
        name: facts.name.into(),
        provider: facts.id.into(),
        key: facts.vendor.id.into(),
        account: None,
        options: BTreeMap::new(),
        fit: hoist::model::fit::FitRules::default(),
    }
}

/// The same with an account.
pub(crate) fn to_account(provider: &Provider, account: &str) -> Destination {
    Destination { account: Some(account.into()), ..to(provider) }
}

/// A provider that is there.
pub(crate) fn by_id(id: &str) -> &'static Provider {
    provider::by_id(id).unwrap_or_else(|| panic!("no provider {id}"))
}

/// How often a file is sent whose outcome stays unknown: once; three times where a second copy dies by itself.
pub(crate) fn tries_of_unknown(provider: &Provider) -> usize {
    if provider.facts().terms.retention.is_some() { 3 } else { 1 }
}

/// The file of a provider that stands beside those built in, while the suite is run over it.
pub(crate) const ADDED_PROVIDER: &str = "HOIST_TEST_ADDED_PROVIDER";

/// The providers that lists show, and the one that is added to them for this run, if one is.
pub(crate) fn every_provider() -> Vec<&'static Provider> {
    static ADDED: LazyLock<()> = LazyLock::new(|| {
        if let Some(path) = std::env::var_os(ADDED_PROVIDER).map(PathBuf::from) {
            let text = std::fs::read_to_string(&path).unwrap();
            provider::set_own(vec![provider::read(&text, &path).unwrap()]);
        }
    });
    LazyLock::force(&ADDED);
    provider::first()
}

/// The type a provider names first.
pub(crate) fn first_type(provider: &Provider) -> Media {
    provider.facts().types().next().unwrap()
}

/// An upload of one byte, without an account.
pub(crate) fn spec<'a>(name: &'a str, media: Media, options: &'a BTreeMap<String, String>) -> UploadSpec<'a> {
    static NOTHING: LazyLock<Captured> = LazyLock::new(Captured::default);
    let captured = &*NOTHING;
    UploadSpec { name, media, size: 1, account: None, options, known_id: None, captured, random: "0a1b2c" }
}

/// An answer that says the upload worked and is finished.
pub(crate) fn success(provider: &Provider) -> Answer {
    success_asked(provider, 2)
}

/// What a service answers once it was asked so many times whether it has finished; 0 is the answer to the upload itself.
pub(crate) fn success_asked(provider: &Provider, times: u32) -> Answer {
    let step = if times > 0 && provider.is_polled() { 0 } else { provider.steps() };
    let upload = SandboxUpload {
        account: None,
        origin: "http://127.0.0.1:1".into(),
        polled: times,
        ..sample(provider, first_type(provider))
    };
    let (status, body) = provider.example(step, &upload);
    Answer::new(status, body.to_string())
}

/// A document's example, as the services send it.
pub(crate) fn fixture(provider: &str, name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(provider).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).trim().to_owned()
}

/// A fixture's status is the beginning of its name.
pub(crate) fn status(name: &str) -> u16 {
    name[..3].parse().unwrap()
}

/// A head, and a segment whose one track is sound.
const SOUND_IN_WEBM: &[u8] =
    b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm\x18\x53\x80\x67\xff\x16\x54\xae\x6b\x85\xae\x83\x83\x81\x02";
const SOUND_IN_MATROSKA: &[u8] =
    b"\x1a\x45\xdf\xa3\x8b\x42\x82\x88matroska\x18\x53\x80\x67\xff\x16\x54\xae\x6b\x85\xae\x83\x83\x81\x02";

/// The first bytes of a file of this type.
pub(crate) fn magic(media: Media) -> &'static [u8] {
    match media {
        Media::Png => b"\x89PNG\r\n\x1a\n",
        Media::Jpeg => b"\xff\xd8\xff\xe0",
        Media::Webp => b"RIFF\x24\0\0\0WEBPVP8 ",
        Media::Gif => b"GIF89a",
        Media::Bmp => b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
        Media::Tiff => b"II*\0\x08\0\0\0\0\0",
        Media::Heic => b"\0\0\0\x18ftypheic",
        Media::Avif => b"\0\0\0\x18ftypavif",
        Media::Mp3 => b"ID3\x04\0\0\0\0\0\0",
        Media::Wav => b"RIFF\x24\0\0\0WAVEfmt ",
        Media::M4a => b"\0\0\0\x18ftypM4A ",
        Media::Aac => b"\xff\xf1\x50\x80",
        Media::Flac => b"fLaC\0\0\0\x22",
        Media::Ogg => b"OggS\0\x02",
        Media::Mp4 => b"\0\0\0\x18ftypmp42",
        Media::Mov => b"\0\0\0\x18ftypqt  ",
        Media::Webm => b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x84webm",
        Media::Mkv => b"\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82\x88matroska",
        Media::Ogv => b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x07\x80theora",
        Media::WebmAudio => SOUND_IN_WEBM,
        Media::MkvAudio => SOUND_IN_MATROSKA,
        Media::Avi => b"RIFF\x24\0\0\0AVI LIST",
        Media::Srt => b"1\n00:00:01,000 --> 00:00:02,000\n",
        Media::Ass => b"[Script Info]\n",
        Media::Lrc => b"[00:01.00]\n",
        other => panic!("no provider takes {}", other.label()),
    }
}

/// A file's bytes: those that show its type, then noise that is the same at every run.
pub(crate) fn made(media: Media, size: usize) -> Vec<u8> {
    let mut out = magic(media).to_vec();
    let mut state = 0x9e37_79b9_7f4a_7c15 ^ size as u64;
    while out.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let text = b'a' + (state >> 32) as u8 % 26;
        out.push(if media.kind() == Kind::Captions { text } else { (state >> 32) as u8 });
    }
    assert_eq!(out.len(), size, "too small to show that it is {}", media.label());
    // A whole picture has a head, pixels with their checksum and an end: a damaged one is warned of.
    let pixels = PNG_HEAD.len() + 8 + 8;
    if let (Media::Png, Some(noise)) = (media, size.checked_sub(pixels + 4 + PNG_END.len())) {
        out[8..33].copy_from_slice(PNG_HEAD);
        out[33..37].copy_from_slice(&u32::try_from(noise).unwrap().to_be_bytes());
        out[37..41].copy_from_slice(b"IDAT");
        out[size - PNG_END.len()..].copy_from_slice(PNG_END);
        let mut sum = flate2::Crc::new();
        sum.update(&out[37..41 + noise]);
        out[41 + noise..45 + noise].copy_from_slice(&sum.sum().to_be_bytes());
    }
    out
}

/// Eight by eight pixels, and the end.
const PNG_HEAD: &[u8] = b"\0\0\0\rIHDR\0\0\0\x08\0\0\0\x08\x08\0\0\0\0\xe1d\xe1W";
const PNG_END: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";

/// A name with the usual extension.
pub(crate) fn name_of(media: Media) -> String {
    format!("file.{}", media.extensions()[0])
}

/// An engine, the files it sends, and what it told so far.
pub(crate) struct Rig {
    pub(crate) engine: Engine,
    history: History,
    keeper: Option<HistoryGuard>,
    folder: tempfile::TempDir,
    woken: Receiver<()>,
    next: u64,
    news: Vec<(UploadId, Event)>,
    states: BTreeMap<UploadId, State>,
}

impl Rig {
    /// An engine with patience, that sends everything to the server.
    pub(crate) fn new(server: &Server) -> Rig {
        Rig::with(&server.origin(), |_| {})
    }

    /// An engine that sends everything to an address, changed as wished.
    pub(crate) fn with(origin: &str, change: impl FnOnce(&mut EngineConfig)) -> Rig {
        Rig::start(origin, false, change)
    }

    /// The same with a history.
    pub(crate) fn remembering(origin: &str, change: impl FnOnce(&mut EngineConfig)) -> Rig {
        Rig::start(origin, true, change)
    }

    fn start(origin: &str, remembering: bool, change: impl FnOnce(&mut EngineConfig)) -> Rig {
        let folder = tempfile::tempdir().unwrap();
        let (mut history, mut keeper) = (History::none(), None);
        if remembering {
            let folders = Folders::inside(folder.path());
            let (opened, kept) = History::open(&folders, false, Arc::new(|| {})).unwrap();
            let told = kept.wait_until_open();
            assert!(matches!(told[..], [HistoryEvent::Opened(_)]), "{told:?}");
            (history, keeper) = (opened, Some(kept));
        }
        let vendors = provider::vendors();
        let bases = vendors.iter().flat_map(|s| s.endpoints);
        let mut config = EngineConfig {
            endpoints: Endpoints::new(bases.map(|base| (base.env, origin))).unwrap(),
            given_keys: vendors.iter().map(|s| (s.id, Key::new(key_of(s)).unwrap())).collect(),
            limits: TimeLimits { stall: TIMEOUT, answer: TIMEOUT, late: TIMEOUT, ..TimeLimits::default() },
            poll_every: Some(Duration::from_millis(5)),
            first_pause: Duration::from_millis(20),
            wake_every: Duration::ZERO,
            history: history.clone(),
            ..EngineConfig::new(Keys::in_memory())
        };
        change(&mut config);
        let (ring, woken) = mpsc::channel();
        let wake = Arc::new(move || {
            let _ = ring.send(());
        });
        Rig {
            engine: Engine::start(config, wake).unwrap(),
            next: history.first_id().0,
            history,
            keeper,
            folder,
            woken,
            news: vec![],
            states: BTreeMap::new(),
        }
    }

    /// A file with these bytes.
    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// A file of a size that takes no room on the disk.
    pub(crate) fn sparse(&self, media: Media, size: u64) -> PathBuf {
        self.sparse_named(&name_of(media), media, size)
    }

    /// The same with a name of its own.
    pub(crate) fn sparse_named(&self, name: &str, media: Media, size: u64) -> PathBuf {
        let path = self.folder.path().join(name);
        let mut file = File::create(&path).unwrap();
        file.write_all(magic(media)).unwrap();
        file.set_len(size).unwrap();
        path
    }

    /// A small file that the provider takes.
    pub(crate) fn small(&self, provider: &Provider) -> PathBuf {
        let media = first_type(provider);
        self.file(&name_of(media), &made(media, 1000))
    }

    /// What the engine needs to send a file.
    pub(crate) fn job(&mut self, path: &Path, destination: &Destination) -> Job {
        self.next += 1;
        let facts = inspect(path).unwrap();
        let media = facts.recognised.media().unwrap_or_else(|| panic!("{facts:?}"));
        assert!(by_id(&destination.provider).facts().accepts(media).is_some(), "{media:?} is not taken");
        let id = UploadId(self.next);
        let now = Timestamp::now();
        let mut item = Item::new(id, path.to_owned(), Arc::new(destination.clone()), now);
        item.set_inspection(Inspection::Ready(facts.clone()));
        item.request.requested = Some(now);
        Job {
            request: item.request.clone(),
            facts,
            media,
            poll: true,
            written: 0,
            without_history: false,
            once: false,
            content: None,
        }
    }

    /// Has a job done; as a session would, writes down first that it is wished for.
    pub(crate) fn submit(&mut self, mut job: Job) -> UploadId {
        let id = job.request.id;
        let state = State::Ready.after(Event::Requested, Timestamp::now());
        job.written = self.history.write(Write::Put(job.request.clone(), state.clone()));
        self.states.insert(id, state);
        self.engine.send(job);
        id
    }

    /// Asks again whether a service has finished with an upload.
    pub(crate) fn look_again(&mut self, job: Job) {
        let state = self.states.remove(&job.request.id).unwrap();
        let receipt = Box::new(state.receipt().unwrap().clone());
        self.states.insert(job.request.id, state.after(Event::PollingResumed, Timestamp::now()));
        self.engine.resume_polling(job, receipt);
    }

    /// Sends a file.
    pub(crate) fn send(&mut self, path: &Path, destination: &Destination) -> UploadId {
        let job = self.job(path, destination);
        self.submit(job)
    }

    /// Sends a small file and waits for what becomes of it.
    pub(crate) fn send_small(&mut self, destination: &Destination) -> State {
        let path = self.small(by_id(&destination.provider));
        let id = self.send(&path, destination);
        self.end(id)
    }

    /// Where an upload stands, as a face would show it.
    pub(crate) fn state(&self, id: UploadId) -> &State {
        &self.states[&id]
    }

    /// What happened to an upload so far.
    pub(crate) fn events(&self, id: UploadId) -> Vec<&Event> {
        self.news.iter().filter(|(of, _)| *of == id).map(|(_, event)| event).collect()
    }

    /// Takes in news until there is what is wished for.
    pub(crate) fn until(&mut self, what: &str, wish: impl Fn(&Rig) -> bool) {
        let end = Instant::now() + TIMEOUT;
        loop {
            while let Some(news) = self.engine.try_news() {
                let state = self.states.remove(&news.id).unwrap();
                self.states.insert(news.id, state.after(news.event.clone(), Timestamp::now()));
                self.news.push((news.id, news.event));
            }
            if wish(self) {
                return;
            }
            assert!(Instant::now() < end, "waited in vain for {what}: {:?}", self.states);
            let _ = self.woken.recv_timeout(Duration::from_secs(1));
        }
    }

    /// Waits until nothing more happens to an upload by itself.
    pub(crate) fn end(&mut self, id: UploadId) -> State {
        self.until("an end", |rig| !rig.state(id).is_active());
        self.state(id).clone()
    }

    /// The history, once everything is in it that happened so far.
    pub(crate) fn history(&self) -> Reader {
        let last = self.history.write(Write::Unqueued(vec![])); // changes nothing, and comes after the others
        let end = Instant::now() + TIMEOUT;
        while !self.history.has_reached(last) {
            assert!(Instant::now() < end, "the history is not written");
            std::thread::sleep(Duration::from_millis(1));
        }
        while let Some(told) = self.keeper.as_ref().expect("a history").try_event() {
            assert!(!matches!(told, HistoryEvent::Said(_)), "{told:?}");
        }
        self.history.reader()
    }

    /// What the history has of an upload: its row, and every try.
    pub(crate) fn remembered(&self, id: UploadId) -> (Record, Vec<Attempt>) {
        let mut reader = self.history();
        let record = reader.records(&[id]).unwrap().pop().expect("a row");
        (record, reader.attempts(id).unwrap())
    }

    /// Asserts that the history says the same of an upload as it was told, and how its tries ended.
    #[track_caller]
    pub(crate) fn assert_remembered(&self, id: UploadId, tries: &[&str]) {
        let (record, attempts) = self.remembered(id);
        assert_eq!(record.state, *self.state(id));
        let ends: Vec<_> = attempts.iter().map(|a| a.outcome.as_deref().unwrap_or("open")).collect();
        assert_eq!(ends, tries);
        assert_eq!(record.attempts as usize, tries.len());
    }

    /// Every upload of the history, the oldest first.
    pub(crate) fn all_remembered(&self) -> Vec<Record> {
        let mut reader = self.history();
        let ids = reader.find(&Query::default()).unwrap();
        let mut all = reader.records(&ids).unwrap();
        all.reverse();
        all
    }

    /// How often an upload was tried.
    pub(crate) fn tries(&self, id: UploadId) -> usize {
        self.events(id).iter().filter(|e| ***e == Event::Started).count()
    }

    /// Waits until an upload is sending and has handed some bytes over.
    pub(crate) fn under_way(&mut self, id: UploadId) {
        self.until("progress", |rig| matches!(rig.state(id), State::Sending { sent } if *sent > 0));
    }
}

/// The receipt of an upload that worked.
pub(crate) fn receipt(state: &State) -> &Receipt {
    match state {
        State::Done(receipt) => receipt,
        other => panic!("not done: {other:?}"),
    }
}

/// The failure of an upload that did not.
pub(crate) fn failure(state: &State) -> &Failure {
    state.failure().unwrap_or_else(|| panic!("no failure: {state:?}"))
}

/// The most memory this program ever had, in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// A text as JSON that nobody recognises at first sight.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        let _ = write!(out, "\\u{:04x}", c as u32);
        out
    })
}
