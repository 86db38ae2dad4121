//! The report that helps to find a fault, copied to be sent to somebody.

use std::sync::mpsc::{self, Receiver};

use eframe::egui::{Context, Ui};
use lucide_icons::Icon;

use crate::platform::display;
use crate::session::api::Folders;
use crate::session::diagnostics;
use crate::session::notice::Notice;
use crate::ui::action::{Action, CopiedAt};
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, COPIED, Weight, form_row};

/// The name of its row.
pub(super) const NAME: &str = "Diagnostics report";

/// The button that answers "Copied".
const SPOT: CopiedAt = CopiedAt::Button("diagnostics");

/// A report that is being written: it reads the log, and so it has a thread.
#[derive(Default)]
pub(super) struct Awaited(Option<Receiver<String>>);

pub(super) fn show(
    ui: &mut Ui,
    view: &ViewContext<'_>,
    folders: Option<&Folders>,
    awaited: &mut Awaited,
    actions: &mut Vec<Action>,
) {
    if let Some(text) = awaited.0.as_ref().and_then(|report| report.try_recv().ok()) {
        awaited.0 = None;
        actions.push(Action::Copy(SPOT, text));
    }
    let help = "Versions, counts and the log's last lines, to find a fault: no key, name or address";
    form_row(ui, NAME, help, |ui| {
        let (icon, label) =
            if view.says_copied(&SPOT) { (Icon::Check, COPIED) } else { (Icon::Copy, "Copy") };
        let name = format!("{label} the diagnostics report");
        if !Button::new(Weight::Secondary, label).icon(icon).answering("Copy").named(&name).show(ui).clicked()
        {
            return;
        }
        let ctx = ui.ctx().clone();
        let report = diagnostics::of(view.session, folders, &screen(&ctx));
        let (written, answer) = mpsc::channel();
        let work = move || {
            let _ = written.send(report.report());
            ctx.request_repaint();
        };
        match std::thread::Builder::new().name("hoist-report".into()).spawn(work) {
            Ok(_) => awaited.0 = Some(answer),
            Err(e) => {
                tracing::error!("no thread for a report: {e}");
                let problem = "The report could not be made: the system is out of threads";
                actions.push(Action::Notify(Notice::error(problem)));
            }
        }
    });
}

/// Returns what is known of the screen: "X11, scale 1.25, zoom 1.1".
fn screen(ctx: &Context) -> String {
    let scale = ctx.native_pixels_per_point().unwrap_or(1.0);
    format!("{}, scale {scale}, zoom {}", display::kind(), ctx.zoom_factor())
}
