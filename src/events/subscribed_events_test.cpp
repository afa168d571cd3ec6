#include "events/subscribed_events.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SubscribedEventsTest : public EventsTest {
 protected:
  SubscribedEventsTest() {
    providers_.add(subscribed_events_provider(database(), clock(), metrics()));
  }
  audience::Subject subject(std::string user) const {
    return {test_app,
            std::make_shared<const audience::User>(std::move(user)),
            nullptr,
            {},
            Timestamp()};
  }
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
};
INSTANTIATE_STORE_TESTS(SubscribedEventsTest);

TEST_P(SubscribedEventsTest, FollowsWhatTheUserIsSubscribedTo) {
  const std::vector<std::string> names = {"subscribed_events"};
  const auto binding = providers_.bind(test_app, names);
  EXPECT_FALSE(binding.follows_subject());
  EXPECT_EQ(binding.provider_of(0), "events");
  const auto ids = [&](const std::string& user) {
    audience::Scratch scratch;
    const auto who = subject(user);
    if (!providers_.fill(binding, who, scratch)) providers_.fill_blocking(binding, who, scratch);
    std::vector<std::string> found;
    for (const auto& each : scratch.values()[0]->array()) found.push_back(each.string());
    return found;
  };
  const auto in_memory = [&](const std::string& user) {
    audience::Scratch scratch;
    return providers_.fill(binding, subject(user), scratch);
  };
  add("1", 1);
  EXPECT_FALSE(in_memory("ann"));
  EXPECT_THAT(ids("ann"), IsEmpty());
  EXPECT_THAT(ids("bob"), IsEmpty());
  subscribe_to("1");
  EXPECT_FALSE(in_memory("ann"));
  EXPECT_TRUE(in_memory("bob"));
  subscribe_to("own");
  EXPECT_THAT(ids("ann"), ElementsAre("1", "own"));
  change([](EventChanges& changes) { changes.erase("1"); });
  EXPECT_THAT(ids("ann"), ElementsAre("own"));
  write([&](db::Transaction& transaction) {
    unsubscribe(transaction, watcher(), {"demo", "ann"}, "own");
  });
  EXPECT_THAT(ids("ann"), IsEmpty());
}

TEST_P(SubscribedEventsTest, SomebodyMadeUpIsSubscribedToNothing) {
  const std::vector<std::string> names = {"subscribed_events"};
  const auto binding = providers_.bind(test_app, names);
  audience::Scratch scratch;
  EXPECT_TRUE(providers_.fill(binding, subject(""), scratch));
  EXPECT_EQ(scratch.values()[0], nullptr);
}

}  // namespace
}  // namespace callboard::events
