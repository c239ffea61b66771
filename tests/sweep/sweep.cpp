// SPDX-License-Identifier: Apache-2.0
#include "sweep.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <set>

#include "cluster/lifecycle.h"
#include "cluster/nodes/node_removal.h"
#include "cluster/nodes/node_stop.h"
#include "cluster/start/node_start.h"
#include "cluster/start/start.h"
#include "tests/fakes/lab_world.h"

namespace skiff::sweep {
namespace {

constexpr int workers = 6;  // most of a run is waiting

// Two clusters of others with names that begin like ours, one of them in this home, and a machine that is nobody's.
void add_strangers(fakes::FakeWorld& world) {
  for (const std::string cluster : {"lab-2", "la"}) {
    const std::string name = cluster + "-cp1";
    const ClusterId id(cluster, "of-" + cluster);
    world.provider.machines[name].node = {{id, name}, Role::control_plane, drivers::NodeState::stopped, {}, "image",
                                          ""};
    world.provider.networks[cluster] = {Cidr{parse_ipv4(cluster == "la" ? "192.168.7.0" : "192.168.8.0").value(), 24},
                                        id};
    world.provider.storage[name] = id;
  }
  world.provider.machines["database"].foreign = true;
  world.settle();
}

Result<void> save_other_profile(const Context&, const cluster::Home& home) {
  ClusterSpec spec;
  spec.profile = "la";
  spec.id = "of-la";
  spec.driver = "docker";
  spec.kubernetes_version = "v1";
  spec.node_image = "image";
  TRY(home.store.save(spec));
  TRY(home.store.authorities("la"));
  return {};
}

// Without the addons that come by themselves: their calls are swept by the first start.
Result<void> forget_addons(const Context&, const cluster::Home& home) {
  auto spec = TRY(home.store.get("lab"));
  spec.addons.clear();
  return home.store.save(spec);
}

class Sweeper {
 public:
  explicit Sweeper(const Scenario& scenario) : scenario_(scenario) {
    stage_.home().write_kubeconfig(fakes::kubeconfig_of_others);
    stage_.change(add_strangers);
    prepare(save_other_profile);
    for (const auto& verb : scenario.setup) prepare(verb);
    if (!scenario.setup.empty()) prepare(forget_addons);
    stage_.change([&](fakes::FakeWorld& world) {
      if (auto* kubernetes = world.kubernetes("lab")) {
        kubernetes->with([](fakes::ObjectStore& store) {
          store.put({"/api/v1", "configmaps", "default", "mine"}, {{"apiVersion", "v1"}, {"kind", "ConfigMap"}});
          store.erase({"/api/v1", "configmaps", "kube-system", "skiff-addon-storage"});
        });
      }
      if (scenario.by_hand) scenario.by_hand(world);
    });
    before_ = stage_.state();
  }

  // The calls of a run that nobody disturbs.
  std::vector<Point> points() {
    const auto outcome = stage_.run(scenario_.verb);
    if (!outcome.ok) fault("undisturbed", "fails: " + outcome.error);
    check("undisturbed", others_untouched(before_, stage_.state()));
    auto calls = outcome.calls;
    std::ranges::sort(calls);
    return calls;
  }

  void disturb(const Disturbance& disturbance) {
    const std::string name = to_string(disturbance.point) + " " + std::string(to_string(disturbance.way));
    stage_.restore(before_);
    const auto outcome = stage_.run(scenario_.verb, disturbance);
    ++runs_;
    if (!outcome.reached) ++missed_;
    const State after = stage_.state();
    check(name, others_untouched(before_, after));
    if (!outcome.ok && !outcome.killed) {
      if (outcome.error.starts_with("the process")) fault(name, outcome.error);
      check(name + " (" + outcome.error + ")", scenario_.after_failure(before_, after));
    }
    if (outcome.killed) check(name, scenario_.after_kill(before_, after));
    go_on(name, after);
  }

  const Faults& faults() const { return faults_; }
  int runs() const { return runs_; }
  int missed() const { return missed_; }

 private:
  void prepare(const Verb& verb) {
    if (const auto outcome = stage_.run(verb); !outcome.ok) fault("preparation", outcome.error);
  }
  void fault(const std::string& where, const std::string& what) { faults_.push_back(where + ": " + what); }
  void check(const std::string& where, const Faults& found) {
    if (found.empty()) return;
    const std::string more = found.size() > 1 ? ", and " + std::to_string(found.size() - 1) + " more" : "";
    fault(where, found.front() + more);
  }

  // A start makes a usable cluster of whatever is left, and a delete takes it, at once or later.
  void go_on(const std::string& name, const State& left) {
    if (!seen_.insert(outline(left)).second) return;
    for (const bool start_first : {true, false}) {
      stage_.restore(left);
      if (start_first) {
        const auto started = stage_.run(start_lab());
        ++runs_;
        if (!started.ok) {
          fault(name, "the next start fails: " + started.error);
          continue;
        }
        const State running = stage_.state();
        check(name + ", then start", usable(running));
        check(name + ", then start", others_untouched(before_, running));
      }
      const auto deleted = stage_.run(delete_lab());
      ++runs_;
      const std::string where = name + (start_first ? ", then start and delete" : ", then delete");
      if (!deleted.ok && !deleted.error.starts_with("PROFILE_NOT_FOUND")) fault(where, "fails: " + deleted.error);
      check(where, gone(stage_.state()));
      check(where, others_untouched(before_, stage_.state()));
    }
  }

  const Scenario& scenario_;
  Stage stage_;
  State before_;
  std::set<std::string> seen_;
  Faults faults_;
  int runs_ = 0;
  int missed_ = 0;
};

std::vector<Disturbance> disturbances_of(const std::vector<Point>& points) {
  std::vector<Disturbance> all;
  for (const auto& point : points) {
    const bool file = point.call.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 0 && !point.call.starts_with("driver ");
    all.push_back({point, Way::fail});
    all.push_back({point, Way::kill});
    if (file) continue;  // nobody else sees whether it was done
    all.push_back({point, Way::lose});
    all.push_back({point, Way::interrupt});
  }
  return all;
}

}  // namespace

void sweep(const Scenario& scenario) {
  std::vector<Point> points;
  {
    Sweeper first(scenario);
    points = first.points();
    for (const auto& fault : first.faults()) ADD_FAILURE() << scenario.name << ": " << fault;
    if (!first.faults().empty()) return;
  }
  const auto all = disturbances_of(points);
  const fakes::TemporaryHome reports;
  std::vector<pid_t> children;
  std::fflush(nullptr);
  for (std::size_t worker = 0; worker < workers; ++worker) {
    children.push_back(::fork());
    if (children.back() != 0) continue;
    std::ofstream report(reports.path + "/" + std::to_string(worker));
    {
      Sweeper sweeper(scenario);
      for (std::size_t i = worker; i < all.size(); i += workers) sweeper.disturb(all[i]);
      report << sweeper.runs() << ' ' << sweeper.missed() << '\n';
      for (const auto& fault : sweeper.faults()) report << fault << '\n';
    }
    report.close();
    ::_exit(0);
  }
  int runs = 0;
  int missed = 0;
  for (std::size_t worker = 0; worker < workers; ++worker) {
    int status = 0;
    ::waitpid(children[worker], &status, 0);
    EXPECT_EQ(status, 0) << "a worker of the sweep did not come to its end";
    std::ifstream report(reports.path + "/" + std::to_string(worker));
    int its_runs = 0;
    int its_missed = 0;
    report >> its_runs >> its_missed;
    runs += its_runs;
    missed += its_missed;
    std::string line;
    while (std::getline(report, line)) {
      if (!line.empty()) ADD_FAILURE() << scenario.name << ": " << line;
    }
  }
  std::printf("[ points   ] %s: %zu calls, disturbed in %zu ways, %d runs, %d not reached\n", scenario.name.c_str(),
              points.size(), all.size(), runs, missed);
  testing::Test::RecordProperty("points", static_cast<int>(all.size()));
}

Verb start_lab(int nodes) {
  return [nodes](const Context& ctx, const cluster::Home& home) -> Result<void> {
    cluster::StartRequest request;
    request.profile = "lab";
    if (nodes > 0) request.nodes = nodes;
    request.wait_timeout = std::chrono::seconds(30);
    TRY(cluster::start(ctx, home, request));
    return {};
  };
}
Verb start_lab_with(const std::string& kubernetes, int nodes) {
  return [kubernetes, nodes](const Context& ctx, const cluster::Home& home) -> Result<void> {
    cluster::StartRequest request;
    request.profile = "lab";
    request.nodes = nodes;
    request.kubernetes_version = kubernetes;
    request.wait_timeout = std::chrono::seconds(30);
    TRY(cluster::start(ctx, home, request));
    return {};
  };
}
Verb grow_control_planes(int count) {
  return [count](const Context& ctx, const cluster::Home& home) -> Result<void> {
    cluster::StartRequest request;
    request.profile = "lab";
    request.control_planes = count;
    request.wait_timeout = std::chrono::seconds(30);
    TRY(cluster::start(ctx, home, request));
    return {};
  };
}
Verb stop_lab() {
  return [](const Context& ctx, const cluster::Home& home) { return cluster::stop(ctx, home, "lab"); };
}
Verb pause_lab() {
  return [](const Context& ctx, const cluster::Home& home) { return cluster::pause(ctx, home, "lab"); };
}
Verb unpause_lab() {
  return [](const Context& ctx, const cluster::Home& home) { return cluster::unpause(ctx, home, "lab"); };
}
Verb stop_node(const std::string& node) {
  return [node](const Context& ctx, const cluster::Home& home) -> Result<void> {
    TRY(cluster::stop_one_node(ctx, home, "lab", node));
    return {};
  };
}
Verb start_node(const std::string& node) {
  return [node](const Context& ctx, const cluster::Home& home) -> Result<void> {
    TRY(cluster::start_one_node(ctx, home, {"lab", node, std::chrono::seconds(30)}));
    return {};
  };
}
Verb delete_node(const std::string& node) {
  return [node](const Context& ctx, const cluster::Home& home) -> Result<void> {
    TRY(cluster::remove_node(ctx, home, {.profile = "lab", .node = node}));
    return {};
  };
}
Verb delete_lab() {
  return [](const Context& ctx, const cluster::Home& home) { return cluster::remove(ctx, home, "lab"); };
}

}  // namespace skiff::sweep
