//! What a search finds.

use hoist::model::upload::State;
use hoist::store::history::Query;
use rusqlite::Connection;

use super::{Open, at, database, entry, receipt, send};

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
    assert_eq!(count(&mut reader, Query { since: Some(at(2)), ..Query::default() }), 2);
    assert_eq!(count(&mut reader, Query { limit: Some(1), ..Query::default() }), 1);
    assert_eq!(reader.count().unwrap(), 3);
}
