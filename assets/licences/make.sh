#!/usr/bin/env bash
# Writes crates.txt: everything from other people that is in a release build for Linux, Windows or macOS, with its licence and where its
# source, and with that the licence's text, is. `tests/project/licences.rs` tells when it must be run again.
set -euo pipefail
cd "$(dirname "$0")/../.."
list() {
  for target in x86_64-unknown-linux-gnu x86_64-pc-windows-gnu aarch64-apple-darwin; do
    cargo tree --locked --edges normal --target $target --prefix none --format '{p}|{l}|{r}'
  done
}
{
  # What is no crate of its own: the fonts, and what crates bring along as C.
  printf '%s\t%s\t%s\n' 'Inter 4.1' 'OFL-1.1' 'https://github.com/rsms/inter'
  printf '%s\t%s\t%s\n' 'JetBrains Mono 2.242' 'OFL-1.1' 'https://github.com/JetBrains/JetBrainsMono'
  printf '%s\t%s\t%s\n' 'Lucide icons' 'ISC AND MIT' 'https://github.com/lucide-icons/lucide'
  printf '%s\t%s\t%s\n' 'SQLite' 'Public domain' 'https://sqlite.org'
  # Not Hoist itself, whose line names a folder of this machine.
  list | sed -E 's/ \(\*\)$//; s/ \(proc-macro\)\|/|/' | awk -F'|' '$1 != "" && $1 !~ /^hoist[ -]/ {
    sub(/ v/, " ", $1)
    if ($3 == "" && $1 ~ /^av-data /) $3 = "https://github.com/rust-av/rust-av" # it names a page, and no repository
    printf "%s\t%s\t%s\n", $1, $2, $3
  }' | LC_ALL=C sort -u
} > assets/licences/crates.txt
