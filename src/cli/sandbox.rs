//! `hoist sandbox`: the local server on its own.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::{Map, json};

use super::output::{out, out_json};
use crate::session::api::{BEHAVIOURS, Sandbox, SandboxRequest, provider, text};

pub(super) fn run(port: u16, as_json: bool) -> Result<ExitCode, String> {
    let seen = |seen: SandboxRequest| {
        let bytes = seen.bytes.map(|n| format!(" · {n} bytes received")).unwrap_or_default();
        let path = text::sanitize(&seen.path);
        let _ = writeln!(std::io::stderr(), "{} {path} → {}{bytes}", seen.method, seen.status);
    };
    let sandbox = Sandbox::start(port, Arc::new(seen))
        .map_err(|e| format!("The sandbox cannot listen on port {port}: {e}. Choose another with --port"))?;
    // Of those that lists show: an environment with a key for each of the others would offer them all.
    let is_shown = |name: &str| {
        provider::shown_vendors()
            .iter()
            .flat_map(|vendor| vendor.endpoints)
            .any(|endpoint| endpoint.env == name)
    };
    let mut variables: Vec<_> = sandbox.bases().into_iter().filter(|(name, _)| is_shown(name)).collect();
    variables.sort();
    variables.extend(provider::shown_vendors().into_iter().map(|s| (s.env, s.sandbox.key.to_owned())));
    if as_json {
        let variables: Map<_, _> =
            variables.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        let behaviours: Map<_, _> =
            BEHAVIOURS.iter().map(|(word, status)| ((*word).to_owned(), (*status).into())).collect();
        let object = json!({ "origin": sandbox.origin(), "variables": variables, "behaviours": behaviours });
        out_json(&object);
    } else {
        lines(&sandbox.origin(), &variables);
    }
    loop {
        std::thread::park();
    }
}

fn lines(origin: &str, variables: &[(&'static str, String)]) {
    out(&format!("Sandbox at {origin}: uploads stay on this computer. Ctrl+C ends it.\n"));
    for (name, value) in variables {
        out(&format!("export {name}={value}"));
    }
    out("\nOnly these made-up keys work. Accounts with these words in their names answer with:");
    for (word, status) in BEHAVIOURS {
        out(&format!("    {word:<10} {status}"));
    }
}
