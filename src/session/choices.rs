//! What a person can do with files as things stand: where they can go instead, and what helps against their failure.
//! Decided once, so that window, terminal and JSON offer the same.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::fit_remedies;
use super::key_book::KeyBook;
use crate::model::destination::Destination;
use crate::model::item::{Item, Severity};
use crate::model::media::{FileFacts, Media};
use crate::model::record::UploadRequest;
use crate::model::remedy::Remedy;
use crate::model::upload::State;
use crate::provider::check::findings;
use crate::provider::spec::ProviderSpec;
use crate::provider::{self, Provider};

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

/// Which of several files can go to a destination.
#[derive(Clone, Debug)]
pub struct DestinationShare<'a> {
    /// Where they would go.
    pub choice: DestinationChoice<'a>,
    /// The indexes of those that it accepts, some of them as a copy that fits.
    pub accepts: Vec<usize>,
    /// How many of these need a copy.
    pub copies: usize,
}

/// How a destination accepts a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Acceptance {
    AsItIs,
    /// A copy of it can be made to fit.
    AsCopy,
    Not,
}

/// How many of the files that are held over a destination it accepts by their types: nothing else is known of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeldShare {
    /// So many are accepted, as they are or as copies.
    pub accepted: usize,
    /// So many of these need a copy.
    pub copies: usize,
}

/// Counts the held files that a destination accepts.
pub fn held_share(destination: &Destination, types: &[(Media, usize)]) -> HeldShare {
    let mut share = HeldShare::default();
    let Some(provider) = provider::by_id(&destination.provider) else { return share };
    for (media, count) in types {
        let is_accepted = provider.facts().accepts(*media).is_some();
        if is_accepted || fit_remedies::can_convert(*media, provider.facts()) {
            share.accepted += count;
            share.copies += if is_accepted { 0 } else { *count };
        }
    }
    share
}

impl KeyBook {
    /// Lists the destinations that accept all of these files, other than the one they are for: those that work first.
    pub fn destination_choices(&self, items: &[&Item]) -> Vec<DestinationChoice<'_>> {
        let accepts =
            |to: &Destination, facts: &ProviderSpec| items.iter().all(|item| accepts(item, to, facts));
        let mut all: Vec<_> =
            self.others(items).filter(|choice| accepts(choice.destination, choice.facts)).collect();
        self.sort_by_health(&mut all);
        all
    }

    /// Lists the destinations other than the one that these files are for, each with those that it accepts: those that accept
    /// all first, those that accept none last.
    pub fn destination_shares(&self, items: &[&Item]) -> Vec<DestinationShare<'_>> {
        let files: Vec<_> = items.iter().map(|item| item.facts()).collect();
        self.shares(self.others(items), files.len(), |index, choice| {
            files[index].map_or(Acceptance::Not, |file| acceptance(file, choice.facts, choice.destination))
        })
    }

    /// Lists the destinations to which these uploads of the history can be sent again, each with those that it accepts, as
    /// far as is known of the files: those that accept all first, those that accept none last.
    pub fn again_shares(&self, requests: &[UploadRequest]) -> Vec<DestinationShare<'_>> {
        self.shares(self.all_choices(), requests.len(), |index, choice| {
            let facts = requests[index].facts.as_ref();
            facts.map_or(Acceptance::AsItIs, |file| acceptance(file, choice.facts, choice.destination))
        })
    }

    fn shares<'a>(
        &'a self,
        choices: impl Iterator<Item = DestinationChoice<'a>>,
        files: usize,
        acceptance: impl Fn(usize, &DestinationChoice<'a>) -> Acceptance,
    ) -> Vec<DestinationShare<'a>> {
        let mut choices: Vec<_> = choices.collect();
        self.sort_by_health(&mut choices);
        let share = |choice: DestinationChoice<'a>| {
            let all: Vec<_> = (0..files).map(|index| acceptance(index, &choice)).collect();
            let accepts = (0..files).filter(|index| all[*index] != Acceptance::Not).collect();
            let copies = all.iter().filter(|one| **one == Acceptance::AsCopy).count();
            DestinationShare { choice, accepts, copies }
        };
        let mut shares: Vec<_> = choices.into_iter().map(share).collect();
        shares.sort_by_key(|share| (Reverse(share.accepts.len()), share.copies));
        shares
    }

    fn all_choices(&self) -> impl Iterator<Item = DestinationChoice<'_>> {
        self.destinations().iter().enumerate().filter_map(|(index, destination)| {
            let facts = provider::by_id(&destination.provider)?.facts();
            Some(DestinationChoice { index, destination, facts })
        })
    }

    /// Lists the destinations but the one that all of these files are for.
    fn others(&self, items: &[&Item]) -> impl Iterator<Item = DestinationChoice<'_>> {
        let is_other = |choice: &DestinationChoice<'_>| {
            items.iter().any(|item| *choice.destination != item.request.destination)
        };
        self.all_choices().filter(is_other)
    }

    fn sort_by_health(&self, choices: &mut [DestinationChoice<'_>]) {
        let now = Timestamp::now();
        choices.sort_by_key(|choice| !self.works(choice.destination, now));
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
        self.destinations().iter().find(|destination| destination.is_same_target(before))
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

/// Returns whether a destination accepts a file of the queue; nothing does before the file is known.
fn accepts(item: &Item, to: &Destination, facts: &ProviderSpec) -> bool {
    item.facts().is_some_and(|file| accepts_file(file, to, facts))
}

/// Returns how a destination accepts a file.
fn acceptance(file: &FileFacts, facts: &ProviderSpec, to: &Destination) -> Acceptance {
    let findings = fit_remedies::findings(facts, file, to);
    let stops = || findings.iter().filter(|finding| finding.severity == Severity::Error);
    match () {
        () if stops().next().is_none() => Acceptance::AsItIs,
        () if stops().all(|finding| finding.remedy.is_some()) => Acceptance::AsCopy,
        () => Acceptance::Not,
    }
}

/// Returns whether a destination accepts a file only as a copy that fits.
pub(super) fn needs_copy(file: &FileFacts, destination: &Destination) -> bool {
    let facts = provider::by_id(&destination.provider).map(Provider::facts);
    facts.is_some_and(|facts| acceptance(file, facts, destination) == Acceptance::AsCopy)
}

fn accepts_file(file: &FileFacts, to: &Destination, facts: &ProviderSpec) -> bool {
    findings(facts, file, to).iter().all(|finding| finding.severity != Severity::Error)
}

/// Returns whether a file can be opened by the system's usual program for it: its name is one of media. By any other name
/// it could be a program itself.
pub fn can_be_opened(path: &Path) -> bool {
    path.extension().and_then(|extension| extension.to_str()).and_then(Media::from_extension).is_some()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::error::FailureKind;
    use crate::model::samples;
    use crate::model::secret::Key;
    use crate::model::upload::UploadId;
    use crate::session::{Session, Start};
    use crate::store::folders::Folders;
    use crate::store::keys::Keys;

    #[test]
    fn a_key_that_the_environment_gives_is_not_replaced_here() {
        let remedies = |is_given: bool| {
            let home = tempfile::tempdir().unwrap();
            let mut start = Start::new(Folders::inside(home.path()), Keys::in_memory());
            if is_given {
                start.environment.keys.insert("piapi", Key::new("MadeUpKey".to_owned()).unwrap());
            }
            let session = Session::start(start, Arc::new(|| {})).unwrap();
            let mut item = samples::item(UploadId(1), "a.png", samples::destination("piapi"));
            item.state = State::Held(samples::failure(FailureKind::WrongKey));
            session.keys.possible_remedies(&item)
        };
        assert!(remedies(false).contains(&Remedy::ReplaceKey));
        assert!(!remedies(true).contains(&Remedy::ReplaceKey));
    }

    #[test]
    fn only_what_is_called_as_media_is_opened() {
        for (name, is_media) in
            [("a.png", true), ("a.JPG", true), ("a.png.exe", false), ("a.lnk", false), ("png", false)]
        {
            assert_eq!(can_be_opened(Path::new(name)), is_media, "{name}");
        }
    }

    #[test]
    fn what_can_be_converted_is_accepted_where_it_is_held() {
        let share = |types: &[(Media, usize)]| {
            let HeldShare { accepted, copies } = held_share(&samples::destination("flow-music"), types);
            (accepted, copies)
        };
        assert_eq!(share(&[(Media::Png, 2)]), (2, 0));
        assert_eq!(share(&[(Media::Png, 2), (Media::Heic, 3)]), (5, 3), "HEIC as JPEG");
        assert_eq!(share(&[(Media::Flac, 1)]), (1, 1), "FLAC as WAV");
        assert_eq!(share(&[(Media::Png, 1), (Media::Mp4, 4)]), (1, 0), "it accepts no video");
    }
}
