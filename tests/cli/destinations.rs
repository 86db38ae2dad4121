//! Where files go: destinations, accounts and options, and what becomes of wrong ones.

use std::ffi::OsStr;
use std::fs;

use hoist::provider;

use crate::machine::{Machine, sample, states};
use crate::servers::SandboxProcess;

/// The ids of all providers.
fn providers() -> Vec<&'static str> {
    provider::first().into_iter().map(|p| p.facts().id).collect()
}

#[test]
fn what_an_account_answers_decides_the_state_and_the_exit_status() {
    let machine = Machine::new();
    let file = sample("cover.png");
    for (account, status, state, kind) in [
        ("throttled@example.com", 1, "held", "rate-limited"),
        ("broken@example.com", 1, "held", "account-broken"),
        ("unknown@example.com", 1, "refused", "account-not-found"),
        ("unpaid@example.com", 1, "refused", "no-subscription"),
        ("moderated@example.com", 1, "refused", "provider-error"),
        ("gateway@example.com", 3, "unknown", "gateway"),
        ("jane@example.com", 0, "done", ""),
    ] {
        let (run, objects) =
            machine.upload(&args!["--sandbox", "--to", "google-flow", "--account", account, file]);
        assert_eq!((run.status, states(&objects)), (status, vec![state]), "{account}: {}", run.err);
        assert_eq!(objects[0]["error"]["kind"].as_str().unwrap_or_default(), kind);
        assert_eq!(objects[0]["account"], account);
        let said = run.err.lines().skip(1).count();
        assert_eq!(said, usize::from(state != "done"), "one line for what went wrong: {}", run.err);
        if state == "held" && kind == "rate-limited" {
            let until: jiff::Timestamp = objects[0]["error"]["until"].as_str().unwrap().parse().unwrap();
            assert!((1700..=1800).contains(&until.duration_since(jiff::Timestamp::now()).as_secs()));
        }
    }
    // The highest status that applies: a file of unknown outcome outweighs a refused one.
    let (run, objects) = machine.upload(&args![
        "--sandbox",
        "--to",
        "google-flow",
        "-o",
        "email=gateway@example.com",
        file,
        sample("tone.mp3")
    ]);
    assert_eq!((run.status, states(&objects)), (3, vec!["unknown", "refused"]));
}

#[test]
fn an_account_that_takes_no_more_is_not_asked_once_for_each_file() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = sample("cover.png");
    let mut arguments = args!["--to", "google-flow", "--account", "throttled@example.com"];
    arguments.extend([file.as_os_str(); 8]);
    let (run, objects) = machine.upload(&arguments);
    assert_eq!((run.status, states(&objects)), (1, vec!["held"; 8]));
    let asked = sandbox.requests().len();
    assert!((1..=2).contains(&asked), "two uploads at a time, then no more: {asked}");
}

#[test]
fn options_are_the_documents_own_and_wrong_ones_are_said_before_anything_is_sent() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = sample("cover.png");
    let upload = |to: &str, arguments: &[&str]| {
        let mut all = args!["upload", "--to", to, file];
        all.extend(arguments.iter().map(OsStr::new));
        machine.run(&all)
    };
    for (to, arguments, words) in [
        (
            "flow-music",
            &["-o", "stripMetadata=banana"][..],
            &["stripMetadata", "true or false", "banana"][..],
        ),
        ("flow-music", &["-o", "stripMetadata="], &["stripMetadata", "empty"]),
        ("flow-music", &["-o", "stripMetadata"], &["KEY=VALUE"]),
        ("flow-music", &["-o", "nope=1"], &["nope", "email", "stripMetadata"]),
        ("flow-music", &["-o", "stripMetadata=true", "-o", "stripMetadata=false"], &["twice"]),
        ("flow-music", &["--account", "jane"], &["email address"]),
        ("indream", &["--account", "spring"], &["UUID"]),
        ("indream", &["-o", "auth=basic"], &["bearer or x-api-key"]),
        ("piapi", &["--account", "jane@example.com"], &["no accounts"]),
        ("piapi", &["-o", "x=1"], &["The provider has: none"]),
        ("nope", &[], &[&["nope"], &providers()[..]].concat()),
        ("", &[], &["flow-music"]),
    ] {
        upload(to, arguments).is_bad_usage(words);
    }
    assert_eq!(sandbox.requests(), [""; 0]);
    for (to, arguments) in [
        ("flow-music", &["-o", "stripMetadata=false", "-o", "email=jane@example.com"][..]),
        ("FLOW MUSIC", &[]),
        ("indream", &["-o", "auth=x-api-key"]),
        ("indream", &["-o", "x-project-id=9179b887-04ef-4ce5-ab3a-b5bbd39ea3c8"]),
    ] {
        let run = upload(to, arguments);
        assert_eq!((run.status, run.lines().len()), (0, 1), "{to} {arguments:?}: {}", run.err);
    }
}

#[test]
fn without_a_destination_the_choice_is_named() {
    let file = sample("cover.png");
    let run = Machine::new().run(&args!["upload", "--sandbox", file]);
    run.is_bad_usage(&[&["--to"], &providers()[..]].concat());
    // With the key of a service that has one provider there is nothing to choose.
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox).without("HOIST_USEAPI_TOKEN").without("HOIST_INDREAM_KEY");
    let run = machine.run(&args!["upload", file]);
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
    assert!(sandbox.requests()[0].starts_with("POST /api/ephemeral_resource → 200"));
}

#[test]
fn a_choice_that_is_gone_sends_nothing_anywhere_else() {
    let machine = Machine::new();
    let folder = machine.home().join("settings");
    fs::create_dir_all(&folder).unwrap();
    let saved = |chosen: &str| {
        format!(
            "chosen = \"{chosen}\"\n[[destination]]\nname = \"A\"\nprovider = \"flow-music\"\nkey = \"useapi\"\n\
             [[destination]]\nname = \"B\"\nprovider = \"piapi\"\nkey = \"piapi\"\n"
        )
    };
    fs::write(folder.join("settings.toml"), saved("B")).unwrap();
    let run = machine.run(&args!["upload", "--dry-run", sample("cover.png")]);
    assert!(run.status == 0 && run.out.contains("would be sent to B"), "{}{}", run.out, run.err);
    fs::write(folder.join("settings.toml"), saved("C, removed")).unwrap();
    let run = machine.run(&args!["upload", "--dry-run", sample("cover.png")]);
    run.is_bad_usage(&["--to", "\"A\"", "\"B\""]);
}

#[test]
fn saved_destinations_go_by_their_names_and_one_without_its_key_is_held() {
    let machine = Machine::new();
    let folder = machine.home().join("settings");
    fs::create_dir_all(&folder).unwrap();
    let saved = "[[key]]\nname = \"piapi\"\nservice = \"piapi\"\nadded = \"2026-03-01\"\n\n\
                 [[destination]]\nname = \"Press pictures\"\nprovider = \"piapi\"\nkey = \"piapi\"\n";
    fs::write(folder.join("settings.toml"), saved).unwrap();
    let list = machine.run(&args!["keys", "list"]);
    assert_eq!(list.out, "piapi · PiAPI · added 2026-03-01 · in the keyring\n    Press pictures\n");
    let file = sample("cover.png");
    let (run, objects) = machine.upload(&args!["--to", "press pictures", file]);
    assert_eq!((run.status, states(&objects)), (2, vec!["held"]), "the set-up is in the way: {}", run.err);
    assert_eq!(objects[0]["destination"], "Press pictures");
    assert_eq!(objects[0]["error"]["kind"], "keyring");
    assert!(objects[0]["error"]["hint"].as_str().unwrap().contains("HOIST_PIAPI_KEY"));
    machine.run(&args!["upload", "--to", "nope", file]).is_bad_usage(&["\"Press pictures\""]);
}
