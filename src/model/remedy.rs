//! What helps against a failure, as data: the window makes buttons of it, the terminal names it in its sentence.

/// One thing a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remedy {
    /// Send it again as it is now; nothing of it was accepted.
    TryAgain,
    /// Send it again though it may exist: a second copy may come of it.
    SendAgain,
    /// Leave what may exist as it is.
    LeaveIt,
    /// Put it back among what is ready.
    AddBack,
    /// Send it to another account or service.
    SendElsewhere,
    /// Send it again without the metadata it was refused for.
    StripAndSend,
    /// Give another key in place of the one that was used.
    ReplaceKey,
    /// Give the key that is missing.
    AddKey,
    /// Open the service's own page, where the account or the plan is.
    OpenAccountPage,
    /// Copy the number the service's support asks for.
    CopySupportNumber,
    /// Change the proxy in the settings.
    OpenSettings,
}

impl Remedy {
    /// Each of them.
    pub const ALL: [Remedy; 11] = [
        Remedy::TryAgain,
        Remedy::SendAgain,
        Remedy::LeaveIt,
        Remedy::AddBack,
        Remedy::SendElsewhere,
        Remedy::StripAndSend,
        Remedy::ReplaceKey,
        Remedy::AddKey,
        Remedy::OpenAccountPage,
        Remedy::CopySupportNumber,
        Remedy::OpenSettings,
    ];

    /// Name for programs (`--json`).
    pub fn name(self) -> &'static str {
        match self {
            Remedy::TryAgain => "try-again",
            Remedy::SendAgain => "send-again",
            Remedy::LeaveIt => "leave-it",
            Remedy::AddBack => "add-back",
            Remedy::SendElsewhere => "send-elsewhere",
            Remedy::StripAndSend => "strip-and-send",
            Remedy::ReplaceKey => "replace-key",
            Remedy::AddKey => "add-key",
            Remedy::OpenAccountPage => "open-account-page",
            Remedy::CopySupportNumber => "copy-support-number",
            Remedy::OpenSettings => "open-settings",
        }
    }

    /// What a button says that does it.
    pub fn label(self) -> &'static str {
        match self {
            Remedy::TryAgain => "Try again",
            Remedy::SendAgain => "Send again",
            Remedy::LeaveIt => "Dismiss",
            Remedy::AddBack => "Add back",
            Remedy::SendElsewhere => "Send to…",
            Remedy::StripAndSend => "Strip and send",
            Remedy::ReplaceKey => "Replace key",
            Remedy::AddKey => "Add key",
            Remedy::OpenAccountPage => "Open the account page",
            Remedy::CopySupportNumber => "Copy number",
            Remedy::OpenSettings => "Proxy settings",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_remedies_share_a_name_or_a_button() {
        let (mut names, mut labels) = (Remedy::ALL.map(Remedy::name), Remedy::ALL.map(Remedy::label));
        assert_eq!((names[0], labels[0]), ("try-again", "Try again"));
        assert_eq!((names[10], labels[10]), ("open-settings", "Proxy settings"));
        for all in [&mut names, &mut labels] {
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");
        }
    }
}
