//! The forms of requests and replies, today's and older ones.

use serde_json::{Value, json};

use super::{assert_refused, import, imported, played, provider, receipt, request, target};
use crate::model::media::Media;
use crate::provider::http::{Body, FileForm, Method};
use crate::provider::rehearsal::rehearse;

fn around(body: &Body) -> String {
    format!(
        "{}<{}>{}",
        body.before,
        if body.file == Some(FileForm::Base64) { "base64" } else { "file" },
        body.after
    )
}

#[test]
fn parameters_headers_and_arguments_go_where_they_belong() {
    let imported = imported(&json!({
        "RequestURL": "https://up.example.com/api/upload?expires=1%20w&output=text&upload",
        "Parameters": { "name": "{filename}", "output": "json" },
        "Headers": { "Accept": "application/vnd.u2s.v1+json", "X-Use-Original-Name": 1 },
        "Arguments": { "album": "5{6}\\{7\\}".replace("{6}", ""), "note": null, "tts": false, "text": "{input}" },
    }));
    let request = request(&imported);
    assert_eq!(
        target(&request),
        "https://up.example.com/api/upload?name=a%20b.png&output=json&expires=1%20w&upload="
    );
    let header =
        |name: &str| request.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    assert_eq!(header("accept"), Some("application/vnd.u2s.v1+json"));
    assert_eq!(header("x-use-original-name"), Some("1"));
    let body = around(&request.body);
    for (name, text) in [("album", "5{7}"), ("note", ""), ("tts", "false"), ("text", "")] {
        assert!(body.contains(&format!("name=\"{name}\"\r\n\r\n{text}\r\n")), "{body}");
    }
    assert!(
        body.contains("name=\"file\"; filename=\"a b.png\"\r\nContent-Type: image/png\r\n\r\n<file>\r\n")
    );
    assert!(header("content-type").is_some_and(|mime| mime.starts_with("multipart/form-data; boundary=")));
}

#[test]
fn the_file_alone_goes_to_an_address_with_its_name() {
    let imported = imported(&json!({
        "RequestMethod": "PUT", "Body": "Binary", "RequestURL": "up.example.com/api/{filename}",
        "FileFormName": null, "Arguments": { "unused": "there is no form" },
    }));
    let request = request(&imported);
    assert_eq!(target(&request), "https://up.example.com/api/a%20b.png");
    assert!(request.method == Method::Put && request.body.file == Some(FileForm::Raw));
    assert!(request.headers.contains(&("content-type".to_owned(), "image/png".to_owned())));
    played(&imported);
}

#[test]
fn json_carries_the_file_in_base64() {
    let data = r#"{ "name": "{filename}", "tags": ["a{b", 1, 1.5, true], "in": { "data": "data:x;base64,{base64:{input}}" } }"#;
    let imported =
        imported(&json!({ "Body": "JSON", "Data": data, "Headers": { "Content-Type": "application/json" } }));
    let request = request(&imported);
    assert_eq!(
        around(&request.body),
        r#"{"name":"a b.png","tags":["a{b",1,1.5,true],"in":{"data":"data:x;base64,<base64>"}}"#
    );
    played(&imported);
    for (data, why) in [
        (r#"{ "text": "{input}" }"#, "Data.text has {input}"),
        (r#"{ "name": "{filename}" }"#, "Data has no {base64:{input}}"),
        (r#"{ "a": "{base64:{input}}", "b": "{base64:{input}}" }"#, "Data has the file more than once"),
        (r#"{ "a": "{base64:{input}}", "b": null }"#, "Data has a null"),
        (r#"["{base64:{input}}"]"#, "Data must be a JSON object"),
        ("", "Data must be a JSON object"),
    ] {
        assert_refused(&json!({ "Body": "JSON", "Data": data }), why);
    }
}

#[test]
fn bodies_without_a_file_are_named() {
    for (body, why) in [
        ("FormURLEncoded", "Body is FormURLEncoded"),
        ("XML", "Body is XML"),
        ("None", "Body is None"),
        ("Tar", "Body is no form of request"),
    ] {
        assert_refused(&json!({ "Body": body }), why);
    }
    assert_refused(&json!({ "Body": null, "FileFormName": null }), "Body is None");
    assert_refused(&json!({ "FileFormName": "" }), "FileFormName is missing");
    assert_refused(&json!({ "FileFormName": "a file" }), "FileFormName has other");
    assert_refused(
        &json!({ "DestinationType": "URLShortener, TextUploader" }),
        "DestinationType has neither",
    );
    for method in ["GET", "PATCH", "DELETE"] {
        assert_refused(&json!({ "RequestMethod": method }), "RequestMethod must be");
    }
}

/// Files of older versions: no version, other names of fields, dollar signs.
#[test]
fn older_files_are_read_as_they_were_meant() {
    let old = json!({
        "Name": "old.example.com",
        "RequestType": "POST",
        "RequestURL": "https://old.example.com/up?n=$filename$",
        "FileFormName": "files[]",
        "ResponseType": "Text",
        "Arguments": { "format": "{\"a\":1}" },
        "URL": "$json:files[0].url$",
        "DeletionURL": "$json:files[0]['delete url']$",
    });
    let with_bom = format!("\u{feff}{old}");
    let Ok(old) = import(with_bom.as_bytes(), "2026-11-28", &[]) else { panic!("not imported") };
    let request = request(&old);
    assert_eq!(target(&request), "https://old.example.com/up?n=a%20b.png");
    assert!(request.body.before.contains("{\"a\":1}"), "{}", request.body.before);
    assert_eq!(old.id, "old-example-com");
    let receipt =
        receipt(&old, r#"{ "files": [{ "url": "https://x.test/1", "delete url": "https://x.test/d" }] }"#);
    let receipt = receipt.unwrap();
    assert_eq!(receipt.url.as_deref(), Some("https://x.test/1"));
    assert!(receipt.values.contains(&("delete url".to_owned(), "https://x.test/d".into())));
    played(&old);
}

#[test]
fn names_of_fields_may_be_in_any_case() {
    let text =
        r#"{ "requesturl": "https://a.example.com", "BODY": "multipartformdata", "fileformname": "f" }"#;
    let Ok(imported) = import(text.as_bytes(), "2026-11-28", &[]) else { panic!("not imported") };
    assert_eq!((imported.id.as_str(), imported.name.as_str()), ("a-example-com", "a.example.com"));
    assert_eq!(target(&request(&imported)), "https://a.example.com/");
}

#[test]
fn which_calls_are_meant_is_in_the_texts_and_then_in_the_version() {
    for (version, url) in [
        (json!("13.7.1"), "$json:url$"),
        (json!("12.4.0"), "{json:url}"),
        (json!(null), "{json:url}"),
        (json!("17.0.0"), "$json:url$"),
        (json!("17.0.0"), "{JSON:$.url}"),
        (json!("17.0.0"), "{json:{response}|url}"),
        (json!("17.0.0"), "{json:['url']}"),
    ] {
        let imported = imported(&json!({ "Version": version, "URL": url }));
        let receipt = receipt(&imported, r#"{ "url": "https://x.test/1" }"#).unwrap();
        assert_eq!(receipt.url.as_deref(), Some("https://x.test/1"), "{version} {url}");
    }
}

#[test]
fn a_reply_that_is_a_link_needs_no_json() {
    for url in [json!("{response}"), json!(""), json!(null), json!("$response$")] {
        let imported = imported(&json!({ "URL": url, "ErrorMessage": "{response}" }));
        assert_eq!(
            receipt(&imported, " https://x.test/1\n").unwrap().url.as_deref(),
            Some("https://x.test/1")
        );
        assert_eq!(receipt(&imported, "<html>no</html>").map(|r| r.url), None);
        played(&imported);
    }
}

#[test]
fn a_link_is_put_together_of_what_the_reply_says() {
    let imported = imported(
        &json!({ "URL": "https://i.example.com/{json:data.code}.{json:data.ext}?c={json:data.code}" }),
    );
    let link = |body: &str| receipt(&imported, body).and_then(|receipt| receipt.url);
    assert_eq!(
        link(r#"{ "data": { "code": "x1", "ext": "png" } }"#).as_deref(),
        Some("https://i.example.com/x1.png?c=x1")
    );
    // Numbers are as good; what is missing makes no half of a link.
    assert_eq!(
        link(r#"{ "data": { "code": 7, "ext": "png" } }"#).as_deref(),
        Some("https://i.example.com/7.png?c=7")
    );
    assert_eq!(link(r#"{ "data": { "code": "x1" } }"#), None);
    assert_eq!(link(r#"{ "data": { "code": "x\n1", "ext": "png" } }"#), None);
    assert_eq!(played(&imported).url.as_deref(), Some("https://i.example.com/2d5c.2d5c?c=2d5c"));
    let texts = super::imported(&json!({ "URL": "https://i.example.com/{response}" }));
    assert_eq!(receipt(&texts, "abc\n").unwrap().url.as_deref(), Some("https://i.example.com/abc"));
    played(&texts);
    let names = super::imported(&json!({ "URL": "https://i.example.com/{json:id}/{filename}" }));
    assert_eq!(
        receipt(&names, r#"{ "id": "q" }"#).unwrap().url.as_deref(),
        Some("https://i.example.com/q/a_b.png")
    );
    assert!(request(&names).body.before.contains("filename=\"a_b.png\""));
}

#[test]
fn links_to_delete_a_file_are_kept_or_named() {
    let one = imported(&json!({ "ThumbnailURL": "{json:small}", "DeletionURL": "{json:delete}" }));
    assert_eq!(provider(&one).facts().results.values, ["/url", "/delete", "/small"]);
    assert!(one.notes.is_empty());
    played(&one);
    let several = imported(&json!({
        "ThumbnailURL": "{regex:.+}", "DeletionURL": "https://up.example.com/d/{json:data.hash}/{json:data.code}",
    }));
    assert_eq!(provider(&several).facts().results.values, ["/url", "/data/hash", "/data/code"]);
    assert_eq!(several.notes, ["DeletionURL is put together of several texts: Hoist keeps hash and code"]);
    played(&several);
    assert_refused(&json!({ "DeletionURL": "{header:X-Delete}" }), "DeletionURL has {header}");
    assert_refused(&json!({ "DeletionURL": "{json:url.delete}" }), "DeletionURL reads a value where another");
}

#[test]
fn a_link_may_stand_in_a_header_of_the_reply() {
    let alone = imported(&json!({ "URL": "{header:Location}" }));
    assert!(alone.toml.contains("capture = { \"part1\" = { \"header\" = \"location\" } }"), "{}", alone.toml);
    let receipt = rehearse(provider(&alone), Media::Png).unwrap();
    assert_eq!(receipt.first(), "https://files.example.com/0a1b2c3d-0000-4000-8000-000000000001");
    let part = imported(&json!({ "URL": "https://x.test/{header:x-id}/{json:key}" }));
    let receipt = rehearse(provider(&part), Media::Png).unwrap();
    let uuid = "0a1b2c3d-0000-4000-8000-000000000001";
    assert_eq!(receipt.first(), format!("https://x.test/{uuid}/{uuid}"));
}

#[test]
fn what_the_format_cannot_read_is_named_with_its_field() {
    for (url, why) in [
        ("{regex:(.+)|1}", "URL finds a part of the reply by a regular expression, with {regex}"),
        ("{responseurl}", "URL takes the address that the reply was redirected to"),
        ("{header:}", "URL has {header} without the name of one"),
        ("{xml:/a/b}", "URL reads the reply as XML"),
        ("https://x.test/{select:a|b}", "URL has {select}"),
        ("https://x.test/{nonsense:a}", "URL has an unknown {…}"),
        ("https://x.test/latest", "URL is the same for every file"),
        ("https://x.test/ {json:id}", "URL has a blank"),
        ("{json:a[*].b}", "URL picks values by a wildcard"),
        ("{json:a[?(@.b == 1)].c}", "URL picks values by a wildcard"),
        ("{json:a[-1:]}", "URL picks values by a wildcard"),
        ("{json:.url}", "URL searches the reply at any depth"),
        ("{json:a..b}", "URL searches the reply at any depth"),
        ("{json:[0].url}", "URL reads a reply that is a list"),
        ("{json}", "URL has {json} without a path"),
        ("{json:$}", "URL takes the whole reply"),
        ("{json:url", "URL has a { without its }"),
        ("a}b", "URL has a } or | outside"),
        ("{}", "URL has {}"),
        ("$json:url", "URL has a $ without its second"),
    ] {
        assert_refused(&json!({ "URL": url }), why);
    }
    assert_refused(&json!({ "ResponseType": "RedirectionURL" }), "ResponseType takes the link");
    assert_refused(&json!({ "Arguments": { "a": "{random:b|c}" } }), "Arguments.a has {random}");
    assert_refused(&json!({ "Arguments": { "a": "{base64:{filename}}" } }), "Arguments.a has {base64}");
    assert_refused(&json!({ "Parameters": { "a": "%y-%mo" } }), "Parameters.a has a code");
    assert_refused(
        &json!({ "Headers": { "User-Agent": "x" } }),
        "Headers.User-Agent is a header that Hoist sets",
    );
    assert_refused(
        &json!({ "Headers": { "Content-Type": "text/plain" } }),
        "Headers.Content-Type is another type",
    );
    let all = super::refused(&json!({ "URL": "{responseurl}", "Body": "XML", "RequestMethod": "GET" }));
    assert_eq!(all.len(), 3, "{all:?}");
}

#[test]
fn json_paths_become_pointers() {
    for (path, pointer) in [
        ("a.b[0].c", "/a/b/0/c"),
        ("$.a.b", "/a/b"),
        ("$['a']['b.c']", "/a/b.c"),
        ("a[\"b\"][12]", "/a/b/12"),
        ("a/b.c~d", "/a~1b/c~0d"),
        ("['attachments'][0]['url']", "/attachments/0/url"),
        ("full_result_id", "/full_result_id"),
    ] {
        assert_eq!(super::super::json_path::pointer(path), Ok(pointer.to_owned()), "{path}");
        let imported = imported(&json!({ "URL": format!("{{json:{path}}}") }));
        assert!(provider(&imported).pointers().contains(&pointer), "{path}");
        played(&imported);
    }
}

#[test]
fn addresses_of_this_computer_and_its_network_are_http() {
    for (url, host) in [
        ("http://127.0.0.1:8000/new", "http://127.0.0.1:8000"),
        ("http://localhost/new", "http://localhost"),
        ("http://[::1]:81/new", "http://[::1]:81"),
        ("http://192.168.1.5/new", "http://192.168.1.5"),
        ("http://nas.local:5000/new", "http://nas.local:5000"),
    ] {
        let imported = imported(&json!({ "RequestURL": url }));
        assert_eq!(target(&request(&imported)), format!("{host}/new"));
        assert!(provider(&imported).facts().vendor.is_local);
        played(&imported);
    }
    assert_refused(
        &json!({ "RequestURL": "http://up.example.com/new" }),
        "RequestURL goes to the internet by http",
    );
    assert_refused(&json!({ "RequestURL": "https://192.168.1.5/new" }), "RequestURL goes to this computer");
    let with_key = json!({ "RequestURL": "http://127.0.0.1:8000/new", "Parameters": { "key": "abc" } });
    assert_eq!(imported(&with_key).key.as_deref(), Some("abc"));
    let far = json!({ "RequestURL": "http://192.168.1.5/new", "Parameters": { "key": "abc" } });
    assert_refused(&far, "RequestURL goes to another computer by http");
}

#[test]
fn its_id_is_its_name_or_its_host_and_no_reserved_one() {
    let id = |name: &str, reserved: &[&str]| -> String {
        let file = super::uploader(&json!({ "Name": name }));
        import(&file, "2026-11-28", reserved).map(|imported| imported.id).unwrap_or_default()
    };
    assert_eq!(id("My  Host (v2)!", &[]), "my-host-v2");
    assert_eq!(id("图床", &[]), "up-example-com");
    assert_eq!(id("", &[]), "up-example-com");
    assert_eq!(id("Useapi", &["useapi"]), "useapi-sxcu");
    assert_eq!(id(&"a".repeat(60), &[]).len(), 40);
    let page = |site: &str| {
        let imported = imported(&json!({ "WebsiteURL": site }));
        provider(&imported).facts().document.page
    };
    assert_eq!(page("https://example.com/about"), "https://example.com/about");
    assert_eq!(page("javascript:alert(1)"), "https://up.example.com/");
    assert!(matches!(Value::from(page("")), Value::String(_)));
}
