#include "cache/near_table.hpp"

#include <gtest/gtest.h>

#include <string>

namespace callboard::cache {
namespace {

class NearTableTest : public testing::Test {
 protected:
  void put(std::uint64_t hash, const std::string& text) { table_.place(hash) = text; }
  bool has(std::uint64_t hash, const std::string& text) {
    return table_.find(hash, [&](const std::string& value) { return value == text; }) != nullptr;
  }

  NearTable<std::string> table_{16};  // four sets: hashes that differ by four meet
};

TEST_F(NearTableTest, FindsWhatWasPut) {
  put(1, "a");
  put(2, "b");
  EXPECT_TRUE(has(1, "a"));
  EXPECT_TRUE(has(2, "b"));
  EXPECT_FALSE(has(3, "a"));
}

TEST_F(NearTableTest, AHashIsNoProof) {
  put(1, "a");
  EXPECT_FALSE(has(1, "b"));
  put(1, "b");
  EXPECT_TRUE(has(1, "a")) << "both of one hash have a place";
  EXPECT_TRUE(has(1, "b"));
}

TEST_F(NearTableTest, TheFifthTakesTheOldestsPlace) {
  for (std::uint64_t i = 0; i < 5; ++i) put(1 + 4 * i, std::to_string(i));
  EXPECT_FALSE(has(1, "0"));
  for (std::uint64_t i = 1; i < 5; ++i) EXPECT_TRUE(has(1 + 4 * i, std::to_string(i)));
}

TEST_F(NearTableTest, HasRoomHoweverSmall) {
  NearTable<std::string> one(0);
  one.place(7) = "a";
  EXPECT_NE(one.find(7, [](const std::string&) { return true; }), nullptr);
}

}  // namespace
}  // namespace callboard::cache
