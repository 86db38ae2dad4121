//! A screen reader beside the real window, over AT-SPI: what it finds there, and what it says by itself.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};

use serde_json::{Value, json};

use super::HOIST;
use super::desktop::{Desktop, TIMEOUT, end, in_time, start};

/// The program that reads.
struct Reader {
    child: Child,
    asked: ChildStdin,
    lines: Receiver<String>,
    spoken: Vec<String>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

impl Reader {
    /// Starts it. Debian's own Python has what it needs.
    fn start(desktop: &Desktop) -> Reader {
        let mut command = desktop.command("/usr/bin/python3");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/desktop/screen_reader.py");
        let mut child = start(command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()));
        let (asked, out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (line, lines) = channel();
        std::thread::spawn(move || {
            BufReader::new(out).lines().map_while(Result::ok).all(|l| line.send(l).is_ok())
        });
        Reader { child, asked, lines, spoken: vec![] }
    }

    /// Everything it finds of Hoist's window now.
    fn tree(&mut self) -> Vec<Value> {
        self.asked.write_all(b"\n").unwrap();
        let mut tree = vec![];
        loop {
            let line = self.lines.recv_timeout(TIMEOUT).expect("the screen reader answers");
            if line == "." {
                return tree;
            }
            let line: Value = serde_json::from_str(&line).unwrap();
            match line["said"].as_str() {
                Some(said) => self.spoken.push(said.to_owned()),
                None => tree.push(line),
            }
        }
    }

    /// The rows of the list: each one's file, its place in how many, and whether it is selected.
    fn rows(&mut self) -> Vec<Value> {
        let tree = self.tree();
        let rows = tree.iter().filter(|node| {
            let path = node["in"].as_array().unwrap();
            node["role"] == "list item" && path.last().is_some_and(|parent| parent == "list")
        });
        let row = |node: &Value| {
            let name = node["name"].as_str().unwrap().split(',').next().unwrap();
            let is_selected = node["states"].as_array().unwrap().contains(&json!("selected"));
            json!([name, node["position"], is_selected])
        };
        rows.map(row).collect()
    }

    /// Waits until it has said this.
    #[track_caller]
    fn says(&mut self, sentence: &str) {
        let has = in_time(TIMEOUT, || {
            self.tree();
            self.spoken.iter().any(|said| said == sentence)
        });
        assert!(has, "it said {:?}", self.spoken);
    }
}

#[test]
fn a_screen_reader_finds_the_window_its_list_and_its_rows_and_says_when_all_is_done() {
    let mut desktop = Desktop::start((1400, 800));
    desktop.start_window_manager();
    let mut reader = Reader::start(&desktop);
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/samples");
    let [cover, photo] = ["cover.png", "photo.jpg"].map(|n| samples.join(n).to_string_lossy().into_owned());
    let hoist = desktop.spawn(HOIST, &["--sandbox", &cover, &photo], Stdio::null());
    desktop.children.push(hoist);
    let window = desktop.window("--name", "^Hoist$");
    desktop.xdotool(&["windowactivate", "--sync", &window]);

    for (role, name) in [("frame", "Hoist"), ("page tab", "Upload, 2"), ("status bar", "2 ready, 22.6 kB")] {
        let is_there = |tree: &[Value]| tree.iter().any(|node| node["role"] == role && node["name"] == name);
        assert!(in_time(TIMEOUT, || is_there(&reader.tree())), "no {role} {name}: {:#?}", reader.tree());
    }
    let rows = |at: Option<usize>| {
        let row = |n: usize, name: &str| json!([name, [(n + 1).to_string(), "2"], at == Some(n)]);
        vec![row(0, "cover.png"), row(1, "photo.jpg")]
    };
    assert_eq!(reader.rows(), rows(None));
    for (key, at) in [("Down", 0), ("Down", 1), ("Up", 0)] {
        desktop.key(key);
        let is_there = in_time(TIMEOUT, || reader.rows() == rows(Some(at)));
        assert!(is_there, "{key}: {:?}", reader.rows());
    }
    desktop.key("ctrl+Return");
    reader.says("2 uploaded");
}
