#!/usr/bin/env bash
# Prints crates.txt, and then the licences of every crate in it as they are with its source: each text once, with the
# crates that have it. Needs the sources, which every build fetches, and jq.
set -euo pipefail
cd "$(dirname "$0")/../.."
declare -A folders used text
none=()
while IFS=$'\t' read -r crate manifest; do
  folders[$crate]=${manifest%/*}
done < <(cargo metadata --locked --format-version 1 --filter-platform x86_64-unknown-linux-gnu --filter-platform x86_64-pc-windows-gnu \
  | jq -r '.packages[] | "\(.name) \(.version)\t\(.manifest_path)"')
while IFS=$'\t' read -r crate licence _; do
  folder=${folders[$crate]:-}
  [ -n "$folder" ] || continue # no crate: a font, or C
  found=
  # Two levels: what a crate brings along as C has its own.
  while IFS= read -r file; do
    # Line ends and spaces apart, many texts are the same.
    hash=$(tr -s '[:space:]' ' ' < "$file" | sha256sum | cut -c 1-64)
    [[ ${used[$hash]:-} == *"$crate"$'\n'* ]] || used[$hash]+=$crate$'\n'
    text[$hash]=$file
    found=yes
  done < <(find "$folder" -maxdepth 2 -type f -size -200k \
    \( -iname 'licen[cs]e*' -o -iname 'copying*' -o -iname 'copyright*' -o -iname 'notice*' -o -iname 'unlicense*' \) \
    ! -iname '*.rs' ! -iname '*.html' | LC_ALL=C sort)
  [ -n "$found" ] || none+=("$crate ($licence)")
done < assets/licences/crates.txt
echo 'What Hoist is made of: name and version, licence, where its source is.'
echo
expand -t 40,80 assets/licences/crates.txt
if [ ${#none[@]} -gt 0 ]; then
  printf '\nThese have no text of their licence with their source:\n\n'
  printf '%s\n' "${none[@]}"
fi
for hash in $(for h in "${!used[@]}"; do printf '%s %s\n' "$(head -1 <<< "${used[$h]}" | tr ' ' -)" "$h"; done | LC_ALL=C sort | cut -d ' ' -f 2); do
  printf '\n%s\n\n%s\n%s\n\n' "$(printf '=%.0s' {1..80})" "${used[$hash]%$'\n'}" "$(printf -- '-%.0s' {1..80})"
  tr -d '\r' < "${text[$hash]}"
done
