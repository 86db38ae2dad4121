//! What may stand in a file of a vendor.

use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess};

use super::read::{FromTable, Many, TextOrTable, text_or_table};

/// A vendor in a file of its own, for several providers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SharedVendorFile {
    /// The format's version: `1`.
    pub format: u32,
    /// The vendor.
    pub vendor: VendorFile,
}

/// A vendor: whoever issues keys. One key may serve several providers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorFile {
    /// What the terminal takes: small letters, digits and `-`, at most 40.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The hosts that requests go to, with a port where it is not the usual one. The key goes to no other.
    pub hosts: Vec<String>,
    /// For built-in vendors: the variable that may hold the key. Others have `HOIST_<ID>_KEY`.
    pub key_env: Option<String>,
    /// For built-in vendors: the variables that replace the hosts' addresses. Others have `HOIST_<ID>_URL`.
    #[serde(default)]
    pub url_env: Vec<String>,
    /// How the key goes into a request: `"bearer"` (the usual way), `"basic"`, `"none"`, `{ header = "x-api-key" }`,
    /// `{ header = "Authorization", prefix = "Key " }`, `{ query = "key" }`, or `{ field = "userhash" }` for a field of a
    /// multipart body.
    #[serde(default)]
    pub auth: AuthFile,
    /// Another header that other versions of the documents name; it is tried where the first is not accepted.
    pub auth_alternative: Option<AuthFile>,
    /// What a key looks like, for people: `"user:1234-…"`.
    pub key_form: Option<String>,
    /// A regular expression that keys match; who types another is warned, no more.
    pub key_format: Option<String>,
    /// The page where people find their keys.
    pub keys_page: Option<String>,
    /// The page where people see and change what they pay for.
    pub plan_page: Option<String>,
    /// How a key is checked: one `GET`.
    pub check: Option<CheckFile>,
    /// Allows http and private addresses for its own hosts. On this computer the key goes along, to others it does not.
    #[serde(default)]
    pub lan: bool,
    /// What the sandbox knows of keys.
    pub sandbox: Option<SandboxFile>,
}

/// Where a key stands in a request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum AuthFile {
    /// `Authorization: Bearer KEY`.
    #[default]
    Bearer,
    /// `Authorization: Basic`, of the key as it is (`name:password`), in base64.
    Basic,
    /// There is no key.
    None,
    /// A header of that name, with something before the key.
    Header(String, String),
    /// A query parameter of that name.
    Query(String),
    /// A field of that name in a multipart body.
    Field(String),
}

/// How a key is checked: one `GET`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// Where it goes.
    pub url: String,
    /// Where the reply names the plan.
    #[serde(default)]
    pub plan: Many,
    /// Plans under which nothing can be uploaded.
    #[serde(default)]
    pub plans_without_upload: Vec<String>,
    /// What the sandbox answers: JSON, with `{key}` and `{plan}`.
    pub example: Option<String>,
}

/// What the sandbox knows of keys.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxFile {
    /// The key it accepts.
    pub key: Option<String>,
    /// Its plan.
    pub plan: Option<String>,
    /// Further keys, for what depends on one.
    #[serde(default)]
    pub other: Vec<OtherKeyFile>,
}

/// A further key of the sandbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherKeyFile {
    /// What it is called.
    pub key: String,
    /// Where it is accepted; where nothing is said, as the vendor's keys are.
    pub auth: Option<AuthFile>,
    /// So many accounts are behind it.
    #[serde(default)]
    pub accounts: usize,
    /// Its plan.
    pub plan: Option<String>,
}

/// Whoever issues a provider's keys.
#[derive(Debug)]
pub enum VendorRef {
    /// One that Hoist knows, as it is.
    Known(String),
    /// One of the file's own.
    Own(Box<VendorFile>),
}

text_or_table!(VendorRef, "the id of a vendor, or a table", |id| Some(VendorRef::Known(id.to_owned())));

impl FromTable for VendorRef {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        VendorFile::deserialize(MapAccessDeserializer::new(map)).map(|own| VendorRef::Own(Box::new(own)))
    }
}

text_or_table!(AuthFile, "\"bearer\", \"basic\", \"none\", or a table with header, query or field", |name| {
    Some(match name {
        "bearer" => AuthFile::Bearer,
        "basic" => AuthFile::Basic,
        "none" => AuthFile::None,
        _ => return None,
    })
});

impl FromTable for AuthFile {
    fn read<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct AuthTable {
            header: Option<String>,
            #[serde(default)]
            prefix: String,
            query: Option<String>,
            field: Option<String>,
        }
        let table = AuthTable::deserialize(MapAccessDeserializer::new(map))?;
        match table {
            AuthTable { header: Some(header), prefix, query: None, field: None } => {
                Ok(AuthFile::Header(header.to_ascii_lowercase(), prefix))
            }
            AuthTable { header: None, query: Some(name), field: None, .. } => Ok(AuthFile::Query(name)),
            AuthTable { header: None, query: None, field: Some(name), .. } => Ok(AuthFile::Field(name)),
            _ => Err(A::Error::custom("expected one of header, query and field")),
        }
    }
}
