#include "identity/request_signature.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace callboard::identity {
namespace {

constexpr std::size_t max_time_digits = 11;  // enough until the year 5138

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr std::array<bool, 256> nonce_characters = [] {
  std::array<bool, 256> set{};
  for (const char c : std::string_view("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "abcdefghijklmnopqrstuvwxyz_-")) {
    set[static_cast<unsigned char>(c)] = true;
  }
  return set;
}();

bool is_time(std::string_view text) {
  return !text.empty() && text.size() <= max_time_digits && text.front() != '0' &&
         std::ranges::all_of(text, is_digit);
}

bool is_nonce(std::string_view text) {
  return text.size() >= min_nonce_bytes && text.size() <= max_nonce_bytes &&
         std::ranges::all_of(
             text, [](char c) { return nonce_characters[static_cast<unsigned char>(c)]; });
}

// -1: no hexadecimal digit. A table, because a request has 64 of them.
constexpr std::array<std::int8_t, 256> hex_values = [] {
  std::array<std::int8_t, 256> values;
  values.fill(-1);
  for (std::int8_t i = 0; i < 16; ++i) {
    values[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
    values[static_cast<unsigned char>("0123456789ABCDEF"[i])] = i;
  }
  return values;
}();

bool read_mac(std::string_view text, Digest& mac) {
  if (text.size() != 2 * mac.size()) return false;
  int all = 0;
  for (std::size_t i = 0; i < mac.size(); ++i) {
    const int high = hex_values[static_cast<unsigned char>(text[2 * i])];
    const int low = hex_values[static_cast<unsigned char>(text[2 * i + 1])];
    all |= high | low;
    mac[i] = static_cast<unsigned char>(high * 16 + low);
  }
  return all >= 0;
}

// What stands between `prefix` and the next comma or the end, and takes both off the text.
std::string_view take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return {};
  text.remove_prefix(prefix.size());
  const std::string_view part = text.substr(0, text.find(','));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

}  // namespace

std::optional<RequestSignature> parse_signature(std::string_view header) {
  RequestSignature signature;
  signature.time = take(header, "t=");
  signature.nonce = take(header, "n=");
  if (!is_time(signature.time) || !is_nonce(signature.nonce)) return std::nullopt;
  if (!header.starts_with("v1=") || !read_mac(header.substr(3), signature.mac)) return std::nullopt;
  const char* end = signature.time.data() + signature.time.size();
  std::from_chars(signature.time.data(), end, signature.unix_s);
  return signature;
}

bool is_within_window(const RequestSignature& signature, Timestamp now) {
  const std::int64_t difference = unix_seconds(now) - signature.unix_s;
  return difference <= signature_window.count() && difference >= -signature_window.count();
}

Digest signature_mac(const HmacKey& key, std::string_view time, std::string_view nonce,
                     const SignedContent& content) {
  HexDigest body_digest;
  std::string_view body = sha256_of_nothing;
  if (!content.body.empty()) {
    body_digest = sha256_hex(content.body);
    body = view(body_digest);
  }
  return key.mac({"v1\n", content.app_id, "\n", time, "\n", nonce, "\n", content.method, "\n",
                  content.target, "\n", content.session_token_sha256, "\n", body});
}

}  // namespace callboard::identity
