//! Colours, type and spacing of the window: the only place where they are numbers.

use std::num::NonZeroUsize;
use std::sync::Arc;

use eframe::egui::{
    self, Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Shadow, Stroke, TextStyle,
    Theme, vec2,
};

/// The colours of a theme. Text on its ground has a contrast of at least 4.5 : 1.
#[derive(Debug)]
#[allow(missing_docs)] // the names are the design's own
pub struct Tokens {
    pub window: Color32,
    pub panel: Color32,
    pub raised: Color32,
    pub control: Color32,
    pub line: Color32,
    pub text: Color32,
    pub dim: Color32,
    pub faint: Color32,
    pub accent: Color32,
    pub accent_text: Color32,
    pub on_accent: Color32,
    pub good: Color32,
    pub warning: Color32,
    pub bad: Color32,
    pub grounds: ToneGrounds,
}

/// The grounds on which text of a colour stands.
#[derive(Debug)]
#[allow(missing_docs)] // the names are the design's own
pub struct ToneGrounds {
    pub accent: Color32,
    pub good: Color32,
    pub warning: Color32,
    pub bad: Color32,
}

const fn hex(rgb: u32) -> Color32 {
    Color32::from_rgb((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// The dark theme.
pub static DARK: Tokens = Tokens {
    window: hex(0x12_1316),
    panel: hex(0x17_191d),
    raised: hex(0x1e_2126),
    control: hex(0x28_2c33),
    line: hex(0x2a_2e35),
    text: hex(0xe8_eaed),
    dim: hex(0xa0_a6b0),
    faint: hex(0x86_8e9b),
    accent: hex(0x6c_9bff),
    accent_text: hex(0x8f_b3ff),
    on_accent: hex(0x0b_1222),
    good: hex(0x4c_c38a),
    warning: hex(0xe5_b04c),
    bad: hex(0xf0_776a),
    grounds: ToneGrounds {
        accent: hex(0x24_365f),
        good: hex(0x15_302a),
        warning: hex(0x3a_2e16),
        bad: hex(0x3b_1f1f),
    },
};

/// The light theme.
pub static LIGHT: Tokens = Tokens {
    window: hex(0xff_ffff),
    panel: hex(0xf6_f7f9),
    raised: hex(0xff_ffff),
    control: hex(0xec_eef2),
    line: hex(0xe1_e4e9),
    text: hex(0x17_191d),
    dim: hex(0x54_5b66),
    faint: hex(0x66_6d79),
    accent: hex(0x2f_66e0),
    accent_text: hex(0x24_57cc),
    on_accent: hex(0xff_ffff),
    good: hex(0x14_724a),
    warning: hex(0x7a_5300),
    bad: hex(0xb3_362b),
    grounds: ToneGrounds {
        accent: hex(0xe4_edff),
        good: hex(0xe3_f5ec),
        warning: hex(0xfd_f2d8),
        bad: hex(0xfd_e8e6),
    },
};

/// Returns the colours of the theme that is shown.
pub fn tokens(ui: &egui::Ui) -> &'static Tokens {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

/// Returns the same where there is no part of the window to ask.
pub fn of_context(ctx: &egui::Context) -> &'static Tokens {
    if ctx.global_style().visuals.dark_mode { &DARK } else { &LIGHT }
}

/// The step of all distances, in points.
pub const STEP: f32 = 4.0;
/// Radius of controls.
pub const RADIUS: u8 = 6;
/// Radius of rows in the sidebar.
pub const RADIUS_SIDE: u8 = 8;
/// Radius of rows and cards.
pub const RADIUS_ROW: u8 = 10;
/// Radius of the drop zone and of sheets.
pub const RADIUS_ZONE: u8 = 14;

/// Height of a control.
pub const CONTROL: f32 = 30.0;
/// Side of a checkbox.
pub const CHECKBOX: f32 = 16.0;
/// Beside what scrolls: there the scrollbar is.
pub const GUTTER: i8 = 10;
/// Height of a page's header.
pub const HEADER: f32 = 68.0;
/// Width of the panel at the right.
pub const INSPECTOR: f32 = 316.0;
/// Below this width the details take so much of it that names and IDs beside them are cut: they lie over the page.
pub const NO_PINNED_DETAILS: f32 = 1080.0;
/// Narrower than this the panel at the left has no words.
pub const NARROW: f32 = 640.0;

/// Returns Inter Medium in a size.
pub fn medium(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("medium".into()))
}

/// Returns Inter `SemiBold` in a size.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("semibold".into()))
}

/// Returns the font of text.
pub fn body() -> FontId {
    FontId::proportional(13.0)
}

/// Returns the font of names and of what buttons say.
pub fn strong() -> FontId {
    medium(13.0)
}

/// Returns the font of what is said beside the main thing.
pub fn secondary() -> FontId {
    FontId::proportional(12.0)
}

/// Returns the font above a field.
pub fn caption() -> FontId {
    medium(12.0)
}

/// Returns the font above a section, in capitals.
pub fn caps() -> FontId {
    semibold(11.0)
}

/// Returns the font of a page's or a sheet's title.
pub fn title() -> FontId {
    semibold(16.0)
}

/// Returns the font of what an empty page says.
pub fn big() -> FontId {
    semibold(19.0)
}

/// Returns `JetBrains` Mono, for IDs.
pub fn id() -> FontId {
    FontId::monospace(12.0)
}

/// Returns the same below a picture.
pub fn small_id() -> FontId {
    FontId::monospace(11.0)
}

/// Returns the font of the icons in a size.
pub fn icons(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name("icons".into()))
}

fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::empty();
    let all: [(&str, &'static [u8], FontFamily); 5] = [
        ("inter", include_bytes!("../../assets/fonts/Inter-Regular.ttf"), FontFamily::Proportional),
        (
            "inter-medium",
            include_bytes!("../../assets/fonts/Inter-Medium.ttf"),
            FontFamily::Name("medium".into()),
        ),
        (
            "inter-semibold",
            include_bytes!("../../assets/fonts/Inter-SemiBold.ttf"),
            FontFamily::Name("semibold".into()),
        ),
        ("mono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf"), FontFamily::Monospace),
        ("lucide", lucide_icons::LUCIDE_FONT_BYTES, FontFamily::Name("icons".into())),
    ];
    for (name, bytes, family) in all {
        let mut data = FontData::from_static(bytes);
        if name == "lucide" {
            data.tweak.y_offset_factor = 0.06; // its glyphs stand a little above the middle of a line
        }
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
        fonts.families.insert(family, vec![name.to_owned()]);
    }
    fonts
}

/// How often a frame may be laid out before it is drawn.
const MAX_PASSES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// Gives egui the fonts and both themes.
pub fn install(ctx: &egui::Context) {
    ctx.set_fonts(fonts());
    // A sheet is measured, then what is below its body, then it stands in the middle: all before it is seen.
    ctx.options_mut(|options| options.max_passes = MAX_PASSES);
    for (theme, tokens) in [(Theme::Dark, &DARK), (Theme::Light, &LIGHT)] {
        ctx.style_mut_of(theme, |style| {
            style.text_styles = [
                (TextStyle::Body, body()),
                (TextStyle::Button, strong()),
                (TextStyle::Small, secondary()),
                (TextStyle::Heading, title()),
                (TextStyle::Monospace, id()),
            ]
            .into();
            style.spacing.item_spacing = vec2(8.0, 4.0);
            style.spacing.button_padding = vec2(12.0, 6.0);
            style.spacing.interact_size.y = 28.0;
            style.spacing.menu_margin = 6.into();
            // The bar comes and goes in a gutter that is always there: nothing lies below it, and nothing moves.
            style.spacing.scroll = egui::style::ScrollStyle {
                content_margin: egui::Margin { right: GUTTER, ..egui::Margin::ZERO },
                bar_width: 8.0,
                ..egui::style::ScrollStyle::floating()
            };
            style.spacing.icon_width = CHECKBOX;
            style.spacing.icon_width_inner = 10.0;
            style.spacing.icon_spacing = 2.0 * STEP;
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.4;
            let v = &mut style.visuals;
            v.panel_fill = tokens.window;
            v.window_fill = tokens.panel;
            v.window_stroke = Stroke::new(1.0, tokens.line);
            v.window_corner_radius = CornerRadius::same(RADIUS_ZONE);
            v.menu_corner_radius = CornerRadius::same(RADIUS_ROW);
            v.window_shadow =
                Shadow { offset: [0, 8], blur: 32, spread: 0, color: Color32::from_black_alpha(72) };
            v.popup_shadow =
                Shadow { offset: [0, 4], blur: 16, spread: 0, color: Color32::from_black_alpha(56) };
            v.extreme_bg_color = tokens.window;
            v.text_edit_bg_color = Some(tokens.window);
            v.faint_bg_color = tokens.raised;
            v.override_text_color = Some(tokens.text);
            v.weak_text_color = Some(tokens.dim);
            v.hyperlink_color = tokens.accent_text;
            v.warn_fg_color = tokens.warning;
            v.error_fg_color = tokens.bad;
            v.selection.bg_fill = tokens.grounds.accent;
            v.selection.stroke = Stroke::new(1.0, tokens.accent);
            let w = &mut v.widgets;
            for (visuals, fill, stroke) in [
                (&mut w.noninteractive, tokens.panel, tokens.line),
                (&mut w.inactive, tokens.control, tokens.line),
                (&mut w.hovered, tokens.control, tokens.faint),
                (&mut w.active, tokens.control, tokens.accent),
                (&mut w.open, tokens.control, tokens.accent),
            ] {
                visuals.bg_fill = fill;
                visuals.weak_bg_fill = fill;
                visuals.bg_stroke = Stroke::new(1.0, stroke);
                visuals.fg_stroke = Stroke::new(1.0, tokens.text);
                visuals.corner_radius = CornerRadius::same(RADIUS);
                visuals.expansion = 0.0;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn luminance(c: Color32) -> f64 {
        let channel = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_can_be_read_on_every_ground_it_is_put_on() {
        for t in [&DARK, &LIGHT] {
            for ground in [t.window, t.panel, t.raised] {
                for text in [t.text, t.dim, t.faint, t.accent_text, t.warning, t.bad, t.good] {
                    assert!(
                        contrast(text, ground) >= 4.5,
                        "{text:?} on {ground:?}: {}",
                        contrast(text, ground)
                    );
                }
            }
            for (text, ground) in [
                (t.text, t.control),
                (t.dim, t.control),
                (t.text, t.grounds.accent),
                (t.dim, t.grounds.accent),
                (t.on_accent, t.accent),
                (t.good, t.grounds.good),
                (t.warning, t.grounds.warning),
                (t.bad, t.grounds.bad),
            ] {
                assert!(contrast(text, ground) >= 4.5, "{text:?} on {ground:?}: {}", contrast(text, ground));
            }
        }
    }
}
