//! What became of provider files, taken in by the session: destinations follow, and what a person has to know is said.

use super::accounts::NewDestination;
use super::notice::Notice;
use super::own_providers::AddProviderError;
use super::provider_book::ProviderNews;
use super::{Session, Update};
use crate::model::record::name_of;
use crate::model::text::sanitize;
use crate::store::provider_files::ProviderProblem;

/// Says why a file is not used.
fn not_used(problem: &ProviderProblem) -> Notice {
    Notice::error(format!(
        "{} is not used. {}",
        name_of(&problem.path),
        sanitize(&problem.reason.to_string())
    ))
}

impl Session {
    /// Takes in what became of provider files; true where there was something.
    pub(super) fn drain_providers(&mut self, changes: &mut Update) -> bool {
        let mut any = false;
        while let Some(news) = self.providers.thread.try_answer() {
            any = true;
            match news {
                ProviderNews::Loaded(problems) => self.on_providers_loaded(problems),
                ProviderNews::Reviewed(_, Ok(review)) => self.providers.reviews.push_back(review),
                ProviderNews::Reviewed(path, Err(e)) => {
                    let why = match e {
                        AddProviderError::Invalid { problem, .. } => sanitize(&problem),
                        other => other.to_string(),
                    };
                    self.notices.push(Notice::error(format!("{} was not added. {why}", name_of(&path))));
                }
                ProviderNews::Added(facts, key, problems) => {
                    self.on_providers_loaded(problems);
                    let vendor = facts.vendor;
                    let new = NewDestination::all_of(vendor);
                    match key {
                        Some(key) => {
                            self.keys.add_key(vendor, vendor.id.into(), key, new, None);
                        }
                        None if !vendor.needs_key() && !facts.account.is_required => {
                            if !self.keys.has_destination(facts) {
                                self.keys.add_destinations(vendor.id.to_owned(), new);
                            }
                        }
                        None => changes.added_provider = Some(facts),
                    }
                    self.notices.push(format!("{} added", facts.name).into());
                }
                ProviderNews::Removed(again, problems) => {
                    self.on_providers_loaded(problems);
                    changes.removed_provider = again;
                }
                ProviderNews::Imported(text, failed, problems) => {
                    self.on_providers_loaded(problems);
                    self.notices.extend(failed.into_iter().map(Notice::error));
                    self.keys.import_settings(text);
                }
                ProviderNews::Failed(why) => self.notices.push(Notice::error(why)),
            }
        }
        any
    }

    /// Takes a file of settings over that a person has agreed to: its provider files first, as destinations may be theirs.
    pub fn import_settings(&self, text: String) {
        self.providers.import(text);
    }

    /// Takes in that the folder was read: what is newly not used is said once.
    fn on_providers_loaded(&mut self, problems: Vec<ProviderProblem>) {
        let new = problems.iter().filter(|problem| !self.providers.problems.contains(problem));
        self.notices.extend(new.map(not_used));
        self.providers.problems = problems;
        self.keys.offer_destinations();
    }
}
