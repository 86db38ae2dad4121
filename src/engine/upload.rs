//! One upload from its slot to its end.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::body::{FileSource, Handover, WriteAhead};
use super::claim::{self, ContentTurn};
use super::context::EngineContext;
use super::key;
use super::messages::{EngineCommand, Job};
use super::retry::{self, SendAttempts};
use super::timeout::run_out;
use super::transport::{Payload, Reads};
use crate::model::error::{Failure, FailureKind, TerminalState};
use crate::model::failures;
use crate::model::media::ContentHash;
use crate::model::receipt::Receipt;
use crate::model::record::{PreviousUpload, UploadRequest};
use crate::model::secret::Key;
use crate::model::upload::{Event, State};
use crate::provider::http::Request;
use crate::provider::{self, Captured, Provider, Step, UploadSpec};
use crate::store::history::Write;

/// A question about an upload whose id is known.
pub(super) struct Poll {
    request: Box<Request>,
    id: String,
}

/// What to do for an upload.
pub(super) enum UploadTask {
    /// The body leaves, for the first time or again.
    Send { tries: SendAttempts },
    /// Only ask whether the provider has finished.
    Poll { poll: Poll, receipt: Box<Receipt> },
}

/// Runs an upload, or only the asking whether it is finished.
pub(super) async fn run(
    shared: Arc<EngineContext>,
    mut job: Job,
    cancel: CancellationToken,
    task: UploadTask,
) {
    let started = Instant::now();
    let tries = if let UploadTask::Send { tries } = &task { Some(tries.clone()) } else { None };
    let (id, destination) = (job.request.id, Arc::clone(&job.request.destination));
    // What an earlier try may have led to is sent again whatever others do.
    let turn = match &tries {
        Some(tries) if job.once && !tries.are_in_doubt() => claim::turn(&shared, &mut job, &cancel).await,
        _ => ContentTurn::Now,
    };
    let mut journal = Journal::new(&shared, &job, &task);
    let event = match (turn, &tries) {
        (ContentTurn::SentBefore(previous), _) => {
            shared.history.write(Write::Unneeded(id));
            shared.send_command(EngineCommand::Ended(id, None));
            let PreviousUpload { id: by, requested: at, receipt } = *previous;
            return shared.out.send_event(id, Event::SentBefore { by, at, receipt }).await;
        }
        (ContentTurn::After(other), Some(tries)) => {
            let tries = tries.clone();
            return shared.send_command(EngineCommand::AwaitOther { job: Box::new(job), tries, other });
        }
        (ContentTurn::Failed(failure), _) => Event::Failed(failure),
        (ContentTurn::Now | ContentTurn::After(_), _) => {
            upload(&shared, &job, &cancel, task, &mut journal).await
        }
    };
    if event == Event::Changed {
        shared.send_command(EngineCommand::Ended(id, None));
        return shared.out.send_event(id, event).await;
    }
    let failure = match &event {
        Event::Failed(failure) => {
            let facts = provider::by_id(&destination.provider).map(|p| p.facts());
            let again = facts.zip(tries.clone()).filter(|_| !cancel.is_cancelled());
            let again = again.and_then(|(facts, tries)| {
                let (account, first) = (destination.account.as_deref(), shared.first_pause);
                let pause = retry::pause(facts, account, failure, tries.number, first, Timestamp::now())?;
                (!shared.is_too_long(Timestamp::now() + pause)).then_some((tries, pause))
            });
            if let Some((tries, pause)) = again {
                let (kind, number) = (failure.kind.name(), tries.number);
                tracing::info!(provider = destination.provider, kind, number, "an upload is tried again");
                journal.happened(Event::RetryScheduled(Timestamp::now() + pause, failure.clone())).await;
                let failure = failure.clone();
                return shared.send_command(EngineCommand::ScheduleRetry {
                    job: Box::new(job),
                    tries,
                    pause,
                    failure,
                });
            }
            // The only place where a failed upload is logged: its kind, no names, addresses or words.
            tracing::warn!(provider = destination.provider, kind = failure.kind.name(), "an upload failed");
            Some(failure.clone())
        }
        _ => {
            let seconds = started.elapsed().as_secs_f64();
            let bytes = job.facts.size;
            tracing::info!(provider = destination.provider, bytes, seconds, "an upload ended");
            None
        }
    };
    if failure.as_ref().is_some_and(|f| f.kind == FailureKind::WrongKey) {
        shared.keys.ask_again(&destination.key); // it may be replaced in the keyring by another Hoist
    }
    // Before it is told: whoever hears of the end may end the program, and the hold must outlive it.
    if let Some(failure) = failure.as_ref().filter(|f| f.kind.holds_account()) {
        let now = Timestamp::now();
        let until = failure.until.unwrap_or(now);
        shared.history.write(Write::Hold(destination.account_id(), now, until));
    }
    // The slot first: writing down waits for the disk, and whoever hears of the end may ask for it again.
    shared.send_command(EngineCommand::Ended(id, failure));
    let event = match (event, tries) {
        (Event::Failed(failure), Some(tries)) => {
            journal.outcome = Some(failure.kind.name());
            Event::Failed(Box::new(tries.end(*failure)))
        }
        (event, _) => event,
    };
    journal.happened(event).await;
}

/// What happens to one upload: written down, then told.
struct Journal<'a> {
    shared: &'a EngineContext,
    request: UploadRequest,
    /// As the queue will see it.
    state: State,
    /// File bytes sent in this try.
    sent: u64,
    /// How this try ended, where that is not how the whole ends.
    outcome: Option<&'static str>,
}

impl Journal<'_> {
    fn new<'a>(shared: &'a EngineContext, job: &Job, task: &UploadTask) -> Journal<'a> {
        let state = match task {
            UploadTask::Send { .. } => State::Waiting { until: None, why: None },
            UploadTask::Poll { receipt, .. } => {
                State::Processing { receipt: receipt.clone(), since: Timestamp::now(), resting: false }
            }
        };
        Journal { shared, request: job.request.clone(), state, sent: 0, outcome: None }
    }

    /// Writes down what happened, waits until it is on disk where it says what became of the upload, and tells it.
    async fn happened(&mut self, event: Event) {
        let now = Timestamp::now();
        let before = std::mem::replace(&mut self.state, State::Ready);
        self.state = before.clone().after(event.clone(), now);
        let ended = |outcome| Write::Ended {
            request: self.request.clone(),
            state: self.state.clone(),
            at: now,
            sent: self.sent,
            outcome: self.outcome.unwrap_or(outcome),
        };
        let write = match &event {
            Event::Started => Some(Write::Began(self.request.clone(), now)),
            _ if matches!(before, State::Processing { .. }) => {
                // The try had ended when the id was known.
                (self.state != before).then(|| Write::Put(self.request.clone(), self.state.clone()))
            }
            Event::Processing(_) | Event::Done(_) => Some(ended(self.state.name())),
            Event::Failed(failure) | Event::CancelledLate(failure) | Event::RetryScheduled(_, failure) => {
                Some(ended(failure.kind.name()))
            }
            _ => None,
        };
        if let Some(write) = write {
            let written = self.shared.history.write(write);
            match self.state.kept_receipt() {
                Some(_) => self.shared.history.durable(written).await,
                None if event == Event::Started => {}
                None => _ = self.shared.history.committed(written).await,
            }
        }
        self.shared.out.send_event(self.request.id, event).await;
    }

    /// Tells that the last byte has left; that it would is written down already.
    async fn all_sent(&mut self, size: u64) {
        self.sent = size;
        self.happened(Event::Progress(size)).await;
        self.happened(Event::AllSent).await;
    }
}

async fn upload(
    shared: &EngineContext,
    job: &Job,
    cancel: &CancellationToken,
    task: UploadTask,
    journal: &mut Journal<'_>,
) -> Event {
    let Some(provider) = provider::by_id(&job.request.destination.provider) else {
        return Event::Failed(Box::new(failures::unknown_provider()));
    };
    if let UploadTask::Send { tries } = &task {
        // The request is on disk before a byte leaves, and there is room for what comes of it.
        let kept = shared.history.committed(job.written).await;
        let why = shared.history.write_error();
        if (!kept || why.is_some()) && !job.without_history {
            let why = why.unwrap_or_else(|| "it does not answer".to_owned());
            return Event::Failed(Box::new(failures::no_history(&why)));
        }
        // What an earlier try may have led to stays with the file as it was.
        let file = if tries.number == 1 { on_disk(shared, job).await } else { OnDisk::AsItWas };
        if file == OnDisk::Other && !cancel.is_cancelled() {
            return Event::Changed;
        }
        journal.happened(Event::Started).await;
        if file == OnDisk::Gone {
            return Event::Failed(Box::new(failures::file_gone()));
        }
    }
    let key = tokio::select! {
        key = key::find(shared, &job.request.destination.key, provider.facts().vendor) => key,
        () = cancel.cancelled() => Err(Box::new(failures::cancelled())),
    };
    let key = match key {
        Ok(key) => key,
        Err(failure) => return Event::Failed(failure),
    };
    let sending = Sending { shared, job, provider, key: &key, name: raw_name(job), random: random(job) };
    let step = match task {
        UploadTask::Poll { poll, .. } => {
            let asked = tokio::select! {
                asked = sending.poll_once(&poll.request, &poll.id) => asked,
                () = cancel.cancelled() => None,
            };
            match asked {
                Some(step) => step,
                None => return Event::PollingStopped,
            }
        }
        UploadTask::Send { .. } => sending.post(cancel, journal).await,
    };
    match step {
        Ok(Step::Done(receipt)) => Event::Done(receipt),
        Ok(Step::Poll { receipt, after }) => {
            let poll = receipt.id.as_deref().and_then(|id| poll_request(job, id));
            shared.send_command(EngineCommand::Free(job.request.id)); // polling holds no slot
            journal.happened(Event::Processing(receipt)).await;
            match poll.filter(|_| job.poll) {
                Some(poll) => sending.poll(cancel, after, poll, journal).await,
                None => Event::PollingStopped,
            }
        }
        Ok(Step::Next(_)) => Event::Failed(Box::new(failures::unreadable_answer())),
        Err(failure) => Event::Failed(failure),
    }
}

/// What stands where a file was looked into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnDisk {
    AsItWas,
    Other,
    Gone,
}

/// Asks the disk for the file before any connection is made: a render may have been repeated since it was looked into. A
/// disk that does not answer in time is the watchdog's affair.
async fn on_disk(shared: &EngineContext, job: &Job) -> OnDisk {
    let (path, facts) = (job.request.source().to_owned(), job.facts.clone());
    let asked = tokio::task::spawn_blocking(move || match std::fs::metadata(&path) {
        Ok(now) if !now.is_file() => OnDisk::Gone,
        Ok(now) if now.len() != facts.size => OnDisk::Other,
        Ok(now) if facts.modified.is_some() && now.modified().ok() != facts.modified => OnDisk::Other,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => OnDisk::Gone,
        Ok(_) | Err(_) => OnDisk::AsItWas,
    });
    match timeout(shared.transport.limits.stall, asked).await {
        Ok(Ok(file)) => file,
        _ => OnDisk::AsItWas,
    }
}

/// Returns the file's own name, hostile characters and all: providers make of it what their provider can take.
fn raw_name(job: &Job) -> String {
    job.request.source().file_name().map_or_else(|| "file".into(), |n| n.to_string_lossy().into_owned())
}

/// Returns what to ask about an upload: the provider's own poll request for the id it gave.
pub(super) fn poll_request(job: &Job, id: &str) -> Option<Poll> {
    let provider = provider::by_id(&job.request.destination.provider)?;
    let (name, captured, random) = (raw_name(job), Captured::default(), random(job));
    let spec = UploadSpec { known_id: Some(id), ..upload_spec(job, &name, &captured, &random) };
    let request = provider.poll_request(&spec, id)?;
    Some(Poll { request: Box::new(request), id: id.to_owned() })
}

fn upload_spec<'a>(job: &'a Job, name: &'a str, captured: &'a Captured, random: &'a str) -> UploadSpec<'a> {
    UploadSpec {
        name,
        media: job.media,
        size: job.facts.size,
        account: job.request.destination.account.as_deref(),
        options: &job.request.destination.options,
        known_id: None,
        captured,
        random,
    }
}

/// Returns letters that are the same for each try of an upload, and for no other: a name that replaces an older file must
/// not be another one at the second try.
fn random(job: &Job) -> String {
    let mut hasher = DefaultHasher::new();
    (job.request.id.0, &job.request.path, job.request.added.as_nanosecond()).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

struct Sending<'a> {
    shared: &'a EngineContext,
    job: &'a Job,
    provider: &'static Provider,
    key: &'a Key,
    name: String,
    random: String,
}

impl Sending<'_> {
    /// Makes the requests of an upload, one after the other.
    async fn post(
        &self,
        cancel: &CancellationToken,
        journal: &mut Journal<'_>,
    ) -> Result<Step, Box<Failure>> {
        let (mut captured, content) = (Captured::default(), Arc::default());
        for step in 0..self.provider.steps() {
            match self.step(step, &captured, &content, cancel, journal).await? {
                Step::Next(more) => captured.add(more),
                end => return Ok(end),
            }
        }
        Err(Box::new(failures::unreadable_answer())) // the last step ends it
    }

    /// Makes one request. A cancel before the last byte of the one that creates the asset closes the connection; after it, a
    /// late reply is still awaited.
    async fn step(
        &self,
        step: usize,
        captured: &Captured,
        content: &Arc<OnceLock<ContentHash>>,
        cancel: &CancellationToken,
        journal: &mut Journal<'_>,
    ) -> Result<Step, Box<Failure>> {
        let spec = upload_spec(self.job, &self.name, captured, &self.random);
        let request = self.provider.request(step, &spec)?;
        let creates = step == self.provider.creating_step();
        let is_over = step > self.provider.creating_step();
        let handover = Handover::default();
        let (progress, mut seen) = watch::channel(0);
        let facts = &self.job.facts;
        let source = FileSource {
            path: self.job.request.source().to_owned(),
            size: facts.size,
            modified: facts.modified,
        };
        let mark = WriteAhead {
            history: self.shared.history.clone(),
            request: self.job.request.clone(),
            creates,
            content: Arc::clone(content),
        };
        let is_last = step + 1 == self.provider.steps();
        let payload = Payload {
            key: self.key,
            reads: if is_last { Reads::Result } else { Reads::List },
            source: request.body.file.map(|_| source),
            mark: Some(mark),
            handover: handover.clone(),
            progress,
        };
        let mut sending = std::pin::pin!(self.shared.transport.send(&request, payload));
        let mut told = false;
        let mut stopped = false;
        let mut late = std::pin::pin!(run_out(self.shared.transport.limits.late));
        let result = loop {
            tokio::select! {
                result = &mut sending => break result,
                changed = seen.changed(), if !told => {
                    journal.sent = *seen.borrow_and_update();
                    if handover.is_complete() && !creates {
                        told = true; // it is a later request that says what becomes of the file
                        self.shared.out.progress(self.job.request.id, journal.sent);
                    } else if handover.is_complete() {
                        told = true;
                        journal.all_sent(facts.size).await;
                    } else if changed.is_err() {
                        told = true; // the body was dropped before its end: no more progress comes
                    } else {
                        self.shared.out.progress(self.job.request.id, journal.sent);
                    }
                }
                () = cancel.cancelled(), if !stopped => {
                    if !is_over && (handover.give_up() || !creates) {
                        return Err(Box::new(failures::cancelled()));
                    }
                    stopped = true;
                    if creates && !told {
                        journal.all_sent(facts.size).await;
                    }
                    told = true;
                    journal.happened(Event::CancelledLate(Box::new(failures::cancelled_late()))).await;
                    self.shared.send_command(EngineCommand::Free(self.job.request.id));
                    late.set(run_out(self.shared.transport.limits.late));
                }
                () = &mut late, if stopped => return Err(Box::new(failures::cancelled_late())),
                () = self.shared.stop_waiting.cancelled(), if stopped => return Err(Box::new(failures::cancelled_late())),
            }
        };
        if creates && !told && handover.is_complete() {
            journal.all_sent(facts.size).await;
        }
        let read = match result {
            Ok(reply) => self.provider.reply(step, &spec, &reply, Timestamp::now()),
            Err(failure) if is_over => Err(Provider::after_creation(Box::new(failure))),
            Err(failure) if creates => Err(Box::new(failure)),
            Err(failure) => Err(self.provider.before_creation(Box::new(failure))),
        };
        match read {
            // No provider can have accepted a body that was not all there.
            Ok(read) if !handover.is_complete() => {
                let early = failures::answered_early();
                let early = Box::new(match read.into_receipt() {
                    Some(receipt) => early.naming(receipt),
                    None => early,
                });
                Err(if creates || is_over { early } else { self.provider.before_creation(early) })
            }
            read => read,
        }
    }

    /// Asks once; none where that tells nothing new.
    async fn poll_once(&self, request: &Request, id: &str) -> Option<Result<Step, Box<Failure>>> {
        let progress = watch::channel(0).0;
        let (reads, handover) = (Reads::Result, Handover::default());
        let payload = Payload { key: self.key, reads, source: None, mark: None, handover, progress };
        let captured = Captured::default();
        let spec = upload_spec(self.job, &self.name, &captured, &self.random);
        let spec = UploadSpec { known_id: Some(id), ..spec };
        let last = self.provider.steps() - 1;
        let step = match self.shared.transport.send(request, payload).await {
            Ok(reply) => self.provider.reply(last, &spec, &reply, Timestamp::now()),
            Err(failure) => Err(Box::new(failure)),
        };
        match step {
            // Asking does no harm: what may pass is asked again.
            Err(f) if f.kind.ending() == TerminalState::Unknown || is_transient(f.kind) => None,
            step => Some(step),
        }
    }

    /// Asks until the provider has finished, or the time for it ends.
    async fn poll(
        &self,
        cancel: &CancellationToken,
        mut after: Duration,
        poll: Poll,
        journal: &mut Journal<'_>,
    ) -> Event {
        let mut poll_timeout = std::pin::pin!(run_out(self.shared.poll_for));
        loop {
            let wait = self.shared.poll_every.unwrap_or(after);
            let asked = tokio::select! {
                biased;
                asked = async {
                    sleep(wait).await;
                    self.poll_once(&poll.request, &poll.id).await
                } => asked,
                () = &mut poll_timeout => return Event::PollingStopped,
                () = cancel.cancelled() => return Event::PollingStopped,
            };
            match asked {
                Some(Ok(Step::Done(receipt))) => return Event::Done(receipt),
                Some(Ok(Step::Poll { receipt, after: next })) => {
                    journal.happened(Event::Processing(receipt)).await;
                    after = next;
                }
                Some(Err(failure)) => return Event::Failed(failure),
                Some(Ok(Step::Next(_))) | None => {}
            }
        }
    }
}

fn is_transient(kind: FailureKind) -> bool {
    kind.is_unreached()
        || kind.holds_account()
        || matches!(
            kind,
            FailureKind::Busy | FailureKind::ProviderError | FailureKind::Cut | FailureKind::Stalled
        )
}
