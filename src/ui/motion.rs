//! How things come into sight: they ease in, unless the desktop asks for less motion.

use eframe::egui::{Context, Id, emath::easing};

use super::action::Page;
use crate::platform::motion;

/// How long anything takes to come into sight, in seconds.
const TIME: f32 = 0.14;

/// Lets sheets, toasts and pages ease in, in a window on a screen. Where the desktop asks for less motion they are there
/// at once: that is known a moment later, since the desktop is asked on another thread.
pub(super) fn start(ctx: &Context) {
    ctx.all_styles_mut(|style| style.animation_time = TIME);
    let ctx = ctx.clone();
    let ask = move || {
        if motion::is_reduced() {
            ctx.all_styles_mut(|style| style.animation_time = 0.0);
        }
    };
    if let Err(e) = std::thread::Builder::new().name("hoist-motion".into()).spawn(ask) {
        tracing::warn!("the desktop cannot be asked whether it wants less motion: {e}");
    }
}

/// Returns how opaque the page is that is shown: it eases in after another one.
pub(super) fn page_opacity(ctx: &Context, shown: Page) -> f32 {
    let mut opacity = 1.0;
    for page in [Page::Upload, Page::History, Page::Keys, Page::Providers, Page::Settings] {
        let id = Id::unique(("how opaque a page is", page.name()));
        let now = ctx.animate_bool_with_easing(id, page == shown, easing::cubic_out);
        if page == shown {
            opacity = now;
        }
    }
    opacity
}

/// Returns how opaque the details are: beside the list they ease in when they are opened. Over the page egui eases them.
pub(super) fn details_opacity(ctx: &Context, are_beside: bool) -> f32 {
    let id = Id::unique("how opaque the details are");
    let now = ctx.animate_bool_with_easing(id, are_beside, easing::cubic_out);
    if are_beside { now } else { 1.0 }
}

/// Returns whether nothing is to move by itself: what eases in takes no time then.
pub(super) fn is_reduced(ctx: &Context) -> bool {
    ctx.global_style().animation_time <= 0.0
}
