// SPDX-License-Identifier: Apache-2.0
// Many streams over one connection to a node's relay (see mux_protocol.h). Internal to net/; lives on the loop's
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "net/address.h"
#include "net/forward/event_loop.h"
#include "net/forward/mux_protocol.h"

namespace skiff::net {

class Mux final : public EventLoop::Watcher, public std::enable_shared_from_this<Mux> {
 public:
  // Whose a stream is. Calls come one at a time; each may end streams, its own too.
  class User {
   public:
    virtual void opened() {}
    virtual void received(std::string_view bytes) = 0;  // of UDP one datagram; TCP: say took() once it is passed on
    virtual void ended() {}                             // the target sends no more
    virtual void may_send() {}                          // after room() was too little
    virtual void broken(const Error& why) = 0;          // the stream is no more

   protected:
    ~User() = default;
  };

  // A user's hold on its stream; letting go of it resets the stream, unless both directions have ended.
  class Stream {
   public:
    Stream() = default;
    Stream(std::shared_ptr<Mux> mux, std::uint32_t id) : mux_(std::move(mux)), id_(id) {}
    Stream(Stream&&) noexcept = default;
    Stream& operator=(Stream&& other) noexcept {
      reset();
      mux_ = std::move(other.mux_);
      id_ = other.id_;
      return *this;
    }
    ~Stream() { reset(); }

    explicit operator bool() const { return mux_ != nullptr; }
    void hand_to(User& user) { mux_->streams_.at(id_).user = &user; }
    // How many bytes send() takes now.
    std::size_t room() { return mux_->room(id_); }
    void send(std::string_view bytes) { mux_->send(id_, bytes); }
    void end() { mux_->end(id_); }
    void took(std::size_t bytes) { mux_->took(id_, bytes); }
    void reset();

   private:
    std::shared_ptr<Mux> mux_;
    std::uint32_t id_ = 0;
  };

  // `lost` is called once, when the connection has failed and every stream was told that it is broken.
  Mux(EventLoop& loop, sys::UniqueFd connection, std::function<void()> lost);
  ~Mux();
  Mux(const Mux&) = delete;
  Mux& operator=(const Mux&) = delete;

  Result<void> start();
  // The user hears of opened() or broken() later. May be called before the relay runs.
  Stream open(Protocol protocol, std::string_view where, User& user);
  std::size_t streams() const { return streams_.size(); }
  void fail(const Error& why);  // breaks all of them

 private:
  struct Open {
    User* user;
    bool udp;
    std::size_t credit = stream_window;  // that the relay still takes
    std::size_t taken = 0;               // that we have passed on and not told of
    bool sent_end = false;
    bool got_end = false;
  };

  void ready(int fd, unsigned events) override;
  void read();
  void take(const Frame& frame);
  void flush();
  std::size_t room(std::uint32_t id);
  void send(std::uint32_t id, std::string_view bytes);
  void end(std::uint32_t id);
  void took(std::uint32_t id, std::size_t bytes);
  void drop(std::uint32_t id);

  EventLoop& loop_;
  sys::UniqueFd connection_;
  std::function<void()> lost_;
  FrameReader frames_;
  std::string out_;
  std::size_t written_ = 0;  // of out_
  std::uint32_t last_id_ = 0;
  std::map<std::uint32_t, Open> streams_;
  std::set<std::uint32_t> waiting_;  // for room in out_
};

}  // namespace skiff::net
