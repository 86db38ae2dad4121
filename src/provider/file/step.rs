//! What may stand in a file of the requests of an upload.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess};
use serde_json::Value;

use super::read::{FromTable, InOrder, Pairs, TextOrTable, text_or_table};

/// `[[step]]`: one request of an upload. Exactly one step carries the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// The HTTP method.
    pub method: MethodName,
    /// The address, a template: at one of the vendor's hosts, or `"{capture.NAME}"` alone, an address that a step before named
    /// (not in the first step). Values are percent-encoded in it.
    pub url: String,
    /// Query parameters. One whose value is missing is omitted.
    #[serde(default)]
    pub query: Pairs,
    /// Headers. One whose value is missing is omitted. `Content-Type` and `Content-Length` are set by themselves, and the key
    /// by `auth`.
    #[serde(default)]
    pub headers: Pairs,
    /// The name of a captured object whose members become headers.
    pub headers_from: Option<String>,
    /// What the request carries.
    #[serde(default)]
    pub body: BodyFile,
    /// Which replies are a success, where not every status of 2xx is: `{ status = [200], "/success" = [true] }`.
    pub ok: Option<OkFile>,
    /// What later steps and `[reply]` need of this reply, by names of letters, digits, `_` and `-`: `{ to = "/upload_url" }`.
    /// Of an earlier reply all of it has to be there; of the last one, what is missing is omitted.
    #[serde(default)]
    pub capture: Captures,
    /// Whether the request may be repeated after its answer was lost.
    #[serde(default)]
    pub again: Again,
    /// The asset exists once this step was done; where no step says so, the last. A step before it cannot leave an outcome
    /// unknown.
    #[serde(default)]
    pub creates: bool,
}

/// `method`: what is asked.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum MethodName {
    /// Asks for something; `body` is `"none"`.
    Get,
    /// Sends something.
    Post,
    /// Puts something at an address, as signed addresses want it.
    Put,
}

/// `again`: whether a step may be done twice.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    /// Twice may make two assets: Hoist repeats it only when it was not accepted for sure.
    #[default]
    Never,
    /// Twice does no harm: it asks for an address, or writes the same file to the same place.
    Safe,
}

/// `body`: what a request carries.
#[derive(Debug, Default)]
pub enum BodyFile {
    /// `"none"`: nothing; the usual way.
    #[default]
    None,
    /// `"file"`: the file's bytes, with its MIME type as `Content-Type`.
    File,
    /// `{ json = { … } }`: JSON whose texts are templates. A field whose value is missing is omitted. The file is
    /// `{file.base64}` or `{file.data_uri}`, once. On several lines: a table `[step.body.json]`.
    Json(Value),
    /// `{ multipart = [ … ] }`: a form, `multipart/form-data`.
    Multipart(MultipartFile),
}

/// `body = { multipart = [ … ] }`: the parts of a form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultipartFile {
    /// The parts, in this order.
    pub multipart: Vec<PartFile>,
    /// The name of a captured object whose members become parts before these.
    pub fields_from: Option<String>,
}

/// `{ name = … }`: one part of a form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// What the provider calls this part of the form.
    pub name: String,
    /// The part is the file, with its name and MIME type.
    #[serde(default)]
    pub file: bool,
    /// Its text, a template, where it is not the file. A part whose value is missing is omitted.
    pub text: Option<String>,
}

/// `ok`: which replies are a success. All others are refusals.
#[derive(Debug, Default)]
pub struct OkFile {
    /// `status = [200, 201]`: the statuses of 2xx that are; without it each.
    pub status: Vec<u16>,
    /// `"/success" = [true]`: a JSON pointer, and what may stand there.
    pub values: Vec<(String, Vec<Value>)>,
}

/// `capture`: where something stands in a reply: a text, a number, or a flat object for `headers_from` and `fields_from`.
#[derive(Debug)]
pub enum CaptureFile {
    /// `"/upload/url"`: at a JSON pointer.
    At(String),
    /// `{ json_in = "/fields", at = "/key" }`: in JSON that stands in a text; `at = ""` is the whole of it.
    JsonIn {
        /// Where the text stands.
        json_in: String,
        /// Where in its JSON.
        at: String,
    },
    /// `{ text = true }`: the whole reply, a line of text.
    Text,
    /// `{ header = "location" }`: in a header of the reply.
    Header(String),
}

/// A table of names, each with where its value stands.
#[derive(Debug, Default)]
pub struct Captures(pub Vec<(String, CaptureFile)>);

text_or_table!(BodyFile, "\"file\", \"none\", or a table with json or multipart", |name| match name {
    "file" => Some(BodyFile::File),
    "none" => Some(BodyFile::None),
    _ => None,
});

impl FromTable for BodyFile {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct BodyTable {
            json: Option<Value>,
            multipart: Option<Vec<PartFile>>,
            fields_from: Option<String>,
        }
        match BodyTable::deserialize(MapAccessDeserializer::new(map))? {
            BodyTable { json: Some(json), multipart: None, fields_from: None } => Ok(BodyFile::Json(json)),
            BodyTable { json: None, multipart: Some(multipart), fields_from } => {
                Ok(BodyFile::Multipart(MultipartFile { multipart, fields_from }))
            }
            _ => Err(A::Error::custom("expected json, or multipart with or without fields_from")),
        }
    }
}

text_or_table!(
    CaptureFile,
    "a JSON pointer, or a table with json_in and at, with text, or with header",
    |at| { Some(CaptureFile::At(at.to_owned())) }
);

impl FromTable for CaptureFile {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct CaptureTable {
            json_in: Option<String>,
            at: Option<String>,
            text: Option<bool>,
            header: Option<String>,
        }
        match CaptureTable::deserialize(MapAccessDeserializer::new(map))? {
            CaptureTable { json_in: Some(json_in), at: Some(at), text: None, header: None } => {
                Ok(CaptureFile::JsonIn { json_in, at })
            }
            CaptureTable { json_in: None, at: None, text: Some(true), header: None } => Ok(CaptureFile::Text),
            CaptureTable { json_in: None, at: None, text: None, header: Some(name) } => {
                Ok(CaptureFile::Header(name))
            }
            _ => Err(A::Error::custom("expected json_in and at, text = true, or header")),
        }
    }
}

impl<'de> Deserialize<'de> for Captures {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Captures, D::Error> {
        deserializer.deserialize_map(InOrder(PhantomData)).map(Captures)
    }
}

impl<'de> Deserialize<'de> for OkFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OkFile, D::Error> {
        let mut ok = OkFile::default();
        for (key, values) in deserializer.deserialize_map(InOrder::<Vec<Value>>(PhantomData))? {
            if key == "status" {
                for value in values {
                    let status = value.as_u64().filter(|s| (200..300).contains(s));
                    let status = status.ok_or_else(|| D::Error::custom("expected statuses of 2xx"))?;
                    ok.status.push(status as u16);
                }
            } else if key.starts_with('/') {
                ok.values.push((key, values));
            } else {
                return Err(D::Error::custom(format!("expected status or a JSON pointer, not {key}")));
            }
        }
        Ok(ok)
    }
}
