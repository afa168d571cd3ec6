#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <map>
#include <utility>

#include "conditions/matcher.hpp"

namespace callboard::conditions {
namespace {

// When all programs together have no more steps, running them is faster than looking axes up.
constexpr std::size_t few_steps = 6;

// A requirement of one condition that an axis can decide.
struct Literal {
  std::uint32_t predicate;
  bool negated;
  std::uint32_t condition;
};

void set_bit(std::vector<std::uint64_t>& bits, std::uint32_t at) {
  bits[at / 64] |= std::uint64_t(1) << (at % 64);
}

// The milliseconds at which a comparison of `now` with this instant changes: the first one that is
// not before the instant, and the first one after it.
void add_edges(const Instant& instant, std::vector<std::int64_t>& edges_ms) {
  constexpr std::int32_t ms_nanoseconds = 1'000'000;
  const std::int64_t floor_ms = instant.unix_s * 1000 + instant.nanoseconds / ms_nanoseconds;
  if (instant.nanoseconds % ms_nanoseconds == 0) edges_ms.push_back(floor_ms);
  edges_ms.push_back(floor_ms + 1);
}

}  // namespace

class MatcherBuilder {
 public:
  MatcherBuilder(Matcher& matcher, std::size_t max_spans)
      : matcher_(matcher), max_spans_(max_spans) {}

  void build(std::span<const Condition> conditions) {
    const std::size_t words = (conditions.size() + 63) / 64;
    matcher_.unindexed_.resize(words);
    matcher_.everything_.resize(lines_for(conditions.size()));
    for (const Condition& condition : conditions) add(condition);
    if (writer_.steps().size() > few_steps) {
      for (const auto& [place, literals] : axes_) add_axis(place.first, place.second, literals);
    }
    matcher_.steps_ = std::move(writer_.steps());
    std::ranges::sort(matcher_.edges_ms_);
  }

 private:
  void add(const Condition& condition) {
    const auto id = static_cast<std::uint32_t>(matcher_.programs_.size());
    matcher_.everything_[id / line_bits][id / 64 % line_words] |= std::uint64_t(1) << (id % 64);
    rollout_group_ = &condition.rollout_group();
    std::vector<Conjunct> indexed;
    std::vector<Conjunct> rest;
    for (const Conjunct& part : conjuncts_of(condition.root())) {
      const bool is_plain =
          part.node->logic == Logic::leaf && axis_kind_of(*part.node->predicate) != AxisKind::none;
      (is_plain ? indexed : rest).push_back(part);
    }
    if (!rest.empty()) set_bit(matcher_.unindexed_, id);
    const Place rest_place = writer_.write_all(std::move(rest), accept);
    matcher_.programs_.push_back({writer_.write_all(indexed, rest_place), rest_place});
    for (const Conjunct& part : indexed) add_literal(part, id);
  }

  void add_literal(const Conjunct& part, std::uint32_t condition) {
    const std::uint32_t number = number_of(part.node->predicate);
    const auto& shared = matcher_.predicates_[number];
    axes_[{shared.slot, axis_kind_of(*shared.predicate)}].push_back(
        {number, part.negated, condition});
  }

  std::uint32_t number_of(const std::shared_ptr<const Predicate>& predicate) {
    // What a rollout means depends on its condition; anything else is known by its address too.
    if (predicate->type == TargetType::percent) return number_by_identity(predicate);
    const auto [known, is_new] = seen_.try_emplace(predicate.get());
    if (is_new) known->second = number_by_identity(predicate);
    return known->second;
  }

  // Predicates that hold of the same values get the same number.
  std::uint32_t number_by_identity(const std::shared_ptr<const Predicate>& predicate) {
    const auto next = static_cast<std::uint32_t>(matcher_.predicates_.size());
    const auto [known, is_new] = numbers_.emplace(identity_of(*predicate, *rollout_group_), next);
    if (!is_new) return known->second;
    matcher_.predicates_.push_back({predicate, slot_of(predicate->variable), {}});
    if (predicate->type == TargetType::percent)
      matcher_.predicates_.back().rollout_group = *rollout_group_;
    if (predicate->variable == "now") add_edges_of(*predicate);
    return next;
  }

  std::uint32_t slot_of(const std::string& variable) {
    const auto next = static_cast<std::uint32_t>(matcher_.variables_.size());
    const auto [known, is_new] = slots_.emplace(variable, next);
    if (is_new) matcher_.variables_.push_back(variable);
    return known->second;
  }

  void add_edges_of(const Predicate& predicate) {
    if (predicate.type == TargetType::percent) matcher_.changes_always_ = true;
    if (const auto* instant = std::get_if<Instant>(&predicate.target))
      add_edges(*instant, matcher_.edges_ms_);
    if (const auto* numbers = std::get_if<Numbers>(&predicate.target)) {
      for (const double number : *numbers) {
        if (const auto instant = instant_from_unix_seconds(number))
          add_edges(*instant, matcher_.edges_ms_);
      }
    }
  }

  void add_axis(std::uint32_t slot, AxisKind kind, const std::vector<Literal>& literals) {
    std::vector<const Predicate*> predicates;
    for (const Literal& literal : literals)
      predicates.push_back(matcher_.predicates_[literal.predicate].predicate.get());
    std::ranges::sort(predicates);
    const auto repeated = std::ranges::unique(predicates);
    predicates.erase(repeated.begin(), repeated.end());

    Axis axis(kind, predicates);
    std::vector<std::uint64_t> members(matcher_.unindexed_.size());
    std::vector<Span> spans;
    for (const Literal& literal : literals) add_spans(axis, literal, spans, members);
    IntervalIndex index(axis.state_count(), matcher_.programs_.size(), spans);
    matcher_.axes_.push_back({slot, std::move(axis), std::move(index), std::move(members)});
  }

  void add_spans(const Axis& axis, const Literal& literal, std::vector<Span>& spans,
                 std::vector<std::uint64_t>& members) {
    const StateSet& truth = truth_of(axis, literal.predicate);
    span_count_ += truth.size() + 1;
    if (span_count_ > max_spans_) return leave_to_program(literal.condition);
    set_bit(members, literal.condition);
    const StateSet ruled_out = literal.negated ? truth : complement(truth, axis.state_count());
    for (const StateRange& range : ruled_out)
      spans.push_back({range.begin, range.end, literal.condition});
  }

  // Predicates are shared, so their sets are worked out once.
  const StateSet& truth_of(const Axis& axis, std::uint32_t predicate) {
    truths_.resize(matcher_.predicates_.size());
    StateSet& truth = truths_[predicate];
    if (truth.empty()) truth = axis.truth_of(*matcher_.predicates_[predicate].predicate);
    return truth;
  }

  void leave_to_program(std::uint32_t condition) {
    set_bit(matcher_.unindexed_, condition);
    Matcher::Program& program = matcher_.programs_[condition];
    program.rest = program.whole;
  }

  Matcher& matcher_;
  std::size_t max_spans_;
  const std::string* rollout_group_ = nullptr;  // of the condition that is being added
  ProgramWriter writer_{[this](const auto& predicate) { return number_of(predicate); }};
  boost::unordered_flat_map<const Predicate*, std::uint32_t> seen_;
  boost::unordered_flat_map<std::string, std::uint32_t, std::hash<std::string>> numbers_;
  boost::unordered_flat_map<std::string, std::uint32_t> slots_;
  std::vector<StateSet> truths_;  // by predicate
  std::map<std::pair<std::uint32_t, AxisKind>, std::vector<Literal>> axes_;
  std::size_t span_count_ = 0;
};

Matcher::Matcher(std::span<const Condition> conditions, std::size_t max_spans) {
  MatcherBuilder(*this, max_spans).build(conditions);
}

}  // namespace callboard::conditions
