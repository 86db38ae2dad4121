//! The files of an upload: those that are named, what stdin gives, and what is in the clipboard.

use std::io::stdin;
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{eprint_line, sentence};
use crate::platform::dnd_clipboard;
use crate::platform::environment;
use crate::session::api::{Folders, Item, State};
use crate::session::imports::Link;
use crate::session::{self, imports};

/// What is said where the clipboard has nothing of use: in a terminal nothing can be dropped.
const NOTHING_COPIED: &str = "The clipboard has no files, no picture and no link: copy some first";

/// Which files are meant.
#[derive(Args)]
pub(super) struct InputArguments {
    /// The files; `-` is one from stdin
    #[arg(required_unless_present = "clipboard", value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// The name of the file from stdin
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Upload the files or the picture in the clipboard, or what a link there names
    #[arg(long)]
    pub(super) clipboard: bool,
    /// Fetch what a link in the clipboard names without asking
    #[arg(long, requires = "clipboard")]
    pub(super) yes: bool,
}

/// The files of one command.
pub(super) struct UploadInputs {
    /// All of them, by whole paths.
    pub(super) files: Vec<PathBuf>,
    /// What is to be fetched first.
    pub(super) links: Vec<Link>,
    /// Those that were made for this command.
    made: Vec<PathBuf>,
}

impl UploadInputs {
    /// Reads what the arguments name. The error says why nothing is sent.
    pub(super) fn read(arguments: &InputArguments, sandbox: bool) -> Result<UploadInputs, String> {
        let (named, name) = (&arguments.files, arguments.name.as_deref());
        let folders = || session::folders(&environment::given(), sandbox).map_err(sentence);
        let mut inputs = UploadInputs { files: vec![], links: vec![], made: vec![] };
        let stdins = named.iter().filter(|file| is_stdin(file)).count();
        match (stdins, name) {
            (0, Some(_)) => {
                return Err("--name is for a file that is read from stdin: name it `-`".to_owned());
            }
            (2.., _) => return Err("Stdin is one file: name `-` once. Nothing was sent".to_owned()),
            (1, None) => {
                return Err(
                    "`-` is a file from stdin: say what it is called with --name, as in --name cover.png. \
                            Nothing was sent"
                        .to_owned(),
                );
            }
            (0 | 1, _) => {}
        }
        for file in named {
            match name {
                Some(name) if is_stdin(file) => {
                    let made = imports::save_stream(&folders()?, &mut stdin().lock(), name);
                    inputs.add_made(made.map_err(|why| format!("{why}. Nothing was sent"))?);
                }
                _ => inputs.files.push(std::path::absolute(file).unwrap_or_else(|_| file.clone())),
            }
        }
        if arguments.clipboard {
            inputs.add_clipboard(folders).map_err(|why| format!("{why}. Nothing was sent"))?;
        }
        Ok(inputs)
    }

    fn add_made(&mut self, file: PathBuf) {
        self.made.push(file.clone());
        self.files.push(file);
    }

    /// Adds what is in the clipboard, by the rules of Ctrl+V in the window.
    fn add_clipboard(&mut self, folders: impl Fn() -> Result<Folders, String>) -> Result<(), String> {
        let found = dnd_clipboard::read_clipboard().map_err(|e| e.to_string())?;
        let is_empty = found.files.is_empty() && found.content.is_none() && found.links.is_empty();
        if let Some(problem) = found.problems.first().filter(|_| is_empty) {
            let is_nothing = problem == dnd_clipboard::NOTHING_PASTED;
            return Err(if is_nothing { NOTHING_COPIED.to_owned() } else { problem.clone() });
        }
        for problem in &found.problems {
            eprint_line(&format!("{problem}."));
        }
        self.files.extend(found.files);
        self.links.extend(found.links.into_iter().map(Link::new));
        if let Some(content) = &found.content {
            self.add_made(imports::save_content(&folders()?, content).map_err(|e| e.to_string())?);
        }
        Ok(())
    }

    /// Takes in what was fetched for this command.
    pub(super) fn add_fetched<'a>(&mut self, items: impl IntoIterator<Item = &'a Item>) {
        self.made.extend(items.into_iter().map(|item| item.request.path.clone()));
    }

    /// Deletes what was made for this command and has arrived; the rest can be sent again.
    pub(super) fn clean_up<'a>(&self, items: impl IntoIterator<Item = &'a Item>, was_asked: bool) {
        for item in items {
            let is_over = !was_asked || matches!(item.state, State::Done(_));
            if is_over && self.made.contains(&item.request.path) {
                let _ = std::fs::remove_file(&item.request.path); // windows delete it after a day
            }
        }
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}
