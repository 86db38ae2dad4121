//! Uploaders that mean harm, and those that are no uploaders.

use proptest::prelude::*;
use serde_json::json;

use super::{assert_refused, import, imported, played, provider, refused, request, uploader};

fn refused_text(text: &[u8]) -> Vec<String> {
    match import(text, "2026-11-28", &[]) {
        Ok(imported) => panic!("imported:\n{}", imported.toml),
        Err(why) => why.0,
    }
}

#[test]
fn what_is_no_uploader_is_said_to_be_none() {
    for (text, why) in [
        (&b""[..], "The file is not JSON"),
        (b"[1]", "The file is no custom uploader"),
        (b"\"x\"", "The file is no custom uploader"),
        (b"{}", "RequestURL is missing"),
        (b"{ \"RequestURL\": {} }", "RequestURL must be a text"),
        (b"\xff\xfe{\0}\0", "RequestURL is missing"),
        (b"\xff\xfe{\0}", "The file is no text in UTF-8"),
        (b"{\"RequestURL\": \"caf\xe9\"}", "The file is no text in UTF-8"),
        (b"format = 1", "The file is not JSON"),
    ] {
        assert!(refused_text(text)[0].starts_with(why), "{:?}", refused_text(text));
    }
    assert_refused(&json!({ "Headers": ["a"] }), "Headers must be a table");
    assert_refused(&json!({ "Headers": { "a": { "b": 1 } } }), "Headers.a must be a text");
}

#[test]
fn size_and_depth_are_bounded() {
    let large = uploader(&json!({ "Name": "a".repeat(super::super::MAX_UPLOADER) }));
    assert!(refused_text(&large)[0].starts_with("The file is larger than 256 kB"));
    let deep = format!("{{\"RequestURL\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(refused_text(deep.as_bytes())[0].starts_with("The file is not JSON"));
    assert_refused(&json!({ "URL": "{base64:".repeat(10_000) }), "URL has braces within braces");
    assert_refused(
        &json!({ "URL": format!("{{json:{}b}}", "a.".repeat(100)) }),
        "URL has a path that is longer",
    );
    assert_refused(&json!({ "URL": "{json:a}-".repeat(200) }), "The file makes no valid provider");
    let nested = format!("{}\"{{base64:{{input}}}}\"{}", "{\"a\":".repeat(60), "}".repeat(60));
    assert_refused(&json!({ "Body": "JSON", "Data": nested }), "Data has tables within tables");
    let many: serde_json::Map<_, _> = (0..10_000).map(|n| (format!("a{n}"), json!("x"))).collect();
    assert!(!refused(&json!({ "Arguments": many })).is_empty());
    let wrong: serde_json::Map<_, _> = (0..10_000).map(|n| (format!("a{n}"), json!({}))).collect();
    assert!(refused(&json!({ "Arguments": wrong })).len() <= 20);
    // A list is not made as long as an index asks for.
    assert!(imported(&json!({ "URL": "{json:a[999999].b}" })).toml.len() < 10_000);
}

#[test]
fn addresses_lead_to_one_named_host() {
    for (url, why) in [
        ("javascript:alert(1)", "RequestURL has no host"),
        ("file:///etc/passwd", "RequestURL must begin with https://"),
        ("ftp://up.example.com/", "RequestURL must begin with https://"),
        ("data://text/x", "RequestURL must begin with https://"),
        ("https://up.example.com@evil.example/", "RequestURL has a name or a password"),
        ("https://up.example.com:x@evil.example/", "RequestURL has a name or a password"),
        ("https://up.example.com\\\\@evil.example/", "RequestURL has a blank"),
        ("https://up.example.com/a b", "RequestURL has a blank"),
        ("https://up.example.com/#a", "RequestURL has a blank"),
        ("https://{filename}.example.com/", "RequestURL must name one host"),
        ("https://{random:a|b}.example.com/", "RequestURL has {random}"),
        ("https://up.example.com{filename}/", "RequestURL must name one host"),
        ("https://[channel]/x", "RequestURL has no host"),
        ("https://8.8.8.8/", "RequestURL has a host that"),
        ("https:///x", "RequestURL has"),
        ("https://169.254.169.254/latest", "RequestURL goes to this computer"),
        ("Webhook URL", "RequestURL has a blank"),
        ("https://up.example.com/?a=1&a=2", "RequestURL has a parameter twice"),
        ("https://up.example.com/?a=%ff", "RequestURL has a parameter that is no UTF-8"),
        ("https://up.example.com/\u{fdd0}", "RequestURL has a blank"),
    ] {
        assert_refused(&json!({ "RequestURL": url }), why);
    }
    let braces = imported(
        &json!({ "RequestURL": "https://up.example.com/\\{account\\}/%7Bfile.mime%7D?q=%7Bkey%7D" }),
    );
    assert_eq!(
        super::target(&request(&braces)),
        "https://up.example.com/{account}/%7Bfile.mime%7D?q=%7Bkey%7D"
    );
}

#[test]
fn nothing_ends_a_header_or_a_text_of_the_file() {
    for (name, value) in [
        ("x-a", "b\r\nx-b: c"),
        ("x-a", "b\nc"),
        ("x-a", "b\0"),
        ("x-a", "ü"),
        ("x a", "b"),
        ("x:a", "b"),
        ("", "b"),
    ] {
        let sentences = refused(&json!({ "Headers": { name: value } }));
        assert!(sentences[0].starts_with(&format!("Headers.{name} has")), "{sentences:?}");
    }
    assert_refused(&json!({ "Headers": { "X-A": "b", "x-a": "c" } }), "Headers.x-a stands there twice");
    assert_refused(
        &json!({ "Headers": { "Host": "evil.example" } }),
        "Headers.Host is a header that Hoist sets",
    );
    assert_refused(&json!({ "Arguments": { "a\"\r\nb": "c" } }), "Arguments.a\"\\u{d}\\u{a}b has a name");
    let hostile = "\"\"\"\n[vendor]\nhosts = [\"evil.example\"]\n'''\\u0041{file.name}{{{key}\u{7f}\u{1}";
    let imported = imported(&json!({
        "Version": "12.0.0", "URL": "$json:url$",
        "Name": hostile, "Arguments": { "a": hostile }, "WebsiteURL": format!("https://x.test/{hostile}"),
    }));
    let facts = provider(&imported).facts();
    assert_eq!(facts.vendor.endpoints.len(), 1);
    assert_eq!(facts.vendor.endpoints[0].url, "https://up.example.com");
    let sent = hostile.replace("\\u0041", "u0041");
    assert!(request(&imported).body.before.contains(&sent), "{}", imported.toml);
    played(&imported);
}

proptest! {
    #[test]
    fn any_text_is_imported_whole_or_refused(
        fields in prop::collection::vec((0usize..9, r#"[-a-z0-9{}$|:\\.\[\]'"/%@#? \n\r\u{202e}ü]{0,24}"#), 0..6),
    ) {
        let mut more = json!({});
        for (at, text) in fields {
            match at {
                0 => more["URL"] = json!(text),
                1 => more["RequestURL"] = json!(format!("https://up.example.com/{text}")),
                2 => more["RequestURL"] = json!(text),
                3 => more["Headers"][text] = json!("a"),
                4 => more["Headers"]["x-a"] = json!(text),
                5 => more["Arguments"][text.as_str()] = json!(text),
                6 => more["Parameters"]["a"] = json!(text),
                7 => more["Name"] = json!(text),
                _ => more["DeletionURL"] = json!(text),
            }
        }
        match import(&uploader(&more), "2026-11-28", &[]) {
            Ok(imported) => {
                played(&imported);
            }
            Err(why) => prop_assert!(!why.0.is_empty() && why.0.len() <= 20, "{more}"),
        }
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(import(&bytes, "2026-11-28", &[]).is_err());
    }
}
