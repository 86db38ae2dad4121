//! The command line. Results on stdout, everything else on stderr, and an exit status that tells what happened.

mod check;
mod completions;
mod destination_args;
mod destinations;
mod fetch;
mod fit;
mod history;
mod inputs;
mod inspect;
mod keys;
mod mcp;
mod output;
mod progress;
mod providers;
mod results;
mod sandbox;
mod settings;
mod terminal_session;
mod upload;
mod watch;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::platform;
use crate::session::api::provider;
use crate::session::own_providers;
pub use output::fail;
use output::{STATUS_USAGE, is_stdout_lost, out};

/// What the arguments ask for: the command line or the window.
pub enum Invocation {
    /// The terminal, and what to do there.
    Terminal(Box<dyn FnOnce() -> ExitCode>),
    /// What stands without a command.
    Window(WindowArguments),
}

/// What the arguments say of the window.
#[derive(Clone, Debug, Default)]
pub struct WindowArguments {
    /// Files to stage.
    pub files: Vec<PathBuf>,
    /// Everything against an embedded sandbox.
    pub sandbox: bool,
    /// A window of its own, though another one may be open.
    pub new_window: bool,
    /// Every widget in every state instead of the app.
    pub gallery: bool,
}

fn after_help() -> String {
    let variables: Vec<_> = provider::shown_vendors().into_iter().map(|vendor| vendor.env).collect();
    format!(
        "Without a command, `hoist [FILE…]` opens the window with the files staged, or stages\n\
        them in the window that is open.\n\n\
        Keys come from the system's keyring (`hoist keys add VENDOR`) or from the environment:\n\
        {}; for other vendors HOIST_<VENDOR>_KEY.\n\
        Never from an argument.\n\n\
        Exit status, the highest that applies: 0 all done · 1 some refused, held or cancelled ·\n\
        2 bad usage or set-up · 3 some outcome unknown",
        variables.join(", ")
    )
}

/// Upload images, audio and video to generation providers and get their IDs.
#[derive(Parser)]
#[command(
    version,
    after_help = after_help()
)]
struct Arguments {
    /// Upload to an embedded sandbox: no key is needed, and uploads stay on this computer
    #[arg(long, global = true)]
    sandbox: bool,
    /// Open another window instead of staging the files in the one that is open
    #[arg(long)]
    new_window: bool,
    /// Every widget in every state
    #[arg(long, hide = true)]
    gallery: bool,
    #[command(subcommand)]
    command: Option<CliCommand>,
    /// Files to stage in the window
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Subcommand)]
enum CliCommand {
    /// Upload files and print their IDs, one per line
    Upload(upload::UploadArguments),
    /// Upload what comes into folders, until Ctrl+C
    #[command(after_help = watch::HELP)]
    Watch(watch::WatchArguments),
    /// Show what Hoist sees in files: type, size, dimensions, codecs, metadata, damage, and what each provider accepts
    #[command(after_help = inspect::HELP)]
    Inspect(inspect::InspectArguments),
    /// Make copies of files that a provider accepts, without sending anything
    #[command(after_help = fit::HELP)]
    Fit(fit::FitArguments),
    /// Manage API keys and the destinations that use them
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// Manage destinations: a provider with a key, an account and options
    Destinations {
        #[command(subcommand)]
        command: destinations::DestinationsCommand,
    },
    /// Export or import settings and destinations
    Settings {
        #[command(subcommand)]
        command: settings::SettingsCommand,
    },
    /// List, export or clear past uploads
    History {
        #[command(subcommand)]
        command: history::HistoryCommand,
    },
    /// List what each provider accepts, and add providers of your own
    Providers {
        #[command(subcommand)]
        command: Option<providers::ProvidersCommand>,
        /// One JSON object per line
        #[arg(long, global = true)]
        json: bool,
    },
    /// Serve agents over the Model Context Protocol, and say what they may send
    #[command(after_help = mcp::HELP)]
    Mcp {
        #[command(subcommand)]
        command: Option<mcp::McpCommand>,
    },
    /// Run the sandbox, a local server that imitates all providers, until Ctrl+C
    Sandbox {
        /// The port to listen on; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// One JSON object instead of lines for a shell
        #[arg(long)]
        json: bool,
    },
    /// Print a script that completes Hoist's arguments in a shell, including saved names
    #[command(after_help = completions::HELP)]
    Completions {
        /// The shell
        shell: completions::Shell,
    },
    /// Keeps a text in the clipboard until another program replaces it
    #[command(hide = true)]
    HoldClipboard,
}

/// Returns the arguments, with help on destinations from the providers' table.
pub fn command() -> clap::Command {
    let lines = provider::shown().map(|f| {
        let options: Vec<_> = f.all_options().map(|o| o.key).collect();
        let options =
            if options.is_empty() { String::new() } else { format!(" · -o {}", options.join(", ")) };
        format!("  {:<12} {}{options}", f.id, f.summary())
    });
    let lines = lines.collect::<Vec<_>>().join("\n");
    let help = format!("Providers (more: `hoist providers`):\n{lines}");
    Arguments::command().mut_subcommand("upload", |upload| upload.after_help(help))
}

/// Reads the arguments. Wrong ones end the program with status 2.
pub fn parse() -> Invocation {
    // Before anything is said of providers: a file of the person's own is one of them.
    if let Ok(folders) = terminal_session::own_folders() {
        own_providers::load(&folders);
    }
    if let Some(status) = completions::answer(command) {
        return Invocation::Terminal(Box::new(move || status));
    }
    let matches = command().get_matches_from(platform::environment::arguments());
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(e) => e.exit(),
    };
    let sandbox = arguments.sandbox;
    match arguments.command {
        None => {
            if let Some(said) = not_a_file(&arguments.files) {
                return Invocation::Terminal(Box::new(move || fail(&said)));
            }
            let (new_window, gallery) = (arguments.new_window, arguments.gallery);
            Invocation::Window(WindowArguments { files: arguments.files, sandbox, new_window, gallery })
        }
        Some(command) => Invocation::Terminal(Box::new(move || run(command, sandbox))),
    }
}

/// Returns what is wrong with files that are to be opened: a word that is no file is a command that was mistyped, and
/// must not open a window instead. A path says by its separator that a file is meant, whether it is there or not.
fn not_a_file(files: &[PathBuf]) -> Option<String> {
    let is_path = |path: &Path| path.as_os_str().to_string_lossy().contains(std::path::is_separator);
    let is_missing = |path: &&PathBuf| !is_path(path) && std::fs::symlink_metadata(path).is_err();
    let missing = files.iter().find(is_missing)?;
    let name = missing.to_string_lossy();
    let is_first = files.first() == Some(missing);
    Some(match likely_command(&name).filter(|_| is_first) {
        Some(command) => format!(
            "There is no command and no file \"{name}\": did you mean `hoist {command}`? Nothing was opened"
        ),
        None => format!(
            "There is no file \"{name}\" here. `hoist --help` lists the commands, and ./{name} opens the window all the same"
        ),
    })
}

/// Returns the command that is written most like this word.
fn likely_command(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let command = command();
    let known = command.get_subcommands().filter(|c| !c.is_hide_set()).map(clap::Command::get_name);
    let alike = known.map(|name| (strsim::damerau_levenshtein(&word, name), name));
    let (typos, name) = alike.min()?;
    // A third of the letters may be wrong, or it is another word.
    (typos * 3 <= name.len().max(3)).then(|| name.to_owned())
}

fn run(command: CliCommand, sandbox: bool) -> ExitCode {
    let result = match command {
        CliCommand::Upload(arguments) => upload::run(&arguments, sandbox),
        CliCommand::Watch(arguments) => watch::run(&arguments, sandbox),
        CliCommand::Inspect(arguments) => inspect::run(&arguments, sandbox),
        CliCommand::Fit(arguments) => fit::run(&arguments, sandbox),
        CliCommand::Keys { command } => keys::run(command, sandbox),
        CliCommand::Destinations { command } => destinations::run(command, sandbox),
        CliCommand::Settings { command } => settings::run(command, sandbox),
        CliCommand::History { command } => history::run(command, sandbox),
        CliCommand::Providers { command, json } => providers::run(command, json),
        CliCommand::Mcp { command } => mcp::run(command, sandbox),
        CliCommand::Sandbox { port, json } => sandbox::run(port, json),
        CliCommand::Completions { shell } => completions::script(shell).map(|script| {
            out(script.trim_end());
            ExitCode::SUCCESS
        }),
        CliCommand::HoldClipboard => {
            let served = platform::clipboard::serve_clipboard();
            served.map(|()| ExitCode::SUCCESS).map_err(|e| e.to_string())
        }
    };
    match result {
        Ok(_) if is_stdout_lost() => ExitCode::from(STATUS_USAGE),
        Ok(status) => status,
        Err(error_chain) => fail(&error_chain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_file_is_a_mistyped_command() {
        let folder = tempfile::tempdir().unwrap();
        let there = folder.path().join("there.png");
        std::fs::write(&there, "").unwrap();
        assert_eq!(not_a_file(&[there, "./uplaod".into(), folder.path().join("gone.png")]), None);
        for (typed, meant) in [
            ("uplaod", "upload"),
            ("Upload", "upload"),
            ("histroy", "history"),
            ("kesy", "keys"),
            ("sandbx", "sandbox"),
        ] {
            let said = not_a_file(&[typed.into(), "x.png".into()]).unwrap();
            assert!(said.contains(&format!("`hoist {meant}`")), "{said}");
        }
        for typed in ["cover.png", "x", "", "hold-clipbord"] {
            let said = not_a_file(&[typed.into()]).unwrap();
            assert!(said.contains("no file") && !said.contains("did you mean"), "{said}");
        }
    }

    #[test]
    fn the_arguments_are_consistent_and_their_help_knows_every_provider() {
        let mut command = super::command();
        command.clone().debug_assert();
        assert!(
            !command.render_long_help().to_string().contains("gallery"),
            "that is for whoever makes Hoist"
        );
        let help =
            command.find_subcommand_mut("upload").map(|c| c.render_help().to_string()).unwrap_or_default();
        for facts in crate::provider::shown() {
            assert!(help.contains(facts.id) && help.contains(&facts.summary()), "{help}");
        }
        assert!(help.contains("more: `hoist providers`"), "{help}");
    }
}
