#include "line/messaging.hpp"

#include <boost/json.hpp>

#include "base/json.hpp"
#include "line/form.hpp"
#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

std::string body_of(std::string to, std::string_view messages, bool silently) {
  std::string body = "{\"to\":" + std::move(to) + ",\"messages\":";
  body += messages;
  if (silently) body += ",\"notificationDisabled\":true";
  body += '}';
  return body;
}

http::OutgoingRequest get_as(const Channel& channel, std::string path,
                             std::string_view access_token) {
  return {.url = channel.api_base_url + std::move(path),
          .headers = {{"Authorization", "Bearer " + std::string(access_token)}},
          .timeout = query_timeout};
}

http::OutgoingRequest post_as(const Channel& channel, std::string_view path,
                              std::string_view access_token, std::string body) {
  return {.method = http::Method::post,
          .url = channel.api_base_url + std::string(path),
          .headers = {{"Authorization", "Bearer " + std::string(access_token)},
                      {"Content-Type", "application/json"}},
          .body = std::move(body),
          .timeout = send_timeout};
}

http::OutgoingRequest send_request(const Channel& channel, std::string_view path,
                                   std::string_view access_token, std::string body,
                                   std::string_view retry_key) {
  auto request = post_as(channel, path, access_token, std::move(body));
  if (!retry_key.empty()) request.headers.emplace_back("X-Line-Retry-Key", retry_key);
  request.may_repeat = false;  // the first one may have been accepted, and counts for the limit
  return request;
}

}  // namespace

std::string push_body(std::string_view user_id, std::string_view messages, bool silently) {
  std::string to;
  append_json_string(to, user_id);
  return body_of(std::move(to), messages, silently);
}

std::string multicast_body(std::span<const std::string> user_ids, std::string_view messages,
                           bool silently) {
  std::string to = "[";
  for (const std::string& user_id : user_ids) {
    if (to.size() > 1) to += ',';
    append_json_string(to, user_id);
  }
  return body_of(to + ']', messages, silently);
}

std::string validate_body(std::string_view messages) {
  return "{\"messages\":" + std::string(messages) + '}';
}

http::OutgoingRequest push_request(const Channel& channel, std::string_view access_token,
                                   std::string body, std::string_view retry_key) {
  return send_request(channel, "/v2/bot/message/push", access_token, std::move(body), retry_key);
}

http::OutgoingRequest multicast_request(const Channel& channel, std::string_view access_token,
                                        std::string body, std::string_view retry_key) {
  return send_request(channel, "/v2/bot/message/multicast", access_token, std::move(body),
                      retry_key);
}

http::OutgoingRequest validate_request(const Channel& channel, std::string_view access_token,
                                       SendKind kind, std::string_view messages) {
  const std::string_view path = kind == SendKind::push ? "/v2/bot/message/validate/push"
                                                       : "/v2/bot/message/validate/multicast";
  return post_as(channel, path, access_token, validate_body(messages));
}

Called<void> read_validated(const http::OutgoingReply& reply) {
  if (auto failure = failure_of(reply)) return tl::unexpected(std::move(*failure));
  return {};
}

http::OutgoingRequest quota_request(const Channel& channel, std::string_view access_token) {
  return get_as(channel, "/v2/bot/message/quota", access_token);
}

Called<std::optional<std::int64_t>> read_quota(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  const std::string type = text_member(*body, "type");
  if (type == "none") return std::optional<std::int64_t>();
  const auto value = count_member(*body, "value");
  if (type != "limited" || !value) return tl::unexpected(malformed(reply, "a quota"));
  return value;
}

http::OutgoingRequest consumption_request(const Channel& channel, std::string_view access_token) {
  return get_as(channel, "/v2/bot/message/quota/consumption", access_token);
}

Called<std::int64_t> read_consumption(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  const auto usage = count_member(*body, "totalUsage");
  if (!usage) return tl::unexpected(malformed(reply, "totalUsage"));
  return *usage;
}

http::OutgoingRequest profile_request(const Channel& channel, std::string_view access_token,
                                      std::string_view user_id) {
  return get_as(channel, "/v2/bot/profile/" + percent_encoded(user_id), access_token);
}

Called<Profile> read_profile(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  Profile profile{text_member(*body, "userId"), text_member(*body, "displayName"),
                  text_member(*body, "pictureUrl"), text_member(*body, "language")};
  if (profile.user_id.empty()) return tl::unexpected(malformed(reply, "userId"));
  return profile;
}

http::OutgoingRequest stateless_token_request(const Channel& channel) {
  const std::string& client_id =
      channel.messaging_channel_id.empty() ? channel.channel_id : channel.messaging_channel_id;
  return {.method = http::Method::post,
          .url = channel.api_base_url + "/oauth2/v3/token",
          .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
          .body = form_of({{"grant_type", "client_credentials"},
                           {"client_id", client_id},
                           {"client_secret", channel.messaging_channel_secret}}),
          .timeout = query_timeout};
}

Called<StatelessToken> read_stateless_token(const http::OutgoingReply& reply) {
  const auto body = object_in(reply);
  if (!body) return tl::unexpected(body.error());
  const auto life = life_member(*body, "expires_in");
  StatelessToken token{text_member(*body, "access_token"), life.value_or(std::chrono::seconds{0})};
  if (token.access_token.empty() || !life) {
    return tl::unexpected(malformed(reply, "access_token or expires_in"));
  }
  return token;
}

}  // namespace callboard::line
