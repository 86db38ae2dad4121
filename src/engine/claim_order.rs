//! In which order uploads claim contents: that in which they started.

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Notify;

use super::messages::Job;
use crate::model::destination::Destination;
use crate::model::upload::UploadId;

/// The uploads that read their content for a claim, in the order in which they started. Of copies the first one is sent,
/// however long it takes to be read.
#[derive(Default)]
pub(super) struct ClaimOrder {
    reading: Mutex<Vec<(UploadId, u64, Arc<Destination>)>>,
    changed: Notify,
}

/// An upload in that order, which it leaves when this is dropped.
pub(super) struct ClaimEntry<'a> {
    order: &'a ClaimOrder,
    id: UploadId,
}

impl ClaimOrder {
    /// Puts an upload behind those that started before.
    pub(super) fn enter(&self, job: &Job) -> ClaimEntry<'_> {
        let id = job.request.id;
        self.reading.lock().push((id, job.facts.size, Arc::clone(&job.request.destination)));
        ClaimEntry { order: self, id }
    }
}

impl ClaimEntry<'_> {
    /// Waits for those before it that may have the same content.
    pub(super) async fn reached(&self) {
        loop {
            let mut changed = std::pin::pin!(self.order.changed.notified());
            changed.as_mut().enable();
            if self.is_first() {
                return;
            }
            changed.await;
        }
    }

    fn is_first(&self) -> bool {
        let reading = self.order.reading.lock();
        let Some(index) = reading.iter().position(|(id, ..)| *id == self.id) else { return true };
        let (_, size, to) = &reading[index];
        !reading[..index].iter().any(|(_, other_size, other_to)| (other_size, other_to) == (size, to))
    }
}

impl Drop for ClaimEntry<'_> {
    fn drop(&mut self) {
        self.order.reading.lock().retain(|(id, ..)| *id != self.id);
        self.order.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::samples;

    fn enter(order: &ClaimOrder, id: u64, size: u64, provider: &str) -> UploadId {
        order.reading.lock().push((UploadId(id), size, samples::destination(provider)));
        UploadId(id)
    }

    #[tokio::test]
    async fn only_what_may_be_a_copy_of_an_earlier_one_waits_for_it() {
        let order = ClaimOrder::default();
        let entry = |id| ClaimEntry { order: &order, id };
        let first = entry(enter(&order, 1, 500, "piapi"));
        let copy = entry(enter(&order, 2, 500, "piapi"));
        let others = [(3, 501, "piapi"), (4, 500, "indream")];
        let others = others.map(|(id, size, provider)| entry(enter(&order, id, size, provider)));
        first.reached().await;
        for other in &others {
            other.reached().await;
        }
        let wait = tokio::time::timeout(Duration::from_millis(20), copy.reached()).await;
        assert!(wait.is_err(), "the first is still being read");
        drop(others);
        let ((), ()) = tokio::join!(async { drop(first) }, copy.reached());
    }
}
