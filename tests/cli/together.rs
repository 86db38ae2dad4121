//! Several Hoists at the same time, with one history.

use std::process::Child;

use hoist::model::media::Media;
use serde_json::Value;

use crate::machine::{Machine, states};
use crate::servers::SandboxProcess;
use crate::support::made;

fn ids(objects: &[Value]) -> Vec<String> {
    let mut ids: Vec<_> = objects.iter().map(|o| o["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// So many uploads at the same time, of so many files each.
fn start(machine: &Machine, uploads: usize, files: usize) -> Vec<Child> {
    let file = |size: usize| machine.file(format!("{size}.png"), &made(Media::Png, size));
    let uploads = (0..uploads).map(|n| {
        let files: Vec<_> = (0..files).map(|f| file(1000 + n * files + f)).collect();
        let mut arguments = args!["upload", "--json", "--to", "flow-music"];
        arguments.extend(files.iter().map(|file| file.as_os_str()));
        machine.command(&arguments).spawn().unwrap()
    });
    uploads.collect()
}

/// The uploads end well; gives back their ids.
fn end(machine: &Machine, uploads: Vec<Child>) -> Vec<String> {
    let objects = uploads.into_iter().flat_map(|child| {
        let run = machine.finish(child);
        assert_eq!((run.status, run.err.as_str()), (0, ""), "nothing went wrong");
        run.objects()
    });
    ids(&objects.collect::<Vec<_>>())
}

#[test]
fn every_id_of_several_uploads_at_once_is_in_the_history() {
    let sandbox = SandboxProcess::start();
    let machine = Machine::at(&sandbox);
    let (uploads, files) = (6, 8);
    let mut children = start(&machine, uploads, files);
    // And somebody looks meanwhile, until all have ended.
    let mut looked = 0;
    while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        let list = machine.history(&[]);
        assert!(states(&list).iter().all(|state| ["waiting", "sending", "done"].contains(state)), "{list:?}");
        looked += 1;
    }
    let printed = end(&machine, children);
    let list = machine.history(&[]);
    assert_eq!((printed.len(), ids(&list)), (uploads * files, printed));
    assert!(list.iter().all(|object| object["attempts"].as_array().unwrap().len() == 1), "{list:?}");
    println!("{} files from {uploads} programs at once, listed {looked} times meanwhile", uploads * files);
}

#[test]
fn several_may_make_the_history_at_the_same_moment() {
    let sandbox = SandboxProcess::start();
    for _ in 0..10 {
        let machine = Machine::at(&sandbox);
        let children = start(&machine, 3, 1);
        let printed = end(&machine, children);
        assert_eq!(ids(&machine.history(&[])), printed);
        let data = std::fs::read_dir(machine.home().join("data")).unwrap();
        let mut left: Vec<_> = data.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        left.retain(|name| !name.starts_with("history-backup-"));
        left.sort();
        assert!(["history.db", "runs"].iter().all(|name| left.contains(&(*name).to_owned())), "{left:?}");
        assert!(!left.iter().any(|name| name.contains("damaged")), "{left:?}");
    }
}
