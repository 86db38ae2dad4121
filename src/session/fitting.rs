//! Copies in place of files: offered where a plan answers a finding, made on workers, taken back, and deleted when they
//! are not needed any more.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::choices::can_be_redirected;
use super::copy_owner;
use super::fit_remedies::wishes_offered;
use super::uploads::Uploads;
use crate::media::fit::{FitOrder, FitResult, plan};
use crate::model::fit::{FitWishes, FittedCopy};
use crate::model::item::{Inspection, Item, Recall, Severity, Stage};
use crate::model::media::{FileProblem, Media};
use crate::model::upload::{Event, State, UploadId};
use crate::provider;

/// A copy that no queue needs is deleted when it is older than this, where nothing tells whether whoever made it lives.
const MAX_AGE: Duration = Duration::from_hours(24);

impl Uploads {
    /// Returns the types that a copy of a file may have at its destination, as far as they can be written here.
    pub fn fit_formats(&self, item: &Item) -> Vec<Media> {
        let kind = item.inspection.found().and_then(|facts| facts.recognised.media()).map(Media::kind);
        let Some(provider) = provider::by_id(&item.request.destination.provider) else { return vec![] };
        let written = [
            Media::Png,
            Media::Jpeg,
            Media::Webp,
            Media::Wav,
            Media::M4a,
            Media::Mp3,
            Media::Mp4,
            Media::Mov,
        ];
        let fits = |media: &Media| Some(media.kind()) == kind && provider.facts().accepts(*media).is_some();
        written.into_iter().filter(fits).collect()
    }

    /// Returns how far the copy of a file is, in hundredths, while it is made.
    pub fn fit_progress(&self, id: UploadId) -> Option<u8> {
        let item = self.queue.get(id)?;
        matches!(item.inspection, Inspection::Fitting(_)).then(|| self.fits.worker.progress(id).unwrap_or(0))
    }

    /// Makes the copies that files offer, by their destinations' rules, and sends those in their place.
    pub fn fit_as_offered(&mut self, ids: &[UploadId]) {
        for id in ids {
            let Some(item) = self.queue.get(*id) else { continue };
            let wishes = wishes_offered(item);
            self.fit(&[*id], &wishes);
        }
    }

    /// Makes copies of files and sends those in their place. What was asked for and has not begun is held back for that, and
    /// goes by itself when its copy is there.
    pub fn fit(&mut self, ids: &[UploadId], wishes: &FitWishes) {
        for id in ids {
            let Some(item) = self.queue.get_mut(*id) else { continue };
            if !can_be_redirected(&item.state) {
                continue;
            }
            if matches!(item.state, State::Waiting { .. }) {
                match &mut item.stage {
                    Stage::Submitted { recall, .. } => {
                        if matches!(recall, None | Some(Recall::Fit(_))) {
                            *recall = Some(Recall::Fit(wishes.clone()));
                        }
                        self.engine.withdraw(*id);
                        continue;
                    }
                    _ => item.await_copy(Timestamp::now()),
                }
            }
            if item.state != State::Ready {
                item.apply(Event::Requeued, Timestamp::now());
            }
            let Some(provider) = provider::by_id(&item.request.destination.provider) else { continue };
            let facts = item.original_facts();
            let pending = Arc::new(FittedCopy { wishes: wishes.clone(), ..FittedCopy::default() });
            let Some(facts) = facts else {
                // It is being inspected: the copy is made after that, as one that an earlier run did not finish.
                if item.inspection == Inspection::Pending && item.request.copy.is_none() {
                    item.request.copy = Some(pending);
                    self.fits.settled.remove(id);
                    self.persist_in_queue(*id);
                }
                continue;
            };
            let order = FitOrder {
                id: *id,
                path: item.request.path.clone(),
                limits: provider.facts().limits(),
                wishes: wishes.clone(),
                folder: self.fits.new_folder(*id),
                facts: facts.clone(),
            };
            let before = item.request.copy.replace(pending);
            item.fit_problem = None;
            item.earlier = None;
            item.restored = None; // what it was is in the copy from now on
            item.findings.clear();
            item.inspection = Inspection::Fitting(facts);
            self.fits.settled.remove(id);
            self.workers.leave_look(*id); // of the copy before, which goes
            self.forget_copy(before.as_deref());
            self.fits.worker.order(order);
            self.persist_in_queue(*id);
        }
    }

    /// Makes a copy of a file that was asked for and that the engine does not have, and sends that as soon as it is there.
    pub(super) fn fit_asked(&mut self, id: UploadId, wishes: &FitWishes) {
        if let Some(item) = self.queue.get_mut(id) {
            item.await_copy(Timestamp::now());
            self.fit(&[id], wishes);
        }
    }

    /// Sends the file itself after all, and not a copy. Returns the copy, which stays for `restore_copy`, until
    /// `forget_copy`.
    pub fn use_original(&mut self, id: UploadId) -> Option<Arc<FittedCopy>> {
        self.fits.worker.cancel(id);
        let item = self.queue.get_mut(id).filter(|item| !item.state.is_active())?;
        let before = item.request.copy.take()?;
        item.request.facts = None;
        item.earlier = None;
        self.fits.settled.insert(id);
        self.persist_in_queue(id);
        self.inspect(id);
        Some(before)
    }

    /// Sends a copy after all that was left for the file itself; where it is gone, or was not made yet, it is made again.
    pub fn restore_copy(&mut self, id: UploadId, copy: Arc<FittedCopy>) {
        let is_left = |item: &&mut Item| item.state == State::Ready && item.request.copy.is_none();
        let Some(item) = self.queue.get_mut(id).filter(is_left) else {
            self.forget_copy(Some(&copy));
            return;
        };
        item.request.copy = Some(copy);
        item.request.facts = None;
        item.earlier = None;
        item.restored = None;
        self.fits.settled.remove(&id);
        self.persist_in_queue(id);
        self.inspect(id);
    }

    /// Has standing rules act, in the terminal as in the window.
    pub fn act_on_rules(&mut self) {
        self.fits.rules_act = true;
    }

    /// Takes what came of a copy. The copy itself is inspected as any file is.
    pub(super) fn on_fitted(&mut self, id: UploadId, made: FitResult) {
        let waits = |item: &&mut Item| matches!(item.inspection, Inspection::Fitting(_));
        let Some(item) = self.queue.get_mut(id).filter(waits) else {
            self.forget_copy(made.ok().flatten().as_ref());
            return;
        };
        match made {
            Ok(Some(copy)) => item.request.copy = Some(Arc::new(copy)),
            needless_or_not => {
                item.request.copy = None;
                item.fit_problem = needless_or_not.err().map(|why| why.to_string());
                self.fits.settled.insert(id);
            }
        }
        self.inspect(id);
    }

    /// Makes a copy anew that is gone, or that an earlier run did not finish; and begins one that a standing rule wants, also
    /// of what is looked at once more before it is sent. True where one is being made.
    pub(super) fn fit_unasked(&mut self, id: UploadId, found: &Inspection) -> bool {
        let is_terminal = self.terminal;
        let Some(item) = self.queue.get_mut(id) else { return false };
        let is_free = item.state == State::Ready
            && matches!(item.stage, Stage::Idle | Stage::AutoUpload | Stage::UploadWhenFitted);
        // A terminal has its copies made before it asks for anything.
        let is_asked = matches!(item.stage, Stage::Rechecking { .. }) && !is_terminal;
        if !is_free && !is_asked {
            return false;
        }
        let copy = item.request.copy.clone();
        match (copy, found) {
            // It is made of the file itself again, which is inspected for that.
            (Some(copy), Inspection::Failed(FileProblem::Vanished)) if copy.path.is_some() => {
                let pending = FittedCopy { wishes: copy.wishes.clone(), ..FittedCopy::default() };
                item.request.copy = Some(Arc::new(pending));
                item.request.facts = None;
                item.restored = None;
                self.inspect(id);
                true
            }
            (Some(copy), Inspection::Ready(_)) if copy.path.is_none() => {
                item.set_inspection(found.clone());
                if is_asked {
                    item.accept_change(); // whoever asks once more means the file as it is
                }
                if item.has_changed() {
                    item.request.copy = None; // what it is now is the person's to judge
                    return false;
                }
                self.fit(&[id], &copy.wishes.clone());
                true
            }
            (None, Inspection::Ready(facts)) if self.fits.rules_act && !self.fits.settled.contains(&id) => {
                let rules = &item.request.destination.fit;
                if rules.is_empty() || (item.restored.is_some() && !is_asked) {
                    return false;
                }
                let Some(provider) = provider::by_id(&item.request.destination.provider) else {
                    return false;
                };
                let stops = provider::check::findings(provider.facts(), facts, &item.request.destination);
                let is_stopped = stops.iter().any(|finding| finding.severity == Severity::Error);
                let wishes = rules.wishes.clone();
                let wanted = if is_stopped { rules.fit } else { wishes.strip };
                let limits = provider.facts().limits();
                if !wanted || !matches!(plan(facts, &limits, &wishes, self.fits.tools), Ok(Some(_))) {
                    return false;
                }
                item.inspection = found.clone();
                self.fit(&[id], &wishes);
                true
            }
            _ => false,
        }
    }

    /// Deletes a copy, when its picture is kept.
    pub fn forget_copy(&self, copy: Option<&FittedCopy>) {
        let folder = copy.and_then(|copy| copy.path.as_deref()).and_then(Path::parent);
        // Nothing but what is Hoist's own.
        if let Some(folder) = folder.filter(|folder| folder.parent() == Some(&self.fits.folder)) {
            if self.terminal {
                // The program may end before a worker comes to it, and a terminal may wait.
                let _ = std::fs::remove_dir_all(folder);
            } else {
                self.workers.forget_pictures(vec![folder.to_owned()]);
            }
        }
    }

    /// Deletes the copy of a file that was sent.
    pub(super) fn forget_sent_copy(&self, id: UploadId) {
        self.forget_copy(self.queue.get(id).and_then(|item| item.request.copy.as_deref()));
    }

    /// Leaves the copy that is being made of a file that is not to be sent, and deletes one that was made.
    pub(super) fn leave_copy(&self, id: UploadId, copy: Option<&FittedCopy>) {
        self.fits.worker.cancel(id);
        self.forget_copy(copy);
    }

    /// Deletes what ended runs left and no queue needs.
    pub(super) fn tidy_copies(&self, needed: &[PathBuf]) {
        let Ok(folders) = std::fs::read_dir(&self.fits.folder) else { return };
        let is_old = |folder: &std::fs::DirEntry| {
            let changed = folder.metadata().and_then(|meta| meta.modified());
            changed.is_ok_and(|at| SystemTime::now().duration_since(at).is_ok_and(|age| age > MAX_AGE))
        };
        let is_left = |folder: &std::fs::DirEntry| {
            copy_owner::has_ended(&folder.path()).unwrap_or_else(|| is_old(folder))
        };
        let left = folders.flatten().filter(is_left).map(|folder| folder.path());
        let gone: Vec<_> = left.filter(|f| !needed.iter().any(|path| path.starts_with(f))).collect();
        if self.terminal {
            // The program may end before a worker comes to it.
            for left in gone {
                let _ = std::fs::remove_dir_all(&left).or_else(|_| std::fs::remove_file(&left));
            }
        } else if !gone.is_empty() {
            self.workers.forget_pictures(gone);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::copy_owner::CopyOwner;
    use super::*;
    use crate::model::destination::Destination;
    use crate::model::fit::FitRules;
    use crate::session::fit_remedies;
    use crate::session::{Session, Start, auto};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    fn open(home: &Path) -> Session {
        Session::start(Start::new(Folders::inside(home), Keys::in_memory()), Arc::new(|| {})).unwrap()
    }

    fn to(rules: FitRules) -> Arc<Destination> {
        let facts = provider::by_id("google-flow").unwrap().facts();
        Arc::new(Destination { fit: rules, ..auto(facts, "useapi") })
    }

    /// A picture of a type that Google Flow does not accept.
    fn bitmap(folder: &Path) -> PathBuf {
        let path = folder.join("scan.bmp");
        image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8 * 4, y as u8 * 5, 9]))
            .save(&path)
            .unwrap();
        path
    }

    fn until(session: &mut Session, what: &str, is_so: impl Fn(&Session) -> bool) {
        let end = Instant::now() + Duration::from_mins(2);
        while !is_so(session) {
            assert!(Instant::now() < end, "never so: {what}");
            session.poll();
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn only(session: &Session) -> &Item {
        &session.uploads.queue.items()[0]
    }

    fn copy_of(session: &Session) -> Option<PathBuf> {
        only(session).request.copy.as_ref().and_then(|copy| copy.path.clone())
    }

    fn has_copy(session: &Session) -> bool {
        copy_of(session).is_some_and(|copy| copy.exists())
    }

    fn type_of(session: &Session) -> Option<Media> {
        only(session).facts().and_then(|facts| facts.recognised.media())
    }

    fn inspected(session: &mut Session) {
        until(session, "it is inspected", |s| {
            !s.uploads.queue.items().is_empty() && !only(s).inspection.is_pending()
        });
    }

    #[test]
    fn a_copy_that_is_asked_for_while_its_file_is_inspected_is_made_after_that() {
        let home = tempfile::tempdir().unwrap();
        let file = bitmap(home.path());
        let mut session = open(home.path());
        let ids = session.add_files_to([file], &to(FitRules::default()));
        assert_eq!(only(&session).inspection, Inspection::Pending);
        session.uploads.fit(&ids, &FitWishes::default());
        until(&mut session, "its copy is there", |s| has_copy(s) && only(s).is_sendable());
        assert_eq!(type_of(&session), Some(Media::Jpeg));
    }

    #[test]
    fn a_file_that_is_stopped_is_offered_a_plan_and_its_copy_goes_in_its_place() {
        let home = tempfile::tempdir().unwrap();
        let file = bitmap(home.path());
        let before = std::fs::read(&file).unwrap();
        let mut session = open(home.path());
        let ids = session.add_files_to([file.clone()], &to(FitRules::default()));
        inspected(&mut session);
        assert!(!only(&session).is_sendable());
        assert_eq!(fit_remedies::offered(only(&session)).unwrap().label(), "Convert to JPEG");
        session.poll();
        assert_eq!(session.uploads.next_step().fixable, ids);
        session.uploads.fit(&ids, &FitWishes::default());
        assert!(only(&session).inspection.is_pending() && session.uploads.fit_progress(ids[0]).is_some());
        inspected(&mut session);
        let copy = copy_of(&session).unwrap();
        assert!(only(&session).is_sendable() && session.uploads.next_step().fixable.is_empty());
        assert_eq!(
            (type_of(&session), only(&session).request.path.clone()),
            (Some(Media::Jpeg), file.clone())
        );
        assert!(copy.starts_with(home.path().join("data/copies")) && copy.ends_with("scan.jpg"));
        let original = only(&session).request.copy.as_ref().unwrap().original.clone().unwrap();
        assert_eq!((original.media, original.size), (Some(Media::Bmp), before.len() as u64));
        assert!(original.hash.is_some());
        // And back.
        let left = session.uploads.use_original(ids[0]);
        inspected(&mut session);
        assert!(!only(&session).is_sendable() && copy_of(&session).is_none());
        assert!(copy.exists(), "it stays as long as that can be taken back");
        session.uploads.forget_copy(left.as_deref());
        until(&mut session, "the copy is gone", |_| !copy.exists());
        assert_eq!(std::fs::read(&file).unwrap(), before, "the file itself is as it was");
    }

    #[test]
    fn a_copy_that_was_being_made_or_is_gone_is_made_by_the_next_run() {
        let home = tempfile::tempdir().unwrap();
        let file = bitmap(home.path());
        let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
        let mut session = open(home.path());
        let ids = session.add_files_to([file], &to(FitRules::default()));
        inspected(&mut session);
        session.uploads.fit(&ids, &wishes);
        session.end(); // in the middle of it
        let mut session = open(home.path());
        inspected(&mut session);
        until(&mut session, "it is made", |s| only(s).is_sendable());
        assert_eq!(type_of(&session), Some(Media::Png), "as it was wished");
        let copy = copy_of(&session).unwrap();
        session.end();
        // A copy that is there is taken as it is.
        let made = std::fs::metadata(&copy).unwrap().modified().unwrap();
        let mut session = open(home.path());
        inspected(&mut session);
        assert!(only(&session).is_sendable() && copy_of(&session) == Some(copy.clone()));
        assert_eq!(std::fs::metadata(&copy).unwrap().modified().unwrap(), made);
        session.end();
        std::fs::remove_file(&copy).unwrap();
        let mut session = open(home.path());
        until(&mut session, "it is made anew", |s| {
            s.uploads.queue.items().first().is_some_and(Item::is_sendable) && has_copy(s)
        });
    }

    #[test]
    fn what_is_taken_out_takes_its_copy_along_and_brings_it_back() {
        let home = tempfile::tempdir().unwrap();
        let mut session = open(home.path());
        let ids = session.add_files_to([bitmap(home.path())], &to(FitRules::default()));
        inspected(&mut session);
        session.uploads.fit(&ids, &FitWishes::default());
        inspected(&mut session);
        let copy = copy_of(&session).unwrap();
        let removed = session.uploads.remove_items(&ids);
        until(&mut session, "the copy is gone", |_| !copy.exists());
        session.uploads.put_back(removed);
        until(&mut session, "it is back", |s| only(s).is_sendable() && has_copy(s));
    }

    #[test]
    fn standing_rules_act_by_themselves_once_and_not_against_the_person() {
        let home = tempfile::tempdir().unwrap();
        let rules = FitRules { fit: true, wishes: FitWishes { strip: true, ..FitWishes::default() } };
        let mut session = open(home.path());
        let ids = session.add_files_to([bitmap(home.path())], &to(rules));
        inspected(&mut session);
        until(&mut session, "it fits", |s| only(s).is_sendable());
        assert_eq!(type_of(&session), Some(Media::Jpeg));
        session.uploads.use_original(ids[0]);
        inspected(&mut session);
        assert!(copy_of(&session).is_none() && !only(&session).is_sendable());
        // Another destination has rules of its own: none.
        session.uploads.redirect_items(&ids, &to(FitRules::default()));
        inspected(&mut session);
        assert!(copy_of(&session).is_none());
    }

    #[test]
    fn what_a_killed_run_left_goes_at_the_next_start_and_what_a_living_one_makes_stays() {
        let home = tempfile::tempdir().unwrap();
        let copies = home.path().join("data/copies");
        let living = CopyOwner::mark(&copies).unwrap();
        let made = |owner: &str| {
            let folder = copies.join(format!("{owner}-0000000000000001-00000001"));
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(".hoist-a1B2c3.mp4"), "half a copy").unwrap();
            folder
        };
        let stays = copies.join(living.new_folder(UploadId(1)));
        std::fs::create_dir(&stays).unwrap();
        for start in ["the window", "the terminal"] {
            // A killed run's lock is gone with it, and its file is not.
            std::fs::write(copies.join("0badcafe.lock"), "").unwrap();
            let left = [made("0badcafe"), made("deadbeef")];
            let mut options = Start::new(Folders::inside(home.path()), Keys::in_memory());
            options.terminal = start == "the terminal";
            let mut session = Session::start(options, Arc::new(|| {})).unwrap();
            until(&mut session, "what was left is gone", |_| left.iter().all(|folder| !folder.exists()));
            assert!(stays.exists(), "{start}");
            session.end();
        }
        // However long it lives.
        let day = SystemTime::now() - MAX_AGE - Duration::from_mins(1);
        let mark = copies.join(stays.file_name().unwrap().to_str().unwrap().split('-').next().unwrap());
        let mark = std::fs::File::options().write(true).open(mark.with_extension("lock")).unwrap();
        mark.set_modified(day).unwrap();
        assert_eq!(copy_owner::has_ended(&stays), Some(false));
        assert!(copies.read_dir().unwrap().flatten().all(|e| copy_owner::has_ended(&e.path()) != Some(true)));
        drop(living);
        let mut session = open(home.path());
        until(&mut session, "it ended, too", |_| !stays.exists());
    }

    #[test]
    fn why_there_is_no_copy_is_said_in_the_row() {
        let home = tempfile::tempdir().unwrap();
        let file = bitmap(home.path());
        let whole = std::fs::read(&file).unwrap();
        std::fs::write(&file, &whole[..200]).unwrap();
        let mut session = open(home.path());
        let ids = session.add_files_to([file], &to(FitRules::default()));
        inspected(&mut session);
        session.uploads.fit(&ids, &FitWishes::default());
        inspected(&mut session);
        let said: Vec<_> = only(&session).findings.iter().map(|f| f.message.clone()).collect();
        assert!(said.iter().any(|message| message.contains("cannot be converted")), "{said:?}");
        assert!(session.uploads.next_step().fixable.is_empty(), "it is not offered again");
    }

    #[test]
    fn what_was_wished_of_a_copy_holds_where_its_file_goes_as_well() {
        let home = tempfile::tempdir().unwrap();
        let mut session = open(home.path());
        let ids = session.add_files_to([bitmap(home.path())], &to(FitRules::default()));
        inspected(&mut session);
        let wishes = FitWishes { format: Some(Media::Png), ..FitWishes::default() };
        session.uploads.fit(&ids, &wishes);
        until(&mut session, "its copy is there", |s| has_copy(s) && only(s).is_sendable());
        let other = provider::by_id("piapi").unwrap().facts();
        session.also_send(&ids, &Arc::new(auto(other, "piapi")));
        until(&mut session, "so is the other's", |s| {
            s.uploads.queue.items().len() == 2 && s.uploads.queue.items().iter().all(Item::is_sendable)
        });
        let types = session.uploads.queue.items().iter();
        let types: Vec<_> =
            types.map(|item| item.facts().and_then(|facts| facts.recognised.media())).collect();
        assert_eq!(types, [Some(Media::Png); 2]);
    }
}
