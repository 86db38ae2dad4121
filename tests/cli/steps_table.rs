//! Every fault in every step of a provider of two requests and of one of three, by the real program over real sockets:
//! how the upload ends, and which requests were repeated. Kept as a table in `tests/snapshots/steps.md`;
//! `UPDATE_SNAPSHOTS=1` writes a new one.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hoist::model::media::Media;
use hoist::provider::build;
use hoist::provider::rehearsal::{sample, text_of};
use hoist::provider::spec::ProviderSource;
use hoist::provider::{self, Provider, SandboxUpload};

use crate::machine::{Machine, signal};
use crate::support::server::{Answer, Reaction, Recorded, Server};
use crate::support::{key_of, made};

/// Most of a cell is waiting.
const AT_ONCE: usize = 8;

/// What goes wrong in a step.
#[derive(Clone, Copy)]
enum StepFault {
    Does(&'static str, fn() -> Reaction),
    /// The program is killed while the reply is awaited, and its history read by the next one.
    Killed,
}

impl StepFault {
    fn name(self) -> &'static str {
        match self {
            StepFault::Does(name, _) => name,
            StepFault::Killed => "the program is killed before the reply",
        }
    }
}

fn answers(status: u16, body: &str) -> Reaction {
    Reaction::Answer(Answer::new(status, body))
}

const FAULTS: [StepFault; 12] = [
    StepFault::Does("closed before the body is read", || Reaction::CloseBeforeReading),
    StepFault::Does("closed after the last byte", || Reaction::CutAfterBody),
    StepFault::Does("half a reply", || Reaction::CurtailedAnswer(Answer::new(200, "{\"id\":\"a\"}"))),
    StepFault::Does("another site's page", || answers(200, "<html>Welcome</html>")),
    StepFault::Does("an empty object", || answers(200, "{}")),
    StepFault::Does("400", || answers(400, "{\"error\":\"no\"}")),
    StepFault::Does("401", || answers(401, "{\"error\":\"no key\"}")),
    StepFault::Does("429, for an hour", || {
        Reaction::Answer(Answer::new(429, "{}").header("retry-after", "3600"))
    }),
    StepFault::Does("500", || answers(500, "{\"error\":\"oh\"}")),
    StepFault::Does("502", || answers(502, "")),
    StepFault::Does("503", || answers(503, "")),
    StepFault::Killed,
];

/// The providers: one of the box with two steps, the second of which may be repeated, and a file with three.
fn providers() -> [&'static Provider; 2] {
    let source = ProviderSource::File("studio.toml".into());
    let studio = include_str!("../fixtures/providers/studio.toml");
    let studio = build::provider(studio, &source, &[]).unwrap();
    let several = |p: &&&Provider| p.steps() == 2 && p.is_safe(1);
    [provider::built_in().iter().find(several).unwrap(), studio]
}

/// Which step a request is, from 0: each reply names an address that has the number of the next.
fn step_of(request: &Recorded) -> usize {
    match request.target.strip_prefix("/next/") {
        Some(number) => number.parse().unwrap(),
        // What is at the vendor's own host and is not the first, is the last.
        None if request.target.contains("/assets/") => 2,
        None => 0,
    }
}

/// What the provider's own example answers.
fn good(provider: &Provider, request: &Recorded) -> Reaction {
    let step = step_of(request);
    let next = format!("http://{}/next/{}", request.header("host").unwrap(), step + 1);
    let upload = SandboxUpload { next, uuid: "a-1".to_owned(), ..sample(provider, Media::Png) };
    let (status, body) = provider.example(step + 1, &upload);
    Reaction::Answer(Answer::new(status, text_of(&body)))
}

/// One upload with a fault in one step: how it ends, and how often each step was asked.
fn cell(provider: &'static Provider, at: usize, fault: StepFault) -> String {
    let server = Server::start(move |request, _| match fault {
        StepFault::Does(_, reaction) if step_of(request) == at => reaction(),
        StepFault::Killed if step_of(request) == at => Reaction::StallAfter,
        _ => good(provider, request),
    });
    let facts = provider.facts();
    let machine = Machine::new().with(facts.vendor.env, &key_of(facts.vendor));
    let machine = facts.vendor.endpoints.iter().fold(machine, |m, e| m.with(e.env, &server.origin()));
    if provider.file().is_some() {
        let file = machine.file("own.toml", provider.text().as_bytes());
        assert_eq!(machine.run(&args!["providers", "add", file.as_os_str(), "--yes"]).status, 0);
    }
    // Larger than what systems hold between two programs: what is closed unread has not left whole.
    let picture = machine.file("cover.png", &made(Media::Png, 16_000_000));
    let picture = picture.as_os_str();
    let arguments = args!["upload", "--to", facts.id, picture, "--json"];
    if matches!(fault, StepFault::Killed) {
        let child = machine.command(&arguments).spawn().unwrap();
        server.until("it is in this step", |requests| {
            requests.last().is_some_and(|request| step_of(request) == at && request.complete)
        });
        signal("-KILL", child.id());
        child.wait_with_output().unwrap();
    } else {
        machine.run(&arguments);
    }
    let state = machine.history(&[])[0]["state"].as_str().unwrap().to_owned();
    let mut counts = vec![0; provider.steps()];
    for request in server.requests() {
        counts[step_of(&request)] += 1;
    }
    let counts: Vec<_> = counts.iter().map(usize::to_string).collect();
    // What no document calls repeatable creates one asset at most.
    let creating = provider.creating_step();
    let repeated = server.requests().iter().filter(|r| step_of(r) == creating && r.may_exist()).count();
    assert!(repeated <= 1 || provider.is_safe(creating), "{}: {at}, {}", facts.id, fault.name());
    assert!(state != "unknown" || at >= creating, "{}: {at}, {}", facts.id, fault.name());
    format!("{state} ({})", counts.join(", "))
}

#[test]
fn every_fault_in_every_step_ends_as_written_down() {
    let providers = providers();
    let columns: Vec<_> = providers.iter().flat_map(|p| (0..p.steps()).map(move |at| (*p, at))).collect();
    let next = AtomicUsize::new(0);
    let done: Mutex<BTreeMap<usize, String>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::SeqCst);
                    let Some(fault) = FAULTS.get(n / columns.len()) else { return };
                    let (provider, at) = columns[n % columns.len()];
                    let cell = cell(provider, at, *fault);
                    done.lock().unwrap().insert(n, cell);
                }
            });
        }
    });
    let done = done.into_inner().unwrap();
    let mut table = "# Outcomes by step and fault\n\n\
        Made by `UPDATE_SNAPSHOTS=1 cargo test --test cli steps_table`. Each cell is one upload by the real program,\n\
        over real sockets, to a server that does as the first column says in the step of that column, and answers by the\n\
        provider's own examples in all others. In brackets: how often each step was asked. Only a step that creates the\n\
        asset leaves its outcome unknown, and is then not repeated; what breaks before it begins anew.\n\n| The fault |"
        .to_owned();
    for (provider, at) in &columns {
        let creates = if *at == provider.creating_step() { ", which creates" } else { "" };
        write!(table, " {}, step {} of {}{creates} |", provider.facts().name, at + 1, provider.steps())
            .unwrap();
    }
    writeln!(table, "\n| --- |{}", " --- |".repeat(columns.len())).unwrap();
    for (row, fault) in FAULTS.iter().enumerate() {
        let cells = (0..columns.len()).map(|column| done[&(row * columns.len() + column)].clone());
        writeln!(table, "| {} | {} |", fault.name(), cells.collect::<Vec<_>>().join(" | ")).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/steps.md");
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(path, table).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    let new: Vec<_> = table.lines().filter(|line| !kept.lines().any(|other| other == *line)).collect();
    assert!(table == kept, "Lines that are not in tests/snapshots/steps.md:\n{}", new.join("\n"));
}
