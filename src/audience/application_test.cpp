#include "audience/application.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

std::string refusal_of(std::string_view changes) {
  try {
    changed_settings({}, parse_json(changes));
  } catch (const Error& error) {
    return error.details().empty() ? "no detail" : error.details().front().pointer;
  }
  return "accepted";
}

TEST(Application, HasPlainIds) {
  for (const auto* good : {"a", "demo", "bike-fest_2024", "0"}) EXPECT_TRUE(is_id(good)) << good;
  EXPECT_TRUE(is_id(std::string(64, 'x')));
  for (const auto* bad : {"", "Demo", "a b", "a/b", "a.b", "é"}) EXPECT_FALSE(is_id(bad)) << bad;
  EXPECT_FALSE(is_id(std::string(65, 'x')));
}

TEST(Application, ChangesOnlyTheSettingsThatAreNamed) {
  AppSettings settings = changed_settings(
      {}, parse_json(R"({"name":"Festival","time_zone":"Asia/Taipei","hosts":["fest.example.org"],
                         "allowed_origins":["https://fest.example.org"],
                         "front_end_url":"https://fest.example.org/bikefest",
                         "undeclared_attributes":false,"server_only_attributes":["vip"],
                         "anonymous_sessions":true,
      "attributes":[{"name":"level","type":"number","description":"How far"}],
      "providers":[{"name":"p","url":"https://o/v","variables":[],"timeout_ms":10,"ttl_seconds":1}],
      "rate_limits":{"writes_per_user":5},
      "client_defined_events":false,"max_subscriptions":3,"limit_counts_ended":false,
      "psycho_test_get_writes":true,
      "leads_minutes":[60,10],"grace_minutes":5,
      "quiet_hours":{"from":"22:00","to":"07:00","mode":"silent"},
      "message_template":{"text":"{{name}}"},"moved_template":null,"moved_notice":true,
      "multicasts_per_second":100,
      "login":{"require_friend":true,"prompt":"login","bot_prompt":"normal",
               "tokens_in_query":true,"cookie_same_site":"none"},
      "line":{"channel_id":"1","messaging_channel_id":"2","channel_secret":"",
              "messaging_channel_secret":"","channel_access_token":"",
              "api_base_url":"https://a","access_base_url":"https://b","issuer":"https://c"}})"));
  settings = changed_settings(settings, parse_json(R"({"time_zone":"UTC","hosts":[]})"));
  EXPECT_EQ(settings.name, "Festival");
  EXPECT_EQ(settings.time_zone, "UTC");
  EXPECT_TRUE(settings.hosts.empty());
  EXPECT_EQ(settings.allowed_origins, std::vector<std::string>{"https://fest.example.org"});
  EXPECT_FALSE(settings.undeclared_attributes);
  EXPECT_TRUE(settings.is_server_only("vip"));
  EXPECT_FALSE(settings.is_server_only("age"));
  EXPECT_TRUE(settings.anonymous_sessions);
}

TEST(Application, ReadsBackTheSettingsItWrites) {
  const auto written = parse_json(R"({"name":"F","time_zone":"Europe/Berlin","hosts":["h:81"],
      "allowed_origins":["https://o"],"front_end_url":"","undeclared_attributes":true,
      "server_only_attributes":["a.b"],"anonymous_sessions":true,
      "attributes":[{"name":"level","type":"number","description":"How far"}],
      "providers":[{"name":"p","url":"https://o/v","variables":[],"timeout_ms":10,"ttl_seconds":1}],
      "rate_limits":{"writes_per_user":5},
      "client_defined_events":false,"max_subscriptions":3,"limit_counts_ended":false,
      "psycho_test_get_writes":true,
      "leads_minutes":[60,10],"grace_minutes":5,
      "quiet_hours":{"from":"22:00","to":"07:00","mode":"silent"},
      "message_template":{"text":"{{name}}"},"moved_template":null,"moved_notice":true,
      "multicasts_per_second":100,
      "login":{"require_friend":true,"prompt":"login","bot_prompt":"normal",
               "tokens_in_query":true,"cookie_same_site":"none"},
      "line":{"channel_id":"1","messaging_channel_id":"2","channel_secret":"",
              "messaging_channel_secret":"","channel_access_token":"",
              "api_base_url":"https://a","access_base_url":"https://b","issuer":"https://c"}})");
  EXPECT_EQ(boost::json::value(to_json(changed_settings({}, written))), written);
}

TEST(Application, PointsAtWhatIsWrongInSettings) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"name":""})", "/name"},
      {R"({"name":7})", "/name"},
      {R"({"time_zone":"Asia/Nowhere"})", "/time_zone"},
      {R"({"time_zone":"../../etc/passwd"})", "/time_zone"},
      {R"({"time_zone":"/etc/passwd"})", "/time_zone"},
      {R"({"time_zone":"Asia"})", "/time_zone"},
      {R"({"time_zone":"right/UTC"})", "/time_zone"},
      {R"({"time_zone":"zone.tab"})", "/time_zone"},
      {R"({"hosts":"example.org"})", "/hosts"},
      {R"({"hosts":["example.org",7]})", "/hosts/1"},
      {R"({"allowed_origins":["https://a","*"]})", "/allowed_origins/1"},
      {R"x({"front_end_url":"javascript:alert(1)"})x", "/front_end_url"},
      {R"({"undeclared_attributes":1})", "/undeclared_attributes"},
      {R"({"server_only_attributes":["user_id"]})", "/server_only_attributes/0"},
      {R"({"server_only_attributes":["a b"]})", "/server_only_attributes/0"},
      {R"({"anonymous_sessions":null})", "/anonymous_sessions"},
      {R"({"attributes":{}})", "/attributes"},
      {R"({"attributes":[{"name":"a"},{"name":"a"}]})", "/attributes/1/name"},
      {R"({"attributes":[{"name":"now"}]})", "/attributes/0/name"},
      {R"({"providers":[{"name":"p"}]})", "/providers/0/url"},
      {R"({"rate_limits":{"writes_per_user":-1}})", "/rate_limits/writes_per_user"},
      {R"({"rate_limits":{"writes_per_moon":1}})", "/rate_limits/writes_per_moon"},
      {R"({"colour":"red"})", "/colour"},
      {R"([])", ""},
  };
  for (const auto& [changes, pointer] : cases) EXPECT_EQ(refusal_of(changes), pointer) << changes;
}

TEST(Application, BoundsTheListsInSettings) {
  std::string origins = R"({"allowed_origins":[)";
  for (std::size_t i = 0; i <= max_setting_entries; ++i) {
    origins += (i == 0 ? "" : ",") + std::string(R"("https://o)") + std::to_string(i) + '"';
  }
  EXPECT_EQ(refusal_of(origins + "]}"), "/allowed_origins");
  EXPECT_EQ(refusal_of(R"({"name":")" + std::string(256, 'n') + "\"}"), "/name");
}

}  // namespace
}  // namespace callboard::audience
