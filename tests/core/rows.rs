//! The files of a queue, one by one and counted: what every face shows of them comes from here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use hoist::media::inspect::inspect;
use hoist::model::destination::Destination;
use hoist::model::error::{Failure, FailureKind};
use hoist::model::failures::cancelled_late;
use hoist::model::item::{Finding, FindingKind, Inspection, Item, Recall, Restored, Severity, Stage};
use hoist::model::media::{ContentHash, FileFacts, FileProblem, Media, Metadata};
use hoist::model::queue::{Move, Queue};
use hoist::model::receipt::{Receipt, ResultCount};
use hoist::model::record::{PreviousUpload, name_of};
use hoist::model::totals::Totals;
use hoist::model::upload::{Event, State, UploadId};
use jiff::Timestamp;

fn somewhere() -> Arc<Destination> {
    Arc::new(Destination {
        name: "d".into(),
        provider: "piapi".into(),
        key: "k".into(),
        account: None,
        options: BTreeMap::new(),
        fit: hoist::model::fit::FitRules::default(),
    })
}

fn facts(size: u64) -> FileFacts {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
    FileFacts { size, ..inspect(&sample).unwrap() }
}

fn receipt(id: &str) -> Box<Receipt> {
    Box::new(Receipt {
        id: Some(id.into()),
        url: None,
        values: vec![],
        warnings: vec![],
        expires: None,
        response: serde_json::Value::Null.into(),
    })
}

fn failed(kind: FailureKind) -> Event {
    Event::Failed(Box::new(Failure::new(kind, "no", "next")))
}

fn finding(severity: Severity, message: &str) -> Finding {
    Finding::new(severity, FindingKind::Size, message, "hint")
}

fn earlier(receipt: Option<Box<Receipt>>) -> PreviousUpload {
    PreviousUpload { id: UploadId(9), requested: Timestamp::UNIX_EPOCH, receipt }
}

/// A queue of files of 10, 20, … bytes that were looked into.
fn queue(files: usize) -> (Queue, Vec<UploadId>) {
    let mut queue = Queue::starting_at(UploadId(100), false);
    let add = |n: usize| queue.add(format!("/{n}.png").into(), somewhere(), Timestamp::UNIX_EPOCH);
    let ids: Vec<_> = (0..files).map(add).collect();
    for (id, size) in ids.iter().zip((1..).map(|n| n * 10)) {
        queue.get_mut(*id).unwrap().set_inspection(Inspection::Ready(facts(size)));
    }
    (queue, ids)
}

fn happen(queue: &mut Queue, id: UploadId, events: impl IntoIterator<Item = Event>) {
    for event in events {
        assert!(queue.apply(id, event.clone(), Timestamp::UNIX_EPOCH), "{event:?} changes something");
    }
}

#[test]
fn ids_go_on_from_where_the_run_begins_and_none_comes_twice() {
    let (mut queue, ids) = queue(3);
    assert_eq!(ids, [101, 102, 103].map(UploadId));
    let again = queue.add_again(ids[0]).unwrap();
    assert_eq!(again, UploadId(104));
    assert_eq!(queue.add_again(again), Some(UploadId(105)));
    assert_eq!(queue.add("x".into(), somewhere(), Timestamp::UNIX_EPOCH), UploadId(106));
    let order: Vec<_> =
        queue.items().iter().map(|item| (item.request.id.0, item.request.retry_of.0)).collect();
    let expected = [(101, 101), (104, 101), (105, 101), (102, 102), (103, 103), (106, 106)];
    assert_eq!(order, expected, "what repeats another stands behind it");
    assert_eq!(queue.add_again(UploadId(99)), None);
    assert_eq!((queue.index(UploadId(105)), queue.index(UploadId(99))), (Some(2), None));
}

#[test]
fn what_is_new_is_told_from_what_is_not() {
    let (mut queue, ids) = queue(2);
    let now = Timestamp::UNIX_EPOCH;
    assert!(!queue.apply(ids[0], Event::Started, now), "nobody asked for it");
    assert!(!queue.apply(UploadId(99), Event::Requested, now));
    assert!(queue.apply(ids[0], Event::Requested, now));
    let asked: Vec<_> = queue.items().iter().map(|item| item.request.requested.is_some()).collect();
    assert_eq!(asked, [true, false]);
    let mut revisions = vec![queue.revision()];
    queue.add("x".into(), somewhere(), now);
    revisions.push(queue.revision());
    queue.move_items(&[ids[0]], Move::Last);
    revisions.push(queue.revision());
    queue.get_mut(ids[0]).unwrap().sent_again = true;
    revisions.push(queue.revision());
    let restored = Item::new(UploadId(5), "y".into(), somewhere(), now);
    queue.restore(vec![restored]);
    revisions.push(queue.revision());
    assert!(revisions.windows(2).all(|pair| pair[0] < pair[1]), "{revisions:?}");
    assert_eq!(
        (queue.items()[0].request.id, queue.index(UploadId(5))),
        (UploadId(5), Some(0)),
        "in front of the others"
    );
}

#[test]
fn only_a_file_that_is_known_and_not_stopped_is_sent() {
    let (mut queue, ids) = queue(1);
    let id = ids[0];
    let mut looks = |change: &dyn Fn(&mut Item)| {
        let item = queue.get_mut(id).unwrap();
        *item = Item::new(id, "/0.png".into(), somewhere(), Timestamp::UNIX_EPOCH);
        item.set_inspection(Inspection::Ready(facts(10)));
        change(item);
        (item.is_sendable(), item.is_blocked(), item.blocking_message())
    };
    let stopped = |why: &str| (false, true, Some(why.to_owned()));
    assert_eq!(looks(&|_| {}), (true, false, None));
    assert_eq!(looks(&|item| item.inspection = Inspection::Pending), (false, false, None));
    assert_eq!(
        looks(&|item| item.inspection = Inspection::Failed(FileProblem::Vanished)),
        stopped("The file does not exist")
    );
    assert_eq!(looks(&|item| item.findings = vec![finding(Severity::Warning, "large")]), (true, false, None));
    let both = vec![finding(Severity::Warning, "large"), finding(Severity::Error, "too large")];
    assert_eq!(looks(&|item| item.findings.clone_from(&both)), stopped("too large"));
    assert_eq!(looks(&|item| item.earlier = Some(earlier(None))), (false, false, None));
    assert_eq!(looks(&|item| item.state = State::Cancelled), (false, false, None));
}

#[test]
fn what_came_of_a_file_is_its_own_result_and_else_that_of_the_same_content() {
    let (mut queue, ids) = queue(1);
    let item = queue.get_mut(ids[0]).unwrap();
    assert!(item.result().is_none());
    item.earlier = Some(earlier(None));
    assert!(item.result().is_none(), "nobody knows whether it is there");
    item.earlier = Some(earlier(Some(receipt("before"))));
    assert_eq!(item.result().map(Receipt::first), Some("before"));
    item.state = State::Done(receipt("now"));
    assert_eq!(item.result().map(Receipt::first), Some("now"));
}

#[test]
fn a_file_is_remembered_as_it_was_added() {
    let (mut queue, ids) = queue(1);
    happen(&mut queue, ids[0], [Event::Requested]);
    let item = queue.get_mut(ids[0]).unwrap();
    let request = item.request.clone();
    assert_eq!((request.id, request.retry_of, request.name()), (ids[0], ids[0], "0.png".to_owned()));
    assert_eq!((request.facts.map(|f| f.size), request.requested), (Some(10), Some(Timestamp::UNIX_EPOCH)));
    item.restored = Some(Restored { content: None });
    item.set_inspection(Inspection::Ready(facts(7)));
    assert_eq!(item.request.facts.as_ref().map(|f| f.size), Some(10), "another content now");
    assert!(item.has_changed());
    item.accept_change();
    assert_eq!((item.request.facts.as_ref().map(|f| f.size), item.has_changed()), (Some(7), false));
    let is_queued = |returns| {
        let mut queue = Queue::starting_at(UploadId(0), returns);
        let id = queue.add("/0.png".into(), somewhere(), Timestamp::UNIX_EPOCH);
        queue.get(id).unwrap().request.queued
    };
    assert_eq!(
        (is_queued(true), is_queued(false)),
        (true, false),
        "a terminal's files come back with no window"
    );
    assert_eq!(name_of(Path::new("/a/b\u{202e}.png")), "b\\u{202e}.png");
    assert_eq!(name_of(Path::new("/")), "/");
}

#[test]
fn only_a_touched_file_of_the_same_size_is_compared_by_its_content() {
    let hash = ContentHash([7; 32]);
    let (then, touched) = (facts(10), Some(SystemTime::UNIX_EPOCH));
    for (now, content, compared) in [
        (then.clone(), Some(hash), None),
        (FileFacts { modified: touched, ..then.clone() }, Some(hash), Some(hash)),
        (FileFacts { modified: touched, ..then.clone() }, None, None),
        (FileFacts { modified: touched, size: 11, ..then.clone() }, Some(hash), None),
    ] {
        let (mut queue, ids) = queue(1);
        let item = queue.get_mut(ids[0]).unwrap();
        item.request.facts = Some(then.clone());
        assert_eq!(item.content_to_compare(&now), None, "no earlier run added it");
        item.restored = Some(Restored { content });
        assert_eq!(item.content_to_compare(&now), compared, "{now:?}");
    }
}

#[test]
fn what_is_sent_again_stands_behind_the_first_one_however_often() {
    let (mut queue, ids) = queue(2);
    let unknown = [Event::Requested, Event::Started, Event::AllSent, failed(FailureKind::NoAnswer)];
    happen(&mut queue, ids[0], unknown.clone());
    let second = queue.add_again(ids[0]).unwrap();
    happen(&mut queue, second, unknown);
    let third = queue.add_again(second).unwrap();
    let rows: Vec<_> =
        queue.items().iter().map(|i| (i.request.id, i.request.retry_of, i.sent_again)).collect();
    assert_eq!(
        rows,
        [(ids[0], ids[0], true), (second, ids[0], true), (third, ids[0], false), (ids[1], ids[1], false)]
    );
    assert_eq!(queue.get(third).unwrap().request.requested, None, "it was not requested yet");
}

#[test]
fn what_is_to_become_of_a_file_goes_with_it() {
    let (mut queue, ids) = queue(2);
    queue.get_mut(ids[0]).unwrap().stage = Stage::AutoUpload;
    let removed = queue.remove(|item| item.request.id == ids[0]);
    queue.put_back(removed);
    assert_eq!(queue.get(ids[0]).unwrap().stage, Stage::AutoUpload, "it still uploads by itself");

    let recall = Some(Recall::Redirect(somewhere()));
    happen(&mut queue, ids[1], [Event::Requested]);
    queue.get_mut(ids[1]).unwrap().stage = Stage::Submitted { changes: 2, recall: recall.clone() };
    happen(&mut queue, ids[1], [Event::Withdrawn]);
    let item = queue.get_mut(ids[1]).unwrap();
    assert_eq!(item.end_submission(), (2, recall));
    assert_eq!(item.end_submission(), (0, None), "once");
    assert_eq!(item.stage, Stage::Idle);
}

#[test]
fn a_reply_to_what_was_cancelled_late_is_awaited_until_it_comes_or_cannot_come_any_more() {
    let late = || Event::CancelledLate(Box::new(cancelled_late()));
    for (event, stage) in [
        (Event::Done(receipt("id")), Stage::Idle),
        (Event::Failed(Box::new(cancelled_late())), Stage::Idle),
        (Event::Processing(receipt("id")), Stage::Submitted { changes: 0, recall: None }),
    ] {
        let (mut queue, ids) = queue(1);
        happen(&mut queue, ids[0], [Event::Requested]);
        queue.get_mut(ids[0]).unwrap().stage = Stage::Submitted { changes: 0, recall: Some(Recall::Cancel) };
        happen(&mut queue, ids[0], [Event::Started, Event::AllSent, late()]);
        let item = queue.get_mut(ids[0]).unwrap();
        assert!(item.awaits_late_reply() && matches!(item.state, State::Unknown(_)));
        item.apply(event, Timestamp::UNIX_EPOCH);
        assert_eq!(item.stage, stage, "{:?}", item.state);
    }
}

#[test]
fn a_failure_that_trying_again_may_mend_is_counted_as_one_and_no_other() {
    for (kind, is_retryable, is_finished) in [
        (FailureKind::Busy, true, false),
        (FailureKind::Quota, true, false),
        (FailureKind::Policy, false, false),
        (FailureKind::NoAnswer, false, false),
        (FailureKind::Cancelled, false, true),
    ] {
        let (mut queue, ids) = queue(1);
        happen(&mut queue, ids[0], [Event::Requested, Event::Started, failed(kind)]);
        let item = queue.get(ids[0]).unwrap();
        assert_eq!((item.is_retryable(), item.is_finished()), (is_retryable, is_finished), "{kind:?}");
    }
    let (mut queue, ids) = queue(1);
    happen(&mut queue, ids[0], [Event::Requested, Event::Started, Event::Processing(receipt("id"))]);
    assert!(!queue.get(ids[0]).unwrap().is_finished());
    happen(&mut queue, ids[0], [Event::PollingStopped]);
    assert!(queue.get(ids[0]).unwrap().is_finished(), "nobody looks after it any more");
    happen(&mut queue, ids[0], [Event::PollingResumed, Event::Done(receipt("id"))]);
    assert!(queue.get(ids[0]).unwrap().is_finished());
}

#[test]
fn the_totals_are_those_of_every_kind_of_row() {
    let (mut queue, ids) = queue(10);
    let begin = |queue: &mut Queue, n: usize, events: Vec<Event>| {
        happen(queue, ids[n], [Event::Requested, Event::Started].into_iter().chain(events));
    };
    // 10 and 20 bytes are ready, 30 are there already, 40 are stopped.
    queue.get_mut(ids[2]).unwrap().earlier = Some(earlier(None));
    queue.get_mut(ids[3]).unwrap().findings = vec![finding(Severity::Error, "no")];
    happen(&mut queue, ids[4], [Event::Requested]); // 50 wait
    begin(&mut queue, 5, vec![Event::Progress(15)]); // 15 of 60
    begin(&mut queue, 6, vec![Event::AllSent]); // 70 are out
    begin(&mut queue, 7, vec![Event::Processing(receipt("id"))]); // 80 have an id
    begin(&mut queue, 8, vec![Event::Done(receipt("id"))]);
    begin(&mut queue, 9, vec![failed(FailureKind::Busy)]);
    let results = |ids| ResultCount { all: ids, ids, links: 0 };
    let expected = Totals {
        files: 10,
        ready: 2,
        ready_bytes: 30,
        with_location: 0,
        fitting: 0,
        sent_before: 1,
        going: 3,
        moving: 2,
        done: 2,
        results: results(2),
        failed: 1,
        cancelled: 0,
        need_you: 2,
        finished: 1,
    };
    assert_eq!(queue.totals(), expected);
    // What is stopped is not counted twice for being there already.
    queue.get_mut(ids[3]).unwrap().earlier = Some(earlier(None));
    assert_eq!(queue.totals(), expected);
    // What is there already with an ID has a result, and is cleared with what has finished; without an answer it has none.
    queue.get_mut(ids[2]).unwrap().earlier = Some(earlier(Some(receipt("id"))));
    assert_eq!(queue.totals(), Totals { results: results(3), finished: 2, ..expected });
    queue.get_mut(ids[2]).unwrap().earlier = Some(earlier(None));
    // What a copy is made of is not ready yet.
    let facts = queue.get(ids[0]).unwrap().facts().unwrap().clone();
    queue.get_mut(ids[0]).unwrap().set_inspection(Inspection::Fitting(facts.clone()));
    assert_eq!(queue.totals(), Totals { ready: 1, ready_bytes: 20, fitting: 1, ..expected });
    queue.get_mut(ids[0]).unwrap().set_inspection(Inspection::Ready(facts));
    let removed = queue.remove(|item| item.is_finished() || item.is_retryable());
    let went: Vec<_> = removed.items().map(|item| item.request.id).collect();
    assert_eq!((removed.len(), removed.is_empty(), went), (2, false, vec![ids[8], ids[9]]));
    assert_eq!(
        queue.totals(),
        Totals { files: 8, done: 1, results: results(1), failed: 0, need_you: 1, finished: 0, ..expected }
    );
    let before = queue.totals();
    happen(&mut queue, ids[1], [Event::Requested, failed(FailureKind::Cancelled)]);
    let finished = queue.totals().finished;
    assert_eq!(queue.totals(), Totals { ready: 1, ready_bytes: 10, cancelled: 1, finished, ..before });
}

#[test]
fn what_a_file_gives_away_has_a_word() {
    let all = [
        Metadata::Place(None),
        Metadata::Camera(String::new()),
        Metadata::Author(String::new()),
        Metadata::AiProvenance(None),
    ];
    let words = all.map(|metadata| metadata.word());
    assert_eq!(words, ["GPS location", "camera", "author", "AI provenance"]);
    let types = [Media::Png, Media::Wav, Media::Mov, Media::Srt]
        .map(|media| (media.label(), media.mime(), media.extensions()[0]));
    let expected = [
        ("PNG", "image/png", "png"),
        ("WAV", "audio/wav", "wav"),
        ("MOV", "video/quicktime", "mov"),
        ("SRT", "application/x-subrip", "srt"),
    ];
    assert_eq!(types, expected);
}
