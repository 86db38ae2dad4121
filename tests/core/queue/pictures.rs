//! What files look like and tell of themselves: it comes when it is asked for, and of what was sent a picture is kept.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoist::media::preview::Preview;
use hoist::session::Update;

use crate::queue::desk::{Desk, INDREAM, with_gates};
use crate::support::TIMEOUT;

/// Takes in what there is to tell until this is part of it.
#[track_caller]
fn poll_until<T>(desk: &mut Desk, mut find: impl FnMut(&mut Desk, Update) -> Option<T>) -> T {
    let end = Instant::now() + TIMEOUT;
    loop {
        let update = desk.session.poll();
        if let Some(found) = find(desk, update) {
            return found;
        }
        assert!(Instant::now() < end, "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_file_is_shown_when_it_is_asked_for_and_its_picture_outlives_it_once_it_was_sent() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let cover = desk.home.path().join("cover.png");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
    std::fs::copy(sample, &cover).unwrap();
    let to = Arc::clone(&desk.destination(INDREAM));
    let id = desk.session.add_files_to([cover.clone()], &to)[0];
    desk.until("it is looked into", |desk| desk.item(id).is_sendable());
    desk.session.uploads.want_picture(id, 40);
    let (of, picture) = poll_until(&mut desk, |_, update| update.pictures.into_iter().next());
    let picture = picture.unwrap().unwrap();
    assert_eq!((of, picture.width.max(picture.height)), (id, 40));
    desk.session.uploads.want_preview(id, (100, 100));
    let (of, preview) = poll_until(&mut desk, |_, update| update.previews.into_iter().next());
    assert!(of == id && matches!(preview, Ok(Preview::Picture(_))), "{preview:?}");
    desk.session.uploads.want_details(id);
    let (of, _) = poll_until(&mut desk, |_, update| update.details.into_iter().next());
    assert_eq!(of, id);
    desk.session.uploads.upload_all();
    desk.ended(&[id]);
    let record = desk.history().remove(0);
    let thumbnails = desk.home.path().join("hoist/cache/pictures");
    desk.until("its picture is kept", |_| {
        std::fs::read_dir(&thumbnails).is_ok_and(|mut all| {
            all.any(|file| file.unwrap().path().extension().is_some_and(|extension| extension == "png"))
        })
    });
    std::fs::remove_file(cover).unwrap();
    let mut is_asked = false;
    let kept = poll_until(&mut desk, |desk, update| {
        // Once more only when there was an answer: of what is asked for again and again the last counts.
        let answers: Vec<_> = update.pictures.into_iter().map(|(_, picture)| picture?.ok()).collect();
        is_asked &= answers.is_empty();
        if !std::mem::replace(&mut is_asked, true) {
            desk.session.library.want_thumbnail(&record, 40);
        }
        answers.into_iter().flatten().next()
    });
    assert!(kept.width.max(kept.height) <= 40);
}
