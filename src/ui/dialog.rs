//! The system's file dialog, on a thread of its own.

use std::path::PathBuf;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use eframe::egui;

use crate::provider::facts::Facts;

/// A dialog that says "cancelled" faster than any person was never shown.
const TOO_FAST: Duration = Duration::from_millis(150);

/// What came of it.
pub(super) enum Answer {
    Files(Vec<PathBuf>),
    Cancelled,
    /// There is no portal and no zenity.
    Unavailable,
}

/// Opens the dialog, with what the destination takes as its first filter.
pub(super) fn open(ctx: egui::Context, facts: Option<&'static Facts>, answer: Sender<Answer>) {
    let failed = answer.clone();
    let ask = move || {
        let mut dialog = rfd::FileDialog::new().set_title("Add files");
        if let Some(facts) = facts {
            // Dialogs take the case of a name seriously, and cameras write capitals.
            let both = |e: &&'static str| [(*e).to_owned(), e.to_ascii_uppercase()];
            let extensions: Vec<_> =
                facts.types().flat_map(|m| m.extensions().iter().flat_map(both)).collect();
            dialog = dialog
                .add_filter(format!("Files for {}", facts.name), &extensions)
                .add_filter("All files", &["*"]);
        }
        let began = Instant::now();
        let told = match dialog.pick_files() {
            Some(files) => Answer::Files(files),
            None if began.elapsed() < TOO_FAST => Answer::Unavailable,
            None => Answer::Cancelled,
        };
        let _ = answer.send(told);
        ctx.request_repaint();
    };
    if let Err(e) = std::thread::Builder::new().name("hoist-dialog".into()).spawn(ask) {
        tracing::error!("no thread for the file dialog: {e}");
        let _ = failed.send(Answer::Unavailable);
    }
}
