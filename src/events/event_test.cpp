#include "events/event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::events {
namespace {

const Zone taipei("Asia/Taipei");

Draft draft(const std::string& members) {
  return draft_from_json(parse_json("{" + members + "}"), taipei);
}
constexpr auto times = R"("event_time_start":"2024/3/2 9:00","event_time_end":"2024/03/02 10:20")";

// Of the first culprit.
template <class Work>
std::string pointer_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error.details().empty() ? error.message() : error.details().front().pointer;
  }
  return "none";
}

TEST(Event, ReadsADraft) {
  const Draft read = draft(R"("id":"1","event_detail":"{}",)" + std::string(times));
  EXPECT_EQ(read.id, "1");
  EXPECT_EQ(taipei.rfc3339(read.content.start), "2024-03-02T09:00:00+08:00");
  EXPECT_EQ(taipei.rfc3339(read.content.end), "2024-03-02T10:20:00+08:00");
  EXPECT_EQ(read.content.detail, "{}");
  EXPECT_EQ(draft(R"("id":7,)" + std::string(times)).id, "7");
  EXPECT_EQ(draft(R"("event_detail":null,)" + std::string(times)).content.detail, std::nullopt);
  EXPECT_EQ(read.leads_minutes, std::nullopt);
  EXPECT_EQ(draft(R"("leads_minutes":[30],)" + std::string(times)).leads_minutes,
            Leads::value_type{30});
}

TEST(Event, WithoutAnIdItIsKnownByItsContent) {
  const std::string detail = R"("event_detail":"{\"name\":\"Opening\"}",)";
  EXPECT_EQ(draft(detail + times).id, "8120e4d6-d80e-5bf1-9aa1-823ab771b68c");
  EXPECT_EQ(draft(R"("id":null,)" + detail + times).id, "8120e4d6-d80e-5bf1-9aa1-823ab771b68c");
}

TEST(Event, NamesTheMemberThatIsWrong) {
  const std::string rest = times;
  const auto wrong = [](const std::string& members) { return pointer_of([&] { draft(members); }); };
  EXPECT_EQ(wrong(R"("id":"a/b",)" + rest), "/id");
  EXPECT_EQ(wrong(R"("id":"",)" + rest), "/id");
  EXPECT_EQ(wrong(R"("id":1.5,)" + rest), "/id");
  EXPECT_EQ(wrong(R"("event_time_start":"2024/3/2 9:00")"), "/event_time_end");
  EXPECT_EQ(wrong(R"("event_time_start":"soon","event_time_end":"2024/3/2 9:00")"),
            "/event_time_start");
  EXPECT_EQ(wrong(R"("event_time_start":"2024/3/2 9:00","event_time_end":1709341200)"),
            "/event_time_end");
  EXPECT_EQ(wrong(R"("event_time_start":"2024/3/2 9:00","event_time_end":"2024/3/2 8:59")"),
            "/event_time_end");
  EXPECT_EQ(wrong(R"("event_detail":{},)" + rest), "/event_detail");
  EXPECT_EQ(wrong(R"("event_detail":")" + std::string(max_detail_bytes + 1, 'x') + R"(",)" + rest),
            "/event_detail");
  EXPECT_EQ(wrong(R"("leads_minutes":[0],)" + rest), "/leads_minutes/0");
  EXPECT_EQ(wrong(R"("colour":"red",)" + rest), "/colour");
}

TEST(Event, MayEndWhenItStarts) {
  const Draft read =
      draft(R"("event_time_start":"2024/3/2 9:00","event_time_end":"2024/3/2 9:00")");
  EXPECT_EQ(read.content.start, read.content.end);
}

TEST(Event, ARevisionChangesWhatItNames) {
  Event event;
  event.content = draft(R"("event_detail":"a",)" + std::string(times)).content;
  event.leads_minutes = Leads::value_type{30};
  const Content& before = event.content;
  const auto changed = [&](const char* body, bool whole = false) {
    return revised(event, revision_from_json(parse_json(body), "1", whole, taipei));
  };
  const auto after = [&](const char* body, bool whole = false) {
    return changed(body, whole).content;
  };
  EXPECT_EQ(after("{}"), before);
  EXPECT_EQ(after(R"({"event_detail":null})").detail, std::nullopt);
  const Content moved = after(R"({"event_time_start":"2024/3/2 9:30","id":"1","deletedAt":null})");
  EXPECT_EQ(taipei.rfc3339(moved.start), "2024-03-02T09:30:00+08:00");
  EXPECT_EQ(moved.end, before.end);
  EXPECT_EQ(moved.detail, "a");
  EXPECT_EQ(pointer_of([&] { after(R"({"event_time_start":"2024/3/2 11:00"})"); }),
            "/event_time_end");
  EXPECT_EQ(pointer_of([&] { after(R"({"id":"2"})"); }), "/id");
  EXPECT_EQ(pointer_of([&] { after(R"({"event_detail":"b"})", true); }), "/event_time_start");
  const std::string only_times = std::string("{") + times + "}";
  EXPECT_EQ(after(only_times.c_str(), true).detail, std::nullopt);
  EXPECT_EQ(changed("{}").leads_minutes, event.leads_minutes);
  EXPECT_EQ(changed(R"({"leads_minutes":[5]})").leads_minutes, Leads::value_type{5});
  EXPECT_EQ(changed(R"({"leads_minutes":null})").leads_minutes, std::nullopt);
  EXPECT_EQ(changed(only_times.c_str(), true).leads_minutes, std::nullopt);
}

TEST(Event, IsShownWithTheZonesOffset) {
  Event event;
  event.id = "a\"b";
  event.content = draft(R"("event_detail":"{\"n\":1}",)" + std::string(times)).content;
  event.created_at = event.updated_at = timestamp_from_ms(1'709'000'000'250);
  std::string text;
  append_event(text, event, taipei);
  EXPECT_EQ(text, R"({"id":"a\"b","event_time_start":"2024-03-02T09:00:00+08:00",)"
                  R"("event_time_end":"2024-03-02T10:20:00+08:00","event_detail":"{\"n\":1}",)"
                  R"("createdAt":"2024-02-27T10:13:20.25+08:00",)"
                  R"("updatedAt":"2024-02-27T10:13:20.25+08:00","deletedAt":null})");
}

}  // namespace
}  // namespace callboard::events
