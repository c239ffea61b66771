// What goes over an agent's control socket: a line of JSON each way. Internal to net/.
//   {"limit_ms": 5000, "ask": ...}   or {"end": true}
//   {"answer": ...}                  or {"error": {"id": "PORT_IN_USE", "what": "...", "trail": [...], "advice":
//   "..."}}
#pragma once

#include <string>

#include "base/context.h"
#include "base/json.h"

namespace skiff::net {

inline constexpr std::size_t agent_longest_line = 8 << 20;

inline std::string agent_socket(const std::string& folder) { return folder + "/agent.sock"; }
inline std::string agent_pid_file(const std::string& folder) { return folder + "/agent.pid"; }

std::string agent_ask_line(const Json& request, Duration limit);
std::string agent_end_line();
std::string agent_answer_line(const Result<Json>& answer);
Result<Json> parse_agent_answer(std::string_view line);

}  // namespace skiff::net
