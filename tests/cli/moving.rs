//! Settings taken from one computer to another, and files that are none.

use std::fs;

use serde_json::Value;

use crate::machine::{Machine, sample};
use crate::places::{TWO_KEYS, printed, run, settings, with_settings};

/// A machine with choices, two keys and three destinations.
fn full() -> Machine {
    with_settings(&format!(
        "theme = \"dark\"\nuploads_at_once = 7\nchosen = \"Press · Jane\"\n{TWO_KEYS}\
         [[destination]]\nname = \"Press · Jane\"\nprovider = \"flow-music\"\nkey = \"work\"\naccount = \"jane@example.com\"\n\
         [[destination]]\nname = \"Mine\"\nprovider = \"google-flow\"\nkey = \"my home\"\n\
         [[destination]]\nname = \"PiAPI\"\nprovider = \"piapi\"\nkey = \"piapi\"\n"
    ))
}

#[test]
fn settings_go_to_another_machine_and_say_which_keys_are_to_be_added() {
    let (one, other) = (full(), Machine::new());
    let text = printed(&one, &["settings", "export"]);
    assert!(!text.contains("[[key]]") && !text.contains("2026-03"), "nothing of keys goes along: {text}");
    let to_file = run(&one, &["settings", "export", "there.toml"]);
    assert_eq!((to_file.status, to_file.out.as_str()), (0, ""), "{}", to_file.err);
    assert_eq!(fs::read_to_string(one.files().join("there.toml")).unwrap(), text);

    let come = other.run_with_stdin(&args!["settings", "import", "-"], &text);
    assert_eq!((come.status, come.out.as_str()), (0, "Press · Jane\nMine\nPiAPI\n"), "{}", come.err);
    for words in [
        "3 destinations added",
        "Press · Jane needs a key: `hoist keys add useapi --name work`",
        "Mine needs a key: `hoist keys add useapi --name 'my home'`",
        "PiAPI needs a key: `hoist keys add piapi`",
    ] {
        assert!(come.err.contains(words), "no {words:?} in {}", come.err);
    }
    let there = settings(&other);
    assert!(there.contains("theme = \"dark\"") && there.contains("uploads_at_once = 7"), "{there}");
    assert!(there.contains("chosen = \"Press · Jane\""), "{there}");
    assert_eq!(printed(&other, &["settings", "export"]), text, "nothing was lost on the way");
    // Once more from a file, by a program; where a key is given it is not missing.
    let other = other.with("HOIST_PIAPI_KEY", "piapi-key-of-somebody");
    fs::copy(one.files().join("there.toml"), other.files().join("there.toml")).unwrap();
    let again: Value =
        serde_json::from_str(&printed(&other, &["settings", "import", "there.toml", "--json"])).unwrap();
    assert_eq!((again["destinations"].as_array().unwrap().len(), &again["existing"]), (0, &3.into()));
    assert_eq!(again["missing_keys"].as_array().unwrap().len(), 2, "{again}");
    assert_eq!(again["missing_keys"][1]["command"], "hoist keys add useapi --name 'my home'");
    assert_eq!(settings(&other), there);
}

#[test]
fn what_exists_here_stays_and_another_place_of_its_name_gets_a_free_one() {
    let one = full();
    let text = "theme = \"light\"\n[[destination]]\nname = \"Mine\"\nprovider = \"piapi\"\nkey = \"other\"\n";
    let come = one.run_with_stdin(&args!["settings", "import", "-"], text);
    assert_eq!((come.status, come.out.as_str()), (0, "Mine 2\n"), "{}", come.err);
    let list = printed(&one, &["destinations", "list"]);
    assert!(list.contains("  Mine · Google Flow") && list.contains("  Mine 2 · PiAPI"), "{list}");
    assert!(list.contains("* Press · Jane"), "the choice stays: {list}");
    assert!(settings(&one).contains("name = \"home\""), "and so do the keys");
}

#[test]
fn hostile_files_are_one_sentence_and_change_nothing() {
    let machine = full();
    let before = settings(&machine);
    let large = format!("notify = true\n{}", "#".repeat(1024 * 1024));
    for (text, words) in [
        (large.as_bytes(), "at most 1 MB, and this is larger"),
        (b"notify = \n", "line 1"),
        (b"", "no settings of Hoist"),
        (b"[package]\nname = \"x\"\n", "no settings of Hoist"),
        (b"notify = true # \xff\xfe", "not a text file"),
        (b"\x1b[2J", "not a file of exported settings"),
    ] {
        let file = machine.file("hostile.toml", text);
        let run = machine.run(&args!["settings", "import", file]);
        run.is_bad_usage(&[words, "Nothing was changed"]);
        assert_eq!(run.err.lines().count(), 1, "{}", run.err);
        assert_eq!(settings(&machine), before, "{words}");
    }
    machine
        .run(&args!["settings", "import", "nowhere.toml"])
        .is_bad_usage(&["nowhere.toml", "cannot be read"]);
    machine.run(&args!["settings", "import", "."]).is_bad_usage(&["cannot be read"]);
    machine.run(&args!["settings", "export", "nowhere/a.toml"]).is_bad_usage(&["cannot be written"]);
}

#[test]
fn hostile_parts_are_kept_out_and_said_and_the_rest_comes() {
    let machine = full();
    let text = "tomorrow = 1\ntheme = \"sepia\"\nuploads_at_once = 3\n\
                [[key]]\nname = \"planted\"\nservice = \"useapi\"\nadded = \"2026-03-01\"\n\
                [[destination]]\nname = \"Thief\"\nprovider = \"indream\"\nkey = \"work\"\n\
                [[destination]]\nname = \"New\"\nprovider = \"tomorrow\"\nkey = \"k\"\n\
                [[destination]]\nname = \"Wrong\"\nprovider = \"flow-music\"\nkey = \"work\"\naccount = \"jane\"\n\
                [[destination]]\nname = \"a\\u001b[2J\"\nprovider = \"piapi\"\nkey = \"k\"\n\
                [[destination]]\nname = \"Good\"\nprovider = \"piapi\"\nkey = \"k\"\n";
    let come = machine.run_with_stdin(&args!["settings", "import", "-"], text);
    assert_eq!((come.status, come.out.as_str()), (1, "Good\n"), "{}", come.err);
    for words in [
        "Skipped: tomorrow: ",
        "Skipped: theme: ",
        "Thief: its key work belongs to useapi.net, and Indream needs a key of Indream",
        "New: this version of Hoist does not know the provider tomorrow",
        "Wrong: email must be an email address",
        "a\\u{1b}[2J: its name must be a line of text",
    ] {
        assert!(come.err.contains(words), "no {words:?} in {}", come.err);
    }
    let after = settings(&machine);
    assert!(after.contains("uploads_at_once = 3") && after.contains("theme = \"dark\""), "{after}");
    assert!(!after.contains("planted") && !after.contains("Thief"), "{after}");
}

#[test]
fn a_saved_template_is_printed_by_its_name_and_goes_to_another_machine() {
    let one = with_settings(
        "[[template]]\nname = \"Wiki\"\nline = \"[[{name}]]\"\n[[template]]\nname = \"Short\"\nline = \"{provider}\"\n",
    );
    let text = printed(&one, &["settings", "export"]);
    let other = Machine::new();
    let come = other.run_with_stdin(&args!["settings", "import", "-"], &text);
    assert!(come.err.contains("2 templates added"), "{}", come.err);
    assert_eq!(printed(&other, &["settings", "export"]), text);
    // By its name, or a line of one's own.
    let sandbox = other.run_with_stdin(&args!["settings", "import", "-", "--sandbox"], &text);
    assert_eq!(sandbox.status, 0, "{}", sandbox.err);
    let file = sample("cover.png");
    for (format, line) in
        [("Wiki", "[[cover.png]]\n"), ("Short", "flow-music\n"), ("{name}!", "cover.png!\n")]
    {
        let printed =
            other.run(&args!["upload", &file, "--sandbox", "--to", "flow-music", "--format", format]);
        assert_eq!(printed.out, line, "{format}");
    }
}

#[test]
fn provider_files_go_along_and_are_agreed_to_where_they_come() {
    const STUDIO: &str = include_str!("../fixtures/providers/studio.toml");
    let (one, other) = (Machine::new(), Machine::new());
    let file = one.file("studio.toml", STUDIO.as_bytes());
    assert_eq!(one.run(&args!["providers", "add", file.as_os_str(), "--yes"]).status, 0);
    let destination = "[[destination]]\nname = \"Work\"\nprovider = \"studio\"\nkey = \"studio\"\n";
    let come = one.run_with_stdin(&args!["settings", "import", "-"], destination);
    assert_eq!(come.out, "Work\n", "{}", come.err);
    let text = printed(&one, &["settings", "export"]);
    // Without a terminal the person cannot agree: the file is skipped, and with it what is sent there.
    let come = other.run_with_stdin(&args!["settings", "import", "-"], &text);
    assert_eq!((come.status, come.out.as_str()), (1, ""), "{}", come.err);
    for words in ["https://api.studio.example", "adds it with --yes", "Studio: you have not agreed", "Work: "]
    {
        assert!(come.err.contains(words), "no {words:?} in {}", come.err);
    }
    assert!(!printed(&other, &["providers", "--json"]).contains("\"studio\""));
    let come = other.run_with_stdin(&args!["settings", "import", "-", "--yes", "--json"], &text);
    let object: Value = serde_json::from_str(&come.out).unwrap();
    assert_eq!((come.status, &object["providers"][0]), (0, &"studio".into()), "{}", come.err);
    assert_eq!(object["destinations"][0], "Work");
    assert_eq!(printed(&other, &["providers", "show", "studio"]).trim(), STUDIO.trim());
    // What is there already needs no question.
    let again = other.run_with_stdin(&args!["settings", "import", "-"], &text);
    assert_eq!((again.status, again.out.as_str()), (0, ""), "{}", again.err);
}
