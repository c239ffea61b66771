#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>
#include <sstream>

#include "base/json.h"
#include "base/strings.h"

namespace skiff {
namespace {

// The YAML 1.2 core schema's plain scalars. A quoted scalar (tag "!") is always text.
Json scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return Json(text);
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  if (text.empty() || text == "~" || text == "null" || text == "Null") return nullptr;
  const bool may_be_number = text.find_first_not_of("+-0123456789.eE") == std::string::npos;
  if (may_be_number) {
    const char* const end = text.data() + text.size();
    std::int64_t integer = 0;
    if (const auto r = std::from_chars(text.data(), end, integer); r.ec == std::errc{} && r.ptr == end) return integer;
    double number = 0;
    if (const auto r = std::from_chars(text.data(), end, number); r.ec == std::errc{} && r.ptr == end) return number;
  }
  return Json(text);
}

// Aliases make much out of little: a document that holds itself has no end, and nine lines of nine aliases each have
// a thousand million values. Without aliases a value takes a byte at least.
struct Room {
  explicit Room(std::size_t bytes) : values(10'000 + 4 * bytes) {}
  std::size_t values;
  std::size_t depth = 1'000;
};

Json convert(const YAML::Node& node, const std::string& path, std::map<std::string, int>& lines, Room& room) {
  if (room.values == 0 || room.depth == 0) throw YAML::ParserException(node.Mark(), "its aliases make it too large");
  --room.values;
  if (!path.empty()) lines[path] = node.Mark().line + 1;
  const std::string prefix = path.empty() ? "" : path + ".";
  switch (node.Type()) {
    case YAML::NodeType::Map: {
      JsonObject object;
      --room.depth;
      for (const auto& entry : node) {
        const std::string key = entry.first.Scalar();
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

// Whether a plain scalar would be read as something else than this text, by us or by a YAML 1.1 reader (Kubernetes'
// own): "on" is a truth there, "1:30" and "0x1f" are numbers, "2024-01-01" a date.
bool needs_quotes(const std::string& text) {
  static const std::set<std::string, std::less<>> truths = {"y", "n", "yes", "no", "on", "off"};
  if (!scalar(YAML::Node(text)).is_string() || truths.contains(to_lower(text))) return true;
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, is_control)) return true;  // the emitter leaves a CR plain, which readers drop
  return std::string_view("0123456789+-.").find(text.front()) != std::string_view::npos;
}

void emit(const Json& value, YAML::Emitter& out) {
  if (const auto* object = value.if_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, member] : *object) {
      out << YAML::Key << std::string(key) << YAML::Value;
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

}  // namespace

Result<std::vector<YamlDocument>> parse_yaml(std::string_view text, std::string_view source) {
  try {
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
    return make_error(ErrorId::config_invalid,
                      std::string(source) + ":" + std::to_string(e.mark.line + 1) + ": not YAML: " + e.msg);
  }
}

std::string to_yaml(const Json& value) {
  YAML::Emitter out;
  emit(value, out);
  return std::string(out.c_str()) + '\n';
}

}  // namespace skiff
