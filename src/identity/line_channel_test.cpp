#include "identity/line_channel.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"

namespace callboard::identity {
namespace {

// What is sealed says where it may be opened.
audience::SecretBox box() {
  const auto seal = [](std::string_view context, std::string_view secret) {
    return std::string(context) + "|" + std::string(secret);
  };
  const auto open = [](std::string_view context, std::string_view sealed) {
    const auto bar = sealed.find('|');
    if (sealed.substr(0, bar) != context) throw Error(ErrorCode::internal, "another's");
    return std::string(sealed.substr(bar + 1));
  };
  return {.seal = seal, .open = open};
}

audience::Application festival() {
  audience::Application application;
  application.app_id = "fest";
  audience::LineSettings& line = application.settings.line;
  line.channel_id = "1";
  line.messaging_channel_id = "2";
  line.sealed_channel_secret = "fest/line/channel_secret|login";
  line.sealed_messaging_channel_secret = "fest/line/messaging_channel_secret|messages";
  line.sealed_channel_access_token = "fest/line/channel_access_token|token";
  line.issuer = "https://issuer";
  return application;
}

TEST(LineChannel, HasItsSecretsOpened) {
  const line::Channel channel = line_channel_of(festival(), box());
  EXPECT_EQ(channel.channel_id, "1");
  EXPECT_EQ(channel.messaging_channel_id, "2");
  EXPECT_EQ(channel.channel_secret, "login");
  EXPECT_EQ(channel.messaging_channel_secret, "messages");
  EXPECT_EQ(channel.channel_access_token, "token");
  EXPECT_EQ(channel.api_base_url, "https://api.line.me");
  EXPECT_EQ(channel.access_base_url, "https://access.line.me");
  EXPECT_EQ(channel.issuer, "https://issuer");
}

TEST(LineChannel, HasNoSecretWhereNoneIsSet) {
  audience::Application application = festival();
  application.settings.line = {};
  const line::Channel channel = line_channel_of(application, box());
  EXPECT_EQ(channel.channel_secret, "");
  EXPECT_EQ(channel.messaging_channel_secret, "");
  EXPECT_EQ(channel.channel_access_token, "");
}

TEST(LineChannel, TakesNoSecretFromElsewhere) {
  audience::Application application = festival();
  application.app_id = "other";
  EXPECT_THROW(line_channel_of(application, box()), Error);
  application = festival();
  application.settings.line.sealed_channel_secret =
      application.settings.line.sealed_messaging_channel_secret;
  EXPECT_THROW(line_channel_of(application, box()), Error);
}

}  // namespace
}  // namespace callboard::identity
