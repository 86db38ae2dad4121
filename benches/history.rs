//! A history of 100,000 uploads: how long until a page is there, and how long a search takes, beside the plain query one
//! would write. `cargo bench --bench history`.

#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoist::model::destination::Destination;
use hoist::model::media::{DetectedType, FileFacts, Media};
use hoist::model::receipt::Receipt;
use hoist::model::record::UploadRequest;
use hoist::model::upload::{State, UploadId};
use hoist::store::folders::Folders;
use hoist::store::history::{History, Query, Reader, Write};
use jiff::Timestamp;
use rusqlite::Connection;

const ROWS: u64 = 100_000;

fn main() {
    let home = tempfile::tempdir().unwrap();
    let folders = Folders::inside(home.path());
    let began = Instant::now();
    fill(&folders);
    let size = std::fs::metadata(home.path().join("data/history.db")).unwrap().len();
    println!(
        "{ROWS} uploads written in {:.1} s, {:.0} bytes each on disk",
        began.elapsed().as_secs_f64(),
        size as f64 / ROWS as f64
    );
    let (history, _keeper) = History::open(&folders, false, Arc::new(|| {})).unwrap();
    let query = |search: &str| Query { search: search.into(), ..Query::default() };
    println!("open (goal 100 ms): {}", times(|| page(&mut history.reader(), &Query::default())));
    let mut reader = history.reader();
    for (what, search) in [
        ("a word in every row", "example"),
        ("a word in 1 % of the rows", "cover-77"),
        ("one id", "0000004d2"),
        ("two words", "jane cover-7"),
        ("a letter with a diacritic", "é"),
        ("a word with a diacritic in 1 % of the rows", "finalé-77"),
        ("the same without, and in capitals", "FINALE-77"),
        ("nothing", "no such words"),
    ] {
        let ours = times(|| page(&mut reader, &query(search)));
        let plain = Connection::open(home.path().join("data/history.db")).unwrap();
        let theirs = times(|| naive(&plain, search));
        println!("search, {what} (goal 50 ms): {ours} against {theirs} of the plain query");
    }
    let provider = Query { provider: Some("indream".into()), ..query("cover-9") };
    println!("search in one provider: {}", times(|| page(&mut reader, &provider)));
    let began = Instant::now();
    let cleared = history.write(Write::Cleared);
    while !history.has_reached(cleared) {
        std::thread::sleep(Duration::from_millis(1));
    }
    println!("cleared and overwritten in {:.1} s", began.elapsed().as_secs_f64());
}

/// What a page shows at first: how many there are, and the first rows.
fn page(reader: &mut Reader, query: &Query) -> usize {
    let found = reader.find(query).unwrap();
    reader.records(&found[..found.len().min(30)]).unwrap().len()
}

/// The query one would write without thinking of its time.
fn naive(db: &Connection, search: &str) -> usize {
    let sql = "SELECT id FROM upload WHERE CAST(path AS TEXT) LIKE ?1 OR asset LIKE ?1 OR account LIKE ?1 OR provider LIKE ?1
        ORDER BY asked DESC";
    let like = format!("%{search}%");
    db.prepare(sql).unwrap().query_map([like], |row| row.get::<_, i64>(0)).unwrap().count()
}

fn times(work: impl FnMut() -> usize) -> String {
    let mut work = work;
    let mut all: Vec<Duration> = (0..11)
        .map(|_| {
            let began = Instant::now();
            std::hint::black_box(work());
            began.elapsed()
        })
        .collect();
    all.sort();
    format!("{:.1} ms (worst {:.1})", all[5].as_secs_f64() * 1e3, all[10].as_secs_f64() * 1e3)
}

fn fill(folders: &Folders) {
    let (history, keeper) = History::open(folders, false, Arc::new(|| {})).unwrap();
    let destination = |provider: &str, account: &str| {
        Arc::new(Destination {
            name: format!("{provider} {account}"),
            provider: provider.into(),
            key: "key".into(),
            account: Some(account.into()),
            options: BTreeMap::new(),
            fit: hoist::model::fit::FitRules::default(),
        })
    };
    let destinations = [
        destination("google-flow", "jane@example.com"),
        destination("flow-music", "team@example.com"),
        destination("indream", "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8 example"),
    ];
    let first = history.first_id().0;
    for n in 0..ROWS {
        // Every third name is one from a Mac: decomposed.
        let word = if n % 3 == 0 { "finale\u{301}" } else { "final" };
        let path = PathBuf::from(format!("/home/jane/pictures/of the year/cover-{n}-{word}-{n}.png"));
        let id = UploadId(first + 1 + n);
        let asked = Timestamp::from_second(1_700_000_000 + n as i64 * 300).unwrap();
        let facts = FileFacts {
            path: path.clone(),
            size: 100_000 + n,
            recognised: DetectedType::Known(Media::Png),
            pixels: Some((1024, 1024)),
            ..FileFacts::default()
        };
        let entry = UploadRequest {
            id,
            path,
            facts: Some(facts),
            destination: Arc::clone(&destinations[n as usize % 3]),
            added: asked,
            retry_of: id,
            queued: false,
            requested: Some(asked),
            copy: None,
            agent: None,
        };
        let asset = format!("user:12345-email:6a616e65-image:{n:09x}-4ce5-ab3a-b5bbd39ea3c8");
        let response = serde_json::json!({ "mediaGenerationId": { "mediaGenerationId": asset }, "image": { "seed": n } });
        let receipt = Receipt {
            id: Some(asset),
            url: None,
            values: vec![("seed".into(), n.into())],
            warnings: vec![],
            expires: None,
            response: response.into(),
        };
        history.write(Write::Put(entry, State::Done(Box::new(receipt))));
    }
    drop(keeper); // everything is written
}
