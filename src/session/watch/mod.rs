//! Watched folders: what comes into them is sent to a destination, each content once.

mod watcher;
mod watching;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::background::{Background, Wake};
use crate::model::destination::Destination;
use crate::model::upload::UploadId;
use crate::store::folders::Folders;
use crate::store::watched_folders::{WatchedFolder, WatchedFoldersFile};
use watcher::{FolderWatch, WatchStart, WatchedFile};
pub use watcher::{WatchError, WatchTimes};

/// Files of one folder that are on their way at once; more wait where they are.
const MAX_OPEN: usize = 256;

/// How the files of a folder are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WatchOptions {
    /// Files that are there already are sent, too.
    pub existing: bool,
    /// What is not accepted is converted, made smaller or cut.
    pub fit: bool,
    /// The folder was watched before: it is waited for where it is away.
    pub is_listed: bool,
}

/// What came of the list of folders: at the start what is in it, later why it could not be changed.
type WatchListReply = Result<Vec<WatchedFolder>, std::io::Error>;

/// The folders that are watched.
pub struct WatchBook {
    watches: Vec<Watch>,
    ended: Vec<UploadId>,
    refused: Vec<WatchError>,
    folders: Folders,
    times: WatchTimes,
    wake: Wake,
    /// A window's folders are watched again by the next run. A terminal's are those of its arguments.
    list: Option<Background<WatchedFoldersFile, WatchListReply>>,
}

struct Watch {
    entry: WatchedFolder,
    to: Arc<Destination>,
    fit: bool,
    thread: FolderWatch,
    has_begun: bool,
    files: HashMap<UploadId, WatchedFile>,
    /// Of these a copy was asked for.
    fitted: HashSet<UploadId>,
}

impl WatchBook {
    pub(super) fn start(
        folders: &Folders,
        times: WatchTimes,
        terminal: bool,
        wake: &Wake,
    ) -> std::io::Result<WatchBook> {
        let list = (!terminal).then(|| {
            let file = WatchedFoldersFile::new(folders);
            let list = Background::start("hoist-watches", file, Arc::clone(wake))?;
            list.ask(|file| file.load());
            Ok::<_, std::io::Error>(list)
        });
        Ok(WatchBook {
            watches: vec![],
            ended: vec![],
            refused: vec![],
            folders: folders.clone(),
            times,
            wake: Arc::clone(wake),
            list: list.transpose()?,
        })
    }

    /// Watches a folder for a destination in this run.
    pub fn watch(
        &mut self,
        folder: PathBuf,
        to: &Arc<Destination>,
        options: WatchOptions,
    ) -> std::io::Result<()> {
        let entry = WatchedFolder::new(folder, to);
        if self.watches.iter().any(|watch| watch.entry == entry) {
            return Ok(());
        }
        let start = WatchStart {
            folders: self.folders.clone(),
            folder: entry.path.clone(),
            to: Arc::clone(to),
            existing: options.existing,
            may_be_away: options.is_listed,
        };
        let thread = FolderWatch::start(start, self.times, Arc::clone(&self.wake))?;
        self.watches.push(Watch {
            entry,
            to: Arc::clone(to),
            fit: options.fit,
            thread,
            has_begun: false,
            files: HashMap::new(),
            fitted: HashSet::new(),
        });
        Ok(())
    }

    /// Watches a folder from now on, also in later runs. Files that are there already are not sent.
    pub fn add(&mut self, folder: PathBuf, to: &Arc<Destination>) -> std::io::Result<()> {
        self.watch(folder.clone(), to, WatchOptions::default())?;
        if let Some(list) = &self.list {
            let entry = WatchedFolder::new(folder, to);
            list.ask(move |file| file.add(entry).map(|()| vec![]));
        }
        Ok(())
    }

    /// Stops watching a folder for a destination, and forgets what is known of its files.
    pub fn remove(&mut self, folder: &Path, to: &Destination) {
        let is_it = |watch: &mut Watch| watch.entry.path == folder && *watch.to == *to;
        let removed: Vec<_> = self.watches.extract_if(.., is_it).collect();
        for watch in removed {
            self.unlist(watch.entry);
            watch.thread.forget();
        }
    }

    fn unlist(&self, entry: WatchedFolder) {
        if let Some(list) = &self.list {
            list.ask(move |file| file.remove(&entry).map(|()| vec![]));
        }
    }

    /// Stops watching all folders. Files that are on their way go on; the next run finds the others.
    pub fn stop(&mut self) {
        self.watches.clear();
    }

    /// Lists the folders that are watched for a destination.
    pub fn folders_of<'a>(&'a self, to: &'a Destination) -> impl Iterator<Item = &'a Path> {
        self.watches.iter().filter(|watch| *watch.to == *to).map(|watch| watch.entry.path.as_path())
    }

    /// Returns whether every folder is being watched: what comes from here on is found.
    pub fn has_begun(&self) -> bool {
        self.watches.iter().all(|watch| watch.has_begun)
    }

    /// Takes the files of which is known what became of them, in that order.
    pub fn take_ended(&mut self) -> Vec<UploadId> {
        std::mem::take(&mut self.ended)
    }

    /// Takes why folders cannot be watched.
    pub fn take_refused(&mut self) -> Vec<WatchError> {
        std::mem::take(&mut self.refused)
    }
}
