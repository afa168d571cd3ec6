#include "http/trace_context.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/random.hpp"

namespace callboard::http {
namespace {

constexpr std::size_t trace_id_digits = 32, parent_id_digits = 16, flags_digits = 2;
constexpr std::size_t traceparent_bytes = 3 + trace_id_digits + 1 + parent_id_digits + 1 + 2;
constexpr std::string_view own_version = "00";
constexpr std::string_view invalid_version = "ff";
constexpr std::string_view not_sampled = "00";

bool is_hex(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_id(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != text.npos;
}

// 32 digits that belong to this request id in this process, as good as random.
std::string digits_of(std::string_view request_id) {
  static const std::string key = random_bytes(crypto_shorthash_siphashx24_KEYBYTES);
  std::string hash(crypto_shorthash_siphashx24_BYTES, '\0');
  crypto_shorthash_siphashx24(reinterpret_cast<unsigned char*>(hash.data()),
                              reinterpret_cast<const unsigned char*>(request_id.data()),
                              request_id.size(),
                              reinterpret_cast<const unsigned char*>(key.data()));
  hash[0] = static_cast<char>(hash[0] | 1);  // neither half may be zero
  hash[8] = static_cast<char>(hash[8] | 1);
  return to_hex(hash);
}

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  if (text.size() < traceparent_bytes) return std::nullopt;
  const std::string_view version = text.substr(0, 2);
  const bool is_own = version == own_version;
  if (!is_hex(version) || version == invalid_version) return std::nullopt;
  if (is_own && text.size() != traceparent_bytes) return std::nullopt;
  if (text.size() > traceparent_bytes && text[traceparent_bytes] != '-') return std::nullopt;
  const TraceParent parent{text.substr(3, trace_id_digits), text.substr(36, parent_id_digits),
                           text.substr(53, flags_digits)};
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  if (!is_id(parent.trace_id) || !is_id(parent.parent_id) || !is_hex(parent.flags)) {
    return std::nullopt;
  }
  return parent;
}

std::string traceparent_of(const Request& request) {
  const auto sent = request.header("traceparent");
  const auto parent = sent ? parse_traceparent(*sent) : std::nullopt;
  const std::string own = digits_of(request.id);
  std::string text(own_version);
  text.append("-").append(parent ? parent->trace_id : std::string_view(own));
  text.append("-").append(own, trace_id_digits - parent_id_digits);
  return text.append("-").append(parent ? parent->flags : not_sampled);
}

}  // namespace callboard::http
