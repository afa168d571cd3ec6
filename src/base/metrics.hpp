#pragma once

// Metrics in Prometheus' text format (version 0.0.4). A `Metrics` is owned by the composition and
// outlives whatever counts into it. Counting is lock-free, from any thread: each thread adds to a
// slot of its own cache line, and the slots are summed when the page is rendered.

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace callboard {

namespace metrics_detail {
inline constexpr std::size_t slots = 8;
// The slot of the calling thread, given out in turn.
std::size_t this_slot();
struct alignas(64) Cell {
  std::atomic<std::uint64_t> value{0};
};
}  // namespace metrics_detail

class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    cells_[metrics_detail::this_slot()].value.fetch_add(amount, std::memory_order_relaxed);
  }
  std::uint64_t total() const;

 private:
  std::array<metrics_detail::Cell, metrics_detail::slots> cells_;
};

// Durations, in seconds, in fixed buckets from 50 microseconds to 10 seconds.
class Histogram {
 public:
  static constexpr std::array<double, 16> bounds_s = {
      0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
      0.025,   0.05,   0.1,     0.25,   0.5,   1,      2.5,   10};
  void observe(std::chrono::nanoseconds duration);
  // Cumulative counts by bound, then the count of all; and the sum in seconds.
  std::pair<std::array<std::uint64_t, bounds_s.size() + 1>, double> snapshot() const;

 private:
  struct alignas(64) Slot {
    std::array<std::atomic<std::uint64_t>, bounds_s.size() + 1> counts{};
    std::atomic<std::uint64_t> sum_ns{0};
  };
  std::array<Slot, metrics_detail::slots> slots_;
};

using Labels = std::vector<std::pair<std::string, std::string>>;

class Metrics {
 public:
  // The same name and labels give the same object; references stay valid as long as `this`.
  Counter& counter(std::string name, std::string help, Labels labels = {});
  Histogram& histogram(std::string name, std::string help, Labels labels = {});
  // `read` is called while the page is rendered and must stay callable as long as `this`.
  void gauge(std::string name, std::string help, std::function<double()> read, Labels labels = {});

  std::string render() const;

 private:
  template <class T>
  struct Series {
    std::string name, help, labels;
    T value;
  };
  mutable std::mutex mutex_;
  std::deque<Series<Counter>> counters_;
  std::deque<Series<Histogram>> histograms_;
  std::deque<Series<std::function<double()>>> gauges_;
};

}  // namespace callboard
