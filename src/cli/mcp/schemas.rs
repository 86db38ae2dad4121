//! What tools take and give back, as JSON Schema.

use serde_json::{Value, json};

/// Returns an object with these properties, of which some are required.
fn object(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

/// Returns the same for arguments: nothing else may be given.
fn arguments(properties: &Value, required: &[&str]) -> Value {
    let mut object = object(properties, required);
    object["additionalProperties"] = false.into();
    object
}

fn list(of: &Value) -> Value {
    json!({ "type": "array", "items": of })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn text_or_null(description: &str) -> Value {
    json!({ "type": ["string", "null"], "description": description })
}

fn paths() -> Value {
    json!({
        "type": "array",
        "minItems": 1,
        "maxItems": super::calls::MAX_FILES,
        "items": { "type": "string" },
        "description": "Absolute paths of files on this computer",
    })
}

fn destination() -> Value {
    text("A destination's name, or a provider's ID, of list_destinations")
}

fn account_and_options() -> [(&'static str, Value); 2] {
    let options = json!({
        "type": "object",
        "additionalProperties": { "type": ["string", "boolean", "number"] },
        "description": "Options of the provider by their documented names",
    });
    [("account", text("The account: an email, a user_id or a project")), ("options", options)]
}

/// Returns what `upload` takes.
pub(super) fn upload_arguments() -> Value {
    let mut properties = json!({
        "paths": paths(),
        "to": destination(),
        "fit": {
            "type": "boolean",
            "default": false,
            "description": "Whether what is not accepted is converted, made smaller or cut, in a copy: ask the person first",
        },
        "wait": {
            "type": "boolean",
            "default": true,
            "description": "Whether to wait while a provider processes a file after the upload",
        },
        "skip_sent": {
            "type": "boolean",
            "default": true,
            "description": "Whether content that was sent to the same destination before is not sent again: its earlier ID is returned",
        },
    });
    for (name, schema) in account_and_options() {
        properties[name] = schema;
    }
    arguments(&properties, &["paths", "to"])
}

/// Returns what `check_files` takes.
pub(super) fn check_arguments() -> Value {
    let mut properties = json!({ "paths": paths(), "to": destination() });
    for (name, schema) in account_and_options() {
        properties[name] = schema;
    }
    arguments(&properties, &["paths", "to"])
}

/// Returns what `search_history` takes.
pub(super) fn search_arguments() -> Value {
    let limit = json!({
        "type": "integer", "minimum": 1, "maximum": super::calls::MAX_FOUND, "default": super::calls::USUAL_FOUND,
    });
    let query =
        text("Words of the file's name, ID, link, account or provider; without it, the newest uploads");
    arguments(&json!({ "query": query, "limit": limit }), &[])
}

/// Returns what `get_upload` takes.
pub(super) fn get_arguments() -> Value {
    arguments(&json!({ "id": text("The ID or link that an upload returned") }), &["id"])
}

/// Returns what `list_destinations` takes.
pub(super) fn no_arguments() -> Value {
    arguments(&json!({}), &[])
}

/// Returns a finding: what a destination would object to, with the copy that `fit` sends in the file's place.
fn finding() -> Value {
    let remedy = json!({
        "type": ["object", "null"],
        "properties": { "kind": text("convert, lower-quality, scale, cut or strip"), "label": text("The same for people") },
        "description": "The copy that answers it: upload with fit makes it",
    });
    let properties = json!({
        "severity": text("error: it would not be sent; or warning"),
        "message": text("The problem"),
        "hint": text("The next step"),
        "remedy": remedy,
    });
    object(&properties, &["severity", "message"])
}

/// Returns an upload as `hoist upload --json` prints it.
fn upload() -> Value {
    let state = json!({
        "type": "string",
        "description": "done; ready (a check only); refused, held or cancelled: nothing was accepted; unknown: it may exist, \
            do not send it again, ask the person; waiting or sending: another Hoist has it",
    });
    let properties = json!({
        "file": text("The file's absolute path"),
        "provider": text("The provider's ID"),
        "destination": text("The destination's name"),
        "account": text_or_null("The account, null for Auto"),
        "state": state,
        "id": text_or_null("The ID that the provider returned"),
        "url": text_or_null("The link that the provider returned"),
        "expires": text_or_null("When the provider deletes the file"),
        "values": { "type": "object", "description": "Every value that the provider returned and its documents name" },
        "error": { "type": ["object", "null"], "description": "The problem (message) and the next step (hint)" },
        "findings": list(&finding()),
        "warnings": list(&json!({ "type": "string" })),
        "sent_before": text_or_null("When the same content was sent to the same destination before"),
        "advice": text("The next step, where that is not plain"),
    });
    object(&properties, &["file", "provider", "destination", "state", "id", "url"])
}

/// Returns what tools give back that are about uploads.
pub(super) fn uploads() -> Value {
    object(&json!({ "uploads": list(&upload()) }), &["uploads"])
}

/// Returns what `get_upload` gives back.
pub(super) fn one_upload() -> Value {
    object(&json!({ "upload": upload() }), &["upload"])
}

/// Returns what `list_destinations` gives back.
pub(super) fn destinations() -> Value {
    let usage = json!({
        "kind": text("For assets of this kind"),
        "value": text("Which returned value"),
        "parameter": text("The parameter that it goes into"),
        "call": text("The call that takes it"),
    });
    let properties = json!({
        "name": text("The destination's name"),
        "provider": text("The provider's ID"),
        "account": text_or_null("The account, null for Auto"),
        "options": { "type": "object" },
        "default": { "type": "boolean" },
        "accepts": text("Types and sizes"),
        "retention_hours": { "type": ["integer", "null"], "description": "Files are deleted so long after the upload" },
        "uses": list(&object(&usage, &["kind", "value", "parameter", "call"])),
        "folders": list(&json!({ "type": "string", "description": "A folder from which you may send there" })),
    });
    let required = ["name", "provider", "accepts", "folders"];
    let note = text("What the person can do where there is none");
    object(&json!({ "destinations": list(&object(&properties, &required)), "note": note }), &["destinations"])
}
