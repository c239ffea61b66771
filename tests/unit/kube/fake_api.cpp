// SPDX-License-Identifier: Apache-2.0
#include "fake_api.h"

#include <cstdio>

#include "base/strings.h"

namespace skiff::kube::test {
namespace {

Request parse(const std::string& head) {
  const auto lines = split(head, '\n');
  const auto words = split(trim(lines.front()), ' ');
  Request request{words.at(0), words.at(1), {}, {}};
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto colon = lines[i].find(": ");
    if (colon == std::string::npos) continue;
    request.headers[to_lower(lines[i].substr(0, colon))] = std::string(trim(lines[i].substr(colon + 2)));
  }
  return request;
}

std::string chunk(const std::string& bytes) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}

}  // namespace

void Answer::json(const Json& body, int status, const std::string& more_headers) {
  const std::string content = to_text(body);
  peer_.write("HTTP/1.1 " + std::to_string(status) + " X\r\n" + more_headers +
              "Content-Length: " + std::to_string(content.size()) + "\r\n\r\n" + content);
}
void Answer::text(const std::string& body, int status) { peer_.answer(body, std::to_string(status) + " X"); }

void Answer::start_stream() { peer_.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"); }
void Answer::event(const std::string& type, const Json& object) {
  piece(to_text(JsonObject{{"type", type}, {"object", object}}) + "\n");
}
void Answer::piece(const std::string& bytes) { peer_.write(chunk(bytes)); }
void Answer::end_stream() { peer_.write(chunk("")); }
void Answer::wait_for_client_to_leave() {
  while (!peer_.read_some().empty()) {
  }
  keep = false;
}
void Answer::break_off() { keep = false; }

FakeApi::FakeApi(Script script) : authorities_(make_authorities().value()), script_(std::move(script)) {
  const KeyPair own =
      issue(authorities_.cluster, {.common_name = "kube-apiserver", .names = {"127.0.0.1"}, .server = true}).value();
  server_ = std::make_unique<sys::test::Server>([this](sys::test::Peer& peer, int) { serve(peer); },
                                                sys::test::Identity{own.cert_pem, own.key_pem},
                                                authorities_.cluster.cert_pem);
}

Access FakeApi::access() const {
  const CertRequest admin{.common_name = "admin", .organizations = {"system:masters"}, .client = true};
  return {"lab", "https://127.0.0.1:" + std::to_string(server_->port()), authorities_.cluster.cert_pem,
          issue(authorities_.cluster, admin).value()};
}

std::vector<Request> FakeApi::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void FakeApi::serve(sys::test::Peer& peer) {
  for (std::string head = peer.read_head(); !head.empty(); head = peer.read_head()) {
    Request request = parse(head);
    const std::size_t size =
        request.headers.contains("content-length") ? std::stoul(request.headers["content-length"]) : 0;
    while (peer.rest.size() < size) peer.rest += peer.read_some();
    request.body = peer.rest.substr(0, size);
    peer.rest.erase(0, size);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    Answer answer(peer);
    script_(request, answer);
    if (!answer.keep) return;
  }
}

}  // namespace skiff::kube::test
