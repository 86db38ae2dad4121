//! Why nothing was fetched, in sentences.

use crate::model::text;

/// Why nothing was fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No client can be made.
    #[error("{0}. Check this computer's CA certificates and the proxy")]
    SetUp(String),
    /// No connection came about; why.
    #[error("{0}. Check the network, the proxy and the address, then try again")]
    Unconnected(String),
    /// The host does not know it.
    #[error("{0} has nothing there (404): check the link in a browser")]
    NotFound(String),
    /// The host wants to know who is asking.
    #[error("{0} refuses the download ({1}): save the file with the browser, then add it")]
    Denied(String, u16),
    /// The host has too much to do, or is broken.
    #[error("{0} is not available right now ({1}): try again later")]
    Busy(String, u16),
    /// Another answer.
    #[error("{0} answered with status {1}: check the link in a browser")]
    Status(String, u16),
    /// HTML came where a file was expected.
    #[error(
        "The link leads to a web page, not an image, audio or video: open it in the browser, and drag the image itself from there"
    )]
    WebPage,
    /// Something else that is known.
    #[error("The link leads to {0}, not an image, audio or video")]
    OtherType(&'static str),
    /// Something else.
    #[error("The link does not lead to an image, audio or video")]
    NoMedia,
    /// Nothing.
    #[error("The link leads to an empty file")]
    Empty,
    /// It says that it is larger than what is wanted.
    #[error("The file has {}, and none of your destinations accepts more than {}", text::over(*.0, *.1), text::limit(*.1))]
    TooLarge(u64, u64),
    /// It is, and did not say so.
    #[error("The download was stopped after {}: none of your destinations accepts more", text::limit(*.0))]
    Endless(u64),
    /// Nothing came for so many seconds.
    #[error("{0} sent nothing for {1} s, so the download was stopped: try again later")]
    Stalled(String, u64),
    /// The connection broke.
    #[error("The connection to {0} broke before the download was complete: try again")]
    Cut(String),
    /// The disk did not take it.
    #[error("The file cannot be saved: {0}. Free disk space, then try again")]
    Disk(String),
    /// From https to http.
    #[error(
        "{0} redirects from https to http, where others could read and change it on the way, so Hoist stopped"
    )]
    Downgrade(String),
    /// A name for an address in a private network.
    #[error(
        "{0} is the name of a computer in a private network. Hoist fetches from there by IP address only: \
         use the address instead of the name"
    )]
    Inside(String),
    /// From the internet into a private network.
    #[error("{0} redirects into a private network, so Hoist stopped")]
    Inward(String),
    /// To an address that is not of the web.
    #[error("{0} redirects to an address that Hoist cannot fetch: open it in the browser")]
    BadRedirect(String),
    /// Again and again.
    #[error("The link redirects too often: open it in the browser")]
    TooManyRedirects,
}

impl FetchError {
    /// Names it for the log: no host, no name.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            FetchError::SetUp(_) => "set-up",
            FetchError::Unconnected(_) => "unconnected",
            FetchError::NotFound(_)
            | FetchError::Denied(..)
            | FetchError::Busy(..)
            | FetchError::Status(..) => "status",
            FetchError::WebPage | FetchError::OtherType(_) | FetchError::NoMedia | FetchError::Empty => {
                "no-media"
            }
            FetchError::TooLarge(..) | FetchError::Endless(_) => "too-large",
            FetchError::Stalled(..) => "stalled",
            FetchError::Cut(_) => "cut",
            FetchError::Disk(_) => "disk",
            FetchError::Downgrade(_)
            | FetchError::Inward(_)
            | FetchError::Inside(_)
            | FetchError::BadRedirect(_)
            | FetchError::TooManyRedirects => "redirect",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_a_word_for_each_and_the_sentence_names_the_host() {
        let host = || "a.example".to_owned();
        for (problem, kind) in [
            (FetchError::SetUp("no certificates".into()), "set-up"),
            (FetchError::Unconnected("a.example refused".into()), "unconnected"),
            (FetchError::NotFound(host()), "status"),
            (FetchError::Denied(host(), 403), "status"),
            (FetchError::Busy(host(), 503), "status"),
            (FetchError::Status(host(), 418), "status"),
            (FetchError::WebPage, "no-media"),
            (FetchError::OtherType("application/pdf"), "no-media"),
            (FetchError::NoMedia, "no-media"),
            (FetchError::Empty, "no-media"),
            (FetchError::TooLarge(3, 2), "too-large"),
            (FetchError::Endless(2), "too-large"),
            (FetchError::Stalled(host(), 60), "stalled"),
            (FetchError::Cut(host()), "cut"),
            (FetchError::Disk("full".into()), "disk"),
            (FetchError::Downgrade(host()), "redirect"),
            (FetchError::Inward(host()), "redirect"),
            (FetchError::BadRedirect(host()), "redirect"),
            (FetchError::TooManyRedirects, "redirect"),
        ] {
            assert_eq!(problem.kind(), kind, "{problem}");
        }
        assert!(FetchError::Cut(host()).to_string().contains("a.example"));
    }
}
