//! `hoist sandbox`: the local server on its own.

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use super::out;
use crate::provider;
use crate::sandbox::{BEHAVIOURS, Sandbox, Seen};

pub(super) fn run(port: u16) -> Result<ExitCode, String> {
    let seen = |seen: Seen| {
        let bytes = seen.bytes.map(|n| format!(" · {n} bytes taken")).unwrap_or_default();
        let path = crate::model::text::harmless(&seen.path);
        let _ = writeln!(std::io::stderr(), "{} {path} → {}{bytes}", seen.method, seen.status);
    };
    let sandbox = Sandbox::start(port, Arc::new(seen))
        .map_err(|e| format!("The sandbox cannot listen on port {port}: {e}. Choose another with --port"))?;
    out(&format!("Sandbox at {}: nothing leaves this computer. Ctrl+C ends it.\n", sandbox.origin()));
    let mut bases: Vec<_> = sandbox.bases().into_iter().collect();
    bases.sort();
    for (name, url) in bases {
        out(&format!("export {name}={url}"));
    }
    for service in provider::services() {
        out(&format!("export {}={}", service.env, service.sandbox_key));
    }
    out(
        "\nThese keys are made up; it takes no others. Accounts with these words in their names answer with:",
    );
    for (word, status) in BEHAVIOURS {
        out(&format!("    {word:<10} {status}"));
    }
    loop {
        std::thread::park();
    }
}
