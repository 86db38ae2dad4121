//! What a front end learns from `Session::update`.

use std::path::PathBuf;
use std::sync::Arc;

use super::batch::Finished;
use super::own_providers::ReviewedProvider;
use crate::media::error::PreviewError;
use crate::media::part::ComparedPicture;
use crate::media::preview::{Picture, Preview};
use crate::model::media::Details;
use crate::model::record::{Record, UploadRequest};
use crate::model::upload::UploadId;
use crate::provider::spec::ProviderSpec;
use crate::store::history::{Query, Timeline, UploadTally};

/// What changed since the last look.
#[derive(Debug, Default)]
pub struct Update {
    /// Something in the queue, the settings or the notices did.
    pub any: bool,
    /// Pictures that were asked for: made, or the reason why not, or nothing where it must be asked for again.
    pub pictures: Vec<(UploadId, Option<Result<Picture, PreviewError>>)>,
    /// Large pictures and waveforms that were asked for, or the reason why there is none.
    pub previews: Vec<(UploadId, Result<Preview, PreviewError>)>,
    /// Pictures of a file and its copy, to be compared, by their paths.
    pub compared: Vec<(PathBuf, ComparedPicture)>,
    /// What files that are looked at closely tell of themselves.
    pub details: Vec<(UploadId, Details)>,
    /// Everything that was asked for has ended.
    pub finished: Option<Finished>,
    /// What is in the history changed.
    pub history: bool,
    /// What was found in the history for a question.
    pub found: Option<(Query, Timeline)>,
    /// What was read of the history.
    pub records: Vec<Record>,
    /// What is selected in the history.
    pub selection: Option<HistorySelection>,
    /// Results of the history that are to be copied.
    pub results: Option<ResultsText>,
    /// Uploads of the history that are to be sent again.
    pub requests: Option<Vec<UploadRequest>>,
    /// A provider whose file was added: it has no destination yet.
    pub added_provider: Option<&'static ProviderSpec>,
    /// A provider file that was removed, and can be added again.
    pub removed_provider: Option<Box<ReviewedProvider>>,
}

/// What is selected in the history.
#[derive(Clone, Debug, Default)]
pub struct HistorySelection {
    /// Which question this answers.
    pub number: u64,
    /// How many there are of what.
    pub tally: UploadTally,
    /// The one that is selected, where it is the only one.
    pub only: Option<Arc<Record>>,
}

/// Results of the history, ready for the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultsText {
    /// Which question this answers.
    pub number: u64,
    /// What is copied.
    pub text: String,
    /// What to say of those that have expired.
    pub expired: Option<String>,
}
