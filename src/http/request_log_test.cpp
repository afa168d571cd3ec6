#include "http/request_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using namespace std::chrono_literals;
using test::TestServer;
using testing::HasSubstr;
using testing::Not;

// What the log has after `asks` were answered by a route that takes `ms` (in its path) of the
// simulated clock.
class RequestLogTest : public testing::Test {
 protected:
  std::string logged(RequestLog log, const std::vector<std::string>& asks) {
    ServerOptions options = test::test_options();
    options.log = log;
    SimulatedClock* clock = nullptr;
    TestServer server(
        {{Method::get, "/takes/{ms}", Access::anyone, Surface::app,
          immediate([&](const Request& request, Response& response) {
            clock->advance(std::chrono::milliseconds{std::stoi(request.parameter(0))});
            response.body = "{}";
          })},
         {Method::get, "/pool/{ms}", Access::anyone, Surface::app,
          blocking([&](const Request& request) {
            clock->advance(std::chrono::milliseconds{std::stoi(request.parameter(0))});
            return json_response("{}");
          })}},
        std::move(options));
    clock = &server.clock;
    log::configure(log::Level::info, log::Format::json);
    testing::internal::CaptureStderr();
    for (const std::string& ask : asks) {
      auto client = server.client();
      client.exchange("GET " + ask + " HTTP/1.1\r\nHost: x\r\nX-Request-ID: id-1\r\n\r\n");
    }
    server.server->stop();
    log::configure(log::Level::warning, log::Format::json);
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(RequestLogTest, NamesTheRouteTheTimesAndTheRequestOfASlowOne) {
  const std::string text = logged({.slow = 250ms}, {"/takes/249?secret", "/pool/250?secret"});
  EXPECT_THAT(text, HasSubstr(R"("level":"warning","event":"slow_request","request_id":"id-1")"));
  EXPECT_THAT(text, HasSubstr(R"("traceparent":"00-)"));
  EXPECT_THAT(text, HasSubstr(R"("route":"GET /pool/{ms}","status":200,"ms":250,"queued_ms":0)"));
  EXPECT_THAT(text, Not(HasSubstr("/takes")));
  EXPECT_THAT(text, Not(HasSubstr("secret"))) << "neither path nor query are for the log";
}

TEST_F(RequestLogTest, CanNameAll) {
  const std::string text = logged({.all = true}, {"/takes/3", "/nowhere"});
  EXPECT_THAT(text, HasSubstr(R"("level":"info","event":"request","request_id":"id-1")"));
  EXPECT_THAT(text, HasSubstr(R"("route":"GET /takes/{ms}","status":200,"ms":3)"));
  EXPECT_THAT(text, HasSubstr(R"_("route":"(none)","status":404)_"));
}

TEST_F(RequestLogTest, WantsNothingUnlessItIsTold) {
  EXPECT_EQ(logged({}, {"/takes/100000"}), "");
}

}  // namespace
}  // namespace callboard::http
