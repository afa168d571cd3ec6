#include "events/schedules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class SchedulesTest : public EventsTest {
 protected:
  Schedules schedules_{database(), clock(), metrics()};

  std::vector<std::string> ids() {
    std::vector<std::string> found;
    for (const Schedule::Entry& entry : schedules_.get(test_app)->entries()) {
      found.push_back(entry.id);
    }
    return found;
  }
};
INSTANTIATE_STORE_TESTS(SchedulesTest);

TEST_P(SchedulesTest, HoldsTheApplicationsEventsInOrder) {
  add("c", 1);
  add("a", 2);
  add("b", 1);
  add("elsewhere", 1, "other");
  subscribe_to("own");
  EXPECT_THAT(ids(), ElementsAre("b", "c", "a"));
}

TEST_P(SchedulesTest, IsInMemoryOnceItWasAskedFor) {
  EXPECT_EQ(schedules_.current(test_app), nullptr);
  schedules_.get(test_app);
  ASSERT_NE(schedules_.current(test_app), nullptr);
  EXPECT_EQ(schedules_.current(test_app), schedules_.current(test_app));
  EXPECT_EQ(code_of([&] { schedules_.get("nowhere"); }), ErrorCode::not_found);
}

TEST_P(SchedulesTest, WhoWroteReadsWhatTheyWrote) {
  schedules_.get(test_app);
  ASSERT_NE(schedules_.current(test_app), nullptr);
  add("1", 1);
  EXPECT_EQ(schedules_.current(test_app), nullptr);  // never the old one
  EXPECT_THAT(ids(), ElementsAre("1"));
  ASSERT_NE(schedules_.current(test_app)->find("1"), nullptr);
  change([](EventChanges& changes) { changes.erase("1"); });
  EXPECT_THAT(ids(), ElementsAre());
}

TEST_P(SchedulesTest, HearsOfAnotherNodesWrites) {
  add("1", 1);
  schedules_.get(test_app);
  const auto other = open_another();
  other->write_and_wait([&](db::Transaction& transaction) {
    EventChanges(transaction, watcher(), audience::command_entry("default", test_app, "", ""),
                 clock().now())
        .erase("1");
  });
  database().poll_changes();
  EXPECT_THAT(ids(), ElementsAre());
  other->stop();
}

TEST_P(SchedulesTest, FollowsTheTimeZone) {
  add("1", 1);
  EXPECT_THAT(schedules_.get(test_app)->find("1")->body, HasSubstr("+08:00"));
  write([&](db::Transaction& transaction) {
    auto settings = audience::find_application(transaction, test_app)->settings;
    settings.time_zone = "UTC";
    audience::update_settings(transaction, test_app, settings, clock().now());
  });
  EXPECT_THAT(schedules_.get(test_app)->find("1")->body, testing::Not(HasSubstr("+08:00")));
}

TEST_P(SchedulesTest, AnEntryIsTheWholeAnswerAndTellsItsChanges) {
  add("1", 1);
  const std::string before(schedules_.get(test_app)->find("1")->etag());
  const auto schedule = schedules_.get(test_app);
  const Schedule::Entry& entry = *schedule->find("1");
  EXPECT_EQ(entry.body, R"({"msg":"success","data":)" + std::string(entry.shown()) + "}");
  EXPECT_THAT(before, testing::MatchesRegex("\"[0-9a-f]+\""));
  change([](EventChanges& changes) {
    changes.update("1", {.start = {}, .end = {}, .detail = "other"});
  });
  EXPECT_NE(schedules_.get(test_app)->find("1")->etag(), before);
}

TEST_P(SchedulesTest, HasItsCalendar) {
  add("1", 1);
  change([](EventChanges& changes) {
    changes.update("1", {.start = {}, .end = {}, .detail = R"({"name":"Opening"})"});
  });
  const auto schedule = schedules_.get(test_app);
  EXPECT_THAT(schedule->calendar().text, HasSubstr("SUMMARY:Opening\r\n"));
  EXPECT_THAT(schedule->calendar().header_lines, HasSubstr("ETag: \""));
  EXPECT_EQ(&schedule->calendar(), &schedule->calendar());
}

}  // namespace
}  // namespace callboard::events
