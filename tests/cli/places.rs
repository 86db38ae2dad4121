//! Saved destinations and the labels of keys: made, shown, renamed and removed in the terminal.

use std::ffi::OsStr;
use std::fs;

use serde_json::{Value, json};

use crate::machine::{Ended, Machine, sample, states};

/// A machine with these settings. Keys stand there by name only: there is no keyring that could have them.
pub(crate) fn with_settings(text: &str) -> Machine {
    let machine = Machine::new();
    let folder = machine.home().join("settings");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("settings.toml"), text).unwrap();
    machine
}

pub(crate) fn settings(machine: &Machine) -> String {
    fs::read_to_string(machine.home().join("settings/settings.toml")).unwrap()
}

pub(crate) fn run(machine: &Machine, arguments: &[&str]) -> Ended {
    machine.run(&arguments.iter().map(OsStr::new).collect::<Vec<_>>())
}

/// What a command prints, which goes well.
pub(crate) fn printed(machine: &Machine, arguments: &[&str]) -> String {
    let run = run(machine, arguments);
    assert_eq!(run.status, 0, "{arguments:?}: {}", run.err);
    run.out
}

fn listed(machine: &Machine) -> Vec<Value> {
    serde_json::from_str(&printed(machine, &["destinations", "list", "--json"])).unwrap()
}

pub(crate) const TWO_KEYS: &str = "[[key]]\nname = \"work\"\nservice = \"useapi\"\nadded = \"2026-03-01\"\n\
                                   [[key]]\nname = \"home\"\nservice = \"useapi\"\nadded = \"2026-03-02\"\n";

const PIAPI: &str = "[[key]]\nname = \"piapi\"\nservice = \"piapi\"\nadded = \"2026-03-01\"\n";

#[test]
fn a_destination_is_saved_shown_used_and_removed() {
    let machine = with_settings(&format!("{TWO_KEYS}{PIAPI}"));
    let add = ["destinations", "add", "flow-music", "--key", "home", "--account", "jane@example.com"];
    assert_eq!(printed(&machine, &add), "Flow Music · jane@example.com\n");
    let named = ["destinations", "add", "piapi", "--name", "Press pictures"];
    assert_eq!(printed(&machine, &named), "Press pictures\n");
    let more = ["destinations", "add", "flow-music", "--key=work", "-o", "stripMetadata=false", "--json"];
    let more: Value = serde_json::from_str(&printed(&machine, &more)).unwrap();
    let expected = json!({ "name": "Flow Music", "provider": "flow-music", "account": null,
        "options": { "stripMetadata": "false" }, "key": "work", "key_source": "keyring", "saved": true, "default": false });
    assert_eq!(more, expected);
    let shown = printed(&machine, &["destinations", "list"]);
    let lines: Vec<_> = shown.lines().collect();
    assert_eq!(
        lines,
        [
            "  Flow Music · jane@example.com · Flow Music · jane@example.com · key home",
            "  Press pictures · PiAPI · Auto · key piapi",
            "  Flow Music · Flow Music · Auto · stripMetadata=false · key work",
        ]
    );
    // What was saved is what `--to` takes.
    let (run, objects) = machine.upload(&args!["--dry-run", "--to", "press pictures", sample("cover.png")]);
    assert_eq!((run.status, states(&objects)), (0, vec!["ready"]), "{}", run.err);
    assert_eq!(objects[0]["destination"], "Press pictures");
    // The same once more is the same.
    let again = self::run(&machine, &["destinations", "add", "piapi", "--name", "Other name"]);
    assert!(
        again.status == 0 && again.out == "Press pictures\n" && again.err.contains("already"),
        "{again:?}"
    );
    // Without a terminal no question can be asked, so nothing is removed unless that is said.
    let refused = self::run(&machine, &["destinations", "remove", "Press pictures"]);
    refused.is_bad_usage(&["Remove the destination Press pictures?", "--yes", "Nothing was done"]);
    assert!(settings(&machine).contains("Press pictures"));
    assert_eq!(printed(&machine, &["destinations", "remove", "Press pictures", "--yes"]), "");
    let names: Vec<_> = listed(&machine).iter().map(|d| d["name"].clone()).collect();
    assert_eq!(names, ["Flow Music · jane@example.com", "Flow Music"]);
    assert!(settings(&machine).contains("name = \"piapi\""), "its key stays");
}

#[test]
fn the_chosen_destination_is_marked_until_it_is_removed() {
    let saved = "[[destination]]\nname = \"A\"\nprovider = \"piapi\"\nkey = \"piapi\"\n\
                 [[destination]]\nname = \"B\"\nprovider = \"piapi\"\nkey = \"piapi\"\n";
    let machine = with_settings(&format!("chosen = \"B\"\n{PIAPI}{saved}"));
    let marked = |machine: &Machine| -> Vec<_> {
        listed(machine).iter().map(|d| (d["name"].clone(), d["default"].clone())).collect()
    };
    assert_eq!(marked(&machine), [(json!("A"), json!(false)), (json!("B"), json!(true))]);
    assert!(printed(&machine, &["destinations", "list"]).contains("\n* B · "));
    let removed = run(&machine, &["destinations", "remove", "B", "--yes"]);
    assert!(removed.status == 0 && removed.err.contains("--to"), "{}", removed.err);
    assert_eq!(marked(&machine), [(json!("A"), json!(false))], "nothing else is chosen instead");
}

#[test]
fn a_destination_says_that_its_key_is_gone_and_how_to_add_it() {
    let saved = "[[destination]]\nname = \"A\"\nprovider = \"piapi\"\nkey = \"the old one\"\n\
                 [[destination]]\nname = \"B\"\nprovider = \"indream\"\nkey = \"work\"\n\
                 [[destination]]\nname = \"C\"\nprovider = \"tomorrow\"\nkey = \"work\"\n";
    let machine = with_settings(&format!("{TWO_KEYS}{saved}"));
    let shown = printed(&machine, &["destinations", "list"]);
    assert!(shown.contains("missing: `hoist keys add piapi --name 'the old one'`"), "{shown}");
    assert!(shown.contains("missing: `hoist keys add indream --name work`"), "of another service: {shown}");
    assert!(shown.contains("tomorrow (this version of Hoist does not know it)"), "{shown}");
    let kept: Vec<_> = listed(&machine).iter().map(|d| d["key_source"].clone()).collect();
    assert_eq!(kept, [Value::Null, Value::Null, Value::Null]);
    // The environment's key is used whatever name the saved one had.
    let machine = machine.with("HOIST_PIAPI_KEY", "piapi-key-of-somebody");
    assert_eq!(listed(&machine)[0]["key_source"], "environment");
    assert_eq!(printed(&machine, &["destinations", "remove", "C", "--yes"]), "");
}

#[test]
fn a_key_of_the_environment_can_be_named_and_one_of_another_vendor_cannot() {
    let machine = Machine::new().with("HOIST_PIAPI_KEY", "piapi-key-of-somebody");
    let offered = printed(&machine, &["destinations", "list"]);
    assert_eq!(offered, "  PiAPI · PiAPI · Auto · key from HOIST_PIAPI_KEY · not saved, --to piapi\n");
    run(&machine, &["destinations", "remove", "piapi"]).is_bad_usage(&["not saved", "its key is"]);
    printed(&machine, &["destinations", "add", "piapi", "--name", "A", "--key", "piapi"]);
    assert_eq!(printed(&machine, &["destinations", "add", "piapi"]), "A\n");
    let other = ["destinations", "add", "flow-music", "--key", "piapi"];
    run(&machine, &other).is_bad_usage(&["piapi belongs to PiAPI", "Flow Music needs a key of useapi.net"]);
}

#[test]
fn wrong_destinations_are_said_and_nothing_is_saved() {
    let machine = with_settings(&format!("{TWO_KEYS}{PIAPI}"));
    printed(&machine, &["destinations", "add", "piapi", "--name", "Taken"]);
    let before = settings(&machine);
    let long = "a".repeat(301);
    for (arguments, words) in [
        (&["nope"][..], &["no provider", "flow-music", "indream"][..]),
        (&["useapi"], &["no provider", "google-flow"]),
        (&["flow-music"], &["several keys", "--key work|home"]),
        (&["flow-music", "--key", "nope"], &["no key named nope", "keys list"]),
        (&["indream"], &["no Indream API key", "hoist keys add indream", "HOIST_INDREAM_KEY"]),
        (&["flow-music", "--key", "work", "--account", "jane"], &["email address"]),
        (&["flow-music", "--key", "work", "-o", "stripMetadata=banana"], &["true or false", "banana"]),
        (&["flow-music", "--key", "work", "-o", "x=1"], &["no option", "stripMetadata"]),
        (&["piapi", "--account", "jane@example.com"], &["no accounts"]),
        (&["piapi", "--name", " "], &["must not be empty"]),
        (&["piapi", "--name", "a\u{1b}[2J"], &["line of text"]),
        (&["piapi", "--name", "a\u{202e}b"], &["line of text"]),
        (&["piapi", "--name", "a\u{2067}b"], &["line of text"]),
        (&["piapi", "--name", &long], &["300 characters"]),
        (&["flow-music", "--key", "work", "--name", "Taken"], &["named Taken", "another name"]),
    ] {
        let all = [&["destinations", "add"], arguments].concat();
        run(&machine, &all).is_bad_usage(words);
        assert_eq!(settings(&machine), before, "{arguments:?}");
    }
    run(&machine, &["destinations", "remove", "nope\u{1b}"])
        .is_bad_usage(&["no saved destination", "\"Taken\""]);
}

#[test]
fn a_destination_gets_another_name_and_stays_the_chosen_one() {
    let saved = "[[destination]]\nname = \"A\"\nprovider = \"piapi\"\nkey = \"piapi\"\n\
                 [[destination]]\nname = \"B\"\nprovider = \"piapi\"\nkey = \"piapi\"\n";
    let machine = with_settings(&format!("chosen = \"B\"\n{PIAPI}{saved}"));
    assert_eq!(printed(&machine, &["destinations", "rename", "b", "Press pictures"]), "");
    let list = listed(&machine);
    assert_eq!((&list[1]["name"], &list[1]["default"]), (&json!("Press pictures"), &json!(true)));
    let before = settings(&machine);
    for (new, words) in [("A", "named A already"), ("", "empty"), (" ", "empty"), ("a\nb", "line of text")] {
        run(&machine, &["destinations", "rename", "Press pictures", new]).is_bad_usage(&[words]);
        assert_eq!(settings(&machine), before, "{new:?}");
    }
    run(&machine, &["destinations", "rename", "nope", "C"]).is_bad_usage(&["no saved destination", "\"A\""]);
    printed(&machine, &["destinations", "rename", "A", "A"]);
}

#[test]
fn a_key_has_a_label_by_which_it_is_found_and_shown() {
    let machine = with_settings(&format!("{TWO_KEYS}{PIAPI}"));
    printed(&machine, &["destinations", "add", "flow-music", "--key", "work"]);
    let renamed = run(&machine, &["keys", "rename", "work", " Jane's studio "]);
    assert_eq!((renamed.status, renamed.out.as_str()), (0, ""), "{}", renamed.err);
    assert!(renamed.err.contains("work is called Jane's studio now"), "{}", renamed.err);
    let called = "The destination Flow Music is called Flow Music · Jane's studio now";
    assert!(renamed.err.contains(called), "{}", renamed.err);
    let shown = printed(&machine, &["keys", "list"]);
    assert!(shown.starts_with("work (Jane's studio) · useapi.net · added 2026-03-01"), "{shown}");
    assert!(shown.contains("\nhome · useapi.net"), "{shown}");
    let list: Vec<Value> = serde_json::from_str(&printed(&machine, &["keys", "list", "--json"])).unwrap();
    assert_eq!((&list[0]["name"], &list[0]["label"]), (&json!("work"), &json!("Jane's studio")));
    assert_eq!((&list[1]["name"], &list[1]["label"]), (&json!("home"), &Value::Null));
    // The name stays what destinations know it by.
    let add = ["destinations", "add", "google-flow", "--key", "Jane's studio", "--json"];
    let added: Value = serde_json::from_str(&printed(&machine, &add)).unwrap();
    assert_eq!(added["key"], "work");
    let before = settings(&machine);
    let long = "ä".repeat(81);
    for (name, label, words) in [
        ("home", "work", &["called work already"][..]),
        ("home", "Jane's studio", &["called Jane's studio already"]),
        ("home", "piapi", &["piapi already"]),
        ("home", "indream", &["name of a vendor"]),
        ("home", "a\u{7}b", &["line of text"]),
        ("home", "a\nb", &["line of text"]),
        ("home", &long, &["80 characters"]),
        ("nope", "x", &["no key named nope", "keys list"]),
        ("useapi", "x", &["several keys", "work, home"]),
    ] {
        run(&machine, &["keys", "rename", name, label]).is_bad_usage(words);
        assert_eq!(settings(&machine), before, "{label:?}");
    }
    printed(&machine, &["keys", "rename", "home", &"ä".repeat(80)]);
    printed(&machine, &["keys", "rename", "Jane's studio", ""]);
    let text = settings(&machine);
    assert!(!text.contains("Jane's studio") && text.contains("key = \"work\""), "{text}");
    let machine = Machine::new().with("HOIST_PIAPI_KEY", "piapi-key-of-somebody");
    run(&machine, &["keys", "rename", "piapi", "x"]).is_bad_usage(&["given by the environment"]);
}

#[test]
fn a_key_is_removed_unasked_only_where_that_is_said() {
    let machine = with_settings(PIAPI);
    printed(&machine, &["destinations", "add", "piapi", "--name", "A"]);
    let before = settings(&machine);
    let refused = run(&machine, &["keys", "remove", "piapi"]);
    refused.is_bad_usage(&["Remove the key piapi and with it A?", "--yes", "Nothing was done"]);
    assert_eq!(settings(&machine), before);
}

#[test]
fn a_name_that_is_written_exactly_is_preferred_and_one_that_may_be_two_is_none() {
    let named =
        |name: &str| format!("[[destination]]\nname = \"{name}\"\nprovider = \"piapi\"\nkey = \"piapi\"\n");
    for order in [["Work", "work"], ["work", "Work"]] {
        let machine = with_settings(&format!("{PIAPI}{}{}", named(order[0]), named(order[1])));
        for name in order {
            let (run, objects) = machine.upload(&args!["--dry-run", "--to", name, sample("cover.png")]);
            assert_eq!((run.status, &objects[0]["destination"]), (0, &json!(name)), "{}", run.err);
        }
        let run_of_either = machine.run(&args!["upload", "--dry-run", "--to", "WORK", sample("cover.png")]);
        run_of_either.is_bad_usage(&["\"Work\"", "\"work\"", "exactly"]);
        run(&machine, &["destinations", "remove", "WORK", "--yes"]).is_bad_usage(&["exactly"]);
        printed(&machine, &["destinations", "remove", "work", "--yes"]);
        assert_eq!(listed(&machine)[0]["name"], "Work");
    }
}

/// Destinations of Flow Music for these accounts, all with the key `work`.
fn accounts(all: &[Option<&str>]) -> String {
    let one = |(n, account): (usize, Option<&str>)| {
        let account = account.map(|a| format!("account = \"{a}\"\n")).unwrap_or_default();
        format!("[[destination]]\nname = \"{n}\"\nprovider = \"flow-music\"\nkey = \"work\"\n{account}")
    };
    all.iter().copied().enumerate().map(one).collect()
}

#[test]
fn a_provider_alone_means_its_only_saved_account() {
    const KEYS: &str = "[[key]]\nname = \"work\"\nservice = \"useapi\"\nadded = \"2026-03-01\"\n";
    let (jane, joe) = (Some("jane@example.com"), Some("joe@example.com"));
    for (saved, given, account, said) in [
        (&[jane][..], &[][..], jane, Some("Flow Music goes to jane@example.com, its only saved account")),
        (&[None, jane, jane], &[], jane, Some("its only saved account")),
        (
            &[jane, joe],
            &[],
            None,
            Some("Flow Music goes to Auto, because 2 accounts are saved: choose one with --account"),
        ),
        (&[None], &[], None, None),
        (&[jane, joe], &["--account", "joe@example.com"], joe, None),
        (&[jane], &["-o", "email=joe@example.com"], joe, None),
    ] {
        let machine = with_settings(&format!("{KEYS}{}", accounts(saved)));
        let file = sample("cover.png");
        let mut arguments = args!["--dry-run", "--to", "flow-music", file];
        arguments.extend(given.iter().map(OsStr::new));
        let (run, objects) = machine.upload(&arguments);
        assert_eq!((run.status, objects[0]["account"].as_str()), (0, account), "{saved:?}: {}", run.err);
        match said {
            Some(said) => assert!(run.err.contains(said), "{}", run.err),
            None => assert_eq!(run.err, ""),
        }
    }
    // Its only account may have another key than the one that is looked for, or one that is gone.
    let machine = with_settings(&format!("{TWO_KEYS}{}", accounts(&[jane])));
    let (run, objects) = machine.upload(&args!["--dry-run", "--to", "flow-music", sample("cover.png")]);
    assert_eq!((run.status, objects[0]["account"].as_str()), (0, jane), "{}", run.err);
    let machine = with_settings(&accounts(&[jane]));
    let run = machine.run(&args!["upload", "--to", "flow-music", sample("cover.png")]);
    run.is_bad_usage(&["no useapi.net API key"]);
}

#[test]
fn an_upload_that_names_no_destination_says_which_one_it_is() {
    let machine = with_settings(&format!("chosen = \"B\"\n{PIAPI}{}", {
        let named = |name: &str| {
            format!("[[destination]]\nname = \"{name}\"\nprovider = \"piapi\"\nkey = \"piapi\"\n")
        };
        named("A") + &named("B")
    }));
    let run = machine.run(&args!["upload", "--dry-run", sample("cover.png")]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("Without --to, the destination is B (PiAPI · Auto)."), "{}", run.err);
    let machine = Machine::new().with("HOIST_PIAPI_KEY", "piapi-key-of-somebody");
    let run = machine.run(&args!["upload", "--dry-run", sample("cover.png")]);
    assert!(run.err.contains("the destination is PiAPI · Auto."), "{}", run.err);
}
