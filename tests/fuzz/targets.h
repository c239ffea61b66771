// SPDX-License-Identifier: Apache-2.0
// The fuzz targets: each takes any text, and aborts when something that must hold does not.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace skiff::fuzz {

void agent_protocol(std::string_view input);
void cpio(std::string_view input);
void docker_multiplex(std::string_view input);
void helper_protocol(std::string_view input);
void http_answer(std::string_view input);
void hosts_text(std::string_view input);
void image_archive(std::string_view input);
void kubeconfig(std::string_view input);
void mux_frames(std::string_view input);
void tar(std::string_view input);
void xml_tags(std::string_view input);
void yaml(std::string_view input);

inline void must_hold(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace skiff::fuzz
