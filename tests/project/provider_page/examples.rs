//! The examples of the page are files that Hoist reads, and those with examples of their own lead to a result.

use std::path::PathBuf;

use hoist::provider::build::{self, InvalidProvider};
use hoist::provider::rehearsal::rehearse;
use hoist::provider::spec::ProviderSource;
use hoist::provider::{self, Provider};

use super::{PAGE, read};

/// Where a block begins, and its text.
type Block = (usize, String);

/// Reads a file as one of a person's own.
fn load(text: &str) -> Result<&'static Provider, InvalidProvider> {
    build::provider(text, &ProviderSource::File(PathBuf::from("own.toml")), &provider::vendors())
}

/// The blocks of a language, each with its line.
fn blocks(page: &str, language: &str) -> Vec<Block> {
    let mut found: Vec<Block> = vec![];
    let mut is_open = false;
    for (number, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(name) if !is_open && name == language => {
                is_open = true;
                found.push((number + 1, String::new()));
            }
            Some(_) => is_open = false,
            None if is_open => {
                *found.last_mut().unwrap() = {
                    let (number, text) = found.last().unwrap();
                    (*number, format!("{text}{line}\n"))
                }
            }
            None => {}
        }
    }
    found
}

/// The page's whole files and parts of files.
fn files() -> (Vec<Block>, Vec<Block>) {
    let all = blocks(&read(PAGE), "toml");
    all.into_iter().partition(|(_, text)| text.lines().any(|line| line == "format = 1"))
}

/// A part of a file, put into a whole one: its tables replace those there.
fn merged(whole: &str, part: &str) -> String {
    let mut file: toml::Table = whole.parse().unwrap();
    for (name, value) in part.parse::<toml::Table>().unwrap() {
        match (file.get_mut(&name), value) {
            (Some(toml::Value::Table(own)), toml::Value::Table(more)) if name == "vendor" => own.extend(more),
            (_, value) => _ = file.insert(name, value),
        }
    }
    file.to_string()
}

/// Plays an upload of each accepted type by the file's own examples; returns how many steps it takes.
fn play(provider: &Provider) -> usize {
    for media in provider.facts().types() {
        let receipt = rehearse(provider, media).unwrap_or_else(|e| panic!("{}: {e}", provider.facts().id));
        assert!(!receipt.first().is_empty());
    }
    provider.steps()
}

#[test]
fn every_whole_file_of_the_page_is_a_provider() {
    let mut steps = vec![];
    for (line, text) in files().0 {
        let provider = load(&text).unwrap_or_else(|e| panic!("{PAGE}:{line}: {e}"));
        if text.contains("[[example]]") {
            assert!(
                provider.missing_examples().is_empty(),
                "{PAGE}:{line}: {:?}",
                provider.missing_examples()
            );
            steps.push(play(provider));
        }
    }
    assert!(steps.contains(&2), "the tutorial ends with a provider of two steps: {steps:?}");
}

#[test]
fn every_part_of_a_file_fits_into_the_tutorials() {
    let (whole, parts) = files();
    let (first, last) =
        (&whole[0].1, &whole.iter().rfind(|(_, text)| text.contains("id = \"shelf\"")).unwrap().1);
    assert!(parts.len() > 12, "{}", parts.len());
    let mut played = 0;
    for (line, part) in parts {
        // What shows a step of its own stands in the first, which has one, without examples.
        let base = if part.contains("[[step]]") { first } else { last };
        let file = merged(base, &part);
        let provider = load(&file).unwrap_or_else(|e| panic!("{PAGE}:{line}: {e}\n{file}"));
        if file.contains("[[example]]") {
            assert!(
                provider.missing_examples().is_empty(),
                "{PAGE}:{line}: {:?}",
                provider.missing_examples()
            );
            play(provider);
            played += 1;
        }
    }
    assert!(played > 6, "{played}");
}

#[test]
fn every_way_of_sending_a_key_that_the_page_names_can_be_read() {
    let whole = files().0;
    let form = "[[step]]\nmethod = \"POST\"\nurl = \"https://api.shelf.example/v1/files\"\nbody = { multipart = [{ name = \"file\", file = true }] }\n";
    let page = read(PAGE);
    let ways: Vec<_> = page
        .lines()
        .filter(|line| line.starts_with('|'))
        .filter_map(|line| line.split('`').find(|text| text.starts_with("auth = ")))
        .collect();
    assert_eq!(ways.len(), 7, "{ways:?}");
    for way in ways {
        let file = merged(&whole[0].1, &format!("{form}[vendor]\n{way}\n"));
        load(&file).unwrap_or_else(|e| panic!("{way}: {e}"));
    }
}

#[test]
fn the_error_that_the_page_shows_is_the_one_that_people_see() {
    let first = &files().0[0].1;
    let shown = &blocks(&read(PAGE), "text")[0].1;
    let wrong = first.replace("api.shelf.example/v1", "files.shelf.example/v1");
    assert_eq!(load(&wrong).unwrap_err().to_string(), shown.trim());
}
