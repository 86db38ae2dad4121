//! Files of programs in a sandbox of their own, by the desktop's portal for documents.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use zbus::blocking::connection::Builder;
use zbus::zvariant::Value;

/// The portal may have to be started.
const TIMEOUT: Duration = Duration::from_secs(5);

/// More files than these are not taken at once.
const MAX_FILES: usize = 10_000;

/// Returns the files that the key of a transfer stands for; none where the portal is not there or knows nothing of it.
pub(super) fn files(key: &[u8]) -> Option<Vec<PathBuf>> {
    let key = std::str::from_utf8(key).ok()?.trim_end_matches('\0').trim();
    match ask(key) {
        Ok(files) => {
            let files = files.into_iter().map(PathBuf::from).filter(|file| file.is_absolute());
            Some(files.take(MAX_FILES).collect::<Vec<_>>()).filter(|files| !files.is_empty())
        }
        Err(e) => {
            tracing::warn!("the portal gives no files: {e}");
            None
        }
    }
}

fn ask(key: &str) -> zbus::Result<Vec<String>> {
    let bus = Builder::session()?.method_timeout(TIMEOUT).build()?;
    let options: HashMap<&str, Value<'_>> = HashMap::new();
    let reply = bus.call_method(
        Some("org.freedesktop.portal.Documents"),
        "/org/freedesktop/portal/documents",
        Some("org.freedesktop.portal.FileTransfer"),
        "RetrieveFiles",
        &(key, options),
    )?;
    reply.body().deserialize()
}
