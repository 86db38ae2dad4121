//! What goes wrong without a provider having said so: on this computer, on the way, and where no answer came.

use jiff::Timestamp;

use super::error::{Failure, FailureKind};
use super::system::SYSTEM;

/// What to do where nobody knows what became of a file.
pub const LOOK: &str = "Check whether it arrived before sending it again";

/// This computer cannot send at all.
pub fn set_up(why: &str) -> Failure {
    Failure::new(
        FailureKind::SetUp,
        format!("Nothing can be sent from this computer: {why}"),
        format!("Check {}, the proxy and the addresses in the environment, then retry", SYSTEM.certificates),
    )
}

/// Returns the failure of a destination of another version.
pub fn unknown_provider() -> Failure {
    Failure::new(
        FailureKind::SetUp,
        "This version of Hoist does not know the destination's provider",
        "Update Hoist and retry, or send the file somewhere else",
    )
}

/// Returns the failure of a vendor without a key; `page` is where it is found.
pub fn no_key(vendor: &str, page: &str) -> Failure {
    Failure {
        help_url: Some(page.to_owned()),
        ..Failure::new(FailureKind::NoKey, format!("There is no {vendor} API key"), "Add key, then retry")
    }
}

/// Returns the failure where a destination names the key of another vendor: none is sent there.
pub fn key_of_another(vendor: &str) -> Failure {
    Failure::new(
        FailureKind::NoKey,
        format!("This destination's key belongs to another vendor, and {vendor} does not get it"),
        format!("Remove the destination, then add it with a key of {vendor}"),
    )
}

/// Says that the keyring did not return a key.
pub fn keyring(vendor: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::Keyring,
        format!("The {vendor} key could not be read: {why}"),
        "Unlock or start the keyring, then retry",
    )
}

/// Returns the failure where the history cannot be written, so that nothing would be known of the file after this run.
pub fn no_history(why: &str) -> Failure {
    Failure::new(
        FailureKind::NoHistory,
        format!("Not sent, because the history cannot be written: {why}"),
        "Free space on its disk or check its folder, then retry; or agree to send without it",
    )
}

/// Returns the failure of a file that is stopped before a byte leaves.
pub fn file(why: &str) -> Failure {
    let next = "Nothing was sent: change the file and retry, or send it somewhere else";
    Failure::new(FailureKind::File, why, next)
}

/// Returns the failure where the disk did not give the file.
pub fn unreadable_file(why: &str) -> Failure {
    Failure::new(
        FailureKind::File,
        format!("The file cannot be read: {why}"),
        "Nothing was accepted: check the disk and the file's permissions, then retry",
    )
}

/// Returns the failure where the file is not the one that was to be sent.
pub fn file_changed() -> Failure {
    Failure::new(
        FailureKind::FileChanged,
        "The file changed or disappeared during the upload, so the upload was stopped",
        "Nothing was accepted: check the file, then retry to send it as it is",
    )
}

/// Returns the failure of a file that is not there any more, or is no file.
pub fn file_gone() -> Failure {
    Failure::new(
        FailureKind::FileChanged,
        "The file disappeared after it was added",
        "Nothing was sent: put it back, then retry",
    )
}

/// Returns whether a failure is that of a file that was gone before a byte of it was sent.
pub fn is_file_gone(failure: &Failure) -> bool {
    *failure == file_gone()
}

/// Returns the failure where the file is another one whenever its turn comes.
pub fn file_keeps_changing() -> Failure {
    Failure::new(
        FailureKind::FileChanged,
        "The file keeps changing",
        "Nothing was sent: wait until the program that writes it has finished, then retry",
    )
}

/// Returns the failure where a network error says that there is no network.
pub fn offline() -> Failure {
    Failure::new(
        FailureKind::Offline,
        "This computer has no network",
        "Nothing was sent: connect to a network, then retry",
    )
}

/// Returns the failure of a name that has no address.
pub fn name_not_found(host: &str) -> Failure {
    Failure::new(
        FailureKind::NameNotFound,
        format!("The name {host} was not found"),
        "Nothing was sent: check the network and its DNS server, then retry",
    )
}

/// Returns the failure of an address that refuses connections.
pub fn connection_refused(host: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} refused the connection"),
        "Nothing was sent: retry in a minute; if this persists, a firewall may block it",
    )
}

/// Returns the failure of an address that does not answer.
pub fn no_connection_in_time(host: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} does not answer: the connection timed out"),
        "Nothing was sent: check the network and the proxy, then retry",
    )
}

/// Returns the failure where what answers speaks no TLS, or not to its end.
pub fn no_tls(host: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} offers no secure connection"),
        "Nothing was sent: sign in to the network if it asks for that, then retry",
    )
}

/// Returns the failure of a connection that was not made, for a reason of its own.
pub fn unreachable(host: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} cannot be reached: {why}"),
        "Nothing was sent: check the network, then retry",
    )
}

/// Returns the failure of a host whose certificate no authority vouches for.
pub fn certificate(why: &str) -> Failure {
    Failure::new(
        FailureKind::Tls,
        format!("The provider's certificate is not trusted: {why}"),
        "Nothing was sent: check the computer's clock, and whether a proxy intercepts the connection, then retry",
    )
}

/// Returns the failure of a proxy to which there is no way.
pub fn no_proxy(why: &str) -> Failure {
    Failure::new(
        FailureKind::Proxy,
        format!("The proxy cannot be reached: {why}"),
        "Nothing was sent: check the proxy in the settings or in HTTPS_PROXY, then retry",
    )
}

/// Returns the failure where the proxy takes connections, but not this one.
pub fn proxy_refused(host: &str) -> Failure {
    Failure::new(
        FailureKind::Proxy,
        format!("The proxy refuses connections to {host}"),
        "Nothing was sent: choose another proxy in the settings, or ask whoever runs this one, then retry",
    )
}

/// Returns the failure where the proxy wants to know who is asking.
pub fn proxy_sign_in() -> Failure {
    Failure::new(
        FailureKind::ProxySignIn,
        "The proxy requires a name and a password",
        "Nothing was sent: choose the system's proxy in the settings, and start Hoist again with \
         HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
    )
}

/// Returns the failure where the proxy was told a name and a password.
pub fn proxy_sign_in_refused() -> Failure {
    Failure::new(
        FailureKind::ProxySignIn,
        "The proxy did not accept the name and the password",
        "Nothing was sent: choose the system's proxy in the settings, and start Hoist again with \
         HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT, where %40 stands for @, %23 for #, %3A for : and %25 for %",
    )
}

/// Returns the failure where the proxy wants to know who is asking in a way that Hoist does not speak.
pub fn proxy_scheme(schemes: &str) -> Failure {
    Failure::new(
        FailureKind::ProxySignIn,
        format!("The proxy requires {schemes}, which Hoist does not support"),
        "Nothing was sent: start a local proxy that signs in for you (such as cntlm or px) and give its address in \
         the settings, or ask whoever runs the proxy for Basic",
    )
}

/// Returns the failure where the proxy is spoken to over TLS, and does not speak it.
pub fn proxy_without_tls() -> Failure {
    Failure::new(
        FailureKind::Proxy,
        "The proxy does not speak TLS",
        "Nothing was sent: write http://HOST:PORT in place of https://HOST:PORT, in the settings or in HTTPS_PROXY, \
         then retry",
    )
}

/// Returns the failure where the proxy setting is not an address; `source` is a variable or the settings.
pub fn unusable_proxy(source: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::SetUp,
        format!("The proxy in {source} cannot be used: {why}"),
        "Nothing was sent: correct it and start Hoist again, or choose another one in the settings and retry",
    )
}

/// Returns the failure of an upload whose provider named an address that nothing is sent to.
pub fn unsafe_address(why: &str) -> Failure {
    Failure::new(
        FailureKind::Refused,
        format!("The provider named an address for the file that Hoist does not use: {why}"),
        "Send it somewhere else, and tell whoever wrote the provider's file",
    )
}

/// Returns the failure where the network wants to know who is asking before it lets anything through.
pub fn captive_portal() -> Failure {
    Failure::new(
        FailureKind::CaptivePortal,
        "The network requires you to sign in first (511)",
        "Nothing was accepted: open any page in the browser, sign in there, then retry",
    )
}

/// Returns the failure where the account is rate-limited since an earlier upload, until a time.
pub fn still_held(until: Timestamp) -> Failure {
    Failure {
        until: Some(until),
        ..Failure::new(
            FailureKind::RateLimited,
            "The provider is rate-limiting this account",
            "Retry, which waits until the limit ends, or send it to another account",
        )
    }
}

/// Returns the failure where the connection broke in the middle.
pub fn cut() -> Failure {
    Failure::new(
        FailureKind::Cut,
        "The connection broke before the file was sent completely",
        "Nothing was accepted: retry",
    )
}

/// Returns the failure where the provider takes nothing any more.
pub fn stalled(seconds: u64) -> Failure {
    Failure::new(
        FailureKind::Stalled,
        format!("The provider received nothing for {seconds} s, so the upload was stopped"),
        "Nothing was accepted: check the network and retry",
    )
}

/// Returns the failure of what the user cancelled before it left whole.
pub fn cancelled() -> Failure {
    Failure::new(
        FailureKind::Cancelled,
        "Cancelled before it was sent completely",
        "Nothing was accepted: add it back to send it after all",
    )
}

/// Returns the failure of what the user cancelled before a byte left.
pub fn cancelled_unsent() -> Failure {
    Failure::new(
        FailureKind::Cancelled,
        "Cancelled before it was sent",
        "Nothing was sent: add it back to send it after all",
    )
}

/// Returns the failure of an upload that was sent whole before the connection broke.
pub fn no_answer() -> Failure {
    Failure::new(
        FailureKind::NoAnswer,
        "Sent, but the connection broke before an answer came: it may exist",
        LOOK,
    )
}

/// Returns the failure of content that was sent whole at an earlier time.
pub fn no_answer_before() -> Failure {
    Failure::new(
        FailureKind::NoAnswer,
        "The same content was sent before, and no answer came: it may exist, and was not sent again",
        LOOK,
    )
}

/// Returns the failure of an upload that was sent whole, and waited for long enough.
pub fn no_answer_in_time(seconds: u64) -> Failure {
    let message = format!("Sent, but no answer came in {seconds} s: it may exist");
    Failure::new(FailureKind::AnswerTimeout, message, LOOK)
}

/// Returns the failure of a success that names neither an id nor an error.
pub fn unreadable_answer() -> Failure {
    Failure::new(FailureKind::UnreadableAnswer, "Sent, but the answer cannot be read: it may exist", LOOK)
}

/// Returns the failure of a success that cannot be one.
pub fn answered_early() -> Failure {
    Failure::new(
        FailureKind::AnsweredEarly,
        "The provider answered before it had the whole file: it may exist",
        LOOK,
    )
}

/// Returns the failure of what the user cancelled after it left whole.
pub fn cancelled_late() -> Failure {
    Failure::new(FailureKind::CancelledLate, "Cancelled, but it had been sent completely: it may exist", LOOK)
}

/// Returns the failure of an upload that left whole before Hoist ended.
pub fn interrupted() -> Failure {
    Failure::new(
        FailureKind::Interrupted,
        "Sent, but Hoist was ended before an answer came: it may exist",
        LOOK,
    )
}

/// Returns the failure of a run that ended, and could not write how far it had come.
pub fn unwritten() -> Failure {
    Failure::new(
        FailureKind::Interrupted,
        "The history could not be written when its turn came: it may exist",
        LOOK,
    )
}

/// Returns the failure of a history entry without a reason.
pub fn forgotten() -> Failure {
    Failure::new(FailureKind::Refused, "The reason was not recorded", "Retry")
}

/// Returns each of them, by the situation it is for: what `docs/errors.md` lists, and what is tested of all.
pub fn all() -> Vec<(&'static str, Failure)> {
    let host = "api.example.com";
    vec![
        ("the account is rate-limited since an earlier upload", still_held(Timestamp::UNIX_EPOCH)),
        ("no key", no_key("‹name›", "https://example.com")),
        ("the keyring does not return the key", keyring("‹name›", "it is locked")),
        ("the history cannot be written before sending", no_history("the disk is full")),
        ("the destination doesn't accept the file", file("‹name› doesn't accept video")),
        ("the file cannot be read during the upload", unreadable_file("permission denied")),
        ("the file changes during the upload", file_changed()),
        ("the file disappears before its turn", file_gone()),
        ("the file changes whenever its turn comes", file_keeps_changing()),
        ("no client can be made: certificates, proxy or address", set_up("no CA certificates found")),
        ("a destination of another version of Hoist", unknown_provider()),
        ("no network", offline()),
        ("the name is not found (DNS)", name_not_found(host)),
        ("connection refused", connection_refused(host)),
        ("no connection in 20 s", no_connection_in_time(host)),
        ("no TLS where it is expected", no_tls(host)),
        ("no connection for another reason", unreachable(host, "connection reset by peer")),
        ("a certificate that is not trusted", certificate("certificate expired")),
        ("the proxy cannot be reached", no_proxy("connection refused")),
        ("the proxy refuses (403, 502, …)", proxy_refused(host)),
        ("the proxy requires a password (407)", proxy_sign_in()),
        ("the proxy does not accept the password (407)", proxy_sign_in_refused()),
        ("the proxy requires another sign-in (407)", proxy_scheme("NTLM")),
        ("a proxy with https:// that speaks no TLS", proxy_without_tls()),
        (
            "a proxy's address that cannot be used",
            unusable_proxy("HTTPS_PROXY", "the proxy's address has no host"),
        ),
        ("the connection breaks before the last byte", cut()),
        ("the provider receives nothing for a minute", stalled(60)),
        ("cancelled while it waits", cancelled_unsent()),
        ("cancelled before the last byte", cancelled()),
        ("cancelled after the last byte", cancelled_late()),
        ("the connection breaks after the last byte", no_answer()),
        ("no answer in 5 minutes", no_answer_in_time(300)),
        ("a success without an id", unreadable_answer()),
        ("a success before the last byte", answered_early()),
        ("Hoist ends after the last byte", interrupted()),
        ("Hoist ends, and could not write the history", unwritten()),
        ("the same content is there without an answer (`--skip-sent`)", no_answer_before()),
        ("a history entry without a reason", forgotten()),
    ]
}
