#pragma once

// For each state of an axis: which conditions does it rule out? A bitmap for every state would do,
// but neighbours differ in a few bits only. So states are grouped into blocks: one bitmap of what
// the whole block leaves open, and a bounded list of what only some of its states rule out.
//
// Immutable once built. Memory grows with the spans, not with states × conditions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "conditions/axis.hpp"

namespace callboard::conditions {

// A cache line of bits, 512 conditions; the compiler's vector type, so that lines are combined
// with the widest instructions that the target has.
using Line = std::uint64_t __attribute__((vector_size(64)));
inline constexpr std::size_t line_words = 8;
inline constexpr std::size_t line_bits = 512;

inline std::size_t lines_for(std::size_t bits) {
  return (bits + line_bits - 1) / line_bits;
}

// Any state in the range rules this condition out.
struct Span {
  State begin;
  State end;
  std::uint32_t condition;
};

class IntervalIndex {
 public:
  // Spans of one condition may overlap.
  IntervalIndex(State states, std::size_t conditions, const std::vector<Span>& spans);

  struct Block {
    const Line* open;               // conditions that no span of the whole block rules out
    std::span<const Span> partial;  // spans that cover some of the block's states
  };
  Block block_of(State state) const {
    const std::uint32_t block = block_of_[state];
    return {&open_[block * lines_],
            {partial_.data() + partial_begin_[block], partial_.data() + partial_begin_[block + 1]}};
  }

 private:
  void choose_blocks(State states, const std::vector<Span>& spans);
  void fill_open(std::size_t conditions, const std::vector<Span>& spans);
  void fill_partial(const std::vector<Span>& spans);
  // The first block that begins at or after this state.
  std::uint32_t first_block_from(State state) const;

  std::size_t lines_;
  std::vector<std::uint32_t> block_of_;
  std::vector<State> block_begin_;  // and the number of states as the last entry
  std::vector<Line> open_;
  std::vector<Span> partial_;
  std::vector<std::size_t> partial_begin_;
};

}  // namespace callboard::conditions
