#include "events/import_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "tests/support/events.hpp"
#include "tests/support/routes.hpp"

namespace callboard::events {
namespace {

using testing::HasSubstr;

class ImportRoutesTest : public EventsTest {
 protected:
  void TearDown() override {
    fetching_.stop();
    EventsTest::TearDown();
  }
  http::Answer import(std::string body) {
    http::Caller caller;
    caller.workspace_id = "default";
    caller.app_id = test_app;
    return routes_.call({.method = http::Method::post,
                         .path = "/api/workspace/default/application/demo/events/import",
                         .body = std::move(body),
                         .caller = caller});
  }
  audience::Applications applications_{database(), clock(), metrics()};
  const http::OutgoingClient outgoing_;
  http::WorkPool fetching_{1, 1, metrics(), "imports"};
  RouteCaller routes_{
      import_routes(database(), applications_, watcher(), outgoing_, fetching_, clock())};
};
INSTANTIATE_STORE_TESTS(ImportRoutesTest);

constexpr auto from_url = R"({"url":"http://127.0.0.1:1/events.json"})";
constexpr auto rows =
    R"([{"id":"1","event_time_start":"2024/3/2 9:00","event_time_end":"2024/3/2 10:20"}])";

TEST_P(ImportRoutesTest, WhatIsFetchedWaitsForNobodyElseAndKeepsNobodyElseWaiting) {
  std::promise<void> released;
  const std::shared_future<void> release(released.get_future());
  std::promise<void> started;
  ASSERT_TRUE(fetching_.submit([&, release] {
    started.set_value();
    release.wait();
  }));
  started.get_future().wait();
  ASSERT_TRUE(fetching_.submit([] {}));
  EXPECT_EQ(error_of(import(from_url)).code(), ErrorCode::unavailable);
  EXPECT_THAT(body_of(import(rows)), HasSubstr(R"("created":1)"));
  released.set_value();
}

TEST_P(ImportRoutesTest, WhatCannotBeFetchedIsAnsweredOnce) {
  EXPECT_EQ(pointer_of(error_of(import(from_url))), "/url");
  EXPECT_EQ(error_of(import(R"({"events":[],"time_zone":"Nowhere"})")).code(), ErrorCode::invalid);
  EXPECT_EQ(count("events"), 0);
}

}  // namespace
}  // namespace callboard::events
