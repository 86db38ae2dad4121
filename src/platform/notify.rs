//! Telling of something by the system's own notifications.

/// Shows a notification. It is asked for on a thread of its own, since a notification service may be slow, or none.
pub fn notify(summary: String, body: String) {
    let show = move || {
        let shown = notify_rust::Notification::new()
            .appname("Hoist")
            .icon("hoist")
            .summary(&summary)
            .body(&body)
            .show();
        if let Err(e) = shown {
            tracing::info!("nothing shows notifications here: {e}");
        }
    };
    if let Err(e) = std::thread::Builder::new().name("hoist-notify".into()).spawn(show) {
        tracing::error!("no thread for a notification: {e}");
    }
}
