//! Arguments → window or terminal, nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    match hoist::cli::parse() {
        hoist::cli::Face::Terminal(run) => run(),
        hoist::cli::Face::Window(options) => match hoist::ui::open(options) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => hoist::cli::fail(&format!("{e:#}")),
        },
    }
}
