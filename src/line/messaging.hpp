#pragma once

// The Messaging API without I/O: requests to LINE, and what its replies say
// (https://developers.line.biz/en/reference/messaging-api/). What push and multicast say,
// send_outcome.hpp reads. Pure functions, any thread.
//
// A message is JSON text, as are the bodies: what is to be sent again with the same retry key must
// be the same bytes, so a body is made once and kept.

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "http/outgoing.hpp"
#include "line/call_failure.hpp"
#include "line/channel.hpp"

namespace callboard::line {

inline constexpr std::chrono::milliseconds send_timeout{15'000};
inline constexpr std::chrono::milliseconds query_timeout{10'000};

// `messages`: a JSON array of one to five message objects. `silently`: LINE shows no notification.
std::string push_body(std::string_view user_id, std::string_view messages, bool silently = false);
std::string multicast_body(std::span<const std::string> user_ids, std::string_view messages,
                           bool silently = false);
std::string validate_body(std::string_view messages);

// `body` goes out as it is. `retry_key`: a UUID, the same in every attempt (is_retry_key() of
// message_limits.hpp); empty: none.
http::OutgoingRequest push_request(const Channel& channel, std::string_view access_token,
                                   std::string body, std::string_view retry_key);
http::OutgoingRequest multicast_request(const Channel& channel, std::string_view access_token,
                                        std::string body, std::string_view retry_key);

enum class SendKind : std::uint8_t { push, multicast };
http::OutgoingRequest validate_request(const Channel& channel, std::string_view access_token,
                                       SendKind kind, std::string_view messages);
// LINE's judgement: success, or a failure `rejected` whose details name what is wrong.
Called<void> read_validated(const http::OutgoingReply& reply);

// How many messages may be sent this month; nothing: as many as one likes.
http::OutgoingRequest quota_request(const Channel& channel, std::string_view access_token);
Called<std::optional<std::int64_t>> read_quota(const http::OutgoingReply& reply);
http::OutgoingRequest consumption_request(const Channel& channel, std::string_view access_token);
Called<std::int64_t> read_consumption(const http::OutgoingReply& reply);

// Of a friend; `not_found` where there is no such user, or one who is no friend or has blocked us.
struct Profile {
  std::string user_id;
  std::string display_name;
  std::string picture_url;  // empty: none, as with the language
  std::string language;     // BCP 47
};
http::OutgoingRequest profile_request(const Channel& channel, std::string_view access_token,
                                      std::string_view user_id);
Called<Profile> read_profile(const http::OutgoingReply& reply);

// A channel access token that needs no keeping.
struct StatelessToken {
  std::string access_token;
  std::chrono::seconds expires_in{0};
};
http::OutgoingRequest stateless_token_request(const Channel& channel);
Called<StatelessToken> read_stateless_token(const http::OutgoingReply& reply);

}  // namespace callboard::line
