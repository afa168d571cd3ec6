#pragma once

// A variable that conditions may name, as somebody declares it: an operator for an attribute or for
// what an http provider supplies, a built-in provider for its own. Pure: any thread.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/json_reader.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_description_characters = 500;

struct Variable {
  std::string name;
  std::string type;  // "string", "number", "boolean", "version", "datetime", "list", "any"
  std::string description;

  friend bool operator==(const Variable&, const Variable&) = default;
};

bool is_variable_type(std::string_view text);

// Members "type" (default any) and "description" (default empty), recording what is wrong.
void read_type_and_description(JsonReader& reader, Variable& variable);
// The same with "name", which must be one that an attribute could have. Throws Error{invalid}.
Variable variable_from_json(const boost::json::value& value, const std::string& pointer);
boost::json::object to_json(const Variable& variable);

// What is wrong with `value` as one of that type, or null: it is one. A null value is of any type.
const char* flaw_as(std::string_view type, const boost::json::value& value);

}  // namespace callboard::audience
