// SPDX-License-Identifier: Apache-2.0
#include "cluster/store/registry_logins.h"

#include "base/json.h"
#include "base/strings.h"
#include "sys/env.h"
#include "sys/files.h"
#include "sys/process.h"

namespace skiff::cluster {
namespace {

constexpr std::string_view token_user = "<token>";  // by which helpers say that the password is a token

Error broken(const std::string& path, const std::string& why) {
  return make_error(ErrorId::config_invalid, path + ": " + why, "Run 'docker login' again, or name another file");
}

// https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol
Result<std::string> ask_helper(const Context& ctx, const std::string& helper, const std::string& verb,
                               const std::string& input) {
  const std::string program = "docker-credential-" + helper;
  const auto said = sys::run(ctx.within(std::chrono::seconds(10)), {.argv = {program, verb}, .input = input});
  if (!said.ok() && said.error().id == ErrorId::tool_not_found) {
    return make_error(ErrorId::tool_not_found,
                      "Docker keeps logins with the program " + program + ", which is not there",
                      "Put it on PATH, or name a file with --registry-config that holds the logins themselves");
  }
  if (!said.ok()) return with_trail(Result<std::string>(said.error()), "asking " + program);
  if (said->exit_code == 0) return said->out;
  const std::string why(trim(said->out.empty() ? said->err : said->out));
  if (why.find("credentials not found") != std::string::npos) return std::string();
  return make_error(ErrorId::host_error, program + " does not give the logins: " + why);
}

Result<std::optional<Login>> login_of_helper(const Context& ctx, const std::string& helper, const std::string& server) {
  const std::string answer = TRY(ask_helper(ctx, helper, "get", server));
  if (answer.empty()) return std::optional<Login>();
  const auto json = parse_json(answer);
  if (!json.ok()) return make_error(ErrorId::host_error, "docker-credential-" + helper + " answers with no JSON");
  return std::optional(Login{text_at(*json, "Username"), text_at(*json, "Secret")});
}

std::optional<Login> login_of_entry(const Json& entry) {
  if (!text_at(entry, "identitytoken").empty()) return Login{std::string(token_user), ""};
  const auto decoded = base64_decode(text_at(entry, "auth"));
  if (decoded.ok() && decoded->find(':') != std::string::npos) {
    return Login{decoded->substr(0, decoded->find(':')), decoded->substr(decoded->find(':') + 1)};
  }
  if (text_at(entry, "username").empty()) return std::nullopt;
  return Login{text_at(entry, "username"), text_at(entry, "password")};
}

// The keys of an object of the file, which may be absent.
std::map<std::string, Json> entries(const Json& config, std::string_view key) {
  std::map<std::string, Json> all;
  const Json* found = find(config, key);
  if (found == nullptr || !found->is_object()) return all;
  for (const auto& [name, value] : found->get_object()) all[std::string(name)] = value;
  return all;
}

// "index.docker.io" of "https://index.docker.io/v1/".
std::string_view host_of(std::string_view server) {
  const auto scheme = server.find("://");
  if (scheme != std::string_view::npos) server.remove_prefix(scheme + 3);
  return server.substr(0, server.find('/'));
}

}  // namespace

Result<Logins> read_logins(const Context& ctx, const std::string& config) {
  const std::string path = config == logins_of_docker ? sys::docker_folder() + "/config.json" : config;
  const auto text = TRY(sys::read_file_if_there(path));
  if (!text) {
    return make_error(ErrorId::host_error, "There is no " + path + " with logins for registries",
                      "Run 'docker login' first, or name another file with --registry-config; none takes logins away");
  }
  const auto parsed = parse_json(*text);
  if (!parsed.ok() || !parsed->is_object())
    return broken(path, parsed.ok() ? "no object of JSON" : parsed.error().what);
  const std::string store = text_at(*parsed, "credsStore");
  const auto helpers = entries(*parsed, "credHelpers");
  const auto auths = entries(*parsed, "auths");
  std::map<std::string, std::string> helper_of;  // by server; empty = the file says it itself
  for (const auto& [server, entry] : auths) helper_of[server] = login_of_entry(entry) ? "" : store;
  if (!store.empty()) {
    const auto kept = parse_json(TRY(ask_helper(ctx, store, "list", "")));
    if (kept.ok() && kept->is_object()) {
      for (const auto& [server, user] : kept->get_object()) helper_of[std::string(server)] = store;
    }
  }
  for (const auto& [server, helper] : helpers) {
    if (!helper.is_string()) return broken(path, "'credHelpers' must be names of programs by registry");
    helper_of[server] = std::string(helper.get_string());
  }
  Logins logins;
  for (const auto& [server, helper] : helper_of) {
    const auto login = helper.empty() ? login_of_entry(auths.at(server)) : TRY(login_of_helper(ctx, helper, server));
    if (!login) continue;
    if (login->user == token_user) {
      ctx.events->warning("The login for " + server + " is a token, which kubelet cannot use; it is left out");
      continue;
    }
    logins[server] = *login;
  }
  return logins;
}

std::string to_docker_config(const Logins& logins) {
  if (logins.empty()) return "";
  JsonObject auths;
  for (const auto& [server, login] : logins) {
    auths[server] = JsonObject{{"auth", base64_encode(login.user + ":" + login.password)}};
  }
  return to_text(JsonObject{{"auths", std::move(auths)}}) + "\n";
}

std::optional<Login> login_for(const Logins& logins, std::string_view image) {
  constexpr std::string_view hub = "docker.io";
  const std::string_view host = image.substr(0, image.find('/'));
  for (const auto& [server, login] : logins) {
    const std::string_view its = host_of(server);
    if (its == host || (host == hub && its == "index.docker.io")) return login;
  }
  return std::nullopt;
}

}  // namespace skiff::cluster
