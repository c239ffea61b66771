#include "cluster/start/start.h"

#include "cli/columns.h"
#include "cli/command.h"
#include "cli/settings.h"

namespace skiff::cli {
namespace {

// Flags that ask for what skiff does anyway, or cannot do: known from minikube, so an honest answer is due.
Result<void> check_habits(const Args& args) {
  if (TRY(args.integer("control-planes")).value_or(1) != 1) {
    return make_error(ErrorId::unsupported, "A cluster of skiff has exactly one control plane",
                      "Leave --control-planes out; more --nodes are workers");
  }
  const std::string wait = args.text("wait").value_or("all");
  if (wait != "all" && wait != "true") {
    return make_error(ErrorId::usage, "--wait must be all or true, not '" + wait + "'",
                      "Leave it out: start always waits until the cluster is usable");
  }
  return {};
}

Result<cluster::StartRequest> request_from(const Session& session, const Args& args) {
  cluster::StartRequest request;
  request.profile = TRY(session.profile());
  const bool is_new = !TRY(session.home.store.find(request.profile));
  const Settings defaults = is_new ? TRY(load_settings(session.home.folder())) : Settings();
  for (const auto& setting : all_settings()) {
    if (setting.key == "profile") continue;
    const auto saved = defaults.find(std::string(setting.key));
    if (const auto value = args.text(setting.key)) {
      TRY(setting.apply(request, *value));
    } else if (saved != defaults.end()) {
      TRY(setting.apply(request, saved->second));
    }
  }
  request.driver_uri = args.text("libvirt-uri");
  request.node_image = args.text("node-image");
  request.subnet = args.text("subnet");
  request.schedule_on_control_plane = TRY(args.truth("schedule-on-control-plane"));
  request.context = args.text("context-name");
  const std::string names = args.text("node-names").value_or("roles");
  if (names != "roles" && names != "numbers") {
    return make_error(ErrorId::usage, "--node-names must be roles or numbers, not '" + names + "'");
  }
  request.node_names = names == "roles" ? NodeNames::roles : NodeNames::numbers;
  request.addons = args.list("addons");
  request.dry_run = args.has("dry-run");
  request.keep_context = args.has("keep-context");
  request.keep_on_failure = args.has("keep-on-failure");
  request.wait_timeout = TRY(args.duration("wait-timeout"));
  return request;
}

JsonObject data_of(const cluster::StartReport& report, const cluster::StartRequest& request) {
  JsonArray nodes;
  for (const auto& [node, action] : report.plan) {
    nodes.push_back(JsonObject{{"name", node.name},
                               {"role", to_string(node.role)},
                               {"address", to_string(node.address)},
                               {"action", to_string(action)}});
  }
  return {{"profile", report.spec.profile},       {"context", context_of(report.spec)},
          {"driver", report.spec.driver},         {"kubernetes_version", report.spec.kubernetes_version},
          {"node_image", report.spec.node_image}, {"api_server", report.api_server},
          {"dry_run", request.dry_run},           {"nodes", std::move(nodes)}};
}

std::string plan_text(const std::vector<cluster::PlannedNode>& plan) {
  std::vector<std::vector<std::string>> rows = {{"NODE", "ROLE", "ACTION"}};
  for (const auto& [node, action] : plan) {
    rows.push_back({node.name, std::string(to_string(node.role)), std::string(to_string(action))});
  }
  return to_columns(rows);
}

std::string done_text(const ClusterSpec& spec, bool keep_context) {
  const int count = node_count(spec);
  const std::string nodes = count == 1 ? "1 node" : std::to_string(count) + " nodes";
  return "Done: cluster '" + spec.profile + "' is ready with " + nodes + ". " +
         (keep_context ? "Reach it with 'kubectl --context " + context_of(spec) + "'." : "kubectl now uses it.");
}

Result<Answer> run(Session& session, const Args& args) {
  TRY(check_habits(args));
  const auto request = TRY(request_from(session, args));
  const auto report = TRY(cluster::start(session.ctx, session.home, request));
  Answer answer;
  answer.data = data_of(report, request);
  if (request.dry_run) {
    answer.text = plan_text(report.plan);
  } else {
    answer.message = done_text(report.spec, request.keep_context);
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
          "  skiff start -p lab --nodes 5      two more workers for it",
      .flags =
          {
              {"nodes", 'n', "N", "number of nodes, control plane included (default 1)"},
              {"control-planes", 0, "N", "only 1 is possible"},
              {"driver", 'd', "NAME", "what makes the nodes: docker (default) or libvirt"},
              {"libvirt-uri", 0, "URI", "where libvirt is (default qemu:///system)"},
              {"kubernetes-version", 0, "VERSION", "version of Kubernetes"},
              {"node-image", 0, "IMAGE", "node image to use in place of this skiff's own"},
              {"cpus", 0, "N", "CPUs that each node may use (default: all; of a virtual machine at most 2)"},
              {"memory", 0, "SIZE",
               "memory of each node, such as 2g (default: no limit; 2.5g or 1.5g for a virtual machine)"},
              {"disk-size", 0, "SIZE", "disk of each virtual machine, such as 40g (default 20g, used as it fills)"},
              {"subnet", 0, "CIDR", "/24 for the nodes (default: the first free one)"},
              {"schedule-on-control-plane", 0, "true|false",
               "may pods run on the control plane? (default: only while it is the only node)"},
              {"node-names", 0, "roles|numbers",
               "what the nodes of a new cluster are called: lab-cp1, lab-w1 (default), or lab, lab-m02"},
              {"addons", 0, "A,B", "addons to enable"},
              {"wait", 0, "all", "accepted for habit: start always waits"},
              {"wait-timeout", 0, "TIME", "how long to wait, such as 90s (default 6m; 30m without KVM)"},
              {"context-name", 0, "NAME", "name of the cluster in kubeconfig (default: the profile's)"},
              {"keep-context", 0, "", "leave kubectl's current context alone"},
              {"keep-on-failure", 0, "", "leave what was made when start fails, for a look at it"},
              {"dry-run", 0, "", "show what would be done, and do nothing"},
          },
      .run = run,
  };
}

}  // namespace skiff::cli
