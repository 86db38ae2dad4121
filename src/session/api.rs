//! What a front end may name of the modules below the session, by subject. A front end uses nothing else of them, so this list says
//! what a change below can break above.

/// Files of the queue: how each stands, what is wrong with it, and what helps.
pub use crate::model::{
    error::{Failure, FailureKind},
    item::{Finding, FindingKind, Inspection, Item, Severity},
    queue::{Move, Queue},
    remedy::Remedy,
    totals::Totals,
    upload::{State, UploadId},
};

/// What a file is: read from its content, and shown.
pub use crate::media::{
    details,
    error::{ListError, PreviewError},
    folder::{Limits, ScanResult},
    listing::{Entry, Listing},
    part::{ComparedPicture, ComparedView, MAX_PART, PicturePart},
    preview::{self, Picture, Preview},
};
pub use crate::model::media::{
    AudioFacts, Details, DetectedType, FileFacts, FileProblem, Kind, LocationPresence, Media, Metadata,
    VideoFacts,
};

/// Copies that fit a destination.
pub use crate::model::fit::{
    ChangeKind, FitAim, FitChange, FitPlan, FitRules, FitWishes, FittedCopy, OriginalFile, within,
};

/// What comes in from other programs, and what is copied for them.
pub use crate::model::{
    copy_format::{CopyFormat, CopyTemplate},
    drop_data::text::{file_url, unquoted},
    drop_data::{DroppedData, HostInfo},
};

/// Results, and the history that keeps them.
pub use crate::model::{
    receipt::{Receipt, ResultCount},
    record::{PreviousUpload, Record, UploadRequest, name_of},
};
pub use crate::store::history::{AccountWords, DayGroup, History, Query, ReadError, Timeline, UploadTally};

/// Destinations and API keys, and how they stand.
pub use crate::engine::key_check::{AccountList, KeyCheckResult};
pub use crate::model::{
    destination::{Destination, KeyRecord, MAX_NAME, validate_name},
    health::{Condition, Health},
    secret::Key,
};
pub use crate::store::keys::{KEYRING, Keys};

/// Settings, and where everything is kept.
pub use crate::store::{
    environment::Environment,
    folders::Folders,
    settings::{HistoryStyle, MAX_BYTES, Proxy, Settings, Theme},
    settings_file::{SettingsFile, SettingsUnread},
    window_view::WindowView,
};

/// Texts, numbers and times as people read them, and texts of other programs.
pub use crate::model::{encoding, system::SYSTEM, text};

/// Provider files of a person's own that are not used.
pub use crate::store::provider_files::ProviderProblem;

/// Providers and vendors: the table, and what it says of a value or a file.
pub mod provider {
    pub use crate::provider::key_check::{key_format_hint, vendor_of_format};
    pub use crate::provider::spec::{
        Account, Auth, BrandMark, OptionFact, ProviderSource, ProviderSpec, ValueKind, Vendor,
    };
    pub use crate::provider::{
        Provider, all, built_in, by_id, of_vendor, offered_of, shown, shown_vendors, vendor, vendors,
    };
    pub use crate::session::fit_remedies::findings;
    /// What it says of a destination's options and account.
    pub mod check {
        pub use crate::provider::check::{InvalidDestination, account, option};
    }
}

/// The local server that stands in for providers.
pub use crate::sandbox::{BEHAVIOURS, Sandbox, SandboxRequest};
