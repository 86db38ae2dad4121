//! What a service gave back for a file.

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::response::{MAX_RESPONSE, Response, is_small};

/// The result of an upload: never without an id or a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The asset's id, as the service's other calls want it.
    pub id: Option<String>,
    /// Where the asset can be fetched.
    pub url: Option<String>,
    /// Every value worth copying, under the service's own names, in the order to show them.
    #[serde(deserialize_with = "small")]
    pub values: Vec<(String, Value)>,
    /// What a person should know though it worked: "flagged by the service".
    pub warnings: Vec<String>,
    /// When the asset is gone, where the service deletes it.
    pub expires: Option<Timestamp>,
    /// The reply, key material removed; a long one cut.
    pub response: Response,
}

/// Without what an earlier version kept that is no single value to copy: that may be of any size.
fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, Value)>, D::Error> {
    let all = Vec::<(String, Response)>::deserialize(deserializer)?;
    Ok(all
        .into_iter()
        .map(|(name, value)| (name, value.value()))
        .filter(|(_, value)| is_small(value))
        .collect())
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
    use serde_json::json;

    use super::*;

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
}
