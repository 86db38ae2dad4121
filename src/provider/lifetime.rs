//! How long something is kept, as documents and replies say it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// A number from here on is a moment in seconds since 1970, and not a time from now.
const MOMENTS: i64 = 1_000_000_000;

/// Reads `10s`, `30min`, `24h` or `30d`, up to 400 days.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[end..] {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let seconds = u64::from(text[..end].parse::<u32>().ok()?) * unit;
    (1..=400 * 24 * 3600).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// Reads when something expires: a date and time, seconds since 1970, seconds from now, or a duration. Nothing, where it
/// is none of these, or is kept.
pub(super) fn moment(value: &Value, now: Timestamp) -> Option<Timestamp> {
    let after = |seconds| now.checked_add(SignedDuration::from_secs(seconds)).ok();
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => return None,
    };
    match (number, value) {
        (Some(..=0), _) => None,
        (Some(seconds @ 1..MOMENTS), _) => after(seconds),
        (Some(at), _) => Timestamp::from_second(at).or_else(|_| Timestamp::from_millisecond(at)).ok(),
        (None, Value::String(text)) => {
            let lives = duration(text.trim()).and_then(|lives| i64::try_from(lives.as_secs()).ok());
            lives.and_then(after).or_else(|| text.trim().parse().ok())
        }
        (None, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_moment_is_read_in_the_forms_that_replies_have() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for (value, expected) in [
            (json!("12h"), Some("2026-03-02T00:00:00Z")),
            (json!(3600), Some("2026-03-01T13:00:00Z")),
            (json!("60"), Some("2026-03-01T12:01:00Z")),
            (json!(1_772_370_000), Some("2026-03-01T13:00:00Z")),
            (json!("2026-04-01T00:00:00+02:00"), Some("2026-03-31T22:00:00Z")),
            (json!(0), None),
            (json!("0"), None),
            (json!("soon"), None),
            (json!(null), None),
            (json!({}), None),
            (json!(i64::MAX), None),
        ] {
            assert_eq!(moment(&value, now).map(|at| at.to_string()).as_deref(), expected, "{value}");
        }
    }
}
