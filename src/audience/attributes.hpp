#pragma once

// The rules for user ids and for attributes: the typed facts that an app uploads about its users.
// Pure: any thread. Errors are Error{invalid} with a JSON pointer for each culprit.

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "audience/application.hpp"
#include "conditions/value.hpp"

namespace callboard::audience {

inline constexpr std::size_t max_user_id_bytes = 128;
inline constexpr std::size_t max_attributes = 100;  // of one user
inline constexpr std::size_t max_attribute_name_bytes = 64;
inline constexpr std::size_t max_attribute_text_bytes = 1024;
inline constexpr std::size_t max_attribute_elements = 100;                 // of an array
inline constexpr std::size_t max_attributes_bytes = std::size_t{1} << 20;  // of one user, as JSON

struct Attribute {
  std::string name;
  conditions::Value value;
};
// Sorted by name, each name once.
using Attributes = std::vector<Attribute>;

// Null: not among them.
const conditions::Value* find_attribute(const Attributes& attributes, std::string_view name);

// Printable ASCII without '/'.
bool is_user_id(std::string_view text);
// Throws Error{invalid} that says what is wrong: "user_id is empty". `pointer`: where in the body
// it stands; empty where it comes from elsewhere (then there is no detail, as in the seed's
// bodies).
void require_user_id(std::string_view text, std::string pointer = "");

// 1 to 64 of [A-Za-z0-9_.-].
bool is_attribute_name(std::string_view text);
// Names that data providers of the program supply; an attribute can't have one.
bool is_reserved_name(std::string_view text);

enum class ReservedNames { refused, allowed };

// An uploaded {"age":9,"tags":["a"],"old":null}, checked; a null says that there is to be none.
boost::json::object checked_attributes(const boost::json::value& uploaded,
                                       const std::string& pointer,
                                       ReservedNames reserved = ReservedNames::refused);
// Throws where one contradicts its declaration or, if the app has it so, is not declared.
void require_declared(const boost::json::object& attributes, const AppSettings& settings,
                      const std::string& pointer);
// Those of a body {"attributes":{...}}, checked in both ways.
boost::json::object attributes_in_body(std::string_view body, const AppSettings& settings);
// `stored` with the changes. Throws with `pointer` where there get to be too many.
boost::json::object merged_attributes(boost::json::object stored,
                                      const boost::json::object& changes,
                                      const std::string& pointer);
// Of attributes that were checked: sorted, without nulls.
Attributes attributes_from_json(const boost::json::object& attributes);

}  // namespace callboard::audience
