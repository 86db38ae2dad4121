//! What each tool does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, ProgressNotificationParam};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::desk::{AgentDesk, ClientGone};
use super::permission::permitted;
use crate::cli::destination_args;
use crate::session::Session;
use crate::session::agents::{AgentDenial, AgentFolder};
use crate::session::api::provider;
use crate::session::api::text::{count, sanitize};
use crate::session::api::{Destination, Item, Query, ReadError, State, UploadId};
use crate::session::history_access::HistoryAccess;
use crate::session::report::{self, Outcome, Report};

/// The most files of one call.
pub(super) const MAX_FILES: usize = 1000;

/// How many uploads a search lists, unless another number is given, and at most.
pub(super) const USUAL_FOUND: usize = 20;
pub(super) const MAX_FOUND: usize = 200;

/// Between two notifications of progress.
const PROGRESS_EVERY: Duration = Duration::from_millis(200);

/// What an agent is told of a file whose arrival is not known.
const MAY_EXIST: &str = "Do not send it again: it may exist at the provider. Ask the person";

/// The arguments of `upload`, and of `check_files` but for the last three.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UploadCall {
    paths: Vec<PathBuf>,
    to: String,
    account: Option<String>,
    #[serde(default)]
    options: BTreeMap<String, Value>,
    fit: Option<bool>,
    wait: Option<bool>,
    skip_sent: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SearchCall {
    #[serde(default)]
    query: String,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GetCall {
    id: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

/// Why a tool did not do it.
enum CallError {
    /// A sentence for the agent.
    Refused(String),
    /// The arguments are not those of the tool.
    Arguments(String),
    Gone,
}

impl From<ClientGone> for CallError {
    fn from(_: ClientGone) -> CallError {
        CallError::Gone
    }
}

/// Calls a tool.
pub(super) async fn call(
    desk: &AgentDesk,
    request: CallToolRequestParams,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let arguments = Value::Object(request.arguments.unwrap_or_default());
    let result = match &*request.name {
        "upload" => upload(desk, arguments, context).await,
        "check_files" => check_files(desk, arguments).await,
        "list_destinations" => list_destinations(desk, arguments),
        "search_history" => search_history(desk, arguments).await,
        "get_upload" => get_upload(desk, arguments).await,
        name => return Err(ErrorData::invalid_params(format!("There is no tool {}", sanitize(name)), None)),
    };
    match result {
        Ok(result) => Ok(result),
        Err(CallError::Refused(why)) => Ok(CallToolResult::error(vec![ContentBlock::text(why)])),
        Err(CallError::Arguments(why)) => Err(ErrorData::invalid_params(why, None)),
        Err(CallError::Gone) => Err(ErrorData::internal_error("The client has gone", None)),
    }
}

fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, CallError> {
    serde_json::from_value(arguments).map_err(|e| CallError::Arguments(sanitize(&e.to_string())))
}

/// Returns the destination that a call names, with its account and options.
fn destination(desk: &AgentDesk, call: &UploadCall) -> Result<Destination, CallError> {
    if call.paths.is_empty() || call.paths.len() > MAX_FILES {
        return Err(CallError::Arguments(format!("paths must have 1 to {MAX_FILES} paths")));
    }
    let options = call.options.iter().map(|(key, value)| match value.as_str() {
        Some(text) => format!("{key}={text}"),
        None => format!("{key}={value}"),
    });
    let options: Vec<_> = options.collect();
    let found = desk.with(|session| {
        let (mut destination, _) = destination_args::target(session, &call.to, call.account.is_some())?;
        let facts = destination_args::facts(&destination)?;
        destination_args::set(facts, &mut destination, call.account.as_deref(), &options)?;
        Ok(destination)
    });
    found?.map_err(CallError::Refused)
}

/// Adds files, and waits until each has been inspected.
async fn inspected(
    desk: &AgentDesk,
    files: Vec<PathBuf>,
    to: &Arc<Destination>,
) -> Result<Vec<UploadId>, CallError> {
    let ids = desk.with(|session| session.add_files_to(files, to))?;
    until_inspected(desk, &ids).await?;
    Ok(ids)
}

async fn until_inspected(desk: &AgentDesk, ids: &[UploadId]) -> Result<(), ClientGone> {
    let is_pending = |item: &Item| item.inspection.is_pending();
    desk.until(|session| (!items(session, ids).into_iter().any(is_pending)).then_some(())).await
}

fn items<'a>(session: &'a Session, ids: &[UploadId]) -> Vec<&'a Item> {
    ids.iter().filter_map(|id| session.uploads.queue().get(*id)).collect()
}

fn not_sent(denials: &[String]) -> CallError {
    CallError::Refused(format!("{}. Nothing was sent", denials.join(". ")))
}

async fn upload(
    desk: &AgentDesk,
    arguments: Value,
    context: &RequestContext<RoleServer>,
) -> Result<CallToolResult, CallError> {
    let call: UploadCall = read(arguments)?;
    let to = Arc::new(destination(desk, &call)?);
    let files =
        permitted(desk, &call.paths, &to, Some(context)).await.map_err(|denials| not_sent(&denials))?;
    let agent = context.client_info().map_or_else(|| "agent".to_owned(), |client| client.name);
    desk.with(|session| session.uploads.mark_agent(&agent))?;
    let ids = inspected(desk, files, &to).await?;
    if call.fit.unwrap_or(false) {
        desk.with(|session| session.uploads.fit_for_upload(&ids, to.fit.wishes.strip))?;
        tokio::select! {
            fitted = until_inspected(desk, &ids) => fitted?,
            () = context.ct.cancelled() => {
                desk.with(|session| session.uploads.remove_items(&ids))?;
                return Err(CallError::Refused("Cancelled. Nothing was sent".to_owned()));
            }
        }
    }
    let skip_sent = call.skip_sent.unwrap_or(true);
    let sent_before = desk.with(|session| request(session, &ids, skip_sent))?;
    let mut progress = UploadProgress::new(context);
    let waits = call.wait.unwrap_or(true);
    loop {
        let next_look = Instant::now() + PROGRESS_EVERY;
        let ended = |session: &mut Session| {
            let is_open = |item: &Item| {
                let is_known = !waits && item.state.receipt().is_some();
                (item.state.is_active() && !is_known) || item.awaits_late_reply()
            };
            let has_ended = !items(session, &ids).into_iter().any(is_open);
            (has_ended || Instant::now() >= next_look).then_some(has_ended)
        };
        let has_ended = tokio::select! {
            ended = tokio::time::timeout(PROGRESS_EVERY, desk.until(ended)) => ended.unwrap_or(Ok(false))?,
            () = context.ct.cancelled(), if !progress.is_cancelled => {
                progress.is_cancelled = true;
                desk.with(|session| session.uploads.cancel_items(&ids))?;
                false
            }
        };
        let now = desk.with(|session| measure(&items(session, &ids)))?;
        progress.notify(now).await;
        if has_ended {
            break;
        }
    }
    let result = desk.with(|session| {
        let reports: Vec<_> = items(session, &ids)
            .into_iter()
            .map(|item| {
                let mut report = Report::of(item, &session.keys);
                report.sent_before = sent_before.get(&item.request.id).copied().or(report.sent_before);
                with_advice(report.json(), report.outcome())
            })
            .collect();
        let any_done = reports.iter().any(|report| report["state"] == "done");
        // What has ended is in the history: a session of days keeps nothing of it in memory.
        let ended: Vec<_> = items(session, &ids)
            .into_iter()
            .filter(|item| !item.state.is_active())
            .map(|i| i.request.id)
            .collect();
        session.uploads.remove_items(&ended);
        (json!({ "uploads": reports }), any_done)
    })?;
    Ok(match result {
        (value, true) => CallToolResult::structured(value),
        (value, false) => CallToolResult::structured_error(value),
    })
}

/// Requests the files of a call. With `skip_sent` each content goes once; else those go again that were sent before, and
/// it is given back when that was.
fn request(session: &mut Session, ids: &[UploadId], skip_sent: bool) -> BTreeMap<UploadId, Timestamp> {
    let earlier = |item: &Item| Some((item.request.id, item.earlier.as_ref()?.requested));
    let sent_before: BTreeMap<_, _> = items(session, ids).into_iter().filter_map(earlier).collect();
    for id in sent_before.keys() {
        match skip_sent {
            true => session.uploads.use_previous(*id),
            false => session.uploads.send_all_the_same(*id),
        }
    }
    match skip_sent {
        true => session.uploads.upload_once(ids),
        false => session.uploads.upload(ids),
    }
    sent_before
}

/// Adds what to do, where an agent would do the wrong thing.
fn with_advice(mut object: Value, outcome: Outcome) -> Value {
    if outcome == Outcome::Unknown {
        object["advice"] = MAY_EXIST.into();
    }
    object
}

/// How far the files of a call are: the bytes sent, of how many, and the files that have ended, of how many.
#[derive(Clone, Copy, PartialEq)]
struct CallProgress {
    sent: u64,
    bytes: u64,
    ended: usize,
    files: usize,
}

fn measure(items: &[&Item]) -> CallProgress {
    let mut now = CallProgress { sent: 0, bytes: 0, ended: 0, files: items.len() };
    for item in items {
        let size = item.facts().map_or(0, |facts| facts.size);
        now.bytes += size;
        now.ended += usize::from(!item.state.is_active());
        now.sent += match &item.state {
            State::Ready | State::Waiting { .. } => 0,
            State::Sending { sent } => (*sent).min(size),
            _ => size,
        };
    }
    now
}

/// What a client was told of the progress of a call, if it wants to be told.
struct UploadProgress<'a> {
    context: &'a RequestContext<RoleServer>,
    last: Option<CallProgress>,
    is_cancelled: bool,
}

impl UploadProgress<'_> {
    fn new(context: &RequestContext<RoleServer>) -> UploadProgress<'_> {
        UploadProgress { context, last: None, is_cancelled: false }
    }

    async fn notify(&mut self, now: CallProgress) {
        let Some(token) = self.context.meta.get_progress_token() else { return };
        // It never falls, and is told only where it has grown.
        let has_grown = self
            .last
            .is_none_or(|last| now.sent > last.sent || (now.sent == last.sent && now.ended > last.ended));
        if !has_grown || self.is_cancelled {
            return;
        }
        self.last = Some(now);
        let message = format!("{} of {} finished", now.ended, count(now.files, "file"));
        // The files that have ended count as a byte each: so it grows with the last of them, too.
        let progress = (now.sent + now.ended as u64) as f64;
        let total = (now.bytes + now.files as u64) as f64;
        let told = ProgressNotificationParam::new(token, progress).with_total(total).with_message(message);
        if let Err(e) = self.context.peer.notify_progress(told).await {
            tracing::debug!("a client is not told of progress: {e}");
        }
    }
}

async fn check_files(desk: &AgentDesk, arguments: Value) -> Result<CallToolResult, CallError> {
    let call: UploadCall = read(arguments)?;
    let to = Arc::new(destination(desk, &call)?);
    let files = permitted(desk, &call.paths, &to, None).await.map_err(|denials| not_sent(&denials))?;
    let ids = inspected(desk, files, &to).await?;
    let reports = desk.with(|session| {
        let report = |item: &Item| Report::of(item, &session.keys).json();
        let reports: Vec<_> = items(session, &ids).into_iter().map(report).collect();
        session.uploads.remove_items(&ids);
        reports
    })?;
    Ok(CallToolResult::structured(json!({ "uploads": reports })))
}

fn list_destinations(desk: &AgentDesk, arguments: Value) -> Result<CallToolResult, CallError> {
    let NoArguments {} = read(arguments)?;
    let folders = desk
        .rights
        .folders()
        .map_err(|e| CallError::Refused(AgentDenial::Unreadable(e.kind().to_string()).to_string()))?;
    let all = desk.with(|session| {
        let chosen = session.keys.default_destination().map(|d| d.name.clone());
        let object = |to: &Arc<Destination>| {
            let facts = provider::by_id(&to.provider)?.facts();
            let uses = facts.results.uses.iter().map(|usage| {
                json!({ "kind": usage.kind.word(), "value": usage.value, "parameter": usage.parameter, "call": usage.call })
            });
            let may = folders.iter().filter(|folder| folder.takes(to)).map(|folder: &AgentFolder| {
                sanitize(&folder.path.to_string_lossy())
            });
            Some(json!({
                "name": to.name,
                "provider": to.provider,
                "account": to.account,
                "options": to.options,
                "default": chosen.as_ref() == Some(&to.name),
                "accepts": facts.summary(),
                "retention_hours": facts.terms.retention.map(|retention| retention.as_secs() / 3600),
                "uses": uses.collect::<Vec<_>>(),
                "folders": may.collect::<Vec<_>>(),
            }))
        };
        session.keys.destinations().iter().filter_map(object).collect::<Vec<_>>()
    })?;
    let mut result = json!({ "destinations": all });
    if all.is_empty() {
        result["note"] = json!(
            "There is no API key. Ask the person to add one: in Hoist's window, or with `hoist keys add VENDOR`"
        );
    }
    Ok(CallToolResult::structured(result))
}

/// Reads the history on a thread that may wait.
async fn remembered(
    desk: &AgentDesk,
    query: Query,
    mut keeps: impl FnMut(&Value) -> bool + Send + 'static,
) -> Result<Vec<Value>, CallError> {
    let folders = desk.folders.clone();
    let look = move || {
        let mut found = vec![];
        let (access, _) = HistoryAccess::open(&folders).map_err(|e| e.to_string())?;
        let Some(mut access) = access else { return Ok(found) };
        let read = access.each(&query, |record, attempts| -> Result<(), ReadError> {
            let object = report::remembered(record, attempts);
            if keeps(&object) {
                found.push(with_advice(object, Report::from(record).outcome()));
            }
            Ok(())
        });
        access.end();
        read.map(|()| found).map_err(|e| e.to_string())
    };
    let read = tokio::task::spawn_blocking(look).await;
    read.unwrap_or_else(|e| Err(e.to_string())).map_err(CallError::Refused)
}

async fn search_history(desk: &AgentDesk, arguments: Value) -> Result<CallToolResult, CallError> {
    let call: SearchCall = read(arguments)?;
    let limit = call.limit.unwrap_or(USUAL_FOUND).clamp(1, MAX_FOUND);
    let query = Query { search: call.query, limit: Some(limit), ..Query::default() };
    let mut found = remembered(desk, query, |_| true).await?;
    for object in found.iter_mut().filter_map(Value::as_object_mut) {
        object.remove("response"); // get_upload has it: a list would be long by it
        object.remove("attempts");
    }
    Ok(CallToolResult::structured(json!({ "uploads": found })))
}

async fn get_upload(desk: &AgentDesk, arguments: Value) -> Result<CallToolResult, CallError> {
    let call: GetCall = read(arguments)?;
    let id = call.id.clone();
    let is_it = move |object: &Value| object["id"] == id.as_str() || object["url"] == id.as_str();
    let query = Query { search: call.id, ..Query::default() };
    match remembered(desk, query, is_it).await?.into_iter().next() {
        Some(upload) => Ok(CallToolResult::structured(json!({ "upload": upload }))),
        None => Err(CallError::Refused("No upload in the history has this ID or link".to_owned())),
    }
}
