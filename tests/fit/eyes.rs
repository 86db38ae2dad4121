//! What other programs see in a file.

use std::path::Path;
use std::process::Command;

/// Runs a program and returns what it says. One that is missing or fails is a failed test.
pub(crate) fn run(program: &str, args: &[&str]) -> String {
    let out = Command::new(program).args(args).output();
    let out = out.unwrap_or_else(|e| panic!("{program} must be installed (scripts/setup): {e}"));
    assert!(out.status.success(), "{program} {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Makes a picture with `ImageMagick`. Returns what it prints.
pub(crate) fn magick(args: &[&str]) -> String {
    run(if Path::new("/usr/bin/convert").exists() { "/usr/bin/convert" } else { "magick" }, args)
}

/// Type, width, height, and colour space as `ImageMagick` sees them.
pub(crate) fn identify(path: &Path) -> String {
    run("identify", &["-format", "%m %w %h %[colorspace]", &format!("{}[0]", text(path))])
}

/// One tag as exiftool sees it, by number or as it writes it; empty where it is not there.
pub(crate) fn exif(path: &Path, tag: &str) -> String {
    run("exiftool", &["-s3", "-n", &format!("-{tag}"), text(path)]).trim().to_owned()
}

/// Everything that exiftool sees.
pub(crate) fn all_tags(path: &Path) -> String {
    run("exiftool", &["-a", "-G1", "-s", "-ee", text(path)])
}

/// What ffprobe sees.
pub(crate) fn probe(path: &Path, entries: &str) -> String {
    let of = ["-v", "error", "-show_entries", entries, "-of", "csv=p=0", text(path)];
    run("ffprobe", &of).trim().to_owned()
}

/// Seconds that a file plays, as ffprobe sees them.
pub(crate) fn seconds(path: &Path) -> f64 {
    probe(path, "format=duration").parse().unwrap()
}

/// A hash of decoded pixels or samples, as ffmpeg decodes them.
pub(crate) fn decoded(path: &Path) -> String {
    run("ffmpeg", &["-v", "error", "-i", text(path), "-map", "0", "-f", "streamhash", "-hash", "md5", "-"])
}

/// How alike two pictures are, in decibels; the second is scaled to the first.
pub(crate) fn psnr(one: &Path, other: &Path) -> f64 {
    let size = run("identify", &["-format", "%wx%h!", &format!("{}[0]", text(one))]);
    let program = if Path::new("/usr/bin/compare").exists() { "/usr/bin/compare" } else { "compare" };
    let (one, other) = (format!("{}[0]", text(one)), format!("{}[0]", text(other)));
    let out = Command::new(program)
        .args(["-metric", "PSNR", &one, "(", &other, "-resize", &size, ")", "null:"])
        .output()
        .expect("ImageMagick's compare must be installed (scripts/setup)");
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let first = said.split_whitespace().next().unwrap_or_default();
    if first == "inf" { 99.0 } else { first.parse().unwrap_or_else(|_| panic!("compare said {said}")) }
}
