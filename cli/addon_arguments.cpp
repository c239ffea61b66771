// SPDX-License-Identifier: Apache-2.0
#include "cli/addon_arguments.h"

namespace skiff::cli {

std::vector<Flag> addon_flags() {
  return {
      {"set", 0, "KEY=VALUE", "set a value of the addon; may be repeated"},
      {"images", 0, "NAME=REF", "use another image; names as 'addons images' shows them"},
      {"registries", 0, "NAME=HOST", "take an image from another registry"},
      {"wait-timeout", 0, "TIME", "how long it may take to come to work (default 2m)"},
  };
}

Result<std::map<std::string, std::string>> parse_pairs(const std::vector<std::string>& texts, std::string_view flag) {
  std::map<std::string, std::string> pairs;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return make_error(ErrorId::usage, "--" + std::string(flag) + " takes KEY=VALUE, not '" + text + "'");
    }
    pairs[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return pairs;
}

Result<std::map<std::string, std::string>> parse_values(std::string_view yaml, const std::string& file) {
  const auto documents = TRY(parse_yaml(yaml, file));
  const Error wrong = make_error(ErrorId::config_invalid, file + " must hold one mapping of names to values");
  if (documents.size() != 1 || !documents.front().value.is_object()) return wrong;
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : documents.front().value.get_object()) {
    if (value.is_structured() || value.is_null()) return wrong;
    values[name] = value.is_string() ? std::string(value.get_string()) : to_text(value);
  }
  return values;
}

Result<cluster::AddonRequest> addon_request(const Session& session, const Args& args) {
  cluster::AddonRequest request;
  request.profile = TRY(session.profile());
  request.names = args.words;
  // A value may have commas: only repeating the flag makes a list of --set.
  const auto set = args.given.find("set");
  if (set != args.given.end()) request.values = TRY(parse_pairs(set->second, "set"));
  request.images = TRY(parse_pairs(args.list("images"), "images"));
  request.registries = TRY(parse_pairs(args.list("registries"), "registries"));
  request.wait_timeout = TRY(args.duration("wait-timeout")).value_or(request.wait_timeout);
  return request;
}

JsonArray images_data(const std::vector<addons::Image>& images) {
  JsonArray data;
  for (const auto& image : images) {
    data.push_back(JsonObject{{"name", image.name},
                              {"reference", image.reference},
                              {"built_here", !image.recipe.empty()},
                              {"origin", image.origin}});
  }
  return data;
}

JsonObject change_data(const cluster::AddonChange& change) {
  return {{"name", change.name}, {"applied", change.applied}, {"images", images_data(change.images)}};
}

}  // namespace skiff::cli
