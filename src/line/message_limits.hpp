#pragma once

// LINE's bounds, known before a byte is sent: what breaks one would be refused with status 400.
// Used for templates before they are saved, for bodies before they are sent, and by the sandbox.
// Pure functions, any thread. (https://developers.line.biz/en/reference/messaging-api/)

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "line/call_failure.hpp"

namespace callboard::line {

inline constexpr std::size_t max_messages = 5;
inline constexpr std::size_t max_recipients = 500;  // of a multicast
inline constexpr std::size_t max_request_bytes = std::size_t{2} << 20;
inline constexpr std::size_t max_text_units = 5000;  // UTF-16 units, as with all `_units`
inline constexpr std::size_t max_alt_text_units = 1500;
inline constexpr std::size_t max_bubble_bytes = std::size_t{30} * 1024;  // as compact JSON
inline constexpr std::size_t max_carousel_bytes = std::size_t{50} * 1024;
inline constexpr std::size_t max_bubbles = 12;      // of a carousel
inline constexpr std::size_t max_label_units = 40;  // of a button in a bubble
inline constexpr std::size_t max_uri_units = 1000;
inline constexpr std::size_t max_image_url_units = 2000;
inline constexpr std::size_t max_postback_units = 300;
inline constexpr std::size_t max_message_action_units = 300;

// The length of valid UTF-8 as LINE counts it: in UTF-16 code units.
std::size_t utf16_units(std::string_view utf8);
// As many whole characters of valid UTF-8 as fit; where some don't, "…" is the last.
std::string cut_to_units(std::string_view utf8, std::size_t max_units);

// A UUID in hexadecimal with its four hyphens, of either case.
bool is_retry_key(std::string_view text);
// "U" and 32 lower-case hexadecimal digits.
bool is_line_user_id(std::string_view text);
// http, https, line, tel or mailto, with something behind it: what a button may lead to.
bool is_action_uri(std::string_view text);

// What is wrong with the array of messages of a body: each with LINE's name for the place. Text
// and Flex messages are looked at to the last component; a Flex component that LINE does not know,
// an empty `uri`, a text without words are found. Other types of messages pass by their name alone.
std::vector<FailureDetail> check_messages(const boost::json::value& messages);
// The same of the JSON text of such an array; not JSON is a culprit too.
std::vector<FailureDetail> check_messages_text(std::string_view messages);

}  // namespace callboard::line
