#include "audience/line_settings.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "audience/application.hpp"
#include "base/error.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

std::string seal(std::string_view place, std::string_view secret) {
  return "sealed " + std::string(place) + " " + std::string(secret);
}

LineSettings changed(const LineSettings& current, const char* changes) {
  return changed_line_settings(current, json::parse(changes), "/line", seal);
}

std::string refusal(const LineSettings& current, const char* changes) {
  try {
    changed(current, changes);
  } catch (const Error& error) {
    return error.details().at(0).pointer + " " + error.details().at(0).message;
  }
  return "none";
}

TEST(LineSettings, SealsSecretsAndMasksThem) {
  const LineSettings settings = changed({}, R"({"channel_id":"42","channel_secret":"hush"})");
  EXPECT_EQ(settings.channel_id, "42");
  EXPECT_EQ(settings.sealed_channel_secret, "sealed line/channel_secret hush");
  const json::object shown = to_json(settings);
  EXPECT_EQ(shown.at("channel_secret").as_string(), masked_secret);
  EXPECT_EQ(shown.at("messaging_channel_secret").as_string(), "");
  EXPECT_EQ(shown.at("api_base_url").as_string(), "https://api.line.me");
}

TEST(LineSettings, KeepsWhatIsMaskedAndRemovesWhatIsNull) {
  const LineSettings before =
      changed({}, R"({"channel_secret":"hush","channel_access_token":"t"})");
  const LineSettings after =
      changed(before, R"({"channel_secret":"********","channel_access_token":null})");
  EXPECT_EQ(after.sealed_channel_secret, before.sealed_channel_secret);
  EXPECT_EQ(after.sealed_channel_access_token, "");
}

TEST(LineSettings, WantsSecretsAgainForAnotherServer) {
  const LineSettings before = changed({}, R"({"channel_secret":"hush"})");
  EXPECT_EQ(refusal(before, R"({"api_base_url":"http://127.0.0.1:9000"})"),
            "/line/channel_secret must be given again, since api_base_url leads to another server");
  const LineSettings after =
      changed(before, R"({"api_base_url":"http://127.0.0.1:9000/","channel_secret":"new"})");
  EXPECT_EQ(after.api_base_url, "http://127.0.0.1:9000");
}

TEST(LineSettings, NamesCulprits) {
  EXPECT_EQ(refusal({}, R"({"access_base_url":"ftp://x"})"),
            "/line/access_base_url must be an http or https URL without query and fragment");
  EXPECT_EQ(refusal({}, R"({"channel_id":"a b"})"), "/line/channel_id must be a channel's id");
  EXPECT_EQ(refusal({}, R"({"secret":"x"})").substr(0, 12), "/line/secret");
  EXPECT_THROW(
      changed_line_settings({}, json::parse(R"({"channel_secret":"x"})"), "/line", nullptr), Error);
}

TEST(LineSettings, SurvivesTheDatabase) {
  AppSettings settings;
  settings.name = "Festival";
  settings.line = changed({}, R"({"channel_id":"42","messaging_channel_secret":"hush"})");
  settings.login.require_friend = true;
  settings.max_subscriptions = 3;
  const AppSettings read = settings_from_stored(to_stored_json(settings));
  EXPECT_EQ(read.line.channel_id, "42");
  EXPECT_EQ(read.line.sealed_messaging_channel_secret,
            settings.line.sealed_messaging_channel_secret);
  EXPECT_TRUE(read.login.require_friend);
  EXPECT_EQ(read.max_subscriptions, 3);
}

TEST(LoginSettings, OffersChoices) {
  const LoginSettings settings = changed_login_settings(
      {}, json::parse(R"({"prompt":"login","bot_prompt":"","cookie_same_site":"none"})"), "/login");
  EXPECT_EQ(settings.prompt, "login");
  EXPECT_EQ(settings.bot_prompt, "");
  EXPECT_EQ(settings.cookie_same_site, "none");
  EXPECT_THROW(changed_login_settings({}, json::parse(R"({"prompt":"always"})"), "/login"), Error);
}

}  // namespace
}  // namespace callboard::audience
