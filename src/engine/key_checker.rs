//! Asks vendors whether a key is good and which accounts are behind it, when a person wants to know: never by itself.

use std::sync::Arc;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;

use super::body::Handover;
use super::context::EngineContext;
use super::key;
use super::key_check::{AccountList, KeyCheckRequest, KeyCheckResult, KeySource};
use super::timeout::within;
use super::transport::{Payload, Reads};
use crate::model::error::{Failure, FailureKind};
use crate::model::secret::Key;
use crate::provider;
use crate::provider::http::{Reply, Request};
use crate::provider::key_check::{self, KeyFacts, MAX_ACCOUNTS, MAX_PAGES, TIMEOUT, unanswered};
use crate::provider::spec::{Account, AccountListing, Auth, ProviderSpec, Vendor};

/// Asks, and tells.
pub(super) async fn run(shared: Arc<EngineContext>, request: KeyCheckRequest) {
    let (key, listed) = match ask(&shared, &request).await {
        Ok((facts, listed)) => (Ok(facts), listed),
        Err(failure) => (Err(failure), vec![]),
    };
    if let Err(failure) = &key {
        tracing::warn!(vendor = request.vendor.id, kind = failure.kind.name(), "a key was checked");
        if let (FailureKind::WrongKey, KeySource::Saved(name)) = (failure.kind, &request.key) {
            shared.keys.ask_again(name); // it may be replaced in the keyring by another Hoist
        }
    }
    let answer =
        KeyCheckResult { ticket: request.ticket, vendor: request.vendor, at: Timestamp::now(), key, listed };
    shared.out.answer(answer).await;
}

async fn ask(
    shared: &EngineContext,
    request: &KeyCheckRequest,
) -> Result<(KeyFacts, Vec<AccountList>), Box<Failure>> {
    let vendor = request.vendor;
    let key = match &request.key {
        KeySource::New(key) => key.clone(),
        KeySource::Saved(name) => key::find(shared, name, vendor).await?,
    };
    let asking = Asking { shared, vendor, key: &key };
    let facts = asking.check().await?;
    let auth = facts.auth;
    // Accounts of providers that are not in sight are not waited for.
    let is_asked = |facts: &&'static ProviderSpec| {
        provider::offered_of(vendor).iter().any(|f| f.id == facts.id)
            || request.more_of.iter().any(|(provider, _)| *provider == facts.id)
    };
    let lists = provider::of_vendor(vendor)
        .filter(is_asked)
        .filter_map(|facts| Some((facts, facts.account.listing?)));
    let listed = join_all(lists.map(|(facts, listing)| {
        let asking = &asking;
        async move {
            let accounts = asking.accounts(facts, listing, auth).await;
            let mut notes = vec![];
            for (_, id) in request.more_of.iter().filter(|(provider, _)| *provider == facts.id) {
                let known = accounts.as_ref().is_ok_and(|all| all.iter().any(|a| a.id == *id));
                if let (true, Some(note)) = (known, asking.more(listing, auth, id).await) {
                    notes.push((id.clone(), note));
                }
            }
            AccountList { facts, accounts, notes }
        }
    }));
    Ok((facts, listed.await))
}

struct Asking<'a> {
    shared: &'a EngineContext,
    vendor: &'static Vendor,
    key: &'a Key,
}

impl Asking<'_> {
    /// Asks with the key in the header of the documents, and where the vendor does not know it, in that of their other
    /// versions.
    async fn check(&self) -> Result<KeyFacts, Box<Failure>> {
        let mut refused = None;
        if self.vendor.check.is_none() {
            return Ok(KeyFacts { auth: self.vendor.auth, plan: None, plan_insufficient: false });
        }
        for auth in [Some(self.vendor.auth), self.vendor.other_auth].into_iter().flatten() {
            let Some(request) = key_check::key_request(self.vendor, auth) else { break };
            let reply = self.send(&request).await?;
            match key_check::key_facts(self.vendor, auth, &reply, Timestamp::now()) {
                Err(failure) if failure.kind == FailureKind::WrongKey => refused = refused.or(Some(failure)),
                answer => return answer,
            }
        }
        Err(refused.unwrap_or_else(|| Box::new(unanswered(self.vendor, no_message()))))
    }

    async fn accounts(
        &self,
        facts: &'static ProviderSpec,
        listing: &AccountListing,
        auth: Auth,
    ) -> Result<Vec<Account>, Box<Failure>> {
        let mut all: Vec<Account> = vec![];
        let mut next: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let request = key_check::accounts_request(listing, auth, next.as_deref());
            let page = key_check::page(facts, listing, &self.send(&request).await?, Timestamp::now())?;
            for account in page.accounts {
                if all.len() < MAX_ACCOUNTS && all.iter().all(|known| known.id != account.id) {
                    all.push(account);
                }
            }
            next = page.next.filter(|cursor| next.as_ref() != Some(cursor));
            if next.is_none() || all.len() >= MAX_ACCOUNTS {
                break;
            }
        }
        Ok(all)
    }

    /// Returns what is told of one account; nothing where that cannot be read.
    async fn more(&self, listing: &AccountListing, auth: Auth, id: &str) -> Option<String> {
        let request = key_check::account_request(listing, auth, id)?;
        let reply = self.send(&request).await.ok().filter(|reply| reply.status == 200)?;
        let value = reply.value()?;
        key_check::account_note(listing, &value)
    }

    async fn send(&self, request: &Request) -> Result<Reply, Box<Failure>> {
        let progress = watch::channel(0).0;
        let handover = Handover::default();
        let load =
            Payload { key: self.key, reads: Reads::List, source: None, mark: None, handover, progress };
        match within(TIMEOUT, self.shared.transport.send(request, load)).await {
            Some(Ok(reply)) => Ok(reply),
            Some(Err(failure)) => Err(Box::new(unanswered(self.vendor, failure))),
            None => Err(Box::new(unanswered(self.vendor, no_message()))),
        }
    }
}

fn no_message() -> Failure {
    Failure::new(FailureKind::AnswerTimeout, "", "")
}
