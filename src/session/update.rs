//! What a front end learns from `Session::update`.

use super::batch::Finished;
use crate::media::error::PreviewError;
use crate::media::preview::{Picture, Preview};
use crate::model::media::Details;
use crate::model::record::Record;
use crate::model::upload::UploadId;
use crate::store::history::Query;

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Update {
    /// Something in the queue, the settings or the notices did.
    pub any: bool,
    /// Pictures that were asked for: made, or the reason why not, or nothing where it must be asked for again.
    pub pictures: Vec<(UploadId, Option<Result<Picture, PreviewError>>)>,
    /// Large pictures and waveforms that were asked for, or the reason why there is none.
    pub previews: Vec<(UploadId, Result<Preview, PreviewError>)>,
    /// What files that are looked at closely tell of themselves.
    pub details: Vec<(UploadId, Details)>,
    /// Everything that was asked for has ended.
    pub finished: Option<Finished>,
    /// What is in the history changed.
    pub history: bool,
    /// What was found in the history for a question.
    pub found: Option<(Query, Vec<UploadId>)>,
    /// What was read of the history.
    pub records: Vec<Record>,
}
