//! What narrows down the history.

use std::sync::Arc;

use jiff::{ToSpan, Zoned};
use strum::EnumIter;

use crate::session::Session;
use crate::session::api::{AccountWords, Destination, Query, provider};

/// How far back the history is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, EnumIter)]
pub(super) enum DateRange {
    #[default]
    AnyTime,
    Today,
    SevenDays,
    ThirtyDays,
}

impl DateRange {
    /// Returns its name in files.
    pub(super) fn id(self) -> &'static str {
        match self {
            DateRange::AnyTime => "any-time",
            DateRange::Today => "today",
            DateRange::SevenDays => "7-days",
            DateRange::ThirtyDays => "30-days",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            DateRange::AnyTime => "Any time",
            DateRange::Today => "Today",
            DateRange::SevenDays => "Last 7 days",
            DateRange::ThirtyDays => "Last 30 days",
        }
    }

    /// Returns where the range begins, in whole days: today is one of the seven.
    fn since(self, now: &Zoned) -> Option<jiff::Timestamp> {
        let days = match self {
            DateRange::AnyTime => return None,
            DateRange::Today => 0,
            DateRange::SevenDays => 6,
            DateRange::ThirtyDays => 29,
        };
        let first = now.checked_sub(days.days()).and_then(|day| day.start_of_day());
        first.ok().map(|first| first.timestamp())
    }
}

/// The search, the provider and the time that are asked for.
#[derive(Default)]
pub(super) struct HistoryFilters {
    pub(super) search: String,
    /// What accounts are called, which is searched, too.
    pub(super) labels: Vec<AccountWords>,
    pub(super) provider: Option<&'static str>,
    /// One account of it, by a destination that sends there.
    pub(super) account: Option<Arc<Destination>>,
    pub(super) within: DateRange,
}

impl HistoryFilters {
    /// Returns the query that they ask for.
    pub(super) fn wanted(&self, now: &Zoned) -> Query {
        Query {
            search: self.search.trim().to_owned(),
            labels: if self.search.trim().is_empty() { vec![] } else { self.labels.clone() },
            provider: self.provider.map(ToOwned::to_owned),
            account: self.account.as_ref().map(|to| to.account_id()),
            since: self.within.since(now),
            limit: None,
        }
    }

    /// Returns whether something narrows down what is shown.
    pub(super) fn is_any(&self) -> bool {
        !self.search.trim().is_empty() || self.provider.is_some() || self.within != DateRange::AnyTime
    }

    /// Returns what the provider and the account are called that are asked for.
    pub(super) fn provider_label(&self, session: &Session) -> String {
        match (&self.account, self.provider) {
            (Some(to), _) => session.keys.destination_label(to),
            (None, Some(id)) => provider::by_id(id).map_or(id, |known| known.facts().name).to_owned(),
            (None, None) => "All providers".to_owned(),
        }
    }

    pub(super) fn clear(&mut self) {
        *self = HistoryFilters { labels: std::mem::take(&mut self.labels), ..HistoryFilters::default() };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_whole() {
        let now: Zoned = "2026-09-10T12:30[UTC]".parse().unwrap();
        let since = |within: DateRange| within.since(&now).map(|at| at.to_string());
        assert_eq!(since(DateRange::AnyTime), None);
        assert_eq!(since(DateRange::Today).as_deref(), Some("2026-09-10T00:00:00Z"));
        assert_eq!(since(DateRange::SevenDays).as_deref(), Some("2026-09-04T00:00:00Z"));
        assert_eq!(since(DateRange::ThirtyDays).as_deref(), Some("2026-08-12T00:00:00Z"));
    }
}
