//! Whether it is an upload's turn, where its content is sent once: another one may have sent it, or send it now.

use std::io::ErrorKind;

use tokio_util::sync::CancellationToken;

use super::context::EngineContext;
use super::messages::Job;
use crate::media::hash::{self, HashedContent};
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

/// Finds out whether it is an upload's turn, and claims its content if so.
pub(super) async fn turn(shared: &EngineContext, job: &mut Job, cancel: &CancellationToken) -> ContentTurn {
    let entry = shared.claims.enter(job);
    let read = async {
        let read = content(job).await;
        entry.reached().await;
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
