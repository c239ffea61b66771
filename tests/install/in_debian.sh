# SPDX-License-Identifier: Apache-2.0
# Run by packages_test.sh as root of a fresh Debian, with what is to be installed beside this script.
set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive HOME=/root
cd "$(dirname "$0")"

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}
same() {  # same WHAT BEFORE AFTER: files
  diff "$2" "$3" || fail "$1 is not what it was"
}
quietly() { "$@" >said 2>&1 || { cat said; fail "$*"; }; }
files() { find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path "$PWD" -o -path /var -o -path /tmp \) -prune -o -print | sort; }

# What newcomers try first. There is neither Docker nor libvirt: doctor tells, and a start fails by an id that is explained.
try() {
  hash -r
  skiff version >/dev/null || fail "skiff version"
  skiff help | grep -q '^  start ' || fail "skiff help"
  code=0
  skiff doctor >said 2>&1 || code=$?
  { [ $code = 30 ] && grep -q '^bad  *docker  *Docker cannot be reached' said; } || { cat said; fail "doctor ends with $code"; }
  if skiff start >said 2>&1; then fail "a cluster without Docker"; fi
  id=$(sed -n 's/^\[\([A-Z_]*\)\]$/\1/p' said)
  { [ "$id" = DOCKER_NOT_RUNNING ] && grep -q "$id" errors.md; } || { cat said; fail "start fails by '$id'"; }
  rm -rf "$HOME/.skiff"
}

quietly apt-get update
files >before
quietly apt-get install -y --no-install-recommends ./skiff_*.deb
try
dpkg -V skiff || fail "its files are not as they were packed"
files >installed
quietly apt-get install -y --reinstall ./skiff_*.deb
dpkg-deb -R ./skiff_*.deb newer
sed -i 's/^Version: .*/&.1/' newer/DEBIAN/control
quietly dpkg-deb --root-owner-group -b newer newer.deb
quietly apt-get install -y ./newer.deb
dpkg-query -W -f '${Version}\n' skiff | grep -q '\.1$' || fail "it was not upgraded"
files >upgraded
same "what an upgrade leaves" installed upgraded
try
quietly apt-get purge -y skiff
files >after
same "what a purge leaves" before after
find /var -name '*skiff*' | grep -v -e /var/cache/ -e /var/log/ && fail "a purge leaves that"

# The tarball, of an ordinary user too.
quietly sh install.sh
try
quietly sh /usr/local/share/skiff/install.sh --uninstall
files >after
same "what install.sh leaves" before after
useradd -m ann
as_ann() { setpriv --reuid ann --regid ann --clear-groups env -i HOME=/home/ann PATH="$PATH" "$@"; }
quietly as_ann sh install.sh
quietly as_ann /home/ann/.local/bin/skiff version
quietly as_ann sh /home/ann/.local/share/skiff/install.sh --uninstall
[ ! -e /home/ann/.local ] || fail "install.sh leaves $(find /home/ann/.local)"
if as_ann sh install.sh --prefix /usr/local >said 2>&1; then fail "ann may write to /usr/local"; fi
grep -q '^Error: cannot write to /usr/local: ' said || { cat said; fail "it does not say that /usr/local is not ann's"; }

quietly apt-get install -y --no-install-recommends lintian
lintian --allow-root --fail-on error,warning --tag-display-limit 0 ./skiff_*.deb >said 2>&1 || { cat said; fail lintian; }
if grep '^[EW]:' said; then fail "what lintian says"; fi
printf 'done in Debian %s\n' "$(cat /etc/debian_version)"
