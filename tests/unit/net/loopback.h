// SPDX-License-Identifier: Apache-2.0
// Plain blocking sockets on this host, for tests: every wait ends after some seconds with a failed expectation.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "net/forward/forwarder.h"
#include "sys/unique_fd.h"

namespace skiff::net::test {

inline constexpr Ipv4 localhost{0x7F000001};

inline NoEvents no_events;
inline Context context(Duration limit = std::chrono::seconds(10)) { return {{}, Deadline::in(limit), &no_events}; }

struct Listener {
  sys::UniqueFd fd;
  std::uint16_t port = 0;
  Endpoint endpoint() const { return {localhost, port}; }
};
Listener listen_on(Protocol protocol = Protocol::tcp, int queue = 4096, std::uint16_t port = 0);
std::uint16_t unused_port();  // nobody listens there

sys::UniqueFd connect_to(std::uint16_t port, Protocol protocol = Protocol::tcp);
sys::UniqueFd accept_from(const Listener& listener);

void send_all(const sys::UniqueFd& fd, std::string_view bytes);
std::string receive(const sys::UniqueFd& fd,
                    std::size_t size);  // exactly so many bytes, fewer at the end of the stream
std::string receive_rest(const sys::UniqueFd& fd);
int error_of_next_read(const sys::UniqueFd& fd);  // errno; 0 = end of stream, -1 = data
std::string receive_datagram(const sys::UniqueFd& fd);
void answer_one(const Listener& server, std::string_view prefix);  // one datagram, with "<prefix><it>"
void end_writing(const sys::UniqueFd& fd);
void reset(sys::UniqueFd fd);  // closes with RST

// Repeats until true; false after a minute.
bool eventually(const std::function<bool()>& condition);

// Routes that a test sets, and may change at any time.
class Routes final : public RouteSource {
 public:
  explicit Routes(std::vector<Target> targets) : targets_(std::move(targets)) {}
  Result<Route> resolve(const Incoming& connection) override;
  void set(Result<std::vector<Target>> targets);
  void set_settling(bool settling);
  Incoming last_asked() const;

 private:
  mutable std::mutex mutex_;
  Result<std::vector<Target>> targets_;
  Incoming asked_;
  bool settling_ = false;
};
inline std::shared_ptr<Routes> routes_to(std::vector<Target> targets) {
  return std::make_shared<Routes>(std::move(targets));
}

// A forwarder with one port on 127.0.0.1.
struct Forwarded {
  std::unique_ptr<Forwarder> forwarder;
  ListenPoint at;
  ForwardStatus status() const { return forwarder->status(at).value_or(ForwardStatus{}); }
};
Forwarded forward(std::shared_ptr<RouteSource> routes, Protocol protocol = Protocol::tcp,
                  const ForwarderOptions& options = {});

// A folder that goes with the test.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string path(std::string_view name = {}) const { return name.empty() ? path_ : path_ + "/" + std::string(name); }

 private:
  std::string path_;
};
void write_file(const std::string& path, std::string_view text, int mode = 0644);
std::string read_file(const std::string& path);

}  // namespace skiff::net::test
