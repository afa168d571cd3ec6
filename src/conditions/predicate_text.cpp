// What a predicate is called: its identity, for sharing, and its JSON, for people.

#include <re2/re2.h>

#include <boost/json.hpp>

#include "conditions/number.hpp"
#include "conditions/predicate.hpp"

namespace callboard::conditions {
namespace {

namespace json = boost::json;

// With its length in front, so that no two different sequences of texts give the same whole.
void append_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void append_texts(std::string& out, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) append_text(out, text);
}

std::string_view group_of(const Rollout& rollout, std::string_view fallback) {
  return rollout.group ? std::string_view(*rollout.group) : fallback;
}

struct TargetIdentity {
  std::string& out;
  std::string_view rollout_group;

  void operator()(std::monostate) const {}
  void operator()(const Strings& strings) const { append_texts(out, strings); }
  void operator()(const Versions& versions) const { append_texts(out, versions.texts); }
  void operator()(const Pattern& pattern) const { append_text(out, pattern->pattern()); }
  void operator()(bool flag) const { out += flag ? 't' : 'f'; }
  void operator()(const Numbers& numbers) const {
    for (const double number : numbers) append_text(out, decimal_text(number));
  }
  void operator()(const Instant& instant) const {
    append_text(out, std::to_string(instant.unix_s));
    append_text(out, std::to_string(instant.nanoseconds));
  }
  void operator()(const Rollout& rollout) const {
    append_text(out, std::to_string(rollout.hundredths));
    append_text(out, group_of(rollout, rollout_group));
  }
};

}  // namespace

std::string identity_of(const Predicate& predicate, std::string_view rollout_group) {
  std::string out;
  append_text(out, predicate.variable);
  out += static_cast<char>('a' + static_cast<int>(predicate.op));
  out += static_cast<char>('A' + static_cast<int>(predicate.type));
  out += predicate.ignore_case ? 'i' : 'c';
  std::visit(TargetIdentity{out, rollout_group}, predicate.target);
  return out;
}

json::object predicate_to_json(const Predicate& predicate, std::string_view rollout_group) {
  json::object leaf;
  leaf["variable"] = predicate.variable;
  leaf["logic"] = predicate.logic;
  if (predicate.type == TargetType::none) return leaf;
  leaf["target"] = predicate.written_target;
  leaf["target_type"] = name_of(predicate.type);
  if (predicate.ignore_case) leaf["ignore_case"] = true;
  if (const auto* rollout = std::get_if<Rollout>(&predicate.target))
    leaf["group"] = group_of(*rollout, rollout_group);
  return leaf;
}

}  // namespace callboard::conditions
