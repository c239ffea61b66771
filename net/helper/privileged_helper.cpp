// SPDX-License-Identifier: Apache-2.0
#include "net/helper/privileged_helper.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <set>

#include "net/helper/trusted_path.h"
#include "net/listen.h"
#include "net/os_error.h"
#include "net/spawn.h"

namespace skiff::net {
namespace {

bool is_unix_socket(int fd) {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

class Server {
 public:
  Server(LineSocket& socket, const std::string& hosts_file) : socket_(socket), hosts_file_(hosts_file) {}

  Result<void> serve(const Context& ctx) {
    TRY(socket_.send(ctx, std::string(helper_ready) + "\n"));
    for (;;) {
      const auto line = TRY(socket_.receive(ctx));
      if (!line) return {};
      const auto request = parser_.line(line->text);
      if (!request.ok()) {
        TRY(socket_.send(ctx, to_reply(request.error())));
        return request.error();
      }
      const std::optional<HelperRequest>& complete = *request;
      if (complete) TRY(std::visit([&](const auto& each) { return answer(ctx, each); }, *complete));
    }
  }

  // On a context of its own: the cleaning must be done also when the work was interrupted.
  void clean_up() {
    NoEvents events;
    const Context ctx{{}, Deadline::in(std::chrono::seconds(10)), &events};
    for (const auto& block : blocks_) {
      // Nobody is there any more to be told of a failure; the profile's next command cleans up as well.
      [[maybe_unused]] const auto cleared = clear_hosts_file(ctx, hosts_file_, block);
    }
  }

 private:
  Result<void> answer(const Context& ctx, const BindRequest& request) {
    const auto bound = bind_socket(request.point);
    return bound.ok() ? socket_.send(ctx, to_reply({}), bound->get()) : socket_.send(ctx, to_reply(bound.error()));
  }

  Result<void> answer(const Context& ctx, const HostsRequest& request) {
    blocks_.insert(request.block);
    const auto edited = update_hosts_file(ctx, hosts_file_, request.block, request.entries);
    if (edited.ok() && request.entries.empty()) blocks_.erase(request.block);
    return socket_.send(ctx, edited.ok() ? to_reply({}) : to_reply(edited.error()));
  }

  LineSocket& socket_;
  const std::string& hosts_file_;
  HelperRequestParser parser_;
  std::set<std::string> blocks_;  // that are ours to remove
};

}  // namespace

Result<void> check_system_hosts_file() {
  const std::string file = system_hosts_file;
  if (const auto part = part_that_others_may_change(file)) {
    return make_error(ErrorId::permission, "The privileged helper leaves " + file + " alone: " + *part +
                                               " is missing, or others than root may change it");
  }
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0 && S_ISREG(status.st_mode)) return {};
  return make_error(ErrorId::permission, "The privileged helper leaves " + file + " alone: it is no regular file");
}

Result<void> detach_privileged_helper(const std::vector<std::string>& detached) {
  if (!is_unix_socket(STDIN_FILENO)) {
    return make_error(ErrorId::usage, "The privileged helper is started by skiff itself, with a socket as its input",
                      "Run the command that needs it, 'skiff tunnel' for instance");
  }
  return spawn_detached({.argv = detached, .env = {}, .in = STDIN_FILENO});
}

Result<void> serve_privileged_requests(const Context& ctx, sys::UniqueFd socket, const std::string& hosts_file) {
  LineSocket lines(std::move(socket), helper_longest_line);
  Server server(lines, hosts_file);
  auto served = server.serve(ctx);
  server.clean_up();
  return served;
}

}  // namespace skiff::net
