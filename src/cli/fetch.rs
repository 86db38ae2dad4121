//! Links in the clipboard: a person is asked before a host is.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use indicatif::ProgressBar;

use super::output::{confirmed, eprint_line};
use super::progress::wait;
use crate::session::Session;
use crate::session::api::{Destination, UploadId, text};
use crate::session::imports::{Link, inside_warning};

/// Fetches what links name, where a person agrees to each host or `yes` does, and stages it. The error says why nothing is
/// sent.
pub(super) fn fetch(
    session: &mut Session,
    news: &Receiver<()>,
    links: Vec<Link>,
    to: &Arc<Destination>,
    yes: bool,
) -> Result<Vec<UploadId>, String> {
    let staged = |session: &Session| -> Vec<UploadId> {
        session.uploads.queue().items().iter().map(|item| item.request.id).collect()
    };
    let before: HashSet<UploadId> = staged(session).into_iter().collect();
    let wanted = links.len();
    let mut next = links;
    while !next.is_empty() {
        // A host that another one names was in no link that anybody has seen.
        let is_redirected = next.iter().any(|link| link.passed_on_by.is_some());
        if (is_redirected || !yes) && !confirmed(&question(&next))? {
            return Err("Nothing was fetched, and nothing was sent".to_owned());
        }
        session.fetch(std::mem::take(&mut next), &Some(Arc::clone(to)));
        wait(session, news, true, &ProgressBar::hidden(), |session| session.intake.fetching().is_none());
        if session.uploads.is_interrupted() {
            session.stop_fetching();
            return Err("Stopped. Nothing was sent".to_owned());
        }
        next = session.intake.take_links().map(|(links, _)| links).unwrap_or_default();
    }
    let ids: Vec<_> = staged(session).into_iter().filter(|id| !before.contains(id)).collect();
    match ids.len() {
        fetched if fetched < wanted => Err("Nothing was sent".to_owned()),
        _ => Ok(ids),
    }
}

/// Returns what a person is asked; what they should know of the hosts is printed.
fn question(links: &[Link]) -> String {
    let hosts: BTreeSet<String> = links.iter().map(Link::host).collect();
    let warnings: BTreeSet<String> = links.iter().filter_map(inside_warning).collect();
    for warning in warnings {
        eprint_line(&warning);
    }
    for by in links.iter().filter_map(|link| link.passed_on_by.as_deref()).collect::<BTreeSet<_>>() {
        eprint_line(&format!("{by} redirects to another host."));
    }
    let hosts: Vec<_> = hosts.into_iter().collect();
    format!("Fetch {} from {}?", text::count(links.len(), "file"), hosts.join(", "))
}
