//! Asks the workers everything about files, and waits for the answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hoist::media::error::PreviewError;
use hoist::media::preview::{Picture, Preview};
use hoist::media::workers::{WorkResult, Workers};
use hoist::model::media::{Details, FileFacts, FileProblem};
use hoist::model::upload::UploadId;

/// Long enough for any machine; nothing is decided by it but that a test ends.
const TIMEOUT: Duration = Duration::from_mins(3);

/// Everything the workers say of a file.
#[derive(Debug, Default)]
pub(crate) struct Look {
    pub(crate) facts: Option<FileFacts>,
    problem: Option<FileProblem>,
    pub(crate) picture: Option<Result<Picture, PreviewError>>,
    pub(crate) preview: Option<Result<Preview, PreviewError>>,
    pub(crate) details: Option<Details>,
}

impl Look {
    fn is_whole(&self) -> bool {
        self.problem.is_some()
            || (self.facts.is_some()
                && self.picture.is_some()
                && self.preview.is_some()
                && self.details.is_some())
    }
}

fn start() -> Workers {
    Workers::start(&(Arc::new(|| {}) as Arc<dyn Fn() + Send + Sync>)).unwrap()
}

/// Looks at one file.
pub(crate) fn inspect(path: &Path) -> Look {
    inspect_all(&[path.to_owned()]).pop().unwrap()
}

/// Looks at files, some at a time as they are on screen. Each question is answered once.
pub(crate) fn inspect_all(files: &[PathBuf]) -> Vec<Look> {
    let workers = start();
    let mut all: Vec<Look> = files.iter().map(|_| Look::default()).collect();
    let until = Instant::now() + TIMEOUT;
    let mut asked = 0;
    while !all.iter().all(Look::is_whole) {
        assert!(Instant::now() < until, "never answered: {:?}", unanswered(&all, files));
        let open = all[..asked].iter().filter(|inspect| !inspect.is_whole()).count();
        if asked < files.len() && open < 8 {
            workers.inspect(UploadId(asked as u64), files[asked].clone());
            asked += 1;
            continue;
        }
        for found in workers.found().collect::<Vec<_>>() {
            take(&workers, &mut all, found);
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(workers.found().count(), 0, "nothing is answered twice");
    all
}

fn unanswered<'a>(all: &[Look], files: &'a [PathBuf]) -> Vec<&'a PathBuf> {
    all.iter().zip(files).filter(|(inspect, _)| !inspect.is_whole()).map(|(_, file)| file).take(5).collect()
}

fn take(workers: &Workers, all: &mut [Look], found: WorkResult) {
    let once = |before: bool| assert!(before, "answered twice");
    match found {
        WorkResult::Facts(id, Ok(facts)) => {
            workers.details(id, facts.clone());
            workers.preview(id, facts.clone(), (568, 480));
            workers.picture(id, facts.clone(), 168);
            once(all[id.0 as usize].facts.replace(facts).is_none());
        }
        WorkResult::Facts(id, Err(problem)) => once(all[id.0 as usize].problem.replace(problem).is_none()),
        WorkResult::Picture(id, picture) => once(all[id.0 as usize].picture.replace(picture).is_none()),
        WorkResult::Preview(id, preview) => once(all[id.0 as usize].preview.replace(preview).is_none()),
        WorkResult::Details(id, details) => once(all[id.0 as usize].details.replace(details).is_none()),
        WorkResult::Compared(..) | WorkResult::Hash(..) | WorkResult::Forgotten(..) => {
            panic!("it was not asked for")
        }
    }
}

/// Wants a thousand pictures and leaves them again, then one that is wanted: that one is made, and of the others no more
/// than had begun.
pub(crate) fn after_a_thousand_that_are_not_wanted(path: &Path) -> Look {
    let facts = hoist::media::inspect::inspect(path).unwrap();
    let workers = start();
    let last = UploadId(1000);
    for n in 0..1000 {
        workers.picture(UploadId(n), facts.clone(), 168);
        workers.unwant_picture(UploadId(n));
    }
    workers.picture(last, facts, 168);
    let until = Instant::now() + TIMEOUT;
    let mut others = 0;
    loop {
        assert!(Instant::now() < until, "the one that is wanted never came");
        for found in workers.found().collect::<Vec<_>>() {
            match found {
                WorkResult::Picture(id, picture) if id == last => {
                    assert!(others < 500, "{others} unwanted ones were made");
                    return Look { picture: Some(picture), ..Look::default() };
                }
                _ => others += 1,
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}
