#include "net/agent_protocol.h"

#include "net/error_text.h"

namespace skiff::net {

std::string agent_ask_line(const Json& request, Duration limit) {
  return to_text(JsonObject{{"limit_ms", limit.count()}, {"ask", request}}) + "\n";
}

std::string agent_end_line() { return to_text(JsonObject{{"end", true}}) + "\n"; }

std::string agent_answer_line(const Result<Json>& answer) {
  if (answer.ok()) return to_text(JsonObject{{"answer", *answer}}) + "\n";
  const Error& error = answer.error();
  JsonArray trail;
  for (const auto& cause : error.trail) trail.emplace_back(cause);
  return to_text(JsonObject{{"error", JsonObject{{"id", std::string(info(error.id).name)},
                                                 {"what", error.what},
                                                 {"trail", trail},
                                                 {"advice", error.advice}}}}) +
         "\n";
}

Result<Json> parse_agent_answer(std::string_view line) {
  const Json reply = TRY(parse_json(line));
  if (const Json* answer = find(reply, "answer")) return *answer;
  const auto id = error_id(text_at(reply, "error.id"));
  if (!id) return make_error(ErrorId::internal, "The agent gave an answer that makes no sense");
  Error error = make_error(*id, text_at(reply, "error.what"), text_at(reply, "error.advice"));
  for (const auto& cause : array_at(reply, "error.trail")) error.trail.push_back(text_at(cause, ""));
  return error;
}

}  // namespace skiff::net
