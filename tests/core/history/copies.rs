//! Copies of the history, and clocks that were ahead.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use hoist::model::receipt::Receipt;
use hoist::model::record::UploadRequest;
use hoist::model::upload::State;
use hoist::store::history::Write;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;

use super::{Open, entry, files, receipt, send};

pub(super) fn copied_anew(home: &Path) {
    for name in files(home, "history-backup-") {
        fs::remove_file(home.join("data").join(name)).unwrap();
    }
    drop(Open::of(home, false));
    assert_eq!(files(home, "history-backup-").len(), 1);
}

/// A file as it was written on another day.
pub(super) fn date(path: &Path, at: SystemTime) {
    fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
}

#[test]
fn a_copy_is_made_once_a_day_and_three_are_kept() {
    let home = tempfile::tempdir().unwrap();
    drop(Open::of(home.path(), false));
    assert!(files(home.path(), "history-backup-").is_empty(), "nothing to keep yet");
    let open = Open::of(home.path(), false);
    send(&open, &entry(&open, 1, "a.png", false), 1, State::Done(receipt("id-1")));
    drop(open);
    copied_anew(home.path());
    fs::remove_file(home.path().join("data/history-backup-000001.db")).unwrap();
    let day = Duration::from_hours(24);
    // As an earlier version named them.
    for (age, name) in [(3, "2026-01-01"), (2, "2026-01-02"), (1, "2026-01-03")] {
        let path = home.path().join(format!("data/history-backup-{name}.db"));
        fs::write(&path, "old").unwrap();
        date(&path, SystemTime::now() - day * age);
    }
    drop(Open::of(home.path(), false));
    let copies = files(home.path(), "history-backup-");
    let expected =
        ["history-backup-000001.db", "history-backup-2026-01-02.db", "history-backup-2026-01-03.db"];
    assert_eq!(copies, expected);
    let copy = home.path().join("data").join(&copies[0]);
    let asset: String =
        Connection::open(&copy).unwrap().query_row("SELECT asset FROM upload", [], |row| row.get(0)).unwrap();
    assert_eq!(asset, "id-1");
    let made = fs::metadata(&copy).unwrap().modified().unwrap();
    drop(Open::of(home.path(), false));
    assert_eq!(fs::metadata(&copy).unwrap().modified().unwrap(), made, "once a day");
    assert!(files(home.path(), ".history-backup").is_empty());
    Open::of(home.path(), false).write(Write::Cleared);
    assert!(files(home.path(), "history-backup-").is_empty(), "what was forgotten is in no copy");
}

#[test]
fn a_clock_that_was_ahead_ends_no_copies() {
    let home = tempfile::tempdir().unwrap();
    let open = Open::of(home.path(), false);
    send(&open, &entry(&open, 1, "a.png", false), 1, State::Done(receipt("id-1")));
    drop(open);
    copied_anew(home.path());
    fs::remove_file(home.path().join("data/history-backup-000001.db")).unwrap();
    let year = Duration::from_hours(365 * 24);
    // As an earlier version dated them: three copies of days that have not come yet.
    for n in 1..=3 {
        let path = home.path().join(format!("data/history-backup-2031-01-0{n}.db"));
        fs::write(&path, "ahead").unwrap();
        date(&path, SystemTime::now() + year * n);
    }
    for n in 1..=4 {
        drop(Open::of(home.path(), false));
        let newest = home.path().join(format!("data/history-backup-00000{n}.db"));
        assert!(newest.exists(), "{:?}", files(home.path(), "history-backup-"));
        assert_eq!(files(home.path(), "history-backup-").len(), 3);
        // The next day, by a clock that is ahead again, or has been.
        date(&newest, if n % 2 == 0 { SystemTime::now() + year } else { SystemTime::now() - year });
    }
}

#[test]
fn what_was_sent_by_a_clock_that_was_ahead_ends_a_life_from_now_and_is_not_prolonged_again() {
    let home = tempfile::tempdir().unwrap();
    let hour = SignedDuration::from_hours(1);
    let now = Timestamp::now();
    let ahead = now + hour * 24 * 30;
    let open = Open::of(home.path(), false);
    let lives = |from: Timestamp| Receipt { expires: Some(from + hour * 24), ..*receipt("id") };
    for (n, asked) in [(1, now - hour), (2, ahead), (3, now + hour)] {
        let file = UploadRequest { requested: Some(asked), ..entry(&open, n, &format!("{n}.png"), false) };
        send(&open, &file, n as u8, State::Done(Box::new(lives(asked))));
    }
    let account = |name: &str| ("flow-music".to_owned(), "useapi".to_owned(), Some(name.to_owned()));
    open.write(Write::Hold(account("ahead"), ahead, ahead + hour));
    drop(open);
    let left = |open: &Open| {
        let all = open.all();
        let of = |name: &str| {
            all.iter().find(|r| r.request.name() == name).unwrap().state.receipt().unwrap().expires
        };
        ["1.png", "2.png", "3.png"].map(|name| of(name).unwrap())
    };
    let open = Open::of(home.path(), false);
    let first = left(&open);
    let until = open.opened().holds[0].1;
    drop(open);
    let near =
        |at: Timestamp, wanted: Timestamp| at.duration_since(wanted).abs() < SignedDuration::from_mins(5);
    assert!(near(first[0], now + hour * 23) && near(first[1], now + hour * 24), "{first:?}");
    assert!(near(first[2], now + hour * 25), "it ends by itself: {first:?}");
    std::thread::sleep(Duration::from_millis(20));
    let open = Open::of(home.path(), false);
    assert_eq!(left(&open), first, "counted once");
    assert_eq!(
        open.opened().holds,
        [(account("ahead"), until)],
        "a hold does not begin anew with every start"
    );
}
