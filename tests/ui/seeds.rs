//! Histories of made-up uploads, written into the database as if an earlier run had left them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use hoist::media::hash;
use hoist::session::{Session, Start};
use hoist::store::folders::Folders;
use hoist::store::keys::Keys;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, params};

use crate::window::sample;

/// A made-up upload.
#[derive(Clone)]
pub(crate) struct Seed {
    pub(crate) path: PathBuf,
    pub(crate) provider: &'static str,
    pub(crate) account: Option<&'static str>,
    pub(crate) asked: Timestamp,
    pub(crate) state: &'static str,
    pub(crate) asset: Option<String>,
    pub(crate) url: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    /// A failure as the store writes it.
    pub(crate) failure: Option<&'static str>,
    /// Its content is known to have gone out whole, and is recognised when it is to be sent again.
    pub(crate) was_sent: bool,
}

impl Seed {
    /// A file that was uploaded to Flow Music.
    pub(crate) fn done(name: &str, asked: Timestamp) -> Seed {
        Seed {
            path: PathBuf::from(format!("/nowhere/{name}")),
            provider: "flow-music",
            account: None,
            asked,
            state: "done",
            asset: Some(format!("id-of-{name}")),
            url: None,
            expires: None,
            failure: None,
            was_sent: false,
        }
    }

    /// The same with a sample's content.
    pub(crate) fn sample(name: &str, asked: Timestamp) -> Seed {
        Seed { path: sample(name), ..Seed::done(name, asked) }
    }
}

/// Today at this time, by the clock on the wall.
/// A second of today, counted from midnight: past at any hour the tests run at.
pub(crate) fn today(second: i64) -> Timestamp {
    let midnight = jiff::Zoned::now().start_of_day().unwrap();
    midnight.timestamp() + second.seconds()
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    jiff::Zoned::now().checked_sub(days.days()).unwrap().timestamp()
}

/// Writes these uploads into the history of a home, which is made.
pub(crate) fn plant(home: &Path, seeds: impl IntoIterator<Item = Seed>) {
    let folders = Folders::inside(home);
    // A run makes the database.
    let start = Start { terminal: true, sandbox: true, ..Start::new(folders.clone(), Keys::in_memory()) };
    drop(Session::start(start, Arc::new(|| {})).unwrap());
    let mut db = Connection::open(folders.data.join("history.db")).unwrap();
    let all = db.transaction().unwrap();
    for (n, seed) in seeds.into_iter().enumerate() {
        let id = n as i64 + 1;
        plant_one(&all, id, &seed);
        if let Some(failure) = seed.failure {
            let sql = "INSERT INTO detail (upload, failure) VALUES (?1, ?2)";
            all.execute(sql, params![id, failure]).unwrap();
        }
    }
    all.commit().unwrap();
}

fn plant_one(db: &Connection, id: i64, seed: &Seed) {
    let name = seed.path.file_name().unwrap().to_str().unwrap();
    let facts = std::fs::metadata(&seed.path).ok();
    let modified = facts.as_ref().and_then(|f| f.modified().ok());
    let modified = modified.map(|at| at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as i64);
    let words = [
        name,
        seed.asset.as_deref().unwrap_or_default(),
        seed.url.as_deref().unwrap_or_default(),
        seed.account.unwrap_or("Auto"),
        seed.provider,
    ];
    let sql =
        "INSERT INTO upload (id, run, queued, added, behind, asked, path, size, modified, media, provider,
            destination, key, account, options, state, asset, url, expires, words, hash)
        VALUES (?1, 1, 0, ?2, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 'useapi', ?8, '{}', ?9, ?10, ?11, ?12, ?13, ?14)";
    db.prepare_cached(sql)
        .unwrap()
        .execute(params![
            id,
            seed.asked.as_millisecond(),
            seed.path.to_str().unwrap().as_bytes(),
            facts.map_or(1000, |f| f.len() as i64),
            modified,
            seed.path.extension().map(|e| e.to_str().unwrap()),
            seed.provider,
            seed.account,
            seed.state,
            seed.asset,
            seed.url,
            seed.expires.map(Timestamp::as_millisecond),
            words.join("\n").to_lowercase(),
            seed.was_sent.then(|| hash::of_file(&seed.path).unwrap().hash.0),
        ])
        .unwrap();
}
