//! What the user adds: where it goes, and what is fetched for it.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Session;
use super::choices::needs_copy;
use super::imports::{Link, MAX_FETCHED, To};
use super::notice::Notice;
use super::scan;
use super::update::Update;
use crate::engine::fetch::Landed;
use crate::model::destination::Destination;
use crate::model::fit::{FitWishes, FittedCopy};
use crate::model::item::Item;
use crate::model::record::name_of;
use crate::model::text;
use crate::model::upload::{State, UploadId};
use crate::provider;

impl Session {
    /// Adds files for the chosen destination; a worker inspects each.
    pub fn add_files(&mut self, paths: impl IntoIterator<Item = PathBuf>) -> Vec<UploadId> {
        match self.keys.chosen().cloned() {
            Some(destination) => self.add_files_to(paths, &destination),
            None => vec![],
        }
    }

    /// Adds files for a destination.
    pub fn add_files_to(
        &mut self,
        paths: impl IntoIterator<Item = PathBuf>,
        destination: &Arc<Destination>,
    ) -> Vec<UploadId> {
        self.uploads.add(paths, destination, self.keys.settings.upload_on_drop)
    }

    /// Scans what is added: files are staged, and those in folders, for this destination, or else for the one that is
    /// chosen now. Where they are many, the user is asked first (`Intake::large`).
    pub fn gather(&mut self, paths: Vec<PathBuf>, to: Option<Arc<Destination>>) {
        let to = to.or_else(|| self.keys.chosen().cloned());
        self.intake.scan(paths, to);
    }

    /// Stages files that are known to be none but files; without a destination they wait until there is one.
    pub fn stage(&mut self, files: Vec<PathBuf>, to: To) {
        if files.is_empty() {
            return;
        }
        let to = to.filter(|to| self.keys.destinations().contains(to));
        match to.or_else(|| self.keys.chosen().cloned()) {
            Some(to) => {
                let new = self.without_queued(files, &to);
                self.add_files_to(new, &to);
            }
            None => {
                let known = self.intake.early.iter().cloned().collect();
                let new = self.without_known(files, known, "waits", "wait");
                self.intake.early.extend(new);
            }
        }
    }

    /// Adds files for a destination which is known to have them: they are sent there once more when Upload is pressed.
    pub fn add_again(&mut self, files: Vec<PathBuf>, to: &Arc<Destination>) {
        let new = self.without_queued(files, to);
        for id in self.add_files_to(new, to) {
            self.want_again(id);
        }
    }

    fn want_again(&mut self, id: UploadId) {
        if let Some(item) = self.uploads.queue.get_mut(id) {
            item.wanted_again = true;
        }
    }

    /// Adds files of the queue for another destination as well, also where that has them already. What goes as a copy goes
    /// there as one, too, as was wished; and so does what that one accepts only as a copy.
    pub fn also_send(&mut self, ids: &[UploadId], to: &Arc<Destination>) {
        let there = self.uploads.queue().items().iter().filter(|item| item.result().is_some());
        let there = there.filter(|item| item.request.destination.is_same_target(to));
        let there: HashSet<PathBuf> = there.map(|item| item.request.path.clone()).collect();
        let items = ids.iter().filter_map(|id| self.uploads.queue().get(*id));
        let wished = |item: &Item| {
            let in_need = item.original_facts().is_some_and(|file| needs_copy(&file, to));
            let wishes = item.request.copy.as_ref().map(|copy| copy.wishes.clone());
            wishes.or_else(|| in_need.then(|| to.fit.wishes.clone()))
        };
        let files: Vec<(PathBuf, Option<FitWishes>)> =
            items.map(|item| (item.request.path.clone(), wished(item))).collect();
        let wishes: HashMap<PathBuf, Option<FitWishes>> = files.iter().cloned().collect();
        let files = files.into_iter().map(|(path, _)| path).collect();
        let new = self.without_queued(files, to);
        let added = self.add_files_to(new, to);
        for id in added {
            let path = self.uploads.queue().get(id).map(|item| item.request.path.clone());
            if path.as_ref().is_some_and(|path| there.contains(path)) {
                self.want_again(id);
            }
            let wished = path.and_then(|path| wishes.get(&path)).cloned().flatten();
            if let Some(wishes) = wished {
                self.uploads.restore_copy(id, Arc::new(FittedCopy { wishes, ..FittedCopy::default() }));
            }
        }
    }

    /// Lists the files that wait, or are on their way, for a destination.
    pub fn queued_for<'a>(&'a self, to: &'a Arc<Destination>) -> impl Iterator<Item = &'a Path> {
        let is_open = |item: &&Item| item.state == State::Ready || item.state.is_active();
        let items = self.uploads.queue().items().iter().filter(is_open);
        items.filter(move |item| item.request.destination == *to).map(|item| item.request.path.as_path())
    }

    /// Returns the files that no row of this destination waits or is sent for already, and says which it skips: a drop or a
    /// paste that was done twice sends nothing twice.
    fn without_queued(&mut self, files: Vec<PathBuf>, to: &Arc<Destination>) -> Vec<PathBuf> {
        let known = self.queued_for(to).map(Path::to_owned).collect();
        self.without_known(files, known, "is in the queue", "are in the queue")
    }

    /// Returns those files that are not known yet, and says of the others that they are there already, of one and of many.
    fn without_known(
        &mut self,
        files: Vec<PathBuf>,
        mut known: HashSet<PathBuf>,
        one_is: &str,
        many_are: &str,
    ) -> Vec<PathBuf> {
        let (new, there): (Vec<_>, Vec<_>) = files.into_iter().partition(|file| known.insert(file.clone()));
        match there.as_slice() {
            [] => {}
            [one] => self.notices.push(format!("{} {one_is} already", name_of(one)).into()),
            many => {
                let files = text::count_thousands(many.len(), "file");
                self.notices.push(format!("{files} {many_are} already").into());
            }
        }
        new
    }

    /// Stages what came before there was a destination.
    pub(super) fn stage_early(&mut self) {
        if !self.intake.early.is_empty() && self.keys.chosen().is_some() {
            let early = std::mem::take(&mut self.intake.early);
            self.add_files(early);
        }
    }

    /// Stages the many files that the user was asked about, or leaves them.
    pub fn answer_large(&mut self, yes: bool) {
        if let Some(gathered) = self.intake.large.pop_front().filter(|_| yes) {
            self.stage(gathered.files, gathered.to);
        }
    }

    /// Takes in what was scanned.
    pub(super) fn drain_scans(&mut self, changes: &mut Update) {
        for gathered in self.intake.scans.take() {
            changes.any = true;
            if gathered.is_much() {
                self.intake.large.push_back(gathered);
            } else {
                let text = scan::notice(&gathered);
                if !text.is_empty() {
                    self.notices.push(Notice { text, is_error: gathered.rest.first_unreadable.is_some() });
                }
                self.stage(gathered.files, gathered.to);
            }
        }
    }

    /// Fetches what these links name: a person has agreed to their hosts. The files are staged; links to other hosts are to
    /// be agreed to.
    pub fn fetch(&mut self, links: Vec<Link>, to: &To) {
        self.intake.imports.want(links, to);
        self.fetch_next();
    }

    /// Stops all fetching. What has come whole stays.
    pub fn stop_fetching(&mut self) {
        self.notices.extend(self.intake.imports.stop());
    }

    /// Returns the size of the largest file that any destination takes; nothing larger is fetched.
    pub fn most_to_fetch(&self) -> u64 {
        let destinations = self.keys.destinations().iter();
        let facts = destinations.filter_map(|d| Some(provider::by_id(&d.provider)?.facts()));
        let sizes = facts.flat_map(|f| f.accepts).map(|a| a.max_bytes.unwrap_or(MAX_FETCHED));
        sizes.max().unwrap_or(MAX_FETCHED).min(MAX_FETCHED)
    }

    /// Deletes copies that ended runs left, and in the window what was imported in earlier runs, where no row of any
    /// window's queue needs them.
    pub(super) fn tidy(&self, needed: Vec<PathBuf>) {
        let copies = self.uploads.queue.items().iter().map(|item| item.request.source().to_owned());
        self.uploads.tidy_copies(&needed.iter().cloned().chain(copies).collect::<Vec<_>>());
        if self.uploads.terminal {
            return;
        }
        let queued = self.uploads.queue.items().iter().map(|item| item.request.path.clone());
        let waiting = self.intake.early.iter().chain(&self.window.view().waiting).cloned();
        self.intake.imports.remove_old(needed.into_iter().chain(queued).chain(waiting));
    }

    /// Takes in what has come.
    pub(super) fn drain_imports(&mut self, changes: &mut Update) {
        while let Some(kept) = self.intake.imports.try_imported() {
            changes.any = true;
            match kept {
                Some(Ok((file, to))) => self.stage(vec![file], to),
                Some(Err(problem)) => self.notices.push(Notice::error(problem.to_string())),
                None => {}
            }
        }
        while let Some(fetched) = self.uploads.engine.try_fetched() {
            changes.any = true;
            match self.intake.imports.on_fetched(fetched) {
                Some((Landed::File(file), to)) => self.stage(vec![file], to),
                Some((Landed::RedirectedTo(link), to)) => self.intake.propose([link], &to),
                None => {}
            }
            self.fetch_next();
        }
    }

    fn fetch_next(&mut self) {
        let max_bytes = self.most_to_fetch();
        self.notices.extend(self.intake.imports.fetch_next(&self.uploads.engine, max_bytes));
    }
}
