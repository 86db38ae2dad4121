//! One upload's state, and the one function that changes it.

use jiff::Timestamp;
use strum::IntoStaticStr;

use super::error::{Failure, FailureKind, TerminalState};
use super::receipt::Receipt;

/// Names an upload, in the run it was made in and in the history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UploadId(pub u64);

/// Where an upload stands.
#[derive(Clone, Debug, PartialEq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum State {
    /// Staged; nothing is sent before the user says so.
    Ready,
    /// Asked for, waiting for a slot, for its destination's hold to end, or for its next try.
    Waiting {
        /// When the destination's hold ends, or when it is tried again.
        until: Option<Timestamp>,
        /// Why the try before this one failed: nothing was accepted.
        why: Option<Box<Failure>>,
    },
    /// Bytes are going out.
    Sending {
        /// File bytes sent so far.
        sent: u64,
    },
    /// All bytes are sent, the answer is awaited.
    Sent {
        /// Since when.
        at: Timestamp,
    },
    /// The provider has it and works on it; the id is known.
    Processing {
        /// What is known so far.
        receipt: Box<Receipt>,
        /// Where the waiting is counted from.
        since: Timestamp,
        /// Nobody looks any more whether it is finished: it took too long, or the user did not want to wait.
        resting: bool,
    },
    /// Final: the id or link is known.
    Done(Box<Receipt>),
    /// Not sent or not accepted: waits until `failure.until`, or for the user.
    Held(Box<Failure>),
    /// Final: not accepted.
    Refused(Box<Failure>),
    /// Final: everything was sent and no answer came; the asset may exist.
    Unknown(Box<Failure>),
    /// Final: stopped before the last byte was sent.
    Cancelled,
}

/// What can happen to an upload.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The user pressed Upload, Retry or Send again.
    Requested,
    /// The user wants it back in the queue, to be sent when Upload is pressed.
    Requeued,
    /// The same content is at the same destination already, and that is enough for the user.
    Deduplicated(Box<Receipt>),
    /// The same content is at the same destination already, or may be, and it was not sent for that.
    SentBefore {
        /// By this upload,
        by: UploadId,
        /// requested at this time.
        at: Timestamp,
        /// What came of that; none where no answer came.
        receipt: Option<Box<Receipt>>,
    },
    /// It waits for its destination's hold to end.
    BackoffStarted(Option<Timestamp>),
    /// It is not to go there after all, and nothing of it was sent.
    Withdrawn,
    /// The file is another one than was looked into, and nothing of it was sent: it is to be looked into anew.
    Changed,
    /// A slot was free: the connection is being made.
    Started,
    /// Nothing was accepted, or a second copy does no harm: it is tried again by itself, at that time.
    RetryScheduled(Timestamp, Box<Failure>),
    /// So many file bytes are sent.
    Progress(u64),
    /// The last byte was sent.
    AllSent,
    /// The provider took it and works on it.
    Processing(Box<Receipt>),
    /// It may go on being processed there, but nobody looks any more.
    PollingStopped,
    /// The user wants to know again whether it is finished.
    PollingResumed,
    /// The id or link is known.
    Done(Box<Receipt>),
    /// The user cancelled it after its last byte: it may exist, and a reply may still come.
    CancelledLate(Box<Failure>),
    /// Nothing more is tried by itself.
    Failed(Box<Failure>),
}

impl State {
    /// Returns the state's own word: in the history, in diagnostics, and where a person reads one word.
    pub fn name(&self) -> &'static str {
        self.into()
    }

    /// Returns whether nothing more happens by itself.
    pub fn is_final(&self) -> bool {
        matches!(self, State::Done(_) | State::Refused(_) | State::Unknown(_) | State::Cancelled)
    }

    /// Returns whether the engine has it.
    pub fn is_active(&self) -> bool {
        matches!(
            self,
            State::Waiting { .. }
                | State::Sending { .. }
                | State::Sent { .. }
                | State::Processing { resting: false, .. }
        )
    }

    /// Returns whether it is with the provider, and is not polled any more.
    pub fn is_resting(&self) -> bool {
        matches!(self, State::Processing { resting: true, .. })
    }

    /// Returns whether bytes move, or an answer is awaited.
    pub fn is_moving(&self) -> bool {
        matches!(self, State::Sending { .. } | State::Sent { .. })
    }

    /// Returns whether the user may ask for it (again).
    pub fn can_be_requested(&self) -> bool {
        matches!(
            self,
            State::Ready | State::Held(_) | State::Refused(_) | State::Unknown(_) | State::Cancelled
        )
    }

    /// Returns what is known of the asset.
    pub fn receipt(&self) -> Option<&Receipt> {
        match self {
            State::Done(r) | State::Processing { receipt: r, .. } => Some(r),
            _ => None,
        }
    }

    /// Returns what is known of the asset, and what a provider returned for one with an unknown outcome.
    pub fn kept_receipt(&self) -> Option<&Receipt> {
        match self {
            State::Unknown(failure) => failure.receipt.as_deref(),
            _ => self.receipt(),
        }
    }

    /// Returns what went wrong.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            State::Held(f) | State::Refused(f) | State::Unknown(f) => Some(f),
            _ => None,
        }
    }

    /// Returns the state after `event`. Events that do not fit are late news and change nothing: final states stay,
    /// except that a late reply turns *outcome unknown* into *done*, and that the user may send again.
    #[must_use]
    pub fn after(self, event: Event, now: Timestamp) -> State {
        match (self, event) {
            (state, Event::Requested) if state.can_be_requested() => {
                State::Waiting { until: None, why: None }
            }
            (State::Held(_) | State::Refused(_) | State::Cancelled, Event::Requeued) => State::Ready,
            (State::Ready, Event::Deduplicated(receipt)) | (State::Unknown(_), Event::Done(receipt)) => {
                State::Done(receipt)
            }
            (State::Unknown(_), Event::Processing(receipt)) => {
                State::Processing { receipt, since: now, resting: false }
            }
            (State::Processing { receipt, since, resting: true }, Event::PollingResumed) => {
                State::Processing { receipt, since, resting: false }
            }
            (state, _) if !state.is_active() => state,
            (State::Waiting { why, .. }, Event::BackoffStarted(until)) => State::Waiting { until, why },
            (State::Waiting { .. }, Event::Withdrawn | Event::SentBefore { .. }) => State::Ready,
            (State::Waiting { .. }, Event::Changed) => State::Waiting { until: None, why: None },
            (State::Waiting { .. }, Event::Started) => State::Sending { sent: 0 },
            (State::Sending { .. } | State::Sent { .. }, Event::RetryScheduled(at, why)) => {
                State::Waiting { until: Some(at), why: Some(why) }
            }
            (State::Sending { sent }, Event::Progress(now)) => State::Sending { sent: sent.max(now) },
            (State::Waiting { .. } | State::Sending { .. }, Event::AllSent) => State::Sent { at: now },
            (State::Processing { since, receipt: earlier, .. }, Event::Processing(receipt)) => {
                let receipt = Box::new(receipt.following(&earlier));
                State::Processing { receipt, since, resting: false }
            }
            (State::Processing { receipt: earlier, .. }, Event::Done(receipt)) => {
                State::Done(Box::new(receipt.following(&earlier)))
            }
            (State::Sending { .. } | State::Sent { .. }, Event::Processing(receipt)) => {
                State::Processing { receipt, since: now, resting: false }
            }
            (State::Processing { receipt, since, .. }, Event::PollingStopped) => {
                State::Processing { receipt, since, resting: true }
            }
            (_, Event::Done(receipt)) => State::Done(receipt),
            (state, Event::Failed(failure) | Event::CancelledLate(failure)) => State::failed(state, failure),
            (state, _) => state,
        }
    }

    /// Returns the state after a failure. One after all bytes have left never reads as *cancelled*: the asset may exist. And an id
    /// that is known is never lost to a failure of looking after it.
    fn failed(state: State, failure: Box<Failure>) -> State {
        if let State::Processing { mut receipt, since, .. } = state {
            if failure.kind != FailureKind::Cancelled {
                receipt.warnings.push(format!("{}. {}", failure.message, failure.hint));
            }
            // A wrong key or a locked keyring says nothing of the asset: the user may look again.
            return match failure.kind.ending() {
                TerminalState::Held => State::Processing { receipt, since, resting: true },
                _ => State::Done(receipt),
            };
        }
        match failure.kind.ending() {
            TerminalState::Refused => State::Refused(failure),
            TerminalState::Held => State::Held(failure),
            TerminalState::Unknown => State::Unknown(failure),
            TerminalState::Cancelled if matches!(state, State::Sent { .. }) => State::Unknown(failure),
            TerminalState::Cancelled => State::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::samples::{self, failure};

    fn receipt() -> Box<Receipt> {
        Box::new(samples::receipt(Some("id"), None))
    }

    fn sent_before() -> Event {
        Event::SentBefore { by: UploadId(1), at: Timestamp::UNIX_EPOCH, receipt: Some(receipt()) }
    }

    #[test]
    fn what_the_first_reply_named_is_kept_where_later_ones_leave_it_out() {
        let with = |name: &str| {
            let mut receipt = receipt();
            receipt.values.push((name.into(), "x".into()));
            receipt
        };
        let state = State::Sent { at: Timestamp::UNIX_EPOCH };
        let now = Timestamp::UNIX_EPOCH;
        let state = state.after(Event::Processing(with("audio_upload_id")), now);
        let state = state.after(Event::Processing(with("status")), now);
        let state = state.after(Event::Done(with("duration_s")), now);
        let names: Vec<_> = state.receipt().unwrap().values.iter().map(|(n, _)| n.as_str()).collect();
        assert_eq!(names, ["duration_s", "status", "audio_upload_id"]);
    }

    #[test]
    fn what_a_state_means_is_the_same_for_all_who_ask() {
        let now = Timestamp::UNIX_EPOCH;
        let processing = |resting| State::Processing { receipt: receipt(), since: now, resting };
        // Final, with the engine, resting, moving, may be asked for, has an id, has failed.
        for (state, means) in [
            (State::Ready, "- - - - a - -"),
            (State::Waiting { until: None, why: None }, "- e - - - - -"),
            (State::Sending { sent: 0 }, "- e - m - - -"),
            (State::Sent { at: now }, "- e - m - - -"),
            (processing(false), "- e - - - i -"),
            (processing(true), "- - r - - i -"),
            (State::Done(receipt()), "f - - - - i -"),
            (State::Held(failure(FailureKind::Quota)), "- - - - a - x"),
            (State::Refused(failure(FailureKind::Quota)), "f - - - a - x"),
            (State::Unknown(failure(FailureKind::Quota)), "f - - - a - x"),
            (State::Cancelled, "f - - - a - -"),
        ] {
            let told = [
                ("f", state.is_final()),
                ("e", state.is_active()),
                ("r", state.is_resting()),
                ("m", state.is_moving()),
                ("a", state.can_be_requested()),
                ("i", state.receipt().is_some_and(|r| r.first() == "id")),
                ("x", state.failure().is_some_and(|f| f.message == "no")),
            ];
            let told = told.map(|(letter, is)| if is { letter } else { "-" });
            assert_eq!(told.join(" "), means, "{state:?}");
        }
    }

    #[test]
    fn an_upload_goes_its_way_and_back_as_it_should() {
        use FailureKind as K;
        let at = |second| Timestamp::from_second(second).unwrap();
        let waiting = |until, why| State::Waiting { until, why };
        let processing = |since, resting| State::Processing { receipt: receipt(), since: at(since), resting };
        let busy = || failure(FailureKind::Busy);
        for (from, event, to) in [
            (State::Ready, Event::Requested, waiting(None, None)),
            (State::Ready, Event::Deduplicated(receipt()), State::Done(receipt())),
            (State::Ready, Event::Started, State::Ready),
            (State::Ready, Event::Requeued, State::Ready),
            (waiting(None, None), Event::BackoffStarted(Some(at(7))), waiting(Some(at(7)), None)),
            (waiting(Some(at(7)), Some(busy())), Event::BackoffStarted(None), waiting(None, Some(busy()))),
            (waiting(None, None), Event::Withdrawn, State::Ready),
            (waiting(None, None), sent_before(), State::Ready),
            (State::Sending { sent: 5 }, sent_before(), State::Sending { sent: 5 }),
            (waiting(None, None), Event::Started, State::Sending { sent: 0 }),
            (waiting(None, None), Event::AllSent, State::Sent { at: at(9) }),
            (waiting(None, None), Event::Requested, waiting(None, None)),
            (State::Sending { sent: 5 }, Event::Progress(3), State::Sending { sent: 5 }),
            (State::Sending { sent: 5 }, Event::Progress(8), State::Sending { sent: 8 }),
            (
                State::Sending { sent: 5 },
                Event::RetryScheduled(at(7), busy()),
                waiting(Some(at(7)), Some(busy())),
            ),
            (State::Sending { sent: 5 }, Event::AllSent, State::Sent { at: at(9) }),
            (State::Sending { sent: 5 }, Event::Withdrawn, State::Sending { sent: 5 }),
            (State::Sent { at: at(1) }, Event::Processing(receipt()), processing(9, false)),
            (State::Sent { at: at(1) }, Event::Done(receipt()), State::Done(receipt())),
            (State::Sent { at: at(1) }, Event::Progress(3), State::Sent { at: at(1) }),
            (processing(1, false), Event::Processing(receipt()), processing(1, false)),
            (processing(1, false), Event::PollingStopped, processing(1, true)),
            (processing(1, true), Event::PollingResumed, processing(1, false)),
            (processing(1, true), Event::Done(receipt()), processing(1, true)),
            (processing(1, false), Event::Failed(failure(FailureKind::Cancelled)), State::Done(receipt())),
            (processing(1, false), Event::Requested, processing(1, false)),
            (State::Held(busy()), Event::Requeued, State::Ready),
            (State::Refused(busy()), Event::Requested, waiting(None, None)),
            (State::Cancelled, Event::Requeued, State::Ready),
            (State::Unknown(busy()), Event::Requeued, State::Unknown(busy())),
            (State::Unknown(busy()), Event::Done(receipt()), State::Done(receipt())),
            (State::Unknown(busy()), Event::Processing(receipt()), processing(9, false)),
            (State::Unknown(busy()), Event::Failed(busy()), State::Unknown(busy())),
            (State::Done(receipt()), Event::Requested, State::Done(receipt())),
            (State::Refused(busy()), Event::Done(receipt()), State::Refused(busy())),
        ] {
            assert_eq!(from.clone().after(event.clone(), at(9)), to, "{from:?} by {event:?}");
        }
        let fails = |from: &State, kind| from.clone().after(Event::Failed(failure(kind)), at(9));
        let (sending, sent) = (State::Sending { sent: 1 }, State::Sent { at: at(1) });
        for state in [&sending, &sent] {
            assert_eq!(fails(state, K::Policy), State::Refused(failure(K::Policy)));
            assert_eq!(fails(state, K::Quota), State::Held(failure(K::Quota)));
            assert_eq!(fails(state, K::NoAnswer), State::Unknown(failure(K::NoAnswer)));
        }
        assert_eq!(fails(&sending, K::Cancelled), State::Cancelled);
        assert_eq!(fails(&sent, K::Cancelled), State::Unknown(failure(K::Cancelled)), "it may exist");
        // An id that is known stays, and what went wrong with looking after it is told beside it.
        let State::Done(done) = fails(&processing(1, false), K::Policy) else { panic!("the id is lost") };
        assert_eq!((done.first(), done.warnings.as_slice()), ("id", &["no. next".to_owned()][..]));
        let State::Processing { receipt: known, resting, .. } = fails(&processing(1, false), K::WrongKey)
        else {
            panic!("it cannot be polled again")
        };
        assert!(resting && known.warnings == ["no. next"]);
    }

    fn events() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::Requested),
            Just(Event::Requeued),
            Just(Event::BackoffStarted(None)),
            Just(Event::Started),
            Just(Event::Changed),
            Just(Event::Withdrawn),
            Just(sent_before()),
            Just(Event::Deduplicated(receipt())),
            Just(Event::RetryScheduled(Timestamp::UNIX_EPOCH, failure(FailureKind::Busy))),
            (0..100u64).prop_map(Event::Progress),
            Just(Event::AllSent),
            Just(Event::Processing(receipt())),
            Just(Event::PollingStopped),
            Just(Event::PollingResumed),
            Just(Event::Done(receipt())),
            prop::sample::select(vec![
                FailureKind::BadRequest,
                FailureKind::WrongKey,
                FailureKind::NoAnswer,
                FailureKind::Cancelled
            ])
            .prop_map(samples::failed),
        ]
    }

    proptest! {
        #[test]
        fn final_states_stay_but_for_a_late_reply_and_the_user(list in prop::collection::vec(events(), 0..40)) {
            let mut state = State::Ready;
            for event in list {
                let before = state.clone();
                state = state.after(event.clone(), Timestamp::UNIX_EPOCH);
                if before.is_final() && before != state {
                    let late = matches!(before, State::Unknown(_))
                        && matches!(event, Event::Done(_) | Event::Processing(_));
                    let user = match event {
                        Event::Requested => !matches!(before, State::Done(_)),
                        Event::Requeued => matches!(before, State::Refused(_) | State::Cancelled),
                        _ => false,
                    };
                    prop_assert!(late || user, "{before:?} became {state:?} by {event:?}");
                }
                if let (State::Sending { sent: a }, State::Sending { sent: b }) = (&before, &state) {
                    prop_assert!(b >= a);
                }
                if matches!(before, State::Sent { .. }) {
                    prop_assert!(state != State::Cancelled, "all bytes are out: it may exist");
                }
                if let Some(r) = before.receipt() {
                    prop_assert_eq!(state.receipt().map(|r| &r.id), Some(&r.id), "a known id is never lost");
                }
            }
        }
    }
}
