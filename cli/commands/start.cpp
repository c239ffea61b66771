// SPDX-License-Identifier: Apache-2.0
#include "cluster/start/start.h"

#include <algorithm>
#include <array>

#include "base/strings.h"
#include "cli/command.h"
#include "cli/own_kubectl.h"
#include "cli/start_request.h"
#include "cli/text/columns.h"
#include "cluster/store/home.h"

namespace skiff::cli {
namespace {

// The parts of a cluster that minikube may wait for.
constexpr std::array<std::string_view, 7> wait_components = {"apiserver",  "system_pods", "default_sa", "apps_running",
                                                             "node_ready", "kubelet",     "extra"};

// A start always waits until the cluster is usable, which is more than any of these; whoever asks for less is told.
Result<void> check_wait(Events& events, const Args& args) {
  bool less = false;
  for (const auto& word : args.list("wait")) {
    if (word == "all" || word == "true") continue;
    if (word == "false" || word == "none") {
      less = true;
    } else if (std::ranges::find(wait_components, word) == wait_components.end()) {
      std::vector<std::string> known(wait_components.begin(), wait_components.end());
      known.insert(known.begin(), {"all", "true", "false", "none"});
      return make_error(ErrorId::usage, "--wait knows no '" + word + "'" + did_you_mean(word, known),
                        "It takes " + join(known, ", ") + "; start always waits until the cluster is usable");
    }
  }
  if (less) events.note("skiff waits all the same: it returns when kubectl can use the cluster, and not before");
  return {};
}

JsonObject data_of(const cluster::StartReport& report, const cluster::StartRequest& request) {
  JsonArray nodes;
  for (const auto& [node, action] : report.plan) {
    nodes.push_back(JsonObject{{"name", node.name},
                               {"role", to_string(node.role)},
                               {"address", to_string(address_of(report.spec, node.name).value_or(Ipv4()))},
                               {"action", to_string(action)}});
  }
  JsonArray changes;
  for (const auto& [key, before, after] : report.changes) {
    changes.push_back(JsonObject{{"key", key}, {"before", before}, {"after", after}});
  }
  return {{"profile", report.spec.profile},
          {"context", context_of(report.spec)},
          {"driver", report.spec.driver},
          {"kubernetes_version", report.spec.kubernetes_version},
          {"node_image", report.spec.node_image},
          {"api_server", report.api_server},
          {"no_kubernetes", report.spec.no_kubernetes},
          {"has_network", report.has_network},
          {"dry_run", request.dry_run},
          {"download_only", request.download_only},
          {"nodes", std::move(nodes)},
          {"changes", std::move(changes)}};
}

std::string plan_text(const cluster::StartReport& report) {
  std::vector<std::vector<std::string>> rows = {{"NODE", "ROLE", "ACTION"}};
  for (const auto& [node, action] : report.plan) {
    rows.push_back({node.name, std::string(to_string(node.role)), std::string(to_string(action))});
  }
  if (report.changes.empty()) return to_columns(rows);
  std::vector<std::vector<std::string>> changes = {{"CHANGE", "BEFORE", "AFTER"}};
  for (const auto& [key, before, after] : report.changes) {
    changes.push_back({key, before.empty() ? "-" : before, after.empty() ? "-" : after});
  }
  return to_columns(rows) + "\n" + to_columns(changes);
}

std::string done_text(const cluster::StartReport& report, bool keep_context) {
  const ClusterSpec& spec = report.spec;
  const int count = node_count(spec);
  const std::string nodes = count == 1 ? "1 node" : std::to_string(count) + " nodes";
  if (spec.no_kubernetes) {
    return "Done: '" + spec.profile + "' is ready with " + nodes + " and without Kubernetes. 'skiff ssh -p " +
           spec.profile + "' opens a shell in it.";
  }
  if (!report.has_network) {
    return "Done: cluster '" + spec.profile + "' runs with " + nodes + ". Once they have a network, 'skiff start -p " +
           spec.profile + "' sets up what waits for it: cluster DNS and the addons.";
  }
  return "Done: cluster '" + spec.profile + "' is ready with " + nodes + ". " +
         (keep_context ? "Reach it with 'kubectl --context " + context_of(spec) + "'." : "kubectl now uses it.");
}

// Worth a word once: with its first worker a control plane is left to itself, as kubeadm does it.
std::string closed_text(const cluster::StartReport& report) {
  const bool is_new = std::ranges::any_of(report.plan, [](const cluster::PlannedNode& planned) {
    return planned.node.role == Role::control_plane && planned.action == cluster::NodeAction::create;
  });
  if (!is_new || report.spec.no_kubernetes || control_plane_schedulable(report.spec)) return "";
  const std::string where = control_plane_count(report.spec) > 1 ? "control planes" : "the control plane";
  return "\nPods run on the workers; --schedule-on-control-plane=true lets them run on " + where + " too.";
}

Result<Answer> run(Session& session, const Args& args) {
  TRY(check_wait(*session.ctx.events, args));
  const auto request = TRY(start_request(session, args));
  const auto report = TRY(cluster::start(session.ctx, session.home, request));
  Answer answer;
  answer.data = data_of(report, request);
  if (request.dry_run) {
    answer.text = plan_text(report);
  } else if (request.download_only) {
    answer.message = "The node image and the images of the addons are on this machine. No cluster was made.";
  } else {
    TRY(apply_manifests(session, TRY(cluster::open_profile(session.home, report.spec.profile)), request.manifests));
    answer.message = done_text(report, request.keep_context) + closed_text(report);
  }
  return answer;
}

}  // namespace

Command start_command() {
  return {
      .name = "start",
      .group = Group::cluster,
      .summary = "Create a cluster, or resume, repair or grow it",
      .help =
          "Returns when the cluster is usable: every node Ready, DNS answering. Run it again at any time: it\n"
          "starts what is stopped, makes anew what is gone, and adds nodes up to --nodes.\n\n"
          "Examples\n"
          "  skiff start                       one node, profile 'skiff'\n"
          "  skiff start --nodes 3 -p lab      three nodes, profile 'lab'\n"
          "  skiff start -p lab --nodes 5      two more workers for it\n"
          "  skiff start -p lab --ha           two more control planes for it: it survives the loss of any one\n"
          "  skiff start -f cluster.yaml       what a file says, anew or changed",
      .flags =
          {
              {"file", 'f', "FILE",
               "take the cluster from this file (docs/cluster-file.md), or from stdin (-); flags win"},
              {"nodes", 'n', "N", "number of nodes in all, control planes included (default: as many as those)"},
              {"control-planes", 0, "N", "how many of them are control planes: 1 (default), 3 or 5"},
              {"ha", 0, "", "the same as --control-planes=3"},
              {"driver", 'd', "NAME", "what makes the nodes: docker (default) or libvirt"},
              {"libvirt-uri", 0, "URI", "where libvirt is (default qemu:///system)"},
              {"kvm-qemu-uri", 0, "URI", "the same"},
              {"kubernetes-version", 0, "VERSION",
               "version of Kubernetes: 1.36, v1.37.2, latest; a newer one upgrades the cluster"},
              {"node-image", 0, "IMAGE", "node image to use in place of this skiff's own"},
              {"cpus", 0, "N", "CPUs that each node may use, or max (default: all; of a virtual machine at most 2)"},
              {"memory", 0, "SIZE",
               "memory of each node, such as 2g, or max (default: no limit; 2.5g or 1.5g for a virtual machine)"},
              {"disk-size", 0, "SIZE", "disk of each virtual machine, such as 40g (default 20g, used as it fills)"},
              {"subnet", 0, "CIDR", "/24 for the nodes (default: the first free one)"},
              {"static-ip", 0, "ADDRESS", "address of the control plane, which says the subnet too"},
              {"pod-cidr", 0, "CIDR", "/16 of the pods' addresses (default 10.244.0.0/16)"},
              {"service-cluster-ip-range", 0, "CIDR", "range of the services' addresses (default 10.96.0.0/12)"},
              {"network", 0, "NAME", "a network of Docker's for the nodes, made where there is none of that name"},
              {"ip-family", 0, "ipv4|dual", "addresses of nodes, pods and services: dual has IPv6 too (default ipv4)"},
              {"cni", 0, "none|default|FILE",
               "the pods' network: a CNI configuration list or manifests of your own, or none yet"},
              {"ports", 0, "HOST:NODE",
               "ports of the control plane's node to publish on this host, such as 8080:30080"},
              {"listen-address", 0, "ADDRESS", "where published ports listen that name no address (default 127.0.0.1)"},
              {"insecure-registry", 0, "HOST:PORT", "registries without TLS, or with a certificate that nobody knows"},
              {"registry-mirror", 0, "URL", "mirrors that the nodes ask for the images of docker.io first"},
              {"registry-config", 0, "FILE|docker|none",
               "logins for registries, for the nodes: a file like Docker's config.json, or docker: Docker's own"},
              {"proxy", 0, "URL|none|environment",
               "proxy by which nodes reach registries (default environment: HTTP_PROXY, HTTPS_PROXY, NO_PROXY)"},
              {"no-proxy", 0, "A,B", "what goes past the proxy, beside all that is the cluster's own"},
              {"ca-file", 0, "FILE|none",
               "certificates of authorities that nodes trust, beside those in ~/.skiff/certs"},
              {"docker-env", 0, "KEY=VALUE",
               "minikube's way to give HTTP_PROXY, HTTPS_PROXY and NO_PROXY to the nodes; may be repeated"},
              {"no-kubernetes", 0, "", "nodes that run containers, and no Kubernetes; =false adds it later"},
              {"schedule-on-control-plane", 0, "true|false",
               "may pods run on control planes? (default: only while there are no workers)"},
              {"apiserver-names", 0, "A,B", "more names that the API's certificate is good for"},
              {"apiserver-name", 0, "NAME", "the name by which kubeconfig leads to the API, in place of its address"},
              {"apiserver-ips", 0, "A,B", "more addresses that it is good for"},
              {"apiserver-port", 0, "PORT", "where the API listens (default 6443)"},
              {"cert-expiration", 0, "TIME", "how long certificates are valid from a start on (default a year)"},
              {"dns-domain", 0, "DOMAIN", "the cluster's own DNS domain (default cluster.local)"},
              {"extra-config", 0, "C.KEY=VALUE",
               "a flag or field of a component: kubelet.max-pods=50; may be repeated"},
              {"feature-gates", 0, "A=true,B=false", "feature gates of all components"},
              {"namespace", 0, "NAME", "namespace of the kubeconfig's context"},
              {"node-names", 0, "roles|numbers",
               "what the nodes of a new cluster are called: lab-cp1, lab-w1 (default), or lab, lab-m02"},
              {"mount-string", 0, "SRC:DST", "a folder of this host that every node has; may be repeated"},
              {"mount", 0, "",
               "your home folder at /minikube-host, without --mount-string; =false: no folders any more"},
              {"addons", 0, "A,B", "addons to enable"},
              {"wait", 0, "all", "what to wait for, in minikube's words: start always waits for all of it"},
              {"wait-timeout", 0, "TIME", "how long to wait, such as 90s (default 6m; 30m without KVM)"},
              {"context-name", 0, "NAME", "name of the cluster in kubeconfig (default: the profile's)"},
              {"keep-context", 0, "", "leave kubectl's current context alone"},
              {"keep-on-failure", 0, "", "leave what was made when start fails, for a look at it"},
              {"download-only", 0, "", "make the images that a start needs, and no cluster"},
              {"dry-run", 0, "", "show what would be done, and do nothing"},
          },
      .run = run,
  };
}

}  // namespace skiff::cli
