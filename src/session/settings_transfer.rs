//! Settings on their way to another computer: everything but keys, which stay in their keyring. What comes in was
//! written by anybody, so each part is looked at before it is taken over, and it is told what was not.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use toml::{Table, Value};

use super::copy_choices::{InvalidCopyTemplate, check_template};
use crate::model::copy_format::CopyTemplate;
use crate::model::destination::{Destination, InvalidName, KeyRecord, MAX_NAME, validate_name};
use crate::model::text::elide;
use crate::provider;
use crate::provider::check::{self, InvalidDestination};
use crate::provider::spec::Vendor;
use crate::store::keys::{self, KeyOfAnother};
use crate::store::settings::{InvalidProxySetting, MAX_BYTES, MAX_TEMPLATES, Proxy, Settings, free};
use crate::store::settings_text;

/// A file with more of them was not written by Hoist.
const MAX_DESTINATIONS: usize = 1000;

/// What is written above the settings.
const HEAD: &str = "# Settings of Hoist, for `hoist settings import`. Keys are not among them.\n";

/// What settings have beside choices.
const NO_CHOICES: [&str; 5] = ["chosen", "destination", "key", "template", "chosen_template"];

/// Why settings were not exported, or nothing of a file was taken over.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// They have no form in TOML.
    #[error("The settings cannot be written as TOML: {0}")]
    Unwritable(#[from] toml::ser::Error),
    /// No settings are that large.
    #[error("Settings of Hoist are at most 1 MB, and this is larger")]
    TooLarge,
    /// It is none, from this line on.
    #[error("This is not TOML as `hoist settings export` writes it{}", at_line(*.0))]
    NotToml(Option<usize>),
    /// It is the TOML of something else.
    #[error("The file has no settings of Hoist")]
    NoSettings,
    /// More than people have.
    #[error("The file has more than {MAX_DESTINATIONS} destinations")]
    TooManyDestinations,
    /// A destination, or something else.
    #[error("Its destinations are not a list")]
    NoList,
    /// Each choice is fine alone.
    #[error("The settings contradict each other: {}", .0.message())]
    Conflict(toml::de::Error),
    /// With what is here already it is too much.
    #[error("With these destinations the settings would be larger than 1 MB")]
    GrownTooLarge,
}

fn at_line(line: Option<usize>) -> String {
    line.map(|n| format!(": line {n} cannot be read")).unwrap_or_default()
}

/// A part of a file that was not taken over.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", elide(.name, 60))]
pub struct KeptOut {
    /// The destination's or the choice's name, as it stands in the file.
    pub name: String,
    /// What keeps it out.
    #[source]
    pub why: Unfit,
}

/// Why a destination or a choice was not taken over.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// A destination that lacks something, or has too much.
    #[error("it is not a valid destination")]
    Malformed,
    /// Of a destination.
    #[error("its name {0}")]
    Name(InvalidName),
    /// Of a destination.
    #[error("its key's name {0}")]
    KeyName(InvalidName),
    /// Of another version.
    #[error("this version of Hoist does not know the provider {}", elide(.0, 60))]
    UnknownProvider(String),
    /// A key goes to its own vendor only.
    #[error("its {0}")]
    Key(#[from] KeyOfAnother),
    /// Its account or options.
    #[error(transparent)]
    Destination(#[from] InvalidDestination),
    /// A choice of another version.
    #[error("this version of Hoist does not know it")]
    UnknownChoice,
    /// Of a choice.
    #[error("its value is not valid")]
    Value,
    /// What is out of bounds would apply as something else.
    #[error("its value is out of range")]
    OutOfBounds,
    /// The proxy's address cannot be used.
    #[error(transparent)]
    Proxy(#[from] InvalidProxySetting),
    /// A template for copying.
    #[error(transparent)]
    Template(#[from] InvalidCopyTemplate),
}

/// Returns the settings as TOML, without what is remembered of keys.
pub fn export(settings: &Settings) -> Result<String, TransferError> {
    let mut table = Table::try_from(settings)?;
    table.remove("key");
    Ok(format!("{HEAD}\n{}", toml::to_string_pretty(&table)?))
}

/// Writes the export. A file that exists is replaced whole or not at all; a pipe or a device is written to directly.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let there = fs::metadata(path);
    if there.is_ok_and(|m| !m.is_file()) {
        return File::options().write(true).open(path)?.write_all(text.as_bytes());
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?; // 0600 on Unix: accounts have people's names
    file.write_all(text.as_bytes())?;
    file.persist(&path).map(|_| ()).map_err(|e| e.error)
}

/// What is in a file of settings, before anything of it is applied.
#[derive(Debug)]
pub struct SettingsImport {
    choices: Table,
    chosen: Option<String>,
    destinations: Vec<Destination>,
    templates: Vec<CopyTemplate>,
    chosen_template: Option<String>,
    kept_out: Vec<KeptOut>,
}

impl SettingsImport {
    /// Reads a file's text; where that fails, nothing of the file is of use.
    pub fn read(text: &str) -> Result<SettingsImport, TransferError> {
        if text.len() as u64 > MAX_BYTES {
            return Err(TransferError::TooLarge);
        }
        let mut table = settings_text::read_table(text).map_err(|e: toml::de::Error| {
            let before = e.span().and_then(|s| text.get(..s.start));
            TransferError::NotToml(before.map(|before| before.matches('\n').count() + 1))
        })?;
        table.remove("key"); // keys and what is remembered of them belong to one computer
        let known = Table::try_from(Settings::default())?;
        let is_known = |name: &str| known.contains_key(name) || NO_CHOICES.contains(&name);
        if !table.keys().any(|name| is_known(name)) {
            return Err(TransferError::NoSettings);
        }
        let mut kept_out = vec![];
        let mut name = |key| table.remove(key).and_then(|name| name.as_str().map(ToOwned::to_owned));
        let (chosen, chosen_template) = (name("chosen"), name("chosen_template"));
        let listed = match table.remove("destination") {
            None => vec![],
            Some(Value::Array(list)) if list.len() <= MAX_DESTINATIONS => list,
            Some(Value::Array(_)) => return Err(TransferError::TooManyDestinations),
            Some(_) => return Err(TransferError::NoList),
        };
        let mut destinations = vec![];
        for one in listed {
            let name =
                one.get("name").and_then(Value::as_str).unwrap_or("A destination without a name").to_owned();
            match one.try_into::<Destination>() {
                Ok(destination) => destinations.push(destination),
                Err(_) => kept_out.push(KeptOut { name, why: Unfit::Malformed }),
            }
        }
        let templates = match table.remove("template") {
            None => vec![],
            Some(list) => read_templates(list, &mut kept_out),
        };
        let mut choices = Table::new();
        for (name, value) in table {
            match check_choice(&known, &name, &value) {
                Ok(()) => _ = choices.insert(name, value),
                Err(why) => kept_out.push(KeptOut { name, why }),
            }
        }
        Ok(SettingsImport { choices, chosen, destinations, templates, chosen_template, kept_out })
    }
}

/// Reads the templates of a file, each for itself.
fn read_templates(list: Value, kept_out: &mut Vec<KeptOut>) -> Vec<CopyTemplate> {
    let empty = Settings { templates: vec![], ..Settings::default() };
    let mut templates = vec![];
    let listed = match list {
        Value::Array(listed) => listed,
        other => vec![other],
    };
    for one in listed {
        let name = one.get("name").and_then(Value::as_str).unwrap_or("A template without a name").to_owned();
        let template = match one.try_into::<CopyTemplate>() {
            _ if templates.len() == MAX_TEMPLATES => Err(InvalidCopyTemplate::TooMany.into()),
            Ok(template) => match check_template(&empty, None, &template) {
                Ok(()) => Ok(template),
                Err(why) => Err(why.into()),
            },
            Err(_) => Err(Unfit::Value),
        };
        match template {
            Ok(template) => templates.push(template),
            Err(why) => kept_out.push(KeptOut { name, why }),
        }
    }
    templates
}

/// Adds templates that are not there yet, each under a free name; gives back the names of the new ones, and the name that
/// the chosen one has now.
fn merge_templates(
    settings: &mut Settings,
    incoming: Vec<CopyTemplate>,
    chosen: Option<&str>,
) -> (Vec<String>, Option<String>) {
    let (mut added, mut chosen_now) = (vec![], None);
    let is_there = |one: &CopyTemplate| incoming.iter().any(|t| t.line == one.line);
    let is_untouched = settings.templates == Settings::default().templates;
    if is_untouched && !incoming.is_empty() && !settings.templates.iter().any(is_there) {
        settings.templates.clear(); // it is the default, not the user's own
    }
    for template in incoming {
        let is_chosen = chosen == Some(&template.name);
        let there = settings.templates.iter().find(|t| t.line == template.line);
        let name = match there {
            Some(there) => there.name.clone(),
            None => free(&template.name, |name| settings.templates.iter().any(|t| t.name == name)),
        };
        if there.is_none() && settings.templates.len() < MAX_TEMPLATES {
            settings.templates.push(CopyTemplate { name: name.clone(), ..template });
            added.push(name.clone());
        }
        if is_chosen {
            chosen_now = Some(name);
        }
    }
    (added, chosen_now)
}

/// Destinations that came and cannot be used before this key is added.
#[derive(Debug, PartialEq, Eq)]
pub struct Missing {
    /// The vendor's id.
    pub vendor: &'static str,
    /// The name by which they know it.
    pub key: String,
    /// Their names.
    pub destinations: Vec<String>,
}

/// What became of settings that came in.
#[derive(Debug)]
pub struct Moved {
    /// The settings as they are then.
    pub settings: Settings,
    /// The destinations that are new, by the names they have now.
    pub added: Vec<String>,
    /// How many were here already.
    pub there: usize,
    /// The templates that are new, by the names they have now.
    pub templates: Vec<String>,
    /// The choices that were taken over.
    pub choices: Vec<String>,
    /// What was not taken over.
    pub kept_out: Vec<KeptOut>,
    /// The keys that are still to be added.
    pub missing: Vec<Missing>,
}

/// Returns the settings with what came in. `given` tells whether a vendor's key is here without being saved. Where it
/// fails, nothing is to be changed.
pub fn merge(
    settings: &Settings,
    incoming: SettingsImport,
    given: impl Fn(&Vendor) -> bool,
) -> Result<Moved, TransferError> {
    let mut settings = with_choices(settings, &incoming.choices)?;
    let mut kept_out = incoming.kept_out;
    let (mut added, mut there, mut missing) = (vec![], 0, vec![]);
    let mut names: HashSet<String> = settings.destinations.iter().map(|d| d.name.clone()).collect();
    // The same place under whatever name: coming twice doubles nothing.
    let mut places: HashMap<Destination, String> =
        settings.destinations.iter().rev().map(|d| (anonymised(d), d.name.clone())).collect();
    let mut named_now: HashMap<&str, String> = HashMap::new();
    for destination in &incoming.destinations {
        let vendor = match fit(&settings, destination) {
            Ok(vendor) => vendor,
            Err(why) => {
                kept_out.push(KeptOut { name: destination.name.clone(), why });
                continue;
            }
        };
        let name = if let Some(name) = places.get(&anonymised(destination)) {
            there += 1;
            name.clone()
        } else {
            let name = free(&destination.name, |name| names.contains(name));
            names.insert(name.clone());
            places.insert(anonymised(destination), name.clone());
            settings.destinations.push(Destination { name: name.clone(), ..destination.clone() });
            added.push(name.clone());
            name
        };
        named_now.entry(&destination.name).or_insert_with(|| name.clone());
        let is_here = |k: &KeyRecord| k.name == destination.key;
        if !given(vendor) && !settings.keys.iter().any(is_here) {
            needs(&mut missing, vendor.id, &destination.key, name);
        }
    }
    if let Some(name) = incoming.chosen.as_deref().and_then(|name| named_now.remove(name)) {
        settings.chosen = Some(name);
    }
    let (templates, chosen_template) =
        merge_templates(&mut settings, incoming.templates, incoming.chosen_template.as_deref());
    if chosen_template.is_some() {
        settings.chosen_template = chosen_template;
    }
    let size = toml::to_string_pretty(&settings)?.len();
    if size as u64 > MAX_BYTES {
        return Err(TransferError::GrownTooLarge);
    }
    let choices = incoming.choices.keys().cloned().collect();
    Ok(Moved { settings, added, there, templates, choices, kept_out, missing })
}

/// Returns a destination without its name.
fn anonymised(destination: &Destination) -> Destination {
    Destination { name: String::new(), ..destination.clone() }
}

fn needs(missing: &mut Vec<Missing>, vendor: &'static str, key: &str, destination: String) {
    match missing.iter_mut().find(|m| m.key == key) {
        Some(one) if one.destinations.contains(&destination) => {}
        Some(one) => one.destinations.push(destination),
        None => missing.push(Missing { vendor, key: key.to_owned(), destinations: vec![destination] }),
    }
}

fn with_choices(settings: &Settings, choices: &Table) -> Result<Settings, TransferError> {
    let mut table = Table::try_from(settings)?;
    table.extend(choices.clone());
    table.try_into().map_err(TransferError::Conflict)
}

/// Returns whether a choice may come in.
fn check_choice(known: &Table, name: &str, value: &Value) -> Result<(), Unfit> {
    if !known.contains_key(name) {
        return Err(Unfit::UnknownChoice);
    }
    let mut table = known.clone();
    table.insert(name.to_owned(), value.clone());
    let settings = table.try_into::<Settings>().map_err(|_| Unfit::Value)?;
    if settings.clone().clamped() != settings {
        return Err(Unfit::OutOfBounds);
    }
    if let Proxy::Url(address) = &settings.proxy {
        Proxy::check(address)?;
    }
    Ok(())
}

/// Returns the vendor of a destination that may come in, or why it may not.
fn fit(settings: &Settings, destination: &Destination) -> Result<&'static Vendor, Unfit> {
    let Destination { name, provider, key, .. } = destination;
    validate_name(name, MAX_NAME).map_err(Unfit::Name)?;
    validate_name(key, MAX_NAME).map_err(Unfit::KeyName)?;
    let facts = provider::by_id(provider).map(|p| p.facts());
    let facts = facts.ok_or_else(|| Unfit::UnknownProvider(provider.clone()))?;
    // Whatever a file says: by its name a key would go to any vendor.
    keys::check_owner(&settings.keys, key, facts)?;
    match check::destination(facts, destination).into_iter().next() {
        Some(problem) => Err(problem.into()),
        None => Ok(facts.vendor),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::settings::Theme;

    fn to(name: &str, provider: &str, key: &str) -> Destination {
        let (provider, key) = (provider.to_owned(), key.to_owned());
        Destination {
            name: name.to_owned(),
            provider,
            key,
            account: None,
            options: std::collections::BTreeMap::new(),
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
        let text = export(&settings).unwrap();
        assert!(!text.contains("[[key]]") && !text.contains("Mine") && !text.contains("2026"), "{text}");
        let moved = come(&Settings::default(), &text);
        assert_eq!(moved.settings, Settings { keys: vec![], ..settings.clone() });
        assert_eq!(
            (moved.added, moved.there, moved.kept_out.len()),
            (vec!["A".to_owned(), "B".to_owned()], 0, 0)
        );
        let missing = |vendor, key: &str, name: &str| Missing {
            vendor,
            key: key.into(),
            destinations: vec![name.into()],
        };
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
            ("\u{0}\u{1b}", "not TOML"),
            ("destination = 5", "not a list"),
            (&many, "more than 1000"),
            (&"#".repeat(1024 * 1024 + 1), "at most 1 MB, and this is larger"),
            (&format!("a = {}", "[".repeat(100_000)), "not TOML"),
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
}
