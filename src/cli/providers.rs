//! `hoist providers`: the table.

use serde_json::{Value, json};

use super::output::{out, out_json};
use crate::session::api::provider::{self, Facts, ValueKind};

pub(super) fn run(as_json: bool) {
    let all = provider::all().into_iter().map(|p| p.facts());
    if as_json {
        out_json(&Value::Array(all.map(object).collect()));
        return;
    }
    for facts in all {
        let legacy = if facts.legacy.is_some() { " (legacy)" } else { "" };
        out(&format!("{} · {}{legacy}", facts.id, facts.name));
        out(&format!("    accepts  {}", facts.summary()));
        let vendor = facts.vendor;
        out(&format!("    key      {} ({}, or `hoist keys add {}`)", vendor.name, vendor.env, vendor.id));
        for option in facts.all_options() {
            out(&format!("    -o {}  {}", option.key, option.help));
        }
        if let Some(why) = facts.legacy {
            out(&format!("    note     {why}"));
        }
        if let Some(lives) = facts.retention {
            out(&format!("    note     files are deleted {} hours after the upload", lives.as_secs() / 3600));
        }
    }
}

fn object(facts: &Facts) -> Value {
    let accepts = facts.accepts.iter().map(|a| {
        json!({
            "types": a.types.iter().map(|m| m.mime()).collect::<Vec<_>>(),
            "max_bytes": a.max_bytes,
            "advised_bytes": a.advised_bytes,
        })
    });
    let options = facts.all_options().map(|o| {
        let (form, default) = match o.form {
            ValueKind::Text => ("text", Value::Null),
            ValueKind::Email => ("email", Value::Null),
            ValueKind::Uuid => ("uuid", Value::Null),
            ValueKind::Flag(default) => ("flag", default.into()),
            ValueKind::Choice(all) => ("choice", all[0].into()),
        };
        json!({ "key": o.key, "label": o.label, "help": o.help, "kind": form, "default": default })
    });
    json!({
        "id": facts.id,
        "name": facts.name,
        "vendor": facts.vendor.id,
        "key_variable": facts.vendor.env,
        "legacy": facts.legacy,
        "accepts": accepts.collect::<Vec<_>>(),
        "account": facts.account.map(|a| a.key),
        "options": options.collect::<Vec<_>>(),
        "retention_hours": facts.retention.map(|l| l.as_secs() / 3600),
        "document": facts.document,
    })
}
