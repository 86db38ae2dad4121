//! What goes out and what comes in.

use super::*;
use crate::model::copy_format::CopyTemplate;
use crate::model::destination::{Destination, KeyRecord};
use crate::store::settings::{Proxy, Theme};

fn to(name: &str, provider: &str, key: &str) -> Destination {
    let (provider, key) = (provider.to_owned(), key.to_owned());
    Destination {
        name: name.to_owned(),
        provider,
        key,
        account: None,
        options: std::collections::BTreeMap::new(),
        fit: crate::model::fit::FitRules::default(),
    }
}

fn key(name: &str, vendor: &str) -> KeyRecord {
    let (name, vendor) = (name.to_owned(), vendor.to_owned());
    KeyRecord { name, vendor, added: jiff::civil::date(2026, 3, 1), label: Some("Mine".to_owned()) }
}

fn come(settings: &Settings, text: &str) -> Moved {
    merge(settings, SettingsImport::read(text).unwrap(), |_| false).unwrap()
}

fn names(settings: &Settings) -> Vec<&str> {
    settings.destinations.iter().map(|d| d.name.as_str()).collect()
}

#[test]
fn what_goes_out_comes_in_elsewhere_without_the_keys() {
    let mut settings = Settings { theme: Theme::Dark, uploads_at_once: 7, ..Settings::default() };
    settings.proxy = Proxy::Url("http://proxy.example.com:8080".to_owned());
    settings.chosen = Some("B".to_owned());
    settings.keys.push(key("work", "useapi"));
    let account = Some("jane@example.com".to_owned());
    settings.destinations =
        vec![to("A", "piapi", "piapi"), Destination { account, ..to("B", "flow-music", "work") }];
    let text = export(&settings, &[]).unwrap();
    assert!(!text.contains("[[key]]") && !text.contains("Mine") && !text.contains("2026"), "{text}");
    let moved = come(&Settings::default(), &text);
    assert_eq!(moved.settings, Settings { keys: vec![], ..settings.clone() });
    assert_eq!(
        (moved.added, moved.there, moved.kept_out.len()),
        (vec!["A".to_owned(), "B".to_owned()], 0, 0)
    );
    let missing =
        |vendor, key: &str, name: &str| Missing { vendor, key: key.into(), destinations: vec![name.into()] };
    assert_eq!(moved.missing, [missing("piapi", "piapi", "A"), missing("useapi", "work", "B")]);
    // Once more, and where the keys are.
    let again = come(&settings, &text);
    assert_eq!((again.settings, again.added.len(), again.there), (settings, 0, 2));
    assert_eq!(again.missing.len(), 1, "work is here");
}

#[test]
fn only_what_is_in_the_file_changes() {
    let mut settings = Settings { theme: Theme::Dark, notify: false, ..Settings::default() };
    settings.chosen = Some("A".to_owned());
    settings.destinations.push(to("A", "piapi", "piapi"));
    let moved = come(&settings, "uploads_at_once = 2\nchosen = \"nowhere\"\n");
    assert_eq!(moved.settings, Settings { uploads_at_once: 2, ..settings });
    assert_eq!(moved.choices, ["uploads_at_once"]);
}

#[test]
fn another_destination_of_the_same_name_gets_a_free_one_once() {
    let mut settings = Settings { chosen: Some("A".to_owned()), ..Settings::default() };
    settings.destinations.push(to("A", "piapi", "piapi"));
    let text = "chosen = \"A\"\n[[destination]]\nname = \"A\"\nprovider = \"indream\"\nkey = \"indream\"\n\
                [[destination]]\nname = \"A\"\nprovider = \"riffusion\"\nkey = \"useapi\"\n\
                [[destination]]\nname = \"Z\"\nprovider = \"piapi\"\nkey = \"piapi\"\n";
    let moved = come(&settings, text);
    assert_eq!(names(&moved.settings), ["A", "A 2", "A 3"]);
    assert_eq!((moved.added.len(), moved.there), (2, 1), "Z is A");
    assert_eq!(moved.settings.chosen.as_deref(), Some("A 2"), "the choice is the file's A");
    assert_eq!(moved.missing[0].destinations, ["A 2"]);
    let again = come(&moved.settings, text);
    assert_eq!((&again.settings, again.added.len(), again.there), (&moved.settings, 0, 3));
}

#[test]
fn a_file_cannot_send_a_key_to_another_vendor() {
    let settings = Settings { keys: vec![key("work", "useapi")], ..Settings::default() };
    for other in ["work", "useapi"] {
        let text = format!("[[destination]]\nname = \"A\"\nprovider = \"indream\"\nkey = \"{other}\"\n");
        let moved = come(&settings, &text);
        assert_eq!((&moved.settings, moved.kept_out.len()), (&settings, 1));
        assert!(
            moved.kept_out[0]
                .to_string()
                .contains("belongs to useapi.net, and Indream needs a key of Indream")
        );
    }
    // A file's own records of keys are not believed either.
    let text = "theme = \"dark\"\n[[key]]\nname = \"x\"\nservice = \"indream\"\nadded = \"2026-03-01\"\n";
    assert_eq!(come(&settings, text).settings.keys, settings.keys);
}

#[test]
fn each_hostile_part_is_kept_out_and_the_rest_comes() {
    let good = "name = \"Good\"\nprovider = \"flow-music\"\nkey = \"useapi\"";
    let long = "n".repeat(301);
    for (part, why) in [
        ("name = \"B\"\nprovider = \"tomorrow\"\nkey = \"k\"", "does not know the provider tomorrow"),
        ("name = \"B\\u001b[2J\"\nprovider = \"piapi\"\nkey = \"k\"", "line of text"),
        ("name = \"B\\u202e\"\nprovider = \"piapi\"\nkey = \"k\"", "line of text"),
        ("name = \"B\"\nprovider = \"piapi\"\nkey = \"k\\nk\"", "its key's name"),
        ("name = \"\"\nprovider = \"piapi\"\nkey = \"k\"", "must not be empty"),
        (&format!("name = \"{long}\"\nprovider = \"piapi\"\nkey = \"k\""), "300 characters"),
        ("name = \"B\"\nprovider = \"piapi\"", "not a valid destination"),
        ("provider = 5", "without a name"),
        ("name = \"B\"\nprovider = \"piapi\"\nkey = \"k\"\naccount = \"jane\"", "no accounts"),
        ("name = \"B\"\nprovider = \"flow-music\"\nkey = \"k\"\naccount = \"jane\"", "email address"),
        ("name = \"B\"\nprovider = \"piapi\"\nkey = \"k\"\noptions = { x = \"1\" }", "no option x"),
        (
            "name = \"B\"\nprovider = \"flow-music\"\nkey = \"k\"\noptions = { stripMetadata = \"no\" }",
            "true or false",
        ),
    ] {
        let moved =
            come(&Settings::default(), &format!("[[destination]]\n{part}\n[[destination]]\n{good}\n"));
        assert_eq!(names(&moved.settings), ["Good"], "{part}");
        assert!(
            moved.kept_out.len() == 1 && moved.kept_out[0].to_string().contains(why),
            "{part}: {:?}",
            moved.kept_out
        );
    }
    for (choice, why) in [
        ("theme = \"sepia\"", "theme: its value is not valid"),
        ("uploads_at_once = 1000", "out of range"),
        ("uploads_at_once = -1", "not valid"),
        ("copy_template = \"{nope}\"", "there is no {nope}"),
        ("copy_template = \"a\\u001b[2J\"", "one line"),
        (
            "template = [{ name = \"A\", line = \"{nope}\" }]",
            "A: The line cannot be used: there is no {nope}",
        ),
        ("template = [{ name = \"ID\", line = \"{id}\" }]", "named ID already"),
        ("template = [{ line = \"{id}\" }]", "A template without a name: its value is not valid"),
        ("template = 3", "its value is not valid"),
        ("proxy = { url = \"http://user:word@proxy\" }", "out of range"),
        ("tomorrow = 1", "does not know it"),
    ] {
        let moved = come(&Settings::default(), &format!("notify = false\n{choice}\n"));
        assert_eq!(moved.settings, Settings { notify: false, ..Settings::default() }, "{choice}");
        assert!(
            moved.kept_out.len() == 1 && moved.kept_out[0].to_string().contains(why),
            "{choice}: {:?}",
            moved.kept_out
        );
    }
}

#[test]
fn templates_come_beside_those_that_are_there() {
    let template = |name: &str, line: &str| CopyTemplate { name: name.into(), line: line.into() };
    let text = "copy_format = \"template\"\nchosen_template = \"Wiki\"\n\
        [[template]]\nname = \"Wiki\"\nline = \"[[{name}]]\"\n[[template]]\nname = \"Mine\"\nline = \"{url}\"\n";
    let moved = come(&Settings::default(), text);
    assert_eq!(moved.templates, ["Wiki", "Mine"], "in place of the one that is there at first");
    assert_eq!((moved.settings.templates.len(), moved.settings.template_line()), (2, "[[{name}]]"));
    let mine = vec![template("Mine", "{url}"), template("Wiki", "another")];
    let moved = come(&Settings { templates: mine, ..Settings::default() }, text);
    assert_eq!(moved.templates, ["Wiki 2"], "{:?}", moved.settings.templates);
    assert_eq!((moved.settings.templates.len(), moved.settings.template_line()), (3, "[[{name}]]"));
    let again = come(&moved.settings, text);
    assert_eq!((again.templates.len(), again.settings), (0, moved.settings));
    let of_before = come(&Settings::default(), "copy_template = \"{url}\"\n");
    assert_eq!(of_before.settings.templates, [template("Template", "{url}")]);
}

#[test]
fn what_is_no_file_of_settings_is_refused_as_a_whole() {
    let many = "[[destination]]\nname = \"a\"\nprovider = \"piapi\"\nkey = \"k\"\n".repeat(1001);
    for (text, why) in [
        ("", "no settings of Hoist"),
        ("[package]\nname = \"x\"\n", "no settings of Hoist"),
        ("notify = true\ntheme = \n", "line 2"),
        ("\u{0}\u{1b}", "not a file of exported settings"),
        ("destination = 5", "not a list"),
        (&many, "more than 1000"),
        (&"#".repeat(1024 * 1024 + 1), "at most 1 MB, and this is larger"),
        (&format!("a = {}", "[".repeat(100_000)), "not a file of exported settings"),
    ] {
        let said = SettingsImport::read(text).unwrap_err().to_string();
        assert!(said.contains(why) && !said.contains('\n'), "{said}");
    }
}

#[test]
fn settings_never_grow_beyond_what_is_read_again() {
    let text = |letter: &str| -> String {
        let one = |n| {
            format!(
                "[[destination]]\nname = \"{letter}{n}\"\nprovider = \"riffusion\"\nkey = \"useapi\"\naccount = \"{}{n}\"\n",
                letter.repeat(850)
            )
        };
        (0..999).map(one).collect()
    };
    let moved = come(&Settings::default(), &text("a"));
    assert_eq!(moved.added.len(), 999);
    let said = merge(&moved.settings, SettingsImport::read(&text("b")).unwrap(), |_| false);
    let said = said.unwrap_err().to_string();
    assert!(said.contains("larger than 1 MB"), "{said}");
}
