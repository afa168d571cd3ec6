#include "conditions/case_fold.hpp"

#include <gtest/gtest.h>

#include "base/json.hpp"
#include "conditions/case_fold_table.hpp"

namespace callboard::conditions {
namespace {

TEST(CaseFold, FoldsTheScriptsThatHaveCase) {
  const std::pair<std::string_view, std::string_view> same[] = {
      {"HELLO", "hello"},
      {"ÀÉÎÕÜÞ", "àéîõüþ"},
      {"ŸŽŁ", "ÿžł"},
      {"ΑΒΓΣΩΆΎ", "αβγσωάύ"},
      {"ς", "σ"},
      {"МОСКВАЁЇ", "москваёї"},
      {"Ӏ", "ӏ"},
      {"µ", "μ"},
      {"\u212A", "k"},
      {"ẞ", "ß"},
      {"Ω", "ω"},
      {"ԱՖ", "աֆ"},
      {"\U00010400", "\U00010428"},
      {"ſ", "s"},
  };
  for (const auto& [left, right] : same) EXPECT_EQ(folded(left), folded(right)) << left;
}

TEST(CaseFold, LeavesTheRestAlone) {
  for (const std::string_view text :
       {"", "hello 123 _-", "台南", "×÷", "ß", "ı", "\x80\xFF", "a\xC3", "\xE0\x81\x81", "\xF5zz"})
    EXPECT_EQ(folded(text), text);
}

TEST(CaseFold, FoldsAroundBytesThatAreNotText) {
  EXPECT_EQ(folded("A\xC3"
                   "B\xFF"
                   "É"),
            "a\xC3"
            "b\xFF"
            "é");
}

TEST(CaseFold, IsIdempotentAndStaysText) {
  for (const FoldRange& range : fold_ranges) {
    for (std::uint32_t point = range.first; point <= range.last; point += range.step) {
      std::string utf8;
      if (point < 0x800) {
        utf8 = {static_cast<char>(0xC0 | point >> 6), static_cast<char>(0x80 | (point & 0x3F))};
      } else if (point < 0x10000) {
        utf8 = {static_cast<char>(0xE0 | point >> 12),
                static_cast<char>(0x80 | (point >> 6 & 0x3F)),
                static_cast<char>(0x80 | (point & 0x3F))};
      } else {
        utf8 = {static_cast<char>(0xF0 | point >> 18),
                static_cast<char>(0x80 | (point >> 12 & 0x3F)),
                static_cast<char>(0x80 | (point >> 6 & 0x3F)),
                static_cast<char>(0x80 | (point & 0x3F))};
      }
      const std::string once = folded(utf8);
      EXPECT_NE(once, utf8);
      EXPECT_TRUE(is_valid_utf8(once));
      EXPECT_EQ(folded(once), once);
    }
  }
}

}  // namespace
}  // namespace callboard::conditions
