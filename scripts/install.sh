#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs skiff from a release, a folder or an address that `scripts/release` has filled, and takes it away again.
# Nothing is done before the last line, so that half of this script does nothing.
set -eu

usage() {
  cat <<EOF
Usage: install.sh [--prefix FOLDER] [RELEASE]
       install.sh --uninstall [--prefix FOLDER]

RELEASE is a folder or an address (http://, https://); without it SKIFF_RELEASE, or the folder of this script.
FOLDER is what bin/ and share/ are put in: ~/.local, for root /usr/local; where this script was installed, the folder that it is in.
EOF
}

say() { printf '%s\n' "$*"; }
die() {
  printf 'Error: %s\n' "$*" >&2
  exit 1
}
need() { command -v "$1" >/dev/null 2>&1 || die "$1 is not installed, and $2 needs it"; }

# What an end of any kind takes back: the temporary folder, and the folders that were made for it.
stage=
made=  # one a line, the outer ones first
clean_up() {
  [ -z "$stage" ] || rm -rf "$stage"
  remove_folders "$made"
}
remove_folders() {  # remove_folders LINES: those that are empty, the inner ones first
  printf '%s\n' "$1" | LC_ALL=C sort -r | while IFS= read -r folder; do
    [ -z "$folder" ] || rmdir "$folder" 2>/dev/null || true
  done
}
make_folder() {
  [ ! -d "$1" ] || return 0
  make_folder "$(dirname "$1")"
  mkdir "$1" 2>/dev/null || die "cannot make the folder $1: choose another --prefix, or run this as root"
  made="$made
$1"
}

# As Debian calls them, and the names of the releases.
architecture() {
  [ "$(uname -s)" = Linux ] || die "skiff runs on Linux alone, and this is $(uname -s)"
  case $(uname -m) in
    x86_64) say amd64 ;;
    aarch64) say arm64 ;;
    *) uname -m ;;
  esac
}

fetch() {  # fetch NAME FILE: a file of the release
  case $release in
    http://* | https://*) ;;
    *)
      [ -e "$release/$1" ] || die "$release is no release: there is no $1 in it"
      cp "$release/$1" "$2" || die "cannot copy $release/$1"
      return
      ;;
  esac
  if command -v curl >/dev/null 2>&1; then
    set -- "$1" curl -fsSL --connect-timeout 30 --speed-limit 1 --speed-time 30 -o "$2" "$release/$1"
  elif command -v wget >/dev/null 2>&1; then
    set -- "$1" wget -nv -t 1 -T 30 -O "$2" "$release/$1"
  else
    die "neither curl nor wget is installed: install one, or name a folder that has the release"
  fi
  file=$1
  shift
  LC_ALL=C "$@" 2>"$stage/said" || echo "$1 gave up, with exit code $?" >"$stage/gave-up"
  [ ! -e "$stage/gave-up" ] || die "cannot fetch $release/$file: $(cat "$stage/gave-up" "$stage/said" | grep . | tail -n 1)"
}

# Into the temporary folder, verified before anything looks into it; says where.
unpack() {
  fetch SHA256SUMS "$stage/SHA256SUMS"
  builds=$(sed -n 's/^[0-9a-f]\{64\} [ *]\(skiff-[0-9][^ /]*-linux-[a-z0-9_]*\)\.tar\.gz$/\1/p' "$stage/SHA256SUMS")
  [ -n "$builds" ] || die "$release is no release: what it has for SHA256SUMS names no skiff-VERSION-linux-ARCHITECTURE.tar.gz"
  build=$(say "$builds" | grep -- "-linux-$1\$") || die "$release has no build for $1, only" $builds
  [ "$(say "$build" | wc -l)" -eq 1 ] || die "$release has more than one build for $1:" $build
  fetch "$build.tar.gz" "$stage/$build.tar.gz"
  (cd "$stage" && grep "[ *]$build\.tar\.gz\$" SHA256SUMS | sha256sum -c >/dev/null 2>&1) ||
    die "$release/$build.tar.gz is not what SHA256SUMS says: cut, damaged, or no archive at all"
  said=$(tar -xzf "$stage/$build.tar.gz" -C "$stage" 2>&1) || die "cannot unpack $build.tar.gz into $prefix: $(say "$said" | head -n 1)"
  SKIFF_HOME="$stage/home" "$stage/$build/bin/skiff" version --short >"$stage/version" 2>"$stage/said" ||
    die "this skiff does not run here: $(tail -n 1 "$stage/said")"
}

# What was installed, one a line: files below the prefix, and by their whole paths the folders that were made for them.
read_list() {
  : >"$stage/before"
  : >"$stage/folders"
  [ -e "$list" ] || return 0
  sed '/^\//d' "$list" >"$stage/before"
  sed -n '/^\//p' "$list" >"$stage/folders"
}
write_list() {  # write_list FILE...
  cat "$@" "$stage/folders" | grep . | LC_ALL=C sort -u >"$stage/list"
  mv -f "$stage/list" "$list"
}

install() {
  arch=$(architecture)
  need sha256sum "the check of a download"
  need tar "an archive"
  need gzip "an archive"
  make_folder "$prefix"
  stage=$(mktemp -d "$prefix/.skiff-install.XXXXXX" 2>/dev/null) ||
    die "cannot write to $prefix: choose another --prefix, or run this as root"
  unpack "$arch"

  # Nothing is in its place yet: what would fail half-way is looked for now.
  (cd "$stage/$build" && find . -type f) | sed 's|^\./||' | LC_ALL=C sort >"$stage/files"
  read_list
  make_folder "$(dirname "$list")"
  while IFS= read -r file; do
    folder=$(dirname "$prefix/$file")
    make_folder "$folder"
    [ -w "$folder" ] || die "cannot write to $folder"
    [ ! -e "$prefix/$file" ] || grep -qxF -- "$file" "$stage/before" ||
      die "$prefix/$file is there already, and not of this script: remove it, or choose another --prefix"
  done <"$stage/files"

  # The list comes first, so that an installation that was interrupted can be gone on with or taken away.
  say "$made" >>"$stage/folders"
  write_list "$stage/files" "$stage/before"
  made=
  while IFS= read -r file; do
    mv -f "$stage/$build/$file" "$prefix/$file" || die "cannot write $prefix/$file: run this again"
  done <"$stage/files"
  grep -vxF -f "$stage/files" "$stage/before" | while IFS= read -r file; do rm -f "$prefix/$file"; done
  write_list "$stage/files"

  say "Installed skiff $(cat "$stage/version") below $prefix: the program, its completions, its manual page, its documents."
  say "To take it away: sh \"$prefix/share/skiff/install.sh\" --uninstall"
  case :${PATH:-}: in
    *":$prefix/bin:"*) ;;
    *) say "$prefix/bin is not in your PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
  esac
}

uninstall() {
  [ -e "$list" ] || die "nothing below $prefix was installed by this script"
  stage=$(mktemp -d "$prefix/.skiff-install.XXXXXX" 2>/dev/null) || die "cannot write to $prefix: run this as root"
  read_list
  while IFS= read -r file; do
    folder=$(dirname "$prefix/$file")
    [ ! -e "$prefix/$file" ] || [ -w "$folder" ] || die "cannot write to $folder"
  done <"$stage/before"
  while IFS= read -r file; do rm -f "$prefix/$file"; done <"$stage/before"
  rm -f "$list"
  made=$(cat "$stage/folders")
  say "Removed skiff from $prefix. Clusters and ~/.skiff are as they were."
}

main() {
  prefix=
  release=${SKIFF_RELEASE:-}
  action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix)
        [ $# -gt 1 ] || die "--prefix needs a folder"
        prefix=$2
        shift
        ;;
      --prefix=*) prefix=${1#*=} ;;
      --uninstall) action=uninstall ;;
      -h | --help)
        usage
        exit
        ;;
      -*) die "there is no option $1; see --help" ;;
      *) release=$1 ;;
    esac
    shift
  done
  here=/dev/null  # the folder of this script; none where it comes through a pipe
  [ ! -f "$0" ] || here=$(CDPATH='' cd "$(dirname "$0")" && pwd)
  if [ -z "$release" ] && [ -f "$here/SHA256SUMS" ]; then release=$here; fi
  [ -n "$release" ] || [ $action = uninstall ] || die "say where the release is: install.sh FOLDER-OR-ADDRESS; see --help"
  release=${release%/}
  if [ -z "$prefix" ]; then
    prefix=/usr/local
    [ "$(id -u)" = 0 ] || prefix=${HOME:-}/.local
    [ "$here" = "${here%/share/skiff}" ] || prefix=${here%/share/skiff}
  fi
  case $prefix in
    /*) ;;
    *) prefix=$PWD/$prefix ;;
  esac
  prefix=${prefix%/}
  list=$prefix/share/skiff/installed
  umask 022
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  "$action"
}

main "$@"
