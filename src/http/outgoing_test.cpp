#include "http/outgoing.hpp"

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "base/error.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using namespace std::chrono_literals;
using enum OutgoingOutcome;

constexpr auto patience = 20s;  // of calls that are to be answered

// Answers what a test asks for by its path, and remembers what it was asked.
class OutgoingTest : public testing::Test {
 protected:
  Routes routes() {
    const auto get = [](const char* path, std::function<void(const Request&, Response&)> answer) {
      return Route{Method::get, path, Access::anyone, Surface::plain, immediate(std::move(answer))};
    };
    const auto echo = [this](const Request& request, Response& response) {
      see(request.header("X-Secret").value_or("none"));
      response.body = std::string(name_of(request.method)) + " " + std::string(request.body);
    };
    return {
        get("/echo", echo),
        {Method::post, "/echo", Access::anyone, Surface::plain, immediate(echo)},
        get("/redirect",
            [](const Request&, Response& response) {
              response.status = 302;
              response.header("Location", "/echo");
            }),
        get("/large", [](const Request&, Response& response) { response.body.assign(1000, 'x'); }),
        get("/large-header",
            [](const Request&, Response& response) {
              response.header("X-Long", std::string(2000, 'x'));
            }),
        get("/headers",
            [](const Request&, Response& response) {
              response.header("X-Line-Request-Id", "  abc ");
              response.header("X-Empty", "");
            }),
        get("/many-headers",
            [](const Request&, Response& response) {
              for (std::size_t i = 0; i < 2 * max_reply_headers; ++i) response.header("X-A", "b");
            }),
        {Method::get, "/silent", Access::anyone, Surface::plain,
         deferred([this](const Request&, Responder responder) { hold(std::move(responder)); })},
    };
  }

  std::string url(std::string_view path, std::string_view host = "127.0.0.1") const {
    return "http://" + std::string(host) + ":" + std::to_string(server_.server->port()) +
           std::string(path);
  }
  OutgoingReply get(std::string url, const OutgoingClient& client) {
    return client.send({.url = std::move(url), .timeout = patience});
  }
  OutgoingReply get(std::string url) { return get(std::move(url), client_); }

  void see(std::string_view secret) {
    const std::lock_guard lock(mutex_);
    seen_ = secret;
  }
  std::string seen() {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  void hold(Responder responder) {
    const std::lock_guard lock(mutex_);
    held_.push_back(std::move(responder));
  }
  void TearDown() override {
    const std::lock_guard lock(mutex_);
    held_.clear();
  }

  std::mutex mutex_;  // guards the two below
  std::string seen_;
  std::vector<Responder> held_;
  test::TestServer server_{routes()};
  const OutgoingClient client_{{"127.0.0.0/8", "::1"}};
  const OutgoingClient strict_;
};

TEST_F(OutgoingTest, CallsAndReadsTheReply) {
  const auto reply = client_.send({.method = Method::post,
                                   .url = url("/echo"),
                                   .headers = {{"X-Secret", "hush"}},
                                   .body = "a body",
                                   .timeout = patience});
  EXPECT_EQ(reply.outcome, answered);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "POST a body");
  EXPECT_EQ(seen(), "hush");
}

TEST_F(OutgoingTest, CarriesNothingOverToTheNextCall) {
  client_.send({.method = Method::post,
                .url = url("/echo"),
                .headers = {{"X-Secret", "hush"}},
                .body = "a body",
                .timeout = patience});
  EXPECT_EQ(get(url("/echo")).body, "GET ");
  EXPECT_EQ(seen(), "none");
}

TEST_F(OutgoingTest, FollowsNoRedirect) {
  const auto reply = get(url("/redirect"));
  EXPECT_EQ(reply.outcome, answered);
  EXPECT_EQ(reply.status, 302);
  EXPECT_EQ(seen(), "");
}

TEST_F(OutgoingTest, RefusesAReplyThatIsTooLarge) {
  const auto limited = [&](std::string_view path, std::size_t bytes) {
    return client_.send({.url = url(path), .timeout = patience, .max_reply = bytes});
  };
  EXPECT_EQ(limited("/large", 1000).outcome, answered);
  EXPECT_EQ(limited("/large", 1000).body.size(), 1000u);
  EXPECT_EQ(limited("/large", 999).outcome, too_large);
  EXPECT_EQ(limited("/large", 999).body, "");
  EXPECT_EQ(limited("/large-header", 1000).outcome, too_large);
}

TEST_F(OutgoingTest, KeepsTheHeadersOfTheReply) {
  const auto reply = get(url("/headers"));
  EXPECT_EQ(reply.header("x-line-request-id"), "abc");
  EXPECT_EQ(reply.header("X-Empty"), "");
  EXPECT_EQ(reply.header("X-Absent"), std::nullopt);
  EXPECT_EQ(get(url("/many-headers")).headers.size(), max_reply_headers);
}

TEST_F(OutgoingTest, GivesUpAfterItsTime) {
  const auto reply = client_.send({.url = url("/silent"), .timeout = 30ms});
  EXPECT_EQ(reply.outcome, timed_out);
}

TEST_F(OutgoingTest, ReachesNoPrivateAddressUnderAnyName) {
  for (const char* host : {"127.0.0.1", "127.1", "2130706433", "0x7f000001", "localhost", "0.0.0.0",
                           "[::ffff:127.0.0.1]", "[::1]", "127.0.0.1.", "LOCALHOST"}) {
    const auto outcome = get(url("/echo", host), strict_).outcome;
    EXPECT_TRUE(outcome == refused || outcome == unresolved || outcome == unreachable)
        << host << ": " << name_of(outcome);
    EXPECT_EQ(seen(), "") << host;
  }
  EXPECT_EQ(get(url("/echo", "127.0.0.1"), strict_).outcome, refused);
  EXPECT_EQ(get(url("/echo", "localhost"), strict_).outcome, refused);
  EXPECT_EQ(get(url("/echo", "[::ffff:127.0.0.1]"), strict_).outcome, refused);
  EXPECT_EQ(get("http://169.254.169.254/latest/meta-data/", strict_).outcome, refused);
}

TEST_F(OutgoingTest, CallsWhatIsAllowedAlthoughItIsPrivate) {
  EXPECT_EQ(get(url("/echo", "localhost")).outcome, answered);
  const OutgoingClient one{{"127.0.0.2"}};
  EXPECT_EQ(get(url("/echo"), one).outcome, refused);
}

TEST_F(OutgoingTest, CallsNothingButHttpWithoutCredentials) {
  for (const char* text :
       {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/",
        "http://user:secret@127.0.0.1/", "http://user@127.0.0.1/", "", "nothing", "http://"}) {
    const auto outcome = get(text).outcome;
    EXPECT_TRUE(outcome == refused || outcome == unresolved) << text << ": " << name_of(outcome);
  }
}

TEST_F(OutgoingTest, TellsWhatNobodyServes) {
  const std::string gone = url("/echo");
  server_.server->stop();
  EXPECT_EQ(get(gone).outcome, unreachable);
}

TEST_F(OutgoingTest, RefusesAHeaderThatBreaksItsLine) {
  EXPECT_THROW(
      client_.send(
          {.url = url("/echo"), .headers = {{"X-Secret", "a\r\nX-Other: b"}}, .timeout = patience}),
      Error);
  EXPECT_THROW(OutgoingClient({"10.0.0.0/33"}), Error);
}

TEST_F(OutgoingTest, RunsManyCallsAtOnce) {
  std::vector<std::future<OutgoingReply>> replies;
  for (int i = 0; i < 40; ++i) {
    replies.push_back(std::async(std::launch::async, [&] { return get(url("/large")); }));
  }
  for (auto& reply : replies) EXPECT_EQ(reply.get().outcome, answered);
}

}  // namespace
}  // namespace callboard::http
