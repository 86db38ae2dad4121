//! Pictures of the window, drawn without a GPU.
//!
//! The renderer that comes with `egui_kittest` needs a graphics library, which a build machine may not have.
//! This one fills egui's triangles on the processor, so it needs nothing but this file.
//!
//! It follows the rules of egui's own shaders: colours are multiplied and blended as they are stored (gamma
//! space, premultiplied alpha), and corners lie on the grid of 1/256 pixel that GPUs use. Measured against
//! `egui_glow` on Mesa's llvmpipe, a window of text, rounded frames and pictures differs by at most 1/255. In
//! a harder scene a few pixels in a million, on smoothed edges, were 2/255 off. With nearest filtering, a
//! pixel right between two texels may take the other one.
//!
//! Left out is what Hoist does not use: paint callbacks, repeated textures and mip maps. Dithering and
//! multisampling are off, as in every `egui_kittest` picture.

use std::array::from_fn;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use eframe::egui::epaint::{ImageDelta, Primitive, Vertex};
use eframe::egui::{
    ClippedPrimitive, ColorImage, Context, FullOutput, ImageData, Rect, TextureFilter, TextureId,
    TextureOptions, TexturesDelta,
};
use egui_kittest::TestRenderer;
use image::RgbaImage;

/// Steps per pixel of the grid for corners. On whole numbers the edge test is exact, so triangles that share
/// an edge leave no gap and never paint a pixel twice.
const GRID: i64 = 256;

/// Draws for [`egui_kittest::Harness`]; hand it to `HarnessBuilder::renderer`.
#[derive(Default)]
pub(crate) struct SoftwareRenderer {
    textures: HashMap<TextureId, Texture>,
    /// Textures to forget at the next pass: a picture of the pass that freed them still shows them.
    freed: HashSet<TextureId>,
}

impl TestRenderer for SoftwareRenderer {
    fn handle_delta(&mut self, delta: &mut TexturesDelta) {
        for id in self.freed.drain() {
            self.textures.remove(&id);
        }
        for (id, parts) in delta.set.drain() {
            for part in parts {
                self.set_texture(id, part);
            }
        }
        self.freed.extend(delta.free.drain());
    }

    fn render(&mut self, ctx: &Context, output: &FullOutput) -> Result<RgbaImage, String> {
        let scale = output.pixels_per_point;
        let size = ctx.content_rect().size() * scale;
        let primitives = ctx.tessellate(output.shapes.clone(), scale);
        Ok(self.paint([size.x.round() as u32, size.y.round() as u32], scale, &primitives))
    }
}

impl SoftwareRenderer {
    /// Paints meshes onto a transparent picture of `size` pixels.
    fn paint(&self, size: [u32; 2], pixels_per_point: f32, primitives: &[ClippedPrimitive]) -> RgbaImage {
        let mut canvas =
            Canvas { width: size[0] as usize, pixels: vec![[0; 4]; size[0] as usize * size[1] as usize] };
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let Some(texture) = self.textures.get(&mesh.texture_id) else { continue };
            let clip = clip_pixels(*clip_rect, pixels_per_point, size);
            for corners in mesh.triangles() {
                canvas.triangle(corners.map(|i| mesh.vertices[i as usize]), pixels_per_point, texture, clip);
            }
        }
        RgbaImage::from_vec(size[0], size[1], canvas.pixels.into_flattened())
            .expect("four bytes for each pixel")
    }

    fn set_texture(&mut self, id: TextureId, ImageDelta { image, options, pos }: ImageDelta) {
        let ImageData::Color(image) = image;
        let Some([x, y]) = pos else {
            self.textures.insert(id, Texture { image, options });
            return;
        };
        let texture = self.textures.get_mut(&id).expect("egui sends a whole texture before parts of it");
        texture.options = options;
        let whole = Arc::make_mut(&mut texture.image);
        for (row, part) in image.pixels.chunks_exact(image.width().max(1)).enumerate() {
            let start = (y + row) * whole.width() + x;
            whole.pixels[start..start + part.len()].copy_from_slice(part);
        }
    }
}

/// What a mesh takes its colours from: the font atlas or a picture.
struct Texture {
    image: Arc<ColorImage>,
    options: TextureOptions,
}

impl Texture {
    /// The colour (0 to 255) at a place given in texels. Places outside get the colour of the nearest edge.
    fn sample(&self, x: f32, y: f32, filter: TextureFilter) -> [f32; 4] {
        let [width, height] = self.image.size;
        let texel = |x: f32, y: f32| {
            // A negative float becomes 0 when cast.
            let (x, y) = ((x as usize).min(width - 1), (y as usize).min(height - 1));
            self.image.pixels[y * width + x].to_array().map(f32::from)
        };
        if filter == TextureFilter::Nearest {
            return texel(x, y);
        }
        let (left, top) = ((x - 0.5).floor(), (y - 0.5).floor());
        let (across, down) = (x - 0.5 - left, y - 0.5 - top);
        let rows = [top, top + 1.0].map(|y| mix(texel(left, y), texel(left + 1.0, y), across));
        mix(rows[0], rows[1], down)
    }
}

fn mix(from: [f32; 4], to: [f32; 4], part: f32) -> [f32; 4] {
    from_fn(|i| from[i] + (to[i] - from[i]) * part)
}

/// The pixels a mesh may touch: from the first corner up to, not including, the second. Rounded as
/// `egui_glow` does.
fn clip_pixels(rect: Rect, scale: f32, size: [u32; 2]) -> [[i64; 2]; 2] {
    let [width, height] = size.map(i64::from);
    let pixel = |points: f32, end: i64| ((points * scale).round() as i64).clamp(0, end);
    [rect.min, rect.max].map(|corner| [pixel(corner.x, width), pixel(corner.y, height)])
}

/// One side of a triangle, as a number for each pixel: positive inside, zero on the side itself, and at the
/// opposite corner twice the area of the triangle.
struct Edge {
    /// The number at the pixel in the top left corner of the picture.
    origin: i64,
    /// How much it grows with each pixel to the right.
    right: i64,
    /// How much it grows with each pixel down.
    down: i64,
    /// A pixel is inside from this number on. A pixel on the edge between two triangles goes to the one that
    /// lies to the right of it or below it.
    least: i64,
}

impl Edge {
    fn new([x0, y0]: [i64; 2], [x1, y1]: [i64; 2]) -> Self {
        let (dx, dy) = (x1 - x0, y1 - y0);
        let origin = dx * (GRID / 2 - y0) - dy * (GRID / 2 - x0);
        let top_left = dy < 0 || (dy == 0 && dx > 0);
        Self { origin, right: -dy * GRID, down: dx * GRID, least: i64::from(!top_left) }
    }

    fn at(&self, x: i64, y: i64) -> i64 {
        self.origin + self.right * x + self.down * y
    }

    /// Leaves of the pixels `start..end` in row `y` those on the inner side.
    fn cut(&self, y: i64, start: &mut i64, end: &mut i64) {
        let room = self.at(0, y) - self.least;
        match self.right.cmp(&0) {
            Ordering::Greater => *start = (*start).max(-room.div_euclid(self.right)),
            Ordering::Less => *end = (*end).min(room.div_euclid(-self.right) + 1),
            Ordering::Equal if room < 0 => *end = *start,
            Ordering::Equal => {}
        }
    }
}

struct Canvas {
    width: usize,
    pixels: Vec<[u8; 4]>,
}

impl Canvas {
    fn triangle(&mut self, mut corners: [Vertex; 3], scale: f32, texture: &Texture, clip: [[i64; 2]; 2]) {
        // Far outside any picture, yet near enough that products of two such numbers fit in 64 bits.
        let limit = (1_i64 << 29) as f32;
        let on_grid = |points: f32| (points * scale * GRID as f32).round().clamp(-limit, limit) as i64;
        let [a, mut b, mut c] = corners.map(|v| [on_grid(v.pos.x), on_grid(v.pos.y)]);
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if area == 0 {
            return;
        }
        // egui winds its triangles either way.
        if area < 0 {
            corners.swap(1, 2);
            (b, c) = (c, b);
        }
        let edges = [Edge::new(b, c), Edge::new(c, a), Edge::new(a, b)];

        // What varies over a triangle: red, green, blue and alpha (0 to 1), and the place in the texture (in
        // texels). It is told as the value at the first corner and the way from there.
        let [base, at_b, at_c] = corners.map(|Vertex { uv, color, .. }| {
            let [red, green, blue, alpha] = color.to_array().map(|channel| f32::from(channel) / 255.0);
            let [width, height] = texture.image.size.map(|side| side as f32);
            [red, green, blue, alpha, uv.x * width, uv.y * height]
        });
        let way = |b: i64, c: i64| -> [f32; 6] {
            let [b, c] = [b, c].map(|number| (number as f64 / area.abs() as f64) as f32);
            from_fn(|i| (at_b[i] - base[i]) * b + (at_c[i] - base[i]) * c)
        };
        let right = way(edges[1].right, edges[2].right);
        let down = way(edges[1].down, edges[2].down);
        let shrunk = [right, down].iter().any(|step| step[4].hypot(step[5]) > 1.0);
        let filter = if shrunk { texture.options.minification } else { texture.options.magnification };

        // Most triangles have one colour: egui paints areas with a single white texel.
        let one_texel = corners.iter().all(|corner| corner.uv == corners[0].uv);
        let texel = one_texel.then(|| texture.sample(base[4], base[5], filter));
        let one_color = corners.iter().all(|corner| corner.color == corners[0].color);
        let solid: Option<[f32; 4]> =
            texel.filter(|_| one_color).map(|texel| from_fn(|i| base[i] * texel[i]));

        let top = (a[1].min(b[1]).min(c[1]) - GRID / 2).div_euclid(GRID).max(clip[0][1]);
        let bottom = (a[1].max(b[1]).max(c[1]) - GRID / 2).div_euclid(GRID).min(clip[1][1] - 1);
        for y in top..=bottom {
            let (mut start, mut end) = (clip[0][0], clip[1][0]);
            for edge in &edges {
                edge.cut(y, &mut start, &mut end);
            }
            if start >= end {
                continue;
            }
            let row = y as usize * self.width;
            let pixels = &mut self.pixels[row + start as usize..row + end as usize];
            match solid {
                Some(color) if color[3] >= 255.0 => pixels.fill(color.map(to_byte)),
                Some(color) => pixels.iter_mut().for_each(|pixel| blend(pixel, color)),
                None => {
                    let first = way(edges[1].at(start, y), edges[2].at(start, y));
                    for (i, pixel) in pixels.iter_mut().enumerate() {
                        let now: [f32; 6] = from_fn(|k| base[k] + first[k] + right[k] * i as f32);
                        let texel = texel.unwrap_or_else(|| texture.sample(now[4], now[5], filter));
                        blend(pixel, from_fn(|k| now[k] * texel[k]));
                    }
                }
            }
        }
    }
}

/// Lays a colour (0 to 255, premultiplied) over a pixel.
fn blend(pixel: &mut [u8; 4], color: [f32; 4]) {
    let through = 1.0 - color[3] / 255.0;
    *pixel = from_fn(|i| to_byte(color[i] + f32::from(pixel[i]) * through));
}

/// The nearest byte; the cast turns anything larger into 255.
fn to_byte(value: f32) -> u8 {
    (value + 0.5) as u8
}
