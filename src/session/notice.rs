//! What a person is told once, beside what rows and pages say.

use std::fmt;

/// A sentence that is said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Without its full stop.
    pub text: String,
    /// Something did not work: it stays in sight until a person has put it away.
    pub is_error: bool,
}

impl Notice {
    /// Makes one that says what did not work.
    pub fn error(text: impl Into<String>) -> Notice {
        Notice { text: text.into(), is_error: true }
    }
}

impl From<String> for Notice {
    fn from(text: String) -> Notice {
        Notice { text, is_error: false }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
