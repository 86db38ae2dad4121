//! A file and its copy side by side, at the same zoom.

use std::path::{Path, PathBuf};

use eframe::egui::{
    self, Align, Align2, ColorImage, Context, CornerRadius, Layout, Rect, Response, Role, Sense, Stroke,
    StrokeKind, TextureHandle, TextureOptions, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::zoom::PixelZoom;
use crate::session::Session;
use crate::session::api::{ComparedPicture, ComparedView, FileFacts, Item, Kind, Preview, preview, text};
use crate::ui::file_picture::icon_of;
use crate::ui::theme::{self, RADIUS_ROW, tokens};
use crate::ui::widgets::{Button, Weight, centred, focus_ring, line, presses_enter};

/// The longest sides of the pictures, in pixels: a card's at two pixels a point.
const BOX: (u32, u32) = (640, 480);

/// Height of the words below a picture.
const WORDS: f32 = 50.0;

/// What one of the two looks like.
#[derive(Default)]
enum ComparedLook {
    #[default]
    Awaited,
    Picture(TextureHandle),
    Waveform(Vec<u8>),
    None(String),
}

/// One of the two, by its path.
#[derive(Default)]
struct Compared {
    path: PathBuf,
    look: ComparedLook,
    is_awaited: bool,
}

/// What both look like, as far as that is known.
#[derive(Default)]
pub(super) struct Comparison {
    original: Compared,
    copy: Compared,
    zoom: PixelZoom,
}

/// What stands below a picture.
pub(super) struct CardText {
    pub(super) title: &'static str,
    /// "−81 %", and whether that is less.
    pub(super) share: Option<(String, bool)>,
    pub(super) details: String,
}

impl Comparison {
    /// Asks for the pictures of a file and its copy that are not there yet.
    pub(super) fn want(&mut self, session: &Session, item: &Item) {
        let Some(made) = item.facts().filter(|made| made.path != self.copy.path) else { return };
        let has_original = self.original.path == item.request.path;
        if !has_original {
            let path = item.request.path.clone();
            self.original = Compared { path, look: ComparedLook::Awaited, is_awaited: true };
        }
        // What the copy before looked like stays until this one is there.
        self.copy.path.clone_from(&made.path);
        self.copy.is_awaited = true;
        session.uploads.want_compared(
            item,
            ComparedView::Whole(BOX),
            has_original && !self.original.is_awaited,
        );
    }

    /// Receives what one of them looks like.
    pub(super) fn take(&mut self, ctx: &Context, path: &Path, picture: &ComparedPicture) {
        let preview = match picture {
            ComparedPicture::Whole(preview) => preview,
            ComparedPicture::Part(part) => return self.zoom.take(ctx, path, part),
        };
        for (one, name) in [(&mut self.original, "the original"), (&mut self.copy, "the copy")] {
            if one.path != path {
                continue;
            }
            one.is_awaited = false;
            one.look = match preview {
                Ok(Preview::Picture(picture)) => {
                    let size = [picture.width as usize, picture.height as usize];
                    let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
                    ComparedLook::Picture(ctx.load_texture(name, image, TextureOptions::LINEAR))
                }
                Ok(Preview::Waveform(peaks)) => ComparedLook::Waveform(peaks.clone()),
                Err(why) => ComparedLook::None(why.to_string()),
            };
        }
    }

    /// Returns whether anything is still being drawn.
    pub(super) fn is_awaited(&self) -> bool {
        self.original.is_awaited || self.copy.is_awaited || self.zoom.is_awaited()
    }

    /// Returns how loud the file itself is, from its beginning to its end.
    pub(super) fn peaks(&self) -> &[u8] {
        match &self.original.look {
            ComparedLook::Waveform(peaks) => peaks,
            _ => &[],
        }
    }

    /// Returns the size of a picture that has more pixels than a card shows, where both can be decoded.
    fn zoomable(&self, ui: &Ui, facts: Option<&FileFacts>, card: egui::Vec2) -> Option<(u32, u32)> {
        let media = facts?.recognised.media().filter(|media| preview::can_decode(*media))?;
        let (width, height) = facts?.pixels.filter(|_| media.kind() == Kind::Image)?;
        let is_drawn = |one: &Compared| matches!(one.look, ComparedLook::Picture(_));
        let shown = card * ui.ctx().pixels_per_point();
        let is_larger = width as f32 > shown.x || height as f32 > shown.y;
        (is_larger && is_drawn(&self.original) && is_drawn(&self.copy)).then_some((width, height))
    }

    /// Draws both. Sound has a waveform of its own below, and here only words.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        of: (&Session, &Item),
        facts: Option<&FileFacts>,
        (original, copy): (&CardText, &CardText),
    ) {
        let t = tokens(ui);
        let is_sound = facts.and_then(|f| f.recognised.media()).is_some_and(|m| m.kind() == Kind::Audio);
        let gap = 12.0;
        let width = ((ui.available_width() - gap) / 2.0).floor();
        let tallest = (ui.ctx().content_rect().height() - 412.0).clamp(64.0, 190.0);
        let picture = match facts.and_then(|facts| facts.pixels) {
            _ if is_sound => 0.0,
            Some((w, h)) => (width * h as f32 / (w as f32).max(1.0)).clamp(64.0, tallest),
            None => tallest,
        };
        let size = vec2(2.0 * width + gap, picture + WORDS);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        let zoomable = self.zoomable(ui, facts, vec2(width, picture));
        let card = |n: usize| {
            let left = rect.left() + n as f32 * (width + gap);
            Rect::from_min_size(pos2(left, rect.top()), vec2(width, size.y))
        };
        let seen = |n: usize| card(n).with_max_y(card(n).top() + picture);
        if picture > 0.0 {
            let asked = [original, copy].map(|words| image_id(words.title));
            let pictures = [0, 1].map(|n| {
                let sense = match (zoomable, n) {
                    (None, _) => Sense::hover(),
                    (_, 0) => Sense::click_and_drag(),
                    _ => Sense::CLICK | Sense::DRAG,
                };
                ui.interact(seen(n), asked[n], sense)
            });
            if let Some(pixels) = zoomable {
                self.move_about(ui, &pictures, pixels);
            }
            let whole = zoomable.filter(|_| self.zoom.is_on);
            let whole = whole.map(|pixels| [0, 1].map(|n| self.zoom.whole(ui.ctx(), seen(n), pixels)));
            if let Some([whole, _]) = whole {
                self.zoom.want(ui, of, seen(0), whole);
            }
            let both = [(&self.original, original), (&self.copy, copy)];
            for (n, (one, words)) in both.into_iter().enumerate() {
                let zoomed = whole.map(|whole| (&self.zoom, n == 1, whole[n]));
                one.show(ui, seen(n), (words.title, &pictures[n]), facts, zoomed);
                if zoomable.is_some() {
                    focus_ring(ui, seen(n), &pictures[n], RADIUS_ROW);
                }
            }
        }
        for (n, words) in [original, copy].into_iter().enumerate() {
            let inside = card(n).with_min_y(card(n).top() + picture).shrink2(vec2(11.0, 7.0));
            card_words(ui, inside, words);
            let edge = if n == 1 { t.accent } else { t.line };
            let corners = CornerRadius::same(RADIUS_ROW);
            ui.painter().rect_stroke(card(n), corners, Stroke::new(1.0, edge), StrokeKind::Inside);
        }
        if zoomable.is_some() {
            self.zoom_button(ui, seen(1), original.title);
        }
    }

    /// Zooms to where a picture is clicked, and moves both.
    fn move_about(&mut self, ui: &Ui, pictures: &[Response; 2], pixels: (u32, u32)) {
        for response in pictures {
            presses_enter(response);
            if response.clicked() {
                let (width, height) = (pixels.0 as f32, pixels.1 as f32);
                let scale = (response.rect.width() / width).min(response.rect.height() / height);
                let all = Rect::from_center_size(response.rect.center(), vec2(width, height) * scale);
                let middle =
                    response.interact_pointer_pos().map(|at| ((at - all.min) / all.size()).to_pos2());
                self.zoom.turn(middle);
            } else if self.zoom.is_on {
                let whole = self.zoom.whole(ui.ctx(), response.rect, pixels);
                self.zoom.follow(ui, response, whole);
            } else if response.hovered() {
                ui.ctx().set_cursor_icon(egui::CursorIcon::ZoomIn);
            }
        }
    }

    /// Draws the button that shows each pixel, or all of both again. Arrows move them then.
    fn zoom_button(&mut self, ui: &mut Ui, seen: Rect, original: &str) {
        let button = match self.zoom.is_on {
            true => Button::new(Weight::Secondary, "Whole").named("Whole: show all of both"),
            false => Button::new(Weight::Secondary, "1:1").named("1:1: show each pixel"),
        };
        let button = button.small();
        let at = pos2(seen.right() - 8.0 - button.width(ui), seen.top() + 8.0);
        let at = Rect::from_min_size(at, vec2(button.width(ui), 26.0));
        let id = egui::Id::unique("the zoom of a comparison");
        if button.show(&mut ui.new_child(UiBuilder::new().scope_id(id).max_rect(at))).clicked() {
            self.zoom.turn(None);
            if self.zoom.is_on {
                ui.memory_mut(|memory| memory.request_focus(image_id(original)));
            }
        }
    }
}

fn image_id(title: &str) -> egui::Id {
    egui::Id::unique(("compared", title))
}

impl Compared {
    fn show(
        &self,
        ui: &mut Ui,
        rect: Rect,
        (title, response): (&str, &Response),
        facts: Option<&FileFacts>,
        zoomed: Option<(&PixelZoom, bool, Rect)>,
    ) {
        let t = tokens(ui);
        let top = CornerRadius { nw: RADIUS_ROW, ne: RADIUS_ROW, sw: 0, se: 0 };
        ui.painter().rect_filled(rect, top, t.control);
        let explain = |ui: &mut Ui, why: &str| {
            let layout = Layout::top_down(Align::Center);
            let below = rect.with_min_y(rect.center().y - 8.0).shrink2(vec2(12.0, 0.0));
            let mut inside = ui.new_child(UiBuilder::new().max_rect(below).layout(layout));
            centred(&mut inside, why, theme::secondary(), t.dim);
        };
        match &self.look {
            ComparedLook::Picture(texture) => {
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, title));
                if let Some((zoom, is_copy, whole)) = zoomed {
                    if let Some(why) = zoom.draw(ui, is_copy, (rect, whole), (texture, top)) {
                        explain(ui, why);
                    }
                    return;
                }
                let [w, h] = texture.size().map(|side| side as f32);
                let scale = (rect.width() / w).min(rect.height() / h);
                let at = Rect::from_center_size(rect.center(), vec2(w, h) * scale);
                let round = (at.width() >= rect.width() - 1.0) && (at.height() >= rect.height() - 1.0);
                let ink = if self.is_awaited { 0.6 } else { 1.0 };
                let image = egui::Image::from_texture(texture).tint(egui::Color32::WHITE.gamma_multiply(ink));
                let image = if round { image.corner_radius(top) } else { image };
                image.paint_at(ui, at);
            }
            ComparedLook::None(why) => explain(ui, why),
            ComparedLook::Awaited | ComparedLook::Waveform(_) => {
                let icon = icon_of(facts.and_then(|facts| facts.recognised.media()));
                let (at, font) = (rect.center(), theme::icons(30.0));
                ui.painter().text(at, Align2::CENTER_CENTER, icon.unicode(), font, t.dim);
            }
        }
    }
}

fn card_words(ui: &mut Ui, rect: Rect, words: &CardText) {
    let t = tokens(ui);
    let mut ui = ui.new_child(UiBuilder::new().id_salt(words.title).max_rect(rect));
    ui.spacing_mut().item_spacing.y = 0.0;
    ui.spacing_mut().interact_size.y = 0.0;
    ui.horizontal(|ui| {
        line(ui, words.title, theme::strong(), t.text);
        if let Some((share, is_less)) = &words.share {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                line(ui, share, theme::strong(), if *is_less { t.good } else { t.dim });
            });
        }
    });
    line(&mut ui, &words.details, theme::secondary(), t.dim);
}

/// Returns what a file is, in a line: "PNG · 9000 × 6000 · 31.4 MB"; its quality stands beside its type.
pub(super) fn describe(facts: &FileFacts, quality: Option<&str>) -> String {
    let label = facts.recognised.label().map(|label| match quality {
        Some(quality) => format!("{label} {quality}"),
        None => label.to_owned(),
    });
    let pixels = facts.pixels.map(|(width, height)| format!("{width} × {height}"));
    let length = facts.duration.map(text::playing_time);
    let parts = [label, pixels, length, Some(text::bytes(facts.size))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
