// SPDX-License-Identifier: Apache-2.0
#include "drivers/docker/endpoint.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "sys/hash.h"

namespace skiff::drivers::docker {
namespace {

class EndpointTest : public ::testing::Test {
 protected:
  EndpointTest() : config_(std::filesystem::temp_directory_path() / ("skiff-endpoint-" + sys::random_hex(6))) {
    std::filesystem::create_directories(config_);
    for (const auto* name : {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"}) unsetenv(name);
    setenv("DOCKER_CONFIG", config_.c_str(), 1);
  }
  ~EndpointTest() override {
    for (const auto* name : {"DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONFIG"})
      unsetenv(name);
    std::filesystem::remove_all(config_);
  }

  void write(const std::filesystem::path& relative, const std::string& text) {
    std::filesystem::create_directories((config_ / relative).parent_path());
    std::ofstream(config_ / relative) << text;
  }
  void write_context(const std::string& name, const std::string& host) {
    write("contexts/meta/" + sys::sha256_hex(name) + "/meta.json",
          R"({"Name":")" + name + R"(","Endpoints":{"docker":{"Host":")" + host + R"("}}})");
  }
  static Endpoint found() {
    auto endpoint = find_endpoint();
    EXPECT_TRUE(endpoint.ok()) << (endpoint.ok() ? "" : endpoint.error().what);
    return endpoint.ok() ? *endpoint : Endpoint{};
  }
  static ErrorId refused() {
    const auto endpoint = find_endpoint();
    EXPECT_FALSE(endpoint.ok());
    return endpoint.ok() ? ErrorId::internal : endpoint.error().id;
  }

  std::filesystem::path config_;
};

TEST_F(EndpointTest, LocalSocketByDefault) {
  EXPECT_EQ(found().target.unix_path, "/var/run/docker.sock");
  write("config.json", R"({"auths":{}})");
  EXPECT_EQ(found().target.unix_path, "/var/run/docker.sock");
  write("config.json", R"({"currentContext":"default"})");
  EXPECT_EQ(found().target.unix_path, "/var/run/docker.sock");
}

TEST_F(EndpointTest, AConfigurationThatSaysNothingIsNone) {
  for (const auto* text :
       {"", " \n", "\xef\xbb\xbf", "\xef\xbb\xbf{}", "\xef\xbb\xbf{\"currentContext\": \"default\"}\n"}) {
    write("config.json", text);
    EXPECT_EQ(found().target.unix_path, "/var/run/docker.sock") << text;
  }
  write("config.json", "{");
  EXPECT_EQ(refused(), ErrorId::config_invalid);
}

TEST_F(EndpointTest, DockerHostComesFirst) {
  write_context("other", "unix:///other.sock");
  setenv("DOCKER_CONTEXT", "other", 1);
  setenv("DOCKER_HOST", "unix:///run/user/1000/docker.sock", 1);
  EXPECT_EQ(found().target.unix_path, "/run/user/1000/docker.sock");
}

TEST_F(EndpointTest, TcpWithAndWithoutPort) {
  setenv("DOCKER_HOST", "tcp://192.0.2.1:1234", 1);
  EXPECT_EQ(found().target.host, "192.0.2.1");
  EXPECT_EQ(found().target.port, 1234);
  EXPECT_FALSE(found().target.tls.has_value());
  setenv("DOCKER_HOST", "tcp://engine.test", 1);
  EXPECT_EQ(found().target.port, 2375);
  setenv("DOCKER_HOST", "tcp://[2001:db8::1]:99", 1);
  EXPECT_EQ(found().target.host, "2001:db8::1");
  EXPECT_EQ(found().target.port, 99);
}

TEST_F(EndpointTest, TlsFilesFromTheCertificateFolder) {
  setenv("DOCKER_HOST", "tcp://engine.test", 1);
  setenv("DOCKER_TLS_VERIFY", "1", 1);
  write("ca.pem", "the ca");
  EXPECT_EQ(found().target.tls->ca_pem, "the ca");
  EXPECT_EQ(found().target.port, 2376);
  write("certs/ca.pem", "another ca");
  write("certs/cert.pem", "a certificate");
  write("certs/key.pem", "a key");
  setenv("DOCKER_CERT_PATH", (config_ / "certs").c_str(), 1);
  const Endpoint endpoint = found();
  EXPECT_EQ(endpoint.target.tls->ca_pem, "another ca");
  EXPECT_EQ(endpoint.target.tls->cert_pem, "a certificate");
  EXPECT_EQ(endpoint.target.tls->key_pem, "a key");
}

TEST_F(EndpointTest, ContextFromConfigOrEnvironment) {
  write_context("desktop", "unix:///desktop.sock");
  write_context("remote", "tcp://192.0.2.1:2376");
  write("contexts/tls/" + sys::sha256_hex("remote") + "/docker/ca.pem", "remote ca");
  write("config.json", R"({"currentContext":"desktop"})");
  EXPECT_EQ(found().target.unix_path, "/desktop.sock");
  setenv("DOCKER_CONTEXT", "remote", 1);
  EXPECT_EQ(found().target.host, "192.0.2.1");
  EXPECT_EQ(found().target.tls->ca_pem, "remote ca");
}

TEST_F(EndpointTest, SshLeadsToASocketOfThatMachine) {
  setenv("DOCKER_HOST", "ssh://me@engine.test", 1);
  const Endpoint usual = found();
  EXPECT_EQ(usual.ssh->destination, "ssh://me@engine.test");
  EXPECT_EQ(usual.ssh->host, "engine.test");
  EXPECT_EQ(usual.ssh->engine_socket, "/var/run/docker.sock");
  EXPECT_EQ(usual.target.unix_path, usual.ssh->socket);
  setenv("DOCKER_HOST", "ssh://me@engine.test:2222/run/user/1000/docker.sock", 1);
  const Endpoint other = found();
  EXPECT_EQ(other.ssh->destination, "ssh://me@engine.test:2222");
  EXPECT_EQ(other.ssh->engine_socket, "/run/user/1000/docker.sock");
  EXPECT_NE(other.target.unix_path, usual.target.unix_path) << "each engine has a tunnel of its own";
}

TEST_F(EndpointTest, MistakesAreNamed) {
  setenv("DOCKER_CONTEXT", "nowhere", 1);
  EXPECT_EQ(refused(), ErrorId::config_invalid);
  unsetenv("DOCKER_CONTEXT");
  write("config.json", "{ not json");
  EXPECT_EQ(refused(), ErrorId::config_invalid);
  for (const auto* url : {"ssh://", "ssh:///run/docker.sock", "ssh://engine.test:port", "nonsense", "ftp://x", "tcp://",
                          "tcp://host:0", "tcp://host:99999", "tcp://host:x"}) {
    setenv("DOCKER_HOST", url, 1);
    EXPECT_EQ(refused(), ErrorId::config_invalid) << url;
  }
}

}  // namespace
}  // namespace skiff::drivers::docker
