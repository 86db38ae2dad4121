//! An upload as a row, and back.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::fold;
use crate::model::destination::Destination;
use crate::model::error::Failure;
use crate::model::failures;
use crate::model::fit::{FitRules, FittedCopy};
use crate::model::media::{ContentHash, DetectedType, FileFacts, Media};
use crate::model::path_bytes;
use crate::model::receipt::Receipt;
use crate::model::record::{Record, UploadRequest};
use crate::model::response::Response;
use crate::model::upload::{State, UploadId};
use crate::provider;
use crate::store::files;

/// The columns `record` reads, of `upload` joined with `detail`.
pub(super) const COLUMNS: &str =
    "upload.id, queued, added, behind, asked, path, size, modified, media, width, height, provider,
    destination, key, account, options, state, since, hash, asset, url, expires, receipt, failure,
    (SELECT count(*) FROM attempt WHERE attempt.upload = upload.id), place, length, copy, agent";

pub(super) fn word(state: &State) -> &'static str {
    if state.is_resting() { "resting" } else { state.name() }
}

/// Writes an upload: a new row, or the one that is there. The queue a row is in is not changed: only leaving it is. The hash
/// of another file's content goes.
pub(super) fn put(db: &Connection, run: i64, entry: &UploadRequest, state: &State) -> rusqlite::Result<()> {
    let facts = entry.facts.as_ref();
    let destination = &entry.destination;
    let receipt = state.kept_receipt();
    let json = |e: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(Box::new(e));
    let original = entry.copy.as_ref().and_then(|copy| copy.original.as_ref());
    let sql = "INSERT INTO upload (id, run, queued, added, behind, asked, path, size, modified, media, width, height,
            provider, destination, key, account, options, state, since, asset, url, expires, words, length, copy, original_size, original_hash, agent)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28)
        ON CONFLICT (id) DO UPDATE SET run = ?2, asked = ?6, size = ?8, modified = ?9, media = ?10, width = ?11,
            height = ?12, hash = iif(size IS ?8 AND modified IS ?9, hash, NULL), provider = ?13, destination = ?14, key = ?15, account = ?16, options = ?17, state = ?18,
            since = ?19, asset = ?20, url = ?21, expires = ?22, words = ?23, length = ?24, copy = ?25, original_size = ?26,
            original_hash = ?27, agent = ?28";
    let since = match state {
        State::Processing { since, .. } => Some(since.as_millisecond()),
        _ => None,
    };
    db.prepare_cached(sql)?.execute(params![
        row_id(entry.id),
        run,
        entry.queued,
        entry.added.as_millisecond(),
        row_id(entry.retry_of),
        entry.requested.map(Timestamp::as_millisecond),
        path_bytes::of_path(&entry.path),
        facts.map(|f| f.size as i64),
        facts.and_then(|f| f.modified).and_then(files::nanoseconds),
        facts.and_then(|f| f.recognised.media()).map(|m| m.extensions()[0]),
        facts.and_then(|f| f.pixels).map(|(width, _)| width),
        facts.and_then(|f| f.pixels).map(|(_, height)| height),
        destination.provider,
        destination.name,
        destination.key,
        destination.account,
        options(destination),
        word(state),
        since,
        receipt.and_then(|r| r.id.as_deref()),
        receipt.and_then(|r| r.url.as_deref()),
        receipt.and_then(|r| r.expires).map(Timestamp::as_millisecond),
        search_text(entry, receipt),
        facts.and_then(|f| f.duration).and_then(|length| i64::try_from(length.as_millis()).ok()),
        entry.copy.as_deref().map(serde_json::to_string).transpose().map_err(json)?,
        original.map(|original| original.size as i64),
        original.and_then(|original| original.hash).map(|hash| hash.0),
        entry.agent,
    ])?;
    let failure = match state {
        State::Waiting { why, .. } => why.as_deref(),
        state => state.failure(),
    };
    if receipt.is_none() && failure.is_none() {
        return db
            .prepare_cached("DELETE FROM detail WHERE upload = ?1")?
            .execute([row_id(entry.id)])
            .map(|_| ());
    }
    let receipt = receipt.map(serde_json::to_string).transpose().map_err(json)?;
    let failure = failure.map(serde_json::to_string).transpose().map_err(json)?;
    db.prepare_cached("INSERT OR REPLACE INTO detail (upload, receipt, failure) VALUES (?1, ?2, ?3)")?
        .execute(params![row_id(entry.id), receipt, failure])
        .map(|_| ())
}

/// Returns a destination's options as one text, the same for the same options.
pub(super) fn options(destination: &Destination) -> String {
    serde_json::to_string(&destination.options).unwrap_or_default()
}

fn search_text(entry: &UploadRequest, receipt: Option<&Receipt>) -> String {
    let destination = &entry.destination;
    let provider = provider::by_id(&destination.provider).map_or("", |p| p.facts().name);
    let words = [
        &entry.name(),
        receipt.and_then(|r| r.id.as_deref()).unwrap_or_default(),
        receipt.and_then(|r| r.url.as_deref()).unwrap_or_default(),
        destination.account_label(),
        provider,
        &destination.provider,
        &destination.name,
        entry.agent.as_deref().unwrap_or_default(),
    ];
    fold::searchable(&words.join("\n"))
}

/// Reads `COLUMNS`.
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    let path = path_bytes::to_path(row.get("path")?);
    let copy: Option<FittedCopy> =
        row.get::<_, Option<String>>("copy")?.and_then(|text| serde_json::from_str(&text).ok());
    let source = copy.as_ref().and_then(|copy| copy.path.clone()).unwrap_or_else(|| path.clone());
    let size: Option<i64> = row.get("size")?;
    let media = row.get::<_, Option<String>>("media")?.and_then(|e| Media::from_extension(&e));
    let pixels = row.get::<_, Option<u32>>("width")?.zip(row.get::<_, Option<u32>>("height")?);
    let modified = row.get::<_, Option<i64>>("modified")?.and_then(files::time);
    let length: Option<i64> = row.get("length")?;
    let facts = size.and_then(|size| u64::try_from(size).ok()).map(|size| FileFacts {
        path: source,
        size,
        modified,
        recognised: media.map_or(DetectedType::Unknown, DetectedType::Known),
        pixels,
        duration: length.and_then(|n| u64::try_from(n).ok()).map(Duration::from_millis),
        ..FileFacts::default()
    });
    let destination = Destination {
        name: row.get("destination")?,
        provider: row.get("provider")?,
        key: row.get("key")?,
        account: row.get("account")?,
        options: serde_json::from_str(&row.get::<_, String>("options")?).unwrap_or_default(),
        fit: FitRules::default(),
    };
    let entry = UploadRequest {
        id: upload_id(row.get(0)?),
        path,
        facts,
        destination: Arc::new(destination),
        added: moment(row.get("added")?),
        retry_of: upload_id(row.get("behind")?),
        queued: row.get("queued")?,
        requested: row.get::<_, Option<i64>>("asked")?.map(moment),
        copy: copy.map(Arc::new),
        agent: row.get("agent")?,
    };
    Ok(Record {
        state: state(row)?,
        request: entry,
        hash: hash(row.get("hash")?),
        attempts: row.get(24)?,
        position: row.get("place")?,
    })
}

fn state(row: &Row<'_>) -> rusqlite::Result<State> {
    let word: String = row.get("state")?;
    let receipt = || receipt(row).map(Box::new);
    let failure = || -> rusqlite::Result<Box<Failure>> {
        let text: Option<String> = row.get("failure")?;
        let read = text.and_then(|text| serde_json::from_str::<Failure>(&text).ok());
        Ok(Box::new(read.unwrap_or_else(failures::forgotten)))
    };
    let since = || row.get::<_, Option<i64>>("since").map(|at| moment(at.unwrap_or_default()));
    Ok(match word.as_str() {
        "waiting" => State::Waiting { until: None, why: None },
        "sending" => State::Sending { sent: 0 },
        "sent" => State::Sent { at: moment(row.get::<_, Option<i64>>("asked")?.unwrap_or_default()) },
        "processing" => State::Processing { receipt: receipt()?, since: since()?, resting: false },
        "resting" => State::Processing { receipt: receipt()?, since: since()?, resting: true },
        "done" => State::Done(receipt()?),
        "held" => State::Held(failure()?),
        "refused" => State::Refused(failure()?),
        "unknown" => {
            let kept = row.get::<_, Option<String>>("asset")?.or(row.get("url")?).is_some();
            let receipt = if kept { Some(receipt()?) } else { None };
            State::Unknown(Box::new(Failure { receipt, ..*failure()? }))
        }
        "cancelled" => State::Cancelled,
        _ => State::Ready,
    })
}

/// Returns what a provider gave back; where its text cannot be read any more, what the row itself knows. Its end is the
/// row's where that is sooner: a clock that was ahead is corrected there.
fn receipt(row: &Row<'_>) -> rusqlite::Result<Receipt> {
    let whole: Option<String> = row.get("receipt")?;
    let expires = row.get::<_, Option<i64>>("expires")?.map(moment);
    if let Some(receipt) = whole.and_then(|text| serde_json::from_str::<Receipt>(&text).ok()) {
        let corrected = expires.filter(|at| receipt.expires.is_some_and(|said| *at < floor(said)));
        return Ok(Receipt { expires: corrected.or(receipt.expires), ..receipt });
    }
    Ok(Receipt {
        id: row.get("asset")?,
        url: row.get("url")?,
        values: vec![],
        warnings: vec![],
        expires,
        response: Response::default(),
    })
}

/// Cuts a time to the millisecond, as columns have it.
fn floor(at: Timestamp) -> Timestamp {
    moment(at.as_millisecond())
}

fn hash(bytes: Option<Vec<u8>>) -> Option<ContentHash> {
    bytes.and_then(|bytes| bytes.try_into().ok()).map(ContentHash)
}

/// Returns an id as the database's numbers are: with a sign.
pub(super) fn row_id(id: UploadId) -> i64 {
    id.0 as i64
}

pub(super) fn upload_id(id: i64) -> UploadId {
    UploadId(id as u64)
}

/// Milliseconds since 1970; nonsense is the nearest time there is.
pub(super) fn moment(at: i64) -> Timestamp {
    Timestamp::from_millisecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
