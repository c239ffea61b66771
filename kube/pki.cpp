// SPDX-License-Identifier: Apache-2.0
#include "kube/pki.h"

#include <openssl/decoder.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <memory>

#include "sys/net/openssl.h"

namespace skiff::kube {
namespace {

using sys::openssl::Owned;
using sys::openssl::reader;

constexpr std::chrono::days authority_lifetime(3650);
constexpr long backdated_seconds = 3600;

// Nothing here fails but for lack of memory or of randomness, or over a name that no certificate can hold.
Error failure(std::string_view what) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  Error error = make_error(ErrorId::internal, "OpenSSL could not " + std::string(what));
  if (code != 0) error.trail.emplace_back(ERR_reason_error_string(code));
  return error;
}

Result<std::string> to_pem(std::string_view what, const auto& write) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  if (!out || write(out.get()) != 1) return failure("write a " + std::string(what));
  return sys::openssl::text_of(out.get());
}

Result<std::string> key_pem(EVP_PKEY* key) {
  return to_pem("key",
                [&](BIO* out) { return PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

Owned<X509> read_cert(const std::string& pem) {
  return Owned<X509>(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
}
// PEM_read_bio_PrivateKey does the same three times slower: it tries every kind of key that there is.
Owned<EVP_PKEY> read_key(const std::string& pem) {
  EVP_PKEY* key = nullptr;
  const Owned<OSSL_DECODER_CTX> decoder(
      OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", nullptr, "EC", EVP_PKEY_KEYPAIR, nullptr, nullptr));
  if (decoder) OSSL_DECODER_from_bio(decoder.get(), reader(pem).get());
  return Owned<EVP_PKEY>(key);
}
Owned<EVP_PKEY> read_public_key(const std::string& pem) {
  return Owned<EVP_PKEY>(PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, nullptr, nullptr));
}

Result<Owned<EVP_PKEY>> make_key() {
  Owned<EVP_PKEY> key(EVP_EC_gen("P-256"));
  if (!key) return failure("make a key");
  return key;
}

// A certificate in the making: each step is skipped once one has failed.
class Builder {
 public:
  // Without an issuer the certificate is its own.
  Builder(EVP_PKEY* key, std::chrono::seconds lifetime, X509* issuer)
      : cert_(X509_new()), issuer_(issuer != nullptr ? issuer : cert_.get()) {
    if (!step(cert_ != nullptr)) return;
    step(X509_set_version(cert_.get(), X509_VERSION_3) == 1);
    step(X509_set_pubkey(cert_.get(), key) == 1);
    step(X509_gmtime_adj(X509_getm_notBefore(cert_.get()), -backdated_seconds) != nullptr);
    const auto days = std::chrono::floor<std::chrono::days>(lifetime);  // seconds of many years are too many for it
    step(X509_time_adj_ex(X509_getm_notAfter(cert_.get()), static_cast<int>(days.count()),
                          static_cast<long>((lifetime - days).count()), nullptr) != nullptr);
    set_random_serial();
  }

  void subject(const char* field, const std::string& value) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(value.c_str());
    step(ok_ && X509_NAME_add_entry_by_txt(X509_get_subject_name(cert_.get()), field, MBSTRING_UTF8, bytes, -1, -1, 0));
  }
  void extension(int nid, const char* value) {
    if (!ok_) return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer_, cert_.get(), nullptr, nullptr, 0);
    const Owned<X509_EXTENSION> made(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    step(made && X509_add_ext(cert_.get(), made.get(), -1) == 1);
  }
  // Not through a configuration text as above: a name must not be able to say more than a name.
  void alternative_names(const std::vector<std::string>& names) {
    if (!ok_ || names.empty()) return;
    const Owned<GENERAL_NAMES> list(GENERAL_NAMES_new());
    for (const auto& name : names) {
      const Owned<ASN1_OCTET_STRING> address(a2i_IPADDRESS(name.c_str()));
      GENERAL_NAME* entry = a2i_GENERAL_NAME(nullptr, nullptr, nullptr, address ? GEN_IPADD : GEN_DNS, name.c_str(), 0);
      if (!step(entry != nullptr)) return;
      sk_GENERAL_NAME_push(list.get(), entry);
    }
    step(X509_add1_ext_i2d(cert_.get(), NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) == 1);
  }

  Result<std::string> sign(EVP_PKEY* key) {
    extension(NID_subject_key_identifier, "hash");
    extension(NID_authority_key_identifier, "keyid:always");
    step(ok_ && X509_set_issuer_name(cert_.get(), X509_get_subject_name(issuer_)) == 1);
    if (!step(ok_ && X509_sign(cert_.get(), key, EVP_sha256()) != 0)) return failure("make a certificate");
    return to_pem("certificate", [&](BIO* out) { return PEM_write_bio_X509(out, cert_.get()); });
  }

 private:
  bool step(bool ok) { return ok_ = ok_ && ok; }

  // 127 random bits: positive, and within the 20 bytes that RFC 5280 allows.
  void set_random_serial() {
    const Owned<BIGNUM> number(BN_new());
    step(number && BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1);
    step(ok_ && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(cert_.get())) != nullptr);
  }

  Owned<X509> cert_;
  X509* issuer_;
  bool ok_ = true;
};

Result<KeyPair> make_authority(const std::string& common_name) {
  const Owned<EVP_PKEY> key = TRY(make_key());
  Builder cert(key.get(), authority_lifetime, nullptr);
  cert.subject("CN", common_name);
  cert.extension(NID_basic_constraints, "critical,CA:TRUE");
  cert.extension(NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign");
  return KeyPair{TRY(cert.sign(key.get())), TRY(key_pem(key.get()))};
}

Result<KeyPair> make_service_account_key() {
  const Owned<EVP_PKEY> key = TRY(make_key());
  const auto write_public = [&](BIO* out) { return PEM_write_bio_PUBKEY(out, key.get()); };
  return KeyPair{TRY(to_pem("public key", write_public)), TRY(key_pem(key.get()))};
}

struct AuthorityFiles {
  KeyPair Authorities::* pair;
  const char* cert;
  const char* key;
};
constexpr std::array<AuthorityFiles, 4> layout = {
    {{&Authorities::cluster, "ca.crt", "ca.key"},
     {&Authorities::front_proxy, "front-proxy-ca.crt", "front-proxy-ca.key"},
     {&Authorities::etcd, "etcd/ca.crt", "etcd/ca.key"},
     {&Authorities::service_account, "sa.pub", "sa.key"}}};

bool belong_together(const KeyPair& pair, bool bare_public_key) {
  const Owned<EVP_PKEY> key = read_key(pair.key_pem);
  const Owned<X509> cert = bare_public_key ? nullptr : read_cert(pair.cert_pem);
  const Owned<EVP_PKEY> shown =
      bare_public_key ? read_public_key(pair.cert_pem) : Owned<EVP_PKEY>(X509_get_pubkey(cert.get()));
  const bool ok = key && shown && EVP_PKEY_eq(key.get(), shown.get()) == 1;
  ERR_clear_error();
  return ok;
}

}  // namespace

bool is_issued_by(const std::string& cert_pem, const std::string& authority_cert_pem) {
  const Owned<X509> cert = read_cert(cert_pem);
  const Owned<X509> authority = read_cert(authority_cert_pem);
  const bool ok = cert && authority && X509_verify(cert.get(), X509_get0_pubkey(authority.get())) == 1;
  ERR_clear_error();
  return ok;
}

bool has_expired(const std::string& cert_pem) {
  const Owned<X509> cert = read_cert(cert_pem);
  ERR_clear_error();
  return cert && X509_cmp_current_time(X509_get0_notAfter(cert.get())) < 0;  // 0 would be a time that cannot be read
}

Result<Authorities> make_authorities() {
  return Authorities{TRY(make_authority("kubernetes")), TRY(make_authority("front-proxy-ca")),
                     TRY(make_authority("etcd-ca")), TRY(make_service_account_key())};
}

std::map<std::string, std::string> to_files(const Authorities& authorities) {
  std::map<std::string, std::string> files;
  for (const auto& [pair, cert, key] : layout) {
    files[cert] = (authorities.*pair).cert_pem;
    files[key] = (authorities.*pair).key_pem;
  }
  return files;
}

Result<Authorities> authorities_from_files(const std::map<std::string, std::string>& files) {
  const std::string advice =
      "Restore the profile's pki folder from a copy, or make the cluster anew with 'skiff delete' and 'skiff start'";
  Authorities authorities;
  for (const auto& [pair, cert, key] : layout) {
    for (const char* name : {cert, key}) {
      if (!files.contains(name))
        return make_error(ErrorId::config_invalid, "The file pki/" + std::string(name) + " is missing", advice);
    }
    authorities.*pair = {files.at(cert), files.at(key)};
    if (!belong_together(authorities.*pair, pair == &Authorities::service_account)) {
      return make_error(ErrorId::config_invalid,
                        "The files pki/" + std::string(cert) + " and pki/" + key + " are damaged", advice);
    }
  }
  return authorities;
}

Result<KeyPair> issue(const KeyPair& authority, const CertRequest& request) {
  const Owned<X509> authority_cert = read_cert(authority.cert_pem);
  const Owned<EVP_PKEY> authority_key = read_key(authority.key_pem);
  if (!authority_cert || !authority_key) return failure("read an authority");
  const Owned<EVP_PKEY> key = TRY(make_key());

  Builder cert(key.get(), request.lifetime, authority_cert.get());
  for (const auto& organization : request.organizations) cert.subject("O", organization);
  cert.subject("CN", request.common_name);
  cert.extension(NID_basic_constraints, "critical,CA:FALSE");
  cert.extension(NID_key_usage, "critical,digitalSignature");
  if (request.server && request.client) {
    cert.extension(NID_ext_key_usage, "serverAuth,clientAuth");
  } else if (request.server || request.client) {
    cert.extension(NID_ext_key_usage, request.server ? "serverAuth" : "clientAuth");
  }
  cert.alternative_names(request.names);
  return KeyPair{TRY(cert.sign(authority_key.get())), TRY(key_pem(key.get()))};
}

Result<std::string> subject_hash(const std::string& certificate) {
  const auto cert = read_cert(certificate);
  if (!cert) {
    ERR_clear_error();
    return make_error(ErrorId::kube_error, "The text holds no certificate");
  }
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%08lx", X509_subject_name_hash(cert.get()));
  return std::string(text.data());
}

}  // namespace skiff::kube
