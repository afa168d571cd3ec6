#include "conditions/matcher.hpp"

#include <algorithm>
#include <bit>

namespace callboard::conditions {

void Matcher::Scratch::begin(std::span<const Value* const> slots, std::size_t predicates) {
  ++round_;
  if (readings_.size() < slots.size()) readings_.resize(slots.size());
  Reading* reading = readings_.data();
  for (const Value* value : slots) {
    __builtin_prefetch(value);
    (reading++)->reset(value);
  }
  if (memo_.size() < predicates) memo_.resize(predicates);
}

void Matcher::match(std::span<const Value* const> slots, Scratch& scratch,
                    std::vector<std::uint32_t>& matched) const {
  matched.clear();
  scratch.begin(slots, predicates_.size());
  if (axes_.empty()) return run_all(scratch, matched);
  const bool is_index_complete = narrow(scratch);
  combine(scratch);
  strike_partial(scratch);
  collect(is_index_complete, scratch, matched);
}

// Without an index and without a memo, for few steps.
void Matcher::run_all(Scratch& scratch, std::vector<std::uint32_t>& matched) const {
  const auto number_of_conditions = static_cast<std::uint32_t>(programs_.size());
  for (std::uint32_t condition = 0; condition < number_of_conditions; ++condition) {
    Place place = programs_[condition].whole;
    while (place < reject) {
      const Step& step = steps_[place];
      place = test_predicate(step.predicate, scratch) ? step.on_true : step.on_false;
    }
    if (place == accept) matched.push_back(condition);
  }
}

// Looks every axis up. False if one could not be used, because its value is an array: then the
// conditions that it might have ruled out are marked as unfinished.
bool Matcher::narrow(Scratch& scratch) const {
  scratch.open_.clear();
  scratch.partial_.clear();
  bool is_complete = true;
  for (const IndexedAxis& axis : axes_) {
    const State state = axis.axis.state_of(scratch.readings_[axis.slot]);
    if (state != Axis::several) {
      const IntervalIndex::Block block = axis.index.block_of(state);
      scratch.open_.push_back(block.open);
      if (!block.partial.empty()) scratch.partial_.push_back({state, block.partial});
      continue;
    }
    if (is_complete) scratch.unfinished_ = unindexed_;
    is_complete = false;
    for (std::size_t i = 0; i < axis.members.size(); ++i) scratch.unfinished_[i] |= axis.members[i];
  }
  return is_complete;
}

void Matcher::combine(Scratch& scratch) const {
  scratch.survivors_.resize(everything_.size());
  for (std::size_t i = 0; i < everything_.size(); ++i) {
    Line line = everything_[i];
    for (const Line* open : scratch.open_) line &= open[i];
    scratch.survivors_[i] = line;
  }
}

void Matcher::strike_partial(Scratch& scratch) const {
  for (const auto& [state, spans] : scratch.partial_) {
    for (const Span& span : spans) {
      const std::uint64_t ruled_out = span.begin <= state && state < span.end ? 1 : 0;
      Line& line = scratch.survivors_[span.condition / line_bits];
      const std::size_t word = span.condition / 64 % line_words;
      line[word] &= ~(ruled_out << (span.condition % 64));
    }
  }
}

void Matcher::collect(bool is_index_complete, Scratch& scratch,
                      std::vector<std::uint32_t>& matched) const {
  const auto& unfinished = is_index_complete ? unindexed_ : scratch.unfinished_;
  for (std::size_t i = 0; i < unfinished.size(); ++i) {
    for (std::uint64_t left = scratch.survivors_[i / line_words][i % line_words]; left != 0;
         left &= left - 1) {
      const auto bit = static_cast<std::uint32_t>(std::countr_zero(left));
      const auto condition = static_cast<std::uint32_t>(i * 64 + bit);
      if ((unfinished[i] >> bit & 1) != 0) {
        const Program& program = programs_[condition];
        if (!run(is_index_complete ? program.rest : program.whole, scratch)) continue;
      }
      matched.push_back(condition);
    }
  }
}

bool Matcher::run(Place place, Scratch& scratch) const {
  while (place < reject) {
    const Step& step = steps_[place];
    place = holds(step.predicate, scratch) ? step.on_true : step.on_false;
  }
  return place == accept;
}

bool Matcher::holds(std::uint32_t predicate, Scratch& scratch) const {
  std::uint64_t& memo = scratch.memo_[predicate];
  if (memo >> 1 == scratch.round_) return (memo & 1) != 0;
  const bool result = test_predicate(predicate, scratch);
  memo = scratch.round_ << 1 | (result ? 1 : 0);
  return result;
}

bool Matcher::test_predicate(std::uint32_t predicate, Scratch& scratch) const {
  const SharedPredicate& shared = predicates_[predicate];
  const Outcome outcome =
      test(*shared.predicate, scratch.readings_[shared.slot], shared.rollout_group);
  return is_true(outcome, shared.predicate->op);
}

std::optional<std::int64_t> Matcher::next_edge_after(std::int64_t unix_ms) const {
  if (changes_always_) return unix_ms + 1;
  const auto edge = std::ranges::upper_bound(edges_ms_, unix_ms);
  return edge == edges_ms_.end() ? std::nullopt : std::optional(*edge);
}

}  // namespace callboard::conditions
