//! What is set while files are on their way is in force at once.

use hoist::model::error::FailureKind;
use hoist::model::upload::State;
use hoist::store::settings::{Proxy, Settings, Theme};

use crate::queue::desk::{Desk, came, with_gates};
use crate::support::failure;
use crate::support::server::{Answer, Gate, Reaction, Server};

#[test]
fn more_or_fewer_at_a_time_from_now_on() {
    let gates = [(); 5].map(|()| Gate::default());
    let names = ["a.png", "b.png", "c.png", "d.png", "e.png"];
    let server = with_gates(&std::array::from_fn::<_, 5, _>(|n| (names[n], &gates[n])));
    let mut desk = Desk::at(&server.origin());
    desk.one_at_a_time();
    let ids = desk.upload(&names);
    server.until("the first", |all| all.len() == 1);
    desk.rounds();
    assert_eq!(server.requests().len(), 1);
    desk.session.set(|s| (s.uploads_at_once, s.uploads_per_account) = (3, 3));
    server.until("two more", |all| all.len() == 3);
    desk.one_at_a_time();
    gates[..2].iter().for_each(Gate::open);
    desk.ended(&ids[..2]);
    desk.rounds();
    assert_eq!(server.requests().len(), 3, "one still moves");
    gates[2].open();
    server.until("the fourth", |all| all.len() == 4);
    desk.ended(&ids[2..3]);
    desk.rounds();
    assert_eq!(server.requests().len(), 4);
    gates.iter().for_each(Gate::open);
    desk.ended(&ids);
    assert_eq!(came(&server)[3..], ["d.png", "e.png"]);
}

#[test]
fn what_is_out_of_bounds_is_never_in_force() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    desk.session.set(|s| (s.uploads_at_once, s.uploads_per_account) = (0, 1000));
    let bounded = |s: &Settings| (s.uploads_at_once, s.uploads_per_account) == (1, 16);
    assert!(bounded(desk.session.keys.settings()));
    desk.session.set(|s| s.proxy = Proxy::Url("http://user:word@proxy.example".into()));
    let without_password = Proxy::Url("http://proxy.example".into());
    assert_eq!(desk.session.keys.settings().proxy, without_password, "and never a direct connection");
    let mut desk = desk.restarted(&server.origin());
    desk.poll();
    assert!(bounded(desk.session.keys.settings()) && desk.session.keys.settings().proxy == without_password);
}

#[test]
fn an_older_answer_never_undoes_a_newer_choice() {
    let server = with_gates(&[]);
    let mut desk = Desk::at(&server.origin());
    let new = |template: &str| {
        let template = template.to_owned();
        move |s: &mut Settings| s.templates[0].line = template
    };
    for n in 0..10 {
        let template = format!("{n}: {{id}}");
        desk.session.set(|s| s.theme = Theme::Dark);
        desk.session.keys.choose(n % 2);
        desk.session.set(new(&template));
    }
    desk.session.keys.remove_key("nobody".into()); // told of after all the others
    desk.until("the last answer", |desk| {
        assert_eq!(desk.session.keys.settings().template_line(), "9: {id}");
        assert_eq!(desk.session.keys.settings().theme, Theme::Dark);
        !desk.notices.is_empty()
    });
    desk.session.set(new("last: {id}"));
    let mut desk = desk.restarted(&server.origin());
    desk.poll();
    assert_eq!(desk.session.keys.settings().template_line(), "last: {id}");
    assert_eq!(desk.session.keys.settings().theme, Theme::Dark);
    assert_eq!(desk.session.keys.chosen(), desk.session.keys.destinations().get(1));
}

#[test]
fn another_proxy_is_used_from_the_next_upload_on() {
    let proxies = [(); 2].map(|()| Server::always(Reaction::Answer(Answer::new(502, ""))));
    // No service is asked: neither proxy makes a way to it.
    let mut desk = Desk::at("https://service.invalid");
    for (proxy, name) in proxies.iter().zip(["a.png", "b.png"]) {
        let address = proxy.origin();
        assert_eq!(Proxy::check(&address), Ok(()));
        desk.session.set(move |s| s.proxy = Proxy::Url(address));
        let ids = desk.uploaded(&[name]);
        assert!(matches!(desk.state(ids[0]), State::Refused(_)), "{:?}", desk.state(ids[0]));
        assert_eq!(failure(desk.state(ids[0])).kind, FailureKind::Proxy);
    }
    for proxy in &proxies {
        let requests = proxy.requests();
        assert_eq!(requests.len(), 3, "each of the three tries of its own file");
        assert!(
            requests
                .iter()
                .all(|r| (r.method.as_str(), r.target.as_str()) == ("CONNECT", "service.invalid:443"))
        );
    }
}
