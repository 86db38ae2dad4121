//! How a key or an account stands, in a word, a colour and a dot.

use eframe::egui::{Color32, Ui};
use jiff::{Timestamp, Zoned};
use lucide_icons::Icon;

use super::theme::tokens;
use super::time_format::{exactly, when};
use super::widgets::{Tone, WithTip, tag_ending};
use crate::session::Session;
use crate::session::api::{
    Condition, Destination, Health,
    text::{capitalized, clock, sanitize},
};
use crate::session::key_groups::KeyOrigin;

/// A standing in words.
pub(super) struct HealthLabel {
    pub(super) tone: Tone,
    /// "Needs reconnecting".
    pub(super) short: String,
    /// " · 29:41": never cut off.
    end: String,
    /// Everything that is known.
    pub(super) long: String,
    /// When it says something else by itself.
    pub(super) until: Option<Timestamp>,
}

/// Says how a destination of the list stands at this time.
pub(super) fn at(session: &Session, destination: &Destination, now: &Zoned) -> HealthLabel {
    let label = of_destination(session.keys.health(destination, now.timestamp()).as_ref(), now);
    // What was used before today is not known to be unused.
    let is_new = session.keys.key_origin(destination) == KeyOrigin::Keyring(now.date());
    match label.tone {
        Tone::Neutral if is_new => HealthLabel { short: "Not used yet".to_owned(), ..label },
        _ => label,
    }
}

/// Says how a destination stands; where it works, in what is known of it: "1,240 credits".
pub(super) fn of_destination(health: Option<&Health>, now: &Zoned) -> HealthLabel {
    let mut words = label(health, "Healthy", now);
    if let Some(Health { condition: Condition::Healthy, note: Some(note), .. }) = health {
        words.short.clone_from(note);
    }
    words
}

/// Says how a key stands, and since when it is known to work: by a check at this time, or by an upload.
pub(super) fn of_key(health: Option<&Health>, checked: Option<Timestamp>, now: &Zoned) -> HealthLabel {
    let mut words = label(health, "Works", now);
    if let Some(health) = health.filter(|h| h.condition == Condition::Healthy && h.note.is_none()) {
        let how = if checked == Some(health.seen) { "checked" } else { "used" };
        words.short = format!("{} · {how} {}", words.short, when(health.seen, now));
    }
    words
}

fn label(health: Option<&Health>, works: &str, now: &Zoned) -> HealthLabel {
    let Some(health) = health else {
        let long = "Nothing was uploaded or checked there in this session".to_owned();
        let (short, end) = ("Not checked yet".to_owned(), String::new());
        return HealthLabel { tone: Tone::Neutral, short, end, long, until: None };
    };
    let mut end = String::new();
    let mut until = None;
    let (tone, short, next) = match health.condition {
        Condition::Healthy => (Tone::Good, works, ""),
        Condition::RateLimited(time) => {
            let left = time.duration_since(now.timestamp()).as_secs().max(0) as u64;
            end = format!(" · {}", clock(left + 1));
            until = Some(time);
            (Tone::Warning, "Rate-limited", "Files for it wait until then; or send them to another account")
        }
        Condition::NeedsReconnecting => {
            (Tone::Bad, "Needs reconnecting", "Add the account again at the vendor, then check")
        }
        Condition::WrongKey => (Tone::Bad, "Wrong key", "Replace the key"),
        Condition::NotAllowed => {
            (Tone::Bad, "Plan does not allow uploads", "Change the plan at the vendor, then check")
        }
        Condition::AccountNotFound => {
            (Tone::Bad, "Account not found", "Choose another account, or add this one at the vendor")
        }
        Condition::NoKey => (Tone::Bad, "Key is missing", "Add the key again, or remove the destination"),
    };
    let short = match &health.note {
        Some(note) => format!("{short} · {}", capitalized(note)),
        None => short.to_owned(),
    };
    let first = match health.condition {
        Condition::NoKey => short.clone(),
        _ => format!("{short}, {}", exactly(health.seen)),
    };
    let service_message =
        health.service_message.as_ref().map(|service_message| format!("“{}”", sanitize(service_message)));
    let next = Some(next.to_owned()).filter(|next| !next.is_empty());
    let long = [Some(first), service_message, next].into_iter().flatten().collect::<Vec<_>>().join("\n");
    HealthLabel { tone, short, end, long, until }
}

impl HealthLabel {
    /// Draws it as a tag with an icon, and again when it says something else.
    pub(super) fn tag(&self, ui: &mut Ui, max_width: f32) {
        let icon = match self.tone {
            Tone::Good => Some(Icon::CircleCheck),
            Tone::Warning => Some(Icon::Clock),
            Tone::Bad => Some(Icon::CircleAlert),
            Tone::Neutral => None,
        };
        self.tag_with(ui, icon, max_width);
    }

    /// Draws it as a tag of words alone.
    pub(super) fn plain_tag(&self, ui: &mut Ui, max_width: f32) {
        self.tag_with(ui, None, max_width);
    }

    fn tag_with(&self, ui: &mut Ui, icon: Option<Icon>, max_width: f32) {
        tag_ending(ui, self.tone, icon, &self.short, &self.end, max_width).tip(&self.long);
        if self.until.is_some() {
            ui.ctx().request_repaint_after(std::time::Duration::from_secs(1));
        }
    }

    /// Returns the colour of its dot: what is not known is grey, and amber what has to wait.
    pub(super) fn dot(&self, ui: &Ui) -> Color32 {
        let t = tokens(ui);
        match self.tone {
            Tone::Good => t.good,
            Tone::Warning => t.warning,
            Tone::Neutral => t.faint,
            Tone::Bad => t.bad,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_grey_and_what_waits_is_amber() {
        let ctx = eframe::egui::Context::default();
        let now = Zoned::now();
        let mut output = ctx.run_ui(eframe::egui::RawInput::default(), |ui| {
            let t = tokens(ui);
            let dot = |condition: Option<Condition>| {
                let health = condition.map(|condition| Health::new(condition, now.timestamp()));
                of_destination(health.as_ref(), &now).dot(ui)
            };
            assert_eq!(dot(None), t.faint);
            assert_eq!(dot(Some(Condition::Healthy)), t.good);
            assert_eq!(dot(Some(Condition::RateLimited(Timestamp::MAX))), t.warning);
            assert_eq!(dot(Some(Condition::WrongKey)), t.bad);
        });
        output.textures_delta.clear();
    }
}
