//! Where keys of uploaders go: to the keyring, or nowhere.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{assert_refused, import, imported, played, provider, refused, uploader};
use crate::provider::spec::Auth;

#[test]
fn a_key_is_taken_out_and_sent_as_it_was() {
    let header = |name: &'static str, prefix: &'static str| Auth::Header { name, prefix };
    for (more, auth, key) in [
        (json!({ "Headers": { "Authorization": "Bearer hunter2" } }), Auth::Bearer, "hunter2"),
        (json!({ "Headers": { "authorization": "Basic dXNlcjpwYXNz" } }), Auth::Basic, "user:pass"),
        (json!({ "Headers": { "Authorization": "Basic {base64:user:pass}" } }), Auth::Basic, "user:pass"),
        (
            json!({ "URL": "$json:url$", "Headers": { "Authorization": "Basic $base64:user:pass$" } }),
            Auth::Basic,
            "user:pass",
        ),
        (
            json!({ "Headers": { "Authorization": "Basic hunter2" } }),
            header("authorization", "Basic "),
            "hunter2",
        ),
        (
            json!({ "Headers": { "Authorization": "Client-ID 546c" } }),
            header("authorization", "Client-ID "),
            "546c",
        ),
        (
            json!({ "Headers": { "Authorization": "bearer hunter2" } }),
            header("authorization", "bearer "),
            "hunter2",
        ),
        (json!({ "Headers": { "Authorization": "hunter2" } }), header("authorization", ""), "hunter2"),
        (
            json!({ "Headers": { "Authorization": "hunter2 hunter3" } }),
            header("authorization", ""),
            "hunter2 hunter3",
        ),
        (json!({ "Headers": { "X-Api-Key": "hunter2" } }), header("x-api-key", ""), "hunter2"),
        (json!({ "Headers": { "X-Auth": "Token hunter2" } }), header("x-auth", "Token "), "hunter2"),
        (json!({ "Headers": { "baka_token": "hunter2" } }), header("baka_token", ""), "hunter2"),
        (json!({ "Parameters": { "key": "hunter2" } }), Auth::Query("key"), "hunter2"),
        (
            json!({ "RequestURL": "https://up.example.com/?apikey=hunter%322" }),
            Auth::Query("apikey"),
            "hunter22",
        ),
        (json!({ "Arguments": { "userhash": "hunter2" } }), Auth::Field("userhash"), "hunter2"),
        (json!({ "Arguments": { "clientId": 123 } }), Auth::Field("clientId"), "123"),
        (json!({ "Arguments": { "upload_password": "hunter2" } }), Auth::Field("upload_password"), "hunter2"),
        // By what it is, whatever it is called.
        (json!({ "Arguments": { "k": "9fKd03hs82Hd72hSd93k" } }), Auth::Field("k"), "9fKd03hs82Hd72hSd93k"),
    ] {
        let imported = imported(&more);
        assert_eq!(provider(&imported).facts().vendor.auth, auth, "{more}");
        assert!(imported.key.as_deref() == Some(key), "{more}");
        assert!(!imported.toml.contains(key), "{more}: {}", imported.toml);
        played(&imported);
    }
}

#[test]
fn room_for_a_key_is_kept_where_none_is_given_yet() {
    for more in [
        json!({ "Headers": { "Authorization": "" } }),
        json!({ "Headers": { "Authorization": "Bearer " } }),
        json!({ "Headers": { "Authorization": "Basic {base64:YOUR_USERNAME_HERE:YOUR_TOKEN_HERE}" } }),
        json!({ "Headers": { "token": "YOUR_TOKEN_HERE" } }),
        json!({ "Parameters": { "key": "<API KEY HERE (https://up.example.com/)>" } }),
        json!({ "Arguments": { "k": "YOUR API KEY" } }),
    ] {
        let imported = imported(&more);
        assert!(imported.key.is_none() && provider(&imported).facts().vendor.auth != Auth::None, "{more}");
    }
    // An empty field is a field, and no key.
    for more in [
        json!({ "Arguments": { "password": "" } }),
        json!({ "Arguments": { "key": null } }),
        json!({ "Arguments": { "genDeletionKey": "true" } }),
    ] {
        assert_eq!(provider(&imported(&more)).facts().vendor.auth, Auth::None, "{more}");
    }
}

#[test]
fn a_second_key_is_named() {
    let two = json!({ "Headers": { "Authorization": "Bearer aaa" }, "Arguments": { "secret": "bbb" } });
    assert_refused(&two, "Arguments.secret has a second key beside Headers.Authorization");
}

#[test]
fn a_key_where_hoist_sends_none_is_named() {
    for (more, why) in [
        (
            json!({ "RequestURL": "https://up.example.com/hooks/1/9fKd03hs82Hd72hSd93kLq" }),
            "RequestURL has what looks",
        ),
        (json!({ "RequestURL": "https://up.example.com/u;token=hunter2" }), "RequestURL has what looks"),
        (
            json!({ "RequestURL": "https://up.example.com/?9fKd03hs82Hd72hSd93kLq" }),
            "RequestURL.… has a name that looks",
        ),
        (
            json!({ "RequestURL": "https://user:hunter2@up.example.com/" }),
            "RequestURL has a name or a password",
        ),
        (json!({ "URL": "https://x.test/{json:id}?key=hunter2" }), "URL has what looks like a key"),
        (json!({ "Headers": { "Cookie": "hunter2" } }), "Headers.Cookie is a header that Hoist sets"),
        (
            json!({ "Parameters": { "key": "hunter2-{filename}" } }),
            "Parameters.key has what looks like a key",
        ),
        (
            json!({ "Body": "JSON", "Data": "{ \"token\": \"hunter2\", \"f\": \"{base64:{input}}\" }" }),
            "Data.token has what looks like a key",
        ),
    ] {
        assert_refused(&more, why);
    }
}

/// Where a key may stand in an uploader, in ways that are read and in ways that are not.
fn with_key(at: usize, key: &str) -> Value {
    match at {
        0 => json!({ "Headers": { "Authorization": format!("Bearer {key}") } }),
        1 => json!({ "Headers": { "Authorization": key } }),
        2 => json!({ "Headers": { "X-Auth-Token": key } }),
        3 => json!({ "Headers": { "x-anything": key } }),
        4 => json!({ "Parameters": { "api_key": key } }),
        5 => json!({ "Arguments": { "secret": key } }),
        6 => json!({ "Arguments": { "anything": key } }),
        7 => json!({ "RequestURL": format!("https://up.example.com/upload?token={key}") }),
        8 => json!({ "RequestURL": format!("https://up.example.com/hooks/{key}") }),
        9 => json!({ "RequestURL": format!("https://user:{key}@up.example.com/upload") }),
        10 => json!({ "URL": format!("https://x.test/{{json:id}}?token={key}") }),
        11 => json!({ "URL": format!("https://x.test/{key}/{{json:id}}") }),
        12 => json!({ "DeletionURL": format!("https://x.test/{{json:id}}?token={key}") }),
        13 => {
            json!({ "Body": "JSON", "Data": format!("{{\"token\":\"{key}\",\"f\":\"{{base64:{{input}}}}\"}}") })
        }
        14 => json!({ "Headers": { "Cookie": format!("sid={key}") } }),
        15 => json!({ "WebsiteURL": format!("https://x.test/?key={key}") }),
        16 => json!({ "RequestURL": format!("https://up.example.com/upload?{key}") }),
        17 => json!({ "Headers": { "Authorization": format!("Basic {{base64:jane:{key}}}") } }),
        18 => json!({ "Name": key }),
        19 => json!({ "Arguments": { key: "x" } }),
        20 => json!({ "ThumbnailURL": format!("https://x.test/{key}"), "ErrorMessage": key }),
        _ => json!({ "Arguments": { "token": format!("{{filename}}{key}") } }),
    }
}

proptest! {
    #[test]
    fn no_key_stands_in_a_file_or_a_sentence(
        places in prop::collection::vec(0usize..22, 1..3),
        keys in prop::collection::vec("[A-Za-z]{4}[0-9]{3}[A-Za-z0-9]{16}", 2),
    ) {
        let mut more = json!({});
        for (at, key) in places.iter().zip(&keys) {
            for (name, value) in with_key(*at, key).as_object().unwrap() {
                match (&mut more[name], value) {
                    (Value::Object(all), Value::Object(new)) => all.extend(new.clone()),
                    (known, _) => *known = value.clone(),
                }
            }
        }
        let texts = match import(&uploader(&more), "2026-11-28", &[]) {
            Ok(imported) => {
                prop_assert!(imported.key.is_none() || keys.iter().any(|key| imported.key.as_ref().is_some_and(|k| k.contains(key))));
                format!("{}{}{}{}", imported.toml, imported.id, imported.name, imported.notes.join(""))
            }
            Err(why) => why.to_string(),
        };
        for key in &keys {
            let hidden = !texts.to_ascii_lowercase().contains(&key.to_ascii_lowercase());
            prop_assert!(hidden, "{key} of {more} is in {texts}");
        }
    }
}

#[test]
fn sentences_name_fields_and_no_values() {
    let sentences =
        refused(&json!({ "Arguments": { "token": "a\nhunter2", "b": "{random:hunter2|c}" } })).join("\n");
    assert!(sentences.contains("Arguments.token") && !sentences.contains("hunter2"), "{sentences}");
}
