//! The first start's side: a thread of its own takes messages, however busy the window is.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::folder::{Connection, Listener, Owner};
use super::message::Message;
use super::protocol;

/// One that takes longer to say what it has is not listened to any more.
const TIMEOUT: Duration = Duration::from_secs(3);

/// So long the window's end waits for those it is listening to: who was told *ready* and hears nothing more does not know
/// who has the files.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// So many are listened to at once. One more, and the one that has taken longest is hung up on: what says nothing keeps
/// nobody from being heard.
const MAX_AT_ONCE: usize = 32;

/// A window that takes what further starts hand over, until this is dropped.
#[derive(Debug)]
pub struct Listening {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Last: nobody else owns the place before nobody is listened to.
    _owner: Owner,
}

impl Owner {
    /// Gives every message to `take`, which says whether the window has it now. Those who came before this wait.
    pub fn listen(self, take: impl Fn(Message) -> bool + Send + Sync + 'static) -> io::Result<Listening> {
        let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
        let listener = {
            let _inside = runtime.enter();
            self.listener()?
        };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("hoist-instance".into()).spawn(move || {
            runtime.block_on(serve(listener, stopped, Arc::new(take)));
        })?;
        Ok(Listening { stop: Some(stop), thread: Some(thread), _owner: self })
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop = None; // which the thread hears
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Listens until it is stopped. Who is being listened to then is heard out, if that is soon.
async fn serve<T>(mut listener: Listener, mut stopped: oneshot::Receiver<()>, take: Arc<T>)
where
    T: Fn(Message) -> bool + Send + Sync + 'static,
{
    let mut talks = JoinSet::new();
    let mut in_order: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            Some(_) = talks.join_next() => {}
            came = listener.accept() => match came {
                Ok(None) => tracing::warn!("another user's process was not listened to"),
                Ok(Some(stream)) => {
                    in_order.retain(|talk| !talk.is_finished());
                    if in_order.len() >= MAX_AT_ONCE && let Some(oldest) = in_order.pop_front() {
                        oldest.abort();
                    }
                    in_order.push_back(talks.spawn(timeout(TIMEOUT, talk(stream, Arc::clone(&take)))));
                }
                Err(e) => {
                    tracing::warn!("another start cannot be listened to: {}", e.kind());
                    sleep(Duration::from_millis(50)).await; // no handle is free, for instance
                }
            },
        }
    }
    let _ = timeout(LAST_WORDS, async { while talks.join_next().await.is_some() {} }).await;
}

async fn talk<T: Fn(Message) -> bool>(mut stream: Connection, take: Arc<T>) -> io::Result<()> {
    let message = match protocol::read(&mut stream).await {
        Ok(message) => message,
        Err(e) => {
            tracing::warn!("another start's message is not good: {}", e.kind());
            return stream.write_all(&[protocol::REFUSED]).await;
        }
    };
    stream.write_all(&[protocol::READY]).await?;
    if stream.read_u8().await? != protocol::GO {
        return Ok(());
    }
    let taken = take(message);
    stream.write_all(&[if taken { protocol::STAGED } else { protocol::REFUSED }]).await
}
