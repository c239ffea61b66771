// SPDX-License-Identifier: Apache-2.0
#include "base/go_template.h"

#include "base/strings.h"

namespace skiff {
namespace {

constexpr std::string_view blanks = " \t\r\n";

Error wrong(const std::string& what) {
  return make_error(ErrorId::usage, "The template is wrong: " + what,
                    "Use fields such as {{.Name}}, and {{if .Field}}...{{else}}...{{end}}");
}

bool is_true(const Json& value) {
  const std::string text = shown(value);
  return !text.empty() && text != "false" && text != "0";
}

// What stands between two braces, and the text before it.
class Reader {
 public:
  Reader(std::string_view text, const JsonObject& fields) : rest_(text), fields_(fields) {}

  // Up to `end` or `else` of the block that it is in, or to the end of all.
  Result<std::string> block(bool inside) {
    std::string out;
    while (true) {
      const auto open = rest_.find("{{");
      std::string_view before = rest_.substr(0, open);
      rest_.remove_prefix(open == std::string_view::npos ? rest_.size() : open);
      std::string_view action;
      if (open != std::string_view::npos) action = TRY(next_action(before));
      out += before;
      if (open == std::string_view::npos) return inside ? Result<std::string>(wrong("an 'if' has no 'end'")) : out;
      stopped_at_ = action;
      if (action == "end" || action == "else") {
        if (inside) return out;
        return wrong("'" + std::string(action) + "' stands without an 'if'");
      }
      out += action.starts_with("if ") ? TRY(choice(trim(action.substr(3)))) : TRY(value(action));
    }
  }

 private:
  Result<std::string_view> next_action(std::string_view& before) {
    const auto close = rest_.find("}}");
    if (close == std::string_view::npos) return wrong("'{{' has no '}}'");
    std::string_view action = rest_.substr(2, close - 2);
    rest_.remove_prefix(close + 2);
    if (action.starts_with("- ")) {
      before = before.substr(0, before.find_last_not_of(blanks) + 1);
      action.remove_prefix(2);
    }
    if (action.ends_with(" -")) {
      rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
      action.remove_suffix(2);
    }
    return trim(action);
  }

  Result<std::string> choice(std::string_view condition) {
    const bool holds = is_true(*TRY(field(condition)));
    std::string chosen = TRY(block(true));
    if (stopped_at_ == "else") {
      std::string other = TRY(block(true));
      if (stopped_at_ == "else") return wrong("an 'if' has two 'else'");
      return holds ? chosen : other;
    }
    return holds ? chosen : std::string();
  }

  Result<std::string> value(std::string_view action) {
    if (action.size() >= 2 && action.front() == '"' && action.back() == '"') {
      return replace_all(replace_all(action.substr(1, action.size() - 2), "\\n", "\n"), "\\t", "\t");
    }
    return shown(*TRY(field(action)));
  }

  Result<const Json*> field(std::string_view name) {
    if (!name.starts_with('.')) return wrong("'" + std::string(name) + "' is not understood");
    if (const auto* value = fields_.if_contains(name.substr(1))) return value;
    std::vector<std::string> known;
    for (const auto& [key, value] : fields_) known.emplace_back(key);
    return wrong("there is no field '" + std::string(name) + "'" + did_you_mean(name.substr(1), known));
  }

  std::string_view rest_;
  const JsonObject& fields_;
  std::string_view stopped_at_;
};

}  // namespace

std::string shown(const Json& value) {
  return value.is_string() ? std::string(value.get_string()) : value.is_null() ? "" : to_text(value);
}

Result<std::string> fill_template(std::string_view text, const JsonObject& fields) {
  return Reader(text, fields).block(false);
}

}  // namespace skiff
