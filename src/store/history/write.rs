//! What can be written, and how.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::row::{self, row_id};
use crate::model::media::ContentHash;
use crate::model::record::UploadRequest;
use crate::model::upload::{State, UploadId};
use crate::store::files;

/// A provider, a key's name and an account: what a hold is for.
pub type AccountId = (String, String, Option<String>);

/// One thing to remember. Each can be written twice without harm, and each carries all that its row needs, so that
/// nothing is lost where a damaged database was replaced in between.
#[derive(Clone, Debug)]
pub enum Write {
    /// An upload stands like this now.
    Put(UploadRequest, State),
    /// A try began.
    Began(UploadRequest, Timestamp),
    /// This content was added. Of a file that is another one by then, or was asked for, it says nothing.
    Staged(UploadRequest, ContentHash),
    /// This content is its own to send: others leave it alone until it is known what came of it.
    Claimed(UploadRequest, ContentHash),
    /// The same content was sent before, and it was not sent for that.
    Unneeded(UploadId),
    /// The last byte of this content is about to be sent.
    Whole(UploadRequest, ContentHash),
    /// A try ended, and with it so many file bytes had been sent.
    Ended {
        /// Of this upload,
        request: UploadRequest,
        /// which stands like this now.
        state: State,
        /// The time at which it ended.
        at: Timestamp,
        /// File bytes sent.
        sent: u64,
        /// `done`, `processing`, or the name of a kind of failure.
        outcome: &'static str,
    },
    /// Nothing goes to an account before a time.
    Hold(AccountId, Timestamp, Timestamp),
    /// These stand in their queue in this order.
    Order(Vec<UploadId>),
    /// These are in their queue again, from which they had been taken.
    Requeued(Vec<(UploadRequest, State)>),
    /// These have left their queue.
    Unqueued(Vec<UploadId>),
    /// These are forgotten.
    Forgotten(Vec<UploadId>),
    /// All are forgotten but those on their way and those that still wait in a queue.
    Cleared,
}

impl Write {
    /// Returns whether it must survive a power cut: an id, a link, and that something was asked for.
    pub(super) fn must_be_synced(&self) -> bool {
        match self {
            Write::Put(entry, state) => {
                state.kept_receipt().is_some()
                    || (entry.requested.is_some() && matches!(state, State::Waiting { why: None, .. }))
            }
            Write::Ended { state, .. } => state.kept_receipt().is_some(),
            Write::Cleared | Write::Forgotten(_) => true,
            _ => false,
        }
    }

    /// Returns the uploads that it says something of.
    pub(super) fn ids(&self) -> Vec<UploadId> {
        match self {
            Write::Put(entry, _)
            | Write::Began(entry, _)
            | Write::Claimed(entry, _)
            | Write::Whole(entry, _)
            | Write::Ended { request: entry, .. } => {
                vec![entry.id]
            }
            Write::Requeued(all) => all.iter().map(|(entry, _)| entry.id).collect(),
            // What a row lacks without its content is said when it is needed.
            Write::Staged(..)
            | Write::Hold(..)
            | Write::Order(_)
            | Write::Unqueued(_)
            | Write::Unneeded(_)
            | Write::Forgotten(_)
            | Write::Cleared => vec![],
        }
    }

    /// Returns whether it can wait, and a program that is ended meanwhile leaves nothing untrue: a try that has
    /// not sent anything yet is none, and a file without its content is looked at by its time.
    pub(super) fn can_linger(&self) -> bool {
        matches!(self, Write::Began(..) | Write::Staged(..))
    }

    pub(super) fn apply(&self, db: &Connection, run: i64) -> rusqlite::Result<()> {
        match self {
            Write::Put(entry, state) => row::put(db, run, entry, state),
            Write::Began(entry, at) => {
                let sql = "UPDATE upload SET state = 'sending' WHERE id = ?1";
                if db.prepare_cached(sql)?.execute([row_id(entry.id)])? == 0 {
                    row::put(db, run, entry, &State::Sending { sent: 0 })?;
                }
                // Written twice only where the first writing is not known to have failed: one row for one try.
                let open = "SELECT 1 FROM attempt WHERE upload = ?1 AND ended IS NULL";
                if db.prepare_cached(open)?.exists([row_id(entry.id)])? {
                    return Ok(());
                }
                let sql = "INSERT INTO attempt (upload, number, began)
                    VALUES (?1, (SELECT ifnull(max(number), 0) + 1 FROM attempt WHERE upload = ?1), ?2)";
                db.prepare_cached(sql)?.execute(params![row_id(entry.id), at.as_millisecond()]).map(|_| ())
            }
            Write::Staged(entry, hash) => {
                let Some(facts) = &entry.facts else { return Ok(()) };
                let sql = "UPDATE upload SET hash = ?2
                    WHERE id = ?1 AND state = 'ready' AND size IS ?3 AND modified IS ?4";
                let modified = facts.modified.and_then(files::nanoseconds);
                db.prepare_cached(sql)?
                    .execute(params![row_id(entry.id), hash.0, facts.size as i64, modified])
                    .map(|_| ())
            }
            Write::Claimed(entry, hash) => {
                let sql = "UPDATE upload SET state = 'sending', hash = ?2 WHERE id = ?1";
                let mut update = db.prepare_cached(sql)?;
                if update.execute(params![row_id(entry.id), hash.0])? == 0 {
                    row::put(db, run, entry, &State::Sending { sent: 0 })?;
                    update.execute(params![row_id(entry.id), hash.0])?;
                }
                Ok(())
            }
            Write::Unneeded(id) => {
                // What was tried before stays in the history.
                let sql = "DELETE FROM upload WHERE id = ?1 AND queued = 0 AND state = 'waiting'
                    AND NOT EXISTS (SELECT 1 FROM attempt WHERE upload = ?1)";
                db.prepare_cached(sql)?.execute([row_id(*id)])?;
                let sql = "UPDATE upload SET state = iif(queued = 1, 'ready', 'cancelled'),
                    asked = iif(EXISTS (SELECT 1 FROM attempt WHERE upload = ?1), asked, NULL)
                    WHERE id = ?1 AND state = 'waiting'";
                db.prepare_cached(sql)?.execute([row_id(*id)]).map(|_| ())
            }
            Write::Whole(entry, hash) => {
                let sql = "UPDATE upload SET state = 'sent', hash = ?2 WHERE id = ?1";
                let mut update = db.prepare_cached(sql)?;
                if update.execute(params![row_id(entry.id), hash.0])? == 0 {
                    row::put(db, run, entry, &State::Sent { at: Timestamp::UNIX_EPOCH })?;
                    update.execute(params![row_id(entry.id), hash.0])?;
                }
                let size = entry.facts.as_ref().map(|f| f.size as i64);
                let sql = "UPDATE attempt SET sent = ?2 WHERE upload = ?1 AND ended IS NULL";
                db.prepare_cached(sql)?.execute(params![row_id(entry.id), size]).map(|_| ())
            }
            Write::Ended { request: entry, state, at, sent, outcome } => {
                row::put(db, run, entry, state)?;
                // A late answer corrects how the try ended.
                let sql = "UPDATE attempt SET sent = ?2, ended = ?3, how = ?4 WHERE upload = ?1
                    AND number = (SELECT max(number) FROM attempt WHERE upload = ?1)";
                db.prepare_cached(sql)?
                    .execute(params![row_id(entry.id), *sent as i64, at.as_millisecond(), outcome])
                    .map(|_| ())
            }
            Write::Hold((provider, key, account), began, until) => {
                // A shorter hold ends none that is longer, unless that was written by a clock that was ahead.
                let sql =
                    "INSERT INTO hold (provider, key, account, began, until) VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT DO UPDATE SET began = ?4, until = ?5 WHERE until < ?5 OR began > ?4";
                let account = account.as_deref().unwrap_or_default();
                db.prepare_cached(sql)?
                    .execute(params![provider, key, account, began.as_millisecond(), until.as_millisecond()])
                    .map(|_| ())
            }
            Write::Order(ids) => {
                for (index, one) in ids.iter().enumerate() {
                    let sql = "UPDATE upload SET place = ?2 WHERE id = ?1";
                    db.prepare_cached(sql)?.execute(params![row_id(*one), index as i64])?;
                }
                Ok(())
            }
            Write::Requeued(all) => {
                for (entry, state) in all {
                    row::put(db, run, entry, state)?;
                    db.prepare_cached("UPDATE upload SET queued = 1 WHERE id = ?1")?
                        .execute([row_id(entry.id)])?;
                }
                Ok(())
            }
            Write::Unqueued(ids) => {
                for one in ids {
                    db.prepare_cached("DELETE FROM upload WHERE id = ?1 AND asked IS NULL")?
                        .execute([row_id(*one)])?;
                    // A file that was put back and not sent since: what is left is that it did not go.
                    let sql = "UPDATE upload SET queued = 0, state = iif(state = 'ready', 'cancelled', state) WHERE id = ?1";
                    db.prepare_cached(sql)?.execute([row_id(*one)])?;
                }
                Ok(())
            }
            Write::Forgotten(ids) => {
                for one in ids {
                    let sql =
                        "DELETE FROM upload WHERE id = ?1 AND state NOT IN ('waiting', 'sending', 'sent')";
                    db.prepare_cached(sql)?.execute([row_id(*one)])?;
                }
                Ok(())
            }
            Write::Cleared => {
                let sql = "DELETE FROM upload WHERE asked IS NOT NULL
                    AND state NOT IN ('waiting', 'sending', 'sent') AND (queued = 0 OR state IN ('done', 'cancelled'))";
                db.execute(sql, []).map(|_| ())
            }
        }
    }
}
