// SPDX-License-Identifier: Apache-2.0
#include "certificate.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>

namespace skiff::kube::test {
namespace {

std::shared_ptr<BIO> reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

std::string printed(const auto& print) {
  const std::shared_ptr<BIO> out(BIO_new(BIO_s_mem()), BIO_free);
  print(out.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string name(const X509_NAME* name) {
  return printed([&](BIO* out) { X509_NAME_print_ex(out, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB); });
}

std::string key_kind(const EVP_PKEY* key) {
  std::array<char, 64> group{};
  EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr);
  return group.data();
}

std::string extension(X509_EXTENSION* extension) {
  const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
  std::string text = std::string(OBJ_nid2sn(nid)) + (X509_EXTENSION_get_critical(extension) != 0 ? " (critical)" : "");
  if (nid == NID_subject_key_identifier || nid == NID_authority_key_identifier) return text;
  return text + ": " + printed([&](BIO* out) { X509V3_EXT_print(out, extension, 0, 0); });
}

}  // namespace

std::shared_ptr<X509> certificate(const std::string& pem) {
  return {PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr), X509_free};
}
std::shared_ptr<EVP_PKEY> private_key(const std::string& pem) {
  return {PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

std::string describe(const std::string& pem) {
  const auto cert = certificate(pem);
  if (!cert) return "not a certificate\n";
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(cert.get()), X509_get0_notAfter(cert.get()));
  std::string text = "subject: " + name(X509_get_subject_name(cert.get())) +
                     "\nissuer: " + name(X509_get_issuer_name(cert.get())) +
                     "\nkey: " + key_kind(X509_get0_pubkey(cert.get())) + "\ndays: " + std::to_string(days) + "\n";
  for (int i = 0; i < X509_get_ext_count(cert.get()); ++i) text += extension(X509_get_ext(cert.get(), i)) + "\n";
  return text;
}

int days_left(const std::string& pem) {
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(certificate(pem).get()));
  return days;
}

bool verifies(const std::string& pem, const std::string& authority_pem, const std::string& role) {
  const auto cert = certificate(pem);
  const auto authority = certificate(authority_pem);
  const std::shared_ptr<X509_STORE> store(X509_STORE_new(), X509_STORE_free);
  const std::shared_ptr<X509_STORE_CTX> check(X509_STORE_CTX_new(), X509_STORE_CTX_free);
  X509_STORE_add_cert(store.get(), authority.get());
  X509_STORE_CTX_init(check.get(), store.get(), cert.get(), nullptr);
  X509_STORE_CTX_set_purpose(check.get(), role == "server" ? X509_PURPOSE_SSL_SERVER : X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(check.get()), X509_V_FLAG_X509_STRICT);
  return X509_verify_cert(check.get()) == 1;
}

}  // namespace skiff::kube::test
