// SPDX-License-Identifier: Apache-2.0
#include "promise.h"

#include <algorithm>
#include <set>

#include "base/strings.h"

namespace skiff::sweep {
namespace {

const std::string profile_folder = "home/profiles/lab/";

bool is_ours(const Json& object) { return text_at(object, "cluster") == "lab"; }

// name -> "cluster content" of storage, name -> "" of machines, cluster -> range of networks.
using Things = std::map<std::string, std::string>;

Things machines(const State& state, bool ours) {
  Things found;
  for (const auto& machine : state.machines()) {
    if (is_ours(machine) == ours) found[text_at(machine, "name")] = ours ? "" : to_text(machine);
  }
  return found;
}

Things storage(const State& state, bool ours) {
  Things found;
  const Json json = state.json();
  for (const auto& [name, volume] : json.at("volumes").as_object()) {
    if (is_ours(volume) == ours) found[name] = text_at(volume, "content");
  }
  return found;
}

Things networks(const State& state, bool ours) {
  Things found;
  const Json json = state.json();
  for (const auto& [cluster, range] : json.at("networks").as_object()) {
    if ((cluster == "lab") == ours) found[cluster] = to_text(range);
  }
  return found;
}

Things files(const State& state, const std::string& prefix, bool below) {
  Things found;
  for (const auto& [path, content] : state.files) {
    if (path.starts_with("home/profiles/") && path.starts_with(prefix) == below) found[path] = content;
  }
  return found;
}

// Objects of the cluster by path.
std::map<std::string, Json> objects(const State& state) {
  std::map<std::string, Json> found;
  const Json json = state.json();
  const auto& all = json.at("etcd").as_object();
  const auto* const etcd = std::ranges::find_if(all, [](const auto& e) { return e.key().starts_with("lab-cp"); });
  if (etcd == all.end()) return found;
  for (const auto& object : array_at(etcd->value(), "objects")) {
    found[text_at(object, "api") + " " + text_at(object, "plural") + " " + text_at(object, "ns") + "/" +
          text_at(object, "name")] = object.at("object");
  }
  return found;
}

std::string node_path(const std::string& name) { return "/api/v1 nodes /" + name; }

std::string kubeconfig(const State& state) {
  const auto file = state.files.find("kubeconfig");
  return file == state.files.end() ? "" : file->second;
}

bool has_entry(const std::string& kubeconfig) {
  return kubeconfig.find("name: lab\n") != std::string::npos || kubeconfig.find("\"lab\"") != std::string::npos;
}

void expect_all(const Things& before, const Things& after, const std::string& what, Faults& faults) {
  for (const auto& [name, content] : before) {
    const auto there = after.find(name);
    if (there == after.end()) {
      faults.push_back(what + " " + name + " has gone");
    } else if (there->second != content) {
      faults.push_back(what + " " + name + " is another");
    }
  }
}

void expect_none_new(const Things& before, const Things& after, const std::string& what, Faults& faults) {
  for (const auto& [name, content] : after) {
    if (!before.contains(name)) faults.push_back(what + " " + name + " is left");
  }
}

}  // namespace

Faults others_untouched(const State& before, const State& after) {
  Faults faults;
  using Look = Things (*)(const State&, bool);
  for (const auto& [what, things] : {std::pair<std::string, Look>{"somebody's machine", machines},
                                     {"somebody's storage", storage},
                                     {"somebody's network", networks}}) {
    expect_all(things(before, false), things(after, false), what, faults);
    expect_none_new(things(before, false), things(after, false), what, faults);
  }
  expect_all(files(before, profile_folder, false), files(after, profile_folder, false), "another profile's", faults);
  const std::string now = kubeconfig(after);
  for (const auto& line : split(kubeconfig(before), '\n')) {
    // Entries of ours are in this text, too; those of others say "work" or "me" in each of their lines.
    const bool theirs = line.find("work") != std::string::npos || line.find("me@") != std::string::npos;
    if (theirs && !line.starts_with("current-context") && now.find(line + "\n") == std::string::npos) {
      faults.push_back("the kubeconfig lacks its line '" + line + "'");
    }
  }
  return faults;
}

Faults kept(const State& before, const State& after, const std::string& except) {
  Faults faults;
  const auto without = [&](Things things) {
    things.erase(except);
    return things;
  };
  expect_all(without(machines(before, true)), machines(after, true), "the machine", faults);
  expect_all(without(storage(before, true)), storage(after, true), "the storage of", faults);
  expect_all(networks(before, true), networks(after, true), "the network", faults);
  for (const auto& [path, content] : files(before, profile_folder, true)) {
    const auto now = after.files.find(path);
    const bool authority = path.find("/pki/") != std::string::npos;
    if (now == after.files.end()) {
      faults.push_back(path + " has gone");
    } else if (authority && now->second != content) {
      faults.push_back(path + " is another");
    }
  }
  const auto mine = "/api/v1 configmaps default/mine";
  if (objects(before).contains(mine) && !objects(after).contains(mine)) faults.emplace_back("etcd lost an object");
  if (has_entry(kubeconfig(before)) && !has_entry(kubeconfig(after))) {
    faults.emplace_back("the entry in the kubeconfig has gone");
  }
  return faults;
}

Faults nothing_new(const State& before, const State& after, bool machines_may_come) {
  Faults faults;
  if (!machines_may_come) expect_none_new(machines(before, true), machines(after, true), "the machine", faults);
  expect_none_new(storage(before, true), storage(after, true), "the storage of", faults);
  expect_none_new(networks(before, true), networks(after, true), "the network", faults);
  expect_none_new(files(before, profile_folder, true), files(after, profile_folder, true), "the file", faults);
  expect_all(files(before, profile_folder, true), files(after, profile_folder, true), "the file", faults);
  const bool marked = after.files.contains("home/locks/lab.unfinished");
  if (marked && !before.files.contains("home/locks/lab.unfinished")) faults.emplace_back("lab counts as unfinished");
  if (kubeconfig(before) != kubeconfig(after)) faults.emplace_back("the kubeconfig has changed");
  return faults;
}

Faults nodes_as_before(const State& before, const State& after, const std::string& except) {
  Faults faults;
  const auto was = objects(before);
  const auto is = objects(after);
  for (const auto& [path, object] : is) {
    if (path.starts_with(node_path("")) && !was.contains(path)) faults.push_back("the object " + path + " is left");
  }
  for (const auto& [path, object] : was) {
    if (!path.starts_with(node_path("")) || path == node_path(except)) continue;
    const auto now = is.find(path);
    if (now == is.end()) {
      faults.push_back("the object " + path + " has gone");
    } else {
      if (bool_at(now->second, "spec.unschedulable") != bool_at(object, "spec.unschedulable")) {
        faults.push_back(path + " takes pods no more, or again");
      }
      if (array_at(now->second, "spec.taints") != array_at(object, "spec.taints")) {
        faults.push_back(path + " has other taints");
      }
    }
  }
  return faults;
}

Faults usable(const State& state) {
  Faults faults;
  const auto found = machines(state, true);
  if (found.empty()) faults.emplace_back("there are no machines");
  for (const auto& machine : state.machines()) {
    if (is_ours(machine) && int_at(machine, "state") != 0) {
      faults.push_back(text_at(machine, "name") + " does not run");
    }
  }
  if (!has_entry(kubeconfig(state))) faults.emplace_back("the kubeconfig does not lead to it");
  if (!state.files.contains(profile_folder + "profile.yaml")) faults.emplace_back("there is no profile");
  if (state.files.contains("home/locks/lab.unfinished")) faults.emplace_back("it counts as unfinished");
  return faults;
}

Faults gone(const State& state) {
  Faults faults;
  for (const auto& [name, content] : machines(state, true)) faults.push_back("the machine " + name + " is left");
  for (const auto& [name, content] : storage(state, true)) faults.push_back("the storage of " + name + " is left");
  for (const auto& [name, content] : networks(state, true)) faults.push_back("the network " + name + " is left");
  for (const auto& [path, content] : state.files) {
    if (path.starts_with(profile_folder) || path == "home/locks/lab.unfinished" ||
        (!path.starts_with("home/") && content.find("PRIVATE KEY") != std::string::npos)) {
      faults.push_back(path + " is left");
    }
  }
  if (has_entry(kubeconfig(state))) faults.emplace_back("an entry in the kubeconfig is left");
  return faults;
}

std::string outline(const State& state) {
  std::string text;
  for (const auto& machine : state.machines()) {
    text += text_at(machine, "name") + "=" + std::to_string(int_at(machine, "state")) + "\n";
  }
  for (const auto& [name, content] : storage(state, true)) text += "storage " + name + " " + content + "\n";
  for (const auto& [name, range] : networks(state, true)) text += "network " + name + "\n";
  for (const auto& [path, object] : objects(state)) {
    text += path + (bool_at(object, "spec.unschedulable") ? " closed" : "") +
            (array_at(object, "spec.taints").empty() ? "" : " tainted") + "\n";
  }
  for (const auto& [path, content] : state.files) {
    if (path.find("/logs/") != std::string::npos) continue;
    text += path + (content.empty() ? " empty" : "") + "\n";
    if (path.ends_with("profile.yaml")) text += content;
  }
  for (const auto& line : split(kubeconfig(state), '\n')) {
    if (line.find("-data") == std::string::npos) text += line + "\n";
  }
  return text;
}

}  // namespace skiff::sweep
