#include "line/webhook.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json.hpp"
#include "crypto/sha256.hpp"
#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

// A webhook's own nesting is shallow, but it quotes what users send.
constexpr std::size_t max_webhook_depth = 64;
constexpr std::int64_t max_timestamp_ms = 253'402'300'799'999;  // the end of the year 9999

const json::object* object_member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? nullptr : value->if_object();
}

bool is_event_id(std::string_view text) {
  return text.size() <= max_webhook_event_id_bytes &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

Timestamp time_of(const json::object& event, const std::string& pointer) {
  const auto ms = count_member(event, "timestamp");
  if (!ms || *ms > max_timestamp_ms) {
    throw invalid_at(pointer + "/timestamp", "must be milliseconds");
  }
  return timestamp_from_ms(*ms);
}

std::string required(const json::object& event, std::string_view name, const std::string& pointer) {
  std::string text = text_member(event, name);
  if (text.empty()) throw invalid_at(pointer + "/" + std::string(name), "must be text");
  return text;
}

void read_particulars(const json::object& from, WebhookEvent& event) {
  if (const auto* delivery = object_member(from, "deliveryContext")) {
    event.is_redelivery = flag_member(*delivery, "isRedelivery").value_or(false);
  }
  if (const auto* source = object_member(from, "source")) {
    event.user_id = text_member(*source, "userId");
  }
  if (const auto* follow = object_member(from, "follow")) {
    event.is_unblocked = flag_member(*follow, "isUnblocked");
  }
  if (const auto* postback = object_member(from, "postback")) {
    event.postback = text_member(*postback, "data");
  }
}

WebhookEvent event_of(const json::value& value, const std::string& pointer) {
  if (!value.is_object()) throw invalid_at(pointer, "must be an object");
  const json::object& from = value.get_object();
  WebhookEvent event;
  event.webhook_event_id = required(from, "webhookEventId", pointer);
  if (!is_event_id(event.webhook_event_id)) {
    throw invalid_at(pointer + "/webhookEventId", "must be printable and short");
  }
  event.type = required(from, "type", pointer);
  event.timestamp = time_of(from, pointer);
  read_particulars(from, event);
  event.json = to_json_text(value);
  return event;
}

}  // namespace

std::string webhook_signature(std::string_view channel_secret, std::string_view body) {
  const Digest digest = HmacKey(channel_secret).mac(body);
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_ENCODED_LEN(sizeof digest, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), digest.data(), digest.size(), variant);
  text.pop_back();  // libsodium's terminating NUL
  return text;
}

bool is_signed_by(std::string_view channel_secret, std::string_view body,
                  std::string_view signature) {
  return !channel_secret.empty() &&
         equal_in_constant_time(webhook_signature(channel_secret, body), signature);
}

Webhook parse_webhook(std::string_view body) {
  if (body.size() > max_webhook_bytes)
    throw Error(ErrorCode::too_large, "the webhook is too large");
  const json::value value = parse_json(body, max_webhook_depth);
  if (!value.is_object()) throw invalid_at("", "must be an object");
  const json::value* events = value.get_object().if_contains("events");
  if (events == nullptr || !events->is_array()) throw invalid_at("/events", "must be an array");
  if (events->get_array().size() > max_webhook_events) {
    throw Error(ErrorCode::too_large, "the webhook has too many events");
  }
  Webhook webhook{text_member(value.get_object(), "destination"), {}};
  for (const json::value& each : events->get_array()) {
    const std::string pointer = "/events/" + std::to_string(webhook.events.size());
    webhook.events.push_back(event_of(each, pointer));
  }
  return webhook;
}

WebhookEvent parse_webhook_event(std::string_view event) {
  return event_of(parse_json(event, max_webhook_depth), "");
}

}  // namespace callboard::line
