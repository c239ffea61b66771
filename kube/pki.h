// SPDX-License-Identifier: Apache-2.0
// The cluster's keys and certificates, made in this process (no openssl command, no CSR). P-256 for every key: RSA-2048
// costs 55 ms each, P-256 under one. File names and subjects are kubeadm's. Pure computation, does not block.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace skiff::kube {

struct KeyPair {
  std::string cert_pem;
  std::string key_pem;
};

// What is kept between starts, below <profile>/pki: the authorities and the service account key. All else is issued
// anew from them at each start, so that a new address or node needs no special path. Valid for ten years.
struct Authorities {
  KeyPair cluster;          // ca
  KeyPair front_proxy;      // front-proxy-ca
  KeyPair etcd;             // etcd/ca
  KeyPair service_account;  // sa.pub, sa.key: cert_pem holds the public key
};
Result<Authorities> make_authorities();
// As files below pki/ ("ca.crt", "etcd/ca.key", ...), and back. config_invalid when one is missing or unreadable, or
// when a key does not belong to its certificate.
std::map<std::string, std::string> to_files(const Authorities& authorities);
Result<Authorities> authorities_from_files(const std::map<std::string, std::string>& files);

struct CertRequest {
  std::string common_name;
  std::vector<std::string> organizations = {};
  std::vector<std::string> names = {};  // DNS names and IP addresses that the certificate is good for
  bool server = false;
  bool client = false;
  std::chrono::seconds lifetime = std::chrono::days(365);
};
// Valid from an hour ago (a node's clock may be behind) for its lifetime from now on.
Result<KeyPair> issue(const KeyPair& authority, const CertRequest& request);

// Whether the authority has signed this certificate, whatever its dates; false for what is no certificate.
bool is_issued_by(const std::string& cert_pem, const std::string& authority_cert_pem);

// Whether its time is over; false for what is no certificate.
bool has_expired(const std::string& cert_pem);

// By which OpenSSL finds a certificate in a folder: eight hexadecimal digits of its subject. kube_error when the text
// holds none.
Result<std::string> subject_hash(const std::string& certificate);

}  // namespace skiff::kube
