#pragma once

// Conditions and users made of a few variables and constants that meet often, so that every branch
// of the language is reached: well-formed, missing, malformed, and arrays.

#include <boost/json/value.hpp>
#include <functional>
#include <string>

namespace callboard::testing {

class RandomConditions {
 public:
  // Gives a number below its argument.
  using Choose = std::function<std::size_t(std::size_t)>;

  explicit RandomConditions(Choose choose) : choose_(std::move(choose)) {}

  // Valid by the rules of the language.
  boost::json::value condition();

  // Values for a part of the variables that conditions use.
  boost::json::object variables();

 private:
  boost::json::value node(std::size_t depth);
  boost::json::object leaf();
  boost::json::value target(const std::string& type, const std::string& op);
  boost::json::value constant(const std::string& type);
  boost::json::value scalar();
  template <typename List>
  const auto& one_of(const List& list) {
    return list[choose_(std::size(list))];
  }

  Choose choose_;
};

}  // namespace callboard::testing
