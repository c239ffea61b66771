// SPDX-License-Identifier: Apache-2.0
#include "net/port_owner.h"

#include <array>
#include <charconv>
#include <filesystem>

#include "base/strings.h"
#include "sys/files.h"

namespace skiff::net {
namespace {

namespace fs = std::filesystem;

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  while (!(line = trim(line)).empty()) {
    out.push_back(line.substr(0, line.find_first_of(" \t")));
    line.remove_prefix(out.back().size());
  }
  return out;
}

// The tables show addresses as the memory's 32-bit words in hexadecimal: on a little-endian machine reversed.
std::string as_in_table(const Address& address) {
  if (address.loopback6) return "00000000000000000000000001000000";
  const std::uint32_t v = __builtin_bswap32(address.v4.value);
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (int shift = 28; shift >= 0; shift -= 4) out += digits[v >> shift & 15];
  return out;
}

bool stands_in_the_way(std::string_view address, const ListenPoint& point) {
  const bool wildcard = address.find_first_not_of('0') == std::string_view::npos;
  const bool wants_all = !point.address.loopback6 && point.address.v4.value == 0;
  return wildcard || wants_all || address.ends_with(as_in_table(point.address));
}

// Processes and descriptors come and go while they are looked at, so that every step may fail.
bool has_socket(const fs::path& process, const std::string& socket) {
  std::error_code error;
  for (fs::directory_iterator fd(process / "fd", error), end; !error && fd != end; fd.increment(error)) {
    std::error_code closed;
    if (fs::read_symlink(fd->path(), closed) == socket) return true;
  }
  return false;
}

std::string program_with(const std::string& inode) {
  std::error_code error;
  for (fs::directory_iterator process("/proc", error), end; !error && process != end; process.increment(error)) {
    const std::string pid = process->path().filename();
    if (pid.find_first_not_of("0123456789") != std::string::npos) continue;
    if (!has_socket(process->path(), "socket:[" + inode + "]")) continue;
    const auto name = sys::read_file(process->path() / "comm");
    return std::string(name.ok() ? trim(*name) : "a program") + " (process " + pid + ")";
  }
  return {};
}

}  // namespace

std::vector<std::string> blocking_sockets(std::string_view table, const ListenPoint& point) {
  constexpr std::string_view listening = "0A";
  std::vector<std::string> inodes;
  for (const auto& line : split(table, '\n')) {
    // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode ...
    const auto fields = words(line);
    if (fields.size() < 10 || (point.protocol == Protocol::tcp && fields[3] != listening)) continue;
    const auto colon = fields[1].find(':');
    unsigned port = 0;
    const auto port_text = fields[1].substr(std::min(fields[1].size(), colon + 1));
    std::from_chars(port_text.data(), port_text.data() + port_text.size(), port, 16);
    if (colon == std::string_view::npos || port != point.port) continue;
    if (stands_in_the_way(fields[1].substr(0, colon), point)) inodes.emplace_back(fields[9]);
  }
  return inodes;
}

std::vector<std::string> blocking_sockets(const ListenPoint& point) {
  const std::string table = "/proc/net/" + std::string(to_string(point.protocol));
  std::vector<std::string> inodes;
  for (const auto* version : {"", "6"}) {
    if (point.address.loopback6 && *version == '\0') continue;
    const auto some = blocking_sockets(sys::read_file(table + version).value_or({}), point);
    inodes.insert(inodes.end(), some.begin(), some.end());
  }
  return inodes;
}

std::string port_owner(const ListenPoint& point) {
  for (const auto& inode : blocking_sockets(point)) {
    if (auto owner = program_with(inode); !owner.empty()) return owner;
  }
  return {};
}

}  // namespace skiff::net
