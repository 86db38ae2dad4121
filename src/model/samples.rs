//! Plain values for the tests of all modules, each built in one place: what gets another field gets it here.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::destination::Destination;
use super::error::{Failure, FailureKind};
use super::item::Item;
use super::receipt::Receipt;
use super::response::Response;
use super::upload::{Event, UploadId};

/// Returns a receipt with nothing but an ID, a link, or both.
pub fn receipt(id: Option<&str>, url: Option<&str>) -> Receipt {
    Receipt {
        id: id.map(Into::into),
        url: url.map(Into::into),
        values: vec![],
        warnings: vec![],
        expires: None,
        response: Response::default(),
    }
}

/// Returns a failure of a kind: "no", and "next" as what to do.
pub fn failure(kind: FailureKind) -> Box<Failure> {
    Box::new(Failure::new(kind, "no", "next"))
}

/// Returns the same as an event.
pub fn failed(kind: FailureKind) -> Event {
    Event::Failed(failure(kind))
}

/// Returns a destination without account and options.
pub fn destination(provider: &str) -> Arc<Destination> {
    Arc::new(Destination {
        name: "d".into(),
        provider: provider.into(),
        key: "k".into(),
        account: None,
        options: BTreeMap::new(),
        fit: crate::model::fit::FitRules::default(),
    })
}

/// Returns a file that was added at the beginning of time.
pub fn item(id: UploadId, path: impl Into<PathBuf>, destination: Arc<Destination>) -> Item {
    Item::new(id, path.into(), destination, Timestamp::UNIX_EPOCH)
}
