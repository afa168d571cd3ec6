#pragma once

// Short ways to say a condition, a user, and what is expected of them.

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "conditions/evaluate.hpp"

namespace callboard::testing {

inline conditions::Condition parsed(std::string_view text) {
  const auto condition =
      conditions::parse(parse_json(text, 1'000), {.is_declared = {}, .allow_bare_leaf = true});
  if (!condition) {
    ADD_FAILURE() << text << ": " << condition.error().pointer << " " << condition.error().message;
    return {};
  }
  return *condition;
}

// Variables by name, from a JSON object.
class Variables {
 public:
  explicit Variables(std::string_view text) : json_(parse_json(text).as_object()) {
    for (const auto& member : json_)
      values_[member.key()] = conditions::value_from_json(member.value());
  }

  const boost::json::object& json() const { return json_; }
  const conditions::Value* find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? nullptr : &found->second;
  }
  conditions::VariableLookup lookup() const {
    return [this](std::string_view name) { return find(name); };
  }

 private:
  boost::json::object json_;
  std::map<std::string, conditions::Value, std::less<>> values_;
};

// A leaf about the variable "x"; `target` is JSON text.
inline std::string leaf(std::string_view type, std::string_view logic, std::string_view target,
                        std::string_view more = "") {
  std::string text = R"({"variable":"x","logic":")" + std::string(logic) + R"(","target":)" +
                     std::string(target) + R"(,"target_type":")" + std::string(type) + '"';
  return text + std::string(more) + "}";
}

// Whether the condition holds when "x" has this value; empty text: it is missing.
inline bool holds(std::string_view condition, std::string_view value) {
  const Variables variables(value.empty() ? "{}" : "{\"x\":" + std::string(value) + "}");
  return conditions::evaluate(parsed(condition), variables.lookup());
}

}  // namespace callboard::testing
