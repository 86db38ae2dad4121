//! `hoist history`.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::output::{confirmed, eprint_line, sentence};
use crate::platform;
use crate::session::api::{
    History, Query, ReadError, Record, provider,
    text::{self, count, elide, sanitize},
};
use crate::session::export::{self, Failed, Format};
use crate::session::history_access::HistoryAccess;
use crate::session::report::{self, Report};
use crate::session::{self, log};

#[derive(Subcommand)]
pub(super) enum HistoryCommand {
    /// Show the uploads, newest first: a table in a terminal, else tab-separated lines
    List {
        /// One JSON object per upload, as `hoist upload --json` prints it, with `time` and `attempts`
        #[arg(long)]
        json: bool,
        /// Only uploads whose name, ID, link, account or provider has all of these words, in any case
        #[arg(long, value_name = "TEXT")]
        search: Option<String>,
        /// Show at most N
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        limit: Option<u64>,
    },
    /// Print the whole history for other programs
    Export(ExportArguments),
    /// Delete the history, except what is being sent or still in a window's queue
    Clear {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub(super) struct ExportArguments {
    /// CSV for spreadsheets, with a header row
    #[arg(long)]
    csv: bool,
    /// One JSON array of the objects of `hoist history list --json`
    #[arg(long)]
    json: bool,
}

/// What the columns of the list are called.
const COLUMNS: [&str; 7] = ["Time", "Name", "Provider", "Account", "State", "ID or link", "Note"];

/// Longer names are shortened in a terminal.
const NAME_WIDTH: usize = 40;

pub(super) fn run(command: HistoryCommand, sandbox: bool) -> Result<ExitCode, String> {
    let folders = session::folders(&platform::environment::given(), sandbox).map_err(sentence)?;
    if History::is_there(&folders) {
        log::start(&folders);
    }
    let (mut access, said) = HistoryAccess::open(&folders).map_err(sentence)?;
    for sentence in said {
        eprint_line(&format!("{sentence}."));
    }
    let done = perform(command, access.as_mut());
    for sentence in access.map(HistoryAccess::end).unwrap_or_default() {
        eprint_line(&format!("{sentence}."));
    }
    done
}

fn perform(command: HistoryCommand, access: Option<&mut HistoryAccess>) -> Result<ExitCode, String> {
    match command {
        HistoryCommand::List { json, search, limit } => {
            let limit = limit.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
            let searched = search.as_deref().is_some_and(|text| !text.trim().is_empty());
            let query = Query { search: search.unwrap_or_default(), limit, ..Query::default() };
            let mut page = HistoryPage::new();
            let found = page.list(access, &query, json)?;
            page.end()?;
            match (found, searched) {
                (0, true) => eprint_line("Nothing in the history matches."),
                (0, false) => eprint_line(EMPTY),
                _ => {}
            }
        }
        HistoryCommand::Export(arguments) => {
            let mut page = HistoryPage::new();
            let found = page.export(access, if arguments.csv { Format::Csv } else { Format::Json })?;
            page.end()?;
            if found == 0 {
                eprint_line(EMPTY);
            }
        }
        HistoryCommand::Clear { yes } => return clear(access, yes),
    }
    Ok(ExitCode::SUCCESS)
}

const EMPTY: &str = "The history is empty.";

/// Why no more is printed.
enum ExportEnd {
    /// Whoever read it has gone: `hoist history list | head`.
    Gone,
    Said(String),
}

impl From<ReadError> for ExportEnd {
    fn from(problem: ReadError) -> ExportEnd {
        ExportEnd::Said(problem.to_string())
    }
}

impl From<io::Error> for ExportEnd {
    fn from(e: io::Error) -> ExportEnd {
        match e.kind() {
            ErrorKind::BrokenPipe => ExportEnd::Gone,
            _ => ExportEnd::Said(format!("Stdout cannot be written ({e})")),
        }
    }
}

/// Stdout, written in large pieces: a history may be long.
struct HistoryPage {
    out: BufWriter<io::StdoutLock<'static>>,
}

impl HistoryPage {
    fn new() -> HistoryPage {
        HistoryPage { out: BufWriter::with_capacity(1 << 16, io::stdout().lock()) }
    }

    fn end(mut self) -> Result<(), String> {
        finished(self.out.flush().map_err(ExportEnd::from))
    }

    /// Returns how many were found.
    fn list(
        &mut self,
        access: Option<&mut HistoryAccess>,
        query: &Query,
        json: bool,
    ) -> Result<usize, String> {
        let Some(access) = access else { return Ok(0) };
        let mut found = 0;
        let table = !json && io::stdout().is_terminal();
        let mut rows = vec![];
        let printed = access.each(query, |record, attempts| -> Result<(), ExportEnd> {
            found += 1;
            if json {
                return Ok(writeln!(self.out, "{}", text::json(&report::remembered(record, attempts)))?);
            }
            let row = row(record);
            if table {
                rows.push(row);
                return Ok(());
            }
            Ok(writeln!(self.out, "{}", row.join("\t"))?)
        });
        finished(printed.and_then(|()| if rows.is_empty() { Ok(()) } else { self.table(rows) }))?;
        Ok(found)
    }

    /// Prints a table as people read it. The last two columns are as wide as they come: an ID is shown whole.
    fn table(&mut self, mut rows: Vec<[String; 7]>) -> Result<(), ExportEnd> {
        for row in &mut rows {
            row[1] = elide(&row[1], NAME_WIDTH);
        }
        rows.insert(0, COLUMNS.map(str::to_owned));
        let mut widths = [0; 5];
        for row in &rows {
            for (most, cell) in widths.iter_mut().zip(row) {
                *most = width(cell).max(*most);
            }
        }
        for row in &rows {
            for (cell, most) in row.iter().zip(widths) {
                write!(self.out, "{cell}{:gap$}", "", gap = most - width(cell) + 2)?;
            }
            let end = [row[5].as_str(), row[6].as_str()].join("  ");
            writeln!(self.out, "{}", end.trim())?;
        }
        Ok(())
    }

    fn export(&mut self, access: Option<&mut HistoryAccess>, format: Format) -> Result<usize, String> {
        let written = export::write(access, &Query::default(), format, &mut self.out);
        written.or_else(|e| match e {
            Failed::Read(problem) => Err(problem.to_string()),
            Failed::Write(e) => finished(Err(e.into())).map(|()| 1), // who reads it has gone
        })
    }
}

fn finished(printed: Result<(), ExportEnd>) -> Result<(), String> {
    match printed {
        Ok(()) | Err(ExportEnd::Gone) => Ok(()),
        Err(ExportEnd::Said(said)) => Err(said),
    }
}

/// Returns the fields of one line, none of which moves a cursor or holds a tab.
fn row(record: &Record) -> [String; 7] {
    let destination = &record.request.destination;
    let asked = record.request.requested.unwrap_or(record.request.added).to_zoned(TimeZone::system());
    let receipt = record.state.receipt();
    let now = Timestamp::now();
    let note = match (receipt, record.state.failure()) {
        (Some(receipt), _) => report::time_left(receipt, now),
        (None, failure) => failure.map(|f| f.message.clone()),
    };
    let ahead = record.request.requested.and_then(|asked| report::ahead(asked, now));
    let note = [ahead.map(str::to_owned), note].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    [
        asked.strftime("%Y-%m-%d %H:%M").to_string(),
        record.request.name(),
        provider_name(&destination.provider).to_owned(),
        destination.account_label().to_owned(),
        Report::from(record).outcome().name().to_owned(),
        receipt.map(|r| r.first().to_owned()).unwrap_or_default(),
        note,
    ]
    .map(|cell| sanitize(&cell))
}

fn provider_name(id: &str) -> &str {
    provider::by_id(id).map_or(id, |p| p.facts().name)
}

/// Columns a text takes in a terminal, nearly: those of East Asia and pictures take two.
fn width(text: &str) -> usize {
    let wide = |c: char| {
        matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
    };
    let joins = |c: char| matches!(c, '\u{300}'..='\u{36f}' | '\u{fe00}'..='\u{fe0f}' | '\u{200d}');
    text.chars().map(|c| if joins(c) { 0 } else { 1 + usize::from(wide(c)) }).sum()
}

fn clear(access: Option<&mut HistoryAccess>, yes: bool) -> Result<ExitCode, String> {
    let empty = || {
        eprint_line(EMPTY);
        Ok(ExitCode::SUCCESS)
    };
    let Some(access) = access else { return empty() };
    let before = access.count().map_err(sentence)?;
    if before == 0 {
        return empty();
    }
    if !yes && !confirmed(&format!("Delete {}? Uploaded files stay online.", count(before, "record")))? {
        eprint_line("Nothing was cleared.");
        return Ok(ExitCode::from(1));
    }
    access.clear().map_err(sentence)?;
    let after = access.count().map_err(sentence)?;
    eprint_line(&format!("{} cleared from the history.", count(before.saturating_sub(after), "upload")));
    if after > 0 {
        eprint_line(&format!("{} stay: being sent, or still in a window's queue.", count(after, "upload")));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_two_columns_is_counted_so() {
        assert_eq!((width("cover"), width("封面"), width("😀"), width("e\u{301}")), (5, 4, 2, 1));
    }
}
