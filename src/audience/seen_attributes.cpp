#include "audience/seen_attributes.hpp"

#include <boost/json.hpp>
#include <map>
#include <string>

#include "audience/user_scan.hpp"
#include "base/json.hpp"

namespace callboard::audience {
namespace {

namespace json = boost::json;

constexpr auto description = "Seen among users, not declared";

const char* type_of(const json::value& value) {
  if (value.is_string()) return "string";
  if (value.is_number()) return "number";
  if (value.is_bool()) return "boolean";
  return value.is_array() ? "list" : "any";
}

}  // namespace

std::vector<Variable> seen_attributes(db::Transaction& transaction, std::string_view app_id) {
  std::map<std::string, std::string, std::less<>> types;
  const auto look = [&](const StoredUser& user) {
    const json::object attributes = parse_json(user.attributes).as_object();
    for (const auto& [name, value] : attributes) {
      std::string& type = types.try_emplace(std::string(name), type_of(value)).first->second;
      if (type != type_of(value)) type = "any";
    }
  };
  for (const Direction from : {Direction::ascending, Direction::descending}) {
    scan_users(transaction, app_id, before_all_users, after_all_users, from,
               static_cast<std::int64_t>(max_users_looked_at), look);
  }
  std::vector<Variable> seen;
  for (const auto& [name, type] : types) seen.push_back({name, type, description});
  return seen;
}

}  // namespace callboard::audience
