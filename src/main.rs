//! Arguments → window or terminal, nothing else.

use std::process::ExitCode;

use hoist::platform::core_dumps;

fn main() -> ExitCode {
    match hoist::cli::parse() {
        hoist::cli::Face::Terminal(run) => {
            core_dumps::forbid(core_dumps::Face::Terminal);
            run()
        }
        hoist::cli::Face::Window(options) => {
            core_dumps::forbid(core_dumps::Face::Window);
            match hoist::ui::open(options) {
                Ok(()) => ExitCode::SUCCESS,
                Err(e) => hoist::cli::fail(&format!("{e:#}")),
            }
        }
    }
}
