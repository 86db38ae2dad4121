//! What can be done next with the files of the queue: found once for a change of it, since of a long queue that is too much
//! for every frame.

use std::sync::Arc;

use super::fit_remedies::fix;
use crate::model::destination::Destination;
use crate::model::item::Item;
use crate::model::upload::UploadId;

/// The next steps of a queue.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct NextStep {
    /// So many files are ready.
    pub ready: usize,
    /// Where those go, each once, in the order of the queue.
    pub destinations: Vec<Arc<Destination>>,
    /// Files that are stopped by what a plan answers: what *Fix* fixes. Animations, of which a still picture would be left, are
    /// fixed one by one.
    pub fixable: Vec<UploadId>,
    /// There are such animations.
    pub leaves_animations: bool,
    /// A file is on its way, or its provider works on it.
    pub is_running: bool,
    /// A file is being inspected, or a copy of it made.
    pub is_reading: bool,
}

impl NextStep {
    /// Finds them among all files of a queue.
    pub fn of(items: &[Item]) -> NextStep {
        let mut next = NextStep::default();
        for item in items {
            let to = &item.request.destination;
            if item.is_sendable() {
                next.ready += 1;
                if !next.destinations.iter().any(|known| known.is_same_target(to)) {
                    next.destinations.push(Arc::clone(to));
                }
            }
            match fix(item) {
                Some(plan) if plan.first_frame => next.leaves_animations = true,
                Some(_) => next.fixable.push(item.request.id),
                None => {}
            }
            next.is_running |= item.state.is_active();
            next.is_reading |= item.inspection.is_pending();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::item::Inspection;
    use crate::model::media::{DetectedType, FileFacts, Media};
    use crate::model::queue::Queue;
    use crate::model::samples;
    use crate::model::upload::Event;

    #[test]
    fn equal_destinations_are_one() {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let mut queue = Queue::default();
        assert_eq!(NextStep::of(queue.items()), NextStep::default());
        let ids = ["piapi", "piapi", "riffusion"]
            .map(|provider| queue.add("a.png".into(), samples::destination(provider), now));
        assert!(NextStep::of(queue.items()).is_reading && NextStep::of(queue.items()).ready == 0);
        for id in ids {
            let facts = FileFacts {
                path: "a.png".into(),
                recognised: DetectedType::Known(Media::Png),
                ..FileFacts::default()
            };
            queue.get_mut(id).unwrap().inspection = Inspection::Ready(facts);
        }
        let next = NextStep::of(queue.items());
        assert_eq!((next.ready, next.destinations.len(), next.is_reading), (3, 2, false));
        for id in [ids[2], ids[1]] {
            queue.apply(id, Event::Requested, now);
            assert!(NextStep::of(queue.items()).is_running);
            queue.apply(id, Event::Started, now);
            queue.apply(id, Event::Done(Box::new(samples::receipt(Some("1"), None))), now);
        }
        let next = NextStep::of(queue.items());
        assert_eq!((next.ready, next.is_running), (1, false));
        assert_eq!(next.destinations, [samples::destination("piapi")]);
    }
}
