//! The cells as Markdown.

use std::fmt::Write;

use hoist::provider;

use crate::outcomes::cell::Cell;
use crate::outcomes::faults::Group;

const HEAD: &str = "\
# Outcomes by provider and fault

Made by `UPDATE_SNAPSHOTS=1 cargo test --test core outcomes`. Each cell is one upload of one file by a real engine
with a real history, over a real socket, to a server that misbehaves as the first column says.

- *Ends*: where the upload ends.
- *Bodies*: how often the file came whole, and how many of these bodies may exist at the provider now: those it did
  not refuse. Never more than one, except on PiAPI, whose files expire.
- *The user reads*: the sentence, the provider's own words, and the next step. `‹name›` stands for its name.
- *History*: the state in its row, and how each attempt ended.

Whoever waits in these runs waits no longer than 10 seconds, so that longer holds end as *held*.
";

/// The whole page: first all cells in short, then what is behind them, services with the same outcome together.
pub(crate) fn render(groups: &[Group], cells: &[Vec<Cell>]) -> String {
    let mut out = HEAD.to_owned();
    let names: Vec<_> = provider::first().into_iter().map(|p| p.facts().name).collect();
    let mut rows = cells.iter();
    out.push_str(
        "\n## Ends and bodies\n\nIn brackets: how many bodies came whole, and how many of them may exist.\n",
    );
    for group in groups {
        write!(out, "\n| {} | {} |\n|{}\n", group.name, names.join(" | "), " --- |".repeat(names.len() + 1))
            .unwrap();
        for (fault, cells) in group.faults.iter().zip(&mut rows) {
            let cells: Vec<_> =
                cells.iter().map(|c| format!("{} ({}, {})", c.end, c.bodies, c.may_exist)).collect();
            writeln!(out, "| {} | {} |", text(fault.name), cells.join(" | ")).unwrap();
        }
    }
    let mut rows = cells.iter();
    out.push_str("\n## Words and history\n");
    for group in groups {
        write!(out, "\n### {}\n\n", group.name).unwrap();
        out.push_str("| Fault | Provider | Ends | Bodies | The user reads | History |\n");
        out.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for (fault, cells) in group.faults.iter().zip(&mut rows) {
            for (cell, names) in alike(cells, &names) {
                let Cell { end, bodies, may_exist, reads, history } = cell;
                let (fault, reads) = (text(fault.name), text(reads));
                writeln!(
                    out,
                    "| {fault} | {names} | {end} | {bodies}, {may_exist} may exist | {reads} | {history} |"
                )
                .unwrap();
            }
        }
    }
    out
}

/// Cells that are the same, with the names of their services.
fn alike<'a>(cells: &'a [Cell], all: &[&str]) -> Vec<(&'a Cell, String)> {
    let mut out: Vec<(&Cell, Vec<&str>)> = vec![];
    for (cell, name) in cells.iter().zip(all) {
        match out.iter_mut().find(|(other, _)| *other == cell) {
            Some((_, names)) => names.push(name),
            None => out.push((cell, vec![name])),
        }
    }
    let shown = |names: Vec<&str>| match names.len() == all.len() {
        true => "all".to_owned(),
        false => names.join(", "),
    };
    out.into_iter().map(|(cell, names)| (cell, shown(names))).collect()
}

/// Markdown would take some signs for its own.
fn text(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;").replace('\n', " ")
}
