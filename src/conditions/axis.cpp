#include "conditions/axis.hpp"

#include <algorithm>

namespace callboard::conditions {
namespace {

AxisKind text_axis(const Predicate& predicate) {
  switch (predicate.op) {
    case Operator::equal:
    case Operator::not_equal:
    case Operator::in:
    case Operator::not_in:
      return predicate.ignore_case ? AxisKind::folded_text : AxisKind::text;
    default:
      return AxisKind::none;
  }
}

template <typename T>
void append(std::vector<T>& points, const std::vector<T>& more) {
  points.insert(points.end(), more.begin(), more.end());
}

template <typename T>
State close(std::vector<T>& points) {
  std::ranges::sort(points);
  const auto repeated = std::ranges::unique(points);
  points.erase(repeated.begin(), repeated.end());
  return static_cast<State>(2 * points.size() + 1);
}

}  // namespace

StateSet complement(const StateSet& set, State count) {
  StateSet rest;
  State from = 0;
  for (const StateRange& range : set) {
    if (from < range.begin) rest.push_back({from, range.begin});
    from = range.end;
  }
  if (from < count) rest.push_back({from, count});
  return rest;
}

AxisKind axis_kind_of(const Predicate& predicate) {
  switch (predicate.type) {
    case TargetType::none:
      return AxisKind::presence;
    case TargetType::boolean:
      return AxisKind::boolean;
    case TargetType::number:
      return AxisKind::number;
    case TargetType::version:
      return AxisKind::version;
    case TargetType::datetime:
      return AxisKind::instant;
    case TargetType::string:
      return text_axis(predicate);
    case TargetType::percent:
      break;
  }
  return AxisKind::none;
}

Axis::Axis(AxisKind kind, std::span<const Predicate* const> predicates) : kind_(kind) {
  for (const Predicate* predicate : predicates) add_points(*predicate);
  close_points();
}

void Axis::add_points(const Predicate& predicate) {
  if (predicate.op == Operator::in || predicate.op == Operator::not_in) has_list_operators_ = true;
  if (const auto* numbers = std::get_if<Numbers>(&predicate.target)) append(numbers_, *numbers);
  if (const auto* versions = std::get_if<Versions>(&predicate.target))
    append(versions_, versions->versions);
  if (const auto* instant = std::get_if<Instant>(&predicate.target)) instants_.push_back(*instant);
  if (const auto* strings = std::get_if<Strings>(&predicate.target)) {
    for (const std::string& text : *strings)
      texts_.emplace(text, static_cast<State>(elsewhere + 1 + texts_.size()));
  }
}

void Axis::close_points() {
  switch (kind_) {
    case AxisKind::number:
      state_count_ = elsewhere + close(numbers_);
      break;
    case AxisKind::version:
      state_count_ = elsewhere + close(versions_);
      break;
    case AxisKind::instant:
      state_count_ = elsewhere + close(instants_);
      break;
    case AxisKind::boolean:
      state_count_ = elsewhere + 2;
      break;
    default:
      state_count_ = elsewhere + 1 + static_cast<State>(texts_.size());
  }
}

// Even places are the gaps before, between and after the points; odd ones are the points.
template <typename T>
State Axis::place_of(const T& value, const std::vector<T>& points) {
  // A binary search whose steps are conditional moves, not branches that cannot be predicted.
  const T* from = points.data();
  for (std::size_t left = points.size(); left > 1;) {
    const std::size_t half = left / 2;
    from = from[half - 1] < value ? from + half : from;
    left -= half;
  }
  auto index = static_cast<std::size_t>(from - points.data());
  if (index < points.size() && points[index] < value) ++index;
  const bool at_point = index < points.size() && points[index] == value;
  return static_cast<State>(elsewhere + 2 * index + (at_point ? 1 : 0));
}

State Axis::place_of_text(std::string_view text) const {
  const auto found = texts_.find(text);
  return found == texts_.end() ? elsewhere : found->second;
}

State Axis::state_of(Reading& reading) const {
  const Value::Kind kind = reading.kind();
  if (kind == Value::Kind::missing) return missing;
  if (kind == Value::Kind::array && has_list_operators_) return several;
  switch (kind_) {
    case AxisKind::number:
      return reading.number() ? place_of(*reading.number(), numbers_) : malformed;
    case AxisKind::version:
      return reading.version() ? place_of(*reading.version(), versions_) : malformed;
    case AxisKind::instant:
      return reading.instant() ? place_of(*reading.instant(), instants_) : malformed;
    case AxisKind::text:
      return kind == Value::Kind::string ? place_of_text(reading.value().string()) : malformed;
    case AxisKind::folded_text:
      return kind == Value::Kind::string ? place_of_text(reading.folded_text()) : malformed;
    case AxisKind::boolean: {
      const auto flag = read_boolean(reading.value());
      return !flag ? malformed : *flag ? elsewhere + 1 : elsewhere;
    }
    default:
      return elsewhere;
  }
}

std::vector<State> Axis::places_of(const Predicate& predicate) const {
  std::vector<State> places;
  if (const auto* numbers = std::get_if<Numbers>(&predicate.target)) {
    for (const double number : *numbers) places.push_back(place_of(number, numbers_));
  } else if (const auto* versions = std::get_if<Versions>(&predicate.target)) {
    for (const Version& version : versions->versions)
      places.push_back(place_of(version, versions_));
  } else if (const auto* strings = std::get_if<Strings>(&predicate.target)) {
    for (const std::string& text : *strings) places.push_back(place_of_text(text));
  } else if (const auto* instant = std::get_if<Instant>(&predicate.target)) {
    places.push_back(place_of(*instant, instants_));
  } else if (const auto* flag = std::get_if<bool>(&predicate.target)) {
    places.push_back(*flag ? elsewhere + 1 : elsewhere);
  }
  std::ranges::sort(places);
  return places;
}

StateSet Axis::truth_of(const Predicate& predicate) const {
  StateSet listed;
  for (const State place : places_of(predicate)) listed.push_back({place, place + 1});
  switch (predicate.op) {
    case Operator::less:
      return {{elsewhere, listed.front().begin}};
    case Operator::less_or_equal:
      return {{elsewhere, listed.front().end}};
    case Operator::greater:
      return {{listed.front().end, state_count_}};
    case Operator::greater_or_equal:
      return {{listed.front().begin, state_count_}};
    case Operator::not_equal:
    case Operator::not_in:
      listed.insert(listed.begin(), {malformed, malformed + 1});
      return complement(listed, state_count_);
    case Operator::exists:
      return {{malformed, state_count_}};
    case Operator::not_exists:
      return {{missing, missing + 1}};
    default:
      return listed;
  }
}

}  // namespace callboard::conditions
