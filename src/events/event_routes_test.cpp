#include "events/event_routes.hpp"

#include <gtest/gtest.h>

#include "tests/support/events.hpp"
#include "tests/support/routes.hpp"

namespace callboard::events {
namespace {

class EventRoutesTest : public EventsTest {
 protected:
  http::Answer get(std::string path, std::vector<http::Header> headers = {}) {
    http::Caller caller;
    caller.app_id = test_app;
    return routes_.call({.path = std::move(path), .caller = caller, .headers = std::move(headers)});
  }
  audience::Applications applications_{database(), clock(), metrics()};
  const Schedules schedules_{database(), clock(), metrics()};
  RouteCaller routes_{event_routes(database(), schedules_, applications_, watcher(), clock())};
};
INSTANTIATE_STORE_TESTS(EventRoutesTest);

TEST_P(EventRoutesTest, LargePagesArePutTogetherOnTheWorkPool) {
  constexpr std::size_t events = max_page_built_at_once / max_detail_bytes + 1;
  change([&](EventChanges& changes) {
    for (std::size_t i = 0; i < events; ++i) {
      changes.create({std::to_string(i), content(1, std::string(max_detail_bytes, 'x'))});
    }
  });
  schedules_.get(test_app);
  body_of(get("/events?limit=1"));
  EXPECT_TRUE(routes_.was_from_memory());
  const http::Answer all = get("/events?limit=1000");
  EXPECT_FALSE(routes_.was_from_memory());
  EXPECT_EQ(parse_json(body_of(all)).at("data").as_array().size(), events);
  const std::string& lines = all.response.header_lines();
  const std::string etag = lines.substr(lines.find('"'), lines.find("\r\n") - lines.find('"'));
  EXPECT_EQ(get("/events?limit=1000", {{"If-None-Match", etag}}).response.status, 304);
  EXPECT_TRUE(routes_.was_from_memory());
}

}  // namespace
}  // namespace callboard::events
