#include "conditions/predicate.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "conditions/number.hpp"
#include "conditions/rollout.hpp"

namespace callboard::conditions {
namespace {

Outcome outcome(bool holds) {
  return holds ? Outcome::holds : Outcome::fails;
}

bool is_list_operator(Operator op) {
  return op == Operator::in || op == Operator::not_in;
}

template <typename T>
bool is_listed(const T& value, const std::vector<T>& list) {
  return std::ranges::binary_search(list, value);
}

// Which of less, equal and greater an operator is content with, as bits 0 to 2.
constexpr unsigned orders_of[] = {2, 5, 1, 3, 4, 6};

template <typename T>
unsigned order(const T& value, const T& target) {
  const auto result = value <=> target;
  return result < 0 ? 0 : result > 0 ? 2 : 1;
}

// Neither is NaN; without branches, which users' values make hard to predict.
unsigned order(double value, double target) {
  return static_cast<unsigned>(1 + (value > target) - (value < target));
}

template <typename T>
bool compare(Operator op, const T& value, const T& target) {
  return (orders_of[static_cast<std::size_t>(op)] >> order(value, target) & 1) != 0;
}

// Everything but the list operators compares with one target.
template <typename T>
bool compare(Operator op, const T& value, const std::vector<T>& targets) {
  if (is_list_operator(op)) return is_listed(value, targets) == (op == Operator::in);
  return compare(op, value, targets.front());
}

// The list operators look at an array's elements and pass over those of another type; for every
// other operator an array is malformed.
template <typename T>
Outcome test_elements(Operator op, const Value::Array& elements, const std::vector<T>& targets,
                      std::optional<T> (*read)(const Value&)) {
  if (!is_list_operator(op)) return Outcome::malformed;
  const bool found = std::ranges::any_of(elements, [&](const Value& element) {
    const std::optional<T> value = read(element);
    return value && is_listed(*value, targets);
  });
  return outcome(found == (op == Operator::in));
}

Outcome test_number(const Predicate& predicate, Reading& reading) {
  const auto& targets = *std::get_if<Numbers>(&predicate.target);
  if (reading.kind() == Value::Kind::array)
    return test_elements(predicate.op, reading.value().array(), targets, read_number);
  const auto& value = reading.number();
  return value ? outcome(compare(predicate.op, *value, targets)) : Outcome::malformed;
}

Outcome test_version(const Predicate& predicate, Reading& reading) {
  const auto& targets = std::get_if<Versions>(&predicate.target)->versions;
  if (reading.kind() == Value::Kind::array)
    return test_elements(predicate.op, reading.value().array(), targets, read_version);
  const auto& value = reading.version();
  return value ? outcome(compare(predicate.op, *value, targets)) : Outcome::malformed;
}

Outcome test_boolean(const Predicate& predicate, const Reading& reading) {
  const auto value = read_boolean(reading.value());
  if (!value) return Outcome::malformed;
  const bool equal = *value == *std::get_if<bool>(&predicate.target);
  return outcome(equal == (predicate.op == Operator::equal));
}

Outcome test_instant(const Predicate& predicate, Reading& reading) {
  const auto& value = reading.instant();
  if (!value) return Outcome::malformed;
  return outcome(compare(predicate.op, *value, *std::get_if<Instant>(&predicate.target)));
}

bool compare_text(Operator op, const std::string& text, const Strings& targets) {
  const auto any = [&](auto&& holds) { return std::ranges::any_of(targets, holds); };
  switch (op) {
    case Operator::contains:
      return any([&](const auto& part) { return text.find(part) != std::string::npos; });
    case Operator::not_contains:
      return text.find(targets.front()) == std::string::npos;
    case Operator::starts_with:
      return any([&](const auto& part) { return text.starts_with(part); });
    case Operator::ends_with:
      return any([&](const auto& part) { return text.ends_with(part); });
    default:
      return compare(op, text, targets);
  }
}

Outcome test_text_elements(const Predicate& predicate, Reading& reading, const Strings& targets) {
  const bool positive = predicate.op == Operator::in || predicate.op == Operator::contains;
  const bool negative = predicate.op == Operator::not_in || predicate.op == Operator::not_contains;
  if (!positive && !negative) return Outcome::malformed;
  const bool found = std::ranges::any_of(reading.value().array(), [&](const Value& element) {
    if (element.kind() != Value::Kind::string) return false;
    return is_listed(
        predicate.ignore_case ? reading.fold_element(element.string()) : element.string(), targets);
  });
  return outcome(found == positive);
}

Outcome test_text(const Predicate& predicate, Reading& reading) {
  if (const auto* pattern = std::get_if<Pattern>(&predicate.target)) {
    if (reading.kind() != Value::Kind::string) return Outcome::malformed;
    return outcome(re2::RE2::PartialMatch(reading.value().string(), **pattern));
  }
  const auto& targets = *std::get_if<Strings>(&predicate.target);
  if (reading.kind() == Value::Kind::array) return test_text_elements(predicate, reading, targets);
  if (reading.kind() != Value::Kind::string) return Outcome::malformed;
  const std::string& text =
      predicate.ignore_case ? reading.folded_text() : reading.value().string();
  return outcome(compare_text(predicate.op, text, targets));
}

Outcome test_rollout(const Predicate& predicate, const Reading& reading,
                     std::string_view rollout_group) {
  const auto& rollout = *std::get_if<Rollout>(&predicate.target);
  const std::string_view group = rollout.group ? std::string_view(*rollout.group) : rollout_group;
  const Value& value = reading.value();
  if (value.kind() == Value::Kind::string)
    return outcome(rollout_bucket(group, value.string()) < rollout.hundredths);
  const auto key = rollout_key(value);
  if (!key) return Outcome::malformed;
  return outcome(rollout_bucket(group, *key) < rollout.hundredths);
}

Outcome test_by_type(const Predicate& predicate, Reading& reading, std::string_view rollout_group) {
  if (predicate.type == TargetType::none)
    return outcome((reading.kind() != Value::Kind::missing) == (predicate.op == Operator::exists));
  if (reading.kind() == Value::Kind::missing) return Outcome::missing;
  switch (predicate.type) {
    case TargetType::string:
      return test_text(predicate, reading);
    case TargetType::number:
      return test_number(predicate, reading);
    case TargetType::boolean:
      return test_boolean(predicate, reading);
    case TargetType::version:
      return test_version(predicate, reading);
    case TargetType::datetime:
      return test_instant(predicate, reading);
    default:
      return test_rollout(predicate, reading, rollout_group);
  }
}

}  // namespace

Outcome test(const Predicate& predicate, Reading& reading, std::string_view rollout_group) {
  // The two most frequent cases, without a jump that a processor would have to guess.
  if (predicate.type == TargetType::number && reading.kind() == Value::Kind::number)
    return outcome(
        compare(predicate.op, reading.value().number(), *std::get_if<Numbers>(&predicate.target)));
  if (predicate.type == TargetType::version && reading.kind() == Value::Kind::string)
    return test_version(predicate, reading);
  return test_by_type(predicate, reading, rollout_group);
}

std::optional<std::string> rollout_key(const Value& value) {
  if (value.kind() == Value::Kind::string) return value.string();
  if (const auto number = read_number(value)) return decimal_text(*number);
  return std::nullopt;
}

std::string_view name_of(TargetType type) {
  constexpr std::string_view names[] = {"",        "string",   "number", "boolean",
                                        "version", "datetime", "percent"};
  return names[static_cast<std::size_t>(type)];
}

}  // namespace callboard::conditions
