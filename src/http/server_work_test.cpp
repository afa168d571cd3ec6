// Answers that come later, from other threads, too late or never.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "base/error.hpp"
#include "tests/support/held_requests.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using test::get;
using test::HeldRequests;
using test::RawClient;
using test::TestServer;
using testing::HasSubstr;

Route route(std::string path, Handler handler) {
  return {Method::get, std::move(path), Access::anyone, Surface::app, std::move(handler)};
}

Route now_route() {
  return route("/now",
               immediate([](const Request&, Response& response) { response.body = "now"; }));
}

TEST(ServerWork, AnswersFromAnyThread) {
  HeldRequests held;
  TestServer server({held.route(), now_route()});
  RawClient client = server.client();
  client.send(get("/held") + get("/now"));
  std::thread another(
      [responder = held.take()]() mutable { responder.send(json_response("later")); });
  another.join();
  EXPECT_EQ(client.read()->body, "later");
  EXPECT_EQ(client.read()->body, "now");
}

TEST(ServerWork, TheFirstAnswerCounts) {
  HeldRequests held;
  TestServer server({held.route()});
  RawClient client = server.client();
  client.send(get("/held"));
  Responder responder = held.take();
  responder.fail(std::make_exception_ptr(Error(ErrorCode::conflict, "first")));
  responder.send(json_response("second"));
  EXPECT_EQ(client.read()->status, 409);
}

TEST(ServerWork, NoAnswerIsAnInternalError) {
  TestServer server({route("/forgotten", deferred([](const Request&, Responder) {})),
                     route("/thrown", deferred([](const Request&, Responder) {
                             throw Error(ErrorCode::not_found, "thrown");
                           }))});
  RawClient client = server.client();
  EXPECT_EQ(client.exchange(get("/forgotten"))->status, 500);
  EXPECT_EQ(client.exchange(get("/thrown"))->status, 404) << "what is thrown goes before";
}

TEST(ServerWork, AnAnswerForAClientThatHasLeftIsDropped) {
  HeldRequests held;
  TestServer server({held.route(), now_route()});
  RawClient client = server.client();
  client.send(get("/held"));
  Responder responder = held.take();
  client.reset();
  responder.send(json_response("nobody listens"));
  EXPECT_EQ(server.client().exchange(get("/now"))->status, 200);
}

TEST(ServerWork, AnAnswerForAServerThatHasGoneIsDropped) {
  HeldRequests held;
  auto options = test::test_options();
  options.limits.drain_timeout = std::chrono::milliseconds{1};
  TestServer server({held.route()}, options);
  RawClient client = server.client();
  client.send(get("/held"));
  Responder responder = held.take();
  server.server.reset();
  EXPECT_EQ(client.read_until_closed(), "");
  responder.fail_at(MonotonicTime{}, nullptr);
  responder.send(json_response("nobody listens"));
}

TEST(ServerWork, FailsAtItsDeadline) {
  HeldRequests held;
  TestServer server({held.route(), now_route()});
  RawClient client = server.client();
  client.send(get("/held") + get("/now"));
  Responder responder = held.take();
  responder.fail_at(server.clock.monotonic() + std::chrono::milliseconds{1000},
                    std::make_exception_ptr(Error(ErrorCode::unavailable, "not in time")));
  server.clock.advance(std::chrono::milliseconds{1000});
  const auto response = client.read();
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->header("Retry-After"), "1");
  EXPECT_EQ(client.read()->body, "now");
  responder.send(json_response("too late"));
  client.send(get("/held"));
  held.take().send(json_response("again"));
  EXPECT_EQ(client.read()->body, "again");
}

TEST(ServerWork, AnsweredInTimeItDoesNotFail) {
  HeldRequests held;
  TestServer server({held.route(), now_route()});
  RawClient client = server.client();
  client.send(get("/held"));
  Responder responder = held.take();
  responder.fail_at(server.clock.monotonic() + std::chrono::milliseconds{1000},
                    std::make_exception_ptr(Error(ErrorCode::unavailable, "not in time")));
  responder.send(json_response("in time"));
  EXPECT_EQ(client.read()->body, "in time");
  server.clock.advance(std::chrono::milliseconds{5000});
  EXPECT_EQ(client.exchange(get("/now"))->body, "now");
}

// The deadline answers while the handler is still at work: its request must not turn into the next
// one under its eyes.
TEST(ServerWork, AnOverdueRequestStaysReadable) {
  std::promise<void> started, go_on, seen_promise;
  std::string seen;
  SimulatedClock* clock = nullptr;
  TestServer server({route("/slow", deferred([&](const Request& request, Responder responder) {
                             responder.fail_at(
                                 clock->monotonic() + std::chrono::milliseconds{1000},
                                 std::make_exception_ptr(Error(ErrorCode::unavailable, "late")));
                             started.set_value();
                             go_on.get_future().wait();
                             seen.append(request.target).append(*request.header("X-Mark"));
                             seen.append(request.peer).append(request.id);
                             seen_promise.set_value();
                           })),
                     now_route()});
  clock = &server.clock;
  RawClient client = server.client();
  client.send("GET /slow HTTP/1.1\r\nHost: a\r\nX-Mark: mark\r\nX-Request-ID: id\r\n\r\nGET /n");
  started.get_future().wait();
  server.clock.advance(std::chrono::milliseconds{1000});
  EXPECT_EQ(client.read()->status, 503);
  client.send("ow HTTP/1.1\r\nHost: a\r\nX-Other: other\r\n\r\n");
  EXPECT_EQ(client.read()->body, "now");
  go_on.set_value();
  seen_promise.get_future().wait();
  EXPECT_EQ(seen, "/slowmark127.0.0.1id");
}

TEST(ServerWork, AFullPoolIsAnAnswer) {
  TestServer server(
      {route("/pool", blocking([](const Request&) { return json_response("pool"); })), now_route()},
      test::test_options(), nullptr, 1, 1);
  std::promise<void> started, release;
  ASSERT_TRUE(server.pool.submit([&, released = release.get_future().share()] {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();
  ASSERT_TRUE(server.pool.submit([] {}));
  RawClient client = server.client();
  const auto response = client.exchange(get("/pool"));
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(response->header("Retry-After"), "1");
  EXPECT_EQ(client.exchange(get("/now"))->body, "now") << "memory does not need the pool";
  release.set_value();
  EXPECT_THAT(server.metrics.render(),
              HasSubstr("callboard_http_refused_total{reason=\"queue_full\"} 1\n"));
}

// Decides by the query: `memory`, `pool` or a refusal by either.
class SampleGate final : public Gate {
 public:
  bool admit_from_memory(const Route&, Request& request) override {
    if (request.query == "refused") throw Error(ErrorCode::bad_signature, "signature is empty");
    request.caller.user_id = "memory";
    return request.query == "memory";
  }
  void admit_blocking(const Route&, Request& request) override {
    if (request.query != "pool") throw Error(ErrorCode::unauthenticated, "miss jwt token");
    request.caller.user_id = "pool";
  }
  bool allows_origin(const Request&, std::string_view) override { return false; }
};

TEST(ServerWork, AsksTheGateFirst) {
  SampleGate gate;
  const auto tell = [](const Request& request, Response& response) {
    response.body = request.caller.user_id;
  };
  const auto tell_blocking = [](const Request& request) {
    return json_response("work " + std::string(request.caller.user_id));
  };
  Handler either = blocking(tell_blocking);
  either.from_memory = [&](const Request& request, Response& response) {
    response.body = "half an answer";
    if (request.query != "memory") return false;
    tell(request, response);
    return true;
  };
  TestServer server({route("/memory", immediate(tell)), route("/work", blocking(tell_blocking)),
                     route("/either", either)},
                    test::test_options(), &gate);
  RawClient client = server.client();
  const auto body = [&](const char* target) { return client.exchange(get(target))->body; };
  EXPECT_EQ(body("/memory?memory"), "memory");
  EXPECT_EQ(body("/memory?pool"), "pool");
  EXPECT_EQ(body("/work?memory"), "work memory");
  EXPECT_EQ(body("/work?pool"), "work pool");
  EXPECT_EQ(body("/either?memory"), "memory");
  EXPECT_EQ(body("/either?pool"), "work pool");
  for (const char* path : {"/memory", "/work", "/either"}) {
    const std::string target = path;
    EXPECT_THAT(body((target + "?refused").c_str()),
                HasSubstr("sig_invalid(signature is empty):(signature is invalid)"));
    EXPECT_THAT(body((target + "?unknown").c_str()), HasSubstr("auth_failed(miss jwt token)"));
  }
}

}  // namespace
}  // namespace callboard::http
