#include "conditions/target.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <numeric>

#include "conditions/case_fold.hpp"
#include "conditions/number.hpp"
#include "conditions/rollout.hpp"

namespace callboard::conditions {
namespace {

namespace json = boost::json;

constexpr unsigned bit(TargetType type) {
  return 1u << static_cast<unsigned>(type);
}

constexpr unsigned strings = bit(TargetType::string);
constexpr unsigned ordered = bit(TargetType::number) | bit(TargetType::version);
constexpr unsigned instants = bit(TargetType::datetime);
constexpr unsigned booleans = bit(TargetType::boolean);

constexpr OperatorName operators[] = {
    {"==", Operator::equal, strings | ordered | booleans},
    {"!=", Operator::not_equal, strings | ordered | booleans},
    {"<", Operator::less, ordered | instants},
    {"<=", Operator::less_or_equal, ordered | instants},
    {">", Operator::greater, ordered | instants},
    {">=", Operator::greater_or_equal, ordered | instants},
    {"before", Operator::less, instants},
    {"after", Operator::greater, instants},
    {"in", Operator::in, strings | ordered},
    {"not_in", Operator::not_in, strings | ordered},
    {"contains", Operator::contains, strings},
    {"not_contains", Operator::not_contains, strings},
    {"starts_with", Operator::starts_with, strings},
    {"ends_with", Operator::ends_with, strings},
    {"matches", Operator::matches, strings},
    {"exists", Operator::exists, bit(TargetType::none)},
    {"not_exists", Operator::not_exists, bit(TargetType::none)},
    {"rollout", Operator::rollout, bit(TargetType::percent)},
};

bool must_be_list(Operator op) {
  return op == Operator::in || op == Operator::not_in;
}

bool may_be_list(Operator op) {
  return must_be_list(op) || op == Operator::contains || op == Operator::starts_with ||
         op == Operator::ends_with;
}

template <typename T>
void sort_unique(std::vector<T>& list) {
  std::ranges::sort(list);
  const auto repeated = std::ranges::unique(list);
  list.erase(repeated.begin(), repeated.end());
}

std::string read_string(const json::value& json, const Pointer& pointer) {
  if (!json.is_string()) refuse(pointer, "must be a string");
  check_length(json.get_string(), pointer);
  return std::string(json.get_string());
}

double read_target_number(const json::value& json, const Pointer& pointer) {
  constexpr double last_exact_whole_number = 9007199254740991;
  const auto number = read_number(value_from_json(json));
  if (!number) refuse(pointer, "must be a number");
  // Every double from here on is whole, and shared by several whole numbers.
  if (std::abs(*number) > last_exact_whole_number)
    refuse(pointer, "must be within 9007199254740991 either way");
  return *number + 0.0;  // -0 becomes 0
}

std::string read_version_text(const json::value& json, const Pointer& pointer) {
  std::string text = read_string(json, pointer);
  if (!parse_version(text)) refuse(pointer, "must be a version such as \"1.2.3\"");
  return text;
}

// One target, or a list of them where the operator takes one, each read by `read_one`.
template <typename T>
std::vector<T> read_list(const json::value& json, Operator op, const Pointer& pointer,
                         T (*read_one)(const json::value&, const Pointer&)) {
  if (!json.is_array()) {
    if (must_be_list(op)) refuse(pointer, "must be a list");
    return {read_one(json, pointer)};
  }
  if (!may_be_list(op)) refuse(pointer, "must not be a list");
  const json::array& elements = json.get_array();
  if (elements.size() > max_list_entries)
    refuse(pointer, "must have at most " + std::to_string(max_list_entries) + " entries");
  std::vector<T> list;
  list.reserve(elements.size());
  for (std::size_t i = 0; i < elements.size(); ++i)
    list.push_back(read_one(elements[i], pointer.element(i)));
  return list;
}

Target read_pattern(const json::value& json, bool ignore_case, const Pointer& pointer) {
  // RE2 counts its program in instructions of this size (re2/prog.h).
  constexpr std::size_t instruction_bytes = 8;
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(!ignore_case);
  auto pattern = std::make_shared<const re2::RE2>(read_string(json, pointer), options);
  if (!pattern->ok()) refuse(pointer, "not a pattern: " + pattern->error());
  const auto instructions = static_cast<std::size_t>(pattern->ProgramSize());
  if (instructions * instruction_bytes > max_pattern_program_bytes)
    refuse(pointer, "the pattern is too large");
  return pattern;
}

Target read_strings(const json::value& json, const Predicate& predicate, const Pointer& pointer) {
  if (predicate.op == Operator::matches) return read_pattern(json, predicate.ignore_case, pointer);
  Strings list = read_list(json, predicate.op, pointer, read_string);
  if (predicate.ignore_case) std::ranges::transform(list, list.begin(), folded);
  sort_unique(list);
  return list;
}

Target read_numbers(const json::value& json, Operator op, const Pointer& pointer) {
  Numbers list = read_list(json, op, pointer, read_target_number);
  sort_unique(list);
  return list;
}

Target read_versions(const json::value& json, Operator op, const Pointer& pointer) {
  Versions list{read_list(json, op, pointer, read_version_text), {}};
  std::ranges::sort(list.texts);
  for (const std::string& text : list.texts) list.versions.push_back(*parse_version(text));
  sort_unique(list.versions);
  return list;
}

Target read_instant_target(const json::value& json, const Pointer& pointer) {
  const auto instant = read_instant(value_from_json(json));
  if (!instant) refuse(pointer, "must be an RFC 3339 date-time with an offset, or Unix seconds");
  return *instant;
}

Target read_percent(const json::value& json, const Pointer& pointer) {
  const Value value = value_from_json(json);
  const auto text = rollout_key(value);
  const auto hundredths = text ? parse_percent(*text) : std::nullopt;
  if (!hundredths) refuse(pointer, "must be a percentage of 0-100 with at most two decimals");
  return Rollout{*hundredths, std::nullopt};
}

}  // namespace

const OperatorName* find_operator(std::string_view text) {
  const auto* found = std::ranges::find(operators, text, &OperatorName::text);
  return found == std::end(operators) ? nullptr : found;
}

bool goes_with(const OperatorName& name, TargetType type) {
  return (name.types & bit(type)) != 0;
}

std::optional<TargetType> find_target_type(std::string_view text) {
  for (const auto type : {TargetType::string, TargetType::number, TargetType::boolean,
                          TargetType::version, TargetType::datetime, TargetType::percent}) {
    if (name_of(type) == text) return type;
  }
  return std::nullopt;
}

Target read_target(const json::value& json, const Predicate& predicate, const Pointer& pointer) {
  switch (predicate.type) {
    case TargetType::string:
      return read_strings(json, predicate, pointer);
    case TargetType::number:
      return read_numbers(json, predicate.op, pointer);
    case TargetType::version:
      return read_versions(json, predicate.op, pointer);
    case TargetType::datetime:
      return read_instant_target(json, pointer);
    case TargetType::percent:
      return read_percent(json, pointer);
    default:
      break;
  }
  const auto flag = read_boolean(value_from_json(json));
  if (!flag) refuse(pointer, "must be true or false");
  return *flag;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t max_quoted_bytes = 64;
  return text.size() > max_quoted_bytes ? "(too long to show)" : '"' + std::string(text) + '"';
}

void refuse(const Pointer& pointer, std::string message) {
  throw ParseError{pointer.text(), std::move(message)};
}

void check_length(std::string_view text, const Pointer& pointer) {
  if (text.size() > max_string_bytes)
    refuse(pointer, "must have at most " + std::to_string(max_string_bytes) + " bytes");
}

}  // namespace callboard::conditions
