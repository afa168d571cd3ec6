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
#include <utility>

namespace callboard::conditions {

struct Version {
  // A part too long for 64 bits; its digits in `text` decide.
  static constexpr std::uint64_t oversized = UINT64_MAX;

  std::array<std::uint64_t, 3> parts;  // major, minor, patch
  std::string_view prerelease;         // empty: a release
  std::string_view text;
};

// False, and `version` is no longer of use, for anything that is not wholly a version.
bool parse_version(std::string_view text, Version& version);

inline std::optional<Version> parse_version(std::string_view text) {
  std::optional<Version> version(std::in_place);
  if (!parse_version(text, *version)) version.reset();
  return version;
}

std::weak_ordering operator<=>(const Version& left, const Version& right);
bool operator==(const Version& left, const Version& right);

}  // namespace callboard::conditions
