#include "conditions/number.hpp"

#include <gtest/gtest.h>

namespace callboard::conditions {
namespace {

TEST(Number, ReadsDecimalAndExponentText) {
  const std::pair<std::string_view, double> good[] = {
      {"0", 0},
      {"12", 12},
      {"-12", -12},
      {"+12", 12},
      {"12.0", 12},
      {"0.1", 0.1},
      {"1e3", 1000},
      {"1E+3", 1000},
      {"25e-1", 2.5},
      {"007", 7},
      {"-0", 0},
      {"1e-400", 0},
      {"1.7976931348623157e308", 1.7976931348623157e308},
      {"5e-324", 5e-324},
      {"9007199254740993", 9007199254740992.0},
  };
  for (const auto& [text, number] : good) EXPECT_EQ(parse_number(text), number) << text;
}

TEST(Number, RefusesEverythingElse) {
  for (const std::string_view text :
       {"",    " ",     " 1",       "1 ",           "1\n",   "+",      "-",     "+-1",   "--1",
        ".",   ".5",    "5.",       "e5",           "1e",    "1e+",    "0x10",  "1f",    "nan",
        "NaN", "inf",   "Infinity", "-inf",         "1e400", "-1e400", "1_000", "1,000", "1.2.3",
        "abc", "12abc", "\u0663",   "1e99999999999"})
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
}

TEST(Number, WritesTheShortestDecimalText) {
  const std::pair<double, std::string_view> texts[] = {
      {0, "0"},
      {-0.0, "0"},
      {12, "12"},
      {100000, "100000"},
      {-1.5, "-1.5"},
      {0.1, "0.1"},
      {1e20, "100000000000000000000"},
      {1e21, "1e+21"},
      {1e-6, "0.000001"},
      {1e-7, "1e-7"},
      {1.5e-10, "1.5e-10"},
      {1e300, "1e+300"},
  };
  for (const auto& [number, text] : texts) EXPECT_EQ(decimal_text(number), text);
}

}  // namespace
}  // namespace callboard::conditions
