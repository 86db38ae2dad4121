//! What is known of a file, line by line.

use eframe::egui::{self, Color32, Ui, vec2};
use jiff::{Timestamp, Zoned};

use crate::session::KeyBook;
use crate::session::api::{
    Details, DetectedType, FileFacts, Inspection, Item, Kind, Metadata, Severity, State, provider, text,
};
use crate::ui::failure_text::explain;
use crate::ui::row::facts_text;
use crate::ui::theme::{self, tokens};
use crate::ui::time_format;
use crate::ui::widgets::{WithTip, line, wrapped};

/// Width of the names.
const NAMES: f32 = 84.0;
/// Longer parameters are shortened where they are shown.
const MAX_DETAIL: usize = 600;

/// Shows them, and in words what is wrong.
pub(super) fn show(ui: &mut Ui, item: &Item, keys: &KeyBook, details: Option<&Details>) {
    let t = tokens(ui);
    let none = Details::default();
    let details = details.unwrap_or(&none);
    if let Some(facts) = item.inspection.found() {
        // Whatever stands below is of what is sent.
        let copy = item.request.copy.as_ref();
        if let Some(original) = copy.and_then(|copy| copy.original_facts(&item.request.path)) {
            row(ui, "Original", &facts_text(&original), t.text);
            row(ui, "Copy", &type_of(facts), t.text);
        } else {
            row(ui, "Type", &type_of(facts), t.text);
        }
        row(ui, "Size", &text::bytes(facts.size), t.text);
        if let Some((width, height)) = facts.pixels {
            row(ui, "Dimensions", &format!("{width} × {height}"), t.text);
        }
        if let Some(duration) = facts.duration {
            row(ui, "Duration", &text::playing_time(duration), t.text);
        }
        let sound = sound(facts);
        if !sound.is_empty() {
            row(ui, "Audio", &sound, t.text);
        }
        let coded = coded(facts);
        if !coded.is_empty() {
            row(ui, "Codec", &coded, t.text);
        }
    }
    let facts = provider::by_id(&item.request.destination.provider).map(|p| p.facts());
    let to = keys.destination_label(&item.request.destination);
    row(ui, if item.state.receipt().is_some() { "Sent to" } else { "Goes to" }, &to, t.text);
    if let Some(receipt) = item.state.receipt() {
        // Who answered: with "Auto" the provider chose, and it may write the account in its own way.
        let asked = item.request.destination.account.as_deref();
        let answered =
            receipt.value("email").filter(|email| asked.is_none_or(|asked| !is_same_account(asked, email)));
        if let Some(account) = answered {
            row(ui, "Account", &text::sanitize(&account), t.text);
        }
        if let Some(time_left) = crate::session::report::time_left(receipt, Timestamp::now()) {
            row(ui, "Expires", time_left.trim_start_matches("expires "), t.warning);
        }
    }
    if let Some(agent) = &item.request.agent {
        row(ui, "Agent", agent, t.text);
    }
    match (took(item), item.request.requested) {
        (Some((_, when)), _) if item.state == State::Cancelled => _ = row(ui, "Cancelled", &when, t.text),
        (Some((took, when)), _) => _ = row(ui, "Took", &format!("{took} · {when}"), t.text),
        (None, Some(asked)) if item.state != State::Ready && !item.state.is_active() => {
            row(ui, "Sent", &time_format::exactly(asked), t.text);
        }
        (None, _) => {}
    }
    if details.metadata.is_empty() && item.request.copy.as_ref().is_some_and(|copy| copy.lost_metadata()) {
        row(ui, "Metadata", "Removed in the copy", t.text);
    }
    if !details.metadata.is_empty() {
        let labels: Vec<_> = details.metadata.iter().map(Metadata::word).collect();
        let labels = text::capitalized(&labels.join(", "));
        let media = item.facts().and_then(|file| file.recognised.media());
        let (labels, colour) = match facts {
            Some(facts) if facts.strips_file(media, &item.request.destination.options) => {
                (format!("{labels} · sent, then removed by {}", facts.name), t.text)
            }
            _ => (labels, t.warning),
        };
        row(ui, "Metadata", &labels, colour).tip(metadata_text(&details.metadata));
    }
    for (sentence, colour) in sentences(item, t.bad, t.warning) {
        ui.add_space(2.0);
        wrapped(ui, &sentence, theme::secondary(), colour);
    }
}

/// Returns whether a provider's reply is of this account: some hide a part of it, as in `ja***@example.com`.
fn is_same_account(asked: &str, answered: &str) -> bool {
    match answered.split_once("***") {
        Some((begin, end)) => asked.starts_with(begin) && asked.ends_with(end),
        None => asked == answered,
    }
}

fn row(ui: &mut Ui, name: &str, value: &str, colour: Color32) -> egui::Response {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let (rect, _) = ui.allocate_exact_size(vec2(NAMES, 17.0), egui::Sense::hover());
        let mut names = ui.new_child(egui::UiBuilder::new().id_salt(name).max_rect(rect));
        line(&mut names, name, theme::secondary(), tokens(ui).dim);
        wrapped(ui, value, theme::secondary(), colour)
    })
    .inner
}

fn type_of(facts: &FileFacts) -> String {
    match facts.recognised {
        DetectedType::Known(media) => {
            let kind = match media.kind() {
                Kind::Image if facts.animated => "animated image",
                Kind::Image => "image",
                Kind::Audio => "audio",
                Kind::Video => "video",
                Kind::Captions => "captions",
            };
            format!("{} {kind}", media.label())
        }
        DetectedType::Other { label, .. } => label.to_owned(),
        DetectedType::Unknown => "Unknown".to_owned(),
    }
}

fn sound(facts: &FileFacts) -> String {
    let audio = facts.audio.as_ref();
    let rate = audio.and_then(|a| a.rate).map(|rate| format!("{} kHz", f64::from(rate) / 1000.0));
    let channels = audio.and_then(|a| a.channels).map(|channels| match channels {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        n => format!("{n} channels"),
    });
    rate.into_iter().chain(channels).collect::<Vec<_>>().join(" · ")
}

fn coded(facts: &FileFacts) -> String {
    let (video, audio) = (facts.video.as_ref(), facts.audio.as_ref());
    let codecs = [video.and_then(|v| v.codec.as_deref()), audio.and_then(|a| a.codec.as_deref())];
    let codecs = codecs.into_iter().flatten().collect::<Vec<_>>().join(", ");
    let frames = video
        .and_then(|v| v.fps)
        .map(|frames| format!("{} frames a second", (frames * 100.0).round() / 100.0));
    Some(codecs).filter(|c| !c.is_empty()).into_iter().chain(frames).collect::<Vec<_>>().join(" · ")
}

/// Returns how long an upload took from its first try on, and when it ended.
fn took(item: &Item) -> Option<(String, String)> {
    let (asked, ended) = (item.request.requested?, item.ended_at?);
    let seconds = ended.duration_since(item.began_at.unwrap_or(asked)).as_secs_f64().max(0.0);
    let took = match seconds {
        ..0.1 => "Less than 0.1 s".to_owned(),
        ..60.0 => format!("{seconds:.1} s"),
        _ => text::duration(seconds as u64),
    };
    Some((took, time_format::when(ended, &Zoned::now())))
}

/// Lists the metadata, one a line.
fn metadata_text(all: &[Metadata]) -> String {
    let label = |metadata: &Metadata| {
        let detail = metadata.detail().map(|detail| text::elide(&text::sanitize(detail), MAX_DETAIL));
        match (metadata, detail) {
            (Metadata::AiProvenance(_), Some(by)) => format!("The file says that it is AI-generated: {by}"),
            (Metadata::AiProvenance(_), None) => "The file says that it is AI-generated".to_owned(),
            (Metadata::Place(_), None) => "The file says where it was taken".to_owned(),
            (Metadata::ContentCredentials(_), None) => {
                "The file carries Content Credentials (C2PA)".to_owned()
            }
            (other, detail) => format!("{}: {}", text::capitalized(other.word()), detail.unwrap_or_default()),
        }
    };
    all.iter().map(label).collect::<Vec<_>>().join("\n")
}

/// Lists what is wrong, or worth knowing, each with the next step.
fn sentences(item: &Item, bad: Color32, warning: Color32) -> Vec<(String, Color32)> {
    let mut out = vec![];
    match &item.state {
        State::Held(failure) | State::Unknown(failure) => out.push((explain(failure), warning)),
        State::Refused(failure) => out.push((explain(failure), bad)),
        _ => {}
    }
    if let Inspection::Failed(problem) = &item.inspection {
        out.push((format!("{problem}."), bad));
    }
    if item.state == State::Ready {
        for finding in &item.findings {
            let colour = if finding.severity == Severity::Error { bad } else { warning };
            out.push((format!("{}. {}.", finding.message, finding.hint), colour));
        }
    }
    let warnings = item.state.receipt().into_iter().flat_map(|receipt| &receipt.warnings);
    out.extend(warnings.map(|warns| (format!("{}.", text::sanitize(warns).trim_end_matches('.')), warning)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_of_which_a_part_is_hidden_is_the_one_that_was_asked() {
        for (asked, answered, is_same) in [
            ("jane@example.com", "jane@example.com", true),
            ("jane@example.com", "ja***@example.com", true),
            ("jane@example.com", "jo***@example.com", false),
            ("jane@example.com", "ja***@example.org", false),
            ("jane@example.com", "jane", false),
        ] {
            assert_eq!(is_same_account(asked, answered), is_same, "{asked} {answered}");
        }
    }
}
