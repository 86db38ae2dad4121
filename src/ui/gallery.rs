//! Every widget in every state, in both themes beside each other: what is designed is looked at here.

use eframe::egui::{self, CentralPanel, RichText, ScrollArea, TextEdit, Theme, Ui, vec2};
use lucide_icons::Icon;

use super::theme::{self, STEP, tokens};
use super::widgets::{
    Button, MenuItem, Toast, Tone, Weight, big_icon, centred, checkbox, dashed, draw_toast, field, form,
    form_block, form_row, icon_mark, line, mark, middle, progress, radio, rule, segments, select, stepper,
    switch, tag,
};
use crate::session::api::provider;

/// A window of widgets only.
pub struct Gallery {
    on: bool,
    chosen: usize,
    number: usize,
    text: String,
}

impl Gallery {
    /// Makes it with the fonts and the themes of the window.
    pub fn new(ctx: &egui::Context) -> Gallery {
        theme::install(ctx);
        Gallery { on: true, chosen: 1, number: 4, text: "{name}: {id}".to_owned() }
    }
}

impl eframe::App for Gallery {
    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        CentralPanel::default().show(ui, |ui| {
            ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
                ui.columns(2, |columns| {
                    for (column, theme) in columns.iter_mut().zip([Theme::Dark, Theme::Light]) {
                        let style = column.ctx().style_of(theme);
                        column.set_style(style);
                        let name = if theme == Theme::Dark { "Dark" } else { "Light" };
                        let ground = egui::Frame::new().fill(tokens(column).window).inner_margin(16);
                        ground.show(column, |ui| {
                            ui.set_min_width(ui.available_width());
                            ui.push_id(name, |ui| self.widgets(ui, name));
                        });
                    }
                });
                ui.add_space(80.0);
            });
        });
    }
}

/// Draws a part of the gallery below its name.
fn part(ui: &mut Ui, name: &str, add: impl FnOnce(&mut Ui)) {
    ui.add_space(2.0 * STEP);
    line(ui, name, theme::caps(), tokens(ui).faint);
    ui.add_space(STEP);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(8.0, 8.0);
        add(ui);
    });
}

impl Gallery {
    fn widgets(&mut self, ui: &mut Ui, name: &str) {
        let t = tokens(ui);
        line(ui, name, theme::title(), t.text);
        type_and_colours(ui);
        buttons(ui);
        part(ui, "TAGS", |ui| {
            let tones = [
                (Tone::Good, Icon::Check, "Uploaded"),
                (Tone::Warning, Icon::Clock, "Held until 14:04"),
                (Tone::Bad, Icon::X, "Refused"),
                (Tone::Neutral, Icon::Info, "Cancelled"),
            ];
            for (tone, icon, label) in tones {
                tag(ui, tone, Some(icon), label, 200.0);
                tag(ui, tone, None, label, 200.0);
            }
            tag(ui, Tone::Bad, None, "A sentence that is longer than the room there is for it", 180.0);
        });
        self.choices(ui);
        part(ui, "FIELDS", |ui| {
            ui.vertical(|ui| {
                field(ui, "ID", "user:12345-email:6a6f686e406578616d-image:ff9aa51c", false);
                field(ui, "Link", "https://storage.example.com/ff9aa51c.png", true);
                let edit = TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY);
                ui.add(edit.margin(vec2(10.0, 7.0))).accessible_name("Typed text");
                let mut nothing = String::new();
                let edit = TextEdit::singleline(&mut nothing).hint_text("Name, ID, account…");
                ui.add(edit.desired_width(f32::INFINITY).margin(vec2(10.0, 7.0)))
                    .accessible_name("Searched text");
            });
        });
        part(ui, "PROGRESS", |ui| {
            for (share, dimmed) in [(0.0, false), (0.4, false), (1.0, true)] {
                progress(ui, 120.0, share, dimmed);
            }
        });
        part(ui, "MARKS", |ui| {
            for provider in provider::shown() {
                mark(ui, &provider.mark, 36.0);
            }
            icon_mark(ui, Icon::KeyRound, 36.0);
        });
        part(ui, "MENU", menu_lines);
        part(ui, "TOASTS", |ui| {
            ui.vertical(|ui| {
                for (text, is_error, more, button) in [
                    ("The useapi.net key is in the keyring", false, 2, None),
                    ("The dialog could not be opened: the system is out of threads", true, 0, None),
                    ("2 files removed from the queue", false, 0, Some("Undo")),
                ] {
                    draw_toast(
                        ui,
                        &Toast { id: egui::Id::unique(text), text, is_error, more, button },
                        360.0,
                    );
                }
            });
        });
        part(ui, "EMPTY", |ui| {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 180.0), egui::Sense::hover());
            dashed(ui, rect, f32::from(theme::RADIUS_ZONE), tokens(ui).line);
            middle(ui, rect, 120.0, |ui| {
                big_icon(ui, Icon::Download);
                centred(ui, "Drop images or audio here", theme::big(), tokens(ui).text);
                centred(ui, "for a destination", theme::body(), tokens(ui).dim);
            });
        });
        ui.add_space(4.0 * STEP);
        self.form(ui);
    }

    fn choices(&mut self, ui: &mut Ui) {
        part(ui, "CHOICES", |ui| {
            for on in [true, false] {
                if switch(ui, if on { "As it is" } else { "The other way" }, on == self.on).clicked() {
                    self.on = !self.on;
                }
            }
            let choices = [(0, "System"), (1, "Light"), (2, "Dark")];
            if let Some(chosen) = segments(ui, "Theme", self.chosen, &choices) {
                self.chosen = chosen;
            }
            checkbox(ui, &mut self.on, "A box");
            checkbox(ui, &mut !self.on, "Another box");
            for (value, label) in choices {
                if radio(ui, value == self.chosen, label).clicked() {
                    self.chosen = value;
                }
            }
            if let Some(number) = stepper(ui, "Uploads at once", self.number, 1..=16) {
                self.number = number;
            }
            stepper(ui, "At its least", 1, 1..=16);
            select(ui, "Copy as", "ID");
        });
    }

    fn form(&mut self, ui: &mut Ui) {
        form(ui, "A form", |ui| {
            form_row(ui, "Copy when a batch finishes", "Once for all files", |ui| {
                if switch(ui, "Copy when a batch finishes", self.on).clicked() {
                    self.on = !self.on;
                }
            });
            rule(ui);
            form_block(ui, "Template", "A line of your own for each file", |ui| {
                let edit = TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY);
                ui.add(edit.margin(vec2(10.0, 7.0))).accessible_name("Template");
            });
        });
    }
}

fn type_and_colours(ui: &mut Ui) {
    let t = tokens(ui);
    part(ui, "TYPE", |ui| {
        let all = [
            ("Big", theme::big()),
            ("Title", theme::title()),
            ("Strong", theme::strong()),
            ("Body", theme::body()),
            ("Secondary", theme::secondary()),
            ("Caption", theme::caption()),
            ("CAPS", theme::caps()),
            ("user:12345-image", theme::id()),
        ];
        for (name, font) in all {
            ui.label(RichText::new(name).font(font).color(t.text));
        }
    });
    part(ui, "COLOURS", |ui| {
        for (name, ink) in [
            ("text", t.text),
            ("dim", t.dim),
            ("faint", t.faint),
            ("accent", t.accent_text),
            ("good", t.good),
            ("warning", t.warning),
            ("bad", t.bad),
        ] {
            ui.label(RichText::new(name).font(theme::strong()).color(ink));
        }
    });
}

fn buttons(ui: &mut Ui) {
    let weights = [
        (Weight::Primary, "Primary"),
        (Weight::Secondary, "Secondary"),
        (Weight::Quiet, "Quiet"),
        (Weight::Danger, "Danger"),
    ];
    for (weight, label) in weights {
        part(ui, &label.to_uppercase(), |ui| {
            Button::new(weight, label).show(ui);
            Button::new(weight, label).icon(Icon::Upload).show(ui);
            Button::new(weight, label).icon(Icon::Upload).enabled(false).show(ui);
            Button::new(weight, label).icon(Icon::Upload).small().show(ui);
            Button::new(weight, label).icon(Icon::Upload).compact(true).show(ui);
            Button::new(weight, label).after(Icon::ChevronDown).show(ui);
        });
    }
}

fn menu_lines(ui: &mut Ui) {
    let frame = egui::Frame::popup(ui.style());
    frame.show(ui, |ui| {
        ui.vertical(|ui| {
            ui.set_max_width(230.0);
            ui.spacing_mut().item_spacing.y = 0.0;
            MenuItem::new(Icon::Copy, "Copy ID").keys("Ctrl+C".to_owned()).show(ui);
            MenuItem::new(Icon::Trash2, "Remove").keys("Delete".to_owned()).show(ui);
            MenuItem::choice("Markdown", true).show(ui);
            MenuItem::choice("HTML", false).show(ui);
        });
    });
}
