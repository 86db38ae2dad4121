//! A history that cannot be kept: a full disk, a folder that may only be read, a lock that somebody holds, and files that
//! are no history (any more). Nothing is sent then, unless the command says so: and IDs are printed all the same.

use std::ffi::OsStr;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use hoist::model::media::Media;
use rusqlite::Connection;

use crate::machine::{Ended, Machine, all_files, finish, sample, states};
use crate::servers::{SandboxProcess, accepted};
use crate::support::made;
use crate::support::server::{Gate, Reaction, Server};

/// The same command, run by another program.
fn through(machine: &Machine, wrapper: &[&OsStr], arguments: &[&OsStr]) -> Ended {
    let hoist = machine.command(arguments);
    let mut command = Command::new(wrapper[0]);
    command.args(&wrapper[1..]).arg(hoist.get_program()).args(hoist.get_args());
    command.env_clear().envs(hoist.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    machine.finish(command.spawn().unwrap())
}

/// Lines that say of the history why it cannot be written.
fn are_said(line: &str, whys: &[&str]) -> bool {
    let why = line.strip_prefix("hoist: The history cannot be written (").unwrap_or_default();
    let why = why.strip_suffix("): until it can, nothing is recorded.");
    why.is_some_and(|why| whys.contains(&why))
}

/// Nothing was sent, it is said why, and what would send it all the same.
fn is_not_sent(run: &Ended, whys: &[&str]) {
    assert_eq!((run.status, run.out.as_str()), (2, ""), "{}", run.err);
    let of_file = |line: &&&str| {
        line.contains(": Not sent, because the history cannot be written: ")
            && line.ends_with("agree to send without it. Use `--without-history`.")
            && whys.iter().any(|why| line.contains(why))
    };
    let said: Vec<_> = run.err.lines().collect();
    assert_eq!(said.iter().filter(|line| are_said(line, whys)).count(), 1, "{}", run.err);
    assert_eq!(said.iter().filter(of_file).count(), 1, "{}", run.err);
}

/// The upload worked, and what is wrong with the history is said: that it cannot be written, for one of these reasons,
/// at most that it cannot be read either, and in the end what is not in it.
fn is_done_but_not_kept(run: &Ended, whys: &[&str]) {
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
    assert!(run.out.contains("-image:"), "the ID: {}", run.out);
    let said: Vec<_> = run.err.lines().collect();
    let (last, said) = said.split_last().unwrap();
    let is_missing = |why: &&str| **last == *missing(why);
    assert!(whys.iter().any(is_missing), "{}", run.err);
    assert_eq!(said.iter().filter(|line| are_said(line, whys)).count(), 1, "{}", run.err);
    assert!(said.iter().all(|line| line.starts_with("hoist: The history cannot be ")), "{}", run.err);
    assert!(said.len() <= 2, "{}", run.err);
}

fn missing(why: &str) -> String {
    format!("hoist: 1 upload is not in the history ({why}): keep what was printed.")
}

/// As a person uploads.
fn plainly(file: &Path) -> Vec<&OsStr> {
    args!["upload", "--to", "flow-music"].into_iter().chain([file.as_os_str()]).collect()
}

/// The same, with or without a history.
fn upload(file: &Path) -> Vec<&OsStr> {
    args!["upload", "--to", "flow-music", "--without-history"].into_iter().chain([file.as_os_str()]).collect()
}

/// A machine with an upload in its history, and a picture that is not in it yet.
fn with_a_history(sandbox: &SandboxProcess) -> (Machine, PathBuf) {
    let machine = Machine::at(sandbox);
    assert_eq!(machine.run(&plainly(&sample("poster.webp"))).status, 0);
    let files = all_files(&machine.home().join("data"));
    let journals = files.iter().filter(|path| path.to_string_lossy().contains(".db-"));
    assert_eq!(journals.count(), 0, "a run that has ended leaves the history in one file: {files:?}");
    (machine, sample("cover.png"))
}

/// Once nothing is in the way any more, everything works again, and what was there before is there still.
fn works_again(machine: &Machine, rows: usize) {
    let before = machine.history(&[]);
    assert_eq!(states(&before), vec!["done"; rows]);
    let run = machine.run(&plainly(&sample("photo.jpg")));
    assert_eq!((run.status, run.err.as_str()), (0, ""));
    let list = machine.history(&[]);
    assert_eq!(list[0]["id"], run.lines()[0]);
    assert_eq!(list[1..], before);
}

#[test]
fn ids_are_printed_though_no_file_can_grow() {
    let sandbox = SandboxProcess::start();
    // A limit on the size of files needs no rights. Where it is larger, another file reaches it first.
    for blocks in [0, 16] {
        let (used, file) = with_a_history(&sandbox);
        for (machine, rows) in [(Machine::at(&sandbox), 0), (used, 1)] {
            let limit = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
            let limited = args!["sh", "-c", limit, "sh"];
            let asked = sandbox.requests().len();
            is_not_sent(&through(&machine, &limited, &plainly(&file)), &["the disk failed"]);
            assert_eq!(sandbox.requests().len(), asked, "not a byte left");
            is_done_but_not_kept(&through(&machine, &limited, &upload(&file)), &["the disk failed"]);
            works_again(&machine, rows);
        }
    }
}

#[test]
fn an_id_is_printed_though_no_file_can_grow_since_the_upload_began() {
    let gate = Gate::default();
    let open = gate.clone();
    let server = Server::start(move |_, number| match number {
        0 => Reaction::PauseWithin(1000, open.clone(), accepted("google-flow", number)),
        _ => Reaction::Answer(accepted("google-flow", number)),
    });
    let machine = Machine::towards(&server);
    let file = machine.file("large.png", &made(Media::Png, 15_000_000));
    let hoist = machine.command(&args!["upload", "--to", "google-flow", file]);
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]).arg(hoist.get_program()).args(hoist.get_args());
    command.env_clear().envs(hoist.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    server.until("the first piece", |requests| requests.len() == 1 && requests[0].body_len >= 1000);
    machine.until_history(&["sending"]);
    let pid = child.id().to_string();
    assert!(Command::new("prlimit").args(["--pid", &pid, "--fsize=64"]).status().unwrap().success());
    gate.open();
    let run = machine.finish(child);
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
    assert_eq!(run.err.matches("The history cannot be written (the disk failed)").count(), 1, "{}", run.err);
    assert_eq!(run.err.lines().count(), 2, "{}", run.err);
    assert!(run.err.ends_with(&format!("{}\n", missing("the disk failed"))), "{}", run.err);
    // It was taken, and the history must not say that it was not.
    assert_eq!(states(&machine.history(&[])), ["unknown"]);
    assert_eq!(fs::read_dir(machine.home().join("data/runs")).unwrap().count(), 0, "nothing is left");
}

#[test]
fn ids_are_printed_though_the_disk_is_full() {
    let sandbox = SandboxProcess::start();
    // What needs room first is not always the same, and SQLite does not always say that room is what is missing.
    let whys = ["the disk is full", "the disk failed", "no storage space"];
    for (kilobytes, used) in [(4, false), (64, false), (400, true)] {
        let machine = Machine::at(&sandbox);
        let data = machine.home().join("data");
        fs::create_dir_all(&data).unwrap();
        // A small disk that only this program sees. Without the right to have one, a limit on files must do, as above.
        let disk = format!(
            "mount -t tmpfs -o size={kilobytes}k none \"$0\" || exit 99; if {used}; then \"$@\" > /dev/null; fi
             cat /dev/zero > \"$0/full\" 2> /dev/null; \"$@\""
        );
        let file = sample("cover.png");
        let run = through(&machine, &args!["unshare", "--mount", "sh", "-c", disk, data], &upload(&file));
        if run.status == 99 || run.err.contains("unshare failed") {
            println!("no disk of its own here ({}): tested with a limit on files only", run.err.trim());
            return;
        }
        // The second time the same picture goes the same way, which is read and not written.
        let said: Vec<_> = run.err.lines().filter(|line| !line.contains("was sent to")).collect();
        let run = Ended { err: said.join("\n"), ..run };
        is_done_but_not_kept(&run, &whys);
    }
}

#[test]
fn ids_are_printed_though_the_folder_may_only_be_read() {
    let sandbox = SandboxProcess::start();
    let (used, file) = with_a_history(&sandbox);
    let fresh = Machine::at(&sandbox);
    fs::create_dir_all(fresh.home().join("data")).unwrap();
    for (machine, rows) in [(&fresh, 0), (&used, 1)] {
        let home = machine.home();
        let change = |file: u32, folder: u32| {
            let set = |path: &Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            for path in &all_files(&home) {
                set(path, file);
            }
            let inner = ["data/runs", "data", "logs"].map(|name| home.join(name));
            inner.iter().filter(|path| path.exists()).for_each(|path| set(path, folder));
            set(&home, folder);
        };
        change(0o400, 0o500);
        // Root may write everywhere, unless it gives that up.
        let root = fs::write(home.join("written"), "").is_ok();
        let wrapper = match root {
            true => args!["setpriv", "--bounding-set=-dac_override,-dac_read_search"],
            false => args!["env"],
        };
        let refused = through(machine, &wrapper, &plainly(&file));
        let probe = through(machine, &wrapper, &upload(&file));
        let list = through(machine, &wrapper, &args!["history", "list"]);
        change(0o600, 0o700);
        if root {
            fs::remove_file(home.join("written")).unwrap();
        }
        is_not_sent(&refused, &["permission denied"]);
        is_done_but_not_kept(&probe, &["permission denied"]);
        if rows == 0 {
            assert_eq!((list.status, list.err.as_str()), (0, "hoist: The history is empty.\n"));
        } else {
            assert!(list.status == 2 && list.err.contains("The history cannot be read"), "{list:?}");
        }
        works_again(machine, rows);
    }
}

#[test]
fn ids_are_printed_though_another_program_holds_the_history_all_the_time() {
    let sandbox = SandboxProcess::start();
    let (used, file) = with_a_history(&sandbox);
    let fresh = Machine::at(&sandbox);
    fs::create_dir_all(fresh.home().join("data")).unwrap();
    thread::scope(|scope| {
        for (machine, rows) in [(&fresh, 0), (&used, 1)] {
            let file = &file;
            scope.spawn(move || {
                let holder = Connection::open(machine.database()).unwrap();
                holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
                // Not looked over as usual: reading the files here would let go what is held.
                let run = |arguments: &[&OsStr]| finish(machine.command(arguments).spawn().unwrap());
                is_not_sent(&run(&plainly(file)), &["another program has locked it"]);
                is_done_but_not_kept(&run(&upload(file)), &["another program has locked it"]);
                let list = run(&args!["history", "list"]);
                if rows == 0 {
                    assert!(
                        list.status == 2 && list.err.contains("another program has locked it"),
                        "{list:?}"
                    );
                } else {
                    assert_eq!((list.status, list.lines().len()), (0, rows), "it can be read: {}", list.err);
                    let clear = run(&args!["history", "clear", "--yes"]);
                    assert_eq!((clear.status, clear.out.as_str()), (2, ""));
                    assert!(clear.err.contains("another program has locked it"), "{}", clear.err);
                    assert!(clear.err.ends_with("Nothing was cleared\n"), "{}", clear.err);
                }
                drop(holder);
                works_again(machine, rows);
            });
        }
    });
}

fn without_copies(machine: &Machine) {
    let files = all_files(&machine.home().join("data"));
    files.iter().filter(|path| path.to_string_lossy().contains("backup")).for_each(|path| {
        fs::remove_file(path).unwrap();
    });
}

/// Something that happens to the history's file.
type Damage = fn(&Path);

fn cut(path: &Path, keep: u64) {
    fs::File::options().write(true).open(path).unwrap().set_len(keep).unwrap();
}

#[test]
fn what_is_no_history_any_more_is_set_aside_said_once_and_a_new_one_used() {
    let sandbox = SandboxProcess::start();
    let damages: [(&str, Damage); 6] = [
        ("another file", |path| fs::write(path, vec![0x5a; 50_000]).unwrap()),
        ("cut within its first lines", |path| cut(path, 60)),
        ("cut after its first page", |path| cut(path, 4096)),
        ("cut in the middle", |path| cut(path, fs::metadata(path).unwrap().len() / 2)),
        ("overwritten", |path| {
            let mut bytes = fs::read(path).unwrap();
            bytes[4096..].fill(0xa5);
            fs::write(path, bytes).unwrap();
        }),
        ("another program's", |path| {
            fs::remove_file(path).unwrap();
            let other = Connection::open(path).unwrap();
            other.execute_batch("CREATE TABLE upload (id); INSERT INTO upload VALUES (1)").unwrap();
        }),
    ];
    for (name, damage) in damages {
        let (machine, file) = with_a_history(&sandbox);
        // What is in the journal still would repair it, and so would a copy.
        machine.change_history("PRAGMA wal_checkpoint(TRUNCATE)");
        without_copies(&machine);
        damage(&machine.database());
        let damaged = fs::read(machine.database()).unwrap();
        let today = jiff::Zoned::now().date();
        let run = machine.run(&plainly(&file));
        assert_eq!((run.status, run.lines().len()), (0, 1), "{name}: {}", run.err);
        let said = run.err.strip_prefix("hoist: The history was damaged and is kept as ");
        let said = said.unwrap_or_else(|| panic!("{name}: {}", run.err));
        assert!(said.lines().count() == 1, "{name}: {said}");
        let kept = said.split_once(".db. ").unwrap().0;
        let saved = usize::from(said.ends_with("1 upload that could be read is in a new one.\n"));
        assert!(
            saved == 1 || said.ends_with("No upload could be read from it, and a new one is used.\n"),
            "{said}"
        );
        assert!(kept.starts_with(&format!("history-damaged-{today}-")), "{name}: {kept}");
        let data = machine.home().join("data");
        assert_eq!(fs::read(data.join(format!("{kept}.db"))).unwrap(), damaged, "{name}: as it was");
        let list = machine.history(&[]);
        assert_eq!((list.len(), &list[0]["id"]), (1 + saved, &run.lines()[0].into()), "{name}");
        works_again(&machine, 1 + saved);
        let files = all_files(&data);
        let names = files.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
        let aside = names.filter(|n| n.starts_with("history-damaged-") && !n.contains(".db-")).count();
        assert_eq!(aside, 1, "{name}: once");
    }
}

#[test]
fn a_newer_hoists_history_is_left_alone() {
    let sandbox = SandboxProcess::start();
    let (machine, file) = with_a_history(&sandbox);
    // Another form: one of this version with another number is damaged.
    machine.change_history("ALTER TABLE upload ADD COLUMN mood TEXT; PRAGMA user_version = 99");
    let why = "it was written by a newer version of Hoist";
    is_not_sent(&machine.run(&plainly(&file)), &[why]);
    is_done_but_not_kept(&machine.run(&upload(&file)), &[why]);
    let list = machine.run(&args!["history", "list"]);
    assert!(list.status == 2 && list.err.contains(why), "{list:?}");
    machine.change_history("ALTER TABLE upload DROP COLUMN mood; PRAGMA user_version = 5");
    works_again(&machine, 1);
}

#[test]
fn a_page_that_is_overwritten_in_between_costs_no_list_and_is_said_where_it_is_met() {
    let sandbox = SandboxProcess::start();
    let (machine, _) = with_a_history(&sandbox);
    let many = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 200)
        INSERT INTO upload SELECT upload.id + n, run, queued, added, behind, asked, path, size, modified, media, width,
            height, provider, destination, key, account, options, state, since, hash, asset, url, expires, words, place, length, NULL, NULL, NULL, agent
            FROM upload, n; PRAGMA wal_checkpoint(TRUNCATE)";
    machine.change_history(many);
    assert_eq!(machine.history(&[]).len(), 201);
    without_copies(&machine); // one of that day would give everything back
    let mut bytes = fs::read(machine.database()).unwrap();
    // A page of rows: one of an index would be missed by other lists, and this list needs none.
    let has_rows = |at: &usize| {
        let page = &bytes[*at..*at + 4096];
        page[0] == 0x0d && page.windows(10).filter(|text| *text == b"flow-music").count() > 2
    };
    let page = (bytes.len() / 4096 / 2..bytes.len() / 4096).map(|n| n * 4096).find(has_rows).unwrap();
    bytes[page..page + 4096].fill(0x5a);
    fs::write(machine.database(), &bytes).unwrap();
    let export = machine.run(&args!["history", "export", "--csv"]);
    assert_eq!(export.status, 0, "{}", export.err);
    assert!(export.lines().len() > 150, "{}", export.lines().len());
    assert!(
        export.err.starts_with("hoist: The history was damaged and is kept as history-damaged-"),
        "{}",
        export.err
    );
    assert_eq!(export.err.lines().count(), 1, "{}", export.err);
    let list = machine.run(&args!["history", "list"]);
    assert_eq!((list.lines().len(), list.err.as_str()), (export.lines().len() - 1, ""), "said once");
}

#[test]
fn what_the_daily_copy_finds_is_said_by_the_command_that_made_it() {
    let sandbox = SandboxProcess::start();
    let (machine, file) = with_a_history(&sandbox);
    // A page that no upload reads.
    machine.change_history(
        "CREATE TABLE other (a); INSERT INTO other VALUES (zeroblob(20000)); PRAGMA wal_checkpoint(TRUNCATE)",
    );
    without_copies(&machine);
    let pages = fs::metadata(machine.database()).unwrap().len() / 4096;
    let page = usize::try_from(pages - 5).unwrap() * 4096;
    let mut bytes = fs::read(machine.database()).unwrap();
    bytes[page..page + 4096].fill(0x5a);
    fs::write(machine.database(), &bytes).unwrap();
    let run = machine.run(&plainly(&file));
    assert_eq!((run.status, run.lines().len()), (0, 1), "{}", run.err);
    assert_eq!(run.err.matches("The history was damaged and is kept as").count(), 1, "{}", run.err);
    assert_eq!(states(&machine.history(&[])), ["done", "done"]);
}

#[test]
fn pipes_in_the_place_of_hoists_own_files_are_said_and_hold_up_nothing() {
    let sandbox = SandboxProcess::start();
    let file = sample("cover.png");
    for name in ["settings/settings.toml", "settings/settings.lock", "data/history.db", "data/history.lock"] {
        let machine = Machine::at(&sandbox);
        let path = machine.home().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        fs::create_dir_all(machine.home().join("logs")).unwrap();
        let log = machine.home().join(format!("logs/hoist.{today}.log"));
        assert!(Command::new("mkfifo").arg(&log).status().unwrap().success());
        // Not looked over as usual: reading the files here would wait for the pipes.
        let run = finish(machine.command(&upload(&file)).spawn().unwrap());
        assert_eq!((run.status, run.lines().len()), (0, 1), "{name}: {}", run.err);
        let is_said = run.err.contains("a pipe or a device is in its place");
        assert_eq!(is_said, !name.contains("settings.lock"), "{name}: {}", run.err);
    }
}
