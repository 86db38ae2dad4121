//! What may stand in a file of the requests of an upload.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess};
use serde_json::Value;

use super::read::{FromTable, InOrder, Pairs, TextOrTable, text_or_table};

/// One request of an upload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepFile {
    /// `"GET"`, `"POST"` or `"PUT"`.
    pub method: MethodName,
    /// Where it goes: an address at one of the vendor's hosts, or `"{capture.NAME}"`, an address that a step before named.
    pub url: String,
    /// Query parameters, each a template. One whose value is missing is left out.
    #[serde(default)]
    pub query: Pairs,
    /// Headers, each a template. One whose value is missing is left out.
    #[serde(default)]
    pub headers: Pairs,
    /// A captured object whose members become headers.
    pub headers_from: Option<String>,
    /// `"file"` (the file's bytes), `"none"`, `{ json = … }`, or `{ multipart = […] }`.
    #[serde(default)]
    pub body: BodyFile,
    /// Which replies are a success, where not each with a status of 2xx is: `{ status = [200], "/success" = [true] }`.
    pub ok: Option<OkFile>,
    /// What later steps and the result need of the reply, by name: a JSON pointer, `{ json_in = …, at = … }` for JSON in
    /// a text, or `{ text = true }` for the whole reply.
    #[serde(default)]
    pub capture: Captures,
    /// `"safe"`: doing it twice does no harm. `"never"` (the usual way): it may do something twice.
    #[serde(default)]
    pub again: Again,
    /// The asset exists once this was done; where no step says so, it is the last.
    #[serde(default)]
    pub creates: bool,
}

/// A method of HTTP.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum MethodName {
    /// Asks.
    Get,
    /// Sends.
    Post,
    /// Puts something at an address.
    Put,
}

/// Whether a step may be done twice.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    /// It may do something twice.
    #[default]
    Never,
    /// Doing it twice does no harm.
    Safe,
}

/// What a request carries.
#[derive(Debug, Default)]
pub enum BodyFile {
    /// Nothing.
    #[default]
    None,
    /// The file's bytes.
    File,
    /// JSON, whose texts are templates. `{file.base64}` may stand once.
    Json(Value),
    /// The parts of a form.
    Multipart(MultipartFile),
}

/// The parts of a form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultipartFile {
    /// The parts, in this order.
    pub multipart: Vec<PartFile>,
    /// A captured object whose members become parts before these.
    pub fields_from: Option<String>,
}

/// One part of a form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartFile {
    /// Its name.
    pub name: String,
    /// It is the file.
    #[serde(default)]
    pub file: bool,
    /// Its text, a template. A part whose value is missing is left out.
    pub text: Option<String>,
}

/// Which replies are a success.
#[derive(Debug, Default)]
pub struct OkFile {
    /// Statuses; each of 2xx where none is named.
    pub status: Vec<u16>,
    /// JSON pointers, and what may stand there.
    pub values: Vec<(String, Vec<Value>)>,
}

/// Where something stands in a reply.
#[derive(Debug)]
pub enum CaptureFile {
    /// At a JSON pointer.
    At(String),
    /// In JSON that stands in a text.
    JsonIn {
        /// Where the text stands.
        json_in: String,
        /// Where in its JSON.
        at: String,
    },
    /// The whole reply is a text.
    Text,
}

/// Names and what is captured under them, in their order.
#[derive(Debug, Default)]
pub struct Captures(pub Vec<(String, CaptureFile)>);

text_or_table!(BodyFile, "\"file\", \"none\", or a table with json or multipart", |name| match name {
    "file" => Some(BodyFile::File),
    "none" => Some(BodyFile::None),
    _ => None,
});

impl FromTable for BodyFile {
    fn read<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let expected = || A::Error::custom("expected json or multipart");
        let first: String = map.next_key()?.ok_or_else(expected)?;
        let mut body = match first.as_str() {
            "json" => BodyFile::Json(map.next_value()?),
            "multipart" => {
                BodyFile::Multipart(MultipartFile { multipart: map.next_value()?, fields_from: None })
            }
            _ => return Err(expected()),
        };
        while let Some(key) = map.next_key::<String>()? {
            match (&mut body, key.as_str()) {
                (BodyFile::Multipart(form), "fields_from") => form.fields_from = Some(map.next_value()?),
                _ => return Err(A::Error::custom(format!("{key} does not belong into this body"))),
            }
        }
        Ok(body)
    }
}

text_or_table!(CaptureFile, "a JSON pointer, or a table with json_in and at, or with text", |at| {
    Some(CaptureFile::At(at.to_owned()))
});

impl FromTable for CaptureFile {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct CaptureTable {
            json_in: Option<String>,
            at: Option<String>,
            text: Option<bool>,
        }
        match CaptureTable::deserialize(MapAccessDeserializer::new(map))? {
            CaptureTable { json_in: Some(json_in), at: Some(at), text: None } => {
                Ok(CaptureFile::JsonIn { json_in, at })
            }
            CaptureTable { json_in: None, at: None, text: Some(true) } => Ok(CaptureFile::Text),
            _ => Err(A::Error::custom("expected json_in and at, or text = true")),
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
