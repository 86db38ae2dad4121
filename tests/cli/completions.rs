//! What a shell completes: the real program asked as a shell asks it, and a real bash with the real script.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use hoist::provider;

use crate::machine::{Machine, all_files};
use crate::places::{printed, with_settings};

const SAVED: &str = "[[key]]\nname = \"work\"\nservice = \"useapi\"\nadded = \"2026-03-01\"\nlabel = \"Jane's studio\"\n\
                     [[destination]]\nname = \"Press pictures\"\nprovider = \"piapi\"\nkey = \"piapi\"\n\
                     [[destination]]\nname = \"Flow Music · jane@example.com\"\nprovider = \"flow-music\"\nkey = \"work\"\n\
                     [[destination]]\nname = \"It's \\\"$HOME\\\" `*` & (more); !\"\nprovider = \"piapi\"\nkey = \"x\"\n\
                     [[destination]]\nname = \"a\\u001b[2J\"\nprovider = \"piapi\"\nkey = \"y\"\n";

/// What a shell other than bash gets for these words, the last of which is being typed.
fn asked(machine: &Machine, shell: &str, words: &[&str]) -> String {
    let mut all = vec!["--", "hoist"];
    all.extend(words);
    let mut command = machine.command(&all.iter().map(OsStr::new).collect::<Vec<_>>());
    command.env("HOIST_COMPLETE", shell).env("_CLAP_IFS", "\n");
    command.env("_CLAP_COMPLETE_INDEX", words.len().to_string());
    let ended = machine.finish(command.spawn().unwrap());
    assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{words:?}");
    ended.out
}

/// What bash puts in for a line, with what it would cut off the last word itself, and what it then reads as that word.
fn bash(machine: &Machine, line: &str, replaced: &str) -> Vec<(String, String)> {
    let script = printed(machine, &["completions", "bash"]);
    let test = r#"
        eval "$1"; complete -p hoist >/dev/null || exit 9
        COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9; COMPREPLY=()
        _hoist hoist "$3" ""
        for reply in "${COMPREPLY[@]}"; do
            line="${2%"$3"}$reply"
            case ${2%"$3"} in *\") line+=\";; *\') line+=\';; esac
            eval "words=($line)"
            printf '%s\n%s\n' "$reply" "${words[${#words[@]}-1]}"
        done"#;
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-c", test, "bash", &script, line, replaced]);
    let machines = machine.command(&[]);
    command.env_clear().current_dir(machine.files()).env("LC_ALL", "C.UTF-8");
    command.envs(machines.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ended = machine.finish(child);
    assert_eq!((ended.status, ended.err.as_str()), (0, ""), "{line}");
    let lines = ended.lines();
    lines.chunks(2).map(|two| (two[0].to_owned(), two[1].to_owned())).collect()
}

fn just_words(replies: &[(String, String)]) -> Vec<&str> {
    replies.iter().map(|(_, word)| word.as_str()).collect()
}

#[test]
fn every_shell_has_its_script_and_others_are_named() {
    let machine = Machine::new();
    for (shell, sign) in [
        ("bash", "complete -o bashdefault -F _hoist hoist"),
        ("zsh", "#compdef hoist"),
        ("fish", "--command hoist"),
        ("elvish", "edit:completion:arg-completer[hoist]"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let script = printed(&machine, &["completions", shell]);
        assert!(script.contains(sign) && script.contains("HOIST_COMPLETE"), "{shell}: {script}");
    }
    let other = machine.run(&args!["completions", "tcsh"]);
    other.is_bad_usage(&["tcsh", "bash", "zsh", "fish", "elvish", "powershell"]);
}

#[test]
fn bash_completes_names_with_spaces_and_signs_so_that_it_reads_them_again() {
    let machine = with_settings(SAVED);
    let hostile = "It's \"$HOME\" `*` & (more); !";
    let saved = ["Press pictures", "Flow Music · jane@example.com", hostile];
    let providers = provider::all().into_iter().map(|p| p.facts().id).collect::<Vec<_>>();
    let all = bash(&machine, "hoist upload a.png --to ", "");
    assert_eq!(just_words(&all), [&saved[..], &providers].concat(), "and none that moves a cursor");
    for (line, replaced, expected) in [
        ("hoist upload --to Pre", "Pre", saved[0]),
        ("hoist upload --to \"Pre", "Pre", saved[0]),
        ("hoist upload --to 'Press p", "Press p", saved[0]),
        ("hoist upload --to Press\\ p", "Press\\ p", saved[0]),
        ("hoist upload --to=Pre", "Pre", "--to=Press pictures"),
        ("hoist upload --to Flow\\ Music\\ ·\\ jane@ex", "ex", saved[1]),
        ("hoist upload --to \"Flow Music · jane@ex", "Flow Music · jane@ex", saved[1]),
        ("hoist upload --to It", "It", hostile),
        ("hoist upload --to \"It", "It", hostile),
        ("hoist upload --to 'It", "It", hostile),
        ("HOME=/x hoist destinations remove Pre", "Pre", saved[0]),
        ("hoist --sandbox destinations rename Pre", "Pre", saved[0]),
        ("hoist keys rename Jane", "Jane", "Jane's studio"),
        ("hoist keys remove w", "w", "work"),
        ("hoist keys add pi", "pi", "piapi"),
        ("hoist destinations add piapi --key w", "w", "work"),
        ("hoist destinations add rif", "rif", "riffusion"),
        ("hoist completions f", "f", "fish"),
        ("hoist dest", "dest", "destinations"),
        ("hoist insp", "insp", "inspect"),
        ("hoist inspect a.png --to Pre", "Pre", saved[0]),
        ("hoist inspect a.png --j", "--j", "--json"),
    ] {
        assert_eq!(just_words(&bash(&machine, line, replaced)), [expected], "{line}");
    }
    let (typed, _) = bash(&machine, "hoist upload --to Flow", "Flow").remove(0);
    assert_eq!(typed, "Flow\\ Music\\ ·\\ jane@example.com");
    // A file, too, and a folder that may go on.
    machine.file("a picture.png", b"x");
    assert_eq!(just_words(&bash(&machine, "hoist upload a", "a")), ["a picture.png"]);
    assert!(bash(&machine, "hoist upload --to nothing", "nothing").is_empty());
}

#[test]
fn other_shells_get_names_that_they_quote_themselves_or_in_quotes() {
    let machine = with_settings(SAVED);
    let fish = asked(&machine, "fish", &["upload", "--to", "Press\\ p"]);
    assert_eq!(fish, "Press pictures\tPiAPI, Auto\n");
    let zsh = asked(&machine, "zsh", &["destinations", "remove", "\"Flow Mu"]);
    assert_eq!(zsh, "Flow Music · jane@example.com:Flow Music, Auto");
    assert_eq!(asked(&machine, "elvish", &["keys", "rename", "Jane's"]), "Jane's studio");
    let powershell = asked(&machine, "powershell", &["keys", "rename", "Jane"]);
    assert_eq!(powershell, "'Jane''s studio'\tuseapi.net, work\n");
}

#[test]
fn a_shell_that_asks_leaves_nothing_and_changes_nothing() {
    let machine = with_settings("theme = ");
    let files = all_files(&machine.home());
    assert_eq!(
        asked(&machine, "fish", &["upload", "--to", "piap"]).lines().count(),
        1,
        "providers are there all the same"
    );
    assert_eq!(all_files(&machine.home()), files, "no log, no history, and a damaged file stays where it is");
    let empty = Machine::new();
    assert_eq!(asked(&empty, "zsh", &["destinations", "remove", ""]).matches("Press").count(), 0);
    assert!(!empty.home().exists());
    // Another program's shell, or none that is known.
    let mut command = empty.command(&args!["--", "hoist", ""]);
    let ended = empty.finish(command.env("HOIST_COMPLETE", "tcsh").spawn().unwrap());
    assert_eq!((ended.status, ended.out.as_str(), ended.err.as_str()), (1, "", ""));
}
