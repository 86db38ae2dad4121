//! A thread for what may wait for the disk or the keyring: one after the other, never on the window's thread.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};

use super::accounts::{Accounts, Added};

/// Something that may wait.
type Work = Box<dyn FnOnce(&Accounts) -> Answer + Send>;

/// What became of it, or why nothing did.
pub(super) type Answer = Result<Added, String>;

/// A handle to the thread.
pub(super) struct Background {
    work: Sender<Work>,
    answers: Receiver<Answer>,
}

impl Background {
    /// Starts the thread; `wake` is called after each piece of work.
    pub(super) fn start(
        accounts: Accounts,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> std::io::Result<Background> {
        let (work, asked) = mpsc::channel::<Work>();
        let (out, answers) = mpsc::channel();
        std::thread::Builder::new().name("hoist-store".into()).spawn(move || {
            for work in asked {
                if out.send(work(&accounts)).is_err() {
                    return;
                }
                wake();
            }
        })?;
        Ok(Background { work, answers })
    }

    /// Has something done, after everything that was asked before.
    pub(super) fn ask(&self, work: impl FnOnce(&Accounts) -> Answer + Send + 'static) {
        if self.work.send(Box::new(work)).is_err() {
            tracing::error!("the thread for the settings has ended");
        }
    }

    /// The next answer, if there is one.
    pub(super) fn try_answer(&self) -> Option<Answer> {
        self.answers.try_recv().ok()
    }
}
