//! What is to be sent, and what a reply leads to.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::http::Method;
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
    /// What the replies to earlier steps named.
    pub captured: &'a Captured,
    /// Letters and digits that are the same for each try of this upload, and for no other.
    pub random: &'a str,
}

/// What the replies to earlier steps named, for the next one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Captured(pub(super) BTreeMap<String, Value>);

impl Captured {
    /// Takes in what a further step named.
    pub fn add(&mut self, more: Captured) {
        self.0.extend(more.0);
    }
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
    /// Another request follows, with what this reply named.
    Next(Captured),
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
    pub fn into_receipt(self) -> Option<Box<Receipt>> {
        match self {
            Step::Done(receipt) | Step::Poll { receipt, .. } => Some(receipt),
            Step::Next(_) => None,
        }
    }

    /// Returns the same, with a word on the response, which was too long to keep it whole.
    pub(super) fn cut(mut self) -> Step {
        if let Step::Done(receipt) | Step::Poll { receipt, .. } = &mut self {
            receipt.cut();
        }
        self
    }
}

/// Which of a provider's calls a path is.
#[derive(Clone, Debug)]
pub struct Route {
    /// The step, from 1; 0 is a poll.
    pub step: usize,
    /// How it is asked.
    pub method: Method,
    /// The account, where it stands in the path.
    pub account: Option<String>,
    /// The asset's id, where it stands in the path.
    pub id: Option<String>,
}
