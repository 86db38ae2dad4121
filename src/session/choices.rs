//! What a person can do with files as things stand: where they can go instead, and what helps against their failure.
//! Decided once, so that window, terminal and JSON offer the same.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::fit_remedies;
use super::key_book::KeyBook;
use crate::model::destination::Destination;
use crate::model::item::{Item, Severity};
use crate::model::media::Kind;
use crate::model::record::UploadRequest;
use crate::model::remedy::Remedy;
use crate::model::upload::State;
use crate::provider;
use crate::provider::check::findings;
use crate::provider::spec::ProviderSpec;

/// A destination that files can be sent to instead of theirs.
#[derive(Clone, Copy, Debug)]
pub struct DestinationChoice<'a> {
    /// Its index among the session's destinations.
    pub index: usize,
    /// Where the files would go.
    pub destination: &'a Arc<Destination>,
    /// Its provider's table.
    pub facts: &'static ProviderSpec,
}

/// Counts the files that a destination's provider accepts, by their kinds alone: of files that are still held over the
/// window nothing else is known.
pub fn accepted(destination: &Destination, kinds: &[(Kind, usize)]) -> usize {
    let Some(provider) = provider::by_id(&destination.provider) else { return 0 };
    kinds.iter().filter(|(kind, _)| provider.facts().takes(*kind)).map(|(_, count)| count).sum()
}

impl KeyBook {
    /// Lists the destinations that accept all of these files, other than the one they are for: those that work first.
    pub fn destination_choices(&self, items: &[&Item]) -> Vec<DestinationChoice<'_>> {
        let accepting = |destination: &Destination| {
            let facts = provider::by_id(&destination.provider)?.facts();
            let stopped = |item: &&Item| {
                let Some(file) = item.facts() else { return true };
                findings(facts, file, destination).iter().any(|f| f.severity == Severity::Error)
            };
            (!items.iter().any(stopped)).then_some(facts)
        };
        let all = self.destinations().iter().enumerate();
        let mut all: Vec<_> = all
            .filter(|(_, destination)| items.iter().any(|item| **destination != item.request.destination))
            .filter_map(|(index, destination)| {
                accepting(destination).map(|facts| DestinationChoice { index, destination, facts })
            })
            .collect();
        let now = Timestamp::now();
        all.sort_by_key(|choice| !self.works(choice.destination, now));
        all
    }

    /// Lists the destinations to which these uploads of the history can be sent again: those that accept all of them, as
    /// far as is known of the files; those that work first.
    pub fn again_choices(&self, requests: &[UploadRequest]) -> Vec<DestinationChoice<'_>> {
        let accepts = |facts: &'static ProviderSpec, destination: &Destination| {
            requests
                .iter()
                .filter_map(|request| request.facts.as_ref())
                .all(|file| findings(facts, file, destination).iter().all(|f| f.severity != Severity::Error))
        };
        let all = self.destinations().iter().enumerate();
        let mut all: Vec<_> = all
            .filter_map(|(index, destination)| {
                let facts = provider::by_id(&destination.provider)?.facts();
                accepts(facts, destination).then_some(DestinationChoice { index, destination, facts })
            })
            .collect();
        let now = Timestamp::now();
        all.sort_by_key(|choice| !self.works(choice.destination, now));
        all
    }

    /// Returns the files of these uploads by the destination to which each went; without one where that is on offer no
    /// more.
    pub fn where_each_went(
        &self,
        requests: &[UploadRequest],
    ) -> Vec<(Option<Arc<Destination>>, Vec<PathBuf>)> {
        let mut groups: Vec<(Option<Arc<Destination>>, Vec<PathBuf>)> = vec![];
        for request in requests {
            let to = self.destination_like(&request.destination);
            match groups.iter_mut().find(|(other, _)| other.as_ref() == to) {
                Some((_, files)) => files.push(request.path.clone()),
                None => groups.push((to.cloned(), vec![request.path.clone()])),
            }
        }
        groups
    }

    /// Picks the destination that needs no choosing: of those that accept the file and are not given up by their vendor,
    /// the first that works, where no other account of the same provider accepts it as well.
    pub fn obvious_destination(&self, item: &Item) -> Option<DestinationChoice<'_>> {
        let all = self.destination_choices(&[item]);
        let now = Timestamp::now();
        let is_fit = |choice: &&DestinationChoice<'_>| {
            choice.facts.terms.legacy.is_none() && self.works(choice.destination, now)
        };
        let first = *all.iter().find(is_fit)?;
        let accounts = all.iter().filter(|other| other.facts.id == first.facts.id).count();
        (accounts == 1).then_some(first)
    }

    /// Finds the destination to which an upload of the history went: it may have another name by now.
    pub fn destination_like(&self, before: &Destination) -> Option<&Arc<Destination>> {
        let is_same = |destination: &&Arc<Destination>| {
            destination.account_id() == before.account_id() && destination.options == before.options
        };
        self.destinations().iter().find(is_same)
    }

    /// Lists what can be done about a file's failure right now, the best first; nothing where it has not failed.
    pub fn possible_remedies(&self, item: &Item) -> Vec<Remedy> {
        let Some(failure) = item.state.failure() else { return vec![] };
        let facts = provider::by_id(&item.request.destination.provider).map(|p| p.facts());
        let vendor = facts.map(|facts| facts.vendor);
        let is_possible = |remedy: &Remedy| match remedy {
            Remedy::SendElsewhere => !self.destination_choices(&[item]).is_empty(),
            Remedy::StripAndSend => fit_remedies::stripping(item).is_some(),
            // A key that the environment gives is replaced there.
            Remedy::ReplaceKey | Remedy::AddKey => vendor.is_some_and(|s| !self.has_given_key(s)),
            Remedy::SendAgain => !item.sent_again,
            _ => true,
        };
        let fits = fit_remedies::fix(item).map(|_| Remedy::Fit);
        fits.into_iter().chain(failure.remedies().into_iter().filter(is_possible)).collect()
    }

    fn works(&self, destination: &Destination, now: Timestamp) -> bool {
        self.health(destination, now).is_none_or(|health| health.condition.is_usable(now))
    }
}

/// Returns whether a file can be given another place in the queue: what is on its way or has ended stays where it is.
pub fn can_be_moved(item: &Item) -> bool {
    matches!(item.state, State::Waiting { .. }) || !item.state.is_active() && !item.is_finished()
}

/// Returns whether a file can go to another destination: nothing of it is on its way, or with a provider.
pub fn can_be_redirected(state: &State) -> bool {
    matches!(
        state,
        State::Ready | State::Held(_) | State::Refused(_) | State::Cancelled | State::Waiting { .. }
    )
}
