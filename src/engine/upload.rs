//! One upload from its slot to its end.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::body::{Handover, Source};
use super::transport::Load;
use super::{Command, Job, Shared};
use crate::model::error::{Ending, Failure, FailureKind};
use crate::model::secret::Key;
use crate::model::upload::Event;
use crate::provider::http::{Reply, Request};
use crate::provider::{self, Outgoing, Provider, Step};
use crate::store::keys::KeyringProblem;

/// Runs an upload, or only the asking whether it is finished where `poll` says what to ask.
pub(super) async fn run(shared: Arc<Shared>, job: Job, cancel: CancellationToken, poll: Option<Request>) {
    let started = Instant::now();
    let id = job.id;
    let event = upload(&shared, &job, &cancel, poll).await;
    let failure = match &event {
        Event::Failed(failure) => {
            // The only place where a failed upload is logged: its kind, no names, addresses or words.
            tracing::warn!(
                provider = job.destination.provider,
                kind = failure.kind.name(),
                "an upload failed"
            );
            Some(failure.clone())
        }
        _ => {
            let seconds = started.elapsed().as_secs_f64();
            tracing::info!(
                provider = job.destination.provider,
                bytes = job.facts.size,
                seconds,
                "an upload ended"
            );
            None
        }
    };
    shared.out.tell(id, event).await;
    shared.tell(Command::Ended(id, failure));
}

async fn upload(shared: &Shared, job: &Job, cancel: &CancellationToken, poll: Option<Request>) -> Event {
    let Some(provider) = provider::by_id(&job.destination.provider) else {
        return Event::Failed(Box::new(Failure::new(
            FailureKind::SetUp,
            "This destination's provider is not known to this version of Hoist",
            "Update Hoist, or send the file somewhere else",
        )));
    };
    if poll.is_none() {
        shared.out.tell(job.id, Event::Began).await;
    }
    let key = tokio::select! {
        key = key(shared, job, provider) => key,
        () = cancel.cancelled() => Err(Box::new(cancelled())),
    };
    let key = match key {
        Ok(key) => key,
        Err(failure) => return Event::Failed(failure),
    };
    let sending = Sending { shared, job, provider, key: &key, name: raw_name(job) };
    let step = match poll {
        Some(request) => match sending.poll_once(&request).await {
            Some(step) => step,
            None => return Event::Rested,
        },
        None => sending.post(cancel).await,
    };
    match step {
        Ok(Step::Done(receipt)) => Event::Done(receipt),
        Ok(Step::Poll { receipt, after, request }) => {
            shared.out.tell(job.id, Event::Processing(receipt)).await;
            shared.tell(Command::Free(job.id)); // polling holds no slot
            if job.poll { sending.poll(cancel, after, request).await } else { Event::Rested }
        }
        Err(failure) => Event::Failed(failure),
    }
}

/// The file's own name, hostile characters and all: providers make of it what their service can take.
fn raw_name(job: &Job) -> String {
    job.path.file_name().map_or_else(|| "file".into(), |n| n.to_string_lossy().into_owned())
}

/// What to ask about an upload of an earlier time: the provider's own poll request for the id it gave.
pub(super) fn poll_request(job: &Job, upload: &str) -> Option<Request> {
    let provider = provider::by_id(&job.destination.provider)?;
    let name = raw_name(job);
    let outgoing = outgoing(job, &name);
    let reply = Reply {
        status: 200,
        body: serde_json::json!({ "id": upload }).to_string().into_bytes(),
        ..Reply::default()
    };
    match provider.reply(&outgoing, &reply, Timestamp::now()) {
        Ok(Step::Poll { request, .. }) => Some(request),
        _ => None,
    }
}

fn outgoing<'a>(job: &'a Job, name: &'a str) -> Outgoing<'a> {
    static NONE: BTreeMap<String, String> = BTreeMap::new();
    let options = if job.destination.options.is_empty() { &NONE } else { &job.destination.options };
    Outgoing {
        name,
        media: job.media,
        size: job.facts.size,
        account: job.destination.account.as_deref(),
        options,
    }
}

async fn key(shared: &Shared, job: &Job, provider: &dyn Provider) -> Result<Key, Box<Failure>> {
    let service = provider.facts().service;
    if let Some(key) = shared.given_keys.get(service.id) {
        return Ok(key.clone());
    }
    let (keys, name) = (shared.keys.clone(), job.destination.key.clone());
    let found = tokio::task::spawn_blocking(move || keys.get(&name)).await;
    found.unwrap_or(Err(KeyringProblem::Slow)).map_err(|problem| {
        Box::new(match problem {
            KeyringProblem::NoEntry => Failure::new(
                FailureKind::NoKey,
                format!("There is no key for {}", service.name),
                format!(
                    "Add it with + in the window or `hoist accounts add {}`, or set {}",
                    service.id, service.env
                ),
            ),
            problem => Failure::new(
                FailureKind::Keyring,
                format!("The {} key is not to be had: {problem}", service.name),
                format!("Unlock or start the keyring and try again, or set {}", service.env),
            ),
        })
    })
}

struct Sending<'a> {
    shared: &'a Shared,
    job: &'a Job,
    provider: &'static dyn Provider,
    key: &'a Key,
    name: String,
}

impl Sending<'_> {
    /// Sends the file. A cancel before the last byte closes the connection; after it, a late reply is still awaited.
    async fn post(&self, cancel: &CancellationToken) -> Result<Step, Box<Failure>> {
        let request = self.provider.request(&outgoing(self.job, &self.name));
        let handover = Handover::default();
        let (progress, mut seen) = watch::channel(0);
        let facts = &self.job.facts;
        let source = Source { path: self.job.path.clone(), size: facts.size, modified: facts.modified };
        let load = Load { key: self.key, source: Some(source), handover: handover.clone(), progress };
        let mut sending = std::pin::pin!(self.shared.transport.send(&request, load));
        let mut told = false;
        let mut stopped = false;
        let late = sleep(Duration::MAX);
        let mut late = std::pin::pin!(late);
        let result = loop {
            tokio::select! {
                result = &mut sending => break result,
                changed = seen.changed(), if !told => {
                    let sent = *seen.borrow_and_update();
                    if handover.is_complete() {
                        told = true;
                        self.shared.out.tell(self.job.id, Event::Progress(sent)).await;
                        self.shared.out.tell(self.job.id, Event::AllSent).await;
                    } else if changed.is_err() {
                        told = true; // the body was dropped before its end: no more progress comes
                    } else {
                        self.shared.out.progress(self.job.id, sent);
                    }
                }
                () = cancel.cancelled(), if !stopped => {
                    if handover.give_up() {
                        return Err(Box::new(cancelled()));
                    }
                    stopped = true;
                    told = true;
                    self.shared.out.tell(self.job.id, Event::AllSent).await;
                    self.shared.out.tell(self.job.id, Event::Failed(Box::new(cancelled_late()))).await;
                    self.shared.tell(Command::Free(self.job.id));
                    late.as_mut().reset(Instant::now() + self.shared.transport.limits.late);
                }
                () = &mut late, if stopped => return Err(Box::new(cancelled_late())),
                () = self.shared.hurry.cancelled(), if stopped => return Err(Box::new(cancelled_late())),
            }
        };
        if !told && handover.is_complete() {
            self.shared.out.tell(self.job.id, Event::Progress(self.job.facts.size)).await;
            self.shared.out.tell(self.job.id, Event::AllSent).await;
        }
        self.understand(result)
    }

    fn understand(&self, result: Result<Reply, Failure>) -> Result<Step, Box<Failure>> {
        let reply = result.map_err(Box::new)?;
        self.provider.reply(&outgoing(self.job, &self.name), &reply, Timestamp::now())
    }

    /// Asks once; none where that tells nothing new.
    async fn poll_once(&self, request: &Request) -> Option<Result<Step, Box<Failure>>> {
        let progress = watch::channel(0).0;
        let load = Load { key: self.key, source: None, handover: Handover::default(), progress };
        let step = self.understand(self.shared.transport.send(request, load).await);
        match step {
            // Asking does no harm: what may pass is asked again.
            Err(f) if f.kind.ending() == Ending::Unknown || may_pass(f.kind) => None,
            step => Some(step),
        }
    }

    /// Asks until the service has finished or patience ends.
    async fn poll(&self, cancel: &CancellationToken, mut after: Duration, mut request: Request) -> Event {
        let until = Instant::now() + self.shared.poll_for;
        loop {
            let wait = self.shared.poll_every.unwrap_or(after);
            tokio::select! {
                () = sleep(wait) => {}
                () = cancel.cancelled() => return Event::Rested,
            }
            if Instant::now() >= until {
                return Event::Rested;
            }
            match self.poll_once(&request).await {
                Some(Ok(Step::Done(receipt))) => return Event::Done(receipt),
                Some(Ok(Step::Poll { receipt, after: next, request: again })) => {
                    self.shared.out.tell(self.job.id, Event::Processing(receipt)).await;
                    (after, request) = (next, again);
                }
                Some(Err(failure)) => return Event::Failed(failure),
                None => {}
            }
        }
    }
}

fn may_pass(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Busy
            | FailureKind::RateLimited
            | FailureKind::ServiceError
            | FailureKind::Unreachable
            | FailureKind::Cut
            | FailureKind::Stalled
    )
}

pub(super) fn cancelled() -> Failure {
    Failure::new(FailureKind::Cancelled, "Cancelled before it was sent whole", "Nothing was accepted")
}

fn cancelled_late() -> Failure {
    Failure::new(
        FailureKind::CancelledLate,
        "Cancelled, but it had been sent whole: it may exist",
        "Look whether it arrived before sending it again",
    )
}
