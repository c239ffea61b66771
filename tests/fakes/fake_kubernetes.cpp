// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/fake_kubernetes.h"

#include <array>
#include <cstdio>

#include "base/strings.h"

namespace skiff::fakes {
namespace {

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

Json refusal(int status, const std::string& message) {
  return {{"kind", "Status"}, {"status", "Failure"}, {"message", message}, {"code", status}};
}

std::string chunk(const std::string& bytes) {
  std::array<char, 20> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
  return size.data() + bytes + "\r\n";
}

}  // namespace

struct FakeKubernetes::Request {
  std::string method;
  std::string path;
  std::map<std::string, std::string> query;
  std::string type;  // of the body
  Json body;
  ObjectKey key;  // without a name: a collection
  std::string subresource;

  std::string call() const { return (query.contains("watch") ? "WATCH" : method) + " " + path; }

  static Request read(const std::string& head) {
    Request request;
    const auto lines = split(head, '\n');
    const auto words = split(trim(lines.front()), ' ');
    request.method = words.at(0);
    const std::string& target = words.at(1);
    const auto mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) {
      for (const auto& part : split(target.substr(mark + 1), '&')) {
        const auto equals = part.find('=');
        request.query[part.substr(0, equals)] = equals == std::string::npos ? "" : decoded(part.substr(equals + 1));
      }
    }
    for (const auto& line : lines) {
      if (line.starts_with("Content-Type: ")) request.type = trim(line.substr(14));
    }
    request.find_key();
    return request;
  }

 private:
  // /api/v1/[namespaces/NS/]PLURAL[/NAME[/SUBRESOURCE]], /apis/GROUP/VERSION/...
  void find_key() {
    auto parts = split(path, '/');
    parts.erase(parts.begin());
    const std::size_t length = parts.at(0) == "apis" ? 3 : 2;
    if (parts.size() <= length) return;
    for (std::size_t i = 0; i < length; ++i) key.api += "/" + parts[i];
    parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(length));
    if (parts[0] == "namespaces" && parts.size() > 2) {
      key.ns = decoded(parts[1]);
      parts.erase(parts.begin(), parts.begin() + 2);
    }
    key.plural = parts[0];
    if (parts.size() > 1) key.name = decoded(parts[1]);
    if (parts.size() > 2) subresource = parts[2];
  }
};

FakeKubernetes::FakeKubernetes(Gate gate) : gate_(std::move(gate)) {}
FakeKubernetes::~FakeKubernetes() { stop(); }

void FakeKubernetes::serve(const Endpoint& endpoint) {
  {
    const std::lock_guard lock(mutex_);
    closing_ = false;
    if (store_.version() == 1) make_namespaces(store_);
    changed();
  }
  server_ = std::make_unique<sys::test::Server>([this](sys::test::Peer& peer, int) { serve_connection(peer); },
                                                endpoint.own, endpoint.client_authority, endpoint.port);
}

void FakeKubernetes::stop() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    news_.notify_all();
  }
  server_.reset();
}

void FakeKubernetes::set_kubelets(std::vector<FakeKubelet> kubelets) {
  const std::lock_guard lock(mutex_);
  if (kubelets == kubelets_) return;
  kubelets_ = std::move(kubelets);
  changed();
}

void FakeKubernetes::changed() {
  if (closing_) return;
  settle(store_, kubelets_);
  news_.notify_all();
}

void FakeKubernetes::serve_connection(sys::test::Peer& peer) {
  for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
    Request request = Request::read(head);
    const auto length = head.find("Content-Length: ");
    const std::size_t size = length == std::string::npos ? 0 : std::stoul(head.substr(length + 16));
    while (peer.rest.size() < size) {
      const std::string more = peer.read_some();
      if (more.empty()) return;
      peer.rest += more;
    }
    if (size > 0) request.body = parse_json(peer.rest.substr(0, size)).value_or(Json());
    peer.rest.erase(0, size);

    const Verdict verdict = gate_(request.call());
    if (verdict != Verdict::refuse && request.query.contains("watch")) {
      if (verdict == Verdict::pass) stream(peer, request);
      return;
    }
    const Answer answer =
        verdict == Verdict::refuse ? Answer{500, refusal(500, "etcdserver: no leader")} : act(request);
    if (verdict == Verdict::lose) return;
    peer.answer(to_text(answer.body), std::to_string(answer.status) + " X");
  }
}

FakeKubernetes::Answer FakeKubernetes::act(const Request& request) {
  const std::lock_guard lock(mutex_);
  const auto& key = request.key;
  if (closing_) return {503, refusal(503, "the server is going away")};
  if (key.plural.empty()) {
    if (request.path.starts_with("/api")) return {404, refusal(404, "the server knows no " + request.path)};
    return {200, "ok"};
  }
  if (request.method == "GET" && key.name.empty()) {
    JsonArray items;
    const auto selector = request.query.find("labelSelector");
    for (auto& [each, object] :
         store_.list(key.api, key.plural, key.ns, selector == request.query.end() ? "" : selector->second)) {
      items.push_back(std::move(object));
    }
    return {200,
            {{"kind", "List"},
             {"apiVersion", "v1"},
             {"metadata", {{"resourceVersion", std::to_string(store_.version())}}},
             {"items", std::move(items)}}};
  }
  return change(request);
}

FakeKubernetes::Answer FakeKubernetes::change(const Request& request) {
  ObjectKey key = request.key;
  const bool creates = request.method == "POST" && request.subresource.empty();
  if (creates) key.name = text_at(request.body, "metadata.name");
  const Json* there = store_.get(key);
  const bool applies = request.type.starts_with("application/apply-patch");
  const Json* space = key.ns.empty() ? nullptr : store_.get({"/api/v1", "namespaces", "", key.ns});
  if (!key.ns.empty() && space == nullptr) return {404, refusal(404, "namespaces \"" + key.ns + "\" not found")};
  if (creates && there != nullptr) return {409, refusal(409, key.plural + " \"" + key.name + "\" already exists")};
  if (there == nullptr && !creates && (!applies || !request.subresource.empty())) {
    return {404, refusal(404, key.plural + " \"" + key.name + "\" not found")};
  }
  if (request.method == "GET") return {200, *there};
  if (request.method == "DELETE" || request.subresource == "eviction") {
    const Json gone = *there;
    store_.erase(key);
    changed();
    return {200, gone};
  }
  const std::string wanted = text_at(request.body, "metadata.resourceVersion");
  if (there != nullptr && !wanted.empty() && wanted != text_at(*there, "metadata.resourceVersion")) {
    return {409, refusal(409, "the object has been modified; please apply your changes to the latest version")};
  }
  const Json before = there == nullptr ? Json(JsonObject()) : *there;
  Json after = request.method == "PATCH" ? merged(before, request.body, applies) : request.body;
  if (request.subresource == "status") {
    Json kept = before;
    kept.as_object()["status"] = find(after, "status") == nullptr ? Json() : *find(after, "status");
    after = std::move(kept);
  }
  store_.put(key, std::move(after));
  changed();
  return {creates || there == nullptr ? 201 : 200, *store_.get(key)};
}

void FakeKubernetes::stream(sys::test::Peer& peer, const Request& request) {
  const auto since = request.query.find("resourceVersion");
  long long seen = since == request.query.end() ? 0 : std::stoll(since->second);
  const auto selector = request.query.find("labelSelector");
  const auto& key = request.key;
  peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (;;) {
    std::string events;
    {
      std::unique_lock lock(mutex_);
      news_.wait(lock, [&] { return closing_ || store_.version() > seen; });
      if (closing_) return;
      for (const auto& change : store_.history()) {
        const bool ours = change.key.api == key.api && change.key.plural == key.plural &&
                          (key.ns.empty() || change.key.ns == key.ns) &&
                          (key.name.empty() || change.key.name == key.name);
        if (change.version <= seen || !ours) continue;
        if (selector != request.query.end() && !matches(change.object, selector->second)) continue;
        events += to_text({{"type", change.type}, {"object", change.object}}) + "\n";
      }
      seen = store_.version();
    }
    if (!events.empty()) peer.write(chunk(events));
  }
}

}  // namespace skiff::fakes
