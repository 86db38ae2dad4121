//! What is said of a file before a byte leaves, at the very borders of what a service takes.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use hoist::media::inspect::inspect;
use hoist::model::destination::Destination;
use hoist::model::item::{Finding, Severity};
use hoist::model::media::{DetectedType, FileFacts, Media};
use hoist::provider::check::{self, findings};
use hoist::provider::spec::{OptionFact, ParamLocation, ValueKind};

use crate::support::{by_id, every_provider, to};

fn a_file(media: Media, size: u64, length: Option<Duration>) -> FileFacts {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples/cover.png");
    let mut facts = inspect(&sample).unwrap();
    (facts.size, facts.duration, facts.recognised) = (size, length, DetectedType::Known(media));
    facts
}

fn findings_of(id: &str, file: &FileFacts, change: impl FnOnce(&mut Destination)) -> Vec<Finding> {
    let provider = by_id(id);
    let mut destination = to(provider);
    change(&mut destination);
    findings(provider.facts(), file, &destination)
}

#[test]
fn a_limit_itself_is_taken_and_a_byte_more_is_not() {
    for provider in every_provider() {
        let facts = provider.facts();
        for row in facts.accepts {
            for media in row.types {
                let say = |size, length| findings_of(facts.id, &a_file(*media, size, length), |_| {});
                let what = format!("{media:?} at {}", facts.id);
                assert_eq!(say(1, None), [], "{what}");
                let empty = say(0, None);
                assert!(empty[0].severity == Severity::Error && empty[0].message.contains("empty"), "{what}");
                if let Some(max) = row.max_bytes {
                    assert!(say(max, None).iter().all(|f| f.severity == Severity::Warning), "{what}");
                    let over = say(max + 1, None);
                    assert!(over.len() == 1 && over[0].severity == Severity::Error, "{what}: {over:?}");
                    assert!(over[0].message.contains("is over the"), "{what}: {over:?}");
                }
                if let Some(advised) = row.advised_bytes {
                    assert_eq!(say(advised, None), [], "{what}");
                    let over = say(advised + 1, None);
                    assert!(over.len() == 1 && over[0].severity == Severity::Warning, "{what}: {over:?}");
                    assert_eq!(over[0].message, row.advice, "{what}");
                }
                if let Some(max) = row.max_duration {
                    assert_eq!(say(1, Some(max)), [], "{what}");
                    let over = say(1, Some(max + Duration::from_millis(1)));
                    assert!(over.len() == 1 && over[0].severity == Severity::Error, "{what}: {over:?}");
                    let minutes = format!("is over the {}-minute limit", max.as_secs() / 60);
                    assert!(over[0].message.contains(&minutes), "{what}: {over:?}");
                }
            }
        }
    }
}

#[test]
fn what_stops_a_file_is_said_before_what_only_warns() {
    let large = a_file(Media::Png, 9 * 1024 * 1024, None);
    let all = findings_of("piapi", &large, |d| _ = d.options.insert("nope".into(), "x".into()));
    let gravities: Vec<_> = all.iter().map(|finding| finding.severity).collect();
    assert_eq!(gravities, [Severity::Error, Severity::Warning], "{all:?}");
    assert!(all[0].message.contains("has no option nope"), "{all:?}");
}

#[test]
fn options_and_accounts_are_checked_by_the_table() {
    let file = a_file(Media::Png, 1000, None);
    let none = findings_of("flow-music", &file, |d| d.account = Some("a@b.c".into()));
    assert_eq!(none, []);
    let account = findings_of("flow-music", &file, |d| d.account = Some("nobody".into()));
    assert!(account.len() == 1 && account[0].hint.contains("account"), "{account:?}");
    let option =
        findings_of("flow-music", &file, |d| _ = d.options.insert("stripMetadata".into(), "no".into()));
    assert!(option.len() == 1 && option[0].hint.contains("options"), "{option:?}");
    let fine: BTreeMap<String, String> = [("stripMetadata".into(), "false".into())].into();
    assert_eq!(findings_of("flow-music", &file, |d| d.options = fine), []);
}

#[test]
fn a_value_has_the_form_its_option_wants() {
    let takes = |form, value: &str| {
        let option = OptionFact {
            default: None,
            key: "it",
            label: "It",
            help: "",
            form,
            location: ParamLocation::Query,
            strips_metadata: false,
        };
        let why = check::value(&option, value).err().map(|problem| problem.to_string());
        assert!(why.as_ref().is_none_or(|why| why.starts_with("it ")), "{why:?}");
        why.is_none()
    };
    let longest = "x".repeat(1024);
    let uuid = "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8";
    let choice = ValueKind::Choice(&["one", "two"]);
    for (form, good) in [
        (ValueKind::Text, &["a", "a b", "封面", &longest][..]),
        (ValueKind::Email, &["a@b", "a.b+c@d.example"]),
        (ValueKind::Uuid, &[uuid, "9179B887-04EF-4CE5-AB3A-B5BBD39EA3C8"]),
        (ValueKind::Flag(true), &["true", "false"]),
        (choice, &["one", "two"]),
    ] {
        for value in good {
            assert!(takes(form, value), "{form:?} takes {value:?}");
        }
        for value in ["", " ", &format!("{longest}x")] {
            assert!(!takes(form, value), "{form:?} takes no {value:?}");
        }
    }
    for (form, bad) in [
        (ValueKind::Text, &["a\nb", "\u{7}"][..]),
        (ValueKind::Email, &["a", "@b", "a@", "a b@c", "a@b\n", "a@b c"]),
        (
            ValueKind::Uuid,
            &[
                "x",
                "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c",
                "9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8a",
                "9179b88704ef-4ce5-ab3a-b5bbd39ea3c8-0",
                "9179b887-04ef-4ce5-ab3a-b5bbd39ea3cg",
                "9179b887004ef-4ce5-ab3a-b5bbd39ea3c8",
            ],
        ),
        (ValueKind::Flag(false), &["yes", "TRUE", "1"]),
        (choice, &["three", "One"]),
    ] {
        for value in bad {
            assert!(!takes(form, value), "{form:?} takes no {value:?}");
        }
    }
}
