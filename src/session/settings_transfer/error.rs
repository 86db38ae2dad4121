//! Why settings were not exported, and what of a file was not taken over.

use crate::model::destination::InvalidName;
use crate::model::text::elide;
use crate::provider::check::InvalidDestination;
use crate::session::copy_choices::InvalidCopyTemplate;
use crate::session::own_providers::AddProviderError;
use crate::store::keys::KeyOfAnother;
use crate::store::settings::InvalidProxySetting;

/// A file with more of them was not written by Hoist.
pub(super) const MAX_DESTINATIONS: usize = 1000;

/// Why settings were not exported, or nothing of a file was taken over.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// They have no form in TOML.
    #[error("The settings cannot be written as TOML: {0}")]
    Unwritable(#[from] toml::ser::Error),
    /// No settings are that large.
    #[error("Settings of Hoist are at most 1 MB, and this is larger")]
    TooLarge,
    /// It is none, from this line on.
    #[error("This is not a file of exported settings{}", at_line(*.0))]
    NotToml(Option<usize>),
    /// It is the TOML of something else.
    #[error("The file has no settings of Hoist")]
    NoSettings,
    /// More than people have.
    #[error("The file has more than {MAX_DESTINATIONS} destinations")]
    TooManyDestinations,
    /// A destination, or something else.
    #[error("Its destinations are not a list")]
    NoList,
    /// Each choice is fine alone.
    #[error("The settings contradict each other: {}", .0.message())]
    Conflict(toml::de::Error),
    /// With what is here already it is too much.
    #[error("With these destinations the settings would be larger than 1 MB")]
    GrownTooLarge,
}

fn at_line(line: Option<usize>) -> String {
    line.map(|n| format!(": line {n} cannot be read")).unwrap_or_default()
}

/// A part of a file that was not taken over.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", elide(.name, 60))]
pub struct KeptOut {
    /// The destination's or the choice's name, as it stands in the file.
    pub name: String,
    /// What keeps it out.
    #[source]
    pub why: Unfit,
}

/// Why a destination or a choice was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A destination that lacks something, or has too much.
    #[error("it is not a valid destination")]
    Malformed,
    /// Of a destination.
    #[error("its name {0}")]
    Name(InvalidName),
    /// Of a destination.
    #[error("its key's name {0}")]
    KeyName(InvalidName),
    /// Of another version.
    #[error("this version of Hoist does not know the provider {}", elide(.0, 60))]
    UnknownProvider(String),
    /// A key goes to its own vendor only.
    #[error("its {0}")]
    Key(#[from] KeyOfAnother),
    /// Its account or options.
    #[error(transparent)]
    Destination(#[from] InvalidDestination),
    /// A provider's file that is not valid.
    #[error("{0}")]
    Provider(Box<AddProviderError>),
    /// A provider's file.
    #[error("you have not agreed to where it sends files and keys")]
    NotAgreed,
    /// A choice of another version.
    #[error("this version of Hoist does not know it")]
    UnknownChoice,
    /// Of a choice.
    #[error("its value is not valid")]
    Value,
    /// What is out of bounds would apply as something else.
    #[error("its value is out of range")]
    OutOfBounds,
    /// The proxy's address cannot be used.
    #[error(transparent)]
    Proxy(#[from] InvalidProxySetting),
    /// A template for copying.
    #[error(transparent)]
    Template(#[from] InvalidCopyTemplate),
}
