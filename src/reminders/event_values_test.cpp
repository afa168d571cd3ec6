#include "reminders/event_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "base/json.hpp"
#include "line/message_limits.hpp"
#include "line/reminder_templates.hpp"

namespace callboard::reminders {
namespace {

using testing::HasSubstr;
using testing::Not;

const events::Zone& taipei() {
  static const events::Zone zone("Asia/Taipei");
  return zone;
}

events::Event event(std::optional<std::string> detail, std::string_view start = "2024/3/2 9:00",
                    std::string_view end = "2024/3/2 11:00") {
  const auto at = [](std::string_view text) { return *events::parse_event_time(text, taipei()); };
  return {.id = "7",
          .content = {at(start), at(end), std::move(detail)},
          .created_at = {},
          .updated_at = {}};
}

std::string value(const events::Event& given, const std::string& name) {
  return values_of(given, taipei())[name];
}

TEST(EventValues, ComeFromTheDetail) {
  const auto values =
      values_of(event(R"({"name":" Opening ","activity":"A","project":"P","description":"D<br>E",
                "location":3,"host":["H"],"link":"https://a.example","date":"tomorrow",
                "colour":"red"})"),
                taipei());
  EXPECT_EQ(values, (line::TemplateValues{{"name", "Opening"},
                                          {"activity", "A"},
                                          {"project", "P"},
                                          {"description", "D<br>E"},
                                          {"location", "3"},
                                          {"host", ""},
                                          {"link", "https://a.example"},
                                          {"date", "2024/3/2"},
                                          {"time", "9:00 - 11:00"},
                                          {"event_id", "7"}}));
}

TEST(EventValues, TakeANameFromWhatThereIs) {
  EXPECT_EQ(value(event(R"({"activity":"A"})"), "name"), "A");
  EXPECT_EQ(value(event(R"({"name":" ","activity":"A"})"), "name"), "A");
  EXPECT_EQ(value(event(R"({"project":"P"})"), "name"), "Event");
  EXPECT_EQ(value(event(std::nullopt), "name"), "Event");
  EXPECT_EQ(value(event(""), "name"), "Event");
  EXPECT_EQ(value(event("\n Opening \nof the festival"), "name"), "Opening");
  EXPECT_EQ(value(event(R"("Opening")"), "name"), "Opening");
  EXPECT_EQ(value(event("2024"), "name"), "2024");
  EXPECT_EQ(value(event("[1]"), "name"), "Event");
  EXPECT_EQ(value(event(R"({"name":"a","name":"b"})"), "name"), "Event");
  EXPECT_EQ(value(event(std::string(101, 'x')), "name"), std::string(99, 'x') + "…");
}

TEST(EventValues, ShowTimesAsClocksThereDo) {
  const auto time = [](std::string_view start, std::string_view end) {
    return value(event("", start, end), "time");
  };
  EXPECT_EQ(time("2024/3/2 9:05", "2024/3/2 9:05"), "9:05");
  EXPECT_EQ(time("2024/3/2 22:00", "2024/3/3 0:30"), "22:00 - 2024/3/3 0:30");
  EXPECT_EQ(value(event("", "2024-12-31T16:00:00Z", "2024-12-31T17:00:00Z"), "date"), "2025/1/1");
}

boost::json::array festival() {
  std::ifstream file(FESTIVAL_EVENTS);
  if (!file) return {};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return parse_json(text).as_array();
}

TEST(EventValues, MakeAReminderOfEachEventOfARealFestival) {
  const boost::json::array rows = festival();
  if (rows.empty()) GTEST_SKIP() << "the festival's events are not beside the project";
  const events::ImportOptions options{.year = 2024, .time_zone = "Asia/Taipei"};
  const events::ReadRows read = events::read_rows(rows, options);
  ASSERT_EQ(read.drafts.size(), 163);
  ASSERT_TRUE(read.errors.empty());
  std::size_t without_link = 0;
  for (std::size_t at = 0; at < rows.size(); ++at) {
    const events::Event one{.id = read.drafts[at].id,
                            .content = read.drafts[at].content,
                            .created_at = {},
                            .updated_at = {}};
    const auto values = values_of(one, taipei());
    const std::string sent = line::render(line::reminder_template(), values);
    ASSERT_TRUE(line::check_messages_text(sent).empty()) << sent;
    ASSERT_TRUE(line::check_messages_text(line::render(line::moved_template(), values)).empty());
    EXPECT_THAT(sent, HasSubstr(R"("type":"flex")"));
    EXPECT_THAT(sent, HasSubstr("unsubscribe:" + one.id));
    EXPECT_THAT(sent, Not(HasSubstr("<br")));
    if (rows[at].at("link").as_string().empty()) {
      EXPECT_THAT(sent, Not(HasSubstr(R"("type":"uri")")));
      ++without_link;
    } else {
      EXPECT_THAT(sent, HasSubstr(R"("label":"報名參加")"));
    }
  }
  EXPECT_EQ(without_link, 46);
}

}  // namespace
}  // namespace callboard::reminders
