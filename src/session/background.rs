//! A thread for what may wait for the disk or the keyring: one after the other, never on the window's thread.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Is called when there is something to look at.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// At the end, a keyring or a disk that hangs is not waited for any longer.
pub(super) const EXIT_TIMEOUT: Duration = Duration::from_secs(5);

/// How often it is looked whether another program wrote the settings or the history.
pub(super) const WATCHED_EVERY: Duration = Duration::from_secs(2);

/// Something that may wait.
type Work<S, A> = Box<dyn FnOnce(&mut S) -> A + Send>;

/// A handle to a thread that has an `S` to itself and answers with `A`s.
pub(super) struct Background<S, A> {
    work: Sender<Work<S, A>>,
    answers: Receiver<A>,
    thread: JoinHandle<()>,
}

impl<S: Send + 'static, A: Send + 'static> Background<S, A> {
    /// Starts the thread; `wake` is called after each piece of work.
    pub(super) fn start(
        name: &str,
        state: S,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Background<S, A>> {
        Background::watching(name, state, wake, Duration::MAX, |_| None)
    }

    /// Starts the thread, which looks at its state every so often when there is nothing to do: what that says is an answer,
    /// too.
    pub(super) fn watching(
        name: &str,
        mut state: S,
        wake: Arc<dyn Fn() + Send + Sync>,
        every: Duration,
        mut look: impl FnMut(&mut S) -> Option<A> + Send + 'static,
    ) -> std::io::Result<Background<S, A>> {
        let (work, asked) = mpsc::channel::<Work<S, A>>();
        let (out, answers) = mpsc::channel();
        let thread = std::thread::Builder::new().name(name.into()).spawn(move || {
            loop {
                let answer = match asked.recv_timeout(every) {
                    Ok(work) => Some(work(&mut state)),
                    Err(RecvTimeoutError::Timeout) => look(&mut state),
                    Err(RecvTimeoutError::Disconnected) => return,
                };
                let Some(answer) = answer else { continue };
                if out.send(answer).is_err() {
                    return;
                }
                wake();
            }
        })?;
        Ok(Background { work, answers, thread })
    }

    /// Has something done, after everything that was asked before.
    pub(super) fn ask(&self, work: impl FnOnce(&mut S) -> A + Send + 'static) {
        if self.work.send(Box::new(work)).is_err() {
            tracing::error!("a thread for the disk has ended");
        }
    }

    /// Returns the next answer, if one comes before that moment.
    pub(super) fn answer_before(&self, end: Instant) -> Option<A> {
        self.answers.recv_timeout(end.saturating_duration_since(Instant::now())).ok()
    }

    /// Ends the thread after everything that was asked for, and waits until its state is dropped, but not past this moment.
    pub(super) fn end_before(&mut self, end: Instant) {
        self.work = mpsc::channel().0;
        while !self.thread.is_finished() && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Returns the next answer, if there is one.
    pub(super) fn try_answer(&self) -> Option<A> {
        self.answers.try_recv().ok()
    }
}
