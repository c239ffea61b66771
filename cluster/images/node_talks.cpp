// SPDX-License-Identifier: Apache-2.0
#include "cluster/images/node_talks.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <set>

#include "base/await.h"
#include "base/parallel.h"
#include "base/strings.h"

namespace skiff::cluster {
namespace {

// Every answer ends with a line that holds a dot. The lock is held until the runtime, too, has ended what was begun.
constexpr auto script = R"(exec 9>/run/skiff-images.lock && flock -s 9
cd /var/lib/containerd/io.containerd.content.v1.content/blobs/sha256 2>/dev/null &&
  find . -type f -printf '%f %s\n'
echo .
while read -r verb words; do
  case $verb in
    names) ctr --namespace=k8s.io images list $words; echo .;;
    import) exec ctr --namespace=k8s.io images import --local --snapshotter=overlayfs --platform="$words" -;;
  esac
done)";

NodeBlobs parse_blobs(const std::vector<std::string>& lines) {
  NodeBlobs blobs;
  for (const auto& line : lines) {
    const auto words = split(line, ' ');
    const auto size = words.size() == 2 ? parse_int(words[1], "a size") : Result<long long>(0);
    if (words.size() == 2 && size.ok()) blobs["sha256:" + words[0]] = static_cast<std::uint64_t>(*size);
  }
  return blobs;
}

}  // namespace

NodeNames parse_names(const std::vector<std::string>& lines) {
  NodeNames names;
  for (const auto& line : lines) {
    std::vector<std::string> words;
    for (const auto& word : split(line, ' ')) {
      if (!word.empty()) words.push_back(word);
    }
    if (words.size() > 2 && words[2].starts_with("sha256:")) names[words[0]] = words[2];
  }
  return names;
}

struct NodeTalks::Talk {
  explicit Talk(drivers::NodeId node) : id(std::move(node)) {}
  drivers::NodeId id;
  PieceQueue to_node;

  std::mutex mutex;  // guards all below
  std::condition_variable_any changed;
  std::string half_line;
  std::vector<std::string> lines;  // of the answer that is coming
  std::deque<std::vector<std::string>> answers;
  std::string words;   // what was said on stderr
  bool ended = false;  // the command has

  void hear(std::string_view piece) {
    const std::lock_guard lock(mutex);
    half_line += piece;
    for (auto end = half_line.find('\n'); end != std::string::npos; end = half_line.find('\n')) {
      std::string line = half_line.substr(0, end);
      half_line.erase(0, end + 1);
      if (line == ".") {
        answers.push_back(std::exchange(lines, {}));
        changed.notify_all();
      } else {
        lines.push_back(std::move(line));
      }
    }
  }

  Result<std::vector<std::string>> answer(const Context& ctx) {
    std::unique_lock lock(mutex);
    TRY(await(ctx, changed, lock, [&] { return !answers.empty() || ended; }));
    if (answers.empty()) return make_error(ErrorId::node_command_failed, "The node " + id.name + " did not answer");
    auto first = std::move(answers.front());
    answers.pop_front();
    return first;
  }

  Error failed() {
    const std::lock_guard lock(mutex);
    const std::string said = words_of_ctr(words.empty() ? join(lines, "\n") : words);
    const bool full = said.find("no space left on device") != std::string::npos;
    Error error = make_error(full ? ErrorId::disk_full : ErrorId::node_command_failed,
                             "The node " + id.name + " could not take the image",
                             full ? "Free space on the disk of the node's host, or remove images that nobody uses: "
                                    "'skiff image prune'"
                                  : "");
    error.trail.push_back(said);
    return error;
  }

  // The command, to its end.
  Result<void> run(const Context& ctx, drivers::Driver& driver) {
    drivers::ExecRequest request;
    request.argv = {"sh", "-c", script, std::string(image_command)};
    request.in = [this](const Context& c) -> Result<std::string> {
      const Piece piece = TRY(to_node.pop(c));
      return piece ? *piece : std::string();
    };
    request.out = [this](std::string_view piece) { hear(piece); };
    request.err = [this](std::string_view piece) {
      const std::lock_guard lock(mutex);
      words += piece;
    };
    const auto code = driver.exec(ctx, id, request);
    to_node.leave();
    if (!code.ok()) return code.error();
    if (*code != 0) return failed();
    const std::lock_guard lock(mutex);
    ended = true;
    changed.notify_all();
    return {};
  }
};

NodeTalks::NodeTalks(const std::vector<drivers::NodeId>& nodes) {
  for (const auto& id : nodes) talks_.push_back(std::make_shared<Talk>(id));
}

Result<void> NodeTalks::run(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                            const Body& body) {
  if (nodes.size() >= most_threads) {  // all of them talk at once, and each waits for the others
    const auto half = nodes.begin() + static_cast<std::ptrdiff_t>(nodes.size() / 2);
    TRY(run(ctx, driver, {nodes.begin(), half}, body));
    return run(ctx, driver, {half, nodes.end()}, body);
  }
  NodeTalks talks(nodes);
  std::optional<Error> reason;
  std::vector<std::function<Result<void>(const Context&)>> tasks;
  for (const auto& talk : talks.talks_) {
    tasks.emplace_back([&driver, talk](const Context& c) { return talk->run(c, driver); });
  }
  tasks.emplace_back([&](const Context& c) -> Result<void> {
    auto done = body(c, talks);
    for (const auto& talk : talks.talks_) talk->to_node.end();
    if (!done.ok() && done.error().id != ErrorId::interrupted) reason = done.error();
    return done;
  });
  auto all = parallel(ctx, tasks);
  if (reason) return *std::move(reason);  // rather than what a node says that got half an archive
  return all;
}

Result<NodeBlobs> NodeTalks::blobs(const Context& ctx, std::size_t node) {
  return parse_blobs(TRY(talks_[node]->answer(ctx)));
}

Result<std::vector<NodeNames>> NodeTalks::names(const Context& ctx, const std::vector<std::size_t>& nodes,
                                                const std::vector<std::string>& names) {
  std::string words = "names";
  for (const auto& name : names) words += " name==" + name;
  const Piece question = make_piece(words + "\n");
  for (const auto node : nodes) TRY(talks_[node]->to_node.push(ctx, question));
  std::vector<NodeNames> all(talks_.size());
  for (const auto node : nodes) all[node] = parse_names(TRY(talks_[node]->answer(ctx)));
  return all;
}

Result<void> NodeTalks::begin_import(const Context& ctx, std::size_t node, const std::string& platform) {
  return talks_[node]->to_node.push(ctx, make_piece("import " + platform + "\n"));
}

Result<void> NodeTalks::send(const Context& ctx, std::size_t node, Piece piece) {
  return talks_[node]->to_node.push(ctx, std::move(piece));
}

std::string words_of_ctr(std::string_view words) {
  std::string errors;
  std::string warnings;
  for (const auto& line : split(trim(words), '\n')) {
    const bool warning =
        line.find("level=warning") != std::string::npos || line.find("level=info") != std::string::npos;
    (warning ? warnings : errors) += line + "\n";
  }
  return std::string(trim(errors.empty() ? warnings : errors));
}

namespace {

std::string digest_of(const NodeNames& names, const std::string& name) {
  const auto found = names.find(name);
  return found == names.end() ? "" : found->second;
}

// The image of before has a name left: the runtime knows it by its own hash.
constexpr auto give_back = R"(ref=$(ctr --namespace=k8s.io images list --quiet "target.digest==$2" | head -n 1)
[ -n "$ref" ] && exec ctr --namespace=k8s.io images tag --force "$ref" "$1")";

Result<NodeNames> names_in(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                           const NodeNames& given) {
  // An import whose sender has given up may end all the same; only then is what a name stands for certain.
  std::vector<std::string> command = {
      "sh", "-c", "exec 9>/run/skiff-images.lock && flock -w 20 9; exec ctr --namespace=k8s.io images list \"$@\"",
      "sh"};
  for (const auto& [name, digest] : given) command.push_back("name==" + name);
  const auto listed = TRY(drivers::capture(ctx, driver, node, command));
  if (listed.exit_code != 0) return make_error(ErrorId::node_command_failed, words_of_ctr(listed.err));
  return parse_names(split(listed.out, '\n'));
}

Result<void> undo_one(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node, const NameUndo& undo) {
  std::vector<std::string> command = {"ctr", "--namespace=k8s.io", "images", "rm", undo.name};
  if (!undo.digest.empty()) command = {"sh", "-c", give_back, "sh", undo.name, undo.digest};
  const auto done = TRY(drivers::capture(ctx, driver, node, command));
  if (done.exit_code == 0) return {};
  return make_error(ErrorId::node_command_failed,
                    "the node " + node.name + " has the new '" + undo.name + "' all the same");
}

}  // namespace

std::vector<NameUndo> undo_of(const std::vector<NodeNames>& found, const Naming& naming) {
  std::vector<NameUndo> undos;
  for (const auto& [name, digest] : naming.given) {
    std::vector<std::size_t> changed;
    std::set<std::string> others;
    for (std::size_t node = 0; node < found.size(); ++node) {
      const std::string there = digest_of(found[node], name);
      const bool told = std::ranges::find(naming.told, node) != naming.told.end();
      if (told && there == digest) {
        changed.push_back(node);
      } else {
        others.insert(there);
      }
    }
    if (others.size() != 1) continue;
    for (const auto node : changed) undos.push_back({node, name, *others.begin()});
  }
  return undos;
}

void take_back_names(const Context& ctx, drivers::Driver& driver, const std::vector<drivers::NodeId>& nodes,
                     const Naming& naming, Error& why) {
  if (nodes.size() < 2 || naming.given.empty() || naming.told.empty()) return;
  const auto take_back = [&]() -> Result<void> {
    const auto found = TRY(parallel_map(ctx, nodes, [&](const Context& c, const drivers::NodeId& node) {
      return names_in(c, driver, node, naming.given);
    }));
    const auto undos = undo_of(found, naming);
    return parallel_for(ctx, undos, [&](const Context& c, const NameUndo& undo) {
      return undo_one(c, driver, nodes[undo.node], undo);
    });
  };
  if (const auto done = take_back(); !done.ok())
    why.trail.push_back("and nodes may differ in what a name stands for: " + done.error().what);
}

}  // namespace skiff::cluster
