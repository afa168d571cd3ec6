#include "cache/cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace callboard::cache {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

using Strings = Cache<std::string>;

Strings::Loaded loaded(std::string text, std::size_t bytes = 100) {
  return {std::make_shared<std::string>(std::move(text)), bytes};
}

class CacheTest : public testing::Test {
 protected:
  Strings make(Options options = {}) {
    options.name = "test";
    return Strings(std::move(options), clock_, metrics_);
  }

  SimulatedClock clock_;
  Metrics metrics_;
};

// A loader that stops in the middle until the test lets it go on.
class HeldLoad {
 public:
  HeldLoad(Strings& cache, Key key, std::string text)
      : result_(std::async(std::launch::async, [this, &cache, key, text = std::move(text)] {
          return *cache.load(key, [&] {
            entered_.count_down();
            released_.wait();
            return loaded(text);
          });
        })) {
    entered_.wait();
  }
  std::string finish() {
    released_.count_down();
    return result_.get();
  }

 private:
  std::latch entered_{1};
  std::latch released_{1};
  std::future<std::string> result_;
};

TEST_F(CacheTest, FindsWhatWasLoaded) {
  Strings cache = make();
  EXPECT_EQ(cache.find(Key("app", "ann")), nullptr);
  EXPECT_EQ(*cache.load(Key("app", "ann"), [] { return loaded("A"); }), "A");
  EXPECT_EQ(*cache.find(Key("app", "ann")), "A");
  EXPECT_EQ(*cache.load(Key("app", "ann"), [] { return loaded("B"); }), "A");
}

TEST_F(CacheTest, KeepsScopesApart) {
  Strings cache = make();
  cache.put(Key("a", "bc"), loaded("1"));
  cache.put(Key("ab", "c"), loaded("2"));
  cache.put(Key("abc"), loaded("3"));
  EXPECT_EQ(*cache.find(Key("a", "bc")), "1");
  EXPECT_EQ(*cache.find(Key("ab", "c")), "2");
  EXPECT_EQ(*cache.find(Key("abc")), "3");
  cache.erase_scope("ab");
  EXPECT_EQ(cache.find(Key("ab", "c")), nullptr);
  EXPECT_NE(cache.find(Key("a", "bc")), nullptr);
  EXPECT_NE(cache.find(Key("abc")), nullptr);
}

TEST_F(CacheTest, RemembersNeitherExceptionsNorNull) {
  Strings cache = make();
  const Key key("app", "ann");
  EXPECT_THROW(
      cache.load(key, []() -> Strings::Loaded { throw std::runtime_error("lost database"); }),
      std::runtime_error);
  EXPECT_EQ(cache.load(key, [] { return Strings::Loaded{}; }), nullptr);
  EXPECT_EQ(*cache.load(key, [] { return loaded("A"); }), "A");
}

TEST_F(CacheTest, SparesTheOldThatWasUsed) {
  Strings cache = make({.name = {}, .max_bytes = 2000, .lifetime = {}, .shards = 1});
  cache.put(Key("old"), loaded("1", 600));
  cache.put(Key("used"), loaded("2", 600));
  ASSERT_NE(cache.find(Key("old")), nullptr);
  cache.put(Key("new"), loaded("3", 600));
  EXPECT_EQ(cache.find(Key("used")), nullptr);
  EXPECT_NE(cache.find(Key("old")), nullptr);
  EXPECT_NE(cache.find(Key("new")), nullptr);
  EXPECT_LE(cache.bytes(), 2000u);
}

TEST_F(CacheTest, StaysWithinItsBytesUnderAnyLoad) {
  Strings cache = make({.name = {}, .max_bytes = 64 * 1024, .lifetime = {}, .shards = 4});
  for (int i = 0; i < 2000; ++i) cache.put(Key(std::to_string(i)), loaded("x"));
  EXPECT_LE(cache.bytes(), 64u * 1024);
  EXPECT_GT(cache.entries(), 100u);
  cache.clear();
  EXPECT_EQ(cache.bytes(), 0u);
  EXPECT_EQ(cache.entries(), 0u);
}

TEST_F(CacheTest, HandsOutWhatIsTooLargeToKeep) {
  Strings cache = make({.name = {}, .max_bytes = 1000, .lifetime = {}, .shards = 1});
  cache.put(Key("big"), loaded("small", 10));
  EXPECT_EQ(*cache.find(Key("big")), "small");
  cache.put(Key("big"), loaded("large", 5000));
  EXPECT_EQ(cache.find(Key("big")), nullptr);
  EXPECT_EQ(*cache.load(Key("big"), [] { return loaded("large", 5000); }), "large");
}

TEST_F(CacheTest, ExpiresWithinATenthOfItsLifetime) {
  Strings cache = make({.name = {}, .max_bytes = 1 << 20, .lifetime = 100s, .shards = 16});
  for (int i = 0; i < 200; ++i) cache.put(Key(std::to_string(i)), loaded("x"));
  const auto alive = [&] {
    int count = 0;
    for (int i = 0; i < 200; ++i) count += cache.find(Key(std::to_string(i))) ? 1 : 0;
    return count;
  };
  clock_.advance(89s);
  EXPECT_EQ(alive(), 200);
  clock_.advance(11s);
  EXPECT_GT(alive(), 10);
  EXPECT_LT(alive(), 190);
  clock_.advance(11s);
  EXPECT_EQ(alive(), 0);
}

TEST_F(CacheTest, LetsALoaderChooseTheLifetime) {
  Strings cache = make();
  const Key key("unknown");
  cache.load(key, [] {
    auto none = loaded("none");
    none.lifetime = 10s;
    return none;
  });
  clock_.advance(8s);
  EXPECT_NE(cache.find(key), nullptr);
  clock_.advance(4s);
  EXPECT_EQ(*cache.load(key, [] { return loaded("known"); }), "known");
  clock_.advance(1000h);
  EXPECT_EQ(*cache.find(key), "known");
}

TEST_F(CacheTest, LoadsOnceForAllWhoAsk) {
  Strings cache = make();
  std::atomic<int> loads{0};
  std::latch together(8);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      together.arrive_and_wait();
      const auto value = cache.load(Key("app", "ann"), [&] {
        ++loads;
        return loaded("A");
      });
      EXPECT_EQ(*value, "A");
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(loads, 1);
}

TEST_F(CacheTest, GivesOneFailureToAllWhoWait) {
  Strings cache = make();
  std::latch entered(1);
  std::latch release(1);
  auto leader = std::async(std::launch::async, [&] {
    EXPECT_THROW(cache.load(Key("k"),
                            [&]() -> Strings::Loaded {
                              entered.count_down();
                              release.wait();
                              throw std::runtime_error("lost");
                            }),
                 std::runtime_error);
  });
  entered.wait();
  const auto misses = [&] {
    return metrics_.counter("callboard_cache_misses_total", "", {{"cache", "test"}}).total();
  };
  auto waiter = std::async(std::launch::async, [&] {
    EXPECT_THROW(cache.load(Key("k"), [] { return loaded("never"); }), std::runtime_error);
  });
  while (misses() < 2) std::this_thread::yield();
  release.count_down();
  leader.get();
  waiter.get();
  EXPECT_EQ(cache.find(Key("k")), nullptr);
}

TEST_F(CacheTest, DoesNotStoreWhatWasErasedWhileItLoaded) {
  Strings cache = make();
  const Key key("app", "ann");
  HeldLoad held(cache, key, "old");
  cache.erase(key);
  EXPECT_EQ(held.finish(), "old");
  EXPECT_EQ(cache.find(key), nullptr);
}

TEST_F(CacheTest, StartsANewLoadAfterAnErase) {
  Strings cache = make();
  const Key key("app", "ann");
  HeldLoad held(cache, key, "old");
  cache.erase(key);
  EXPECT_EQ(*cache.load(key, [] { return loaded("new"); }), "new");
  EXPECT_EQ(held.finish(), "old");
  EXPECT_EQ(*cache.find(key), "new");
}

TEST_F(CacheTest, OutdatesLoadsByScopeAndByPut) {
  Strings cache = make();
  HeldLoad in_scope(cache, Key("app", "ann"), "old");
  cache.erase_scope("app");
  in_scope.finish();
  EXPECT_EQ(cache.find(Key("app", "ann")), nullptr);
  HeldLoad overtaken(cache, Key("app", "bob"), "old");
  cache.put(Key("app", "bob"), loaded("new"));
  overtaken.finish();
  EXPECT_EQ(*cache.find(Key("app", "bob")), "new");
}

// A writer raises a number and erases; whoever asks afterwards never sees less than was there when
// they asked.
TEST_F(CacheTest, NeverGoesBackUnderContention) {
  Cache<int> cache({.name = "test", .max_bytes = 1 << 16, .lifetime = {}, .shards = 2}, clock_,
                   metrics_);
  std::atomic<int> stored{0};
  std::atomic<int> published{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const int least = published;
        auto value = cache.find(Key("n"));
        if (!value) {
          value = cache.load(Key("n"), [&] {
            return Cache<int>::Loaded{std::make_shared<int>(stored.load()), 4};
          });
        }
        EXPECT_GE(*value, least);
      }
    });
  }
  for (int i = 1; i <= 3000; ++i) {
    stored = i;
    cache.erase(Key("n"));
    published = i;
  }
  stop = true;
  for (auto& reader : readers) reader.join();
}

TEST_F(CacheTest, CountsByName) {
  Strings cache = make({.name = {}, .max_bytes = 1000, .lifetime = {}, .shards = 1});
  cache.load(Key("a"), [] { return loaded("A", 500); });
  cache.find(Key("a"));
  cache.find(Key("b"));
  cache.put(Key("b"), loaded("B", 500));
  const std::string page = metrics_.render();
  EXPECT_THAT(page, HasSubstr("callboard_cache_hits_total{cache=\"test\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("callboard_cache_misses_total{cache=\"test\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("callboard_cache_evictions_total{cache=\"test\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("callboard_cache_entries{cache=\"test\"} 1\n"));
}

TEST_F(CacheTest, MayGoBeforeItsMetrics) {
  {
    Strings cache = make();
    cache.put(Key("a"), loaded("A"));
  }
  EXPECT_THAT(metrics_.render(), HasSubstr("callboard_cache_entries{cache=\"test\"} 0\n"));
}

}  // namespace
}  // namespace callboard::cache
