//! The format of a provider's file: what may stand in it. What it means is `build`'s; the page for writers is made of
//! the comments here.

mod read;
mod step;
mod vendor;

use serde::Deserialize;
use serde_json::Value;

pub use read::{Many, Pairs};
pub use step::{
    Again, BodyFile, CaptureFile, Captures, MethodName, MultipartFile, OkFile, PartFile, StepFile,
};
pub use vendor::{AuthFile, CheckFile, OtherKeyFile, SandboxFile, SharedVendorFile, VendorFile, VendorRef};

/// A provider: one destination for files, with one upload call of one to three requests.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// The format's version: `1`.
    pub format: u32,
    /// What the terminal takes: small letters, digits and `-`, at most 40. It stays what it is: destinations name it.
    pub id: String,
    /// Its name for people.
    pub name: String,
    /// The address of the document that all this is from.
    pub page: String,
    /// The document's title, where its address does not say enough.
    pub document: Option<String>,
    /// The day on which the document was read, or its own date: `2026-06-03`.
    pub checked: String,
    /// Why people should not start using it, if so.
    pub legacy: Option<String>,
    /// What an upload costs, in words, where it costs something.
    pub costs: Option<String>,
    /// For built-in providers: its place in lists. Those without one stand under *More providers*.
    pub position: Option<u32>,
    /// Its picture in lists.
    pub mark: Option<MarkFile>,
    /// Whose key it needs: the id of a vendor that Hoist knows (`"useapi"`), or a table.
    pub vendor: VendorRef,
    /// What it accepts, in the order that is told.
    #[serde(default)]
    pub accepts: Vec<AcceptsFile>,
    /// What it wants of file names.
    pub filename: Option<NameFile>,
    /// The account, where one can be chosen.
    pub account: Option<AccountFile>,
    /// What people may set for a destination.
    #[serde(default)]
    pub option: Vec<OptionFile>,
    /// The requests of an upload, one to three.
    pub step: Vec<StepFile>,
    /// What the last reply says.
    pub reply: ReplyFile,
    /// How to ask whether the provider has finished, where it goes on working after its reply.
    pub poll: Option<PollFile>,
    /// Its documented refusals.
    #[serde(default)]
    pub refusal: Vec<RefusalFile>,
    /// What its results are for: each becomes a text that is ready to paste.
    #[serde(default, rename = "use")]
    pub uses: Vec<UseFile>,
    /// Documented successes: what the sandbox answers.
    #[serde(default)]
    pub example: Vec<ExampleFile>,
}

/// A picture of a provider: an icon on a colour.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkFile {
    /// Red, green and blue: `"#7a4fd6"`.
    pub colour: String,
    /// The name of an icon of the Lucide family: `"music"`.
    pub icon: String,
}

/// Types with limits in common.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptsFile {
    /// Types, each by one of its extensions: `"png"`, `"jpeg"`, `"mp4"`, `"m4a"`; `"weba"` and `"mka"` for `WebM` and Matroska
    /// with sound alone.
    pub types: Vec<String>,
    /// Further MIME types that the document lists for these; Hoist never sends them.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The largest file: `"20 MB"`.
    pub max: Option<String>,
    /// The shortest and the longest duration in seconds: `[2, 15.4]`. A `0` in the second place is no limit.
    pub seconds: Option<[f64; 2]>,
    /// The fewest and the most pixels of each side: `[200, 2160]`.
    pub pixels: Option<[u32; 2]>,
    /// Larger files are sent with a warning.
    pub warn_above: Option<String>,
    /// The warning.
    pub why: Option<String>,
}

/// What a provider wants of file names. `{file.name}` is then a name that fits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameFile {
    /// At most so many characters, in the form that is sent.
    pub max: Option<usize>,
    /// Which characters may stand: `"any"` (the usual way), or `"safe"`: ASCII letters, digits, `.`, `_` and `-`.
    #[serde(default)]
    pub allowed: Allowed,
    /// The name must end in one of these.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// `"percent"`: what is not ASCII, and `%`, is written as `%` and two digits.
    pub encode: Option<Encode>,
    /// A file of the same name replaces the older one: Hoist adds a few random letters, the same for each try.
    #[serde(default)]
    pub overwrites: bool,
}

/// Which characters may stand in a name.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// Any.
    #[default]
    Any,
    /// ASCII letters, digits, `.`, `_` and `-`.
    Safe,
}

/// How a name is written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Encode {
    /// As `%` and two digits.
    Percent,
}

/// The account that a file goes to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountFile {
    /// Where it stands: `"query"`, `"path"` (one more segment), `"header"`, or `"template"`: only where `{account}` does.
    #[serde(rename = "in")]
    pub location: LocationName,
    /// The parameter's or header's name.
    pub name: String,
    /// Its name in a form.
    pub label: String,
    /// One sentence for people.
    pub help: String,
    /// What it may be.
    #[serde(default)]
    pub kind: ValueName,
    /// Nothing can be sent without one.
    #[serde(default)]
    pub required: bool,
    /// The provider picks one by itself where none is named, and another one where that is busy.
    #[serde(default)]
    pub auto: bool,
    /// The provider's page on setting accounts up.
    pub page: Option<String>,
    /// Which there are.
    pub list: Option<ListFile>,
    /// What is told of one alone.
    pub details: Option<DetailsFile>,
}

/// Which accounts there are: one `GET` a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFile {
    /// Where it goes.
    pub url: String,
    /// Where the list stands in the reply; nothing where the reply is one object with an account at each key.
    pub items: Option<String>,
    /// Where an item of the list names its id.
    pub id: Option<String>,
    /// Where it has a name for people.
    pub title: Option<String>,
    /// Where it says why it cannot be used.
    pub problem: Option<String>,
    /// What stands there when all is well.
    pub fine: Option<String>,
    /// Where the reply names the next page.
    pub next: Option<String>,
    /// The query parameter that asks for it.
    pub cursor: Option<String>,
    /// Nothing can be sent where there is none: an account receives the file, a project only sorts it.
    #[serde(default)]
    pub required: bool,
    /// What the sandbox tells of each made-up account: JSON, with `{account}`.
    pub example: Option<String>,
    /// The same of one that cannot be used.
    pub example_broken: Option<String>,
    /// Whole replies in place of these, a page each.
    #[serde(default)]
    pub example_pages: Vec<String>,
}

/// What is told of one account alone: one `GET`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailsFile {
    /// Where it goes, with `{account}`.
    pub url: String,
    /// Where the reply has a number that people want to know.
    pub number: String,
    /// What it counts: `"credits"`.
    pub unit: String,
    /// What the sandbox answers: JSON, with `{account}`.
    pub example: Option<String>,
}

/// Something that people may set for a destination.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionFile {
    /// The document's own name.
    pub id: String,
    /// Its name in a form.
    pub label: String,
    /// One sentence for people.
    pub help: String,
    /// Where it stands where it is set: `"query"`, `"header"`, `"template"` (only where `{option.ID}` does), or `"auth"`: it
    /// chooses how the key is sent.
    #[serde(rename = "in", default)]
    pub location: LocationName,
    /// What it may be.
    #[serde(default)]
    pub kind: ValueName,
    /// What the provider assumes, for `switch`: `"true"` or `"false"`; for the others what a new destination has.
    pub default: Option<String>,
    /// For `choice`: what there is, the usual one first.
    #[serde(default)]
    pub choices: Vec<String>,
    /// While it is `true`, metadata are taken out of pictures: then a refusal because of them can be helped by it.
    #[serde(default)]
    pub strips_metadata: bool,
}

/// Where a value stands in a request.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum LocationName {
    /// `?NAME=VALUE`.
    Query,
    /// One more segment of the first request's path.
    Path,
    /// A header of its name.
    Header,
    /// It chooses how the key is sent.
    Auth,
    /// Where a template says.
    #[default]
    Template,
}

/// What a value may be.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ValueName {
    /// One line of text.
    #[default]
    Text,
    /// An email address.
    Email,
    /// 8-4-4-4-12 hexadecimal digits.
    Uuid,
    /// `true` or `false`.
    Switch,
    /// One of its choices.
    Choice,
}

/// What the last reply says.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyFile {
    /// Where the asset's id stands: a JSON pointer or several, the first that is there counts; or a template of captured
    /// values.
    #[serde(default)]
    pub id: Many,
    /// Where its link stands; `"text"` where the reply is a link and nothing else.
    #[serde(default)]
    pub url: Many,
    /// What else is worth copying, in the order to show it.
    #[serde(default)]
    pub values: Vec<String>,
    /// Values that are worked out; they stand behind the first.
    #[serde(default)]
    pub computed: Vec<ComputedFile>,
    /// What people should be warned of.
    #[serde(default)]
    pub warn: Vec<WarnFile>,
    /// The provider deletes the file so long after the upload: `"24h"`.
    pub expires: Option<String>,
}

/// A value that is worked out of a number.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComputedFile {
    /// Its name.
    pub name: String,
    /// Where the number stands.
    pub from: String,
    /// It is multiplied by this.
    pub times: f64,
    /// It is no less than this.
    pub min: i64,
    /// It is no more than this.
    pub max: i64,
}

/// A warning.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarnFile {
    /// Where something stands.
    pub at: String,
    /// What has to stand there.
    pub is: Value,
    /// The warning.
    pub text: String,
}

/// How to ask whether the provider has finished: one `GET`. Its replies are read as the last step's is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollFile {
    /// Where it goes, with `{id}`; the account goes along where it stands in the query.
    pub url: String,
    /// How often: `"10s"`.
    pub every: String,
    /// Where the reply says how far it is.
    pub status: String,
    /// What stands there while it works; a reply without it says the first of these.
    pub pending: Vec<String>,
    /// What stands there when it has finished; anything else is a warning.
    pub ready: Vec<String>,
}

/// A documented refusal.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalFile {
    /// The HTTP status.
    pub status: u16,
    /// The reply as documented.
    pub body: String,
    /// `Retry-After` in seconds, where documented.
    pub retry_after: Option<u32>,
    /// What to do, where the documents say more than its meaning does.
    pub hint: Option<String>,
    /// What it means, where its status means something else elsewhere: `"quota"`, `"too-large"`, …
    pub means: Option<String>,
}

/// What a result is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseFile {
    /// For assets of this kind: `"image"`, `"audio"`, `"video"` or `"captions"`.
    pub kind: KindName,
    /// Which returned value.
    pub value: String,
    /// The parameter it goes into.
    pub parameter: String,
    /// The call that takes it: `"POST /v1/music"`.
    pub call: String,
}

/// What a file is for people.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum KindName {
    /// A picture.
    Image,
    /// Sound alone.
    Audio,
    /// A moving picture.
    Video,
    /// Subtitles or lyrics.
    Captions,
}

/// A documented success.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// Which step it answers; the last where nothing is said. `0` answers a poll, the first of these the first.
    pub step: Option<usize>,
    /// Only for files of this kind.
    pub kind: Option<KindName>,
    /// The HTTP status.
    #[serde(default = "ok")]
    pub status: u16,
    /// The reply: JSON whose texts are templates, or a text where it is no JSON.
    pub body: String,
}

fn ok() -> u16 {
    200
}
