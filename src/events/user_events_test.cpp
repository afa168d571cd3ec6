#include "events/user_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/calendar_links.hpp"
#include "tests/support/events.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class UserEventsTest : public EventsTest {
 protected:
  std::string issue(std::string_view user = "ann") {
    std::string token;
    write([&](db::Transaction& transaction) {
      token = issue_calendar_link(transaction, test_app, user, clock().now());
    });
    return token;
  }
  std::string owner_of(const std::string& token) {
    return database().get([&](db::Transaction& transaction) {
      const auto owner = owner_of_calendar(transaction, token);
      return owner ? owner->app_id + "/" + owner->user_id : "nobody";
    });
  }
  boost::json::object shown(std::string_view user = "ann") {
    return database().get([&](db::Transaction& transaction) {
      return show_subscriptions(transaction, test_app, user);
    });
  }
  bool erase(std::string_view user) {
    bool had = false;
    write([&](db::Transaction& transaction) {
      had = erase_subscriptions(transaction, watcher(), test_app, user);
    });
    return had;
  }
  std::vector<std::string> problems() {
    std::vector<std::string> found;
    database().read([&](db::Transaction& transaction) {
      check_stored(transaction, [&](std::string problem) { found.push_back(std::move(problem)); });
    });
    return found;
  }
};
INSTANTIATE_STORE_TESTS(UserEventsTest);

TEST_P(UserEventsTest, ShowsAndErasesEverythingOfAUser) {
  add("1", 2);
  subscribe_to("1");
  subscribe_to("own");
  subscribe_to("own", "bob");
  const std::string token = issue();
  const auto all = shown();
  EXPECT_EQ(all.at("calendar_link"), true);
  const auto& subscriptions = all.at("subscriptions").as_array();
  ASSERT_EQ(subscriptions.size(), 2U);
  EXPECT_EQ(subscriptions[0].at("event").at("id"), "own");
  EXPECT_EQ(subscriptions[0].at("defined_by_user"), true);
  EXPECT_EQ(subscriptions[1].at("defined_by_user"), false);
  EXPECT_TRUE(erase("ann"));
  EXPECT_TRUE(shown().empty());
  EXPECT_EQ(owner_of(token), "nobody");
  EXPECT_FALSE(erase("ann"));
  EXPECT_THAT(subscribed("bob"), ElementsAre("own (own)"));
  EXPECT_EQ(count("events"), 2);
}

TEST_P(UserEventsTest, ACalendarHasOneAddressAtATime) {
  const std::string first = issue(), second = issue();
  EXPECT_EQ(owner_of(first), "nobody");
  EXPECT_EQ(owner_of(second), "demo/ann");
  EXPECT_EQ(owner_of(""), "nobody");
  write([](db::Transaction& transaction) {
    EXPECT_TRUE(revoke_calendar_link(transaction, test_app, "ann"));
    EXPECT_FALSE(revoke_calendar_link(transaction, test_app, "ann"));
  });
  EXPECT_EQ(owner_of(second), "nobody");
}

TEST_P(UserEventsTest, KnowsACalendarsTokenByItsShape) {
  std::string token = issue();
  EXPECT_TRUE(is_calendar_token(token));
  EXPECT_FALSE(is_calendar_token(token + "A"));
  EXPECT_FALSE(is_calendar_token(token.substr(1)));
  token.back() = '%';
  EXPECT_FALSE(is_calendar_token(token));
  EXPECT_FALSE(is_calendar_token(""));
}

TEST_P(UserEventsTest, DamageIsReported) {
  add("1", 1);
  subscribe_to("1");
  subscribe_to("own");
  EXPECT_THAT(problems(), IsEmpty());
  execute("UPDATE events SET end_ms = start_ms - 1 WHERE event_id = '1'");
  execute("DELETE FROM subscriptions WHERE event_id = 'own'");
  add("2", 1);
  execute("UPDATE events SET leads = '[0]' WHERE event_id = '2'");
  EXPECT_THAT(problems(),
              ElementsAre("event 1 of demo: it ends before it starts",
                          "event 2 of demo: its leads are none",
                          "event own of demo is a user's own who is not subscribed to it"));
}

}  // namespace
}  // namespace callboard::events
