#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# packages_test.sh SUITE SOURCE BUILD: what this build is packed into, installed in a fresh Debian that has nothing else: the package
# by apt, the tarball by install.sh. Nothing is left of the Debian either.
set -euo pipefail
suite=$1 source=$2 build=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
command -v mmdebstrap >/dev/null || { echo "not tried: mmdebstrap is not installed"; exit 77; }
mkdir "$work/release"
cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work/release" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
rm -rf "$work/release/_CPack_Packages"
"$source/scripts/tarball" "$build" "$work/release"
cp "$source/scripts/install.sh" "$work/release"
(cd "$work/release" && sha256sum -- *.tar.gz *.deb >SHA256SUMS)
cp "$source/tests/install/in_debian.sh" "$source/docs/errors.md" "$work/release"
mmdebstrap --variant=minbase --quiet \
  --customize-hook="copy-in '$work/release' /" \
  --customize-hook='chroot "$1" sh /release/in_debian.sh' \
  "$suite" /dev/null
