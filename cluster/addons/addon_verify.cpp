// SPDX-License-Identifier: Apache-2.0
#include "cluster/addons/addon_verify.h"

#include <algorithm>
#include <set>

#include "addons/objects.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "cluster/addons/addon_health.h"
#include "cluster/addons/addon_objects.h"
#include "cluster/nodes/question.h"
#include "sys/net/http.h"

namespace skiff::cluster {
namespace {

const kube::Resource pods{"v1", "pods", true};
const kube::Resource services{"v1", "services", true};

Result<void> wait_until_ready(const Context& ctx, kube::Client& client, const std::string& addon,
                              const addons::Condition& ready) {
  const auto ref = TRY(client.locate(ctx, ready.object));
  return client.wait(
      ctx, ref.resource, ref.ns, selector_of(addon),
      [&](const kube::Client::Objects& objects) {
        const auto object = objects.find(ref.ns + '/' + ref.name);
        return object != objects.end() && has_reached(object->second, ready.type);
      },
      "the " + addons::identity(ready.object) + " to be " + ready.type);
}

using Ids = std::set<std::string>;

// Pods that were beyond hope before: they are about to be replaced.
Result<Ids> hopeless_pods(const Context& ctx, kube::Client& client, const std::string& addon) {
  Ids ids;
  for (const auto& pod : TRY(client.list(ctx, pods, "", selector_of(addon)))) {
    if (is_hopeless(pod)) ids.insert(text_at(pod, "metadata.uid"));
  }
  return ids;
}

// Fails as soon as a pod, other than the old ones, is beyond hope. A pod that came to a new node before its image waits
// for longer and longer, though the image is there now: it is made anew, once on each node.
Result<void> watch_for_hopeless_pods(const Context& ctx, kube::Client& client, const std::string& addon, const Ids& old,
                                     const Ids& brought_images) {
  Ids nodes_tried;
  return client.watch(ctx, pods, "", selector_of(addon), [&](std::string_view type, const Json& pod) -> Result<bool> {
    if (type == "SYNCED" || type == "DELETED" || find(pod, "metadata.deletionTimestamp") != nullptr) return true;
    if (waits_for_image(pod, brought_images) && nodes_tried.insert(text_at(pod, "spec.nodeName")).second) {
      TRY(client.remove(ctx, kube::path_of(pods, text_at(pod, "metadata.namespace"), text_at(pod, "metadata.name"))));
      return true;
    }
    if (!is_hopeless(pod) || old.contains(text_at(pod, "metadata.uid"))) return true;
    return make_error(ErrorId::addon_failed, trouble_of(pod));
  });
}

// Waits for all conditions, unless a pod shows earlier that they will not come true.
Result<void> wait_for_conditions(const Context& ctx, kube::Client& client, const std::string& addon,
                                 const std::vector<addons::Condition>& conditions, const Ids& old,
                                 const Ids& brought_images) {
  std::stop_source enough;
  const auto all_ready = [&](const Context& c) {
    auto ready = parallel_for(c, conditions, [&](const Context& each, const addons::Condition& condition) {
      return wait_until_ready(each, client, addon, condition);
    });
    enough.request_stop();
    return ready;
  };
  const auto hopeless = [&](const Context& c) -> Result<void> {
    const std::stop_callback pass_on(c.stop, [&] { enough.request_stop(); });
    auto watched =
        watch_for_hopeless_pods({enough.get_token(), c.deadline, c.events}, client, addon, old, brought_images);
    return watched.ok() || watched.error().id == ErrorId::addon_failed ? watched : Result<void>();
  };
  return parallel(ctx, {all_ready, hopeless});
}

// The same, and when a program does not tell by itself whether it is ready, that it lives longer than a moment.
Result<void> wait_for_lasting_conditions(const Context& ctx, kube::Client& client, const std::string& addon,
                                         const addons::Rendered& rendered) {
  constexpr auto moment = std::chrono::seconds(2);
  const Ids old = TRY(hopeless_pods(ctx, client, addon));
  const auto restarts = [&]() -> Result<std::optional<long long>> {
    return restarts_when_well(TRY(client.list(ctx, pods, "", selector_of(addon))));
  };
  Ids brought_images;
  for (const auto& image : rendered.images) {
    if (!image.recipe.empty()) brought_images.insert(image.reference);
  }
  for (;;) {
    TRY(wait_for_conditions(ctx, client, addon, rendered.ready, old, brought_images));
    if (std::ranges::all_of(rendered.objects, tells_readiness)) return {};
    const auto before = TRY(restarts());
    TRY(ctx.pause(moment));
    if (before && TRY(restarts()) == before) return {};
    TRY(ctx.check());
  }
}

// The address behind a probe's host.
Result<std::string> address_of(const Context& ctx, kube::Client& client, const std::string& host) {
  if (parse_ipv4(host).ok()) return host;
  const auto dot = host.find('.');
  const std::string ns = dot == std::string::npos ? "default" : host.substr(dot + 1);
  return text_at(TRY(client.get(ctx, kube::path_of(services, ns, host.substr(0, dot)))), "spec.clusterIP");
}

// One question; the status of the answer.
Result<int> ask(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node, const std::string& address,
                const ProbeTarget& target) {
  const std::string question =
      "GET " + target.path + " HTTP/1.1\r\nHost: " + target.host + "\r\nConnection: close\r\n\r\n";
  return status_in(TRY(ask_from_node(ctx, driver, node, address, target.port, question,
                                     [](std::string_view answer) { return status_in(answer) != 0; })));
}

Result<void> wait_for_answer(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                             kube::Client& client, const addons::Probe& probe) {
  const auto target = TRY(parse_probe_url(probe.url));
  const auto address = TRY(address_of(ctx, client, target.host));
  for (std::string last = "no answer";;) {
    const auto status = ask(ctx.within(std::chrono::seconds(2)), driver, node, address, target);
    if (status.ok() && *status == probe.status) return {};
    if (!status.ok()) {
      if (status.error().id == ErrorId::interrupted) return status.error();
      last = status.error().what;
    } else if (*status != 0) {
      last = "status " + std::to_string(*status);
    }
    if (ctx.deadline.passed()) {
      return make_error(ErrorId::addon_failed,
                        probe.url + " does not answer with " + std::to_string(probe.status) + " but with " + last);
    }
    TRY(ctx.pause(std::chrono::milliseconds(100)));  // nothing to watch
  }
}

// The last lines of a failing container's log; empty when there are none.
std::string log_of(const Context& ctx, kube::Client& client, const Json& pod) {
  const Failing failing = failing_container(pod);
  if (failing.container.empty()) return {};
  const auto path = kube::path_of(pods, text_at(pod, "metadata.namespace"), text_at(pod, "metadata.name")) +
                    "/log?tailLines=10&container=" + sys::url_encode(failing.container) +
                    (failing.previous ? "&previous=true" : "");
  const auto log = client.raw_get(ctx, path);
  return log.ok() && log->status == 200 ? std::string(trim(log->body)) : "";
}

// What the pods that are not well have to say.
std::vector<std::string> last_words(const Context& ctx, kube::Client& client, const std::string& addon) {
  std::vector<std::string> words;
  const auto all = client.list(ctx, pods, "", selector_of(addon));
  if (!all.ok()) return words;
  for (const auto& pod : *all) {
    std::string trouble = trouble_of(pod);
    if (trouble.empty()) continue;
    if (const std::string log = log_of(ctx, client, pod); !log.empty()) {
      trouble.append("\nits log ends with:\n").append(log);
    }
    words.push_back(std::move(trouble));
  }
  return words;
}

}  // namespace

Result<void> verify_addon(const Context& ctx, LiveCluster& cluster, const std::string& addon,
                          const addons::Rendered& rendered) {
  Step step(*ctx.events, "addon-verify", "Verifying " + addon + " addon...");
  const auto node = cluster.node(control_plane_of(cluster.spec));
  auto works = wait_for_lasting_conditions(ctx, cluster.client, addon, rendered);
  if (works.ok()) {
    works = parallel_for(ctx, rendered.probes, [&](const Context& c, const addons::Probe& probe) {
      return wait_for_answer(c, *cluster.driver, node, cluster.client, probe);
    });
  }
  if (works.ok()) {
    step.done();
    return {};
  }
  if (works.error().id == ErrorId::interrupted) return works;
  Error failed = make_error(ErrorId::addon_failed, "The addon '" + addon + "' does not work");
  failed.trail = last_words({ctx.stop, Deadline::in(std::chrono::seconds(5)), ctx.events}, cluster.client, addon);
  const std::string& why = works.error().what;
  const bool said = std::ranges::any_of(failed.trail, [&](const auto& words) { return words.starts_with(why); });
  if (!said) failed.trail.insert(failed.trail.begin(), why);
  return failed;
}

}  // namespace skiff::cluster
