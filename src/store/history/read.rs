//! Looking things up: never on the window's thread.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};

use super::fold::{self, Word};
use super::messages::WriterMessage;
use super::row::{self, COLUMNS, row_id};
use super::schema::{self, Broken, Database};
use super::tally::UploadTally;
use super::timeline::{Timeline, TimelineBuilder};
use crate::model::destination::Destination;
use crate::model::media::ContentHash;
use crate::model::record::{Attempt, PreviousUpload, Record};
use crate::model::upload::UploadId;

/// A damaged history is replaced, and what can be read of it copied, in less than this.
const REPLACE_TIMEOUT: Duration = Duration::from_mins(1);

/// Whenever it is looked into, another program replaces it: so often at most.
const MAX_REPLACED: usize = 3;

/// Words of a search beyond these are not looked at.
const MAX_WORDS: usize = 8;

/// What to look for. Everything, newest first, where nothing is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words that must all be in the file's name, the id, the link, the account or the provider; in any case and normal
    /// form, and without the diacritics that were not typed.
    pub search: String,
    /// What accounts are called now, where no upload remembers it: found as if it stood in the uploads to them.
    pub labels: Vec<AccountWords>,
    /// A provider's id.
    pub provider: Option<String>,
    /// To this account, as a destination's `account_id` gives it.
    pub account: Option<(String, String, Option<String>)>,
    /// Asked for at this time or later.
    pub since: Option<Timestamp>,
    /// At most so many.
    pub limit: Option<usize>,
}

/// What an account is called, beside what its uploads remember.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountWords {
    /// The provider's id.
    pub provider: String,
    /// The key's name.
    pub key: String,
    /// The account, where it is a particular one.
    pub account: Option<String>,
    /// What people read.
    pub label: String,
}

/// How many uploads the history has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UploadCount {
    /// All that were asked for.
    pub all: usize,
    /// Those of them that wait in a queue, and were not sent yet.
    pub not_sent: usize,
}

/// Why the history was not read.
#[derive(Debug, thiserror::Error)]
#[error("The history cannot be read: {0}")]
pub struct ReadError(Broken);

/// Reads the history. Without one, or with one that cannot be read, everything is empty; what is wrong is said once by
/// whoever writes it.
pub struct Reader {
    path: PathBuf,
    open: Option<Database>,
    writer: Option<Sender<WriterMessage>>,
    /// What the uploads were counted of.
    counted: Option<i64>,
}

/// A version that no file has: its uploads are counted anew.
const OTHER_FILE: i64 = -1;

impl Reader {
    /// Opens the history at its first question. `writer` deals with damage.
    pub(super) fn new(path: &Path, writer: Option<Sender<WriterMessage>>) -> Reader {
        Reader { path: path.to_owned(), open: None, writer, counted: None }
    }

    fn ask<T>(&mut self, question: impl Fn(&Connection) -> rusqlite::Result<T>) -> Result<T, ReadError>
    where
        T: Default,
    {
        let answer = match self.ask_once(&question) {
            Err(Broken::Damaged) if self.report_damage() => self.ask_once(&question),
            answer => answer,
        };
        answer.map_err(ReadError)
    }

    fn ask_once<T: Default>(
        &mut self,
        question: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Broken> {
        for _ in 0..MAX_REPLACED {
            // Another Hoist may have set the file aside that is open here.
            let db = match self.open.take().filter(|db| db.is_current(&self.path)) {
                Some(db) => db,
                None => {
                    self.counted = self.counted.map(|_| OTHER_FILE);
                    match schema::open_to_read(&self.path)? {
                        Some(db) => db,
                        None => return Ok(T::default()),
                    }
                }
            };
            let answer = question(&db.connection)?;
            // Where it was replaced meanwhile, it may have been empty just then.
            if db.is_current(&self.path) {
                self.open = Some(db);
                return Ok(answer);
            }
        }
        Err(Broken::Replaced)
    }

    /// Has a damaged history replaced by a new one with what can be read of it; true when that is done.
    fn report_damage(&self) -> bool {
        let (done, replaced) = mpsc::channel();
        let sent = self.writer.as_ref().is_some_and(|to| to.send(WriterMessage::Damaged(Some(done))).is_ok());
        sent && replaced.recv_timeout(REPLACE_TIMEOUT).is_ok()
    }

    /// Returns the uploads that were asked for and match, newest first.
    pub fn find(&mut self, query: &Query) -> Result<Vec<UploadId>, ReadError> {
        self.ask(|db| {
            let mut ids = vec![];
            each_match(db, query, |id, _| ids.push(id))?;
            Ok(ids)
        })
    }

    /// Returns the same in groups by the day, as days begin in this time zone.
    pub fn find_by_day(&mut self, query: &Query, zone: &TimeZone) -> Result<Timeline, ReadError> {
        self.ask(|db| {
            let mut days = TimelineBuilder::new(zone);
            each_match(db, query, |id, asked| days.push(id, asked))?;
            Ok(days.finish())
        })
    }

    /// Counts these uploads, as far as they are there.
    pub fn tally(&mut self, ids: &[UploadId]) -> Result<UploadTally, ReadError> {
        self.ask(|db| {
            let sql = "SELECT provider, state, asset IS NOT NULL, url IS NOT NULL FROM upload WHERE id = ?1";
            let mut found = db.prepare_cached(sql)?;
            let mut tally = UploadTally::default();
            for id in ids {
                let mut rows = found.query([row_id(*id)])?;
                if let Some(row) = rows.next()? {
                    let has = (row.get(2)?, row.get(3)?);
                    tally.add(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?, has);
                }
            }
            tally.sort();
            Ok(tally)
        })
    }

    /// Reads these uploads, as far as they are there.
    pub fn records(&mut self, ids: &[UploadId]) -> Result<Vec<Record>, ReadError> {
        self.ask(|db| {
            let mut found = db.prepare_cached(&format!(
                "SELECT {COLUMNS} FROM upload LEFT JOIN detail ON detail.upload = upload.id WHERE upload.id = ?1"
            ))?;
            let all = ids.iter().map(|one| found.query_row([row_id(*one)], row::record).optional());
            all.filter_map(Result::transpose).collect()
        })
    }

    /// Returns the tries of an upload, in order.
    pub fn attempts(&mut self, of: UploadId) -> Result<Vec<Attempt>, ReadError> {
        self.ask(|db| {
            let sql = "SELECT began, sent, ended, how FROM attempt WHERE upload = ?1 ORDER BY number";
            let attempt = |row: &rusqlite::Row<'_>| {
                Ok(Attempt {
                    started: row::moment(row.get(0)?),
                    sent: row.get::<_, Option<i64>>(1)?.and_then(|n| u64::try_from(n).ok()),
                    ended: row.get::<_, Option<i64>>(2)?.map(row::moment),
                    outcome: row.get(3)?,
                })
            };
            db.prepare_cached(sql)?.query_map([row_id(of)], attempt)?.collect()
        })
    }

    /// Returns whether the history was written to since the uploads were counted last.
    pub fn has_changed(&mut self) -> bool {
        self.counted.is_some() && self.ask(version).is_ok_and(|now| self.counted != Some(now))
    }

    /// Returns how many uploads were asked for.
    pub fn count(&mut self) -> Result<UploadCount, ReadError> {
        self.counted = self.ask(version).ok();
        self.ask(|db| {
            let number =
                |sql| db.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0)).map(|n| n as usize);
            // As the index of what is open has it.
            let not_sent = "SELECT count(*) FROM upload
                WHERE (queued = 1 OR state IN ('waiting', 'sending', 'sent'))
                    AND asked IS NOT NULL AND state IN ('ready', 'waiting')";
            Ok(UploadCount {
                all: number("SELECT count(*) FROM upload WHERE asked IS NOT NULL")?,
                not_sent: number(not_sent)?,
            })
        })
    }

    /// Returns the files of every window's queue.
    pub fn queued_files(&mut self) -> Result<Vec<PathBuf>, ReadError> {
        self.ask(|db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM upload LEFT JOIN detail ON detail.upload = upload.id WHERE queued = 1"
            );
            let mut found = db.prepare_cached(&sql)?;
            let files = found
                .query_map([], row::record)?
                .map(|record| record.map(|record| [record.request.source().to_owned(), record.request.path]));
            Ok(files.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
    }

    /// Returns whether something of this size went to this destination: only then its content is worth hashing.
    pub fn has_size(&mut self, size: u64, destination: &Destination) -> Result<bool, ReadError> {
        self.ask(|db| {
            let sql = format!(
                "SELECT 1 FROM upload WHERE (size = ?1 OR original_size = ?1) AND {SAME_DESTINATION} LIMIT 1"
            );
            let d = destination;
            db.prepare_cached(&sql)?.exists(params![
                size as i64,
                d.provider,
                d.key,
                d.account,
                row::options(d)
            ])
        })
    }

    /// Returns the latest upload of this content to this destination that is there still, or may be.
    pub fn earlier(
        &mut self,
        size: u64,
        hash: &ContentHash,
        destination: &Destination,
        now: Timestamp,
    ) -> Result<Option<PreviousUpload>, ReadError> {
        self.ask(|db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM upload LEFT JOIN detail ON detail.upload = upload.id
                 WHERE (size = ?1 AND hash = ?6 OR original_size = ?1 AND original_hash = ?6 AND hash IS NOT NULL)
                    AND {SAME_DESTINATION} AND (expires IS NULL OR expires > ?7)
                 ORDER BY state = 'unknown', asked DESC, upload.id DESC LIMIT 1"
            );
            let d = destination;
            let found = db.prepare_cached(&sql)?.query_row(
                params![
                    size as i64,
                    d.provider,
                    d.key,
                    d.account,
                    row::options(d),
                    hash.0,
                    now.as_millisecond()
                ],
                row::record,
            );
            Ok(found.optional()?.map(|record| PreviousUpload::of(&record)))
        })
    }
}

/// Calls `each` with every upload that was asked for and matches, newest first, and when that was.
fn each_match(
    db: &Connection,
    query: &Query,
    mut each: impl FnMut(UploadId, Timestamp),
) -> rusqlite::Result<()> {
    let mut words = Word::all(&query.search);
    words.truncate(MAX_WORDS);
    let limit = query.limit.unwrap_or(usize::MAX);
    let exact: Vec<_> = words.iter().filter(|word| word.has_diacritics()).collect();
    let columns = if exact.is_empty() { "id, asked" } else { "id, asked, words" };
    let mut values: Vec<Value> = vec![];
    let mut labels = String::new();
    for AccountWords { provider, key, account, label } in &query.labels {
        let label = fold::searchable(label);
        if words.iter().any(|word| word.is_in(&label)) {
            labels.push_str(" WHEN provider = ? AND key = ? AND account IS ? THEN ?");
            let account = account.clone().map_or(Value::Null, Value::from);
            values.extend([
                provider.clone().into(),
                key.clone().into(),
                account,
                format!("\n{label}").into(),
            ]);
        }
    }
    let uploads = match labels.is_empty() {
        true => "upload".to_owned(),
        false => {
            format!("(SELECT id, asked, provider, words || CASE{labels} ELSE '' END AS words FROM upload)")
        }
    };
    let mut sql = format!("SELECT {columns} FROM {uploads} WHERE asked IS NOT NULL");
    for needle in words.iter().flat_map(Word::needles) {
        sql.push_str(" AND instr(words, ?)");
        values.push(needle.into());
    }
    if let Some(provider) = &query.provider {
        sql.push_str(" AND provider = ?");
        values.push(provider.clone().into());
    }
    if let Some((provider, key, account)) = &query.account {
        sql.push_str(" AND provider = ? AND key = ? AND account IS ?");
        let account = account.clone().map_or(Value::Null, Value::from);
        values.extend([provider.clone().into(), key.clone().into(), account]);
    }
    if let Some(since) = query.since {
        sql.push_str(" AND asked >= ?");
        values.push(since.as_millisecond().into());
    }
    sql.push_str(" ORDER BY asked DESC, id DESC");
    let mut found = db.prepare_cached(&sql)?;
    let mut rows = found.query(params_from_iter(values))?;
    let mut count = 0;
    while count < limit {
        let Some(row) = rows.next()? else { break };
        if !exact.is_empty() {
            let there = row.get_ref(2)?.as_str().unwrap_or_default();
            if !exact.iter().all(|word| word.is_in(there)) {
                continue;
            }
        }
        each(row.get(0).map(row::upload_id)?, row.get(1).map(row::moment)?);
        count += 1;
    }
    Ok(())
}

/// Returns another number whenever another connection has written.
fn version(db: &Connection) -> rusqlite::Result<i64> {
    db.query_row("PRAGMA data_version", [], |row| row.get(0))
}

/// Sent whole to the destination of these parameters, and there or possibly there. A destination's name may change; what
/// is sent where does not.
const SAME_DESTINATION: &str =
    "provider = ?2 AND key = ?3 AND account IS ?4 AND options = ?5 AND hash IS NOT NULL
    AND state IN ('done', 'processing', 'resting', 'unknown')";
