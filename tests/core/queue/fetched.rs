//! Links that are fetched for the queue.

use hoist::session::imports::Link;
use url::Url;

use crate::queue::desk::Desk;
use crate::support::made;
use crate::support::server::{Answer, Reaction, Server};
use hoist::model::media::Media;

#[test]
fn what_was_stopped_before_its_turn_is_not_fetched_with_the_next_link() {
    let picture = Answer::new(200, made(Media::Png, 3000));
    let server = Server::start(move |request, _| match &*request.target {
        "/wanted.png" => Reaction::Answer(picture.clone()),
        _ => Reaction::UnendingAnswer(picture.clone()),
    });
    let mut desk = Desk::at("http://127.0.0.1:9");
    let link = |name: &str| Link::new(Url::parse(&format!("{}/{name}.png", server.origin())).unwrap());
    desk.session.fetch(["1", "2", "3", "4", "5"].map(link).into(), &None);
    server.until("two at once", |all| all.len() == 2);
    desk.session.stop_fetching();
    assert_eq!(desk.session.intake.fetching(), None);
    desk.session.fetch(vec![link("wanted")], &None);
    desk.until("it has come", |desk| desk.session.intake.fetching().is_none());
    let mut asked: Vec<_> = server.requests().iter().map(|r| r.target.clone()).collect();
    asked.sort();
    assert_eq!(asked, ["/1.png", "/2.png", "/wanted.png"]);
}
