//! One upload from its slot to its end.

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

/// A question about an upload whose id is known.
pub(super) struct Poll {
    request: Request,
    id: String,
}

/// Runs an upload, or only the asking whether it is finished where `poll` says what to ask.
pub(super) async fn run(shared: Arc<Shared>, job: Job, cancel: CancellationToken, poll: Option<Poll>) {
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
    if failure.as_ref().is_some_and(|f| f.kind == FailureKind::WrongKey) {
        shared.keys.forget(&job.destination.key); // it may be replaced in the keyring by another Hoist
    }
    // The slot first: whoever hears of the end may ask for the same upload again.
    shared.tell(Command::Ended(id, failure));
    shared.out.tell(id, event).await;
}

async fn upload(shared: &Shared, job: &Job, cancel: &CancellationToken, poll: Option<Poll>) -> Event {
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
        Some(poll) => {
            let asked = tokio::select! {
                asked = sending.poll_once(&poll.request, &poll.id) => asked,
                () = cancel.cancelled() => None,
            };
            match asked {
                Some(step) => step,
                None => return Event::Rested,
            }
        }
        None => sending.post(cancel).await,
    };
    match step {
        Ok(Step::Done(receipt)) => Event::Done(receipt),
        Ok(Step::Poll { receipt, after, request }) => {
            let id = receipt.id.clone().unwrap_or_default();
            shared.out.tell(job.id, Event::Processing(receipt)).await;
            shared.tell(Command::Free(job.id)); // polling holds no slot
            if job.poll { sending.poll(cancel, after, Poll { request, id }).await } else { Event::Rested }
        }
        Err(failure) => Event::Failed(failure),
    }
}

/// The file's own name, hostile characters and all: providers make of it what their service can take.
fn raw_name(job: &Job) -> String {
    job.path.file_name().map_or_else(|| "file".into(), |n| n.to_string_lossy().into_owned())
}

/// What to ask about an upload of an earlier time: the provider's own poll request for the id it gave.
pub(super) fn poll_request(job: &Job, id: String) -> Option<Poll> {
    let provider = provider::by_id(&job.destination.provider)?;
    let name = raw_name(job);
    let reply = Reply { status: 200, body: b"{}".to_vec(), ..Reply::default() };
    match provider.reply(&outgoing(job, &name, Some(&id)), &reply, Timestamp::now()) {
        Ok(Step::Poll { request, .. }) => Some(Poll { request, id }),
        _ => None,
    }
}

fn outgoing<'a>(job: &'a Job, name: &'a str, known_id: Option<&'a str>) -> Outgoing<'a> {
    Outgoing {
        name,
        media: job.media,
        size: job.facts.size,
        account: job.destination.account.as_deref(),
        options: &job.destination.options,
        known_id,
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
        let request = self.provider.request(&outgoing(self.job, &self.name, None));
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
        self.understand(result, None)
    }

    fn understand(
        &self,
        result: Result<Reply, Failure>,
        known_id: Option<&str>,
    ) -> Result<Step, Box<Failure>> {
        let reply = result.map_err(Box::new)?;
        self.provider.reply(&outgoing(self.job, &self.name, known_id), &reply, Timestamp::now())
    }

    /// Asks once; none where that tells nothing new.
    async fn poll_once(&self, request: &Request, id: &str) -> Option<Result<Step, Box<Failure>>> {
        let progress = watch::channel(0).0;
        let load = Load { key: self.key, source: None, handover: Handover::default(), progress };
        let step = self.understand(self.shared.transport.send(request, load).await, Some(id));
        match step {
            // Asking does no harm: what may pass is asked again.
            Err(f) if f.kind.ending() == Ending::Unknown || may_pass(f.kind) => None,
            step => Some(step),
        }
    }

    /// Asks until the service has finished or patience ends.
    async fn poll(&self, cancel: &CancellationToken, mut after: Duration, mut poll: Poll) -> Event {
        let until = Instant::now() + self.shared.poll_for;
        loop {
            let wait = self.shared.poll_every.unwrap_or(after);
            let asked = tokio::select! {
                asked = async {
                    sleep(wait).await;
                    if Instant::now() >= until {
                        return Some(None);
                    }
                    self.poll_once(&poll.request, &poll.id).await.map(Some)
                } => asked,
                () = cancel.cancelled() => return Event::Rested,
            };
            match asked {
                Some(None) => return Event::Rested,
                Some(Some(Ok(Step::Done(receipt)))) => return Event::Done(receipt),
                Some(Some(Ok(Step::Poll { receipt, after: next, request }))) => {
                    self.shared.out.tell(self.job.id, Event::Processing(receipt)).await;
                    (after, poll.request) = (next, request);
                }
                Some(Some(Err(failure))) => return Event::Failed(failure),
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
