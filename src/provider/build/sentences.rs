//! What a writer reads whose file is wrong: the line, the field, and what would be right.

use std::path::PathBuf;

use super::provider;
use crate::provider::spec::ProviderSource;

const FILE: &str = r#"format = 1
id = "shelf"
name = "Shelf"
page = "https://shelf.example/docs"
checked = "2026-11-28"

[vendor]
id = "shelf"
name = "Shelf"
hosts = ["api.shelf.example"]
keys_page = "https://shelf.example/keys"

[[accepts]]
types = ["png"]

[[step]]
method = "POST"
url = "https://api.shelf.example/v1/files"
body = "file"

[reply]
id = "/id"
"#;

/// Returns what is said of the file with something in it replaced, or behind its end.
fn problem(old: &str, new: &str) -> String {
    let text = match old {
        "" => format!("{FILE}{new}"),
        old => FILE.replacen(old, new, 1),
    };
    assert_ne!(text, FILE);
    let source = ProviderSource::File(PathBuf::from("shelf.toml"));
    provider(&text, &source, &[])
        .map_or_else(|e| e.to_string(), |p| format!("{} is a provider", p.facts().id))
}

#[test]
fn what_would_be_lost_without_a_word_is_refused() {
    assert_eq!(problem("Shelf", "The shelf"), "shelf is a provider");
    let option = "[[option]]\nid = \"title\"\nlabel = \"Title\"\nhelp = \"The title there\"\n";
    for (old, new, expected) in [
        (
            "",
            option.to_owned(),
            "line 23: [[option]] 1, in: is template, and no step has {option.title}: write it there, or in = \"query\"",
        ),
        ("", format!("{option}in = \"query\"\n"), "shelf is a provider"),
        (
            "",
            "[account]\nin = \"template\"\nname = \"who\"\nlabel = \"Who\"\nhelp = \"Who\"\n".to_owned(),
            "line 24: [account], in: is template, and no step has {account}: write it there, or in = \"query\"",
        ),
        (
            "",
            "[filename]\nmax = 40\n".to_owned(),
            "line 23: [filename]: no step sends a name: use {file.name}, {file.stem} or multipart in one",
        ),
        (
            "",
            "[[refusal]]\nstatus = 400\nbody = '{}'\n[[refusal]]\nstatus = 400\nbody = '{ }'\nmeans = \"quota\"\n"
                .to_owned(),
            "line 29: [[refusal]] 2, means: must be the same in every [[refusal]] of 400 without message",
        ),
        (
            "id = \"/id\"\n",
            "url = \"/link\"\n[poll]\nurl = \"https://api.shelf.example/v1/jobs\"\nevery = \"5s\"\nstatus = \"/state\"\npending = [\"a\"]\nready = [\"b\"]\n".to_owned(),
            "line 21: [reply], id: is missing: [poll] asks by it",
        ),
    ] {
        assert_eq!(problem(old, &new), expected);
    }
}

#[test]
fn an_error_says_what_would_be_right() {
    for (old, new, expected) in [
        (
            "v1/files",
            "v1/{capture.to}",
            "line 18: [[step]] 1, url: has {capture.to}, which no step before this captures",
        ),
        (
            "v1/files",
            "v1/{option.x}",
            "line 18: [[step]] 1, url: has {option.x}, which no [[option]] has as its id",
        ),
        ("v1/files", "v1/{account}", "line 18: [[step]] 1, url: has {account}, but there is no [account]"),
        ("v1/files", "v1/{uuid}", "line 18: [[step]] 1, url: has {uuid}, which can stand in examples only"),
        (
            "v1/files",
            "v1/{file.base64}",
            "line 18: [[step]] 1, url: has {file.base64}, which can stand in the json of a body only",
        ),
        (
            "id = \"/id\"",
            "url = \"cdn.shelf.example/{file.name}\"",
            "line 22: [reply], url: must be a JSON pointer, \"text\", or begin with https:// or {capture.NAME}",
        ),
        (
            "body = \"file\"",
            "body = \"file\"\nheaders = { Authorization = \"Bearer x\" }",
            "line 20: [[step]] 1, headers: must not have authorization: auth in [vendor] says how the key is sent",
        ),
        (
            "https://api.shelf.example/v1/files",
            "{capture.to}?part=1",
            "line 18: [[step]] 1, url: must be {capture.NAME} alone: query adds parameters to it",
        ),
        (
            "v1/files",
            "v1/{file.nam}",
            "line 18: [[step]] 1, url: has {file.nam}, which Hoist does not know: write one like {file.name} or {option.ID} (a brace itself is written twice)",
        ),
        (
            "body = \"file\"",
            "body = \"none\"",
            "line 19: [[step]] 1, body: exactly one step must carry the file: \"file\", a part with file = true, or {file.base64} in json",
        ),
        (
            "types = [\"png\"]",
            "types = [\"pgn\"]",
            "line 14: [[accepts]] 1, types: \"pgn\" is no type that Hoist knows: write an extension, like png, mp4 or m4a",
        ),
        (
            "",
            "[[example]]\nbody = '{ \"id\": \"{capture.id}\" }'\n",
            "line 24: [[example]] 1, body: has {capture.id}, which the sandbox does not know",
        ),
        (
            "",
            "[[option]]\nid = \"keep\"\nlabel = \"Keep\"\nhelp = \"How long\"\nin = \"query\"\nkind = \"choice\"\nchoices = [\"1h\", \"1d\"]\ndefault = \"2d\"\n",
            "line 30: [[option]] 1, default: must be one of 1h, 1d",
        ),
    ] {
        assert_eq!(problem(old, new), expected);
    }
    let means = problem("", "[[refusal]]\nstatus = 400\nbody = '{}'\nmeans = \"offline\"\n");
    assert!(means.starts_with("line 26: [[refusal]] 1, means: must be one of bad-request, "), "{means}");
}

#[test]
fn what_the_reader_of_toml_says_is_said_in_the_formats_words() {
    for (old, new, expected) in [
        (
            "",
            "[vendor.check]\nurl = \"https://api.shelf.example/me\"\nplans = 1\n",
            "line 25: unknown field `plans`, expected one of `url`, `plan`, `plans_without_upload`, `example`",
        ),
        (
            "[[accepts]]",
            "costs = \"A cent\"\n[[accepts]]",
            "line 13: unknown field `costs`: it belongs at the top of the file, before the first [table]",
        ),
        ("[[accepts]]", "[accepts]", "line 13: [accepts] must be [[accepts]]: there can be several"),
        ("[reply]", "[[reply]]", "line 21: [[reply]] must be [reply]: there is only one"),
        ("types = [\"png\"]", "types = \"png\"", "line 14: types: must be a list, not the text \"png\""),
        ("name = \"Shelf\"", "name = 7", "line 3: name: must be a text in quotes, not the number `7`"),
        ("\"2026-11-28\"", "2026-11-28", "line 5: checked: must be a text in quotes, not a date"),
        ("\"POST\"", "\"PATCH\"", "line 17: method: must be one of `GET`, `POST`, `PUT`, not `PATCH`"),
        (
            "\"file\"",
            "\"raw\"",
            "line 19: body: expected \"file\", \"none\", or a table with json or multipart",
        ),
        ("method = \"POST\"", "", "line 16: `method` is missing"),
    ] {
        assert_eq!(problem(old, new), expected);
    }
}

#[test]
fn the_fields_of_a_body_have_no_order() {
    let step = |body: &str| format!("method = \"POST\"\nurl = \"{{capture.to}}\"\nbody = {body}\n[reply]");
    let first = "capture = { to = \"/to\", fields = \"/fields\" }\n[[step]]\n";
    for body in [
        "{ multipart = [{ name = \"file\", file = true }], fields_from = \"fields\" }",
        "{ fields_from = \"fields\", multipart = [{ name = \"file\", file = true }] }",
    ] {
        let both = format!("body = \"none\"\n{first}{}", step(body));
        assert_eq!(problem("body = \"file\"\n\n[reply]", &both), "shelf is a provider", "{body}");
    }
    let both = problem("body = \"file\"", "body = { json = { a = 1 }, fields_from = \"x\" }");
    assert!(both.ends_with("expected json, or multipart with or without fields_from"), "{both}");
}
