//! What a provider gave back: every value, ready to copy, and in the forms other tools want.

use eframe::egui::{Label, RichText, Ui, vec2};
use jiff::Timestamp;
use lucide_icons::Icon;

use crate::session::api::{CopyFormat, Item, Kind, Receipt, UploadId, text};
use crate::session::copy;
use crate::session::report::Report;
use crate::ui::action::{Action, CopiedAt};
use crate::ui::theme::{self, tokens};
use crate::ui::time_format;
use crate::ui::view_context::ViewContext;
use crate::ui::widgets::{Button, COPIED, Weight, field};

/// Longer answers are cut where they are shown; copied they are whole.
const MAX_SHOWN: usize = 20_000;

/// Shows what there is.
pub(super) fn show(ui: &mut Ui, item: &Item, view: &mut ViewContext<'_>, actions: &mut Vec<Action>) {
    let Some(receipt) = item.result() else { return };
    ui.add_space(theme::STEP);
    // The id and the link, then what other tools want of them, then the rest.
    let fields = copy::fields(receipt);
    let mains = fields.iter().filter(|field| is_main(&field.text, receipt)).count().max(1).min(fields.len());
    let (first, rest) = fields.split_at(mains);
    for value in first {
        one(ui, item, &value.name, &value.text, view, actions);
    }
    let kind = item.facts().and_then(|f| f.recognised.media()).map_or(Kind::Image, |media| media.kind());
    let snippets = copy::snippets(&item.request.destination, kind, receipt);
    if !snippets.is_empty() {
        section(ui, "Ready to paste");
        for snippet in &snippets {
            one(ui, item, &snippet.label, &snippet.text, view, actions);
        }
    }
    if !rest.is_empty() {
        section(ui, "More values");
        for value in rest {
            one(ui, item, &value.name, &value.text, view, actions);
        }
    }
    section(ui, "Copy as");
    other_forms(ui, &[item.request.id], view, actions);
    response(ui, receipt);
}

/// Draws buttons that copy these results in forms that are not set as the usual one.
pub(super) fn other_forms(ui: &mut Ui, ids: &[UploadId], view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(6.0, 6.0);
        let usual = view.session.keys.settings().copy_format;
        // Of several, a button above copies the usual form.
        let many = ids.len() > 1;
        let id = (many && usual != CopyFormat::Id).then_some((CopyFormat::Id, Icon::Copy, "Copy IDs"));
        let others = [
            (CopyFormat::Json, Icon::Braces, "Copy JSON"),
            (CopyFormat::Markdown, Icon::Hash, "Copy Markdown"),
            (CopyFormat::Html, Icon::CodeXml, "Copy HTML"),
        ];
        let others = others.into_iter().filter(|(format, ..)| !many || *format != usual);
        for (format, icon, label) in id.into_iter().chain(others) {
            let spot = CopiedAt::Button(label);
            let copied = view.says_copied(&spot);
            let (icon, shown) = if copied { (Icon::Check, COPIED) } else { (icon, label) };
            let button = Button::new(Weight::Secondary, shown).icon(icon).answering(label).small();
            if button.show(ui).clicked() {
                actions.push(Action::CopyItems(spot, ids.to_vec(), format));
            }
        }
    });
}

/// Returns whether a value is what people copy first: the ID or the link.
fn is_main(value: &str, receipt: &Receipt) -> bool {
    receipt.id.as_deref() == Some(value) || receipt.url.as_deref() == Some(value)
}

fn section(ui: &mut Ui, title: &str) {
    ui.add_space(theme::STEP);
    let caps = RichText::new(title.to_uppercase()).font(theme::caps()).color(tokens(ui).faint);
    ui.add(Label::new(caps.extra_letter_spacing(0.6)));
}

fn one(ui: &mut Ui, item: &Item, name: &str, value: &str, view: &ViewContext<'_>, actions: &mut Vec<Action>) {
    let spot = CopiedAt::Field(item.request.id, name.to_owned());
    let shown = text::sanitize(&value.replace('\n', " "));
    if field(ui, name, &shown, view.says_copied(&spot)) {
        actions.push(Action::Copy(spot, value.to_owned()));
        let expired = copy::expired(&[Report::from(item)], Timestamp::now(), time_format::exactly);
        actions.push(Action::Notify(expired.unwrap_or_default().into()));
    }
}

/// Draws the whole response, folded up at first.
fn response(ui: &mut Ui, receipt: &Receipt) {
    if receipt.response.is_null() {
        return;
    }
    ui.add_space(theme::STEP);
    let title = RichText::new("Response").font(theme::caption());
    eframe::egui::CollapsingHeader::new(title).id_salt("response").show(ui, |ui| {
        let mut json = receipt.response.pretty();
        if json.len() > MAX_SHOWN {
            let end = (0..=MAX_SHOWN).rev().find(|at| json.is_char_boundary(*at)).unwrap_or(0);
            json.truncate(end);
            json.push('…');
        }
        let lines: Vec<_> = json.lines().map(text::sanitize).collect();
        let sentence = RichText::new(lines.join("\n")).font(theme::id()).color(tokens(ui).dim);
        ui.add(Label::new(sentence).wrap().selectable(true));
    });
}
