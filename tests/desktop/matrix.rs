//! Everything that other programs hand to the window, and what it hands to them: by desktop and program, as a table.

use std::fmt::Write as _;
use std::io::Write as _;
use std::thread;
use std::time::Instant;

use super::compositor::Compositor;
use super::desk::{Case, Desk};
use super::scene::Scene;
use super::sources::Source;

/// Those that run where nothing else is asked for.
const DESKTOPS: &str = "x11 weston";

/// The programs that files come from there.
const SOURCES: &str = "pcmanfm thunar";

pub(crate) fn asked(variable: &str, usual: &str, name: &str) -> bool {
    let all = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    all.split_whitespace().any(|asked| asked == name)
}

/// Does everything on the desktops asked for, two at a time, and fails with the whole tables of those that failed.
pub(crate) fn run() {
    let all = Compositor::ALL.into_iter().filter(|c| asked("HOIST_TEST_DESKTOPS", DESKTOPS, c.name()));
    let all: Vec<_> = all.collect();
    assert!(!all.is_empty(), "HOIST_TEST_DESKTOPS names no desktop");
    let mut failed = vec![];
    for two in all.chunks(2) {
        let running: Vec<_> = two
            .iter()
            .map(|desktop| {
                (
                    *desktop,
                    thread::spawn({
                        let desktop = *desktop;
                        move || on(desktop)
                    }),
                )
            })
            .collect();
        failed.extend(running.into_iter().filter_map(|(desktop, one)| match one.join() {
            Ok(table) => table.err(),
            Err(_) => Some(format!("{} did not come to its end", desktop.name())), // it has said why
        }));
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Does everything on one desktop; the error is the whole table.
fn on(compositor: Compositor) -> Result<(), String> {
    let began = Instant::now();
    let mut scene = Scene::start(compositor);
    let mut table = String::new();
    let mut failed = 0;
    let sources = Source::of(compositor).iter().filter(|s| asked("HOIST_TEST_SOURCES", SOURCES, s.name()));
    for (i, source) in sources.enumerate() {
        let cases: &[Case] = match source {
            Source::Chromium => &[Case::WebPicture],
            _ if i == 0 => &Case::ALL,
            _ => &Case::SOME,
        };
        let mut desk = Desk::new(*source);
        for case in cases {
            let began = Instant::now();
            let result = desk.play(&mut scene, *case);
            let seconds = began.elapsed().as_secs_f32();
            let said = match (&result, scene.tries()) {
                (Ok(()), 1) => "ok".to_owned(),
                (Ok(()), tries) => format!("ok, at try {tries}"),
                (Err(why), _) => {
                    failed += 1;
                    let name = format!("{}-{}-{case:?}", compositor.name(), source.name());
                    format!("FAILED: {why} (see {})", scene.keep_picture(&name))
                }
            };
            if result.is_err() {
                scene.recover();
            }
            let cell = format!(
                "{:9}{:9}{:27}{seconds:5.1} s  {said}",
                compositor.name(),
                source.name(),
                case.name()
            );
            // At once, and not kept back by the test's runner: a whole table takes minutes.
            let _ = writeln!(std::io::stderr(), "{cell}");
            writeln!(table, "{cell}").unwrap();
        }
    }
    let _ =
        writeln!(std::io::stderr(), "{:9}all in {:.0} s", compositor.name(), began.elapsed().as_secs_f32());
    if failed == 0 { Ok(()) } else { Err(format!("{failed} failed:\n{table}")) }
}
