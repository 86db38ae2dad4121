//! `docs/recipes.md`: what can run here is run as it is written, by a shell.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::machine::{Ended, Machine, finish, sample};
use crate::servers::SandboxProcess;

const PICTURES: [&str; 2] = ["first one.png", "second.png"];

/// The text of the recipe with this name.
fn recipe(name: &str) -> String {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/recipes.md")).unwrap();
    let (_, after) = page.split_once(&format!("<!-- test: {name} -->")).unwrap();
    let (_, block) = after.split_once("```").unwrap();
    let (_, text) = block.split_once('\n').unwrap();
    text.split_once("```").unwrap().0.trim_end().to_owned()
}

struct Desk {
    sandbox: SandboxProcess,
    machine: Machine,
    programs: PathBuf,
}

impl Desk {
    /// A folder with pictures and a text, and `hoist` among the programs.
    fn new() -> Desk {
        let sandbox = SandboxProcess::start();
        let machine = Machine::at(&sandbox);
        for (name, from) in PICTURES.iter().zip(["cover.png", "photo.jpg"]) {
            machine.file(name, &fs::read(sample(from)).unwrap());
        }
        let programs = machine.home().with_file_name("programs");
        fs::create_dir(&programs).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_hoist"), programs.join("hoist")).unwrap();
        Desk { sandbox, machine, programs }
    }

    /// A program that writes its arguments into a file of its name.
    fn program(&self, name: &str) {
        let path = self.programs.join(name);
        let said = self.machine.files().join(format!("{name}.txt"));
        fs::write(&path, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", said.display())).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn said_to(&self, name: &str) -> String {
        fs::read_to_string(self.machine.files().join(format!("{name}.txt"))).unwrap_or_default()
    }

    /// Runs a text in a shell, with arguments.
    fn shell(&self, text: &str, arguments: &[&str]) -> Ended {
        let hoist = self.machine.command(&[]);
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", text, "recipe"]).args(arguments);
        shell.env_clear().envs(hoist.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let path = format!("{}:{}", self.programs.display(), std::env::var("PATH").unwrap());
        shell.env("PATH", path).current_dir(self.machine.files());
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        finish(shell.spawn().unwrap())
    }

    fn uploads(&self) -> usize {
        self.machine.history(&[]).iter().filter(|object| object["state"] == "done").count()
    }
}

/// So many links of the sandbox, and nothing else.
fn are_links(ended: &Ended, count: usize) {
    assert_eq!((ended.status, ended.lines().len()), (0, count), "{} {}", ended.out, ended.err);
    assert!(ended.lines().iter().all(|line| line.starts_with("http://127.0.0.1:")), "{}", ended.out);
}

#[test]
fn shells_get_links_refusals_tables_and_nothing_twice() {
    let desk = Desk::new();
    are_links(&desk.shell(&recipe("loop"), &[]), 2);
    fs::write(desk.machine.files().join("broken.png"), "no picture").unwrap();
    let refused = desk.shell(&recipe("loop"), &[]);
    assert!(refused.out.contains("broken.png: "), "{} {}", refused.out, refused.err);
    fs::remove_file(desk.machine.files().join("broken.png")).unwrap();
    let table = desk.shell(&recipe("table"), &[]);
    assert_eq!(table.status, 0, "{}", table.err);
    let table = fs::read_to_string(desk.machine.files().join("ids.csv")).unwrap();
    let lines: Vec<_> = table.lines().collect();
    assert!(
        lines.len() == 2 && lines[0].starts_with("first one.png,") && !lines[0].ends_with(','),
        "{table}"
    );
    let before = desk.uploads();
    are_links(&desk.shell(&recipe("once"), &[]), 2);
    assert_eq!(desk.uploads(), before, "both were there already");
}

#[test]
fn editors_get_links_in_the_order_of_the_files() {
    let desk = Desk::new();
    let quoted = PICTURES.map(|name| format!("'{}'", desk.machine.files().join(name).display()));
    // Typora puts the paths behind the command.
    are_links(&desk.shell(&format!("{} {}", recipe("typora"), quoted.join(" ")), &[]), 2);
    let obsidian = recipe("obsidian").replace("{{file_path:absolute}}", &quoted[0]);
    let ended = desk.shell(&obsidian, &[]);
    assert_eq!(ended.status, 0, "{}", ended.err);
    assert!(
        ended.out.starts_with("![first one.png](http://127.0.0.1:") && ended.out.ends_with(")\n"),
        "{}",
        ended.out
    );
}

#[test]
fn a_pipeline_gets_an_object_a_line_and_a_status() {
    let desk = Desk::new();
    let path = desk.machine.files().join(PICTURES[1]);
    let command = |path: &Path| recipe("n8n").replace("{{ $json.path }}", &path.to_string_lossy());
    let ended = desk.shell(&command(&path), &[]);
    assert_eq!((ended.status, ended.objects()[0]["state"].as_str()), (0, Some("done")), "{}", ended.err);
    let text = desk.machine.file("notes.txt", b"no media");
    assert_eq!(desk.shell(&command(&text), &[]).status, 1);
}

#[test]
fn file_managers_send_what_is_selected() {
    let desk = Desk::new();
    desk.program("notify-send");
    let script = desk.shell(&recipe("script"), &PICTURES);
    assert_eq!((script.status, desk.uploads()), (0, 2), "{}", script.err);
    assert!(!desk.said_to("notify-send").contains("--urgency"), "{}", desk.said_to("notify-send"));
    desk.shell(&recipe("script"), &["gone.png"]);
    let said = desk.said_to("notify-send");
    assert!(said.contains("--urgency critical Hoist") && said.contains("gone.png"), "{said}");
    // A menu's entry, with the files in place of %F as the desktop puts them there.
    let quoted = PICTURES.map(|name| format!("'{name}'")).join(" ");
    let menu = recipe("dolphin");
    let entries: Vec<_> = menu.lines().filter_map(|line| line.strip_prefix("Exec=")).collect();
    assert_eq!(entries, ["hoist %F", &recipe("thunar")]);
    let ended = desk.shell(&entries[1].replace("%F", &quoted), &[]);
    assert_eq!((ended.status, desk.uploads()), (0, 4), "{}", ended.err);
    assert!(desk.sandbox.requests().len() >= 4);
}

#[test]
fn what_is_staged_opens_the_window() {
    let desk = Desk::new();
    // There is no display: it says so, and what would do the same.
    for text in [recipe("stage"), "hoist \"$@\"".to_owned()] {
        let ended = desk.shell(&text, &PICTURES);
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{}", ended.err);
        assert!(ended.err.contains("display"), "{}", ended.err);
    }
    assert_eq!(desk.uploads(), 0, "nothing is sent");
}
