//! What a person sees in a terminal, and what stays as it is for programs.

use std::fs;
use std::process::{Command, Stdio};

use crate::machine::{Machine, sample};
use crate::servers::SandboxProcess;

/// Everything that a run writes on a terminal. `script` gives it one.
fn on_screen(machine: &Machine, arguments: &str) -> String {
    let program = machine.command(&[]);
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{} {arguments}", env!("CARGO_BIN_EXE_hoist")), "/dev/null"]);
    script.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let out = script.current_dir(machine.files()).stdin(Stdio::null()).output().unwrap();
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn results_of_several_files_stand_beside_their_names_in_a_terminal_and_alone_in_a_pipe() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let bytes = fs::read(sample("cover.png")).unwrap();
    let first = machine.file("first.png", &bytes);
    machine.file("second.jpg", &fs::read(sample("photo.jpg")).unwrap());
    machine.file("notes.txt", b"no media");
    let screen = on_screen(&machine, "upload --to google-flow first.png second.jpg notes.txt");
    for part in ["first.png  user:", "second.jpg  user:", "2 uploaded, 1 refused."] {
        assert!(screen.contains(part), "{part} in {screen:?}");
    }
    // One file needs no name and no sum.
    let screen = on_screen(&machine, "upload --to google-flow first.png");
    assert!(!screen.contains("first.png  ") && !screen.contains("1 uploaded"), "{screen:?}");
    let second = machine.files().join("second.jpg");
    let piped = machine.run(&args!["upload", "--to", "google-flow", "--skip-sent", first, second]);
    assert!(piped.lines().iter().all(|line| line.starts_with("user:")), "{}", piped.out);
    assert!(!piped.err.contains("uploaded"), "{}", piped.err);
}
