#include "line/login.hpp"

#include <boost/json.hpp>

#include "crypto/base64url.hpp"
#include "crypto/sha256.hpp"
#include "line/form.hpp"
#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

http::OutgoingRequest post_form(const Channel& channel, std::string_view path, std::string form) {
  return {.method = http::Method::post,
          .url = channel.api_base_url + std::string(path),
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
          .body = std::move(form),
          .timeout = login_timeout};
}

http::OutgoingRequest get_as(const Channel& channel, std::string_view path,
                             std::string_view access_token) {
  return {.url = channel.api_base_url + std::string(path),
          .headers = {{"Authorization", "Bearer " + std::string(access_token)}},
          .timeout = login_timeout};
}

Called<LoginProfile> read_person(const http::OutgoingReply& reply, std::string_view id,
                                 std::string_view name, std::string_view picture) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  LoginProfile profile{text_member(*body, id), text_member(*body, name),
                       text_member(*body, picture)};
  if (profile.user_id.empty()) return tl::unexpected(malformed(reply, id));
  return profile;
}

}  // namespace

std::string code_challenge(std::string_view verifier) {
  return base64url(view(sha256(verifier)));
}

std::string authorize_url(const Channel& channel, const Authorization& authorization) {
  const bool has_verifier = !authorization.code_verifier.empty();
  const std::string challenge = has_verifier ? code_challenge(authorization.code_verifier) : "";
  return channel.access_base_url + "/oauth2/v2.1/authorize?" +
         form_of({{"response_type", "code"},
                  {"client_id", channel.channel_id},
                  {"redirect_uri", authorization.redirect_uri},
                  {"state", authorization.state},
                  {"scope", authorization.scope},
                  {"nonce", authorization.nonce},
                  {"prompt", authorization.prompt},
                  {"bot_prompt", authorization.bot_prompt},
                  {"code_challenge", challenge},
                  {"code_challenge_method", has_verifier ? "S256" : ""},
                  {"ui_locales", authorization.ui_locales},
                  {"max_age", authorization.max_age}});
}

http::OutgoingRequest token_request(const Channel& channel, std::string_view code,
                                    std::string_view redirect_uri, std::string_view code_verifier) {
  return post_form(channel, "/oauth2/v2.1/token",
                   form_of({{"grant_type", "authorization_code"},
                            {"code", code},
                            {"redirect_uri", redirect_uri},
                            {"client_id", channel.channel_id},
                            {"client_secret", channel.channel_secret},
                            {"code_verifier", code_verifier}}));
}

http::OutgoingRequest refresh_request(const Channel& channel, std::string_view refresh_token) {
  return post_form(channel, "/oauth2/v2.1/token",
                   form_of({{"grant_type", "refresh_token"},
                            {"refresh_token", refresh_token},
                            {"client_id", channel.channel_id},
                            {"client_secret", channel.channel_secret}}));
}

Called<Tokens> read_tokens(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  Tokens tokens{text_member(*body, "access_token"), text_member(*body, "refresh_token"),
                text_member(*body, "id_token"), text_member(*body, "scope")};
  const auto life = life_member(*body, "expires_in");
  if (tokens.access_token.empty()) return tl::unexpected(malformed(reply, "access_token"));
  if (!life) return tl::unexpected(malformed(reply, "expires_in"));
  tokens.expires_in = *life;
  return tokens;
}

http::OutgoingRequest certs_request(const Channel& channel) {
  return {.url = channel.api_base_url + "/oauth2/v2.1/certs", .timeout = login_timeout};
}

http::OutgoingRequest friendship_request(const Channel& channel, std::string_view access_token) {
  return get_as(channel, "/friendship/v1/status", access_token);
}

Called<bool> read_friendship(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  const auto is_friend = flag_member(*body, "friendFlag");
  if (!is_friend) return tl::unexpected(malformed(reply, "friendFlag"));
  return *is_friend;
}

http::OutgoingRequest login_profile_request(const Channel& channel, std::string_view access_token) {
  return get_as(channel, "/v2/profile", access_token);
}

Called<LoginProfile> read_login_profile(const http::OutgoingReply& reply) {
  return read_person(reply, "userId", "displayName", "pictureUrl");
}

http::OutgoingRequest userinfo_request(const Channel& channel, std::string_view access_token) {
  return get_as(channel, "/oauth2/v2.1/userinfo", access_token);
}

Called<LoginProfile> read_userinfo(const http::OutgoingReply& reply) {
  return read_person(reply, "sub", "name", "picture");
}

http::OutgoingRequest verify_request(const Channel& channel, std::string_view access_token) {
  return {.url = channel.api_base_url + "/oauth2/v2.1/verify?" +
                 form_of({{"access_token", access_token}}),
          .timeout = login_timeout};
}

Called<VerifiedAccess> read_verified(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  const auto life = life_member(*body, "expires_in");
  VerifiedAccess access{text_member(*body, "client_id"), text_member(*body, "scope"),
                        life.value_or(std::chrono::seconds{0})};
  if (access.client_id.empty() || !life) return tl::unexpected(malformed(reply, "client_id"));
  return access;
}

http::OutgoingRequest revoke_request(const Channel& channel, std::string_view access_token) {
  return post_form(channel, "/oauth2/v2.1/revoke",
                   form_of({{"access_token", access_token},
                            {"client_id", channel.channel_id},
                            {"client_secret", channel.channel_secret}}));
}

Called<void> read_revoked(const http::OutgoingReply& reply) {
  if (auto failure = failure_of(reply)) return tl::unexpected(std::move(*failure));
  return {};
}

}  // namespace callboard::line
