//! A file and its copy at the size of the file's pixels: the same part of both, moved together.

use std::path::{Path, PathBuf};

use eframe::egui::{
    ColorImage, Context, CornerRadius, CursorIcon, EventFilter, Image, Key, Modifiers, Pos2, Rect, Response,
    TextureHandle, TextureOptions, Ui, Vec2, pos2, vec2,
};

use crate::session::Session;
use crate::session::api::{ComparedView, Item, MAX_PART, Picture, PicturePart, PreviewError};

/// How much of what is seen an arrow goes.
const STEP: f32 = 0.125;

/// What is seen of both.
pub(super) struct PixelZoom {
    pub(super) is_on: bool,
    /// What is in the middle, in shares of the sides.
    middle: Pos2,
    asked: Option<(PathBuf, PicturePart)>,
    original: ZoomedPart,
    copy: ZoomedPart,
}

/// A part of one of the two.
#[derive(Default)]
struct ZoomedPart {
    there: Option<Result<(TextureHandle, PicturePart), String>>,
    is_awaited: bool,
}

impl Default for PixelZoom {
    fn default() -> PixelZoom {
        PixelZoom {
            is_on: false,
            middle: pos2(0.5, 0.5),
            asked: None,
            original: ZoomedPart::default(),
            copy: ZoomedPart::default(),
        }
    }
}

impl PixelZoom {
    /// Shows each pixel around a point of the picture, or all of it again.
    pub(super) fn turn(&mut self, middle: Option<Pos2>) {
        self.is_on = !self.is_on;
        self.middle = middle.unwrap_or(pos2(0.5, 0.5));
    }

    /// Returns whether a part is still being read.
    pub(super) fn is_awaited(&self) -> bool {
        self.is_on && (self.original.is_awaited || self.copy.is_awaited)
    }

    /// Returns where all of a picture of so many pixels lies, of which a part is seen; its pixels are those of the screen.
    pub(super) fn whole(&mut self, ctx: &Context, seen: Rect, pixels: (u32, u32)) -> Rect {
        let whole = vec2(pixels.0 as f32, pixels.1 as f32) / ctx.pixels_per_point();
        let within = |middle: f32, half: f32| if half >= 0.5 { 0.5 } else { middle.clamp(half, 1.0 - half) };
        let half = seen.size() / whole / 2.0;
        self.middle = pos2(within(self.middle.x, half.x), within(self.middle.y, half.y));
        let ppp = ctx.pixels_per_point();
        let corner = seen.center() - self.middle.to_vec2() * whole;
        Rect::from_min_size((corner * ppp).round() / ppp, whole)
    }

    /// Moves both by the pointer, or by the arrows where the keyboard is.
    pub(super) fn follow(&mut self, ui: &Ui, response: &Response, whole: Rect) {
        let mut by = -response.drag_delta();
        if response.has_focus() {
            let filter =
                EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
            let steps = [
                (Key::ArrowLeft, vec2(-1.0, 0.0)),
                (Key::ArrowRight, vec2(1.0, 0.0)),
                (Key::ArrowUp, vec2(0.0, -1.0)),
                (Key::ArrowDown, vec2(0.0, 1.0)),
            ];
            for (key, way) in steps {
                let times = ui.input_mut(|input| input.count_and_consume_key(Modifiers::NONE, key));
                by += way * response.rect.size() * STEP * times as f32;
            }
        }
        if by != Vec2::ZERO {
            self.middle += by / whole.size();
        }
        if response.hovered() {
            let is_held = response.is_pointer_button_down_on();
            ui.ctx().set_cursor_icon(if is_held { CursorIcon::Grabbing } else { CursorIcon::Grab });
        }
    }

    /// Asks for what is seen and is not there; while it is dragged, what was there before is moved.
    pub(super) fn want(&mut self, ui: &Ui, (session, item): (&Session, &Item), seen: Rect, whole: Rect) {
        let original = item.request.copy.as_ref().and_then(|copy| copy.original_facts(&item.request.path));
        let Some((original, made)) = original.and_then(|facts| facts.pixels).zip(item.facts()) else {
            return;
        };
        let part = |seen: Rect| part_of(seen, whole, original);
        let known = self.asked.as_ref();
        let covers = known.is_some_and(|(_, known)| contains(known, &part(seen)));
        if known.is_some_and(|(path, _)| covers && *path == made.path)
            || ui.input(|input| input.pointer.primary_down())
        {
            return;
        }
        let wanted = match known {
            Some((_, known)) if covers => *known,
            _ => part(seen.expand2(seen.size() / 2.0)),
        };
        let copy_only = covers && !self.original.is_awaited;
        self.original.is_awaited |= !copy_only;
        self.copy.is_awaited = true;
        session.uploads.want_compared(item, ComparedView::Part(wanted), copy_only);
        self.asked = Some((made.path.clone(), wanted));
    }

    /// Receives a part of one of them.
    pub(super) fn take(
        &mut self,
        ctx: &Context,
        path: &Path,
        part: &Result<(Picture, PicturePart), PreviewError>,
    ) {
        let is_copy = self.asked.as_ref().is_some_and(|(copy, _)| copy == path);
        let one = if is_copy { &mut self.copy } else { &mut self.original };
        one.is_awaited = false;
        one.there = Some(match part {
            Ok((picture, part)) => {
                let size = [picture.width as usize, picture.height as usize];
                let image = ColorImage::from_rgba_unmultiplied(size, &picture.rgba);
                let name = if is_copy { "a part of the copy" } else { "a part of the original" };
                Ok((ctx.load_texture(name, image, TextureOptions::LINEAR), *part))
            }
            Err(why) => Err(why.to_string()),
        });
    }

    /// Draws what is seen of one of them; where its pixels are not there yet, those of a smaller picture of all of it.
    /// Gives back why there are none.
    pub(super) fn draw(
        &self,
        ui: &Ui,
        is_copy: bool,
        (seen, whole): (Rect, Rect),
        (small, corners): (&TextureHandle, CornerRadius),
    ) -> Option<&str> {
        let one = if is_copy { &self.copy } else { &self.original };
        match &one.there {
            Some(Err(why)) => return Some(why),
            Some(Ok((texture, part))) => {
                let at = place_of(part, whole);
                if !at.contains_rect(seen.intersect(whole).shrink(0.5)) {
                    paint(ui, small, whole, seen, corners);
                }
                paint(ui, texture, at, seen, corners);
            }
            None => paint(ui, small, whole, seen, corners),
        }
        None
    }
}

/// Returns which pixels are seen.
fn part_of(seen: Rect, whole: Rect, pixels: (u32, u32)) -> PicturePart {
    let seen = seen.intersect(whole);
    let along = |from: f32, to: f32, start: f32, length: f32, pixels: u32| {
        let pixel = |at: f32| (at - start) / length.max(1.0) * pixels as f32;
        let first = (pixel(from).floor().max(0.0) as u32).min(pixels.saturating_sub(1));
        let last = (pixel(to).ceil().max(0.0) as u32).clamp(first + 1, pixels.max(1));
        (first, (last - first).min(MAX_PART))
    };
    let (left, width) = along(seen.left(), seen.right(), whole.left(), whole.width(), pixels.0);
    let (top, height) = along(seen.top(), seen.bottom(), whole.top(), whole.height(), pixels.1);
    PicturePart { left, top, width, height, whole: pixels }
}

fn contains(outer: &PicturePart, inner: &PicturePart) -> bool {
    let along = |from: u32, length: u32, start: u32, room: u32| {
        from + 1 >= start && from + length <= start + room + 1
    };
    outer.whole == inner.whole
        && along(inner.left, inner.width, outer.left, outer.width)
        && along(inner.top, inner.height, outer.top, outer.height)
}

/// Returns where a part lies.
fn place_of(part: &PicturePart, whole: Rect) -> Rect {
    let (width, height) = (part.whole.0.max(1) as f32, part.whole.1.max(1) as f32);
    let pixel = whole.size() / vec2(width, height);
    let corner = whole.min + vec2(part.left as f32, part.top as f32) * pixel;
    Rect::from_min_size(corner, vec2(part.width as f32, part.height as f32) * pixel)
}

/// Draws what is seen of a texture.
fn paint(ui: &Ui, texture: &TextureHandle, at: Rect, seen: Rect, corners: CornerRadius) {
    let inside = at.intersect(seen);
    if !inside.is_positive() {
        return;
    }
    let uv = Rect::from_min_max(
        ((inside.min - at.min) / at.size()).to_pos2(),
        ((inside.max - at.min) / at.size()).to_pos2(),
    );
    let image = Image::from_texture(texture).uv(uv);
    let image = if inside.contains_rect(seen.shrink(1.0)) { image.corner_radius(corners) } else { image };
    image.paint_at(ui, inside);
}
