//! The proxy.

use eframe::egui::{Id, TextEdit, Ui, vec2};

use super::rows::problem;
use crate::session::api::{Proxy, Settings};
use crate::session::setting_names;
use crate::ui::action::{Action, Setting};
use crate::ui::theme;
use crate::ui::widgets::{follow, form_block, form_row, rule, segments};

/// The address as it is typed, where it is not applied, and what is wrong with it.
#[derive(Default)]
pub(super) struct ProxyDraft {
    address: Option<String>,
    problem: Option<String>,
}

/// What the user chooses between.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ProxyMode {
    System,
    None,
    Own,
}

pub(super) fn show(ui: &mut Ui, settings: &Settings, draft: &mut ProxyDraft, actions: &mut Vec<Action>) {
    let now = match (&draft.address, &settings.proxy) {
        (Some(_), _) | (None, Proxy::Url(_)) => ProxyMode::Own,
        (None, Proxy::System) => ProxyMode::System,
        (None, Proxy::Direct) => ProxyMode::None,
    };
    let field = Id::unique("the proxy's address");
    form_row(ui, setting_names::PROXY, "Applies to new uploads. Localhost bypasses the proxy", |ui| {
        let choices = [(ProxyMode::System, "System"), (ProxyMode::None, "None"), (ProxyMode::Own, "Custom")];
        let Some(mode) = segments(ui, setting_names::PROXY, now, &choices) else { return };
        *draft = ProxyDraft::default();
        match mode {
            ProxyMode::System => actions.push(Action::Set(Setting::Proxy(Proxy::System))),
            ProxyMode::None => actions.push(Action::Set(Setting::Proxy(Proxy::Direct))),
            ProxyMode::Own => {
                draft.address = Some(own(settings).to_owned());
                ui.memory_mut(|memory| memory.request_focus(field));
            }
        }
    });
    if now != ProxyMode::Own {
        return;
    }
    rule(ui);
    form_block(
        ui,
        "Proxy address",
        "http, https, socks5 or socks5h, with the port. Enter applies it",
        |ui| {
            address(ui, field, settings, draft, actions);
        },
    );
}

fn own(settings: &Settings) -> &str {
    match &settings.proxy {
        Proxy::Url(url) => url,
        Proxy::System | Proxy::Direct => "",
    }
}

fn address(ui: &mut Ui, field: Id, settings: &Settings, draft: &mut ProxyDraft, actions: &mut Vec<Action>) {
    let mut typed = draft.address.clone().unwrap_or_else(|| own(settings).to_owned());
    let edit = TextEdit::singleline(&mut typed)
        .id(field)
        .hint_text("http://proxy.example.com:8080")
        .font(theme::id())
        .desired_width(f32::INFINITY)
        .char_limit(2000)
        .margin(vec2(10.0, 7.0));
    let response = ui.add(edit).accessible_name("Proxy address");
    follow(&response);
    if response.changed() {
        *draft = ProxyDraft { address: Some(typed.clone()), problem: None };
    }
    if response.lost_focus() && draft.address.is_some() {
        let typed = typed.trim();
        match Proxy::check(typed) {
            Ok(()) => {
                *draft = ProxyDraft::default();
                actions.push(Action::Set(Setting::Proxy(Proxy::Url(typed.to_owned()))));
            }
            Err(why) => draft.problem = Some(why.to_string()),
        }
    }
    if let Some(why) = &draft.problem {
        ui.add_space(theme::STEP);
        problem(ui, why);
    }
}
