#pragma once

// "Would this user see it, and why?", for a condition that need not be saved.

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audience/audience.hpp"
#include "bulletins/bulletin.hpp"
#include "conditions/condition.hpp"

namespace callboard::bulletins {

struct Preview {
  conditions::Condition condition;
  // One of the two: typed-in attributes (they may name built-in variables too), or a stored user.
  std::optional<audience::Attributes> attributes;
  std::optional<std::string> user_id;
  Timestamp at;
};

// {"bulletin_condition", "attributes" or "user_id", "bulletin_id"?, "at"?}. Throws Error{invalid}
// with pointers. `now` is the moment meant where `at` is absent.
Preview preview_from_json(const boost::json::value& body, const IsDeclared& is_declared,
                          Timestamp now);

// {"matches": true, "explanation": {...}}. Blocks: a stored user may have to be loaded.
boost::json::object explain(const Preview& preview, std::string_view app_id,
                            const audience::Users& users, const audience::DataProviders& providers);

}  // namespace callboard::bulletins
