#pragma once

// Values given with one request, for its evaluation only: the query's `attr.NAME=value` and the
// body's {"context":{...}}. They may name anything, built-in variables too. Pure. Errors:
// Error{invalid} with a pointer ("/context/age") or the parameter's name.

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>

#include "audience/attributes.hpp"
#include "http/request.hpp"

namespace callboard::audience {

inline constexpr std::string_view override_prefix = "attr.";

// Every value is a string; conditions on numbers and booleans read those. The last of a name
// counts.
Attributes overrides_from_query(const http::Request& request);
// A null is a missing value: it hides what is stored.
Attributes overrides_from_json(const boost::json::value& context, const std::string& pointer);
// Of a name in both, that of `over`.
Attributes combined_overrides(Attributes under, Attributes over);

}  // namespace callboard::audience
