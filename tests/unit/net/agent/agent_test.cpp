// SPDX-License-Identifier: Apache-2.0
#include "net/agent/agent.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "net/agent/agent_protocol.h"
#include "sys/env.h"
#include "tests/unit/net/loopback.h"

namespace skiff::net::test {
namespace {

// An agent in a folder of its own, ended with the test.
class AgentTest : public testing::Test {
 protected:
  ~AgentTest() override { EXPECT_TRUE(stop_agent(context(), folder()).ok()); }

  std::string folder() const { return temp_.path("profile"); }
  AgentProgram program() const {
    return {.argv = {sys::executable(), "__agent", folder()}, .env = {{"SKIFF_TEST_GREETING", "hello"}}};
  }
  Result<Json> ask(const Json& request, int descriptor = -1) {
    return ask_agent(context(), folder(), program(), request, descriptor);
  }
  Result<Json> ask(const char* verb) { return ask(JsonObject{{"verb", verb}}); }
  int pid() { return static_cast<int>(ask("pid").value().to_number<int>()); }
  bool is_clean() const {
    return !std::filesystem::exists(folder() + "/agent.sock") && !std::filesystem::exists(folder() + "/agent.pid");
  }

  TempFolder temp_;
};

TEST_F(AgentTest, StartsWhenAskedAndAnswersFromTheBackground) {
  EXPECT_FALSE(ask_running_agent(context(), folder(), JsonObject{{"verb", "pid"}}).value());
  EXPECT_FALSE(running_agent(folder()));

  const int first = pid();
  EXPECT_NE(first, ::getpid());
  EXPECT_NE(::getsid(first), ::getsid(0));
  EXPECT_EQ(pid(), first);
  ASSERT_TRUE(running_agent(folder()));
  EXPECT_EQ(running_agent(folder())->pid, first);
  EXPECT_EQ(ask("folder").value(), "/");
  EXPECT_EQ(ask(JsonObject{{"verb", "env"}, {"name", "SKIFF_TEST_GREETING"}}).value(), "hello");
  const JsonObject request{{"verb", "echo"}, {"text", "two\nlines \"quoted\""}, {"list", {1, 2}}};
  EXPECT_EQ(ask(request).value(), Json(request));
  EXPECT_EQ(ask_running_agent(context(), folder(), request).value(), Json(request));
}

TEST_F(AgentTest, KeepsItsFilesFromOtherUsers) {
  ASSERT_TRUE(ask("pid").ok());
  for (const char* name : {"agent.sock", "agent.pid", "agent.log"}) {
    struct stat status{};
    ASSERT_EQ(::stat((folder() + "/" + name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << name;
  }
  struct stat status{};
  ASSERT_EQ(::stat(folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST_F(AgentTest, PassesErrorsWhole) {
  const auto answer = ask("fail");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().id, ErrorId::port_in_use);
  EXPECT_EQ(answer.error().what, "taken");
  EXPECT_EQ(answer.error().advice, "choose another");
  EXPECT_EQ(answer.error().trail, (std::vector<std::string>{"first cause", "second cause"}));
}

TEST_F(AgentTest, TakesADescriptorAlong) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  const sys::UniqueFd out(ends[0]);
  const sys::UniqueFd in(ends[1]);
  ASSERT_TRUE(ask(JsonObject{{"verb", "write"}}, in.get()).ok());
  std::string text(5, '\0');
  EXPECT_EQ(::read(out.get(), text.data(), text.size()), 5);
  EXPECT_EQ(text, "hello");
}

TEST_F(AgentTest, AnswersALongRequest) {
  const JsonObject request{{"verb", "echo"}, {"text", std::string(3 << 20, 'x')}};
  EXPECT_TRUE(ask(request).value() == Json(request));
}

TEST_F(AgentTest, IsStartedOnceByManyAtATime) {
  constexpr int count = 8;
  std::array<int, count> pids{};
  {
    std::vector<std::jthread> threads;
    for (auto& pid_seen : pids) threads.emplace_back([&] { pid_seen = pid(); });
  }
  for (const int each : pids) EXPECT_EQ(each, pids[0]);
}

TEST_F(AgentTest, IsStartedAnewAfterItWasKilled) {
  const int first = pid();
  const auto identity = running_agent(folder());
  ASSERT_TRUE(identity);
  ::kill(first, SIGKILL);
  ASSERT_TRUE(wait_for_end(context(), *identity).ok());
  EXPECT_TRUE(std::filesystem::exists(folder() + "/agent.sock")) << "nothing stale to be found";
  EXPECT_FALSE(running_agent(folder()));
  EXPECT_FALSE(ask_running_agent(context(), folder(), JsonObject{{"verb", "pid"}}).value());
  EXPECT_NE(pid(), first);
}

TEST_F(AgentTest, IsAskedOnceMoreWhenItCrashesOverARequest) {
  const std::string mark = temp_.path("mark");
  write_file(mark, "");
  ASSERT_TRUE(ask("pid").ok());
  const auto answer = ask(JsonObject{{"verb", "crash once"}, {"mark", mark}});
  ASSERT_TRUE(answer.ok()) << answer.error().what;
  EXPECT_EQ(*answer, "survived");
  const auto crashed = ask("crash");
  ASSERT_FALSE(crashed.ok());
  EXPECT_EQ(crashed.error().id, ErrorId::host_error);
}

TEST_F(AgentTest, EndsWhenItsHandlerSaysSo) {
  ASSERT_TRUE(ask("pid").ok());
  const auto identity = running_agent(folder());
  EXPECT_EQ(ask("end").value(), "bye");
  ASSERT_TRUE(wait_for_end(context(), *identity).ok());
  EXPECT_TRUE(is_clean());
  EXPECT_NE(read_file(agent_log(folder())).find("agent ended"), std::string::npos);
}

TEST_F(AgentTest, EndsBySignal) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const int process = pid();
    const auto identity = running_agent(folder());
    ::kill(process, signal);
    ASSERT_TRUE(wait_for_end(context(), *identity).ok());
    EXPECT_TRUE(is_clean()) << signal;
  }
}

TEST_F(AgentTest, StopEndsItAndCleansUp) {
  const int first = pid();
  const auto identity = running_agent(folder());
  ASSERT_TRUE(stop_agent(context(), folder()).ok());
  EXPECT_FALSE(is_alive(*identity));
  EXPECT_TRUE(is_clean());
  ASSERT_TRUE(stop_agent(context(), folder()).ok());
  EXPECT_TRUE(stop_agent(context(), temp_.path("no-such-profile")).ok());
  EXPECT_NE(pid(), first);
}

TEST_F(AgentTest, StopCleansUpAfterACrash) {
  const int process = pid();
  const auto identity = running_agent(folder());
  ::kill(process, SIGKILL);
  ASSERT_TRUE(wait_for_end(context(), *identity).ok());
  ASSERT_TRUE(stop_agent(context(), folder()).ok());
  EXPECT_TRUE(is_clean());
}

TEST_F(AgentTest, ARequestEndsAtItsAskersDeadline) {
  ASSERT_TRUE(ask("pid").ok());
  const auto answer =
      ask_agent(context(std::chrono::milliseconds(200)), folder(), program(), JsonObject{{"verb", "hang"}});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().id, ErrorId::timeout);
  EXPECT_TRUE(ask("pid").ok()) << "the agent still hangs";
}

TEST_F(AgentTest, IsNotTakenForALaterProcessWithItsNumber) {
  std::filesystem::create_directories(folder());
  const auto self = own_identity();
  write_file(folder() + "/agent.pid", to_text({self.pid, self.start + 1}), 0600);
  EXPECT_FALSE(running_agent(folder()));
  EXPECT_NE(pid(), self.pid);
  EXPECT_EQ(running_agent(folder())->pid, pid());
}

TEST_F(AgentTest, IsNotStartedBesideOneThatDoesNotAnswer) {
  std::filesystem::create_directories(folder());
  write_file(folder() + "/agent.pid", to_text(own_identity()), 0600);
  const auto answer =
      ask_agent(context(std::chrono::milliseconds(100)), folder(), program(), JsonObject{{"verb", "pid"}});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().id, ErrorId::timeout);
  EXPECT_EQ(advice_of(answer.error()),
            "End it with 'kill " + std::to_string(::getpid()) + "', then run the command again");
  write_file(folder() + "/agent.pid", "", 0600);
}

TEST_F(AgentTest, WorksInAFolderWithALongName) {
  const std::string deep = temp_.path(std::string(150, 'd'));
  AgentProgram deep_program = program();
  deep_program.argv.back() = deep;
  EXPECT_TRUE(ask_agent(context(), deep, deep_program, JsonObject{{"verb", "pid"}}).ok());
  EXPECT_TRUE(stop_agent(context(), deep).ok());
}

TEST_F(AgentTest, SaysWhenTheProgramCannotRun) {
  const auto missing = ask_agent(context(), folder(), {.argv = {"/no/such/program"}, .env = {}}, Json());
  ASSERT_FALSE(missing.ok());
  EXPECT_NE(missing.error().what.find("/no/such/program"), std::string::npos);
  const auto ends_at_once = ask_agent(context(), folder(), {.argv = {"true"}, .env = {}}, Json());
  ASSERT_FALSE(ends_at_once.ok());
  EXPECT_NE(ends_at_once.error().advice.find("agent.log"), std::string::npos);
}

TEST(AgentServer, WantsAListeningSocket) {
  const TempFolder folder;
  EXPECT_EQ(AgentServer::start(sys::UniqueFd(::socket(AF_UNIX, SOCK_STREAM, 0)), folder.path()).error().id,
            ErrorId::usage);
  EXPECT_EQ(AgentServer::start(sys::UniqueFd(), folder.path()).error().id, ErrorId::usage);
}

TEST(AgentProtocol, CallsAndAnswersSurviveTheWay) {
  const JsonObject request{{"verb", "list"}};
  const auto call = parse_agent_call(agent_request_line(request, std::chrono::seconds(5)));
  ASSERT_TRUE(call.ok()) << call.error().what;
  EXPECT_EQ(call->request, Json(request));
  EXPECT_EQ(call->limit, std::chrono::seconds(5));
  EXPECT_TRUE(parse_agent_call(agent_end_line())->end);
  EXPECT_EQ(parse_agent_answer(agent_answer_line(Json(request)), "process 7").value(), Json(request));
  const auto failed = parse_agent_answer(agent_answer_line(make_error(ErrorId::port_in_use, "taken")), "process 7");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().id, ErrorId::port_in_use);
}

TEST(AgentProtocol, SaysWhichSideIsToBeRenewed) {
  const auto old_agent = parse_agent_answer(R"({"answer": []})", "process 7");
  ASSERT_FALSE(old_agent.ok());
  EXPECT_EQ(old_agent.error().id, ErrorId::unsupported);
  EXPECT_NE(old_agent.error().what.find("older skiff"), std::string::npos) << old_agent.error().what;
  EXPECT_NE(old_agent.error().advice.find("process 7"), std::string::npos) << old_agent.error().advice;
  const auto new_agent = parse_agent_answer(R"({"version": 99, "answer": []})", "process 7");
  ASSERT_FALSE(new_agent.ok());
  EXPECT_NE(new_agent.error().what.find("newer skiff"), std::string::npos) << new_agent.error().what;

  const auto old_command = parse_agent_call(R"({"limit_ms": 5000, "ask": {"verb": "list"}})");
  ASSERT_FALSE(old_command.ok());
  EXPECT_EQ(old_command.error().id, ErrorId::unsupported);
  EXPECT_NE(old_command.error().what.find("newer skiff"), std::string::npos) << old_command.error().what;
  EXPECT_TRUE(parse_agent_call(R"({"version": 99, "end": true})").ok()) << "any version may end an agent";
}

TEST(AgentProtocol, OtherTextIsAnError) {
  for (const char* line : {"", "{", "[]", "7", "null", R"({"version": 2})", R"({"version": 2, "error": 7})",
                           R"({"version": 2, "error": {"id": 7}})", R"({"version": "2", "request": 1})"}) {
    EXPECT_FALSE(parse_agent_call(line).ok()) << line;
    EXPECT_FALSE(parse_agent_answer(line, "process 7").ok()) << line;
  }
}

}  // namespace
}  // namespace skiff::net::test
