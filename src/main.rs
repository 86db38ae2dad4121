//! Arguments → window or terminal, nothing else.

use std::process::ExitCode;

use hoist::cli::WindowArguments;
use hoist::platform::{console, core_dumps, environment};
use hoist::ui::WindowOptions;

fn main() -> ExitCode {
    match hoist::cli::parse() {
        hoist::cli::Invocation::Terminal(run) => {
            core_dumps::forbid(core_dumps::FrontEnd::Terminal);
            environment::take_keys();
            environment::forget_launch();
            run()
        }
        hoist::cli::Invocation::Window(WindowArguments { files, sandbox, new_window, gallery }) => {
            console::leave_own();
            core_dumps::forbid(core_dumps::FrontEnd::Window);
            environment::take_keys();
            let options = WindowOptions { files, sandbox, new_window, gallery };
            match hoist::ui::open(options) {
                Ok(()) => ExitCode::SUCCESS,
                Err(e) => {
                    let why = format!("{e:#}");
                    console::show_error(&why);
                    hoist::cli::fail(&why)
                }
            }
        }
    }
}
