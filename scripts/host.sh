# SPDX-License-Identifier: Apache-2.0
# What quickstart, run-tests and .ci/run need on this host; sourced by them. Everything here is idempotent.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '\n\033[1m%s\033[0m\n' "$*" >&2; }
[ -t 2 ] && [ -z "${NO_COLOR:-}" ] || say() { printf '\n%s\n' "$*" >&2; }
timed() {  # timed COMMAND...: and how long it took, on stderr
  local begin=$SECONDS
  "$@"
  printf '(%s s)\n' $((SECONDS - begin)) >&2
}
die() { printf 'Error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "'$*' needs root: run this as root, or install sudo"; fi
}

# install_packages NAME...: only those that dpkg does not know as installed.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  command -v apt-get >/dev/null || die "this is not Debian or Ubuntu; please install: ${missing[*]}"
  say "Installing ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

build_packages=(g++ cmake ninja-build ccache mold libssl-dev libyaml-cpp-dev libcli11-dev libspdlog-dev libgtest-dev
  libboost1.81-dev libboost-json1.81-dev libboost-filesystem1.81-dev libvirt-dev
  libarchive-dev libzstd-dev liblzma-dev libbz2-dev zlib1g-dev)
image_packages=(mmdebstrap ca-certificates uidmap gcc libc6-dev libseccomp-dev)
test_packages=(python3 openssh-client openssh-server clang-format-19 curl openssl sudo socat zsh fish bash-completion groff-base dpkg-dev
  podman netavark aardvark-dns runc)

install_docker() {
  command -v dockerd >/dev/null || install_packages docker.io iptables
  if ! docker_answers; then
    say "Starting Docker"
    as_root systemctl start docker 2>/dev/null || as_root service docker start >&2 || true
  fi
  local tries
  for tries in $(seq 50); do
    docker_answers && return
    sleep 0.2
  done
  if as_root test -S /var/run/docker.sock && [ "$(id -u)" != 0 ]; then
    die "this user may not use Docker: run 'sudo usermod -aG docker $USER', log in again, and start over"
  fi
  die "Docker does not answer; see 'journalctl -u docker'"
}

docker_answers() {
  curl -s --max-time 5 --unix-socket "${DOCKER_SOCKET:-/var/run/docker.sock}" http://docker/_ping >/dev/null 2>&1
}

# libvirt with QEMU, for the tests on virtual machines. Works without systemd, udev and D-Bus too, whose part is then done here.
install_libvirt() {
  install_packages libvirt-daemon-system libvirt-clients qemu-system-x86 qemu-utils e2fsprogs
  as_root mkdir -p /var/lib/libvirt/dnsmasq  # comes with dnsmasq, but every network's state lies there
  let_machines_use_kvm
  libvirt_answers && return
  say "Starting libvirt"
  local try limit
  for try in 1 2 3; do
    start_libvirt
    limit=$((SECONDS + 15))
    while [ "$SECONDS" -lt "$limit" ]; do
      libvirt_answers && return
      sleep 0.2
    done
  done
  if as_root test -S /var/run/libvirt/libvirt-sock && [ "$(id -u)" != 0 ]; then
    die "this user may not use libvirt: run 'sudo usermod -aG libvirt $USER', log in again, and start over"
  fi
  virsh -c qemu:///system version >&2 </dev/null || true
  as_root tail -n 20 /var/log/libvirt/libvirtd.log >&2 || true
  die "libvirt does not answer; see above, or 'journalctl -u libvirtd'"
}

start_libvirt() {
  as_root systemctl start virtlogd libvirtd 2>/dev/null ||
    { as_root service virtlogd start && as_root service libvirtd start; } >/dev/null 2>&1 || start_libvirt_daemons
}

# A service manager starts virtlogd when it is asked for; without one it must run before any machine can.
libvirt_answers() {
  timeout 20 virsh -c qemu:///system version >/dev/null 2>&1 </dev/null &&
    { [ -d /run/systemd/system ] || pgrep -x virtlogd >/dev/null; }
}

# As udev does it. While QEMU may not open the device, libvirt finds out anew at every call what QEMU can do, for seconds.
let_machines_use_kvm() {
  [ -c /dev/kvm ] || return 0
  case "$(stat -c '%G %a' /dev/kvm)" in
    kvm\ ?[67]? | *[67]) ;;
    *)
      as_root chown root:kvm /dev/kvm
      as_root chmod 0660 /dev/kvm
      ;;
  esac
}

# Where there is no service manager. One that runs already stays: a second one ends at once. Each is waited for until it has
# gone to the background, and what it says against that is shown.
start_libvirt_daemons() {
  local daemon said
  said=$(mktemp)
  for daemon in virtlogd libvirtd; do
    pgrep -x "$daemon" >/dev/null && continue
    as_root setsid "/usr/sbin/$daemon" -d </dev/null >"$said" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || cat "$said" >&2
  done
  rm -f "$said"
}

# Go 1.26 or newer compiles Kubernetes. Debian's own is older; it fetches the newer tool chain as a Go module.
install_go() {
  export PATH="$PATH:/usr/local/go/bin"
  go_is_new_enough && return
  install_packages golang-go
  go_is_new_enough && return
  say "Fetching Go ${go_wanted}"
  local module="golang.org/toolchain@v0.0.1-go${go_wanted}.linux-$(dpkg --print-architecture)"
  GOFLAGS=-modcacherw GOTOOLCHAIN=local go mod download "$module" || die "could not fetch Go ${go_wanted}; install it by hand"
  local folder
  folder="$(go env GOMODCACHE)/$module"
  chmod +x "$folder"/bin/* "$folder"/pkg/tool/*/*
  export PATH="$folder/bin:$PATH"
  go_is_new_enough || die "Go ${go_wanted} does not run"
}
go_wanted=1.26.8
go_is_new_enough() {
  local version
  version=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
  [ "$(printf '%s\n' go1.26 "$version" | sort -V | head -n 1)" = go1.26 ]
}

build_skiff() {
  cmake --preset release -S "$root" >/dev/null
  cmake --build "$root/build" "$@"
}
