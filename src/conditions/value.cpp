#include "conditions/value.hpp"

#include <boost/json.hpp>
#include <cmath>

namespace callboard::conditions {
namespace {

namespace json = boost::json;

Value scalar_from_json(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return Value();
    case json::kind::bool_:
      return Value(value.get_bool());
    case json::kind::int64:
      return Value(value.get_int64());
    case json::kind::uint64:
      return Value(value.get_uint64());
    case json::kind::double_:
      return Value(value.get_double());
    case json::kind::string:
      return Value(std::string_view(value.get_string()));
    default:
      return Value::unusable();
  }
}

// Every whole number up to here has a double of its own.
constexpr double last_exact_whole_number = 9007199254740991;

json::value number_to_json(double number) {
  if (std::trunc(number) == number && std::abs(number) <= last_exact_whole_number)
    return static_cast<std::int64_t>(number);
  return number;
}

}  // namespace

Value Value::unusable() {
  Value value;
  value.data_ = Unusable{};
  return value;
}

Value value_from_json(const json::value& value) {
  if (!value.is_array()) return scalar_from_json(value);
  Value::Array elements;
  elements.reserve(value.get_array().size());
  for (const auto& element : value.get_array()) elements.push_back(scalar_from_json(element));
  return Value(std::move(elements));
}

json::value value_to_json(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::boolean:
      return value.boolean();
    case Value::Kind::number:
      return number_to_json(value.number());
    case Value::Kind::string:
      return json::value(value.string());
    case Value::Kind::array: {
      json::array elements;
      for (const Value& element : value.array()) elements.push_back(value_to_json(element));
      return elements;
    }
    case Value::Kind::missing:
    case Value::Kind::unusable:
      break;
  }
  return nullptr;
}

}  // namespace callboard::conditions
