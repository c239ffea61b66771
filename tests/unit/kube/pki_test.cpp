// SPDX-License-Identifier: Apache-2.0
#include "kube/pki.h"

#include <gtest/gtest.h>
#include <openssl/x509v3.h>

#include <set>

#include "certificate.h"

namespace skiff::kube {
namespace {

using test::certificate;
using test::describe;
using test::verifies;

const Authorities& authorities() {
  static const Authorities made = make_authorities().value();
  return made;
}

KeyPair issued(const CertRequest& request) { return issue(authorities().cluster, request).value(); }

TEST(Pki, AnAuthorityIsOne) {
  EXPECT_EQ(describe(authorities().cluster.cert_pem),
            "subject: CN = kubernetes\nissuer: CN = kubernetes\nkey: prime256v1\ndays: 3650\n"
            "basicConstraints (critical): CA:TRUE\n"
            "keyUsage (critical): Digital Signature, Key Encipherment, Certificate Sign\n"
            "subjectKeyIdentifier\nauthorityKeyIdentifier\n");
}

TEST(Pki, ACertificateHasWhatWasAskedFor) {
  const KeyPair pair = issued({.common_name = "kube-apiserver",
                               .organizations = {"one", "two"},
                               .names = {"kubernetes", "10.96.0.1", "::1"},
                               .server = true,
                               .client = true});
  EXPECT_EQ(describe(pair.cert_pem),
            "subject: O = one, O = two, CN = kube-apiserver\nissuer: CN = kubernetes\nkey: prime256v1\ndays: 365\n"
            "basicConstraints (critical): CA:FALSE\n"
            "keyUsage (critical): Digital Signature\n"
            "extendedKeyUsage: TLS Web Server Authentication, TLS Web Client Authentication\n"
            "subjectAltName: DNS:kubernetes, IP Address:10.96.0.1, IP Address:0:0:0:0:0:0:0:1\n"
            "subjectKeyIdentifier\nauthorityKeyIdentifier\n");
}

TEST(Pki, OnlyItsAuthorityVouchesForACertificateAndOnlyInItsRole) {
  const KeyPair server = issued({.common_name = "s", .names = {"s"}, .server = true});
  const KeyPair client = issued({.common_name = "c", .client = true});
  EXPECT_TRUE(verifies(server.cert_pem, authorities().cluster.cert_pem, "server"));
  EXPECT_FALSE(verifies(server.cert_pem, authorities().cluster.cert_pem, "client"));
  EXPECT_TRUE(verifies(client.cert_pem, authorities().cluster.cert_pem, "client"));
  EXPECT_FALSE(verifies(client.cert_pem, authorities().cluster.cert_pem, "server"));
  EXPECT_FALSE(verifies(client.cert_pem, authorities().etcd.cert_pem, "client"));
}

TEST(Pki, AKeyBelongsToItsCertificate) {
  const KeyPair pair = issued({.common_name = "c", .client = true});
  EXPECT_EQ(X509_check_private_key(certificate(pair.cert_pem).get(), test::private_key(pair.key_pem).get()), 1);
}

TEST(Pki, ValidFromAnHourAgo) {
  const auto cert = certificate(issued({.common_name = "c"}).cert_pem);
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(cert.get()), nullptr);
  EXPECT_EQ(days, 0);
  EXPECT_NEAR(seconds, 3600, 30);
}

TEST(Pki, SerialNumbersArePositiveAndDiffer) {
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const auto cert = certificate(issued({.common_name = "c"}).cert_pem);
    const ASN1_INTEGER* serial = X509_get0_serialNumber(cert.get());
    EXPECT_EQ(ASN1_STRING_type(serial), V_ASN1_INTEGER);
    seen.emplace(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)), ASN1_STRING_length(serial));
  }
  EXPECT_EQ(seen.size(), 50U);
}

TEST(Pki, ANameCannotSmuggleInAnother) {
  const auto cert = certificate(issued({.common_name = "c", .names = {"a,DNS:evil"}, .server = true}).cert_pem);
  EXPECT_EQ(X509_check_host(cert.get(), "evil", 0, 0, nullptr), 0);
}

TEST(Pki, ATooLongNameIsAnError) {
  const auto refused = issue(authorities().cluster, {.common_name = std::string(65, 'x')});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().id, ErrorId::internal);
}

TEST(Pki, AuthoritiesSurviveFiles) {
  const auto files = to_files(authorities());
  EXPECT_EQ(files.size(), 8U);
  EXPECT_TRUE(files.at("sa.pub").starts_with("-----BEGIN PUBLIC KEY-----"));
  const auto back = authorities_from_files(files);
  ASSERT_TRUE(back.ok()) << back.error().what;
  EXPECT_EQ(to_files(*back), files);
}

TEST(Pki, AMissingFileIsNamed) {
  auto files = to_files(authorities());
  files.erase("etcd/ca.key");
  const auto back = authorities_from_files(files);
  ASSERT_FALSE(back.ok());
  EXPECT_EQ(back.error().id, ErrorId::config_invalid);
  EXPECT_NE(back.error().what.find("etcd/ca.key"), std::string::npos) << back.error().what;
}

TEST(Pki, DamagedOrExchangedFilesAreNoticed) {
  for (const auto& [name, content] : to_files(authorities())) {
    auto files = to_files(authorities());
    files[name] = content.substr(0, content.size() / 2);
    EXPECT_FALSE(authorities_from_files(files).ok()) << name;
  }
  auto files = to_files(authorities());
  std::swap(files["ca.key"], files["sa.key"]);
  EXPECT_FALSE(authorities_from_files(files).ok());
}

}  // namespace
}  // namespace skiff::kube
