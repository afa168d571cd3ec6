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

  NearTable<std::string> table_{8};  // four pairs: hashes that differ by four meet
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

TEST_F(NearTableTest, TheThirdTakesTheOldersPlace) {
  put(1, "a");
  put(5, "b");
  put(9, "c");
  EXPECT_FALSE(has(1, "a"));
  EXPECT_TRUE(has(5, "b"));
  EXPECT_TRUE(has(9, "c"));
}

TEST_F(NearTableTest, HasRoomHoweverSmall) {
  NearTable<std::string> one(0);
  one.place(7) = "a";
  EXPECT_NE(one.find(7, [](const std::string&) { return true; }), nullptr);
}

}  // namespace
}  // namespace callboard::cache
