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
    /// Who issues the API key, as in a provider's own file.
    pub vendor: VendorFile,
}

/// `[vendor]`: who issues the API key, and which hosts get it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VendorFile {
    /// What `hoist keys add` takes: small letters, digits and `-`, at most 40. The ids of built-in vendors are taken.
    pub id: String,
    /// Its name for people, at most 40 characters.
    pub name: String,
    /// The hosts that requests go to, one to eight: `"api.example.com"`, `"api.example.com:8443"`. The key goes to no other.
    pub hosts: Vec<String>,
    /// For built-in vendors only: the environment variable that may hold the key. Others have `HOIST_<ID>_KEY`.
    pub key_env: Option<String>,
    /// For built-in vendors only: the variables that replace the hosts' addresses. Others have `HOIST_<ID>_URL`, and
    /// `HOIST_<ID>_2_URL` for the second host.
    #[serde(default)]
    pub url_env: Vec<String>,
    /// How the key goes into a request.
    #[serde(default)]
    pub auth: AuthFile,
    /// Another way that other versions of the document name, written like `auth`. A key check tries it where the first is not
    /// accepted.
    pub auth_alternative: Option<AuthFile>,
    /// What a key looks like, for people: `"sk_…"`, at most 60 characters.
    pub key_form: Option<String>,
    /// A regular expression that keys match: `'^sk_[0-9a-f]{32}$'`. A key that does not match is saved with a warning.
    pub key_format: Option<String>,
    /// The page (https) where people find their keys; needed unless `auth` is `"none"`.
    pub keys_page: Option<String>,
    /// The page (https) where people see and change their plan; without it `keys_page`.
    pub plan_page: Option<String>,
    /// How a key is checked before it is saved.
    pub check: Option<CheckFile>,
    /// The hosts are this computer or in its network: addresses begin with `http://`. The key goes to this computer only, not
    /// to others.
    #[serde(default)]
    pub lan: bool,
    /// Which keys the sandbox accepts.
    pub sandbox: Option<SandboxFile>,
}

/// `auth`: how the key goes into a request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub enum AuthFile {
    /// `"bearer"`: as `Authorization: Bearer KEY`; the usual way.
    #[default]
    Bearer,
    /// `"basic"`: as `Authorization: Basic …`; the key is `name:password`.
    Basic,
    /// `"none"`: there is no key.
    None,
    /// `{ header = "x-api-key", prefix = "Key " }`: in a header of that name; `prefix` stands before the key and may be left out.
    Header(String, String),
    /// `{ query = "key" }`: in a query parameter of that name.
    Query(String),
    /// `{ field = "token" }`: in a part of that name; each step at the vendor's hosts is then `multipart`.
    Field(String),
}

/// `[vendor.check]`: how a key is checked, by one `GET`. Any status of 2xx means that it is good.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// The address, at one of the vendor's hosts.
    pub url: String,
    /// Where the reply names the plan: a JSON pointer, or several.
    #[serde(default)]
    pub plan: Many,
    /// Plans under which nothing can be uploaded.
    #[serde(default)]
    pub plans_without_upload: Vec<String>,
    /// What the sandbox answers: JSON, with `{key}` and `{plan}`.
    pub example: Option<String>,
}

/// `[vendor.sandbox]`: which keys the sandbox accepts.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SandboxFile {
    /// The key it accepts; without it `ID-sandbox-key-0000`. It should match `key_format`.
    pub key: Option<String>,
    /// The plan behind it.
    pub plan: Option<String>,
    /// Further keys, where something depends on one: an older header, no account, a plan without uploads.
    #[serde(default)]
    pub other: Vec<OtherKeyFile>,
}

/// `[[vendor.sandbox.other]]`: a further key of the sandbox.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OtherKeyFile {
    /// The text that is pasted as the key.
    pub key: String,
    /// How it has to be sent; without it as `auth` of the vendor says.
    pub auth: Option<AuthFile>,
    /// How many accounts are behind it.
    #[serde(default)]
    pub accounts: usize,
    /// The plan behind it.
    pub plan: Option<String>,
}

/// `vendor`: who issues the provider's keys.
#[derive(Debug)]
pub enum VendorRef {
    /// `vendor = "useapi"`: a built-in vendor as it is, its hosts and its key with it.
    Known(String),
    /// `[vendor]`: one of the file's own.
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
