#include "audience/reminder_settings.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <utility>

#include "audience/application.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

AppSettings changed(const AppSettings& current, std::string_view changes) {
  return changed_settings(current, parse_json(changes));
}

std::string refusal(std::string_view changes) {
  try {
    changed({}, changes);
  } catch (const Error& error) {
    return error.details().at(0).pointer;
  }
  return "none";
}

constexpr std::string_view all_members =
    R"({"leads_minutes":[1440,30,5],"grace_minutes":10,
        "quiet_hours":{"from":"22:00","to":"07:30","mode":"skip"},
        "message_template":{"text":"{{name}} at {{time}}"},
        "moved_template":{"alt_text":"{{name}}","contents":{"type":"bubble","body":
          {"type":"box","layout":"vertical","contents":[{"type":"text","text":"{{date}}",
           "when":"date","flex":1.5}]}}},
        "moved_notice":true,"multicasts_per_second":20})";

TEST(ReminderSettings, HaveDefaults) {
  const json::object shown = to_json(AppSettings());
  EXPECT_EQ(to_json_text(shown.at("leads_minutes")), "[30]");
  EXPECT_EQ(shown.at("grace_minutes"), 15);
  EXPECT_TRUE(shown.at("quiet_hours").is_null());
  EXPECT_TRUE(shown.at("message_template").is_null());
  EXPECT_TRUE(shown.at("moved_template").is_null());
  EXPECT_EQ(shown.at("moved_notice"), false);
  EXPECT_EQ(shown.at("multicasts_per_second"), 180);
}

TEST(ReminderSettings, AreReadBackAndSurviveTheDatabase) {
  const AppSettings settings = changed({}, all_members);
  const AppSettings stored = settings_from_stored(
      parse_json(to_json_text(to_stored_json(changed(settings, R"({"name":"Festival"})")))));
  const json::value expected = parse_json(all_members);
  for (const AppSettings& each : {settings, stored}) {
    const json::object shown = to_json(each);
    for (const auto& [name, value] : expected.as_object()) {
      EXPECT_EQ(shown.at(name), value) << name;
    }
  }
  EXPECT_EQ(stored.reminders.quiet_hours->from, hours{22});
  EXPECT_EQ(stored.reminders.quiet_hours->to, minutes{450});
  EXPECT_EQ(stored.reminders.message_template, R"({"text":"{{name}} at {{time}}"})");
  EXPECT_EQ(stored.reminders.multicasts_per_second, 20);
}

TEST(ReminderSettings, SortTheLeads) {
  const AppSettings settings = changed({}, R"({"leads_minutes":[5,40320,1]})");
  EXPECT_EQ(settings.reminders.leads,
            (std::vector<minutes>{minutes{40'320}, minutes{5}, minutes{1}}));
  EXPECT_TRUE(changed({}, R"({"leads_minutes":[]})").reminders.leads.empty());
}

TEST(ReminderSettings, AreTakenBackByNull) {
  const AppSettings settings =
      changed(changed({}, all_members),
              R"({"quiet_hours":null,"message_template":null,"moved_template":null})");
  EXPECT_FALSE(settings.reminders.quiet_hours);
  EXPECT_EQ(settings.reminders.message_template + settings.reminders.moved_template, "");
  EXPECT_TRUE(settings.reminders.moved_notice);
}

TEST(ReminderSettings, PointAtWhatIsWrong) {
  for (const auto& [changes, pointer] : std::vector<std::pair<const char*, const char*>>{
           {R"({"leads_minutes":30})", "/leads_minutes"},
           {R"({"leads_minutes":[1,2,3,4,5,6]})", "/leads_minutes"},
           {R"({"leads_minutes":[30,0]})", "/leads_minutes/1"},
           {R"({"leads_minutes":[40321]})", "/leads_minutes/0"},
           {R"({"leads_minutes":[1.5]})", "/leads_minutes/0"},
           {R"({"leads_minutes":[30,5,30]})", "/leads_minutes/2"},
           {R"({"grace_minutes":0})", "/grace_minutes"},
           {R"({"grace_minutes":1441})", "/grace_minutes"},
           {R"({"quiet_hours":"22:00"})", "/quiet_hours"},
           {R"({"quiet_hours":{"to":"07:00","mode":"skip"}})", "/quiet_hours/from"},
           {R"({"quiet_hours":{"from":"7:00","to":"08:00","mode":"skip"}})", "/quiet_hours/from"},
           {R"({"quiet_hours":{"from":"24:00","to":"08:00","mode":"skip"}})", "/quiet_hours/from"},
           {R"({"quiet_hours":{"from":"22:60","to":"08:00","mode":"skip"}})", "/quiet_hours/from"},
           {R"({"quiet_hours":{"from":"22:00","to":"0a:00","mode":"skip"}})", "/quiet_hours/to"},
           {R"({"quiet_hours":{"from":"22:00","to":"22:00","mode":"skip"}})", "/quiet_hours/to"},
           {R"({"quiet_hours":{"from":"22:00","to":"23:00","mode":"loud"}})", "/quiet_hours/mode"},
           {R"({"quiet_hours":{"from":"22:00","to":"23:00"}})", "/quiet_hours/mode"},
           {R"({"quiet_hours":{"from":"22:00","to":"23:00","mode":"skip","on":1}})",
            "/quiet_hours/on"},
           {R"({"message_template":"hello"})", "/message_template"},
           {R"({"message_template":{"text":"{{colour}}"}})", "/message_template/text"},
           {R"({"moved_template":{"alt_text":"a","contents":{"type":"bubble"}}})",
            "/moved_template/contents"},
           {R"({"moved_notice":1})", "/moved_notice"},
           {R"({"multicasts_per_second":0})", "/multicasts_per_second"},
           {R"({"multicasts_per_second":201})", "/multicasts_per_second"},
       }) {
    EXPECT_EQ(refusal(changes), pointer) << changes;
  }
}

TEST(QuietHours, MaySpanMidnight) {
  const QuietHours night{.from = hours{22}, .to = hours{7}, .mode = {}};
  for (const seconds quiet :
       {seconds(hours{22}), seconds(hours{23}), seconds{0}, seconds(hours{7}) - seconds{1}}) {
    EXPECT_TRUE(is_quiet(night, quiet)) << quiet.count();
  }
  EXPECT_FALSE(is_quiet(night, hours{7}));
  EXPECT_FALSE(is_quiet(night, seconds(hours{22}) - seconds{1}));
  const QuietHours noon{.from = hours{12}, .to = hours{13}, .mode = {}};
  EXPECT_TRUE(is_quiet(noon, hours{12}));
  EXPECT_FALSE(is_quiet(noon, hours{13}));
  EXPECT_FALSE(is_quiet(noon, hours{11}));
  const QuietHours to_midnight{.from = hours{22}, .to = hours{0}, .mode = {}};
  EXPECT_TRUE(is_quiet(to_midnight, hours{23}));
  EXPECT_FALSE(is_quiet(to_midnight, hours{0}));
}

}  // namespace
}  // namespace callboard::audience
