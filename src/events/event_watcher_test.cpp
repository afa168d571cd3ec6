#include "events/event_watcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "tests/support/events.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string shown(const EventKey& key) {
  const std::string owner =
      key.owner_id == of_application ? "" : " of " + std::string(key.owner_id);
  return std::string(key.app_id) + "/" + std::string(key.event_id) + owner;
}

// Writes down what it is told, and whether the event is there by then.
class RecordingWatcher final : public EventWatcher {
 public:
  void event_written(db::Transaction& transaction, const EventKey& key, const Event& after,
                     const Event* before) const override {
    EXPECT_EQ(after.id, key.event_id);
    EXPECT_TRUE(is_stored(transaction, key, after));
    std::string call = "written " + shown(key);
    if (before != nullptr) {
      call += " changed";
      if (before->version != after.version) call += " start";
      if (before->content.detail != after.content.detail) call += " detail";
      if (before->leads_minutes != after.leads_minutes) call += " leads";
    }
    calls_.push_back(std::move(call));
  }
  void event_erased(db::Transaction& transaction, const EventKey& key) const override {
    EXPECT_TRUE(find_event(transaction, key.app_id, key.event_id, key.owner_id).has_value());
    calls_.push_back("erased " + shown(key));
  }
  void subscribing(db::Transaction& transaction, const EventKey& key) const override {
    const auto there = transaction.first(
        "SELECT COUNT(*) FROM subscriptions WHERE app_id = $1 AND event_id = $2 AND owner_id = $3",
        {key.app_id, key.event_id, key.owner_id},
        [](const db::Row& row) { return row.integer(0); });
    calls_.push_back("subscribing " + shown(key) + " beside " + std::to_string(there.value_or(0)));
  }
  void private_copies_adopted(db::Transaction& transaction, std::string_view app_id,
                              std::string_view event_id) const override {
    const auto own =
        transaction.first("SELECT COUNT(*) FROM events WHERE app_id = $1 AND owner_id <> ''",
                          {app_id}, [](const db::Row& row) { return row.integer(0); });
    calls_.push_back("adopted " + std::string(app_id) + "/" + std::string(event_id) + " of " +
                     std::to_string(own.value_or(0)));
  }
  void subscribed(db::Transaction& transaction, const EventKey& key, const Event& event,
                  std::string_view user_id) const override {
    EXPECT_TRUE(is_stored(transaction, key, event));
    EXPECT_TRUE(is_subscribed(transaction, key.app_id, user_id, key.event_id));
    calls_.push_back("subscribed " + std::string(user_id) + " to " + shown(key));
  }

  // Since it was last asked.
  std::vector<std::string> calls() { return std::exchange(calls_, {}); }

 private:
  static bool is_stored(db::Transaction& transaction, const EventKey& key, const Event& event) {
    const auto stored = find_event(transaction, key.app_id, key.event_id, key.owner_id);
    return stored && stored->content == event.content && stored->version == event.version &&
           stored->leads_minutes == event.leads_minutes;
  }
  mutable std::vector<std::string> calls_;
};

class EventWatcherTest : public EventsTest {
 protected:
  const EventWatcher& watcher() const override { return recording_; }
  std::vector<std::string> told() { return recording_.calls(); }
  void update(const Revision& revision) {
    change([&](EventChanges& changes) { changes.update("1", revision); });
  }
  void want(std::string id, bool remind, std::string user = "ann") {
    write([&](db::Transaction& transaction) {
      subscribe(transaction, watcher(), {std::string(test_app), std::move(user)},
                {.id = std::move(id), .content = content(1), .remind = remind}, {}, clock().now());
    });
  }
  void want_all(bool remind) {
    write([&](db::Transaction& transaction) {
      subscribe_all(transaction, watcher(), {std::string(test_app), "ann"}, remind, {},
                    clock().now());
    });
  }
  void press(std::string_view data) {
    write([&](db::Transaction& transaction) {
      handle_postback(transaction, watcher(), test_app, "ann", data);
    });
  }

 private:
  RecordingWatcher recording_;
};
INSTANTIATE_STORE_TESTS(EventWatcherTest);

TEST_P(EventWatcherTest, IsToldWhatAnOperatorDoes) {
  add("1", 1);
  EXPECT_THAT(told(), ElementsAre("written demo/1", "adopted demo/1 of 0"));
  update({.start = content(1).start - std::chrono::minutes(1), .end = {}, .detail = {}});
  EXPECT_THAT(told(), ElementsAre("written demo/1 changed start"));
  update({.start = {}, .end = {}, .detail = "text"});
  EXPECT_THAT(told(), ElementsAre("written demo/1 changed detail"));
  update({.start = {}, .end = {}, .detail = "text"});
  EXPECT_THAT(told(), IsEmpty());
  update({.start = {}, .end = {}, .detail = {}, .leads_minutes = Leads::value_type{5}});
  EXPECT_THAT(told(), ElementsAre("written demo/1 changed leads"));
  change([](EventChanges& changes) { changes.erase("1"); });
  EXPECT_THAT(told(), ElementsAre("erased demo/1"));
}

TEST_P(EventWatcherTest, IsToldOfUsersOwnThatGo) {
  subscribe_to("1");
  subscribe_to("1", "bob");
  EXPECT_THAT(told(), ElementsAre("written demo/1 of ann", "subscribed ann to demo/1 of ann",
                                  "written demo/1 of bob", "subscribed bob to demo/1 of bob"));
  add("1", 5);
  EXPECT_THAT(told(), ElementsAre("written demo/1", "adopted demo/1 of 2"));
}

TEST_P(EventWatcherTest, IsToldWhatAnImportChanges) {
  add("same", 1);
  add("moved", 2);
  subscribe_to("new");
  told();
  const std::vector<Draft> drafts = {
      {"same", content(1)}, {"moved", content(7)}, {"new", content(3)}};
  change([&](EventChanges& changes) { changes.import(drafts); });
  EXPECT_THAT(told(), ElementsAre("written demo/moved changed start", "written demo/new",
                                  "adopted demo/ of 1"));
  change([&](EventChanges& changes) { changes.import(drafts); });
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(EventWatcherTest, IsToldWhoWantsToBeReminded) {
  add("1", 1);
  told();
  want("1", true);
  want("1", false, "bob");
  EXPECT_THAT(told(), ElementsAre("subscribing demo/1 beside 0", "subscribed ann to demo/1",
                                  "subscribing demo/1 beside 1"));
  want("own", false);
  EXPECT_THAT(told(), ElementsAre("written demo/own of ann"));
}

TEST_P(EventWatcherTest, IsToldOfEachOfAll) {
  for (const char* id : {"a", "b", "c"}) add(id, 1);
  subscribe_to("b");
  told();
  want_all(true);
  EXPECT_THAT(told(), ElementsAre("subscribing demo/a beside 0", "subscribed ann to demo/a",
                                  "subscribing demo/c beside 0", "subscribed ann to demo/c"));
  add("d", 1);
  told();
  want_all(false);
  EXPECT_THAT(told(), ElementsAre("subscribing demo/d beside 0"));
}

TEST_P(EventWatcherTest, IsToldWhenAUsersOwnGoesWithTheSubscription) {
  add("1", 1);
  for (const char* id : {"1", "own", "pressed"}) subscribe_to(id);
  told();
  press("unsubscribe:1");
  EXPECT_THAT(told(), IsEmpty());
  press("unsubscribe:pressed");
  EXPECT_THAT(told(), ElementsAre("erased demo/pressed of ann"));
  write([&](db::Transaction& transaction) {
    unsubscribe(transaction, watcher(), {std::string(test_app), "ann"}, "own");
  });
  EXPECT_THAT(told(), ElementsAre("erased demo/own of ann"));
}

TEST_P(EventWatcherTest, IsToldWhenAllOfAUserIsErased) {
  add("1", 1);
  for (const char* id : {"1", "own"}) subscribe_to(id);
  subscribe_to("own", "bob");
  told();
  write([&](db::Transaction& transaction) {
    erase_subscriptions(transaction, watcher(), test_app, "ann");
  });
  EXPECT_THAT(told(), ElementsAre("erased demo/own of ann"));
}

}  // namespace
}  // namespace callboard::events
