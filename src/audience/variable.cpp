#include "audience/variable.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "audience/attributes.hpp"
#include "conditions/instant.hpp"
#include "conditions/version.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

bool is_any(const json::value&) {
  return true;
}
bool is_string(const json::value& value) {
  return value.is_string();
}
bool is_number(const json::value& value) {
  return value.is_number();
}
bool is_boolean(const json::value& value) {
  return value.is_bool();
}
bool is_version(const json::value& value) {
  return value.is_string() && conditions::parse_version(value.get_string()).has_value();
}
// As conditions compare it: RFC 3339 text, or Unix seconds.
bool is_datetime(const json::value& value) {
  return value.is_number() ||
         (value.is_string() && conditions::parse_instant(value.get_string()).has_value());
}
bool is_list(const json::value& value) {
  return value.is_array();
}

struct Type {
  std::string_view name;
  bool (*holds)(const json::value&);
  const char* flaw;
};
constexpr std::array<Type, 7> types = {{
    {"string", is_string, "must be a string"},
    {"number", is_number, "must be a number"},
    {"boolean", is_boolean, "must be true or false"},
    {"version", is_version, "must be a version such as \"1.2.3\""},
    {"datetime", is_datetime, "must be an RFC 3339 date-time with an offset, or Unix seconds"},
    {"list", is_list, "must be an array"},
    {"any", is_any, ""},
}};

}  // namespace

bool is_variable_type(std::string_view text) {
  return std::ranges::find(types, text, &Type::name) != types.end();
}

void read_type_and_description(JsonReader& reader, Variable& variable) {
  variable.type = reader.string("type").value_or("any");
  if (!is_variable_type(variable.type)) {
    reader.refuse("type", "must be string, number, boolean, version, datetime, list or any");
  }
  variable.description = reader.string("description").value_or("");
  if (count_characters(variable.description) > max_description_characters) {
    reader.refuse("description",
                  "has more than " + std::to_string(max_description_characters) + " characters");
  }
}

Variable variable_from_json(const json::value& value, const std::string& pointer) {
  JsonReader reader(value, pointer);
  Variable variable;
  reader.require("name");
  variable.name = reader.string("name").value_or("");
  if (!is_attribute_name(variable.name)) {
    reader.refuse("name", "must be 1 to 64 of A-Z a-z 0-9 _ . -");
  } else if (is_reserved_name(variable.name)) {
    reader.refuse("name", "is the name of a built-in variable");
  }
  read_type_and_description(reader, variable);
  reader.finish();
  return variable;
}

json::object to_json(const Variable& variable) {
  return {{"name", variable.name}, {"type", variable.type}, {"description", variable.description}};
}

const char* flaw_as(std::string_view type, const json::value& value) {
  const auto* found = std::ranges::find(types, type, &Type::name);
  if (value.is_null() || found == types.end() || found->holds(value)) return nullptr;
  return found->flaw;
}

}  // namespace callboard::audience
