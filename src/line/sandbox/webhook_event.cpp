#include "line/sandbox/webhook_event.hpp"

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"
#include "line/message_limits.hpp"

namespace callboard::line::sandbox {
namespace {

namespace json = boost::json;

constexpr std::string_view account_id = "U0000000000000000000000000000ffff";
constexpr std::string_view base32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford's, of ULIDs
constexpr std::size_t ulid_time_digits = 10, ulid_random_digits = 16;
constexpr std::int64_t max_time_ms = 253'402'300'799'999;

// LINE's event ids are ULIDs: the time in milliseconds, then chance.
std::string new_event_id(Timestamp now) {
  auto time = static_cast<std::uint64_t>(unix_ms(now));
  std::string id(ulid_time_digits, '0');
  for (std::size_t at = ulid_time_digits; at-- > 0; time /= base32.size()) {
    id[at] = base32[time % base32.size()];
  }
  for (const char byte : random_bytes(ulid_random_digits)) {
    id += base32[static_cast<unsigned char>(byte) % base32.size()];
  }
  return id;
}

json::object event(const State& state, std::string_view type, std::string_view user_id) {
  const Timestamp now = state.clock.now();
  return {{"type", type},
          {"mode", "active"},
          {"timestamp", unix_ms(now)},
          {"source", json::object{{"type", "user"}, {"userId", user_id}}},
          {"webhookEventId", new_event_id(now)},
          {"deliveryContext", json::object{{"isRedelivery", false}}}};
}

std::string body_with(json::array events) {
  return json::serialize(json::object{{"destination", account_id}, {"events", std::move(events)}});
}

json::object follow_event(State& state, std::string_view user_id) {
  const People::Change change = state.people.follow(user_id);
  json::object made = event(state, "follow", user_id);
  made["follow"] = json::object{{"isUnblocked", change.before.has_blocked}};
  made["replyToken"] = random_id();
  return made;
}

json::object message_event(const State& state, std::string_view user_id, std::string_view text) {
  json::object made = event(state, "message", user_id);
  made["replyToken"] = random_id();
  made["message"] = json::object{
      {"type", "text"}, {"id", random_id()}, {"quoteToken", random_id()}, {"text", text}};
  return made;
}

json::object event_of(State& state, JsonReader& reader, const std::string& type) {
  const std::string user_id = reader.string("user_id").value_or("");
  const auto data = reader.string("data");
  const auto text = reader.string("text");
  const auto is_unblocked = reader.boolean("is_unblocked");
  if (!is_line_user_id(user_id)) throw invalid_at("/user_id", "must be U and 32 of 0-9a-f");
  if (type == "follow") {
    json::object made = follow_event(state, user_id);
    if (is_unblocked) made["follow"] = json::object{{"isUnblocked", *is_unblocked}};
    return made;
  }
  if (type == "unfollow") state.people.block(user_id);
  if (type == "message") return message_event(state, user_id, text.value_or("hello"));
  json::object made = event(state, type, user_id);
  if (type == "postback") {
    made["replyToken"] = random_id();
    made["postback"] = json::object{{"data", data.value_or("")}};
  }
  return made;
}

void set_particulars(json::object& made, JsonReader& reader) {
  if (const auto id = reader.string("webhook_event_id")) made["webhookEventId"] = *id;
  if (const auto ms = reader.integer("timestamp_ms", 0, max_time_ms)) made["timestamp"] = *ms;
  if (const auto again = reader.boolean("is_redelivery")) {
    made["deliveryContext"] = json::object{{"isRedelivery", *again}};
  }
}

}  // namespace

void follow(State& state, std::string_view user_id) {
  state.webhooks.send(body_with({follow_event(state, user_id)}));
}

void send_ordered_webhook(State& state, const json::value& order) {
  JsonReader reader(order);
  const std::string signature = reader.string("signature").value_or("");
  json::array events;
  if (const json::value* given = reader.find("events")) {
    if (!given->is_array()) throw invalid_at("/events", "must be an array");
    events = given->get_array();
  } else {
    const std::string type = reader.string("type").value_or("");
    if (type.empty()) throw invalid_at("/type", "is required");
    if (type != "verify") {
      json::object made = event_of(state, reader, type);
      set_particulars(made, reader);
      events.push_back(std::move(made));
    }
  }
  reader.finish();
  state.webhooks.send(body_with(std::move(events)), signature);
}

}  // namespace callboard::line::sandbox
