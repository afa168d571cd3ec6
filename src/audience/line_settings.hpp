#pragma once

// What an application's settings say of LINE: its channels, and how people log in with LINE Login.
// Pure: any thread.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "audience/provider_settings.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_channel_text_bytes = 1024;  // of an id or a secret

// The channels of one provider at https://developers.line.biz/console/. The base URLs lead
// elsewhere only for a stand-in. Secrets are sealed.
struct LineSettings {
  std::string channel_id;  // of LINE Login; empty: nobody can log in
  std::string sealed_channel_secret;
  std::string messaging_channel_id;  // of the Messaging API; empty: the same channel
  std::string sealed_messaging_channel_secret;
  std::string sealed_channel_access_token;  // empty: short-lived tokens are fetched
  std::string api_base_url = "https://api.line.me";
  std::string access_base_url = "https://access.line.me";
  std::string issuer = "https://access.line.me";  // of ID tokens
};

struct LoginSettings {
  bool require_friend = false;            // only friends of the official account may log in
  std::string prompt = "consent";         // or "login", "none", ""
  std::string bot_prompt = "aggressive";  // or "normal", ""
  bool tokens_in_query = false;           // on the way back to the front end; advised against
  std::string cookie_same_site = "lax";   // or "strict", "none"
};

// Where one of the secrets is used: "channel_secret", "messaging_channel_secret" or
// "channel_access_token".
std::string line_secret_context(std::string_view app_id, std::string_view member);

// `current` with the members that `changes`, at `pointer`, names. A secret that is masked stays; a
// null or empty one is removed. Where the API's base URL leads to another server, secrets must be
// given again: else one could be sent off by somebody who may not read it. Throws Error{invalid}.
LineSettings changed_line_settings(LineSettings current, const boost::json::value& changes,
                                   const std::string& pointer, const SealSecret& seal);
LoginSettings changed_login_settings(LoginSettings current, const boost::json::value& changes,
                                     const std::string& pointer);
boost::json::object to_json(const LineSettings& settings);  // secrets masked
boost::json::object to_json(const LoginSettings& settings);

// As the database has it: the secrets sealed.
LineSettings line_settings_from_stored(const boost::json::value& stored);
boost::json::object to_stored_json(const LineSettings& settings);

std::size_t bytes_of(const LineSettings& settings);

}  // namespace callboard::audience
