//! Files of strangers: what is wrong is said with its line, and nothing takes long or panics.

use std::path::Path;

use proptest::prelude::*;

use super::MAX_FILE;
use crate::provider::{built_in, read};

const GOOD: &str = include_str!("../../../tests/fixtures/providers/mine.toml");

fn refused(text: &str) -> String {
    read(text, Path::new("mine.toml")).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn what_is_wrong_is_said_with_its_line_and_what_would_be_right() {
    assert!(read(GOOD, Path::new("mine.toml")).is_ok());
    for (old, new, words) in [
        ("format = 1", "format = 2", "line 1: format: must be 1"),
        ("id = \"mine\"\nname", "id = \"piapi\"\nname", "piapi is built in"),
        ("id = \"mine\"\nname", "id = \"My id\"\nname", "line 2: id: must be small letters"),
        ("checked = \"2026-03-01\"", "checked = \"today\"", "line 5: checked: must be a date"),
        ("[vendor]\nid = \"mine\"", "[vendor]\nid = \"useapi\"", "line 7: [vendor], id: useapi is built in"),
        ("hosts = [", "key_env = \"AWS_SECRET\"\nhosts = [", "key_env: is for built-in vendors"),
        ("hosts = [", "url_env = [\"HOME\"]\nhosts = [", "url_env: is for built-in vendors"),
        ("\"api.mine.example\"]", "\"127.0.0.1\"]", "needs lan = true"),
        ("\"api.mine.example\"]", "\"*.example\"]", "is no host"),
        (
            "https://api.mine.example/files",
            "https://evil.example/files",
            "line 19: [[step]] 1, url: goes to a host",
        ),
        ("https://api.mine.example/files", "http://api.mine.example/files", "must begin with https://"),
        ("https://api.mine.example/files", "file:///etc/passwd", "must begin with https://"),
        ("https://api.mine.example/files", "https://{option.folder}/files", "no {place} before its path"),
        ("https://api.mine.example/files", "https://u:p@api.mine.example/files", "no name or password"),
        (
            "https://api.mine.example/files",
            "{capture.to}",
            "names \"to\", which no step before this captures",
        ),
        ("{option.folder}", "{option.other}", "has {option.other}, which no [[option]] has as its id"),
        ("{option.folder}", "{key}", "has {key}, which can stand in examples only"),
        ("{option.folder}", "{file.base64}", "has {file.base64}, which can stand in the json of a body only"),
        ("{option.folder}", "{{option.folder}", "has a } without its {"),
        (
            "query = {",
            "headers = { authorization = \"x\" }\nquery = {",
            "must not have authorization: auth in [vendor]",
        ),
        ("query = {", "headers = { \"x-a\\r\\nx-b\" = \"x\" }\nquery = {", "must be a header's name"),
        ("body = \"file\"", "body = \"none\"", "exactly one step must carry the file"),
        (
            "body = \"file\"",
            "body = { json = { a = \"{file.base64}\", b = \"{file.base64}\" } }",
            "the file once",
        ),
        ("id = \"/id\"", "id = \"id\"", "must be a JSON pointer"),
        ("id = \"/id\"", "id = \"/id\"\nurl = \"{option.folder|shell}\"", "the filter shell"),
        ("types = [\"png\"]", "types = [\"exe\"]", "is no type that Hoist knows"),
        ("types = [\"png\"]", "types = [\"png\"]\nmax = \"lots\"", "must be a size like"),
        ("label = \"Folder\"", "label = \"Fol\\u001bder\"", "must be one line of text"),
        ("[reply]", "[manage]\nlist = 1\n[reply]", "unknown field `manage`"),
    ] {
        let text = GOOD.replacen(old, new, 1);
        assert_ne!(text, GOOD, "{old}");
        let said = refused(&text);
        assert!(said.contains(words), "{new}: {said}");
        assert!(!said.chars().any(char::is_control), "{said:?}");
    }
    let own_host = GOOD.replace("[vendor]\nid = \"mine\"\nname = \"Mine\"\nhosts = [\"api.mine.example\"]\nkeys_page = \"https://mine.example/keys\"\n", "");
    let borrowed = own_host.replace("checked =", "vendor = \"useapi\"\nchecked =");
    assert!(refused(&borrowed).contains("goes to a host that [vendor] hosts does not list"), "another's key");
}

#[test]
fn large_and_deep_files_are_refused_at_once() {
    assert!(refused(&" ".repeat(MAX_FILE + 1)).contains("larger than 256 kB"));
    let deep = format!("{}x = {}1{}", GOOD, "[".repeat(100_000), "]".repeat(100_000));
    assert!(!refused(&deep).is_empty());
    let tables = format!("{GOOD}[{}]\n", vec!["a"; 50_000].join("."));
    assert!(!refused(&tables).is_empty());
    let option = "[[option]]\nid = \"x\"\nlabel = \"X\"\nhelp = \"X\"\n";
    assert!(refused(&format!("{GOOD}{}", option.repeat(4000))).contains("at most 100 entries"));
    let slots = GOOD.replace("{option.folder}", &"{option.folder}".repeat(500));
    assert!(refused(&slots).contains("too long"));
    let steps =
        format!("{GOOD}{}", "[[step]]\nmethod = \"POST\"\nurl = \"https://api.mine.example/x\"\n".repeat(3));
    assert!(refused(&steps).contains("one to 3"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_file_makes_it_panic(which in 0_usize..20, at in 0.0_f64..1.0, cut in 0_usize..40, put in "[\\PC\\n]{0,20}") {
        let files = built_in();
        let text = files[which % files.len()].text().replace("id = \"", "id = \"x");
        let begin = (0..=(text.len() as f64 * at) as usize).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let end = (begin..=(begin + cut).min(text.len())).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(begin);
        let text = format!("{}{put}{}", &text[..begin], &text[end..]);
        if let Err(error) = read(&text, Path::new("x.toml")) {
            let said = error.to_string();
            prop_assert!(!said.is_empty() && said.chars().count() < 600, "{}", said);
        }
    }
}
