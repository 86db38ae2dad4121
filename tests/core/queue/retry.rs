//! What is sent again: by a person, in the batch it is then part of; and by itself, before what waits behind it.

use std::sync::Arc;
use std::time::Duration;

use hoist::model::item::{Inspection, Severity};
use hoist::model::media::Media;
use hoist::model::remedy::Remedy;
use hoist::model::upload::State;

use crate::queue::desk::{Desk, INDREAM, came, refusal, taken, with_gates};
use crate::support::server::{Answer, Gate, Reaction, Server};
use crate::support::{by_id, made, success};

#[test]
fn what_is_tried_again_is_told_of_when_it_has_ended_as_what_was_asked_for_first() {
    let server = Server::start(|request, n| match n {
        0 | 1 => refusal(),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    let ids = desk.uploaded(&["a.png", "b.png"]);
    assert_eq!(desk.finished.len(), 1);
    desk.session.uploads.send_again(ids[1]);
    desk.until("it is there", |desk| desk.state(ids[1]).receipt().is_some());
    desk.until("it is told", |desk| desk.finished.len() == 2);
    let last = &desk.finished[1];
    assert_eq!((&last.ids, last.done, last.of), (&vec![ids[1]], 1, 1), "for the notice and the copy");
    assert_eq!(desk.session.uploads.retry_failed(), 1);
    desk.until("the other one is told", |desk| desk.finished.len() == 3);
    assert_eq!(desk.finished[2].ids, [ids[0]]);
}

#[test]
fn what_is_tried_again_goes_at_its_place_in_the_queue_and_not_last() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, n| match (n, request.header("x-file-name")) {
        (0, _) => refusal(),
        (_, Some("b.png")) => Reaction::AnswerAfter(open.clone(), taken(request)),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&["a.png", "b.png", "c.png", "d.png"]);
    server.until("the second", |all| all.len() == 2);
    desk.ended(&ids[..1]);
    desk.session.uploads.send_again(ids[0]);
    desk.until("it waits", |desk| desk.item(ids[0]).facts().is_some());
    gate.open();
    desk.ended(&ids);
    assert_eq!(came(&server), ["a.png", "b.png", "a.png", "c.png", "d.png"]);
}

#[test]
fn what_is_tried_again_by_itself_goes_before_what_waits_behind_it() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, n| match n {
        0 => Reaction::Answer(Answer::new(503, "busy")),
        1 => Reaction::AnswerAfter(open.clone(), taken(request)),
        _ => Reaction::Answer(taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&["a.png", "b.png", "c.png"]);
    server.until("the second", |all| all.len() == 2);
    desk.until("the first was busy", |desk| {
        matches!(desk.state(ids[0]), State::Waiting { why: Some(_), .. })
    });
    // Its pause is 25 ms at most; the engine looks at the time again when it is told something, and obeys in order.
    std::thread::sleep(Duration::from_millis(50));
    desk.session.uploads.pause(false);
    gate.open();
    desk.ended(&ids);
    assert_eq!(came(&server), ["a.png", "b.png", "a.png", "c.png"]);
}

#[test]
fn undo_looks_at_a_file_again_that_could_not_be_looked_into_before() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let missing = desk.home.path().join("late.png");
    let to = desk.destination(INDREAM);
    let ids = desk.session.add_files_to([missing.clone()], &to);
    desk.until("it is not there", |desk| matches!(desk.item(ids[0]).inspection, Inspection::Failed(_)));
    let removed = desk.session.uploads.remove_items(&ids);
    std::fs::copy(desk.file("other.png"), &missing).unwrap();
    desk.session.uploads.put_back(removed);
    desk.until("it is there now", |desk| desk.item(ids[0]).is_sendable());
}

#[test]
fn how_far_a_batch_is_counts_what_was_taken_out_and_not_what_a_provider_works_on() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, n| match n {
        0 => refusal(),
        _ => Reaction::AnswerAfter(open.clone(), taken(request)),
    });
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&["a.png", "b.png", "c.png"]);
    server.until("the second", |all| all.len() == 2);
    desk.ended(&ids[..1]);
    let sizes: Vec<u64> = ids.iter().map(|id| desk.item(*id).facts().unwrap().size).collect();
    let far = desk.session.uploads.progress();
    assert_eq!((far.files, far.begun, far.bytes), (3, 2, sizes.iter().sum()));
    assert_eq!(desk.session.uploads.remove_items(&ids[..1]).len(), 1);
    desk.poll();
    let after = desk.session.uploads.progress();
    assert_eq!((after.files, after.begun, after.bytes), (3, 2, far.bytes), "it never falls");
    gate.open();
    desk.ended(&ids[1..]);
    assert_eq!(desk.session.uploads.progress().files, 0, "until the next one");
}

#[test]
fn of_several_findings_the_one_that_stops_a_file_is_shown_first() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    // Larger than PiAPI advises, which is only a warning; and with an option that it does not have.
    let path = desk.home.path().join("large.png");
    std::fs::write(&path, made(Media::Png, 8_000_000)).unwrap();
    let mut to = (*desk.destination("piapi")).clone();
    to.options.insert("nothing".to_owned(), "true".to_owned());
    let ids = desk.session.add_files_to([path], &Arc::new(to));
    desk.until("it is looked into", |desk| desk.item(ids[0]).facts().is_some());
    let gravities: Vec<_> = desk.item(ids[0]).findings.iter().map(|finding| finding.severity).collect();
    assert_eq!(gravities, [Severity::Error, Severity::Warning]);
    assert_eq!(desk.item(ids[0]).blocking_message().as_deref(), Some("PiAPI has no option nothing"));
}

#[test]
fn a_picture_that_was_refused_for_its_metadata_goes_there_again_without_them_and_no_other_does() {
    let server = Server::start(|request, _| match request.target.contains("stripMetadata=false") {
        true => Reaction::Answer(Answer::new(422, r#"{"error":"made by AI"}"#)),
        false => Reaction::Answer(success(by_id("flow-music"))),
    });
    let mut desk = Desk::at(&server.origin());
    let mut to = (*desk.destination("flow-music")).clone();
    to.options.insert("stripMetadata".into(), "false".into());
    let to = Arc::new(to);
    let files = [desk.file("a.png"), desk.file("b.png")];
    let ids = desk.session.add_files_to(files, &to);
    desk.until("they are looked into", |desk| ids.iter().all(|id| desk.item(*id).is_sendable()));
    desk.session.uploads.strip_and_send(ids[0]);
    desk.session.uploads.upload_all();
    desk.ended(&ids);
    assert!(
        ids.iter().all(|id| matches!(desk.state(*id), State::Refused(_))),
        "nothing is taken out unasked"
    );
    desk.session.uploads.strip_and_send(ids[0]);
    desk.until("it is there", |desk| desk.state(ids[0]).receipt().is_some());
    assert!(matches!(desk.state(ids[1]), State::Refused(_)));
    assert_eq!((desk.item(ids[1]).request.destination.clone(), server.requests().len()), (to, 3));
}

#[test]
fn where_removing_metadata_is_a_rule_of_the_destination_hoist_does_it_in_a_copy() {
    let tells = |body: &Option<Vec<u8>>| {
        let body = body.as_deref().unwrap_or_default();
        body.windows(23).any(|part| part == b"trainedAlgorithmicMedia")
    };
    let server = Server::start(move |_, n| match n {
        0 => Reaction::Answer(Answer::new(422, r#"{"error":"made by AI"}"#)),
        _ => Reaction::Answer(success(by_id("flow-music"))),
    });
    let mut desk = Desk::at(&server.origin());
    let mut to = (*desk.destination("flow-music")).clone();
    to.options.insert("stripMetadata".into(), "false".into());
    to.fit.wishes.strip = true;
    let path = desk.home.path().join("made.jpg");
    let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/photo.jpg");
    let photo = std::fs::read(sample).unwrap();
    let xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:Description \
        Iptc4xmpExt:DigitalSourceType=\"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia\"/></x:xmpmeta>";
    let length = (xmp.len() as u16 + 2).to_be_bytes();
    std::fs::write(&path, [&photo[..2], &[0xff, 0xe1], &length, xmp, &photo[2..]].concat()).unwrap();
    let ids = desk.session.add_files_to([path], &Arc::new(to));
    // The rule is left for this file, and its provider finds out.
    desk.until("the rule acts", |desk| desk.item(ids[0]).is_sendable());
    assert!(desk.item(ids[0]).request.copy.is_some());
    desk.session.uploads.use_original(ids[0]);
    desk.until("it is looked into", |desk| desk.item(ids[0]).is_sendable());
    desk.session.uploads.upload_all();
    desk.ended(&ids);
    assert!(matches!(desk.state(ids[0]), State::Refused(_)));
    let remedies = desk.session.keys.possible_remedies(desk.item(ids[0]));
    assert_eq!(remedies.first(), Some(&Remedy::StripAndSend));
    desk.session.uploads.strip_and_send(ids[0]);
    desk.until("it is there", |desk| desk.state(ids[0]).receipt().is_some());
    let requests = server.requests();
    let [first, last] = &requests[..] else { panic!("{} requests", requests.len()) };
    assert!(tells(&first.body));
    assert!(
        last.target.contains("stripMetadata=false") && !tells(&last.body),
        "the provider was asked for nothing else"
    );
}
