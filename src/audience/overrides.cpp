#include "audience/overrides.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <utility>

#include "base/error.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

void put(Attributes& attributes, Attribute attribute) {
  const auto place = std::ranges::lower_bound(attributes, attribute.name, {}, &Attribute::name);
  if (place != attributes.end() && place->name == attribute.name)
    *place = std::move(attribute);
  else
    attributes.insert(place, std::move(attribute));
}

[[noreturn]] void refuse(const std::string& parameter, const char* message) {
  throw Error(ErrorCode::invalid, parameter + " " + message);
}

}  // namespace

Attributes overrides_from_query(const http::Request& request) {
  Attributes overrides;
  if (request.query.empty()) return overrides;
  for (auto& [parameter, value] : request.query_pairs()) {
    if (!parameter.starts_with(override_prefix)) continue;
    std::string name = parameter.substr(override_prefix.size());
    if (!is_attribute_name(name)) refuse(parameter, "does not name a variable");
    if (value.size() > max_attribute_text_bytes) refuse(parameter, "is longer than 1024 bytes");
    put(overrides, {std::move(name), conditions::Value(std::move(value))});
    if (overrides.size() > max_attributes) refuse("the query", "has more than 100 attributes");
  }
  return overrides;
}

Attributes overrides_from_json(const json::value& context, const std::string& pointer) {
  Attributes overrides;
  for (const auto& [name, value] : checked_attributes(context, pointer, ReservedNames::allowed)) {
    put(overrides, {name, conditions::value_from_json(value)});
  }
  return overrides;
}

Attributes combined_overrides(Attributes under, Attributes over) {
  for (Attribute& attribute : over) put(under, std::move(attribute));
  return under;
}

}  // namespace callboard::audience
