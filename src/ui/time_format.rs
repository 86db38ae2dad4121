//! Moments and stretches of time in the few words a row has room for.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

/// Says when something was: "12:04", "Yesterday", "Tue", "3 Sep", "3 Sep 2024"; of a clock that was ahead, "In the
/// future".
pub(super) fn when(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    match days_ago(at.date(), now.date()) {
        0 => at.strftime("%H:%M").to_string(),
        1 => "Yesterday".to_owned(),
        2..7 => at.strftime("%a").to_string(),
        ..=-2 => "In the future".to_owned(),
        _ => day(at.date(), now.date()),
    }
}

/// Formats a time of day: "12:04".
pub(super) fn clock(at: Timestamp, now: &Zoned) -> String {
    at.to_zoned(now.time_zone().clone()).strftime("%H:%M").to_string()
}

/// Names a day: "Today", "Yesterday", "Tue, 8 Sep", "8 Sep 2024".
pub(super) fn day_name(date: Date, now: &Zoned) -> String {
    match days_ago(date, now.date()) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        _ if date.year() == now.year() => date.strftime("%a, %-d %b").to_string(),
        _ => day(date, now.date()),
    }
}

/// Says when something was sent: "Sent at 12:04", "Sent on 3 Sep".
pub(super) fn sent(at: Timestamp, now: &Zoned) -> String {
    let at = at.to_zoned(now.time_zone().clone());
    match days_ago(at.date(), now.date()) {
        0 => at.strftime("Sent at %H:%M").to_string(),
        _ => format!("Sent on {}", day(at.date(), now.date())),
    }
}

/// Formats a time to the second: "3 Sep 2026, 12:04:09".
pub(super) fn exactly(at: Timestamp) -> String {
    at.to_zoned(TimeZone::system()).strftime("%-d %b %Y, %H:%M:%S").to_string()
}

/// Counts the seconds until `text::time_left` says something else.
pub(super) fn until_the_next_word(seconds: u64) -> u64 {
    match seconds {
        0..60 => 1,
        _ => seconds % 60 + 1,
    }
}

/// Formats a day: "3 Sep", "3 Sep 2024".
pub(super) fn day(date: Date, today: Date) -> String {
    date.strftime(if date.year() == today.year() { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

/// Counts days on the calendar, not hours: shortly before midnight is yesterday soon.
fn days_ago(date: Date, today: Date) -> i64 {
    today.duration_since(date).as_hours() / 24
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::time_left;

    #[test]
    fn days_near_have_words_and_days_far_have_dates() {
        let now: Zoned = "2026-09-10T12:30[UTC]".parse().unwrap(); // a Thursday
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        for (moment, words) in [
            ("2026-09-10T12:04:59Z", "12:04"),
            ("2026-09-10T00:00:00Z", "00:00"),
            ("2026-09-10T23:59:00Z", "23:59"), // the clock was set back since
            ("2026-09-09T23:59:59Z", "Yesterday"),
            ("2026-09-08T10:00:00Z", "Tue"),
            ("2026-09-04T10:00:00Z", "Fri"),
            ("2026-09-03T10:00:00Z", "3 Sep"), // a week ago: this day's own name would be today's
            ("2025-12-31T10:00:00Z", "31 Dec 2025"),
            ("2026-09-11T10:00:00Z", "11 Sep"),
            ("2026-09-12T10:00:00Z", "In the future"),
            ("2031-01-01T10:00:00Z", "In the future"),
        ] {
            assert_eq!(when(at(moment), &now), words, "{moment}");
        }
        assert_eq!(sent(at("2026-09-10T12:04:59Z"), &now), "Sent at 12:04");
        assert_eq!(sent(at("2026-09-09T12:04:59Z"), &now), "Sent on 9 Sep");
        assert_eq!(sent(at("2025-09-09T12:04:59Z"), &now), "Sent on 9 Sep 2025");
    }

    #[test]
    fn days_have_names_and_times_of_day_are_those_of_the_wall() {
        let now: Timestamp = "2026-09-10T10:30:00Z".parse().unwrap();
        let now = now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(2)));
        for (date, name) in [
            ("2026-09-10", "Today"),
            ("2026-09-09", "Yesterday"),
            ("2026-09-08", "Tue, 8 Sep"),
            ("2026-01-01", "Thu, 1 Jan"),
            ("2025-12-31", "31 Dec 2025"),
            ("2026-09-11", "Fri, 11 Sep"),
        ] {
            assert_eq!(day_name(date.parse().unwrap(), &now), name);
        }
        assert_eq!(clock("2026-09-10T22:04:59Z".parse().unwrap(), &now), "00:04");
    }

    #[test]
    fn a_countdown_changes_as_seldom_as_its_words() {
        for (seconds, words, next) in [
            (0, "0 s", 1),
            (59, "59 s", 1),
            (60, "1 m", 1),
            (119, "1 m", 60),
            (3599, "59 m", 60),
            (8040, "2 h 14 m", 1),
            (8099, "2 h 14 m", 60),
            (86_400, "24 h 0 m", 1),
            (180_000, "2 d 2 h", 1),
        ] {
            assert_eq!(time_left(seconds), words);
            assert_eq!(until_the_next_word(seconds), next, "{words}");
            assert!(seconds == 0 || time_left(seconds - next) != words, "{words}");
        }
    }
}
