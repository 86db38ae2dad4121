//! What this run has written, in short.
//!
//! Where the history had to be set aside, by this Hoist or by another one, not all of it may be readable any more: an ID
//! that was shown is written again then.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::row::{self, row_id};
use super::write::Write;
use crate::model::media::ContentHash;
use crate::model::receipt::Receipt;
use crate::model::record::UploadRequest;
use crate::model::response::Response;
use crate::model::upload::{State, UploadId};

/// More uploads of one run are not remembered here.
const MAX_ROWS: usize = 10_000;

/// The uploads of this run as they stand in the history.
#[derive(Default)]
pub(super) struct Ledger {
    rows: BTreeMap<UploadId, LedgerRow>,
}

struct LedgerRow {
    request: UploadRequest,
    state: State,
    hash: Option<ContentHash>,
}

impl Ledger {
    /// Takes in what was written.
    pub(super) fn note(&mut self, write: &Write) {
        match write {
            Write::Put(entry, state) | Write::Ended { request: entry, state, .. } => self.put(entry, state),
            Write::Began(entry, _) => self.put(entry, &State::Sending { sent: 0 }),
            Write::Claimed(entry, hash) => {
                self.put(entry, &State::Sending { sent: 0 });
                if let Some(kept) = self.rows.get_mut(&entry.id) {
                    kept.hash = Some(*hash);
                }
            }
            Write::Unneeded(id) => {
                if let Some(kept) = self.rows.remove(id).filter(|kept| kept.request.queued) {
                    let request = UploadRequest { requested: None, ..kept.request };
                    self.rows.insert(*id, LedgerRow { request, state: State::Ready, ..kept });
                }
            }
            Write::Whole(entry, hash) => {
                self.put(entry, &State::Sent { at: Timestamp::UNIX_EPOCH });
                if let Some(kept) = self.rows.get_mut(&entry.id) {
                    kept.hash = Some(*hash);
                }
            }
            Write::Staged(entry, hash) => {
                let staged = self.rows.get_mut(&entry.id);
                if let Some(kept) = staged.filter(|kept| kept.state == State::Ready) {
                    kept.hash = is_same_file(&kept.request, entry).then_some(*hash).or(kept.hash);
                }
            }
            Write::Requeued(all) => {
                for (entry, state) in all {
                    self.put(&UploadRequest { queued: true, ..entry.clone() }, state);
                }
            }
            Write::Unqueued(ids) => {
                for one in ids {
                    let Some(kept) = self.rows.get_mut(one) else { continue };
                    kept.request.queued = false;
                    if kept.request.requested.is_none() {
                        self.rows.remove(one);
                    } else if kept.state == State::Ready {
                        kept.state = State::Cancelled;
                    }
                }
            }
            Write::Forgotten(ids) => {
                for one in ids {
                    if self.rows.get(one).is_some_and(|kept| !is_on_its_way(&kept.state)) {
                        self.rows.remove(one);
                    }
                }
            }
            Write::Cleared => self.rows.retain(|_, kept| {
                let waits = kept.request.queued && !matches!(kept.state, State::Done(_) | State::Cancelled);
                kept.request.requested.is_none() || is_on_its_way(&kept.state) || waits
            }),
            Write::Hold(..) | Write::Order(_) => {}
        }
    }

    fn put(&mut self, entry: &UploadRequest, state: &State) {
        let before = self.rows.get(&entry.id).filter(|kept| is_same_file(&kept.request, entry));
        let hash = before.and_then(|kept| kept.hash);
        self.rows.insert(entry.id, LedgerRow { request: entry.clone(), state: brief(state), hash });
        if self.rows.len() > MAX_ROWS {
            self.rows.pop_first();
        }
    }

    /// Writes again what is missing in a history, or stands in it as it stood before.
    pub(super) fn write_again(&self, db: &mut Connection, run: i64) -> rusqlite::Result<()> {
        let transaction = db.transaction()?;
        for kept in self.rows.values() {
            let sql = "SELECT state, asset, url FROM upload WHERE id = ?1";
            let there = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
            let there: Option<(String, Option<String>, Option<String>)> =
                transaction.prepare_cached(sql)?.query_row([row_id(kept.request.id)], there).optional()?;
            let receipt = kept.state.receipt();
            let as_it_was = (
                row::word(&kept.state).to_owned(),
                receipt.and_then(|r| r.id.clone()),
                receipt.and_then(|r| r.url.clone()),
            );
            if there.as_ref() == Some(&as_it_was) {
                continue;
            }
            row::put(&transaction, run, &kept.request, &kept.state)?;
            if let Some(hash) = kept.hash {
                let sql = "UPDATE upload SET hash = ?2 WHERE id = ?1";
                transaction.prepare_cached(sql)?.execute(params![row_id(kept.request.id), hash.0])?;
            }
        }
        transaction.commit()
    }
}

/// Returns whether a row is of the same file as before: its hash is of no other one.
fn is_same_file(before: &UploadRequest, now: &UploadRequest) -> bool {
    let state = |entry: &UploadRequest| entry.facts.as_ref().map(|facts| (facts.size, facts.modified));
    state(before) == state(now)
}

/// Returns whether it is on its way, which is never forgotten.
fn is_on_its_way(state: &State) -> bool {
    matches!(state, State::Waiting { .. } | State::Sending { .. } | State::Sent { .. })
}

/// Returns a state without the whole answer of the provider: people need its ID, its link and its values.
fn brief(state: &State) -> State {
    let brief = |receipt: &Receipt| Box::new(Receipt { response: Response::default(), ..receipt.clone() });
    match state {
        State::Done(receipt) => State::Done(brief(receipt)),
        State::Processing { receipt, since, resting } => {
            State::Processing { receipt: brief(receipt), since: *since, resting: *resting }
        }
        state => state.clone(),
    }
}
