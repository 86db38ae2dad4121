//! A program that crashes leaves no copy of its memory, in which the key is.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

use crate::machine::{Machine, sample, signal};
use crate::support::server::{Reaction, Server};

#[test]
fn a_crash_in_mid_upload_leaves_no_core_file() {
    let server = Server::always(Reaction::StallAfter);
    let machine = Machine::towards(&server);
    let plain = machine.command(&args!["upload", "--to", "flow-music", sample("cover.png")]);
    // Whatever the shell allows.
    let mut run = Command::new("sh");
    run.args(["-c", "ulimit -c unlimited; exec \"$0\" \"$@\""])
        .arg(plain.get_program())
        .args(plain.get_args());
    run.current_dir(machine.files()).env_clear();
    run.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let mut child = run.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    server.until("the whole body", |all| all.first().is_some_and(|r| r.complete));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    let limit = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let soft = limit.split_whitespace().nth(4).unwrap();
    assert!(["0", "1"].contains(&soft), "{limit}");
    signal("-ABRT", child.id());
    let status = child.wait().unwrap();
    assert!(status.signal().is_some() && !status.core_dumped(), "{status:?}");
    let files: Vec<_> =
        std::fs::read_dir(machine.files()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(files.is_empty(), "{files:?}");
}
