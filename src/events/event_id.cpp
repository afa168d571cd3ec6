#include "events/event_id.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>

#include "base/error.hpp"
#include "base/json.hpp"
#include "base/json_reader.hpp"
#include "base/random.hpp"

namespace callboard::events {
namespace {

constexpr std::size_t sha1_bytes = 20, uuid_bytes = 16;

// Control characters of Unicode: C0, DEL and C1. `text` is valid UTF-8.
bool holds_control_character(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

// U+2028 and U+2029 in UTF-8, of which Go writes the escape.
constexpr std::string_view line_separator = "\xe2\x80\xa8", paragraph_separator = "\xe2\x80\xa9";

void append_go_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    std::size_t taken = 1;
    const char c = text.front();
    if (text.starts_with(line_separator) || text.starts_with(paragraph_separator)) {
      taken = line_separator.size();
      out += text.starts_with(line_separator) ? "\\u2028" : "\\u2029";
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
    text.remove_prefix(taken);
  }
  out += '"';
}

std::array<unsigned char, sha1_bytes> sha1(std::string_view text) {
  std::array<unsigned char, sha1_bytes> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr) != 1) {
    throw Error(ErrorCode::internal, "SHA-1 failed");
  }
  return digest;
}

std::string uuid_in_nil_namespace(std::string_view name) {
  auto digest = sha1(std::string(uuid_bytes, '\0').append(name));
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  std::string uuid = to_hex({reinterpret_cast<const char*>(digest.data()), uuid_bytes});
  for (const std::size_t dash : {20U, 16U, 12U, 8U}) uuid.insert(dash, 1, '-');
  return uuid;
}

}  // namespace

bool is_event_id(std::string_view text) {
  // A character has at most four bytes, so that a long text need not be counted.
  return !text.empty() && text.size() <= 4 * max_event_id_characters && is_valid_utf8(text) &&
         count_characters(text) <= max_event_id_characters &&
         text.find('/') == std::string_view::npos && text != "." && text != ".." &&
         !holds_control_character(text);
}

std::string derived_event_id(const std::optional<std::string>& detail, Timestamp start,
                             Timestamp end, const Zone& zone) {
  std::string name = "{\"event_detail\":";
  if (detail)
    append_go_string(name, *detail);
  else
    name += "null";
  name += ",\"event_time_end\":\"" + zone.rfc3339(end);
  name += "\",\"event_time_start\":\"" + zone.rfc3339(start) + "\"}";
  return uuid_in_nil_namespace(name);
}

}  // namespace callboard::events
