// SPDX-License-Identifier: Apache-2.0
#include "cluster/nodes/question.h"

#include <array>

namespace skiff::cluster {

Result<std::string> ask_from_node(const Context& ctx, drivers::Driver& driver, const drivers::NodeId& node,
                                  std::string_view host, std::uint16_t port, std::string_view question,
                                  const std::function<bool(std::string_view answer)>& enough) {
  const auto stream = TRY(driver.open(ctx, node, host, port));
  TRY(stream->write(ctx, question));
  std::string answer;
  std::array<char, 512> buffer;
  while (!enough(answer)) {
    const auto size = TRY(stream->read(ctx, buffer));
    if (size == 0) break;
    answer.append(buffer.data(), size);
  }
  return answer;
}

}  // namespace skiff::cluster
