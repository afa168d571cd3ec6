#include "conditions/version.hpp"

#include <gtest/gtest.h>

#include <string>

namespace callboard::conditions {
namespace {

// https://semver.org/spec/v2.0.0.html, item 11, and numbers of any length.
TEST(Version, OrdersByPrecedence) {
  const std::string_view order[] = {
      "0.0.0-0", "0.0.0", "0.0.1", "0.9.0",
      // Numbers before words, digits by size, words by ASCII, fewer fields first.
      "1.0.0-0", "1.0.0-0.0", "1.0.0-2", "1.0.0-10", "1.0.0-99999999999999999999999",
      "1.0.0-100000000000000000000000", "1.0.0--", "1.0.0-0a", "1.0.0-Z", "1.0.0-alpha",
      "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-alpha-", "1.0.0-beta", "1.0.0-beta.2",
      "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.2.3-rc", "1.2.3", "1.9.0", "1.10.0",
      "2.0.0", "10.0.0", "9999999999999999999.0.0", "18446744073709551614.0.0",
      "18446744073709551615.0.0", "18446744073709551616.0.0", "99999999999999999999999.0.0",
      "99999999999999999999999.0.1", "100000000000000000000000.0.0"};
  for (std::size_t i = 0; i < std::size(order); ++i) {
    for (std::size_t j = 0; j < std::size(order); ++j) {
      const auto left = parse_version(order[i]);
      const auto right = parse_version(order[j]);
      ASSERT_TRUE(left && right) << order[i] << " " << order[j];
      EXPECT_EQ(*left <=> *right, std::weak_ordering(i <=> j)) << order[i] << " " << order[j];
    }
  }
}

TEST(Version, IsGenerousInForm) {
  const std::pair<std::string_view, std::string_view> same[] = {
      {"1", "1.0.0"},
      {"1.2", "1.2.0"},
      {"v1.2.3", "1.2.3"},
      {"V1.2.3", "1.2.3"},
      {"1.2-rc", "1.2.0-rc"},
      {"1-rc.1", "1.0.0-rc.1"},
      {"1.2.3+a", "1.2.3+b"},
      {"1.2.3+001", "1.2.3"},
      {"1.2.3-rc+5", "1.2.3-rc"},
      {"1+build", "1.0.0"},
      {"v18446744073709551616", "18446744073709551616.0.0"},
  };
  for (const auto& [left, right] : same)
    EXPECT_EQ(parse_version(left), parse_version(right)) << left;
}

TEST(Version, RefusesWhatIsNotWhollyAVersion) {
  for (const std::string_view text :
       {"",          "v",         "vv1",          " 1",          "1 ",       "1.",     ".1",
        "1..2",      "1.2.",      "1.2.3.",       "1.2.3.4",     "01",       "1.02",   "1.2.03",
        "1.2.3-",    "1.2.3-01",  "1.2.3-a..b",   "1.2.3-.a",    "1.2.3-a.", "1.2.3+", "1.2.3+a..b",
        "1.2.3-a_b", "1.2.3+a+b", "1.2.3-\u00e9", "a",           "1.a",      "-1",     "+1",
        "=1.2.3",    "1,2",       "1.2.3-00",     "1.2.3--01.00"})
    EXPECT_EQ(parse_version(text), std::nullopt) << text;
}

}  // namespace
}  // namespace callboard::conditions
