//! Everything that can go wrong, as data.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hoist::model::text::MB;
use hoist::provider::Provider;
use jiff::{SignedDuration, Timestamp};

use crate::support::server::{Answer, Certificate, Gate, Reaction, Server};
use crate::support::success_asked;

/// Faults of a kind.
pub(crate) struct Group {
    pub(crate) name: &'static str,
    pub(crate) faults: Vec<Fault>,
}

/// What goes wrong.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    pub(crate) listens: Listens,
    pub(crate) size: Size,
    pub(crate) act: Act,
    /// The limit is a second: for a stall with a large file, for an answer with a small one.
    pub(crate) impatient: bool,
    /// What is done with the first upload, the second, and so on; the last for all that follow.
    pub(crate) reactions: fn(&'static Provider, &World) -> Vec<Reaction>,
    /// What the service answers to who asks whether it has finished.
    pub(crate) finishes: bool,
}

/// Who is at the service's address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listens {
    Always,
    Never,
    /// Once the first try has failed.
    Later,
    Tls(Certificate),
    /// A server without TLS where the address says https.
    PlainInPlaceOfTls,
    /// Somebody who never answers to a greeting.
    SilentInPlaceOfTls,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Small,
    Middling,
    /// Far beyond what the system's buffers hold, so that the last byte is not handed over while few are read.
    Large,
}

/// What somebody does in the meantime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    None,
    CancelWithin,
    CancelAfterTheLastByte,
    /// And the answer comes after all.
    CancelBeforeTheAnswer,
    CancelInAPause,
    ShortenTheFile,
    DeleteTheFileBefore,
}

/// What reactions may need.
pub(crate) struct World {
    /// Opened when something was done in the meantime.
    pub(crate) gate: Gate,
    /// A server that must never be asked anything; it sends everybody back to the service.
    pub(crate) elsewhere: Server,
    /// The service's address, once it is known.
    pub(crate) origin: Arc<OnceLock<String>>,
}

impl World {
    pub(crate) fn new() -> World {
        let origin = Arc::new(OnceLock::<String>::new());
        let back = Arc::clone(&origin);
        let elsewhere = Server::start(move |request, _| {
            let to = format!("{}{}", back.get().unwrap(), request.target);
            Reaction::Answer(Answer::new(307, "").header("location", to))
        });
        World { gate: Gate::default(), elsewhere, origin }
    }
}

const TEN_MINUTES: SignedDuration = SignedDuration::from_mins(10);
const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);

impl Fault {
    fn new(name: &'static str, reactions: fn(&'static Provider, &World) -> Vec<Reaction>) -> Fault {
        Fault {
            name,
            listens: Listens::Always,
            size: Size::Small,
            act: Act::None,
            impatient: false,
            reactions,
            finishes: true,
        }
    }

    fn large(self) -> Fault {
        Fault { size: Size::Large, ..self }
    }

    fn impatient(self) -> Fault {
        Fault { impatient: true, ..self }
    }

    fn listens(self, listens: Listens) -> Fault {
        Fault { listens, ..self }
    }

    fn act(self, act: Act) -> Fault {
        Fault { act, ..self }
    }
}

/// The answer to an upload that worked.
fn success(provider: &'static Provider) -> Answer {
    success_asked(provider, 0)
}

/// The file is taken.
fn taken(provider: &'static Provider) -> Reaction {
    Reaction::Answer(success(provider))
}

/// An answer with these bytes in place of those of a success.
fn instead(provider: &'static Provider, body: impl Into<Vec<u8>>) -> Reaction {
    let body = body.into();
    Reaction::Answer(success(provider).body(|_| body))
}

/// A refusal in the words of the service's document, or in words of ours where it has none for this status.
fn refusal(provider: &'static Provider, status: u16) -> Answer {
    let documented = provider.facts().errors.iter().find(|error| error.status == status);
    Answer::new(status, documented.map_or(r#"{"error":"Not today"}"#, |error| error.body))
}

fn refused(provider: &'static Provider, status: u16) -> Vec<Reaction> {
    vec![Reaction::Answer(refusal(provider, status))]
}

fn come_back(provider: &'static Provider, status: u16, after: impl Into<String>) -> Vec<Reaction> {
    vec![Reaction::Answer(refusal(provider, status).header("retry-after", after))]
}

fn redirect(status: u16, to: impl Into<String>) -> Vec<Reaction> {
    vec![Reaction::Answer(Answer::new(status, "").header("location", to))]
}

/// As HTTP writes it.
fn date(at: Timestamp) -> String {
    jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
}

/// An answer whose head no library of ours would write.
fn raw(provider: &'static Provider, headers: &str, body: &str) -> Vec<Reaction> {
    let status = success(provider).status();
    vec![Reaction::Noise(format!("HTTP/1.1 {status} X\r\n{headers}\r\n\r\n{body}").into_bytes())]
}

/// The success as it is, and after it as many spaces.
fn padded(provider: &'static Provider, spaces: u64) -> Reaction {
    Reaction::Answer(success(provider).body(|mut body| {
        body.resize(body.len() + spaces as usize, b' ');
        body
    }))
}

/// Every fault, in the order of the table.
pub(crate) fn all() -> Vec<Group> {
    vec![
        Group { name: "The way there", faults: way() },
        Group { name: "TLS", faults: tls() },
        Group { name: "Answers that say little", faults: answers() },
        Group { name: "Every status", faults: statuses() },
        Group { name: "Retry-After", faults: retry_after() },
        Group { name: "Redirects", faults: redirects() },
        Group { name: "One after the other", faults: sequences() },
        Group { name: "The user and the file", faults: user() },
    ]
}

fn way() -> Vec<Fault> {
    vec![
        Fault::new("nothing goes wrong", |p, _| vec![taken(p)]),
        Fault::new("nobody listens", |p, _| vec![taken(p)]).listens(Listens::Never),
        Fault::new("nobody listens at first", |p, _| vec![taken(p)]).listens(Listens::Later),
        Fault::new("closed before a byte of the file is read", |_, _| vec![Reaction::CloseBeforeReading])
            .large(),
        Fault::new("reset after 1 MB", |_, _| vec![Reaction::ResetAfter(MB)]).large(),
        Fault::new("no byte is taken", |_, _| vec![Reaction::StallBefore]).large().impatient(),
        Fault::new("no byte is taken after 1 MB", |_, _| vec![Reaction::StallWithin(MB)]).large().impatient(),
        Fault {
            size: Size::Middling,
            ..Fault::new("a slow reader", |p, _| {
                vec![Reaction::SlowReading(MB / 4, Duration::from_millis(20), success(p))]
            })
        },
        Fault::new("closed after the last byte", |_, _| vec![Reaction::CutAfterBody]),
        Fault::new("no answer after the last byte", |_, _| vec![Reaction::StallAfter]).impatient(),
        Fault::new("a slow answer", |p, _| vec![Reaction::SlowAnswer(Duration::from_secs(2), success(p))]),
        Fault { finishes: false, ..Fault::new("it never says that it has finished", |p, _| vec![taken(p)]) },
    ]
}

fn tls() -> Vec<Fault> {
    let with = |name, certificate| Fault::new(name, |p, _| vec![taken(p)]).listens(Listens::Tls(certificate));
    vec![
        with("a good certificate", Certificate::Good),
        with("a certificate for another name", Certificate::OtherName),
        with("a self-signed certificate", Certificate::SelfSigned),
        with("an expired certificate", Certificate::Expired),
        Fault::new("no TLS where it is expected", |p, _| vec![taken(p)]).listens(Listens::PlainInPlaceOfTls),
        Fault::new("no answer to the greeting", |p, _| vec![taken(p)]).listens(Listens::SilentInPlaceOfTls),
    ]
}

fn answers() -> Vec<Fault> {
    vec![
        Fault::new("100, 102, 103, then the answer", |p, _| {
            vec![Reaction::Interim(vec![100, 102, 103], success(p))]
        }),
        Fault::new("101, and nothing more", |_, _| {
            vec![Reaction::Noise(b"HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n".to_vec())]
        }),
        Fault::new("no HTTP", |_, _| vec![Reaction::Noise(b"\0\x01 what is HTTP?\r\n\r\n".to_vec())]),
        Fault::new("HTML", |p, _| {
            vec![instead(p, "<!doctype html><html><body>Welcome to the hotel's network</body></html>")]
        }),
        Fault::new("half of the JSON", |p, _| {
            vec![Reaction::Answer(success(p).body(|body| body[..body.len() / 2].to_vec()))]
        }),
        Fault::new("a success of 7 MB", |p, _| vec![padded(p, 7 * MB)]),
        Fault::new("a success of 9 MB", |p, _| vec![padded(p, 9 * MB)]),
        Fault::new("a refusal of 9 MB", |_, _| {
            vec![Reaction::Answer(Answer::new(400, vec![b'x'; 9 * MB as usize]))]
        }),
        Fault::new("an empty body", |p, _| vec![instead(p, "")]),
        Fault::new("{}", |p, _| vec![instead(p, "{}")]),
        Fault::new("an array", |p, _| vec![instead(p, r#"[{"id":"x"}]"#)]),
        Fault::new("null", |p, _| vec![instead(p, "null")]),
        Fault::new("a number for an id", |p, _| {
            vec![instead(
                p,
                r#"{"id":7,"job_id":7,"url":7,"mediaGenerationId":{"mediaGenerationId":7},"data":{"url":7,"assetId":7,"fileUrl":7}}"#,
            )]
        }),
        Fault::new("an empty id", |p, _| {
            vec![instead(
                p,
                r#"{"id":"","job_id":"","url":"","mediaGenerationId":{"mediaGenerationId":""},"data":{"url":"","assetId":"","fileUrl":""}}"#,
            )]
        }),
        Fault::new("a success that says an error", |p, _| {
            let answer = success(p).body(|_| br#"{"error":"No such luck"}"#.to_vec());
            vec![Reaction::Answer(answer.refusing())]
        }),
        Fault::new("Content-Length too long, then closed", |p, _| vec![Reaction::PartialAnswer(success(p))]),
        Fault::new("Content-Length too long, then nothing", |p, _| {
            vec![Reaction::UnendingAnswer(success(p))]
        })
        .impatient(),
        Fault::new("Content-Length too short", |p, _| vec![Reaction::CurtailedAnswer(success(p))]),
        Fault::new("Content-Length: many", |p, _| raw(p, "content-length: many", "{}")),
        Fault::new("two lengths", |p, _| raw(p, "content-length: 2\r\ncontent-length: 3", "{}")),
        Fault::new("chunks that are none", |p, _| {
            raw(p, "transfer-encoding: chunked", "no number\r\n{}\r\n")
        }),
        Fault::new("a refusal whose words are cut off", |_, _| {
            vec![Reaction::PartialAnswer(Answer::new(401, r#"{"error":"Unauth"#))]
        }),
        Fault::new("a refusal before the file is read", |p, _| vec![Reaction::AnswerEarly(refusal(p, 413))])
            .large(),
        Fault::new("a success before the file is read", |p, _| vec![Reaction::AnswerEarly(success(p))])
            .large(),
    ]
}

fn statuses() -> Vec<Fault> {
    const POLICY: &str = r#"{"error":{"code":400,"message":"Request contains an invalid argument.","status":"INVALID_ARGUMENT","details":[{"reason":"PUBLIC_ERROR_UNSAFE"}]}}"#;
    vec![
        Fault::new("400", |p, _| refused(p, 400)),
        Fault::new("400, content policy", |_, _| vec![Reaction::Answer(Answer::new(400, POLICY))]),
        Fault::new("401", |p, _| refused(p, 401)),
        Fault::new("402", |p, _| refused(p, 402)),
        Fault::new("403", |p, _| refused(p, 403)),
        Fault::new("404", |p, _| refused(p, 404)),
        Fault::new("409", |p, _| refused(p, 409)),
        Fault::new("413", |p, _| refused(p, 413)),
        Fault::new("422", |p, _| refused(p, 422)),
        Fault::new("500", |p, _| refused(p, 500)),
        Fault::new("501", |p, _| refused(p, 501)),
        Fault::new("502, HTML", |_, _| {
            vec![Reaction::Answer(Answer::new(502, "<html><h1>502</h1><p>Bad gateway</p></html>"))]
        }),
        Fault::new("503", |p, _| refused(p, 503)),
        Fault::new("504, empty", |_, _| vec![Reaction::Answer(Answer::new(504, ""))]),
        // The network answers, and no service was asked.
        Fault::new("511", |p, _| vec![Reaction::Answer(refusal(p, 511).refusing())]),
        Fault::new("520", |p, _| refused(p, 520)),
        Fault::new("596", |p, _| refused(p, 596)),
    ]
}

fn retry_after() -> Vec<Fault> {
    vec![
        Fault::new("429 without it", |p, _| refused(p, 429)),
        Fault::new("429, 1", |p, _| come_back(p, 429, "1")),
        Fault::new("429, 1800", |p, _| come_back(p, 429, "1800")),
        Fault::new("429, a date in 10 minutes", |p, _| {
            come_back(p, 429, date(Timestamp::now() + TEN_MINUTES))
        }),
        Fault::new("429, a date of last year", |p, _| come_back(p, 429, date(Timestamp::now() - YEAR))),
        Fault::new("429, a date in 100 years", |p, _| come_back(p, 429, date(Timestamp::now() + 100 * YEAR))),
        Fault::new("429, a date with the wrong weekday", |p, _| {
            come_back(p, 429, "Mon, 06 Nov 2126 08:49:37 GMT")
        }),
        Fault::new("429, 0", |p, _| come_back(p, 429, "0")),
        Fault::new("429, -5", |p, _| come_back(p, 429, "-5")),
        Fault::new("429, 99999999999999999999999", |p, _| come_back(p, 429, "99999999999999999999999")),
        Fault::new("429, soon", |p, _| come_back(p, 429, "soon")),
        Fault::new("503, 1", |p, _| come_back(p, 503, "1")),
        Fault::new("503, 1800", |p, _| come_back(p, 503, "1800")),
        Fault::new("503, a date in 10 minutes", |p, _| {
            come_back(p, 503, date(Timestamp::now() + TEN_MINUTES))
        }),
        Fault::new("503, soon", |p, _| come_back(p, 503, "soon")),
    ]
}

fn redirects() -> Vec<Fault> {
    vec![
        Fault::new("301 to itself", |p, _| redirect(301, p.facts().request.path)),
        Fault::new("302 to another host", |_, w| redirect(302, w.elsewhere.origin())),
        Fault::new("303 to another host", |_, w| redirect(303, w.elsewhere.origin())),
        Fault::new("307 to another host that sends it back", |p, w| {
            redirect(307, format!("{}{}", w.elsewhere.origin(), p.facts().request.path))
        }),
        Fault::new("308 to itself", |p, _| redirect(308, p.facts().request.path)),
        Fault::new("307 to nowhere", |_, _| vec![Reaction::Answer(Answer::new(307, ""))]),
        Fault::new("304", |_, _| vec![Reaction::Answer(Answer::new(304, ""))]),
    ]
}

fn sequences() -> Vec<Fault> {
    vec![
        Fault::new("cut, then taken", |p, _| vec![Reaction::ResetAfter(MB), taken(p)]).large(),
        Fault::new("cut, then 400", |p, _| [vec![Reaction::ResetAfter(MB)], refused(p, 400)].concat())
            .large(),
        Fault::new("503, then taken", |p, _| [refused(p, 503), vec![taken(p)]].concat()),
        Fault::new("503, 503, then taken", |p, _| {
            [refused(p, 503), refused(p, 503), vec![taken(p)]].concat()
        }),
        Fault::new("503, then closed after the last byte", |p, _| {
            [refused(p, 503), vec![Reaction::CutAfterBody]].concat()
        }),
        Fault::new("429, 1, then taken", |p, _| [come_back(p, 429, "1"), vec![taken(p)]].concat()),
        Fault::new("429, 1, then 503, then taken", |p, _| {
            [come_back(p, 429, "1"), refused(p, 503), vec![taken(p)]].concat()
        }),
        Fault::new("closed after the last byte, then taken", |p, _| vec![Reaction::CutAfterBody, taken(p)]),
        Fault::new("closed after the last byte, then 400", |p, _| {
            [vec![Reaction::CutAfterBody], refused(p, 400)].concat()
        }),
        Fault::new("502, then taken", |p, _| [refused(p, 502), vec![taken(p)]].concat()),
        Fault::new("500, then taken", |p, _| [refused(p, 500), vec![taken(p)]].concat()),
    ]
}

fn user() -> Vec<Fault> {
    vec![
        Fault::new("cancelled within the file", |p, w| {
            vec![Reaction::PauseWithin(MB, w.gate.clone(), success(p))]
        })
        .large()
        .act(Act::CancelWithin),
        Fault::new("cancelled after the last byte, and no answer", |_, _| vec![Reaction::StallAfter])
            .act(Act::CancelAfterTheLastByte),
        Fault::new("cancelled after the last byte, and a late answer", |p, w| {
            vec![Reaction::AnswerAfter(w.gate.clone(), success(p))]
        })
        .act(Act::CancelBeforeTheAnswer),
        Fault::new("cancelled before the next try", |p, _| come_back(p, 503, "8")).act(Act::CancelInAPause),
        Fault::new("the file is cut short while it is sent", |p, w| {
            vec![Reaction::PauseWithin(MB, w.gate.clone(), success(p))]
        })
        .large()
        .act(Act::ShortenTheFile),
        Fault::new("the file is gone before its turn", |p, _| vec![taken(p)]).act(Act::DeleteTheFileBefore),
    ]
}
