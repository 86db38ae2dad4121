//! Whether it is an upload's turn, where its content is sent once: another one may have sent it, or send it now.

use std::io::ErrorKind;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::context::EngineContext;
use super::messages::Job;
use crate::media::hash::{self, HashedContent};
use crate::model::destination::Destination;
use crate::model::disk;
use crate::model::error::Failure;
use crate::model::failures;
use crate::model::record::PreviousUpload;
use crate::model::upload::UploadId;
use crate::store::history::Claim;

/// Whether an upload of content that is sent once may start.
pub(super) enum ContentTurn {
    /// It may. A file that cannot be sent at all is found out later.
    Now,
    /// The content is at its destination, or may be.
    SentBefore(Box<PreviousUpload>),
    /// Another upload sends it: whether this one is needed is known after that.
    After(UploadId),
    Failed(Box<Failure>),
}

/// The uploads that read their content for a claim, in the order in which they started. Of copies the first one is sent,
/// however long it takes to be read.
#[derive(Default)]
pub(super) struct ClaimOrder {
    reading: Mutex<Vec<(UploadId, u64, Arc<Destination>)>>,
    changed: Notify,
}

/// An upload's place in that order; given up when it is dropped.
struct ClaimPlace<'a> {
    order: &'a ClaimOrder,
    id: UploadId,
}

impl ClaimOrder {
    fn enter(&self, job: &Job) -> ClaimPlace<'_> {
        let id = job.request.id;
        self.reading.lock().push((id, job.facts.size, Arc::clone(&job.request.destination)));
        ClaimPlace { order: self, id }
    }
}

impl ClaimPlace<'_> {
    /// Waits for those before it that may have the same content.
    async fn reached(&self) {
        loop {
            let mut changed = std::pin::pin!(self.order.changed.notified());
            changed.as_mut().enable();
            if self.is_first() {
                return;
            }
            changed.await;
        }
    }

    fn is_first(&self) -> bool {
        let reading = self.order.reading.lock();
        let Some(index) = reading.iter().position(|(id, ..)| *id == self.id) else { return true };
        let (_, size, to) = &reading[index];
        !reading[..index].iter().any(|(_, other_size, other_to)| (other_size, other_to) == (size, to))
    }
}

impl Drop for ClaimPlace<'_> {
    fn drop(&mut self) {
        self.order.reading.lock().retain(|(id, ..)| *id != self.id);
        self.order.changed.notify_waiters();
    }
}

/// Finds out whether it is an upload's turn, and claims its content if so.
pub(super) async fn turn(shared: &EngineContext, job: &mut Job, cancel: &CancellationToken) -> ContentTurn {
    let place = shared.claims.enter(job);
    let read = async {
        let read = content(job).await;
        place.reached().await;
        read
    };
    let hash = tokio::select! {
        hash = read => hash,
        () = cancel.cancelled() => return ContentTurn::Failed(Box::new(failures::cancelled())),
    };
    let content = match hash {
        Ok(content) if content.is_of(&job.facts) => content,
        // It is another one by now, or gone: nothing of it is sent.
        Ok(_) => return ContentTurn::Now,
        Err(e)
            if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::InvalidInput | ErrorKind::InvalidData) =>
        {
            return ContentTurn::Now;
        }
        Err(e) => return ContentTurn::Failed(Box::new(failures::unreadable_file(&disk::reason(&e)))),
    };
    job.content = Some(content);
    match shared.history.claim(job.request.clone(), content.hash).await {
        Claim::Granted => ContentTurn::Now,
        Claim::SentBefore(previous) => ContentTurn::SentBefore(previous),
        Claim::Going(other) => ContentTurn::After(other),
        Claim::Unavailable if job.without_history => ContentTurn::Now,
        Claim::Unavailable => {
            let why = shared.history.write_error().unwrap_or_else(|| "it does not answer".to_owned());
            ContentTurn::Failed(Box::new(failures::no_history(&why)))
        }
    }
}

/// Hashes the file, unless that was done while it waited for another upload.
async fn content(job: &Job) -> std::io::Result<HashedContent> {
    if let Some(content) = job.content {
        return Ok(content);
    }
    let path = job.request.source().to_owned();
    tokio::task::spawn_blocking(move || hash::of_file(&path)).await.map_err(std::io::Error::other)?
}
