// SPDX-License-Identifier: Apache-2.0
// A profile's list of images that every start loads: <profile's folder>/images, one on each line.
#pragma once

#include <string>
#include <vector>

#include "cluster/store/home.h"

namespace skiff::cluster {

// The profiles that a word about "the" list means: the one that is named, or else, where there is no such profile, all
// of this home, as minikube has one list for all of them. profile_not_found when a named one is not there.
Result<std::vector<std::string>> profiles_with_lists(const Home& home, const std::string& profile, bool named);
Result<std::vector<std::string>> kept_images(const Home& home, const std::string& profile);
// Notes images down, and loads them when the cluster runs. Errors: profile_not_found, those of load_images().
Result<void> keep_images(const Context& ctx, const Home& home, const std::string& profile,
                         const std::vector<std::string>& images);
// image_not_found, with the nearest one, for what is not in the list. The nodes keep the image.
Result<void> forget_images(const Context& ctx, const Home& home, const std::string& profile,
                           const std::vector<std::string>& images);
// Loads all of them into the nodes.
Result<void> load_kept_images(const Context& ctx, const Home& home, const std::string& profile);

}  // namespace skiff::cluster
