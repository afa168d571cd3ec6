#include "line/message_limits.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <string>

#include "base/json.hpp"
#include "http/request.hpp"
#include "line/flex_check.hpp"
#include "line/reply_member.hpp"

namespace callboard::line {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 11> message_types = {
    "text",   "textV2",   "sticker",  "image",    "video", "audio",
    "coupon", "location", "imagemap", "template", "flex"};
constexpr std::array<std::string_view, 5> action_schemes = {"http://", "https://", "line://",
                                                            "tel:", "mailto:"};
constexpr std::size_t uuid_length = 36, line_user_id_length = 33;

bool is_hex_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

void check_words(const json::object& message, std::string_view name, std::size_t limit,
                 const std::string& place, std::vector<FailureDetail>& found) {
  const std::string text = text_member(message, name);
  const std::string at = place + "." + std::string(name);
  if (text.empty()) {
    found.push_back({at, "May not be empty"});
  } else if (utf16_units(text) > limit) {
    found.push_back({at, "Length must be between 0 and " + std::to_string(limit)});
  }
}

void check_message(const json::value& value, const std::string& place,
                   std::vector<FailureDetail>& found) {
  if (!value.is_object()) return found.push_back({place, "must be an object"});
  const json::object& message = value.get_object();
  const std::string type = text_member(message, "type");
  if (std::ranges::find(message_types, type) == message_types.end()) {
    return found.push_back({place + ".type", "Must be one of the known types of messages"});
  }
  if (type == "text" || type == "textV2") {
    check_words(message, "text", max_text_units, place, found);
  }
  if (type != "flex") return;
  check_words(message, "altText", max_alt_text_units, place, found);
  const json::value* contents = message.if_contains("contents");
  if (contents == nullptr) return found.push_back({place + ".contents", "May not be empty"});
  check_flex_container(*contents, place + ".contents", found);
}

}  // namespace

std::size_t utf16_units(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) == 0x80U) continue;  // the rest of a character
    units += byte >= 0xf0U ? 2 : 1;         // beyond the basic plane: a pair
  }
  return units;
}

std::string cut_to_units(std::string_view utf8, std::size_t max_units) {
  constexpr std::string_view ellipsis = "…";
  std::size_t units = 0, kept = 0;  // kept: the bytes that leave a unit for the ellipsis
  for (std::size_t at = 0; at < utf8.size();) {
    const auto byte = static_cast<unsigned char>(utf8[at]);
    const std::size_t length = byte >= 0xf0U ? 4 : byte >= 0xe0U ? 3 : byte >= 0xc0U ? 2 : 1;
    units += length == 4 ? 2 : 1;
    if (units > max_units) return std::string(utf8.substr(0, kept)).append(ellipsis);
    at += length;
    if (units < max_units) kept = at;
  }
  return std::string(utf8);
}

bool is_retry_key(std::string_view text) {
  if (text.size() != uuid_length) return false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool hyphen = at == 8 || at == 13 || at == 18 || at == 23;
    if (hyphen ? text[at] != '-' : !is_hex_digit(text[at])) return false;
  }
  return true;
}

bool is_line_user_id(std::string_view text) {
  const auto is_lower_hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
  return text.size() == line_user_id_length && text.front() == 'U' &&
         std::ranges::all_of(text.substr(1), is_lower_hex);
}

bool is_action_uri(std::string_view text) {
  const auto is_space = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, is_space)) return false;
  return std::ranges::any_of(action_schemes, [&](std::string_view scheme) {
    return text.size() > scheme.size() &&
           http::equal_ignoring_case(text.substr(0, scheme.size()), scheme);
  });
}

std::vector<FailureDetail> check_messages(const json::value& messages) {
  if (!messages.is_array() || messages.get_array().empty()) {
    return {{"messages", "May not be empty"}};
  }
  if (messages.get_array().size() > max_messages) {
    return {{"messages", "Size must be between 1 and 5"}};
  }
  std::vector<FailureDetail> found;
  std::size_t position = 0;
  for (const json::value& message : messages.get_array()) {
    check_message(message, "messages[" + std::to_string(position++) + "]", found);
  }
  return found;
}

std::vector<FailureDetail> check_messages_text(std::string_view messages) {
  if (messages.size() > max_request_bytes) return {{"messages", "is larger than 2 MB"}};
  try {
    return check_messages(parse_json(messages));
  } catch (const Error& error) {
    return {{"messages", error.message()}};
  }
}

}  // namespace callboard::line
