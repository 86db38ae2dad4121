//! `ShareX`'s custom uploaders (`.sxcu`) as providers' files: whole, or not at all.
//!
//! Their keys stand in them in the clear. They are taken out first, and no text of a result has one in it.

mod address;
mod body;
mod json_path;
mod keys;
mod problems;
mod reply;
mod request;
mod source;
mod syntax;
mod write;

#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::path::PathBuf;

use address::RequestAddress;
use problems::ProblemList;
use reply::ReplyRules;
use request::RequestFields;
use source::UploaderFile;

use super::build;
use super::spec::ProviderSource;
use crate::model::encoding;
use crate::model::media::{Kind, Media};
use crate::model::text::{elide, sanitize};

/// No uploader is larger.
pub const MAX_UPLOADER: usize = 256 * 1024;

/// The document of the format; also the page of uploaders at addresses that have none on the internet.
const DOCUMENT: &str = "https://getsharex.com/docs/custom-uploader";

/// A provider made of a custom uploader. It has no `Debug`: the key is in it.
pub struct Imported {
    /// Its id: the uploader's name in small letters and `-`.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// Its file; no key is in it.
    pub toml: String,
    /// The key that stood in the uploader, for the keyring.
    pub key: Option<String>,
    /// What of the uploader has no use here, a sentence each.
    pub notes: Vec<String>,
}

/// Why an uploader cannot be imported: each a sentence that names the field, and no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct Unsupported(pub Vec<String>);

/// Makes a provider's file of a custom uploader. `checked` is today's date; `reserved` are ids that it cannot have.
pub fn import(file: &[u8], checked: &str, reserved: &[&str]) -> Result<Imported, Unsupported> {
    let mut problems = ProblemList::default();
    match read(file, checked, reserved, &mut problems) {
        Some(imported) if problems.is_empty() => Ok(imported),
        _ => Err(Unsupported(problems.into_sentences())),
    }
}

fn read(file: &[u8], checked: &str, reserved: &[&str], problems: &mut ProblemList) -> Option<Imported> {
    if file.len() > MAX_UPLOADER {
        problems.add("The file", &format!("is larger than {} kB", MAX_UPLOADER / 1024));
        return None;
    }
    let text = problems.note("The file", encoding::strict(file).ok_or("is no text in UTF-8 or UTF-16"))?;
    let file = UploaderFile::read(&text, problems)?;
    let address = address::read(&file.address, file.form, problems);
    let in_address = address.as_ref().map(|address| &*address.parameters).unwrap_or_default();
    let fields = RequestFields::read(&file, in_address, problems);
    let body = body::body(&file, &fields.parts, problems);
    if !matches!(file.method.as_str(), "POST" | "PUT") {
        problems.add("RequestMethod", "must be POST or PUT: with others Hoist sends no file");
    }
    let host = address.as_ref().map(|address| address.host.clone()).unwrap_or_default();
    let name = Some(file.name.as_str()).filter(|name| !name.is_empty() && !keys::looks_like_key(name));
    let name = elide(&sanitize(name.unwrap_or(&host)), 40);
    let id = id(&name, &host, reserved);
    let rules = ReplyRules::read(&file, &id, problems);
    let (address, body) = (address?, body?);
    if address.is_local && !address.is_loopback && !fields.keys.is_empty() {
        let why = "goes to another computer by http://; Hoist sends no key there";
        problems.add("RequestURL", why);
    }
    let sends_name = fields.query.iter().chain(&fields.headers).any(|(_, text)| text.contains("{file.name}"))
        || body.contains("multipart")
        || body.contains("{file.name}");
    if rules.names_file && !sends_name {
        problems
            .add("URL", "has {filename}, and the request sends no name that Hoist could make fit for a link");
    }
    if !problems.is_empty() {
        return None;
    }
    let plan = FilePlan {
        id: &id,
        name: &name,
        page: page(&file, &address),
        checked,
        address: &address,
        fields: &fields,
    };
    let toml = plan.toml(&file.method, &body, &rules);
    // Whatever was overlooked above is found here, before anything is kept.
    if let Err(error) = build::provider(&toml, &ProviderSource::File(PathBuf::new()), &[]) {
        problems.add("The file", &format!("makes no valid provider: {}", error.problem));
        return None;
    }
    let key = fields.keys.into_iter().next().and_then(|key| key.key);
    Some(Imported { id, name, toml, key, notes: rules.notes })
}

/// Returns the uploader's own page, or its host's.
fn page(file: &UploaderFile, address: &RequestAddress) -> String {
    let is_page = |page: &str| {
        let url = url::Url::parse(page);
        url.is_ok_and(|url| url.scheme() == "https" && url.username().is_empty()) && page.len() <= 2048
    };
    match (is_page(&file.website) && !keys::hides_key(&file.website), address.is_local) {
        (true, _) => file.website.clone(),
        (false, false) => format!("https://{}/", address.host),
        (false, true) => DOCUMENT.to_owned(),
    }
}

/// Returns a name in small letters and `-`.
fn id(name: &str, host: &str, reserved: &[&str]) -> String {
    let kebab = |text: &str| {
        let mut id = String::new();
        for c in text.chars().map(|c| c.to_ascii_lowercase()) {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                id.push(c);
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
        }
        id.truncate(40);
        id.trim_matches('-').to_owned()
    };
    let mut id =
        [kebab(name), kebab(host)].into_iter().find(|id| !id.is_empty()).unwrap_or("uploader".to_owned());
    if reserved.contains(&id.as_str()) {
        id.truncate(35);
        id = format!("{}-sxcu", id.trim_end_matches('-'));
    }
    id
}

/// What the file of a provider is made of.
struct FilePlan<'a> {
    id: &'a str,
    name: &'a str,
    page: String,
    checked: &'a str,
    address: &'a RequestAddress,
    fields: &'a RequestFields,
}

impl FilePlan<'_> {
    fn toml(&self, method: &str, body: &str, rules: &ReplyRules) -> String {
        let quoted = write::quoted;
        let templates = |named: &request::NamedTexts| {
            write::table(named.iter().map(|(name, text)| (name.as_str(), quoted(text))))
        };
        let mut out =
            String::from("# Made of a ShareX custom uploader, not tried against the live service.\n");
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        let mut set = |name: &str, value: String| line(&format!("{name} = {value}"));
        set("format", "1".to_owned());
        set("id", quoted(self.id));
        set("name", quoted(self.name));
        set("page", quoted(&self.page));
        set("document", quoted("A custom uploader (ShareX)"));
        set("checked", quoted(self.checked));
        line("\n[vendor]");
        let mut set = |name: &str, value: String| line(&format!("{name} = {value}"));
        set("id", quoted(self.id));
        set("name", quoted(self.name));
        set("hosts", write::list([self.address.host.as_str()]));
        match self.fields.keys.first() {
            None => set("auth", quoted("none")),
            Some(key) => {
                set("auth", key.auth.clone());
                set("keys_page", quoted(&self.page));
            }
        }
        if self.address.is_local {
            set("lan", "true".to_owned());
        }
        if rules.names_file {
            line("\n[filename]\nallowed = \"safe\"");
        }
        let types = Media::ALL.into_iter().filter(|media| media.kind() != Kind::Captions);
        line(&format!("\n[[accepts]]\ntypes = {}", write::list(types.map(|media| media.extensions()[0]))));
        line("\n[[step]]");
        let mut set = |name: &str, value: String| line(&format!("{name} = {value}"));
        set("method", quoted(method));
        set("url", quoted(&self.address.url()));
        for (name, named) in [("query", &self.fields.query), ("headers", &self.fields.headers)] {
            if !named.is_empty() {
                set(name, templates(named));
            }
        }
        set("body", body.to_owned());
        if !rules.captures.is_empty() {
            let captures = rules.captures.iter().map(|(name, capture)| (name.as_str(), capture.clone()));
            set("capture", write::table(captures));
        }
        line("\n[reply]");
        let mut set = |name: &str, value: String| line(&format!("{name} = {value}"));
        set("url", quoted(&rules.url));
        if !rules.values.is_empty() {
            set("values", write::list(rules.values.iter().map(String::as_str)));
        }
        let mut example = String::new();
        let _ = write!(example, "\n[[example]]\nbody = {}", quoted(&rules.example));
        if !rules.headers.is_empty() {
            let headers = rules.headers.iter().map(|(name, value)| (name.as_str(), quoted(value)));
            let _ = write!(example, "\nheaders = {}", write::table(headers));
        }
        line(&example);
        out
    }
}
