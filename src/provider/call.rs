//! A provider's upload call: what is sent, and what a reply leads to.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::error_map;
use super::http::{Reply, Request};
use super::spec::Facts;
use crate::model::error::Failure;
use crate::model::failures;
use crate::model::media::Media;
use crate::model::receipt::Receipt;

/// What is to be sent.
#[derive(Clone, Copy, Debug)]
pub struct UploadSpec<'a> {
    /// The file's own name, whatever is in it.
    pub name: &'a str,
    /// Its type by its first bytes; always one the provider takes.
    pub media: Media,
    /// Its size in bytes.
    pub size: u64,
    /// The account chosen, or none for "Auto".
    pub account: Option<&'a str>,
    /// Options under the documents' own names.
    pub options: &'a BTreeMap<String, String>,
    /// The id an earlier reply gave, where the provider is asked whether it has finished.
    pub known_id: Option<&'a str>,
}

impl UploadSpec<'_> {
    /// Returns the name without its extension.
    pub fn stem(&self) -> &str {
        match self.name.rfind('.') {
            Some(dot) if dot > 0 => &self.name[..dot],
            _ => self.name,
        }
    }

    /// Returns the extension without its dot; empty where there is none.
    pub fn extension(&self) -> &str {
        match self.name.rfind('.') {
            Some(dot) if dot > 0 => &self.name[dot + 1..],
            _ => "",
        }
    }
}

/// What a successful reply leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Finished.
    Done(Box<Receipt>),
    /// The id is known, but the provider still works on it: ask again.
    Poll {
        /// What is known so far: recorded and copyable at once.
        receipt: Box<Receipt>,
        /// How long to wait before asking.
        after: Duration,
    },
}

impl Step {
    /// Returns what is known of the asset.
    pub fn into_receipt(self) -> Box<Receipt> {
        match self {
            Step::Done(receipt) | Step::Poll { receipt, .. } => receipt,
        }
    }

    /// Returns the same, with a word on the response, which was too long to keep it whole.
    fn cut(mut self) -> Step {
        let (Step::Done(receipt) | Step::Poll { receipt, .. }) = &mut self;
        receipt.cut();
        self
    }
}

/// What the sandbox knows of an upload it took whole: enough to answer as the provider would.
#[derive(Clone, Debug)]
pub struct SandboxUpload {
    /// Its type by its first bytes.
    pub media: Media,
    /// Its size in bytes, after any decoding.
    pub size: u64,
    /// Its name as the request gave it, where it gave one.
    pub name: Option<String>,
    /// The account asked for.
    pub account: Option<String>,
    /// Width and height of an image.
    pub pixels: Option<(u32, u32)>,
    /// A number no other upload of this run has, as a UUID's text.
    pub uuid: String,
    /// The address under which the sandbox serves made-up links: `http://127.0.0.1:PORT`.
    pub origin: String,
    /// How often its state was asked for, for providers that are polled.
    pub polled: u32,
}

/// One provider's upload call.
pub trait Provider: Sync {
    /// Returns what it takes, wants and answers.
    fn facts(&self) -> &'static Facts;

    /// Returns the request that uploads a file.
    fn request(&self, outgoing: &UploadSpec<'_>) -> Request;

    /// Returns what a 2xx reply to `request`, or to a poll, means. `now` is when it arrived.
    fn accept(&self, outgoing: &UploadSpec<'_>, reply: &Reply, now: Timestamp) -> Result<Step, Box<Failure>>;

    /// Asks about an upload whose id is known, for providers that go on working on one; nothing where that cannot be asked.
    fn poll_request(&self, _outgoing: &UploadSpec<'_>, _id: &str) -> Option<Request> {
        None
    }

    /// Returns what a sandbox answers to an upload that passed every check: status and body, as documented.
    fn example(&self, arrived: &SandboxUpload) -> (u16, serde_json::Value);

    /// Returns what any reply means.
    fn reply(&self, outgoing: &UploadSpec<'_>, reply: &Reply, now: Timestamp) -> Result<Step, Box<Failure>> {
        let reply = &reply.clone().digested(self.facts().values);
        let refused = || Box::new(error_map::failure(self.facts(), outgoing.account, reply, now));
        if !(200..300).contains(&reply.status) {
            return Err(refused());
        }
        let accepted = self.accept(outgoing, reply, now);
        if let Some(why) = reply.broken_off.clone() {
            return Err(match accepted {
                Ok(step) => Box::new(why.naming(step.into_receipt())),
                Err(_) => why,
            });
        }
        match accepted {
            Err(_) if reply.truncated => Err(refused()),
            Err(_) if reply.is_broken() => Err(Box::new(
                failures::unreadable_answer().with_service_message(reply.service_message().text),
            )),
            // What breaks off may have been about to say something else.
            Ok(step) if reply.is_broken() && !reply.truncated => {
                let failure =
                    failures::unreadable_answer().with_service_message(reply.service_message().text);
                Err(Box::new(failure.naming(step.into_receipt())))
            }
            Ok(step) if reply.is_cut() => Ok(step.cut()),
            accepted => accepted,
        }
    }
}
