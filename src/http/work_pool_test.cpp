#include "http/work_pool.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace callboard::http {
namespace {

TEST(WorkPool, RefusesWhatItCannotQueue) {
  Metrics metrics;
  WorkPool pool(1, 2, metrics);
  std::promise<void> started, release;
  ASSERT_TRUE(pool.submit([&, released = release.get_future().share()] {
    started.set_value();
    released.wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_TRUE(pool.submit([] {}));
  EXPECT_FALSE(pool.submit([] {}));
  EXPECT_NE(metrics.render().find("callboard_work_queue_length{pool=\"requests\"} 2"),
            std::string::npos);
  release.set_value();
}

TEST(WorkPool, RunsWhatIsQueuedBeforeItStops) {
  Metrics metrics;
  WorkPool pool(2, 100, metrics);
  std::atomic<int> ran = 0;
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.submit([&] { ++ran; }));
  pool.stop();
  EXPECT_EQ(ran, 50);
  pool.stop();
  EXPECT_FALSE(pool.submit([] {}));
}

TEST(WorkPool, MayBeStoppedByManyAtOnce) {
  Metrics metrics;
  WorkPool pool(2, 100, metrics);
  std::latch together(3);
  std::vector<std::jthread> stoppers;
  for (int i = 0; i < 3; ++i) {
    stoppers.emplace_back([&] {
      together.arrive_and_wait();
      pool.stop();
    });
  }
}

TEST(WorkPool, ItsGaugeOutlivesIt) {
  Metrics metrics;
  {
    WorkPool pool(1, 1, metrics);
  }
  EXPECT_NE(metrics.render().find("callboard_work_queue_length{pool=\"requests\"} 0"),
            std::string::npos);
}

TEST(WorkPool, DropsWhatWaitsIfToldTo) {
  Metrics metrics;
  WorkPool pool(1, 10, metrics);
  std::promise<void> begun, may_end;
  std::atomic<int> ran{0};
  ASSERT_TRUE(pool.submit([&] {
    begun.set_value();
    may_end.get_future().wait();
    ++ran;
  }));
  begun.get_future().wait();
  auto held = std::make_shared<int>(0);
  ASSERT_TRUE(pool.submit([&ran, held] { ++ran; }));
  std::thread stopping([&] { pool.stop(WorkPool::Queued::drop); });
  while (held.use_count() > 1) std::this_thread::yield();
  may_end.set_value();
  stopping.join();
  EXPECT_EQ(ran, 1);
}

}  // namespace
}  // namespace callboard::http
