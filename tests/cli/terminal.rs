//! What a person sees in a terminal, and what stays as it is for programs.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use hoist::model::media::Media;

use crate::machine::{Machine, sample};
use crate::servers::{SandboxProcess, accepted};
use crate::support::made;
use crate::support::server::{Reaction, Server};

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

/// The columns of the terminal in which a bar is drawn.
const COLUMNS: usize = 80;

/// What is on the screen after all this was written to it, line by line; it may hold as many as it takes.
fn screen(written: &str) -> Vec<String> {
    let (mut lines, mut row, mut column) = (vec![String::new()], 0, 0);
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' => column = 0,
            '\n' => {
                row += 1;
                if lines.len() == row {
                    lines.push(String::new());
                }
            }
            '\u{1b}' => {
                let sequence: String = rest.by_ref().skip(1).take_while_inclusive();
                let (number, command) = sequence.split_at(sequence.len() - 1);
                match command {
                    "K" => lines[row].clear(),
                    "A" => row -= number.parse::<usize>().unwrap_or(1).min(row),
                    _ => {}
                }
            }
            c => {
                if column == COLUMNS {
                    (row, column) = (row + 1, 0);
                    lines.resize(lines.len().max(row + 1), String::new());
                }
                let line = &mut lines[row];
                let mut cells: Vec<char> = line.chars().collect();
                cells.resize(cells.len().max(column + 1), ' ');
                cells[column] = c;
                *line = cells.into_iter().collect();
                column += 1;
            }
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).filter(|line| !line.is_empty()).collect()
}

/// Reads a terminal's sequence up to the letter that ends it.
trait Sequence {
    fn take_while_inclusive(self) -> String;
}

impl<I: Iterator<Item = char>> Sequence for I {
    fn take_while_inclusive(self) -> String {
        let mut sequence = String::new();
        for c in self {
            sequence.push(c);
            if c.is_ascii_alphabetic() {
                break;
            }
        }
        sequence
    }
}

#[test]
fn ctrl_c_leaves_no_bar_on_the_screen() {
    let server = Server::start(|_, number| match number {
        0 => Reaction::Answer(accepted("piapi", number)),
        _ => Reaction::StallBefore,
    });
    // What a terminal can do is said by TERM. No system holds files of this size whole.
    let machine = Machine::towards(&server).with("TERM", "xterm");
    for name in ["a.png", "b.png", "c.png"] {
        machine.file(name, &made(Media::Png, 7_000_000 + usize::from(name.as_bytes()[0])));
    }
    let program = machine.command(&[]);
    let mut script = Command::new("script");
    let hoist = env!("CARGO_BIN_EXE_hoist");
    let command = format!("stty cols {COLUMNS}; exec {hoist} upload --to piapi a.png b.png c.png");
    script.args(["-qec", &command, "/dev/null"]);
    script.env_clear().envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let script = script.current_dir(machine.files()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = script.spawn().unwrap();
    server.until("two are on their way", |requests| requests.len() == 3);
    // Long enough for the bar to be drawn.
    std::thread::sleep(std::time::Duration::from_secs(1));
    // The key itself: the terminal shows `^C`, and sends the signal.
    let mut keys = child.stdin.take().unwrap();
    keys.write_all(b"\x03").unwrap();
    let out = child.wait_with_output().unwrap();
    drop(keys);
    let written = String::from_utf8(out.stdout).unwrap();
    assert!(written.contains('█') || written.contains('░'), "there was a bar: {written:?}");
    assert!(written.contains("^C"), "the key was shown: {written:?}");
    let screen = screen(&written);
    assert!(!screen.iter().any(|line| line.contains(['█', '░'])), "{screen:#?}");
    assert_eq!(screen.last().map(String::as_str), Some("hoist: 1 uploaded, 2 cancelled."), "{screen:#?}");
}
