//! Content that is sent once: which of several uploads of it goes, in this program and in all others with this history.
//!
//! A claim is a row that is on its way and names its content. One transaction looks for others and makes it, so that of
//! two programs that ask at once one finds the claim of the other.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::instance_locks::{self, Life};
use super::recovery;
use super::row::{self, COLUMNS, row_id};
use super::write::Write;
use crate::model::media::ContentHash;
use crate::model::path_bytes;
use crate::model::record::{PreviousUpload, UploadRequest};
use crate::model::upload::{State, UploadId};

/// Programs that ended are settled so often for one claim at most.
const MAX_SETTLED: usize = 8;

/// What came of a claim.
#[derive(Debug)]
pub enum Claim {
    /// The content is this upload's to send.
    Granted,
    /// It is at the destination, or may be.
    SentBefore(Box<PreviousUpload>),
    /// Another upload sends it now; what comes of that is to be waited for.
    Going(UploadId),
    /// The history cannot be asked.
    Unavailable,
}

/// What an upload wants to send.
pub(super) struct ClaimRequest {
    pub(super) request: UploadRequest,
    pub(super) hash: ContentHash,
}

/// Another upload of the same content to the same destination.
enum Rival {
    Sent(Box<PreviousUpload>),
    Going { id: UploadId, run: i64 },
}

impl ClaimRequest {
    /// Claims the content where no other upload has sent it or sends it. What a program that ended was sending is settled
    /// first. `folder` has the signs of life.
    pub(super) fn decide(
        &self,
        db: &mut Connection,
        folder: &Path,
        run: i64,
        now: Timestamp,
    ) -> rusqlite::Result<Claim> {
        let mut going = self.request.id;
        for _ in 0..MAX_SETTLED {
            let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let rival = match self.rival(&transaction, now)? {
                None => self.unread_rival(&transaction)?,
                found => found,
            };
            match rival {
                None => {
                    Write::Claimed(self.request.clone(), self.hash).apply(&transaction, run)?;
                    transaction.commit()?;
                    return Ok(Claim::Granted);
                }
                Some(Rival::Sent(previous)) => return Ok(Claim::SentBefore(previous)),
                Some(Rival::Going { id, run: other }) => {
                    going = id;
                    if instance_locks::life(folder, other) == Life::Lives {
                        break;
                    }
                }
            }
            drop(transaction);
            recovery::settle(db, folder, run, false, now)?;
        }
        Ok(Claim::Going(going))
    }

    /// Finds what has sent the same content, sends it now, or may have sent it: in this order.
    fn rival(&self, db: &Connection, now: Timestamp) -> rusqlite::Result<Option<Rival>> {
        let sql = format!(
            "SELECT {COLUMNS}, upload.run AS owner FROM upload LEFT JOIN detail ON detail.upload = upload.id
             WHERE upload.id != ?8
                AND (size = ?1 AND hash = ?6 OR original_size = ?1 AND original_hash = ?6 AND hash IS NOT NULL)
                AND provider = ?2 AND key = ?3 AND account IS ?4 AND options = ?5 AND hash IS NOT NULL
                AND (state IN ('sending', 'sent')
                    OR state IN ('done', 'processing', 'resting', 'unknown') AND (expires IS NULL OR expires > ?7))
             ORDER BY CASE WHEN state IN ('sending', 'sent') THEN 1 WHEN state = 'unknown' THEN 2 ELSE 0 END,
                asked DESC, upload.id DESC LIMIT 1"
        );
        let to = &self.request.destination;
        let size = self.request.facts.as_ref().map_or(0, |facts| facts.size);
        let original = self.request.copy.as_ref().and_then(|copy| copy.original.as_ref());
        let original = original.and_then(|original| Some((original.size, original.hash?)));
        for (size, hash) in [(size, self.hash)].into_iter().chain(original) {
            let found = db.prepare_cached(&sql)?.query_row(
                params![
                    size as i64,
                    to.provider,
                    to.key,
                    to.account,
                    row::options(to),
                    hash.0,
                    now.as_millisecond(),
                    row_id(self.request.id)
                ],
                |found| Ok((row::record(found)?, found.get("owner")?)),
            );
            let Some((record, run)) = found.optional()? else { continue };
            let is_going = matches!(record.state, State::Sending { .. } | State::Sent { .. });
            return Ok(Some(match is_going {
                true => Rival::Going { id: record.request.id, run },
                false => Rival::Sent(Box::new(PreviousUpload::of(&record))),
            }));
        }
        Ok(None)
    }

    /// Finds what sends the same file now, and knows its content only when the last byte has gone.
    fn unread_rival(&self, db: &Connection) -> rusqlite::Result<Option<Rival>> {
        // The first condition is that of an index.
        let sql = "SELECT id, run FROM upload
             WHERE (queued = 1 OR state IN ('waiting', 'sending', 'sent'))
                AND state IN ('sending', 'sent') AND hash IS NULL AND id != ?1 AND path = ?2 AND size = ?3
                AND provider = ?4 AND key = ?5 AND account IS ?6 AND options = ?7
             ORDER BY id LIMIT 1";
        let request = &self.request;
        let to = &request.destination;
        let found = db.prepare_cached(sql)?.query_row(
            params![
                row_id(request.id),
                path_bytes::of_path(&request.path),
                request.facts.as_ref().map_or(0, |facts| facts.size) as i64,
                to.provider,
                to.key,
                to.account,
                row::options(to),
            ],
            |found| Ok(Rival::Going { id: row::upload_id(found.get("id")?), run: found.get("run")? }),
        );
        found.optional()
    }
}
