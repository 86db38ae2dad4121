//! `hoist history`.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::thread;

use hoist::model::media::Media;
use serde_json::Value;

use crate::machine::{Ended, Machine, all_files, sample, signal, states};
use crate::servers::{SandboxProcess, accepted};
use crate::support::made;
use crate::support::server::{Gate, Reaction, Server};

/// What `hoist upload` says of one file, without what only the history has.
fn as_uploaded(object: &Value) -> Value {
    let mut object = object.clone();
    for name in ["agent", "time", "attempts"] {
        assert!(object.as_object_mut().unwrap().shift_remove(name).is_some(), "no {name}: {object}");
    }
    object
}

/// A run in a terminal, with something typed there. `script` gives it one.
fn in_terminal(machine: &Machine, arguments: &str, typed: &str) -> Ended {
    let command = format!("{} {arguments}", env!("CARGO_BIN_EXE_hoist"));
    let mut script = machine.command(&[]);
    let program = std::mem::replace(&mut script, std::process::Command::new("script"));
    script.args(["-qec", &command, "/dev/null"]).env_clear();
    script.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child =
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    machine.finish(child)
}

#[test]
fn the_list_has_what_each_upload_printed_newest_first_and_its_tries() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let (image, sound) = (sample("cover.png"), sample("tone.mp3"));
    let before = jiff::Timestamp::now();
    let mut uploaded = vec![];
    for (to, account, file, how) in [
        ("google-flow", "jane@example.com", &image, "done"),
        ("google-flow", "unpaid@example.com", &image, "no-subscription"),
        ("google-flow", "throttled@example.com", &image, "rate-limited"),
        ("google-flow", "gateway@example.com", &image, "gateway"),
        ("riffusion", "jane", &sound, "processing"),
        ("flow-music", "joe@example.com", &sound, "done"),
    ] {
        let arguments = args!["--no-wait", "--to", to, "--account", account, file];
        let mut objects = machine.upload(&arguments).1;
        assert_eq!(objects.len(), 1);
        uploaded.push((objects.remove(0), file, how));
    }
    let list = machine.history(&[]);
    assert_eq!(list.len(), uploaded.len());
    for (object, (printed, file, how)) in list.iter().rev().zip(&uploaded) {
        assert_eq!(&as_uploaded(object), printed);
        let time: jiff::Timestamp = object["time"].as_str().unwrap().parse().unwrap();
        assert!(time.as_second() >= before.as_second() && time <= jiff::Timestamp::now());
        let [one] = &object["attempts"].as_array().unwrap()[..] else { panic!("{object}") };
        let size = fs::metadata(file).unwrap().len();
        assert_eq!((&one["outcome"], &one["sent"]), (&(*how).into(), &size.into()), "{object}");
    }

    let found = |search: &str| machine.history(&args!["--search", search]).len();
    let id = uploaded[0].0["id"].as_str().unwrap();
    for (search, count) in [
        ("", 6),
        ("cover", 4),
        ("COVER google unpaid", 1),
        ("flow music", 1),
        (id, 1),
        ("riffusion", 1),
        ("joe@", 1),
        ("nothing of this", 0),
        ("%", 0),
        ("'\"", 0),
    ] {
        assert_eq!(found(search), count, "{search}");
    }
    let newest = machine.history(&args!["--limit", "2"]);
    assert_eq!(newest, list[..2]);
    assert_eq!(machine.history(&args!["--limit", "1", "--search", "cover"]), list[2..3]);
    let run = machine.run(&args!["history", "list", "--search", "nothing"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert_eq!(run.err, "hoist: Nothing in the history matches.\n");
    machine.run(&args!["history", "list", "--limit", "0"]).is_bad_usage(&["--limit"]);
}

#[test]
fn without_a_history_nothing_is_printed_and_nothing_is_made() {
    let machine = Machine::new();
    for (arguments, out) in [
        (args!["history", "list"], ""),
        (args!["history", "list", "--json"], ""),
        (args!["history", "clear"], ""),
        (args!["history", "export", "--json"], "[]\n"),
        (args!["--sandbox", "history", "list"], ""),
    ] {
        let run = machine.run(&arguments);
        assert_eq!((run.status, run.out.as_str()), (0, out), "{arguments:?}");
        assert_eq!(run.err, "hoist: The history is empty.\n", "{arguments:?}");
        assert!(!machine.home().exists(), "{arguments:?} made {:?}", all_files(&machine.home()));
    }
    let csv = machine.run(&args!["history", "export", "--csv"]);
    assert_eq!((csv.status, csv.lines().len(), csv.err.as_str()), (0, 1, "hoist: The history is empty.\n"));
    for wrong in [args!["history"], args!["history", "export"], args!["history", "export", "--csv", "--json"]]
    {
        assert_eq!(machine.run(&wrong).status, 2, "{wrong:?}");
    }
}

#[test]
fn the_list_is_one_line_an_upload_for_people_and_grep() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let bytes = fs::read(sample("cover.png")).unwrap();
    let hostile = machine.file("\u{1b}[31m\u{202e}a\tb\nc.png", &bytes);
    let wide = machine.file("封面图片-a-name-that-is-much-longer-than-the-column-for-names.png", &bytes);
    let mut ids = vec![];
    for (to, file) in [("flow-music", &hostile), ("piapi", &wide), ("google-flow", &wide)] {
        let run = machine.run(&args!["upload", "--to", to, file]);
        assert_eq!(run.status, 0, "{}", run.err);
        ids.push(run.lines()[0].to_owned());
    }
    machine.run(&args!["upload", "--to", "google-flow", "--account", "unpaid@example.com", wide]);

    let run = machine.run(&args!["history", "list"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let rows: Vec<Vec<&str>> = run.lines().iter().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 4, "no row of names: {}", run.out);
    assert!(rows.iter().all(|row| row.len() == 7), "{}", run.out);
    for row in &rows {
        let time: jiff::civil::DateTime = row[0].parse().unwrap_or_else(|e| panic!("{e}: {row:?}"));
        let age = jiff::Zoned::now().datetime().duration_since(time);
        assert!((0..180).contains(&age.as_secs()), "{row:?}");
    }
    assert_eq!(rows[0][2..6], ["Google Flow", "unpaid@example.com", "refused", ""]);
    assert!(rows[0][6].len() > 10, "and why: {}", rows[0][6]);
    assert_eq!(rows[1][2..], ["Google Flow", "Auto", "done", &ids[2], ""]);
    assert_eq!(rows[2][1], wide.file_name().unwrap().to_str().unwrap(), "nothing is left out for programs");
    assert!(rows[2][5] == ids[1] && rows[2][6].starts_with("expires in 23 h 5"), "{:?}", rows[2]);
    assert_eq!(rows[3][1], "\\u{1b}[31m\\u{202e}a\\u{9}b\\u{a}c.png");

    let set = |at: &str| {
        machine.change_history(&format!(
            "UPDATE detail SET receipt = json_set(receipt, '$.expires', '{at}')
             WHERE upload IN (SELECT id FROM upload WHERE provider = 'piapi')"
        ));
        let run = machine.run(&args!["history", "list", "--search", "piapi"]);
        run.lines()[0].split('\t').next_back().unwrap().to_owned()
    };
    let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(2 * 3600 + 14 * 60 + 50);
    assert_eq!(set(&soon.to_string()), "expires in 2 h 14 m");
    assert_eq!(set("2020-01-01T00:00:00Z"), "expired");

    let seen = in_terminal(&machine, "history list", "");
    let lines: Vec<&str> = seen.out.lines().map(|line| line.trim_end_matches('\r')).collect();
    assert_eq!(lines.len(), 5, "{}", seen.out);
    assert!(lines[0].starts_with("Time ") && lines[0].ends_with("ID or link  Note"), "{}", lines[0]);
    assert!(lines[3].ends_with(&format!("{}  expired", ids[1])), "the ID is whole: {}", lines[3]);
    assert!(lines[3].contains("封面图片-a-name") && lines[3].contains('…'), "{}", lines[3]);
    assert!(!seen.out.contains(['\t', '\u{1b}']), "{}", seen.out);
    // Names of columns stand above them; these names are as wide as four more letters.
    let column = |line: &str, words: &str| line.split_once(words).unwrap().0.chars().count();
    assert_eq!(column(lines[0], "Provider"), column(lines[4], "Flow Music"));
    assert_eq!(column(lines[0], "Provider"), column(lines[3], "PiAPI") + 4);
}

#[test]
fn the_export_is_one_table_or_one_array() {
    let machine = Machine::new();
    let odd = machine.file("a,b \"c\"\nd.mp3", &fs::read(sample("tone.mp3")).unwrap());
    for account in ["=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@x", "plain", "\u{202e}"] {
        let account = format!("--account={account}");
        let run = machine.run(&args!["upload", "--sandbox", "--no-wait", "--to=riffusion", account, odd]);
        assert_eq!(run.status, 0, "{}", run.err);
    }
    let run = machine.run(&args!["--sandbox", "history", "export", "--csv"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let rows = csv(&run.out);
    let names = "time file provider destination account state id url expires attempts error message";
    assert_eq!(rows[0], names.split(' ').collect::<Vec<_>>());
    assert_eq!(rows.len(), 7);
    let accounts: Vec<_> = rows[1..].iter().rev().map(|row| row[4].as_str()).collect();
    let safe = ["'=HYPERLINK(\"http://x\",\"y\")", "'+1", "'-1", "'@x", "plain", "\\u{202e}"];
    assert_eq!(accounts, safe);
    let list = machine.history(&args!["--sandbox"]);
    let plain = machine.run(&args!["--sandbox", "history", "list"]);
    assert!(plain.out.contains("\\u{202e}") && !plain.out.contains('\u{202e}'), "{}", plain.out);
    for (row, object) in rows[1..].iter().zip(&list) {
        assert!(row[1].ends_with("a,b \"c\"\\u{a}d.mp3"), "{row:?}");
        assert_eq!((&row[0], &row[6]), (&text(&object["time"]), &text(&object["id"])));
        assert_eq!((row[5].as_str(), row[9].as_str()), ("done", "1"));
    }

    let run = machine.run(&args!["--sandbox", "history", "export", "--json"]);
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    assert_eq!(serde_json::from_str::<Vec<Value>>(&run.out).unwrap(), list);
    let lines = run.lines();
    assert_eq!((lines.len(), lines[0], lines[7]), (8, "[", "]"));
    let object = |line: &&str| serde_json::from_str::<Value>(line.trim_end_matches(',')).is_ok();
    assert!(lines[1..7].iter().all(object), "an object a line");
    // What went to the sandbox is in the sandbox's own history.
    assert_eq!(machine.history(&[]), [Value::Null; 0]);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A table as spreadsheets read it.
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (vec![], vec![], String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    assert!(!quoted && row.is_empty(), "{text}");
    rows
}

#[test]
fn what_another_hoist_sends_right_now_is_shown_so_and_outlives_a_clearing() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |request, number| match request.target.contains("slow") {
        true => Reaction::PauseWithin(1000, open.clone(), accepted("google-flow", number)),
        false => Reaction::Answer(accepted("google-flow", number)),
    });
    let machine = Machine::towards(&server);
    fs::create_dir_all(machine.home().join("settings")).unwrap();
    fs::write(machine.home().join("settings/settings.toml"), "uploads_per_account = 1\n").unwrap();
    let small = machine.file("small.png", &made(Media::Png, 2000));
    let large = machine.file("large.png", &made(Media::Png, 15_000_000));
    assert_eq!(machine.upload(&args!["--to", "google-flow", small]).0.status, 0);
    let pictures = machine.home().join("cache/pictures");
    fs::create_dir_all(&pictures).unwrap();
    fs::write(pictures.join("0000000000000001.png"), "a small picture").unwrap();

    let arguments = args!["upload", "--json", "--to=google-flow", "--account=slow@example.com", large, small];
    let child = machine.command(&arguments).spawn().unwrap();
    server.until("the first piece", |requests| requests.len() == 2 && requests[1].body_len >= 1000);
    machine.until_history(&["waiting", "sending", "done"]);
    let run = machine.run(&args!["history", "clear", "--yes"]);
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    assert!(run.err.contains("1 upload cleared") && run.err.contains("2 uploads stay"), "{}", run.err);
    assert!(!pictures.exists(), "its small pictures went, too");
    gate.open();
    let run = machine.finish(child);
    assert_eq!((run.status, states(&run.objects())), (0, vec!["done"; 2]), "{}", run.err);
    let list = machine.history(&[]);
    let printed: Vec<_> = run.objects();
    assert_eq!(list.iter().rev().map(as_uploaded).collect::<Vec<_>>(), printed);
    let run = machine.run(&args!["history", "clear", "--yes"]);
    assert_eq!((run.status, run.err.as_str()), (0, "hoist: 2 uploads cleared from the history.\n"));
    assert_eq!(machine.history(&[]), [Value::Null; 0]);
}

#[test]
fn a_run_that_is_killed_leaves_what_it_had_not_sent_as_cancelled() {
    let server = Server::always(Reaction::StallWithin(1000));
    let machine = Machine::towards(&server);
    let files = [15_000_000, 15_000_001, 15_000_002];
    let files = files.map(|size| machine.file(format!("{size}.png"), &made(Media::Png, size)));
    let mut arguments = args!["upload", "--to", "google-flow"];
    arguments.extend(files.iter().map(|file| file.as_os_str()));
    let child = machine.command(&arguments).spawn().unwrap();
    server.until("two at once", |requests| {
        requests.len() == 2 && requests.iter().all(|request| request.body_len >= 1000)
    });
    machine.until_history(&["waiting", "sending", "sending"]);
    signal("-KILL", child.id());
    child.wait_with_output().unwrap();
    let list = machine.history(&[]);
    assert_eq!(states(&list), ["cancelled"; 3]);
    let how = |object: &Value| object["attempts"].as_array().unwrap().first().map(|t| text(&t["outcome"]));
    let tried: Vec<_> = list.iter().map(how).collect();
    let interrupted = Some("interrupted".to_owned());
    assert_eq!(tried, [None, interrupted.clone(), interrupted]);
    assert!(list.iter().all(|object| object["error"].is_null()), "{list:?}");
}

#[test]
fn a_file_put_back_into_a_windows_queue_did_not_go_and_one_never_asked_for_is_not_listed() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = sample("cover.png");
    for account in ["unpaid@example.com", "jane@example.com"] {
        machine.upload(&args!["--to", "google-flow", "--account", account, file]);
    }
    machine.change_history(
        "UPDATE upload SET state = 'ready', queued = 1 WHERE account = 'unpaid@example.com';
         INSERT INTO upload SELECT id + 1000, run, 1, added, behind, NULL, path, size, modified, media, width, height,
             provider, destination, key, account, options, 'ready', since, NULL, NULL, NULL, NULL, words, place, length, NULL, NULL, NULL, agent
             FROM upload WHERE account = 'jane@example.com'",
    );
    assert_eq!(states(&machine.history(&[])), ["done", "cancelled"]);
    // What waits in a window's queue stays in it.
    let run = machine.run(&args!["history", "clear", "--yes"]);
    assert!(run.err.contains("1 upload cleared") && run.err.contains("1 upload stay"), "{}", run.err);
    assert_eq!(states(&machine.history(&[])), ["cancelled"]);
}

#[test]
fn nothing_is_cleared_without_being_asked() {
    let machine = Machine::new();
    let file = sample("cover.png");
    let upload = || {
        let run = machine.run(&args!["upload", "--sandbox", "--to", "flow-music", file]);
        assert_eq!(run.status, 0, "{}", run.err);
    };
    upload();
    upload();
    let run = in_terminal(&machine, "--sandbox history clear", "n\n");
    assert_eq!(run.status, 1, "{}", run.out);
    assert!(
        run.out.contains("Delete 2 records? Uploaded files stay online. [y/N]")
            && run.out.contains("Nothing was cleared"),
        "{}",
        run.out
    );
    assert_eq!(machine.history(&args!["--sandbox"]).len(), 2);
    let run = in_terminal(&machine, "--sandbox history clear", "y\n");
    assert!(run.status == 0 && run.out.contains("2 uploads cleared from the history"), "{}", run.out);
    assert_eq!(machine.history(&args!["--sandbox"]).len(), 0);
    upload();
    let run = in_terminal(&machine, "--sandbox history clear --yes", "");
    assert!(run.status == 0 && !run.out.contains("[y/N]"), "{}", run.out);
    upload();
    // Without a terminal no question can be asked.
    machine.run(&args!["--sandbox", "history", "clear"]).is_bad_usage(&["Delete 1 record?", "--yes"]);
    assert_eq!(machine.history(&args!["--sandbox"]).len(), 1);
    let run = machine.run(&args!["--sandbox", "history", "clear", "--yes"]);
    assert_eq!((run.status, run.err.as_str()), (0, "hoist: 1 upload cleared from the history.\n"));
    assert_eq!(machine.run(&args!["--sandbox", "history", "clear"]).err, "hoist: The history is empty.\n");
}

#[test]
fn a_clock_that_was_set_back_a_day_loses_nothing() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = sample("cover.png");
    let upload = |to: &str| machine.upload(&args!["--to", to, file]);
    let first = upload("piapi").1.remove(0);
    upload("google-flow");
    assert_eq!(
        machine.upload(&args!["--to=google-flow", "--account=throttled@example.com", file]).0.status,
        1
    );
    let day = 24 * 3600 * 1000;
    machine.change_history(&format!(
        "UPDATE upload SET added = added + {day}, asked = asked + {day}, expires = expires + {day};
         UPDATE attempt SET began = began + {day}, ended = ended + {day};
         UPDATE hold SET began = began + {day}, until = until + {day};
         UPDATE detail SET receipt = json_set(receipt, '$.expires', '{}') WHERE receipt LIKE '%piapi%'",
        jiff::Timestamp::now() + jiff::SignedDuration::from_hours(48)
    ));
    assert_eq!(states(&machine.history(&[])), ["held", "done", "done"]);
    assert_eq!(machine.history(&args!["--search", "piapi"]).len(), 1);
    assert_eq!(machine.run(&args!["history", "list"]).lines().len(), 3);
    // A hold is no longer than it was.
    let asked = sandbox.requests().len();
    let (run, objects) = machine.upload(&args!["--to=google-flow", "--account=throttled@example.com", file]);
    assert_eq!((run.status, states(&objects)), (1, vec!["held"]), "{}", run.err);
    let until: jiff::Timestamp = objects[0]["error"]["until"].as_str().unwrap().parse().unwrap();
    assert!(until.duration_since(jiff::Timestamp::now()).as_secs() <= 1801, "{until}");
    assert_eq!(sandbox.requests()[asked..], [""; 0], "it is a hold of before: {:?}", machine.history(&[]));
    let (run, again) = machine.upload(&args!["--to", "piapi", "--skip-sent", file]);
    assert_eq!((run.status, &again[0]["url"]), (0, &first["url"]), "{}", run.err);
    assert_eq!(upload("flow-music").0.status, 0);
    assert_eq!(states(&machine.history(&[])), ["held", "done", "done", "done", "held"]);
}

#[test]
fn a_time_far_ahead_is_said_as_such() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let file = sample("cover.png");
    for provider in ["piapi", "google-flow"] {
        assert_eq!(machine.upload(&args!["--to", provider, file]).0.status, 0);
    }
    let month = 30 * 24 * 3600 * 1000i64;
    machine.change_history(&format!(
        "UPDATE upload SET added = added + {month}, asked = asked + {month}, expires = expires + {month}
            WHERE provider = 'piapi';
         UPDATE detail SET receipt = json_set(receipt, '$.expires', '{}') WHERE receipt LIKE '%piapi%'",
        jiff::Timestamp::now() + jiff::SignedDuration::from_hours(31 * 24)
    ));
    let list = machine.run(&args!["history", "list"]);
    let notes: Vec<_> =
        list.lines().iter().map(|line| line.rsplit('\t').next().unwrap().to_owned()).collect();
    assert!(
        notes[0].starts_with("in the future: this computer's clock was ahead · expires in "),
        "{notes:?}"
    );
    // What ends after a day ends a day from now at the latest, and not in a month.
    assert!(notes[0].ends_with("expires in 24 h 0 m") || notes[0].contains("expires in 23 h 5"), "{notes:?}");
    assert_eq!(notes[1], "");
}

#[test]
fn a_long_history_is_printed_whole_and_a_reader_may_leave_in_the_middle() {
    let machine = Machine::new();
    let upload = args!["upload", "--sandbox", "--to", "flow-music"];
    assert_eq!(machine.run(&[&upload[..], &args![sample("cover.png")]].concat()).status, 0);
    let database = machine.home().join("data/sandbox/data/history.db");
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
        INSERT INTO upload SELECT upload.id + n, run, queued, added, behind, asked, path, size, modified, media, width,
            height, provider, destination, key, account, options, state, since, hash, asset, url, expires, words, place, length, NULL, NULL, NULL, agent
            FROM upload, n";
    rusqlite::Connection::open(database).unwrap().execute_batch(many).unwrap();
    for arguments in [args!["list", "--json"], args!["list"], args!["export", "--csv"]] {
        let arguments = [&args!["--sandbox", "history"], &arguments[..]].concat();
        let run = machine.run(&arguments);
        let rows = 5001 + usize::from(arguments.contains(&OsStr::new("--csv")));
        assert_eq!((run.status, run.lines().len(), run.err.as_str()), (0, rows, ""));
        let mut child = machine.command(&arguments).spawn().unwrap();
        let mut out = child.stdout.take().unwrap();
        let reader = thread::spawn(move || {
            use std::io::Read;
            let mut first = [0; 100];
            out.read_exact(&mut first).unwrap();
        });
        reader.join().unwrap();
        let ended = machine.finish(child);
        assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{arguments:?}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let ended = machine.finish(machine.command(&arguments).stdout(full).spawn().unwrap());
        assert_eq!(ended.status, 2);
        assert!(ended.err.starts_with("hoist: Stdout cannot be written"), "{}", ended.err);
    }
}
