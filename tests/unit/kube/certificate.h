// SPDX-License-Identifier: Apache-2.0
// Certificates as tests look at them: through OpenSSL, not through the code that made them.
#pragma once

#include <memory>
#include <string>

struct x509_st;
struct evp_pkey_st;

namespace skiff::kube::test {

std::shared_ptr<x509_st> certificate(const std::string& pem);
std::shared_ptr<evp_pkey_st> private_key(const std::string& pem);

// Subject, issuer, kind of key, days of validity and extensions, one to a line; what is random is left out.
std::string describe(const std::string& pem);

// Whole days from now until it ends.
int days_left(const std::string& pem);

// Does the authority vouch for it, in this role ("server", "client")?
bool verifies(const std::string& pem, const std::string& authority_pem, const std::string& role);

}  // namespace skiff::kube::test
