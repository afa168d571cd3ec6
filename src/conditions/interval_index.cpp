#include "conditions/interval_index.hpp"

#include <algorithm>

namespace callboard::conditions {
namespace {

// Looking at a partial span costs about as much as combining this many bytes of bitmap.
constexpr std::size_t partial_spans_per_line = 3;

// A ceiling for one axis' bitmaps: with more spans than that, blocks grow instead.
constexpr std::size_t max_bitmap_bytes = std::size_t(16) << 20;

// At `block` a condition becomes covered by one span more (+1) or less (-1).
struct Change {
  std::uint32_t block;
  std::uint32_t condition;
  std::int32_t by;
};

std::vector<Change> sorted(std::vector<Change> changes) {
  std::ranges::sort(changes, {}, &Change::block);
  return changes;
}

}  // namespace

IntervalIndex::IntervalIndex(State states, std::size_t conditions, const std::vector<Span>& spans)
    : lines_(lines_for(conditions)) {
  choose_blocks(states, spans);
  fill_open(conditions, spans);
  fill_partial(spans);
}

void IntervalIndex::choose_blocks(State states, const std::vector<Span>& spans) {
  std::vector<std::uint32_t> edges(states + 1);
  for (const Span& span : spans) {
    ++edges[span.begin];
    ++edges[span.end];
  }
  const std::size_t max_blocks = max_bitmap_bytes / (lines_ * sizeof(Line)) + 1;
  const std::size_t budget =
      std::max(partial_spans_per_line * lines_, 2 * spans.size() / max_blocks);
  std::size_t inside = 0;
  for (State state = 0; state < states; ++state) {
    inside += edges[state];
    if (state == 0 || inside > budget) {
      block_begin_.push_back(state);
      inside = 0;
    }
    block_of_.push_back(static_cast<std::uint32_t>(block_begin_.size() - 1));
  }
  block_begin_.push_back(states);
}

std::uint32_t IntervalIndex::first_block_from(State state) const {
  return static_cast<std::uint32_t>(std::ranges::lower_bound(block_begin_, state) -
                                    block_begin_.begin());
}

void IntervalIndex::fill_open(std::size_t conditions, const std::vector<Span>& spans) {
  std::vector<Change> changes;
  for (const Span& span : spans) {
    const std::uint32_t begin = first_block_from(span.begin);
    const std::uint32_t end = span.end == block_begin_.back()
                                  ? static_cast<std::uint32_t>(block_begin_.size() - 1)
                                  : block_of_[span.end];
    if (begin >= end) continue;
    changes.push_back({begin, span.condition, +1});
    changes.push_back({end, span.condition, -1});
  }
  changes = sorted(std::move(changes));
  std::vector<std::int32_t> covers(conditions);
  std::vector<Line> open(lines_, ~Line{});
  auto change = changes.begin();
  for (std::uint32_t block = 0; block + 1 < block_begin_.size(); ++block) {
    for (; change != changes.end() && change->block == block; ++change) {
      const std::uint32_t id = change->condition;
      covers[id] += change->by;
      const std::uint64_t bit = std::uint64_t(1) << (id % 64);
      Line& line = open[id / line_bits];
      const std::size_t word = id / 64 % line_words;
      line[word] = covers[id] > 0 ? line[word] & ~bit : line[word] | bit;
    }
    open_.insert(open_.end(), open.begin(), open.end());
  }
}

void IntervalIndex::fill_partial(const std::vector<Span>& spans) {
  std::vector<std::pair<std::uint32_t, Span>> placed;
  const auto begins_block = [&](State state) {
    return state == block_begin_.back() || block_begin_[block_of_[state]] == state;
  };
  for (const Span& span : spans) {
    if (span.begin == span.end) continue;
    const bool cut_at_begin = !begins_block(span.begin);
    if (cut_at_begin) placed.push_back({block_of_[span.begin], span});
    if (begins_block(span.end)) continue;
    if (!cut_at_begin || block_of_[span.end] != block_of_[span.begin])
      placed.push_back({block_of_[span.end], span});
  }
  std::ranges::stable_sort(placed, {}, [](const auto& entry) { return entry.first; });
  for (std::uint32_t block = 0; block + 1 < block_begin_.size(); ++block) {
    partial_begin_.push_back(partial_.size());
    while (partial_.size() < placed.size() && placed[partial_.size()].first == block)
      partial_.push_back(placed[partial_.size()].second);
  }
  partial_begin_.push_back(partial_.size());
}

}  // namespace callboard::conditions
