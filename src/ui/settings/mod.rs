//! What can be set, where everything is kept, and what Hoist is.

mod copying;
mod data;
pub(super) mod licences;
mod network;
mod report;
mod rows;
mod watched;

use std::time::Duration;

use eframe::egui::{Context, Id, Label, RichText, Ui};
use lucide_icons::Icon;

use super::action::{Action, Setting};
use super::command::WindowCommand;
use super::first_screen::try_button;
use super::theme::{self, tokens};
use super::trial::Trial;
use super::view_context::ViewContext;
use super::widgets::{
    Button, StepDirection, Weight, form, form_row, page_column, page_header, rule, segments, stepper, steps,
};

use crate::session::api::{FitRules, FitWishes, Folders, Settings, Theme, text};
use crate::session::{Session, setting_names};
pub(super) use copying::TEMPLATES;
pub(super) use rows::problem;
use rows::switch_row;

/// As wide as the page becomes.
const WIDEST: f32 = 720.0;

/// Uploads at a time, in all and to one account.
const AT_ONCE: std::ops::RangeInclusive<usize> = 1..=16;

/// The name of the setting that draws everything larger or smaller.
const ZOOM: &str = "Zoom";

/// So many seconds after its button was pressed last.
const ZOOMED_AFTER: f64 = 0.7;

/// The name of the row that opens the sandbox.
const SANDBOX: &str = "Sandbox";

/// The settings that have a row on the page, by their names: each of them can be shown.
pub(super) const ROWS: [&str; 13] = [
    setting_names::THEME,
    ZOOM,
    setting_names::COPY_FORMAT,
    TEMPLATES,
    setting_names::COPY_WHEN_DONE,
    setting_names::UPLOAD_ON_DROP,
    setting_names::WATCHED_FOLDERS,
    METADATA,
    setting_names::UPLOADS_AT_ONCE,
    setting_names::UPLOADS_PER_ACCOUNT,
    setting_names::PROXY,
    setting_names::NOTIFY,
    report::NAME,
];

/// The themes, by their names.
pub(super) const THEMES: [(Theme, &str); 3] =
    [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")];

/// What the page remembers: what is typed and not applied yet, and the report that is being written.
#[derive(Default)]
pub(super) struct SettingsPage {
    proxy: network::ProxyDraft,
    report: report::Awaited,
}

/// Leads to what destinations take out of files.
const METADATA: &str = "Location and other metadata";

/// Returns what else people call a setting.
pub(super) fn synonyms(name: &str) -> &'static str {
    match name {
        setting_names::THEME => "dark light mode appearance",
        ZOOM => "size scale larger smaller",
        setting_names::COPY_FORMAT | TEMPLATES => "format clipboard",
        setting_names::UPLOAD_ON_DROP => "automatic auto-upload",
        setting_names::WATCHED_FOLDERS => "automatic folder",
        METADATA => "gps strip remove camera",
        setting_names::UPLOADS_AT_ONCE | setting_names::UPLOADS_PER_ACCOUNT => "parallel simultaneous limit",
        setting_names::PROXY => "network",
        setting_names::NOTIFY => "notification message",
        _ => "",
    }
}

/// Draws the header of the page.
pub(super) fn header(ui: &mut Ui, session: &Session) {
    let about = match session.is_sandbox() {
        true => "Applied immediately, in the sandbox. Theme, copy format and templates leave it with you",
        false => "Applied immediately. Saved on this computer",
    };
    page_header(ui, "Settings", about, |_| {});
}

/// Draws the page, group by group.
pub(super) fn show(
    ui: &mut Ui,
    view: &ViewContext<'_>,
    (folders, trial): (Option<&Folders>, &Trial),
    page: &mut SettingsPage,
    actions: &mut Vec<Action>,
) {
    let session = view.session;
    let settings = session.keys.settings();
    page_column(ui, "settings", WIDEST, |ui| {
        form(ui, "Appearance", |ui| appearance(ui, settings, actions));
        form(ui, "Copying", |ui| copying::show(ui, session, actions));
        form(ui, "Uploading", |ui| uploading(ui, session, actions));
        form(ui, "Network", |ui| network::show(ui, settings, &mut page.proxy, actions));
        form(ui, "Notifications", |ui| notifications(ui, settings, actions));
        form(ui, "Data", |ui| data::show(ui, session, folders, actions));
        form(ui, "Help", |ui| {
            form_row(
                ui,
                "Keyboard shortcuts",
                &format!(
                    "Everything works from the keyboard: F1 lists the keys, {} finds a command by its name",
                    WindowCommand::FindCommand.key(ui.ctx())
                ),
                |ui| {
                    let show = Button::new(Weight::Secondary, "Show").named("Show the keyboard shortcuts");
                    if show.icon(Icon::Keyboard).show(ui).clicked() {
                        actions.push(Action::Shortcuts);
                    }
                },
            );
            rule(ui);
            if trial.is_offered() {
                let help = "Opens in this window: uploads stay on this computer, with a queue and history of their own";
                form_row(ui, SANDBOX, help, |ui| {
                    if try_button(trial).show(ui).clicked() {
                        actions.push(Action::TrySandbox);
                    }
                });
                rule(ui);
            }
            report::show(ui, view, folders, &mut page.report, actions);
        });
        form(ui, "About", |ui| about(ui, actions));
    });
}

fn appearance(ui: &mut Ui, settings: &Settings, actions: &mut Vec<Action>) {
    form_row(ui, setting_names::THEME, "", |ui| {
        if let Some(theme) = segments(ui, setting_names::THEME, settings.theme, &THEMES) {
            actions.push(Action::Set(Setting::Theme(theme)));
        }
    });
    rule(ui);
    let ctx = ui.ctx().clone();
    let keys = [WindowCommand::ZoomOut, WindowCommand::ZoomIn].map(|command| command.key(&ctx));
    let help = format!("{} and {}, also at the next start", keys[0], keys[1]);
    form_row(ui, ZOOM, &help, |ui| {
        let chosen = ChosenZoom::of(&ctx).map_or(ctx.zoom_factor(), |chosen| chosen.factor);
        let percent = f64::from((chosen * 100.0).round());
        let can = (percent > 50.0, percent < 300.0);
        let step = match steps(ui, ZOOM, percent, &format!("{percent} %"), ("Smaller", "Larger"), can) {
            Some(StepDirection::Down) => -0.1,
            Some(StepDirection::Up) => 0.1,
            None => return,
        };
        let factor = ((chosen + step) * 10.0).round() / 10.0;
        let chosen = ChosenZoom { factor, at: ui.input(|input| input.time) };
        ctx.data_mut(|data| data.insert_temp(ChosenZoom::id(), chosen));
    });
}

/// A zoom that was chosen by the buttons, and is applied when they rest: with it they move from under the pointer.
#[derive(Clone, Copy)]
struct ChosenZoom {
    factor: f32,
    /// In egui's time.
    at: f64,
}

impl ChosenZoom {
    fn id() -> Id {
        Id::unique("the zoom that was chosen")
    }

    fn of(ctx: &Context) -> Option<ChosenZoom> {
        ctx.data(|data| data.get_temp(ChosenZoom::id()))
    }
}

/// Applies the zoom that was chosen a moment ago.
pub(super) fn zoom_when_due(ctx: &Context) {
    let Some(ChosenZoom { factor, at }) = ChosenZoom::of(ctx) else { return };
    let left = at + ZOOMED_AFTER - ctx.input(|input| input.time);
    if left > 0.0 {
        ctx.request_repaint_after(Duration::from_secs_f64(left));
    } else {
        ctx.data_mut(|data| data.remove::<ChosenZoom>(ChosenZoom::id()));
        ctx.set_zoom_factor(factor);
    }
}

fn uploading(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let settings = session.keys.settings();
    switch_row(
        ui,
        setting_names::UPLOAD_ON_DROP,
        "Skips the Upload button",
        settings.upload_on_drop,
        Setting::UploadOnDrop,
        actions,
    );
    if settings.upload_on_drop {
        let sentence = "A file added by mistake is sent, too, and a provider cannot give it back. Files that contain \
            a location wait for you";
        let text = RichText::new(sentence).font(theme::secondary()).color(tokens(ui).warning);
        ui.add(Label::new(text).wrap());
    }
    rule(ui);
    watched::show(ui, session, actions);
    rule(ui);
    if let Some(chosen) = session.keys.chosen() {
        let all = session.keys.destinations();
        let left: Vec<_> = all.iter().filter(|to| !to.fit.wishes.strip).collect();
        let help = match left.len() {
            0 => "Hoist removes them for all destinations, and for new ones".to_owned(),
            kept if kept == all.len() => "Hoist does not remove them".to_owned(),
            kept => format!("Hoist removes them for {} of your {} destinations", all.len() - kept, all.len()),
        };
        form_row(ui, METADATA, &help, |ui| {
            // As wide in both places where the row can have them.
            ui.horizontal(|ui| {
                let name = format!("Options of {}…", text::elide(&session.keys.short_label(chosen), 28));
                if Button::new(Weight::Secondary, &name).show(ui).clicked() {
                    actions.push(Action::EditDestination(chosen.name.clone()));
                }
                let (strip, label) =
                    if left.is_empty() { (false, "Keep for all") } else { (true, "Remove for all") };
                if Button::new(Weight::Secondary, label).show(ui).clicked() {
                    actions.extend(all.iter().filter(|to| to.fit.wishes.strip != strip).map(|to| {
                        let wishes = FitWishes { strip, ..to.fit.wishes.clone() };
                        Action::KeepRules(to.name.clone(), FitRules { wishes, fit: to.fit.fit })
                    }));
                }
            });
        });
        rule(ui);
    }
    let all = setting_names::UPLOADS_AT_ONCE;
    form_row(ui, all, "To all destinations together", |ui| {
        if let Some(new) = stepper(ui, all, settings.uploads_at_once, AT_ONCE) {
            actions.push(Action::Set(Setting::UploadsAtOnce(new)));
        }
    });
    rule(ui);
    let each = setting_names::UPLOADS_PER_ACCOUNT;
    form_row(ui, each, "More may trigger rate limits", |ui| {
        if let Some(new) = stepper(ui, each, settings.uploads_per_account, AT_ONCE) {
            actions.push(Action::Set(Setting::UploadsPerAccount(new)));
        }
    });
}

fn notifications(ui: &mut Ui, settings: &Settings, actions: &mut Vec<Action>) {
    switch_row(
        ui,
        setting_names::NOTIFY,
        "Once for all files, while this window is in the background. The notification names no file",
        settings.notify,
        Setting::Notify,
        actions,
    );
}

fn about(ui: &mut Ui, actions: &mut Vec<Action>) {
    let name = concat!("Hoist ", env!("CARGO_PKG_VERSION"));
    form_row(ui, name, "Free software under the MIT licence or the Apache licence 2.0, as you like", |ui| {
        let show = Button::new(Weight::Secondary, "Licences…");
        if show.show(ui).clicked() {
            actions.push(Action::Licences);
        }
    });
}

#[cfg(test)]
mod tests {
    use eframe::egui::RawInput;

    use super::*;

    #[test]
    fn a_zoom_is_applied_when_its_button_was_not_pressed_for_a_while() {
        let ctx = Context::default();
        let frame = |time: f64, chosen: Option<f32>| {
            let mut output = ctx.run_ui(RawInput { time: Some(time), ..RawInput::default() }, |ui| {
                if let Some(factor) = chosen {
                    let chosen = ChosenZoom { factor, at: time };
                    ui.data_mut(|data| data.insert_temp(ChosenZoom::id(), chosen));
                }
                zoom_when_due(ui.ctx());
            });
            output.textures_delta.clear();
            // It holds from the next frame on.
            let mut output = ctx.run_ui(RawInput { time: Some(time), ..RawInput::default() }, |_| {});
            output.textures_delta.clear();
            ctx.zoom_factor()
        };
        let is = |factor: f32, expected: f32| (factor - expected).abs() < 1e-5;
        assert!(is(frame(1.0, Some(1.1)), 1.0) && is(frame(1.5, None), 1.0));
        assert!(is(frame(1.6, Some(1.2)), 1.0), "pressed again, in the same place");
        assert!(is(frame(2.2, None), 1.0) && is(frame(2.4, None), 1.2));
    }
}
