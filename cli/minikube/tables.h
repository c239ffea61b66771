// SPDX-License-Identifier: Apache-2.0
// The tables, JSON values and texts in which minikube answers, from the data of skiff's commands. Pure.
#pragma once

#include <string>

#include "base/json.h"

namespace skiff::cli::minikube {

std::string status_text(const JsonObject& node);  // one of status_fields()
// The sum of 1, a host does not run; 2, a kubelet or the API server does not; 4, the kubeconfig leads elsewhere.
int status_exit_code(const Json& status);
// One node's object, or a list of them; by cluster: states with minikube's codes.
Json status_value(const Json& status, bool by_cluster);
// `configs` holds the clusters' config.json by name (files.h); one without is invalid. `active` is the profile on which
// commands work.
std::string profiles_table(const Json& data, const JsonObject& configs, const std::string& active);
Json profiles_value(const Json& data, const JsonObject& configs, const std::string& active);
std::string services_table(const Json& data);
Json services_value(const Json& data);
std::string addons_table(const Json& data);
Json addons_value(const Json& data);

}  // namespace skiff::cli::minikube
