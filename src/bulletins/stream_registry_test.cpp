#include "bulletins/stream_registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace callboard::bulletins {
namespace {

using namespace std::chrono_literals;

std::string taken(http::EventStream& stream) {
  std::string out;
  stream.take(out);
  return out;
}

class StreamRegistryTest : public testing::Test {
 protected:
  using StreamPointer = std::shared_ptr<http::EventStream>;

  // Without the advice that each stream begins with.
  StreamPointer open(const std::string& user, const std::string& app = "demo",
                     const std::string& address = "9.9.9.9") {
    auto stream = registry_->open({app, user, "session of " + user, address}, MonotonicTime::max());
    EXPECT_THAT(taken(*stream), testing::StartsWith("retry: "));
    return stream;
  }
  ErrorCode refusal(const std::string& user, const std::string& app = "demo",
                    const std::string& address = "9.9.9.9") {
    try {
      open(user, app, address);
    } catch (const Error& error) {
      EXPECT_TRUE(error.retry_after());
      return error.code();
    }
    ADD_FAILURE() << "it was opened";
    return ErrorCode::internal;
  }

  auto tell_due() {
    return registry_->tell_due(clock_.monotonic(), clock_.now(),
                               [this](std::string_view) { return board_; });
  }
  void use_limits(StreamLimits limits) { registry_ = std::make_shared<StreamRegistry>(limits); }

  static constexpr const char* event = "event: board\nid: 7\ndata: {\"revision\":7}\n\n";
  SimulatedClock clock_;
  std::optional<StreamRegistry::BoardState> board_ = {{7, Timestamp::max()}};
  std::shared_ptr<StreamRegistry> registry_ = std::make_shared<StreamRegistry>(StreamLimits{});
};

TEST_F(StreamRegistryTest, TellsTheApplicationOfItsBoard) {
  const auto ann = open("ann"), bob = open("bob"), other = open("ann", "other");
  registry_->board_changed("demo", clock_.monotonic());
  registry_->board_changed("demo", clock_.monotonic());
  tell_due();
  EXPECT_EQ(taken(*ann), event) << "once, however often it changed";
  EXPECT_EQ(taken(*bob), event);
  EXPECT_EQ(taken(*other), "");
  tell_due();
  EXPECT_EQ(taken(*ann), "");
}

TEST_F(StreamRegistryTest, TellsAUserOnEveryStream) {
  const auto one = open("ann"), two = open("ann"), bob = open("bob");
  registry_->user_changed("demo", "ann", clock_.monotonic());
  registry_->user_changed("demo", "nobody", clock_.monotonic());
  tell_due();
  EXPECT_EQ(taken(*one), event);
  EXPECT_EQ(taken(*two), event);
  EXPECT_EQ(taken(*bob), "");
}

TEST_F(StreamRegistryTest, TellsWhenAWindowOpensOrCloses) {
  board_->next_edge = clock_.now() + 500ms;
  const auto ann = open("ann");
  EXPECT_EQ(tell_due(), 500ms);
  EXPECT_EQ(taken(*ann), "");
  clock_.advance(500ms);
  board_->next_edge = clock_.now() + 1h;
  EXPECT_EQ(tell_due(), 1s) << "the wall's clock may be set";
  EXPECT_EQ(taken(*ann), event);
  board_->next_edge = clock_.now() + 100ms;
  registry_->board_changed("demo", clock_.monotonic());
  EXPECT_EQ(tell_due(), 100ms) << "a new board has other windows";
}

TEST_F(StreamRegistryTest, NothingIsDueWhereNobodyListens) {
  EXPECT_EQ(tell_due(), std::nullopt);
  open("ann");
  EXPECT_EQ(registry_->size(), 0u);
  EXPECT_EQ(tell_due(), std::nullopt);
}

TEST_F(StreamRegistryTest, SpreadsWhatGoesToVeryMany) {
  use_limits({20'000, 20'000, 20'000, 10});
  std::vector<StreamPointer> streams;
  for (int i = 0; i < 12'000; ++i) streams.push_back(open(std::to_string(i)));
  registry_->board_changed("demo", clock_.monotonic());
  std::vector<std::size_t> told;  // by round
  for (auto waited = 0ms; waited <= max_announcement_spread; waited += announcement_round) {
    tell_due();
    told.push_back(static_cast<std::size_t>(
        std::ranges::count_if(streams, [](auto& stream) { return taken(*stream) == event; })));
    clock_.advance(announcement_round);
  }
  EXPECT_EQ(std::accumulate(told.begin(), told.end(), std::size_t{0}), 12'000u);
  EXPECT_LT(*std::ranges::max_element(told), 400u);
  EXPECT_GT(*std::ranges::min_element(told), 50u);
}

TEST_F(StreamRegistryTest, AFewAreToldAtOnceAndAUserGoesBeforeTheRest) {
  std::vector<StreamPointer> streams;
  for (std::size_t i = 0; i < streams_told_at_once - 1; ++i) {
    streams.push_back(open(std::to_string(i)));
  }
  registry_->board_changed("demo", clock_.monotonic());
  tell_due();
  for (const auto& stream : streams) EXPECT_EQ(taken(*stream), event);

  for (int i = 0; i < 800; ++i) streams.push_back(open("more" + std::to_string(i)));
  registry_->board_changed("demo", clock_.monotonic());
  for (int i = 0; i < 800; ++i) {
    registry_->user_changed("demo", "more" + std::to_string(i), clock_.monotonic());
  }
  tell_due();
  for (std::size_t i = streams.size() - 800; i < streams.size(); ++i) {
    EXPECT_EQ(taken(*streams[i]), event);
  }
}

TEST_F(StreamRegistryTest, EndsASessionAtOnce) {
  const auto ann = open("ann"), bob = open("bob"), other = open("ann", "other");
  registry_->end_session("demo", "session of ann");
  EXPECT_FALSE(ann->is_open());
  EXPECT_TRUE(bob->is_open());
  EXPECT_TRUE(other->is_open());
}

TEST_F(StreamRegistryTest, EndsAnApplicationOrAll) {
  const auto ann = open("ann"), other = open("ann", "other");
  registry_->end_app("demo", clock_.monotonic());
  tell_due();
  EXPECT_FALSE(ann->is_open());
  EXPECT_TRUE(other->is_open());
  registry_->end_all(clock_.monotonic());
  tell_due();
  EXPECT_FALSE(other->is_open());
}

TEST_F(StreamRegistryTest, HasABoundForEverybody) {
  use_limits({6, 4, 3, 2});
  auto first = open("ann");
  const auto second = open("ann", "demo", "1.1.1.1");
  EXPECT_EQ(refusal("ann", "demo", "1.1.1.1"), ErrorCode::too_many) << "of the user";
  const auto third = open("bob"), fourth = open("cat");
  EXPECT_EQ(refusal("dan", "other"), ErrorCode::too_many) << "of the address";
  EXPECT_EQ(refusal("dan", "demo", "1.1.1.1"), ErrorCode::unavailable) << "of the application";
  const auto fifth = open("dan", "other", "127.0.0.1"), sixth = open("dan", "other", "::1");
  EXPECT_EQ(refusal("eve", "other", "2.2.2.2"), ErrorCode::unavailable) << "of all";
  first.reset();
  EXPECT_NE(open("eve", "demo"), nullptr) << "there is room again, everywhere";
}

TEST_F(StreamRegistryTest, DoesNotCountLoopback) {
  use_limits({100, 100, 0, 10});
  EXPECT_NE(open("ann", "demo", "127.0.0.1"), nullptr);
  EXPECT_EQ(refusal("ann"), ErrorCode::too_many);
}

TEST_F(StreamRegistryTest, MayGoBeforeItsStreams) {
  const auto ann = open("ann");
  registry_->board_changed("demo", clock_.monotonic());
  registry_.reset();
  EXPECT_TRUE(ann->is_open());
}

}  // namespace
}  // namespace callboard::bulletins
