#include "audience/user.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>
#include <utility>

#include "base/json.hpp"

namespace callboard::audience {
namespace {

using conditions::Value;

std::size_t bytes_beyond(const Value& value) {
  if (value.kind() == Value::Kind::string) return value.string().size();
  if (value.kind() != Value::Kind::array) return 0;
  std::size_t bytes = 0;
  for (const Value& element : value.array()) bytes += sizeof(Value) + bytes_beyond(element);
  return bytes;
}

// Numbers as people write them: Boost.JSON has 1E-1 for 0.1.
void append_value(std::string& out, const boost::json::value& value) {
  if (const double* number = value.if_double()) {
    fmt::format_to(std::back_inserter(out), "{}", *number);
  } else if (const auto* elements = value.if_array()) {
    out += '[';
    for (const auto& element : *elements) {
      if (&element != elements->data()) out += ',';
      append_value(out, element);
    }
    out += ']';
  } else {
    out += boost::json::serialize(value);
  }
}

std::string in_order(const Attributes& attributes, const boost::json::object& values) {
  std::string out = "{";
  for (const Attribute& attribute : attributes) {
    if (out.size() > 1) out += ',';
    append_json_string(out, attribute.name);
    out += ':';
    append_value(out, values.at(attribute.name));
  }
  return out += '}';
}

double seconds(Timestamp time) {
  return static_cast<double>(unix_ms(time)) / 1000;
}

}  // namespace

User::User(std::string user_id) : user_id_(std::move(user_id)), user_id_value_(user_id_) {}

User::User(std::string user_id, std::int64_t version, Timestamp registered_at,
           const boost::json::object& attributes)
    : user_id_(std::move(user_id)),
      version_(version),
      registered_at_(registered_at),
      attributes_(attributes_from_json(attributes)),
      attributes_json_(in_order(attributes_, attributes)),
      user_id_value_(user_id_),
      registered_at_value_(seconds(registered_at)) {}

std::size_t User::bytes() const {
  std::size_t bytes = sizeof(User) + 2 * user_id_.size() + attributes_json_.size();
  for (const Attribute& attribute : attributes_) {
    bytes += sizeof(Attribute) + attribute.name.size() + bytes_beyond(attribute.value);
  }
  return bytes;
}

}  // namespace callboard::audience
