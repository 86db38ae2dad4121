//! Sends. A thread of its own with a tokio runtime; everything else talks to it by messages and never waits for it.

pub mod body;
mod client;
pub mod endpoints;
pub mod slots;
pub mod transport;
mod upload;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::model::destination::Destination;
use crate::model::error::{Failure, FailureKind};
use crate::model::media::{FileFacts, Media};
use crate::model::secret::Key;
use crate::model::upload::{Event, UploadId};
use crate::store::keys::Keys;
use endpoints::Endpoints;
use slots::{AccountId, Slots};
use transport::{Limits, Transport};

/// News that may wait to be fetched.
const NEWS_AHEAD: usize = 1024;

/// At most so many wakes: a window also limits how often it draws.
const WAKE_EVERY: Duration = Duration::from_millis(50);

/// What the engine needs to know from the start.
pub struct Config {
    /// Uploads at a time.
    pub uploads_at_once: usize,
    /// Uploads at a time to one account.
    pub uploads_per_account: usize,
    /// The addresses in force.
    pub endpoints: Endpoints,
    /// How long things may take.
    pub limits: Limits,
    /// How often a service is asked whether it is finished, in place of the provider's own rule.
    pub poll_every: Option<Duration>,
    /// How long it is asked.
    pub poll_for: Duration,
    /// Wakes are brought together to at most one in this time.
    pub wake_every: Duration,
    /// Ctrl+C stops every upload, and a second one the waiting for late answers.
    pub stop_on_interrupt: bool,
    /// Longer holds are not waited for: uploads end as held.
    pub longest_hold: Option<Duration>,
    /// Keys by service that are used in place of all saved ones.
    pub given_keys: HashMap<&'static str, Key>,
    /// The saved keys.
    pub keys: Keys,
}

impl Config {
    /// The documented addresses and the usual patience.
    pub fn new(keys: Keys) -> Config {
        Config {
            uploads_at_once: 4,
            uploads_per_account: 2,
            endpoints: Endpoints::default(),
            limits: Limits::default(),
            poll_every: None,
            poll_for: Duration::from_mins(10),
            wake_every: WAKE_EVERY,
            stop_on_interrupt: false,
            longest_hold: None,
            given_keys: HashMap::new(),
            keys,
        }
    }
}

/// One file to send.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its name for the length of this run.
    pub id: UploadId,
    /// Where it is.
    pub path: PathBuf,
    /// What is known of it.
    pub facts: FileFacts,
    /// Its type; one the provider takes.
    pub media: Media,
    /// Where it goes.
    pub destination: Arc<Destination>,
    /// Whether to ask on where the service works on it after the upload.
    pub poll: bool,
}

/// Something that happened to an upload.
#[derive(Debug)]
pub struct News {
    /// Which.
    pub id: UploadId,
    /// What.
    pub event: Event,
}

enum Command {
    Send(Box<Job>),
    LookAgain { job: Box<Job>, upload: String },
    Cancel(UploadId),
    CancelAll,
    // From the uploads' own tasks.
    Free(UploadId),
    Ended(UploadId, Option<Box<Failure>>),
}

/// A handle to the engine; dropping it stops the engine, and with it whatever is being sent.
pub struct Engine {
    commands: mpsc::UnboundedSender<Command>,
    news: mpsc::Receiver<News>,
    stop: CancellationToken,
    interrupted: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the thread. `wake` is called when there is news.
    pub fn start(config: Config, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Engine> {
        let (commands, asked) = mpsc::unbounded_channel();
        let (out, news) = mpsc::channel(NEWS_AHEAD);
        let stop = CancellationToken::new();
        let (stopped, own) = (stop.clone(), commands.downgrade());
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        std::thread::Builder::new().name("hoist-engine".into()).spawn(move || {
            match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => {
                    runtime.block_on(async {
                        tokio::select! {
                            () = run(config, asked, own, out, wake, flag) => {}
                            () = stopped.cancelled() => {}
                        }
                    });
                    // A keyring or a disk that hangs must not keep the program from ending.
                    runtime.shutdown_background();
                }
                Err(e) => tracing::error!("the engine cannot start: {e}"),
            }
        })?;
        Ok(Engine { commands, news, stop, interrupted })
    }

    /// Sends a file when a slot is free.
    pub fn send(&self, job: Job) {
        self.tell(Command::Send(Box::new(job)));
    }

    /// Asks again whether the service has finished with an upload, whose id it gave.
    pub fn look_again(&self, job: Job, upload: String) {
        self.tell(Command::LookAgain { job: Box::new(job), upload });
    }

    /// Stops an upload. What was handed over whole may still be answered.
    pub fn cancel(&self, id: UploadId) {
        self.tell(Command::Cancel(id));
    }

    /// Stops every upload.
    pub fn cancel_all(&self) {
        self.tell(Command::CancelAll);
    }

    /// Whether Ctrl+C was pressed: what is asked for now is cancelled at once.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// The next news, if there is any.
    pub fn try_news(&mut self) -> Option<News> {
        self.news.try_recv().ok()
    }

    fn tell(&self, command: Command) {
        if self.commands.send(command).is_err() {
            tracing::error!("the engine has stopped");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What the tasks of uploads share.
struct Shared {
    transport: Transport,
    keys: Keys,
    given_keys: HashMap<&'static str, Key>,
    poll_every: Option<Duration>,
    poll_for: Duration,
    out: Out,
    own: mpsc::WeakUnboundedSender<Command>,
    /// Ctrl+C was pressed: nothing is started any more.
    interrupted: Arc<AtomicBool>,
    /// Nobody waits for late answers any more.
    hurry: CancellationToken,
}

impl Shared {
    fn tell(&self, command: Command) {
        if let Some(own) = self.own.upgrade() {
            let _ = own.send(command);
        }
    }
}

/// The way out for news.
#[derive(Clone)]
struct Out {
    news: mpsc::Sender<News>,
    bell: Arc<Notify>,
}

impl Out {
    /// News that must arrive waits for room.
    async fn tell(&self, id: UploadId, event: Event) {
        let _ = self.news.send(News { id, event }).await;
        self.bell.notify_one();
    }

    /// Progress that the next progress replaces may be dropped.
    fn progress(&self, id: UploadId, sent: u64) {
        if self.news.try_send(News { id, event: Event::Progress(sent) }).is_ok() {
            self.bell.notify_one();
        }
    }
}

async fn run(
    config: Config,
    mut asked: mpsc::UnboundedReceiver<Command>,
    own: mpsc::WeakUnboundedSender<Command>,
    news: mpsc::Sender<News>,
    wake: Arc<dyn Fn() + Send + Sync>,
    interrupted: Arc<AtomicBool>,
) {
    let out = Out { news, bell: Arc::new(Notify::new()) };
    let bell = Arc::clone(&out.bell);
    tokio::spawn(async move {
        loop {
            bell.notified().await;
            wake();
            if !config.wake_every.is_zero() {
                tokio::time::sleep(config.wake_every).await;
            }
        }
    });
    let shared = Arc::new(Shared {
        transport: Transport {
            clients: client::Clients::new(config.limits.connect),
            endpoints: config.endpoints,
            limits: config.limits,
        },
        keys: config.keys,
        given_keys: config.given_keys,
        poll_every: config.poll_every,
        poll_for: config.poll_for,
        out: out.clone(),
        own,
        interrupted,
        hurry: CancellationToken::new(),
    });
    if config.stop_on_interrupt {
        tokio::spawn(stop_on_interrupt(Arc::clone(&shared)));
    }
    let mut scheduler = Scheduler {
        slots: Slots::new(config.uploads_at_once, config.uploads_per_account),
        jobs: HashMap::new(),
        running: HashMap::new(),
        longest_hold: config.longest_hold,
        shared,
        out,
    };
    loop {
        scheduler.start_what_may();
        let now = Timestamp::now();
        let release = scheduler.slots.next_release(now).map(|at| at.duration_since(now).unsigned_abs());
        let command = tokio::select! {
            command = asked.recv() => command,
            () = tokio::time::sleep(release.unwrap_or_default()), if release.is_some() => continue,
        };
        let Some(command) = command else { return };
        scheduler.obey(command).await;
        // All that was asked meanwhile, before looking who may start.
        while let Ok(command) = asked.try_recv() {
            scheduler.obey(command).await;
        }
    }
}

/// What was sent whole may still be answered, so the first Ctrl+C waits for that; the second waits for nothing.
async fn stop_on_interrupt(shared: Arc<Shared>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        shared.interrupted.store(true, Ordering::SeqCst);
        shared.tell(Command::CancelAll);
        shared.out.bell.notify_one();
        if tokio::signal::ctrl_c().await.is_ok() {
            shared.hurry.cancel();
        }
    }
}

struct Scheduler {
    slots: Slots,
    /// Those waiting.
    jobs: HashMap<UploadId, Box<Job>>,
    /// Those whose task runs, with or without a slot.
    running: HashMap<UploadId, (AccountId, CancellationToken)>,
    longest_hold: Option<Duration>,
    shared: Arc<Shared>,
    out: Out,
}

impl Scheduler {
    fn start_what_may(&mut self) {
        while let Some(id) = self.slots.next(Timestamp::now()) {
            let Some(job) = self.jobs.remove(&id) else {
                self.slots.free(id);
                continue;
            };
            self.spawn(*job, None);
        }
    }

    fn spawn(&mut self, job: Job, poll: Option<upload::Poll>) {
        let cancel = CancellationToken::new();
        let id = job.id;
        self.running.insert(id, (job.destination.account_id(), cancel.clone()));
        tokio::spawn(upload::run(Arc::clone(&self.shared), job, cancel, poll));
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Send(job) => self.queue(job).await,
            Command::LookAgain { job, upload } => {
                let id = job.id;
                match upload::poll_request(&job, upload) {
                    Some(poll) => self.spawn(*job, Some(poll)),
                    None => self.out.tell(id, Event::Rested).await,
                }
            }
            Command::Cancel(id) => self.cancel(id).await,
            Command::CancelAll => {
                for id in self.slots.withdraw_all(|_| true) {
                    self.jobs.remove(&id);
                    self.out.tell(id, Event::Failed(Box::new(upload::cancelled()))).await;
                }
                self.running.values().for_each(|(_, cancel)| cancel.cancel());
            }
            Command::Free(id) => self.slots.free(id),
            Command::Ended(id, failure) => {
                self.slots.free(id);
                let account = self.running.remove(&id).map(|(account, _)| account);
                if let (Some(account), Some(failure)) = (account, failure) {
                    self.spread(account, &failure).await;
                }
            }
        }
    }

    async fn queue(&mut self, job: Box<Job>) {
        let (id, account) = (job.id, job.destination.account_id());
        if self.shared.interrupted.load(Ordering::SeqCst) {
            return self.out.tell(id, Event::Failed(Box::new(upload::cancelled()))).await;
        }
        if let Some(until) = self.slots.held(&account, Timestamp::now()) {
            if self.too_long(until) {
                self.out.tell(id, Event::Failed(Box::new(still_held(until)))).await;
                return;
            }
            self.out.tell(id, Event::HoldBegan(Some(until))).await;
        }
        self.jobs.insert(id, job);
        self.slots.wait(id, account);
    }

    async fn cancel(&mut self, id: UploadId) {
        if self.slots.withdraw(id) {
            self.jobs.remove(&id);
            self.out.tell(id, Event::Failed(Box::new(upload::cancelled()))).await;
        } else if let Some((_, cancel)) = self.running.get(&id) {
            cancel.cancel();
        }
    }

    fn too_long(&self, until: Timestamp) -> bool {
        self.longest_hold.is_some_and(|most| until.duration_since(Timestamp::now()).unsigned_abs() > most)
    }

    /// A failure that concerns more than its own upload: a rate limit holds the account; a wrong key or a broken
    /// account holds everything that still waits for it, before the service has to say so once for each file.
    async fn spread(&mut self, account: AccountId, failure: &Failure) {
        let concerned = match failure.kind {
            FailureKind::RateLimited => {
                let until = failure.until.unwrap_or_else(Timestamp::now);
                self.slots.hold(account.clone(), until);
                if !self.too_long(until) {
                    for id in self.slots.waiting_for(&account) {
                        self.out.tell(id, Event::HoldBegan(Some(until))).await;
                    }
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
            self.jobs.remove(&id);
            self.out.tell(id, Event::Failed(Box::new(failure.clone()))).await;
        }
    }
}

fn still_held(until: Timestamp) -> Failure {
    Failure {
        until: Some(until),
        ..Failure::new(
            FailureKind::RateLimited,
            "The service takes no more uploads for this account right now",
            "Wait until the time is over, or send it to another account",
        )
    }
}
