#!/bin/sh
# Installs Hoist below one folder: ~/.local, or PREFIX. Nothing is written elsewhere, and below ~/.local no administrator is
# needed.
#   ./install.sh                        into ~/.local
#   PREFIX=/opt/hoist ./install.sh      into a folder of your choice
#   ./install.sh --uninstall            removes what was installed there, and nothing else
# What is installed stands in lib/hoist/installed below that folder, with a copy of this script beside it.
set -eu
umask 022
# printf, since echo may read a backslash in a folder's name as more.
say() { printf '%s\n' "$*"; }
fail() {
  say "install.sh: $*" >&2
  exit 1
}
here=$(cd "$(dirname "$0")" && pwd)
uninstall=
case "$# ${1:-}" in
  '0 ') ;;
  '1 --uninstall') uninstall=yes ;;
  *) say "usage: [PREFIX=FOLDER] $0 [--uninstall]" >&2; exit 2 ;;
esac
# The copy that was installed knows where that was.
if [ -z "${PREFIX:-}" ] && [ -e "$here/installed" ]; then PREFIX=${here%/lib/hoist}; fi
prefix=${PREFIX:-${HOME:?}/.local}
case $prefix in
  *'
'*) fail "a folder whose name has several lines does not work here" ;;
  /*) ;;
  *) prefix=$PWD/$prefix ;;
esac
while [ "$prefix" != "${prefix%/}" ]; do prefix=${prefix%/}; done
[ -n "$prefix" ] || fail "PREFIX is the root of all folders: /usr/local may be meant"
# A line for each: f and a file, d and a folder that was not there before.
list=lib/hoist/installed

# The menu's list of which program opens what.
refresh_menu() {
  set -- "$prefix"/share/applications/*.desktop
  if [ -e "$1" ] && command -v update-desktop-database > /dev/null; then
    update-desktop-database -q "$prefix/share/applications" || true
  fi
}
remove_files() { while IFS= read -r file; do rm -f "$prefix/$file" "$prefix/$file.new"; done; }

if [ -n "$uninstall" ]; then
  [ -e "$prefix/$list" ] || fail "nothing is installed below $prefix: PREFIX names the folder"
  known=$(cat "$prefix/$list")
  echo "$known" | sed -n 's/^f //p' | remove_files
  refresh_menu
  echo "$known" | sed -n 's/^d //p' | LC_ALL=C sort -r | while IFS= read -r folder; do
    rmdir "$prefix$folder" 2> /dev/null || true
  done
  say "Removed from $prefix. Settings, history and keys stay: they are yours."
  exit
fi

[ -x "$here/bin/hoist" ] || fail "bin/hoist is not beside this script: it installs from the unpacked archive"
version=$("$here/bin/hoist" --version) || fail "the program does not start on this computer"
files=$(cd "$here" && find bin share -type f | LC_ALL=C sort)
before=
[ ! -e "$prefix/$list" ] || before=$(cat "$prefix/$list")
was_installed() { echo "$before" | grep -qxF "f $1"; }
files="$files
lib/hoist/install.sh
$list"
# What the menu's list says is made from all programs there. It goes, too, where it came with this one.
cache=share/applications/mimeinfo.cache
if [ ! -e "$prefix/$cache" ] || was_installed "$cache"; then
  files="$files
$cache"
fi
# Somebody else's files stay as they are.
echo "$files" | while IFS= read -r file; do
  if { [ -e "$prefix/$file" ] || [ -L "$prefix/$file" ]; } && ! was_installed "$file"; then
    fail "$prefix/$file is there already, and not from this script: move it away, or choose another PREFIX"
  fi
done
folders=$(
  echo "$files" | while IFS= read -r file; do
    while [ "$file" != "${file%/*}" ]; do file=${file%/*} && echo "$file"; done
  done | LC_ALL=C sort -u
)
# Written first, so that what breaks off half-way can be removed.
new_folders=$(
  [ -d "$prefix" ] || echo "d "
  echo "$folders" | while IFS= read -r folder; do [ -d "$prefix/$folder" ] || echo "d /$folder"; done
)
mkdir -p "$prefix/${list%/*}"
{
  echo "$files" | sed 's/^/f /'
  echo "$before" | grep '^d ' || true
  [ -z "$new_folders" ] || echo "$new_folders"
} > "$prefix/$list.new"
echo "$folders" | while IFS= read -r folder; do mkdir -p "$prefix/$folder"; done
{
  cat "$prefix/$list.new"
  echo "$before" | grep '^f ' || true
} | LC_ALL=C sort -u > "$prefix/$list"

# put FILE TARGET MODE: in one step, since the program may be running.
put() {
  cp "$1" "$prefix/$2.new"
  chmod "$3" "$prefix/$2.new"
  mv -f "$prefix/$2.new" "$prefix/$2"
}
(cd "$here" && find bin share -type f) | while IFS= read -r file; do
  mode=644
  [ "${file#bin/}" = "$file" ] || mode=755
  put "$here/$file" "$file" "$mode"
done
put "$here/install.sh" lib/hoist/install.sh 755
# The menu starts the program from where it is, whatever its PATH: quoted as desktop files want it.
quoted=\"$(printf '%s' "$prefix/bin/hoist" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')\"
desktop=share/applications/hoist.desktop
quoted=$quoted awk '/^Exec=hoist( |$)/ { $0 = "Exec=" ENVIRON["quoted"] substr($0, 11) } { print }' \
  "$here/$desktop" > "$prefix/$desktop.new"
mv -f "$prefix/$desktop.new" "$prefix/$desktop"
# What an older version had and this one has not.
echo "$before" | sed -n 's/^f //p' | while IFS= read -r file; do
  echo "$files" | grep -qxF "$file" || rm -f "$prefix/$file"
done
mv -f "$prefix/$list.new" "$prefix/$list"
refresh_menu

say "Installed $version below $prefix."
case ":${PATH:-}:" in
  *":$prefix/bin:"*) ;;
  *) say "Your terminal finds it when $prefix/bin is in PATH." ;;
esac
case ":${XDG_DATA_HOME:-${HOME:-}/.local/share}:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}:" in
  *":$prefix/share:"*) ;;
  *) say "Your menu shows it when $prefix/share is in XDG_DATA_DIRS." ;;
esac
say "To remove it: '$(say "$prefix" | sed "s/'/'\\\\''/g")/lib/hoist/install.sh' --uninstall"
