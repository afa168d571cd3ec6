#include "events/icalendar.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace callboard::events {
namespace {

using testing::HasSubstr;
using testing::Not;

const Zone utc("UTC");

Event event(std::optional<std::string> detail) {
  Event made;
  made.id = "1";
  made.content = {parse_event_time("2024/3/2 1:00", utc).value(),
                  parse_event_time("2024/3/2 2:20", utc).value(), std::move(detail)};
  made.version = 3;
  made.created_at = made.updated_at = parse_event_time("2024/2/1 0:00", utc).value();
  return made;
}
std::string calendar_of(const Event& made) {
  Calendar calendar("demo", "The festival");
  calendar.add(made);
  return std::move(calendar).text();
}
std::string unfolded(std::string text) {
  for (std::size_t fold; (fold = text.find("\r\n ")) != std::string::npos;) text.erase(fold, 3);
  return text;
}

TEST(ICalendar, WritesAnEvent) {
  EXPECT_EQ(calendar_of(event(R"({"name":"Opening","activity":"Stage","project":"Music",)"
                              R"("description":"One<br>two","location":"A; B, C\\D",)"
                              R"("link":"https://example.org/a,b"})")),
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Callboard//Events//EN\r\n"
            "CALSCALE:GREGORIAN\r\nX-WR-CALNAME:The festival\r\nBEGIN:VEVENT\r\n"
            "UID:1@demo.callboard\r\nDTSTAMP:20240201T000000Z\r\nLAST-MODIFIED:20240201T000000Z\r\n"
            "SEQUENCE:2\r\nDTSTART:20240302T010000Z\r\nDTEND:20240302T022000Z\r\n"
            "SUMMARY:Opening\r\nLOCATION:A\\; B\\, C\\\\D\r\n"
            "DESCRIPTION:Stage - Music\\nOne\\ntwo\r\nURL:https://example.org/a,b\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n");
}

TEST(ICalendar, ADetailThatIsNoObjectIsTheSummary) {
  EXPECT_THAT(calendar_of(event("See you, then")), HasSubstr("SUMMARY:See you\\, then\r\n"));
  EXPECT_THAT(calendar_of(event("[1]")), HasSubstr("SUMMARY:[1]\r\n"));
  EXPECT_THAT(calendar_of(event(std::nullopt)), HasSubstr("SUMMARY:1\r\n"));
  EXPECT_THAT(calendar_of(event("")), HasSubstr("SUMMARY:1\r\n"));
  EXPECT_THAT(calendar_of(event(R"({"name":7})")), HasSubstr("SUMMARY:1\r\n"));
}

TEST(ICalendar, NothingBreaksItsLine) {
  const std::string text = calendar_of(event("a\r\nBEGIN:VALARM\x01\x7f"));
  EXPECT_THAT(text, HasSubstr("SUMMARY:a\\nBEGIN:VALARM\r\n"));
  for (const char* link : {"", "javascript:alert(1)", "https://a\\r\\nX:1", "https://a b", "x"}) {
    EXPECT_THAT(calendar_of(event(R"({"name":"n","link":")" + std::string(link) + R"("})")),
                Not(HasSubstr("URL")))
        << link;
  }
}

TEST(ICalendar, FoldsBetweenCharactersAt75Bytes) {
  std::string name = "x";
  for (int i = 0; i < 100; ++i) name += "台";
  const std::string text = calendar_of(event(R"({"name":")" + name + R"("})"));
  EXPECT_THAT(unfolded(text), HasSubstr("SUMMARY:" + name + "\r\n"));
  std::size_t longest = 0, begin = 0;
  for (std::size_t end; (end = text.find("\r\n", begin)) != std::string::npos; begin = end + 2) {
    longest = std::max(longest, end - begin);
    EXPECT_NE(static_cast<unsigned char>(text[begin]) & 0xc0, 0x80) << "within a character";
  }
  EXPECT_LE(longest, 75U);
  EXPECT_GE(longest, 73U);
}

TEST(ICalendar, OneThatEndsWhenItStartsHasNoEnd) {
  Event made = event("x");
  made.content.end = made.content.start;
  EXPECT_THAT(calendar_of(made), Not(HasSubstr("DTEND")));
}

}  // namespace
}  // namespace callboard::events
