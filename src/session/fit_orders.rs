//! Copies that are asked for with an upload: of what is not accepted, and of what is to be stripped.

use super::fit_remedies;
use super::uploads::Uploads;
use crate::model::fit::FitWishes;
use crate::model::upload::UploadId;

impl Uploads {
    /// Makes copies of those of these files that are stopped by what a plan answers, by the rules of their destination.
    /// `strip`: also of the others, without what tells of place, camera and author.
    pub fn fit_for_upload(&mut self, ids: &[UploadId], strip: bool) {
        for id in ids {
            let Some(item) = self.queue.get(*id) else { continue };
            let is_stopped = fit_remedies::fix(item).is_some();
            let is_unfitted = !item.is_blocked() && item.request.copy.is_none();
            let rules = &item.request.destination.fit.wishes;
            let wishes = FitWishes { strip: strip || rules.strip, ..rules.clone() };
            if is_stopped || (strip && is_unfitted) {
                self.fit(&[*id], &wishes);
            }
        }
    }
}
