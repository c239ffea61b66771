// SPDX-License-Identifier: Apache-2.0
#include "cli/line/habits.h"

#include <algorithm>
#include <array>

#include "base/strings.h"

namespace skiff::cli {
namespace {

using enum HabitKind;

constexpr std::string_view elsewhere = "it is for macOS or Windows";
constexpr std::string_view virtualbox = "it is for VirtualBox";
constexpr std::string_view by_ssh = "it is for machines reached by SSH";
constexpr std::string_view no_download = "nothing is downloaded: node images are built on this host and kept";
constexpr std::string_view no_docker_inside = "the nodes run containerd, which has no use of Docker's options";
constexpr std::string_view whole_log = "the log always holds everything";
constexpr std::string_view bound = "folders are bound by the engine, without a server or a protocol of their own";
constexpr std::string_view owners = "files keep the owners that they have on this host";
constexpr std::string_view undone = "a start that fails removes what it made, and nothing else";

constexpr auto habits = std::to_array<Habit>({
    {"", {"add_dir_header", 0, "", ""}, met, whole_log},
    {"", {"alsologtostderr", 0, "", ""}, works, "the log is shown, as by --verbose"},
    {"", {"bootstrapper", 'b', "NAME", ""}, note, "skiff has its own way to bring a cluster up", "kubeadm"},
    {"", {"log_backtrace_at", 0, "PLACE", ""}, met, whole_log},
    {"", {"log_dir", 0, "FOLDER", ""}, works, "the log is written there"},
    {"", {"log_file", 0, "FILE", ""}, note, "logs lie below the home of skiff; --log_dir names another folder"},
    {"", {"log_file_max_size", 0, "N", ""}, met, "a log holds one command"},
    {"", {"logtostderr", 0, "", ""}, works, "the log is shown, as by --verbose"},
    {"", {"one_output", 0, "", ""}, met, whole_log},
    {"", {"rootless", 0, "", ""}, note, "the engine says itself whether it runs without root"},
    {"", {"skip-audit", 0, "", ""}, note, "what changes something is always noted"},
    {"", {"skip_headers", 0, "", ""}, met, whole_log},
    {"", {"skip_log_headers", 0, "", ""}, met, whole_log},
    {"", {"stderrthreshold", 0, "LEVEL", ""}, met, "errors always come on stderr"},
    {"", {"user", 0, "NAME", ""}, met, "the user that runs the command is noted"},
    {"", {"vmodule", 0, "LEVELS", ""}, met, whole_log},

    {"addons configure", {"config-file", 0, "FILE", ""}, refused, "Give the values with --set or --file"},
    {"addons enable", {"force", 0, "", ""}, met, "an addon is verified, never refused for safety"},
    {"addons enable", {"refresh", 0, "", ""}, met, "'addons enable' always applies the addon anew"},
    {"addons list", {"docs", 'd', "", ""}, note, "docs/addons.md describes all of them"},
    {"addons open", {"format", 0, "TEMPLATE", ""}, refused, "Use 'skiff service --format' with the addon's service"},
    {"addons open", {"https", 0, "", ""}, refused, "Use 'skiff service --https' with the addon's service"},
    {"addons open", {"interval", 0, "N", ""}, met, "services are watched, not asked again and again"},
    {"addons open", {"wait", 0, "N", ""}, met, "it waits until the service has an address"},
    {"dashboard", {"port", 0, "N", ""}, note, "there is no dashboard to forward"},
    {"dashboard", {"url", 0, "", ""}, note, "there is no dashboard to forward"},
    {"cache add", {"all", 0, "", ""}, note, "the list is the profile's own; add it to each"},
    {"image build", {"all", 0, "", ""}, met, "every node gets the image"},
    {"image build", {"node", 'n', "NAME", ""}, note, "the host's Docker builds, and every node gets the image"},
    {"image load", {"daemon", 0, "", ""}, met, "an image that Docker has is taken from there"},
    {"image load", {"overwrite", 0, "", ""}, met, "the image that is loaded last has the name"},
    {"license", {"dir", 0, "FOLDER", ""}, note, "the licences lie in the packages that are named"},
    {"mount", {"9p-version", 0, "V", ""}, note, bound},
    {"mount", {"gid", 0, "ID", ""}, note, owners},
    {"mount", {"ip", 0, "ADDRESS", ""}, note, bound},
    {"mount", {"mode", 0, "MODE", ""}, note, owners},
    {"mount", {"msize", 0, "N", ""}, note, bound},
    {"mount", {"options", 0, "LIST", ""}, note, bound},
    {"mount", {"port", 0, "N", ""}, note, bound},
    {"mount", {"type", 0, "TYPE", ""}, note, bound},
    {"mount", {"uid", 0, "ID", ""}, note, owners},
    {"node add", {"delete-on-failure", 0, "", ""}, met, undone},
    {"node add", {"worker", 0, "", ""}, met, "nodes that are added are workers unless --control-plane says otherwise"},
    {"node start", {"delete-on-failure", 0, "", ""}, met, undone},
    {"profile list", {"detailed", 'd', "", ""}, met, "the list says all that is known"},
    {"service", {"interval", 0, "N", ""}, met, "services are watched, not asked again and again"},
    {"ssh", {"native-ssh", 0, "", ""}, met, "nodes are entered without SSH"},
    {"status", {"layout", 'l', "LAYOUT", ""}, met, "the cluster and its nodes are always told", "nodes"},
    {"tunnel", {"cleanup", 'c', "", ""}, met, "what a tunnel that died left is always cleaned up"},
    {"ssh-host",
     {"append-known", 0, "", ""},
     note,
     "there are no keys of hosts to know: nodes are entered without SSH"},
    {"version", {"components", 0, "", ""}, met, "all components are listed"},

    {"pause", {"all-namespaces", 'A', "", ""}, met, "the whole cluster is paused"},
    {"pause",
     {"namespaces", 'n', "NAMES", ""},
     refused,
     "Kubernetes would replace single pods that stand still; leave it out: the whole cluster is paused"},
    {"unpause", {"all-namespaces", 'A', "", ""}, met, "the whole cluster goes on"},
    {"unpause", {"namespaces", 'n', "NAMES", ""}, refused, "The whole cluster goes on; leave it out"},
    {"start", {"auto-pause-interval", 0, "TIME", ""}, note, "nothing is paused by itself; 'skiff pause' does it"},
    {"start", {"auto-update-drivers", 0, "", ""}, met, "drivers are part of skiff"},
    {"start", {"base-image", 0, "IMAGE", ""}, refused, "Use --node-image"},
    {"start", {"binary-mirror", 0, "URL", ""}, note, no_download},
    {"start", {"cache-images", 0, "", ""}, met, "images that are built are kept"},
    {"start", {"container-runtime", 'c', "NAME", ""}, refused, "The nodes run containerd; leave it out", "containerd"},
    {"start", {"cri-socket", 0, "FILE", ""}, refused, "The nodes run containerd at its usual socket; leave it out"},
    {"start", {"delete-on-failure", 0, "", ""}, met, undone},
    {"start", {"disable-coredns-log", 0, "", ""}, met, "CoreDNS logs errors alone"},
    {"start",
     {"disable-driver-mounts", 0, "", ""},
     met,
     "nothing of this host is mounted into nodes unless it is asked for"},
    {"start", {"disable-metrics", 0, "", ""}, note, "metrics are an addon, 'metrics-server'"},
    {"start", {"disable-optimizations", 0, "", ""}, note, "there is nothing that one would want off"},
    {"start", {"dns-proxy", 0, "", ""}, note, virtualbox},
    {"start", {"dns-servers", 0, "ADDRESSES", ""}, note, elsewhere},
    {"start", {"docker-opt", 0, "KEY=VALUE", ""}, note, no_docker_inside},
    {"start", {"embed-certs", 0, "", ""}, met, "kubeconfigs hold their certificates"},
    {"start", {"extra-disks", 0, "N", ""}, refused, "Nodes have one disk each; --disk-size sets a machine's", "0"},
    {"start", {"force", 0, "", ""}, note, "there are no checks that one could skip"},
    {"start", {"force-systemd", 0, "", ""}, note, "the nodes have no systemd; kubelet and containerd agree on cgroups"},
    {"start", {"gpus", 'g', "KIND", ""}, refused, "GPUs of this host cannot be given to nodes"},
    {"start", {"host-dns-resolver", 0, "", ""}, note, virtualbox},
    {"start", {"host-only-cidr", 0, "CIDR", ""}, note, virtualbox},
    {"start", {"host-only-nic-type", 0, "TYPE", ""}, note, virtualbox},
    {"start", {"hyperkit-vpnkit-sock", 0, "FILE", ""}, note, elsewhere},
    {"start", {"hyperkit-vsock-ports", 0, "PORTS", ""}, note, elsewhere},
    {"start", {"hyperv-external-adapter", 0, "NAME", ""}, note, elsewhere},
    {"start", {"hyperv-use-external-switch", 0, "", ""}, note, elsewhere},
    {"start", {"hyperv-virtual-switch", 0, "NAME", ""}, note, elsewhere},
    {"start", {"image-mirror-country", 0, "CODE", ""}, note, no_download},
    {"start", {"image-repository", 0, "NAME", ""}, note, no_download},
    {"start", {"install-addons", 0, "", ""}, met, "addons are installed"},
    {"start", {"interactive", 0, "", ""}, met, "skiff asks nothing, but for sudo's password"},
    {"start", {"iso-url", 0, "URL", ""}, note, no_download},
    {"start", {"kvm-gpu", 0, "", ""}, refused, "GPUs of this host cannot be given to nodes"},
    {"start", {"kvm-hidden", 0, "", ""}, note, "machines see the hypervisor"},
    {"start", {"kvm-network", 0, "NAME", ""}, note, "every cluster has a network of its own", "default"},
    {"start", {"kvm-numa-count", 0, "N", ""}, note, "machines have one NUMA node", "1"},
    {"start", {"mdns", 0, "", ""}, note, elsewhere},
    {"start", {"mount-9p-version", 0, "V", ""}, note, bound},
    {"start", {"mount-gid", 0, "ID", ""}, note, owners},
    {"start", {"mount-ip", 0, "ADDRESS", ""}, note, bound},
    {"start", {"mount-msize", 0, "N", ""}, note, bound},
    {"start", {"mount-options", 0, "LIST", ""}, note, bound},
    {"start", {"mount-port", 0, "N", ""}, note, bound},
    {"start", {"mount-type", 0, "TYPE", ""}, note, bound},
    {"start", {"mount-uid", 0, "ID", ""}, note, owners},
    {"start", {"nat-nic-type", 0, "TYPE", ""}, note, virtualbox},
    {"start", {"native-ssh", 0, "", ""}, met, "nodes are entered without SSH"},
    {"start", {"nfs-share", 0, "FOLDERS", ""}, note, elsewhere},
    {"start", {"nfs-shares-root", 0, "FOLDER", ""}, note, elsewhere},
    {"start", {"no-vtx-check", 0, "", ""}, note, virtualbox},
    {"start", {"preload", 0, "", ""}, met, "the node image holds what a cluster needs"},
    {"start", {"preload-source", 0, "NAME", ""}, note, no_download},
    {"start", {"qemu-firmware-path", 0, "FILE", ""}, note, elsewhere},
    {"start", {"rosetta", 0, "", ""}, note, elsewhere},
    {"start", {"socket-vmnet-client-path", 0, "FILE", ""}, note, elsewhere},
    {"start", {"socket-vmnet-path", 0, "FILE", ""}, note, elsewhere},
    {"start", {"ssh-ip-address", 0, "ADDRESS", ""}, note, by_ssh},
    {"start", {"ssh-key", 0, "FILE", ""}, note, by_ssh},
    {"start", {"ssh-port", 0, "N", ""}, note, by_ssh},
    {"start", {"ssh-user", 0, "NAME", ""}, note, by_ssh},
    {"start", {"trace", 0, "KIND", ""}, note, "the times of all steps come with -o json"},
    {"start", {"uuid", 0, "ID", ""}, note, elsewhere},
    {"start", {"vm", 0, "", ""}, note, "--driver=libvirt makes virtual machines"},
    {"start", {"vmnet-offloading", 0, "", ""}, note, elsewhere},
});

constexpr auto missing = std::to_array<MissingCommand>({
    {"cache", "Say which: 'skiff cache add', 'list', 'delete' or 'reload'"},
    {"docker-env",
     "The nodes run containerd, not Docker. Build with 'skiff image build -t NAME:TAG .', or with the Docker of this "
     "host "
     "and 'skiff image load NAME:TAG'; either sends just what has changed"},
    {"podman-env",
     "The nodes run containerd, not podman. Build with the podman of this host, then 'skiff image load FILE'"},
});

constexpr auto aliases = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"image list", "image ls"},
    {"image remove", "image rm"},
    {"image unload", "image rm"},
    {"resume", "unpause"},
});

bool is_harmless(const Habit& habit, const std::string& value) {
  const auto values = split(std::string(habit.harmless), ',');
  return std::ranges::find(values, value) != values.end();
}

// A switch that is given as false, or a value that is so anyway, asks for nothing; but what is always met cannot be
// off.
bool asks_for_nothing(const Habit& habit, const Args& args) {
  if (habit.kind == works) return true;
  if (habit.flag.value.empty()) return args.has(habit.flag.name) == (habit.kind == met);
  return habit.kind == met || is_harmless(habit, args.text(habit.flag.name).value_or(""));
}

}  // namespace

std::string_view to_string(HabitKind kind) {
  switch (kind) {
    case works:
      return "taken";
    case met:
      return "met";
    case note:
      return "no effect";
    case refused:
      break;
  }
  return "refused";
}

std::span<const Habit> all_habits() { return habits; }
std::span<const MissingCommand> missing_commands() { return missing; }

std::string_view full_name(std::string_view command) {
  const auto found = std::ranges::find(aliases, command, [](const auto& alias) { return alias.first; });
  return found == aliases.end() ? command : found->second;
}

std::vector<Flag> habit_flags(std::string_view command, std::span<const Flag> own) {
  std::vector<Flag> flags;
  for (const auto& habit : habits) {
    const bool taken = std::ranges::any_of(own, [&](const Flag& flag) { return flag.name == habit.flag.name; });
    if (habit.command != command || taken) continue;
    flags.push_back(habit.flag);
    const bool letter_taken =
        std::ranges::any_of(own, [&](const Flag& flag) { return flag.letter == habit.flag.letter; });
    if (letter_taken) flags.back().letter = 0;
  }
  return flags;
}

Result<std::vector<std::string>> judge_habits(std::string_view command, const Args& args) {
  std::vector<std::string> notes;
  for (const auto& habit : habits) {
    if (habit.command != command || !args.given.contains(habit.flag.name) || asks_for_nothing(habit, args)) continue;
    const std::string flag = "--" + std::string(habit.flag.name);
    if (habit.kind == refused) {
      return make_error(ErrorId::unsupported, "skiff does not take " + flag, std::string(habit.text));
    }
    notes.push_back(flag + " has no effect: " + std::string(habit.text));
  }
  return notes;
}

}  // namespace skiff::cli
