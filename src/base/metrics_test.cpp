#include "base/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace callboard {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  Counter& counter = metrics.counter("x_total", "help");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) counter.add();
    });
  }
  threads.clear();
  EXPECT_EQ(counter.total(), 4000u);
}

TEST(Metrics, GivesOneSeriesForOneNameAndLabels) {
  Metrics metrics;
  Counter& first = metrics.counter("x_total", "help", {{"a", "1"}});
  EXPECT_EQ(&first, &metrics.counter("x_total", "help", {{"a", "1"}}));
  EXPECT_NE(&first, &metrics.counter("x_total", "help", {{"a", "2"}}));
}

TEST(Metrics, RendersOneHeadForAllSeriesOfAName) {
  Metrics metrics;
  metrics.counter("x_total", "all x", {{"a", "quo\"te"}}).add(2);
  metrics.counter("y_total", "all y").add();
  metrics.counter("x_total", "all x", {{"a", "b"}}).add(3);
  metrics.gauge("g", "now", [] { return 1.5; });
  EXPECT_EQ(metrics.render(),
            "# HELP x_total all x\n# TYPE x_total counter\n"
            "x_total{a=\"quo\\\"te\"} 2\nx_total{a=\"b\"} 3\n"
            "# HELP y_total all y\n# TYPE y_total counter\ny_total 1\n"
            "# HELP g now\n# TYPE g gauge\ng 1.5\n");
}

TEST(Metrics, BucketsAreCumulativeAndInclusive) {
  Metrics metrics;
  Histogram& histogram = metrics.histogram("h_seconds", "help", {{"route", "r"}});
  histogram.observe(1ms);
  histogram.observe(2ms);
  histogram.observe(20s);
  const std::string page = metrics.render();
  EXPECT_THAT(page, HasSubstr("h_seconds_bucket{route=\"r\",le=\"0.0005\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("h_seconds_bucket{route=\"r\",le=\"0.001\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("h_seconds_bucket{route=\"r\",le=\"10\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("h_seconds_bucket{route=\"r\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("h_seconds_count{route=\"r\"} 3\n"));
}

}  // namespace
}  // namespace callboard
