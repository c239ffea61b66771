#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install_test.sh PART SOURCE BUILD: what a built tree installs, how it is configured by packagers, and its package.
set -euo pipefail
source=$2 build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home SKIFF_HOME=$work/home/skiff
mkdir "$HOME"

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
expect() {  # expect WHAT IS WANTED
  [ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
}
expect_file() { [ -s "$1" ] || fail "there is no $1"; }
has() { command -v "$1" >/dev/null || { echo "not tried: $1 is not installed"; false; }; }

# The shells find the completions of the tree below PREFIX by themselves, by the name of the command.
expect_completions() {  # expect_completions PREFIX ZSH_FOLDER
  local share=$1/share PATH=$1/bin:$PATH
  expect_file "$share/bash-completion/completions/skiff"
  expect_file "$share/fish/vendor_completions.d/skiff.fish"
  expect_file "$share/zsh/$2/_skiff"
  if [ -r /usr/share/bash-completion/bash_completion ]; then
    expect "what bash completes with" "$(XDG_DATA_DIRS=$share bash -c \
      'source /usr/share/bash-completion/bash_completion; __load_completion skiff; complete -p skiff')" \
      "complete -o default -F _skiff skiff"
  fi
  if has zsh; then
    expect "what zsh completes with" "$(zsh -f -c \
      'fpath=($1 $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[skiff]' zsh "$share/zsh/$2")" _skiff
  fi
  if has fish; then
    expect "what fish completes" "$(XDG_DATA_DIRS=$share XDG_CONFIG_HOME=$work/config fish -c "complete -C 'skiff image lo'" | cut -f1)" load
  fi
}

# The page of man, as roff's own programs read it.
expect_page() {  # expect_page FILE
  expect "what roff says of the page" "$(groff -man -Tutf8 -ww -z "$1" 2>&1)" ""
  local text command commands
  commands=$("$build/skiff" help | sed -n 's/^  \([a-z][a-z -]*[a-z]\)  .*/\1/p')
  [[ $commands == *start*completion* ]] || fail "no commands in 'skiff help'"
  text=$(groff -man -Tutf8 -P-c "$1" | sed 's/.\x08//g')  # bold is each letter twice
  while read -r command; do
    [[ $text == *$'\n'"   skiff $command"* ]] || fail "the page does not have 'skiff $command'"
  done <<<"$commands"
}

# `cmake --install`, to a folder and, as packagers do, to a root with a prefix in it.
files() {
  cmake --install "$build" --prefix "$work/prefix" >"$work/log"
  expect "the program" "$("$work/prefix/bin/skiff" version --short)" "$("$build/skiff" version --short)"
  expect_completions "$work/prefix" site-functions
  if has groff; then expect_page "$work/prefix/share/man/man1/skiff.1"; fi
  expect_file "$work/prefix/share/doc/skiff/README.md"
  expect_file "$work/prefix/share/doc/skiff/docs/tunnel.md"

  DESTDIR=$work/root cmake --install "$build" --prefix /usr >"$work/log"
  "$work/root/usr/bin/skiff" version >/dev/null
  expect "what stands beside /usr" "$(ls "$work/root")" usr
  expect "the same files" "$(cd "$work/root/usr" && find . | sort)" "$(cd "$work/prefix" && find . | sort)"
}

configure() {  # configure NAME OPTION...: the flags that its first file would be compiled with
  cmake -S "$source" -B "$work/$1" "${@:2}" >"$work/$1.log" 2>&1 || { tail -n 30 "$work/$1.log"; fail "cmake ${*:2}"; }
  flags=" $(sed -n '/"command":/{p;q}' "$work/$1/compile_commands.json") "
}
expect_flag() { [[ $flags == *" $1 "* ]] || fail "no $1 in $flags"; }
expect_no_flag() { [[ $flags != *" $1 "* ]] || fail "$1 in $flags"; }

# What a packager configures: nothing is compiled here.
options() {
  # Without tests GTest is not even looked for: a REQUIRED package that may not be looked for would be an error.
  configure plain -DBUILD_TESTING=OFF -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON
  expect_flag -O2
  expect_flag -D_FORTIFY_SOURCE=2
  expect_flag -fstack-protector-strong
  expect_no_flag -Werror
  [ ! -e "$work/plain/tests" ] || fail "there are tests with BUILD_TESTING=OFF"

  configure own -DBUILD_TESTING=OFF -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON -DSKIFF_HARDENED=OFF -DSKIFF_WERROR=ON \
    -DCMAKE_CXX_FLAGS_RELEASE='-O1 -DNDEBUG'
  expect_flag '-O1 -DNDEBUG'
  expect_no_flag -O2
  expect_no_flag -D_FORTIFY_SOURCE=2
  expect_flag -Werror
}

# The Debian package, made from this build and unpacked into a root of its own.
package() {
  has dpkg-shlibdeps || exit 77
  cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/deb" >"$work/log" 2>&1 || { cat "$work/log"; fail cpack; }
  local deb=("$work"/deb/skiff_*.deb) field
  expect "the number of packages" "${#deb[@]}" 1
  field() { dpkg-deb -f "${deb[0]}" "$1"; }
  expect "the package's name" "$(field Package)" skiff
  expect "its version" "$(field Version)" "$("$build/skiff" version --short)-1"
  [[ $(field Depends) =~ ^libc6\ \(\>=\ [0-9.]+\)$ ]] || fail "it depends on '$(field Depends)'"
  expect "who owns its files" "$(dpkg-deb -c "${deb[0]}" | awk '{print $2}' | sort -u)" root/root
  expect "what others may write to" "$(dpkg-deb -c "${deb[0]}" | grep -v '^l' | grep '^.......\(..\)\?w\|^........w' || true)" ""

  mkdir "$work/root"
  dpkg-deb -x "${deb[0]}" "$work/root"
  local share=$work/root/usr/share
  "$work/root/usr/bin/skiff" version >/dev/null
  expect_completions "$work/root/usr" vendor-completions
  local file
  for file in copyright changelog.gz changelog.Debian.gz examples/sudoers docs/tunnel.md libraries/libssl; do
    expect_file "$share/doc/skiff/$file"
  done
  expect_file "$share/man/man1/skiff.1.gz"
  expect "what is packed twice or elsewhere" "$(find "$work/root" -name LICENSE -o -name site-functions -o -name skiff.1)" ""
  expect "what is not below /usr" "$(ls "$work/root")" usr
  if has visudo; then visudo -cf "$share/doc/skiff/examples/sudoers" >/dev/null || fail "sudo does not take the example"; fi
  if has lintian; then
    expect "what Debian's own check says" "$(lintian --allow-root --fail-on error,warning --tag-display-limit 0 "${deb[0]}" 2>&1 || true)" ""
  fi

  # dpkg itself, with an empty database: what it would do on a machine that has what the package depends on.
  [ "$(id -u)" = 0 ] || return 0
  local root=$work/machine
  mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
  touch "$root/var/lib/dpkg/status"
  dpkg --root="$root" --force-depends --force-not-root --log=/dev/null -i "${deb[0]}" >"$work/log" 2>&1 ||
    { cat "$work/log"; fail "dpkg -i"; }
  expect "the state of the package" "$(dpkg-query --admindir="$root/var/lib/dpkg" -W -f '${db:Status-Status}' skiff)" installed
  dpkg --root="$root" --log=/dev/null -P skiff >"$work/log" 2>&1 || { cat "$work/log"; fail "dpkg -P"; }
  expect "what it leaves" "$(find "$root" -path "$root/var" -prune -o -type f -print)" ""
}

# What people without Debian's packages do: install.sh, from a folder and from a web server, with just the tools that it needs.
tarball() {
  has dpkg || exit 77
  local release=$work/release prefix=$work/prefix tools=$work/tools name
  mkdir "$release" "$tools" "$work/again"
  "$source/scripts/tarball" "$build" "$release"
  "$source/scripts/tarball" "$build" "$work/again"
  name=$(basename "$release"/*.tar.gz)
  expect "its name" "$name" "skiff-$("$build/skiff" version --short)-linux-$(dpkg --print-architecture).tar.gz"
  cmp "$release/$name" "$work/again/$name" || fail "the same build gives another tarball"
  expect "what the program needs" "$(objdump -p "$build/skiff" | awk '/NEEDED/ {print $2}' | grep -v '^\(libc\|libm\|ld-linux.*\)\.so' || true)" ""
  (cd "$release" && sha256sum -- *.tar.gz >SHA256SUMS)
  cp "$source/scripts/install.sh" "$release"
  local tool
  for tool in cat cp dirname find grep gzip head id mkdir mktemp mv rm rmdir sed sh sha256sum sort tail tar uname wc; do
    ln -s "$(command -v "$tool")" "$tools/"
  done

  exec 3< <(exec python3 "$source/tests/install/serve.py" "$release")
  trap "kill $! && rm -rf '$work'" EXIT
  local port
  read -r port <&3
  local address=http://127.0.0.1:$port
  installs() { env -i PATH="$tools${extra:+:$extra}" HOME="$HOME" sh "$release/install.sh" --prefix "$prefix" "$@" >"$work/said" 2>&1; }
  takes() { installs "$@" || { cat "$work/said"; fail "install.sh $*"; }; }
  refuses() {  # refuses WORDS ARGUMENT...: says so, and leaves nothing of what was not there
    ! installs "${@:2}" || fail "install.sh takes ${*:2}"
    grep -q -- "^Error: .*$1" "$work/said" || { cat "$work/said"; fail "it does not say '$1' of ${*:2}"; }
    expect "what it leaves" "$(find "$work" -path "$prefix*" | sort)" "${installed:-}"
  }
  link() {  # link NAME: among further tools
    extra=$work/$1
    mkdir "$extra"
    ln -s "$(command -v "$1")" "$extra/"
  }
  local extra='' installed=''

  refuses "neither curl nor wget" "$address"
  refuses "no release: there is no SHA256SUMS" "$work"
  refuses "nothing below .* was installed" --uninstall
  local client
  for client in curl wget; do
    has "$client" || continue
    link "$client"
    refuses "cannot fetch $address/none/SHA256SUMS: .*404" "$address/none"
    refuses "cannot fetch http://127.0.0.1:1/SHA256SUMS: .*\(connect\|refused\)" http://127.0.0.1:1
    refuses "no release: what it has for SHA256SUMS" "$address/html"
    refuses "cannot fetch .*/cut/$name: .\|not what SHA256SUMS says" "$address/cut"
    takes "$address/"
    expect "the program" "$("$prefix/bin/skiff" version --short)" "$("$build/skiff" version --short)"
    grep -q "export PATH=\"$prefix/bin:" "$work/said" || fail "it does not say that $prefix/bin is not in PATH"
    expect_completions "$prefix" site-functions
    takes --uninstall
    expect "what it leaves" "$(find "$work" -path "$prefix*")" ""
  done

  # From a folder; what was there stays there, and a failure changes nothing of an installation.
  extra=''
  mkdir -p "$prefix/share/man/man1" "$prefix/bin"
  touch "$prefix/bin/other" "$prefix/share/man/man1/skiff.1"
  installed=$(find "$prefix" | sort)
  refuses "skiff.1 is there already" "$release"
  rm "$prefix/share/man/man1/skiff.1"
  local before
  before=$(find "$prefix" | sort)
  takes
  takes "$release"
  installed=$(find "$prefix" | sort)

  # A newer release takes the place of an older one, with what that had and this has not.
  local newer=$work/newer/skiff-9.0-linux-$(dpkg --print-architecture)
  mkdir "$work/newer"
  cp -r "$prefix" "$newer"
  rm -r "$newer/bin/other" "$newer/share/skiff/installed" "$newer/share/doc/skiff/docs/ci.md"
  touch "$newer/share/doc/skiff/docs/new.md"
  tar -C "$work/newer" -czf "$newer.tar.gz" "$(basename "$newer")"
  (cd "$work/newer" && sha256sum -- *.tar.gz >SHA256SUMS)
  takes "$work/newer"
  expect "the files" "$(find "$prefix" | sort)" "$(sed 's|/ci.md$|/new.md|' <<<"$installed" | sort)"
  takes "$release"
  expect "the files" "$(find "$prefix" | sort)" "$installed"

  sed -i 's/^..../0000/' "$release/SHA256SUMS"
  refuses "not what SHA256SUMS says" "$release"
  sed -i 's/-linux-[a-z0-9]*/-linux-riscv64/' "$release/SHA256SUMS"
  refuses "no build for" "$release"
  "$prefix/bin/skiff" version >/dev/null
  rm "$tools/sha256sum"
  refuses "sha256sum is not installed" "$release"
  (cd "$prefix/share/skiff" && env -i PATH="$tools" sh install.sh --uninstall) >"$work/said"
  expect "what it leaves" "$(find "$prefix" | sort)" "$before"
  prefix=$work/log/prefix
  touch "$work/log"
  ln -s "$(command -v sha256sum)" "$tools/"
  installed=''
  refuses "cannot make the folder $work/log" "$release"
}

"$1"
