//! `install.sh` of the archive: what it promises of the folder that it installs into.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::root;

use super::{MANUAL, rpm};

/// The unpacked archive in a folder of its own, with a program that only knows its version.
struct Unpacked {
    folder: TempDir,
}

impl Unpacked {
    fn new() -> Self {
        let unpacked = Self { folder: TempDir::with_prefix("hoist unpacked ").unwrap() };
        for (source, target, _) in rpm::files() {
            let at = unpacked.archive().join(target.strip_prefix("usr/").unwrap());
            fs::create_dir_all(at.parent().unwrap()).unwrap();
            let from = if source.ends_with("hoist.1.gz") { MANUAL } else { &source };
            // What a build makes is not there yet.
            if fs::copy(root().join(from), &at).is_err() || target == "usr/bin/hoist" {
                fs::write(&at, "#!/bin/sh\necho hoist 1.2.3\n").unwrap();
            }
        }
        let at = unpacked.archive();
        fs::set_permissions(at.join("bin/hoist"), fs::Permissions::from_mode(0o755)).unwrap();
        fs::copy(root().join("assets/linux/install.sh"), at.join("install.sh")).unwrap();
        unpacked
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("hoist 1.2.3")
    }

    /// A person's home, where `~/.local` may not be yet.
    fn home(&self) -> PathBuf {
        let home = self.folder.path().join("home");
        fs::create_dir_all(&home).unwrap();
        home
    }

    /// Runs a script with a home of its own.
    fn run(&self, script: &Path, prefix: Option<&Path>, arguments: &[&str]) -> Output {
        let mut command = Command::new(script);
        command.args(arguments).env("HOME", self.home()).env_remove("PREFIX").current_dir(self.home());
        if let Some(prefix) = prefix {
            command.env("PREFIX", prefix);
        }
        command.output().unwrap()
    }

    fn install(&self, prefix: Option<&Path>) -> String {
        well(&self.run(&self.archive().join("install.sh"), prefix, &[]))
    }
}

fn well(done: &Output) -> String {
    let said = [&done.stdout, &done.stderr].map(|t| String::from_utf8_lossy(t).into_owned()).concat();
    assert!(done.status.success(), "{said}");
    said
}

fn badly(done: &Output) -> String {
    assert_eq!(done.status.code(), Some(1));
    String::from_utf8_lossy(&done.stderr).into_owned()
}

/// Every file and folder below one, by its path from there.
fn all_below(folder: &Path) -> BTreeSet<String> {
    let below = walkdir::WalkDir::new(folder).min_depth(1).into_iter();
    below.map(|e| e.unwrap().path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned()).collect()
}

/// The program that a desktop file starts, as a desktop reads it.
fn started_by(desktop: &Path) -> String {
    let text = fs::read_to_string(desktop).unwrap();
    let exec = text.lines().find_map(|line| line.strip_prefix("Exec=")).unwrap();
    let value = exec.replace("\\\\", "\\");
    let quoted = value.strip_prefix('"').unwrap().rsplit_once('"').unwrap().0;
    let mut path = String::new();
    let mut letters = quoted.chars();
    while let Some(letter) = letters.next() {
        path.push(if letter == '\\' { letters.next().unwrap() } else { letter });
    }
    path.replace("%%", "%")
}

#[test]
fn it_installs_below_the_persons_own_folder_and_leaves_nothing_there() {
    let unpacked = Unpacked::new();
    let said = unpacked.install(None);
    assert!(said.contains("Installed hoist 1.2.3"), "{said}");
    assert!(said.contains("PATH"), "a terminal does not find it yet: {said}");
    let local = unpacked.home().join(".local");
    for (_, target, _) in rpm::files() {
        let file = local.join(target.strip_prefix("usr/").unwrap());
        let mode =
            fs::metadata(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())).permissions().mode();
        assert_eq!(mode & 0o777, if target == "usr/bin/hoist" { 0o755 } else { 0o644 }, "{target}");
    }
    assert_eq!(all_below(&unpacked.home()).iter().filter(|name| !name.starts_with(".local")).count(), 0);
    // The person's history is in the same folder, and the archive may be gone by now.
    let history = local.join("share/hoist/history.db");
    assert!(!history.parent().unwrap().exists(), "that folder is the person's");
    fs::create_dir(history.parent().unwrap()).unwrap();
    fs::write(&history, "the person's own").unwrap();
    fs::remove_dir_all(unpacked.archive()).unwrap();
    well(&unpacked.run(&local.join("lib/hoist/install.sh"), None, &["--uninstall"]));
    let own = [".local", ".local/share", ".local/share/hoist", ".local/share/hoist/history.db"];
    assert_eq!(all_below(&unpacked.home()), own.map(str::to_owned).into());
}

#[test]
fn it_installs_below_a_folder_of_any_name_and_the_menu_starts_it_there() {
    let unpacked = Unpacked::new();
    let prefix = unpacked.folder.path().join(r#"my "own" & $HOME 100% `x` \ '音楽'"#);
    unpacked.install(Some(&prefix));
    let desktop = prefix.join("share/applications/hoist.desktop");
    assert_eq!(started_by(&desktop), prefix.join("bin/hoist").to_str().unwrap());
    well(&Command::new("desktop-file-validate").arg(&desktop).output().unwrap());
    assert_eq!(all_below(&unpacked.home()), BTreeSet::new(), "something is outside of PREFIX");
    well(&unpacked.run(&unpacked.archive().join("install.sh"), Some(&prefix), &["--uninstall"]));
    assert!(!prefix.exists(), "left: {:?}", all_below(&prefix));
}

#[test]
fn it_leaves_files_that_are_not_its_own() {
    let unpacked = Unpacked::new();
    let local = unpacked.home().join(".local");
    fs::create_dir_all(local.join("bin")).unwrap();
    fs::write(local.join("bin/hoist"), "somebody else's").unwrap();
    let said = badly(&unpacked.run(&unpacked.archive().join("install.sh"), None, &[]));
    assert!(said.contains("bin/hoist is there already"), "{said}");
    assert_eq!(all_below(&local), ["bin", "bin/hoist"].map(str::to_owned).into());
    fs::rename(local.join("bin/hoist"), local.join("bin/other")).unwrap();
    unpacked.install(None);
    well(&unpacked.run(&unpacked.archive().join("install.sh"), None, &["--uninstall"]));
    assert_eq!(all_below(&local), ["bin", "bin/other"].map(str::to_owned).into());
    let said = badly(&unpacked.run(&unpacked.archive().join("install.sh"), None, &["--uninstall"]));
    assert!(said.contains("nothing is installed"), "{said}");
}

#[test]
fn a_new_version_takes_the_place_of_the_old_one() {
    let unpacked = Unpacked::new();
    let old = unpacked.archive().join("share/icons/hicolor/16x16/apps/hoist.png");
    fs::create_dir_all(old.parent().unwrap()).unwrap();
    fs::write(&old, "of an older version").unwrap();
    unpacked.install(None);
    let local = unpacked.home().join(".local");
    let of_old = local.join("share/icons/hicolor/16x16/apps/hoist.png");
    assert!(of_old.is_file());
    fs::remove_file(&old).unwrap();
    // It is replaced in one step, since the old one may be running.
    let running = fs::File::open(local.join("bin/hoist")).unwrap();
    unpacked.install(None);
    assert!(!of_old.exists(), "a file of the old version stayed");
    assert!(all_below(&local).iter().all(|name| Path::new(name).extension().is_none_or(|it| it != "new")));
    drop(running);
    well(&unpacked.run(&local.join("lib/hoist/install.sh"), None, &["--uninstall"]));
    assert_eq!(all_below(&unpacked.home()), BTreeSet::new());
}

#[test]
fn it_installs_nothing_that_does_not_start_here() {
    let unpacked = Unpacked::new();
    fs::write(unpacked.archive().join("bin/hoist"), "#!/bin/sh\necho needs another system >&2; exit 1\n")
        .unwrap();
    let said = badly(&unpacked.run(&unpacked.archive().join("install.sh"), None, &[]));
    assert!(said.contains("needs another system") && said.contains("does not start"), "{said}");
    assert_eq!(all_below(&unpacked.home()), BTreeSet::new());
}
