//! The manual page, made from what the terminal's arguments say of themselves.

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use hoist::provider;

/// What the arguments do not say.
const FOLDERS: [(&str, &str); 4] = [
    ("~/.config/hoist", "The settings: destinations, names and labels of keys, never keys."),
    ("~/.local/share/hoist", "The history, which holds the queue, and its copies of three days."),
    ("~/.cache/hoist", "Thumbnails of what was sent."),
    ("~/.local/state/hoist", "The log of a week, without names, addresses or keys."),
];

/// How the paragraph of the help begins that has a section of its own.
const STATUS: &str = "Exit status";

/// The whole page.
pub(crate) fn page(date: &str) -> String {
    let mut hoist = hoist::cli::command().disable_help_subcommand(true);
    let words = hoist.get_after_help().map(ToString::to_string).unwrap_or_default();
    hoist = hoist
        .after_help(None::<&str>)
        .override_usage("hoist [--sandbox] [FILE...]\nhoist [--sandbox] COMMAND [ARGUMENT...]");
    let mut page = Page { date: date.to_owned(), text: begin() };
    let man = page.man(&hoist, "hoist");
    page.add(|out| man.render_title(out), None);
    page.add(|out| man.render_name_section(out), None);
    page.add(|out| man.render_synopsis_section(out), None);
    page.add(|out| man.render_description_section(out), None);
    let (status, about): (Vec<_>, Vec<_>) = words.split("\n\n").partition(|p| p.starts_with(STATUS));
    for paragraph in about {
        page.control("PP", &[]);
        page.roff(Roff::new().text([roman(paragraph.replace('\n', " "))]));
    }
    page.add(|out| man.render_options_section(out), None);
    page.control("SH", &["COMMANDS"]);
    for command in shown(&hoist) {
        page.command(command, "hoist");
    }
    page.control("SH", &["EXIT STATUS"]);
    for paragraph in status {
        let paragraph = paragraph.replace('\n', " ");
        let (rule, meanings) = paragraph.trim_start_matches(STATUS).split_once(": ").unwrap();
        page.roff(Roff::new().text([roman(format!("The status is {}:", rule.trim_start_matches(", ")))]));
        for meaning in meanings.split(" · ") {
            let (number, meaning) = meaning.split_once(' ').unwrap();
            page.entry(number, meaning);
        }
    }
    page.control("SH", &["ENVIRONMENT"]);
    for vendor in provider::shown_vendors() {
        page.entry(
            vendor.env,
            &format!("The API key for {}, in place of the one in the keyring.", vendor.name),
        );
    }
    for base in provider::shown_vendors().into_iter().flat_map(|s| s.endpoints) {
        page.entry(
            base.env,
            &format!("The address to use instead of {}: https, or http to this computer only.", base.url),
        );
    }
    page.entry("HOIST_HOME", "One folder for everything under FILES.");
    page.entry(
        "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY",
        "As usual; never for this computer's own addresses.",
    );
    page.control("SH", &["FILES"]);
    for (folder, what) in FOLDERS {
        page.entry(folder, what);
    }
    page.text
}

/// The commands of a command that people are to know of, in the order of its help.
pub(crate) fn shown(command: &Command) -> Vec<&Command> {
    let all = command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help");
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|c| c.get_display_order());
    all
}

struct Page {
    date: String,
    text: String,
}

impl Page {
    /// One command's page, called by its whole name. What all commands have stands in the first one's options only.
    fn man(&self, command: &Command, name: &str) -> Man {
        let command = command.clone().bin_name(name).display_name(name);
        let source = format!("hoist {}", env!("CARGO_PKG_VERSION"));
        Man::new(command).title("hoist").date(&self.date).source(source).manual("User Commands")
    }

    /// A command with its own commands.
    fn command(&mut self, command: &Command, above: &str) {
        let name = format!("{above} {}", command.get_name());
        let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let mut alone = command.clone().bin_name(&name).disable_help_flag(true).disable_help_subcommand(true);
        let usage = alone.render_usage().to_string();
        alone = alone.override_usage(usage.trim_start_matches("Usage: ").to_owned());
        let man = self.man(&alone, &name);
        self.roff(Roff::new().control("SS", [name.as_str()]));
        if command.has_subcommands() {
            self.add(|out| man.render_description_section(out), Some("DESCRIPTION"));
        } else {
            self.add(|out| man.render_synopsis_section(out), Some("SYNOPSIS"));
            self.control("PP", &[]);
            self.add(|out| man.render_description_section(out), Some("DESCRIPTION"));
        }
        if alone.get_arguments().any(|a| !a.is_hide_set()) {
            self.add(|out| man.render_options_section(out), Some("OPTIONS"));
        }
        if !help.is_empty() {
            self.control("PP", &[]);
            self.control("nf", &[]);
            for line in help.lines() {
                self.roff(Roff::new().text([roman(line)]));
            }
            self.control("fi", &[]);
        }
        for below in shown(command) {
            self.command(below, &name);
        }
    }

    fn entry(&mut self, head: &str, words: &str) {
        self.control("TP", &[]);
        self.roff(Roff::new().text([bold(head)]));
        self.roff(Roff::new().text([roman(words)]));
    }

    fn control(&mut self, name: &str, arguments: &[&str]) {
        self.roff(Roff::new().control(name, arguments.iter().copied()));
    }

    fn roff(&mut self, roff: &Roff) {
        self.add(|out| roff.to_writer(out), None);
    }

    /// What is rendered, without what every rendering begins with, and without its heading where it is one of many.
    fn add(&mut self, render: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>, heading: Option<&str>) {
        let mut out = vec![];
        render(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let text = text.strip_prefix(&begin()).unwrap();
        let heading = heading.map(|h| format!(".SH {h}\n")).unwrap_or_default();
        // Before possible values stands an empty line between two breaks: that is one space.
        self.text.push_str(&text.strip_prefix(&heading).unwrap().replace(".br\n\n.br\n", ".sp\n"));
    }
}

/// What every rendering begins with: how an apostrophe is written.
fn begin() -> String {
    Roff::new().render()
}
