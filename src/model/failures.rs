//! What goes wrong without a service having said so: on this computer, on the way, and where no answer came.

use jiff::Timestamp;

use super::error::{Failure, FailureKind};

/// What to do where nobody knows what became of a file.
pub const LOOK: &str = "Look whether it arrived before sending it again";

/// This computer cannot send at all.
pub fn set_up(why: &str) -> Failure {
    Failure::new(
        FailureKind::SetUp,
        format!("Nothing can be sent from this computer: {why}"),
        "Check the system's CA certificates (package ca-certificates), the proxy and the addresses in the environment, \
         then try again",
    )
}

/// Returns a destination of another version.
pub fn unknown_provider() -> Failure {
    Failure::new(
        FailureKind::SetUp,
        "This destination's provider is not known to this version of Hoist",
        "Update Hoist and try again, or send the file somewhere else",
    )
}

/// There is no key for a service; `id` and `env` are where it can be given, `page` where it is found.
pub fn no_key(vendor: &str, id: &str, env: &str, page: &str) -> Failure {
    Failure {
        help_url: Some(page.to_owned()),
        ..Failure::new(
            FailureKind::NoKey,
            format!("There is no key for {vendor}"),
            format!("Add the key (Add key in the window, `hoist keys add {id}`, or {env}), then try again"),
        )
    }
}

/// Returns a destination names the key of another service: none is sent there.
pub fn key_of_another(vendor: &str) -> Failure {
    Failure::new(
        FailureKind::NoKey,
        format!("There is no {vendor} key for this destination: the one it names belongs to another service"),
        "Remove the destination, and add it with a key of its own service",
    )
}

/// Returns the keyring did not give a key.
pub fn keyring(vendor: &str, env: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::Keyring,
        format!("The {vendor} key could not be read: {why}"),
        format!("Unlock or start the keyring and try again, or set {env}"),
    )
}

/// Returns the history cannot be written, so that nothing would be known of the file after this run.
pub fn no_history(why: &str) -> Failure {
    Failure::new(
        FailureKind::NoHistory,
        format!("Not sent, since the history cannot be written: {why}"),
        "Make room on its disk or see to its folder and try again, or agree to send without it (`--without-history`)",
    )
}

/// Returns what stops a file before a byte leaves.
pub fn file(why: &str) -> Failure {
    let next = "Nothing was sent: change the file and try again, or send it somewhere else";
    Failure::new(FailureKind::File, why, next)
}

/// Returns the disk did not give the file.
pub fn unreadable_file(why: &str) -> Failure {
    Failure::new(
        FailureKind::File,
        format!("The file cannot be read: {why}"),
        "Nothing was accepted: check the disk and the file's rights, then try again",
    )
}

/// Returns the file is not the one that was to be sent.
pub fn file_changed() -> Failure {
    Failure::new(
        FailureKind::FileChanged,
        "The file changed or went away while it was sent, so the upload was stopped",
        "Nothing was accepted: look at the file, then try again to send it as it is",
    )
}

/// Nothing stands where the file was, or no file.
pub fn file_gone() -> Failure {
    Failure::new(
        FailureKind::FileChanged,
        "The file went away since it was added",
        "Nothing was sent: put it back, then try again",
    )
}

/// Returns the file is another one whenever its turn comes.
pub fn file_keeps_changing() -> Failure {
    Failure::new(
        FailureKind::FileChanged,
        "The file changed since it was added, and again each time it was looked at",
        "Nothing was sent: wait until the program that writes it has finished, then try again",
    )
}

/// Returns a network error says that there is no network.
pub fn offline() -> Failure {
    Failure::new(
        FailureKind::Offline,
        "This computer has no network",
        "Nothing was sent: connect to a network, then try again",
    )
}

/// Nobody knows the address of this name.
pub fn name_not_found(host: &str) -> Failure {
    Failure::new(
        FailureKind::NameNotFound,
        format!("The name {host} is not found"),
        "Nothing was sent: check the network and its name server (DNS), then try again",
    )
}

/// Nobody listens there.
pub fn connection_refused(host: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} refused the connection"),
        "Nothing was sent: try again in a minute; if it lasts, a firewall may be in the way",
    )
}

/// Nobody answers there.
pub fn no_connection_in_time(host: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} does not answer: no connection came about in time"),
        "Nothing was sent: check the network and the proxy, then try again",
    )
}

/// Returns what answers there speaks no TLS, or not to its end.
pub fn no_tls(host: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("What answers as {host} makes no secure connection"),
        "Nothing was sent: sign in to the network where it asks for that, then try again",
    )
}

/// No connection, for a reason of its own.
pub fn unreachable(host: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::Unreachable,
        format!("{host} cannot be reached: {why}"),
        "Nothing was sent: check the network, then try again",
    )
}

/// Somebody answers with a certificate nobody vouches for.
pub fn certificate(why: &str) -> Failure {
    Failure::new(
        FailureKind::Tls,
        format!("The service's certificate is not to be trusted: {why}"),
        "Nothing was sent: check the computer's clock and who is between it and the network, then try again",
    )
}

/// There is a proxy, and no way to it.
pub fn no_proxy(why: &str) -> Failure {
    Failure::new(
        FailureKind::Proxy,
        format!("The proxy cannot be reached: {why}"),
        "Nothing was sent: check the proxy in the settings or in HTTPS_PROXY, then try again",
    )
}

/// Returns the proxy takes connections, but not this one.
pub fn proxy_refused(host: &str) -> Failure {
    Failure::new(
        FailureKind::Proxy,
        format!("The proxy lets nothing through to {host}"),
        "Nothing was sent: choose another proxy in the settings, or ask whoever runs this one, then try again",
    )
}

/// Returns the proxy wants to know who is asking.
pub fn proxy_sign_in() -> Failure {
    Failure::new(
        FailureKind::ProxySignIn,
        "The proxy wants a name and a password",
        "Nothing was sent: choose the system's proxy in the settings, and start Hoist again with \
         HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT",
    )
}

/// Returns the proxy was told a name and a password.
pub fn proxy_sign_in_refused() -> Failure {
    Failure::new(
        FailureKind::ProxySignIn,
        "The proxy did not accept the name and the password",
        "Nothing was sent: choose the system's proxy in the settings, and start Hoist again with \
         HTTPS_PROXY=http://NAME:PASSWORD@HOST:PORT, where %40 stands for @, %23 for #, %3A for : and %25 for %",
    )
}

/// Returns the proxy wants to know who is asking in a way that Hoist does not speak.
pub fn proxy_scheme(schemes: &str) -> Failure {
    Failure::new(
        FailureKind::ProxySignIn,
        format!("The proxy wants a sign-in by {schemes}, which Hoist does not speak"),
        "Nothing was sent: start a local proxy that signs in for you (such as cntlm or px) and give its address in \
         the settings, or ask whoever runs the proxy for Basic",
    )
}

/// Returns the proxy is spoken to over TLS, and does not speak it.
pub fn proxy_without_tls() -> Failure {
    Failure::new(
        FailureKind::Proxy,
        "The proxy makes no secure connection",
        "Nothing was sent: write http://HOST:PORT in place of https://HOST:PORT, in the settings or in HTTPS_PROXY, \
         then try again",
    )
}

/// Returns the proxy setting is not an address; `source` is a variable or the settings.
pub fn unusable_proxy(source: &str, why: &str) -> Failure {
    Failure::new(
        FailureKind::SetUp,
        format!("The proxy in {source} cannot be used: {why}"),
        "Nothing was sent: correct it and start Hoist again, or choose another one in the settings and try again",
    )
}

/// Returns the network wants to know who is asking before it lets anything through.
pub fn captive_portal() -> Failure {
    Failure::new(
        FailureKind::CaptivePortal,
        "The network wants you to sign in before it lets anything through (511)",
        "Nothing was accepted: open any page in the browser, sign in there, then try again",
    )
}

/// Returns the account is held since an earlier upload, until a time.
pub fn still_held(until: Timestamp) -> Failure {
    Failure {
        until: Some(until),
        ..Failure::new(
            FailureKind::RateLimited,
            "The service takes no more uploads for this account right now",
            "Try again, which waits until the time is over, or send it to another account",
        )
    }
}

/// Returns the connection broke in the middle.
pub fn cut() -> Failure {
    Failure::new(
        FailureKind::Cut,
        "The connection broke before the file was sent whole",
        "Nothing was accepted: try again",
    )
}

/// Returns the service takes nothing any more.
pub fn stalled(seconds: u64) -> Failure {
    Failure::new(
        FailureKind::Stalled,
        format!("The provider received nothing for {seconds} s, so the upload was stopped"),
        "Nothing was accepted: check the network and try again",
    )
}

/// Returns the user's wish, before it left whole.
pub fn cancelled() -> Failure {
    Failure::new(
        FailureKind::Cancelled,
        "Cancelled before it was sent whole",
        "Nothing was accepted: add it back to send it after all",
    )
}

/// Returns the same, before a byte left.
pub fn cancelled_unsent() -> Failure {
    Failure::new(
        FailureKind::Cancelled,
        "Cancelled before it was sent",
        "Nothing was sent: add it back to send it after all",
    )
}

/// Sent whole; then the connection broke.
pub fn no_answer() -> Failure {
    Failure::new(
        FailureKind::NoAnswer,
        "Sent, but the connection broke before an answer came: it may exist",
        LOOK,
    )
}

/// Sent whole at an earlier time.
pub fn no_answer_before() -> Failure {
    Failure::new(
        FailureKind::NoAnswer,
        "It was sent before, and no answer came: it may exist, and was not sent again",
        LOOK,
    )
}

/// Sent whole, and waited for long enough.
pub fn no_answer_in_time(seconds: u64) -> Failure {
    let message = format!("Sent, but no answer came in {seconds} s: it may exist");
    Failure::new(FailureKind::AnswerTimeout, message, LOOK)
}

/// Returns a success that names neither an id nor an error.
pub fn unreadable_answer() -> Failure {
    Failure::new(FailureKind::UnreadableAnswer, "Sent, but the answer cannot be read: it may exist", LOOK)
}

/// Returns a success that cannot be one.
pub fn answered_early() -> Failure {
    Failure::new(
        FailureKind::AnsweredEarly,
        "The service answered before it had the whole file: it may exist",
        LOOK,
    )
}

/// Returns the user's wish, after it left whole.
pub fn cancelled_late() -> Failure {
    Failure::new(FailureKind::CancelledLate, "Cancelled, but it had been sent whole: it may exist", LOOK)
}

/// Hoist ended after it left whole.
pub fn interrupted() -> Failure {
    Failure::new(
        FailureKind::Interrupted,
        "Sent, but Hoist was ended before an answer came: it may exist",
        LOOK,
    )
}

/// Hoist ended, and could not write how far it had come.
pub fn unwritten() -> Failure {
    Failure::new(
        FailureKind::Interrupted,
        "The history could not be written when its turn came: it may exist",
        LOOK,
    )
}

/// Returns a row of the history that tells no more.
pub fn forgotten() -> Failure {
    Failure::new(FailureKind::Refused, "What happened was not kept", "Try again")
}

/// Returns each of them, by the situation it is for: what `docs/errors.md` lists, and what is tested of all.
pub fn all() -> Vec<(&'static str, Failure)> {
    let host = "api.example.com";
    vec![
        ("the account is held since an earlier upload", still_held(Timestamp::UNIX_EPOCH)),
        ("no key", no_key("‹service›", "‹id›", "‹variable›", "https://example.com")),
        ("the keyring does not give the key", keyring("‹service›", "‹variable›", "it is locked")),
        ("the history cannot be written before sending", no_history("the disk is full")),
        ("the file is not what the destination takes", file("Flow Music doesn't accept video")),
        ("the file cannot be read while it is sent", unreadable_file("permission denied")),
        ("the file changes while it is sent", file_changed()),
        ("the file goes away before its turn", file_gone()),
        ("the file changes whenever its turn comes", file_keeps_changing()),
        ("no client can be made: certificates, proxy or address", set_up("no CA certificates found")),
        ("a destination of another version of Hoist", unknown_provider()),
        ("no network", offline()),
        ("the name is not found (DNS)", name_not_found(host)),
        ("connection refused", connection_refused(host)),
        ("no connection in 20 s", no_connection_in_time(host)),
        ("no TLS where there should be", no_tls(host)),
        ("no connection for another reason", unreachable(host, "connection reset by peer")),
        ("a certificate that is not to be trusted", certificate("certificate expired")),
        ("the proxy cannot be reached", no_proxy("connection refused")),
        ("the proxy refuses (403, 502, …)", proxy_refused(host)),
        ("the proxy wants a password (407)", proxy_sign_in()),
        ("the proxy does not accept the password (407)", proxy_sign_in_refused()),
        ("the proxy wants another sign-in (407)", proxy_scheme("NTLM")),
        ("a proxy with https:// that speaks no TLS", proxy_without_tls()),
        (
            "a proxy's address that cannot be used",
            unusable_proxy("HTTPS_PROXY", "the proxy's address names no computer"),
        ),
        ("the connection breaks before the last byte", cut()),
        ("no byte is taken for a minute", stalled(60)),
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
        ("a row of the history that tells no more", forgotten()),
    ]
}
