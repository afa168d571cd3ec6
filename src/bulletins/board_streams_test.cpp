#include "bulletins/board_streams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/support/bulletins.hpp"
#include "tests/support/routes.hpp"

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class BoardStreamsTest : public BulletinsTest {
 protected:
  audience::Applications applications_{database(), clock(), metrics()};
  audience::DataProviders providers_{applications_};
  audience::Users users_{database(), clock(), metrics()};
  std::atomic<std::int64_t> boards_told_{-1};
  Boards boards_{database(), providers_, metrics()};
  std::string revoked_;
  BoardStreams streams_{database(), boards_,
                        [this](std::string_view session) { return session == revoked_; }, clock(),
                        StreamLimits{}};
  RouteCaller routes_{streams_.table()};

  http::Answer ask(std::string_view user_id = "ann", http::Method method = http::Method::get) {
    http::Caller caller;
    caller.app_id = test_app;
    caller.user_id = user_id;
    caller.session = "the session";
    caller.expires = clock().now() + 1h;
    return routes_.call({.method = method, .path = "/bp/stream", .caller = caller});
  }
  // A stream of which the first events have been read.
  std::shared_ptr<http::EventStream> open(std::string_view user_id = "ann") {
    auto stream = ask(user_id).response.stream;
    take(*stream);
    return stream;
  }
  std::string take(http::EventStream& stream) {
    std::string out;
    stream.take(out);
    return out;
  }
  std::string told(http::EventStream& stream) {
    streams_.tell_due();
    return take(stream);
  }
  // Until readers, and whoever follows new boards, have it.
  void wait_for_board(std::int64_t revision) {
    while (boards_.get(test_app)->revision() < revision || boards_told_ < revision) {
      std::this_thread::yield();
    }
  }
  void SetUp() override {
    boards_.on_new_board(
        [this](const std::string&) { boards_told_ = boards_.current(test_app)->revision(); });
  }
};
INSTANTIATE_STORE_TESTS(BoardStreamsTest);

TEST_P(BoardStreamsTest, BeginsWithTheRevision) {
  add(draft_named("a"));
  for (const bool from_memory : {false, true}) {
    const http::Answer answer = ask();
    EXPECT_EQ(routes_.was_from_memory(), from_memory);
    EXPECT_THAT(answer.response.header_lines(), HasSubstr("Content-Type: text/event-stream\r\n"));
    EXPECT_THAT(take(*answer.response.stream),
                testing::MatchesRegex("retry: [1-5][0-9][0-9][0-9]\n\n"
                                      "event: board\nid: 1\ndata: \\{\"revision\":1\\}\n\n"));
    EXPECT_EQ(answer.response.stream->ends(), clock().monotonic() + 1h);
  }
}

TEST_P(BoardStreamsTest, TellsOfANewBoardOnceReadersHaveIt) {
  const auto stream = open();
  EXPECT_EQ(told(*stream), "");
  add(draft_named("a"));
  wait_for_board(1);
  EXPECT_THAT(told(*stream), HasSubstr("\"revision\":1"));
}

TEST_P(BoardStreamsTest, TellsOfAttributes) {
  const auto ann = open("ann"), bob = open("bob");
  std::promise<void> written;
  users_.merge(std::string(test_app), "ann", {{"age", 9}},
               [&](std::exception_ptr, auto) { written.set_value(); });
  written.get_future().get();
  EXPECT_THAT(told(*ann), HasSubstr("event: board\n"));
  EXPECT_EQ(told(*bob), "");
}

TEST_P(BoardStreamsTest, TellsOfWhatProvidersSupply) {
  const auto ann = open("ann"), bob = open("bob");
  const auto say = [&](std::string_view user) {
    write([&](db::Transaction& t) { t.announce(test_app, audience::provided_change, user); });
  };
  say("ann");
  EXPECT_THAT(told(*ann), HasSubstr("event: board\n"));
  EXPECT_EQ(told(*bob), "");
  clock().advance(60s);
  say("");
  EXPECT_THAT(told(*bob), HasSubstr("event: board\n"));
}

TEST_P(BoardStreamsTest, TellsOfAWindowsEdge) {
  Draft draft = draft_named("later");
  draft.start_unix_s = unix_seconds(clock().now()) + 60;
  add(draft);
  const auto stream = open();
  EXPECT_EQ(told(*stream), "");
  clock().advance(60s);
  EXPECT_THAT(told(*stream), HasSubstr("\"revision\":1"));
  EXPECT_EQ(told(*stream), "");
}

TEST_P(BoardStreamsTest, EndsWithTheSessionAndWithTheKeys) {
  auto stream = open();
  write([](db::Transaction& t) { t.announce(test_app, "revocation", "another session"); });
  EXPECT_TRUE(stream->is_open());
  write([](db::Transaction& t) { t.announce(test_app, "revocation", "the session"); });
  EXPECT_FALSE(stream->is_open());
  stream = open();
  write([](db::Transaction& t) { t.announce(test_app, "keys", "k"); });
  streams_.tell_due();
  EXPECT_FALSE(stream->is_open());
}

TEST_P(BoardStreamsTest, OpensNothingForASessionThatWasJustRevoked) {
  open();
  revoked_ = "the session";
  EXPECT_EQ(error_of(ask()).code(), ErrorCode::unauthenticated);
  EXPECT_EQ(streams_.open_streams(), 0u);
}

TEST_P(BoardStreamsTest, TheTellerDoesItByItself) {
  streams_.start();
  streams_.start();
  const auto stream = open();
  add(draft_named("a"));
  std::string events;
  while (events.find("\"revision\":1") == std::string::npos) {
    std::this_thread::yield();
    events += take(*stream);
  }
}

}  // namespace
}  // namespace callboard::bulletins
