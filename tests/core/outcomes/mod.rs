//! Every service times every fault: where the upload ends, how many bodies the service took, what the user reads, and
//! what the history says. Kept as a table in `tests/snapshots/outcomes.md`; `UPDATE_SNAPSHOTS=1` writes a new one.

mod cell;
mod faults;
mod table;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::server::Certificate;
use hoist::provider;

use cell::Cell;
use faults::Fault;

/// Where the certificates of the process that runs the table are.
const CERTIFICATES: &str = "HOIST_TEST_CERTIFICATES";

/// Most cells wait most of the time.
const CELLS_AT_ONCE: usize = 32;

#[test]
fn every_fault_of_every_provider_ends_as_written_down() {
    let Some(certificates) = std::env::var_os(CERTIFICATES).map(PathBuf::from) else {
        return in_a_process_that_trusts_our_authority();
    };
    let groups = faults::all();
    let faults: Vec<&Fault> = groups.iter().flat_map(|group| &group.faults).collect();
    let cells = run(&faults, &certificates);
    let table = table::render(&groups, &cells);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/outcomes.md");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, table).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differ = |a: &str, b: &str| {
        let lines = a.lines().filter(|line| !b.lines().any(|other| other == *line));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert!(
        table == kept,
        "{table}\nThe table is not the one in {}. New lines:\n{}\nLines that are gone:\n{}",
        "tests/snapshots/outcomes.md",
        differ(&table, &kept),
        differ(&kept, &table)
    );
}

/// Which authorities are trusted is for the process's environment to say, and that is only set for another one.
fn in_a_process_that_trusts_our_authority() {
    let folder = tempfile::tempdir().unwrap();
    Certificate::make_all(folder.path());
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["outcomes::every_fault_of_every_provider_ends_as_written_down", "--exact", "--nocapture"])
        .env(CERTIFICATES, folder.path())
        .env("SSL_CERT_FILE", folder.path().join("authority.pem"))
        .env_remove("SSL_CERT_DIR")
        .output()
        .unwrap();
    let said = [run.stdout, run.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(run.status.success(), "{}\n{}", said[0], said[1]);
    assert!(said[0].contains("1 passed"), "{}", said[0]);
}

/// The cells of each fault, in the order of the providers.
fn run(faults: &[&Fault], certificates: &Path) -> Vec<Vec<Cell>> {
    let next = AtomicUsize::new(0);
    let columns = provider::first().len();
    let done: Mutex<BTreeMap<usize, Cell>> = Mutex::default();
    let broken: Mutex<Vec<String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..CELLS_AT_ONCE {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    let Some(fault) = faults.get(n / columns) else { return };
                    let provider = provider::first()[n % columns];
                    match catch_unwind(AssertUnwindSafe(|| cell::run(provider, fault, certificates))) {
                        Ok(cell) => {
                            done.lock().unwrap().insert(n, cell);
                        }
                        // Why stands on stderr.
                        Err(_) => {
                            broken.lock().unwrap().push(format!("{}, {}", provider.facts().id, fault.name));
                        }
                    }
                }
            });
        }
    });
    let broken = broken.into_inner().unwrap();
    assert!(broken.is_empty(), "broken rules, or no end:\n{}", broken.join("\n"));
    let mut done = done.into_inner().unwrap().into_values();
    faults.iter().map(|_| done.by_ref().take(columns).collect()).collect()
}
