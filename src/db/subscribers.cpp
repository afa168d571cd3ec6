#include "db/subscribers.hpp"

#include <utility>

#include "base/log.hpp"

namespace callboard::db {

void Subscribers::add(std::function<void(const Change&)> subscriber) {
  subscribers_.push_back(std::move(subscriber));
}

void Subscribers::tell(const Change& change) const {
  for (const auto& subscriber : subscribers_) {
    try {
      subscriber(change);
    } catch (const std::exception& error) {
      log::error("change_subscriber_failed", {{"kind", change.kind}, {"error", error.what()}});
    } catch (...) {
      log::error("change_subscriber_failed", {{"kind", change.kind}});
    }
  }
}

}  // namespace callboard::db
