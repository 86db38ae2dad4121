//! What runs that have ended left behind: settled honestly, and given to whoever carries on.

use std::collections::HashMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use super::instance_locks::{self, Life};
use super::row::{self, COLUMNS, row_id};
use super::write::AccountId;
use crate::model::error::{FailureKind, TerminalState};
use crate::model::failures;
use crate::model::record::Record;
use crate::model::upload::State;

/// What was found at the start.
#[derive(Debug, Default)]
pub struct Opened {
    /// What stood in the queues of windows that have ended, in order. What had been sent whole without an answer
    /// is *unknown* now, what was being sent is *ready* again.
    pub queue: Vec<Record>,
    /// Accounts to which nothing goes before a time.
    pub holds: Vec<(AccountId, Timestamp)>,
}

/// Settles what runs that have ended left half-way: all bytes out and no answer is *unknown*; anything less is *ready*
/// again in a window's queue, and *cancelled* elsewhere. With `adopt`, their queues are this run's from now on.
pub(super) fn settle(
    db: &mut Connection,
    folder: &Path,
    run: i64,
    adopt: bool,
    now: Timestamp,
) -> rusqlite::Result<Vec<Record>> {
    let sql = "SELECT DISTINCT run FROM upload WHERE (queued = 1 OR state IN ('waiting', 'sending', 'sent')) AND run != ?1";
    let runs: Vec<i64> =
        db.prepare(sql)?.query_map([run], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let lives = runs.into_iter().map(|other| (other, instance_locks::life(folder, other)));
    let ended: Vec<(i64, Life)> = lives.filter(|(_, life)| *life != Life::Lives).collect();
    if ended.is_empty() {
        return Ok(vec![]);
    }
    // Another Hoist that starts right now sees what is left of this.
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut queue = vec![];
    for (other, life) in ended.iter().copied() {
        let open = format!(
            "SELECT {COLUMNS} FROM upload LEFT JOIN detail ON detail.upload = upload.id
             WHERE run = ?1 AND (queued = 1 OR state IN ('waiting', 'sending', 'sent'))"
        );
        let open: Vec<Record> =
            transaction.prepare(&open)?.query_map([other], row::record)?.collect::<rusqlite::Result<_>>()?;
        let sql = "UPDATE attempt SET ended = ?2, how = 'interrupted' WHERE ended IS NULL
            AND upload IN (SELECT id FROM upload WHERE run = ?1 AND state IN ('waiting', 'sending', 'sent'))";
        transaction.execute(sql, params![other, now.as_millisecond()])?;
        for mut record in open {
            let state = match &record.state {
                State::Sent { .. } => State::Unknown(Box::new(failures::interrupted())),
                State::Waiting { .. } | State::Sending { .. } if life == Life::EndedInTrouble => {
                    State::Unknown(Box::new(failures::unwritten()))
                }
                State::Waiting { .. } | State::Sending { .. } if is_doubtful(&transaction, &record)? => {
                    State::Unknown(Box::new(failures::interrupted()))
                }
                State::Waiting { .. } | State::Sending { .. } if record.request.queued => State::Ready,
                State::Waiting { .. } | State::Sending { .. } => State::Cancelled,
                state => state.clone(),
            };
            let owner = if adopt && record.request.queued { run } else { other };
            if state != record.state || owner != other {
                row::put(&transaction, owner, &record.request, &state)?;
            }
            record.state = state;
            if adopt && record.request.queued {
                queue.push(record);
            }
        }
    }
    transaction.commit()?;
    for (other, _) in ended {
        instance_locks::settled(folder, other);
    }
    // What was added after the queue was brought into an order comes behind that; what repeats another, behind it.
    let positions: HashMap<_, _> = queue.iter().filter_map(|r| Some((r.request.id, r.position?))).collect();
    queue.sort_by_key(|r| {
        let position = r.position.or_else(|| positions.get(&r.request.retry_of).copied()).unwrap_or(i64::MAX);
        (position, r.request.added, r.request.retry_of, r.request.id)
    });
    Ok(queue)
}

/// Corrects what a clock that was ahead has dated: nothing of it ends later than it would have, counted from now. Where
/// the clock was ahead by less than that, it ends by itself.
pub(super) fn correct_times(db: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let now = now.as_millisecond();
    let ahead = "SELECT 1 FROM upload WHERE asked > ?1 UNION SELECT 1 FROM hold WHERE began > ?1";
    if !db.prepare(ahead)?.exists([now])? {
        return Ok(());
    }
    let sql = "UPDATE upload SET expires = ?1 + expires - asked
        WHERE asked > ?1 AND expires > asked AND expires - asked <= asked - ?1";
    db.execute(sql, [now])?;
    db.execute("UPDATE hold SET until = ?1 + until - began, began = ?1 WHERE began > ?1", [now])?;
    Ok(())
}

/// Holds that are not over. A clock that was set back since does not make them longer than they were.
pub(super) fn holds(db: &Connection, now: Timestamp) -> rusqlite::Result<Vec<(AccountId, Timestamp)>> {
    let mut all = db.prepare("SELECT provider, key, account, began, until FROM hold")?;
    let rows = all.query_map([], |row| {
        let account: String = row.get(2)?;
        let account = Some(account).filter(|a| !a.is_empty());
        Ok(((row.get(0)?, row.get(1)?, account), row::moment(row.get(3)?), row::moment(row.get(4)?)))
    })?;
    let mut holds = vec![];
    for hold in rows {
        let (account, began, until) = hold?;
        let longest: SignedDuration = until.duration_since(began);
        let until = until.min(now.checked_add(longest).unwrap_or(until));
        if until > now {
            holds.push((account, until));
        }
    }
    // Only tidying up: where another program holds the history it is done the next time.
    let _ = db.execute("DELETE FROM hold WHERE until <= ?1", [now.as_millisecond()]);
    Ok(holds)
}

/// Returns whether an earlier try of what was sent again by itself may have been accepted.
fn is_doubtful(db: &Connection, record: &Record) -> rusqlite::Result<bool> {
    let mut hows = db.prepare_cached("SELECT how FROM attempt WHERE upload = ?1 AND how IS NOT NULL")?;
    let hows = hows.query_map([row_id(record.request.id)], |row| row.get::<_, String>(0))?;
    let kinds = hows.map(|how| Ok(serde_json::from_value::<FailureKind>(how?.into()).ok()));
    let kinds: Vec<_> = kinds.collect::<rusqlite::Result<_>>()?;
    // Interrupted after the last byte is a row of its own kind: *unknown* since then.
    let unknown = |k: &&FailureKind| **k != FailureKind::Interrupted && k.ending() == TerminalState::Unknown;
    Ok(kinds.iter().flatten().any(|kind| unknown(&kind)))
}
