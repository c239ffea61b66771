// SPDX-License-Identifier: Apache-2.0
#include "net/agent/agent_protocol.h"

#include "net/error_id.h"

namespace skiff::net {
namespace {

constexpr const char* version_key = "version";

Error other_version(long long agents, long long commands, std::string_view agent) {
  const std::string numbers =
      " (protocol " + std::to_string(agents) + ", the command's is " + std::to_string(commands) + ")";
  const std::string end = "end the agent, " + std::string(agent) + ", with 'kill'; the next one takes up what it held";
  if (agents < commands) {
    return make_error(ErrorId::unsupported, "The profile's agent is of an older skiff than this command" + numbers,
                      "Renew the agent: " + end);
  }
  return make_error(ErrorId::unsupported, "The profile's agent is of a newer skiff than this command" + numbers,
                    "Use the newer skiff for this command; or " + end);
}

}  // namespace

std::string agent_request_line(const Json& request, Duration limit) {
  return to_text(JsonObject{{version_key, agent_protocol_version}, {"limit_ms", limit.count()}, {"request", request}}) +
         "\n";
}

std::string agent_end_line() { return to_text(JsonObject{{"end", true}}) + "\n"; }

std::string agent_answer_line(const Result<Json>& answer) {
  JsonObject line{{version_key, agent_protocol_version}};
  if (answer.ok()) {
    line["answer"] = *answer;
    return to_text(line) + "\n";
  }
  const Error& error = answer.error();
  line["error"] = JsonObject{{"id", std::string(info(error.id).name)},
                             {"what", error.what},
                             {"trail", JsonArray(error.trail.begin(), error.trail.end())},
                             {"advice", error.advice}};
  return to_text(line) + "\n";
}

Result<AgentCall> parse_agent_call(std::string_view line) {
  const auto json = parse_json(line);
  if (!json.ok() || !json->is_object()) return make_error(ErrorId::usage, "The agent was asked nothing");
  if (bool_at(*json, "end")) return AgentCall{.end = true};
  const long long version = int_at(*json, version_key, 1);
  if (version != agent_protocol_version) {
    return other_version(agent_protocol_version, version, "a process 'skiff __agent'");
  }
  const Json* request = find(*json, "request");
  if (request == nullptr) return make_error(ErrorId::usage, "The agent was asked nothing");
  return AgentCall{.limit = Duration(int_at(*json, "limit_ms")), .request = *request};
}

Result<Json> parse_agent_answer(std::string_view line, std::string_view agent) {
  const auto nonsense = [] { return make_error(ErrorId::internal, "The agent gave an answer that makes no sense"); };
  const auto reply = parse_json(line);
  if (!reply.ok() || !reply->is_object()) return nonsense();
  if (const long long version = int_at(*reply, version_key, 1); version != agent_protocol_version) {
    return other_version(version, agent_protocol_version, agent);
  }
  if (const Json* answer = find(*reply, "answer")) return *answer;
  const auto id = error_id(text_at(*reply, "error.id"));
  if (!id) return nonsense();
  Error error = make_error(*id, text_at(*reply, "error.what"), text_at(*reply, "error.advice"));
  for (const auto& cause : array_at(*reply, "error.trail")) error.trail.push_back(text_at(cause, ""));
  return error;
}

}  // namespace skiff::net
