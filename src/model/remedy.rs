//! What helps against a failure, as data: the window makes buttons of it, the terminal names it in its sentence.

use strum::{EnumIter, IntoStaticStr};

/// One thing a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Remedy {
    /// Send it again as it is now; nothing of it was accepted.
    Retry,
    /// Send it again though it may exist: a second copy may come of it.
    SendAgain,
    /// Leave what may exist as it is.
    Dismiss,
    /// Put it back among what is ready.
    AddBack,
    /// Send it to another account or provider.
    SendElsewhere,
    /// Send a copy that its destination accepts.
    Fit,
    /// Send it again without the metadata it was refused for.
    StripAndSend,
    /// Give another key in place of the one that was used.
    ReplaceKey,
    /// Give the key that is missing.
    AddKey,
    /// Open the provider's own page, where the account or the plan is.
    OpenAccountPage,
    /// Copy the number the provider's support asks for.
    CopySupportNumber,
    /// Change the proxy in the settings.
    OpenProxySettings,
}

impl Remedy {
    /// Returns its name in `--json`.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Returns what a button says that does it.
    pub fn label(self) -> &'static str {
        match self {
            Remedy::Retry => "Retry",
            Remedy::SendAgain => "Send again",
            Remedy::Dismiss => "Dismiss",
            Remedy::AddBack => "Add back",
            Remedy::SendElsewhere => "Send to…",
            Remedy::Fit => "Send a copy",
            Remedy::StripAndSend => "Strip and send",
            Remedy::ReplaceKey => "Replace key",
            Remedy::AddKey => "Add key",
            Remedy::OpenAccountPage => "Open the account page",
            Remedy::CopySupportNumber => "Copy number",
            Remedy::OpenProxySettings => "Proxy settings",
        }
    }
}

#[cfg(test)]
mod tests {
    use strum::IntoEnumIterator;

    use super::*;

    #[test]
    fn no_two_remedies_share_a_name_or_a_button() {
        let mut names: Vec<_> = Remedy::iter().map(Remedy::name).collect();
        let mut labels: Vec<_> = Remedy::iter().map(Remedy::label).collect();
        assert_eq!((names[0], labels[0]), ("retry", "Retry"));
        assert_eq!((names[11], labels[11]), ("open-proxy-settings", "Proxy settings"));
        for all in [&mut names, &mut labels] {
            all.sort_unstable();
            assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");
        }
    }
}
