//! What helps against a failure, as buttons: the first that can be done here in the row, the others in its menu.

use lucide_icons::Icon;

use super::choices::destination_choices;
use crate::model::error::Failure;
use crate::model::item::Item;
use crate::model::remedy::Remedy;
use crate::provider::{self, error_map};
use crate::session::Session;
use crate::ui::action::{Action, CopiedAt, KeyChoice};

/// What went wrong with a file, and what can be done about it here and now, the best first.
pub(super) fn possible<'a>(item: &'a Item, session: &Session) -> Option<(&'a Failure, Vec<Remedy>)> {
    let failure = item.state.failure()?;
    let service = provider::by_id(&item.destination.provider).map(|p| p.facts().service);
    let can = |remedy: &Remedy| match remedy {
        Remedy::SendElsewhere => !destination_choices(session, &[item]).is_empty(),
        Remedy::StripAndSend => {
            item.destination.options.get(error_map::STRIP).is_some_and(|strip| strip == "false")
        }
        // A key that the environment gives is replaced there.
        Remedy::ReplaceKey | Remedy::AddKey => service.is_some_and(|s| !session.has_given_key(s)),
        Remedy::SendAgain => !item.sent_again,
        _ => true,
    };
    Some((failure, failure.remedies().into_iter().filter(can).collect()))
}

/// What stands for it where there is no room for words.
pub(super) fn icon(remedy: Remedy) -> Icon {
    match remedy {
        Remedy::TryAgain | Remedy::SendAgain => Icon::RotateCw,
        Remedy::LeaveIt => Icon::X,
        Remedy::AddBack => Icon::Undo2,
        Remedy::SendElsewhere => Icon::Forward,
        Remedy::StripAndSend => Icon::Eraser,
        Remedy::ReplaceKey | Remedy::AddKey => Icon::KeyRound,
        Remedy::OpenAccountPage => Icon::ExternalLink,
        Remedy::CopySupportNumber => Icon::Copy,
        Remedy::OpenSettings => Icon::Settings,
    }
}

/// What to know before it is done.
pub(super) fn hint(remedy: Remedy, failure: &Failure) -> Option<&str> {
    match remedy {
        Remedy::SendAgain => Some(SECOND_COPY),
        Remedy::StripAndSend => Some("sends it again without metadata; the destination stays as it is"),
        Remedy::OpenAccountPage => failure.help_url.as_deref(),
        Remedy::CopySupportNumber => failure.support_id.as_deref(),
        _ => None,
    }
}

/// To know before a file is sent once more.
pub(super) const SECOND_COPY: &str = "may make a second copy";

/// Where "Copied" is said of the number.
pub(super) fn spot(item: &Item) -> CopiedAt {
    CopiedAt::Field(item.id, "the number for its support".to_owned())
}

/// The wish behind it.
pub(super) fn action(remedy: Remedy, item: &Item, failure: &Failure) -> Action {
    match remedy {
        Remedy::TryAgain | Remedy::SendAgain => Action::SendAgain(item.id),
        Remedy::LeaveIt => Action::Remove(vec![item.id]),
        Remedy::AddBack => Action::AddBack(item.id),
        Remedy::SendElsewhere => Action::AskWhereTo(vec![item.id]),
        Remedy::StripAndSend => Action::StripAndSend(item.id),
        Remedy::ReplaceKey | Remedy::AddKey => {
            Action::AddKey(KeyChoice::Replace(item.destination.key.clone()))
        }
        Remedy::OpenAccountPage => Action::Browse(failure.help_url.clone().unwrap_or_default()),
        Remedy::CopySupportNumber => Action::Copy(spot(item), failure.support_id.clone().unwrap_or_default()),
        Remedy::OpenSettings => Action::Page(crate::ui::action::Page::Settings),
    }
}
