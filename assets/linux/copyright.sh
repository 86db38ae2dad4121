#!/usr/bin/env bash
# Prints the package's copyright file: Hoist's own licence, and those of the fonts and icons that are built in. The
# crates' are in crates.txt.gz beside it (assets/licences/texts.sh).
set -euo pipefail
cd "$(dirname "$0")/../.."
# A text as a field goes on: a space before every line, a dot where there is nothing.
field() { sed 's/[[:space:]]*$//; s/^$/./; s/^/ /'; }
# A file without its first lines, up to the first empty one.
body() { sed '1,/^$/d' "$1"; }
cat <<'TEXT'
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Hoist
Comment:
 The program holds some hundred libraries for Rust, each under its own licence:
 crates.txt.gz beside this file names them and has their texts. SQLite, which is
 built in too, is in the public domain.

Files: *
TEXT
sed -n 's/^Copyright (c) /Copyright: /p' LICENSE-MIT
cat <<'TEXT'
License: Expat or Apache-2.0

Files: assets/fonts/Inter-*
TEXT
sed -n '1s/^Copyright (c) /Copyright: /p' assets/fonts/Inter-LICENSE.txt
cat <<'TEXT'
License: OFL-1.1

Files: assets/fonts/JetBrainsMono-*
TEXT
sed -n '1s/^Copyright /Copyright: /p' assets/fonts/JetBrainsMono-LICENSE.txt
cat <<'TEXT'
License: OFL-1.1

Files: lucide.ttf
TEXT
sed -n 's/^Copyright (c) /           /p' assets/licences/Lucide-LICENSE.txt | sed '1s/^ */Copyright: /'
echo 'License: ISC and Expat'
echo 'Comment:'
sed -n '/^The following/,/^The MIT/p' assets/licences/Lucide-LICENSE.txt | sed '/^The MIT/d' | fold -s -w 78 | sed '$d' | field
printf '\nLicense: Expat\n'
sed -n '/^Permission/,$p' LICENSE-MIT | field
printf '\nLicense: ISC\n'
sed -n '/^Permission/,/^---$/p' assets/licences/Lucide-LICENSE.txt | sed '/^---$/,$d' | field
cat <<'TEXT'

License: Apache-2.0
 On Debian the whole text is in /usr/share/common-licenses/Apache-2.0.

TEXT
echo 'License: OFL-1.1'
body assets/fonts/Inter-LICENSE.txt | field
