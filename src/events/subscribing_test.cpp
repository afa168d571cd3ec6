#include "events/subscribing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/events.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SubscribingTest : public EventsTest {
 protected:
  SubscribedAll all(bool remind = true, const audience::AppSettings& settings = {}) {
    SubscribedAll result;
    write([&](db::Transaction& transaction) {
      result = subscribe_all(transaction, watcher(), ann_, remind, settings, clock().now());
    });
    return result;
  }
  bool end(std::string_view id) {
    bool was_there = false;
    write([&](db::Transaction& transaction) {
      was_there = unsubscribe(transaction, watcher(), ann_, id);
    });
    return was_there;
  }
  const Subscriber ann_{std::string(test_app), "ann"};
};
INSTANTIATE_STORE_TESTS(SubscribingTest);

TEST_P(SubscribingTest, TheApplicationsEventCountsAndNotWhatTheUserSays) {
  add("1", 9);
  subscribe_to("1");
  const auto own = database().get([&](db::Transaction& transaction) {
    return subscriptions_of(transaction, test_app, "ann").at(0);
  });
  EXPECT_EQ(own.event.content, content(9));
  EXPECT_FALSE(own.is_private);
  EXPECT_TRUE(own.remind);
}

TEST_P(SubscribingTest, AUsersOwnEventIsNobodyElses) {
  subscribe_to("x", "ann");
  clock().advance(std::chrono::hours(1));
  subscribe_to("x", "bob");
  EXPECT_THAT(subscribed(), ElementsAre("x (own)"));
  EXPECT_EQ(count("events"), 2);
  EXPECT_TRUE(end("x"));
  EXPECT_THAT(subscribed("bob"), ElementsAre("x (own)"));
  EXPECT_EQ(count("events"), 1);
}

TEST_P(SubscribingTest, RefusesWhatIsThereAndWhatIsTooMuch) {
  const audience::AppSettings two = [] {
    audience::AppSettings settings;
    settings.max_subscriptions = 2;
    return settings;
  }();
  subscribe_to("1", "ann", two);
  EXPECT_EQ(code_of([&] { subscribe_to("1", "ann", two); }), ErrorCode::conflict);
  subscribe_to("2", "ann", two);
  EXPECT_EQ(code_of([&] { subscribe_to("3", "ann", two); }), ErrorCode::unprocessable);
  EXPECT_EQ(code_of([&] { subscribe_to("2", "ann", two); }), ErrorCode::conflict);
  EXPECT_EQ(count("events"), 2);
  EXPECT_TRUE(end("1"));
  EXPECT_FALSE(end("1"));
  subscribe_to("3", "ann", two);
}

TEST_P(SubscribingTest, EndedEventsCountUnlessTheSettingIsOff) {
  audience::AppSettings one;
  one.max_subscriptions = 1;
  subscribe_to("1", "ann", one);
  clock().advance(std::chrono::hours(3));
  EXPECT_EQ(code_of([&] { subscribe_to("2", "ann", one); }), ErrorCode::unprocessable);
  one.limit_counts_ended = false;
  subscribe_to("2", "ann", one);
  EXPECT_EQ(code_of([&] { subscribe_to("3", "ann", one); }), ErrorCode::unprocessable);
}

TEST_P(SubscribingTest, EndedEventsCannotPileUpForEver) {
  audience::AppSettings settings;
  settings.limit_counts_ended = false;
  const Timestamp long_ago = clock().now() - std::chrono::days(2);
  const auto keep_ended = [&](std::int64_t number) {
    write([&](db::Transaction& transaction) {
      const std::string id = "ended" + std::to_string(number);
      insert_event(transaction, test_app, {id, {long_ago, long_ago, {}}, 1, {}, {}}, "ann");
      EXPECT_TRUE(insert_subscription(transaction, test_app, "ann", {id, "ann", true}, long_ago));
    });
  };
  for (std::int64_t i = 1; i < max_subscriptions_with_ended; ++i) keep_ended(i);
  add("1", 1);
  EXPECT_THAT(all(true, settings).added, ElementsAre("1"));
  EXPECT_EQ(code_of([&] { subscribe_to("2", "ann", settings); }), ErrorCode::unprocessable);
  add("3", 1);
  EXPECT_THAT(all(true, settings).added, IsEmpty());
  settings.max_subscriptions = max_subscriptions_with_ended + 1;
  subscribe_to("2", "ann", settings);
}

TEST_P(SubscribingTest, AnEventThatIsNotThereIsNoConflict) {
  write([&](db::Transaction& transaction) {
    EXPECT_FALSE(insert_subscription(transaction, test_app, "ann", {"1", of_application, true},
                                     clock().now()));
  });
}

TEST_P(SubscribingTest, OnlyOperatorsDefineEventsWhereTheSettingSaysSo) {
  audience::AppSettings closed;
  closed.client_defined_events = false;
  EXPECT_EQ(code_of([&] { subscribe_to("1", "ann", closed); }), ErrorCode::not_found);
  add("1", 1);
  subscribe_to("1", "ann", closed);
}

TEST_P(SubscribingTest, TakesTheEarliestToComeUpToTheLimit) {
  add("over", -5);
  add("b", 2);
  add("a", 1);
  add("c", 3);
  add("d", 4);
  subscribe_to("b");
  audience::AppSettings three;
  three.max_subscriptions = 3;
  const SubscribedAll result = all(false, three);
  EXPECT_THAT(result.added, ElementsAre("a", "c"));
  EXPECT_THAT(result.not_added,
              ElementsAre(std::pair("b", "already_subscribed"), std::pair("d", "limit")));
  EXPECT_THAT(subscribed(), ElementsAre("a", "b", "c"));
  database().read([&](db::Transaction& transaction) {
    const auto now = subscriptions_of(transaction, test_app, "ann");
    EXPECT_FALSE(now[0].remind);
    EXPECT_TRUE(now[1].remind);  // it was there before
  });
  EXPECT_THAT(all(true, three).added, IsEmpty());
}

TEST_P(SubscribingTest, AnnouncesTheUsersChangeOnceForAll) {
  for (const char* id : {"a", "b", "c"}) add(id, 1);
  std::vector<std::string> users;
  database().on_change([&](const db::Change& change) { users.push_back(change.key); });
  EXPECT_EQ(all().added.size(), 3U);
  EXPECT_THAT(users, ElementsAre("ann"));
  EXPECT_THAT(all().added, IsEmpty());
  EXPECT_EQ(users.size(), 1U);
}

// An operator deletes an event and has not committed it when `ask` runs, which has to wait for
// that.
class DeletedMeanwhileTest : public SubscribingTest {
 protected:
  void while_deleting(std::string_view id, db::Work ask) {
    std::promise<std::exception_ptr> asked;
    write([&](db::Transaction& transaction) {
      EventChanges(transaction, watcher(), audience::command_entry("default", test_app, "", ""),
                   clock().now())
          .erase(id);
      database().write(ask, [&](std::exception_ptr failure) { asked.set_value(failure); });
      wait_until_awaited(transaction);
    });
    if (const auto failure = asked.get_future().get()) std::rethrow_exception(failure);
  }
};
INSTANTIATE_POSTGRES_TESTS(DeletedMeanwhileTest);

TEST_P(DeletedMeanwhileTest, IsNotThere) {
  add("1", 1);
  EXPECT_EQ(code_of([&] {
              while_deleting("1", [&](db::Transaction& transaction) {
                subscribe(transaction, watcher(), ann_, {.id = "1", .content = content(1)}, {},
                          clock().now());
              });
            }),
            ErrorCode::not_found);
}

TEST_P(DeletedMeanwhileTest, IsLeftOutOfAll) {
  add("1", 1);
  add("2", 2);
  while_deleting("1", [&](db::Transaction& transaction) {
    subscribe_all(transaction, watcher(), ann_, true, {}, clock().now());
  });
  EXPECT_THAT(subscribed(), ElementsAre("2"));
}

TEST_P(SubscribingTest, ManyAtOnceKeepToTheLimit) {
  constexpr int callers = 100;
  std::atomic<int> added{0}, twice{0}, too_many{0};
  std::vector<std::promise<void>> done(callers);
  for (int i = 0; i < callers; ++i) {
    // Each id is asked for five times.
    database().write(
        [this, id = std::to_string(i % 20)](db::Transaction& transaction) {
          subscribe(transaction, watcher(), ann_, {.id = id, .content = content(1), .remind = true},
                    {}, clock().now());
        },
        [&, i](std::exception_ptr failure) {
          try {
            if (failure) std::rethrow_exception(failure);
            ++added;
          } catch (const Error& error) {
            if (error.code() == ErrorCode::conflict) ++twice;
            if (error.code() == ErrorCode::unprocessable) ++too_many;
          }
          done[static_cast<std::size_t>(i)].set_value();
        });
  }
  for (auto& each : done) each.get_future().wait();
  EXPECT_EQ(added, 10);
  EXPECT_EQ(added + twice + too_many, callers);
  EXPECT_EQ(subscribed().size(), 10U);
  EXPECT_EQ(count("events"), 10);
}

boost::json::value body(const char* text) {
  return parse_json(text);
}

TEST(Wish, WhatIsWrongMattersOnlyWhereTheContentDoes) {
  const Zone zone("Asia/Taipei");
  const Wish wish = wish_from_json(
      body(R"({"id":1,"event_time_start":"soon","event_time_end":"2024/3/2 9:00","name":"x"})"),
      zone, true);
  EXPECT_EQ(wish.id, "1");
  ASSERT_TRUE(wish.flaw.has_value());
  EXPECT_EQ(wish.flaw->details().at(0).pointer, "/event_time_start");
  EXPECT_THROW(wish_from_json(body(R"({"event_time_start":"soon"})"), zone, true), Error);
  EXPECT_THROW(wish_from_json(body(R"({"id":"a/b"})"), zone, true), Error);
  EXPECT_THROW(wish_from_json(body("[]"), zone, true), Error);
  EXPECT_EQ(wish_from_json(body(R"({"event_time_start":"2024/3/2 9:00",)"
                                R"("event_time_end":"2024/3/2 10:20",)"
                                R"("event_detail":"{\"name\":\"Opening\"}"})"),
                           zone, true)
                .id,
            "8120e4d6-d80e-5bf1-9aa1-823ab771b68c");
}

}  // namespace
}  // namespace callboard::events
