//! `hoist inspect`: what Hoist sees in files, for people and for other programs. It asks no key and sends nothing, so it
//! needs no session: the settings are read for the names of destinations, and nothing is written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;
use serde_json::{Value, json};

use super::output::{eprint_line, out, out_json};
use super::{completions, destination_args};
use crate::session::api::{
    AudioFacts, Destination, Details, FileFacts, FileProblem, Finding, FindingKind, Severity, VideoFacts,
    details,
    provider::{self, ProviderSpec},
    text,
};
use crate::session::{self, report};

/// Longer details are shortened for people; `--json` has them whole.
const MAX_DETAIL: usize = 300;

/// What stands below its help.
pub(super) const HELP: &str = "Exit status: 0 every file was read · 1 some file cannot be read · 2 bad usage";

#[derive(Args)]
pub(super) struct InspectArguments {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Only findings for these: names of saved destinations, or provider IDs (see `hoist providers`)
    #[arg(long, value_name = "DESTINATION", add = ArgValueCandidates::new(completions::destinations))]
    to: Vec<String>,
    /// One JSON object per file
    #[arg(long)]
    json: bool,
}

/// A destination, and its provider's table.
type InspectTarget = (&'static ProviderSpec, Destination);

/// What was seen of a file.
type InspectedFile = Result<(FileFacts, Details), FileProblem>;

pub(super) fn run(arguments: &InspectArguments, sandbox: bool) -> Result<ExitCode, String> {
    let targets = targets(&arguments.to, sandbox)?;
    let mut status = ExitCode::SUCCESS;
    for (n, file) in arguments.files.iter().enumerate() {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let seen = details::of_file(&file);
        let findings = findings(&seen, &targets);
        let name = file.file_name().map_or_else(|| file.to_string_lossy(), |name| name.to_string_lossy());
        if let Err(problem) = &seen {
            status = ExitCode::FAILURE;
            eprint_line(&format!("{name}: {problem}."));
        }
        if arguments.json {
            out_json(&object(&file, &seen, &targets, &findings));
        } else if let Ok((facts, details)) = &seen {
            if n > 0 {
                out("");
            }
            out(&text::sanitize(&name));
            for (name, value) in block(facts, details, &targets, &findings) {
                out(&format!("    {name:<12} {}", text::sanitize(&value)));
            }
        }
    }
    Ok(status)
}

/// Returns the destinations that are meant; all providers where none is named.
fn targets(to: &[String], sandbox: bool) -> Result<Vec<InspectTarget>, String> {
    if to.is_empty() {
        return Ok(provider::shown().map(|facts| (facts, session::auto(facts, facts.vendor.id))).collect());
    }
    let saved = destination_args::settings(sandbox)?.destinations;
    let mut targets = vec![];
    for name in to {
        let destination = match destination_args::called(saved.iter(), name)? {
            Some(destination) => destination.clone(),
            None => {
                let facts = destination_args::provider(name)?;
                session::auto(facts, facts.vendor.id)
            }
        };
        targets.push((destination_args::facts(&destination)?, destination));
    }
    Ok(targets)
}

/// Returns what the provider's table of each destination says of a file; of one that cannot be read, why.
fn findings(seen: &InspectedFile, targets: &[InspectTarget]) -> Vec<Vec<Finding>> {
    let of = |(facts, destination): &InspectTarget| match seen {
        Ok((file, _)) => provider::findings(facts, file, destination),
        Err(problem) => {
            let message = problem.to_string();
            vec![Finding::new(Severity::Error, FindingKind::File, message, "")]
        }
    };
    targets.iter().map(of).collect()
}

/// Returns the object that `--json` prints: every name is there for every file.
fn object(file: &Path, seen: &InspectedFile, targets: &[InspectTarget], findings: &[Vec<Finding>]) -> Value {
    let none = FileFacts::default();
    let facts = seen.as_ref().map_or(&none, |(facts, _)| facts);
    let metadata = seen.as_ref().map_or(&[][..], |(_, details)| &details.metadata);
    let metadata = metadata.iter().map(|one| json!({ "kind": one.kind(), "detail": one.detail() }));
    let findings = targets.iter().zip(findings).flat_map(|((provider, _), findings)| {
        findings.iter().map(|finding| {
            let mut object = json!({ "provider": provider.id });
            if let (Some(all), Value::Object(found)) = (object.as_object_mut(), report::finding(finding)) {
                all.extend(found);
            }
            object
        })
    });
    let audio =
        |a: &AudioFacts| json!({ "codec": a.codec, "rate": a.rate, "channels": a.channels, "bits": a.bits });
    let video = |v: &VideoFacts| json!({ "codec": v.codec, "fps": v.fps.map(thousandths), "hdr": v.hdr.map(|hdr| hdr.label().to_lowercase()) });
    json!({
        "file": file.to_string_lossy(),
        "type": facts.recognised.label(),
        "mime": facts.recognised.mime(),
        "bytes": seen.as_ref().ok().map(|(facts, _)| facts.size),
        "width": facts.pixels.map(|(width, _)| width),
        "height": facts.pixels.map(|(_, height)| height),
        "duration": facts.duration.map(|duration| thousandths(duration.as_secs_f64())),
        "orientation": facts.orientation,
        "audio": facts.audio.as_ref().map(audio),
        "video": facts.video.as_ref().map(video),
        "metadata": metadata.collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "damaged": facts.damaged.is_some(),
    })
}

fn thousandths(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// Returns what people read, each line with its name.
fn block(
    facts: &FileFacts,
    details: &Details,
    targets: &[InspectTarget],
    findings: &[Vec<Finding>],
) -> Vec<(&'static str, String)> {
    let join = |parts: Vec<Option<String>>| parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let label = facts.recognised.label().unwrap_or("unknown").to_owned();
    let pixels = facts.pixels.map(|(width, height)| format!("{width} × {height}"));
    let about = if facts.duration_is_guess { "about " } else { "" };
    let duration = facts.duration.map(|duration| format!("{about}{}", text::playing_time(duration)));
    let turned = facts.orientation.filter(|o| *o != 1).map(|o| format!("orientation {o}"));
    let mut lines = vec![
        ("type", join(vec![Some(label), facts.recognised.mime().map(ToOwned::to_owned)])),
        ("size", text::bytes(facts.size)),
    ];
    lines.extend(pixels.map(|pixels| ("dimensions", join(vec![Some(pixels), turned]))));
    lines.extend(duration.map(|duration| ("duration", duration)));
    if let Some(video) = &facts.video {
        let fps = video.fps.map(|fps| format!("{} frames a second", (fps * 100.0).round() / 100.0));
        let hdr = video.hdr.map(|hdr| format!("HDR ({})", hdr.label()));
        lines.push(("video", join(vec![video.codec.clone(), fps, hdr])));
    }
    if let Some(audio) = &facts.audio {
        let rate = audio.rate.map(|rate| format!("{} kHz", f64::from(rate) / 1000.0));
        let channels = audio.channels.map(|channels| text::count(usize::from(channels), "channel"));
        let bits = audio.bits.map(|bits| format!("{bits} bit"));
        lines.push(("audio", join(vec![audio.codec.clone(), rate, channels, bits])));
    }
    for one in &details.metadata {
        let detail = one.detail().map(|detail| text::elide(&detail.replace('\n', " "), MAX_DETAIL));
        lines.push(("metadata", detail.map_or(one.word().to_owned(), |d| format!("{}: {d}", one.word()))));
    }
    if let Some(damage) = facts.damaged {
        lines.push(("damaged", damage.to_string()));
    }
    for ((provider, _), findings) in targets.iter().zip(findings) {
        // Damage is said above, once for all.
        let own = |f: &&Finding| facts.damaged.is_none_or(|damage| f.message != damage.to_string());
        let before = lines.len();
        let said = findings.iter().filter(own);
        lines.extend(said.map(|f| {
            let remedy = f.remedy.as_ref().map(|plan| format!(" ({})", plan.label())).unwrap_or_default();
            (provider.id, format!("{}: {}{remedy}", f.severity.name(), f.message))
        }));
        if lines.len() == before {
            lines.push((provider.id, "accepted".to_owned()));
        }
    }
    lines
}
