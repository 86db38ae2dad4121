//! The providers of a person's own files: read again when their folder changes, reviewed, added and removed. A thread of
//! its own does that: the window waits for no disk.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use jiff::Zoned;

use super::background::{Background, WATCHED_EVERY, Wake};
use super::own_providers::{self, AddProviderError, ReviewedProvider};
use super::settings_transfer::SettingsImport;
use crate::model::secret::Key;
use crate::provider::spec::ProviderSpec;
use crate::store::folders::Folders;
use crate::store::provider_files::{ProviderFileError, ProviderFiles, ProviderProblem};

/// A file that is about to be added: for whoever is to agree to it.
pub type ProviderReview = Box<ReviewedProvider>;

/// What the thread has done.
pub(super) enum ProviderNews {
    /// The folder was read; these files of it are not used.
    Loaded(Vec<ProviderProblem>),
    /// A file was read for a person to look at.
    Reviewed(PathBuf, Result<ProviderReview, AddProviderError>),
    /// A file was added, with the key that stood in it.
    Added(&'static ProviderSpec, Option<Key>, Vec<ProviderProblem>),
    /// A file was removed, which can be added again.
    Removed(Option<ProviderReview>, Vec<ProviderProblem>),
    /// The provider files of these settings were added; what of them was not, in sentences.
    Imported(String, Vec<String>, Vec<ProviderProblem>),
    /// Something could not be done: a sentence.
    Failed(String),
}

/// The providers of a person's own files.
pub struct ProviderBook {
    pub(super) thread: Background<Folders, ProviderNews>,
    folder: PathBuf,
    pub(super) problems: Vec<ProviderProblem>,
    pub(super) reviews: VecDeque<ProviderReview>,
}

impl ProviderBook {
    /// Starts the thread, which reads the folder where a window is open while it changes. What was in it at the start was
    /// read with the arguments; what of that is not used is said with the first look, when the window is there.
    pub(super) fn start(folders: &Folders, terminal: bool, wake: Wake) -> std::io::Result<ProviderBook> {
        let files = ProviderFiles::new(folders);
        let mut is_changed = files.watch();
        let every = if terminal { std::time::Duration::MAX } else { WATCHED_EVERY };
        let look = move |folders: &mut Folders| {
            is_changed().then(|| ProviderNews::Loaded(own_providers::load(folders)))
        };
        let thread = Background::watching("hoist-providers", folders.clone(), wake, every, look)?;
        Ok(ProviderBook {
            thread,
            folder: files.folder().to_owned(),
            problems: vec![],
            reviews: VecDeque::new(),
        })
    }

    /// Lists the files that are not used, and why.
    pub fn problems(&self) -> &[ProviderProblem] {
        &self.problems
    }

    /// Returns the folder that the files are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Has files read, so that a person can look at what they do.
    pub fn review(&self, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            self.thread.ask(move |_| {
                let review = own_providers::review(&path, Zoned::now().date()).map(Box::new);
                ProviderNews::Reviewed(path, review)
            });
        }
    }

    /// Returns the next file that a person is to look at.
    pub fn take_review(&mut self) -> Option<ProviderReview> {
        self.reviews.pop_front()
    }

    /// Adds a file that a person has agreed to.
    pub fn add(&self, review: ProviderReview) {
        self.thread.ask(move |folders| {
            let facts = review.facts();
            match review.save(folders) {
                Ok((_, key)) => ProviderNews::Added(facts, key, own_providers::load(folders)),
                Err(e) => ProviderNews::Failed(format!("{} was not added. {e}", facts.name)),
            }
        });
    }

    /// Puts back a file that was removed: it has its destinations, and its key, if it needs one.
    pub fn restore(&self, review: ProviderReview) {
        self.thread.ask(move |folders| {
            let name = review.facts().name;
            match review.save(folders) {
                Ok(_) => ProviderNews::Loaded(own_providers::load(folders)),
                Err(e) => ProviderNews::Failed(format!("{name} was not put back. {e}")),
            }
        });
    }

    /// Removes a provider's file.
    pub fn remove(&self, id: &'static str) {
        self.thread.ask(move |folders| {
            let path = crate::provider::by_id(id).and_then(|provider| provider.file());
            let again = path.and_then(|path| own_providers::review(path, Zoned::now().date()).ok());
            let removed = own_providers::remove(folders, id);
            ProviderBook::removed(removed.map(|_| again.map(Box::new)), folders)
        });
    }

    /// Removes a file that is not used.
    pub fn remove_unused(&self, path: PathBuf) {
        self.thread.ask(move |folders| {
            let removed = ProviderFiles::new(folders).remove_unused(&path);
            ProviderBook::removed(removed.map(|()| None), folders)
        });
    }

    fn removed(
        removed: Result<Option<ProviderReview>, ProviderFileError>,
        folders: &Folders,
    ) -> ProviderNews {
        match removed {
            Ok(again) => ProviderNews::Removed(again, own_providers::load(folders)),
            Err(e) => ProviderNews::Failed(format!("The file was not removed. {e}")),
        }
    }

    /// Adds the provider files of settings that a person has agreed to.
    pub(super) fn import(&self, text: String) {
        self.thread.ask(move |folders| {
            let mut failed = vec![];
            if let Ok(mut incoming) = SettingsImport::read(&text) {
                for review in incoming.take_providers() {
                    let name = review.facts().name;
                    if let Err(e) = review.save(folders) {
                        failed.push(format!("{name} was not added. {e}"));
                    }
                }
            }
            ProviderNews::Imported(text, failed, own_providers::load(folders))
        });
    }
}
