//! What a provider gave back for a file.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::response::{MAX_RESPONSE, Response, is_small};

/// The result of an upload: never without an id or a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The asset's id, as the provider's other calls want it.
    pub id: Option<String>,
    /// Where the asset can be fetched.
    pub url: Option<String>,
    /// Every value worth copying, under the provider's own names, in the order to show them.
    #[serde(deserialize_with = "small")]
    pub values: Vec<(String, Value)>,
    /// What a person should know though it worked: "flagged by the provider".
    pub warnings: Vec<String>,
    /// When the asset is gone, where the provider deletes it.
    pub expires: Option<Timestamp>,
    /// The reply, key material removed; a long one cut.
    pub response: Response,
}

/// Results, counted by what can be copied of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResultCount {
    /// All there are: each has an ID, a link, or both.
    pub all: usize,
    /// Those with an ID.
    pub ids: usize,
    /// Those with a link.
    pub links: usize,
}

impl ResultCount {
    /// Counts one, where it has an ID or a link.
    pub fn add(&mut self, has_id: bool, has_link: bool) {
        self.all += usize::from(has_id || has_link);
        self.ids += usize::from(has_id);
        self.links += usize::from(has_link);
    }

    /// Counts some.
    pub fn of<'a>(receipts: impl IntoIterator<Item = &'a Receipt>) -> ResultCount {
        let mut count = ResultCount::default();
        receipts.into_iter().for_each(|receipt| count.add(receipt.id.is_some(), receipt.url.is_some()));
        count
    }
}

/// Returns it without what an earlier version kept that is no single value to copy: that may be of any size.
fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, Value)>, D::Error> {
    let all = Vec::<(String, Response)>::deserialize(deserializer)?;
    Ok(all
        .into_iter()
        .map(|(name, value)| (name, value.value()))
        .filter(|(_, value)| is_small(value))
        .collect())
}

impl Receipt {
    /// Returns what people copy first: the id, or the link where there is none.
    pub fn first(&self) -> &str {
        self.id.as_deref().or(self.url.as_deref()).unwrap_or_default()
    }

    /// Says that the response was too long to keep it whole.
    pub fn cut(&mut self) {
        self.warnings.push(format!(
            "The response was longer than {} kB: only a part of it is kept",
            MAX_RESPONSE / 1024
        ));
    }

    /// This receipt, and what an earlier one of the same upload knew beyond it: the first reply may name what later
    /// ones leave out.
    #[must_use]
    pub fn following(mut self, earlier: &Receipt) -> Receipt {
        for (name, value) in &earlier.values {
            if !self.values.iter().any(|(known, _)| known == name) {
                self.values.push((name.clone(), value.clone()));
            }
        }
        for warning in &earlier.warnings {
            if !self.warnings.contains(warning) {
                self.warnings.push(warning.clone());
            }
        }
        self.id = self.id.or_else(|| earlier.id.clone());
        self.url = self.url.or_else(|| earlier.url.clone());
        self
    }

    /// Returns whether the provider has deleted the asset: its link leads nowhere any more.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Returns one of `values` as text without quotes.
    pub fn value(&self, name: &str) -> Option<String> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| plain(v))
    }
}

/// Returns a JSON value as people copy it: a string without its quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::samples::receipt;

    #[test]
    fn a_receipt_of_an_earlier_version_is_read_without_what_is_too_large() {
        let junk: Vec<_> = (0..100_000).map(|n| json!({ "n": n })).collect();
        let old = json!({
            "id": "x", "url": null, "values": [["width", 64], ["kind", junk], ["name", "y"], ["none", null]],
            "warnings": [], "expires": null, "response": { "id": "x", "kind": junk },
        });
        let read: Receipt = serde_json::from_value(old).unwrap();
        let expected = [("width", json!(64)), ("name", json!("y")), ("none", Value::Null)];
        assert_eq!(read.values, expected.map(|(name, value)| (name.to_owned(), value)));
        assert!(read.response.as_str().len() <= MAX_RESPONSE && read.response.value()["id"] == "x");
        let again: Receipt = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(again, read);
    }

    #[test]
    fn what_is_copied_first_is_the_id_and_else_the_link() {
        let both = receipt(Some("id"), Some("https://x.test/a"));
        assert_eq!(both.first(), "id");
        let link = receipt(None, Some("https://x.test/a"));
        assert_eq!(link.first(), "https://x.test/a");
    }

    #[test]
    fn a_later_answer_keeps_what_only_an_earlier_one_named() {
        let earlier = Receipt {
            values: vec![("a".into(), 1.into()), ("b".into(), "x".into())],
            warnings: vec!["flagged".into(), "old".into()],
            ..receipt(Some("first"), Some("https://x.test/first"))
        };
        let later = Receipt {
            values: vec![("b".into(), "y".into())],
            warnings: vec!["flagged".into()],
            ..receipt(Some("second"), None)
        };
        let both = later.following(&earlier);
        assert_eq!((both.value("a").as_deref(), both.value("b").as_deref()), (Some("1"), Some("y")));
        assert_eq!((both.values.len(), both.value("c")), (2, None));
        assert_eq!(both.warnings, ["flagged", "old"]);
        assert_eq!((both.id.as_deref(), both.url.as_deref()), (Some("second"), Some("https://x.test/first")));
        assert_eq!(receipt(None, None).following(&earlier).first(), "first");
    }

    #[test]
    fn an_asset_is_gone_from_its_time_on() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let dies = Receipt { expires: Some(at(10)), ..receipt(Some("id"), None) };
        assert_eq!([9, 10, 11].map(|now| dies.is_gone(at(now))), [false, true, true]);
        assert!(!receipt(Some("id"), None).is_gone(at(i64::from(u32::MAX))), "it stays");
    }
}
