//! The mark of a vendor, wherever one of its keys is shown.

use crate::session::api::provider::{self, BrandMark, Vendor};

/// Returns the mark of the only provider of a vendor; several have no mark in common.
pub(super) fn vendor_mark(vendor: &Vendor) -> Option<&'static BrandMark> {
    match provider::offered_of(vendor)[..] {
        [only] => Some(&only.mark),
        _ => None,
    }
}
