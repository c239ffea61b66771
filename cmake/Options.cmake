# SPDX-License-Identifier: Apache-2.0
# How everything is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
option(BUILD_TESTING "Build the tests, which need GTest" ON)
option(SKIFF_WERROR "Take the compiler's warnings as errors" OFF)
option(SKIFF_HARDENED "Check bounds at run time in a release build, and close what an attacker would write to" ON)
set(SKIFF_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  # Precompiled headers, as ccache's manual wants them; paths are taken relative, so that checkouts share what they compile.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
  add_compile_options($<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fpch-preprocess>)
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()
add_link_options(-Wl,--gc-sections)

add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wall> $<$<COMPILE_LANGUAGE:CXX>:-Wextra> $<$<COMPILE_LANGUAGE:CXX>:-Wpedantic>
  $<$<COMPILE_LANGUAGE:CXX>:-Wshadow> $<$<AND:$<BOOL:${SKIFF_WERROR}>,$<COMPILE_LANGUAGE:CXX>>:-Werror>
  -ffunction-sections -fdata-sections)
# What GCC only finds by following inlined code it also finds where it is not: in GCC 12's own std::string, once the headers come precompiled.
foreach(warning array-bounds stringop-overflow stringop-overread restrict maybe-uninitialized dangling-pointer use-after-free free-nonheap-object)
  add_compile_options($<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-Wno-error=${warning}>)
endforeach()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-deprecated-declarations>)  # libstdc++ 12 uses what it deprecates itself
endif()
if(SKIFF_HARDENED)
  # Undefined first, since some compilers define it by themselves, and differently.
  add_compile_options("$<$<CONFIG:Release>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=2;-D_GLIBCXX_ASSERTIONS;-fstack-protector-strong>")
  add_link_options("$<$<CONFIG:Release>:-Wl,-z,relro,-z,now>")
endif()
if(SKIFF_SANITIZE)
  add_compile_options(-fsanitize=${SKIFF_SANITIZE} -fno-omit-frame-pointer)
  add_compile_definitions(SKIFF_SANITIZED _GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${SKIFF_SANITIZE})
  if(SKIFF_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=vptr)  # looks at objects through a pipe, and takes them for broken when a test leaves no descriptor for it
  endif()
  if(SKIFF_SANITIZE MATCHES thread)
    add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)  # Asio has fences that the sanitizer does not know
  endif()
else()
  add_link_options(-static-libstdc++ -static-libgcc)  # the binary needs only libc
endif()
add_compile_definitions(SKIFF_VERSION="${PROJECT_VERSION}")
