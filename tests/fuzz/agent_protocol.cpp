// SPDX-License-Identifier: Apache-2.0
#include "net/agent/agent_protocol.h"

#include "targets.h"

namespace skiff::fuzz {

void agent_protocol(std::string_view input) {
  using namespace skiff::net;
  const auto json = parse_json(input);
  if (json.ok() && !parse_json(to_text(*json)).ok()) return;  // 1e400 is read as infinity, for which JSON has no word
  if (const auto call = parse_agent_call(input); call.ok()) {
    const auto line = call->end ? agent_end_line() : agent_request_line(call->request, call->limit);
    must_hold(line.ends_with('\n') && line.find('\n') == line.size() - 1, "a call is one line");
    const auto again = parse_agent_call(line);
    must_hold(again.ok() && again->end == call->end, "what was admitted is admitted again");
    must_hold(call->end || (again->request == call->request && again->limit == call->limit), "a call survives the way");
  }
  const auto answer = parse_agent_answer(input, "process 7");
  if (!answer.ok() && (answer.error().id == ErrorId::unsupported || answer.error().id == ErrorId::internal)) return;
  const auto again = parse_agent_answer(agent_answer_line(answer), "process 7");
  must_hold(again.ok() == answer.ok(), "an answer stays one");
  if (answer.ok()) return must_hold(*again == *answer, "an answer survives the way");
  must_hold(again.error().id == answer.error().id && again.error().what == answer.error().what &&
                again.error().trail == answer.error().trail && again.error().advice == answer.error().advice,
            "an error survives the way");
}

}  // namespace skiff::fuzz
