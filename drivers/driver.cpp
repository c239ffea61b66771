#include "drivers/driver.h"

namespace skiff::drivers {

std::string_view to_string(NodeState state) {
  switch (state) {
    case NodeState::running:
      return "running";
    case NodeState::stopped:
      return "stopped";
    case NodeState::paused:
      return "paused";
    case NodeState::broken:
      break;
  }
  return "broken";
}

Result<Captured> capture(const Context& ctx, Driver& driver, const NodeId& id, std::vector<std::string> argv,
                         std::string input) {
  Captured captured;
  ExecRequest request;
  request.argv = std::move(argv);
  if (!input.empty()) {
    request.in = [&input](const Context&) -> Result<std::string> { return std::exchange(input, {}); };
  }
  request.out = [&captured](std::string_view piece) { captured.out += piece; };
  request.err = [&captured](std::string_view piece) { captured.err += piece; };
  captured.exit_code = TRY(driver.exec(ctx, id, request));
  return captured;
}

}  // namespace skiff::drivers
