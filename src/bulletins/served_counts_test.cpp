#include "bulletins/served_counts.hpp"

#include <gtest/gtest.h>

#include "base/error.hpp"
#include "tests/support/bulletins.hpp"

namespace callboard::bulletins {
namespace {

class ServedCountsTest : public BulletinsTest {
 protected:
  ServedCountsTest() {
    add(draft_named("a"));
    add(draft_named("b"));
  }
  std::int64_t stored(std::int64_t id) {
    return database().get([&](db::Transaction& t) { return stored_served(t, test_app, id); });
  }
  ServedCounts counts_;
};
INSTANTIATE_STORE_TESTS(ServedCountsTest);

TEST_P(ServedCountsTest, AddsUpInTheDatabase) {
  const auto counter = counts_.counter_of(test_app, 1);
  counter->add(3);
  counts_.counter_of(test_app, 2)->add();
  EXPECT_EQ(counts_.unwritten(test_app, 1), 3u);
  counts_.write_to(database());
  counter->add();
  EXPECT_EQ(stored(1), 3);
  EXPECT_EQ(counts_.unwritten(test_app, 1), 1u);
  counts_.write_to(database());
  EXPECT_EQ(stored(1), 4);
  EXPECT_EQ(stored(2), 1);
  EXPECT_EQ(counts_.unwritten(test_app, 2), 0u);
}

TEST_P(ServedCountsTest, CountsOnWithTheSameCounterWhileSomebodyHasIt) {
  const auto counter = counts_.counter_of(test_app, 1);
  counts_.write_to(database());
  EXPECT_EQ(counts_.counter_of(test_app, 1), counter);
  EXPECT_NE(counts_.counter_of("other", 1), counter);
}

TEST_P(ServedCountsTest, ADeletedBulletinIsNotCounted) {
  counts_.counter_of(test_app, 1)->add();
  erase(1);
  counts_.write_to(database());
  EXPECT_EQ(stored(1), 0);
  EXPECT_EQ(counts_.unwritten(test_app, 1), 0u);
}

TEST_P(ServedCountsTest, ForgetsNothingWhereTheWriteFails) {
  counts_.counter_of(test_app, 1)->add(5);
  execute("ALTER TABLE bulletins_served RENAME TO hidden");
  EXPECT_THROW(counts_.write_to(database()), Error);
  EXPECT_EQ(counts_.unwritten(test_app, 1), 5u);
  execute("ALTER TABLE hidden RENAME TO bulletins_served");
  counts_.write_to(database());
  EXPECT_EQ(stored(1), 5);
}

TEST_P(ServedCountsTest, WritesOnceMoreAtTheEnd) {
  {
    const ServedWriter writer(database(), counts_);
    counts_.counter_of(test_app, 1)->add(7);
  }
  EXPECT_EQ(stored(1), 7);
}

}  // namespace
}  // namespace callboard::bulletins
