#pragma once

// The value of one variable, as the condition language sees it: missing (JSON null too), boolean,
// number, string or array of scalars. What the language cannot hold (an object, an array in an
// array, a number that is not finite) is `unusable`: present, but malformed under every type.
//
// A value type; conditions refer to it by pointer, so it is never copied while matching. Numbers
// are doubles. Nothing here throws but std::bad_alloc.

#include <boost/json/fwd.hpp>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace callboard::conditions {

class Value {
 public:
  // In the order of the alternatives of `data_`.
  enum class Kind : std::uint8_t { missing, boolean, number, string, array, unusable };
  using Array = std::vector<Value>;

  Value() = default;
  explicit Value(std::same_as<bool> auto value) : data_(value) {}
  template <typename T>
    requires(std::is_arithmetic_v<T> && !std::same_as<T, bool>)
  explicit Value(T value) : data_(static_cast<double>(value)) {
    if (!std::isfinite(number())) data_ = Unusable{};
  }
  explicit Value(std::string value) : data_(std::move(value)) {}
  explicit Value(std::string_view value) : data_(std::string(value)) {}
  explicit Value(const char* value) : data_(std::string(value)) {}
  explicit Value(Array elements) : data_(std::move(elements)) {}
  static Value unusable();

  // Becomes that string, in the memory of the string it was.
  void assign(std::string_view text) {
    if (auto* string = std::get_if<std::string>(&data_))
      string->assign(text);
    else
      data_.emplace<std::string>(text);
  }

  Kind kind() const { return static_cast<Kind>(data_.index()); }

  // Each of these may be asked only of a value of that kind.
  bool boolean() const { return *std::get_if<bool>(&data_); }
  double number() const { return *std::get_if<double>(&data_); }
  const std::string& string() const { return *std::get_if<std::string>(&data_); }
  const Array& array() const { return *std::get_if<Array>(&data_); }

  bool operator==(const Value&) const = default;

 private:
  struct Unusable {
    bool operator==(const Unusable&) const = default;
  };

  std::variant<std::monostate, bool, double, std::string, Array, Unusable> data_;
};

Value value_from_json(const boost::json::value& json);

// The other way round, for explanations: whole numbers are written without a fraction, an unusable
// value is null.
boost::json::value value_to_json(const Value& value);

}  // namespace callboard::conditions
