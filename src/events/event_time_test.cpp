#include "events/event_time.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::events {
namespace {

// In UTC and in the zone, or "none".
std::string read(std::string_view text, const char* zone_name = "Asia/Taipei") {
  const Zone zone(zone_name);
  const auto time = parse_event_time(text, zone);
  return time ? Zone("UTC").rfc3339(*time) + " " + zone.rfc3339(*time) : "none";
}

TEST(EventTime, ReadsLocalTimesInTheZone) {
  const std::string expected = "2024-03-02T01:00:00Z 2024-03-02T09:00:00+08:00";
  for (const char* text : {"2024/03/02 09:00", "2024/3/2 9:00", " 2024/3/2  09:00 ",
                           "2024/03/02 09:00:00", "\t2024/03/02 09:00\n"}) {
    EXPECT_EQ(read(text), expected) << text;
  }
  EXPECT_EQ(read("2024/3/2 9:00:07"), "2024-03-02T01:00:07Z 2024-03-02T09:00:07+08:00");
  EXPECT_EQ(read("2024/3/2 9:00", "UTC"), "2024-03-02T09:00:00Z 2024-03-02T09:00:00Z");
}

TEST(EventTime, ShowsWhatClocksThereDo) {
  const auto time = *parse_event_time("2024-12-31T16:00:00.5Z", Zone("UTC"));
  const std::chrono::local_days day(std::chrono::year(2025) / 1 / 1);
  EXPECT_EQ(Zone("Asia/Taipei").local(time), day + std::chrono::milliseconds{500});
  EXPECT_EQ(Zone("UTC").local(time), day - std::chrono::milliseconds{28'799'500});
}

TEST(EventTime, ReadsRfc3339WithItsOwnOffset) {
  const std::string expected = "2024-03-02T01:00:00Z 2024-03-02T09:00:00+08:00";
  EXPECT_EQ(read("2024-03-02T09:00:00+08:00"), expected);
  EXPECT_EQ(read(" 2024-03-02T01:00:00Z "), expected);
  EXPECT_EQ(read("2024-03-02T01:00:00.5Z"), "2024-03-02T01:00:00.5Z 2024-03-02T09:00:00.5+08:00");
}

TEST(EventTime, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           " ",
                           "2024/3/2",
                           "9:00",
                           "2024/3/2T9:00",
                           "2024/13/1 9:00",
                           "2024/2/30 9:00",
                           "2023/2/29 9:00",
                           "2024/3/2 24:00",
                           "2024/3/2 9:60",
                           "2024/3/2 9:0",
                           "2024/3/2 9:00:60",
                           "2024/3/2 9:00 x",
                           "24/3/2 9:00",
                           "2024-03-02 09:00",
                           "2024-03-02T09:00:00",
                           "2024/3/2 9:00:",
                           "2024/003/2 9:00",
                           "0000/1/1 0:00",
                           "99999/1/1 0:00"}) {
    EXPECT_EQ(read(text), "none") << text;
  }
}

TEST(EventTime, KeepsToTheYears) {
  EXPECT_EQ(read("1970/1/1 0:00", "UTC"), "1970-01-01T00:00:00Z 1970-01-01T00:00:00Z");
  EXPECT_EQ(read("1970/1/1 7:59"), "none");  // still 1969 in UTC
  EXPECT_EQ(read("1970/1/1 8:00"), "1970-01-01T00:00:00Z 1970-01-01T08:00:00+08:00");
  EXPECT_EQ(read("1969/12/31 23:59", "UTC"), "none");
  EXPECT_EQ(read("9999/12/31 23:59", "UTC"), "9999-12-31T23:59:00Z 9999-12-31T23:59:00Z");
  EXPECT_EQ(read("9999-12-31T20:00:00Z"), "none");  // the year 10000 in Taipei
  EXPECT_EQ(read("9999/12/31 23:59"), "9999-12-31T15:59:00Z 9999-12-31T23:59:00+08:00");
}

TEST(EventTime, MovesATimeThatIsLeftOutForward) {
  EXPECT_EQ(read("2024/3/31 2:30", "Europe/Berlin"),
            "2024-03-31T01:30:00Z 2024-03-31T03:30:00+02:00");
  EXPECT_EQ(read("2024/3/10 2:00", "America/New_York"),
            "2024-03-10T07:00:00Z 2024-03-10T03:00:00-04:00");
}

TEST(EventTime, TakesTheEarlierOfATimeThatComesTwice) {
  EXPECT_EQ(read("2024/10/27 2:30", "Europe/Berlin"),
            "2024-10-27T00:30:00Z 2024-10-27T02:30:00+02:00");
  EXPECT_EQ(read("2024/11/3 1:30", "America/New_York"),
            "2024-11-03T05:30:00Z 2024-11-03T01:30:00-04:00");
}

TEST(EventTime, WritesOddOffsets) {
  EXPECT_EQ(read("2024/1/1 0:00", "Asia/Kathmandu"),
            "2023-12-31T18:15:00Z 2024-01-01T00:00:00+05:45");
  EXPECT_EQ(read("2024/1/1 0:00", "America/St_Johns"),
            "2024-01-01T03:30:00Z 2024-01-01T00:00:00-03:30");
}

TEST(EventTime, ADateWithoutItsYearNeedsOne) {
  const auto day = [](int year, unsigned month, unsigned of_month) {
    return std::chrono::local_days(std::chrono::year_month_day(
        std::chrono::year(year), std::chrono::month(month), std::chrono::day(of_month)));
  };
  EXPECT_EQ(parse_date("3/2", 2024), day(2024, 3, 2));
  EXPECT_EQ(parse_date(" 2023/03/02 ", 2024), day(2023, 3, 2));
  EXPECT_EQ(parse_date("2/29", 2024), day(2024, 2, 29));
  for (const auto& [text, year] : {std::pair<const char*, std::optional<int>>{"3/2", std::nullopt},
                                   {"2/29", 2023},
                                   {"3", 2024},
                                   {"3/2/1", 2024},
                                   {"3/2", 1969},
                                   {"", 2024}}) {
    EXPECT_EQ(parse_date(text, year), std::nullopt) << text;
  }
}

TEST(EventTime, AZoneThatIsNoneIsRefused) {
  EXPECT_THROW(Zone("Asia/Nowhere"), Error);
  EXPECT_THROW(Zone(""), Error);
}

}  // namespace
}  // namespace callboard::events
