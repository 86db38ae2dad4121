//! Sends. A thread of its own with a tokio runtime; everything else talks to it by messages and never waits for it.

pub mod body;
mod client;
mod connect_error;
pub mod endpoints;
pub mod fetch;
mod key;
pub mod key_check;
mod reply;
mod retry;
mod scheduler;
pub mod slots;
mod timeout;
pub mod transport;
mod upload;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::model::error::Failure;
use crate::model::media::{FileFacts, Media};
use crate::model::receipt::Receipt;
use crate::model::record::UploadRequest;
use crate::model::secret::Key;
use crate::model::upload::{Event, UploadId};
use crate::store::history::History;
use crate::store::keys::Keys;
use crate::store::proxy::Proxies;
use crate::store::settings::Proxy;
use endpoints::Endpoints;
use fetch::ssrf_guard::system_lookup;
use fetch::{Fetch, Fetched, Fetching, Lookup};
use key_check::{Inquiry, KeyCheckResult};
use retry::Tries;
use scheduler::Scheduler;
use slots::{SlotAccount, Slots};
use transport::{Limits, Transport};

/// News that may wait to be fetched.
const NEWS_AHEAD: usize = 1024;

/// Answers that may wait to be fetched.
const ANSWERS_AHEAD: usize = 64;

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
    /// The proxy.
    pub proxy: Proxy,
    /// Those that the environment names, for `Proxy::System`.
    pub proxies: Proxies,
    /// How the addresses of a name are found that a link leads to.
    pub lookup: Lookup,
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
    /// How long to wait before what was not accepted is sent again; the second time four times as long.
    pub first_pause: Duration,
    /// Where everything is written down before it is told.
    pub history: History,
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
            proxy: Proxy::System,
            proxies: Proxies::default(),
            lookup: system_lookup,
            limits: Limits::default(),
            poll_every: None,
            poll_for: Duration::from_mins(10),
            wake_every: WAKE_EVERY,
            stop_on_interrupt: false,
            longest_hold: None,
            first_pause: Duration::from_secs(1),
            history: History::none(),
            given_keys: HashMap::new(),
            keys,
        }
    }
}

/// One file to send.
#[derive(Clone, Debug)]
pub struct Job {
    /// Which file, and where it goes.
    pub request: UploadRequest,
    /// What is known of it.
    pub facts: FileFacts,
    /// Its type; one the provider takes.
    pub media: Media,
    /// Whether to ask on where the service works on it after the upload.
    pub poll: bool,
    /// The number of the write by which the history knows of it; nothing is sent before.
    pub written: u64,
    /// The user agreed to send it though the history cannot be written.
    pub without_history: bool,
}

impl Job {
    fn account(&self) -> SlotAccount {
        self.request.destination.account_id()
    }
}

/// Something that happened to an upload.
#[derive(Debug)]
pub struct News {
    /// Which.
    pub id: UploadId,
    /// What.
    pub event: Event,
}

enum EngineCommand {
    Send(Box<Job>),
    LookAgain(Box<Job>, Box<Receipt>),
    Hold(SlotAccount, Timestamp),
    Cancel(UploadId),
    CancelAll,
    Pause(bool),
    /// Uploads at a time, and to one account.
    Slots(usize, usize),
    Proxy(Proxy),
    /// What waits, in the order to start it.
    Order(Vec<UploadId>),
    /// Not to go there after all.
    TakeBack(UploadId),
    Ask(Box<Inquiry>),
    Fetch(Box<Fetch>, CancellationToken),
    // From the uploads' own tasks.
    Free(UploadId),
    SetBack {
        job: Box<Job>,
        tries: Tries,
        pause: Duration,
        failure: Box<Failure>,
    },
    Ended(UploadId, Option<Box<Failure>>),
}

/// A handle to the engine; dropping it stops the engine, and with it whatever is being sent.
pub struct Engine {
    commands: mpsc::UnboundedSender<EngineCommand>,
    news: mpsc::Receiver<News>,
    answers: mpsc::Receiver<KeyCheckResult>,
    fetched: mpsc::Receiver<Fetched>,
    stop: CancellationToken,
    interrupted: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the thread. `wake` is called when there is news.
    pub fn start(config: Config, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Engine> {
        let (commands, asked) = mpsc::unbounded_channel();
        let (out, news) = mpsc::channel(NEWS_AHEAD);
        let (answer, answers) = mpsc::channel(ANSWERS_AHEAD);
        let (fetch, fetched) = mpsc::channel(ANSWERS_AHEAD);
        let out = EventSink { news: out, answers: answer, fetched: fetch, wake: Arc::new(Notify::new()) };
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
        Ok(Engine { commands, news, answers, fetched, stop, interrupted })
    }

    /// Sends a file when a slot is free.
    pub fn send(&self, job: Job) {
        self.send_command(EngineCommand::Send(Box::new(job)));
    }

    /// Asks again whether the service has finished with an upload of which this is known.
    pub fn resume_polling(&self, job: Job, receipt: Box<Receipt>) {
        self.send_command(EngineCommand::LookAgain(Box::new(job), receipt));
    }

    /// Sends nothing to an account before a time: an earlier run was told so.
    pub fn back_off(&self, account: SlotAccount, until: Timestamp) {
        self.send_command(EngineCommand::Hold(account, until));
    }

    /// Stops an upload. What was handed over whole may still be answered.
    pub fn cancel(&self, id: UploadId) {
        self.send_command(EngineCommand::Cancel(id));
    }

    /// Starts nothing new, or goes on. What moves goes on moving.
    pub fn pause(&self, paused: bool) {
        self.send_command(EngineCommand::Pause(paused));
    }

    /// How many at a time from now on, in all and to one account.
    pub fn set_slots(&self, at_once: usize, per_account: usize) {
        self.send_command(EngineCommand::Slots(at_once, per_account));
    }

    /// Through which proxy, from the next upload on.
    pub fn set_proxy(&self, proxy: Proxy) {
        self.send_command(EngineCommand::Proxy(proxy));
    }

    /// In which order to start what waits.
    pub fn order(&self, waiting: Vec<UploadId>) {
        self.send_command(EngineCommand::Order(waiting));
    }

    /// Gives back an upload that still waits, as `Event::TakenBack`; one that has begun goes on.
    pub fn withdraw(&self, id: UploadId) {
        self.send_command(EngineCommand::TakeBack(id));
    }

    /// Asks whether a key is good, and what is behind it.
    pub fn ask(&self, inquiry: Inquiry) {
        self.send_command(EngineCommand::Ask(Box::new(inquiry)));
    }

    /// Fetches what a person has agreed to; it is stopped when what is given back is dropped.
    pub fn fetch(&self, fetch: Fetch) -> Fetching {
        let stop = self.stop.child_token();
        self.send_command(EngineCommand::Fetch(Box::new(fetch), stop.clone()));
        Fetching(stop)
    }

    /// Stops every upload.
    pub fn cancel_all(&self) {
        self.send_command(EngineCommand::CancelAll);
    }

    /// Whether Ctrl+C was pressed: what is asked for now is cancelled at once.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// The next news, if there is any.
    pub fn try_news(&mut self) -> Option<News> {
        self.news.try_recv().ok()
    }

    /// The next answer, if there is any.
    pub fn try_answer(&mut self) -> Option<KeyCheckResult> {
        self.answers.try_recv().ok()
    }

    /// What became of something that was to be fetched, if there is anything to tell.
    pub fn try_fetched(&mut self) -> Option<Fetched> {
        self.fetched.try_recv().ok()
    }

    fn send_command(&self, command: EngineCommand) {
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
struct EngineContext {
    transport: Transport,
    keys: Keys,
    given_keys: HashMap<&'static str, Key>,
    history: History,
    poll_every: Option<Duration>,
    poll_for: Duration,
    first_pause: Duration,
    longest_hold: Option<Duration>,
    out: EventSink,
    own: mpsc::WeakUnboundedSender<EngineCommand>,
    /// Ctrl+C was pressed: nothing is started any more.
    interrupted: Arc<AtomicBool>,
    /// Nobody waits for late answers any more.
    hurry: CancellationToken,
}

impl EngineContext {
    /// Nobody waits so long.
    fn is_too_long(&self, until: Timestamp) -> bool {
        self.longest_hold.is_some_and(|most| {
            until.duration_since(Timestamp::now()) > most.try_into().unwrap_or(SignedDuration::MAX)
        })
    }

    fn send_command(&self, command: EngineCommand) {
        if let Some(own) = self.own.upgrade() {
            let _ = own.send(command);
        }
    }
}

/// The way out for news.
#[derive(Clone)]
struct EventSink {
    news: mpsc::Sender<News>,
    answers: mpsc::Sender<KeyCheckResult>,
    fetched: mpsc::Sender<Fetched>,
    wake: Arc<Notify>,
}

impl EventSink {
    /// News that must arrive waits for room.
    async fn send_command(&self, id: UploadId, event: Event) {
        let _ = self.news.send(News { id, event }).await;
        self.wake.notify_one();
    }

    /// The same for answers.
    async fn answer(&self, answer: KeyCheckResult) {
        let _ = self.answers.send(answer).await;
        self.wake.notify_one();
    }

    /// The same for what was fetched.
    async fn fetched(&self, fetched: Fetched) {
        let _ = self.fetched.send(fetched).await;
        self.wake.notify_one();
    }

    /// How far that is may be dropped.
    fn fetching(&self, fetched: Fetched) {
        if self.fetched.try_send(fetched).is_ok() {
            self.wake.notify_one();
        }
    }

    /// Progress that the next progress replaces may be dropped.
    fn progress(&self, id: UploadId, sent: u64) {
        if self.news.try_send(News { id, event: Event::Progress(sent) }).is_ok() {
            self.wake.notify_one();
        }
    }
}

async fn run(
    config: Config,
    mut asked: mpsc::UnboundedReceiver<EngineCommand>,
    own: mpsc::WeakUnboundedSender<EngineCommand>,
    out: EventSink,
    wake: Arc<dyn Fn() + Send + Sync>,
    interrupted: Arc<AtomicBool>,
) {
    let bell = Arc::clone(&out.wake);
    tokio::spawn(async move {
        loop {
            bell.notified().await;
            wake();
            if !config.wake_every.is_zero() {
                tokio::time::sleep(config.wake_every).await;
            }
        }
    });
    let shared = Arc::new(EngineContext {
        transport: Transport {
            clients: client::Clients::new(config.limits.connect, config.proxy, config.proxies, config.lookup),
            endpoints: config.endpoints,
            limits: config.limits,
            long_replies: Semaphore::new(1),
        },
        keys: config.keys,
        given_keys: config.given_keys,
        history: config.history,
        poll_every: config.poll_every,
        poll_for: config.poll_for,
        first_pause: config.first_pause,
        longest_hold: config.longest_hold,
        out: out.clone(),
        own,
        interrupted,
        hurry: CancellationToken::new(),
    });
    if config.stop_on_interrupt {
        tokio::spawn(stop_on_interrupt(Arc::clone(&shared)));
    }
    let slots = Slots::new(config.uploads_at_once, config.uploads_per_account);
    let mut scheduler = Scheduler::new(slots, shared, out);
    loop {
        scheduler.start_what_may();
        let release = scheduler.next_release();
        let command = tokio::select! {
            command = asked.recv() => command,
            () = tokio::time::sleep(release.unwrap_or_default()), if release.is_some() => continue,
        };
        let Some(command) = command else { return };
        scheduler.handle(command).await;
        // All that was asked meanwhile, before looking who may start.
        while let Ok(command) = asked.try_recv() {
            scheduler.handle(command).await;
        }
    }
}

/// What was sent whole may still be answered, so the first Ctrl+C waits for that; the second waits for nothing.
async fn stop_on_interrupt(shared: Arc<EngineContext>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        shared.interrupted.store(true, Ordering::SeqCst);
        shared.send_command(EngineCommand::CancelAll);
        shared.out.wake.notify_one();
        if tokio::signal::ctrl_c().await.is_ok() {
            shared.hurry.cancel();
        }
    }
}
