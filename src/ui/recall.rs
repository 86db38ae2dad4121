//! How the look of the window is written down, and made again.

use std::time::Instant;

use eframe::egui;
use strum::IntoEnumIterator;

use super::action::Page;
use super::app::App;
use crate::session::Session;
use crate::session::api::WindowView;

impl App {
    /// Makes the window look as it did last. Its size is the window system's affair, and was asked for before.
    pub(super) fn recall(&mut self, ctx: &egui::Context) {
        let view = self.session.window.view().clone();
        // Not `set_zoom_factor`: before the first frame that takes the window for one of 10,000 points.
        ctx.options_mut(|options| options.zoom_factor = view.zoom);
        self.pages.shown = Page::iter().find(|page| page.id() == view.page).unwrap_or_default();
        self.pages.details.pinned = view.details_pinned;
        self.pages.history.recall(&view.history);
        // They wait on, or go into the queue, where there is a destination by now.
        self.session.stage(view.waiting, None);
    }

    /// Writes down how the window looks, once that stays so for a moment.
    pub(super) fn remember(&mut self, ctx: &egui::Context) {
        let view = self.view(ctx);
        let has_staged = view.waiting != self.real_session().window.view().waiting;
        match self.pages.remembered.follow(view, Instant::now()) {
            Some(left) if left.is_zero() => self.remember_last(),
            Some(left) => ctx.request_repaint_after(left),
            None if has_staged => self.remember_last(),
            None => {}
        }
    }

    /// Returns the session whose window it is: while the sandbox is tried, too, that is the one before.
    fn real_session(&self) -> &Session {
        self.trial.parked.as_ref().map_or(&self.session, |(before, _)| before)
    }

    /// Writes down how the window looked last.
    pub(super) fn remember_last(&mut self) {
        let session = match &mut self.trial.parked {
            Some((before, _)) => before.as_mut(),
            None => &mut self.session,
        };
        if let Some(view) = self.pages.remembered.write() {
            session.window.remember(view);
        }
    }

    fn view(&self, ctx: &egui::Context) -> WindowView {
        let before = self.pages.remembered.view().unwrap_or(self.session.window.view());
        let zoom = ctx.zoom_factor();
        let (maximized, hidden) = ctx.input(|input| {
            let viewport = input.viewport();
            let fills = viewport.maximized == Some(true);
            (fills, viewport.minimized == Some(true) || viewport.fullscreen == Some(true))
        });
        let size = ctx.content_rect().size() * zoom;
        let size = if maximized || hidden { before.size } else { Some([size.x.round(), size.y.round()]) };
        WindowView {
            size,
            maximized: if hidden { before.maximized } else { maximized },
            zoom,
            page: self.pages.shown.id().to_owned(),
            details_pinned: self.pages.details.pinned,
            waiting: WindowView::rememberable(self.real_session().intake.waiting()),
            history: self.pages.history.remembered(),
        }
    }
}
