#pragma once

// Gradual rollout: a stable bucket of 0-9999 for each key of a group. Whole percents choose the
// same people as Unleash, and a higher percentage only ever adds people.

#include <cstdint>
#include <optional>
#include <string_view>

namespace callboard::conditions {

inline constexpr std::uint32_t rollout_buckets = 10'000;

// In the rollout if below the target in hundredths of a percent.
std::uint32_t rollout_bucket(std::string_view group, std::string_view key);

// "12.34" is 1234: hundredths of a percent from decimal text, never through binary fractions.
// Nothing unless it is 0-100 with at most two decimals.
std::optional<std::uint32_t> parse_percent(std::string_view text);

}  // namespace callboard::conditions
