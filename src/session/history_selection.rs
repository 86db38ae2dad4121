//! Several uploads of the history at once: counted, copied, and sent again. All of it is read on the library's thread,
//! which may wait for the disk.

use std::sync::Arc;

use jiff::Timestamp;

use super::copy;
use super::library::{HistoryReply, Library};
use super::report::Report;
use super::update::{HistorySelection, ResultsText};
use crate::model::copy_format::CopyFormat;
use crate::model::record::{Record, UploadRequest};
use crate::model::upload::UploadId;
use crate::store::history::{ReadError, Reader};

impl Library {
    /// Has what is selected counted; that comes with `Update`, under this number.
    pub fn ask_selection(&self, number: u64, ids: Vec<UploadId>) {
        self.reader.ask(move |reader| {
            HistoryReply::of(selection(reader, number, &ids), |found| {
                HistoryReply::Selection(Box::new(found))
            })
        });
    }

    /// Has the results of uploads written in a form; the text comes with `Update`, under this number. `date` is how a
    /// moment is written.
    pub fn ask_results(
        &self,
        number: u64,
        ids: Vec<UploadId>,
        (format, template): (CopyFormat, String),
        date: fn(Timestamp) -> String,
    ) {
        self.reader.ask(move |reader| {
            HistoryReply::of(reader.records(&ids), |records| {
                let reports: Vec<_> = records.iter().map(Report::from).collect();
                HistoryReply::Results(ResultsText {
                    number,
                    text: copy::text(format, &template, &reports),
                    expired: copy::expired(&reports, Timestamp::now(), date),
                })
            })
        });
    }

    /// Reads which files uploads were of, and where they went; they come with `Update`.
    pub fn ask_requests(&self, ids: Vec<UploadId>) {
        let requests = |records: Vec<Record>| -> Vec<UploadRequest> {
            records.into_iter().map(|record| record.request).collect()
        };
        self.reader.ask(move |reader| {
            HistoryReply::of(reader.records(&ids), |records| HistoryReply::Requests(requests(records)))
        });
    }
}

fn selection(reader: &mut Reader, number: u64, ids: &[UploadId]) -> Result<HistorySelection, ReadError> {
    let tally = reader.tally(ids)?;
    let only = match ids {
        [_] => reader.records(ids)?.into_iter().next().map(Arc::new),
        _ => None,
    };
    Ok(HistorySelection { number, tally, only })
}
