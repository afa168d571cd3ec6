#include "base/metrics.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace callboard {
namespace {

std::string render_labels(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    if (!out.empty()) out += ',';
    out += name + "=\"";
    for (const char c : value) {
      if (c == '\\' || c == '"') out += '\\';
      if (c == '\n')
        out += "\\n";
      else
        out += c;
    }
    out += '"';
  }
  return out;
}

std::string braced(const std::string& labels) {
  return labels.empty() ? "" : "{" + labels + "}";
}

// Series of one name must stand together, after one HELP and one TYPE line.
template <class List>
auto by_name(const List& list) {
  std::vector<const typename List::value_type*> sorted;
  for (const auto& series : list) sorted.push_back(&series);
  std::ranges::stable_sort(sorted, {}, [](const auto* s) { return s->name; });
  return sorted;
}

template <class List>
auto* find(List& list, const std::string& name, const std::string& labels) {
  const auto it = std::ranges::find_if(
      list, [&](const auto& s) { return s.name == name && s.labels == labels; });
  return it == list.end() ? nullptr : &*it;
}

class Page {
 public:
  void head(const std::string& name, const std::string& help, std::string_view type) {
    if (name == last_) return;
    last_ = name;
    out_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
  }
  void line(const std::string& name, const std::string& labels, const std::string& value) {
    out_ += fmt::format("{}{} {}\n", name, braced(labels), value);
  }
  std::string take() { return std::move(out_); }

 private:
  std::string out_, last_;
};

void render_histogram(Page& page, const std::string& name, const std::string& labels,
                      const Histogram& histogram) {
  const auto [counts, sum] = histogram.snapshot();
  const std::string prefix = labels.empty() ? "" : labels + ",";
  for (std::size_t i = 0; i < Histogram::bounds_s.size(); ++i) {
    page.line(name + "_bucket", fmt::format("{}le=\"{}\"", prefix, Histogram::bounds_s[i]),
              std::to_string(counts[i]));
  }
  page.line(name + "_bucket", prefix + "le=\"+Inf\"", std::to_string(counts.back()));
  page.line(name + "_sum", labels, fmt::format("{}", sum));
  page.line(name + "_count", labels, std::to_string(counts.back()));
}

}  // namespace

std::size_t metrics_detail::this_slot() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t mine = next.fetch_add(1, std::memory_order_relaxed) % slots;
  return mine;
}

std::uint64_t Counter::total() const {
  std::uint64_t sum = 0;
  for (const auto& cell : cells_) sum += cell.value.load(std::memory_order_relaxed);
  return sum;
}

void Histogram::observe(std::chrono::nanoseconds duration) {
  const double seconds = std::chrono::duration<double>(duration).count();
  const auto bucket =
      static_cast<std::size_t>(std::ranges::lower_bound(bounds_s, seconds) - bounds_s.begin());
  Slot& slot = slots_[metrics_detail::this_slot()];
  slot.counts[bucket].fetch_add(1, std::memory_order_relaxed);
  slot.sum_ns.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)),
                        std::memory_order_relaxed);
}

std::pair<std::array<std::uint64_t, Histogram::bounds_s.size() + 1>, double> Histogram::snapshot()
    const {
  std::array<std::uint64_t, bounds_s.size() + 1> counts{};
  std::uint64_t sum_ns = 0;
  for (const Slot& slot : slots_) {
    for (std::size_t i = 0; i < counts.size(); ++i) {
      counts[i] += slot.counts[i].load(std::memory_order_relaxed);
    }
    sum_ns += slot.sum_ns.load(std::memory_order_relaxed);
  }
  for (std::size_t i = 1; i < counts.size(); ++i) counts[i] += counts[i - 1];
  return {counts, static_cast<double>(sum_ns) / 1e9};
}

Counter& Metrics::counter(std::string name, std::string help, Labels labels) {
  const std::string text = render_labels(labels);
  const std::lock_guard lock(mutex_);
  if (auto* known = find(counters_, name, text)) return known->value;
  auto& series = counters_.emplace_back();
  series.name = std::move(name);
  series.help = std::move(help);
  series.labels = text;
  return series.value;
}

Histogram& Metrics::histogram(std::string name, std::string help, Labels labels) {
  const std::string text = render_labels(labels);
  const std::lock_guard lock(mutex_);
  if (auto* known = find(histograms_, name, text)) return known->value;
  auto& series = histograms_.emplace_back();
  series.name = std::move(name);
  series.help = std::move(help);
  series.labels = text;
  return series.value;
}

void Metrics::gauge(std::string name, std::string help, std::function<double()> read,
                    Labels labels) {
  const std::lock_guard lock(mutex_);
  auto& series = gauges_.emplace_back();
  series.name = std::move(name);
  series.help = std::move(help);
  series.labels = render_labels(labels);
  series.value = std::move(read);
}

std::string Metrics::render() const {
  const std::lock_guard lock(mutex_);
  Page page;
  for (const auto* series : by_name(counters_)) {
    page.head(series->name, series->help, "counter");
    page.line(series->name, series->labels, std::to_string(series->value.total()));
  }
  for (const auto* series : by_name(gauges_)) {
    page.head(series->name, series->help, "gauge");
    page.line(series->name, series->labels, fmt::format("{}", series->value()));
  }
  for (const auto* series : by_name(histograms_)) {
    page.head(series->name, series->help, "histogram");
    render_histogram(page, series->name, series->labels, series->value);
  }
  return page.take();
}

}  // namespace callboard
