//! What a search finds.

use std::sync::Arc;

use hoist::model::destination::Destination;
use hoist::model::error::{Failure, FailureKind};
use hoist::model::receipt::ResultCount;
use hoist::model::upload::{State, UploadId};
use hoist::store::history::{Query, UploadTally};
use jiff::SignedDuration;
use rusqlite::Connection;

use jiff::tz::TimeZone;

use super::{Open, at, database, entry, piapi, receipt, send};

#[test]
fn names_from_a_mac_are_found_as_people_type_them_and_those_of_earlier_versions_too() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let names = ["Cafe\u{301} Motörhead.png", "Screenshot at 3.41\u{202f}PM.png", "CAFE.png", "ﬁnal cut.mp4"];
    for (n, name) in (1..).zip(names) {
        send(&open, &entry(&open, n, name, false), n as u8, State::Done(receipt(&format!("id-{n}"))));
    }
    let finds = |open: &Open| {
        for (search, found) in [
            ("café", &[0][..]),
            ("CAFÉ motorhead", &[0]),
            ("cafe", &[2, 0]),
            ("motörhead", &[0]),
            ("3.41 pm", &[1]),
            ("FINAL", &[3]),
        ] {
            let found: Vec<_> = found.iter().map(|n| names[*n]).collect();
            assert_eq!(open.found(search), found, "{search}");
        }
    };
    finds(&open);
    drop(open);
    // As an earlier version had written them.
    let db = Connection::open(database(home.path())).unwrap();
    let mut words = db.prepare("SELECT id, CAST(path AS TEXT) FROM upload").unwrap();
    let rows: Vec<(i64, String)> =
        words.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
    for (id, path) in rows {
        let name = path.rsplit('/').next().unwrap().to_lowercase();
        db.execute("UPDATE upload SET words = ?2 WHERE id = ?1", rusqlite::params![id, name]).unwrap();
    }
    drop(words);
    db.pragma_update(None, "user_version", 2).unwrap();
    drop(db);
    finds(&Open::of(home.path(), false));
}

#[test]
fn searching_finds_words_in_any_case_and_order() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    for (n, name) in (1..).zip(["Größe 100%_a.png", "voice.mp3", "Cover-Final.png"]) {
        send(&open, &entry(&open, n, name, false), n as u8, State::Done(receipt(&format!("ID-{n}"))));
    }
    for (search, found) in [
        ("größe", &["Größe 100%_a.png"][..]),
        ("GRÖSSE", &["Größe 100%_a.png"]),
        ("gro\u{308}ße", &["Größe 100%_a.png"]),
        ("grosse", &["Größe 100%_a.png"]),
        ("grösse cafe", &[]),
        ("100%_", &["Größe 100%_a.png"]),
        ("%", &["Größe 100%_a.png"]),
        ("id-2", &["voice.mp3"]),
        ("final cover", &["Cover-Final.png"]),
        ("jane@example PIAPI id", &["Cover-Final.png", "voice.mp3", "Größe 100%_a.png"]),
        ("' OR 1=1 --", &[]),
        ("", &["Cover-Final.png", "voice.mp3", "Größe 100%_a.png"]),
    ] {
        assert_eq!(open.found(search), found, "{search}");
    }
    let mut reader = open.history.reader();
    let count = |reader: &mut hoist::store::history::Reader, query| reader.find(&query).unwrap().len();
    assert_eq!(count(&mut reader, Query { provider: Some("indream".into()), ..Query::default() }), 0);
    let to = piapi();
    let account = |key: &str| Some((to.provider.clone(), key.to_owned(), to.account.clone()));
    assert_eq!(count(&mut reader, Query { account: account(&to.key), ..Query::default() }), 3);
    assert_eq!(count(&mut reader, Query { account: account("another"), ..Query::default() }), 0);
    let in_no_account = Some((to.provider.clone(), to.key.clone(), None));
    assert_eq!(count(&mut reader, Query { account: in_no_account, ..Query::default() }), 0);
    assert_eq!(count(&mut reader, Query { since: Some(at(2)), ..Query::default() }), 2);
    assert_eq!(count(&mut reader, Query { limit: Some(1), ..Query::default() }), 1);
    assert_eq!(reader.count().unwrap().all, 3);
}

#[test]
fn what_is_found_is_counted_by_the_days_of_whoever_looks() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let names = ["a.png", "b.png", "cover.png", "d.png", "e.png"];
    // Every six hours: at 14:13, 20:13, 02:13, 08:13 and 14:13 in UTC.
    for (n, name) in (1..).zip(names) {
        let mut entry = entry(&open, n, name, false);
        entry.requested = Some(at(0) + SignedDuration::from_hours(6 * (n as i64 - 1)));
        send(&open, &entry, n as u8, State::Done(receipt(&format!("id-{n}"))));
    }
    let mut reader = open.history.reader();
    let mut days = |zone: &str, search: &str| {
        let query = Query { search: search.into(), ..Query::default() };
        let zone = TimeZone::posix(zone).unwrap();
        let found = reader.find_by_day(&query, &zone).unwrap();
        assert_eq!(found.ids(), reader.find(&query).unwrap(), "the same in the same order");
        let days = found.days().iter().map(|day| format!("{} {}", day.date, day.count));
        days.collect::<Vec<_>>()
    };
    let first = at(0).to_zoned(TimeZone::UTC).date();
    let second = first.tomorrow().unwrap();
    assert_eq!(days("UTC0", ""), [format!("{second} 3"), format!("{first} 2")]);
    assert_eq!(days("JST-9", ""), [format!("{second} 4"), format!("{first} 1")]);
    assert_eq!(days("EDT4", ""), [format!("{second} 2"), format!("{first} 3")]);
    assert_eq!(days("UTC0", "cover"), [format!("{second} 1")]);
    assert_eq!(days("UTC0", "nothing has this"), Vec::<String>::new());
}

#[test]
fn what_is_selected_is_counted_by_provider_and_by_what_can_be_copied() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    let states = [
        State::Refused(Box::new(Failure::new(FailureKind::Policy, "m", "n"))),
        State::Done(receipt("id-2")),
        State::Done(receipt("id-3")),
    ];
    let mut ids = vec![];
    for (n, state) in (1..).zip(states) {
        let mut entry = entry(&open, n, "a.png", false);
        if n == 2 {
            entry.destination = Arc::new(Destination { provider: "indream".into(), ..piapi() });
        }
        ids.push(entry.id);
        send(&open, &entry, n as u8, state);
    }
    let mut reader = open.history.reader();
    let tally = reader.tally(&ids).unwrap();
    assert_eq!(tally.providers, [("piapi".to_owned(), 2), ("indream".to_owned(), 1)]);
    assert_eq!((tally.results, tally.on_their_way), (ResultCount { all: 2, ids: 2, links: 2 }, 0));
    assert_eq!(reader.tally(&[UploadId(7)]).unwrap(), UploadTally::default(), "it is there no more");
}
