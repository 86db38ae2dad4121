//! What becomes of the files of watched folders: sent when they are inspected, and written down when that is settled.

use std::sync::Arc;

use super::watcher::{WatchEnd, WatchError, WatchNews};
use super::{MAX_OPEN, Watch, WatchOptions};
use crate::model::destination::Destination;
use crate::model::item::{Inspection, Item};
use crate::model::media::FileProblem;
use crate::model::record::name_of;
use crate::model::text::sanitize;
use crate::model::upload::{State, UploadId};
use crate::session::background::Background;
use crate::session::fit_remedies;
use crate::session::notice::Notice;
use crate::session::uploads::Uploads;
use crate::session::{KeyBook, Session};
use crate::store::watched_folders::WatchedFolder;

impl Session {
    /// Takes what watched folders have, and sends it on. True where something changed.
    pub(in crate::session) fn drain_watches(&mut self) -> bool {
        let mut any = self.drain_watch_list();
        self.follow_destinations();
        let is_terminal = self.uploads.terminal;
        let mut refused = vec![];
        for (index, watch) in self.watches.watches.iter_mut().enumerate() {
            while watch.files.len() < MAX_OPEN
                && let Some(news) = watch.thread.try_news()
            {
                any = true;
                match news {
                    WatchNews::Refused(why) => refused.push((index, why)),
                    news => self.notices.extend(watch.on_news(news, &mut self.uploads)),
                }
            }
            let mut ids: Vec<_> = watch.files.keys().copied().collect();
            ids.sort();
            for id in ids {
                let Some(end) = watch.advance(id, &mut self.uploads) else { continue };
                any = true;
                if let Some(file) = watch.files.remove(&id) {
                    // In a window it is a row with buttons.
                    let end = if end == (WatchEnd::Unsent { again: true }) && !is_terminal {
                        WatchEnd::Unsent { again: false }
                    } else {
                        end
                    };
                    watch.thread.end(file.hash, end);
                }
                watch.fitted.remove(&id);
                self.watches.ended.push(id);
            }
        }
        for (index, why) in refused.into_iter().rev() {
            let refused = self.watches.watches.remove(index);
            // It would be refused at each start from now on; a log that cannot be read may be readable then.
            if matches!(why, WatchError::NotAFolder(_)) {
                self.watches.unlist(refused.entry);
            }
            // Whoever gave it as an argument asks why; a window says so.
            match is_terminal {
                true => self.watches.refused.push(why),
                false => self.notices.push(Notice::error(why.to_string())),
            }
        }
        any
    }

    /// Watches the folders of the list, and says why it could not be read or changed.
    fn drain_watch_list(&mut self) -> bool {
        let mut any = false;
        while let Some(reply) = self.watches.list.as_ref().and_then(Background::try_answer) {
            any = true;
            let listed = reply.unwrap_or_else(|e| {
                let why = e.kind();
                self.notices
                    .push(Notice::error(format!("The list of watched folders cannot be kept: {why}")));
                vec![]
            });
            for entry in listed {
                // A destination that is not there now may be there again in another run.
                let Some(to) = destination_of(&self.keys, &entry) else { continue };
                let options = WatchOptions { is_listed: true, ..WatchOptions::default() };
                if let Err(e) = self.watches.watch(entry.path, &to, options) {
                    self.notices.push(Notice::error(format!("A folder cannot be watched: {e}")));
                }
            }
        }
        any
    }

    /// Follows destinations that were changed. The folders of one that was removed are not watched any more.
    fn follow_destinations(&mut self) {
        if self.uploads.terminal {
            return;
        }
        let mut gone = vec![];
        for watch in &mut self.watches.watches {
            match destination_of(&self.keys, &watch.entry) {
                Some(to) if *to != *watch.to => watch.to = to,
                Some(_) => {}
                None => gone.push((watch.entry.path.clone(), Arc::clone(&watch.to))),
            }
        }
        for (folder, to) in gone {
            let (folder_name, name) = (name_of(&folder), sanitize(&to.name));
            self.watches.remove(&folder, &to);
            let text = format!("{folder_name} is not watched any more, because {name} was removed");
            self.notices.push(Notice { text, is_error: false });
        }
    }
}

/// Finds the destination of a watched folder: by its name, else by its account.
fn destination_of(keys: &KeyBook, entry: &WatchedFolder) -> Option<Arc<Destination>> {
    let of_account = |to: &&Arc<Destination>| {
        (&to.provider, &to.key, &to.account) == (&entry.provider, &entry.key, &entry.account)
    };
    let mut all = keys.destinations().iter().filter(of_account);
    let named = all.clone().find(|to| to.name == entry.destination);
    named.or_else(|| all.next()).cloned()
}

impl Watch {
    fn on_news(&mut self, news: WatchNews, uploads: &mut Uploads) -> Option<Notice> {
        match news {
            WatchNews::Began => {
                self.has_begun = true;
                None
            }
            WatchNews::Found(file) => {
                let is_it = |item: &&Item| {
                    item.request.path == file.path
                        && item.request.destination == self.to
                        && item.state == State::Ready
                };
                // A window's queue comes back with the files that a killed run had taken.
                let queued = uploads.queue().items().iter().find(is_it).map(|item| item.request.id);
                let id = queued.or_else(|| uploads.add([file.path.clone()], &self.to, false).pop());
                if let Some(id) = id {
                    self.files.insert(id, file);
                }
                None
            }
            WatchNews::Repeated(path) => uploads.terminal.then(|| Notice {
                text: format!(
                    "{} has the content of a file that was sent, and is not sent again",
                    name_of(&path)
                ),
                is_error: false,
            }),
            WatchNews::Refused(_) => None,
            WatchNews::Problem(text) => Some(Notice::error(text)),
        }
    }

    /// Does what is next with a file. Returns what came of it when that is known.
    fn advance(&mut self, id: UploadId, uploads: &mut Uploads) -> Option<WatchEnd> {
        let Some(item) = uploads.queue().get(id) else {
            return Some(WatchEnd::Settled); // the person took it out
        };
        if item.state == State::Ready {
            if item.inspection.is_pending() {
                return None;
            }
            if item.earlier.is_some() {
                uploads.use_previous(id);
                return None;
            }
            if self.fit && !self.fitted.contains(&id) && fit_remedies::fix(item).is_some() {
                self.fitted.insert(id);
                uploads.fit_for_upload(&[id], false);
                return None;
            }
            if matches!(item.inspection, Inspection::Failed(FileProblem::Vanished)) {
                return Some(WatchEnd::Unsent { again: true }); // it may have another name now
            }
            // No person sees a warning of damage before it is sent.
            let is_damaged = item.facts().is_some_and(|facts| facts.damaged.is_some());
            if is_damaged || !item.is_sendable() {
                return Some(WatchEnd::Settled);
            }
            uploads.upload_once(&[id]);
            return None;
        }
        if item.state.is_active() || item.awaits_late_reply() {
            return None;
        }
        Some(match &item.state {
            State::Cancelled => WatchEnd::Unsent { again: false },
            State::Held(failure) | State::Refused(failure) if !failure.kind.is_about_the_file() => {
                WatchEnd::Unsent { again: true }
            }
            _ => WatchEnd::Settled,
        })
    }
}
