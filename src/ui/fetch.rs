//! Links: the sheet that asks before anybody is asked for a file, and the line that says how far the fetching is.

use eframe::egui::{self, Align, CornerRadius, Label, Layout, Panel, RichText, Role, Ui, WidgetInfo};

use super::theme::{self, RADIUS, tokens};
use super::widgets::{Button, Weight, buttons, line, sheet, wrapped};
use crate::session::Session;
use crate::session::api::text;
use crate::session::imports::{Fetching, Link, To, inside_warning};

/// So many names are shown of one host.
const NAMES: usize = 4;

/// A sheet over the window.
pub(super) struct FetchSheet {
    links: Vec<Link>,
    to: To,
}

/// What became of it.
pub(super) enum FetchOutcome {
    Open,
    Closed,
    Fetch(Vec<Link>, To),
}

impl FetchSheet {
    /// Asks about links whose files go to one destination.
    pub(super) fn new(links: Vec<Link>, to: To) -> FetchSheet {
        FetchSheet { links, to }
    }

    /// Shows it. Return fetches, Escape does not; where a host brought the question up, which may be while somebody
    /// types, Return does not either.
    pub(super) fn show(&mut self, ctx: &egui::Context, session: &Session) -> FetchOutcome {
        let hosts = self.hosts();
        let title = match (self.links.len(), hosts.as_slice()) {
            (1, [(host, _)]) => format!("Fetch from {host}?"),
            (files, [(host, _)]) => format!("Fetch {files} files from {host}?"),
            (files, hosts) => format!("Fetch {files} files from {} hosts?", hosts.len()),
        };
        let passed_on = self.links.iter().find_map(|link| link.passed_on_by.clone());
        let shown = sheet(ctx, &title, 420.0, |sheet| {
            sheet.body(|ui| {
                if let Some(by) = &passed_on {
                    text_line(ui, &format!("{by} redirects to another host."));
                }
                for (host, names) in &hosts {
                    if hosts.len() > 1 {
                        let count = self.links.iter().filter(|link| link.host() == *host).count();
                        let sentence = format!("{host} · {}", text::count(count, "file"));
                        ui.add(Label::new(RichText::new(sentence).font(theme::strong())).wrap());
                    }
                    if !names.is_empty() {
                        let font = if hosts.len() > 1 { theme::secondary() } else { theme::strong() };
                        wrapped(ui, names, font, tokens(ui).text);
                    }
                }
                ui.add_space(2.0);
                text_line(ui, &promise(self.links.len(), session.most_to_fetch()));
                for sentence in self.inside() {
                    text_line(ui, &sentence);
                }
                if self.links.iter().any(|link| link.url.scheme() == "http") {
                    let begins =
                        if self.links.len() == 1 { "The address begins" } else { "Some addresses begin" };
                    text_line(
                        ui,
                        &format!("{begins} with http: others on the way could read and change the content."),
                    );
                }
                if session.is_sandbox() {
                    text_line(ui, "The sandbox replaces only providers: Hoist contacts this host itself.");
                }
            });
            let row = |ui: &mut Ui| {
                let fetch = Button::new(Weight::Primary, "Fetch").show(ui);
                let cancel = Button::new(Weight::Secondary, "Cancel").show(ui);
                if !fetch.has_focus() && !cancel.has_focus() {
                    if passed_on.is_some() { cancel.request_focus() } else { fetch.request_focus() }
                }
                (fetch.clicked(), cancel.clicked())
            };
            sheet.foot(|ui| buttons(ui, row))
        });
        match shown.inner {
            (true, _) => FetchOutcome::Fetch(std::mem::take(&mut self.links), self.to.clone()),
            (false, cancelled) if cancelled || shown.left => FetchOutcome::Closed,
            _ => FetchOutcome::Open,
        }
    }

    /// Warns of addresses that are none of the internet.
    fn inside(&self) -> Vec<String> {
        let mut all: Vec<String> = vec![];
        for link in &self.links {
            let Some(sentence) = inside_warning(link) else { continue };
            if all.len() < NAMES && !all.contains(&sentence) {
                all.push(sentence);
            }
        }
        all
    }

    /// Lists the hosts in order, each with the first names of its files. A host's name is shown whole: its end says
    /// whose it is.
    fn hosts(&self) -> Vec<(String, String)> {
        let mut hosts: Vec<(String, Vec<String>, usize)> = vec![];
        for link in &self.links {
            let host = link.host();
            let index = hosts.iter().position(|(known, ..)| *known == host).unwrap_or_else(|| {
                hosts.push((host, vec![], 0));
                hosts.len() - 1
            });
            let (_, names, more) = &mut hosts[index];
            match link.name() {
                Some(name) if names.len() < NAMES => names.push(text::elide(&text::sanitize(&name), 48)),
                _ => *more += 1,
            }
        }
        let shown = |(host, names, more): (String, Vec<String>, usize)| {
            let names = match (names.is_empty(), more) {
                (true, _) => String::new(),
                (false, 0) => names.join(", "),
                (false, more) => format!("{} and {more} more", names.join(", ")),
            };
            (host, names)
        };
        hosts.into_iter().map(shown).collect()
    }
}

fn promise(files: usize, most: u64) -> String {
    let (it, is) = if files == 1 { ("it", "it is") } else { ("them", "each is") };
    let most = text::limit(most);
    format!(
        "Hoist will download {it} to this computer, and check that {is} an image, audio or video of at \
         most {most}. Nothing is sent to any provider."
    )
}

fn text_line(ui: &mut Ui, sentence: &str) {
    let colour = tokens(ui).dim;
    ui.add(Label::new(RichText::new(sentence).font(theme::body()).color(colour)).wrap());
}

/// Says how far the fetching is; true when it is to be stopped.
pub(super) fn show_line(ui: &mut Ui, fetching: &Fetching) -> bool {
    let t = tokens(ui);
    let mut stop = false;
    let around = egui::Frame::new().fill(t.window).inner_margin(egui::Margin::symmetric(20, 6));
    let ground = egui::Frame::new().fill(t.raised).corner_radius(CornerRadius::same(RADIUS)).inner_margin(8);
    Panel::top("fetching").resizable(false).show_separator_line(false).frame(around).show(ui, |ui| {
        ground.show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                stop = Button::new(Weight::Secondary, "Cancel")
                    .named("Cancel fetching")
                    .small()
                    .show(ui)
                    .clicked();
                line(ui, &far(fetching), theme::secondary(), t.dim);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    let sentence = match fetching.files {
                        1 => format!("Fetching {}", fetching.what),
                        files => format!("Fetching {files} files: {}", fetching.what),
                    };
                    let response = line(ui, &sentence, theme::body(), t.text);
                    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &sentence));
                });
            });
        });
    });
    stop
}

/// Returns how far the fetching is: "1.2 of 4.0 MB".
fn far(fetching: &Fetching) -> String {
    match fetching.total {
        _ if fetching.received == 0 => String::new(),
        Some(total) => format!("{} of {}", text::bytes(fetching.received), text::bytes(total)),
        None => text::bytes(fetching.received),
    }
}
