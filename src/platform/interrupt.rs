//! Ctrl+C where nothing else waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Returns what is set at the first Ctrl+C. Where that cannot be waited for, it ends the program as ever.
pub fn on_interrupt() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let set = interrupted.clone();
    let wait = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(tokio::signal::ctrl_c())?;
        set.store(true, Ordering::SeqCst);
        std::io::Result::Ok(())
    };
    let named = std::thread::Builder::new().name("hoist-interrupt".into());
    if let Err(e) = named.spawn(move || wait().unwrap_or_else(|e| tracing::warn!("no Ctrl+C: {e}"))) {
        tracing::warn!("no thread for Ctrl+C: {e}");
    }
    interrupted
}
