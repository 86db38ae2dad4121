//! The table of providers, the window that is not there, and settings.

use std::fs;
use std::io::{BufRead, BufReader};

use hoist::provider;
use serde_json::Value;

use crate::contract;
use crate::machine::{Machine, sample};

#[test]
fn the_table_of_providers_is_printed_for_people_and_for_programs() {
    let machine = Machine::new();
    let people = machine.run(&args!["providers"]);
    let programs = machine.run(&args!["providers", "--json"]);
    assert_eq!((people.status, programs.status), (0, 0));
    let list: Vec<Value> = programs.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(list.len(), provider::all().len());
    for (object, facts) in list.iter().zip(provider::all().into_iter().map(|p| p.facts())) {
        assert_eq!((&object["id"], &object["name"]), (&facts.id.into(), &facts.name.into()));
        let variable = facts.vendor.needs_key().then_some(facts.vendor.env);
        assert_eq!((&object["vendor"], &object["key_variable"]), (&facts.vendor.id.into(), &variable.into()));
        assert_eq!(
            (&object["source"], &object["checked"]),
            (&"built-in".into(), &facts.document.checked.into())
        );
        let rows = object["accepts"].as_array().unwrap();
        assert_eq!(rows.len(), facts.accepts.len());
        for (row, accepts) in rows.iter().zip(facts.accepts) {
            let mimes: Vec<_> = accepts.types.iter().map(|m| m.mime()).collect();
            assert_eq!(row["types"], Value::from(mimes));
            assert_eq!(row["max_bytes"].as_u64(), accepts.max_bytes);
        }
        let options: Vec<_> = object["options"].as_array().unwrap().iter().map(|o| &o["key"]).collect();
        assert_eq!(options, facts.all_options().map(|o| o.key).collect::<Vec<_>>());
        for word in [facts.id, facts.name, &facts.summary(), variable.unwrap_or("none is needed")] {
            assert!(people.out.contains(word), "{word} is not in {}", people.out);
        }
    }
}

#[test]
fn without_a_display_the_terminal_is_named_instead_of_a_panic() {
    let machine = Machine::new();
    let file = sample("cover.png");
    for arguments in [args![], args!["--sandbox"], args![file]] {
        machine.run(&arguments).is_bad_usage(&["no display", "DISPLAY", "package", "hoist upload"]);
    }
}

#[test]
fn a_display_that_does_not_answer_is_said_with_the_packages_a_window_needs() {
    for (name, value) in [("DISPLAY", ":987"), ("WAYLAND_DISPLAY", "wayland-987")] {
        let machine = Machine::new().with(name, value);
        machine.run(&args![]).is_bad_usage(&["cannot be opened", "packages", "libxkbcommon", "hoist upload"]);
    }
}

#[test]
fn a_damaged_settings_file_is_set_aside_and_said() {
    let machine = Machine::new();
    let folder = machine.home().join("settings");
    fs::create_dir_all(&folder).unwrap();
    let damaged = b"theme = \"dark\nkey = ]";
    fs::write(folder.join("settings.toml"), damaged).unwrap();
    let run = machine.run(&args!["keys", "list"]);
    assert_eq!(run.status, 0);
    let name = run.err.split_once("kept as ").unwrap().1.split_once(',').unwrap().0;
    assert!(run.err.starts_with("hoist: The settings file was damaged."), "{}", run.err);
    assert_eq!(fs::read(folder.join(name)).unwrap(), damaged);
    assert!(folder.join("settings.toml").exists(), "what can be used of it");
    assert!(!machine.run(&args!["keys", "list"]).err.contains("damaged"), "it is said once");
}

#[test]
fn the_sandbox_tells_programs_where_it_is() {
    let machine = Machine::new();
    let mut child = machine.command(&args!["sandbox", "--json"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    contract::is_documented(&args!["sandbox", "--json"], &line);
    let object: Value = serde_json::from_str(&line).unwrap();
    assert!(object["origin"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{object}");
    for vendor in provider::shown_vendors() {
        assert_eq!(object["variables"][vendor.env], vendor.sandbox.key);
        assert!(object["variables"][vendor.base().env].is_string(), "{object}");
    }
    assert_eq!(object["behaviours"]["throttled"], 429);
}
