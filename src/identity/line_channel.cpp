#include "identity/line_channel.hpp"

namespace callboard::identity {

line::Channel line_channel_of(const audience::Application& application,
                              const audience::SecretBox& secrets) {
  const audience::LineSettings& settings = application.settings.line;
  const auto opened = [&](const char* member, const std::string& sealed) {
    if (sealed.empty()) return sealed;
    return secrets.open(audience::line_secret_context(application.app_id, member), sealed);
  };
  return {
      .channel_id = settings.channel_id,
      .channel_secret = opened("channel_secret", settings.sealed_channel_secret),
      .messaging_channel_secret =
          opened("messaging_channel_secret", settings.sealed_messaging_channel_secret),
      .channel_access_token = opened("channel_access_token", settings.sealed_channel_access_token),
      .api_base_url = settings.api_base_url,
      .access_base_url = settings.access_base_url,
      .issuer = settings.issuer,
      .messaging_channel_id = settings.messaging_channel_id,
  };
}

}  // namespace callboard::identity
