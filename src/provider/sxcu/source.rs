//! The fields of a custom uploader as `ShareX` reads them: names in any case, older names beside today's.

use serde_json::{Map, Value};

use super::problems::{ProblemList, entry};
use super::syntax::{self, SyntaxForm};

/// From this version on, calls stand between braces; before it, between dollar signs.
const BRACES_SINCE: [u32; 3] = [13, 7, 2];

/// A custom uploader.
pub(super) struct UploaderFile {
    pub(super) name: String,
    /// `POST`, in capitals.
    pub(super) method: String,
    pub(super) address: String,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: UploaderBody,
    pub(super) arguments: Vec<(String, String)>,
    /// The name of the form's part that is the file.
    pub(super) file_part: String,
    pub(super) data: String,
    pub(super) url: String,
    pub(super) thumbnail: String,
    pub(super) deletion: String,
    pub(super) website: String,
    pub(super) form: SyntaxForm,
}

/// What an uploader sends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum UploaderBody {
    None,
    Multipart,
    UrlEncoded,
    Json,
    Xml,
    Binary,
}

impl UploaderFile {
    /// Reads the fields; none where something is no custom uploader at all.
    pub(super) fn read(text: &str, problems: &mut ProblemList) -> Option<UploaderFile> {
        let object: Map<String, Value> = match serde_json::from_str(text) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                problems.add("The file", "is no custom uploader: it must be a JSON object");
                return None;
            }
            Err(error) => {
                problems.add("The file", &format!("is not JSON that Hoist can read: {error}"));
                return None;
            }
        };
        let mut fields = UploaderFields { object: &object, problems };
        let version = fields.text("Version");
        let address = fields.text("RequestURL");
        if address.trim().is_empty() {
            fields.problems.add("RequestURL", "is missing: a custom uploader says where it sends files");
            return None;
        }
        let method = fields.first(&["RequestMethod", "RequestType"]).to_ascii_uppercase();
        let method = if method.is_empty() { "POST".to_owned() } else { method };
        let file_part = fields.text("FileFormName");
        let body = fields.body(&file_part);
        fields.destinations();
        fields.response_type();
        let mut file = UploaderFile {
            name: fields.text("Name").trim().to_owned(),
            method,
            address: address.trim().to_owned(),
            parameters: fields.table("Parameters"),
            headers: fields.table("Headers"),
            body: body.unwrap_or(UploaderBody::None),
            arguments: fields.table("Arguments"),
            file_part,
            data: fields.text("Data"),
            url: fields.text("URL").trim().to_owned(),
            thumbnail: fields.text("ThumbnailURL").trim().to_owned(),
            deletion: fields.text("DeletionURL").trim().to_owned(),
            website: fields.text("WebsiteURL").trim().to_owned(),
            form: SyntaxForm::Braces,
        };
        file.form = syntax::form(&file.texts(), is_since_braces(&version));
        body.map(|_| file)
    }

    /// Lists the texts that may have calls in them.
    fn texts(&self) -> Vec<&str> {
        let pairs = self.parameters.iter().chain(&self.headers).chain(&self.arguments);
        let single = [&self.address, &self.data, &self.url, &self.thumbnail, &self.deletion];
        pairs.map(|(_, value)| value).chain(single).map(String::as_str).collect()
    }
}

/// The file's own object, and what is wrong with it.
struct UploaderFields<'a> {
    object: &'a Map<String, Value>,
    problems: &'a mut ProblemList,
}

impl UploaderFields<'_> {
    fn find(&self, name: &str) -> Option<&Value> {
        let mut found = self.object.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        found.next_back().map(|(_, value)| value).filter(|value| !value.is_null())
    }

    fn text(&mut self, name: &str) -> String {
        match self.find(name).map(scalar) {
            None => String::new(),
            Some(Some(text)) => text,
            Some(None) => {
                self.problems.add(name, "must be a text");
                String::new()
            }
        }
    }

    fn first(&mut self, names: &[&str]) -> String {
        let found = names.iter().find(|name| self.find(name).is_some());
        found.map(|name| self.text(name)).unwrap_or_default()
    }

    /// Reads names and values, in their order; a value that is null is an empty text, as for `ShareX`.
    fn table(&mut self, name: &str) -> Vec<(String, String)> {
        let Some(value) = self.find(name) else { return vec![] };
        let Value::Object(members) = value else {
            self.problems.add(name, "must be a table of names and values");
            return vec![];
        };
        let mut pairs = vec![];
        let mut wrong = vec![];
        for (key, value) in members {
            match scalar(value) {
                Some(text) => pairs.push((key.clone(), text)),
                None => wrong.push(entry(name, key)),
            }
        }
        for field in wrong {
            self.problems.add(&field, "must be a text");
        }
        pairs
    }

    /// Reads what is sent. Files from before the field had it: a form where they name the file's part.
    fn body(&mut self, file_part: &str) -> Option<UploaderBody> {
        let name = self.text("Body");
        Some(match name.to_ascii_lowercase().as_str() {
            "" if file_part.is_empty() => UploaderBody::None,
            "" | "multipartformdata" => UploaderBody::Multipart,
            "none" => UploaderBody::None,
            "formurlencoded" => UploaderBody::UrlEncoded,
            "json" => UploaderBody::Json,
            "xml" => UploaderBody::Xml,
            "binary" => UploaderBody::Binary,
            _ => {
                self.problems.add("Body", "is no form of request that ShareX documents");
                return None;
            }
        })
    }

    fn destinations(&mut self) {
        let types = self.text("DestinationType").to_ascii_lowercase();
        let mut types = types.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "none");
        let takes_files = |name: &str| matches!(name, "imageuploader" | "fileuploader");
        if let Some(first) = types.next()
            && !takes_files(first)
            && !types.any(takes_files)
        {
            let why = "has neither ImageUploader nor FileUploader: this uploader takes texts or addresses, no files";
            self.problems.add("DestinationType", why);
        }
    }

    /// Older files say where the answer's address is from.
    fn response_type(&mut self) {
        let name = self.text("ResponseType");
        if !matches!(name.to_ascii_lowercase().as_str(), "" | "text") {
            let why =
                "takes the link from where a reply redirects to; Hoist reads the reply's text and JSON only";
            self.problems.add("ResponseType", why);
        }
    }
}

/// Returns a value as `ShareX` reads it where it expects a text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Null => Some(String::new()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

fn is_since_braces(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    let version: [u32; 3] = std::array::from_fn(|_| numbers.next().unwrap_or_default());
    version >= BRACES_SINCE
}
