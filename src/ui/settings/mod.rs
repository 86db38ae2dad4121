//! What can be set, where everything is kept, and what Hoist is.

mod copying;
mod data;
pub(super) mod licences;
mod network;
mod report;
mod rows;
mod watched;

use eframe::egui::{Label, RichText, Ui};
use lucide_icons::Icon;

use super::action::{Action, Setting, ZoomStep};
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
pub(super) fn header(ui: &mut Ui) {
    page_header(ui, "Settings", "Applied immediately. Saved on this computer", |_| {});
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
        let percent = f64::from((ctx.zoom_factor() * 100.0).round());
        let can = (percent > 50.0, percent < 300.0);
        match steps(ui, ZOOM, percent, &format!("{percent} %"), ("Smaller", "Larger"), can) {
            Some(StepDirection::Down) => actions.push(Action::Zoom(ZoomStep::Smaller)),
            Some(StepDirection::Up) => actions.push(Action::Zoom(ZoomStep::Larger)),
            None => {}
        }
    });
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
            kept => format!("Hoist removes them for {} of your {} destinations", all.len() - kept, all.len()),
        };
        form_row(ui, METADATA, &help, |ui| {
            // As wide in both places where the row can have them.
            ui.horizontal(|ui| {
                let name = format!("Options of {}…", text::elide(&text::sanitize(&chosen.name), 28));
                if Button::new(Weight::Secondary, &name).show(ui).clicked() {
                    actions.push(Action::EditDestination(chosen.name.clone()));
                }
                let everywhere = Button::new(Weight::Secondary, "Remove for all").enabled(!left.is_empty());
                if everywhere.show(ui).clicked() {
                    actions.extend(left.into_iter().map(|to| {
                        let wishes = FitWishes { strip: true, ..to.fit.wishes.clone() };
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
