// SPDX-License-Identifier: Apache-2.0
#include "drivers/libvirt/exec.h"

#include <array>
#include <cstdlib>

#include "base/json.h"
#include "drivers/common/attend.h"

namespace skiff::drivers::libvirt {

namespace {

Result<int> drain(const Context& ctx, Conversation& conversation, const ExecRequest& request) {
  for (;;) {
    const auto frame = TRY(conversation.receive(ctx));
    if (!frame) return make_error(ErrorId::network, "The machine broke the command's connection off");
    if (frame->kind == 'x') return std::atoi(frame->content.c_str());
    const auto& sink = frame->kind == 'r' ? request.err : request.out;
    if (sink) sink(frame->content);
  }
}

Result<void> resize(const Context& ctx, Conversation& conversation, const TerminalSize& size) {
  const std::array<char, 4> content{static_cast<char>(size.rows >> 8), static_cast<char>(size.rows),
                                    static_cast<char>(size.columns >> 8), static_cast<char>(size.columns)};
  return conversation.send(ctx, 'w', {content.data(), content.size()});
}

}  // namespace

Json exec_request(const ExecRequest& request) {
  JsonObject asked{{"exec", JsonArray(request.argv.begin(), request.argv.end())}};
  JsonObject env;
  for (const auto& [key, value] : request.env) env[key] = value;
  asked["env"] = std::move(env);
  if (request.tty_fd >= 0) {
    const TerminalSize size = size_of_terminal(request.tty_fd);
    asked["terminal"] = JsonObject{{"rows", size.rows}, {"columns", size.columns}};
  }
  return asked;
}

Result<int> attend(const Context& ctx, Conversation& conversation, const ExecRequest& request) {
  int code = 255;
  const CommandInput input{
      .write = [&](const Context& each, std::string_view bytes) { return conversation.send(each, 'i', bytes); },
      .close = [&](const Context& each) { return conversation.send(each, 'e', {}); },
      .resize = [&](const Context& each, const TerminalSize& size) { return resize(each, conversation, size); },
      .known = size_of_terminal(request.tty_fd)};
  TRY(drivers::attend(ctx, request, input, [&](const Context& each) -> Result<void> {
    code = TRY(drain(each, conversation, request));
    return {};
  }));
  return code;
}

}  // namespace skiff::drivers::libvirt
