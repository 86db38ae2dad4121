//! The format of a provider's file: what may stand in it. What it means is `build`'s. The reference in `docs/providers.md`
//! is made of the comments here: a type's comment begins with how its table is written, and so does that of each form.

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

/// `Top of the file`: who the provider is. These lines stand before the first `[table]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderFile {
    /// The format's version: `1`.
    pub format: u32,
    /// What the terminal takes: small letters, digits and `-`, at most 40. Destinations and the history name it, so keep it.
    /// The ids of built-in providers are taken.
    pub id: String,
    /// Its name for people, at most 40 characters.
    pub name: String,
    /// The address (https) of the document that the file is written from.
    pub page: String,
    /// The document's title, where its address does not say enough.
    pub document: Option<String>,
    /// The document's date, or the day on which it was read: `"2026-06-03"`.
    pub checked: String,
    /// Why people should not start using it, where they should not.
    pub legacy: Option<String>,
    /// What an upload costs, in words, where it costs something.
    pub costs: Option<String>,
    /// For built-in providers: its place in lists. Those without one stand under *More providers*.
    pub position: Option<u32>,
    /// Its icon in lists.
    pub mark: Option<MarkFile>,
    /// Whose API key it needs, and which hosts may be asked.
    pub vendor: VendorRef,
    /// What it accepts, one table for each limit; at least one.
    #[serde(default)]
    pub accepts: Vec<AcceptsFile>,
    /// Which file names it accepts.
    pub filename: Option<NameFile>,
    /// The account that receives the file, where people can choose one.
    pub account: Option<AccountFile>,
    /// What people can set for a destination.
    #[serde(default)]
    pub option: Vec<OptionFile>,
    /// The requests of an upload, one to three, in their order.
    pub step: Vec<StepFile>,
    /// What Hoist reads of the last reply.
    pub reply: ReplyFile,
    /// How to ask whether the provider has finished, where it works on after its last reply.
    pub poll: Option<PollFile>,
    /// The refusals that its document shows.
    #[serde(default)]
    pub refusal: Vec<RefusalFile>,
    /// What its results are for; each becomes a text that is ready to paste.
    #[serde(default, rename = "use")]
    pub uses: Vec<UseFile>,
    /// The successes that its document shows: what the sandbox answers.
    #[serde(default)]
    pub example: Vec<ExampleFile>,
}

/// `mark = { … }`: an icon on a colour. Without one it is a cloud on grey.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkFile {
    /// Red, green and blue, two hexadecimal digits each: `"#7a4fd6"`.
    pub colour: String,
    /// The name of a Lucide icon: `"music"`, `"cloud-upload"`.
    pub icon: String,
}

/// `[[accepts]]`: types with limits in common. What is not listed in any is not sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptsFile {
    /// Types, each by one of its extensions: `"png"`, `"mp4"`, `"m4a"`. `"weba"` and `"mka"` are `WebM` and Matroska with sound
    /// alone. Hoist reads a file's type from its content, not from its name.
    pub types: Vec<String>,
    /// Further MIME types that the document lists for these types. The sandbox accepts them; Hoist never sends them.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The largest file: `"20 MB"`, `"500 kB"`, `"1 GB"` (1 kB is 1024 bytes). Leave it out where the document names none.
    pub max: Option<String>,
    /// The shortest and the longest duration in seconds: `[2, 15.4]`. A `0` is no limit.
    pub seconds: Option<[f64; 2]>,
    /// The fewest and the most pixels of either side: `[200, 2160]`.
    pub pixels: Option<[u32; 2]>,
    /// Files above this size are sent with a warning: `"50 MB"`.
    pub warn_above: Option<String>,
    /// The warning; needed with `warn_above`.
    pub why: Option<String>,
}

/// `[filename]`: which file names the provider accepts. `{file.name}`, and the name of a multipart file, then fit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameFile {
    /// The longest name, from 16 to 4096 characters in the form that is sent.
    pub max: Option<usize>,
    /// Which characters may stand in a name; each run of others becomes one `_`.
    #[serde(default)]
    pub allowed: Allowed,
    /// The extensions that a name may end in: `["jpg", "png"]`. A name with another gets the usual one of its type.
    #[serde(default)]
    pub extensions: Vec<String>,
    /// How characters that are not ASCII are written.
    pub encode: Option<Encode>,
    /// The provider replaces an older file of the same name: Hoist adds six random letters, the same for each try.
    #[serde(default)]
    pub overwrites: bool,
}

/// `allowed`: which characters may stand in a name.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Allowed {
    /// Any character.
    #[default]
    Any,
    /// ASCII letters, digits, `.`, `_` and `-`.
    Safe,
}

/// `encode`: how a name is written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Encode {
    /// What is not ASCII, and `%` itself, as `%` and two hexadecimal digits.
    Percent,
}

/// `[account]`: the account that receives the file, where people can choose one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountFile {
    /// Where the first request names it; not `"auth"`.
    #[serde(rename = "in")]
    pub location: LocationName,
    /// The parameter's or header's name, and its name in the terminal.
    pub name: String,
    /// Its name in a form, at most 40 characters.
    pub label: String,
    /// One sentence for people: what it is, and what an empty field means.
    pub help: String,
    /// What it may be: `"text"`, `"email"` or `"uuid"`.
    #[serde(default)]
    pub kind: ValueName,
    /// Nothing is sent without one.
    #[serde(default)]
    pub required: bool,
    /// The provider picks one where none is named, and another one where that is busy.
    #[serde(default)]
    pub auto: bool,
    /// The provider's page (https) on setting accounts up.
    pub page: Option<String>,
    /// How the accounts are listed.
    pub list: Option<ListFile>,
    /// What can be asked of one account.
    pub details: Option<DetailsFile>,
}

/// `[account.list]`: which accounts there are, by one `GET` for each page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListFile {
    /// The address, at one of the vendor's hosts.
    pub url: String,
    /// Where the list stands in the reply: a JSON pointer. Leave it out where the reply is one object with an account at each
    /// key: the keys are then the ids.
    pub items: Option<String>,
    /// Where an item of the list names its id: a JSON pointer inside the item; needed with `items`.
    pub id: Option<String>,
    /// Where an item has a name for people: a JSON pointer.
    pub title: Option<String>,
    /// Where an item says why it cannot be used: a JSON pointer.
    pub problem: Option<String>,
    /// What stands at `problem` when all is well, where something does: `"OK"`.
    pub fine: Option<String>,
    /// Where the reply names the next page: a JSON pointer; needed with `cursor`.
    pub next: Option<String>,
    /// The query parameter that asks for the next page.
    pub cursor: Option<String>,
    /// Nothing can be sent where the list is empty: true of accounts that receive the file, not of projects that sort it.
    #[serde(default)]
    pub required: bool,
    /// What the sandbox says of each made-up account: JSON, with `{account}`.
    pub example: Option<String>,
    /// What the sandbox says of an account that cannot be used: JSON, with `{account}`.
    pub example_broken: Option<String>,
    /// Whole replies of the sandbox in place of these, one for each page: JSON.
    #[serde(default)]
    pub example_pages: Vec<String>,
}

/// `[account.details]`: a number that people want to know of an account, by one `GET`. It needs `[account.list]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetailsFile {
    /// The address, with `{account}`.
    pub url: String,
    /// Where the reply has the number: a JSON pointer.
    pub number: String,
    /// What it counts: `"credits"`.
    pub unit: String,
    /// What the sandbox answers: JSON, with `{account}`.
    pub example: Option<String>,
}

/// `[[option]]`: something that people can set for a destination.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionFile {
    /// The parameter's or header's name in the document, and its name in the terminal.
    pub id: String,
    /// Its name in a form, at most 40 characters.
    pub label: String,
    /// One sentence for people: what it does, and what happens without it.
    pub help: String,
    /// Where the first request has it; not `"path"`.
    #[serde(rename = "in", default)]
    pub location: LocationName,
    /// What it may be.
    #[serde(default)]
    pub kind: ValueName,
    /// For a `switch`: what the provider assumes where nothing is sent, `"true"` or `"false"`. For the others: what is sent where
    /// nothing is set.
    pub default: Option<String>,
    /// For a `choice`: the values there are, the usual one first unless `default` names another.
    #[serde(default)]
    pub choices: Vec<String>,
    /// While this switch is `true`, the provider takes metadata out of pictures. Hoist then offers *Strip and send* after a 422.
    #[serde(default)]
    pub strips_metadata: bool,
}

/// `in`: where a value stands in a request. What is not set is not sent.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum LocationName {
    /// `?NAME=VALUE`.
    Query,
    /// One more segment at the end of the first request's path.
    Path,
    /// `NAME: VALUE` among the headers.
    Header,
    /// It chooses how the key is sent: a `choice` of `auth` and `auth_alternative`, by the header's name.
    Auth,
    /// Only where a step has `{option.ID}` or `{account}`.
    #[default]
    Template,
}

/// `kind` of an account or option: what its value may be.
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
    /// What stands in `choices`, and nothing else.
    Choice,
}

/// `[reply]`: what Hoist reads of the last reply. `id` or `url` is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplyFile {
    /// Where the asset's id stands: a JSON pointer, or several of which the first that is there counts; or a template of
    /// captured values: `"{capture.id}"`.
    #[serde(default)]
    pub id: Many,
    /// Where its link stands, written in the same way; `"text"` where the reply is a link and nothing else.
    #[serde(default)]
    pub url: Many,
    /// What is worth copying, in the order to show it: JSON pointers. A value's name is the pointer's last part.
    #[serde(default)]
    pub values: Vec<String>,
    /// Values that are worked out of others; they stand behind the first.
    #[serde(default)]
    pub computed: Vec<ComputedFile>,
    /// What people are warned of, though the upload was accepted.
    #[serde(default)]
    pub warn: Vec<WarnFile>,
    /// How long the provider keeps the file: `"30min"`, `"24h"`, `"30d"`; or where its reply says it, a JSON pointer; or a
    /// template of an option that sets it. A reply or an option may say a duration, seconds from now, seconds since 1970, or a
    /// date and time.
    pub expires: Option<String>,
}

/// `[[reply.computed]]`: a whole number that is worked out of another one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComputedFile {
    /// The name of the value that comes of it.
    pub name: String,
    /// Where the number stands: a JSON pointer.
    pub from: String,
    /// What it is multiplied by; the product is rounded.
    pub times: f64,
    /// The least it can be.
    pub min: i64,
    /// The most it can be.
    pub max: i64,
}

/// `[[reply.warn]]`: a warning about an upload that was accepted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarnFile {
    /// Where the reply says so: a JSON pointer.
    pub at: String,
    /// What stands there when the warning holds: `true`, `"flagged"`.
    pub is: Value,
    /// The warning, a sentence without a full stop.
    pub text: String,
}

/// `[poll]`: how to ask whether the provider has finished, by one `GET` again and again. Its replies are read by `[reply]`, as
/// that of the last step is, which has to name an `id`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PollFile {
    /// The address, with `{id}`. An account that stands in the query goes along.
    pub url: String,
    /// How long to wait before each question: `"10s"`, at least two seconds.
    pub every: String,
    /// Where the reply says how far it is: a JSON pointer.
    pub status: String,
    /// What stands there while it works. A reply with nothing there counts as the first of these.
    pub pending: Vec<String>,
    /// What stands there when it has finished. Anything else ends the questions with a warning.
    pub ready: Vec<String>,
}

/// `[[refusal]]`: a refusal that the document shows.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefusalFile {
    /// The HTTP status, from 300 to 599.
    pub status: u16,
    /// The reply as the document shows it. Where it names the status alone: `'{"error":"<Error message>"}'`, in its usual form.
    pub body: String,
    /// The seconds of `Retry-After`, where the document names them; the sandbox sends them.
    pub retry_after: Option<u32>,
    /// What to do next, a sentence without a full stop, where the document says more than Hoist does by itself.
    pub hint: Option<String>,
    /// What this status means here, where it means something else elsewhere: one of the kinds below. It holds for every reply
    /// of that status, or for those whose words have `message` in them.
    pub means: Option<String>,
    /// A part of the provider's words, small or capital letters, that tells this refusal from others of its status.
    pub message: Option<String>,
}

/// `[[use]]`: a parameter that a result goes into. The window shows it as a text to copy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseFile {
    /// The kind of file that it is for.
    pub kind: KindName,
    /// Which returned value: the last part of a pointer of `[reply]`, the name of a computed value, `"id"` or `"url"`.
    pub value: String,
    /// The parameter it goes into.
    pub parameter: String,
    /// The call that has this parameter: `"POST /v1/music"`.
    pub call: String,
}

/// `kind` of a use or example: what a file is for people.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum KindName {
    /// A still or animated picture.
    Image,
    /// Sound alone.
    Audio,
    /// A moving picture.
    Video,
    /// Subtitles or lyrics.
    Captions,
}

/// `[[example]]`: a success that the document shows. Every step needs one for each kind of file that the provider accepts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExampleFile {
    /// Which step it answers, from 1; without it the last. `0` answers a poll: the first of these the first, and so on.
    pub step: Option<usize>,
    /// The kind of file that it is for; without it each.
    pub kind: Option<KindName>,
    /// The HTTP status, of 2xx; without it 200.
    #[serde(default = "ok")]
    pub status: u16,
    /// The reply: JSON whose texts are templates, or a template where it is no JSON. `{uuid}`, `{origin}` and `{next}` stand for
    /// what the provider makes up.
    pub body: String,
    /// Headers of the reply that a step captures; each value is a template like the body.
    #[serde(default)]
    pub headers: Pairs,
}

fn ok() -> u16 {
    200
}
