#include "conditions/rollout.hpp"

#include <string>

#include "conditions/murmur3.hpp"

namespace callboard::conditions {
namespace {

// Most keys fit here, so that a bucket costs no allocation.
constexpr std::size_t inline_key_bytes = 256;

std::uint32_t hash_of(std::string_view group, std::string_view key) {
  const std::size_t size = group.size() + 1 + key.size();
  if (size > inline_key_bytes) {
    std::string text(group);
    text += ':';
    text += key;
    return murmur3_32(text);
  }
  char text[inline_key_bytes];
  group.copy(text, group.size());
  text[group.size()] = ':';
  key.copy(text + group.size() + 1, key.size());
  return murmur3_32({text, size});
}

}  // namespace

std::uint32_t rollout_bucket(std::string_view group, std::string_view key) {
  // The hundreds are Unleash's own bucket; the two digits below them come from the rest.
  const std::uint32_t hash = hash_of(group, key);
  return (hash % 100) * 100 + (hash / 100) % 100;
}

std::optional<std::uint32_t> parse_percent(std::string_view text) {
  constexpr std::size_t max_decimals = 2;
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals =
      point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1);
  if (whole.empty() || whole.size() > 3 || decimals.empty() || decimals.size() > max_decimals)
    return std::nullopt;
  std::string digits(whole);
  digits += decimals;
  digits.append(max_decimals - decimals.size(), '0');
  std::uint32_t hundredths = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    hundredths = hundredths * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return hundredths <= rollout_buckets ? std::optional(hundredths) : std::nullopt;
}

}  // namespace callboard::conditions
