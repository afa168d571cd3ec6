#include "jobs/cron.hpp"

#include <date/tz.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/error.hpp"

namespace callboard::jobs {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto new_york = "America/New_York";  // 2024: forward on 10 March, back on 3 November

Timestamp at(const char* utc) {
  std::istringstream text(utc);
  int year = 0, hour = 0, minute = 0;
  unsigned month = 0, day = 0;
  char mark = 0;
  text >> year >> mark >> month >> mark >> day >> mark >> hour >> mark >> minute >> mark;
  EXPECT_TRUE(text && mark == 'Z') << utc;
  return date::sys_days{date::year{year} / date::month{month} / date::day{day}} +
         std::chrono::hours{hour} + minutes{minute};
}

// Without the seconds, which are none.
std::string shown(std::optional<Timestamp> time) {
  return time ? date::format("%Y-%m-%dT%H:%MZ", std::chrono::floor<minutes>(*time)) : "never";
}

// The next ones after that.
std::vector<std::string> next(const char* text, const char* from, std::size_t count = 1,
                              const char* zone = "UTC") {
  const CronSchedule schedule = CronSchedule::parse(text, zone);
  std::vector<std::string> times;
  std::optional<Timestamp> time = at(from);
  while (times.size() < count && time) {
    time = schedule.next_after(*time);
    times.push_back(shown(time));
  }
  return times;
}

std::string refusal(const std::string& text, const char* zone = "UTC") {
  try {
    CronSchedule::parse(text, zone);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::invalid);
    return error.message();
  }
  return "none";
}

TEST(Cron, ReadsNumbersListsRangesStepsAndNames) {
  constexpr auto friday = "2024-03-01T12:07Z";
  EXPECT_THAT(next("* * * * *", friday), ElementsAre("2024-03-01T12:08Z"));
  EXPECT_THAT(next("*/15 * * * *", friday, 4),
              ElementsAre("2024-03-01T12:15Z", "2024-03-01T12:30Z", "2024-03-01T12:45Z",
                          "2024-03-01T13:00Z"));
  EXPECT_THAT(next(" 5,7  9-17/4\t* * * ", friday, 3),
              ElementsAre("2024-03-01T13:05Z", "2024-03-01T13:07Z", "2024-03-01T17:05Z"));
  EXPECT_THAT(next("0 0 1 Feb,JUN-jul *", friday, 3),
              ElementsAre("2024-06-01T00:00Z", "2024-07-01T00:00Z", "2025-02-01T00:00Z"));
  EXPECT_THAT(next("59 23 31 12 *", friday), ElementsAre("2024-12-31T23:59Z"));
  EXPECT_THAT(next("0 6 * * MON-fri", friday, 2),
              ElementsAre("2024-03-04T06:00Z", "2024-03-05T06:00Z"));
}

TEST(Cron, SundayIsTheFirstDayAndTheLast) {
  for (const char* text : {"0 0 * * 0", "0 0 * * 7", "0 0 * * sun", "0 0 * * 7,0"}) {
    EXPECT_THAT(next(text, "2024-03-01T12:00Z", 2),
                ElementsAre("2024-03-03T00:00Z", "2024-03-10T00:00Z"))
        << text;
  }
  for (const char* text : {"0 0 * * 6-7", "0 0 * * SAT-SUN", "0 0 * * 0,6"}) {
    EXPECT_THAT(next(text, "2024-03-01T12:00Z", 3),
                ElementsAre("2024-03-02T00:00Z", "2024-03-03T00:00Z", "2024-03-09T00:00Z"))
        << text;
  }
}

TEST(Cron, KnowsTheUsualOnesByName) {
  constexpr auto time = "2024-03-02T12:30Z";
  EXPECT_THAT(next("@hourly", time), ElementsAre("2024-03-02T13:00Z"));
  EXPECT_THAT(next("@daily", time), ElementsAre("2024-03-03T00:00Z"));
  EXPECT_THAT(next("@weekly", time), ElementsAre("2024-03-03T00:00Z"));
  EXPECT_THAT(next("@monthly", time), ElementsAre("2024-04-01T00:00Z"));
  EXPECT_THAT(next(" @Yearly ", time), ElementsAre("2025-01-01T00:00Z"));
}

TEST(Cron, ADayOfEitherWillDoWhereBothAreRestricted) {
  EXPECT_THAT(next("0 0 13 * FRI", "2024-09-01T00:00Z", 4),
              ElementsAre("2024-09-06T00:00Z", "2024-09-13T00:00Z", "2024-09-20T00:00Z",
                          "2024-09-27T00:00Z"));
  EXPECT_THAT(next("0 0 1 * MON", "2024-09-24T00:00Z", 2),
              ElementsAre("2024-09-30T00:00Z", "2024-10-01T00:00Z"));
  // One that begins with * is not restricted: both must hold.
  EXPECT_THAT(next("0 0 */2 * MON", "2024-09-01T00:00Z", 2),
              ElementsAre("2024-09-09T00:00Z", "2024-09-23T00:00Z"));
}

TEST(Cron, IsAfterAndNeverAt) {
  const CronSchedule schedule = CronSchedule::parse("30 12 * * *", "UTC");
  const Timestamp time = at("2024-03-02T12:30Z");
  EXPECT_EQ(schedule.next_after(time - std::chrono::milliseconds{1}), time);
  EXPECT_EQ(schedule.next_after(time), time + std::chrono::days{1});
  EXPECT_EQ(schedule.next_after(time + std::chrono::milliseconds{1}), time + std::chrono::days{1});
}

TEST(Cron, WhatNeverComesIsNothing) {
  EXPECT_THAT(next("0 0 30 2 *", "2024-03-01T00:00Z"), ElementsAre("never"));
  EXPECT_THAT(next("0 0 31 4,6,9,11 *", "2024-03-01T00:00Z", 1, new_york), ElementsAre("never"));
  EXPECT_THAT(next("0 0 29 2 *", "2024-03-01T00:00Z"), ElementsAre("2028-02-29T00:00Z"));
}

TEST(Cron, IsInItsTimeZone) {
  EXPECT_THAT(next("0 9 * * *", "2024-03-02T00:30Z", 2, "Asia/Taipei"),
              ElementsAre("2024-03-02T01:00Z", "2024-03-03T01:00Z"));
  EXPECT_THAT(next("0 0 1 * *", "2024-03-02T00:00Z", 1, "Asia/Kathmandu"),
              ElementsAre("2024-03-31T18:15Z"));
}

TEST(Cron, AFixedTimeThatIsLeftOutRunsLaterByThat) {
  // The clock goes from 1:59 to 3:00 at 07:00 UTC.
  EXPECT_THAT(next("30 2 * * *", "2024-03-09T12:00Z", 2, new_york),
              ElementsAre("2024-03-10T07:30Z", "2024-03-11T06:30Z"));
  EXPECT_THAT(next("*/20 2 * * *", "2024-03-09T12:00Z", 4, new_york),
              ElementsAre("2024-03-10T07:00Z", "2024-03-10T07:20Z", "2024-03-10T07:40Z",
                          "2024-03-11T06:00Z"));
  // 2:15 and 3:15 are the same then.
  EXPECT_THAT(next("15 2,3 * * *", "2024-03-09T12:00Z", 3, new_york),
              ElementsAre("2024-03-10T07:15Z", "2024-03-11T06:15Z", "2024-03-11T07:15Z"));
}

TEST(Cron, AFixedTimeThatComesTwiceRunsTheFirstTime) {
  // The clock goes from 1:59 to 1:00 at 06:00 UTC.
  EXPECT_THAT(next("30 1 * * *", "2024-11-02T12:00Z", 2, new_york),
              ElementsAre("2024-11-03T05:30Z", "2024-11-04T06:30Z"));
  EXPECT_THAT(next("0 1,2 * * *", "2024-11-02T12:00Z", 3, new_york),
              ElementsAre("2024-11-03T05:00Z", "2024-11-03T07:00Z", "2024-11-04T06:00Z"));
}

TEST(Cron, WhatRunsEveryHourIsNotHeldUpByTheClocks) {
  EXPECT_THAT(next("30 * * * *", "2024-11-03T04:40Z", 3, new_york),
              ElementsAre("2024-11-03T05:30Z", "2024-11-03T06:30Z", "2024-11-03T07:30Z"));
  EXPECT_THAT(next("*/30 * * * *", "2024-03-10T06:20Z", 3, new_york),
              ElementsAre("2024-03-10T06:30Z", "2024-03-10T07:00Z", "2024-03-10T07:30Z"));
}

TEST(Cron, ADayThatIsLeftOutIsMadeUpForTheNextDay) {
  // Samoa went over the date line: its 30 December 2011 never was.
  EXPECT_THAT(next("0 12 30 12 *", "2011-12-01T00:00Z", 1, "Pacific/Apia"),
              ElementsAre("2011-12-30T22:00Z"));
}

// Every local minute of the schedule, as the rules say, for all days about the change of the
// clocks.
void expect_as_the_rules_say(const char* text, const char* zone, const char* from) {
  const CronSchedule by_fields = CronSchedule::parse(text, "UTC");
  const CronSchedule schedule = CronSchedule::parse(text, zone);
  const Timestamp begin = at(from), end = begin + std::chrono::days{3};
  std::set<Timestamp> expected, found;
  const date::time_zone* rules = date::locate_zone(zone);
  for (auto time = by_fields.next_after(begin - std::chrono::days{2});
       time < end + std::chrono::days{2}; time = by_fields.next_after(*time)) {
    const date::local_seconds shown_time(
        std::chrono::floor<std::chrono::seconds>(time->time_since_epoch()));
    const Timestamp runs(shown_time.time_since_epoch() - rules->get_info(shown_time).first.offset);
    if (runs > begin && runs < end) expected.insert(runs);
  }
  for (auto time = schedule.next_after(begin); time < end; time = schedule.next_after(*time)) {
    EXPECT_TRUE(found.insert(*time).second);
  }
  EXPECT_EQ(found, expected) << text << " in " << zone;
}

TEST(Cron, FixedTimesRunOnceEachWhateverTheClocksDo) {
  for (const char* text : {"* 0-23 * * *", "7,30 1,2,3 * * *", "*/7 0-23/2 * * *", "0 0 * * *"}) {
    expect_as_the_rules_say(text, new_york, "2024-03-09T00:00Z");
    expect_as_the_rules_say(text, new_york, "2024-11-02T00:00Z");
    expect_as_the_rules_say(text, "Australia/Lord_Howe", "2024-10-05T00:00Z");  // half an hour
    expect_as_the_rules_say(text, "Australia/Lord_Howe", "2024-04-06T00:00Z");
  }
}

TEST(Cron, NamesTheFieldThatIsWrong) {
  EXPECT_THAT(refusal("60 * * * *"), HasSubstr("the minute of a schedule can't be \"60\""));
  EXPECT_THAT(refusal("* 24 * * *"), HasSubstr("the hour of"));
  EXPECT_THAT(refusal("* * 0 * *"), HasSubstr("the day of month of"));
  EXPECT_THAT(refusal("* * * 13 *"), HasSubstr("the month of"));
  EXPECT_THAT(refusal("* * * * 8"), HasSubstr("the day of week of"));
  EXPECT_THAT(refusal("* * * *"), HasSubstr("the day of week is missing"));
  EXPECT_THAT(refusal(""), HasSubstr("the minute is missing"));
  EXPECT_THAT(refusal("* * * * * *"), HasSubstr("more after them"));
  EXPECT_THAT(refusal("@often"), HasSubstr("@hourly"));
  EXPECT_THAT(refusal("* * * * *", "Nowhere"), HasSubstr("time zone Nowhere"));
  EXPECT_THAT(refusal(std::string(max_cron_bytes + 1, '*')), HasSubstr("bytes"));
}

TEST(Cron, RefusesWhatIsNoField) {
  for (const char* minute : {"-1",   "1-",  "-",   ",",   "1,", ",1",    "1,,2",  "5-1",  "*/0",
                             "*/60", "*/",  "/5",  "5/5", "**", "1-2-3", "1/2/3", "007",  "0x1",
                             "+1",   "mon", "*-5", "1-*", "?",  "L",     "٣",     "1-5/x"}) {
    EXPECT_THAT(refusal(std::string(minute) + " * * * *"), HasSubstr("the minute of")) << minute;
  }
  for (const char* weekday : {"sunday", "sun-", "jan", "fri-mon", "1#2", "5L"}) {
    EXPECT_THAT(refusal(std::string("* * * * ") + weekday), HasSubstr("the day of week of"))
        << weekday;
  }
}

}  // namespace
}  // namespace callboard::jobs
