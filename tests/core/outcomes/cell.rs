//! One service and one fault: what becomes of an upload, and what must always be true of it.

use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::net::TcpListener;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hoist::engine::EngineConfig;
use hoist::model::error::{Failure, FailureKind};
use hoist::model::record::{Attempt, Record};
use hoist::model::text::MB;
use hoist::model::upload::{Event, State, UploadId};
use hoist::provider::Provider;
use hoist::provider::spec::ProviderSpec;
use jiff::Timestamp;

use crate::outcomes::faults::{Act, Fault, Listens, Size, World};
use crate::support::server::{Closed, Reaction, Recorded, Server};
use crate::support::{Rig, failure, first_type, key_of, made, name_of, success_asked, to};

/// What the table says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Where it ends.
    pub(crate) end: &'static str,
    /// Bodies that came whole.
    pub(crate) bodies: usize,
    /// Those of them that may exist now.
    pub(crate) may_exist: usize,
    /// What the user reads.
    pub(crate) reads: String,
    /// Its row of the history, and how its tries ended.
    pub(crate) history: String,
}

/// Whoever is told to come back later than this is not waited for.
const MAX_BACKOFF: Duration = Duration::from_secs(10);

/// The service, once there is one.
enum Vendor {
    Closed(Closed),
    Silent(TcpListener),
    Open(Server),
}

impl Vendor {
    fn origin(&self, listens: Listens) -> String {
        match (self, listens) {
            (Vendor::Closed(closed), _) => closed.origin(),
            (Vendor::Silent(listener), _) => format!("https://{}", listener.local_addr().unwrap()),
            (Vendor::Open(server), Listens::PlainInPlaceOfTls) => {
                server.origin().replace("http://", "https://")
            }
            (Vendor::Open(server), _) => server.origin(),
        }
    }

    fn requests(&self) -> Vec<Recorded> {
        match self {
            Vendor::Closed(_) | Vendor::Silent(_) => vec![],
            Vendor::Open(server) => server.requests(),
        }
    }
}

/// Plays it through.
pub(crate) fn run(provider: &'static Provider, fault: &Fault, certificates: &Path) -> Cell {
    let world = World::new();
    let script = script(provider, fault, &world);
    let vendor = match fault.listens {
        Listens::Always | Listens::PlainInPlaceOfTls => Vendor::Open(Server::start(script)),
        Listens::Never | Listens::Later => Vendor::Closed(Closed::new()),
        Listens::SilentInPlaceOfTls => Vendor::Silent(Closed::new().silent()),
        Listens::Tls(certificate) => Vendor::Open(Server::with_tls(certificate, certificates, script)),
    };
    let origin = vendor.origin(fault.listens);
    world.origin.set(origin.clone()).unwrap();
    let mut rig = Rig::remembering(&origin, |config| configure(config, fault));
    let path = match fault.size {
        Size::Small => rig.small(provider),
        Size::Middling => {
            let media = first_type(provider);
            rig.file(&name_of(media), &made(media, 8 * MB as usize))
        }
        Size::Large => rig.sparse(first_type(provider), 64 * MB),
    };
    let job = rig.job(&path, &to(provider));
    if fault.act == Act::DeleteTheFileBefore {
        std::fs::remove_file(&path).unwrap();
    }
    let size = job.facts.size;
    let id = rig.submit(job);
    let vendor = act(fault, provider, &mut rig, id, &path, &world, vendor);
    rig.end(id);
    if fault.act == Act::CancelBeforeTheAnswer {
        assert!(matches!(rig.state(id), State::Unknown(_)), "{:?}", rig.state(id));
        world.gate.open();
        rig.until("the late answer", |rig| rig.state(id).receipt().is_some() && !rig.state(id).is_active());
    }
    if fault.act == Act::CancelAfterTheLastByte {
        let failed = |e: &&&Event| matches!(e, Event::Failed(_) | Event::CancelledLate(_));
        rig.until("the end of patience", |rig| rig.events(id).iter().filter(failed).count() == 2);
    }
    if let Vendor::Open(server) = &vendor
        && matches!(fault.act, Act::CancelWithin | Act::ShortenTheFile)
    {
        server.until("the connection's end", |all| all.iter().all(|r| r.ended.is_some()));
    }

    let (record, attempts) = rig.remembered(id);
    let seen = Seen {
        facts: provider.facts(),
        fault,
        size,
        state: rig.state(id).clone(),
        tries: rig.tries(id),
        record,
        attempts,
        uploads: vendor.requests().into_iter().filter(|r| r.method == "POST").collect(),
    };
    assert_eq!(world.elsewhere.connections(), 0, "{seen}");
    let told = format!("{:?} {:?} {:?}", rig.events(id), seen.record, seen.attempts);
    assert!(!told.contains(&key_of(seen.facts.vendor)), "{told}");
    seen.check();
    seen.cell()
}

fn configure(config: &mut EngineConfig, fault: &Fault) {
    config.longest_hold = Some(MAX_BACKOFF);
    config.first_pause = match fault.listens {
        Listens::Later => Duration::from_secs(2),
        _ => Duration::from_millis(10),
    };
    // Only the limit that is to be reached: a busy disk may take its time with all others.
    match fault.size {
        Size::Large if fault.impatient => config.limits.stall = Duration::from_secs(1),
        _ if fault.impatient => config.limits.answer = Duration::from_secs(1),
        _ => {}
    }
    if fault.listens == Listens::SilentInPlaceOfTls {
        config.limits.connect = Duration::from_secs(1);
    }
    if fault.act == Act::CancelAfterTheLastByte {
        config.limits.late = Duration::from_millis(300);
    }
    if !fault.finishes {
        config.poll_for = Duration::from_millis(50);
    }
}

fn script(
    provider: &'static Provider,
    fault: &Fault,
    world: &World,
) -> impl Fn(&Recorded, usize) -> Reaction + Send + Sync + 'static {
    let reactions = (fault.reactions)(provider, world);
    let asked = Reaction::Answer(success_asked(provider, if fault.finishes { 2 } else { 1 }));
    let uploads = AtomicUsize::new(0);
    move |request, _| {
        if request.method != "POST" {
            return asked.clone();
        }
        let n = uploads.fetch_add(1, Ordering::SeqCst);
        reactions[n.min(reactions.len() - 1)].clone()
    }
}

/// What somebody does while it is sent.
fn act(
    fault: &Fault,
    provider: &'static Provider,
    rig: &mut Rig,
    id: UploadId,
    path: &Path,
    world: &World,
    vendor: Vendor,
) -> Vendor {
    let in_a_pause = |rig: &Rig| matches!(rig.state(id), State::Waiting { why: Some(_), .. });
    match (fault.act, vendor) {
        (Act::CancelWithin, vendor) => {
            rig.under_way(id);
            rig.engine.cancel(id);
            rig.end(id);
            world.gate.open();
            vendor
        }
        (Act::CancelAfterTheLastByte | Act::CancelBeforeTheAnswer, Vendor::Open(server)) => {
            rig.until("the last byte", |rig| matches!(rig.state(id), State::Sent { .. }));
            server.until("the whole body", |all| all.first().is_some_and(|r| r.complete));
            rig.engine.cancel(id);
            Vendor::Open(server)
        }
        (Act::CancelInAPause, vendor) => {
            rig.until("a pause", in_a_pause);
            rig.engine.cancel(id);
            vendor
        }
        (Act::ShortenTheFile, vendor) => {
            rig.under_way(id);
            File::options().write(true).open(path).unwrap().set_len(MB).unwrap();
            world.gate.open();
            vendor
        }
        (_, Vendor::Closed(closed)) if fault.listens == Listens::Later => {
            rig.until("a pause", in_a_pause);
            Vendor::Open(closed.open(script(provider, fault, world)))
        }
        (_, vendor) => vendor,
    }
}

/// What was seen from every side.
struct Seen<'a> {
    facts: &'static ProviderSpec,
    fault: &'a Fault,
    size: u64,
    /// As the user saw it.
    state: State,
    tries: usize,
    /// As the history has it.
    record: Record,
    attempts: Vec<Attempt>,
    /// As the server saw it.
    uploads: Vec<Recorded>,
}

impl Display for Seen<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (provider, fault) = (self.facts.id, self.fault.name);
        let Seen { state, tries, record, attempts, .. } = self;
        let uploads: Vec<_> = self.uploads.iter().map(|r| (r.body_len, r.complete, r.answered)).collect();
        write!(f, "{provider}, {fault}: {tries} tries, {state:?}, {record:?}, {attempts:?}, {uploads:?}")
    }
}

impl Seen<'_> {
    /// What must be true whatever goes wrong.
    fn check(&self) {
        let Seen { state, record, attempts, uploads, .. } = self;
        let dies_by_itself = self.facts.terms.retention.is_some();
        let may_exist = self.may_exist();

        // Nothing is sent twice by itself that may exist, and nothing more than three times.
        assert!(may_exist <= if dies_by_itself { 3 } else { 1 }, "{self}");
        assert!(self.tries <= 3 && uploads.len() <= self.tries, "{self}");
        let accepted = matches!(state, State::Done(_) | State::Processing { .. } | State::Unknown(_));
        assert!(accepted || may_exist == 0, "what may exist is known: {self}");
        assert!(!accepted || may_exist > 0, "what cannot exist is not called so: {self}");

        // The history says the same. It keeps milliseconds.
        match (state, &record.state) {
            (
                State::Processing { receipt, resting, .. },
                State::Processing { receipt: kept, resting: kept_resting, .. },
            ) => assert_eq!((receipt, resting), (kept, kept_resting), "{self}"),
            (state, kept) => assert_eq!(state, kept, "{self}"),
        }
        assert_eq!((record.attempts as usize, attempts.len()), (self.tries, self.tries), "{self}");
        assert!(
            attempts.iter().all(|a| a.ended.is_some() && a.outcome.is_some() && a.sent.is_some()),
            "{self}"
        );
        let ends: Vec<_> = attempts.iter().filter_map(|a| a.outcome.as_deref()).collect();
        let last = ends.last().copied();
        match state {
            State::Processing { .. } => assert_eq!(last, Some("processing"), "{self}"),
            State::Done(_) => assert!(matches!(last, Some("done" | "processing")), "{self}"),
            // How it ended before it was cancelled.
            State::Cancelled if self.fault.act == Act::CancelInAPause => {
                assert_eq!(last, Some("busy"), "{self}");
            }
            State::Cancelled => assert_eq!(last, Some("cancelled"), "{self}"),
            // What a later try ended with does not make the doubt go away.
            State::Unknown(doubt) if dies_by_itself => assert!(ends.contains(&doubt.kind.name()), "{self}"),
            other => assert_eq!(last, Some(failure(other).kind.name()), "{self}"),
        }

        // What is known of the content: it was sent whole, or it was not.
        let sent_whole = attempts.iter().any(|a| a.sent == Some(self.size));
        assert_eq!(record.hash.is_some(), sent_whole, "{self}");
        assert!(sent_whole || uploads.iter().all(|r| !r.complete), "{self}");
        let answered_early = ends.contains(&FailureKind::AnsweredEarly.name());
        assert!(sent_whole || answered_early || !matches!(state, State::Unknown(_)), "{self}");

        if let Some(failure) = state.failure() {
            assert!(!failure.message.is_empty() && !failure.hint.is_empty(), "{self}");
        }
    }

    fn may_exist(&self) -> usize {
        self.uploads.iter().filter(|r| r.may_exist()).count()
    }

    fn cell(&self) -> Cell {
        let tries: Vec<_> = self.attempts.iter().filter_map(|a| a.outcome.as_deref()).collect();
        Cell {
            end: word(&self.state),
            bodies: self.uploads.iter().filter(|r| r.complete).count(),
            may_exist: self.may_exist(),
            reads: self.reads(),
            history: format!("{}: {}", word(&self.record.state), tries.join(", ")),
        }
    }

    fn reads(&self) -> String {
        match &self.state {
            State::Done(receipt) | State::Processing { receipt, .. } => {
                let mut text = if receipt.id.is_some() { "its ID" } else { "its link" }.to_owned();
                for warning in &receipt.warnings {
                    text.push_str("; ");
                    text.push_str(warning);
                }
                text
            }
            State::Cancelled => "Cancelled".to_owned(),
            other => {
                let failure = failure(other);
                let said = failure
                    .service_message
                    .as_ref()
                    .map_or_else(String::new, |said| format!(" “{}”", short(said)));
                let until = failure.until.filter(|_| matches!(other, State::Held(_)));
                let until = until.map_or("", |until| self.time_left(until));
                format!("{}.{said} {}{until}", self.alike(&steady(failure)), self.alike(&failure.hint))
            }
        }
    }

    /// How long from the last answer on, as near as a busy machine lets it be told.
    fn time_left(&self, until: Timestamp) -> &'static str {
        const TIMES: [(i64, &str); 5] =
            [(1, " (1 s)"), (30, " (30 s)"), (600, " (10 min)"), (1800, " (30 min)"), (86_400, " (24 h)")];
        let from = self.uploads.last().map_or(until, |r| r.arrived);
        let seconds = until.duration_since(from).as_secs();
        TIMES.iter().min_by_key(|(time, _)| (time - seconds).abs()).unwrap().1
    }

    /// The same words for every service.
    fn alike(&self, text: &str) -> String {
        let vendor = self.facts.vendor;
        text.replace(self.facts.name, "‹name›")
            .replace(vendor.name, "‹name›")
            .replace(&format!("keys add {}", vendor.id), "keys add ‹id›")
            .replace(vendor.env, "‹variable›")
            .replace(vendor.base().env, "‹variable›")
    }
}

/// The message without what differs from system to system.
fn steady(failure: &Failure) -> String {
    let (before, why) = failure.message.split_once(": ").unwrap_or((&failure.message, ""));
    match failure.kind {
        FailureKind::Tls => {
            let why = ["expired", "not valid for", "UnknownIssuer"].iter().find(|word| why.contains(*word));
            format!("{before}: … {} …", why.unwrap_or_else(|| panic!("{}", failure.message)))
        }
        _ => failure.message.clone(),
    }
}

/// The beginning of a service's words.
fn short(said: &str) -> String {
    const MAX_WIDTH: usize = 80;
    match said.char_indices().nth(MAX_WIDTH) {
        Some((end, _)) => format!("{}…", &said[..end]),
        None => said.to_owned(),
    }
}

fn word(state: &State) -> &'static str {
    match state {
        State::Processing { .. } => "processing",
        State::Done(_) => "done",
        State::Held(_) => "held",
        State::Refused(_) => "refused",
        State::Unknown(_) => "unknown",
        State::Cancelled => "cancelled",
        other => panic!("no end: {other:?}"),
    }
}
