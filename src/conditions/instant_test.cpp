#include "conditions/instant.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace callboard::conditions {
namespace {

TEST(Instant, ReadsRfc3339) {
  const std::pair<std::string_view, Instant> instants[] = {
      {"1970-01-01T00:00:00Z", {0, 0}},
      {"2023-11-14T22:13:20Z", {1700000000, 0}},
      {"2023-11-14t22:13:20z", {1700000000, 0}},
      {"2023-11-15T06:13:20+08:00", {1700000000, 0}},
      {"2023-11-14T12:43:20-09:30", {1700000000, 0}},
      {"2023-11-14T22:13:20-00:00", {1700000000, 0}},
      {"2023-11-14T22:13:20.5Z", {1700000000, 500000000}},
      {"2023-11-14T22:13:20.000000001Z", {1700000000, 1}},
      {"2023-11-14T22:13:20.0000000019Z", {1700000000, 1}},
      {"1969-12-31T23:59:59.25Z", {-1, 250000000}},
      {"2024-02-29T00:00:00Z", {1709164800, 0}},
      {"2016-12-31T23:59:60Z", {1483228800, 0}},
      {"2017-01-01T08:59:60+09:00", {1483228800, 0}},
      {"0000-01-01T00:00:00Z", {-62167219200, 0}},
      {"9999-12-31T23:59:59Z", {253402300799, 0}},
  };
  for (const auto& [text, instant] : instants) EXPECT_EQ(parse_instant(text), instant) << text;
}

TEST(Instant, RefusesWhatIsNotRfc3339WithAnOffset) {
  for (const std::string_view text : {"",
                                      "2023-11-14",
                                      "2023-11-14T22:13:20",
                                      "2023-11-14 22:13:20Z",
                                      "2023-11-14T22:13Z",
                                      "2023-13-14T22:13:20Z",
                                      "2023-00-14T22:13:20Z",
                                      "2023-02-29T00:00:00Z",
                                      "2023-04-31T00:00:00Z",
                                      "2023-11-14T24:00:00Z",
                                      "2023-11-14T22:60:00Z",
                                      "2023-11-14T22:13:61Z",
                                      "2023-11-14T22:13:60Z",
                                      "2023-11-14T22:13:20.Z",
                                      "2023-11-14T22:13:20,5Z",
                                      "2023-11-14T22:13:20+0800",
                                      "2023-11-14T22:13:20+24:00",
                                      "2023-11-14T22:13:20+08:60",
                                      "2023-11-14T22:13:20Zx",
                                      " 2023-11-14T22:13:20Z",
                                      "23-11-14T22:13:20Z",
                                      "+2023-11-14T22:13:20Z",
                                      "1700000000",
                                      "now"})
    EXPECT_EQ(parse_instant(text), std::nullopt) << text;
}

TEST(Instant, ReadsUnixSeconds) {
  EXPECT_EQ(instant_from_unix_seconds(1700000000), (Instant{1700000000, 0}));
  EXPECT_EQ(instant_from_unix_seconds(1700000000.123), (Instant{1700000000, 123000000}));
  EXPECT_EQ(instant_from_unix_seconds(-0.25), (Instant{-1, 750000000}));
  EXPECT_EQ(instant_from_unix_seconds(0.9999999), (Instant{1, 0}));
}

TEST(Instant, RefusesSecondsOutsideTheYearsThatCanBeWritten) {
  for (const double seconds :
       {-62167219201.0, 253402300800.0, 1e300, double(INFINITY), double(NAN)})
    EXPECT_EQ(instant_from_unix_seconds(seconds), std::nullopt) << seconds;
}

}  // namespace
}  // namespace callboard::conditions
