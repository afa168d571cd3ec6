#include "events/console_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/events.hpp"
#include "tests/support/routes.hpp"

namespace callboard::events {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class EventConsoleTest : public EventsTest {
 protected:
  // The ids of what is found; `query` as it stands in a URL.
  std::vector<std::string> found(const std::string& query) {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = test_app;
    const http::Answer answer = routes_.call(
        {.path = "/api/workspace/default/application/demo/events?q=" + query, .caller = caller});
    const auto page = parse_json(body_of(answer));
    std::vector<std::string> ids;
    for (const auto& event : page.at("events").as_array()) {
      ids.emplace_back(event.at("id").as_string());
    }
    return ids;
  }
  audience::Applications applications_{database(), clock(), metrics()};
  const Schedules schedules_{database(), clock(), metrics()};
  RouteCaller routes_{console_routes(database(), schedules_, applications_, watcher(), clock())};
};
INSTANTIATE_STORE_TESTS(EventConsoleTest);

TEST_P(EventConsoleTest, SearchesIdAndDetailAsTheyWereWritten) {
  change([&](EventChanges& changes) {
    changes.create({"a1", content(1, R"({"name":"The \"Great\" talk"})")});
    changes.create({"a2", content(2, R"(a "plain" text)")});
    changes.create({"a3", content(3, R"(C:\temp)")});
    changes.create({"a4", {content(4).start, content(4).end, {}}});
  });
  EXPECT_THAT(found(""), ElementsAre("a1", "a2", "a3", "a4"));
  EXPECT_THAT(found("A4"), ElementsAre("a4"));
  EXPECT_THAT(found("%22great%22"), ElementsAre("a1"));
  EXPECT_THAT(found("%22plain%22"), ElementsAre("a2"));
  EXPECT_THAT(found("C:%5Ctemp"), ElementsAre("a3"));
  EXPECT_THAT(found("event_detail"), IsEmpty());
  EXPECT_THAT(found("createdAt"), IsEmpty());
}

}  // namespace
}  // namespace callboard::events
