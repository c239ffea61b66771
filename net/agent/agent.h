// SPDX-License-Identifier: Apache-2.0
// A background process of skiff: at most one per folder, started when first asked, asked over a unix socket, ended on
// request, by a signal or by itself. The folder (the profile's, 0700) holds
//   agent.sock   its control socket, 0600: one JSON request and one reply per connection
//   agent.pid    its process number and start time
//   agent.log    what it writes to standard output and error
//   agent.lock   held while one is started or stopped
// Whoever starts the agent makes the socket and passes it on, so that there is nothing to wait for: the request is
// already in the queue when the agent comes up.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/json.h"
#include "net/agent/process_identity.h"
#include "sys/unique_fd.h"

namespace skiff::net {

struct AgentProgram {
  std::vector<std::string> argv;           // {executable(), "__agent", "-p", profile}
  std::map<std::string, std::string> env;  // added to ours: it works in "/", so relative paths must be made absolute
};

// Asks the folder's agent, starting it first when there is none. Should it end before it has answered (a crash, or it
// was just ending), it is started anew and asked once more, so requests must bear being repeated. The descriptor, if
// any, goes with the request and stays the caller's. The error may be the agent's own answer.
Result<Json> ask_agent(const Context& ctx, const std::string& folder, const AgentProgram& program, const Json& request,
                       int descriptor = -1);

// The same without starting: nothing when no agent runs.
Result<std::optional<Json>> ask_running_agent(const Context& ctx, const std::string& folder, const Json& request,
                                              int descriptor = -1);

// Blocks until the agent has ended: by request, after a few seconds by SIGTERM, and then by SIGKILL. Removes what a
// killed one has left behind (not the log). None running = success.
Result<void> stop_agent(const Context& ctx, const std::string& folder);

std::optional<ProcessIdentity> running_agent(const std::string& folder);
std::string agent_log(const std::string& folder);

struct AgentRequest {
  Json body;
  sys::UniqueFd descriptor;
};
struct AgentReply {
  Result<Json> body;
  bool end = false;  // the agent is to end once the reply is sent
};
// One call at a time; the context has the asker's deadline and is stopped when the agent is told to end.
using AgentHandler = std::function<AgentReply(const Context&, AgentRequest)>;

// The agent's side. Make it first, so that it goes last: its destructor removes agent.pid, and from then on another
// agent may start.
class AgentServer {
 public:
  // `listening` is the agent's standard input. Usage when that is not a listening unix socket.
  static Result<AgentServer> start(sys::UniqueFd listening, const std::string& folder);
  AgentServer(AgentServer&&) noexcept = default;
  AgentServer& operator=(AgentServer&&) = delete;
  ~AgentServer();

  // Answers requests until the context ends, or a reply or stop_agent() says that this is the end. Then the socket is
  // removed: whoever asks from now on waits until this process has ended and starts another.
  void serve(const Context& ctx, const AgentHandler& handler);

 private:
  AgentServer(sys::UniqueFd listening, std::string folder)
      : listening_(std::move(listening)), folder_(std::move(folder)) {}
  bool answer(const Context& ctx, sys::UniqueFd client, const AgentHandler& handler);  // false: this was the last one

  sys::UniqueFd listening_;  // none in an object that was moved from
  std::string folder_;
};

}  // namespace skiff::net
