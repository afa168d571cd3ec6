#pragma once

// What tests of events share: an application to put them in, and shorthand for putting them there.

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "audience/audience.hpp"
#include "base/json.hpp"
#include "events/events.hpp"
#include "tests/support/applications.hpp"

namespace callboard::events {

class EventsTest : public ApplicationsTest {
 protected:
  // Who is told of what the shorthand does.
  virtual const EventWatcher& watcher() const {
    static const Unwatched nobody;
    return nobody;
  }
  // `hours` from now, an hour long.
  Content content(int hours, std::string detail = "{}") {
    const Timestamp start = clock().now() + std::chrono::hours(hours);
    return {start, start + std::chrono::hours(1), std::move(detail)};
  }
  // As an operator would.
  template <class Work>
  void change(Work work, std::string_view app = test_app) {
    write([&](db::Transaction& transaction) {
      EventChanges changes(transaction, watcher(), audience::command_entry("default", app, "", ""),
                           clock().now());
      work(changes);
    });
  }
  void add(std::string id, int hours, std::string_view app = test_app) {
    change([&](EventChanges& changes) { changes.create({std::move(id), content(hours)}); }, app);
  }
  // As a user would, who says that it is in an hour.
  void subscribe_to(std::string id, std::string user = "ann",
                    const audience::AppSettings& settings = {}) {
    write([&](db::Transaction& transaction) {
      subscribe(transaction, watcher(), {std::string(test_app), std::move(user)},
                {.id = std::move(id), .content = content(1, "own"), .remind = true}, settings,
                clock().now());
    });
  }
  std::vector<std::string> subscribed(std::string_view user = "ann") {
    std::vector<std::string> ids;
    database().read([&](db::Transaction& transaction) {
      for (const Subscription& each : subscriptions_of(transaction, test_app, user)) {
        ids.push_back(each.event.id + (each.is_private ? " (own)" : ""));
      }
    });
    return ids;
  }
  std::int64_t count(std::string_view table) {
    return database().get([&](db::Transaction& transaction) {
      return transaction
          .first("SELECT COUNT(*) FROM " + std::string(table), {},
                 [](const db::Row& row) { return row.integer(0); })
          .value_or(0);
    });
  }
};

// What `work` throws.
template <class Work>
ErrorCode code_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  throw std::logic_error("nothing was thrown");
}

}  // namespace callboard::events
