#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace callboard {
namespace {

using namespace std::chrono_literals;

TEST(Clock, WritesRfc3339InUtc) {
  EXPECT_EQ(rfc3339(timestamp_from_ms(0)), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(rfc3339(timestamp_from_ms(1'709'528'767'089)), "2024-03-04T05:06:07.089Z");
  EXPECT_EQ(rfc3339(timestamp_from_ms(-1)), "1969-12-31T23:59:59.999Z");
}

TEST(Clock, RoundsSecondsDown) {
  EXPECT_EQ(unix_seconds(timestamp_from_ms(1'999)), 1);
  EXPECT_EQ(unix_seconds(timestamp_from_ms(-1)), -1);
}

TEST(Clock, SimulatedTimeMovesOnlyByHand) {
  SimulatedClock clock;
  const auto now = clock.now();
  const auto monotonic = clock.monotonic();
  clock.advance(1500ms);
  EXPECT_EQ(clock.now() - now, 1500ms);
  EXPECT_EQ(clock.monotonic() - monotonic, 1500ms);
}

TEST(Clock, OffsetShiftsOnlyTheWallClock) {
  const SystemClock plain, shifted(3600s);
  EXPECT_GE(shifted.now() - plain.now(), 3599s);
  EXPECT_LT(shifted.monotonic() - plain.monotonic(), 60s);
}

}  // namespace
}  // namespace callboard
