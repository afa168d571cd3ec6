// Deadlines, by a clock that the test moves. Where a request and the beginning of the next one are
// sent at once, the first answer proves that the server has seen both.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using std::chrono::milliseconds;
using test::get;
using test::RawClient;
using test::TestServer;

constexpr std::size_t more_than_buffers_hold = 64 << 20;

Routes sample_routes() {
  const auto fine = immediate([](const Request&, Response& response) { response.body = "fine"; });
  return {{Method::get, "/", Access::anyone, Surface::app, fine},
          {Method::post, "/", Access::anyone, Surface::app, fine},
          {Method::get, "/big", Access::anyone, Surface::app,
           immediate([](const Request&, Response& response) {
             response.body.assign(more_than_buffers_hold, 'x');
           })}};
}

class ServerTimeout : public testing::Test {
 protected:
  void begin(const std::string& half) {
    client_.send(get("/") + half);
    ASSERT_EQ(client_.read()->status, 200);
  }
  void expect_timeout_after(milliseconds time) {
    server_.clock.advance(time - milliseconds{1});
    EXPECT_EQ(server_.client().exchange(get("/"))->status, 200) << "a tick may pass";
    server_.clock.advance(milliseconds{1});
  }
  void expect_408() {
    const auto response = client_.read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408);
    EXPECT_EQ(response->header("Connection"), "close");
    client_.finish_sending();
    EXPECT_EQ(client_.read_until_closed(), "");
  }

  const Limits limits_{};
  TestServer server_{sample_routes()};
  RawClient client_ = server_.client();
};

TEST_F(ServerTimeout, IdleConnectionsCloseSilently) {
  begin("");
  expect_timeout_after(limits_.idle_timeout);
  EXPECT_EQ(client_.read_until_closed(), "");
}

TEST(CrowdedServer, TakesThePlaceOfAConnectionThatIsIdle) {
  auto options = test::test_options();
  options.threads = 1;
  options.limits.connections = 2;
  TestServer server(sample_routes(), options);
  std::vector<RawClient> clients;
  for (int i = 0; i < 2; ++i) {
    clients.push_back(server.client());
    ASSERT_EQ(clients.back().exchange(get("/"))->status, 200);
  }
  EXPECT_EQ(server.client().read_until_closed(), "") << "nobody has been idle for long";
  for (RawClient& client : clients) EXPECT_EQ(client.exchange(get("/"))->status, 200);
  clients.front().send("GET / HTTP/1.1\r\nHo");  // no longer idle
  ASSERT_EQ(clients.back().exchange(get("/"))->status, 200);
  server.clock.advance(options.limits.crowded_idle_timeout);
  EXPECT_EQ(clients.back().read_until_closed(), "");
  EXPECT_EQ(server.client().exchange(get("/"))->status, 200);
  EXPECT_EQ(clients.front().exchange("st: a\r\n\r\n")->status, 200);
}

TEST(CrowdedServer, LeavesIdleConnectionsAloneWhileThereIsRoom) {
  TestServer server(sample_routes());
  RawClient idle = server.client();
  ASSERT_EQ(idle.exchange(get("/"))->status, 200);
  server.clock.advance(Limits{}.crowded_idle_timeout * 2);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(server.client().exchange(get("/"))->status, 200);
  EXPECT_EQ(idle.exchange(get("/"))->status, 200);
}

TEST_F(ServerTimeout, ASlowHeadIsAnsweredAndClosed) {
  begin("GET / HTTP/1.1\r\nHo");
  expect_timeout_after(limits_.header_timeout);
  expect_408();
}

// Each byte is progress, but the head as a whole is not done.
TEST_F(ServerTimeout, ADrippedHeadGetsNoExtension) {
  begin("G");
  for (const char c : std::string("ET / HTTP")) {
    server_.clock.advance(limits_.header_timeout / 9 + milliseconds{1});
    if (!client_.send({&c, 1})) break;
  }
  expect_408();
}

TEST_F(ServerTimeout, ASlowBodyIsAnsweredAndClosed) {
  begin("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  expect_timeout_after(limits_.body_timeout / 2);
  expect_408();
}

TEST_F(ServerTimeout, ASlowChunkIsAnsweredAndClosed) {
  begin("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc");
  expect_timeout_after(limits_.body_timeout / 2);
  expect_408();
}

TEST_F(ServerTimeout, ARequestThatComesBeforeTheDeadlineIsServed) {
  begin("GET / HTTP/1.1\r\nHo");
  server_.clock.advance(limits_.header_timeout - milliseconds{1});
  EXPECT_EQ(client_.exchange("st: a\r\n\r\n")->status, 200);
  server_.clock.advance(limits_.idle_timeout - milliseconds{1});
  EXPECT_EQ(client_.exchange(get("/"))->status, 200);
}

// The system may still take a little of the answer, which counts as progress: hence the loop.
TEST_F(ServerTimeout, AClientThatDoesNotReadIsClosed) {
  RawClient deaf(server_.server->port(), "127.0.0.1", 4096);
  deaf.send(get("/big"));
  deaf.await_answer();
  const auto only_one_left = [&] {
    return server_.metrics.render().find("callboard_http_connections 1\n") != std::string::npos;
  };
  for (int i = 0; i < 10'000 && !only_one_left(); ++i) {
    server_.clock.advance(limits_.write_timeout);
    ASSERT_EQ(client_.exchange(get("/"))->status, 200);
  }
  EXPECT_TRUE(only_one_left());
  EXPECT_LT(deaf.read_until_closed().size(), more_than_buffers_hold);
}

TEST_F(ServerTimeout, AClientThatReadsSlowlyGetsEverything) {
  RawClient slow(server_.server->port(), "127.0.0.1", 4096);
  slow.send(get("/big") + get("/"));
  EXPECT_EQ(slow.read()->body.size(), more_than_buffers_hold);
  EXPECT_EQ(slow.read()->body, "fine");
}

TEST_F(ServerTimeout, TheRestOfARefusedRequestIsNotWaitedForLong) {
  const auto response =
      client_.exchange("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_EQ(response->status, 413);
  server_.clock.advance(std::chrono::seconds{2});
  EXPECT_EQ(client_.read_until_closed(), "");
}

}  // namespace
}  // namespace callboard::http
