//! Telling of something by the system's own notifications.

use std::sync::Once;

/// That there is nobody to show them is said once a run.
static SAID: Once = Once::new();

/// Shows a notification. It is asked for on a thread of its own, since a notification provider may be slow, or none.
pub fn notify(summary: String, body: String) {
    let show = move || {
        let mut notification = notify_rust::Notification::new();
        notification.appname("Hoist").icon("hoist").summary(&summary).body(&body);
        #[cfg(all(unix, not(target_os = "macos")))]
        notification.hint(notify_rust::Hint::DesktopEntry("hoist".to_owned()));
        #[cfg(windows)]
        notification.app_id(super::identity::APP_ID);
        if let Err(e) = notification.show() {
            SAID.call_once(|| tracing::info!("nothing shows notifications here: {e}"));
        }
    };
    if let Err(e) = std::thread::Builder::new().name("hoist-notify".into()).spawn(show) {
        tracing::error!("no thread for a notification: {e}");
    }
}
