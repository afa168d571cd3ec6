#include "tests/support/naive_conditions.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "conditions/murmur3.hpp"

namespace callboard::testing {
namespace {

namespace json = boost::json;
using json::value;
using re2::RE2;

std::string text_of(const value& v) {
  return std::string(v.as_string());
}

// Each type's reader gives something that can be compared with <, or nothing.

std::optional<double> number(const value& v) {
  if (v.is_number() && std::isfinite(v.to_number<double>())) return v.to_number<double>();
  if (!v.is_string()) return {};
  const std::string text = text_of(v);
  static const RE2 syntax(R"([-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  if (!RE2::FullMatch(text, syntax)) return {};
  const double result = std::strtod(text.c_str(), nullptr);
  return std::isfinite(result) ? std::optional(result) : std::nullopt;
}

std::optional<bool> boolean(const value& v) {
  if (v.is_bool()) return v.as_bool();
  if (v == value("true")) return true;
  if (v == value("false")) return false;
  return {};
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == '.')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

// Sorts as precedence does: numbers by length and digits, a release above its pre-releases.
using VersionKey = std::vector<std::string>;

std::string numeric_key(const std::string& digits) {
  std::string size = std::to_string(digits.size());
  return "0" + std::string(8 - size.size(), '0') + size + digits;
}

bool is_digits(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<VersionKey> version(const value& v) {
  if (!v.is_string()) return {};
  std::string major, minor = "0", patch = "0", minor_match, patch_match, prerelease;
  static const RE2 syntax(
      R"([vV]?(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*))?)?)"
      R"((?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)");
  if (!RE2::FullMatch(text_of(v), syntax, &major, &minor_match, &patch_match, &prerelease))
    return {};
  if (!minor_match.empty()) minor = minor_match;
  if (!patch_match.empty()) patch = patch_match;
  VersionKey key{numeric_key(major), numeric_key(minor), numeric_key(patch)};
  if (prerelease.empty()) return key.push_back("2"), key;
  key.push_back("1");
  for (const std::string& part : split(prerelease)) {
    if (is_digits(part) && part.size() > 1 && part[0] == '0') return {};
    key.push_back(is_digits(part) ? numeric_key(part) : "1" + part);
  }
  return key;
}

// Nanoseconds, in a double wide enough for the years in question.
std::optional<long double> instant(const value& v) {
  if (v.is_number()) {
    const double seconds = v.to_number<double>();
    if (!(seconds >= -62167219200.0 && seconds < 253402300800.0)) return {};
    const double whole = std::floor(seconds);
    return static_cast<long double>(whole) * 1e9L + std::round((seconds - whole) * 1e6) * 1e3L;
  }
  if (!v.is_string()) return {};
  std::tm tm{};
  std::string fraction, offset;
  static const RE2 syntax(R"((\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(.+))");
  if (!RE2::FullMatch(text_of(v), syntax, &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
                      &tm.tm_min, &tm.tm_sec, &fraction, &offset))
    return {};
  if (tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60) return {};
  char sign = '+';
  std::string sign_text;
  int offset_hours = 0, offset_minutes = 0;
  if (offset != "Z" && offset != "z") {
    if (!RE2::FullMatch(offset, R"(([-+])(\d\d):(\d\d))", &sign_text, &offset_hours,
                        &offset_minutes) ||
        offset_hours > 23 || offset_minutes > 59)
      return {};
    sign = sign_text[0];
  }
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  std::tm normal = tm;
  normal.tm_sec = 0;
  std::time_t time = ::timegm(&normal);
  if (normal.tm_mday != tm.tm_mday || normal.tm_mon != tm.tm_mon) return {};
  time += tm.tm_sec;
  const int offset_seconds = offset_hours * 3600 + offset_minutes * 60;
  time -= sign == '-' ? -offset_seconds : offset_seconds;
  if (tm.tm_sec == 60 && time % 86400 != 0) return {};
  fraction.resize(10, '0');
  const long double nanoseconds = fraction[0] == '.' ? std::stold(fraction.substr(1)) : 0;
  return static_cast<long double>(time) * 1e9L + nanoseconds;
}

enum class Result { no, yes, malformed };
Result result(bool holds) {
  return holds ? Result::yes : Result::no;
}

template <typename Read>
Result ordered(const std::string& op, const value& v, const value& target, Read read) {
  const auto equals_any = [&](const value& candidate) {
    const auto left = read(candidate);
    return left && std::ranges::any_of(target.as_array(),
                                       [&](const value& entry) { return *left == *read(entry); });
  };
  const bool is_list = op == "in" || op == "not_in";
  if (v.is_array()) {
    if (!is_list) return Result::malformed;
    return result(std::ranges::any_of(v.as_array(), equals_any) == (op == "in"));
  }
  const auto left = read(v);
  if (!left) return Result::malformed;
  if (is_list) return result(equals_any(v) == (op == "in"));
  const auto right = read(target);
  if (op == "==") return result(*left == *right);
  if (op == "!=") return result(*left != *right);
  if (op == "<" || op == "before") return result(*left < *right);
  if (op == "<=") return result(*left <= *right);
  if (op == ">" || op == "after") return result(*left > *right);
  return result(*left >= *right);
}

// Patterns recur; compiling them anew would take most of the time.
const RE2& compiled(const std::string& pattern, bool ignore_case) {
  constexpr std::size_t max_kept = 1'000;
  static std::map<std::pair<std::string, bool>, std::unique_ptr<RE2>> kept;
  if (kept.size() > max_kept) kept.clear();
  auto& entry = kept[{pattern, ignore_case}];
  if (entry == nullptr) {
    RE2::Options options;
    options.set_case_sensitive(!ignore_case);
    options.set_log_errors(false);
    entry = std::make_unique<RE2>(pattern, options);
  }
  return *entry;
}

Result text(const std::string& op, const value& v, const value& target, bool ignore_case) {
  const auto finds = [&](const value& subject, const std::string& pattern) {
    return RE2::PartialMatch(text_of(subject), compiled(pattern, ignore_case));
  };
  const auto finds_any = [&](const value& subject, const char* before, const char* after) {
    const auto find_one = [&](const value& part) {
      return finds(subject, before + RE2::QuoteMeta(text_of(part)) + after);
    };
    if (!target.is_array()) return find_one(target);
    return std::ranges::any_of(target.as_array(), find_one);
  };
  const auto is_any = [&](const value& v2) {
    return v2.is_string() && finds_any(v2, "\\A", "\\z");
  };
  const bool is_negative = op.starts_with("not_") || op == "!=";
  if (v.is_array()) {
    if (op != "in" && op != "not_in" && op != "contains" && op != "not_contains")
      return Result::malformed;
    return result(std::ranges::any_of(v.as_array(), is_any) != is_negative);
  }
  if (!v.is_string()) return Result::malformed;
  if (op == "matches") return result(finds(v, text_of(target)));
  if (op == "contains" || op == "not_contains") return result(finds_any(v, "", "") != is_negative);
  if (op == "starts_with") return result(finds_any(v, "\\A", ""));
  if (op == "ends_with") return result(finds_any(v, "", "\\z"));
  return result(is_any(v) != is_negative);
}

Result rollout(const json::object& leaf, const value& v, const std::string& rollout_group) {
  std::string key;
  if (v.is_string()) {
    key = text_of(v);
  } else {
    // The generator's numbers are whole or have few decimals.
    const auto n = number(v);
    if (!n) return Result::malformed;
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.15g", *n);
    key = buffer;
  }
  const std::string group = leaf.contains("group") ? text_of(leaf.at("group")) : rollout_group;
  const std::uint32_t hash = conditions::murmur3_32(group + ":" + key);
  const double percent = *number(leaf.at("target"));
  return result(hash % 100 * 100 + hash / 100 % 100 <
                static_cast<std::uint32_t>(std::lround(percent * 100)));
}

bool leaf_matches(const json::object& leaf, const json::object& variables,
                  const std::string& rollout_group) {
  const std::string op = text_of(leaf.at("logic"));
  const value* found = variables.if_contains(leaf.at("variable").as_string());
  const bool is_present = found != nullptr && !found->is_null();
  if (op == "exists") return is_present;
  if (op == "not_exists") return !is_present;
  if (!is_present) return op == "!=" || op == "not_in" || op == "not_contains";
  const std::string type = text_of(leaf.at("target_type"));
  const value& target = leaf.at("target");
  if (type == "number") return ordered(op, *found, target, number) == Result::yes;
  if (type == "version") return ordered(op, *found, target, version) == Result::yes;
  if (type == "boolean") return ordered(op, *found, target, boolean) == Result::yes;
  if (type == "datetime") return ordered(op, *found, target, instant) == Result::yes;
  if (type == "percent") return rollout(leaf, *found, rollout_group) == Result::yes;
  const bool ignore_case = leaf.contains("ignore_case") && leaf.at("ignore_case").as_bool();
  return text(op, *found, target, ignore_case) == Result::yes;
}

}  // namespace

bool naively_matches(const value& condition, const json::object& variables,
                     const std::string& rollout_group) {
  if (condition.is_null() || condition.as_object().empty()) return true;
  const json::object& node = condition.as_object();
  if (!node.contains("conditions")) return leaf_matches(node, variables, rollout_group);
  if (node.at("conditions").is_null()) return true;
  const json::array& children = node.at("conditions").as_array();
  const auto matches = [&](const value& child) {
    return naively_matches(child, variables, rollout_group);
  };
  if (children.empty()) return true;
  if (node.at("logic") == value("!")) return !matches(children[0]);
  if (node.at("logic") == value("&&")) return std::ranges::all_of(children, matches);
  return std::ranges::any_of(children, matches);
}

}  // namespace callboard::testing
