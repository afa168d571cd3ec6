#include "line/reminder_templates.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "line/message_limits.hpp"

namespace callboard::line {
namespace {

using testing::HasSubstr;
using testing::Not;

const TemplateValues& opening() {
  static const TemplateValues values = {
      {"name", "開幕"},         {"activity", "科系博覽"},       {"project", "體驗坊"},
      {"description", "快來"},  {"location", "成功湖"},         {"date", "2024/3/2"},
      {"time", "9:00 - 11:00"}, {"link", "https://a.example/"}, {"event_id", "7"}};
  return values;
}

TEST(ReminderTemplates, SayWhatTheEventIs) {
  const std::string sent = render(reminder_template(), opening());
  EXPECT_TRUE(check_messages_text(sent).empty());
  for (const char* part :
       {R"("altText":"Event: 開幕, 即將開始")", R"("text":"科系博覽")", R"("text":" - ")",
        R"("text":"體驗坊")", R"("text":"快來")", R"("text":"日期")", R"("text":"2024/3/2")",
        R"("text":"9:00 - 11:00")", R"("text":"成功湖")",
        R"("label":"報名參加","uri":"https://a.example/")", R"("data":"unsubscribe:7")"}) {
    EXPECT_THAT(sent, HasSubstr(part));
  }
  EXPECT_THAT(sent, Not(HasSubstr("when")));
}

TEST(ReminderTemplates, LeaveOutWhatIsNotKnown) {
  TemplateValues values = opening();
  for (const char* name : {"project", "description", "location", "link"}) values[name] = "";
  const std::string sent = render(reminder_template(), values);
  EXPECT_TRUE(check_messages_text(sent).empty());
  for (const char* part : {"地點", "報名參加", R"(" - ")"}) EXPECT_THAT(sent, Not(HasSubstr(part)));
  EXPECT_THAT(sent, HasSubstr("取消提醒"));
}

TEST(ReminderTemplates, TellOfAnotherTime) {
  const std::string sent = render(moved_template(), opening());
  EXPECT_TRUE(check_messages_text(sent).empty());
  EXPECT_THAT(sent, HasSubstr(R"("altText":"Event: 開幕, 時間更改")"));
  EXPECT_THAT(sent, HasSubstr("2024/3/2 9:00 - 11:00"));
}

TEST(ReminderTemplates, HaveSomethingToSayOfAnything) {
  for (const MessageTemplate* given : {&reminder_template(), &moved_template()}) {
    const std::string sent = render(*given, {});
    EXPECT_TRUE(check_messages_text(sent).empty()) << sent;
    EXPECT_THAT(sent, HasSubstr("Event: , "));
  }
}

}  // namespace
}  // namespace callboard::line
