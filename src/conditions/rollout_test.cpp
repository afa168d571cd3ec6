#include "conditions/rollout.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "conditions/murmur3.hpp"

namespace callboard::conditions {
namespace {

// Published with ports of MurmurHash3, for example by Ian Boyd at stackoverflow.com/a/31929528.
TEST(Murmur3, MatchesThePublishedVectors) {
  using std::string_view_literals::operator""sv;
  struct Vector {
    std::string_view bytes;
    std::uint32_t seed;
    std::uint32_t hash;
  };
  const std::string many_a(256, 'a');
  const Vector vectors[] = {
      {"", 0, 0},
      {"", 1, 0x514E28B7},
      {"", 0xFFFFFFFF, 0x81F16F39},
      {"\0\0\0\0"sv, 0, 0x2362F9DE},
      {"\0\0\0"sv, 0, 0x85F0B427},
      {"\0\0"sv, 0, 0x30F4C306},
      {"\0"sv, 0, 0x514E28B7},
      {"\xFF\xFF\xFF\xFF", 0, 0x76293B50},
      {"!Ce\x87", 0, 0xF55B516B},
      {"!Ce\x87", 0x5082EDEE, 0x2362F9DE},
      {"!Ce", 0, 0x7E4A8634},
      {"!C", 0, 0xA0F7B07A},
      {"!", 0, 0x72661CF4},
      {"aaaa", 0x9747B28C, 0x5A97808A},
      {"aaa", 0x9747B28C, 0x283E0130},
      {"aa", 0x9747B28C, 0x5D211726},
      {"a", 0x9747B28C, 0x7FA09EA6},
      {"abcd", 0x9747B28C, 0xF0478627},
      {"Hello, world!", 0x9747B28C, 0x24884CBA},
      {"ππππππππ", 0x9747B28C, 0xD58063C1},
      {many_a, 0x9747B28C, 0x37405BDC},
  };
  for (const auto& [bytes, seed, hash] : vectors) EXPECT_EQ(murmur3_32(bytes, seed), hash) << bytes;
}

// The normalised values 1-100 that Unleash's client SDKs test: ("123", "gr1") is 73 and
// ("999", "groupX") is 25. There, a user is in if this is at most the percentage.
TEST(Rollout, TakesTheSamePeopleAsUnleash) {
  EXPECT_EQ(rollout_bucket("gr1", "123") / 100 + 1, 73u);
  EXPECT_EQ(rollout_bucket("groupX", "999") / 100 + 1, 25u);
}

TEST(Rollout, HashesGroupColonKey) {
  const std::uint32_t hash = murmur3_32("group:key");
  EXPECT_EQ(rollout_bucket("group", "key"), hash % 100 * 100 + hash / 100 % 100);
  const std::string long_key(1'000, 'k');
  const std::uint32_t long_hash = murmur3_32("group:" + long_key);
  EXPECT_EQ(rollout_bucket("group", long_key), long_hash % 100 * 100 + long_hash / 100 % 100);
}

TEST(Rollout, SpreadsKeysEvenly) {
  int below_ten_percent = 0;
  for (int i = 0; i < 100'000; ++i)
    below_ten_percent += rollout_bucket("flag", std::to_string(i)) < 1'000;
  EXPECT_NEAR(below_ten_percent, 10'000, 400);
}

TEST(Rollout, ReadsPercentagesAsDecimals) {
  const std::pair<std::string_view, std::uint32_t> good[] = {
      {"0", 0},        {"0.01", 1},     {"0.1", 10},     {"12.34", 1234},   {"29", 2900},
      {"29.00", 2900}, {"99.99", 9999}, {"100", 10'000}, {"100.00", 10'000}};
  for (const auto& [text, hundredths] : good) EXPECT_EQ(parse_percent(text), hundredths) << text;
  for (const std::string_view text :
       {"", ".5", "5.", "-1", "-0.01", "100.01", "101", "1000", "12.345", "1e1", "1e-7", " 1", "a"})
    EXPECT_EQ(parse_percent(text), std::nullopt) << text;
}

}  // namespace
}  // namespace callboard::conditions
