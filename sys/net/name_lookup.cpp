// SPDX-License-Identifier: Apache-2.0
#include "sys/net/name_lookup.h"

#include <array>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

namespace skiff::sys {
namespace {

// Shared with the thread, whoever of both is the last to need it.
struct Question {
  std::string host;
  std::string port;
  addrinfo hints{};
  GetAddrInfo resolver;

  std::mutex mutex;  // guards what follows
  std::condition_variable_any answered;
  bool done = false;
  int code = 0;
  Addresses found;
};

Result<Addresses> outcome(const std::string& host, int code, Addresses found) {
  if (code == 0) return found;
  return make_error(ErrorId::network, "Cannot find the address of " + host + ": " + gai_strerror(code));
}

void answer(Question& question) {
  addrinfo* list = nullptr;
  const int code = question.resolver(question.host.c_str(), question.port.c_str(), &question.hints, &list);
  const std::lock_guard lock(question.mutex);
  question.code = code;
  if (code == 0) question.found = Addresses(list, ::freeaddrinfo);
  question.done = true;
  question.answered.notify_all();
}

}  // namespace

Result<Addresses> look_up(const Context& ctx, const std::string& host, std::uint16_t port,
                          const GetAddrInfo& resolver) {
  TRY(ctx.check());
  auto question = std::make_shared<Question>();
  question->host = host;
  question->port = std::to_string(port);
  question->hints.ai_socktype = SOCK_STREAM;
  question->resolver = resolver;

  addrinfo numeric = question->hints;
  numeric.ai_flags = AI_NUMERICHOST;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), question->port.c_str(), &numeric, &list) == 0) {
    return Addresses(list, ::freeaddrinfo);
  }
  try {
    std::thread([question] { answer(*question); }).detach();
  } catch (const std::system_error& error) {
    return make_error(ErrorId::host_error, std::string("Cannot start a thread: ") + error.what());
  }
  std::unique_lock lock(question->mutex);
  const auto until = std::chrono::steady_clock::now() + ctx.deadline.left();
  if (question->answered.wait_until(lock, ctx.stop, until, [&] { return question->done; })) {
    return outcome(host, question->code, question->found);
  }
  TRY(with_trail(ctx.check(), "while the name server was asked for " + host));
  return make_error(ErrorId::timeout, "No name server tells the address of " + host);
}

Result<std::string> ipv4_of(const Context& ctx, const std::string& host) {
  const Addresses found = TRY(look_up(ctx, host, 0));
  for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
    if (each->ai_family == AF_INET) return address_text(each->ai_addr, each->ai_addrlen);
  }
  return std::string();
}

std::string address_text(const sockaddr* address, socklen_t size) {
  std::array<char, NI_MAXHOST> text{};
  const bool is_address = address->sa_family == AF_INET || address->sa_family == AF_INET6;
  if (!is_address || ::getnameinfo(address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) != 0) return {};
  return text.data();
}

}  // namespace skiff::sys
