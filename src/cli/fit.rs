//! `hoist fit`: copies that a destination accepts, without sending anything. It asks no key and needs no session.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::json;

use super::output::{eprint_line, out, out_json};
use super::{completions, destination_args};
use crate::platform;
use crate::session;
use crate::session::api::{FitWishes, Media};
use crate::session::fit_files::{FitFile, NoCopy, fit_file, losses, remove_leftovers};

/// What stands below its help.
pub(super) const HELP: &str = "A file that needs nothing prints its own path. The file itself is never changed, and no other file is overwritten.\n\n\
    Exit status: 0 every file fits · 1 some file cannot be made to fit · 2 bad usage";

#[derive(Args)]
pub(super) struct FitArguments {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The provider: its ID (see `hoist providers`), or a saved destination's name
    #[arg(long, value_name = "PROVIDER", add = ArgValueCandidates::new(completions::destinations))]
    to: String,
    /// Where the copies go [default: the current folder]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// The type of the copies, by its extension: jpg, png, webp, wav, m4a, mp3, mp4
    #[arg(long, value_name = "F", value_parser = format)]
    format: Option<Media>,
    /// The quality of pictures, 1 to 100 [default: the largest that fits]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: Option<u8>,
    /// Scale pictures and video so that no side is longer, in pixels
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_side: Option<u32>,
    /// Remove location, camera, author and AI provenance
    #[arg(long)]
    strip: bool,
    /// One JSON object per file
    #[arg(long)]
    json: bool,
}

/// Reads a type by its extension.
fn format(name: &str) -> Result<Media, String> {
    let known = Media::from_extension(name.trim_start_matches('.'));
    known.ok_or_else(|| "give an extension like jpg, png, webp, wav, m4a, mp3 or mp4".to_owned())
}

pub(super) fn run(arguments: &FitArguments, sandbox: bool) -> Result<ExitCode, String> {
    let saved = destination_args::settings(sandbox)?.destinations;
    let destination = match destination_args::called(saved.iter(), &arguments.to)? {
        Some(destination) => destination.clone(),
        None => {
            let facts = destination_args::provider(&arguments.to)?;
            session::auto(facts, facts.vendor.id)
        }
    };
    let provider = destination_args::facts(&destination)?;
    let folder = match &arguments.output {
        Some(folder) => folder.clone(),
        None => std::env::current_dir().map_err(|e| format!("The current folder cannot be found: {e}"))?,
    };
    if !folder.is_dir() {
        return Err(format!("--output: there is no folder {}", folder.display()));
    }
    let wishes = FitWishes {
        format: arguments.format,
        quality: arguments.quality,
        max_side: arguments.max_side,
        strip: arguments.strip,
        ..FitWishes::default()
    };
    remove_leftovers(&folder);
    let mut status = ExitCode::SUCCESS;
    let interrupted = platform::interrupt::on_interrupt();
    for file in &arguments.files {
        if interrupted.load(Ordering::SeqCst) {
            // Those that were not begun do not fit.
            status = ExitCode::FAILURE;
            break;
        }
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        match fit_file(&path, provider, &wishes, &folder, &interrupted) {
            Ok(fitted) => {
                print(file, &path, &fitted, arguments.json);
                if let Some(losses) = losses(&fitted.changes) {
                    eprint_line(&format!("{}: the copy is {losses}.", session::api::name_of(&path)));
                }
            }
            Err(why) => {
                status = ExitCode::FAILURE;
                if arguments.json {
                    print_refused(&path, &why);
                }
                eprint_line(&format!("{}: {why}.", session::api::name_of(&path)));
            }
        }
    }
    Ok(status)
}

fn print(given: &Path, path: &Path, fitted: &FitFile, as_json: bool) {
    let output = fitted.copy.as_deref();
    if as_json {
        let changes = fitted.changes.iter();
        let changes: Vec<_> =
            changes.map(|c| json!({ "kind": c.kind.name(), "from": c.from, "to": c.to })).collect();
        out_json(&json!({
            "file": path.to_string_lossy(),
            "output": output.unwrap_or(path).to_string_lossy(),
            "changes": changes,
            "bytes": fitted.bytes,
            "error": null,
        }));
    } else {
        out(&output.unwrap_or(given).to_string_lossy());
    }
}

/// Prints the object of a file of which there is no copy.
fn print_refused(path: &Path, why: &NoCopy) {
    out_json(&json!({
        "file": path.to_string_lossy(),
        "output": null,
        "changes": [],
        "bytes": null,
        "error": why.to_string(),
    }));
}
