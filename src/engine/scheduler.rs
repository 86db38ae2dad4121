//! Who is sent when: slots, holds, pauses, and what one upload's failure means for the others.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::context::{EngineContext, EventSink};
use super::fetch::download;
use super::messages::{EngineCommand, Job};
use super::retry::SendAttempts;
use super::slots::{Now, SlotAccount, Slots};
use super::{key_checker, upload};
use crate::model::error::{Failure, FailureKind};
use crate::model::failures;
use crate::model::upload::{Event, State, UploadId};
use crate::store::history::Write;

/// The same content is asked after again so soon where another program sends it, or its end is just being written down.
const OTHER_PAUSE: Duration = Duration::from_millis(250);
/// The same where this one sends it, whose end is a reason to look at once.
const OWN_PAUSE: Duration = Duration::from_secs(30);

/// What runs, what waits, and what it waits for.
pub(super) struct Scheduler {
    slots: Slots,
    /// Those waiting, and what was tried for them.
    jobs: HashMap<UploadId, (Box<Job>, SendAttempts)>,
    /// Those of them that pause before their next try.
    pausing: HashMap<UploadId, Instant>,
    /// Those of them that wait until another one has ended.
    behind: HashMap<UploadId, Vec<UploadId>>,
    /// Those whose task runs, with or without a slot.
    running: HashMap<UploadId, (SlotAccount, CancellationToken)>,
    /// Nothing new is started.
    paused: bool,
    shared: Arc<EngineContext>,
    out: EventSink,
}

impl Scheduler {
    pub(super) fn new(slots: Slots, shared: Arc<EngineContext>, out: EventSink) -> Scheduler {
        Scheduler {
            slots,
            jobs: HashMap::new(),
            pausing: HashMap::new(),
            behind: HashMap::new(),
            running: HashMap::new(),
            paused: false,
            shared,
            out,
        }
    }

    pub(super) fn start_ready(&mut self) {
        if self.paused {
            return;
        }
        let now = Now::read();
        let rested: Vec<_> =
            self.pausing.iter().filter(|(_, end)| **end <= now.instant).map(|(id, _)| *id).collect();
        for id in rested {
            self.pausing.remove(&id);
            if let Some((job, _)) = self.jobs.get(&id) {
                self.slots.push_front(id, job.account());
            }
        }
        while let Some(id) = self.slots.pop_ready(now) {
            let Some((job, tries)) = self.jobs.remove(&id) else {
                self.slots.release(id);
                continue;
            };
            self.spawn(*job, upload::UploadTask::Send { tries });
        }
    }

    /// Returns how long until something may start that may not now.
    pub(super) fn next_release(&self) -> Option<Duration> {
        if self.paused {
            return None;
        }
        let now = Now::read();
        let rested = self.pausing.values().map(|end| end.saturating_duration_since(now.instant)).min();
        self.slots.next_release(now).into_iter().chain(rested).min()
    }

    fn spawn(&mut self, job: Job, task: upload::UploadTask) {
        let cancel = CancellationToken::new();
        self.running.insert(job.request.id, (job.account(), cancel.clone()));
        tokio::spawn(upload::run(Arc::clone(&self.shared), job, cancel, task));
    }

    /// Takes what waits from its queue, for good.
    fn withdraw(&mut self, id: UploadId) -> Option<(Box<Job>, SendAttempts)> {
        let pausing = self.pausing.remove(&id).is_some();
        if self.slots.withdraw(id) || pausing { self.jobs.remove(&id) } else { None }
    }

    /// Writes down and tells that something ended that was not on its way.
    async fn end(&self, (job, tries): (Box<Job>, SendAttempts), failure: Failure) {
        let failure = Box::new(tries.end(failure));
        let waiting = State::Waiting { until: None, why: None };
        let event = Event::Failed(failure);
        let state = waiting.after(event.clone(), Timestamp::now());
        self.shared.history.write(Write::Put(job.request.clone(), state));
        self.out.send_event(job.request.id, event).await;
    }

    pub(super) async fn handle(&mut self, command: EngineCommand) {
        match command {
            EngineCommand::Send(job) => self.queue(job).await,
            EngineCommand::ResumePolling(job, receipt) => {
                let id = job.request.id;
                match receipt.id.as_deref().and_then(|upload| upload::poll_request(&job, upload)) {
                    Some(poll) => self.spawn(*job, upload::UploadTask::Poll { poll, receipt }),
                    None => self.out.send_event(id, Event::PollingStopped).await,
                }
            }
            EngineCommand::BackOff(account, until) => {
                self.slots.back_off(account.clone(), until, Now::read());
                self.notify_backoff(&account).await;
            }
            EngineCommand::Cancel(id) => {
                if let Some(waiting) = self.withdraw(id) {
                    self.end(waiting, failures::cancelled()).await;
                } else if let Some((_, cancel)) = self.running.get(&id) {
                    cancel.cancel();
                }
            }
            EngineCommand::CancelAll => {
                let mut waiting: Vec<_> = self.slots.withdraw_all(|_| true);
                waiting.extend(self.pausing.drain().map(|(id, _)| id));
                for id in waiting {
                    if let Some(waiting) = self.jobs.remove(&id) {
                        self.end(waiting, failures::cancelled()).await;
                    }
                }
                self.running.values().for_each(|(_, cancel)| cancel.cancel());
            }
            EngineCommand::Pause(paused) => self.paused = paused,
            EngineCommand::Slots(at_once, per_account) => self.slots.set(at_once, per_account),
            EngineCommand::Proxy(proxy) => self.shared.transport.clients.set_proxy(proxy),
            EngineCommand::Order(order) => self.slots.order(&order),
            EngineCommand::Withdraw(id) => {
                // What an earlier try may have led to stays with its destination.
                let certain = self.jobs.get(&id).is_some_and(|(_, tries)| !tries.are_in_doubt());
                if certain && self.withdraw(id).is_some() {
                    self.out.send_event(id, Event::Withdrawn).await;
                }
            }
            EngineCommand::CheckKey(request) => {
                tokio::spawn(key_checker::run(Arc::clone(&self.shared), *request));
            }
            EngineCommand::Fetch(fetch, stop) => {
                tokio::spawn(download::run(Arc::clone(&self.shared), *fetch, stop));
            }
            EngineCommand::Free(id) => self.slots.release(id),
            EngineCommand::ScheduleRetry { job, tries, pause, failure } => {
                let id = job.request.id;
                self.slots.release(id);
                let cancelled = self.running.remove(&id).is_none_or(|(_, cancel)| cancel.is_cancelled());
                let tries = tries.after(&failure);
                if cancelled {
                    return self.end((job, tries), failures::cancelled()).await;
                }
                let account = job.account();
                self.jobs.insert(id, (job, tries));
                self.rouse_behind(id);
                if failure.kind.holds_account() {
                    // Not this file's affair alone: its account is held, and it waits in front.
                    self.slots.push_front(id, account.clone());
                    self.back_off(account, Timestamp::now() + pause).await;
                } else {
                    self.pausing.insert(id, Instant::now() + pause);
                }
            }
            EngineCommand::AwaitOther { job, tries, other } => {
                let id = job.request.id;
                self.slots.release(id);
                let cancelled = self.running.remove(&id).is_none_or(|(_, cancel)| cancel.is_cancelled());
                if cancelled {
                    return self.end((job, tries), failures::cancelled()).await;
                }
                self.jobs.insert(id, (job, tries));
                // What another program sends, and what ends just now, is asked after.
                let is_mine = self.running.contains_key(&other);
                let pause = if is_mine { OWN_PAUSE } else { OTHER_PAUSE };
                self.pausing.insert(id, Instant::now() + pause);
                if is_mine {
                    self.behind.entry(other).or_default().push(id);
                }
            }
            EngineCommand::Ended(id, failure) => {
                self.slots.release(id);
                self.rouse_behind(id);
                let account = self.running.remove(&id).map(|(account, _)| account);
                if let (Some(account), Some(failure)) = (account, failure) {
                    self.propagate_failure(account, &failure).await;
                }
            }
        }
    }

    /// Lets those start that waited for an upload, which has ended or pauses.
    fn rouse_behind(&mut self, ended: UploadId) {
        for id in self.behind.remove(&ended).unwrap_or_default() {
            if let Some(end) = self.pausing.get_mut(&id) {
                *end = Instant::now();
            }
        }
    }

    async fn queue(&mut self, job: Box<Job>) {
        let (id, account) = (job.request.id, job.account());
        if self.shared.interrupted.load(Ordering::SeqCst) {
            return self.end((job, SendAttempts::first()), failures::cancelled()).await;
        }
        if let Some(until) = self.slots.backoff_until(&account, Now::read()) {
            if self.shared.is_too_long(until) {
                return self.end((job, SendAttempts::first()), failures::still_held(until)).await;
            }
            self.out.send_event(id, Event::BackoffStarted(Some(until))).await;
        }
        self.jobs.insert(id, (job, SendAttempts::first()));
        self.slots.push_back(id, account);
    }

    /// Starts nothing to an account before a time, in this run and those that follow.
    async fn back_off(&mut self, account: SlotAccount, until: Timestamp) {
        self.slots.back_off(account.clone(), until, Now::read());
        self.shared.history.write(Write::Hold(account.clone(), Timestamp::now(), until));
        self.notify_backoff(&account).await;
    }

    /// Tells when a hold ends. A longer one than the newest may be there: its end is what counts.
    async fn notify_backoff(&self, account: &SlotAccount) {
        let Some(until) = self.slots.backoff_until(account, Now::read()) else { return };
        for id in self.slots.waiting_for(account) {
            self.out.send_event(id, Event::BackoffStarted(Some(until))).await;
        }
    }

    /// Propagates a failure that concerns more than its own upload: a rate limit holds the account; a wrong key or a
    /// broken account holds everything that still waits for it, before the provider has to say so once for each file.
    async fn propagate_failure(&mut self, account: SlotAccount, failure: &Failure) {
        let concerned = match failure.kind {
            kind if kind.holds_account() => {
                let until = failure.until.unwrap_or_else(Timestamp::now);
                self.back_off(account.clone(), until).await;
                if !self.shared.is_too_long(until) {
                    return;
                }
                self.slots.withdraw_all(|other| *other == account)
            }
            FailureKind::AccountBroken => self.slots.withdraw_all(|other| *other == account),
            FailureKind::WrongKey | FailureKind::NoKey | FailureKind::Keyring => {
                self.slots.withdraw_all(|(_, key, _)| *key == account.1)
            }
            _ => return,
        };
        for id in concerned {
            if let Some(waiting) = self.jobs.remove(&id) {
                self.end(waiting, failure.clone()).await;
            }
        }
    }
}
