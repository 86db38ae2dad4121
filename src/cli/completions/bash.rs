//! Bash puts in what it gets as it is, and cuts words at `@`, `:` and `=`: so what it gets is quoted as the word is that
//! was begun, and less what stands before such a cut.

use std::io::{self, Write};
use std::path::Path;

use clap::Command;

use super::line::{self, LineWord, Quote};

/// What it is completed in: the command line up to the cursor, and what of it bash is going to replace.
const LINE: &str = "_HOIST_LINE";
const REPLACED: &str = "_HOIST_REPLACED";

/// Without `mapfile` and with `compopt` only where it is there: macOS has bash 3.2.
const SCRIPT: &str = r#"_hoist() {
    local answer
    COMPREPLY=()
    while IFS= read -r answer; do
        COMPREPLY+=("$answer")
    done < <(_HOIST_LINE="${COMP_LINE:0:COMP_POINT}" _HOIST_REPLACED="$2" HOIST_COMPLETE=bash PROGRAM 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=] ]]; then
        compopt -o nospace 2>/dev/null
    elif [[ ${#COMPREPLY[@]} -eq 0 && $2 == \~* ]]; then
        compopt -o default 2>/dev/null
    fi
    return 0
}
complete -o bashdefault -F _hoist hoist"#;

pub(super) fn script(program: &str) -> String {
    SCRIPT.replace("PROGRAM", &shlex::try_quote(program).unwrap_or_default()) // no path has a NUL in it
}

/// Prints what bash is to put in, a line each.
pub(super) fn answer(command: &mut Command, cwd: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    let typed = std::env::var(LINE).map_err(io::Error::other)?;
    let replaced = std::env::var(REPLACED).unwrap_or_default();
    let mut words = line::split_words(&typed);
    // `NAME=value hoist …` is no argument of Hoist.
    let is_set = |word: &LineWord| {
        word.raw.split_once('=').is_some_and(|(name, _)| !name.is_empty() && !name.contains(['/', '-']))
    };
    let before = words.iter().take_while(|word| is_set(word)).count();
    words.drain(..before.min(words.len().saturating_sub(1)));
    let Some(last) = words.last().cloned() else { return Ok(()) };
    let arguments = words.iter().map(|word| word.text.clone().into()).collect();
    let (fixed, quote) = standing(&last, &replaced);
    for candidate in clap_complete::engine::complete(command, arguments, words.len() - 1, cwd)? {
        let value = candidate.get_value().to_string_lossy();
        if let Some(rest) = value.strip_prefix(fixed.as_str()) {
            writeln!(out, "{}", line::quoted(rest, quote))?;
        }
    }
    Ok(())
}

/// Returns what of a word stays where it is when bash replaces its end, and the quotes that are open there.
fn standing(word: &LineWord, replaced: &str) -> (String, Quote) {
    let stays = word.raw.strip_suffix(replaced).unwrap_or_default();
    match line::split_words(stays).pop() {
        Some(before) if !stays.is_empty() => (before.text, before.quote),
        _ => (String::new(), Quote::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bash_leaves_standing_is_known_with_its_quotes() {
        let standing = |line: &str, replaced: &str| {
            let (text, quote) = standing(&line::split_words(line).pop().unwrap_or_default(), replaced);
            (text, quote)
        };
        let expected = |text: &str, quote| (text.to_owned(), quote);
        assert_eq!(standing("hoist Press", "Press"), expected("", Quote::None));
        assert_eq!(standing("hoist Press\\ p", "Press\\ p"), expected("", Quote::None));
        assert_eq!(standing("hoist \"Press p", "Press p"), expected("", Quote::Double));
        assert_eq!(
            standing("hoist Flow\\ Music\\ ·\\ jane@ex", "ex"),
            expected("Flow Music · jane@", Quote::None)
        );
        assert_eq!(standing("hoist --to='it", "it"), expected("--to=", Quote::Single));
        assert_eq!(standing("hoist ", ""), expected("", Quote::None));
        assert_eq!(standing("hoist jane@", ""), expected("jane@", Quote::None));
    }
}
