//! Results in the forms that other tools take them in.

use std::io;

use html_escape::{encode_double_quoted_attribute as attribute, encode_text};
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;

use super::copy_choices::copied_as;
use super::export::Table;
use super::report::Report;
use super::template::Template;
use crate::model::copy_format::CopyFormat;
use crate::model::destination::Destination;
use crate::model::media::Kind;
use crate::model::receipt::{Receipt, ResultCount, plain};
use crate::model::text::{count, elide, json, sanitize};
use crate::provider;
use crate::provider::spec::{Auth, ProviderSpec, Usage};
use crate::store::settings::Settings;

/// A value that a provider gave back, under the provider's own name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// `mediaGenerationId`.
    pub name: String,
    /// As people copy it.
    pub text: String,
}

/// Something ready to be pasted into a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// The parameter it is for, or `curl`.
    pub label: String,
    /// `"reference_1": "user:…"`.
    pub text: String,
}

/// How many characters of a template's name a button shows.
const MAX_LABEL: usize = 24;

/// Returns the label of a button that copies in the format that is set.
pub fn label(settings: &Settings, receipt: &Receipt) -> String {
    label_of(settings, ResultCount::of([receipt]))
}

/// Returns the name of the format that is set, as long as a button has room for it.
fn format_name(settings: &Settings) -> String {
    elide(copied_as(settings), MAX_LABEL)
}

/// Returns the label of the menu's line that copies in the format that is set, where no other line does: ID, link and
/// JSON are in every menu.
pub fn label_in_menu(settings: &Settings) -> Option<String> {
    let has_line = matches!(settings.copy_format, CopyFormat::Id | CopyFormat::Link | CopyFormat::Json);
    (!has_line).then(|| format!("Copy {}", format_name(settings)))
}

/// Returns the same for several results, with their number first. Of one without an ID the link is copied, and of one
/// without a link the ID.
pub fn label_of(settings: &Settings, results: ResultCount) -> String {
    match settings.copy_format {
        CopyFormat::Id => label_of_ids(results),
        CopyFormat::Link => label_of_links(results),
        _ if results.all == 1 => format!("Copy {}", format_name(settings)),
        _ => format!("Copy {} as {}", results.all, format_name(settings)),
    }
}

/// Returns the label of what copies IDs, and links of what has none.
pub fn label_of_ids(results: ResultCount) -> String {
    label_of_both(results.ids, results.all - results.ids)
}

/// Returns the label of what copies links, and IDs of what has none.
pub fn label_of_links(results: ResultCount) -> String {
    label_of_both(results.all - results.links, results.links)
}

fn label_of_both(ids: usize, links: usize) -> String {
    match (ids, links) {
        (0, 1) => "Copy link".to_owned(),
        (1, 0) => "Copy ID".to_owned(),
        (0, links) => format!("Copy {links} links"),
        (ids, 0) => format!("Copy {ids} IDs"),
        (ids, links) => format!("Copy {}: {} and {}", ids + links, count(ids, "ID"), count(links, "link")),
    }
}

/// Returns the results of these uploads in a form, in their order. What has none is skipped; empty where nothing is
/// left.
pub fn text(format: CopyFormat, template: &str, uploads: &[Report<'_>]) -> String {
    let all: Vec<_> = uploads.iter().filter_map(|upload| Some((upload, upload.receipt()?))).collect();
    let lines = |line: &dyn Fn(&Report<'_>, &Receipt) -> String| {
        all.iter().map(|(upload, receipt)| line(upload, receipt)).collect::<Vec<_>>().join("\n")
    };
    match format {
        CopyFormat::Id => lines(&|_, receipt| receipt.first().to_owned()),
        CopyFormat::Link => lines(&|_, receipt| link_or_id(receipt).to_owned()),
        CopyFormat::Json => match all.as_slice() {
            [] => String::new(),
            [(_, one)] => one.response.pretty(),
            many => pretty(&many.iter().map(|(_, receipt)| receipt.response.value()).collect()),
        },
        CopyFormat::Markdown => lines(&markdown),
        CopyFormat::Html => lines(&html),
        CopyFormat::Csv if all.is_empty() => String::new(),
        CopyFormat::Csv => table(all.iter().map(|(upload, _)| *upload)).unwrap_or_default(),
        CopyFormat::Template => match Template::parse(template) {
            Ok(template) => lines(&|upload, _| template.line(upload)),
            // A broken template is said where it is written; an id is never wrong.
            Err(_) => lines(&|_, receipt| receipt.first().to_owned()),
        },
    }
}

/// Returns what to say of these results when they are copied: some may be of no use any more. `date` is how a moment is
/// written.
pub fn expired(uploads: &[Report<'_>], now: Timestamp, date: impl Fn(Timestamp) -> String) -> Option<String> {
    let with_result = || uploads.iter().filter_map(|upload| Some((upload, upload.receipt()?)));
    let mut gone = with_result().filter(|(_, receipt)| receipt.is_gone(now));
    let (first, receipt) = gone.next()?;
    let what = if receipt.url.is_some() { "link" } else { "ID" };
    Some(match (gone.count() + 1, with_result().count()) {
        (1, 1) => {
            let when = receipt.expires.map(|at| format!(" on {}", date(at))).unwrap_or_default();
            format!("The {what} of {} expired{when}. Send the file again for a new one", first.name)
        }
        (gone, all) => {
            format!("{gone} of the {all} results copied have expired. Send those files again for new ones")
        }
    })
}

/// Returns a table without the end of its last line, as the other forms are without it. Memory takes whatever is
/// written.
fn table<'a>(uploads: impl Iterator<Item = &'a Report<'a>>) -> io::Result<String> {
    let mut table = Table::new(vec![])?;
    for upload in uploads {
        table.add(upload)?;
    }
    let text = String::from_utf8(table.finish()?).map_err(io::Error::other)?;
    Ok(text.trim_end_matches('\n').to_owned())
}

fn link_or_id(receipt: &Receipt) -> &str {
    receipt.url.as_deref().unwrap_or_else(|| receipt.first())
}

fn pretty(value: &Value) -> String {
    json(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// What a link must not hold inside the parentheses of Markdown.
const IN_MARKDOWN: &AsciiSet = &CONTROLS.add(b' ').add(b'(').add(b')').add(b'<').add(b'>').add(b'\\');

fn markdown(upload: &Report<'_>, receipt: &Receipt) -> String {
    let name = escaped(&upload.name);
    match &receipt.url {
        Some(url) => {
            let picture = if upload.kind() == Some(Kind::Image) { "!" } else { "" };
            let link = format!("{picture}[{name}]({})", utf8_percent_encode(url, IN_MARKDOWN));
            // The ID is what other tools are given: it never stands behind a link alone.
            match &receipt.id {
                Some(id) => format!("{link}: {}", code(&sanitize(id))),
                None => link,
            }
        }
        None => format!("{name}: {}", code(&sanitize(receipt.first()))),
    }
}

/// Returns a text as Markdown that shows it as it is: what would mean something there is escaped, and nothing else.
fn escaped(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (at, c) in all.iter().copied().enumerate() {
        let (before, after) = (at.checked_sub(1).map(|at| all[at]), all.get(at + 1).copied());
        let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_meant = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' => true,
            '_' => !(is_part(before) && is_part(after)),
            // Lists, headings and quotes begin a line.
            '#' | '+' | '-' | '>' => all[..at].iter().all(|c| c.is_whitespace()),
            '.' | ')' => {
                let number: String = all[..at].iter().collect();
                let number = number.trim_start();
                !number.is_empty() && number.chars().all(|c| c.is_ascii_digit()) && after == Some(' ')
            }
            '&' => is_part(after) || after == Some('#'),
            _ => false,
        };
        out.extend(is_meant.then_some('\\').into_iter().chain([c]));
    }
    out
}

/// Returns a text as code in Markdown: more backticks around it than stand together in it, and a blank (which Markdown
/// takes off) where one of its own would lengthen them.
fn code(text: &str) -> String {
    let most = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let ticks = "`".repeat(most + 1);
    let touches = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']);
    let gap = if touches { " " } else { "" };
    format!("{ticks}{gap}{text}{gap}{ticks}")
}

fn html(upload: &Report<'_>, receipt: &Receipt) -> String {
    let Some(url) = &receipt.url else { return format!("<code>{}</code>", encode_text(receipt.first())) };
    let (url, name) = (attribute(url), attribute(&upload.name));
    let size = |name: &str| {
        upload.measure(name).map(|n| format!(" {name}=\"{}\"", attribute(&n))).unwrap_or_default()
    };
    match upload.kind() {
        Some(Kind::Image) => format!("<img src=\"{url}\" alt=\"{name}\"{}{}>", size("width"), size("height")),
        Some(Kind::Audio) => format!("<audio controls src=\"{url}\" title=\"{name}\"></audio>"),
        Some(Kind::Video) => {
            format!(
                "<video controls src=\"{url}\" title=\"{name}\"{}{}></video>",
                size("width"),
                size("height")
            )
        }
        Some(Kind::Captions) | None => format!("<a href=\"{url}\">{name}</a>"),
    }
}

/// Returns every value a provider gave back: what people copy first in front, and nothing twice.
pub fn fields(receipt: &Receipt) -> Vec<Field> {
    let all = receipt.values.iter().filter(|(_, value)| !value.is_null());
    let mut all: Vec<_> = all.map(|(name, value)| Field { name: name.clone(), text: plain(value) }).collect();
    for (name, text) in [("url", &receipt.url), ("id", &receipt.id)] {
        let Some(text) = text else { continue };
        let field = match all.iter().position(|field| field.text == *text) {
            Some(index) => all.remove(index),
            None => Field { name: name.to_owned(), text: text.clone() },
        };
        all.insert(0, field);
    }
    all
}

/// Returns what the result is for, from the provider's table: each parameter with its value, then a whole call.
pub fn snippets(destination: &Destination, kind: Kind, receipt: &Receipt) -> Vec<Snippet> {
    let Some(facts) = provider::by_id(&destination.provider).map(|p| p.facts()) else { return vec![] };
    let uses: Vec<_> = facts.results.uses.iter().filter(|u| u.kind == kind).collect();
    let mut out = vec![];
    let mut calls: Vec<&str> = vec![];
    for first in &uses {
        if calls.contains(&first.call) {
            continue;
        }
        calls.push(first.call);
        let of_call = || uses.iter().filter(|u| u.call == first.call);
        // Parameters for the same value are ways to use it; those for other values go along with each.
        let along: Vec<_> =
            of_call().filter(|u| u.value != first.value).filter_map(|u| parameter(u, receipt)).collect();
        let mut bodies = vec![];
        for way in of_call().filter(|u| u.value == first.value) {
            let Some(own) = parameter(way, receipt) else { continue };
            let all: Vec<_> = std::iter::once(own).chain(along.iter().cloned()).collect();
            let text = all.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect::<Vec<_>>();
            out.push(Snippet { label: way.parameter.to_owned(), text: text.join(",\n") });
            bodies.push(all);
        }
        if let Some(body) = bodies.first().and_then(|body| curl(facts, first.call, body)) {
            out.push(Snippet { label: first.call.replacen("POST", "curl", 1), text: body });
        }
    }
    out
}

/// Returns a parameter and its value as JSON.
fn parameter(of: &Usage, receipt: &Receipt) -> Option<(&'static str, String)> {
    let value = receipt.values.iter().find(|(name, _)| name == of.value).map(|(_, value)| value);
    let value = value.filter(|v| !v.is_null()).cloned();
    // The link and the id are known even where the table of values has them under another name.
    let value = value.or_else(|| match of.value {
        "url" => receipt.url.clone().map(Value::String),
        "id" => receipt.id.clone().map(Value::String),
        _ => None,
    })?;
    Some((of.parameter, value.to_string()))
}

/// Returns the whole call for a shell; the key comes from the environment. Only of calls whose body is these
/// parameters.
fn curl(facts: &ProviderSpec, call: &str, body: &[(&str, String)]) -> Option<String> {
    let path = call.strip_prefix("POST ").filter(|path| path.starts_with("/v1/"))?;
    let header = match facts.vendor.auth {
        Auth::Bearer => format!("  -H \"Authorization: Bearer ${}\" \\\n", facts.vendor.env),
        Auth::Header { name, prefix } => format!("  -H \"{name}: {prefix}${}\" \\\n", facts.vendor.env),
        Auth::None => String::new(),
        Auth::Basic | Auth::Query(_) | Auth::Field(_) => return None,
    };
    let prompt = ("prompt", "\"YOUR PROMPT\"".to_owned());
    let body = std::iter::once(&prompt).chain(body).map(|(name, value)| format!("\"{name}\": {value}"));
    let body = format!("{{{}}}", body.collect::<Vec<_>>().join(", "));
    let body = shlex::try_quote(&body).ok()?; // no JSON has a NUL in it
    Some(format!(
        "curl {}{path} \\\n{header}  -H 'Content-Type: application/json' \\\n  -d {body}",
        facts.vendor.base().url
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::json;
    use strum::IntoEnumIterator;

    use super::*;
    use crate::model::copy_format::CopyTemplate;
    use crate::model::item::{Inspection, Item};
    use crate::model::media::{DetectedType, FileFacts, Media};
    use crate::model::samples;
    use crate::model::upload::{State, UploadId};
    use crate::session::auto;

    fn receipt(id: Option<&str>, url: Option<&str>, values: &[(&str, Value)]) -> Receipt {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Receipt { values, response: json!({ "id": id, "url": url }).into(), ..samples::receipt(id, url) }
    }

    fn item(provider: &str, name: &str, media: Media, receipt: Receipt) -> Item {
        let to = Arc::new(auto(provider::by_id(provider).unwrap().facts(), "k"));
        let mut item = samples::item(UploadId(1), name, to);
        item.inspection = Inspection::Ready(FileFacts {
            path: name.into(),
            size: 9,
            recognised: DetectedType::Known(media),
            pixels: Some((640, 480)),
            duration: Some(std::time::Duration::from_millis(11_940)),
            ..FileFacts::default()
        });
        item.state = State::Done(Box::new(receipt));
        item
    }

    fn copied(format: CopyFormat, items: &[&Item]) -> String {
        let reports: Vec<_> = items.iter().map(|item| Report::from(*item)).collect();
        text(format, "{name}\\t{width}x{height}\\t{duration}", &reports)
    }

    #[test]
    fn a_button_names_what_it_copies() {
        let (id, both) =
            (receipt(Some("as-1"), None, &[]), receipt(Some("as-1"), Some("https://x.test/a"), &[]));
        let templates = vec![CopyTemplate { name: "Wiki".into(), line: "[[{name}]]".into() }];
        let several = |all: &[&Receipt]| ResultCount::of(all.iter().copied());
        let set = |copy_format| Settings { copy_format, templates: templates.clone(), ..Settings::default() };
        assert_eq!(label(&set(CopyFormat::Link), &id), "Copy ID", "there is no link");
        for (format, one, many) in [
            (CopyFormat::Id, "Copy ID", "Copy 3 IDs"),
            (CopyFormat::Link, "Copy link", "Copy 3 links"),
            (CopyFormat::Csv, "Copy CSV", "Copy 3 as CSV"),
            (CopyFormat::Template, "Copy Wiki", "Copy 3 as Wiki"),
        ] {
            assert_eq!(
                (
                    label(&set(format), &both).as_str(),
                    label_of(&set(format), several(&[&both, &both, &both])).as_str()
                ),
                (one, many)
            );
        }
        let link = receipt(None, Some("https://x.test/b"), &[]);
        let mixed = several(&[&id, &both, &link]);
        assert_eq!(label_of(&set(CopyFormat::Id), mixed), "Copy 3: 2 IDs and 1 link");
        assert_eq!(label_of(&set(CopyFormat::Link), mixed), "Copy 3: 1 ID and 2 links");
        assert_eq!(label_of(&set(CopyFormat::Csv), mixed), "Copy 3 as CSV");
        assert_eq!(label_of(&set(CopyFormat::Id), several(&[&link, &link])), "Copy 2 links");
    }

    #[test]
    fn what_has_expired_is_said_when_it_is_copied() {
        let now: Timestamp = "2026-09-03T12:00:00Z".parse().unwrap();
        let lives = |name: &str, hours: i64, url: Option<&str>| {
            let expires = Some(now + jiff::SignedDuration::from_hours(hours));
            item("piapi", name, Media::Png, Receipt { expires, ..receipt(Some("id"), url, &[]) })
        };
        let url = Some("https://x.test/a.png");
        let (old, older) = (lives("old.png", -1, url), lives("older.png", -30, None));
        let (new, kept) =
            (lives("new.png", 1, url), item("indream", "b.png", Media::Png, receipt(url, None, &[])));
        let said = |items: &[&Item]| {
            let reports: Vec<_> = items.iter().map(|item| Report::from(*item)).collect();
            expired(&reports, now, |at| at.to_string())
        };
        assert_eq!(said(&[&new]), None);
        assert_eq!(said(&[&kept]), None);
        let one = "The link of old.png expired on 2026-09-03T11:00:00Z. Send the file again for a new one";
        assert_eq!(said(&[&old]).as_deref(), Some(one));
        assert!(said(&[&older]).is_some_and(|words| words.starts_with("The ID of older.png expired")));
        let several = "2 of the 3 results copied have expired. Send those files again for new ones";
        assert_eq!(said(&[&old, &new, &older]).as_deref(), Some(several));
    }

    #[test]
    fn every_form_copies_what_other_tools_take() {
        let both = item(
            "indream",
            "a_b [1].png",
            Media::Png,
            receipt(Some("as-1"), Some("https://x.test/a(1).png"), &[]),
        );
        let id = item("google-flow", "c.mp4", Media::Mp4, receipt(Some("user:1-image:2"), None, &[]));
        let link = item("piapi", "d.mp3", Media::Mp3, receipt(None, Some("https://x.test/d?a=1&b=2"), &[]));
        let all = [&both, &id, &link];
        assert_eq!(copied(CopyFormat::Id, &all), "as-1\nuser:1-image:2\nhttps://x.test/d?a=1&b=2");
        assert_eq!(
            copied(CopyFormat::Link, &all),
            "https://x.test/a(1).png\nuser:1-image:2\nhttps://x.test/d?a=1&b=2"
        );
        assert_eq!(
            copied(CopyFormat::Markdown, &all),
            "![a_b \\[1\\].png](https://x.test/a%281%29.png): `as-1`\nc.mp4: `user:1-image:2`\n[d.mp3](https://x.test/d?a=1&b=2)"
        );
        assert_eq!(
            copied(CopyFormat::Html, &all),
            "<img src=\"https://x.test/a(1).png\" alt=\"a_b [1].png\" width=\"640\" height=\"480\">\n\
             <code>user:1-image:2</code>\n\
             <audio controls src=\"https://x.test/d?a=1&amp;b=2\" title=\"d.mp3\"></audio>"
        );
        assert_eq!(copied(CopyFormat::Template, &[&id]), "c.mp4\t640x480\t11.94");
        let json: Value = serde_json::from_str(&copied(CopyFormat::Json, &all)).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 3);
        assert!(serde_json::from_str::<Value>(&copied(CopyFormat::Json, &[&id])).unwrap().is_object());
        let table = copied(CopyFormat::Csv, &all);
        assert_eq!(table.lines().count(), 4);
        assert!(table.starts_with("time,file,provider"), "{table}");
    }

    #[test]
    fn what_has_no_result_is_left_out_and_nothing_breaks_out_of_its_form() {
        let mut waiting = item("piapi", "w.png", Media::Png, receipt(Some("x"), None, &[]));
        waiting.state = State::Ready;
        for format in CopyFormat::iter() {
            assert_eq!(copied(format, &[&waiting]), "", "{format:?}");
        }
        let hostile = receipt(None, Some("https://x.test/\"><script>"), &[]);
        let hostile = item("piapi", "\"><script>alert(1)</script>.png", Media::Png, hostile);
        let html = copied(CopyFormat::Html, &[&hostile]);
        assert!(!html.contains("<script>") && html.matches('"').count() == 8, "four attributes: {html}");
        assert_eq!(copied(CopyFormat::Markdown, &[&hostile]).matches("](").count(), 1);
    }

    #[test]
    fn markdown_shows_a_name_as_it_is() {
        for (name, shown) in [
            ("big-poster.png", "big-poster.png"),
            ("a_b_c.png", "a_b_c.png"),
            ("_a_.png", "\\_a\\_.png"),
            ("- 1.png", "\\- 1.png"),
            (" - 1.png", " \\- 1.png"),
            ("1. cover.png", "1\\. cover.png"),
            ("2) cover.png", "2\\) cover.png"),
            ("1.5 x (2).png", "1.5 x (2).png"),
            ("#1 (final)!.png", "\\#1 (final)!.png"),
            ("a*b`c~d|e.png", "a\\*b\\`c\\~d\\|e.png"),
            ("A & B &copy.png", "A & B \\&copy.png"),
            ("[x](y).png", "\\[x\\](y).png"),
        ] {
            assert_eq!(escaped(name), shown);
        }
    }

    #[test]
    fn an_id_with_backticks_is_one_piece_of_code() {
        for (id, shown) in [
            ("a", "`a`"),
            ("a`b", "``a`b``"),
            ("a``b`c", "```a``b`c```"),
            ("`a`", "`` `a` ``"),
            ("```", "```` ``` ````"),
            ("a` [x](y) `", "`` a` [x](y) ` ``"),
        ] {
            let one = item("google-flow", "c.mp4", Media::Mp4, receipt(Some(id), None, &[]));
            assert_eq!(copied(CopyFormat::Markdown, &[&one]), format!("c.mp4: {shown}"));
        }
    }

    #[test]
    fn a_line_of_ones_own_stays_one_line_whatever_the_values_are() {
        let hostile = receipt(Some("id\n2\u{1b}[2J\u{202e}"), None, &[]);
        let hostile = item("google-flow", "a\r\nb\u{2067}.mp4", Media::Mp4, hostile);
        let reports = [Report::from(&hostile)];
        let lines = text(CopyFormat::Template, "{name}\\t{id}\\t{json:/id}\\t{file}", &reports);
        let id = "id\\u{a}2\\u{1b}[2J\\u{202e}";
        let name = "a\\u{d}\\u{a}b\\u{2067}.mp4";
        assert_eq!(lines, [name, id, id, name].join("\t"));
    }

    #[test]
    fn snippets_come_from_the_table_with_a_whole_call() {
        let destination = |id: &str| auto(provider::by_id(id).unwrap().facts(), "k");
        let labels = |id: &str, kind, receipt: &Receipt| -> Vec<String> {
            snippets(&destination(id), kind, receipt).into_iter().map(|s| s.label).collect()
        };
        let image = receipt(Some("user:1-image:2"), None, &[("mediaGenerationId", json!("user:1-image:2"))]);
        let all = snippets(&destination("google-flow"), Kind::Image, &image);
        assert_eq!(all[0].text, "\"reference_1\": \"user:1-image:2\"");
        assert!(
            all[1].text.contains("$HOIST_USEAPI_TOKEN") && all[1].text.contains("/v1/google-flow/images")
        );
        assert_eq!(
            labels("google-flow", Kind::Image, &image),
            [
                "reference_1",
                "curl /v1/google-flow/images",
                "startImage",
                "endImage",
                "referenceImage_1",
                "curl /v1/google-flow/videos"
            ]
        );
        let values = [("mediaGenerationId", json!("user:1-video:3")), ("endFrameIndex_1", json!(240))];
        let video = receipt(Some("user:1-video:3"), None, &values);
        let all = snippets(&destination("google-flow"), Kind::Video, &video);
        assert_eq!(all[0].text, "\"referenceVideo_1\": \"user:1-video:3\",\n\"endFrameIndex_1\": 240");
        let asset = receipt(
            Some("as"),
            Some("https://x.test/a"),
            &[("fileUrl", json!("https://x.test/a")), ("fileKey", json!("k/a"))],
        );
        let all = snippets(&destination("indream"), Kind::Audio, &asset);
        assert_eq!(all[0].text, "\"remoteUrl\": \"https://x.test/a\",\n\"remoteKey\": \"k/a\"");
        assert_eq!(all.len(), 1, "no call of which the table does not know the whole");
        let song = receipt(Some("user:1-audio:4"), None, &[("id", json!("user:1-audio:4"))]);
        assert_eq!(labels("flow-music", Kind::Audio, &song), ["refAudio1", "curl /v1/flowmusic/music"]);
        assert_eq!(labels("flow-music", Kind::Captions, &song), Vec::<String>::new());
    }

    #[test]
    fn fields_have_what_is_copied_first_in_front_and_nothing_twice() {
        let values = [("width", json!(5)), ("assetId", json!("as")), ("note", Value::Null)];
        let names = |receipt: &Receipt| fields(receipt).into_iter().map(|f| f.name).collect::<Vec<_>>();
        assert_eq!(names(&receipt(Some("as"), Some("https://x.test"), &values)), ["assetId", "url", "width"]);
        assert_eq!(names(&receipt(Some("other"), None, &values)), ["id", "width", "assetId"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[cfg(unix)]
        #[test]
        fn a_shell_takes_the_body_of_a_call_as_it_is(id in "[^\\x00]{0,40}") {
            let image = receipt(Some(&id), None, &[("mediaGenerationId", json!(id))]);
            let to = auto(provider::by_id("google-flow").unwrap().facts(), "k");
            let call = snippets(&to, Kind::Image, &image).remove(1).text;
            let script = format!("printf %s {}", call.split_once("-d ").unwrap().1);
            let out = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
            let body: Value = serde_json::from_slice(&out.stdout).unwrap();
            prop_assert_eq!(body["reference_1"].as_str(), Some(id.as_str()));
        }
    }
}
