//! What a service gave back for a file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The result of an upload: never without an id or a link.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The asset's id, as the service's other calls want it.
    pub id: Option<String>,
    /// Where the asset can be fetched.
    pub url: Option<String>,
    /// Every value worth copying, under the service's own names, in the order to show them.
    pub values: Vec<(String, Value)>,
    /// What a person should know though it worked: "flagged by the service".
    pub warnings: Vec<String>,
    /// When the asset is gone, where the service deletes it.
    pub expires: Option<Timestamp>,
    /// The whole reply, key material removed.
    pub response: Value,
}

impl Receipt {
    /// What people copy first: the id, or the link where there is none.
    pub fn first(&self) -> &str {
        self.id.as_deref().or(self.url.as_deref()).unwrap_or_default()
    }

    /// What the button that copies `first` is called.
    pub fn copy_label(&self) -> &'static str {
        if self.id.is_some() { "Copy ID" } else { "Copy link" }
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

    /// The service has deleted the asset: its link leads nowhere any more.
    pub fn is_gone(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// One of `values` as text without quotes.
    pub fn value(&self, name: &str) -> Option<String> {
        self.values.iter().find(|(n, _)| n == name).map(|(_, v)| plain(v))
    }
}

/// A JSON value as people copy it: a string without its quotes.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt(id: Option<&str>, url: Option<&str>) -> Receipt {
        Receipt {
            id: id.map(Into::into),
            url: url.map(Into::into),
            values: vec![],
            warnings: vec![],
            expires: None,
            response: Value::Null,
        }
    }

    #[test]
    fn what_is_copied_first_is_the_id_and_else_the_link() {
        let both = receipt(Some("id"), Some("https://x.test/a"));
        assert_eq!((both.first(), both.copy_label()), ("id", "Copy ID"));
        let link = receipt(None, Some("https://x.test/a"));
        assert_eq!((link.first(), link.copy_label()), ("https://x.test/a", "Copy link"));
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
