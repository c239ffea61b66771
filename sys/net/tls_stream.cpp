// SPDX-License-Identifier: Apache-2.0
#include "sys/net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <mutex>

#include "sys/net/openssl.h"

namespace skiff::sys {

namespace {

using openssl::Owned;
using openssl::reader;

Error bad_pem(std::string_view what) {
  ERR_clear_error();
  return make_error(ErrorId::config_invalid, "The " + std::string(what) + " is not valid PEM text");
}

Result<void> trust(SSL_CTX& context, const std::string& ca_pem) {
  const Owned<BIO> source = reader(ca_pem);
  int found = 0;
  while (const Owned<X509> ca{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(&context), ca.get());
    ++found;
  }
  ERR_clear_error();  // the end of the text counts as an error
  if (found == 0) return bad_pem("authority's certificate");
  return {};
}

Result<void> identify(SSL_CTX& context, const Tls& tls) {
  const Owned<X509> certificate(PEM_read_bio_X509(reader(tls.cert_pem).get(), nullptr, nullptr, nullptr));
  if (!certificate || SSL_CTX_use_certificate(&context, certificate.get()) != 1) return bad_pem("client certificate");
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(reader(tls.key_pem).get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(&context, key.get()) != 1) return bad_pem("client key");
  return {};
}

// OpenSSL works on two memory buffers under a mutex; the network is used outside of it, so that a blocked reader never
// holds up a writer. Whatever reading makes OpenSSL want to send (an answer to a key update) goes out with the next
// write, as RFC 8446, 4.6.3 allows.
class TlsStream final : public Stream {
 public:
  TlsStream(Owned<SSL> session, std::unique_ptr<Stream> socket)
      : session_(std::move(session)), socket_(std::move(socket)) {
    SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  }

  Result<void> handshake(const Context& ctx) {
    for (;;) {
      const int done = SSL_connect(session_.get());
      const int why = SSL_get_error(session_.get(), done);
      if (done != 1 && why != SSL_ERROR_WANT_READ) return failure("The TLS handshake failed");
      TRY(flush(ctx));
      if (done == 1) return {};
      if (!TRY(fill(ctx))) return make_error(ErrorId::network, "The server ended the connection during the handshake");
    }
  }

  Result<std::size_t> read(const Context& ctx, std::span<char> buffer) override {
    for (;;) {
      {
        const std::lock_guard lock(session_mutex_);
        std::size_t count = 0;
        const int done = SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &count);
        if (done == 1) return count;
        const int why = SSL_get_error(session_.get(), done);
        if (why == SSL_ERROR_ZERO_RETURN) return std::size_t{0};
        if (why != SSL_ERROR_WANT_READ) return failure("Reading from a TLS connection failed");
      }
      if (!TRY(fill(ctx))) return make_error(ErrorId::network, "The server broke the connection off");
    }
  }

  Result<void> write(const Context& ctx, std::string_view bytes) override {
    const std::lock_guard order(write_mutex_);
    constexpr std::size_t piece = 65536;  // bounds what is held encrypted in memory
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
      {
        const std::lock_guard lock(session_mutex_);
        std::size_t count = 0;
        if (SSL_write_ex(session_.get(), bytes.data(), std::min(piece, bytes.size()), &count) != 1) {
          return failure("Writing to a TLS connection failed");
        }
      }
      TRY(flush(ctx));
    }
    return {};
  }

  Result<void> close_write(const Context& ctx) override {
    const std::lock_guard order(write_mutex_);
    {
      const std::lock_guard lock(session_mutex_);
      SSL_shutdown(session_.get());
      ERR_clear_error();
    }
    TRY(flush(ctx));
    return socket_->close_write(ctx);
  }

 private:
  // Moves bytes from the network to OpenSSL; false at the end of the stream.
  Result<bool> fill(const Context& ctx) {
    const std::size_t count = TRY(socket_->read(ctx, arrived_));
    const std::lock_guard lock(session_mutex_);
    BIO_write(SSL_get_rbio(session_.get()), arrived_.data(), static_cast<int>(count));
    return count > 0;
  }

  Result<void> flush(const Context& ctx) {
    std::string encrypted;
    {
      const std::lock_guard lock(session_mutex_);
      BIO* out = SSL_get_wbio(session_.get());
      encrypted.resize(BIO_ctrl_pending(out));
      if (!encrypted.empty()) BIO_read(out, encrypted.data(), static_cast<int>(encrypted.size()));
    }
    return socket_->write(ctx, encrypted);
  }

  Error failure(const std::string& what) {
    const long verdict = SSL_get_verify_result(session_.get());
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* reason = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : ERR_reason_error_string(code);
    const auto id = verdict != X509_V_OK ? ErrorId::certificate_untrusted : ErrorId::network;
    return make_error(id, what + ": " + (reason != nullptr ? reason : "unknown reason"));
  }

  std::mutex session_mutex_;  // guards session_ and its two buffers
  std::mutex write_mutex_;    // keeps records in order on the wire
  Owned<SSL> session_;
  std::unique_ptr<Stream> socket_;
  std::array<char, 32768> arrived_;
};

}  // namespace

Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const Tls& tls) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (tls.ca_pem.empty()) SSL_CTX_set_default_verify_paths(context.get());
  for (const auto* authorities : {&tls.ca_pem, &tls.more_ca_pem}) {
    if (!authorities->empty()) TRY(trust(*context, *authorities));
  }
  if (!tls.cert_pem.empty()) TRY(identify(*context, tls));
  return context;
}

Result<std::unique_ptr<Stream>> start_tls(const Context& ctx, std::unique_ptr<Stream> socket, ssl_ctx_st& tls,
                                          const std::string& server_name) {
  Owned<SSL> session(SSL_new(&tls));
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), server_name.c_str()) != 1) {
    ERR_clear_error();  // not an address, so a name
    SSL_set1_host(session.get(), server_name.c_str());
    SSL_set_tlsext_host_name(session.get(), server_name.c_str());
  }
  auto stream = std::make_unique<TlsStream>(std::move(session), std::move(socket));
  TRY(stream->handshake(ctx));
  return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace skiff::sys
