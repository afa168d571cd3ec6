#include "events/import_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::events {
namespace {

using testing::HasSubstr;

const Zone taipei("Asia/Taipei");
const ImportOptions of_2024{.year = 2024, .time_zone = "Asia/Taipei"};

ReadRows read(const std::string& rows, const ImportOptions& options = of_2024) {
  return read_rows(parse_json("[" + rows + "]").as_array(), options);
}
// What is wrong with the only row.
std::string flaw_of(const std::string& row, const ImportOptions& options = of_2024) {
  const ReadRows rows = read(row, options);
  return rows.errors.empty() ? "none" : rows.errors[0].message;
}

TEST(ImportRows, ReadsTheFestivalsShape) {
  const std::string row =
      R"({"id":"126","name":"n","date":"3/2","startTime":"11:45 ","endTime":"11:50","link":""})";
  const ReadRows rows = read(row);
  ASSERT_EQ(rows.drafts.size(), 1U);
  const Draft& draft = rows.drafts[0];
  EXPECT_EQ(draft.id, "126");
  EXPECT_EQ(taipei.rfc3339(draft.content.start), "2024-03-02T11:45:00+08:00");
  EXPECT_EQ(taipei.rfc3339(draft.content.end), "2024-03-02T11:50:00+08:00");
  EXPECT_EQ(draft.content.detail, row);
}

TEST(ImportRows, ReadsItsOwnShape) {
  const ReadRows rows =
      read(R"({"id":"1","event_time_start":"2024-03-02T09:00:00+08:00",)"
           R"("event_time_end":"2024-03-02T10:00:00+08:00","event_detail":"d","createdAt":"x",)"
           R"("updatedAt":"x","deletedAt":null,"version":2,"subscribers":3})");
  ASSERT_EQ(rows.drafts.size(), 1U);
  EXPECT_EQ(rows.drafts[0].content.detail, "d");
}

TEST(ImportRows, AnEarlierEndIsOnTheNextDay) {
  const ReadRows rows = read(R"({"date":"12/31","startTime":"23:00","endTime":"1:00"})");
  ASSERT_EQ(rows.drafts.size(), 1U);
  EXPECT_EQ(taipei.rfc3339(rows.drafts[0].content.end), "2025-01-01T01:00:00+08:00");
  EXPECT_EQ(rows.drafts[0].id.size(), 36U);
}

TEST(ImportRows, TheClocksDoNotTurnAnEventRound) {
  // 2:30 is moved to 3:30, which is after 3:00.
  const ImportOptions berlin{.year = 2024, .time_zone = "Europe/Berlin"};
  const ReadRows rows = read(R"({"date":"3/31","startTime":"2:30","endTime":"3:00"})", berlin);
  ASSERT_EQ(rows.drafts.size(), 1U);
  EXPECT_EQ(rows.drafts[0].content.start, rows.drafts[0].content.end);
}

TEST(ImportRows, SaysWhatIsWrongWithEachRow) {
  const ReadRows rows = read(
      R"({"id":"1","date":"3/2","startTime":"9:00","endTime":"10:00"},{"id":"2","date":"2/30",)"
      R"("startTime":"9","endTime":"10:00"},7,{"id":"1","date":"3/3","startTime":"9:00",)"
      R"("endTime":"10:00"},{"id":"a/b"})");
  ASSERT_EQ(rows.drafts.size(), 1U);
  ASSERT_EQ(rows.errors.size(), 4U);
  EXPECT_EQ(rows.errors[0].index, 1U);
  EXPECT_EQ(rows.errors[0].id, "2");
  EXPECT_EQ(rows.errors[0].message,
            "date must be a date such as 3/2 or 2024/3/2; startTime must be a time such as 9:00");
  EXPECT_EQ(rows.errors[1].message, "must be an object");
  EXPECT_EQ(rows.errors[2].message, "id is there twice");
  EXPECT_EQ(rows.errors[3].id, "");
  EXPECT_THAT(rows.errors[3].message, HasSubstr("id must be 1 to 36"));
}

TEST(ImportRows, NeedsAYearFromSomewhere) {
  const std::string rest = R"(,"startTime":"9:00","endTime":"10:00"})";
  const ImportOptions no_year{.year = {}, .time_zone = "Asia/Taipei"};
  EXPECT_THAT(flaw_of(R"({"date":"3/2")" + rest, no_year), HasSubstr("where a year is given"));
  EXPECT_EQ(flaw_of(R"({"date":"2024/3/2")" + rest, no_year), "none");
}

TEST(ImportRows, ARowTooLargeForADetailIsRefused) {
  const std::string row = R"({"date":"3/2","startTime":"9:00","endTime":"10:00","description":")" +
                          std::string(max_detail_bytes, 'x') + R"("})";
  EXPECT_EQ(flaw_of(row), "is larger than 16384 bytes");
}

TEST(ImportRows, TheBodyWinsOverTheQuery) {
  const auto request = import_request_from_json(
      parse_json(R"({"year":2025,"time_zone":"UTC","dry_run":true,"skip_bad":true,"events":[1]})"),
      of_2024);
  EXPECT_EQ(request.options.year, 2025);
  EXPECT_EQ(request.options.time_zone, "UTC");
  EXPECT_TRUE(request.options.dry_run);
  EXPECT_TRUE(request.options.skip_bad);
  EXPECT_EQ(request.rows.size(), 1U);
  EXPECT_EQ(import_request_from_json(parse_json("[1,2]"), of_2024).rows.size(), 2U);
  EXPECT_EQ(import_request_from_json(parse_json(R"({"url":"https://a"})"), of_2024).url,
            "https://a");
  for (const char* body : {"1", "{}", R"({"events":[],"url":"https://a"})", R"({"events":{}})",
                           R"({"events":[],"years":2024})", R"({"events":[],"year":1969})"}) {
    EXPECT_THROW(import_request_from_json(parse_json(body), of_2024), Error) << body;
  }
}

}  // namespace
}  // namespace callboard::events
