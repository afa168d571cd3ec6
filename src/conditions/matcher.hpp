#pragma once

// Many conditions against one set of variables: which of them hold? The cost grows with what
// matches and with the variables used, hardly with the number of conditions.
//
// A condition's plain requirements (comparisons, lists, presence) are turned into bitmaps over all
// conditions: each variable's value selects the bitmap of those that it leaves open, and what is
// open in all of them survives. Everything else in a condition (alternatives, substrings,
// rollouts) is a short program, run for survivors only, and no predicate is tested twice.
//
// Immutable, and safe to use from any number of threads, each with its own Scratch. It holds on to
// the parsed predicates it needs; the conditions it was built from may go.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "conditions/axis.hpp"
#include "conditions/condition.hpp"
#include "conditions/interval_index.hpp"
#include "conditions/program.hpp"

namespace callboard::conditions {

class Matcher {
 public:
  // What one call of match() works with. Reused for any matchers, one after the other; once it has
  // grown to their size, matching allocates nothing.
  class Scratch {
   public:
    Scratch() = default;

   private:
    friend class Matcher;
    struct PartialBlock {
      State state;
      std::span<const Span> spans;
    };
    void begin(std::span<const Value* const> slots, std::size_t predicates);

    std::vector<Reading> readings_;          // by slot
    std::vector<std::uint64_t> memo_;        // by predicate: round * 2 + result
    std::uint64_t round_ = 0;                // grows with each call, so that no memo needs erasing
    std::vector<const Line*> open_;          // what each axis leaves open
    std::vector<PartialBlock> partial_;      // and what it rules out besides, in this state
    std::vector<Line> survivors_;            // by condition
    std::vector<std::uint64_t> unfinished_;  // by condition: its program has to be run
  };

  // A ceiling for the index, so that thousands of long lists cannot take all memory: what is beyond
  // it is left to the programs. A span takes about 20 bytes.
  static constexpr std::size_t default_max_spans = 4'000'000;

  // Conditions are known by their position, 0 and up.
  explicit Matcher(std::span<const Condition> conditions,
                   std::size_t max_spans = default_max_spans);

  std::size_t size() const { return programs_.size(); }

  // The variables in use; a value's place in `slots` is its variable's place here.
  const std::vector<std::string>& variables() const { return variables_; }

  // Writes the conditions that hold, ascending. `slots` has one entry for each variable; null is
  // missing.
  void match(std::span<const Value* const> slots, Scratch& scratch,
             std::vector<std::uint32_t>& matched) const;

  // The first millisecond after `unix_ms` at which the variable `now` (Unix seconds as a number,
  // in whole milliseconds) may change an answer; nothing if it never will again.
  std::optional<std::int64_t> next_edge_after(std::int64_t unix_ms) const;

 private:
  friend class MatcherBuilder;

  struct SharedPredicate {
    std::shared_ptr<const Predicate> predicate;
    std::uint32_t slot;
    std::string rollout_group;
  };
  struct IndexedAxis {
    std::uint32_t slot;
    Axis axis;
    IntervalIndex index;
    std::vector<std::uint64_t> members;  // the conditions that it can rule out
  };
  struct Program {
    Place whole;
    Place rest;  // what the index does not decide
  };

  void run_all(Scratch& scratch, std::vector<std::uint32_t>& matched) const;
  bool narrow(Scratch& scratch) const;
  void combine(Scratch& scratch) const;
  void strike_partial(Scratch& scratch) const;
  void collect(bool is_index_complete, Scratch& scratch, std::vector<std::uint32_t>& matched) const;
  bool run(Place place, Scratch& scratch) const;
  bool holds(std::uint32_t predicate, Scratch& scratch) const;
  bool test_predicate(std::uint32_t predicate, Scratch& scratch) const;

  std::vector<std::string> variables_;
  std::vector<SharedPredicate> predicates_;
  std::vector<IndexedAxis> axes_;
  std::vector<Step> steps_;
  std::vector<Program> programs_;         // by condition
  std::vector<Line> everything_;          // a bit for each condition
  std::vector<std::uint64_t> unindexed_;  // by condition: the index does not decide it wholly
  std::vector<std::int64_t> edges_ms_;    // ascending
  bool changes_always_ = false;           // `now` is the key of a rollout
};

}  // namespace callboard::conditions
