//! Files that wait for a destination while another one is chosen: they stay where they are to go, and can be sent to the new
//! one instead.

use std::time::{Duration, Instant};

use eframe::egui::Id;

use super::action::{Action, Page};
use super::selection::Selection;
use crate::session::Session;
use crate::session::api::{Destination, Item, State, UploadId, text};

/// How long the offer stands.
const OFFERED_FOR: Duration = Duration::from_secs(12);

/// Files that wait for another destination.
struct WaitingFiles {
    ids: Vec<UploadId>,
    /// They are those that were selected, and not all that wait.
    are_selected: bool,
    /// The index of the chosen destination.
    index: usize,
    until: Instant,
}

/// What a toast shows of an offer.
pub(super) struct ShownOffer {
    pub(super) id: Id,
    /// How long it stands.
    pub(super) left: Duration,
    pub(super) sentence: String,
    pub(super) button: String,
}

/// The offer to send waiting files to the destination that was chosen.
#[derive(Default)]
pub(super) struct FollowOffer {
    last: Option<WaitingFiles>,
    count: u64,
}

impl FollowOffer {
    /// Looks for files that wait for another destination than the one of this index: among those that are selected, where any
    /// of them does.
    pub(super) fn on_chosen(&mut self, session: &Session, index: usize, selection: &Selection, now: Instant) {
        self.last = None;
        let Some(chosen) = session.keys.destinations().get(index) else { return };
        let all = session.uploads.queue().items().iter().filter(|item| waits_elsewhere(item, chosen));
        let all: Vec<_> = all.map(|item| item.request.id).collect();
        let of_selection: Vec<_> = all.iter().copied().filter(|id| selection.has(*id)).collect();
        let are_selected = !of_selection.is_empty() && of_selection.len() < all.len();
        let ids = if are_selected { of_selection } else { all };
        if !ids.is_empty() {
            self.count += 1;
            self.last = Some(WaitingFiles { ids, are_selected, index, until: now + OFFERED_FOR });
        }
    }

    /// Returns what is offered on a page, as long as any of the files waits for another destination.
    pub(super) fn shown(&self, session: &Session, page: Page, now: Instant) -> Option<ShownOffer> {
        let WaitingFiles { ids, are_selected, index, until } =
            self.last.as_ref().filter(|_| page == Page::Upload)?;
        let left = until.checked_duration_since(now).filter(|left| !left.is_zero())?;
        let chosen = session.keys.destinations().get(*index)?;
        let waiting = ids.iter().filter_map(|id| session.uploads.queue().get(*id));
        let waiting: Vec<&Item> = waiting.filter(|item| waits_elsewhere(item, chosen)).collect();
        let to = &waiting.first()?.request.destination;
        let short = |of: &Destination| session.keys.short_label(of);
        let elsewhere = match waiting.iter().all(|item| item.request.destination.provider == to.provider) {
            true => short(to),
            false => "other destinations".to_owned(),
        };
        let button = format!("Send to {}", text::elide(&short(chosen), 28));
        let goes = if waiting.len() == 1 { "file still goes" } else { "files still go" };
        let selected = if *are_selected { "selected " } else { "" };
        let sentence = format!("{} {selected}{goes} to {elsewhere}", waiting.len());
        Some(ShownOffer { id: Id::unique(("files may follow", self.count)), left, sentence, button })
    }

    /// Takes the offer: the files are sent to the chosen destination.
    pub(super) fn taken(&mut self) -> Option<Action> {
        self.last.take().map(|offer| Action::SendTo(offer.ids, offer.index))
    }
}

/// Returns whether a file waits for the person, and is to go elsewhere than there: one that was sent before goes nowhere.
fn waits_elsewhere(item: &Item, chosen: &Destination) -> bool {
    item.state == State::Ready && item.earlier.is_none() && !item.request.destination.is_same_target(chosen)
}
