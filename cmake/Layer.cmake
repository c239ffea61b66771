# SPDX-License-Identifier: Apache-2.0
# skiff_precompile(target MAKER maker HEADERS ...): what nearly every file reads is parsed once: by `maker`, whose result the others use.
function(skiff_precompile target)
  cmake_parse_arguments(ARG "" "MAKER" "HEADERS" ${ARGN})
  if(target STREQUAL ARG_MAKER)
    target_precompile_headers(${target} PRIVATE ${ARG_HEADERS})
  else()
    target_precompile_headers(${target} REUSE_FROM ${ARG_MAKER})
  endif()
endfunction()
set(common_headers <algorithm> <chrono> <cstdint> <functional> <map> <memory> <mutex> <optional> <ranges> <set> <span> <stop_token>
  <string> <string_view> <thread> <vector> <boost/json.hpp>)

# skiff_layer(name LINKS ...): every .cpp below the current folder (one level of sub-folders) as one static library.
function(skiff_layer name)
  cmake_parse_arguments(ARG "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp */*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(skiff_${name} STATIC ${sources})
    target_include_directories(skiff_${name} PUBLIC ${CMAKE_SOURCE_DIR})
    target_link_libraries(skiff_${name} PUBLIC ${ARG_LINKS})
    skiff_precompile(skiff_${name} MAKER skiff_base HEADERS ${common_headers})
  else()
    add_library(skiff_${name} INTERFACE)
    target_link_libraries(skiff_${name} INTERFACE ${ARG_LINKS})
  endif()
endfunction()
