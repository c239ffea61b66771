# SPDX-License-Identifier: Apache-2.0
# Libraries from Debian 12, linked statically or header-only: the binary needs only libc. libvirt is opened with dlopen.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
set(Boost_USE_STATIC_LIBS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS json filesystem)
find_package(fmt 9.1 REQUIRED)
find_package(spdlog 1.10 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
if(BUILD_TESTING)
  find_package(GTest 1.12 REQUIRED)
endif()

find_path(LIBVIRT_HEADERS libvirt/libvirt.h REQUIRED)  # 6.0 or newer
find_library(YAML_CPP_STATIC libyaml-cpp.a REQUIRED)  # 0.7; its package offers only the shared library by name
find_path(LIBARCHIVE_HEADERS archive.h REQUIRED)  # 3.6
foreach(library archive z zstd lzma bz2)
  find_library(${library}_STATIC lib${library}.a REQUIRED)
  list(APPEND ARCHIVE_STATIC ${${library}_STATIC})
endforeach()
find_library(SSL_STATIC libssl.a REQUIRED)
find_library(CRYPTO_STATIC libcrypto.a REQUIRED)

# One name per library, as the layers use them.
add_library(dep_asio INTERFACE)  # Asio, Beast, Process v2
target_link_libraries(dep_asio INTERFACE Boost::headers Boost::filesystem Threads::Threads)
target_compile_definitions(dep_asio INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_ALLOW_DEPRECATED_HEADERS)
add_library(dep_json INTERFACE)
target_link_libraries(dep_json INTERFACE Boost::headers Boost::json)
add_library(dep_yaml INTERFACE)
target_link_libraries(dep_yaml INTERFACE ${YAML_CPP_STATIC})
add_library(dep_archive INTERFACE)  # libarchive's reader of tar with these filters needs no more than they
target_link_libraries(dep_archive INTERFACE ${ARCHIVE_STATIC})
add_library(dep_openssl INTERFACE)
target_link_libraries(dep_openssl INTERFACE ${SSL_STATIC} ${CRYPTO_STATIC} Threads::Threads ${CMAKE_DL_LIBS})
add_library(dep_spdlog INTERFACE)
target_link_libraries(dep_spdlog INTERFACE spdlog::spdlog_header_only fmt::fmt-header-only)
add_library(dep_cli11 INTERFACE)
target_link_libraries(dep_cli11 INTERFACE CLI11::CLI11)
