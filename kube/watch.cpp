// SPDX-License-Identifier: Apache-2.0
#include "kube/watch.h"

#include <algorithm>
#include <map>
#include <optional>

namespace skiff::kube {
namespace {

constexpr int gone = 410;  // the version is older than what the API remembers

// How long one watch request lasts.
constexpr auto window = std::chrono::seconds(30);
constexpr auto grace = std::chrono::seconds(5);

constexpr Duration shortest_pause = std::chrono::milliseconds(20);
constexpr Duration longest_pause = std::chrono::seconds(1);

bool passing(int status) { return status == 429 || status >= 500; }

std::string query(const Collection& collection, const std::string& more) {
  std::string path = collection.path + "?" + more;
  if (!collection.label_selector.empty()) path += "&labelSelector=" + sys::url_encode(collection.label_selector);
  return path;
}

class Watch {
 public:
  Watch(Rest& rest, const Collection& collection, const Seen& seen)
      : rest_(rest), collection_(collection), seen_(seen) {}

  Result<void> run(const Context& ctx) {
    for (Duration pause = shortest_pause;;) {
      if (auto ended = ctx.check(ErrorId::kube_timeout); !ended.ok())
        return with_last_failure(std::move(ended).error());
      heard_ = false;
      // A bit longer than the API lets a watch last: a connection to a machine that vanished is silent for ever.
      const Context limited = ctx.within(window + grace);
      TRY(version_.empty() ? relist(limited) : follow(limited));
      if (enough_) return {};
      if (heard_) {
        pause = shortest_pause;
        last_failure_.reset();
      } else if (ctx.pause(pause).ok()) {
        pause = std::min(2 * pause, longest_pause);
      }
    }
  }

 private:
  // Both return an Error only when going on is of no use.

  Result<void> relist(const Context& ctx) {
    auto listing = list_all(ctx, rest_, collection_);
    if (!listing.ok()) return failed(std::move(listing).error());
    if (listing->last.status >= 300) return refused(listing->last);
    heard_ = true;

    auto vanished = std::exchange(known_, {});
    for (const auto& object : listing->items) {
      const std::string key = key_of(object);
      const auto before = vanished.extract(key);
      const bool changed = before.empty() || text_at(before.mapped(), "metadata.resourceVersion") !=
                                                 text_at(object, "metadata.resourceVersion");
      known_[key] = object;
      if (changed) TRY(tell(before.empty() ? "ADDED" : "MODIFIED", object));
      if (enough_) return {};
    }
    for (const auto& [key, object] : vanished) {
      TRY(tell("DELETED", object));
      if (enough_) return {};
    }
    version_ = listing->version;
    return tell("SYNCED", nullptr);
  }

  Result<void> follow(const Context& ctx) {
    const auto began = std::chrono::steady_clock::now();
    const sys::HttpRequest request{
        .path = query(collection_, "watch=true&allowWatchBookmarks=true&resourceVersion=" + sys::url_encode(version_) +
                                       "&timeoutSeconds=" + std::to_string(window.count()))};
    std::string pending;
    std::optional<Error> fatal;
    auto answer = rest_.stream(ctx, request, [&](std::string_view piece) -> Result<bool> {
      pending += piece;
      std::size_t begin = 0;
      for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n', begin)) {
        const auto more = event(std::string_view(pending).substr(begin, end - begin));
        if (!more.ok()) fatal = more.error();
        if (!more.ok() || !*more) return false;
        begin = end + 1;
      }
      pending.erase(0, begin);
      return true;
    });
    if (fatal) return *std::move(fatal);
    if (std::chrono::steady_clock::now() - began > longest_pause) heard_ = true;
    if (!answer.ok()) return failed(std::move(answer).error());
    if (answer->status == gone) version_.clear();
    if (answer->status >= 300 && answer->status != gone) return refused(*answer);
    return {};
  }

  // One line of a watch; false when it should not be read on.
  Result<bool> event(std::string_view line) {
    const auto parsed = parse_json(line);
    const Json* object = parsed.ok() ? find(*parsed, "object") : nullptr;
    if (object == nullptr) return false;
    const std::string type = text_at(*parsed, "type");
    if (type == "ERROR") {  // nearly always an expired version
      version_.clear();
      return false;
    }
    heard_ = true;
    version_ = text_at(*object, "metadata.resourceVersion");
    if (type == "BOOKMARK") return true;
    if (type == "DELETED") {
      known_.erase(key_of(*object));
    } else {
      known_[key_of(*object)] = *object;
    }
    TRY(tell(type, *object));
    return !enough_;
  }

  Result<void> tell(std::string_view type, const Json& object) {
    enough_ = !TRY(seen_(type, object));
    return {};
  }

  Result<void> failed(Error error) {
    if (error.id == ErrorId::interrupted) return error;
    last_failure_ = std::move(error);
    return {};
  }
  Result<void> refused(const sys::HttpResponse& answer) {
    if (!passing(answer.status)) return refusal(answer);
    return failed(refusal(answer));
  }

  Error with_last_failure(Error error) const {
    if (last_failure_ && error.id != ErrorId::interrupted) {
      error.trail = last_failure_->trail;
      error.trail.push_back(last_failure_->what);
    }
    return error;
  }

  Rest& rest_;
  const Collection& collection_;
  const Seen& seen_;
  std::string version_;                // empty: list first
  std::map<std::string, Json> known_;  // what `seen_` was told to exist
  bool heard_ = false;                 // the last request brought something
  bool enough_ = false;                // said `seen_`
  std::optional<Error> last_failure_;
};

}  // namespace

std::string key_of(const Json& object) {
  return text_at(object, "metadata.namespace") + "/" + text_at(object, "metadata.name");
}

Result<Listing> list_all(const Context& ctx, Rest& rest, const Collection& collection) {
  Listing listing;
  const std::string first = "limit=500";
  for (std::string page = first;;) {
    listing.last = TRY(rest.send(ctx, {.path = query(collection, page)}));
    if (listing.last.status == gone && page != first) {  // it took too long between pages: all at once
      listing.items.clear();
      page = "limit=0";
      continue;
    }
    if (listing.last.status >= 300) return listing;
    Json body = TRY(accepted(listing.last));
    std::string kind = text_at(body, "kind");
    if (kind.ends_with("List")) kind.resize(kind.size() - 4);
    JsonObject* object = body.if_object();
    Json* items = object != nullptr ? object->if_contains("items") : nullptr;
    if (items != nullptr && items->is_array()) {
      for (auto& item : items->get_array()) {
        if (!item.is_object()) continue;
        item.get_object().emplace("apiVersion", text_at(body, "apiVersion"));
        item.get_object().emplace("kind", kind);
        listing.items.push_back(std::move(item));
      }
    }
    listing.version = text_at(body, "metadata.resourceVersion");
    const std::string next = text_at(body, "metadata.continue");
    if (next.empty()) return listing;
    page = first + "&continue=" + sys::url_encode(next);
  }
}

Result<void> watch_all(const Context& ctx, Rest& rest, const Collection& collection, const Seen& seen) {
  return Watch(rest, collection, seen).run(ctx);
}

}  // namespace skiff::kube
