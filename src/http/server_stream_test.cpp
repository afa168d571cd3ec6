// Answers that stay open: see event_stream.hpp.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/event_stream.hpp"
#include "tests/support/test_server.hpp"

namespace callboard::http {
namespace {

using namespace std::chrono_literals;
using test::get;
using test::RawClient;
using test::TestServer;
using testing::HasSubstr;

// Tells the test when it goes.
class TestStream final : public EventStream {
 public:
  using EventStream::EventStream;
  ~TestStream() override { gone.set_value(); }
  std::promise<void> gone;
};

class StreamTest : public testing::Test {
 protected:
  // The next stream that a client opens, from memory or by the pool; its first event is "hello".
  static Routes routes(StreamTest& test) {
    const auto answer = [&test](const Request&, Response& response) {
      response.stream_events(test.prepared());
    };
    return {{Method::get, "/stream", Access::anyone, Surface::app, immediate(answer)},
            {Method::get, "/pooled", Access::anyone, Surface::app,
             blocking([answer](const Request& request) {
               Response response;
               answer(request, response);
               return response;
             })},
            {Method::get, "/", Access::anyone, Surface::app,
             immediate([](const Request&, Response& response) { response.body = "fine"; })}};
  }

  std::shared_ptr<EventStream> prepared() {
    auto stream = std::make_shared<TestStream>(ends_);
    stream->send("hello", "");
    const std::lock_guard lock(mutex_);
    gone_ = stream->gone.get_future();
    stream_ = stream;
    return stream;
  }

  // Opens a stream and reads its head and first event.
  RawClient open(const std::string& request = get("/stream")) {
    RawClient client = server_.client();
    head_ = client.exchange(request)->head;
    EXPECT_EQ(client.read_some(hello.size()), hello);
    return client;
  }

  // The one that was opened last; null: it has gone.
  std::shared_ptr<EventStream> stream() {
    const std::lock_guard lock(mutex_);
    return stream_.lock();
  }
  bool is_gone() {
    std::unique_lock lock(mutex_);
    const auto gone = std::move(gone_);
    lock.unlock();
    return gone.wait_for(20s) == std::future_status::ready;
  }

  static constexpr std::string_view hello = "event: hello\ndata: \n\n";
  MonotonicTime ends_ = MonotonicTime::max();
  std::mutex mutex_;                   // for TSan, which does not see that a socket is between
  std::weak_ptr<EventStream> stream_;  // guarded by mutex_
  std::future<void> gone_;             // guarded by mutex_
  std::string head_;
  TestServer server_{routes(*this)};
};

TEST_F(StreamTest, SendsEventsAsTheyCome) {
  for (const char* path : {"/stream", "/pooled"}) {
    RawClient client = open(get(path));
    for (const char* line :
         {"HTTP/1.1 200 OK\r\n", "Content-Type: text/event-stream\r\n",
          "Cache-Control: no-cache\r\n", "X-Accel-Buffering: no\r\n", "Connection: close\r\n"}) {
      EXPECT_THAT(head_, HasSubstr(line));
    }
    EXPECT_THAT(head_, testing::Not(HasSubstr("Content-Length")));
    EXPECT_THAT(server_.metrics.render(), HasSubstr("callboard_http_streams 1\n"));
    for (const std::string data : {"1", "2", "3"}) {
      EXPECT_TRUE(stream()->send("a", data));
      const std::string expected = "event: a\ndata: " + data + "\n\n";
      EXPECT_EQ(client.read_some(expected.size()), expected);
    }
    stream()->send("last", "");
    stream()->close();
    EXPECT_EQ(client.read_until_closed(), "event: last\ndata: \n\n");
    EXPECT_TRUE(is_gone());
    EXPECT_THAT(server_.metrics.render(), HasSubstr("callboard_http_streams 0\n"));
  }
}

TEST_F(StreamTest, SendsAHeartbeatWhereNothingElseIsSaid) {
  RawClient client = open();
  for (int i = 0; i < 3; ++i) {
    server_.clock.advance(20s);
    EXPECT_EQ(client.read_some(3), ":\n\n");
  }
  stream()->close();
  EXPECT_EQ(client.read_until_closed(), "");
}

TEST_F(StreamTest, EndsInTime) {
  ends_ = server_.clock.monotonic() + 30s;
  RawClient client = open();
  server_.clock.advance(20s);
  EXPECT_EQ(client.read_some(3), ":\n\n");
  server_.clock.advance(10s);
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_TRUE(is_gone());
}

TEST_F(StreamTest, NoticesThatTheClientHasGone) {
  for (const bool rude : {false, true}) {
    {
      RawClient client = open();
      if (rude) client.reset();
    }
    EXPECT_TRUE(is_gone());
  }
}

TEST_F(StreamTest, ThrowsAwayWhatTheClientStillSays) {
  RawClient client = open();
  client.send(get("/"));
  stream()->send("a", "");
  EXPECT_EQ(client.read_some(17), "event: a\ndata: \n\n");
  while (client.send(std::string(10'000, 'x'))) {
  }
  EXPECT_TRUE(is_gone()) << "more than any client has to say";
}

TEST_F(StreamTest, ClosesAClientThatDoesNotRead) {
  RawClient client(server_.server->port(), "127.0.0.1", 4096);
  client.send(get("/stream"));
  client.await_answer();
  const std::string data(1000, 'x');
  while (const auto kept = stream()) kept->send("a", data);
  EXPECT_TRUE(is_gone());
}

TEST_F(StreamTest, HeadGetsTheHeadAlone) {
  RawClient client = server_.client();
  const auto response = client.exchange("HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n", true);
  EXPECT_EQ(response->header("Content-Type"), "text/event-stream");
  EXPECT_FALSE(response->header("Content-Length"));
  EXPECT_TRUE(is_gone());
  EXPECT_EQ(client.exchange(get("/"))->body, "fine") << "the connection goes on";
}

TEST_F(StreamTest, Http10ReadsUntilTheEnd) {
  RawClient client = open("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(head_, HasSubstr("Connection: close\r\n"));
  stream()->close();
  EXPECT_EQ(client.read_until_closed(), "");
}

TEST_F(StreamTest, ComesAfterTheAnswersBeforeIt) {
  RawClient client = server_.client();
  client.send(get("/") + get("/stream") + get("/"));
  EXPECT_EQ(client.read()->body, "fine");
  EXPECT_EQ(client.read()->header("Content-Type"), "text/event-stream");
  EXPECT_EQ(client.read_some(hello.size()), hello);
  stream()->close();
  EXPECT_EQ(client.read_until_closed(), "") << "nothing is served behind a stream";
}

TEST_F(StreamTest, StopClosesStreamsAtOnce) {
  RawClient client = open();
  server_.server->stop();
  EXPECT_EQ(client.read_until_closed(), "");
  EXPECT_TRUE(is_gone());
}

TEST_F(StreamTest, MayOutliveTheServer) {
  RawClient client = open();
  const auto kept = stream();
  server_.server.reset();
  EXPECT_FALSE(kept->send("a", ""));
}

// Senders, clients that come and go, and ends, all at once.
TEST_F(StreamTest, AnyThreadMaySend) {
  for (int round = 0; round < 50; ++round) {
    RawClient client = open();
    std::vector<std::thread> senders;
    for (int i = 0; i < 3; ++i) {
      senders.emplace_back([stream = stream()] {
        while (stream->send("a", "b")) std::this_thread::yield();
      });
    }
    client.read_some(100);
    if (round % 2 == 0)
      client.reset();
    else
      stream()->close();
    for (auto& sender : senders) sender.join();
    EXPECT_TRUE(is_gone());
  }
}

}  // namespace
}  // namespace callboard::http
