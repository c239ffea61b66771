// SPDX-License-Identifier: Apache-2.0
// Content hashes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace skiff::sys {

std::string sha256_hex(std::string_view bytes);

// The same of what comes in pieces.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  std::string hex();  // of all of it; called once, at the end

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

std::string random_hex(std::size_t bytes);  // from the operating system's generator

}  // namespace skiff::sys
