// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/strings.h"

namespace skiff {
namespace {

// Integers as Go's ParseInt(text, 0, 64) reads them: 0x1f, 0b11, 0o17 and 017, with a sign.
std::optional<Json> integer(std::string_view digits, bool negative) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char letter = static_cast<char>(digits[1] | 0x20);
    base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
    digits.remove_prefix(letter == 'x' || letter == 'b' || letter == 'o' ? 2 : 1);
  }
  std::uint64_t value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  if (const auto r = std::from_chars(begin, end, value, base); r.ec != std::errc{} || r.ptr != end) return {};
  constexpr std::uint64_t limit = std::uint64_t{1} << 63;
  if (negative && value > limit) return {};
  if (negative)
    return Json(value == limit ? std::numeric_limits<std::int64_t>::min() : -static_cast<std::int64_t>(value));
  return value < limit ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

std::optional<Json> number(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const std::string digits = replace_all(text, "_", "");
  if (digits.empty() || std::string_view("0123456789.").find(digits.front()) == std::string_view::npos) return {};
  if (auto whole = integer(digits, negative)) return whole;
  double value = 0;
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  if (const auto r = std::from_chars(begin, end, value); r.ec != std::errc{} || r.ptr != end) return {};
  if (negative) value = -value;
  constexpr double exact = 9007199254740992;  // 2^53; a whole number is written without a point, as Go does
  if (std::trunc(value) == value && std::abs(value) < exact) return Json(static_cast<std::int64_t>(value));
  return Json(value);
}

// Scalars as Kubernetes reads them (sigs.k8s.io/yaml 1.6, go.yaml.in/yaml/v2: YAML 1.1 without base 60 and dates). A
// quoted scalar (tag "!") is always text.
Json scalar(const YAML::Node& node) {
  static const std::set<std::string, std::less<>> yes = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                         "True", "TRUE", "on",  "On",  "ON"};
  static const std::set<std::string, std::less<>> no = {"n",     "N",     "no",  "No",  "NO", "false",
                                                        "False", "FALSE", "off", "Off", "OFF"};
  static const std::set<std::string, std::less<>> nothing = {"", "~", "null", "Null", "NULL"};
  const std::string& text = node.Scalar();
  if (node.Tag() == "!" || node.Tag() == "tag:yaml.org,2002:str") return Json(text);
  if (yes.contains(text)) return true;
  if (no.contains(text)) return false;
  if (nothing.contains(text)) return nullptr;
  if (std::string_view("0123456789+-.").find(text.front()) == std::string_view::npos) return Json(text);
  return number(text).value_or(Json(text));
}

// A key in JSON is a text: truths and numbers become theirs.
std::string key_text(const YAML::Node& node) {
  if (!node.IsScalar()) throw YAML::ParserException(node.Mark(), "a key must be a text");
  const Json value = scalar(node);
  return value.is_string() || value.is_null() ? node.Scalar() : to_text(value);
}

// Aliases make much out of little: a document that holds itself has no end, and nine lines of nine aliases each have
// a thousand million values. Without aliases a value takes a byte at least.
struct Room {
  explicit Room(std::size_t bytes) : values(10'000 + 4 * bytes) {}
  std::size_t values;
  std::size_t depth = 1'000;
};

Json convert(const YAML::Node& node, const std::string& path, std::map<std::string, int>& lines, Room& room);

// "<<: *defaults": the fields of one map or of several, the earlier ones first. What is set later wins, as in Go.
void merge(JsonObject& into, const YAML::Node& from, const std::string& path, std::map<std::string, int>& lines,
           Room& room) {
  if (from.IsSequence()) {
    for (std::size_t i = from.size(); i > 0; --i) {
      if (!from[i - 1].IsMap()) throw YAML::ParserException(from.Mark(), "'<<' merges maps alone");
      merge(into, from[i - 1], path, lines, room);
    }
    return;
  }
  if (!from.IsMap()) throw YAML::ParserException(from.Mark(), "'<<' merges maps alone");
  const Json fields = convert(from, path, lines, room);
  if (const auto* object = fields.if_object()) {
    for (const auto& [key, value] : *object) into[key] = value;
  }
}

Json convert(const YAML::Node& node, const std::string& path, std::map<std::string, int>& lines, Room& room) {
  if (room.values == 0 || room.depth == 0) throw YAML::ParserException(node.Mark(), "its aliases make it too large");
  --room.values;
  if (!path.empty()) lines[path] = node.Mark().line + 1;
  const std::string prefix = path.empty() ? "" : path + ".";
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      JsonObject object;
      --room.depth;
      std::set<std::string> known;
      for (const auto& entry : node) {
        if (entry.first.IsScalar() && entry.first.Scalar() == "<<" && entry.first.Tag() != "!") {
          merge(object, entry.second, path, lines, room);
          continue;
        }
        const std::string key = key_text(entry.first);
        if (!known.insert(key).second) throw YAML::ParserException(entry.first.Mark(), "'" + key + "' stands twice");
        object[key] = convert(entry.second, prefix + key, lines, room);
      }
      ++room.depth;
      return object;
    }
    case YAML::NodeType::Sequence: {
      JsonArray array;
      --room.depth;
      for (std::size_t i = 0; i < node.size(); ++i) {
        array.push_back(convert(node[i], prefix + std::to_string(i), lines, room));
      }
      ++room.depth;
      return array;
    }
    case YAML::NodeType::Scalar:
      return scalar(node);
    default:
      return nullptr;
  }
}

// Whether a plain scalar would be read as something else than this text, by us or by another YAML reader: "on" is a
// truth, "1:30" and "0x1f" may be numbers, "2024-01-01" a date.
bool needs_quotes(const std::string& text) {
  if (text == "<<" || !scalar(YAML::Node(text)).is_string()) return true;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, is_control)) return true;  // the emitter leaves a CR plain, which readers drop
  return std::string_view("0123456789+-.").find(text.front()) != std::string_view::npos;
}

void emit(const Json& value, YAML::Emitter& out) {
  if (const auto* object = value.if_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, member] : *object) {
      out << YAML::Key;
      if (needs_quotes(key)) out << YAML::DoubleQuoted;
      out << std::string(key) << YAML::Value;
      emit(member, out);
    }
    out << YAML::EndMap;
  } else if (const auto* array = value.if_array()) {
    if (array->empty()) out << YAML::Flow;
    out << YAML::BeginSeq;
    for (const auto& element : *array) emit(element, out);
    out << YAML::EndSeq;
  } else if (const auto* text = value.if_string()) {
    if (needs_quotes(std::string(*text))) out << YAML::DoubleQuoted;
    out << std::string(*text);
  } else if (value.is_null()) {
    out << YAML::Null;
  } else if (value.is_double()) {
    out << value.get_double();
  } else {
    out << to_text(value);
  }
}

// Notes where each document begins.
class Beginning final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  YAML::Mark mark;
};

// What cannot begin a document, a comma for instance, yaml-cpp leaves where it is and makes empty documents of it
// without end. Throws as its other complaints do.
void check_ends(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Beginning beginning;
  for (int last = -1; parser.HandleNextDocument(beginning); last = beginning.mark.pos) {
    if (beginning.mark.pos == last) throw YAML::ParserException(beginning.mark, "a document cannot begin here");
  }
}

bool indented_with_tab(std::string_view text, int line) {
  const auto lines = split(text, '\n');
  if (line < 0 || line >= static_cast<int>(lines.size())) return false;
  const std::string_view found = lines[static_cast<std::size_t>(line)];
  return found.substr(0, found.find_first_not_of(" \t")).find('\t') != std::string_view::npos;
}

// YAML has no byte 0 (1.2.2, 5.1), and yaml-cpp makes of it what nobody wrote. Text in UTF-16, which must begin with
// its mark here as in Kubernetes, is full of them.
void check_zeros(std::string_view text) {
  const auto at = text.find('\0');
  if (at == std::string_view::npos || text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return;
  YAML::Mark mark;
  mark.line = static_cast<int>(std::ranges::count(text.substr(0, at), '\n'));
  throw YAML::ParserException(mark, "it holds a byte 0");
}

}  // namespace

Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, std::string_view source) {
  try {
    check_zeros(text);
    check_ends(std::string(text));
    std::vector<YamlDocument> documents;
    Room room(text.size());
    for (const auto& node : YAML::LoadAll(std::string(text))) {
      YamlDocument document;
      document.value = convert(node, "", document.lines, room);
      if (!document.value.is_null()) documents.push_back(std::move(document));
    }
    return documents;
  } catch (const YAML::Exception& e) {
    const bool tab = indented_with_tab(text, e.mark.line);
    return make_error(ErrorId::config_invalid, std::string(source) + ":" + std::to_string(e.mark.line + 1) +
                                                   ": not YAML: " + (tab ? "a tab, where only spaces indent" : e.msg));
  }
}

std::string to_yaml(const Json& value) {
  YAML::Emitter out;
  emit(value, out);
  return std::string(out.c_str()) + '\n';
}

}  // namespace skiff
