//! A form made of the providers' table: an account, and options.

use std::collections::BTreeMap;

use eframe::egui::{Label, Response, RichText, TextEdit, Ui, vec2};

use crate::session::api::provider::{OptionFact, ProviderSpec, ValueKind, check};
use crate::ui::theme::{self, tokens};
use crate::ui::widgets::{WithTip, checkbox, line, radio};

/// Options under the documents' own names; those left out have their defaults.
pub(in crate::ui) type Values = BTreeMap<String, String>;

/// Draws a line of text below its name.
pub(in crate::ui) fn text_field(
    ui: &mut Ui,
    label: &str,
    help: &str,
    hint: &str,
    text: &mut String,
) -> Response {
    let sentence = RichText::new(label).font(theme::caption()).color(tokens(ui).dim);
    let label = ui.add(Label::new(sentence));
    let edit =
        TextEdit::singleline(text).hint_text(hint).desired_width(f32::INFINITY).margin(vec2(10.0, 7.0));
    ui.add(edit).labelled_by(label.id).tip(help)
}

/// Draws the field of an option under its label and its documented name.
pub(in crate::ui) fn field(ui: &mut Ui, option: &OptionFact, hint: &str, text: &mut String) -> Response {
    text_field(ui, &format!("{} ({})", option.label, option.key), option.help, hint, text)
}

/// Draws a control for each option of a provider.
pub(in crate::ui) fn options(ui: &mut Ui, facts: &ProviderSpec, values: &mut Values) {
    for option in facts.options {
        match option.form {
            ValueKind::Flag(default) => {
                let mut on = values.get(option.key).map_or(default, |v| v == "true");
                if checkbox(ui, &mut on, option.label).tip(option.help).changed() {
                    set(values, option, if on == default { String::new() } else { on.to_string() });
                }
            }
            ValueKind::Choice(all) => {
                line(ui, option.label, theme::caption(), tokens(ui).dim);
                ui.horizontal(|ui| {
                    for value in all {
                        let usual = option.usual();
                        let now = values.get(option.key).map(String::as_str).or(usual);
                        if radio(ui, now == Some(value), value).tip(option.help).clicked() {
                            let is_usual = usual == Some(value);
                            set(values, option, if is_usual { String::new() } else { (*value).to_owned() });
                        }
                    }
                });
            }
            ValueKind::Text | ValueKind::Email | ValueKind::Uuid => {
                let mut text = values.get(option.key).cloned().unwrap_or_default();
                field(ui, option, "", &mut text);
                set(values, option, text);
            }
        }
    }
}

fn set(values: &mut Values, option: &OptionFact, value: String) {
    if value.is_empty() {
        values.remove(option.key);
    } else {
        values.insert(option.key.to_owned(), value);
    }
}

/// Returns what is wrong with what was filled in, in a sentence.
pub(in crate::ui) fn problem(facts: &ProviderSpec, account: Option<&str>, values: &Values) -> Option<String> {
    let account = account.filter(|_| facts.account.option.is_some());
    let account = account.and_then(|account| check::account(facts, account).err());
    let option = || facts.options.iter().find_map(|o| check::option(facts, o.key, values.get(o.key)?).err());
    account.or_else(option).map(|problem| problem.to_string())
}
