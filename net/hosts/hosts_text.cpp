// SPDX-License-Identifier: Apache-2.0
#include "net/hosts/hosts_text.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

#include "base/strings.h"
#include "model/cluster_spec.h"

namespace skiff::net {
namespace {

// Content and line end apart; only a file's last line may have no end.
struct Line {
  std::string content;
  std::string end;
  int number = 0;
};

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const auto newline = text.find('\n');
    std::string_view content = text.substr(0, newline);
    std::string_view end = newline == std::string_view::npos ? "" : "\n";
    text.remove_prefix(content.size() + end.size());
    if (!end.empty() && content.ends_with('\r')) {
      content.remove_suffix(1);
      end = "\r\n";
    }
    lines.push_back({std::string(content), std::string(end), static_cast<int>(lines.size()) + 1});
  }
  return lines;
}

std::string text_of(const std::vector<Line>& lines) {
  std::string text;
  for (const auto& line : lines) text += line.content + line.end;
  return text;
}

std::string tag(std::string_view block) { return "# skiff " + std::string(block); }

// The words of a line before its comment: an address and its names.
std::vector<std::string> fields(std::string_view line) {
  line = line.substr(0, line.find('#'));
  std::vector<std::string> words;
  while (!(line = trim(line)).empty()) {
    words.emplace_back(line.substr(0, line.find_first_of(" \t\r")));
    line.remove_prefix(words.back().size());
  }
  return words;
}

// A comment that only looks like ours is somebody else's.
bool is_ours(std::string_view line, std::string_view block) {
  line = trim(line);
  const auto has = [&](const std::string& mark) {
    if (line == mark + " begin" || line == mark + " end") return true;
    return line.ends_with(" " + mark) && !fields(line).empty();
  };
  const auto at = block.find('@');
  return has(tag(block)) || (at != std::string_view::npos && has(tag(block.substr(0, at))));
}

// What is to be mapped: names in lower case, in the order in which they came, each with its addresses.
struct Wanted {
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>> addresses;
};

Wanted wanted(const std::vector<HostsEntry>& entries) {
  Wanted out;
  for (const auto& entry : entries) {
    const std::string name = to_lower(entry.name);
    const std::string address = to_string(entry.address);
    auto& addresses = out.addresses[name];
    if (addresses.empty()) out.names.push_back(name);
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  return out;
}

// Where the lines map those names already.
std::map<std::string, std::vector<HostsConflict>> mappings(const std::vector<Line>& lines, const Wanted& want) {
  std::map<std::string, std::vector<HostsConflict>> found;
  for (const auto& line : lines) {
    const auto words = fields(line.content);
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::string name = to_lower(words[i]);
      if (want.addresses.contains(name)) found[name].push_back({name, words.front(), line.number});
    }
  }
  return found;
}

// Where the block stands or is to stand, and how its lines end.
struct Place {
  std::size_t line;
  std::string end;
};

// A block keeps the line ends that it has; a new one takes those of the file's first line.
Place remove_ours(std::vector<Line>& lines, std::string_view block) {
  const auto ours = [&](const Line& line) { return is_ours(line.content, block); };
  const auto first = std::find_if(lines.begin(), lines.end(), ours);
  Place place{static_cast<std::size_t>(first - lines.begin()), "\n"};
  if (!lines.empty() && !lines.front().end.empty()) place.end = lines.front().end;
  if (first != lines.end() && !first->end.empty()) place.end = first->end;

  const bool unfinished = !lines.empty() && lines.back().end.empty();
  lines.erase(std::remove_if(first, lines.end(), ours), lines.end());
  if (unfinished && !lines.empty()) lines.back().end.clear();  // what insert() gave to it
  return place;
}

void insert(std::vector<Line>& lines, const Place& place, const std::vector<std::string>& block) {
  const bool unfinished = !lines.empty() && lines.back().end.empty();
  // A CR that ends the file must not be read as a part of that line's end when it is removed again.
  if (unfinished) lines.back().end = lines.back().content.ends_with('\r') ? "\r\n" : place.end;
  std::vector<Line> added;
  added.reserve(block.size());
  for (const auto& content : block) added.push_back({content, place.end});
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(place.line), added.begin(), added.end());
  if (unfinished) lines.back().end.clear();
}

}  // namespace

HostsEdit set_hosts_block(std::string_view text, std::string_view block, const std::vector<HostsEntry>& entries) {
  std::vector<Line> lines = lines_of(text);
  const Place place = remove_ours(lines, block);

  const Wanted want = wanted(entries);
  const auto there = mappings(lines, want);

  HostsEdit edit;
  std::vector<std::string> inserted;
  for (const auto& name : want.names) {
    const auto& addresses = want.addresses.at(name);
    const auto mapped = there.find(name);
    if (mapped == there.end()) {
      for (const auto& address : addresses) inserted.push_back(join(std::array{address, name, tag(block)}, " "));
      continue;
    }
    std::copy_if(mapped->second.begin(), mapped->second.end(), std::back_inserter(edit.conflicts), [&](const auto& m) {
      return std::find(addresses.begin(), addresses.end(), m.address) == addresses.end();
    });
  }
  if (!inserted.empty()) {
    inserted.insert(inserted.begin(), tag(block) + " begin");
    inserted.push_back(tag(block) + " end");
    insert(lines, place, inserted);
  }
  edit.text = text_of(lines);
  return edit;
}

std::string remove_hosts_block(std::string_view text, std::string_view block) {
  return set_hosts_block(text, block, {}).text;
}

Result<void> check_block_name(std::string_view block) {
  constexpr std::size_t hash_size = 8;
  const auto at = block.find('@');
  TRY(check_profile_name(block.substr(0, at)));
  if (at == std::string_view::npos) return {};
  const auto owner = block.substr(at + 1);
  const auto dash = owner.find('-');
  const auto user = owner.substr(0, dash);
  const auto hash = dash == std::string_view::npos ? std::string_view() : owner.substr(dash + 1);
  const auto only = [](std::string_view word, std::string_view characters) {
    return !word.empty() && word.find_first_not_of(characters) == std::string_view::npos;
  };
  constexpr std::size_t longest_user = 10;  // digits of a uid
  if (user.size() <= longest_user && only(user, "0123456789") && hash.size() == hash_size &&
      only(hash, "0123456789abcdef")) {
    return {};
  }
  return make_error(ErrorId::usage, "'" + std::string(block) + "' names no block of a hosts file");
}

Result<void> check_host_name(std::string_view name) {
  constexpr std::size_t longest_name = 253;
  constexpr std::size_t longest_label = 63;
  const auto bad = [&](std::string_view why) {
    return make_error(ErrorId::usage, "The host name '" + std::string(name) + "' " + std::string(why));
  };
  const std::string lower = to_lower(name);
  if (lower.size() > longest_name) return bad("is too long");
  if (lower == "localhost") return bad("belongs to the system");
  if (parse_ipv4(lower).ok()) return bad("is an address");
  for (const auto& label : split(lower, '.')) {
    if (label == "*") return bad("is a pattern, which a hosts file cannot have");
    if (label.empty() || label.size() > longest_label) return bad("has an empty or too long part");
    if (label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
      return bad("has a character that a host name cannot have");
    }
    if (label.front() == '-' || label.back() == '-') return bad("has a part that starts or ends with a dash");
  }
  return {};
}

}  // namespace skiff::net
