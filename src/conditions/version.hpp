#pragma once

// Versions as SemVer 2.0.0 orders them (section 11), read a little more generously: a leading "v"
// is skipped, missing parts are zeros ("1.2-rc" is 1.2.0-rc). Numeric parts may have any length.
//
// A Version refers to the text it was parsed from, which must outlive it. Equality is equality of
// precedence: build metadata does not count.

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace callboard::conditions {

struct Version {
  // major, minor, patch; a part too long for 64 bits is `oversized`, and its digits decide.
  static constexpr std::uint64_t oversized = UINT64_MAX;
  std::array<std::uint64_t, 3> parts;
  std::array<const char*, 3> digits;
  std::array<std::uint32_t, 3> digit_counts;
  std::string_view prerelease;  // empty: a release
};

// Nothing for anything that is not wholly a version.
std::optional<Version> parse_version(std::string_view text);

std::weak_ordering operator<=>(const Version& left, const Version& right);
bool operator==(const Version& left, const Version& right);

}  // namespace callboard::conditions
