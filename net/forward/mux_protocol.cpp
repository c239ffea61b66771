// SPDX-License-Identifier: Apache-2.0
#include "net/forward/mux_protocol.h"

namespace skiff::net {
namespace {

constexpr std::size_t header_size = 9;
constexpr std::size_t longest_payload = 1UL << 20;

void append_number(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFFU);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (const char byte : bytes.substr(at, 4)) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

}  // namespace

void append_frame(std::string& out, const Frame& frame) {
  out += static_cast<char>(frame.kind);
  append_number(out, frame.stream);
  append_number(out, static_cast<std::uint32_t>(frame.payload.size()));
  out += frame.payload;
}

void append_credit(std::string& out, std::uint32_t stream, std::size_t bytes) {
  std::string payload;
  append_number(payload, static_cast<std::uint32_t>(bytes));
  append_frame(out, {FrameKind::credit, stream, payload});
}

std::size_t read_credit(std::string_view payload) { return payload.size() == 4 ? number_at(payload, 0) : 0; }

void FrameReader::feed(std::string_view bytes) {
  buffer_.erase(0, read_);
  read_ = 0;
  buffer_ += bytes;
}

std::optional<Frame> FrameReader::next() {
  const std::string_view rest = std::string_view(buffer_).substr(read_);
  if (broken_ || rest.size() < header_size) return std::nullopt;
  const auto kind = static_cast<std::uint8_t>(rest[0]);
  const std::size_t size = number_at(rest, 5);
  broken_ = kind < 1 || kind > 6 || size > longest_payload;
  if (broken_ || rest.size() < header_size + size) return std::nullopt;
  read_ += header_size + size;
  return Frame{static_cast<FrameKind>(kind), number_at(rest, 1), rest.substr(header_size, size)};
}

}  // namespace skiff::net
