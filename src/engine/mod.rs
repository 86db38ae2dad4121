//! The engine: uploads, key checks and downloads of links, on one thread with a tokio runtime. Everything else talks to it
//! by messages and never waits for it.

pub mod body;
mod claim;
mod claim_order;
mod client;
mod config;
mod connect_error;
mod context;
pub mod endpoints;
pub mod fetch;
mod key;
pub mod key_check;
mod key_checker;
mod messages;
mod reply;
mod retry;
mod scheduler;
pub mod slots;
mod timeout;
pub mod transport;
mod upload;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::model::receipt::Receipt;
use crate::model::upload::UploadId;
use crate::store::settings::Proxy;
pub use config::EngineConfig;
use context::{EngineContext, EventSink};
use fetch::{Fetch, FetchHandle, Fetched};
use key_check::{KeyCheckRequest, KeyCheckResult};
use messages::EngineCommand;
pub use messages::{Job, UploadNews};
use scheduler::Scheduler;
use slots::{SlotAccount, Slots};
use transport::Transport;

/// News that may wait to be fetched.
const NEWS_AHEAD: usize = 1024;

/// Key checks, and downloads, whose results may wait to be fetched.
const RESULTS_AHEAD: usize = 64;

/// A handle to the engine; dropping it stops the engine, and with it whatever is being sent.
pub struct Engine {
    commands: mpsc::UnboundedSender<EngineCommand>,
    news: mpsc::Receiver<UploadNews>,
    answers: mpsc::Receiver<KeyCheckResult>,
    fetched: mpsc::Receiver<Fetched>,
    stop: CancellationToken,
    interrupted: Arc<AtomicBool>,
}

impl Engine {
    /// Starts the thread. `wake` is called when there is news.
    pub fn start(config: EngineConfig, wake: Arc<dyn Fn() + Send + Sync>) -> std::io::Result<Engine> {
        let (commands, asked) = mpsc::unbounded_channel();
        let (out, news) = mpsc::channel(NEWS_AHEAD);
        let (answer, answers) = mpsc::channel(RESULTS_AHEAD);
        let (fetch, fetched) = mpsc::channel(RESULTS_AHEAD);
        let out = EventSink { news: out, answers: answer, fetched: fetch, wake: Arc::new(Notify::new()) };
        let stop = CancellationToken::new();
        let (stopped, own) = (stop.clone(), commands.downgrade());
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("hoist-engine".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = run(config, asked, own, out, wake, flag) => {}
                    () = stopped.cancelled() => {}
                }
            });
            // A keyring or a disk that hangs must not keep the program from ending.
            runtime.shutdown_background();
        })?;
        Ok(Engine { commands, news, answers, fetched, stop, interrupted })
    }

    /// Sends a file when a slot is free.
    pub fn send(&self, job: Job) {
        self.send_command(EngineCommand::Send(Box::new(job)));
    }

    /// Polls again an upload that the provider has accepted and not finished; `receipt` is what it returned so far.
    pub fn resume_polling(&self, job: Job, receipt: Box<Receipt>) {
        self.send_command(EngineCommand::ResumePolling(Box::new(job), receipt));
    }

    /// Sends nothing to an account before a time: an earlier run recorded that back-off.
    pub fn back_off(&self, account: SlotAccount, until: Timestamp) {
        self.send_command(EngineCommand::BackOff(account, until));
    }

    /// Cancels an upload. One that was sent completely may still get an answer.
    pub fn cancel(&self, id: UploadId) {
        self.send_command(EngineCommand::Cancel(id));
    }

    /// Pauses or resumes the start of uploads; those that run continue.
    pub fn pause(&self, paused: bool) {
        self.send_command(EngineCommand::Pause(paused));
    }

    /// Sets how many upload at a time from now on, in all and to one account.
    pub fn set_slots(&self, at_once: usize, per_account: usize) {
        self.send_command(EngineCommand::Slots(at_once, per_account));
    }

    /// Sets the proxy, from the next upload on.
    pub fn set_proxy(&self, proxy: Proxy) {
        self.send_command(EngineCommand::Proxy(proxy));
    }

    /// Sets in which order to start what waits.
    pub fn order(&self, waiting: Vec<UploadId>) {
        self.send_command(EngineCommand::Order(waiting));
    }

    /// Withdraws an upload that has not started: `Event::Withdrawn` says so. One that has started continues.
    pub fn withdraw(&self, id: UploadId) {
        self.send_command(EngineCommand::Withdraw(id));
    }

    /// Checks whether an API key is good, and lists the accounts behind it.
    pub fn check_key(&self, request: KeyCheckRequest) {
        self.send_command(EngineCommand::CheckKey(Box::new(request)));
    }

    /// Fetches what a person has agreed to; it is stopped when what is given back is dropped.
    pub fn fetch(&self, fetch: Fetch) -> FetchHandle {
        let stop = self.stop.child_token();
        self.send_command(EngineCommand::Fetch(Box::new(fetch), stop.clone()));
        FetchHandle(stop)
    }

    /// Stops every upload.
    pub fn cancel_all(&self) {
        self.send_command(EngineCommand::CancelAll);
    }

    /// Returns whether Ctrl+C was pressed: what is asked for now is cancelled at once.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted.load(Ordering::SeqCst)
    }

    /// Returns the next news, if there is any.
    pub fn try_news(&mut self) -> Option<UploadNews> {
        self.news.try_recv().ok()
    }

    /// Returns the result of the next key check, if there is any.
    pub fn try_key_check(&mut self) -> Option<KeyCheckResult> {
        self.answers.try_recv().ok()
    }

    /// Returns the next news of a download, if there is any.
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

async fn run(
    config: EngineConfig,
    mut asked: mpsc::UnboundedReceiver<EngineCommand>,
    own: mpsc::WeakUnboundedSender<EngineCommand>,
    out: EventSink,
    wake: Arc<dyn Fn() + Send + Sync>,
    interrupted: Arc<AtomicBool>,
) {
    let news = Arc::clone(&out.wake);
    tokio::spawn(async move {
        loop {
            news.notified().await;
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
        claims: claim_order::ClaimOrder::default(),
        poll_every: config.poll_every,
        poll_for: config.poll_for,
        first_pause: config.first_pause,
        longest_hold: config.longest_hold,
        out: out.clone(),
        own,
        interrupted,
        stop_waiting: CancellationToken::new(),
    });
    if config.stop_on_interrupt {
        tokio::spawn(stop_on_interrupt(Arc::clone(&shared)));
    }
    let slots = Slots::new(config.slots.at_once, config.slots.per_account);
    let mut scheduler = Scheduler::new(slots, shared, out);
    loop {
        scheduler.start_ready();
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

/// Stops uploads at Ctrl+C: what was sent whole may still be answered, so the first one waits for that; the second
/// waits for nothing.
async fn stop_on_interrupt(shared: Arc<EngineContext>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        shared.interrupted.store(true, Ordering::SeqCst);
        shared.send_command(EngineCommand::CancelAll);
        shared.out.wake.notify_one();
        if tokio::signal::ctrl_c().await.is_ok() {
            shared.stop_waiting.cancel();
        }
    }
}
