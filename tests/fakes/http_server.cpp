// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/http_server.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace skiff::sys::test {

namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

class PlainPeer final : public Peer {
 public:
  explicit PlainPeer(int fd) : fd_(fd) {}
  std::string read_some() override {
    std::array<char, 65536> buffer{};
    const ssize_t count = recv(fd_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
  }
  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

 private:
  int fd_;
};

class TlsPeer final : public Peer {
 public:
  explicit TlsPeer(SSL* ssl) : ssl_(ssl) {}
  std::string read_some() override {
    std::array<char, 65536> buffer{};
    const int count = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
    return {buffer.data(), static_cast<std::size_t>(std::max(count, 0))};
  }
  void write(std::string_view bytes) override {
    if (!bytes.empty()) SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }

 private:
  SSL* ssl_;
};

}  // namespace

Identity make_identity(const std::string& san) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, name);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, san.c_str());
  X509_add_ext(certificate, names, -1);
  X509_EXTENSION_free(names);
  X509_sign(certificate, key, EVP_sha256());

  Identity identity;
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  identity.cert_pem = text_of(out);
  out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  identity.key_pem = text_of(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return identity;
}

std::string Peer::read_head() {
  for (;;) {
    if (const auto end = rest.find("\r\n\r\n"); end != std::string::npos) {
      const std::string head = rest.substr(0, end + 4);
      rest.erase(0, end + 4);
      return head;
    }
    const std::string more = read_some();
    if (more.empty()) return {};
    rest += more;
  }
}

std::size_t Peer::read_chunked_body() {
  std::size_t total = 0;
  for (;;) {
    while (rest.find("\r\n") == std::string::npos) rest += read_some();
    const std::size_t size = std::stoul(rest, nullptr, 16);
    rest.erase(0, rest.find("\r\n") + 2);
    std::size_t left = size + 2;
    while (left > rest.size()) {
      left -= rest.size();
      rest = read_some();
    }
    rest.erase(0, left);
    if (size == 0) return total;
    total += size;
  }
}

void Peer::answer(std::string_view body, std::string_view status) {
  write("HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        std::string(body));
}

struct Server::Impl {
  Handler handler;
  std::string folder;
  std::string path;
  std::uint16_t port = 0;
  int listener = -1;
  std::shared_ptr<SSL_CTX> tls;
  std::mutex mutex;
  std::vector<int> open;
  std::vector<std::jthread> connections;
  std::jthread acceptor;

  void serve(int fd, int number) {
    if (tls) {
      sigset_t pipe;  // OpenSSL writes without MSG_NOSIGNAL; only this thread may be spared the signal
      sigemptyset(&pipe);
      sigaddset(&pipe, SIGPIPE);
      pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
      const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(tls.get()), SSL_free);
      SSL_set_fd(ssl.get(), fd);
      if (SSL_accept(ssl.get()) == 1) {
        TlsPeer peer(ssl.get());
        handler(peer, number);
        SSL_shutdown(ssl.get());
      }
    } else {
      PlainPeer peer(fd);
      handler(peer, number);
    }
    shutdown(fd, SHUT_RDWR);
  }

  void start_on_loopback(std::uint16_t wanted) {
    listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(wanted);
    const int shared = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &shared, sizeof shared);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &shared, sizeof shared);
    socklen_t size = sizeof address;
    bind(listener, reinterpret_cast<sockaddr*>(&address), size);
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    start();
  }

  void start() {
    listen(listener, 16);
    acceptor = std::jthread([this] {
      for (int number = 0;; ++number) {
        const int fd = accept(listener, nullptr, nullptr);
        if (fd < 0) return;
        const std::lock_guard lock(mutex);
        open.push_back(fd);
        connections.emplace_back([this, fd, number] { serve(fd, number); });
      }
    });
  }
};

Server::Server(Handler handler) : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  std::string folder = "/tmp/skiff-http-XXXXXX";
  impl_->folder = mkdtemp(folder.data());
  impl_->path = impl_->folder + "/socket";
  impl_->listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  impl_->path.copy(address.sun_path, sizeof address.sun_path - 1);
  bind(impl_->listener, reinterpret_cast<sockaddr*>(&address), sizeof address);
  impl_->start();
}

Server::Server(Handler handler, Loopback /*how*/) : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->start_on_loopback(0);
}

Server::Server(Handler handler, const Identity& own, std::optional<std::string> required_client_pem, std::uint16_t port)
    : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->tls.reset(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const auto certificate_of = [](const std::string& pem) {
    BIO* source = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    const std::shared_ptr<X509> certificate(PEM_read_bio_X509(source, nullptr, nullptr, nullptr), X509_free);
    BIO_free(source);
    return certificate;
  };
  SSL_CTX_use_certificate(impl_->tls.get(), certificate_of(own.cert_pem).get());
  BIO* source = BIO_new_mem_buf(own.key_pem.data(), static_cast<int>(own.key_pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(source, nullptr, nullptr, nullptr);
  SSL_CTX_use_PrivateKey(impl_->tls.get(), key);
  EVP_PKEY_free(key);
  BIO_free(source);
  if (required_client_pem) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(impl_->tls.get()), certificate_of(*required_client_pem).get());
    SSL_CTX_set_verify(impl_->tls.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  impl_->start_on_loopback(port);
}

Server::~Server() {
  shutdown(impl_->listener, SHUT_RDWR);
  impl_->acceptor.join();
  for (const int fd : impl_->open) shutdown(fd, SHUT_RDWR);
  impl_->connections.clear();
  for (const int fd : impl_->open) close(fd);
  close(impl_->listener);
  if (!impl_->path.empty()) {
    unlink(impl_->path.c_str());
    rmdir(impl_->folder.c_str());
  }
}

const std::string& Server::path() const { return impl_->path; }
std::uint16_t Server::port() const { return impl_->port; }

}  // namespace skiff::sys::test
