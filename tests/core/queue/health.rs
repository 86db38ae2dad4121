//! How keys and accounts stand: by what was asked, and by what became of uploads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use hoist::engine::key_check::KeyCheckResult as Said;
use hoist::model::destination::Destination;
use hoist::model::error::FailureKind;
use hoist::model::health::{Condition, Health};
use hoist::model::secret::Key;
use hoist::model::upload::State;
use hoist::provider;
use hoist::provider::spec::Auth;
use hoist::sandbox::Sandbox;
use hoist::session::accounts::NewDestination;
use hoist::store::keys::{Keys, SharedKeys};
use jiff::Timestamp;

use crate::queue::desk::Desk;
use crate::support::failure;
use crate::support::server::{Answer, Reaction, Server};

const KEY: &str = "user:1000-sandboxSandboxSandbox";

fn sandbox() -> Sandbox {
    Sandbox::start(0, Arc::new(|_| {})).unwrap()
}

fn new_destination(provider: &str, account: Option<&str>) -> NewDestination {
    NewDestination {
        provider: provider.into(),
        name: None,
        account: account.map(ToOwned::to_owned),
        options: BTreeMap::new(),
    }
}

impl Desk {
    /// Asks about a key that is not saved.
    fn ask(&mut self, vendor: &str, key: &str) -> Said {
        let vendor = provider::vendor(vendor).unwrap();
        let ticket = self.session.check_new_key(vendor, Key::new(key.to_owned()).unwrap());
        self.answer(ticket)
    }

    fn answer(&mut self, ticket: u64) -> Said {
        let mut answer = None;
        while answer.is_none() {
            self.poll();
            answer = self.session.keys.take_result(ticket);
            std::thread::sleep(Duration::from_millis(1));
        }
        answer.unwrap()
    }

    /// Saves a key under a name, and destinations for it.
    fn save(&mut self, vendor: &str, name: &str, key: &str, new: Vec<NewDestination>) {
        let (vendor, key) = (provider::vendor(vendor).unwrap(), Key::new(key.to_owned()).unwrap());
        self.session.keys.add_key(vendor, name.into(), key, new, None);
        self.until("it is saved", |desk| desk.session.keys.settings().keys.iter().any(|k| k.name == name));
    }

    fn check(&mut self, key: &str) -> Said {
        let ticket = self.session.check_key(key).unwrap();
        assert!(self.session.keys.is_checking(key));
        let answer = self.answer(ticket);
        assert!(!self.session.keys.is_checking(key));
        answer
    }

    fn named(&self, name: &str) -> Arc<Destination> {
        let all = self.session.keys.destinations();
        Arc::clone(all.iter().find(|d| d.name == name).unwrap_or_else(|| panic!("{name} in {all:?}")))
    }

    fn health(&self, name: &str) -> Option<Health> {
        self.session.keys.health(&self.named(name), Timestamp::now())
    }

    fn condition(&self, name: &str) -> Option<Condition> {
        self.health(name).map(|health| health.condition)
    }

    /// Sends a picture there and waits for what becomes of it.
    fn send_to(&mut self, name: &str, file: &str) -> State {
        let (to, file) = (self.named(name), self.file(file));
        let ids = self.session.add_files_to([file], &to);
        self.until("it is looked into", |desk| desk.item(ids[0]).is_sendable());
        self.session.uploads.send_again(ids[0]);
        self.until("it ends or is held", |desk| {
            !matches!(desk.state(ids[0]), State::Ready | State::Sending { .. } | State::Sent { .. })
                && !matches!(desk.state(ids[0]), State::Waiting { until: None, .. })
        });
        self.state(ids[0]).clone()
    }
}

fn accounts(said: &Said, provider: &str) -> Vec<String> {
    let listed = said.listed.iter().find(|l| l.facts.id == provider).unwrap();
    listed.accounts.as_ref().unwrap().iter().map(|account| account.id.clone()).collect()
}

#[test]
fn a_key_is_checked_and_what_is_behind_it_is_listed() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    let said = desk.ask("useapi", KEY);
    assert!(said.key.is_ok());
    assert_eq!(
        accounts(&said, "google-flow"),
        ["jane@example.com", "jane+team@example.com", "broken@example.com"]
    );
    assert_eq!(accounts(&said, "riffusion"), ["main"]);
    for (key, count) in [("user:0", 0), ("user:1", 1), ("user:50", 50)] {
        let said = desk.ask("useapi", &format!("{key}-sandboxSandboxSandbox"));
        assert_eq!(accounts(&said, "flow-music").len(), count, "{key}");
    }
    let said = desk.ask("indream", "sk_indream_sandbox000000");
    assert_eq!(said.key.as_ref().unwrap().auth, Auth::Bearer);
    let projects: Vec<_> =
        said.listed[0].accounts.as_ref().unwrap().iter().map(|a| a.title.clone()).collect();
    assert_eq!(projects, [Some("Spring campaign".into()), Some("Showreel".into())], "of two pages");
    let plan = |said: &Said| said.key.as_ref().ok().and_then(|facts| facts.plan.clone());
    let said = desk.ask("piapi", "piapi-sandbox-key-0000");
    assert_eq!(
        (plan(&said).as_deref(), said.key.as_ref().unwrap().plan_insufficient),
        (Some("creator"), false)
    );
    let said = desk.ask("piapi", "piapi-sandbox-key-free");
    assert_eq!((plan(&said).as_deref(), said.key.unwrap().plan_insufficient), (Some("free"), true));
    for (vendor, words) in
        [("useapi", "Unauthorized"), ("piapi", "Invalid API key"), ("indream", "The API key is invalid")]
    {
        let said = desk.ask(vendor, "a-key-that-nobody-has");
        let failure = said.key.unwrap_err();
        assert_eq!((failure.kind, failure.service_message.as_deref()), (FailureKind::WrongKey, Some(words)));
        assert!(said.listed.is_empty());
    }
}

#[test]
fn what_was_answered_about_two_keys_stays_until_it_is_taken() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    desk.save("useapi", "mine", KEY, vec![]);
    desk.save("useapi", "theirs", "user:7-revoked", vec![]);
    let tickets = ["mine", "theirs"].map(|key| desk.session.check_key(key).unwrap());
    desk.until("both are checked", |desk| {
        !["mine", "theirs"].iter().any(|key| desk.session.keys.is_checking(key))
    });
    let good = tickets.map(|ticket| desk.session.keys.take_result(ticket).map(|answer| answer.key.is_ok()));
    assert_eq!(good, [Some(true), Some(false)]);
    assert!(tickets.iter().all(|ticket| desk.session.keys.take_result(*ticket).is_none()), "once");
}

#[test]
fn the_vendors_list_says_how_each_destination_stands() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    let new = vec![
        new_destination("google-flow", None),
        new_destination("google-flow", Some("jane@example.com")),
        new_destination("google-flow", Some("broken@example.com")),
        new_destination("google-flow", Some("nobody@example.com")),
        new_destination("flow-music", Some("jane+team@example.com")),
    ];
    desk.save("useapi", "useapi", KEY, new);
    assert_eq!(desk.condition("Google Flow"), None, "nothing is known before somebody asks");
    desk.check("useapi");
    assert_eq!(desk.condition("Google Flow"), Some(Condition::Healthy));
    assert_eq!(desk.condition("Google Flow · jane@example.com"), Some(Condition::Healthy));
    let broken = desk.health("Google Flow · broken@example.com").unwrap();
    assert_eq!(broken.condition, Condition::NeedsReconnecting);
    assert_eq!(
        broken.service_message.as_deref(),
        Some("Failed to refresh session"),
        "in the service's words"
    );
    assert_eq!(desk.condition("Google Flow · nobody@example.com"), Some(Condition::AccountNotFound));
    let credits = desk.health("Flow Music · jane+team@example.com").unwrap();
    assert_eq!(credits.note.as_deref(), Some("1,240 credits"), "its address is encoded in the path");
    assert_eq!(desk.session.keys.key_health("useapi").unwrap().condition, Condition::Healthy);
    // An account that took a file works, whatever a list said before.
    assert!(matches!(desk.send_to("Google Flow · jane@example.com", "a.png"), State::Done(_)));
    assert_eq!(desk.condition("Google Flow · jane@example.com"), Some(Condition::Healthy));
    // Without an account behind the key nothing can be sent.
    desk.save("useapi", "empty", "user:0-sandboxSandboxSandbox", vec![new_destination("flow-music", None)]);
    desk.check("empty");
    assert_eq!(desk.condition("Flow Music"), Some(Condition::AccountNotFound));
}

#[test]
fn what_becomes_of_uploads_says_how_an_account_stands() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    let at = |account: &str| new_destination("google-flow", Some(account));
    let new = vec![
        at("throttled@x.test"),
        at("broken@x.test"),
        at("unknown@x.test"),
        at("unpaid@x.test"),
        at("a@x.test"),
    ];
    desk.save("useapi", "useapi", KEY, new);
    let held = desk.send_to("Google Flow · throttled@x.test", "a.png");
    assert!(matches!(held, State::Waiting { until: Some(_), .. } | State::Held(_)), "{held:?}");
    let Some(Condition::RateLimited(until)) = desk.condition("Google Flow · throttled@x.test") else {
        panic!("{:?}", desk.health("Google Flow · throttled@x.test"))
    };
    let left = until.duration_since(Timestamp::now()).as_secs();
    assert!((1700..=1800).contains(&left), "{left}");
    let throttled = desk.named("Google Flow · throttled@x.test");
    assert_eq!(desk.session.keys.health(&throttled, until), None, "a time that is over says nothing of then");
    for (account, condition) in [
        ("broken@x.test", Condition::NeedsReconnecting),
        ("unknown@x.test", Condition::AccountNotFound),
        ("unpaid@x.test", Condition::NotAllowed),
        ("a@x.test", Condition::Healthy),
    ] {
        let name = format!("Google Flow · {account}");
        desk.send_to(&name, "b.png");
        assert_eq!(desk.condition(&name), Some(condition), "{account}");
    }
    assert_eq!(desk.session.keys.key_health("useapi").unwrap().condition, Condition::Healthy);
}

#[test]
fn a_key_that_is_revoked_in_the_middle_of_a_batch_holds_the_rest() {
    let server = Server::start(|request, n| match n {
        0..3 => Reaction::Answer(crate::queue::desk::taken(request)),
        _ => Reaction::Answer(Answer::new(401, r#"{"error":"Unauthorized"}"#)),
    });
    let mut desk = Desk::with_keyring(&server.origin());
    desk.save("indream", "indream", "sk_indream_ofSomebody", vec![new_destination("indream", None)]);
    desk.one_at_a_time();
    let names: Vec<String> = (0..20).map(|n| format!("{n:02}.png")).collect();
    let ids = desk.upload(&names.iter().map(String::as_str).collect::<Vec<_>>());
    desk.ended(&ids);
    let held = ids.iter().filter(|id| matches!(desk.state(**id), State::Held(_))).count();
    assert_eq!((server.requests().len(), held), (4, 17), "the service said so once");
    assert!(ids.iter().skip(3).all(|id| failure(desk.state(*id)).kind == FailureKind::WrongKey));
    assert_eq!(desk.condition("Indream"), Some(Condition::WrongKey));
    assert_eq!(
        desk.session.keys.key_health("indream").unwrap().service_message.as_deref(),
        Some("Unauthorized")
    );
    // Another key under the same name is another one.
    desk.save("indream", "indream", "sk_indream_another", vec![]);
    desk.until("nothing is known of it", |desk| desk.condition("Indream").is_none());
    assert!(
        ids.iter().skip(3).all(|id| desk.state(*id) == &State::Ready),
        "to be sent when Upload is pressed"
    );
}

#[test]
fn two_keys_of_one_vendor_and_one_account_under_both_are_told_apart() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    let there = || vec![new_destination("google-flow", Some("jane@example.com"))];
    desk.save("useapi", "mine", KEY, there());
    desk.save("useapi", "theirs", "user:7-revoked", there());
    assert_eq!(desk.session.keys.destinations().len(), 2);
    desk.check("mine");
    desk.check("theirs");
    assert_eq!(desk.condition("Google Flow · jane@example.com"), Some(Condition::Healthy));
    assert_eq!(desk.condition("Google Flow · jane@example.com 2"), Some(Condition::WrongKey));
    assert!(matches!(desk.send_to("Google Flow · jane@example.com", "a.png"), State::Done(_)));
    assert!(matches!(desk.send_to("Google Flow · jane@example.com 2", "b.png"), State::Held(_)));
    // A key that is removed takes its destinations along, and what is known of it.
    desk.session.keys.remove_key("theirs".into());
    desk.until("it is gone", |desk| desk.session.keys.destinations().len() == 1);
    assert_eq!(desk.condition("Google Flow · jane@example.com"), Some(Condition::Healthy));
    assert!(desk.session.keys.key_health("theirs").is_none());
}

#[test]
fn a_destination_without_a_key_says_so_and_keeps_its_files() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    desk.session.set(|settings| {
        settings.destinations.push(Destination {
            name: "Mine".into(),
            provider: "google-flow".into(),
            key: "gone".into(),
            account: None,
            options: BTreeMap::new(),
            fit: hoist::model::fit::FitRules::default(),
        });
    });
    desk.until("it is offered", |desk| desk.session.keys.destinations().len() == 1);
    assert_eq!(desk.condition("Mine"), Some(Condition::NoKey));
    let held = desk.send_to("Mine", "a.png");
    assert_eq!(failure(&held).kind, FailureKind::NoKey);
    assert!(matches!(held, State::Held(_)));
    desk.save("useapi", "gone", KEY, vec![]);
    desk.check("gone");
    assert_eq!(desk.condition("Mine"), Some(Condition::Healthy));
}

#[test]
fn the_header_in_which_a_key_was_taken_is_remembered() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    desk.save("indream", "indream", "sk_indream_sandboxOlder", vec![new_destination("indream", None)]);
    assert!(matches!(desk.send_to("Indream", "a.png"), State::Held(_)), "nothing is tried twice by itself");
    let said = desk.check("indream");
    assert_eq!(said.key.unwrap().auth, Auth::X_API_KEY);
    desk.until("it is remembered", |desk| desk.named("Indream").options.contains_key("auth"));
    assert!(matches!(desk.send_to("Indream", "b.png"), State::Done(_)));
    // A key that was checked before it is saved has it from the start.
    let said = desk.ask("indream", "sk_indream_sandboxOlder");
    let vendor = provider::vendor("indream").unwrap();
    let key = Key::new("sk_indream_sandboxOlder".to_owned()).unwrap();
    let new = vec![NewDestination { name: Some("Second".into()), ..new_destination("indream", None) }];
    desk.session.keys.add_key(vendor, "second".into(), key, new, Some(said));
    desk.until("it is saved", |desk| desk.session.keys.settings().destinations.len() == 2);
    assert_eq!(desk.named("Second").options.get("auth").map(String::as_str), Some("x-api-key"));
    assert_eq!(desk.condition("Second"), Some(Condition::Healthy), "and what was said of it is known");
}

#[test]
fn an_earlier_runs_hold_is_known_after_a_new_start() {
    let sandbox = sandbox();
    let mut desk = Desk::with_keyring(&sandbox.origin());
    desk.save("useapi", "useapi", KEY, vec![new_destination("google-flow", Some("throttled@x.test"))]);
    let to = desk.named("Google Flow · throttled@x.test");
    let held = desk.send_to(&to.name, "a.png");
    assert!(matches!(held, State::Waiting { until: Some(_), .. } | State::Held(_)), "{held:?}");
    let mut desk = desk.restarted(&sandbox.origin());
    desk.until("it is known", |desk| {
        let health = desk.session.keys.health(&to, Timestamp::now());
        matches!(health.map(|h| h.condition), Some(Condition::RateLimited(_)))
    });
}

#[test]
fn answers_that_lie_stall_or_break_off_are_said_in_words_and_change_nothing() {
    let closed = crate::support::server::Closed::new();
    let mut desk = Desk::with_keyring(&closed.origin());
    let failure = desk.ask("useapi", KEY).key.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure:?}");
    for (answer, kind) in [
        (Answer::new(500, "<html>oops</html>"), FailureKind::ProviderError),
        (Answer::new(302, "").header("location", "http://127.0.0.1:1/"), FailureKind::Redirect),
        (Answer::new(429, "slow down").header("retry-after", "60"), FailureKind::RateLimited),
        (Answer::new(403, r#"{"error":"no"}"#), FailureKind::NotEligible),
        (Answer::new(402, r#"{"error":"no"}"#), FailureKind::NoSubscription),
    ] {
        let server = Server::always(Reaction::Answer(answer));
        let mut desk = Desk::with_keyring(&server.origin());
        desk.save("useapi", "useapi", KEY, vec![new_destination("google-flow", None)]);
        let said = desk.check("useapi");
        assert_eq!(said.key.unwrap_err().kind, kind);
        assert_eq!(server.requests().len(), 1, "asked once");
        let unknown = matches!(kind, FailureKind::ProviderError | FailureKind::Redirect);
        assert_eq!(desk.condition("Google Flow").is_none(), unknown, "{kind:?}");
        assert_eq!(desk.session.keys.unchecked("useapi").is_some(), unknown, "{kind:?}");
    }
    // Lists of nonsense, and such as go on for ever, are no reason to give up.
    let server = Server::start(|request, n| {
        let body = match request.target.split('?').next().unwrap() {
            "/v1/editor/capabilities" => "not even JSON".to_owned(),
            _ => format!(
                r#"{{"data":[{{"projectId":"no uuid"}},{{"projectId":"{n:08}-0000-4000-8000-000000000000","title":"a\u001b[2Jb"}},7],"meta":{{"nextPageCursor":"{n}"}}}}"#
            ),
        };
        Reaction::Answer(Answer::new(200, body))
    });
    let mut desk = Desk::with_keyring(&server.origin());
    let said = desk.ask("indream", "sk_indream_ofSomebody");
    assert_eq!(accounts(&said, "indream").len(), 20, "so many pages, and no id that cannot be sent");
}

#[test]
fn a_reply_that_repeats_the_key_is_read_without_it() {
    let key = "user:1-aKeyOfSomebody";
    let server =
        Server::always(Reaction::Answer(Answer::new(401, format!(r#"{{"error":"no such key: {key}"}}"#))));
    let mut desk = Desk::with_keyring(&server.origin());
    let said = desk.ask("useapi", key);
    assert_eq!(server.request().header("authorization"), Some(format!("Bearer {key}").as_str()));
    let said = said.key.unwrap_err().service_message.unwrap();
    assert!(said.contains("[key removed]") && !said.contains(key), "{said}");
}

#[test]
fn a_key_that_another_program_replaced_is_read_again_once_it_was_refused() {
    let sandbox = sandbox();
    let shared = SharedKeys::default();
    let key = |text: &str| Key::new(text.to_owned()).unwrap();
    let mut desk = Desk::with_keys(&sandbox.origin(), Keys::in_shared_memory(Arc::clone(&shared)));
    desk.save("useapi", "work", "user:1-wrongKey", vec![new_destination("flow-music", None)]);
    let refused = desk.send_to("Flow Music", "a.png");
    assert_eq!(failure(&refused).kind, FailureKind::WrongKey);
    shared.lock().insert("work".to_owned(), key(KEY));
    assert!(matches!(desk.send_to("Flow Music", "b.png"), State::Done(_)), "by an upload");

    // The same where the key was refused by a check.
    let mut desk = Desk::with_keys(&sandbox.origin(), Keys::in_shared_memory(Arc::clone(&shared)));
    desk.save("useapi", "home", "user:1-wrongKey", vec![new_destination("flow-music", None)]);
    assert_eq!(desk.check("home").key.unwrap_err().kind, FailureKind::WrongKey);
    shared.lock().insert("home".to_owned(), key(KEY));
    assert!(desk.check("home").key.is_ok(), "by a check");
}
