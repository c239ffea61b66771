// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/programs.h"

#include <unistd.h>

#include <csignal>
#include <iostream>

#include "net/agent/agent.h"
#include "net/helper/privileged_helper.h"
#include "sys/env.h"
#include "sys/signals.h"

namespace skiff::net::test {
namespace {

AgentReply answer(const Context& ctx, const AgentRequest& request) {
  const std::string verb = text_at(request.body, "verb");
  if (verb == "echo") return {request.body, false};
  if (verb == "pid") return {Json(::getpid()), false};
  if (verb == "folder") return {Json(std::string(::getcwd(nullptr, 0))), false};
  if (verb == "env") return {Json(sys::env(text_at(request.body, "name")).value_or("")), false};
  if (verb == "write") {  // to the descriptor that came along
    const ssize_t size = ::write(request.descriptor.get(), "hello", 5);
    return {Json(size), false};
  }
  if (verb == "hang") {
    auto paused = ctx.pause(std::chrono::hours(1));
    return {std::move(paused).error(), false};
  }
  if (verb == "crash once") {
    if (::unlink(text_at(request.body, "mark").c_str()) == 0) ::raise(SIGKILL);
    return {Json("survived"), false};
  }
  if (verb == "crash") ::raise(SIGKILL);
  if (verb == "end") return {Json("bye"), true};
  Error error = make_error(ErrorId::port_in_use, "taken", "choose another");
  error.trail = {"first cause", "second cause"};
  return {error, false};
}

}  // namespace

int run_agent(const std::vector<std::string>& argv) {
  const sys::Signals signals;
  NoEvents events;
  const Context ctx{signals.token(), Deadline::never(), &events};
  auto server = AgentServer::start(sys::UniqueFd(STDIN_FILENO), argv.at(2));
  if (!server.ok()) return 1;
  std::cout << "agent started" << std::endl;
  server->serve(ctx, [](const Context& asked, const AgentRequest& request) { return answer(asked, request); });
  std::cout << "agent ended" << std::endl;
  return 0;
}

int run_helper(const std::vector<std::string>& argv) {
  const sys::Signals signals;
  if (argv.size() == 3) {
    const auto detached = detach_privileged_helper({sys::executable(), "__helper", argv[2], "--detached"});
    if (!detached.ok()) std::cerr << detached.error().what << std::endl;
    return detached.ok() ? 0 : 1;
  }
  NoEvents events;
  const Context ctx{signals.token(), Deadline::never(), &events};
  return serve_privileged_requests(ctx, sys::UniqueFd(STDIN_FILENO), argv.at(2)).ok() ? 0 : 1;
}

}  // namespace skiff::net::test
