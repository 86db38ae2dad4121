//! Files that wait for a destination while another one is chosen: they stay where they are to go, and can be sent to the new
//! one instead.

use std::time::{Duration, Instant};

use eframe::egui::Id;

use super::action::{Action, Page};
use crate::session::Session;
use crate::session::api::{Destination, Item, State, UploadId, provider, text};

/// How long the offer stands.
const OFFERED_FOR: Duration = Duration::from_secs(12);

/// Files that wait for another destination.
struct WaitingFiles {
    ids: Vec<UploadId>,
    /// The index of the chosen destination.
    index: usize,
    sentence: String,
    button: String,
    until: Instant,
}

/// What a toast shows of an offer.
pub(super) struct ShownOffer<'a> {
    pub(super) id: Id,
    /// How long it stands.
    pub(super) left: Duration,
    pub(super) sentence: &'a str,
    pub(super) button: &'a str,
}

/// The offer to send waiting files to the destination that was chosen.
#[derive(Default)]
pub(super) struct FollowOffer {
    last: Option<WaitingFiles>,
    count: u64,
}

impl FollowOffer {
    /// Looks for files that wait for another destination than the one of this index.
    pub(super) fn on_chosen(&mut self, session: &Session, index: usize, now: Instant) {
        self.last = None;
        let Some(chosen) = session.keys.destinations().get(index) else { return };
        let waits = |item: &&Item| item.state == State::Ready && item.request.destination != *chosen;
        let waiting: Vec<&Item> = session.uploads.queue().items().iter().filter(waits).collect();
        let Some(first) = waiting.first() else { return };
        let to = &first.request.destination;
        let name =
            |id: &str| provider::by_id(id).map_or_else(|| id.to_owned(), |p| p.facts().name.to_owned());
        // Another account of the same provider has the same name.
        let is_other = to.provider != chosen.provider;
        let short =
            |of: &Destination| if is_other { name(&of.provider) } else { text::sanitize(of.account_label()) };
        let elsewhere = match waiting.iter().all(|item| item.request.destination.provider == to.provider) {
            true => short(to),
            false => "other destinations".to_owned(),
        };
        let button = format!("Send to {}", text::elide(&short(chosen), 28));
        let goes = if waiting.len() == 1 { "file still goes" } else { "files still go" };
        let sentence = format!("{} {goes} to {elsewhere}", waiting.len());
        let ids = waiting.iter().map(|item| item.request.id).collect();
        self.count += 1;
        self.last = Some(WaitingFiles { ids, index, sentence, button, until: now + OFFERED_FOR });
    }

    /// Returns what is offered on a page.
    pub(super) fn shown(&self, page: Page, now: Instant) -> Option<ShownOffer<'_>> {
        let WaitingFiles { sentence, button, until, .. } =
            self.last.as_ref().filter(|_| page == Page::Upload)?;
        let left = until.checked_duration_since(now).filter(|left| !left.is_zero())?;
        Some(ShownOffer { id: Id::unique(("files may follow", self.count)), left, sentence, button })
    }

    /// Takes the offer: the files are sent to the chosen destination.
    pub(super) fn taken(&mut self) -> Option<Action> {
        self.last.take().map(|offer| Action::SendTo(offer.ids, offer.index))
    }
}
