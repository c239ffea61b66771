// SPDX-License-Identifier: Apache-2.0
#include "kube/kubeconfig.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/json.h"
#include "base/strings.h"

namespace skiff::kube {
namespace {

constexpr const char* clusters = "clusters";
constexpr const char* contexts = "contexts";
constexpr const char* users = "users";
constexpr const char* current_context = "current-context";

Json cluster_entry(const Access& access) {
  JsonObject cluster{{"certificate-authority-data", base64_encode(access.ca_pem)}, {"server", access.server}};
  if (!access.provider.empty()) {
    cluster["extensions"] =
        JsonArray{JsonObject{{"name", "cluster_info"}, {"extension", JsonObject{{"provider", access.provider}}}}};
  }
  return JsonObject{{"cluster", std::move(cluster)}, {"name", access.name}};
}
Json context_entry(const Access& access) {
  JsonObject context{{"cluster", access.name}, {"user", access.name}};
  if (!access.context_namespace.empty()) context["namespace"] = access.context_namespace;
  return JsonObject{{"context", std::move(context)}, {"name", access.name}};
}
Json user_entry(const Access& access) {
  return JsonObject{{"name", access.name},
                    {"user", JsonObject{{"client-certificate-data", base64_encode(access.client.cert_pem)},
                                        {"client-key-data", base64_encode(access.client.key_pem)}}}};
}

std::string list_item(const Json& entry) { return to_yaml(JsonArray{entry}); }

struct Document {
  std::string text;
  std::vector<std::string> lines;  // each with its end
  bool empty = false;              // no content but comments
  JsonObject value;
  std::map<std::string, int> line_of;  // "clusters.0" -> 1-based line
};

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const std::size_t size = end == std::string_view::npos ? text.size() : end + 1;
    lines.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

Result<void> check_list(const Document& document, const char* section, const auto& bad) {
  const Json* list = document.value.if_contains(section);
  if (list == nullptr || list->is_null()) return {};
  if (!list->is_array()) return bad(section, "'" + std::string(section) + "' is not a list");
  for (std::size_t i = 0; i < list->get_array().size(); ++i) {
    const std::string item = std::string(section) + "." + std::to_string(i);
    if (!list->get_array()[i].is_object()) return bad(item, "an entry of '" + std::string(section) + "' has no fields");
  }
  return {};
}

Result<Document> parse(const std::string& text, const std::string& path) {
  auto documents = parse_yaml(text, path);
  if (!documents.ok()) {
    Error error = std::move(documents).error();
    error.id = ErrorId::kubeconfig_invalid;
    return error;
  }
  Document document{text, lines_of(text), documents->empty(), {}, {}};
  if (document.empty) return document;

  auto& parsed = documents->front();
  document.line_of = std::move(parsed.lines);
  const auto bad = [&](const std::string& where, const std::string& why) {
    const auto line = document.line_of.find(where);
    return make_error(ErrorId::kubeconfig_invalid,
                      path + ":" + std::to_string(line == document.line_of.end() ? 1 : line->second) + ": " + why);
  };
  if (documents->size() > 1) return bad("", "more than one document");
  if (!parsed.value.is_object()) return bad("", "not a kubeconfig");
  if (const std::string kind = text_at(parsed.value, "kind", "Config"); kind != "Config") {
    return bad("kind", "a " + kind + ", not a kubeconfig");
  }
  document.value = std::move(parsed.value.get_object());
  for (const char* section : {clusters, contexts, users}) TRY(check_list(document, section, bad));
  const Json* current = document.value.if_contains(current_context);
  if (current != nullptr && !current->is_string() && !current->is_null()) {
    return bad(current_context, "'current-context' is not a name");
  }
  return document;
}

const JsonArray& entries_of(const JsonObject& value, const char* section) {
  static const JsonArray none;
  const Json* list = value.if_contains(section);
  return list != nullptr && list->is_array() ? list->get_array() : none;
}

const Json* entry_of(const JsonObject& value, const char* section, const std::string& name) {
  const JsonArray& list = entries_of(value, section);
  const auto* at = std::find_if(list.begin(), list.end(), [&](const Json& e) { return text_at(e, "name") == name; });
  return at == list.end() ? nullptr : at;
}

std::string current_of(const JsonObject& value) {
  const Json* current = value.if_contains(current_context);
  return current != nullptr && current->is_string() ? std::string(current->get_string()) : std::string();
}

// Changes a document twice: its values, and the few lines of its text that hold them. The result is the changed text if
// reading it gives exactly the changed values, whatever its style; else (lists that are not in block style) the values
// are written anew.
class Edit {
 public:
  explicit Edit(Document document) : document_(std::move(document)), value_(document_.value) {}

  const JsonObject& value() const { return value_; }

  // Puts `entry` in the place of the entries of that name, or first; only removes them when there is none.
  void set_entry(const char* section, const std::string& name, const std::optional<Json>& entry) {
    const JsonArray& old = entries_of(document_.value, section);
    JsonArray list;
    std::vector<std::size_t> replaced;
    for (std::size_t i = 0; i < old.size(); ++i) {
      const bool ours = text_at(old[i], "name") == name;
      if (!ours) list.push_back(old[i]);
      if (ours && entry && replaced.empty()) list.push_back(*entry);
      if (ours) replaced.push_back(i);
    }
    if (entry && replaced.empty()) list.insert(list.begin(), *entry);
    if (list == old) return;
    change_list(section, replaced, entry, list.empty());
    value_[section] = std::move(list);
  }

  void set_current(const std::string& name) {
    if (current_of(value_) == name) return;
    const auto line = key_line(current_context);
    change(line.value_or(end()), line ? *line + 1 : end(), std::string(current_context) + ": " + to_yaml(Json(name)));
    value_[current_context] = name;
  }

  Result<std::string> result(const std::string& path) {
    if (value_ == document_.value) return document_.text;
    const std::string text = changed_text();
    if (const auto read_back = parse(text, path); read_back.ok() && read_back->value == value_) return text;
    if (document_.text.find('#') != std::string::npos && !parse_json(document_.text).ok()) {
      return make_error(ErrorId::kubeconfig_invalid,
                        path + ":1: its lists are written in a way that cannot be edited without losing comments",
                        "Write clusters, contexts and users as lists of lines that begin with '- '");
    }
    return to_pretty_text(value_);
  }

 private:
  struct Change {  // lines [begin, end) become `text`
    std::size_t begin;
    std::size_t end;
    std::string text;
  };

  std::size_t end() const { return document_.lines.size(); }

  void change(std::size_t from, std::size_t to, std::string text) { changes_.push_back({from, to, std::move(text)}); }

  std::optional<std::size_t> key_line(const std::string& key) const {
    const auto at = std::find_if(document_.lines.begin(), document_.lines.end(),
                                 [&](const std::string& line) { return line.starts_with(key + ":"); });
    if (at == document_.lines.end()) return std::nullopt;
    return static_cast<std::size_t>(at - document_.lines.begin());
  }

  void change_list(const char* section, const std::vector<std::size_t>& replaced, const std::optional<Json>& entry,
                   bool becomes_empty) {
    const std::string key = std::string(section) + ":";
    const auto line = key_line(section);
    const JsonArray& old = entries_of(document_.value, section);
    for (const std::size_t index : replaced) {
      const std::size_t begin = item_line(section, index);
      const bool first = index == replaced.front();
      change(begin, item_end(begin), entry && first ? indented(list_item(*entry), begin) : "");
    }
    if (becomes_empty && line) {
      change(*line, *line + 1, key + " []" + document_.lines[*line].substr(key.size()));
    } else if (entry && old.empty()) {
      change(line.value_or(end()), line ? *line + 1 : end(), key + "\n" + list_item(*entry));
    } else if (entry && replaced.empty() && line) {
      change(*line + 1, *line + 1, indented(list_item(*entry), item_line(section, 0)));
    }
  }

  std::size_t item_line(const char* section, std::size_t index) const {
    const auto at = document_.line_of.find(std::string(section) + "." + std::to_string(index));
    return at == document_.line_of.end() ? 0 : static_cast<std::size_t>(at->second - 1);
  }

  static std::size_t indentation(const std::string& line) { return std::min(line.find_first_not_of(' '), line.size()); }

  // Behind the last line of the item that has content. What follows it - comments, blank lines - may belong to the
  // next entry and stays.
  std::size_t item_end(std::size_t begin) const {
    std::size_t behind = begin + 1;
    for (std::size_t i = begin + 1; i < end(); ++i) {
      const auto content = trim(document_.lines[i]);
      if (content.empty() || content.front() == '#') continue;
      if (indentation(document_.lines[i]) <= indentation(document_.lines[begin])) break;
      behind = i + 1;
    }
    return behind;
  }

  std::string indented(const std::string& text, std::size_t like_line) const {
    const std::string indent(indentation(document_.lines[like_line]), ' ');
    std::string out;
    for (const auto& line : lines_of(text)) out += indent + line;
    return out;
  }

  std::string changed_text() {
    std::stable_sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    const auto& lines = document_.lines;
    const bool dos = !lines.empty() && lines.front().ends_with("\r\n");
    const std::string newline = dos ? "\r\n" : "\n";
    std::string text;
    std::size_t next = 0;
    const auto copy_until = [&](std::size_t limit) {
      while (next < limit) text += lines[next++];
    };
    for (const auto& [begin, end, replacement] : changes_) {
      copy_until(begin);
      if (!text.empty() && !text.ends_with('\n')) text += newline;
      text += dos ? replace_all(replace_all(replacement, newline, "\n"), "\n", newline) : replacement;
      next = std::max(next, end);
    }
    copy_until(lines.size());
    return text;
  }

  const Document document_;
  JsonObject value_;
  std::vector<Change> changes_;
};

std::string document_of(const Access& access, bool as_current) {
  const std::string current = as_current ? std::string(current_context) + ": " + to_yaml(Json(access.name)) : "";
  return "apiVersion: v1\nkind: Config\nclusters:\n" + list_item(cluster_entry(access)) + "contexts:\n" +
         list_item(context_entry(access)) + current + "users:\n" + list_item(user_entry(access));
}

// Comments stay in front of the first entry that the file ever gets.
std::string first_entry(const std::string& text, const std::string& path, const std::string& entry) {
  const std::string separator = text.empty() || text.ends_with('\n') ? "" : "\n";
  const std::string joined = text + separator + entry;
  return parse(joined, path).ok() ? joined : entry;
}

std::string decoded(const Json& entry, const char* at) {
  auto pem = base64_decode(text_at(entry, at));
  return pem.ok() ? *std::move(pem) : std::string();
}

// Whose the entries of one name are; all are ours when there are none.
struct Owned {
  bool cluster = true;
  bool user = true;
  bool context = true;
};

Owned owned_in(const JsonObject& value, const std::string& name, const std::string& ca_pem) {
  Owned owned;
  const auto all = [&](const char* section, const auto& is_ours) {
    return std::ranges::all_of(entries_of(value, section),
                               [&](const Json& entry) { return text_at(entry, "name") != name || is_ours(entry); });
  };
  owned.cluster = all(clusters, [&](const Json& entry) {
    return !ca_pem.empty() && trim(decoded(entry, "cluster.certificate-authority-data")) == trim(ca_pem);
  });
  owned.user = all(users, [&](const Json& entry) {
    return !ca_pem.empty() && is_issued_by(decoded(entry, "user.client-certificate-data"), ca_pem);
  });
  owned.context = all(contexts, [&](const Json& entry) {
    return !ca_pem.empty() && owned.cluster && text_at(entry, "context.cluster") == name;
  });
  return owned;
}

std::string conflict_of(const Owned& owned, const std::string& name) {
  const char* what = !owned.cluster ? "cluster" : !owned.user ? "user" : !owned.context ? "context" : nullptr;
  return what == nullptr ? "" : "the " + std::string(what) + " '" + name + "'";
}

}  // namespace

std::string to_kubeconfig(const Access& access) { return document_of(access, true); }

Result<std::string> with_entry(const std::string& text, const std::string& path, const Access& access,
                               Current current) {
  Document document = TRY(parse(text, path));
  if (document.empty) return first_entry(text, path, document_of(access, current != Current::keep));
  if (const auto conflict = conflict_of(owned_in(document.value, access.name, access.ca_pem), access.name);
      !conflict.empty()) {
    return kubeconfig_conflict(path, conflict);
  }

  Edit edit(std::move(document));
  edit.set_entry(clusters, access.name, cluster_entry(access));
  const Json* context = entry_of(edit.value(), contexts, access.name);
  const bool joined = context != nullptr && text_at(*context, "context.cluster") == access.name &&
                      text_at(*context, "context.user") == access.name;
  edit.set_entry(contexts, access.name, joined && !access.renew_context ? *context : context_entry(access));
  edit.set_entry(users, access.name, user_entry(access));
  if (current == Current::set || (current == Current::set_if_none && current_of(edit.value()).empty())) {
    edit.set_current(access.name);
  }
  return edit.result(path);
}

Result<std::string> without_entry(const std::string& text, const std::string& path, const std::string& name,
                                  const std::string& ca_pem) {
  Edit edit(TRY(parse(text, path)));
  const Owned owned = owned_in(edit.value(), name, ca_pem);
  if (owned.context && current_of(edit.value()) == name) edit.set_current("");
  if (owned.cluster) edit.set_entry(clusters, name, std::nullopt);
  if (owned.context) edit.set_entry(contexts, name, std::nullopt);
  if (owned.user) edit.set_entry(users, name, std::nullopt);
  return edit.result(path);
}

Result<std::string> without_current(const std::string& text, const std::string& path, const std::string& name,
                                    const std::string& ca_pem) {
  Edit edit(TRY(parse(text, path)));
  const bool ours = owned_in(edit.value(), name, ca_pem).context;
  if (ours && current_of(edit.value()) == name) edit.set_current("");
  return edit.result(path);
}

Result<std::string> with_current(const std::string& text, const std::string& path, const std::string& name) {
  Document document = TRY(parse(text, path));
  if (document.empty) {
    return first_entry(text, path,
                       "apiVersion: v1\nkind: Config\n" + std::string(current_context) + ": " + to_yaml(Json(name)));
  }
  Edit edit(std::move(document));
  edit.set_current(name);
  return edit.result(path);
}

Result<Contents> contents_of(const std::string& text, const std::string& path, const std::string& name,
                             const std::string& ca_pem) {
  const Document document = TRY(parse(text, path));
  const bool known = std::ranges::any_of(std::array{clusters, contexts, users}, [&](const char* section) {
    return entry_of(document.value, section, name) != nullptr;
  });
  return Contents{known, conflict_of(owned_in(document.value, name, ca_pem), name), current_of(document.value)};
}

Error kubeconfig_conflict(const std::string& path, const std::string& what) {
  return make_error(ErrorId::kubeconfig_conflict, path + " has " + what + ", which belongs to another cluster",
                    "Choose another name for this one with 'skiff start --context-name NAME', rename the entry that is "
                    "there ('kubectl config "
                    "rename-context' renames a context), remove it, or point KUBECONFIG at another file");
}

Result<KubeconfigState> state_of(const std::string& text, const std::string& path, const std::string& name,
                                 const std::string& server) {
  const Document document = TRY(parse(text, path));
  const Json* context = entry_of(document.value, contexts, name);
  if (context == nullptr) return KubeconfigState::missing;
  const Json* cluster = entry_of(document.value, clusters, text_at(*context, "context.cluster"));
  const bool right = cluster != nullptr && text_at(*cluster, "cluster.server") == server &&
                     entry_of(document.value, users, text_at(*context, "context.user")) != nullptr;
  return right ? KubeconfigState::right : KubeconfigState::stale;
}

}  // namespace skiff::kube
