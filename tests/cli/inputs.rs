//! Files that are none: what comes on stdin.

use std::fs;

use crate::machine::{Machine, all_files, sample, states};
use crate::servers::SandboxProcess;

#[test]
fn a_file_from_stdin_is_uploaded_under_its_name_and_leaves_nothing() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let cover = fs::read(sample("cover.png")).unwrap();
    let arguments = args!["upload", "--json", "--to", "google-flow", "-", "--name", "my cover.png"];
    let ended = machine.run_with_stdin(&arguments, &cover);
    assert_eq!(ended.status, 0, "{}", ended.err);
    let objects = ended.objects();
    assert_eq!(states(&objects), ["done"]);
    assert!(objects[0]["file"].as_str().unwrap().ends_with("/my cover.png"), "{}", objects[0]);
    let brought = machine.home().join("data/brought");
    assert_eq!(all_files(&brought), [""; 0].map(std::path::PathBuf::from), "it has arrived");
    let dry = [&arguments[..], &args!["--dry-run"]].concat();
    assert_eq!(states(&machine.run_with_stdin(&dry, &cover).objects()), ["ready"]);
    assert_eq!(all_files(&brought).len(), 0);
}

#[test]
fn stdin_is_one_file_with_a_name() {
    let machine = Machine::new();
    for (arguments, words) in [
        (args!["-"], ["--name", "Nothing was sent"]),
        (args!["-", "-", "--name", "a.png"], ["one file", "Nothing was sent"]),
        (args!["a.png", "--name", "b.png"], ["--name", "stdin"]),
        (args!["-", "--name", "../a.png"], ["no slash", "Nothing was sent"]),
        (args!["-", "--name", ".a.png"], ["no dot", "Nothing was sent"]),
        (args!["-", "--name", "a.png"], ["Stdin is empty", "Nothing was sent"]),
        (args!["--clipboard"], ["no display", "Nothing was sent"]),
    ] {
        let all = [&args!["upload", "--sandbox", "--to", "flow-music"], &arguments[..]].concat();
        machine.run(&all).is_bad_usage(&words);
    }
}
