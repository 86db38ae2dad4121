//! What helps against a failure, as buttons: the first that can be done here in the row, the others in its menu.

use lucide_icons::Icon;

use crate::session::api::{Failure, FitAim, FitPlan, Item, Remedy};
use crate::ui::action::{Action, CopiedAt, KeyChoice};

/// Returns the icon for where there is no room for a label.
pub(super) fn icon(remedy: Remedy) -> Icon {
    match remedy {
        Remedy::Retry | Remedy::SendAgain => Icon::RotateCw,
        Remedy::Dismiss => Icon::X,
        Remedy::AddBack => Icon::Undo2,
        Remedy::SendElsewhere => Icon::Forward,
        Remedy::Fit => Icon::WandSparkles,
        Remedy::StripAndSend => Icon::Eraser,
        Remedy::ReplaceKey | Remedy::AddKey => Icon::KeyRound,
        Remedy::OpenAccountPage => Icon::ExternalLink,
        Remedy::CopySupportNumber => Icon::Copy,
        Remedy::OpenProxySettings => Icon::Settings,
    }
}

/// Returns the icon of what makes a copy.
pub(super) fn icon_of_plan(plan: &FitPlan) -> Icon {
    if plan.aim == FitAim::Strip { Icon::Eraser } else { Icon::WandSparkles }
}

/// Returns what to know before it is done.
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

/// Returns which button says "Copied" of the support number.
pub(super) fn spot(item: &Item) -> CopiedAt {
    CopiedAt::Field(item.request.id, "the number for its support".to_owned())
}

/// Returns the action behind it.
pub(super) fn action(remedy: Remedy, item: &Item, failure: &Failure) -> Action {
    match remedy {
        Remedy::Retry | Remedy::SendAgain => Action::SendAgain(vec![item.request.id]),
        Remedy::Dismiss => Action::Remove(vec![item.request.id]),
        Remedy::AddBack => Action::AddBack(item.request.id),
        Remedy::SendElsewhere => Action::AskWhereTo(vec![item.request.id]),
        Remedy::Fit => Action::Fit(vec![item.request.id]),
        Remedy::StripAndSend => Action::StripAndSend(item.request.id),
        Remedy::ReplaceKey | Remedy::AddKey => {
            Action::AddKey(KeyChoice::Replace(item.request.destination.key.clone()))
        }
        Remedy::OpenAccountPage => Action::Browse(failure.help_url.clone().unwrap_or_default()),
        Remedy::CopySupportNumber => Action::Copy(spot(item), failure.support_id.clone().unwrap_or_default()),
        Remedy::OpenProxySettings => Action::Page(crate::ui::action::Page::Settings),
    }
}
