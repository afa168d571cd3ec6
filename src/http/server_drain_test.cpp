// How the server ends: by finishing what is in flight, within bounds, as often as asked.

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/support/held_requests.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using test::get;
using test::HeldRequests;
using test::RawClient;
using test::TestServer;

Route route(std::string path, Handler handler) {
  return {Method::get, std::move(path), Access::anyone, Surface::app, std::move(handler)};
}

Route now_route() {
  return route("/now",
               immediate([](const Request&, Response& response) { response.body = "now"; }));
}

TEST(ServerDrain, FinishesWhatIsInFlightAndClosesTheIdle) {
  HeldRequests held;
  auto options = test::test_options();
  options.threads = 1;  // once the idle one is closed, the other's thread drains too
  TestServer server({held.route(), now_route()}, options);
  RawClient idle = server.client(), busy = server.client();
  ASSERT_EQ(idle.exchange(get("/now"))->status, 200);
  busy.send(get("/held") + get("/now"));
  Responder responder = held.take();
  std::jthread stopping([&] { server.server->stop(); });
  EXPECT_EQ(idle.read_until_closed(), "");
  responder.send(json_response("finished"));
  const auto response = busy.read();
  EXPECT_EQ(response->body, "finished");
  EXPECT_EQ(response->header("Connection"), "close");
  busy.finish_sending();
  EXPECT_EQ(busy.read_until_closed(), "");
}

TEST(ServerDrain, IsBounded) {
  HeldRequests held;
  auto options = test::test_options();
  options.limits.drain_timeout = std::chrono::milliseconds{1};
  TestServer server({held.route()}, options);
  RawClient client = server.client();
  client.send(get("/held"));
  Responder responder = held.take();
  server.server->stop();
  EXPECT_EQ(client.read_until_closed(), "");
}

TEST(ServerDrain, TheServerGoesOnlyAfterItsHandlers) {
  std::promise<void> started, release;
  std::atomic<bool> ended = false;
  auto options = test::test_options();
  options.limits.drain_timeout = std::chrono::milliseconds{1};
  TestServer server({route("/slow", blocking([&](const Request&) {
                             started.set_value();
                             release.get_future().wait();
                             ended = true;
                             return Response();
                           }))},
                    options);
  RawClient client = server.client();
  client.send(get("/slow"));
  started.get_future().wait();
  server.server->stop();
  std::jthread releasing([&] { release.set_value(); });
  server.server.reset();
  EXPECT_TRUE(ended);
}

TEST(ServerDrain, StartAndStopAreIdempotent) {
  TestServer server({now_route()});
  server.server->start();
  EXPECT_EQ(server.client().exchange(get("/now"))->status, 200);
  server.server->stop();
  server.server->stop();
  server.server->start();
  EXPECT_EQ(server.client().exchange(get("/now"))->status, 200);
}

TEST(ServerDrain, SurvivesFiftyStartsAndStopsUnderLoad) {
  auto options = test::test_options();
  options.limits.drain_timeout = std::chrono::milliseconds{50};
  TestServer server(
      {route("/pool", blocking([](const Request&) { return json_response("pool"); })), now_route()},
      options);
  std::atomic<bool> over = false;
  std::atomic<int> answered = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      while (!over) {
        try {
          RawClient client = server.client();
          while (!over && client.exchange(get("/now") + get("/pool")) && client.read()) ++answered;
        } catch (const std::runtime_error&) {
          std::this_thread::yield();  // between a stop and the next start
        }
      }
    });
  }
  for (int i = 0; i < 50; ++i) {
    server.server->start();
    RawClient client = server.client();
    EXPECT_TRUE(client.exchange(get("/now")));
    if (i % 2 == 0) server.server->stop();
    std::jthread other([&] { server.server->stop(); });
    server.server->stop();
  }
  over = true;
  clients.clear();
  EXPECT_GT(answered, 0);
}

}  // namespace
}  // namespace callboard::http
