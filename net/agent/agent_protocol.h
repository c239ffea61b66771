// SPDX-License-Identifier: Apache-2.0
// What goes over an agent's control socket: a line of JSON each way. Internal to net/.
//   {"version": 2, "limit_ms": 5000, "request": ...}   or, the same in every version, {"end": true}
//   {"version": 2, "answer": ...}   or   {"version": 2, "error": {"id": "PORT_IN_USE", "what": ..., ...}}
// An agent outlives the command that started it, and the skiff that this was: whoever meets another version says so,
// and which side is to be renewed. Version 1 had no number, and "ask" in the place of "request".
#pragma once

#include <string>

#include "base/context.h"
#include "base/json.h"

namespace skiff::net {

inline constexpr std::size_t agent_longest_line = 8 << 20;

inline std::string agent_socket(const std::string& folder) { return folder + "/agent.sock"; }
inline std::string agent_pid_file(const std::string& folder) { return folder + "/agent.pid"; }

inline constexpr int agent_protocol_version = 2;  // another one whenever requests or answers change their meaning

std::string agent_request_line(const Json& request, Duration limit);
std::string agent_end_line();
std::string agent_answer_line(const Result<Json>& answer);

struct AgentCall {
  bool end = false;
  Duration limit{};
  Json request = nullptr;
};
// usage for what is no request; unsupported for one of another version.
Result<AgentCall> parse_agent_call(std::string_view line);
// The answer, or its error. unsupported for one of another version, with advice that names the agent, "process 1234".
Result<Json> parse_agent_answer(std::string_view line, std::string_view agent);

}  // namespace skiff::net
